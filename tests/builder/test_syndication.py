"""Feeds in every format: which there are, what they hold, and what no edit may change."""

import json
import re
import shutil
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final

import feedparser
import pytest

from sitegen.yaml_source.reader import fold_spaces
from tests.builder.feeds import NAMES, feeds_at
from tests.builder.validators import is_validated, validate
from tests.project import BARE, EVERY_PAGE, NOW, Project, codes, feed_labels

NASTY: Final = {
    "markup": "<script>alert(1)</script> & \"quotes\" 'x' ]]> <!-- --> &amp;",
    "emoji": "🇻🇳 👩‍👩‍👧 𠮷野家 é é",
    "rtl": "עברית \u202eabc\u202c العربية",
    "long": "word " * 59 + "words",
    "spaces": "a\u00a0b\u3000c\u200bd",
    "tags": "The <title> and the </div>, <b>bold</b>, </x> &amp; Foo <foo@example.org>",
    "and": "R&D2, AT&T, Q&A & &amp; &#38; &#x26; &lt;b&gt; &nbsp; a<b && c>d",
    "section": "a ]]> b <![CDATA[x]]> <?xml?> <!DOCTYPE x>",
    "braces": "{text} {0} %s {name}",
    "json": '\\u0041 \\ / " \t{}[]',
}


EVERY_FEED: Final = {
    "combination_formats": "[rss, atom, json]",
    "texts_of": "[topics, countries, pairs, crossings, sources, perspectives, languages]",
    "pairs_from": "3",
    "crossings_from": "3",
}
"""Settings with which every feed has whole texts in every format."""


def configure(project: Project, text: str = "", *, base_url: str = "https://test.example/") -> None:
    """Write `site.yaml` with all pages and EVERY_FEED, unless `text` has the same keys; `formats` are for all feeds."""
    settings = {key: value for key, value in EVERY_FEED.items() if f"{key}:" not in text}
    if "formats:" in text:
        settings.pop("combination_formats", None)
    text = text if "feeds: {" in text else f"{text}\nfeeds: {{}}\n"
    text = text.replace("feeds: {", "feeds: {" + "".join(f"{key}: {value}, " for key, value in settings.items()))
    site = (project.root / "site.yaml").read_text("utf-8").partition("# more\n")[0]
    site = re.sub(r"^base_url: .*$", lambda _: f"base_url: {base_url}", site, flags=re.MULTILINE)
    site = re.sub(r"^pages_from: .*\n", "" if "pages_from" in text else f"{EVERY_PAGE}\n", site, flags=re.MULTILINE)
    project.file("site.yaml", f"{site}# more\n{text}")


def all_feeds(project: Project) -> dict[str, Any]:
    """Return every feed as feedparser, or the rules of JSON Feed, read it; each is judged first."""
    found: dict[str, Any] = {}
    for path, data in project.tree().items():
        if is_validated(path):
            validate(path, data)
        if path.endswith("feed.json"):
            found[path] = json.loads(data)
        elif path.endswith(("feed.xml", "atom.xml")):
            parsed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
            assert not parsed.bozo, (path, parsed.get("bozo_exception"))
            found[path] = parsed
    return found


def plain_text(text: Any) -> str:
    """Return the plain text of an Atom construct, which it may write as HTML."""
    return unescape(text.value) if text.type == "text/html" else str(text.value)


def items(feed: Any) -> list[dict[str, Any]]:
    """Return the items of a feed of any format, with the names that JSON Feed gives their parts."""
    if "items" in feed and "version" in feed and isinstance(feed["version"], str) and "json" in feed["version"]:
        return [{"summary": item.get("content_text"), **item} for item in feed["items"]]
    return [
        {
            "id": entry.id,
            # RSS cannot say that `</p>` is text, so it contains an invisible character.
            "title": plain_text(entry.title_detail) if feed.version == "atom10" else entry.title.replace("\u2060", ""),
            "url": entry.link,
            "summary": plain_text(entry.summary_detail) if feed.version == "atom10" else unescape(entry.summary),
            "content_html": entry.content[0].value if entry.get("content") else None,
            "language": entry.get("language") or entry.get("title_detail", {}).get("language"),
            "tags": [tag.get("label") or tag.term for tag in entry.get("tags", [])],
            "external_url": next((link.href for link in entry.links if link.rel == "via"), None),
            "date_published": entry.published,
            "authors": [{"name": entry.author}],
        }
        for entry in feed.entries
    ]


