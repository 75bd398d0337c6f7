"""The user's own cache folder: files that depend on the program and on themes. Without them everything works."""

import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from sitegen.util.atomic_write import atomic_write
from sitegen.util.hashing import HASH_BYTES, hash_bytes


@cache
def cache_folder() -> Path | None:
    """Return the folder in which this user keeps caches of sitegen; None if there is none for caches."""
    parent = Path(os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME", ""))
    try:  # the XDG Base Directory Specification ignores relative paths
        return (parent if parent.is_absolute() else Path.home() / ".cache") / "sitegen" / "templates"
    except RuntimeError:  # no home folder
        return None


def read_kept(folder: Path | None, name: str, key: bytes) -> bytes | None:
    """Return what a folder keeps by this name; None unless it was kept with this key, which its checksum includes."""
    try:
        data = (folder / name).read_bytes() if folder is not None else b""
    except OSError:
        return None
    return data[HASH_BYTES:] if hash_bytes(key, data[HASH_BYTES:]) == data[:HASH_BYTES] else None


def write_kept(folder: Path | None, name: str, key: bytes, data: bytes) -> None:
    """Keep data in a folder if possible. The `key` is everything that they depend on."""
    if folder is not None:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            atomic_write(folder / name, hash_bytes(key, data) + data)
