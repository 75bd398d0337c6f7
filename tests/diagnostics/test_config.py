"""Errors in site.yaml: they are located there and cause no errors in articles."""

import pytest

from tests.diagnostics.cases import SITE_YAML, VALID, BuiltDigest, Expected, X
from tests.project import article


def changed(old: str, new: str) -> str:
    """Return the test digest's site.yaml with one change."""
    assert SITE_YAML.count(old) == 1
    return SITE_YAML.replace(old, new)


def expect(code: str, line: int, column: int | None, message: str, nearest: str | None = None) -> Expected:
    return Expected(code, line, column, message, nearest, "site.yaml")


# Lines: title 1, base_url 2, authority 3, timezone 4, locales 5, theme 6, topics 7 (trade 8, energy 9), countries 10.

URL = "expected https://, a host and an optional path"
TITLE = "title: {en: Test digest, ja: 試験}"
BASE = "https://test.example/"

WRONG: dict[str, tuple[str | bytes, Expected]] = {
    "empty": ("", expect("config-empty", 1, 0, "site.yaml is empty")),
    "only a comment": ("# nothing\n", expect("config-empty", 1, 0, "site.yaml is empty")),
    "a list": ("- title\n", expect("wrong-type", 1, 1, "must be a mapping")),
    "broken": (changed("topics:\n", "topics:\n\ttech: x\n"), expect("yaml-syntax", 9, 1, "unexpected tab")),
    "not UTF-8": (SITE_YAML.encode().replace("試".encode(), b"\x8e"), expect("not-utf-8", 1, 30, "byte 0x8e")),
    "conflict of git": (
        changed(TITLE, f"<<<<<<< HEAD\n{TITLE}\n=======\ntitle: Digest\n>>>>>>> other"),
        expect("merge-conflict", 1, 1, "git could not merge"),
    ),
    "too large": (SITE_YAML + "# pad\n" * 50_000, expect("yaml-too-large", 1, 1, "at most 262,144 are allowed")),
    "nested": (SITE_YAML + "tagline: " + "[" * 50_000, expect("yaml-depth", 13, None, "nested deeper than 16")),
    "unknown key": (changed("timezone:", "time_zone:"), expect("unknown-key", 4, 1, "'time_zone'", "timezone")),
    "duplicate key": (changed("theme: bare", "locales: [ja]"), expect("duplicate-key", 6, 1, "first in line 5")),
    "no title": (changed(f"{TITLE}\n", ""), expect("missing-key", 1, 1, "'title' is missing")),
    "title: null": (changed(TITLE, "title:"), expect("missing-key", 1, 1, "'title' is empty")),
    "title: empty": (changed(TITLE, 'title: ""'), expect("missing-key", 1, 8, "'title' is empty")),
    "title: no language": (changed(TITLE, "title: {}"), expect("missing-key", 1, 8, "'title' is empty")),
    "title: a list": (changed(TITLE, "title: [a]"), expect("wrong-type", 1, 8, "text, or a mapping of languages")),
    "title: no language tag": (changed(TITLE, "title: {english: A}"), expect("bad-language", 1, 9, "'english'")),
    "no base_url": (changed(f"base_url: {BASE}\n", ""), expect("missing-key", 1, 1, "'base_url' is missing")),
    "base_url: no scheme": (changed(BASE, "test.example"), expect("bad-base-url", 2, 11, URL)),
    "base_url: ftp": (changed(BASE, "ftp://test.example/"), expect("bad-base-url", 2, 11, URL)),
    "base_url: javascript": (changed(BASE, "javascript:alert(1)"), expect("bad-base-url", 2, 11, URL)),
    "base_url: no host": (changed(BASE, "https:///path/"), expect("bad-base-url", 2, 11, URL)),
    "base_url: a query": (changed(BASE, "https://a.example/?x=1"), expect("bad-base-url", 2, 11, URL)),
    "base_url: a password": (
        changed(BASE, "https://u:p@a.example/"),
        expect("secret-in-config", 2, 11, "password"),
    ),
    "base_url: a port of letters": (changed(BASE, "https://a.example:http/"), expect("bad-base-url", 2, 11, URL)),
    "base_url: half an IPv6": (changed(BASE, "'https://[::1/'"), expect("bad-base-url", 2, 11, URL)),
    "base_url: a blank in the host": (changed(BASE, "https://a b.example/"), expect("bad-base-url", 2, 11, "a b.ex")),
    "base_url: markup in the host": (changed(BASE, "https://a<b>.example/"), expect("bad-base-url", 2, 11, "a<b>")),
    "base_url: a blank in the path": (changed(BASE, "https://a.example/b c/"), expect("bad-base-url", 2, 11, "b c")),
    "base_url: a list": (changed(BASE, "[a]"), expect("wrong-type", 2, 11, "expected a single value")),
    "publisher: no contact": (
        changed("theme: bare", "theme: bare\npublisher: {name: A}"),
        expect("missing-key", 7, 12, "'contact' is missing"),
    ),
    "publisher: not a contact": (
        changed("theme: bare", "theme: bare\npublisher: {name: A, contact: editor at a.example}"),
        expect("bad-contact", 7, 31, "expected an e-mail address, or an address that begins with https://"),
    ),
    "publisher: a wrong address": (
        changed("theme: bare", "theme: bare\npublisher: {name: A, contact: 'https://'}"),
        expect("bad-url", 7, 31, "'contact'"),
    ),
    "license: a name": (
        changed("theme: bare", "theme: bare\nlicense: CC BY"),
        expect("bad-url", 7, 10, "'CC BY'; expected an address that begins with https://"),
    ),
    "date_style: an underscore": (
        changed("theme: bare", "theme: bare\ndate_style: en_GB"),
        Expected("bad-date-style", 7, 13, "'en_GB'", path="site.yaml", hint="date_style: en-GB"),
    ),
    "publisher: text": (changed("theme: bare", "theme: bare\npublisher: A"), expect("wrong-type", 7, 12, "a mapping")),
    "publisher: unknown key": (
        changed("theme: bare", "theme: bare\npublisher: {name: A, contact: a@b.example, mail: x}"),
        expect("unknown-key", 7, 44, "'mail'"),
    ),
    "authority": (changed("test.example,2026", "Test"), expect("bad-authority", 3, 12, "a host of yours and a year")),
    "authority: wide digits": (
        changed("test.example,2026", "'test.example,２０２６'"),
        expect("bad-authority", 3, 12, "a host of yours and a year"),
    ),
    "timezone": (
        changed("Asia/Tokyo", "Asia/Tokio"),
        expect("unknown-timezone", 4, 11, "'Asia/Tokio' is not a time zone", "Asia/Tokyo"),
    ),
    "timezone: a path": (
        changed("Asia/Tokyo", "../../etc/passwd"),
        expect("unknown-timezone", 4, 11, "is not a time zone"),
    ),
    "locale: a name": (changed("[en]", "[english]"), expect("bad-language", 5, 11, "'english' is not a language tag")),
    "locale: twice": (changed("[en]", "[en, en]"), expect("duplicate-value", 5, 15, "'en' is listed twice")),
    "locales: a word": (changed("[en]", "en"), expect("wrong-type", 5, 10, "expected a list")),
    "theme: a path": (
        changed("theme: bare", "theme: ../bare"),
        expect("bad-theme", 6, 8, "expected the name of a folder"),
    ),
    "no topics": (SITE_YAML.split("topics:")[0], expect("missing-key", 1, 1, "'topics' is missing")),
    "topics: none": (SITE_YAML.split("topics:")[0] + "topics: {}\n", expect("missing-key", 8, 9, "'topics' is empty")),
    "topics: a list": (
        SITE_YAML.split("topics:")[0] + "topics: [trade]\n",
        expect("wrong-type", 8, 9, "expected a mapping of keys to names"),
    ),
    "topic key: a name": (
        changed("  trade:", "  Trade News:"),
        expect("bad-key", 9, 3, "'Trade News' cannot be a key"),
    ),
    "topic key: a path": (changed("  trade:", "  ../x:"), expect("bad-key", 9, 3, "'../x' cannot be a key")),
    "topic key: a month": (changed("  trade:", "  2026-07:"), expect("bad-key", 9, 3, "'2026-07' cannot be a key")),
    "topic twice": (
        changed("  energy:", "  trade:"),
        expect("duplicate-key", 10, 3, "duplicate key 'trade'; first in"),
    ),
    "ambiguous label": (
        changed("{en: Energy, ja: エネルギー}", "{en: Energy, ja: 貿易}"),
        expect("ambiguous-label", 10, None, "the label '貿易' belongs to both 'trade' and 'energy'"),
    ),
    "ambiguous label, folded": (
        changed("{en: Energy, ja: エネルギー}", "{en: Energy, aliases: [Power, ＴＲＡＤＥ]}"),
        expect("ambiguous-label", 10, None, "'ＴＲＡＤＥ' belongs to both"),
    ),
    "country code": (changed("  ASEAN:", "  Asean:"), expect("bad-key", 12, 3, "'Asean' cannot be a key; expected 2")),
    "countries: a list": (
        SITE_YAML.split("countries:")[0] + "countries: [ASEAN]\n",
        expect("wrong-type", 11, 12, "expected a mapping of keys to names"),
    ),
    "perspective key": (SITE_YAML + "perspectives: {Law!: {en: Law}}\n", expect("bad-key", 13, 16, "'Law!' cannot")),
    "feeds": (SITE_YAML + "feeds: {items: 0}\n", expect("out-of-range", 13, 16, "a whole number from 1 to 10000")),
    "feeds: unknown key": (SITE_YAML + "feeds: {item: 9}\n", expect("unknown-key", 13, 9, "'item'", "items")),
}


