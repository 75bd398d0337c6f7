"""A short cut for blocks that can be read in one way only: paragraphs and lists of plain text.

Most blocks of a digest are of this kind. Each becomes one token, and HTML without the steps between: a fifth less time
for a text. markdown-it-py reads all others and defines the result: see `tests/content/test_plain_blocks.py`.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock, heading
from markdown_it.token import Token

from sitegen.content.unread_syntax import may_be_syntax

_PARAGRAPH: Final = "plain_paragraph"
_LIST: Final = "plain_list"
_LINE: Final = r"(?:[^\W\d_]|\d+(?![\d.)])|[“\"'「『（(])[^\n\\`~*_\[<&]*"
"""A line that begins with a letter, a number or a quotation mark and has no mark of Markdown: it begins no block but a
paragraph (CommonMark 0.31, section 4)."""
_PARAGRAPH_TEXT: Final = re.compile(rf"{_LINE}(?:(?<=[!-~])\n{_LINE})*(?<=\S)\n(?:\n(?![ \t\n]*[:~])|\Z)")
"""One paragraph that is not the term of a definition. `content.markdown` joins two lines with East Asian text at the
break between them, so such lines do not match."""
_LIST_TEXT: Final = re.compile(rf"(?:- {_LINE}(?<=\S)\n)+(?:\n(?!\n*[ \t\d:~*+-])|\Z)")
"""A tight list with one level. What follows neither continues it nor makes it loose."""


def plain_blocks_plugin(markdown: MarkdownIt) -> None:
    """Add the rule `plain` for blocks, and the rules that render its tokens."""
    markdown.block.ruler.before("table", "plain", _parse)
    markdown.add_render_rule(_PARAGRAPH, _render_paragraph)
    markdown.add_render_rule(_LIST, _render_list)


def first_paragraph(token: Token) -> str:
    """Return the text of the first paragraph of a plain block; empty for any other token."""
    if token.type == _LIST:
        return token.content.partition("\n")[0].removeprefix("- ")
    return token.content.replace("\n", " ") if token.type == _PARAGRAPH else ""


def _parse(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.level:
        return False
    position = state.bMarks[start]
    mark = state.src[position]
    if mark == "#" and state.isEmpty(start + 1):
        return heading(state, start, end, silent)  # the nine rules before it need another mark, or a second line
    is_list = mark == "-"
    match = (_LIST_TEXT if is_list else _PARAGRAPH_TEXT).match(state.src, position)
    if match is None or "://" in match[0] or may_be_syntax(match[0]):
        return False
    token = state.push(_LIST if is_list else _PARAGRAPH, "", 0)
    token.content = match[0].rstrip("\n")
    state.line = start + token.content.count("\n") + 1
    token.map = [start, state.line]
    return True


def _render_paragraph(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return f"<p>{escapeHtml(tokens[index].content)}</p>\n"


def _render_list(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    items = escapeHtml(tokens[index].content.removeprefix("- ")).replace("\n- ", "</li>\n<li>")
    return f"<ul>\n<li>{items}</li>\n</ul>\n"
