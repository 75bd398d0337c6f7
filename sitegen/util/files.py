"""Reads of project files that fail with a message for the user."""

from pathlib import Path

from sitegen.errors import SurroundingsError


def read_bytes(path: str, file: Path | str) -> bytes:
    """Return the bytes of `file`. Raises SurroundingsError that names it by its project path `path`."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - called ten thousand times a build; Path.open is slower
            return stream.read()
    except OSError as error:
        raise SurroundingsError(f"cannot read {path}: {error.strerror}") from error
