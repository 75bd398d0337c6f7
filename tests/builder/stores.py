"""The store of read articles as a test sees it: what is kept, and ways to harm it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple

from sitegen.builder.cache import STORE, DocumentRecord, FileState, unpickled
from tests.project import Project

CHECK_BYTES: Final = 16
"""The bytes of the checksum before each value."""


class Sealed(NamedTuple):
    """Bytes that get the checksum which the store would give them."""

    data: bytes


def store(project: Project) -> Path:
    """Return the file of the store."""
    return project.root / "output" / STORE


def rows(project: Project, query: str) -> list[Any]:
    """Return what a query finds."""
    with closing(sqlite3.connect(store(project))) as connection:
        return connection.execute(query).fetchall()


def kept(project: Project) -> dict[str, tuple[FileState, DocumentRecord]]:
    """Return every article that is kept, by the name of its file."""
    found = {}
    for marks, heads in rows(project, "SELECT marks, heads FROM shelves"):
        for mark, head in zip(_value(marks), _value(heads), strict=True):
            found[mark[0]] = (FileState(*mark), head)
    return found


def texts(project: Project) -> dict[bytes, bytes]:
    """Return every text that is kept, as it is kept, by its digest."""
    return dict(rows(project, "SELECT digest, value FROM texts"))


def alter(project: Project, table: str, column: str, change: Callable[[bytes], object]) -> int:
    """Change a column of every row of a table; return how many there were."""
    key = {"shelves": "folder", "texts": "digest"}.get(table, "name")
    kind = {"texts": "text", "memo": "memo", "sheets": "sheet"}.get(table, column)
    with closing(sqlite3.connect(store(project))) as connection, connection:
        values = connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall()  # noqa: S608
        for name, value in values:
            changed = change(value)
            if isinstance(changed, Sealed):
                row = f"{kind} {name.hex() if isinstance(name, bytes) else name}"
                own = blake2b(row.encode(), digest_size=CHECK_BYTES).digest()
                changed = blake2b(changed.data, digest_size=CHECK_BYTES, key=own).digest() + changed.data
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (changed, name))  # noqa: S608
    return len(values)


def swap(project: Project, table: str, column: str) -> int:
    """Give each row of a table the value of the next one, and the last that of the first; return how many there are."""
    found = [value for (value,) in rows(project, f"SELECT {column} FROM {table}")]  # noqa: S608
    others = iter([*found[1:], *found[:1]])
    return alter(project, table, column, lambda _value: next(others))


def _value(data: bytes) -> Any:
    return unpickled(data[CHECK_BYTES:])
