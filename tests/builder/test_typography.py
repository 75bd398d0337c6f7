"""`typography` and `date_style` of `site.yaml` in pages, feeds and open data."""

import json

from tests.project import Project, codes

TITLE = 'Hanoi\'s "first" law'
SHOWN = "Hanoi’s “first” law"


def test_pages_and_feeds_are_typographic_and_data_are_not(project: Project) -> None:
    project.article("one", title=f"'{TITLE.replace(chr(39), chr(39) * 2)}'", body="It's `it's`. [\"A\"](/topics/)\n")
    project.built()
    page, item = project.page("articles/one/index.html"), json.loads(project.page("feed.json"))["items"][0]
    assert f"<h1>{SHOWN}</h1>" in page
    assert "It’s <code>it's</code>" in page
    assert 'href="/topics/">“A”</a>' in page
    assert item["title"] == SHOWN
    assert "It’s <code>it's</code>" in item["content_html"]
    data = json.loads(project.page("data/articles/one00000.json"))
    assert data["front_matter"]["title"] == TITLE
    assert "It's <code>" in data["text_html"]

    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8") + "typography: false\n")
    project.built()
    assert "It's <code>it's</code>" in project.page("articles/one/index.html")


def test_dates_follow_the_style_of_the_site(project: Project) -> None:
    project.article("one")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.built()
    assert "<h2>July 3, 2026</h2>" in project.page("index.html")
    project.file("site.yaml", site + "date_style: [en-GB]\n")
    project.built()
    assert "<h2>3 July 2026</h2>" in project.page("index.html")
    for wrong in ("en-ZZ", "ja", "english"):
        project.file("site.yaml", site + f"date_style: {wrong}\n")
        assert codes(project.build()) == ["bad-date-style"]