@pytest.mark.parametrize(("text", "found"), WRONG.values(), ids=WRONG)
def test_an_invalid_configuration(digest: BuiltDigest, text: str | bytes, found: Expected) -> None:
    digest.project.file("site.yaml", text)
    digest.assert_errors(found)


def test_a_control_character_that_yaml_spells_out(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", changed("Test digest", '"Test \\e"'))
    (found,) = digest.assert_rejected().diagnostics
    assert (found.location.path, found.location.line) == ("site.yaml", 1)


def test_no_configuration(digest: BuiltDigest) -> None:
    (digest.project.root / "site.yaml").unlink()
    (found,) = digest.assert_errors(expect("config-missing", 0, 0, "there is no site.yaml in this folder")).diagnostics
    assert "sitegen init" in found.hint


def test_a_folder_in_the_place_of_the_configuration(digest: BuiltDigest) -> None:
    (digest.project.root / "site.yaml").unlink()
    (digest.project.root / "site.yaml").mkdir()
    (found,) = digest.assert_rejected().diagnostics
    assert found.location.path == "site.yaml"


ABOVE = SITE_YAML.split("topics:")[0]
BELOW = "countries:" + SITE_YAML.split("countries:")[1]

BROKEN_TABLES = {
    "topics: a bad key": changed("  trade:", "  Trade!:"),
    "topics: a list": ABOVE + "topics: [trade]\n" + BELOW,
    "topics: none": ABOVE + "topics: {}\n" + BELOW,
    "topics: missing": ABOVE + BELOW,
    "topics: names of a wrong kind": changed("{en: Trade, ja: 貿易}", "[Trade]"),
    "countries: a bad key": changed("  ASEAN:", "  Asean:"),
    "countries: a list": SITE_YAML.split("countries:")[0] + "countries: [ASEAN]\n",
}


@pytest.mark.parametrize("text", BROKEN_TABLES.values(), ids=BROKEN_TABLES)
def test_a_broken_table_causes_no_errors_in_articles(digest: BuiltDigest, text: str) -> None:
    """Every article that names one of its keys would be reported, and the one line that is wrong be lost among them."""
    digest.project.file("site.yaml", text)
    digest.project.article("a", topics="[trade]", countries="[ASEAN, VN]")
    digest.project.article("b", topics="[energy, trade]", body="[x](/topics/energy/) [y](/countries/asean/)\n")
    result = digest.assert_rejected()
    assert {item.location.path for item in result.diagnostics} == {"site.yaml"}
    assert len(result.diagnostics) == 1


def test_a_broken_table_does_not_hide_other_errors(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", changed("  trade:", "  Trade!:"))
    digest.project.file(X, article(importance="9"))
    (digest.project.root / VALID).write_bytes(b"")
    found = [(item.location.path, item.code) for item in digest.assert_rejected().diagnostics]
    assert found == [(VALID, "no-front-matter"), (X, "out-of-range"), ("site.yaml", "bad-key")]


def test_all_errors_of_the_configuration_are_reported_at_once(digest: BuiltDigest) -> None:
    digest.project.file(
        "site.yaml",
        "titel: A\nbase_url: a\nauthority: b\ntimezone: c\nlocales: [d]\n"
        "theme: bare\ntopics: {E: {en: F}}\nfeeds: []\n",
    )
    found = [(item.location.line, item.code) for item in digest.assert_rejected().diagnostics]
    assert found == [
        (1, "missing-key"),
        (1, "unknown-key"),
        (2, "bad-base-url"),
        (3, "bad-authority"),
        (4, "unknown-timezone"),
        (5, "bad-language"),
        (7, "bad-key"),
        (8, "wrong-type"),
    ]