# --- which feeds ------------------------------------------------------------------------------------------------------


def digest(project: Project) -> None:
    configure(project)
    for number in (1, 2, 3):
        project.article(
            f"n{number}",
            title=f"N{number}",
            date=f"2026-07-0{number}",
            importance=str(number + 2),
            source="{name: Nhân Dân, url: 'https://nhandan.example/a?b=1&c=2', lang: vi}",
            generated="{summary: ai, analysis: mixed}",
            reviewed="{by: A. Editor}",
            body="Text.\n\n## 経済的影響\n\n物価。\n",
        )
    other = {"lang": "ja", "countries": "[JP]", "topics": "[energy]"}
    project.article("ja", title="日本", date="2026-06-01", importance="1", **other)


def test_everything_that_can_be_followed_has_a_feed_in_every_format(project: Project) -> None:
    digest(project)
    project.built()
    expected = feeds_at(
        *("", "topics/trade", "topics/energy", "countries/vn", "countries/cn", "countries/jp", "countries/cn/vn"),
        *("topics/trade/vn", "topics/trade/cn", "sources/nhân-dân", "perspectives/economic"),
        *("languages/en", "languages/ja", "importance/4", "corrections", "upcoming"),
    )
    found = all_feeds(project)
    assert set(found) == expected
    titles = {
        "": "Test digest",
        "topics/trade": "Test digest · Trade",
        "countries/cn/vn": "Test digest · China – Vietnam",
        "topics/trade/vn": "Test digest · Trade · Vietnam",
        "sources/nhân-dân": "Test digest · Nhân Dân",
        "perspectives/economic": "Test digest · Economic impact",
        "languages/ja": "Test digest · 日本語",
        "importance/4": "Test digest · Importance 4 and above",
        "corrections": "Test digest · Corrections",
    }
    for folder, title in titles.items():
        rss, atom, feed = (found[f"{folder}/{name}".lstrip("/")] for name in NAMES)
        assert (rss.feed.title, atom.feed.title, feed["title"]) == (title,) * 3
    members = {"importance/4": ["N3", "N2"], "languages/ja": ["日本"], "perspectives/economic": ["N3", "N2", "N1"]}
    for folder, expected_titles in members.items():
        for name in NAMES:
            assert [item["title"] for item in items(found[f"{folder}/{name}"])] == expected_titles


def test_a_pair_a_crossing_and_a_source_need_some_articles(project: Project) -> None:
    digest(project)
    least = "pairs_from: 4, crossings_from: 1, sources_from: 4, importance: none"
    configure(project, f"feeds: {{{least}, formats: [atom]}}\n")
    project.built()
    assert set(all_feeds(project)) == {
        f"{folder}atom.xml"
        for folder in (
            *("", "topics/trade/", "topics/energy/", "countries/vn/", "countries/cn/", "countries/jp/"),
            *("topics/trade/vn/", "topics/trade/cn/", "topics/energy/jp/", "perspectives/economic/"),
            *("languages/en/", "languages/ja/", "corrections/", "upcoming/"),
        )
    }
    configure(project, "feeds: {of: [], importance: none}\n")
    project.built()
    assert set(all_feeds(project)) == feeds_at("")
    configure(project, "pages_from: {pairs: 9}\nfeeds: {of: [pairs], pairs_from: 1}\n")
    project.built()
    assert set(all_feeds(project)) == feeds_at("", "importance/4"), "a pair without a page has no feed"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("feeds: {items: 0}", "out-of-range"),
        ("feeds: {items: 10001}", "out-of-range"),
        ("feeds: {bytes: 100}", "out-of-range"),
        ("feeds: {formats: []}", "missing-key"),
        ("feeds: {formats: [rss, rdf]}", "not-allowed"),
        ("feeds: {formats: rss}", "wrong-type"),
        ("feeds: {of: [topic]}", "not-allowed"),
        ("feeds: {importance: 6}", "out-of-range"),
        ("feeds: {pairs_from: 0}", "out-of-range"),
        ("data: all", "wrong-type"),
        ("data: [article]", "not-allowed"),
        ("hub: hub.example", "bad-url"),
        ("license: CC-BY", "bad-url"),
    ],
)
def test_a_setting_that_is_wrong(project: Project, text: str, code: str) -> None:
    configure(project, f"{text}\n")
    result = project.build()
    assert not result.ok
    assert codes(result) == [code]


