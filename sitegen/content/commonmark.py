"""The CommonMark parser as articles are read with it, and the rule that Japanese needs.

The whole of CommonMark with tables and strikethrough. HTML is recognised, so that the reader can refuse it, and is
rendered as text. Addresses are not judged here: the reader does, with a line.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock, lheading, paragraph, table
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token

_MARKS = re.compile(r"[\n\\`~*_\[<&]")
"""What an inline rule of CommonMark, or strikethrough, can begin with (0.31, section 6)."""
_BLOCKS: Final = frozenset("`~>*-_+#[<|:=0123456789")
"""What a block that is no paragraph can begin with (0.31, sections 4 and 5)."""


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


class _Block(ParserBlock):
    """The library's block parser, with the rules left out that cannot begin with the character at hand.

    Most lines of an article are a paragraph each, and the library asks eleven rules what they are.
    """

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
            rules: Sequence[Callable[[StateBlock, int, int, bool], bool]] = every
            if (
                state.sCount[line] - state.blkIndent < 4
                and state.src[state.bMarks[line] + state.tShift[line]] not in _BLOCKS
            ):
                alone = line + 1 >= state.lineMax or state.isEmpty(line + 1)
                rules = (paragraph,) if alone else (table, lheading, paragraph)
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


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser, made once: making it costs as much as an article."""
    made = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False})
    inline = _Inline()
    inline.ruler = made.inline.ruler
    inline.ruler2 = made.inline.ruler2
    made.inline = inline
    block = _Block()
    block.ruler = made.block.ruler
    made.block = block
    made.enable(["table", "strikethrough"])
    made.validateLink = _any_address  # type: ignore[method-assign]  # the reader judges, with a line
    made.add_render_rule("html_block", _escaped)
    made.add_render_rule("html_inline", _escaped)
    return made


def _any_address(url: str) -> bool:  # noqa: ARG001 - the library's signature
    return True


def _escaped(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return escapeHtml(tokens[index].content)
