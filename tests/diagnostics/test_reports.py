"""The three formats of reports, and all errors in one run."""

import json
import unicodedata

import pytest

from sitegen.diagnostics import (
    MAX_SHOWN,
    MAX_SHOWN_IN_FILE,
    Diagnostic,
    Diagnostics,
    Severity,
    SourceLocation,
    SourceText,
    json_values,
    render_github,
    render_text,
    select_shown,
    to_json,
)
from tests.diagnostics.cases import SITE_YAML, BuiltDigest
from tests.project import article

FOLDER = "content/articles/2026/07"


def test_errors_are_shown_before_warnings_in_the_order_of_the_report() -> None:
    found = Diagnostics()
    for number in range(30):
        found.warning("w", SourceLocation(f"{number:02}.md"), "a warning")
    for number in range(1, 300):
        found.error("e", SourceLocation(f"{number // 10:02}.md", number), "an error")
    shown = select_shown(found.sorted())
    assert [item.severity for item in shown] == [Severity.ERROR] * MAX_SHOWN
    assert list(shown) == [item for item in found.sorted() if item in shown]
    assert select_shown(found.sorted()[:MAX_SHOWN_IN_FILE]) == found.sorted()[:MAX_SHOWN_IN_FILE]


def break_everything(digest: BuiltDigest) -> None:
    """Make twelve different mistakes in the configuration, the theme and several articles."""
    project = digest.project
    project.file("site.yaml", SITE_YAML.replace("timezone: Asia/Tokyo", "timezone: Asia/Tokio") + "tagine: x\n")
    project.file("themes/bare/templates/home.html", "\n{% for x in y %}")
    project.file("themes/bare/templates/topic.html", "{{ label('cuont') }}")
    project.file(f"{FOLDER}/a.md", article(importance="9", topics="[trad]", sumary="x"))
    project.file(f"{FOLDER}/b.md", article(id="good0000", body="[x](good.md#nowhere)\n"))
    project.file(f"{FOLDER}/c.md", article(id="cccccccc", body="<b>\n\n[x](no.md)\n"))
    project.file(f"{FOLDER}/d.md", b"\xff")


ALL_OF_THEM = [
    (f"{FOLDER}/a.md", 6, 10, "unknown-topic"),
    (f"{FOLDER}/a.md", 8, 13, "out-of-range"),
    (f"{FOLDER}/a.md", 11, 1, "unknown-key"),
    (f"{FOLDER}/b.md", 13, 5, "dead-fragment"),
    (f"{FOLDER}/c.md", 13, 1, "raw-html"),
    (f"{FOLDER}/c.md", 15, 5, "dead-link"),
    (f"{FOLDER}/d.md", 1, 1, "not-utf-8"),
    (f"{FOLDER}/good.md", 2, 5, "duplicate-id"),
    ("site.yaml", 4, 11, "unknown-timezone"),
    ("site.yaml", 13, 1, "unknown-key"),
    ("themes/bare/templates/home.html", 2, 0, "template-syntax"),
    ("themes/bare/templates/topic.html", 1, 11, "missing-label"),
]


def test_all_errors_are_reported_in_order(digest: BuiltDigest) -> None:
    break_everything(digest)
    found = [
        (item.location.path, item.location.line, item.location.column, item.code)
        for item in digest.assert_rejected().diagnostics
    ]
    assert found == ALL_OF_THEM
    assert found == sorted(found)


def test_two_runs_report_the_same(digest: BuiltDigest) -> None:
    break_everything(digest)
    assert digest.assert_rejected().diagnostics == digest.assert_rejected().diagnostics


# --- for people -------------------------------------------------------------------------------------------------------