# --- contents of an item ----------------------------------------------------------------------------------------------


def test_the_author_is_the_reviewer_or_the_digest(project: Project) -> None:
    digest(project)
    project.built()
    for feed in all_feeds(project).values():
        for item in items(feed):
            names = {"Test digest", "試験"} if item["title"] == "日本" else {"A. Editor"}
            assert {author["name"] for author in item["authors"]} <= names


def test_an_item_says_where_it_is_from_and_what_a_machine_wrote(project: Project) -> None:
    digest(project)
    project.built()
    for path, feed in all_feeds(project).items():
        for item in items(feed):
            if item["title"] == "日本":
                assert item["summary"] == "What happened."
                assert item.get("external_url") is None
                assert item["language"] == "ja"
                assert '出典：<span lang="en">A Paper</span>。' in item["content_html"]
                continue
            assert item["summary"] == "AI summary, reviewed: What happened.", path
            assert item["external_url"] == "https://nhandan.example/a?b=1&c=2"
            assert item["language"] == "en"
            assert '<h3 lang="ja">経済的影響</h3>\n<p>物価。</p>' in item["content_html"]
            assert item["content_html"].startswith(
                '<p lang="en">AI summary, reviewed: What happened.</p>\n'
                '<p lang="en">Written by a machine: summary. Written with the help of a machine: perspectives. '
                "Reviewed by A. Editor.</p>\n"
                '<div lang="en">\n<p>Text.</p>\n</div>\n<div lang="ja">\n<h3 lang="ja">'
            )
            source = '<p lang="en">Source: <a href="https://nhandan.example/a?b=1&amp;c=2" lang="vi">Nhân Dân</a>.</p>'
            assert item["content_html"].rstrip().endswith(source)
    (one, *_) = json.loads(project.page("feed.json"))["items"]
    assert one["_sitegen"] == {
        "importance": 5,
        "topics": ["trade"],
        "countries": ["VN", "CN"],
        "source": {"name": "Nhân Dân", "language": "vi"},
        "generated": {"summary": "ai", "analysis": "mixed"},
        "reviewed_by": "A. Editor",
    }
    assert one["tags"] == ["Trade", "Vietnam", "China"]


def test_an_item_from_right_to_left_says_so(project: Project) -> None:
    digest(project)
    project.article("arabic", title="خبر", lang="ar", date="2026-07-04", summary="ملخص.", body="نص.\n")
    project.built()
    (item, *_) = json.loads(project.page("feed.json"))["items"]
    assert '<p lang="ar" dir="rtl">ملخص.</p>' in item["content_html"]
    assert '<div lang="ar" dir="rtl">\n<p>نص.</p>' in item["content_html"]
    assert 'dir="ltr"' not in item["content_html"]


_ALLOWED: Final = """
a abbr acronym audio blockquote br caption cite code dd del dfn dl dt em figcaption figure h1 h2 h3 h4 h5 h6 iframe img
ins kbd li ol p picture pre q rp rt rtc ruby s samp source strong sub sup table td tfooter th thead time tr ul var video
wbr
"""


class _Reader(HTMLParser):
    """An article as Miniflux shows it: its list of elements, everything else dropped and its text kept."""

    ALLOWED: Final = frozenset(_ALLOWED.split())

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.dropped: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's
        if tag in self.ALLOWED:
            self.shown.append(f"<{tag}>")
        else:
            self.dropped.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.ALLOWED:
            self.shown.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


