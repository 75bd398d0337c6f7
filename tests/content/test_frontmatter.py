"""Front matter: written values are read again unchanged, whatever they contain."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sitegen.config.model import LocalizedText
from sitegen.config.readers import AUTHORS, GENERATED_PARTS
from sitegen.content import articles, frontmatter
from sitegen.content.documents import read_document
from sitegen.content.frontmatter import (
    ArticleSource,
    Correction,
    FrontMatter,
    ImportInfo,
    Review,
)
from sitegen.content.slugs import alias_problem, slug_problem
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.util.dates import Instant, PartialDate, parse_partial_date
from sitegen.yaml_source.nodes import Mapping, decode, parse_yaml, strip_forbidden
from tests.content.parsing import CONTENT_SCHEMA, PATH
from tests.project import Project, article, only

TOKYO: Final = timezone(timedelta(hours=9))

MINIMAL: Final = FrontMatter(
    id="7b0c9e46f1b951a0",
    title="A title",
    date=PartialDate(date(2026, 7, 3)),
    lang="en",
    topics=("trade",),
    importance=3,
    source=ArticleSource("A Paper"),
    summary="What happened.",
)

FULL: Final = FrontMatter(
    id="7b0c9e46f1b951a0",
    title="Vietnam: 5% more – 「越南」は “fast”",
    date=PartialDate(date(2026, 7, 3), Instant(2026, 7, 3, 9, tzinfo=TOKYO)),
    updated=PartialDate(date(2026, 7, 5), Instant(2026, 7, 5, 9, 0, 30)),
    lang="no",
    topics=("trade", "energy"),
    countries=("NO", "ASEAN"),
    importance=5,
    source=ArticleSource("Nhan Dan", "https://example.org/a?b=c#d", "vi", "https://b.example/1", "en"),
    summary="He said: yes # or no.",
    generated=(("summary", "ai"), ("analysis", "mixed")),
    reviewed=Review("A. Editor", PartialDate(date(2026, 7, 5))),
    slug="007",
    draft=True,
    publish=PartialDate(date(2026, 7, 6)),
    expire=PartialDate(date(2027, 1, 1), Instant(2027, 1, 1, tzinfo=UTC)),
    aliases=("/2026/07/old-name/", "/古い/"),
    follows="/articles/2026/06/first.md",
    corrections=(
        Correction(PartialDate(date(2026, 7, 6)), LocalizedText((("no", "Not 4%, but 5%: sorry."),))),
        Correction(PartialDate(date(2026, 7, 7)), LocalizedText((("en", "No."), ("ja", "いいえ。"))), 2),
    ),
    imported=ImportInfo("page.txt", "0" * 64, "text", PartialDate(date(2026, 7, 3)), "f" * 64),
    extra={
        "on": True,
        "null": None,
        "numbers": [1, -2, 0.5, "1.0", "0x1f", "1e3"],
        "nested": {"list": [[], ["a"], {}], "text": "two\nlines ", "日本": ""},
    },
)

FULL_TEXT: Final = """\
---
id: 7b0c9e46f1b951a0
title: 'Vietnam: 5% more – 「越南」は “fast”'
date: 2026-07-03T09:00+09:00
updated: 2026-07-05T09:00:30
lang: 'no'
topics: [trade, energy]
countries: ['NO', ASEAN]
importance: 5
source: {name: Nhan Dan, url: 'https://example.org/a?b=c#d', lang: vi, archived: 'https://b.example/1', name_lang: en}
summary: 'He said: yes # or no.'
generated: {summary: ai, analysis: mixed}
reviewed: {by: A. Editor, at: 2026-07-05}
slug: '007'
draft: true
publish: 2026-07-06
expire: 2027-01-01T00:00+00:00
aliases: [/2026/07/old-name/, /古い/]
follows: /articles/2026/06/first.md
corrections:
- {at: 2026-07-06, text: 'Not 4%, but 5%: sorry.'}
- at: 2026-07-07
  text: {en: No., ja: いいえ。}
