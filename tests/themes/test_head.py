"""The head of a page: its address, its feed, what it is about, and all that as data."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import quote, unquote

import pytest

from sitegen.builder import BuildResult
from sitegen.util.cldr import open_graph_locale
from tests.example import pages
from tests.project import SITE, Project

CONTENT_SCHEMA: Final = {
    "WebSite": "url name alternateName description inLanguage publisher",
    "BreadcrumbList": "itemListElement",
    "ListItem": "position name item",
    "NewsArticle": (
        "url identifier headline description image inLanguage datePublished dateModified articleSection about "
        "isBasedOn digitalSourceType hasPart correction translationOfWork workTranslation publisher isPartOf "
        "mainEntityOfPage"
    ),
    "CreativeWork": "name url archivedAt inLanguage publisher digitalSourceType",
    "Dataset": "name description url inLanguage license creator publisher temporalCoverage distribution",
    "DataDownload": "name contentUrl encodingFormat",
    "WebPage": "reviewedBy lastReviewed",
    "CorrectionComment": "text datePublished inLanguage",
    "Country": "name url identifier",
    "Place": "name url",
    "Thing": "name url",
    "PropertyValue": "propertyID value",
    "Organization": "name url email",
    "Person": "name",
}
"""Properties that a type has, itself or from a type above it; schema.org 29, schemaorg-current-https-properties.csv."""
NEEDED: Final = "url headline inLanguage datePublished about isBasedOn publisher mainEntityOfPage"
"""What is always said of an article."""
SOURCES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
BASE: Final = "https://meridian.example/"


class _Head(HTMLParser):
    """Collects the elements of a head."""

    def __init__(self) -> None:
        super().__init__()
        self.titles: list[tuple[str, dict[str, str | None]]] = []
        self.metas: dict[str, str] = {}
        self.links: list[dict[str, str | None]] = []
        self.data: list[str] = []
        self._open: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        table = dict(attrs)
        self._open = tag
        if tag == "title":
            self.titles.append(("", table))
        elif tag == "link":
            self.links.append(table)
        elif tag == "meta":
            key = table.get("name") or table.get("property")
            assert key not in self.metas or key in {"theme-color", "og:locale:alternate"}, key
            if key:
                self.metas[key] = table.get("content") or ""
        elif tag == "script":
            assert table == {"type": "application/ld+json"}
            self.data.append("")

    def handle_endtag(self, _tag: str) -> None:
        self._open = None

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.titles[-1] = (self.titles[-1][0] + data, self.titles[-1][1])
        elif self._open == "script":
            self.data[-1] += data

    def rel(self, kind: str) -> list[dict[str, str | None]]:
        return [link for link in self.links if link.get("rel") == kind]


def head_of(text: str) -> _Head:
    found = _Head()
    found.feed(text.partition("</head>")[0] + "</head>")
    return found


def graph(text: str) -> list[dict[str, Any]]:
    """Return the structured data of a page."""
    (data,) = head_of(text).data
    whole = json.loads(data)
    assert list(whole) == ["@context", "@graph"]
    assert whole["@context"] == "https://schema.org"
    return list(whole["@graph"])


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Yield every node below a value."""
    if isinstance(value, dict):
        yield value
        for entry in value.values():
            yield from nodes(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from nodes(entry)


def check(node: dict[str, Any]) -> None:
    """Fail if a node has a property that its type lacks, or one without a value."""
    kind = node["@type"]
    assert not node.keys() - {"@type", "@id", *CONTENT_SCHEMA[kind].split()}, node
    for value in node.values():
        assert value not in (None, "", []), node


def is_shown(path: str, text: str) -> bool:
    """Whether a page is one that readers come to: no e-mail, no redirect, not the page for what is not there."""
    return not path.endswith(("email.html", "404.html")) and 'http-equiv="refresh"' not in text


def shown(example: BuildResult) -> dict[str, str]:
    return {path: text for path, text in pages(example).items() if is_shown(path, text)}


def test_every_page_says_what_it_is_and_where_it_stands(example: BuildResult) -> None:
    texts = shown(example)
    assert len(texts) > 700
    for path, text in texts.items():
        head = head_of(text)
        url = BASE + quote(path.removesuffix("index.html"))
        assert len(head.titles) == 1, path
        assert [link["href"] for link in head.rel("canonical")] == [url], path
        assert head.metas["og:url"] == url
        for key in ("description", "og:title", "og:description", "og:site_name", "og:type"):
            assert head.metas[key].strip(), (path, key)
        site = "メリディアン・イブニング" if path.startswith("ja/") else "Meridian Evening"
        assert head.metas["og:site_name"] == site
        title, attributes = head.titles[0]
        locales = ("ja_JP", "en_GB") if path.startswith("ja/") else ("en_GB", "ja_JP")
        assert (head.metas["og:locale"], head.metas["og:locale:alternate"]) == locales
        is_article = re.search(r"(^|/)articles/", path) is not None
        assert head.metas["og:type"] == ("article" if is_article else "website")
        if is_article:
            # A title's language is that of its beginning, the article's own; the site's name comes after.
            assert title == f"{head.metas['og:title']}{'｜' if path.startswith('ja/') else ' · '}{site}"
            assert f'<h1 lang="{attributes["lang"]}">' in text
        tongues = [(link["hreflang"], link["href"]) for link in head.rel("alternate") if "hreflang" in link]
        bare = quote(path.removeprefix("ja/").removesuffix("index.html"))
        assert tongues == [("en", BASE + bare), ("ja", f"{BASE}ja/{bare}"), ("x-default", BASE + bare)]


def test_each_page_has_a_description_of_its_own(example: BuildResult) -> None:
    described: dict[tuple[bool, str], list[str]] = {}
    for path, text in shown(example).items():
        key = (path.startswith("ja/"), head_of(text).metas["description"])
        described.setdefault(key, []).append(path)
    assert [paths for paths in described.values() if len(paths) > 1] == []


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en", "en_US"), ("en-GB", "en_GB"), ("zh-Hans", "zh_CN"), ("zh-Hant", "zh_TW"), ("tok", "tok")],
)
def test_the_locale_of_open_graph_has_a_territory(tag: str, expected: str) -> None:
    assert open_graph_locale(tag) == expected