def test_a_reader_that_knows_few_elements_still_shows_sense(project: Project) -> None:
    project.article(
        "one",
        body=(
            "First **bold** `code`.\n\n## 日本の節 {lang=ja}\n\n本文。\n\n---\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n\n"
            "```\nx < y\n```\n\n## 経済的影響\n\n物価。\n\n### 細目\n\n- 一\n- 二\n\n## 市民の声\n\n> 声\n"
        ),
    )
    project.built()
    for path in NAMES:
        (item,) = items(all_feeds(project)[path])
        reader = _Reader()
        reader.feed(item["content_html"])
        assert reader.dropped <= {"div", "hr", "tbody"}, "what marks a language, a pause, the rows of a table"
        text = re.sub(r"\s+", "", "".join(reader.shown))
        assert text == re.sub(
            r"\s+",
            "",
            "<p>What happened.</p><p>First <strong>bold</strong> <code>code</code>.</p><h2>日本の節</h2><p>本文。</p>"
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1</td><td>2</td></tr></table>"
            "<pre><code>x < y</code></pre><h3>経済的影響</h3><p>物価。</p><h3>細目</h3><ul><li>一</li><li>二</li></ul>"
            "<h3>市民の声</h3><blockquote><p>声</p></blockquote><p>Source: A Paper.</p>",
        )


# --- nasty input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_texts_that_break_feeds_elsewhere(project: Project, text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    escaped = re.sub(r"([\\`*_{}\[\]()#+.!<>&|-])", r"\\\1", " ".join(text.split("\t")))
    project.article(
        "one",
        title=quoted,
        summary=quoted,
        source=f"{{name: {quoted}, url: null}}",
        corrections=f"[{{at: 2026-07-05, text: {quoted}}}]",
        body=f"{escaped}\n",
    )
    title = f"title: {{en: {quoted}}}"
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", re.sub(r"^title: .*$", lambda _: title, site, flags=re.MULTILINE))
    configure(project, f"typography: false\nfeeds: {{sources_from: 1}}\nrights: {quoted}\ndescription: {quoted}\n")
    project.built()
    plain = fold_spaces(text)
    found = all_feeds(project)
    assert len(found) == 3 * 8
    for path, feed in found.items():
        for item in items(feed):
            assert item["title"].removeprefix("Correction: ") == plain, path
            assert item["summary"] == plain, path


@pytest.mark.parametrize("text", ["a\x0cb", "a\x1bb", "a\ufffeb"])
def test_a_character_that_no_feed_can_carry_is_an_error_of_the_article(project: Project, text: str) -> None:
    project.article("one", body=f"{text}\n")
    result = project.build()
    assert not result.ok
    assert set(codes(result)) == {"control-character"}


