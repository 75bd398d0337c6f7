"""How long reading takes, by the number of characters: Japanese has no spaces to count words by."""

import re
from collections.abc import Iterable
from typing import Final

WIDE_A_MINUTE: Final = 500
OTHERS_A_MINUTE: Final = 1100
"""Characters that are read in a minute. 1,100 letters of English are some 190 words."""

_TAG = re.compile(r"<[^>]*>")
_WIDE = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
"""Ideographs, kana and full-width forms, by Unicode block."""


def reading_minutes(html: Iterable[str]) -> int:
    """Return the minutes that reading pieces of HTML takes, at least one."""
    wide = others = 0
    for piece in html:
        text = _TAG.sub("", piece)
        rest = len(text) if text.isascii() else len(_WIDE.sub("", text))
        wide += len(text) - rest
        others += rest
    return max(1, round(wide / WIDE_A_MINUTE + others / OTHERS_A_MINUTE))