GOLDEN = """\
content/articles/2026/07/x.md:5:7: error[bad-language]: 'lang' is 'English'; expected a BCP 47 language tag \
such as en, ja or zh-Hant
    5 | lang: English
      |       ^
content/articles/2026/07/x.md:6:10: error[unknown-topic]: 'enrgy' is not a topic of site.yaml
    6 | topics: [enrgy]
      |          ^
      = did you mean 'energy'?
      = allowed: trade, energy
content/articles/2026/07/x.md:11:1: error[unknown-key]: the key 'sumary' is not known
   11 | sumary: 要約
      | ^
      = did you mean 'summary'?
      = allowed: id, title, date, lang, topics, countries, importance, source, summary, updated, publish, expire \
and 10 more
      = hint: put keys of your own below extra: extra: {tags: [one, two]}
content/articles/2026/07/x.md:14:13: error[raw-html]: raw HTML is not supported: '<br>'
   14 | 国境を越える<br>貿易
      |             ^
      = hint: use Markdown, or put \\ before the <; only table cells may contain <br>"""


def test_text_report(digest: BuiltDigest) -> None:
    text = article(lang="English", topics="[enrgy]", sumary="要約", body="国境を越える<br>貿易\n")
    digest.project.file(f"{FOLDER}/x.md", text)
    shown = render_text(digest.assert_rejected().diagnostics)
    assert shown == GOLDEN.replace("14:13", "14:7")


def error(excerpt: str, column: int, **changes: str) -> Diagnostic:
    """Make a finding in a line."""
    path = changes.get("path", "a.md")
    message = changes.get("message", "wrong")
    return Diagnostic(
        "code", Severity.ERROR, SourceLocation(path, 1, column, excerpt), message, (), None, changes.get("hint", "")
    )


def columns(text: str) -> int:
    """Count the columns of a terminal, by another way than the program: marks take none, wide characters two."""
    shown = [char for char in text if unicodedata.category(char) not in {"Mn", "Me"}]
    return len(shown) + sum(unicodedata.east_asian_width(char) in {"W", "F"} for char in shown)


CARETS = {
    "Latin": ("title: x", 8),
    "Japanese": ("題名：貿易 x", 7),
    "full width": ("ＡＢＣ x", 5),
    "half-width kana": ("ｶﾅ x", 4),
    "emoji": ("🎌🎌 x", 4),
    "flags": ("🇻🇳🇨🇳 x", 6),
    "a mark of its own": ("cafe\u0301 x", 7),
    "Hangul": ("무역 x", 4),
    "ambiguous width": ("“…” x", 5),
    "the end of the line": ("abc", 4),
    "behind tabs": ("\t\tx", 3),
}


@pytest.mark.parametrize(("line", "column"), CARETS.values(), ids=CARETS)
def test_the_caret_is_below_its_character(line: str, column: int) -> None:
    shown, caret = render_text([error(line, column)]).split("\n")[1:3]
    assert line[column - 1 : column] in {"x", ""}
    assert caret.count("^") == 1
    assert columns(caret.split("^")[0]) == columns(shown[: len("    1 | ") + column - 1])


@pytest.mark.parametrize("column", [1, 60, 32_768, 65_535, 65_536])
def test_a_line_of_64_kib_is_clipped_around_its_column(column: int) -> None:
    line = "貿" * (column - 1) + "X" + "易" * (65_536 - column)
    found = Diagnostic("code", Severity.ERROR, SourceText("a.md", line).location(1, column), "wrong")
    assert len(to_json(json_values([found]))) < 600
    shown, caret = render_text([found]).split("\n")[1:3]
    assert len(shown) <= 120
    before = shown.split("X")[0]
    assert shown.count("X") == 1
    assert columns(caret.split("^")[0]) == columns(before)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\x08\u202e\u2066\n::error::x"


def test_nothing_of_the_input_reaches_the_terminal_unseen() -> None:
    """Escape sequences retitle a window, wipe the screen or run the text backwards."""
    item = Diagnostic(
        "code", Severity.ERROR, SourceLocation(HOSTILE, 1, 3, HOSTILE), HOSTILE, (HOSTILE, "b"), HOSTILE, hint=HOSTILE
    )
    shown = render_text([item])
    assert [char for char in shown.replace("\n", "") if not char.isprintable()] == []
    assert not any(line.startswith("::error") for line in shown.split("\n"))