@pytest.mark.parametrize(
    ("base", "full"),
    [
        ("https://example.org/digest", "https://example.org/digest/"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://[::1]:8000/a/b/", "https://[::1]:8000/a/b/"),
    ],
)
def test_a_base_url_of_any_form(project: Project, base: str, full: str) -> None:
    digest(project)
    project.file("content/articles/2026/07/map.png", b"png")
    project.article("two", date="2026-07-09", body="[a](n1.md) [b](/topics/trade/) [c](#d) ![e](map.png)\n\n## D\n")
    more = "hub: https://hub.example/\nlicense: https://license.example/by\nrights: CC BY\n"
    configure(project, more, base_url=f"'{base}'")
    project.built()
    for path, feed in all_feeds(project).items():
        if path.endswith("feed.json"):
            own, websub_hub = feed["feed_url"], feed["hubs"][0]["url"]
            assert feed["_sitegen"] == {"rights": "CC BY", "license": "https://license.example/by"}
        else:
            links = {link.rel: link.href for link in feed.feed.links}
            own, websub_hub = links["self"], links["hub"]
            assert path.endswith("feed.xml") or links["license"] == "https://license.example/by"
        assert own.startswith(full)
        assert websub_hub == "https://hub.example/"
        for item in items(feed):
            assert item["url"].startswith(f"{full}articles/")
            for address in re.findall(r'(?:href|src)="([^"]*)"', item["content_html"]):
                assert address.startswith((full, "https://nhandan.example/")), (path, address)


def test_a_digest_without_articles_has_feeds_without_items(project: Project) -> None:
    project.built()
    found = all_feeds(project)
    assert set(found) == feeds_at("", "corrections", "upcoming", "importance/4")
    assert not [item for feed in found.values() for item in items(feed)]
    assert "<updated>2026-01-01T00:00:00+00:00</updated>" in project.page("atom.xml")
    assert "lastBuildDate" not in project.page("feed.xml")


def test_updated_on_the_day_of_a_date_with_a_time_is_not_before_it(project: Project) -> None:
    project.article("one", date="2026-07-03T09:00", updated="2026-07-03")
    project.built()
    found = all_feeds(project)
    assert json.loads(project.page("feed.json"))["items"][0]["date_modified"] == "2026-07-03T09:00:00+09:00"
    (row,) = json.loads(project.page("data/articles.json"))["articles"]
    assert row["updated"] == row["date"]
    for name in ("feed.xml", "atom.xml"):
        (entry,) = found[name].entries
        assert entry.updated_parsed == entry.published_parsed


def test_every_value_is_one_that_the_format_allows(project: Project) -> None:
    configure(project, "")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("timezone: Asia/Tokyo", "timezone: Asia/Kolkata"))
    source = "{name: A, url: 'https://a.example/{x}|%zz?q=^é%20', lang: en}"
    project.article("old", date="1000-01-01", source=source, body="| a | b |\n| - | -: |\n| x | 1,200 |\n")
    project.built()
    found = all_feeds(project)
    (item,) = found["feed.json"]["items"]
    assert item["external_url"] == "https://a.example/%7Bx%7D%7C%25zz?q=%5E%C3%A9%20"
    assert item["date_published"] == "1000-01-01T00:00:00+05:53"
    for name in NAMES:
        html = items(found[name])[0]["content_html"]
        assert '<td align="right">1,200</td>' in html
        assert "class=" not in html
    assert "<pubDate>Wed, 01 Jan 1000 00:00:00 +0553</pubDate>" in project.page("feed.xml")
    assert "<lastmod>0999-12-31T18:07:00Z</lastmod>" in project.page("sitemap.xml")


def test_two_articles_at_one_instant_have_an_order_and_times_of_their_own(project: Project) -> None:
    for name, importance in (("b", "3"), ("a", "3"), ("c", "5")):
        project.article(name * 3, title=name, date="2026-07-03", importance=importance)
    project.built()
    found = all_feeds(project)
    for name in NAMES:
        assert [item["title"] for item in items(found[name])] == ["c", "a", "b"]
    times = [entry.updated for entry in found["atom.xml"].entries]
    assert len(set(times)) == 3
    assert {time[:19] for time in times} == {"2026-07-03T00:00:00"}
    assert {entry.published for entry in found["atom.xml"].entries} == {"2026-07-03T00:00:00+09:00"}


# --- caps -------------------------------------------------------------------------------------------------------------


def test_a_feed_has_at_most_the_bytes_that_it_may(project: Project) -> None:
    for number in range(1, 9):
        project.article(f"n{number}", title=f"N{number}", date=f"2026-07-0{number}", body="文。" * 400 + "\n")
    configure(project, "feeds: {bytes: 10600}\n")
    project.built()
    tree = project.tree()
    for path, feed in all_feeds(project).items():
        found = items(feed)
        assert len(tree[path]) <= 10_600
        assert [item["title"] for item in found] == [f"N{number}" for number in range(8, 8 - len(found), -1)]
        assert len(found) == (0 if path.startswith(("corrections/", "upcoming/", "importance/")) else 3), path
    newest = datetime(2026, 7, 8)  # noqa: DTZ001 - a day
    assert all_feeds(project)["feed.xml"].feed.updated.startswith(f"{newest:%a, %d %b %Y}")


def test_an_article_too_long_for_a_feed_has_its_summary_alone(project: Project) -> None:
    project.article("long", date="2026-07-09", summary="Short.", body="文。" * 4000 + "\n")
    project.article("short", date="2026-07-08", summary="Other.")
    configure(project, "feeds: {bytes: 9000}\n")
    project.built()
    for name in NAMES:
        long, short = items(all_feeds(project)[name])
        assert long["summary"] == "Short."
        assert long.get("content_html") is None
        assert "Some text." in short["content_html"]
        assert len(project.tree()[name]) <= 9000
    assert json.loads(project.page("feed.json"))["items"][0]["content_text"] == "Short."


