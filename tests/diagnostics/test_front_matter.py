"""Errors in the front matter of an article: code, location, suggestion."""

import pytest
import yaml

from sitegen.content.frontmatter import FrontMatter
from sitegen.yaml_source import nodes
from tests.diagnostics.cases import BuiltDigest, Expected, X
from tests.project import article

# Lines of `article()`: id 2, title 3, date 4, lang 5, topics 6, countries 7, importance 8, source 9, summary 10. What a
# row adds is in line 11.

SHAPE: dict[str, tuple[str, Expected]] = {
    "no front matter": ("Just text.\n", Expected("no-front-matter", 1, 1, "no front matter")),
    "blank line before it": ("\n---\nid: x\n---\n\nText\n", Expected("no-front-matter", 1, 1, "no front matter")),
    "empty file": ("", Expected("no-front-matter", 1, 1, "the file is empty")),
    "only white space": (" \n\n", Expected("no-front-matter", 1, 1, "the file is empty")),
    "not closed": ("---\nid: aaaaaaaa\n\nText\n", Expected("front-matter-not-closed", 1, 1, "is not closed")),
    "empty front matter": (
        "---\n---\n\nText\n",
        Expected("wrong-type", 2, 1, "is empty; expected a mapping of keys to values"),
    ),
    "a list": (
        "---\n- id\n---\n\nText\n",
        Expected("wrong-type", 2, 1, "a list; expected a mapping of keys to values"),
    ),
    "one word": (
        "---\nhello\n---\n\nText\n",
        Expected("wrong-type", 2, 1, "a single value; expected a mapping of keys to values"),
    ),
    "tab as indent": (article(summary="\n\tWhat"), Expected("yaml-syntax", 11, 1, "unexpected tab")),
    "colon in a title": (
        article(title="Trade: plan"),
        Expected("yaml-syntax", 3, 13, "a text with a colon and a space needs quotes"),
    ),
    "duplicate key": (
        article(lang="en\nlang: ja"),
        Expected("duplicate-key", 6, 1, "duplicate key 'lang'; first in line 5"),
    ),
    "duplicate key inside": (
        article(source="{name: A, name: B, lang: en}"),
        Expected("duplicate-key", 9, 19, "duplicate key 'name'; first in line 9"),
    ),
    "a key that is a list": (
        article(extra="{[a]: b}"),
        Expected("yaml-key", 11, 9, "a key must be a single value"),
    ),
    "second document": (
        article(extra="{}\n--- {id: y}"),
        Expected("yaml-documents", 12, 1, "a second YAML document"),
    ),
    "tag": (article(title="!!python/name:os.system x"), Expected("yaml-tag", 3, 8, "python/name:os.system")),
    "alias": (
        article(summary="*t"),
        Expected("yaml-alias", 10, 10, "'*' begins a YAML alias"),
    ),
}


@pytest.mark.parametrize(("text", "expect"), SHAPE.values(), ids=SHAPE)
def test_a_front_matter_that_cannot_be_read(digest: BuiltDigest, text: str, expect: Expected) -> None:
    digest.project.file(X, text)
    digest.assert_errors(expect)


OPENED = {
    "a quote": ('title: "A title', 3, article(title='"A title')),
    "a brace": ("source: {name: A Paper", 9, article(source="{name: A Paper")),
    "a bracket": ("topics: [trade", 6, article(topics="[trade")),
}


@pytest.mark.parametrize(("line", "number", "text"), OPENED.values(), ids=OPENED)
def test_what_is_opened_and_not_closed_is_placed_where_it_opens(
    digest: BuiltDigest, line: str, number: int, text: str
) -> None:
    """YAML notices a missing quote lines later; the editor has to look where it opens."""
    assert text.split("\n")[number - 1] == line
    digest.project.file(X, text)
    (found,) = digest.assert_rejected().diagnostics
    assert found.code == "yaml-syntax"
    assert found.location.line == number or f"line {number}" in f"{found.message} {found.hint}"


LIST = "is a list; expected a single value"