def test_the_locale_of_open_graph_is_that_of_the_dates(project: Project) -> None:
    project.write(SITE.replace("theme: bare", "theme: default").replace("[en]", "[en, ja]") + "date_style: [en-GB]\n")
    project.built()
    assert head_of(project.page("index.html")).metas["og:locale"] == "en_GB"
    assert head_of(project.page("ja/index.html")).metas["og:locale:alternate"] == "en_GB"


def test_the_pages_own_feed_comes_first(example: BuildResult) -> None:
    for path, text in shown(example).items():
        alternates = head_of(text).rel("alternate")
        folder = "/" + quote(path.removesuffix("index.html"))
        own = (example.site / path).with_name("feed.xml").is_file()
        home = "/ja/" if path.startswith("ja/") else "/"
        first = folder if own else f"{home}editions/" if folder.startswith(f"{home}editions/") else home
        assert (alternates[0]["type"], alternates[0]["href"]) == ("application/rss+xml", f"{first}feed.xml"), path
        feeds = [link["href"] for link in alternates if "type" in link]
        assert len(feeds) == len(set(feeds)) == (3 if first in {"/", "/ja/"} else 6), path


def test_every_page_is_data_that_schema_org_knows(example: BuildResult) -> None:
    kinds = set()
    for path, text in shown(example).items():
        found = graph(text)
        for node in nodes(found):
            check(node)
            kinds.add(node["@type"])
        home = f"{BASE}ja/" if path.startswith("ja/") else BASE
        url = BASE + quote(path.removesuffix("index.html"))
        if found[0]["@type"] == "NewsArticle":
            assert not set(NEEDED.split()) - found[0].keys(), path
        if url == home:
            assert [node["@type"] for node in found] == ["WebSite"]
            assert found[0]["inLanguage"] == ("ja" if home.endswith("ja/") else "en")
            continue
        steps = found[-1]["itemListElement"]
        assert found[-1]["@type"] == "BreadcrumbList"
        assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
        assert (steps[0]["item"], steps[-1]["item"]) == (home, url), path
        for step in steps:
            assert (example.site / unquote(step["item"].removeprefix(BASE)) / "index.html").is_file(), (path, step)
        assert len({step["item"] for step in steps}) == len(steps) > 1, path
    assert kinds == set(CONTENT_SCHEMA)


