"""Where a search term is in the index, and how numbers are written there. `client.js` has the same rules."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from sitegen.content.search_terms import is_unspaced

PREFIX: Final = 3
"""Characters of a word that decide its shard, so the words that begin with them are in one file. A run has one."""


def shard_of(term: str, shards: int) -> int:
    """Return the number of the shard of a term: FNV-1a (32 bits) of its beginning."""
    value = 0x811C9DC5
    for byte in (term[0] if is_unspaced(term) else term[:PREFIX]).encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value % shards


_BASE: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def pack(numbers: Iterable[int]) -> str:
    """Return numbers as text: five bits a character (the alphabet of base64url), the sixth if more follow."""
    return "".join(map(_pack_number, numbers))


@cache
def _pack_number(number: int) -> str:
    if number < 32:
        return _BASE[number]
    return _BASE[32 | number & 31] + _pack_number(number >> 5)


def unpack(text: str) -> list[int]:
    """Return the numbers of `pack`."""
    numbers, number, shift = [], 0, 0
    for char in text:
        value = _BASE.index(char)
        number |= (value & 31) << shift
        shift += 5
        if value < 32:
            numbers.append(number)
            number = shift = 0
    return numbers