# --- ids --------------------------------------------------------------------------------------------------------------


def test_nothing_is_new_after_any_edit(project: Project) -> None:
    digest(project)
    project.article("put", date="2026-07-04", corrections="[{at: 2026-07-05, text: Wrong.}]")
    project.built()

    def ids() -> dict[str, list[str]]:
        return {path: [item["id"] for item in items(feed)] for path, feed in all_feeds(project).items()}

    before = ids()
    assert len({identifier for found in before.values() for identifier in found}) == 6, "five articles, one correction"
    assert before["corrections/atom.xml"] == ["tag:test.example,2026:put00000/corrections/1"]
    digest(project)
    project.article(
        "n3",
        title="Another title",
        date="2026-07-03",
        importance="5",
        summary="Another.",
        body="Another.\n\n## 経済的影響\n\nX.\n",
        source="{name: Nhân Dân, url: null}",
    )
    configure(project, base_url="https://moved.example/there/")
    two = "[{at: 2026-07-05, text: Wrong!}, {at: 2026-07-06, text: Two.}]"
    project.article("put", date="2026-07-04", title="T", corrections=two)
    project.built()
    after = ids()
    assert after["corrections/atom.xml"] == [
        "tag:test.example,2026:put00000/corrections/2",
        "tag:test.example,2026:put00000/corrections/1",
    ]
    for path, found in before.items():
        assert path.startswith("corrections/") or after[path] == found, path


def test_a_correction_dated_ahead_waits(project: Project) -> None:
    """Nowhere is a correction before its time: not in a feed, on a page or among the data; and its id stays."""
    base = (project.root / "themes/bare/templates/base.html").read_text("utf-8")
    article = BARE["templates/article.html"].replace(
        "</h1>", "</h1>{% for it in page.corrections %}<i>{{ it.text }}</i>{% endfor %}"
    )
    listed = "{% for it in page.rows %}<i>{{ it.text }}</i>{% endfor %}"
    project.file("themes/bare/templates/article.html", article)
    project.file(
        "themes/bare/templates/corrections.html", base.replace("{% block main %}", "{% block main %}" + listed)
    )
    configure(project, "data: [tables, articles]\n")
    later = "{at: 2026-11-25, text: Later.}"
    project.article(
        "one", corrections=f"[{later}, {{at: 2026-07-05, text: Now.}}, {{at: 2026-11-24T09:00, text: Next.}}]"
    )
    project.article("other", date="2026-07-01", corrections=f"[{later}]")

    def texts() -> dict[str, list[Any]]:
        found = {path: re.findall(r"<i>(\w+\.)</i>", project.page(path)) for path in ("articles/one/index.html",)}
        found["page"] = re.findall(r"<i>(\w+\.)</i>", project.page("corrections/index.html"))
        for name in NAMES:
            found[name] = [item["summary"] for item in items(all_feeds(project)[f"corrections/{name}"])]
        front = json.loads(project.page("data/articles/one00000.json"))["front_matter"]
        found["data"] = [entry["text"] for entry in front["corrections"]]
        rows = json.loads(project.page("data/articles.json"))["articles"]
        found["count"] = [row["corrections"] for row in rows]
        return found

    def ids() -> dict[str, str]:
        return {item["summary"]: item["id"] for item in items(all_feeds(project)["corrections/atom.xml"])}

    project.built()
    assert ids() == {"Now.": "tag:test.example,2026:one00000/corrections/2"}
    assert set(map(tuple, texts().values())) == {("Now.",), (1, 0)}
    assert b"Later." not in b"".join(project.tree().values())
    early = project.build(now=NOW + timedelta(days=1))
    assert early.counts.written == ()
    project.build(now=NOW + timedelta(days=2))
    assert b"Later." not in b"".join(project.tree().values())
    assert texts()["page"] == texts()["feed.xml"] == ["Next.", "Now."]
    result = project.build(now=NOW + timedelta(days=3))
    assert set(result.counts.written) >= {*feeds_at("corrections"), "articles/other/index.html", "data/articles.csv"}
    assert texts()["page"] == texts()["atom.xml"] == ["Later.", "Later.", "Next.", "Now."]
    assert texts()["articles/one/index.html"] == texts()["data"] == ["Later.", "Now.", "Next."]
    assert texts()["count"] == [3, 1]
    assert ids()["Now."] == "tag:test.example,2026:one00000/corrections/2"
    cold = project.tree()
    shutil.rmtree(project.root / "output")
    project.build(now=NOW + timedelta(days=3))
    assert project.tree() == cold