WRONG: dict[str, tuple[dict[str, str], Expected]] = {
    "title: too long": (
        {"title": "word " * 80},
        Expected("too-long", 3, 8, "'title' has 399 characters; expected at most"),
    ),
    "summary: too long": ({"summary": "word " * 1100}, Expected("too-long", 10, 10, "expected at most 5,000")),
    "source: too long": (
        {"source": f"{{name: {'w' * 301}, url: null}}"},
        Expected("too-long", 9, 16, "'name' has 301 characters; expected at most 300"),
    ),
    "url: a character": (
        {"source": "{name: A Paper, url: 'https://a.org/?b=\"x'}"},
        Expected("bad-url", 9, 30, "expected an address without '\"'; write %22"),
    ),
    "importance: a wide digit": ({"importance": "５"}, Expected("out-of-range", 8, 13, "'５'; expected", "5")),
    "date: in Japanese": (
        {"date": "２０２６年7月3日（金）9:00"},
        Expected("bad-date", 4, 7, "expected a date with year", hint="write 2026-07-03T09:00"),
    ),
    "date: with points": ({"date": "2026.7.3"}, Expected("bad-date", 4, 7, "'2026.7.3'", hint="write 2026-07-03")),
    "date: a month": ({"date": "2026-07"}, Expected("bad-date", 4, 7, "'2026-07'", hint="such as 2026-07-01")),
    "date: an offset": ({"date": "2026-07-03T09:00+25:00"}, Expected("bad-date", 4, 7, "must be at most 23:59")),
    # -- the kind of value
    "id: a list": ({"id": "[a]"}, Expected("wrong-type", 2, 5, f"'id' {LIST}")),
    "title: a list": ({"title": "[a]"}, Expected("wrong-type", 3, 8, f"'title' {LIST}")),
    "date: a mapping": (
        {"date": "{y: 2026}"},
        Expected("wrong-type", 4, 7, "'date' is a mapping; expected a single"),
    ),
    "lang: a list": ({"lang": "[en]"}, Expected("wrong-type", 5, 7, f"'lang' {LIST}")),
    "topics: a word": (
        {"topics": "trade"},
        Expected("wrong-type", 6, 9, "'topics' is a single value; expected a list"),
    ),
    "topics: lists": ({"topics": "[[trade]]"}, Expected("wrong-type", 6, 10, "expected a list of single values")),
    "countries: a word": ({"countries": "VN"}, Expected("wrong-type", 7, 12, "expected a list")),
    "importance: a list": ({"importance": "[3]"}, Expected("wrong-type", 8, 13, f"'importance' {LIST}")),
    "importance: a word": (
        {"importance": "high"},
        Expected("out-of-range", 8, 13, "'high'; expected a whole number from 1 to 5"),
    ),
    "source: a word": (
        {"source": "Nhan Dan"},
        Expected("wrong-type", 9, 9, "'source' is a single value; expected a ma"),
    ),
    "source.name: a list": ({"source": "{name: [A]}"}, Expected("wrong-type", 9, 16, f"'name' {LIST}")),
    "source.url: no address": (
        {"source": "{name: A, url: example.org}"},
        Expected("bad-url", 9, 24, "'example.org'; expected an address that begins", "https://example.org"),
    ),
    "source.url: javascript": (
        {"source": "{name: A, url: 'javascript:alert(1)'}"},
        Expected("bad-url", 9, 24, "expected an address that begins with https://"),
    ),
    "source.url: half an IPv6": (
        {"source": "{name: A, url: 'https://[::1/'}"},
        Expected("bad-url", 9, 24, "expected an address that begins with https://"),
    ),
    "source.url: a port of letters": (
        {"source": "{name: A, url: 'https://a.example:http/'}"},
        Expected("bad-url", 9, 24, "expected an address that begins with https://"),
    ),
    "source.url: a port that is none": (
        {"source": "{name: A, url: 'https://a.example:65536/'}"},
        Expected("bad-url", 9, 24, "expected an address that begins with https://"),
    ),
    "source.lang: a name": ({"source": "{name: A, lang: English}"}, Expected("bad-language", 9, 25, "BCP 47")),
    "source.archived: ftp": (
        {"source": "{name: A, archived: ftp://a.example/}"},
        Expected("bad-url", 9, 29, "expected an address that begins with https://"),
    ),
    "summary: a mapping": ({"summary": "{en: What}"}, Expected("wrong-type", 10, 10, "'summary' is a mapping")),
    "updated: a list": ({"updated": "[2026-07-04]"}, Expected("wrong-type", 11, 10, f"'updated' {LIST}")),
    "upcoming: a mapping": (
        {"upcoming": "{at: 2026-09-01, text: A}"},
        Expected("wrong-type", 11, 11, "'upcoming' is a mapping; expected a list of mappings"),
    ),
    "upcoming.at: a word": (
        {"upcoming": "[{at: soon, text: A}]"},
        Expected("bad-date", 11, 17, "'soon'; expected a day, a day with a time, or a month"),
    ),
    "upcoming.at: a month that does not exist": (
        {"upcoming": "[{at: 2026-13, text: A}]"},
        Expected("bad-date", 11, 17, "is not in the calendar"),
    ),
    "upcoming.at: before the article": (
        {"upcoming": "[{at: 2026-06, text: A}]"},
        Expected("bad-order", 11, 17, "'at' (2026-06) is before 'date' (2026-07-03)"),
    ),
    "upcoming.text: missing": (
        {"upcoming": "[{at: 2026-09}]"},
        Expected("missing-key", 11, 12, "'text' is missing"),
    ),
    "upcoming.text: a list": (
        {"upcoming": "[{at: 2026-09, text: [A]}]"},
        Expected("wrong-type", 11, 32, "expected text, or a mapping of languages to texts"),
    ),
    "upcoming.text: a language that is none": (
        {"upcoming": "[{at: 2026-09, text: {english: A}}]"},
        Expected("bad-language", 11, 33, "'english'"),
    ),
    "upcoming.text: too long": (
        {"upcoming": f"[{{at: 2026-09, text: {'a' * 301}}}]"},
        Expected("too-long", 11, 32, "301 characters; expected at most 300"),
    ),
    "upcoming.url: no address": (
        {"upcoming": "[{at: 2026-09, text: A, url: example.org}]"},
        Expected("bad-url", 11, 40, "'example.org'", "https://example.org"),
    ),
    "upcoming: a key of the calendar": (
        {"upcoming": "[{at: 2026-09, text: A, topic: trade}]"},
        Expected("unknown-key", 11, 35, "'topic'"),
    ),
    "upcoming: twice": (
        {"upcoming": "[{at: 2026-09, text: A}, {at: 2026-09, text: A}]"},
        Expected("duplicate-value", 11, 56, "the same event is listed twice"),
    ),
    "generated: a word": ({"generated": "ai"}, Expected("wrong-type", 11, 12, "expected a mapping")),
    "generated: by whom": ({"generated": "{summary: aii}"}, Expected("not-allowed", 11, 22, "'aii'", "ai")),
    "generated: no part": ({"generated": "{sumary: ai}"}, Expected("unknown-key", 11, 13, "'sumary'", "summary")),
    "reviewed: a word": ({"reviewed": "Ann"}, Expected("wrong-type", 11, 11, "expected a mapping")),
    "reviewed.at: a word": (
        {"reviewed": "{by: Ann, at: now}"},
        Expected("bad-date", 11, 25, "'now'; expected a date"),
    ),
    "reviewed: by nobody": ({"reviewed": "{at: 2026-07-05}"}, Expected("missing-key", 11, 11, "'by' is missing")),
    "slug: a list": ({"slug": "[x]"}, Expected("wrong-type", 11, 7, f"'slug' {LIST}")),
    "draft: YAML 1.1's yes": (
        {"draft": "yes"},
        Expected("wrong-type", 11, 8, "'yes'; expected true or false", "true"),
    ),
    "draft: True": ({"draft": "True"}, Expected("wrong-type", 11, 8, "'True'; expected true or false", "true")),
    "draft: in quotes": ({"draft": '"true"'}, Expected("wrong-type", 11, 8, "expected true or false", "true")),
    "publish: a word": ({"publish": "soon"}, Expected("bad-date", 11, 10, "'soon'; expected a date")),
    "publish: wide digits": ({"publish": "２０９９-01-01T09:00"}, Expected("bad-date", 11, 10, "expected a date")),
    "expire: a list": ({"expire": "[never]"}, Expected("wrong-type", 11, 9, f"'expire' {LIST}")),
    "aliases: a word": ({"aliases": "/old/"}, Expected("wrong-type", 11, 10, "expected a list")),
    "follows: a list": ({"follows": "[good.md]"}, Expected("wrong-type", 11, 10, f"'follows' {LIST}")),
    "corrections: a word": (
        {"corrections": "Sorry"},
        Expected("wrong-type", 11, 14, "expected a list of mappings", hint="corrections: [{at: 2026-07-03, text: …}]"),
    ),
    "corrections: words": (
        {"corrections": "[Sorry]"},
        Expected("wrong-type", 11, 15, "expected a list of mappings"),
    ),
    "corrections: no time": (
        {"corrections": "[{text: Sorry}]"},
        Expected("missing-key", 11, 15, "'at' is missing", hint="write at: 2026-07-03"),
    ),
    "corrections: a list of texts": (
        {"corrections": "[{at: 2026-07-05, text: [Sorry]}]"},
        Expected("wrong-type", 11, 38, "'text' is a list; expected text, or a mapping of languages to texts"),
    ),
    "corrections: no text in a language": (
        {"corrections": "[{at: 2026-07-05, text: {en: Sorry, ja: }}]"},
        Expected("missing-key", 11, 50, "'text.ja' is empty"),
    ),
    "corrections: a long text": (
        {"corrections": f"[{{at: 2026-07-05, text: {{ja: {'あ' * 5001}}}}}]"},
        Expected("too-long", 11, 38, "expected at most 5,000", hint="move a part of it to the text of the article"),
    ),
    "imported: a word": ({"imported": "page.txt"}, Expected("wrong-type", 11, 11, "expected a mapping")),
    "imported: no digest": (
        {"imported": f"{{name: a, format: text, at: 2026-07-03, sha256: x, digest: {'0' * 64}}}"},
        Expected("bad-digest", 11, 59, "'sha256' is not a valid SHA-256; expected 64 hexadecimal digits"),
    ),
    "extra: a list": ({"extra": "[a]"}, Expected("wrong-type", 11, 8, "'extra' is a list; expected a mapping")),
    # -- values that are not there
    "no id": ({"id": ""}, Expected("missing-key", 2, 1, "'id' is missing")),
    "no title": ({"title": ""}, Expected("missing-key", 2, 1, "'title' is missing")),
    "no date": ({"date": ""}, Expected("missing-key", 2, 1, "'date' is missing")),
    "no lang": ({"lang": ""}, Expected("missing-key", 2, 1, "'lang' is missing")),
    "no topics": ({"topics": ""}, Expected("missing-key", 2, 1, "'topics' is missing")),
    "topics: none": ({"topics": "[]"}, Expected("missing-key", 6, 9, "'topics' is empty")),
    "no importance": ({"importance": ""}, Expected("missing-key", 2, 1, "'importance' is missing")),
    "no source": ({"source": ""}, Expected("missing-key", 2, 1, "'source' is missing")),
    "no source.name": ({"source": "{url: null}"}, Expected("missing-key", 9, 9, "'name' is missing")),
    "no summary": ({"summary": ""}, Expected("missing-key", 2, 1, "'summary' is missing")),
    "summary: null": ({"summary": "null"}, Expected("missing-key", 10, 1, "'summary' is empty")),
    "summary: blanks": ({"summary": '"  "'}, Expected("missing-key", 10, 10, "'summary' is empty")),
    # -- keys and words that are not known
    "a misspelt key": ({"sumary": "What"}, Expected("unknown-key", 11, 1, "'sumary' is not known", "summary")),
    "a key in capitals": ({"Draft": "true"}, Expected("unknown-key", 11, 1, "'Draft' is not known", "draft")),
    "a key like no other": ({"weather": "fine"}, Expected("unknown-key", 11, 1, "'weather' is not known")),
    "unknown topic": (
        {"topics": "[trade, enrgy]"},
        Expected("unknown-topic", 6, 17, "'enrgy' is not a topic", "energy"),
    ),
    "topic in capitals": (
        {"topics": "[Trade]"},
        Expected("unknown-topic", 6, 10, "'Trade' is not a topic", "trade"),
    ),
    "topic twice": (
        {"topics": "[trade, trade]"},
        Expected("duplicate-value", 6, 17, "duplicate value 'trade'"),
    ),
    "unknown country": ({"countries": "[VN, XQ]"}, Expected("unknown-country", 7, 17, "not an ISO 3166-1 code")),
    "countries with a Japanese comma": (
        {"countries": "[VN、JP]"},
        Expected("unknown-country", 7, 13, "'VN、JP' is not", hint="with ordinary commas"),
    ),
    "country in small letters": ({"countries": "[no]"}, Expected("unknown-country", 7, 13, "'no' is not", "NO")),
    "country of site.yaml, misspelt": (
        {"countries": "[ASAEN]"},
        Expected("unknown-country", 7, 13, "ASAEN", "ASEAN"),
    ),
    "EU is not in this site.yaml": ({"countries": "[EU]"}, Expected("unknown-country", 7, 13, "'EU' is not")),
    # -- values out of their range
    "importance 0": (
        {"importance": "0"},
        Expected("out-of-range", 8, 13, "'0'; expected a whole number from 1 to 5"),
    ),
    "importance 6": (
        {"importance": "6"},
        Expected("out-of-range", 8, 13, "'6'; expected a whole number from 1 to 5"),
    ),
    "importance 2.5": (
        {"importance": "2.5"},
        Expected("out-of-range", 8, 13, "expected a whole number from 1 to 5"),
    ),
    "importance, endless": (
        {"importance": "9" * 5000},
        Expected("out-of-range", 8, 13, "expected a whole number"),
    ),
    "30 February": ({"date": "2026-02-30"}, Expected("bad-date", 4, 7, "2026-02-30 is not in the calendar")),
    "no year": ({"date": "07-03"}, Expected("bad-date", 4, 7, "expected a date with year, month and day")),
    "a date in Japanese": (
        {"date": "2026年7月3日"},
        Expected("bad-date", 4, 7, "expected a date with year, month"),
    ),
    "25 o'clock": ({"date": "2026-07-03T25:00"}, Expected("bad-date", 4, 7, "not a time of day")),
    "a zone of 99 hours": (
        {"date": "2026-07-03T09:00+99:00"},
        Expected("bad-date", 4, 7, "2026-07-03T09:00+99:00"),
    ),
    "the year 0": ({"date": "0000-01-01"}, Expected("bad-date", 4, 7, "not in the calendar")),
    "updated before date": (
        {"updated": "2026-07-02"},
        Expected("bad-order", 11, 10, "before 'date' (2026-07-03)"),
    ),
    "expire before date": ({"expire": "2026-07-02"}, Expected("bad-order", 11, 9, "before 'date' (2026-07-03)")),
    "expire before publish": (
        {"publish": "2026-07-09", "expire": "2026-07-08"},
        Expected("bad-order", 12, 9, "'expire' (2026-07-08) is before 'publish' (2026-07-09)"),
    ),
    "a correction before date": (
        {"corrections": "[{at: 2026-07-01, text: A}]"},
        Expected("bad-order", 11, 20, "'at' (2026-07-01) is before 'date' (2026-07-03)"),
    ),
    "lang: a name": ({"lang": "English"}, Expected("bad-language", 5, 7, "BCP 47 language tag such as en")),
    "lang: a locale": ({"lang": "en_GB"}, Expected("bad-language", 5, 7, "BCP 47 language tag such as en", "en-GB")),
    "a short id": ({"id": "abc"}, Expected("bad-id", 2, 5, "8 to 64 lower-case letters")),
    "an id with capitals": ({"id": "ABCDEFGH"}, Expected("bad-id", 2, 5, "8 to 64 lower-case letters")),
    "slug: up": (
        {"slug": ".."},
        Expected("bad-slug", 11, 7, "contains '.'; expected letters, digits and hyphens"),
    ),
    "slug: a path": ({"slug": "a/b"}, Expected("bad-slug", 11, 7, "contains '/'; expected letters", "a-b")),
    "slug: a way out": ({"slug": "../../../x"}, Expected("bad-slug", 11, 7, "contains '.'; expected letters", "x")),
    "slug: capitals": ({"slug": "Good"}, Expected("bad-slug", 11, 7, "has upper-case letters", "good")),
    "slug: a device": ({"slug": "con"}, Expected("bad-slug", 11, 7, "Windows reserves")),
    "slug: too long": ({"slug": "a" * 121}, Expected("bad-slug", 11, 7, "longer than 120 bytes", "a" * 120)),
    "slug: decomposed": ({"slug": "cafe\u0301"}, Expected("bad-slug", 11, 7, "Unicode form NFC", "café")),
    "alias: relative": ({"aliases": "[old/]"}, Expected("bad-alias", 11, 11, "must begin with one slash", "/old/")),
    "alias: copied from a browser": (
        {"aliases": "['https://a.example/%E6%B8%AF/?a=1#b']"},
        Expected("bad-alias", 11, 11, "must begin with one slash", "/港/"),
    ),
    "alias: the home page": (
        {"aliases": "[/]"},
        Expected("bad-alias", 11, 11, "must begin with one slash and name"),
    ),
    "alias: another host": (
        {"aliases": "[//evil.example/]"},
        Expected("bad-alias", 11, 11, "must begin with one slash"),
    ),
    "alias: an URL": (
        {"aliases": "['https://a.example/']"},
        Expected("bad-alias", 11, 11, "must begin with one slash"),
    ),
    "alias: up": ({"aliases": "[/../../x/]"}, Expected("bad-alias", 11, 11, "'.' or '..'")),
    "alias: escapes": (
        {"aliases": "[/%2e%2e/x/]"},
        Expected("bad-alias", 11, 11, "without '%'"),
    ),
    "alias: the second of two": (
        {"aliases": "[/ok/, /a b/]"},
        Expected("bad-alias", 11, 17, "must be a plain path"),
    ),
    "follows: no Markdown": (
        {"follows": "good"},
        Expected("bad-address", 11, 10, "path of an article's Markdown file"),
    ),
    "follows: out of the folder": ({"follows": "../../../../site.md"}, Expected("bad-address", 11, 10, "site.md")),
}


