"""Texts that were made to hang the build, or to fill the memory or the terminal: each is over within seconds."""

import pytest

from sitegen.diagnostics import json_values, render_text, to_json
from tests.diagnostics.cases import BuiltDigest, Expected, X
from tests.project import article

KIB = 1024

YAML: dict[str, tuple[str, Expected]] = {
    "1 MB": (
        "---\n" + "a: b\n" * 200_000 + "---\n\nText\n",
        Expected("yaml-too-large", 2, 1, "1,000,000 characters of YAML; at most 65,536 are allowed"),
    ),
    "1 MB, not closed": (
        "---\n" + "a: b\n" * 200_000,
        Expected("front-matter-not-closed", 1, 1, "not closed within 65,536 characters"),
    ),
    "50,000 brackets": (
        article(extra="[" * 50_000),
        Expected("yaml-depth", 11, None, "nested deeper than 16 levels"),
    ),
    "50,000 braces": (article(extra="{" * 50_000), Expected("yaml-depth", 11, None, "nested deeper than 16 levels")),
    "20,000 dashes": (
        article(extra="\n" + "- " * 20_000),
        Expected("yaml-depth", 12, None, "nested deeper than 16"),
    ),
    "alias bomb": (
        article(extra="\n  a: [x, x]\n" + "".join(f"  b{n}: [*a, *a]\n" for n in range(40))),
        Expected("yaml-alias", 13, 8, "'*' begins a YAML alias"),
    ),
    "merge bomb": (
        article(extra="\n  a: {x: y}\n  b: {<<: [*a, *a]}"),
        Expected("yaml-alias", 13, 12, "'*' begins a YAML alias"),
    ),
}


@pytest.mark.parametrize(("text", "expect"), YAML.values(), ids=YAML)
def test_oversized_yaml(digest: BuiltDigest, text: str, expect: Expected) -> None:
    digest.project.file(X, text)
    digest.assert_errors(expect)


def test_oversized_text(digest: BuiltDigest) -> None:
    digest.project.file(X, article(body="A word. \n" * 70_000))
    digest.assert_errors(Expected("text-too-large", 11, 0, "expected at most 524,288"))
    assert "no-text" not in {item.code for item in digest.project.build().diagnostics}


MARKDOWN = {
    "brackets": "[" * 50_000,
    "pictures": "![" * 25_000,
    "links in links": "[a](" * 20_000,
    "closed links in links": "[a" * 20_000 + "]" * 20_000,
    "emphasis": "**a " * 20_000,
    "emphasis that crosses": "*a _b " * 20_000,
    "strikethrough": "~~a " * 20_000,
    "runs of backticks": "".join("`" * count + " " for count in range(1, 700)),
    "quotations": ">" * 20_000,
    "lists": "- " * 20_000,
    "lists by steps": "".join("  " * depth + "- a\n" for depth in range(500)),
    "angles": "<" * 50_000,
    "entities": "&" * 50_000,
    "backslashes": "\\" * 100_000,
    "a wide table": "|a" * 1500 + "|\n" + "|-" * 1500 + "|\n" + "|b|\n" * 200,
    "definitions": "Text\n\n" + "[a]: <b>\n" * 20_000,
    "comments in a line": "<!-- a --> " * 5000,
    "one paragraph of links": "".join(f"[a](https://a.example/{number})\n" for number in range(12_000)),
    "paragraphs of links": "[a](good.md)\n\n" * 20_000,
    "paragraphs of pictures": "![a](chart.png)\n\n" * 20_000,
    "headings of one name": "# a\n\n" * 20_000,
}


@pytest.mark.parametrize("body", MARKDOWN.values(), ids=MARKDOWN)
def test_markdown_that_is_slow_to_parse(digest: BuiltDigest, body: str) -> None:
    digest.project.file("content/articles/2026/07/chart.png", b"\x89PNG")
    digest.project.file(X, article(body=f"{body}\n"))
    result = digest.build()
    assert result.ok, result.diagnostics[:3]
    assert "articles/x/index.html" in digest.project.tree()


REFUSED = {
    "comments in a line, and a word": ("<!-- a --> " * 28 + "x", "raw-html"),
    "comments that are not closed": ("<!-- a " * 20_000, "raw-html"),
    "tags that are not closed": ("Text\n\n<a\n" + "b " * 20_000 + ">", "raw-html"),
    "dead links": ("".join(f"[a](no-{number}.md)\n\n" for number in range(3000)), "dead-link"),
    "dead pages": ("".join(f"[a](/no-{number}/)\n\n" for number in range(3000)), "dead-link"),
    "control characters": ("\x01\n" * 900_000, "control-character"),
    "control characters in a line": ("\x01" * 1_800_000, "control-character"),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED)
def test_very_many_errors(digest: BuiltDigest, body: str, code: str) -> None:
    digest.project.file(X, article(body=f"{body}\n"))
    result = digest.assert_rejected()
    assert {item.code for item in result.diagnostics} == {code}


def test_many_dead_links_among_many_articles(digest: BuiltDigest) -> None:
    """A folder was renamed: every link to it is dead, and each is compared with every article there is."""
    for number in range(300):
        digest.project.article(f"article-{number:03}")
    digest.project.file(X, article(body="".join(f"[a](../06/no-{number}.md)\n\n" for number in range(2000))))
    result = digest.assert_rejected()
    assert [item.code for item in result.diagnostics] == ["dead-link"] * 2000


def test_a_report_quotes_a_long_line_in_part(digest: BuiltDigest) -> None:
    """A finding carries its line; a page that was copied in one line has megabytes of it."""
    digest.project.file(X, article(body="a" * 32 * KIB + "<b>" + "c" * 32 * KIB + "\n"))
    (found,) = digest.assert_rejected().diagnostics
    assert found.location.column == 32 * KIB + 1
    text = render_text([found])
    assert "<b>" in text.split("\n")[1]
    assert max(map(len, text.split("\n"))) < 200
    assert len(to_json(json_values([found]))) < 4 * KIB


def test_a_report_of_many_mistakes_in_a_long_line_is_no_longer_than_the_file(digest: BuiltDigest) -> None:
    body = "\x01" * 100_000
    digest.project.file(X, article(body=body))
    result = digest.assert_rejected()
    assert len(to_json(json_values(result.diagnostics))) < len(body)
