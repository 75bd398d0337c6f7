"""The manifest: the files of the site as the last build left them. It and the journal are JSON files."""

import os
from collections.abc import Container
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from sitegen.diagnostics import ExternalError, SitegenError
from sitegen.util.atomic_write import atomic_write
from sitegen.util.hashing import HASH_BYTES
from sitegen.util.paths import are_inside, read_bytes, readable_name

MANIFEST: Final = "manifest.json"
_VERSION: Final = 3
_MAX_RECORD_BYTES: Final = 1_000_000_000
"""The limit for the manifest and the journal; the manifest has about 150 bytes for each file of the site."""

FileKey = tuple[int, int, int]
"""Size, time in ns and inode of a file that only this process writes."""
_Value = TypeVar("_Value")


class ManifestEntry(NamedTuple):
    """A file in the manifest: the key of its recipe, and its SHA-256, size in bytes and mtime in nanoseconds.

    A file with the same size and mtime counts as unchanged.
    """

    key: str
    digest: str
    size: int
    mtime: int


class _Manifest(Struct, frozen=True):
    version: int
    files: dict[str, ManifestEntry]


def manifest_hash(output: Path) -> bytes:
    """Return the hash of the manifest; empty if there is none."""
    try:
        return _hash(_read(output / MANIFEST))
    except SitegenError:
        return b""


def _read(file: Path) -> bytes:
    """Return the bytes of the manifest or the journal. Raises ContentError and ExternalError."""
    return read_bytes(f"{file.parent.name}/{file.name}", file, _MAX_RECORD_BYTES)


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=HASH_BYTES).digest()


def file_key(file: Path) -> FileKey | None:
    """Return the key of a file; None if there is none."""
    try:
        status = os.lstat(file)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def write_record(file: Path, value: Struct) -> bytes:
    """Write a value as JSON; return the hash of the file."""
    data = msgspec.json.encode(value)
    atomic_write(file, data)
    return _hash(data)


def read_record(file: Path, kind: type[_Value]) -> tuple[_Value | None, bytes]:
    """Return the value in a file, and the hash of the file; None if it is damaged, as a power failure may leave it."""
    data = _read(file)
    try:
        return msgspec.json.decode(data, type=kind), _hash(data)
    except (ValueError, RecursionError):
        return None, _hash(data)


def read_manifest(file: Path) -> tuple[dict[str, ManifestEntry] | None, bytes]:
    """Return the manifest and the hash of its file; None if it is damaged or of another version."""
    try:
        manifest, digest = read_record(file, _Manifest)
    except ExternalError:
        return {}, b""
    is_usable = manifest is not None and manifest.version == _VERSION and are_inside(manifest.files)
    return manifest.files if manifest is not None and is_usable else None, digest


def write_manifest(file: Path, files: dict[str, ManifestEntry]) -> bytes:
    """Write the manifest; return the hash of the file."""
    return write_record(file, _Manifest(_VERSION, files))


def unmanaged_files(site: Path, managed: Container[str]) -> tuple[str, ...]:
    """Return the readable paths of all files below the folder of a site that no build wrote, sorted.

    Links to folders count as files.
    """
    start = len(str(site)) + 1
    paths: list[str] = []
    for base, folders, names in os.walk(site):
        links = [name for name in folders if Path(base, name).is_symlink()]
        paths += [f"{base}/{name}"[start:] for name in (*names, *links)]
    return tuple(sorted(readable_name(path) for path in paths if path not in managed))
