"""Plain blocks give what markdown-it-py gives: HTML, links, first sentences and warnings."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.content.body import Body, Links
from sitegen.content.markdown import body_parser, read_body
from sitegen.diagnostics import Diagnostic, Diagnostics, SourceText
from tests.benchmarks import corpus
from tests.content.parsing import PATH, TERMS
from tests.content.test_markdown_parser import PIECES, examples
from tests.tools import REPOSITORY

PLAIN_PIECES = [
    *(
        "Word",
        "the law",
        "é",
        "第七次計画",
        "です",
        "。",
        "“",
        "「",
        "a.",
        "B!",
        "50 %",
        "x, y; z",
        "AT&T",
        "1",
        "2.",
        "3) ",
        "(4)",
        "\t",
        "\n\t",
        "\u3000",
    ),
    *("\n", "\n", "\n\n", "\n\n", "\n- ", "\n- ", "\n\n- ", "- ", " ", "  ", "\u00a0", "\u200b", "\u2009", "\r\n"),
    *(": ", "\n: ", "\n~ ", "~", "\n---\n", "\n===\n", "\n|-|\n", "|", "\n> ", "\n## 経済的影響\n", "\n# ", "\n    "),
    *("https://a.b", "://", "{{ x }}", "{% x %}", "$x^2$", "==a==", "++a++", "!!! note", ".. x::", "[a]", "*a*", "_b_"),
    *(
        "\\",
        "<b>",
        "`c`",
        "&amp;",
        "\n1. ",
        "\n+ ",
        "\n* ",
        "\n-\n",
        "\n -",
        "- - ",
        "[^1]",
        "\n[^1]: ",
        ":::",
        ":tada:",
    ),
    *("<!--", "-->", "\n```\n", "؟", "العربية"),
]
"""Parts of plain paragraphs and lists, and whatever could make them something else."""

Result = tuple[Body, Links, list[Diagnostic]]


def read(text: str) -> Result:
    diagnostics = Diagnostics()
    body, links = read_body(SourceText(PATH, text), text, diagnostics, perspectives=TERMS)
    return body, links, list(diagnostics)


def read_by_library(text: str) -> Result:
    markdown = body_parser()
    with markdown.reset_rules():
        markdown.disable("plain")
        return read(text)


def plain_blocks(text: str) -> list[str]:
    return [token.content for token in body_parser().parse(f"{text}\n", {}) if token.type.startswith("plain_")]


@pytest.mark.parametrize(
    "text",
    [
        "A law.",
        "「法律」は、成立した。",
        "1,200 villages",
        "(2) A",
        "Two\nlines, at\nthe end",
        "- a\n- b",
        "A law.\n\n\n- a\n- b\n\nA law: it passed.",
    ],
)
def test_plain_text_is_read_here(text: str) -> None:
    assert "\n".join(plain_blocks(text)) == text.replace("\n\n", "\n").replace("\n\n", "\n")
    assert read(text) == read_by_library(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Term\n: what it is", "Term\n\n: what it is", "Term\n\n  : what it is", "A title\n===", "a | b\n- | -"),
        *("- a\n\n- b", "- a\n\n  more", "- a\n- b\n* c", "- a\n  - b", "- a\n\n1. b", "- a\nmore", "- a\n- b\n---"),
        *("日本の\n法律", "A line  \nbreak", "ends with \\\nit", "A line\n# Title", "see https://example.org", "H~2~O"),
        *(
            "Term\n\n\t: what it is",
            "> A law.",
            "- - a",
            "- # a",
            "1. a",
            "2) a",
            "12\n===",
            "- 1) a",
            "- 1. a",
            "text\n{{ site.name }}",
            "A *law*.",
            "a\u3000",
            "a\u00a0",
        ),
    ],
)
def test_what_could_be_more_is_read_by_the_library(text: str) -> None:
    assert read(text) == read_by_library(text)
    assert not plain_blocks(text)


def test_commonmark_examples() -> None:
    for text in examples():
        assert read(text) == read_by_library(text), text


def test_digests() -> None:
    texts = [file.read_text() for file in sorted((REPOSITORY / "content").rglob("*.md"))]
    texts += [corpus.FORMATS["sitegen-default"](corpus.article(number))[1] for number in range(200)]
    count = 0
    for text in texts:
        body = text.partition("\n---\n")[2]
        assert read(body) == read_by_library(body), body
        count += len(plain_blocks(body))
    assert count > 5 * len(texts)


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PLAIN_PIECES + PIECES), max_size=30).map("".join))
def test_made_up_texts(text: str) -> None:
    assert read(text) == read_by_library(text)


def test_all_pairs_of_pieces() -> None:
    for pair in product(PLAIN_PIECES, PLAIN_PIECES):
        for text in ("".join(pair), f"Text {''.join(pair)} text.\n\nMore", f"- a\n- b{''.join(pair)}\n\nMore"):
            assert read(text) == read_by_library(text), text


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(st.lists(st.sampled_from(PLAIN_PIECES), max_size=30).map("".join))
def test_many_made_up_texts(text: str) -> None:
    assert read(text) == read_by_library(text)
