"""Digests of frozen values: what makes the key of an output unit complete by construction.

Everything a renderer can see is in the recipe, so a digest over all of the recipe cannot leave an input out. A value of
a kind that is not known here is refused: a key never rests on something that cannot be compared.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, Final

from sitegen.digest.views import Part

DIGEST_BYTES: Final = 20


class Digester:
    """Takes digests of frozen dataclasses, tuples and plain values; those of shared parts once.

    A part is remembered by identity and kept alive with its digest, so an identity cannot be used twice.
    """

    def __init__(self) -> None:
        self._parts: dict[int, tuple[object, bytes]] = {}
        self._fields: dict[type, tuple[bytes, tuple[str, ...]]] = {}

    def digest(self, value: object) -> bytes:
        """Return the digest of `value`. Raises TypeError for a kind of value that has none."""
        out: list[bytes] = []
        self._encode(value, out.append)
        return blake2b(b"".join(out), digest_size=DIGEST_BYTES).digest()

    def _encode(self, value: Any, add: Callable[[bytes], None]) -> None:
        # By how often they occur; a subclass of str (HTML, an enumeration) counts as its text.
        if isinstance(value, str):
            data = value.encode("utf-8", "surrogatepass")
            add(b"s%d:%b" % (len(data), data))
        elif isinstance(value, Part):
            add(b"p%b" % self._part(value))
        elif isinstance(value, tuple):
            add(b"(%d:" % len(value))
            for item in value:
                self._encode(item, add)
        elif value is None:
            add(b"n")
        elif isinstance(value, bool):
            add(b"t" if value else b"f")
        elif isinstance(value, int):
            add(b"i%d;" % value)
        elif isinstance(value, datetime):
            add(b"d%b;" % value.isoformat().encode())
        elif isinstance(value, date):
            add(b"D%b;" % value.isoformat().encode())
        elif isinstance(value, bytes):
            add(b"b%d:%b" % (len(value), value))
        elif is_dataclass(value):
            self._encode_fields(value, add)
        else:
            raise TypeError(f"a {type(value).__name__} cannot be part of a key")

    def _part(self, value: Part) -> bytes:
        known = self._parts.get(id(value))
        if known is None:
            out: list[bytes] = []
            self._encode_fields(value, out.append)
            known = (value, blake2b(b"".join(out), digest_size=DIGEST_BYTES).digest())
            self._parts[id(value)] = known
        return known[1]

    def _encode_fields(self, value: object, add: Callable[[bytes], None]) -> None:
        kind = type(value)
        table = self._fields.get(kind)
        if table is None:
            if not is_dataclass(kind) or not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
                raise TypeError(f"a {kind.__name__} cannot be part of a key: it is not frozen")
            names = tuple(field.name for field in fields(kind))
            table = (f"{kind.__qualname__}/{','.join(names)}{{".encode(), names)
            self._fields[kind] = table
        add(table[0])
        for name in table[1]:
            self._encode(getattr(value, name), add)
