"""Digests of frozen values: what makes the key of an output complete by construction.

Everything that makes an output is in its recipe, so a digest over all of the recipe cannot leave an input out. A value
of a kind that is not known here is refused: a key never rests on something that cannot be compared.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from sitegen.util.frozen import is_frozen

DIGEST_BYTES: Final = 20


class ContentHashed:
    """A value that many others share, with its own digest beside its fields: `digest` stands for all of them."""

    __slots__ = ()
    digest: bytes


class Digester:
    """Takes digests of frozen dataclasses, tuples and plain values; a `ContentHashed` counts by the digest that it has.

    A field that takes no part in comparison (`field(compare=False)`) takes no part in the digest either.
    """

    def digest(self, value: object) -> bytes:
        """Return the digest of `value`. Raises TypeError for a kind of value that has none."""
        return blake2b(self.encoded(value), digest_size=DIGEST_BYTES).digest()

    def encoded(self, value: object) -> bytes:
        """Return the bytes that stand for `value`, and for no other. Raises TypeError for a kind that has none."""
        out: list[bytes] = []
        _encode(value, out.append)
        return b"".join(out)

    def digest_fields(self, value: ContentHashed) -> bytes:
        """Return the digest of a part's own fields: what its `digest` is to be."""
        out: list[bytes] = []
        kind: Any = type(value)
        _of_fields(kind)(value, out.append)
        return blake2b(b"".join(out), digest_size=DIGEST_BYTES).digest()


_Add = Callable[[bytes], None]


def _encode(value: Any, add: _Add) -> None:
    kind = type(value)
    encoder = _ENCODERS.get(kind)
    if encoder is None:
        encoder = _ENCODERS[kind] = _encoder(kind)
    encoder(value, add)


def _encoder(kind: type) -> Callable[[Any, _Add], None]:
    if issubclass(kind, ContentHashed):
        return _encode_part
    if is_dataclass(kind) or issubclass(kind, Struct):
        return _of_fields(kind)
    if issubclass(kind, str):  # an enumeration, safe HTML: as its text
        return _encode_text
    if issubclass(kind, tuple):
        return _encode_tuple
    return lambda value, add: add(_plain(value))


def _encode_text(value: str, add: _Add) -> None:
    data = value.encode("utf-8", "surrogatepass")
    add(b"s%d:%b" % (len(data), data))


def _encode_part(value: ContentHashed, add: _Add) -> None:
    add(b"p%b" % value.digest)


def _encode_tuple(value: tuple[Any, ...], add: _Add) -> None:
    add(b"(%d:" % len(value))
    if not value:
        return
    kinds = set(map(type, value))
    if len(kinds) == 1 and issubclass(kinds.pop(), ContentHashed):
        add(b"p%b" % b"p".join([item.digest for item in value]))  # lists of thousands: the common case
    else:
        for item in value:
            _encode(item, add)


def _encode_none(_value: None, add: _Add) -> None:
    add(b"n")


def _encode_bool(value: bool, add: _Add) -> None:  # noqa: FBT001 - an encoder as the others
    add(b"t" if value else b"f")


_ENCODERS: Final[dict[type, Callable[[Any, _Add], None]]] = {
    str: _encode_text,
    tuple: _encode_tuple,
    type(None): _encode_none,
    bool: _encode_bool,
}
"""How each kind of value that was met is encoded."""


@cache
def _of_fields(kind: Any) -> Callable[[Any, _Add], None]:
    """Return the encoder of a frozen dataclass: its name, the names of its fields, their values."""
    is_struct = issubclass(kind, Struct)
    if not (kind.__struct_config__.frozen if is_struct else is_frozen(kind)):
        raise TypeError(f"a {kind.__name__} cannot be part of a key: it is not frozen")
    names = kind.__struct_fields__ if is_struct else tuple(field.name for field in fields(kind) if field.compare)
    start = f"{kind.__qualname__}/{','.join(names)}{{".encode()
    taken = _taken(names)
    known = _ENCODERS

    def encode(value: object, add: _Add) -> None:
        add(start)
        for item in taken(value):
            encoder = known.get(type(item))
            if encoder is None:
                _encode(item, add)
            else:
                encoder(item, add)

    return encode


def _taken(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """Return what takes fields from a value: all of them in one call, where the library gives a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple([getattr(value, name) for name in names])


def _plain(value: object) -> bytes:
    """Return the bytes that stand for a plain value. Raises TypeError for another kind."""
    if isinstance(value, int):
        return b"i%d;" % value
    if isinstance(value, float):
        return b"r%b;" % repr(value).encode()
    if isinstance(value, datetime):
        return b"d%b;" % value.isoformat().encode()
    if isinstance(value, date):
        return b"D%b;" % value.isoformat().encode()
    if isinstance(value, bytes):
        return b"b%d:%b" % (len(value), value)
    raise TypeError(f"a {type(value).__name__} cannot be part of a key")
