"""Sitemaps: one or several, and the news sitemap, which the clock changes."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.builder.configuration import load_config
from sitegen.content.articles import Article
from sitegen.content.documents import read_document
from sitegen.diagnostics import Diagnostics
from sitegen.outputs.page_kind import PAGE_KINDS, PlannedPage
from sitegen.outputs.pages.unlisted import NotFoundPage
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import Output, render_recipe
from sitegen.outputs.references import ArticleHash, ContextHash, RenderContext, Values
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.sitemaps import plan_sitemaps
from sitegen.site.model import group_articles
from sitegen.site.related import neighbours
from sitegen.theme.model import Theme
from sitegen.util.dates import Instant
from sitegen.util.hashing import hash_value
from tests.builder.process_probe import probe_process
from tests.builder.validators import validate
from tests.project import EVERY_PAGE, NOW, Project, article

THEME: Final = Theme("none", (), (), ())


def locations(text: str) -> list[str]:
    return re.findall(r"<loc>([^<]*)</loc>", text)


class Planned(NamedTuple):
    """A planner of the first locale with the values that its recipes name."""

    planner: LocalePlanner
    values: Values

    def pages(self) -> list[PlannedPage]:
        """Return every page of the locale."""
        return [page for kind in PAGE_KINDS.values() for page in kind.plan(self.planner)]

    def article_pages(self, others: int = 0) -> list[PlannedPage]:
        """Return the pages of all articles, and a number of other pages."""
        kind, urls = NotFoundPage(self.planner.context), self.planner.urls
        paths = [urls.article(article.slug) for article in self.planner.site.articles]
        return [PlannedPage(path, kind) for path in [*paths, *(f"/x{number}/" for number in range(others))]]

    def rendered(self, outputs: Iterable[Output]) -> dict[str, str]:
        """Return the text of each output by its path; every one is valid."""
        texts, renderer = {}, Renderer(THEME)
        for output in outputs:
            data = render_recipe(output.recipe, renderer, self.values)[output.number]
            validate(output.path, data)
            texts[output.path] = data.decode()
        return texts


def planned(project: Project, articles: tuple[Article, ...], *, as_of: datetime = NOW) -> Planned:
    """Plan a site of articles (newest first) for the locales of the project."""
    settings = load_config(project.root, Diagnostics())
    assert settings is not None
    config = settings.config
    site = group_articles(config, articles, as_of=as_of)
    context = RenderContext(config, config.locales[0], ())
    key = ContextHash(hash_value(context))
    planner = LocalePlanner(
        site, context.locale, key, pages=site.pages(), media={}, static_files=(), neighbours=neighbours(site)
    )
    return Planned(planner, Values({key: context}, {ArticleHash(one.hash): one for one in articles}, {}, {}))


def set_locales(project: Project, locales: tuple[str, ...]) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("[en]", f"[{', '.join(locales)}]"))


def many(project: Project, number: int) -> tuple[Article, ...]:
    """Return articles, the newest first."""
    settings = load_config(project.root, Diagnostics())
    assert settings is not None
    config = settings.config
    one = read_document("content/articles/2026/07/a.md", article().encode(), config.content_schema)[0].article
    assert one is not None
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return tuple(
        one.with_changes(
            slug=f"a{index}",
            path=f"content/articles/2026/07/a{index}.md",
            published=Instant.of(start + timedelta(minutes=30 * index)),
        )
        for index in reversed(range(number))
    )


def pages_of(project: Project) -> list[str]:
    """Return the pages without the redirects at folders."""
    folder = re.compile(r"(ja/)?(articles|importance|assets|data/articles)/index\.html")
    return [path for path in project.tree() if path.endswith("index.html") and folder.fullmatch(path) is None]


@pytest.mark.parametrize("locales", [("en",), ("en", "ja")])
def test_above_the_limit_there_is_an_index(project: Project, locales: tuple[str, ...]) -> None:
    set_locales(project, locales)
    for number in range(1, 8):
        project.article(f"n{number}", date=f"2026-07-0{number}")
    project.built()
    whole = locations(project.page("sitemap.xml"))
    settings = load_config(project.root, Diagnostics())
    assert settings is not None
    config = settings.config
    read = [
        read_document(f"content/articles/2026/07/{file.name}", file.read_bytes(), config.content_schema)[0].article
        for file in sorted((project.root / "content/articles/2026/07").glob("*.md"), reverse=True)
    ]
    articles = tuple(one for one in read if one is not None)
    pages = pages_of(project)
    assert len(whole) == len(pages)
    few = 4 * len(locales)
    site = planned(project, articles)
    texts = site.rendered(plan_sitemaps(site.planner, site.pages(), locales, max_urls=few))
    parts = [f"https://test.example/{path}" for path in texts if path != "sitemap.xml"]
    assert locations(texts["sitemap.xml"]) == parts
    assert len([path for path in texts if "articles" in path]) == 2
    found = [url for path, text in texts.items() if path != "sitemap.xml" for url in locations(text)]
    assert sorted(found) == sorted(whole)
    assert all(0 < len(locations(text)) <= few for path, text in texts.items() if path != "sitemap.xml")
    newer = planned(project, (articles[0].with_changes(slug="new", path="content/new.md"), *articles))
    again = newer.rendered(plan_sitemaps(newer.planner, newer.pages(), locales, max_urls=few))
    assert again["sitemap-articles-1.xml"] == texts["sitemap-articles-1.xml"], "the oldest are unchanged"


def last_modified(project: Project) -> dict[str, str]:
    """Return the `lastmod` of each page by its path without the first slash."""
    return dict(re.findall(r"<loc>https://test.example/([^<]*)</loc>\n<lastmod>([^<]*)<", project.page("sitemap.xml")))


def test_lastmod_changes_only_with_the_page(project: Project) -> None:
    site = re.sub("pages_from: .*", EVERY_PAGE, (project.root / "site.yaml").read_text("utf-8"))
    project.file("site.yaml", f"{site.replace('theme: bare', 'theme: default')}edition: {{items: 10}}\n")
    body = "## Economic impact\n\nText.\n"
    project.article("old", date="2026-07-01", topics="[energy]", body=body)
    project.article("one", date="2026-07-02", body=body)
    changes: tuple[dict[str, str], ...] = (
        {"updated": "2026-07-10"},
        {"updated": "2026-07-10", "corrections": "[{at: 2026-07-12, text: It was 4.}]"},
    )
    project.built()
    for step in (*changes, {}):
        tree, dates = project.tree(), last_modified(project)
        if step:
            project.article("one", date="2026-07-02", body=body, **step)
        else:
            project.article("new", date="2026-07-13", countries="")
        project.built()
        changed = {path for path, date in last_modified(project).items() if dates.get(path, date) != date}
        assert changed
        assert not {path for path in changed if project.tree()[f"{path}index.html"] == tree[f"{path}index.html"]}


def test_a_correction_is_a_change_of_its_page(project: Project) -> None:
    """In feeds only `updated` is: without it, readers do not show the article again."""
    project.article("old", date="2026-07-01", topics="[energy]", corrections="[{at: 2026-07-06, text: It was 3.}]")
    project.article("one", date="2026-07-02", updated="2026-07-04", corrections="[{at: 2026-07-03, text: It was 4.}]")
    project.built()
    dates = last_modified(project)
    assert dates["articles/old/"] == dates["corrections/"] == "2026-07-05T15:00:00Z"
    assert dates["articles/one/"] == "2026-07-03T15:00:00Z"
    assert (dates["topics/energy/"], dates["topics/trade/"]) == ("2026-06-30T15:00:00Z", "2026-07-01T15:00:00Z")
    items = {item["url"].split("/")[-2]: item for item in json.loads(project.page("feed.json"))["items"]}
    assert "date_modified" not in items["old"]
    assert items["one"]["date_modified"] == "2026-07-04T00:00:00+09:00"


def test_a_correction_has_the_offset_of_its_day(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8").replace("Asia/Tokyo", "America/New_York")
    project.file("site.yaml", site)
    project.article("one", date="2026-07-01", corrections="[{at: 2026-11-05, text: It was 3.}]")
    project.built()
    assert "<lastmod>2026-11-05T05:00:00Z<" in project.page("sitemap.xml")


@pytest.mark.slow
def test_fifty_thousand_addresses_are_one_sitemap_and_one_more_is_two(project: Project) -> None:
    site = planned(project, many(project, 49_990))
    one = plan_sitemaps(site.planner, site.article_pages(10), ("en",))
    assert [output.path for output in one] == ["sitemap.xml"]
    texts = site.rendered(plan_sitemaps(site.planner, site.article_pages(11), ("en",)))
    assert set(texts) == {"sitemap.xml", "sitemap-pages-1.xml", "sitemap-articles-1.xml"}
    assert len(locations(texts["sitemap-articles-1.xml"])) == 49_990


def test_a_sitemap_has_at_most_the_allowed_bytes(project: Project) -> None:
    set_locales(project, ("en", "ja"))
    articles = tuple(one.with_changes(slug=f"{'国' * 30}{one.slug}") for one in many(project, 200))
    site = planned(project, articles)
    texts = site.rendered(plan_sitemaps(site.planner, site.article_pages(), ("en", "ja"), max_bytes=100_000))
    assert len(texts) > 3
    assert all(len(text.encode()) <= 100_000 for text in texts.values())


# --- news -------------------------------------------------------------------------------------------------------------


def test_news_are_of_two_days(project: Project) -> None:
    project.article("old", date=(NOW - timedelta(days=2)).isoformat())
    just = NOW - timedelta(days=2) + timedelta(minutes=1)
    project.article("new", title="A & B", lang="zh-Hant", date=just.isoformat())
    project.article("ja", title="新", lang="ja", date=NOW.isoformat())
    project.article("draft", draft="true", date=NOW.isoformat())
    project.built()
    text = project.page("sitemap-news.xml")
    validate("sitemap-news.xml", text.encode())
    assert locations(text) == ["https://test.example/articles/ja/", "https://test.example/articles/new/"]
    assert re.findall(r"<news:(\w+)>([^<\n]+)<", text) == [
        ("name", "試験"),
        ("language", "ja"),
        ("publication_date", "2026-11-22T21:00:00+09:00"),
        ("title", "新"),
        ("name", "Test digest"),
        ("language", "zh-tw"),
        ("publication_date", "2026-11-20T21:01:00+09:00"),
        ("title", "A &amp; B"),
    ]
    robots = project.page("robots.txt")
    assert re.findall(r"^Sitemap: (.*)$", robots, re.MULTILINE) == [
        "https://test.example/sitemap.xml",
        "https://test.example/sitemap-news.xml",
    ]


def test_time_alone_ends_news(project: Project) -> None:
    project.article("one", date=NOW.isoformat())
    project.built()
    assert probe_process(project).libraries == frozenset(), "nothing was planned"
    just_before, after = NOW + timedelta(days=2, seconds=-1), NOW + timedelta(days=2)
    assert project.build(now=just_before).counts.written == ()
    assert locations(project.page("sitemap-news.xml")) == ["https://test.example/articles/one/"]
    assert project.build(now=after).counts.written == ("sitemap-news.xml",)
    assert locations(project.page("sitemap-news.xml")) == []
    assert project.build(now=after + timedelta(days=300)).counts.written == ()
    assert project.build(now=just_before).counts.written == ("sitemap-news.xml",), "and back again"


def test_news_at_every_hour(project: Project) -> None:
    for hours in (0, 7, 30):
        project.article(f"n{hours}", date=(NOW - timedelta(hours=hours)).isoformat())
    for hours in (0, 1, 17, 18, 19, 40, 41, 42, 47, 48, 49):
        now = NOW + timedelta(hours=hours)
        assert project.build(now=now).ok
        fresh = project.root.parent / f"fresh-{hours}"
        assert build(BuildRequest(project.root, now, output=fresh, jobs=1)).ok
        assert (fresh / "site/sitemap-news.xml").read_bytes() == project.tree()["sitemap-news.xml"]
        assert len(locations(project.page("sitemap-news.xml"))) == sum(hours + age < 48 for age in (0, 7, 30))


def test_every_page_of_every_kind_is_in_the_sitemap(project: Project) -> None:
    project.article("one", aliases="[/old/]")
    project.built()
    found = {url.removeprefix("https://test.example/") for url in locations(project.page("sitemap.xml"))}
    pages = {path.removesuffix("index.html") for path in pages_of(project)}
    assert found == pages - {"old/"}