@pytest.mark.parametrize(("changes", "expect"), WRONG.values(), ids=WRONG)
def test_a_value_that_is_wrong(digest: BuiltDigest, changes: dict[str, str], expect: Expected) -> None:
    digest.project.file(X, article(**changes))
    digest.assert_errors(expect)


def test_every_key_has_a_row_in_the_table() -> None:
    tried = {key for changes, _ in WRONG.values() for key in changes}
    assert set(FrontMatter.__struct_fields__) <= tried


CONTROL = {
    "NUL in the title": {"title": '"a\\0b"'},
    "escape in the title": {"title": '"\\e[31mred"'},
    "bell in the summary": {"summary": '"\\a"'},
    "no character, in the source": {"source": '{name: "\\uFFFE", lang: en}'},
    "NUL in an alias": {"aliases": '["/a\\0b/"]'},
    "NUL in an address": {"source": '{name: A, url: "https://a.example/\\0"}'},
    "escape in follows": {"follows": '"\\e.md"'},
    "vertical tab in a correction": {"corrections": '[{at: 2026-07-05, text: "\\x01"}]'},
}


@pytest.mark.parametrize("changes", CONTROL.values(), ids=CONTROL)
def test_a_control_character_that_yaml_spells_out_is_no_less_one(digest: BuiltDigest, changes: dict[str, str]) -> None:
    digest.project.file(X, article(**changes))
    result = digest.assert_rejected()
    assert [item.location.path for item in result.diagnostics] == [X]
    (key,) = changes
    line = next(n for n, text in enumerate(article(**changes).split("\n"), 1) if text.startswith(f"{key}:"))
    assert result.diagnostics[0].location.line == line


