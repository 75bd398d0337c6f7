"""Whole digests in a string: which files they give, where the links lead, and what is hidden."""

import os
import re
import sys
from datetime import UTC, datetime
from typing import Final

import pytest

from sitegen.diagnostics import render_text
from tests.builder.feeds import feed, feeds_at
from tests.project import NOW, Project, article, codes, only

LISTS: Final = ("topics", "countries", "relations", "sources", "perspectives", "issues", "corrections", "subscribe")
INDEXES: Final = {
    *("index.html", "404.html", "upcoming/index.html", "importance/index.html", "importance/4/index.html"),
    *("data/index.html", "feeds.opml", *(f"{name}/index.html" for name in LISTS)),
    *feeds_at("", "corrections", "importance/4", "upcoming"),
}
DATA: Final = {
    f"data/{name}"
    for name in (
        *("articles.csv", "articles.json", "datapackage.json", "relations.csv", "front-matter.schema.json"),
        *("events.csv", "corrections.csv", "terms.csv", "old-keys.csv"),
    )
}
ROOT: Final = {"assets/index.html", "robots.txt", "sitemap.xml", "sitemap-news.xml", *DATA}
EMPTY: Final = INDEXES | ROOT | {"archive/index.html"}
WITH_ARTICLES: Final = EMPTY | {"articles/index.html", "data/articles/index.html"}
"""The files of every site that has an article."""

# The bare theme's article page, and the notes next to the text.
ARTICLE: Final = """\
{% extends "base.html" %}
{% block main %}<h1>{{ page.article.title }}</h1>
<p>{{ page.article.date|date("short") }} {{ page.article.date|time }}</p>
<ul>{% for entry in page.corrections %}<li class="correction">{{ entry.date.isoformat() }}</li>{% endfor %}
{% if page.reviewed %}<li class="reviewed">{{ page.reviewed.isoformat() }}</li>{% endif %}
{% if page.imported %}<li class="imported">{{ page.imported.date.isoformat() }}</li>{% endif %}</ul>
{% for section in page.sections %}{{ section.html }}{% endfor %}
{% if page.previous %}<a class="previous" href="{{ page.previous.href }}">{{ page.previous.title }}</a>{% endif %}
{% if page.next %}<a class="next" href="{{ page.next.href }}">{{ page.next.title }}</a>{% endif %}
{% if page.follows %}<a class="follows" href="{{ page.follows.href }}">{{ page.follows.title }}</a>{% endif %}
{% for card in page.followed_by %}<a class="followed-by" href="{{ card.href }}">{{ card.title }}</a>{% endfor %}
{% for pair in page.pairs %}<a class="pair" href="{{ pair.href }}">{{ pair.first.key }}-{{ pair.second.key }}</a>
{% endfor %}{% endblock %}
"""

COUNTS: Final = """\
{% extends "base.html" %}
{% block main %}{% for row in page.rows %}{{ row.key }}={{ row.count }} {% endfor %}{% endblock %}
"""


def paths(project: Project) -> set[str]:
    """Return every file of the site, the stylesheet's digest left out of its name."""
    names = {re.sub(r"^assets/site\.[0-9a-f]{10}\.css$", "assets/site.css", path) for path in project.tree()}
    assert "assets/site.css" in names
    return names - {"assets/site.css"}


def links(page: str, kind: str) -> list[tuple[str, str]]:
    """Return address and text of every link of a class."""
    return re.findall(rf'<a class="{kind}" href="([^"]*)">([^<]*)</a>', page)


def index(path: str, *, month: str = "2026-07", with_feed: bool = True) -> set[str]:
    """Return the files of one index: its page, one month, its feeds."""
    files = {f"{path}/index.html", f"{path}/{month}/index.html"}
    return files | feeds_at(path) if with_feed else files


# --- which files ------------------------------------------------------------------------------------------------------


def test_no_article_at_all(project: Project) -> None:
    result = project.built()
    assert paths(project) == EMPTY
    assert (result.articles, result.held_back.total) == (0, 0)
    assert feed(project, "feed.xml").entries == []
    assert project.page("sitemap.xml").count("<loc>") == 5 + len(LISTS)