"""


def loaded(text: str) -> FrontMatter:
    """Read a whole file as articles are read, down to the front matter."""
    diagnostics = Diagnostics()
    source = decode(PATH, text.encode(), diagnostics)
    assert source is not None, diagnostics.sorted()
    parts = articles.split_front_matter(source, diagnostics)
    assert parts is not None, diagnostics.sorted()
    node = parse_yaml(source, parts[0], diagnostics, first_line=2)
    assert isinstance(node, Mapping), diagnostics.sorted()
    front = frontmatter.load(node, CONTENT_SCHEMA, diagnostics)
    assert front is not None, diagnostics.sorted()
    assert {item.code for item in diagnostics} <= {"unread-syntax"}, diagnostics.sorted()
    assert parts[1].strip() == "Body."
    return front


# --- whole values -----------------------------------------------------------------------------------------------------

_WORDS: Final = """\
no yes on off y n NO True FALSE null ~ Null .nan .inf -.inf 0 007 0o7 0x1F 0b1 1_000 1:30 190:20:30 1e3 1.5 +1 -0
2026-07-03 2026-07-03T09:00 << = ! & * - -- --- ... ? : # , [ ] { } | > @ ` ' " % \\ \\n ${x} {{x}} !!str &a *a
a:b a: :a a# #a 'a' "a" [a] {a} -a ?a 🇻🇳 👩‍👩‍👧 「重要」 ：全角
１２ １．５ é e\u0301 \ufeffa \u200b \u202e \U0010ffff
"""
_TRICKY: Final = (
    *_WORDS.split(),
    "a: b",
    "a #b",
    "- a",
    "? a",
    "'",
    "it's",
    '"q" end',
    "a\\",
    "a: ",
    "[a, b]",
    "{a: b}",
    "--- a",
    "日本: 語 # 注",
)

_CHARACTERS = st.characters(exclude_categories=["Cs"]).filter(
    lambda char: strip_forbidden(char) == char and char != "\r"
)
RAW: Final = st.one_of(st.sampled_from(_TRICKY), st.text(_CHARACTERS, max_size=30))
"""Any text that a file can carry."""
TEXT: Final = RAW.map(lambda text: " ".join(text.split())).filter(bool)
"""Any text as the schema reads it: one line, something in it."""

_ZONES: Final[st.SearchStrategy[Any]] = st.one_of(
    st.none(), st.just(UTC), st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)


def stamps(first: int, last: int) -> st.SearchStrategy[PartialDate]:
    """Return days, times without a zone, and instants, from year to year."""
    days = st.dates(date(first, 1, 2), date(last, 12, 30)).map(PartialDate)
    moments = st.datetimes(datetime(first, 1, 2), datetime(last, 12, 30), timezones=_ZONES)  # noqa: DTZ001 - bounds
    return days | moments.map(lambda moment: moment.replace(microsecond=0, fold=0)).map(
        lambda m: PartialDate(m.date(), Instant.of(m))
    )


_INTEGERS: Final = st.integers(-(10**18) + 1, 10**18 - 1)
_FLOATS: Final = st.floats(allow_nan=False, allow_infinity=False)
_EXTRA: Final = st.recursive(
    st.none() | st.booleans() | _INTEGERS | _FLOATS | RAW,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(RAW, inner, max_size=3),
    max_leaves=8,
)

_URLS: Final = st.sampled_from(["https://example.org/", "http://例え.jp/?q=#x", "https://a.b/c:d,e[f]{g}'h!*&%20@"])
_LANGUAGES: Final = st.sampled_from(["en", "ja", "no", "zh-Hant", "es-419"])
_HEX: Final = st.text("0123456789abcdef", min_size=64, max_size=64) | st.sampled_from(["0" * 64, "1e" + "0" * 62])
_IDS: Final = st.from_regex(r"[0-9a-z][0-9a-z-]{7,20}", fullmatch=True) | st.sampled_from(
    ["12345678", "1e345678", "0123456701"]
)
_SLUGS: Final = st.sampled_from(["007", "no", "null", "a-b", "日本", "1e5", "2026-07-03", "0x1f"])
_ALIASES: Final = st.sampled_from(["/old/", "/2026/07/a.html", "/日本/", "/a, b'c/", "/[a]/{b}/", "/!&@`/"]).filter(
    lambda alias: alias_problem(alias) is None
)
_PARTS: Final = st.dictionaries(st.sampled_from(GENERATED_PARTS), st.sampled_from(AUTHORS)).map(
    lambda table: tuple((part, table[part]) for part in GENERATED_PARTS if part in table)
)

FRONTS: Final = st.builds(
    FrontMatter,
    id=_IDS,
    title=TEXT,
    date=stamps(1800, 2000),
    lang=_LANGUAGES,
    topics=st.lists(st.sampled_from(["trade", "energy"]), min_size=1, unique=True).map(tuple),
    importance=st.integers(1, 5),
    source=st.builds(
        ArticleSource, TEXT, st.none() | _URLS, st.none() | _LANGUAGES, st.none() | _URLS, st.none() | _LANGUAGES
    ),
    summary=TEXT,
    updated=st.none() | stamps(2001, 2100),
    countries=st.lists(st.sampled_from(["NO", "VN", "ASEAN"]), unique=True).map(tuple),
    generated=_PARTS,
    reviewed=st.none() | st.builds(Review, TEXT, st.none() | stamps(1000, 9998)),
    slug=st.none() | _SLUGS,
    draft=st.booleans(),
    publish=st.none() | stamps(1000, 2000),
    expire=st.none() | stamps(2001, 2100),
    aliases=st.lists(_ALIASES, max_size=3).map(tuple),
    follows=st.none() | TEXT,
    corrections=st.lists(st.tuples(stamps(2001, 9998), TEXT), max_size=2).map(
        lambda rows: tuple(
            Correction(at, LocalizedText((("ja", text), ("en", text))), number)
            for number, (at, text) in enumerate(rows, 1)
        )
    ),
    imported=st.none() | st.builds(ImportInfo, TEXT, _HEX, TEXT, stamps(1000, 9998), _HEX),
    extra=st.none() | st.dictionaries(RAW, _EXTRA, max_size=4),
)


def test_the_strategies_make_slugs_that_are_slugs() -> None:
    assert [slug_problem(slug) for slug in ("007", "no", "null", "日本", "0x1f")] == [None] * 5


@settings(max_examples=300, deadline=None)
@given(FRONTS)
@example(MINIMAL)
@example(FULL)
def test_what_was_written_is_read_as_it_was(front: FrontMatter) -> None:
    text = articles.serialize_article(front, "Body.")
    again = loaded(text)
    assert again == front
    assert repr(again.extra) == repr(front.extra)  # 1, 1.0 and True are equal, and not the same
    assert articles.serialize_article(again, "Body.") == text
    with pytest.MonkeyPatch.context() as without_libyaml:
        without_libyaml.setattr(frontmatter, "_LibyamlDumper", yaml.SafeDumper)
        assert articles.serialize_article(front, "Body.") == text


@settings(max_examples=200, deadline=None)
@given(TEXT)
@pytest.mark.parametrize("key", ["title", "summary", "source", "reviewed", "correction", "imported"])
def test_text_survives_wherever_it_stands(key: str, text: str) -> None:
    values: dict[str, dict[str, Any]] = {
        "title": {"title": text},
        "summary": {"summary": text},
        "source": {"source": ArticleSource(text)},
        "reviewed": {"reviewed": Review(text)},
        "correction": {
            "corrections": (Correction(PartialDate(date(2026, 7, 6)), LocalizedText(((MINIMAL.lang, text),))),)
        },
        "imported": {"imported": ImportInfo(text, "0" * 64, text, PartialDate(date(2026, 7, 3)), "f" * 64)},
    }
    front = FrontMatter(**({name: getattr(MINIMAL, name) for name in FrontMatter.__struct_fields__} | values[key]))
    assert loaded(articles.serialize_article(front, "Body.")) == front


@pytest.mark.parametrize(
    "written", ["2026-07-05", "2026-07-05T09:00", "2026-07-05T09:00:30", "2026-07-05T09:00:30+09:00"]
)
def test_times_are_written_so_that_they_are_read_everywhere(written: str) -> None:
    at = parse_partial_date(written)
    assert at is not None
    values = {name: getattr(MINIMAL, name) for name in FrontMatter.__struct_fields__} | {
        "updated": at,
        "publish": at,
        "expire": at,
        "reviewed": Review("A. Editor", at),
        "corrections": (Correction(at, LocalizedText(((MINIMAL.lang, "No."),))),),
        "imported": ImportInfo("a", "0" * 64, "text", at, "0" * 64),
    }
    front = FrontMatter(**values)
    assert loaded(articles.serialize_article(front, "Body.")) == front


@pytest.mark.parametrize(
    "number",
    ["0.5", "-0.0", "1.0", "0.00001", "123456789012345678901.5", "100000000000000000.0", "999999999999999999", "-0"],
)
def test_numbers_of_extra_are_stable(number: str) -> None:
    front = loaded(article(extra=f"{{a: {number}}}", body="Body."))
    assert front.extra is not None
    value = front.extra["a"]
    assert isinstance(value, int | float)
    assert repr(loaded(articles.serialize_article(front, "Body.")).extra) == repr(front.extra)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("NO", "NO"),
        ("on", "on"),
        ("True", "True"),
        ("true", True),
        ("'true'", "true"),
        ("null", None),
        ("~", None),
        ("'~'", "~"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2026-07-03", "2026-07-03"),
        ("1e3", "1e3"),
        ("1e999", "1e999"),
        (".5", ".5"),
        ("12", 12),
        ("'12'", "12"),
        ("-1.25", -1.25),
        ("１２", "１２"),
        ("1２", "1２"),
        ("1.２", "1.２"),
        ("9999999999999999999999", "9999999999999999999999"),
        ("[1, [a, {b: no}]]", [1, ["a", {"b": "no"}]]),
    ],
)
def test_extra_is_read_as_json_means_it(written: str, value: object) -> None:
    front = loaded(article(extra=f"{{a: {written}}}", body="Body."))
    assert front.extra is not None
    found = front.extra["a"]
    assert (found, type(found)) == (value, type(value))


def test_full_front_matter_is_written_like_this() -> None:
    text = articles.serialize_article(FULL, "Body.")
    head, _, rest = text.partition("imported:")
    assert head == FULL_TEXT
    assert rest.startswith(" {name: page.txt, sha256: '000")
    assert rest.endswith("---\n\nBody.\n")
    assert loaded(text) == FULL


def test_least_front_matter_is_written_like_this() -> None:
    assert articles.serialize_article(MINIMAL, "\n\nBody.\n\n\n") == (
        "---\nid: 7b0c9e46f1b951a0\ntitle: A title\ndate: 2026-07-03\nlang: en\ntopics: [trade]\nimportance: 3\n"
        "source: {name: A Paper, url: null}\nsummary: What happened.\n---\n\nBody.\n"
    )


def test_an_empty_extra_is_kept() -> None:
    front = loaded(article(extra="{}", body="Body."))
    assert front.extra == {}
    assert "extra: {}" in articles.serialize_article(front, "Body.")


# --- attacks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "escape", [r"\0", r"\a", r"\b", r"\e", r"\v", r"\f", r"\x1f", r"\uFFFE", r"\uFFFF", r"\x7f", r"\x80"]
)
@pytest.mark.parametrize("key", ["title", "summary", "source"])
def test_escapes_of_yaml_bring_no_character_that_feeds_cannot_carry(key: str, escape: str) -> None:
    written = f'"a{escape}b"' if key != "source" else f'{{name: "a{escape}b", url: null}}'
    read = read_document(PATH, article(**{key: written}).encode(), CONTENT_SCHEMA)[0]
    if read.article is None:
        assert any(item.location.line > 1 for item in read.diagnostics), read.diagnostics
        return
    front = read.article.front
    for text in (front.title, front.summary, front.source.name):
        assert strip_forbidden(text) == text


@pytest.mark.parametrize(
    "changes",
    [
        {"date": "0001-01-01"},
        {"date": "0001-01-01T00:00+14:00"},
        {"date": "9999-12-31"},
        {"date": "2026-07-03", "expire": "9999-12-31T23:59:59-12:00"},
        {"date": "2026-07-03", "expire": "9999-12-31T23:59:59Z"},
        {"date": "2026-07-03", "updated": "9999-12-31T23:59:59Z"},
        {"date": "2026-07-03", "publish": "9999-12-31T23:59:59Z"},
    ],
)
def test_the_ends_of_the_calendar_are_no_crash(project: Project, changes: dict[str, str]) -> None:
    """Either the article is shown or held back, or its date is an error with its place."""
    project.article("one", **changes)
    result = project.build()
    if not result.ok:
        assert only(result, "bad-date").location.line > 1


@pytest.mark.parametrize("key", ["slug", "id", "aliases"])
def test_paths_cannot_be_smuggled_in(key: str) -> None:
    for bad in (
        "../../etc",
        "a/b",
        "a%2fb",
        "..",
        ".",
        "a\\b",
        "/../x/",
        "//x/",
        "/a/../b/",
        "/a//b/",
        "/a?b/",
        "/a#b/",
    ):
        value = f"['{bad}']" if key == "aliases" else f"'{bad}'"
        read = read_document(PATH, article(**{key: value}).encode(), CONTENT_SCHEMA)[0]
        code = {"slug": "bad-slug", "id": "bad-id", "aliases": "bad-alias"}[key]
        assert [item.code for item in read.diagnostics] == [code], bad


def test_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    text = articles.serialize_article(FULL, "Body.\n\nMore.")
    want, want_body = read_document(PATH, text.encode(), CONTENT_SCHEMA)
    assert want.article is not None, want.diagnostics
    for data in (
        text.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("\n", "\r").encode(),
    ):
        got, got_body = read_document(PATH, data, CONTENT_SCHEMA)
        assert got.article is not None
        assert (got.article.front, got_body) == (want.article.front, want_body)


def test_the_example_of_the_documentation_is_read() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "reference" / "front-matter.md").read_text("utf-8")
    text = docs.split("```markdown\n", 1)[1].split("```", 1)[0]
    content_schema = type(CONTENT_SCHEMA)(("technology",), ("VN", "CN"), CONTENT_SCHEMA.perspectives, "Asia/Tokyo")
    read, body = read_document(PATH, text.encode(), content_schema)
    assert read.article is not None
    assert body is not None
    assert not read.diagnostics
    assert [section.key for section in body.sections] == [None, "economic"]
    assert frontmatter.dump(read.article.front) == text.split("---\n")[1]


def test_every_key_of_the_documentation_is_a_field() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "reference" / "front-matter.md").read_text("utf-8")
    rows = [line.split("`")[1] for line in docs.split("\n## Text")[0].splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(FrontMatter.__struct_fields__)


def test_a_source_places_by_offset() -> None:
    assert SourceText("a", "one\ntwo").location_at(5).column == 2


@pytest.mark.parametrize(
    ("name", "lang", "original", "expected"),
    [
        ("Ministry of Commerce of China", "en", "zh", "en"),
        ("Ministry of Commerce of China", "ja", "zh", "en"),
        ("Cabinet Secretariat of Japan", "en", "ja", "en"),
        ("Nhân Dân", "en", "vi", "vi"),
        ("Nhan Dan", "ja", "vi", "vi"),
        ("The Nation’s Paper", "en", "fr", "en"),
        ("韓国中央選挙管理委員会", "ja", "ko", "ja"),
        ("商务部", "en", "zh-Hans", "zh-Hans"),
        ("中央社", "en", "zh-TW", "zh-TW"),
        ("商务部", "en", "en", "zh"),
        ("NHK日本放送協会のニュース", "en", "en", "ja"),
        ("한겨레", "ja", "en", "ko"),
        ("Казинформ", "en", "kk", "kk"),
        ("24.kg", "ja", "ky", "en"),
        ("24", "ja", "ky", "ja"),
    ],
)
def test_the_language_of_a_source_name_is_one_that_has_its_letters(
    name: str, lang: str, original: str, expected: str
) -> None:
    front = replace(MINIMAL, source=ArticleSource(name, lang=original), lang=lang)
    assert front.source_name_lang(()) == expected
    stated = replace(front, source=ArticleSource(name, lang=original, name_lang="de"))
    assert stated.source_name_lang(()) == "de"


@pytest.mark.parametrize(
    ("name", "expected"), [("日本経済新聞", "ja"), ("人民日报", "zh"), ("The Paper", "en"), ("中央社", "ja")]
)
def test_a_source_name_in_kanji_is_in_a_language_of_the_site(name: str, expected: str) -> None:
    front = replace(MINIMAL, source=ArticleSource(name, lang="en"), lang="en")
    assert front.source_name_lang(("en", "ja")) == expected


def test_the_code_of_a_country_is_not_a_language(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("{en: Trade, ja: 貿易}", "{en: Trade, jp: 貿易}"))
    project.article("one", lang="jp", source="{name: A Paper, url: null, lang: cz}")
    project.article("two", body="## 影響 {lang=vn}\n\nText.")
    found = [item for item in project.build().diagnostics if item.code == "unknown-language"]
    assert {(item.location.path[-9:], item.location.line, item.suggestion) for item in found} == {
        ("site.yaml", 9, "ja"),
        ("07/one.md", 5, "ja"),
        ("07/one.md", 9, "cs"),
        ("07/two.md", 13, "vi"),
    }


_WITH_MARKUP: Final = (
    *("Can&#8217;t wrap", "A &mdash; B", "An <em>old</em> form", "One<br>two", "The `this` value", "**New** form"),
    *("The [form](https://example.org/)", "A {{ name }}", "{% include a %}"),
)
_PLAIN: Final = (
    "AT&T; R&D",
    "MV* and O*NET",
    "The <video> element",
    "5 < 6 > 4",
    "C# & F#",
    "[sic] (see below)",
    "a ` b",
)


@pytest.mark.parametrize("key", ["title", "summary"])
@pytest.mark.parametrize("value", [*_WITH_MARKUP, *_PLAIN])
def test_markup_in_plain_text_is_a_warning(key: str, value: str) -> None:
    source = article(**{key: f"'{value}'"})
    read, _ = read_document(PATH, source.encode(), CONTENT_SCHEMA)
    assert read.article is not None
    found = [item for item in read.diagnostics if item.code == "unread-syntax"]
    assert bool(found) == (value in _WITH_MARKUP)
    for item in found:
        assert source.split("\n")[item.location.line - 1].startswith(f"{key}: ")
        assert item.hint
