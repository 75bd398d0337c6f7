"""The CommonMark parser: markdown-it-py with tables, footnotes, definition lists, task lists and bare addresses.

Emphasis works next to Chinese, Japanese and Korean text.

HTML is recognized, so that `content.markdown` can report it, and is rendered as text. URLs are checked there, too.

The library tries each of its rules at every position. Here the current character selects the rules that can start with
it, in the library's order. Tokens and HTML are the same, in two thirds of the time.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, isMdAsciiPunct, isPunctChar, isWhiteSpace, unescapeAll
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import (
    StateBlock,
    blockquote,
    fence,
    heading,
    hr,
    html_block,
    lheading,
    list_block,
    paragraph,
    reference,
    table,
)
from markdown_it.rules_core import StateCore, text_join
from markdown_it.rules_inline import (
    StateInline,
    autolink,
    backtick,
    emphasis,
    entity,
    escape,
    html_inline,
    image,
    link,
    newline,
    strikethrough,
)
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

_BlockRule = Callable[[StateBlock, int, int, bool], bool]
_InlineRule = Callable[[StateInline, bool], bool]

_SPECIAL_CHARS = re.compile(r"[\n\\`~*_\[<&]|://")
"""The characters that can start an inline rule (CommonMark 0.31, section 6), strikethrough or a bare address."""
_TEXT_END_CHARS = re.compile(r"[\n\\`~*_\[\]!<&]|://")
"""The same, with the start of an image and the end of a link text."""
_BLOCK_RULES: Final[dict[str, tuple[_BlockRule, ...]]] = {
    "`": (fence,),
    "~": (fence,),
    ">": (blockquote,),
    "*": (hr, list_block),
    "-": (hr, list_block),
    "+": (list_block,),
    "_": (hr,),
    "[": (footnote_def, reference),
    "<": (html_block,),
    "#": (heading,),
    **dict.fromkeys("0123456789", (list_block,)),
}
"""The rules by the first character of a block, without those that depend on its second line (sections 4 and 5)."""
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


_INLINE_RULES: Final[dict[str, tuple[_InlineRule, ...]]] = {
    "\n": (newline,),
    "\\": (escape,),
    "`": (backtick,),
    "~": (strikethrough.tokenize,),
    "*": (emphasis.tokenize,),
    "_": (emphasis.tokenize,),
    "[": (link, footnote_ref),
    "]": (),
    "!": (image,),
    "<": (autolink, html_inline),
    "&": (entity,),
    ":": (bare_address,),
}


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
    """The library's inline parser with `_State`; text in which no rule can start becomes one token."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        if src and _SPECIAL_CHARS.search(src) is None:
            tokens.append(Token("text", "", 0, content=src))
            return tokens
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens

    def tokenize(self, state: StateInline) -> None:
        src, end, limit = state.src, state.posMax, state.md.options.maxNesting
        while state.pos < end:
            start = state.pos
            rules = _INLINE_RULES.get(src[start])
            if rules is None:
                match = _TEXT_END_CHARS.search(src, start)
                state.pos = match.start() if match is not None else end
                state.append_pending(src[start : state.pos])
                continue
            for rule in rules if state.level < limit else ():
                if rule(state, False):
                    break
            else:
                state.append_pending(src[start])
                state.pos += 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:
        start = state.pos
        if start in state.cache:
            state.pos = state.cache[start]
            return
        rules = _INLINE_RULES.get(state.src[start])
        if state.level >= state.md.options.maxNesting:
            state.pos = state.posMax + 1
        elif rules is None:
            match = _TEXT_END_CHARS.search(state.src, start)
            state.pos = match.start() if match is not None else state.posMax
        else:
            state.level += 1  # prevents endless recursion
            if not any(rule(state, True) for rule in rules):
                state.pos += 1
            state.level -= 1
        state.cache[start] = state.pos


class _Block(ParserBlock):
    """The library's block parser without the rules that cannot start with the current character."""

    definition_list: _BlockRule

    @staticmethod
    def _is_term(state: StateBlock, line: int, end_line: int) -> bool:
        """Return whether the next line, or the one after an empty line, can be a definition."""
        following = line + 2 if line + 1 < end_line and state.isEmpty(line + 1) else line + 1
        start = state.bMarks[following] + state.tShift[following] if following < end_line else len(state.src)
        return state.src.startswith(":", start)

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        all_rules = self.ruler.getRules("")
        line, limit, has_empty_line = startLine, state.md.options.maxNesting, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                return
            if state.level >= limit:
                state.line = endLine
                return
            is_last_line = line + 1 >= state.lineMax or state.isEmpty(line + 1)
            rules: Sequence[_BlockRule] = all_rules
            if state.sCount[line] - state.blkIndent < 4:
                candidates = _BLOCK_RULES.get(state.src[state.bMarks[line] + state.tShift[line]], ())
                definition = (self.definition_list,) if self._is_term(state, line, endLine) else ()
                rules = (*candidates, *definition, paragraph)
                if not is_last_line:
                    rules = (table, *candidates, lheading, *definition, paragraph)
            for rule in rules:
                if rule(state, line, endLine, False):
                    break
            state.tight = not has_empty_line
            line = state.line
            if line - 1 < endLine and state.isEmpty(line - 1):
                has_empty_line = True
            if line < endLine and state.isEmpty(line):
                has_empty_line = True
                line += 1
                state.line = line


class Renderer(RendererHTML):
    """The library's renderer with shortcuts for paragraphs and plain text, and with gaps for links."""

    def render(self, tokens: Sequence[Token], options: Any, env: Any) -> str:
        """Return HTML without gaps."""
        return "".join(self.pieces(tokens, options, env))

    def pieces(self, tokens: Sequence[Token], options: Any, env: Any) -> list[Any]:
        """Return HTML in pieces. A token with a `link` in its `meta` has that value as a piece of its own.

        It takes the place of the token's first attribute, which must be empty.
        """
        out: list[Any] = []
        was_hidden = False
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "inline":
                self._add_inline(token.children or [], options, env, out)
            elif token.hidden:
                pass
            elif kind == "paragraph_open" and not was_hidden and not token.attrs:
                out.append("<p>")
            elif kind == "paragraph_close":
                out.append("</p>\n")
            elif kind in self.rules:
                out.append(self.rules[kind](tokens, index, options, env))
            else:
                out.append(self.renderToken(tokens, index, options, env))
            was_hidden = token.hidden
        return out

    def _add_inline(self, tokens: Sequence[Token], options: Any, env: Any, out: list[Any]) -> None:
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "text":
                out.append(escapeHtml(token.content))
                continue
            rule = self.rules.get(kind, self.renderToken)
            html = rule(tokens, index, options, env)
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


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser. It is created once, because that takes as long as parsing an article."""
    md = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False, "tasklists": True}, renderer_cls=Renderer)
    footnote_plugin(md, inline=False)
    deflist_plugin(md)
    md.core.ruler.at("text_join", _text_join)
    inline = _Inline()
    inline.ruler = md.inline.ruler
    inline.ruler2 = md.inline.ruler2
    md.inline = inline
    block = _Block()
    block.ruler = md.block.ruler
    block.definition_list = md.block.ruler.getRules("")[-2]  # the plugin puts it before paragraphs
    md.block = block
    md.enable(["table", "strikethrough"])
    md.validateLink = _accept_link  # type: ignore[method-assign]  # `content.markdown` reports URLs with their line
    md.add_render_rule("html_block", _render_escaped)
    md.add_render_rule("html_inline", _render_escaped)
    return md


def _accept_link(url: str) -> bool:
    return True


def _render_escaped(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return escapeHtml(tokens[index].content)