def test_one_article(project: Project) -> None:
    project.article("one")
    project.built()
    assert paths(project) == WITH_ARTICLES | {"articles/one/index.html", "archive/2026-07/index.html"} | {
        "data/articles/one00000.json"
    } | index("topics/trade") | index("countries/vn") | index("countries/cn") | index(
        "countries/cn/vn", with_feed=False
    )


def test_an_article_without_countries(project: Project) -> None:
    project.article("one", countries="")
    project.article("two", countries="[]")
    project.built()
    assert paths(project) == WITH_ARTICLES | {
        "articles/one/index.html",
        "articles/two/index.html",
        "archive/2026-07/index.html",
        "data/articles/one00000.json",
        "data/articles/two00000.json",
    } | index("topics/trade")


def test_four_countries_are_six_pairs(project: Project) -> None:
    project.file("themes/bare/templates/article.html", ARTICLE)
    project.article("one", countries="[VN, ASEAN, CN, JP]")
    project.built()
    pairs = ["asean/cn", "asean/jp", "asean/vn", "cn/jp", "cn/vn", "jp/vn"]
    found = {path for path in paths(project) if re.fullmatch(r"countries/[a-z]+/[a-z]+/index\.html", path)}
    assert found == {f"countries/{pair}/index.html" for pair in pairs}
    assert [href for href, _ in links(project.page("articles/one/index.html"), "pair")] == [
        f"/countries/{pair}/" for pair in pairs
    ]


def test_months_have_pages_of_their_own(project: Project) -> None:
    project.article("one", date="2026-07-31", countries="[VN]")
    project.article("two", date="2026-05-01", countries="[VN]")
    project.article("three", date="2025-12-31", countries="", topics="[energy, trade]")
    project.built()
    months = {path for path in paths(project) if re.search(r"/\d{4}-\d{2}/", path)}
    assert months == {
        f"{folder}/{month}/index.html"
        for folder, found in {
            "archive": ["2026-07", "2026-05", "2025-12"],
            "topics/trade": ["2026-07", "2026-05", "2025-12"],
            "topics/energy": ["2025-12"],
            "countries/vn": ["2026-07", "2026-05"],
        }.items()
        for month in found
    }


