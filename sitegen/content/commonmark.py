"""The CommonMark parser as articles are read with it, and the rule that Japanese needs.

The whole of CommonMark with tables and strikethrough. HTML is recognised, so that the reader can refuse it, and is
rendered as text. Addresses are not judged here: the reader does, with a line.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml, isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token


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
    """The library's inline parser over our state."""

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser, made once: making it costs as much as an article."""
    made = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False})
    inline = _Inline()
    inline.ruler = made.inline.ruler
    inline.ruler2 = made.inline.ruler2
    made.inline = inline
    made.enable(["table", "strikethrough"])
    made.validateLink = _any_address  # type: ignore[method-assign]  # the reader judges, with a line
    made.add_render_rule("html_block", _escaped)
    made.add_render_rule("html_inline", _escaped)
    return made


def _any_address(url: str) -> bool:  # noqa: ARG001 - the library's signature
    return True


def _escaped(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    return escapeHtml(tokens[index].content)
