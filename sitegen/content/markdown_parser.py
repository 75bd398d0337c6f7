"""The CommonMark parser as articles are read with it, and the rule that Japanese needs.

The whole of CommonMark with tables and strikethrough. HTML is recognised, so that the reader can refuse it, and is
rendered as text. Addresses are not judged here: the reader does, with a line.

The library asks each of its rules at every place. Here a character decides which rules can begin with it, and they
alone are asked, in the library's order: the same tokens and the same HTML, in two thirds of the time.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import escapeHtml, isMdAsciiPunct, isPunctChar, isWhiteSpace, mdTrim
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
from markdown_it.rules_core import StateCore, normalize, text_join
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

_BlockRule = Callable[[StateBlock, int, int, bool], bool]
_InlineRule = Callable[[StateInline, bool], bool]

_MARKS = re.compile(r"[\n\\`~*_\[<&]")
"""What an inline rule of CommonMark, or strikethrough, can begin with (0.31, section 6)."""
_TEXT_ENDS = re.compile(r"[\n\\`~*_\[\]!<&]")
"""The same, with what a picture begins with and a link's text ends with."""
_INLINE: Final[dict[str, tuple[_InlineRule, ...]]] = {
    "\n": (newline,),
    "\\": (escape,),
    "`": (backtick,),
    "~": (strikethrough.tokenize,),
    "*": (emphasis.tokenize,),
    "_": (emphasis.tokenize,),
    "[": (link,),
    "]": (),
    "!": (image,),
    "<": (autolink, html_inline),
    "&": (entity,),
}
_BLOCKS: Final[dict[str, tuple[_BlockRule, ...]]] = {
    "`": (fence,),
    "~": (fence,),
    ">": (blockquote,),
    "*": (hr, list_block),
    "-": (hr, list_block),
    "+": (list_block,),
    "_": (hr,),
    "[": (reference,),
    "<": (html_block,),
    "#": (heading,),
    **dict.fromkeys("0123456789", (list_block,)),
}
"""What a block that is no paragraph can begin with, but for its second line (0.31, sections 4 and 5)."""
_PLAIN_URL = re.compile(r"https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,3}(?:/[A-Za-z0-9._~/-]*)?")
"""An address in which nothing has to be escaped."""


def is_wide(char: str) -> bool:
    """Whether a character is full-width East Asian text (UAX #11), Hangul and emoji excepted."""
    return (
        char > "\u1100"
        and unicodedata.east_asian_width(char) in "WFH"
        and unicodedata.category(char) != "So"
        and not "\uac00" <= char <= "\ud7af"
        and not "\u1100" <= char <= "\u11ff"
    )


class _State(StateInline):
    """Inline state whose emphasis marks see wide characters as text, not as punctuation.

    CommonMark's flanking rules (0.31, section 6.2) look for spaces, which Japanese does not have: in `**「重要」**は`
    the closing mark stands between punctuation and a letter and would not close.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: FBT001, N802, N803 - the library's names
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[end] if end < self.posMax else " "
        wide_before, wide_after = is_wide(before), is_wide(after)
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
    """The library's inline parser over our state; text in which no rule can begin is a token at once."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        if src and _MARKS.search(src) is None:
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
            rules = _INLINE.get(src[start])
            if rules is None:
                found = _TEXT_ENDS.search(src, start)
                state.pos = found.start() if found is not None else end
                state.append_pending(src[start : state.pos])
                continue
            for rule in rules if state.level < limit else ():
                if rule(state, False):  # noqa: FBT003 - the library's signature
                    break
            else:
                state.append_pending(src[start])
                state.pos += 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 - the library's name
        start = state.pos
        if start in state.cache:
            state.pos = state.cache[start]
            return
        rules = _INLINE.get(state.src[start])
        if state.level >= state.md.options.maxNesting:
            state.pos = state.posMax + 1
        elif rules is None:
            found = _TEXT_ENDS.search(state.src, start)
            state.pos = found.start() if found is not None else state.posMax
        else:
            state.level += 1  # against endless recursion
            if not any(rule(state, True) for rule in rules):  # noqa: FBT003 - the library's signature
                state.pos += 1
            state.level -= 1
        state.cache[start] = state.pos


