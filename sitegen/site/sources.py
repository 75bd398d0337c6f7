"""Source names: spellings of a name that differ in case or Unicode form are one source with one path."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Final

from sitegen.content.slugs import slug_problem

_MAX_SLUG_BYTES: Final = 80
_HASH_DIGITS: Final = 8
_VARIATION_SELECTORS: Final = frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810)))
)
"""Characters that select a variant of the preceding character, such as an emoji in colour."""


@lru_cache(maxsize=65536)
def source_slug(name: str) -> str:
    """Return the slug of a source.

    It consists of lower-case letters and digits of any script with their combining marks, and of hyphens for other
    characters. Invisible characters such as joiners and direction marks are omitted. If the result is too long or not a
    valid slug, digits of the name's SHA-256 are added.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    key = unicodedata.normalize("NFC", "".join(_slug_chars(folded))).strip("-")
    if len(key.encode()) <= _MAX_SLUG_BYTES and slug_problem(key) is None:
        return key
    digits = sha256(folded.encode()).hexdigest()[:_HASH_DIGITS]
    short = key.encode()[:_MAX_SLUG_BYTES].decode("utf-8", "ignore").strip("-")
    longer = f"{short}-{digits}" if short else f"source-{digits}"
    return longer if slug_problem(longer) is None else f"source-{digits}"


def _slug_chars(text: str) -> Iterator[str]:
    """Yield the letters and digits of a text with their combining marks, and one hyphen for the characters between."""
    previous = "-"
    for char in text:
        kind = unicodedata.category(char)
        if kind == "Cf" or char in _VARIATION_SELECTORS:
            continue
        if kind[0] in "LN" or (kind in {"Mn", "Mc"} and previous != "-"):
            previous = char
            yield char
        elif previous != "-":
            previous = "-"
            yield "-"
