"""The CommonMark parser: markdown-it-py with tables, footnotes, definition lists, task lists and bare addresses.

Emphasis works next to Chinese, Japanese and Korean text.

HTML is recognized, so that `content.markdown` can report it, and is rendered as text. URLs are checked there, too.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, isMdAsciiPunct, isPunctChar, isWhiteSpace, unescapeAll
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore, text_join
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::[0-9]{1,5})?(?:[/?#][\w.~:/?#@!$&'()*+,;=%-]{0,2000})?",
    re.ASCII,
)
"""A URL in running text: ASCII only (RFC 3986), so that it ends before Chinese and Japanese text and punctuation."""
_ENTITY_END = re.compile(r"(?:&#?[A-Za-z0-9]{2,31};[.,:;!?'*_~]{0,100})+$")


def address_end(text: str, start: int) -> int:
    """Return the end of the bare address that starts at `start`; `start` if there is none.

    Punctuation and entities at the end are not part of it, nor is a closing bracket without an opening one (as on
    GitHub).
    """
    match = _ADDRESS.match(text, start)
    if match is None or (start and text[start - 1].isascii() and text[start - 1].isalnum()):
        return start
    address = _ENTITY_END.sub("", match[0]).rstrip(".,:;!?'*_~")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1].rstrip(".,:;!?'*_~")
    return start + len(address)


def bare_address(state: StateInline, silent: bool) -> bool:
    """Parse an address without angle brackets. Its scheme has been added to the text before it."""
    start = state.pos - (5 if state.src.startswith("https", max(state.pos - 5, 0)) else 4)
    if silent or state.linkLevel or not state.pending.endswith(state.src[max(start, 0) : state.pos]):
        return False
    end = address_end(state.src, start) if start >= 0 else start
    if end <= state.pos or end > state.posMax:
        return False
    address = unescapeAll(state.src[start:end])
    state.pending = state.pending[: start - state.pos]
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": state.md.normalizeLink(address)}
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)
    state.pos = end
    return True


def is_east_asian(char: str) -> bool:
    """Return whether a character is full-width East Asian text (UAX #11), except emoji."""
    return (
        char > "\u1100"
        and (unicodedata.east_asian_width(char) in "WFH" or "\u1160" <= char <= "\u11ff")
        and unicodedata.category(char) != "So"
    )


def is_wide(char: str) -> bool:
    """Return whether a character is East Asian text without spaces between words: Hangul has them."""
    return is_east_asian(char) and not ("\uac00" <= char <= "\ud7af" or "\u1100" <= char <= "\u11ff")


class _State(StateInline):
    """Inline state that treats East Asian characters next to emphasis as text, not as punctuation.

    CommonMark's flanking rules (0.31, section 6.2) depend on spaces, which Japanese does not have, nor Korean before a
    particle: in `**「重要」**は` the closing delimiter is between punctuation and a letter and would not close.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[end] if end < self.posMax else " "
        wide_before, wide_after = is_east_asian(before), is_east_asian(after)
        if not (wide_before or wide_after):
            return scanned
        space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        mark_before = not wide_before and _is_punctuation(before)
        mark_after = not wide_after and _is_punctuation(after)
        left = not space_after and (not mark_after or space_before or mark_before or wide_before)
        right = not space_before and (not mark_before or space_after or mark_after or wide_after)
        can_open = left and (canSplitWord or not right or _is_punctuation(before))
        can_close = right and (canSplitWord or not left or _is_punctuation(after))
        return Scanned(can_open, can_close, scanned.length)


def _is_punctuation(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


class _Inline(ParserInline):
    """The library's inline parser with `_State`."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class Renderer(RendererHTML):
    """The library's renderer with gaps for links."""

    def render(self, tokens: Sequence[Token], options: Any, env: Any) -> str:
        """Return HTML without gaps."""
        return "".join(self.pieces(tokens, options, env))

    def pieces(self, tokens: Sequence[Token], options: Any, env: Any) -> list[Any]:
        """Return HTML in pieces. A token with a `link` in its `meta` has that value as a piece of its own.

        It takes the place of the token's first attribute, which must be empty.
        """
        out: list[Any] = []
        for index, token in enumerate(tokens):
            if token.type == "inline":
                self._add_inline(token.children or [], options, env, out)
            else:
                out.append(self.rules.get(token.type, self.renderToken)(tokens, index, options, env))
        return out

    def _add_inline(self, tokens: Sequence[Token], options: Any, env: Any, out: list[Any]) -> None:
        for index, token in enumerate(tokens):
            html = self.rules.get(token.type, self.renderToken)(tokens, index, options, env)
            if "link" in token.meta:
                before, after = html.split('""', maxsplit=1)
                out += (f'{before}"', token.meta["link"], f'"{after}')
            else:
                out.append(html)


def visible_text(tokens: Sequence[Token]) -> str:
    """Return the text of inline tokens, with replacement characters for code, pictures and escaped characters."""
    parts = []
    for token in tokens:
        if token.type == "text":
            parts.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif token.type == "text_special":  # a backslash before a letter is text
            parts.append(token.content if token.content == token.markup else "\ufffc" * len(token.content))
        elif token.type in {"code_inline", "image", "html_inline", "footnote_ref"}:
            parts.append("\ufffc")
    return "".join(parts)


def _text_join(state: StateCore) -> None:
    """Join text tokens if escapes or entities may have divided them, and keep the text that is not escaped."""
    if "\\" in state.src or "&" in state.src:
        for block in state.tokens:
            if any(token.type == "text_special" for token in block.children or ()):
                block.meta["unescaped"] = visible_text(block.children or [])
        text_join(state)


def _definition_list(rule: RuleFuncBlockType, state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a definition list by the plugin's rule if its first definition begins with `:`, not with `~`."""
    line = start + 2 if start + 1 < end and state.isEmpty(start + 1) else start + 1
    is_definition = line < end and state.src.startswith(":", state.bMarks[line] + state.tShift[line])
    return (silent or is_definition) and rule(state, start, end, silent)


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser. It is created once, because that takes as long as parsing an article."""
    return create_parser()


def create_parser() -> MarkdownIt:
    """Return a new parser, for a use with more rules."""
    md = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False, "tasklists": True}, renderer_cls=Renderer)
    footnote_plugin(md, inline=False)
    deflist_plugin(md)
    definition_list = md.block.ruler.getRules("")[-2]  # the plugin puts it before paragraphs
    interrupted = ["paragraph", "reference", "blockquote"]
    md.block.ruler.at("deflist", partial(_definition_list, definition_list), {"alt": interrupted})
    md.core.ruler.at("text_join", _text_join)
    inline = _Inline()
    inline.ruler = md.inline.ruler
    inline.ruler2 = md.inline.ruler2
    inline.ruler.push("bare_address", bare_address)
    md.inline = inline
    md.enable(["table", "strikethrough"])
    md.validateLink = _accept_link  # type: ignore[method-assign]  # `content.markdown` reports URLs with their line
    md.add_render_rule("html_block", _render_escaped)
    md.add_render_rule("html_inline", _render_escaped)
    return md


def _accept_link(url: str) -> bool:
    return True


def _render_escaped(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return escapeHtml(tokens[index].content)