def test_what_readers_do_not_look_for_says_nothing(example: BuildResult) -> None:
    for path, text in pages(example).items():
        if not is_shown(path, text):
            head = head_of(text)
            assert head.data == [], path
            assert head.metas["robots"] == "noindex", path


# --- an article -------------------------------------------------------------------------------------------------------


@pytest.fixture
def own(project: Project) -> Project:
    """Make a digest with the theme that comes with sitegen."""
    text = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", text.replace("theme: bare", "theme: default"))
    return project


def data_of(project: Project, path: str = "articles/one/index.html") -> dict[str, Any]:
    found = graph(project.page(path))[0]
    for node in nodes(found):
        check(node)
    return found


def test_an_article_that_records_everything(own: Project) -> None:
    own.article(
        "one",
        date="2026-07-03T09:30",
        updated="2026-07-04",
        topics="[energy, trade]",
        countries="[VN, ASEAN]",
        source="{name: Nhân Dân, url: 'https://a.example/x?y=1&z', lang: vi, archived: 'https://b.example/'}",
        reviewed="{by: A. Editor, at: 2026-07-05}",
        corrections="[{at: 2026-07-06, text: 'It was 3, not 2.'}]",
        body="Text.\n\n## 経済的影響\n\n円。\n",
    )
    own.built()
    found = data_of(own)
    assert found["headline"] == "A title"
    assert found["description"] == "What happened."
    assert found["inLanguage"] == ["en", "ja"], "that of title and text first, then those of its parts"
    assert found["datePublished"] == "2026-07-03T09:30:00+09:00"
    assert found["dateModified"] == "2026-07-06", "a correction is a change, too"
    assert found["isBasedOn"] == {
        "@type": "CreativeWork",
        "url": "https://a.example/x?y=1&z",
        "archivedAt": "https://b.example/",
        "inLanguage": "vi",
        "publisher": {"@type": "Organization", "name": "Nhân Dân"},
    }
    assert [(node["@type"], node["name"]) for node in found["about"]] == [
        ("Thing", "Energy"),
        ("Thing", "Trade"),
        ("Country", "Vietnam"),
        ("Place", "ASEAN"),
    ]
    assert found["about"][2]["identifier"]["value"] == "VN"
    assert found["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "It was 3, not 2.",
            "datePublished": "2026-07-06",
            "inLanguage": "en",
        }
    ]
    assert found["mainEntityOfPage"]["reviewedBy"] == {"@type": "Person", "name": "A. Editor"}
    assert found["mainEntityOfPage"]["lastReviewed"] == "2026-07-05"
    assert found["publisher"]["name"] == "Test digest"
    assert "digitalSourceType" not in found


def test_an_article_that_records_little(own: Project) -> None:
    own.article("one", countries="")
    own.built()
    found = data_of(own)
    assert not found.keys() & {"dateModified", "digitalSourceType", "hasPart", "correction", "author", "editor"}
    assert "url" not in found["isBasedOn"]
    assert found["mainEntityOfPage"].keys() == {"@type", "@id"}
    assert [node["@type"] for node in found["about"]] == ["Thing"]


@pytest.mark.parametrize(
    ("source", "is_own"), [("{name: TEST DIGEST}", True), ("{name: 試験}", True), ("{name: A Paper}", False)]
)
def test_a_text_of_the_digest_has_no_original_elsewhere(own: Project, source: str, is_own: bool) -> None:
    """The name of the digest may be written in any of its languages."""
    own.article("one", source=source)
    own.built()
    assert ("isBasedOn" not in data_of(own)) == is_own
    assert ("The address was not recorded" not in own.page("articles/one/index.html")) == is_own


PERSPECTIVE: Final = "Text.\n\n## 経済的影響\n\n円。\n"


