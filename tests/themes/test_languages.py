"""Words of another language than the page are marked with it."""

import pytest

from tests.example import THEMES
from tests.project import EVERY_PAGE, SITE, Project


@pytest.fixture(params=THEMES)
def digest(project: Project, request: pytest.FixtureRequest) -> Project:
    """Make a digest with one of the themes in English and Japanese, without an article."""
    text = SITE.replace("[en]", "[en, ja]").replace("theme: bare", f"theme: {request.param}")
    project.write(text + EVERY_PAGE)
    return project


def test_the_name_of_a_source_is_not_in_the_language_of_the_original(digest: Project) -> None:
    name = "Ministry of Commerce of China"
    digest.article("one", source=f"{{name: {name}, url: 'https://a.example/', lang: zh}}")
    digest.built()
    slug = "ministry-of-commerce-of-china"
    for path in ("articles/one/", f"sources/{slug}/", "sources/", "countries/vn/", "issues/2026-w27/email.html"):
        file = path if path.endswith(".html") else f"{path}index.html"
        assert name in digest.page(file), path
        assert 'lang="zh' not in digest.page(file).replace("hreflang", ""), path
    assert 'rel="external" hreflang="zh"' in digest.page("articles/one/index.html")
    assert f'lang="en"><a href="/ja/sources/{slug}/">{name}' in digest.page("ja/articles/one/index.html") or (
        f'<a href="/ja/sources/{slug}/" lang="en">{name}' in digest.page("ja/articles/one/index.html")
    )