@pytest.mark.parametrize("loader", [vars(nodes)["_Loader"], yaml.SafeLoader], ids=["libyaml", "without libyaml"])
@pytest.mark.parametrize("title", [r'"\uD800"', r'"\U00110000"', r'"\UFFFFFFFF"'])
def test_an_escape_that_spells_no_character_is_refused(
    digest: BuiltDigest, monkeypatch: pytest.MonkeyPatch, loader: type, title: str
) -> None:
    monkeypatch.setattr(nodes, "_Loader", loader)
    digest.project.file(X, article(title=title))
    (found,) = digest.assert_rejected().diagnostics
    assert (found.code, found.location.path) in {("yaml-syntax", X), ("control-character", X)}


@pytest.mark.parametrize("loader", [vars(nodes)["_Loader"], yaml.SafeLoader], ids=["libyaml", "without libyaml"])
@pytest.mark.parametrize(
    ("extra", "place"),
    [
        (r'{list: [one, "日本 two\\\\ab\x07"]}', (0, 34)),
        ('\n- "first"\n- "second line\n  third \\u0007"', (3, 9)),
    ],
)
def test_the_place_of_an_escaped_control_character(
    digest: BuiltDigest, monkeypatch: pytest.MonkeyPatch, loader: type, extra: str, place: tuple[int, int]
) -> None:
    monkeypatch.setattr(nodes, "_Loader", loader)
    text = article(extra=extra)
    first = next(n for n, row in enumerate(text.split("\n"), 1) if row.startswith("extra:"))
    digest.project.file(X, text)
    found = next(item for item in digest.assert_rejected().diagnostics if item.code == "control-character")
    assert (found.location.line - first, found.location.column) == place


