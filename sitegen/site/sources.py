"""Sources: the same name, however it is written, is one source with one address."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Final

from sitegen.content.slugs import slug_problem

_MOST_BYTES: Final = 80
_DIGITS: Final = 8
_VARIANTS: Final = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810))))
"""Marks that choose among the shapes of one character, such as an emoji in colours."""


@lru_cache(maxsize=65536)
def source_slug(name: str) -> str:
    """Return the part of a source's address that its name gives.

    Letters and digits of any script in small letters, with the marks that belong to them (vowel signs, tone marks,
    accents that no letter has in it), and hyphens where something else stands. What shows nothing by itself, such as a
    joiner or a mark of direction, is left out. A name that is too long, or that would give no sound address, gets
    digits of its SHA-256.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    key = unicodedata.normalize("NFC", "".join(_kept(folded))).strip("-")
    if len(key.encode()) <= _MOST_BYTES and slug_problem(key) is None:
        return key
    digits = sha256(folded.encode()).hexdigest()[:_DIGITS]
    short = key.encode()[:_MOST_BYTES].decode("utf-8", "ignore").strip("-")
    longer = f"{short}-{digits}" if short else f"source-{digits}"
    return longer if slug_problem(longer) is None else f"source-{digits}"


def _kept(text: str) -> Iterator[str]:
    """Yield the letters and digits of a text with their marks, and one hyphen for all that stands between them."""
    before = "-"
    for char in text:
        kind = unicodedata.category(char)
        if kind == "Cf" or char in _VARIANTS:
            continue
        if kind[0] in "LN" or (kind in {"Mn", "Mc"} and before != "-"):
            before = char
            yield char
        elif before != "-":
            before = "-"
            yield "-"