class _Block(ParserBlock):
    """The library's block parser, with the rules left out that cannot begin with the character at hand."""

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803 - the library's names
        every = self.ruler.getRules("")
        line, limit, had_empty = startLine, state.md.options.maxNesting, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                return
            if state.level >= limit:
                state.line = endLine
                return
            start = state.bMarks[line] + state.tShift[line]
            alone = line + 1 >= state.lineMax or state.isEmpty(line + 1)
            rules: Sequence[_BlockRule] = every
            if state.sCount[line] - state.blkIndent < 4:
                begun = _BLOCKS.get(state.src[start], ())
                rules = (*begun, paragraph) if alone else (table, *begun, lheading, paragraph)
            if alone and len(rules) == 1:
                _paragraph(state, line, start)
            else:
                for rule in rules:
                    if rule(state, line, endLine, False):  # noqa: FBT003 - the library's signature
                        break
            state.tight = not had_empty
            line = state.line
            if line - 1 < endLine and state.isEmpty(line - 1):
                had_empty = True
            if line < endLine and state.isEmpty(line):
                had_empty = True
                line += 1
                state.line = line


def _paragraph(state: StateBlock, line: int, start: int) -> None:
    """Add a paragraph of one line, whose text begins at `start`."""
    state.line = line + 1
    opening = state.push("paragraph_open", "p", 1)
    opening.map = [line, state.line]
    inline = state.push("inline", "", 0)
    indent = state.blkIndent  # tabs in it are the library's business
    text = state.getLines(line, line + 1, indent, False) if indent else state.src[start : state.eMarks[line]]  # noqa: FBT003
    inline.content = mdTrim(text)
    inline.map = [line, state.line]
    inline.children = []
    state.push("paragraph_close", "p", -1)


class _Renderer(RendererHTML):
    """The library's renderer; the tags that most texts are made of are written at once."""

    def render(self, tokens: Sequence[Token], options: Any, env: Any) -> str:
        out: list[str] = []
        was_hidden = False
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "inline":
                if token.children:
                    out.append(self.renderInline(token.children, options, env))
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
        return "".join(out)

    def renderInline(self, tokens: Sequence[Token], options: Any, env: Any) -> str:  # noqa: N802 - the library's name
        out: list[str] = []
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "text":
                out.append(escapeHtml(token.content))
            elif kind in self.rules:
                out.append(self.rules[kind](tokens, index, options, env))
            else:
                out.append(self.renderToken(tokens, index, options, env))
        return "".join(out)


def _normalize(state: StateCore) -> None:
    """Do what the library does, where there is something to do: `decode` has seen to it in most texts."""
    if "\r" in state.src or "\0" in state.src:
        normalize(state)


def _text_join(state: StateCore) -> None:
    """Join what escapes and entities have divided; without one all text is in one piece already."""
    if "\\" in state.src or "&" in state.src:
        text_join(state)


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser, made once: making it costs as much as an article."""
    made = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False}, renderer_cls=_Renderer)
    made.core.ruler.at("normalize", _normalize)
    made.core.ruler.at("text_join", _text_join)
    inline = _Inline()
    inline.ruler = made.inline.ruler
    inline.ruler2 = made.inline.ruler2
    made.inline = inline
    block = _Block()
    block.ruler = made.block.ruler
    made.block = block
    made.enable(["table", "strikethrough"])
    made.normalizeLink = _normal_link  # type: ignore[method-assign]
    made.validateLink = _any_address  # type: ignore[method-assign]  # the reader judges, with a line
    made.add_render_rule("html_block", _escaped)
    made.add_render_rule("html_inline", _escaped)
    return made


def _normal_link(url: str) -> str:
    return url if _PLAIN_URL.fullmatch(url) else normalizeLink(url)


def _any_address(url: str) -> bool:  # noqa: ARG001 - the library's signature
    return True


def _escaped(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return escapeHtml(tokens[index].content)