def test_the_bytes_change_with_the_content_alone(project: Project) -> None:
    digest(project)
    project.built()
    before = project.tree()
    assert project.build(now=NOW + timedelta(days=200)).counts.written == ()
    assert project.tree() == before


# --- in another language ----------------------------------------------------------------------------------------------


def test_feeds_speak_the_language_that_a_file_of_the_theme_teaches_them(project: Project) -> None:
    """A language is one more file; the labels of feeds are not in English then."""
    digest(project)
    english = [line.partition(": ") for line in feed_labels("en").splitlines()]
    said = {key: json.loads(text) for key, _, text in english}
    labels = {key: f"«{key[5:]}»" + "".join(re.findall(r"\{\w+\}", text)) for key, text in said.items()}
    lines = "".join(f"{key}: '{text}'\n" for key, text in labels.items())
    project.file("themes/bare/locale/vi.yaml", f"count: '{{count}}'\n{lines}")
    site = (project.root / "site.yaml").read_text("utf-8")
    site = site.replace("en: ", "vi: ").replace("Test digest", "X").replace("locales: [en]", "locales: [vi]")
    project.file("site.yaml", site)
    project.article(
        "vi",
        lang="vi",
        title="T",
        source="{name: P, url: 'https://p.example/', archived: 'https://a.example/'}",
        corrections="[{at: 2026-07-05, text: C}]",
        generated="{title: ai, summary: mixed, text: ai, translation: human}",
        reviewed="{by: E}",
    )
    project.built()
    found = all_feeds(project)
    for name in NAMES:
        item = next(item for item in items(found[name]) if item["title"] == "T")
        summary = "«machine»«title»«space»«reviewed»E«space»«reviewed_mixed_summary»What happened."
        assert item["summary"] == summary
        html = item["content_html"].strip()
        assert html.startswith(
            f'<p lang="vi">{summary}</p>\n'
            '<p lang="vi">«machine»«title»«comma»«text»«space»«mixed»«summary»«space»«reviewed»E</p>\n'
        )
        assert html.endswith(
            '<p lang="vi">«source»<a href="https://p.example/">P</a> (<a href="https://a.example/">«archived»</a>)«stop»</p>'
        )
        (notice,) = items(found[f"corrections/{name}"])
        assert notice["title"] == "«correction»T"
    assert found["importance/4/feed.json"]["title"] == "X · «importance»4"
    assert found["corrections/feed.json"]["title"] == "X · «corrections»"
    lists = project.page("feeds.opml")
    for key in ("whole", "topics", "countries", "pairs", "crossings", "sources", "perspectives", "languages", "feeds"):
        assert f"«{key}»" in lists
    english_item = next(item for item in items(found["feed.json"]) if item["title"] == "N3")
    assert "Source:" in english_item["content_html"], "an item speaks the language of its article"
    assert '<p lang="en">Source:' in english_item["content_html"]
    project.file("themes/bare/locale/en.yaml", BARE["locale/en.yaml"].replace("feed_stop", "feed_other"))
    project.built()
    english_item = next(item for item in items(all_feeds(project)["feed.json"]) if item["title"] == "N3")
    assert '<p lang="vi">«source»' in english_item["content_html"], "all words of a language, or none"


# --- lists of feeds ---------------------------------------------------------------------------------------------------


def outlines(text: str) -> list[str]:
    return re.findall(r'xmlUrl="https://test\.example/([^"]*)"', text)


