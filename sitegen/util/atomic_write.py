"""Atomic replacement of files."""

from contextlib import suppress
from pathlib import Path


def atomic_write(path: Path, data: bytes) -> None:
    """Write a file completely or not at all, by way of `<stem>.tmp` in its folder. Raise OSError that names `path`."""
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        error.filename, error.filename2 = str(path), None  # a full disk has none
        raise
