"""YAML that removes or breaks a text is an error at its line, with what to write instead."""

import pytest
import yaml

from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.yaml_source import nodes
from sitegen.yaml_source.nodes import Mapping, Scalar, parse_yaml

QUOTES = "put the text in quotes: "

MISTAKES = {
    "a number sign": (
        "title: Ranking #1 in Asia",
        (1, 16, "yaml-comment", "'#1 in Asia' is not part of the value", QUOTES + 'title: "Ranking #1 in Asia"'),
    ),
    "a number sign after one word": (
        "title: Ranking # 1 in Asia",
        (1, 16, "yaml-comment", "'# 1 in Asia' is not part of the value", QUOTES + 'title: "Ranking # 1 in Asia"'),
    ),
    "a number in a summary": (
        "summary: Ports see note #4 of the plan",
        (1, 25, "yaml-comment", "'#4 of the plan'", QUOTES + 'summary: "Ports see note #4 of the plan"'),
    ),
    "a number sign in Japanese, which has no spaces": (
        "title: 首相会見 # 経済対策を発表",
        (1, 13, "yaml-comment", "'# 経済対策を発表' is not part of the value", 'title: "首相会見 # 経済対策を発表"'),
    ),
    "a number in a flow": (
        "- {text: see note #4}\n",
        (1, 19, "yaml-comment", "'#4}'", QUOTES),
    ),
    "a comment in a text": (
        "title: a\n  #b\n  c\nx: 1",
        (3, 0, "yaml-syntax", "the comment in the line above ends the text", "delete the comment"),
    ),
    "an item after a key": ("title: a\n- b", (2, 0, "yaml-syntax", "an item of a list is not expected", "same column")),
    "half an escape": ('title: "\\x1"', (1, 0, "yaml-syntax", "unknown escape after", "single quotes")),
    "a text after the end": (
        "title: a\n...\nb",
        (3, 0, "yaml-syntax", "expected a key, a colon and a value", "in quotes"),
    ),
    "an ampersand": (
        "title: &Beyond opens",
        (1, 8, "yaml-alias", "'&Beyond' is not part of the value", QUOTES + 'title: "&Beyond opens"'),
    ),
    "an asterisk": ("title: *Important* news", (1, 8, "yaml-syntax", "cannot begin with *", '"*Important* news"')),
    "asterisks in Japanese": ("title: **重要**：港", (1, 8, "yaml-syntax", "cannot begin with *", '"**重要**：港"')),
    "an asterisk in a list": ("topics: [日本, **x**]", (1, 14, "yaml-syntax", "cannot begin with *", QUOTES)),
    "an ampersand in a list": ("- [a, &]", (1, 7, "yaml-syntax", "cannot begin with &", QUOTES)),
    "an alias": ("title: *news", (1, 8, "yaml-alias", "'*' begins a YAML alias", QUOTES + 'title: "*news"')),
    "an exclamation mark": ("title: !x y", (1, 8, "yaml-tag", "'!x' is not supported", QUOTES + 'title: "!x y"')),
    "one of its own": ("title: ! a b", (1, 8, "yaml-tag", "'!' is not supported", QUOTES + 'title: "! a b"')),
    "a percent sign": ("title: %5 growth", (1, 8, "yaml-syntax", "cannot begin with %", QUOTES + 'title: "%5 growth"')),
    "an at sign": ("title: @gov announces", (1, 8, "yaml-syntax", "cannot begin with @", 'title: "@gov announces"')),
    "a backtick": ("title: `code` first", (1, 8, "yaml-syntax", "cannot begin with `", 'title: "`code` first"')),
    "a comma in a flow": (
        "corrections:\n- {at: 2026-07-05, text: A, not B.}",
        (2, 29, "yaml-syntax", "the comma before 'not B.' ends the text", 'in quotes: text: "A, not B."'),
    ),
    "a colon": (
        "title: Trade: plan",
        (1, 13, "yaml-syntax", "a colon and a space needs quotes", 'title: "Trade: plan"'),
    ),
    "quotes in quotes": (
        'title: "He said "yes" today"\ndate: 1',
        (1, 18, "yaml-syntax", 'text after the closing "', "title: 'He said \"yes\" today'"),
    ),
    "an apostrophe in quotes": (
        "title: 'It's here'\ndate: 1",
        (1, 12, "yaml-syntax", "text after the closing '", 'title: "It\'s here"'),
    ),
    "two quotations": (
        'title: "Big" and "small"\ndate: 1',
        (1, 14, "yaml-syntax", 'text after the closing "', 'title: \'"Big" and "small"\''),
    ),
    "a wide indent": (
        "topics:\n\u3000- trade\ndate: 1",
        (2, 0, "yaml-syntax", "begins with U+3000, not with", "ordinary spaces"),
    ),
    "quotes at the start": (
        'title: "Big" deal\ndate: 1',
        (1, 14, "yaml-syntax", 'text after the closing "', "title: '\"Big\" deal'"),
    ),
    "a bracket at the start": (
        "title: [Update] New tariff\ndate: 1",
        (1, 17, "yaml-syntax", "text after the closing ]", 'title: "[Update] New tariff"'),
    ),
    "a quote that is not closed": (
        'title: "A\ndate: 1',
        (1, 8, "yaml-syntax", "quotation mark that opens", "close it"),
    ),
    "one before other quotes": (
        'title: "A\nsummary: "B"',
        (2, 11, "yaml-syntax", "the quotation mark in line 1 is not closed", "close it"),
    ),
    "a colon in a text in braces": (
        "a:\n  - {at: 2026-07-09, text: Two hours: not three, b: c}",
        (2, 28, "yaml-syntax", "a text with a colon and a space needs quotes", 'write text: "…"'),
    ),
    "a bracket that is not closed": ("a: [b\nc: d", (1, 4, "yaml-syntax", "the bracket that opens here", "close it")),
    "one in the last line": ("a: b\nc: {d: e,\n", (2, 4, "yaml-syntax", "the brace that opens here", "close it")),
    "a colour in braces": (
        'a: {b: #0b5d4e, c: "#fff"}\n',
        (1, 4, "yaml-syntax", "the brace that opens here is not closed", 'put the value in quotes: "#0b5d4e"'),
    ),
    "no space": ("id: 1\ntitle:A b\ndate: 2", (2, 1, "yaml-syntax", "no space after the colon", "write title: A b")),
    "a wide colon": ("id: 1\ntitle： A\ndate: 2", (2, 1, "yaml-syntax", "full-width (U+FF1A)", "write title: A")),
    "a wide colon in the first line": (
        "title：A\nid: 1",
        (1, 1, "yaml-syntax", "full-width (U+FF1A)", "write title: A"),
    ),
    "a no-break space": (
        "id: 1\ntitle:\u00a0A b\ndate: 2",
        (2, 1, "yaml-syntax", "is U+00A0, not an", "write title: A b"),
    ),
    "one in braces": ("a: {name:\u00a0A b}", (1, 5, "yaml-syntax", "after the colon is U+00A0", "write name: A b")),
    "a line without a key": ("a: b\nc\nd: e", (2, 1, "yaml-syntax", "expected a key, a colon and a space", "indent")),
    "an indented key": ("a: b\n c: d", (2, 3, "yaml-syntax", "indented differently", "the same column")),
    "a tab": ("a: b\n\tc: d", (2, 1, "yaml-syntax", "unexpected tab", "indent with spaces")),
    "an escape": ('a: "\\q"', (1, 0, "yaml-syntax", "unknown escape", "write")),
}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(
    monkeypatch: pytest.MonkeyPatch, loader: type, text: str, expected: tuple[int, int, str, str, str]
) -> None:
    monkeypatch.setattr(nodes, "_Loader", loader)
    line, column, code, message, hint = expected
    diagnostics = Diagnostics()
    parse_yaml(SourceText("a.md", f"---\n{text}"), text, diagnostics, first_line=2)
    item = next(iter(diagnostics))
    assert (item.code, item.location.line) == (code, line + 1), item
    assert column in {0, item.location.column}, item
    assert message.replace("line 1", "line 2") in item.message
    assert hint in item.hint


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: b # a comment", "b"),
        ("# a comment\na: b c\n# another", "b c"),
        ('a: "b c" # a comment', "b c"),
        ("a: b#c d", "b#c d"),
        ("a: it's 5% & more, [x] @ home!", "it's 5% & more, [x] @ home!"),
        ("a: 3   # high", "3"),
    ],
)
def test_values_that_are_complete(text: str, value: str) -> None:
    diagnostics = Diagnostics()
    node = parse_yaml(SourceText("a.md", text), text, diagnostics)
    assert not len(diagnostics)
    assert isinstance(node, Mapping)
    assert isinstance(node.pairs[0][1], Scalar)
    assert node.pairs[0][1].value == value