EDGES = {
    "the year 1": {"date": "0001-01-01"},
    "the first instant": {"date": "0001-01-01T00:00+14:00"},
    "the last instant": {"date": "9999-12-31T23:59-12:00"},
    "the last day": {"expire": "9999-12-31"},
    "publish at the end of time": {"publish": "9999-12-31T23:59:59-12:00"},
}


@pytest.mark.parametrize("changes", EDGES.values(), ids=EDGES)
def test_dates_at_the_ends_of_the_calendar_are_read_or_refused_with_their_line(
    digest: BuiltDigest, changes: dict[str, str]
) -> None:
    digest.project.file(X, article(**changes))
    result = digest.build()
    (key,) = changes
    line = 4 if key == "date" else 11
    diagnostics = [(item.code, item.location.path, item.location.line) for item in result.diagnostics]
    assert diagnostics == ([] if result.ok else [("bad-date", X, line)])


def test_norway_is_a_country_and_007_a_title(digest: BuiltDigest) -> None:
    digest.project.file(X, article(title="007", countries="[NO, SE]", summary="1e3", source="{name: 010, lang: en}"))
    digest.assert_accepted()
    page = digest.project.page("articles/x/index.html")
    assert "<h1>007</h1>" in page
    feed = digest.project.page("feed.xml")
    assert "<title>007</title>" in feed
    assert "<description>1e3</description>" in feed
    assert ">Norway</category>" in feed
    assert "countries/no/index.html" in digest.project.tree()


