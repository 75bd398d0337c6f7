"""Feeds as readers see them: read by feedparser, held against the best practices in docs and field notes."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from xml.etree import ElementTree as ET

from tests.builder.feeds import feed
from tests.project import Project

EMPTY: Final = ("corrections/", "upcoming/", "importance/")
BODY: Final = """\
First, [a link](two.md), [a page](/topics/trade/), [outside](https://example.org/?a=1&b=2) and ![Map](map.png).

## 経済的影響

物価は**「3%」**上がる。

## Not a perspective

| a | b |
| - | - |
| 1 | 2 |
"""


def digest(project: Project) -> None:
    project.file("content/articles/2026/07/map.png", b"png")
    project.article(
        "one",
        title="'Vietnam & China: <5%> \"more\"'",
        date="2026-07-03T09:00",
        updated="2026-07-05",
        topics="[trade, energy]",
        source="{name: Nhan Dan, url: 'https://nhandan.example/1', lang: vi}",
        body=BODY,
    )
    project.article("two", title="二つ目", date="2026-07-04", lang="ja", countries="[JP]")
    project.article("future", title="Future", date="2026-12-01")


def feeds(project: Project) -> list[str]:
    """Return the paths of all feeds of articles."""
    return [path for path in project.tree() if path.endswith("feed.xml") and not path.startswith(EMPTY)]


def test_every_feed_is_well_formed_and_knows_its_address(project: Project) -> None:
    digest(project)
    project.built()
    assert len(feeds(project)) == 8
    for path in feeds(project):
        parsed = feed(project, path)
        folder = path.removesuffix("feed.xml")
        assert parsed.feed.link == f"https://test.example/{folder}"
        self_links = [link.href for link in parsed.feed.links if link.rel == "self"]
        assert self_links == [f"https://test.example/{path}"]
        assert parsed.feed.language == "en"
        assert parsed.feed.title
        assert parsed.feed.description
        assert parsed.entries
        assert not [item for item in parsed.entries if item.title == "Future"]


def test_what_an_item_says(project: Project) -> None:
    digest(project)
    project.built()
    two, one = feed(project, "feed.xml").entries
    assert one.title == "Vietnam & China: <5%> “more”"
    assert (one.link, two.title) == ("https://test.example/articles/one/", "二つ目")
    assert one.summary == "What happened."
    assert one.published == "Fri, 03 Jul 2026 09:00:00 +0900"
    assert (one.author, one.dc_language if "dc_language" in one else one.language) == ("Test digest", "en")
    assert [(tag.term, tag.scheme) for tag in one.tags] == [
        ("Trade", "https://test.example/topics/"),
        ("Energy", "https://test.example/topics/"),
        ("Vietnam", "https://test.example/countries/"),
        ("China", "https://test.example/countries/"),
    ]


def test_the_full_text_is_complete(project: Project) -> None:
    digest(project)
    project.built()
    text = feed(project, "feed.xml").entries[1].content[0].value
    addresses = re.findall(r'(?:href|src)="([^"]*)"', text)
    assert len(addresses) == 5
    assert all(address.startswith("https://") for address in addresses)
    assert addresses[0] == "https://test.example/articles/two/"
    assert addresses[1] == "https://test.example/topics/trade/"
    assert addresses[2] == "https://example.org/?a=1&amp;b=2"
    assert addresses[4] == "https://nhandan.example/1"
    assert re.fullmatch(r"https://test\.example/assets/map\.[0-9a-f]{10}\.png", addresses[3])
    assert '<h3 lang="ja">経済的影響</h3>' in text
    assert "<strong>「3%」</strong>" in text
    assert "<table>" in text
    assert not re.search(r"<(script|object|embed|style|iframe|section)\b|\son\w+=", text)


def test_the_summary_is_before_the_text(project: Project) -> None:
    digest(project)
    project.built()
    for item in ET.fromstring(project.page("feed.xml")).iter("item"):  # noqa: S314 - our own file
        tags = [child.tag.rpartition("}")[2] for child in item]
        assert tags.index("description") < tags.index("encoded")
        assert [child.get("isPermaLink") for child in item if child.tag == "guid"] == ["false"]


def test_an_id_is_the_same_everywhere_and_stays(project: Project) -> None:
    digest(project)
    project.built()
    found = {item.id for path in feeds(project) for item in feed(project, path).entries if "Vietnam" in item.title}
    assert len(found) == 1
    (identifier,) = found
    assert re.fullmatch(r"tag:test\.example,2026:[0-9a-z-]+", identifier)
    site = (project.root / "site.yaml").read_text("utf-8").replace("https://test.example/", "https://other.example/x/")
    project.file("site.yaml", site)
    text = (project.root / "content/articles/2026/07/one.md").read_text("utf-8")
    (project.root / "content/articles/2026/07/one.md").unlink()
    project.file(
        "content/articles/2026/08/renamed.md",
        text.replace("title: '", "title: 'New ").replace("(two", "(../07/two").replace("(map", "(../07/map"),
    )
    project.built()
    for path in ("feed.xml", "topics/trade/feed.xml", "topics/energy/feed.xml", "countries/vn/feed.xml"):
        items = [item for item in feed(project, path).entries if "Vietnam" in item.title]
        assert [item.id for item in items] == [identifier]
        assert items[0].title.startswith("New ")
        assert items[0].link == "https://other.example/x/articles/renamed/"


def test_dates_come_from_the_content_alone(project: Project) -> None:
    digest(project)
    project.built()
    before = {path: project.tree()[path] for path in feeds(project)}
    for path in feeds(project):
        dates = re.findall(rb"<(?:pubDate|lastBuildDate)>([^<]*)<", before[path])
        assert dates
        for date in dates:
            assert re.fullmatch(rb"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", date)
        built, *published = [parsedate_to_datetime(date.decode()) for date in dates]
        assert built >= max(published)
        assert built <= datetime(2026, 7, 5, tzinfo=UTC)
    assert project.build(now=datetime(2026, 11, 29, 23, 59, tzinfo=UTC)).counts.written == ()
    assert {path: project.tree()[path] for path in feeds(project)} == before


def test_a_published_date_never_moves_and_updated_moves_the_feed(project: Project) -> None:
    project.article("one", date="2026-07-03")
    project.built()
    first = feed(project, "feed.xml")
    project.article("one", date="2026-07-03", updated="2026-07-09", body="Other.\n")
    project.built()
    second = feed(project, "feed.xml")
    assert first.entries[0].published == second.entries[0].published == "Fri, 03 Jul 2026 00:00:00 +0900"
    assert first.feed.updated == "Fri, 03 Jul 2026 00:00:00 +0900"
    assert second.feed.updated == "Thu, 09 Jul 2026 00:00:00 +0900"


def test_a_feed_holds_at_most_what_site_yaml_says(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site + "feeds: {items: 3}\n")
    for number in range(1, 6):
        project.article(f"n{number}", title=f"N{number}", date=f"2026-07-0{number}")
    project.built()
    for path in ("feed.xml", "topics/trade/feed.xml", "countries/vn/feed.xml"):
        assert [item.title for item in feed(project, path).entries] == ["N5", "N4", "N3"]


def test_the_sitemap_names_every_page_and_no_other(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8").replace("[en]", "[en, ja]")
    project.file("site.yaml", site)
    digest(project)
    project.article("moved", date="2026-07-01", aliases="[/old/]")
    project.built()
    root = ET.fromstring(project.page("sitemap.xml"))  # noqa: S314 - our own file
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    found = [element.text or "" for element in root.findall("s:url/s:loc", space)]
    pages = {
        f"https://test.example/{path.removesuffix('index.html')}"
        for path in project.tree()
        if path.endswith("/index.html") or path == "index.html"
        if 'http-equiv="refresh"' not in project.page(path)
    }
    assert len(found) == len(set(found))
    assert set(found) == pages
    for url in root.findall("s:url", space):
        alternates = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", space)}
        assert set(alternates) == {"en", "ja"}
        assert url.findtext("s:loc", namespaces=space) in alternates.values()
        assert set(alternates.values()) <= set(found)
    one = next(url for url in root.findall("s:url", space) if (url.findtext("s:loc", "", space)).endswith("/one/"))
    assert one.findtext("s:lastmod", namespaces=space) == "2026-07-04T15:00:00Z"
