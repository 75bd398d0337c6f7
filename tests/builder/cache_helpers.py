"""The content cache as tests see it: its rows, and ways to damage them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from sitegen.builder.cache import CACHE, FileState
from sitegen.content.documents import Document
from sitegen.util.hashing import decode
from tests.project import Project

CHECKSUM_BYTES: Final = 4
"""The bytes of the checksum before each value."""


class WithChecksum(NamedTuple):
    """Bytes that get a valid checksum."""

    data: bytes


def cache_file(project: Project) -> Path:
    """Return the file of the cache."""
    return project.root / "output" / CACHE


def rows(project: Project, query: str) -> list[Any]:
    """Return the rows that a query finds."""
    with closing(sqlite3.connect(cache_file(project))) as connection:
        return connection.execute(query).fetchall()


def cached_documents(project: Project) -> dict[str, tuple[FileState, Document]]:
    """Return every cached document with the state of its file, by file name."""
    found: dict[str, tuple[FileState, Document]] = {}
    for states, documents in rows(project, "SELECT states, documents FROM folders ORDER BY folder"):
        values = zip(_value(states, tuple[FileState, ...]), _value(documents, tuple[Document, ...]), strict=True)
        found |= {state.name: (state, document) for state, document in values}
    return found


def cached_texts(project: Project) -> dict[bytes, bytes]:
    """Return every cached text as it is stored, by its hash."""
    return dict(rows(project, "SELECT hash, value FROM texts"))


def alter(project: Project, table: str, column: str, change: Callable[[bytes], object]) -> int:
    """Change a column of every row of a table; return the number of rows."""
    key = {"folders": "folder", "texts": "hash", "articles": "hash", "recipes": "part"}.get(table, "name")
    prefix = {"meta": "meta", "recipes": "recipes", "articles": "article"}.get(table, column)
    with closing(sqlite3.connect(cache_file(project))) as connection, connection:
        values = connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall()  # noqa: S608 - names of a test
        for name, value in values:
            changed = change(value)
            if isinstance(changed, WithChecksum):
                row = f"{prefix} {name.hex() if isinstance(name, bytes) else name}"
                checksum = crc32(changed.data, crc32(row.encode()))
                changed = checksum.to_bytes(CHECKSUM_BYTES, "big") + changed.data
            update = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608 - names of a test
            connection.execute(update, (changed, name))
    return len(values)


def swap(project: Project, table: str, column: str) -> int:
    """Give each row of a table the value of the next one, and the last row that of the first; return their number."""
    values = [value for (value,) in rows(project, f"SELECT {column} FROM {table}")]  # noqa: S608 - names of a test
    others = iter([*values[1:], *values[:1]])
    return alter(project, table, column, lambda _value: next(others))


def _value(data: bytes, kind: Any) -> Any:
    return decode(data[CHECKSUM_BYTES:], kind)
