"""Hashes and MessagePack of frozen values. The hash of a value is that of its encoding, so it covers every field.

Hashed values hold no mappings: their order would be part of the hash.
"""

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from typing import Any, Final, NewType, TypeVar

import msgspec

from sitegen.util.dates import Instant

HASH_BYTES: Final = 20
_NAME_BYTES: Final = 100
Hash = NewType("Hash", bytes)
"""A BLAKE2b hash of HASH_BYTES bytes."""

Value = TypeVar("Value")


def _to_builtin(value: object) -> object:
    """Encode what MessagePack has no type for. MessagePack's own timestamps would lose the offset of an instant."""
    if isinstance(value, Instant):
        return value.isoformat()
    if isinstance(value, str):  # Markup and other subclasses
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no MessagePack encoding")


def _from_builtin(kind: type, value: Any) -> object:
    if kind is Instant:
        return Instant.fromisoformat(value)
    raise TypeError(f"cannot decode {kind.__name__}")


_encoder: Final = msgspec.msgpack.Encoder(enc_hook=_to_builtin)
encode: Final[Callable[[object], bytes]] = _encoder.encode
"""Return the MessagePack encoding of a value. Raises TypeError for a type without one."""


@cache
def _decoder(kind: Any) -> "msgspec.msgpack.Decoder[Any]":
    return msgspec.msgpack.Decoder(kind, dec_hook=_from_builtin)


def decode(data: bytes, kind: type[Value]) -> Value:
    """Return the value of type `kind` that `data` encodes. Raises msgspec.DecodeError for anything else."""
    value: Value = _decoder(kind).decode(data)  # type: ignore[arg-type]
    return value


def hash_bytes(*parts: bytes) -> Hash:
    """Return the hash of bytes."""
    digest = blake2b(digest_size=HASH_BYTES)
    for part in parts:
        digest.update(part)
    return Hash(digest.digest())


def hash_value(value: object) -> Hash:
    """Return the hash of a value's encoding. Raises TypeError for a type without an encoding."""
    return Hash(blake2b(encode(value), digest_size=HASH_BYTES).digest())


def hashed_name(name: str, digest: str) -> str:
    """Return the name of a file, which may have a folder, with the first ten digits of its hash."""
    folder, slash, base = name.rpartition("/")
    stem, dot, suffix = base.rpartition(".")
    stem, suffix = _truncate(stem or suffix), _truncate(suffix)
    return f"{folder}{slash}{stem}.{digest[:10]}" + (f".{suffix}" if dot else "")


def _truncate(name: str) -> str:
    """Return the beginning of a name, to leave room for a hash in a file name of 255 bytes."""
    return name.encode()[:_NAME_BYTES].decode("utf-8", "ignore")