def test_words_that_yaml_guesses_at_stay_words(digest: BuiltDigest) -> None:
    for number, title in enumerate(("on", "1_000", "0x1F", "12:30:45", "2026-07-03", "~x", ".inf", "<<")):
        digest.project.article(f"word-{number}", title=title)
        digest.assert_accepted()
        escaped = title.replace("<", "&lt;")
        assert f"<h1>{escaped}</h1>" in digest.project.page(f"articles/word-{number}/index.html")


def test_all_errors_of_a_front_matter_are_reported_at_once(digest: BuiltDigest) -> None:
    digest.project.file(
        X,
        article(
            id="x", date="2026-13-01", topics="[trad]", importance="9", summary="", sumary="Hm", draft="no", slug="/"
        ),
    )
    result = digest.assert_rejected()
    found = [(item.location.line, item.code) for item in result.diagnostics]
    assert found == [
        (2, "missing-key"),
        (2, "bad-id"),
        (4, "bad-date"),
        (6, "unknown-topic"),
        (8, "out-of-range"),
        (10, "unknown-key"),
        (11, "wrong-type"),
        (12, "bad-slug"),
    ]


def test_a_key_of_an_editors_own_belongs_below_extra(digest: BuiltDigest) -> None:
    digest.project.file(X, article(tags="[one]"))
    (item,) = digest.assert_rejected().diagnostics
    assert (item.code, item.hint) == (
        "unknown-key",
        "put keys of your own below extra: extra: {tags: [one, two]}",
    )


def test_errors_of_the_front_matter_hide_no_dead_link(digest: BuiltDigest) -> None:
    digest.project.file(X, article(topics="[nothing]", body="[a](gone.md) [b](good.md) [c](#nowhere)\n"))
    page = "content/pages/about.md"
    digest.project.file(page, "---\ntitle: About\n---\n\n[a](/articles/gone.png)\n")
    result = digest.assert_rejected()
    assert [(item.location.path, item.location.line, item.code) for item in result.diagnostics] == [
        (X, 6, "unknown-topic"),
        (X, 13, "dead-link"),
        (X, 13, "dead-fragment"),
        (page, 2, "missing-key"),
        (page, 5, "dead-link"),
    ]
