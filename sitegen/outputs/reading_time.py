"""Estimates the reading time by the number of characters, because Japanese has no spaces between words."""

import re
from collections.abc import Iterable
from typing import Final

WIDE_CHARS_PER_MINUTE: Final = 500
OTHER_CHARS_PER_MINUTE: Final = 1100
"""Reading speeds. 1,100 characters of English are about 190 words."""

_TAG = re.compile(r"<[^>]*>")
_WIDE = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
"""Ideographs, kana and full-width forms, by Unicode block."""


def reading_minutes(html: Iterable[str]) -> int:
    """Return the reading time of pieces of HTML in minutes, at least one."""
    wide_count = other_count = 0
    for piece in html:
        text = _TAG.sub("", piece)
        other_chars = len(text) if text.isascii() else len(_WIDE.sub("", text))
        wide_count += len(text) - other_chars
        other_count += other_chars
    return max(1, round(wide_count / WIDE_CHARS_PER_MINUTE + other_count / OTHER_CHARS_PER_MINUTE))
