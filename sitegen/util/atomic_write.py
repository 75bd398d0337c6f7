"""Atomic replacement of files."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def atomic_open(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that replaces `path` at the end of the block, or is removed after an error.

    Its name cannot be predicted and it must not exist, so nothing is written through a symbolic link that another user
    has placed there. A file that is replaced keeps its permissions. Raises OSError that names `path`.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        with temporary.open("xb") as stream:
            yield stream
        with suppress(OSError):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None  # a full disk has none
        raise


def atomic_write(path: Path, data: bytes) -> None:
    """Write a file completely or not at all. Raises OSError that names `path`."""
    with atomic_open(path) as stream:
        stream.write(data)
