import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitegen.content.markdown import read_body
from sitegen.content.markdown_parser import is_wide
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.markup.escape import block_to_markdown, escape_heading, escape_paragraph

MARKS = st.lists(
    st.sampled_from([*"*_~`<>[]()#+-=|:!&;\\.\"'{}1290/ab 　\n", "「", "」", "字", "。", "http://a.b/_c_", "&amp;"]),
    max_size=30,
).map("".join)
LINES = MARKS | st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"), max_size=30
)


def rendered(markdown: str, tag: str) -> str:
    """Return the text in the only element of the rendering."""
    diagnostics = Diagnostics()
    body = read_body(SourceText("content/a.md", markdown), markdown, diagnostics, perspectives=())[0]
    assert not list(diagnostics)
    (section,) = body.sections
    (piece,) = section.parts
    match = re.fullmatch(rf"<{tag}[^>]*>(.*)</{tag}>\n", piece, re.DOTALL)
    assert match is not None, piece
    text = re.sub(r'<a href="https?://[^"]*">|</a>', "", match[1])
    assert "<" not in text
    return html.unescape(text)


def rendered_text(text: str) -> str:
    """Return the text of a rendered paragraph: trimmed lines, joined by newlines except between wide characters."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    joined = ""
    for line in lines:
        gap = "" if not joined or (is_wide(joined[-1]) and is_wide(line[0])) else "\n"
        joined += gap + line
    return joined


@settings(max_examples=400, deadline=None)
@given(LINES)
@example("---")
@example("a\n---")
@example("a\n===")
@example("a | b\n--|--")
@example("a\n1) b")
@example("- a\n* b\n+ c")
@example("# a #\n## b")
@example("* * *")
@example("~~~\na")
@example("~~a~~ ```b```")
@example("[a]: http://b\n[a](b) ![c](d) [a][b] [a]")
@example("(https://a.b/_c_*d*?e&amp;f) *https://a.b/c*")
@example(": a")
@example("[a][b] ![c][d]")
@example("a^[0] ^[b]")
@example("a\n: b")
@example(":::\n[[a]] [^b] {{ c }} {% d %}")
@example("##a :bc: :+1: [a][1] ** b**\n###c `d``")
@example("<b>x</b> <!-- c --> <http://a.b> 1 < 2")
@example("&amp; &#38; &nbsp; & &x")
@example("\\* \\a \\")
@example("**「重要」**は _a_ __b__ a_b_c 「_あ_」")
@example("> a")
@example("{:0} a{.b} {#c} {d=e}")
def test_paragraph_renders_to_the_same_text(text: str) -> None:
    markdown = escape_paragraph(text)
    if not rendered_text(text):
        assert markdown == ""
        return
    assert rendered(markdown, "p") == rendered_text(text)


@settings(max_examples=200, deadline=None)
@given(LINES.filter(lambda text: any(char.isalnum() for char in text) and "{" not in text))
@example("C #")
@example("# C ##")
def test_heading_renders_to_the_same_text(text: str) -> None:
    assert rendered(f"## {escape_heading(text)}", "h2") == " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "An R&D plan (2026), 57-NQ/TW: 8–15% [sic] – see https://a.example/b_c?d=1&e=2",
        "1 * 2 < 3, a ~ b, snake_case, #1, -5 degrees, C:\\Users",
        "「第一顧客」メカニズムは、R&Dの【見出し】である（2021年）。",
    ],
)
def test_ordinary_text_is_not_escaped(text: str) -> None:
    assert escape_paragraph(text) == text


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES | LINES.map("\t".join) | LINES.map("http://{}".format) | LINES.map("• {}".format), max_size=6))
@example(["http://[::1]:9/%00\t•", "http://%0a", "[1] &#0;"])
@example(["a\tb", "<b>\t`c", "|\t| --- |"])
def test_blocks_have_no_errors(lines: list[str]) -> None:
    """The text format relies on it: what it writes is not read again."""
    diagnostics = Diagnostics()
    markdown = block_to_markdown([line for text in lines for line in text.split("\n")])
    read_body(SourceText("content/a.md", markdown), markdown, diagnostics, perspectives=())
    assert not diagnostics.errors