def test_a_second_locale_has_the_same_paths_below_its_tag(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.article("one", aliases="[/old/]")
    project.built()
    first = paths(project)
    project.file("site.yaml", site.replace("[en]", "[en, ja]"))
    project.built()
    both = paths(project)
    once = ROOT | {"redirects.map", "data/articles/one00000.json", "data/articles/index.html"}
    assert both == first | {f"ja/{path}" for path in first - once}
    assert 'lang="ja"' in project.page("ja/index.html")
    assert 'href="/ja/articles/one/"' in project.page("ja/index.html")
    assert 'href="/articles/one/"' in project.page("index.html")
    assert "<title>試験</title>" in project.page("ja/index.html")
    assert feed(project, "ja/feed.xml").feed.language == "ja"


def test_a_base_url_with_a_path(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("content/articles/2026/07/map.png", b"png")
    project.article("one", body="[home](/) [two](two.md) ![Map](map.png) [up](#up)\n\n## Up\n")
    project.article("two", aliases="[/old/]")
    project.built()
    plain, texts = set(project.tree()), {path: data.decode() for path, data in project.tree().items() if data != b"png"}
    project.file("site.yaml", site.replace("https://test.example/", "https://example.org/digest"))
    project.built()
    assert set(project.tree()) == plain, "no file is nested in a folder of the prefix"
    for path in plain:
        data = project.tree()[path]
        if path.endswith(".html"):
            for address in re.findall(r"""(?:href|src)=["']([^"']*)["']""", data.decode()):
                assert address.startswith(("/digest/", "#")), (path, address)
        elif path.endswith(".xml"):
            assert b"test.example/" not in data, path
            assert path == "sitemap-news.xml" or b"https://example.org/digest/" in data, path
            assert b"https://example.org/a" not in data, path
        if path.endswith((".html", ".css")):
            assert data.decode().replace("/digest/", "/") == texts[path], path
    item = feed(project, "feed.xml").entries[0]
    assert item.link.startswith("https://example.org/digest/articles/")
    assert "Sitemap: https://example.org/digest/sitemap.xml" in project.page("robots.txt")


def test_the_head_of_a_page_is_absolute(project: Project) -> None:
    base = (project.root / "themes/bare/templates/base.html").read_text("utf-8")
    head = (
        '<link rel="canonical" href="{{ page.head.canonical }}">'
        "{% for link in page.head.alternates %}<i>{{ link.key }} {{ link.href }} {{ site.origin }}{{ link.href }}</i>"
        "{% endfor %}</head>"
    )
    project.file("themes/bare/templates/base.html", base.replace("</head>", head))
    site = (project.root / "site.yaml").read_text("utf-8")
    site = site.replace("[en]", "[en, ja]").replace("https://test.example/", "https://example.org/digest/")
    project.file("site.yaml", site)
    project.article("日本", id="bbbbbbbb")
    project.built()
    slug = "%E6%97%A5%E6%9C%AC"
    for path, page in (("articles/日本/", ""), ("ja/articles/日本/", "ja/")):
        text = project.page(f"{path}index.html")
        assert f'rel="canonical" href="https://example.org/digest/{page}articles/{slug}/"' in text
        assert re.findall(r"<i>(.*?)</i>", text) == [
            f"en /digest/articles/{slug}/ https://example.org/digest/articles/{slug}/",
            f"ja /digest/ja/articles/{slug}/ https://example.org/digest/ja/articles/{slug}/",
        ]


# --- aliases ----------------------------------------------------------------------------------------------------------


def test_aliases_are_pages_that_lead_on(project: Project) -> None:
    redirect = '<a class="to" href="{{ page.target.href }}">{{ page.target.name }}</a>'
    project.file("themes/bare/templates/redirect.html", redirect)
    project.article("one", aliases="[/old/name/, /old/name.html, /older, /日本/]")
    project.built()
    for path in ("old/name/index.html", "old/name.html", "older/index.html", "日本/index.html"):
        assert links(project.page(path), "to") == [("/articles/one/", "A title")]
    assert "/old/" not in project.page("sitemap.xml")


@pytest.mark.parametrize(
    "alias",
    [
        "/articles/one/",
        "/articles/ONE/",
        "/articles/one/index.html",
        "/topics/trade/",
        "/topics/",
        "/index.html",
        "/404.html",
        "/404.html/",
        "/feed.xml/",
        "/sitemap.xml/a/",
        "/topics.html/../",
        "/countries/vn/2026-07/",
    ],
)
def test_an_alias_cannot_take_the_place_of_a_page(project: Project, alias: str) -> None:
    project.article("one", aliases=f"['{alias}']")
    result = project.build()
    assert not result.ok
    assert {item.code for item in result.diagnostics} <= {"alias-collision", "bad-alias"}
    assert all(item.location.line > 1 for item in result.diagnostics)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/old/", "/old/"),
        ("/old/", "/old"),
        ("/old/", "/OLD/"),
        ("/old/", "/old/index.html"),
        ("/old.html", "/old.html/"),
        ("/old.html", "/old.html/more/"),
        ("/a/b.html", "/a/B.html/c.html"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in one article", "in two articles"])
def test_two_aliases_cannot_take_each_others_place(project: Project, first: str, second: str, together: bool) -> None:
    if together:
        project.article("one", aliases=f"['{first}', '{second}']")
    else:
        project.article("one", aliases=f"['{first}']")
        project.article("two", aliases=f"['{second}']")
    result = project.build()
    assert not result.ok
    assert only(result, "alias-collision").location.line > 1


@pytest.mark.parametrize("text", [r"\0", r"\e", r"\x7f", r"\uFFFF"])
def test_an_alias_with_a_control_character_is_an_error(project: Project, text: str) -> None:
    project.article("one", aliases=f'["/a{text}b/"]')
    result = project.build()
    assert not result.ok
    assert result.diagnostics[0].location.line > 1


# --- files next to articles -------------------------------------------------------------------------------------------


def test_pictures_next_to_articles(project: Project) -> None:
    project.file("content/articles/2026/07/地図.png", b"\x89PNG one")
    project.file("content/files/data.csv", b"a,b\n")
    project.file("content/files/unused.csv", b"c,d\n")
    project.article(
        "one", body="![Map](地図.png) [data](/files/data.csv) [two](two.md#end) [here](#below)\n\n## Below\n"
    )
    project.article("two", body="Text.\n\n## End\n")
    project.built()
    assets = sorted(
        path for path in project.tree() if path.startswith("assets/") and not path.endswith((".css", ".html"))
    )
    assert [re.sub(r"\.[0-9a-f]{10}\.", ".", path) for path in assets] == ["assets/data.csv", "assets/地図.png"]
    assert project.tree()[assets[1]] == b"\x89PNG one"
    page = project.page("articles/one/index.html")
    escaped = assets[1].replace("地図", "%E5%9C%B0%E5%9B%B3")
    assert f'<img src="/{escaped}" alt="Map">' in page
    assert f'<a href="/{assets[0]}">data</a>' in page
    assert '<a href="/articles/two/#end">two</a>' in page
    assert '<a href="#below">here</a>' in page
    text = next(item for item in feed(project, "feed.xml").entries if item.link.endswith("/one/")).content[0].value
    assert f'src="https://test.example/{escaped}"' in text
    assert f'href="https://test.example/{assets[0]}"' in text
    assert 'href="https://test.example/articles/two/#end"' in text
    assert 'href="https://test.example/articles/one/#below"' in text


def test_a_picture_that_changes_gets_another_address(project: Project) -> None:
    picture = project.file("content/articles/2026/07/map.png", b"one")
    project.article("one", body="![Map](map.png)\n")
    project.built()
    before = {path for path in project.tree() if path.startswith("assets/map")}
    picture.write_bytes(b"two")
    result = project.built()
    after = {path for path in project.tree() if path.startswith("assets/map")}
    assert len(before) == len(after) == 1
    assert not before & after
    assert set(result.counts.removed) == before
    assert next(iter(after)) in project.page("articles/one/index.html")


def test_two_pictures_of_one_name_do_not_meet(project: Project) -> None:
    project.file("content/a/map.png", b"one")
    project.file("content/b/map.png", b"two")
    project.file("content/c/map.png", b"two")
    project.article("one", body="![1](/a/map.png) ![2](/b/map.png) ![3](/c/map.png)\n")
    result = project.built()
    assert sorted(data for path, data in project.tree().items() if path.startswith("assets/map")) == [b"one", b"two"]
    assert result.counts.unchanged + len(result.counts.written) == len(project.tree())


# --- hidden -----------------------------------------------------------------------------------------------------------

_HIDDEN: Final = {
    "drafted": {"draft": "true"},
    "scheduled": {"date": "2026-11-22T21:00:01+09:00"},
    "published-later": {"publish": "2027-01-01"},
    "expired": {"date": "2026-07-03", "expire": "2026-11-22T12:00Z"},
}


def _with_hidden(project: Project) -> None:
    project.file("themes/bare/templates/article.html", ARTICLE)
    project.file("themes/bare/templates/topics.html", COUNTS)
    project.article("before", title="Before", date="2026-07-01", countries="[VN]")
    project.article("after", title="After", date="2026-11-22T21:00+09:00", countries="[VN]", follows="drafted.md")
    for name, changes in _HIDDEN.items():
        values = {
            "title": "SECRET",
            "summary": "SECRET",
            "countries": "[VN, JP]",
            "topics": "[trade, energy]",
        } | changes
        project.article(name, **({"body": "SECRET\n", "follows": "before.md", "aliases": f"[/old/{name}/]"} | values))


def test_what_is_hidden_is_nowhere(project: Project) -> None:
    _with_hidden(project)
    result = project.built()
    assert (result.articles, result.held_back.total) == (2, 4)
    for path, data in project.tree().items():
        assert b"SECRET" not in data, path
        for name in _HIDDEN:
            assert name.encode() not in data, path
            assert name not in path
    assert not {path for path in project.tree() if path.startswith(("countries/jp", "topics/energy", "old/"))}
    before = project.page("articles/before/index.html")
    assert links(before, "next") == [("/articles/after/", "After")]
    assert links(before, "followed-by") == []
    assert "trade=2 " in project.page("topics/index.html")
    assert "energy" not in project.page("topics/index.html")


def test_drafts_show_what_is_hidden_but_not_what_is_expired(project: Project) -> None:
    _with_hidden(project)
    result = project.build(drafts=True)
    assert result.ok
    assert result.held_back.total == 1
    shown = {"drafted", "scheduled", "published-later"}
    for name in shown:
        assert f"articles/{name}/index.html" in project.tree()
        assert name in project.page("sitemap.xml")
        assert name in project.page("feed.xml")
    assert not [path for path, data in project.tree().items() if b"expired" in data or "expired" in path]
    assert f"energy={len(shown)} " in project.page("topics/index.html")
    assert len(links(project.page("articles/before/index.html"), "followed-by")) == len(shown)


def test_now_decides_to_the_second(project: Project) -> None:
    project.article("one", date="2026-07-03", expire="2026-07-05")
    project.article("two", date="2026-07-01", publish="2026-07-04T09:00+09:00")
    seen = {}
    for hour in ("02 14:59:59", "02 15:00:00", "03 23:59:59", "04 00:00:00", "04 14:59:59", "04 15:00:00"):
        now = datetime.strptime(f"2026-07-{hour}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        assert project.build(now=now).ok
        seen[hour] = [name for name in ("one", "two") if f"articles/{name}/index.html" in project.tree()]
    assert seen == {
        "02 14:59:59": [],
        "02 15:00:00": ["one"],
        "03 23:59:59": ["one"],
        "04 00:00:00": ["one", "two"],
        "04 14:59:59": ["one", "two"],
        "04 15:00:00": ["two"],
    }


def test_a_link_to_what_is_hidden_is_an_error(project: Project) -> None:
    project.article("one", body="[two](two.md)\n")
    project.article("two", draft="true")
    location = only(project.build(), "hidden-link").location
    assert (location.path, location.column) == ("content/articles/2026/07/one.md", 7)
    assert project.build(drafts=True).ok


# --- neighbours, threads, order ---------------------------------------------------------------------------------------


def test_neighbours_have_the_same_first_topic(project: Project) -> None:
    project.file("themes/bare/templates/article.html", ARTICLE)
    project.article("a", title="A", date="2026-07-01")
    project.article("b", title="B", date="2026-07-02", topics="[energy, trade]")
    project.article("c", title="C", date="2026-07-03")
    project.article("d", title="D", date="2026-07-04", topics="[trade, energy]")
    project.article("e", title="E", date="2026-07-05", topics="[energy]")
    project.built()
    neighbours = {}
    for name in "abcde":
        page = project.page(f"articles/{name}/index.html")
        neighbours[name] = [text for kind in ("previous", "next") for _, text in links(page, kind) or [("", "-")]]
    assert neighbours == {
        "a": ["-", "C"],
        "b": ["-", "E"],
        "c": ["A", "D"],
        "d": ["C", "-"],
        "e": ["B", "-"],
    }


def test_threads(project: Project) -> None:
    project.file("themes/bare/templates/article.html", ARTICLE)
    project.article("a", title="A", date="2026-07-01")
    project.article("c", title="C", date="2026-07-03", follows="/articles/2026/07/a.md", topics="[energy]")
    project.article("b", title="B", date="2026-07-02", follows="a.md")
    project.article("d", title="D", date="2026-07-04", follows="./c.md")
    project.built()
    a, c = project.page("articles/a/index.html"), project.page("articles/c/index.html")
    assert links(a, "followed-by") == [("/articles/b/", "B"), ("/articles/c/", "C")]
    assert links(a, "follows") == []
    assert links(c, "follows") == [("/articles/a/", "A")]
    assert links(c, "followed-by") == [("/articles/d/", "D")]


@pytest.mark.parametrize("chain", [("a.md",), ("b.md", "a.md"), ("b.md", "c.md", "a.md")])
def test_threads_in_a_circle_are_an_error(project: Project, chain: tuple[str, ...]) -> None:
    for name, follows in zip("abc", chain, strict=False):
        project.article(name, follows=follows)
    result = project.build()
    assert not result.ok
    assert {item.code for item in result.diagnostics} <= {"circular-thread", "bad-address"}


def test_articles_at_the_same_instant_have_a_stable_order(project: Project) -> None:
    for name in ("delta", "alpha", "charlie", "bravo"):
        importance = "5" if name == "charlie" else "3"
        date = "2026-07-02T15:00Z" if name == "alpha" else "2026-07-03"
        project.article(name, title=name, importance=importance, date=date)
    project.built()
    titles = [item.title for item in feed(project, "feed.xml").entries]
    assert titles == ["charlie", "alpha", "bravo", "delta"]
    assert re.findall(r">(\w+)</a></p>", project.page("index.html")) == titles


def test_days_of_lists_begin_with_the_most_important(project: Project) -> None:
    project.article("early", title="early", date="2026-07-03T08:00", importance="5")
    project.article("late", title="late", date="2026-07-03T20:00", importance="2")
    project.article("next", title="next", date="2026-07-04T00:00", importance="1")
    project.built()
    assert re.findall(r">(\w+)</a></p>", project.page("index.html")) == ["next", "early", "late"]
    assert [item.title for item in feed(project, "feed.xml").entries] == ["next", "late", "early"]


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "day", "clock", "stamp"),
    [
        ("2026-07-01", "7/1/26", "00:00", "Wed, 01 Jul 2026 00:00:00 +0900"),
        ("2026-06-30T14:59:59Z", "6/30/26", "23:59", "Tue, 30 Jun 2026 23:59:59 +0900"),
        ("2026-06-30T15:00Z", "7/1/26", "00:00", "Wed, 01 Jul 2026 00:00:00 +0900"),
        ("2026-06-30T23:59", "6/30/26", "23:59", "Tue, 30 Jun 2026 23:59:00 +0900"),
        ("2026-07-01T00:00-12:00", "7/1/26", "21:00", "Wed, 01 Jul 2026 21:00:00 +0900"),
    ],
)
def test_no_date_is_off_by_one(project: Project, date: str, day: str, clock: str, stamp: str) -> None:
    project.file("themes/bare/templates/article.html", ARTICLE)
    project.article("one", date=date)
    project.built()
    assert f"<p>{day} {clock}</p>" in project.page("articles/one/index.html").replace("\u202f", " ")
    month = "2026-06" if day.startswith("6") else "2026-07"
    assert f"archive/{month}/index.html" in project.tree()
    assert f"<pubDate>{stamp}</pubDate>" in project.page("feed.xml")
    assert "<h2>" + ("June 30" if month == "2026-06" else "July 1") + ", 2026</h2>" in project.page("index.html")


def test_days_of_corrections_and_reviews_are_in_the_time_zone_of_the_site(project: Project) -> None:
    """A correction made a minute after an article was published cannot be shown with the day before."""
    project.file("themes/bare/templates/article.html", ARTICLE)
    digest = "0" * 64
    project.article(
        "one",
        date="2026-07-03T15:30Z",
        reviewed="{by: A. Editor, at: '2026-07-03T15:31Z'}",
        corrections="[{at: '2026-07-03T15:32Z', text: No.}, {at: 2026-07-05, text: Yes.}]",
        imported=f"{{name: a, sha256: '{digest}', format: text, at: '2026-07-03T15:29Z', digest: '{digest}'}}",
    )
    project.built()
    page = project.page("articles/one/index.html")
    assert "<p>7/4/26 00:30</p>" in page
    assert re.findall(r'<li class="(\w+)">([\d-]+)</li>', page) == [
        ("correction", "2026-07-04"),
        ("correction", "2026-07-05"),
        ("reviewed", "2026-07-04"),
        ("imported", "2026-07-04"),
    ]


# --- attacks ----------------------------------------------------------------------------------------------------------


def test_titles_and_names_are_escaped_everywhere(project: Project) -> None:
    bad = "<script>alert('x')</script> & \"quotes\" ]]>"
    quoted = "'" + bad.replace("'", "''") + "'"
    project.file("themes/bare/templates/article.html", ARTICLE)
    project.article("one", title=quoted, summary=quoted, source=f"{{name: {quoted}, url: null}}", body="a ]]> b & c\n")
    site = (project.root / "site.yaml").read_text("utf-8").replace("title: {en: Test digest", f"title: {{en: {quoted}")
    project.file("site.yaml", site.replace("trade: {en: Trade", f"trade: {{en: {quoted}") + "typography: false\n")
    project.built()
    for path, data in project.tree().items():
        assert path.endswith((".json", ".csv")) or b"<script" not in data, path
    parsed = feed(project, "feed.xml")
    shown = bad.replace("</", "<\u2060/")  # an unseen character, so that no reader takes it for a tag
    assert parsed.entries[0].title == parsed.feed.title == shown
    assert "<p>a ]]&gt; b &amp; c</p>\n" in parsed.entries[0].content[0].value


def test_form_feeds_by_entity_do_not_break_a_feed(project: Project) -> None:
    project.article("one", body="a&#12;b\n")
    if project.build().ok:
        feed(project, "feed.xml")
    else:
        assert only(project.build(), "control-character").location.line > 1


@pytest.mark.skipif(sys.platform == "darwin", reason="the file system takes no such name")
def test_a_file_name_that_is_no_utf_8_is_an_error_with_its_name(project: Project) -> None:
    project.article("one")
    for name in (b"caf\xe9.md", b"caf\xe9.png"):
        location = os.fsencode(project.root / "content/articles/2026/07")
        with open(os.path.join(location, name), "wb") as stream:  # noqa: PTH118, PTH123 - a name that is bytes
            stream.write(article(id="cafecafe").encode())
    result = project.build()
    assert not result.ok
    assert "caf" in render_text(result.diagnostics).encode("utf-8").decode()


def test_a_broken_article_leaves_the_site_as_it_was(project: Project) -> None:
    project.article("one")
    project.built()
    before = project.tree()
    project.article("two", importance="9", body="a <b> x\n")
    result = project.build()
    assert not result.ok
    assert codes(result) == ["out-of-range", "raw-html"]
    assert project.tree() == before
    assert not (project.root / "output" / "staging").exists()


def test_the_front_matter_is_never_published(project: Project) -> None:
    project.file("content/articles/2026/07/one.md", article(extra="{secret: HIDDEN}", id="hidden01"))
    project.built()
    assert not [path for path, data in project.tree().items() if b"HIDDEN" in data or path.endswith(".md")]


def test_dates_ahead_of_the_clock_are_not_shown(project: Project) -> None:
    project.article(
        "one",
        date="2026-07-03",
        updated="2062-07-04",
        reviewed="{by: An Editor, at: 2062-07-04}",
        corrections="\n- {at: 2062-07-04, text: A correction.}",
    )
    page = "title: About\nlang: en\nreviewed: {by: An Editor, at: 2062-07-04}"
    project.file("content/pages/about.md", f"---\n{page}\n---\n\nText.\n")
    result = project.built()
    assert codes(result) == ["future-date"] * 4
    assert [(item.location.path[-6:], item.message.partition(" is ")[0]) for item in result.diagnostics] == [
        ("one.md", "'updated'"),
        ("one.md", "the review of 2062-07-04"),
        ("one.md", "the correction of 2062-07-04"),
        ("out.md", "the review of 2062-07-04"),
    ]
    assert all(item.location.line > 1 for item in result.diagnostics)
    assert not [path for path, data in project.tree().items() if b"2062" in data]
    later = datetime(2063, 1, 1, tzinfo=UTC)
    assert project.build(now=later).ok
    assert [path for path, data in project.tree().items() if b"2062" in data]
    assert project.build(now=NOW).ok
    assert not [path for path, data in project.tree().items() if b"2062" in data]