def test_lists_of_feeds_name_every_feed_and_no_other(project: Project) -> None:
    digest(project)
    project.built()
    paths = {path.replace("â", "%C3%A2") for path in project.tree() if path.endswith("feed.xml")}
    everything = outlines(project.page("feeds.opml"))
    assert len(everything) == len(set(everything))
    assert set(everything) == paths
    assert set(outlines(project.page("topics/trade/feeds.opml"))) == {
        path for path in paths if path.startswith("topics/trade/")
    }
    assert set(outlines(project.page("countries/vn/feeds.opml"))) == {
        *("countries/vn/feed.xml", "countries/cn/vn/feed.xml", "topics/trade/vn/feed.xml")
    }
    assert re.findall(r'^<outline text="([^"]*)">$', project.page("feeds.opml"), re.MULTILINE) == [
        *("The digest", "Topics", "Countries", "Relations", "Topics in a country", "Sources", "Perspectives"),
        "Languages",
    ]
    configure(project, "feeds: {formats: [json]}\n")
    project.built()
    assert outlines(project.page("feeds.opml"))[0] == "feed.json"


def test_the_head_of_a_page_names_its_own_feeds_first(project: Project) -> None:
    base = (project.root / "themes/bare/templates/base.html").read_text("utf-8")
    head = (
        "{% if page.head.feed %}{% for it in page.head.feed.formats %}"
        "<i>{{ it.name }} {{ it.key }} {{ it.href }}</i>{% endfor %}{% endif %}"
        "{% for it in site.feed.formats %}<b>{{ it.href }}</b>{% endfor %}</head>"
    )
    project.file("themes/bare/templates/base.html", base.replace("</head>", head))
    digest(project)
    project.built()
    for folder in ("topics/trade", "countries/vn", "countries/cn/vn"):
        text = project.page(f"{folder}/index.html")
        assert re.findall(r"<i>(.*?)</i>", text) == [
            f"RSS application/rss+xml /{folder}/feed.xml",
            f"Atom application/atom+xml /{folder}/atom.xml",
            f"JSON Feed application/feed+json /{folder}/feed.json",
        ]
        assert re.findall(r"<b>(.*?)</b>", text) == ["/feed.xml", "/atom.xml", "/feed.json"]


def test_feeds_of_combinations_are_small_by_default(project: Project) -> None:
    digest(project)
    configure(project, "feeds: {combination_formats: [rss], texts_of: [topics], pairs_from: 3, crossings_from: 3}\n")
    project.built()
    found = all_feeds(project)
    pairs = {path for path in found if path.startswith(("countries/cn/vn/", "topics/trade/vn/"))}
    assert pairs == {"countries/cn/vn/feed.xml", "topics/trade/vn/feed.xml"}
    assert "countries/cn/vn/feed.xml" in outlines(project.page("feeds.opml"))
    whole = {path for path in found if any(item.get("content_html") for item in items(found[path]))}
    assert whole == feeds_at("", "topics/trade", "topics/energy", "importance/4")
    for path in found.keys() - whole:
        assert all(item["summary"] for item in items(found[path]))
    before = project.tree()
    article = next(project.root.glob("content/**/n3.md"))
    article.write_bytes(article.read_bytes() + b"\nOne more sentence.\n")
    project.built()
    changed = {path for path, data in project.tree().items() if path in found and data != before[path]}
    assert changed == whole - feeds_at("topics/energy"), "a feed of summaries does not depend on texts"


def test_an_article_may_link_to_a_feed(project: Project) -> None:
    project.article("one", body="[a](/atom.xml) [b](/topics/trade/feed.json) [c](/feeds.opml)\n")
    project.built()
    project.article("one", body="[a](/topics/none/atom.xml)\n")
    assert codes(project.build()) == ["dead-link"]


@pytest.mark.slow
def test_a_feed_of_five_thousand_articles(project: Project) -> None:
    for number in range(5_000):
        day = datetime(2020, 1, 1, tzinfo=NOW.tzinfo) + timedelta(hours=number * 11)
        project.article(f"n{number:04}", title=f"N{number}", date=day.isoformat(), countries="[VN]")
    configure(project, "feeds: {items: 5000, bytes: 60000000, of: []}\ndata: [tables]\n")
    assert project.build(jobs=2).ok
    for name in NAMES:
        validate(name, project.tree()[name])
    found = all_feeds(project)
    for name in NAMES:
        assert [item["title"] for item in items(found[name])] == [f"N{number}" for number in range(4_999, -1, -1)]
        assert len({item["id"] for item in items(found[name])}) == 5_000