def test_colour_is_all_that_colour_adds() -> None:
    item = error("a", 1)
    coloured = render_text([item], colour=True)
    assert "\x1b[1;31merror[code]\x1b[0m" in coloured
    assert coloured.replace("\x1b[1;31m", "").replace("\x1b[0m", "") == render_text([item])


def test_a_finding_without_a_line_shows_its_path_alone() -> None:
    item = Diagnostic("code", Severity.WARNING, SourceLocation("a.md"), "wrong")
    assert render_text([item]) == "a.md: warning[code]: wrong"


def test_long_lists_of_what_is_allowed_are_cut() -> None:
    item = Diagnostic("code", Severity.ERROR, SourceLocation("a.md", 1), "wrong", tuple(f"v{n}" for n in range(250)))
    assert render_text([item]).endswith("v11 and 238 more")


# --- for programs -----------------------------------------------------------------------------------------------------


def test_json_report(digest: BuiltDigest) -> None:
    digest.project.file(f"{FOLDER}/x.md", article(topics="[enrgy]"))
    (row,) = json.loads(to_json(json_values(digest.assert_rejected().diagnostics)))
    assert row == {
        "code": "unknown-topic",
        "severity": "error",
        "path": f"{FOLDER}/x.md",
        "line": 6,
        "column": 10,
        "excerpt": "topics: [enrgy]",
        "excerpt_start": 0,
        "message": "'enrgy' is not a topic of site.yaml",
        "allowed": ["trade", "energy"],
        "nearest": "energy",
        "hint": "",
    }


def test_json_report_of_any_text() -> None:
    item = error(HOSTILE + '"\\', 2, message='"}]', path="語\udce9.md")
    text = to_json(json_values([item])).encode("utf-8", "backslashreplace").decode()
    (row,) = json.loads(text)
    assert row["message"] == '"}]'
    assert row["excerpt"] == HOSTILE + '"\\'
    assert "\x1b" not in text
    assert "語" in text


# --- for GitHub -------------------------------------------------------------------------------------------------------


def test_an_annotation() -> None:
    item = Diagnostic("code", Severity.WARNING, SourceLocation("a.md", 3, 7, "x"), "wrong", ("a", "b"), "a", "do it")
    assert render_github([item]) == (
        "::warning file=a.md,line=3,col=7,title=code::wrong%0Adid you mean 'a'?%0Aallowed: a, b%0Ahint: do it"
    )


def test_an_annotation_of_a_whole_file() -> None:
    assert (
        render_github([Diagnostic("code", Severity.ERROR, SourceLocation("a.md"), "wrong")])
        == "::error file=a.md,title=code::wrong"
    )


def test_what_annotations_escape() -> None:
    item = error("x", 1, path="a,b:c%d\ne.md", message="100%, a: b\r\n::error::c")
    assert render_github([item]) == (
        "::error file=a%2Cb%3Ac%25d%0Ae.md,line=1,col=1,title=code::100%25, a: b%0D%0A::error::c"
    )


def test_an_annotation_is_one_line_without_escape_sequences() -> None:
    item = Diagnostic(
        "code", Severity.ERROR, SourceLocation(HOSTILE, 1, 1, HOSTILE), HOSTILE, (HOSTILE,), HOSTILE, HOSTILE
    )
    shown = render_github([item])
    assert "\n" not in shown
    assert "\r" not in shown
    assert "\x1b" not in shown


# --- the collection ---------------------------------------------------------------------------------------------------


def test_a_finding_that_is_made_twice_is_reported_once() -> None:
    diagnostics = Diagnostics()
    for _ in range(2):
        diagnostics.error("code", SourceLocation("a.md", 1), "wrong")
    diagnostics.warning("code", SourceLocation("a.md", 1), "wrong")
    assert len(diagnostics.sorted()) == 2
    assert diagnostics.errors == 2


def test_locations_count_characters() -> None:
    source = SourceText("a.md", "日本\nx🎌y\n")
    assert source.location_at(5) == SourceLocation("a.md", 2, 3, "x🎌y")
    assert source.location(9) == SourceLocation("a.md", 9, 0, "")