@pytest.mark.parametrize(
    ("generated", "body", "whole", "parts"),
    [
        ("{title: ai, summary: ai, text: ai, analysis: ai}", PERSPECTIVE, "trainedAlgorithmicMedia", 0),
        ("{title: ai, summary: ai, text: ai}", "Text.\n", "trainedAlgorithmicMedia", 0),
        ("{title: human, summary: human, text: human}", "Text.\n", "digitalCreation", 0),
        (
            "{title: mixed, summary: mixed, text: mixed}",
            "Text.\n",
            "compositeWithTrainedAlgorithmicMedia",
            0,
        ),
        ("{title: human, summary: ai, text: mixed}", "Text.\n", "compositeSynthetic", 3),
        ("{summary: ai}", "Text.\n", "compositeSynthetic", 1),
        ("{title: ai, summary: ai, text: ai}", PERSPECTIVE, "compositeSynthetic", 3),
        ("{title: human}", "Text.\n", None, 1),
    ],
)
def test_who_made_what_is_said_in_the_words_of_the_iptc(
    own: Project, generated: str, body: str, whole: str | None, parts: int
) -> None:
    own.article("one", generated=generated, body=body)
    own.built()
    found = data_of(own)
    assert found.get("digitalSourceType") == (SOURCES + whole if whole else None)
    assert len(found.get("hasPart", [])) == parts
    if generated == "{summary: ai}":
        assert found["hasPart"] == [
            {
                "@type": "CreativeWork",
                "name": "Summary",
                "digitalSourceType": f"{SOURCES}trainedAlgorithmicMedia",
            }
        ]


def test_a_translation_and_its_original_know_each_other(own: Project) -> None:
    text = (own.root / "site.yaml").read_text("utf-8")
    own.file("site.yaml", text.replace("[en]", "[en, ja]"))
    own.article("one")
    front = "---\nid: one00000\ntitle: 題\nsummary: 要約。\n---\n\n訳文。\n"
    own.file("content/articles/2026/07/one.ja.md", front)
    own.built()
    (other,) = data_of(own)["workTranslation"]
    assert (other["headline"], other["url"]) == ("題", "https://test.example/ja/articles/one/")
    japanese = data_of(own, "ja/articles/one/index.html")
    assert japanese["inLanguage"] == "ja"
    assert japanese["translationOfWork"]["url"] == "https://test.example/articles/one/"
    assert "workTranslation" not in japanese


HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]> & &amp; <b>",
    'a "quoted" \\" \\\\ title',
    "it's \U0001f1fb\U0001f1f3 and \u202eback",
)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize("title", HOSTILE)
def test_nothing_that_is_written_ends_the_data(own: Project, title: str) -> None:
    own.article("one", title=quoted(title), summary=quoted(f"S {title}"))
    own.file("site.yaml", (own.root / "site.yaml").read_text("utf-8") + "typography: false\n")
    own.built()
    page = own.page("articles/one/index.html")
    found = data_of(own)
    assert (found["headline"], found["description"]) == (title, f"S {title}")
    assert page.count("<script") == page.count("</script>") == 1
    block = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert not re.search("[<>&'\u2028\u2029]", block)


# --- the open data ----------------------------------------------------------------------------------------------------


def test_the_page_of_the_open_data_is_a_data_set_that_can_be_cited(own: Project) -> None:
    site = (own.root / "site.yaml").read_text("utf-8").replace("[en]", "[en, ja]")
    settings = "publisher: {name: A & B, contact: a@b.example}\nlicense: https://example.org/licence/\n"
    own.file("site.yaml", f"{site}{settings}data: [tables]\n")
    own.article("one", date="2026-07-01T05:00")
    own.article("two", date="2026-07-03")
    own.built()
    page = own.page("data/index.html")
    publisher = {"@type": "Organization", "name": "A & B", "url": "https://test.example/", "email": "a@b.example"}
    found = data_of(own, "data/index.html")
    assert found.pop("distribution")[1] == {
        "@type": "DataDownload",
        "name": "articles.csv",
        "contentUrl": "https://test.example/data/articles.csv",
        "encodingFormat": "text/csv",
    }
    assert len(found.pop("description")) >= 50, "the least that Google accepts"
    assert found == {
        "@type": "Dataset",
        "name": "Test digest: open data",
        "url": "https://test.example/data/",
        "inLanguage": "en",
        "license": "https://example.org/licence/",
        "creator": publisher,
        "publisher": publisher,
        "temporalCoverage": "2026-07-01/..",
    }
    line = "Test digest: open data; A &amp; B; https://test.example/data/; https://example.org/licence/"
    assert line in page
    assert "(ISO 8601, in the time zone Asia/Tokyo)" in page
    assert len(data_of(own, "ja/data/index.html")["description"]) >= 50
    own.article("three", date="2026-07-05")
    assert "data/index.html" not in own.built().counts.written, "a new article does not change the page"
