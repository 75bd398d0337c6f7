"""The content cache: parsed documents by the hash of their files, and texts by their hash.

It is only a cache: it may be deleted, damaged, of another version or unwritable, and the build is the same. It is one
SQLite file. Every value has a checksum that includes the name of its row, a text is checked by its hash, and decoding
is typed and runs no code, so a cache from elsewhere (CI) can do no harm.

    folders   the documents of one folder: the state of each file, and the result of parsing it but its text
    texts     the text of a document, by its hash
    recipes   the recipes of the last plan that show articles, in parts
    articles  the articles of the last plan, by their hash
    meta      facts about the last build
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from sitegen.builder.request import ignore_note
from sitegen.builder.scan import FileStat
from sitegen.util.hashing import Hash, decode, encode, hash_bytes

CACHE: Final = "cache/content.sqlite3"
_VERSION: Final = 9
_CHECKSUM_BYTES: Final = 4
_MAX_KEYS: Final = 500
"""Hashes in a query: SQLite takes 999 values in all its versions."""
_MAX_WAIT: Final = 5
"""Seconds to wait for another process that is writing texts."""
_TABLES: Final = (
    "folders (folder TEXT PRIMARY KEY, states BLOB NOT NULL, schema BLOB NOT NULL, documents BLOB NOT NULL)",
    "texts (hash BLOB PRIMARY KEY, value BLOB NOT NULL)",
    "recipes (part INTEGER PRIMARY KEY, value BLOB NOT NULL)",
    "articles (hash BLOB PRIMARY KEY, value BLOB NOT NULL)",
    "meta (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
)

Value = TypeVar("Value")


class FileState(Struct, frozen=True, array_like=True, gc=False):
    """A file when it was parsed: its name, its status (None if that proves nothing yet), the hash of its bytes."""

    name: str
    stat: FileStat | None
    hash: Hash


class ContentCache:
    """Parsed documents and texts of earlier builds. Use `open_cache`. Whatever cannot be read counts as missing."""

    def __init__(self, file: Path, connection: sqlite3.Connection, note: Callable[[str], None]) -> None:
        self._file = file
        self._connection = connection
        self._note = note
        self._failed = False

    def file_states(self) -> dict[str, tuple[FileState, ...]]:
        """Return the states of the files of every folder."""
        rows = self._rows("SELECT folder, states FROM folders")
        folders = {folder: _checked_value(f"states {folder}", data, tuple[FileState, ...]) for folder, data in rows}
        return {folder: states for folder, states in folders.items() if states is not None}

    def documents(self, folder: str, schema: Hash, kind: type[Value]) -> Value | None:
        """Return the documents of a folder as a `kind`, if they were parsed by the program and schema `schema`."""
        for data, stored in self._rows("SELECT documents, schema FROM folders WHERE folder = ?", folder):
            return _checked_value(f"documents {folder}", data, kind) if stored == schema else None
        return None

    def texts(self, keys: Iterable[Hash]) -> dict[Hash, bytes]:
        """Return the encoded texts with these hashes, as far as they are there."""
        stored = self._by_hash("SELECT hash, value FROM texts WHERE hash IN ({})", keys)
        return {key: data for key, data in stored if isinstance(data, bytes) and hash_bytes(data) == key}

    def text_hashes(self) -> set[Hash]:
        """Return the hashes of all texts."""
        return {Hash(key) for (key,) in self._rows("SELECT hash FROM texts")}

    def recipes(self, part: int) -> bytes | None:
        """Return an encoded part of the recipes; None if it is missing or damaged."""
        for (stored,) in self._rows("SELECT value FROM recipes WHERE part = ?", part):
            return _checked_data(f"recipes {part}", stored)
        return None

    def put_recipes(self, part: int, value: object) -> None:
        """Keep a part of the recipes."""
        self._write("INSERT OR REPLACE INTO recipes VALUES (?, ?)", [(part, _with_checksum(f"recipes {part}", value))])

    def articles(self, keys: Iterable[Hash], kind: type[Value]) -> dict[Hash, Value]:
        """Return the articles with these hashes as a `kind`, as far as they are there."""
        stored = self._by_hash("SELECT hash, value FROM articles WHERE hash IN ({})", keys)
        found = {key: _checked_value(f"article {key.hex()}", data, kind) for key, data in stored}
        return {key: value for key, value in found.items() if value is not None}

    def article_hashes(self) -> set[Hash]:
        """Return the hashes of all articles that are kept."""
        return {Hash(key) for (key,) in self._rows("SELECT hash FROM articles")}

    def replace_articles(self, added: Mapping[Hash, object], removed: Iterable[Hash]) -> None:
        """Keep articles by their hash, and drop others."""
        self._write("DELETE FROM articles WHERE hash = ?", [(key,) for key in removed])
        rows = [(key, _with_checksum(f"article {key.hex()}", value)) for key, value in added.items()]
        self._write("INSERT OR REPLACE INTO articles VALUES (?, ?)", rows)

    def get_meta(self, name: str, kind: type[Value]) -> Value | None:
        """Return the fact called `name` as a `kind`, or None."""
        for (data,) in self._rows("SELECT value FROM meta WHERE name = ?", name):
            return _checked_value(f"meta {name}", data, kind)
        return None

    def put_texts(self, texts: Mapping[Hash, bytes]) -> None:
        """Keep encoded texts by their hash, at once, because other processes write texts, too."""
        self._write("INSERT OR REPLACE INTO texts VALUES (?, ?)", texts.items())
        self.commit()

    def put_folder(self, folder: str, states: Sequence[FileState], schema: Hash, documents: object) -> None:
        """Keep the documents of a folder."""
        row = (
            folder,
            _with_checksum(f"states {folder}", states),
            schema,
            _with_checksum(f"documents {folder}", documents),
        )
        self._write("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?)", [row])

    def update_file_states(self, states: Mapping[str, Sequence[FileState]]) -> None:
        """Keep new states of folders whose documents are unchanged."""
        rows = [(_with_checksum(f"states {folder}", group), folder) for folder, group in states.items()]
        self._write("UPDATE folders SET states = ? WHERE folder = ?", rows)
        self.commit()

    def prune(self, folders: Iterable[str], texts: Iterable[Hash]) -> None:
        """Drop folders and texts."""
        self._write("DELETE FROM folders WHERE folder = ?", [(folder,) for folder in folders])
        self._write("DELETE FROM texts WHERE hash = ?", [(key,) for key in texts])

    def set_meta(self, name: str, value: object) -> None:
        """Keep a fact called `name`."""
        self._write("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(name, _with_checksum(f"meta {name}", value))])
        self.commit()

    def commit(self) -> None:
        """Make everything permanent that was kept since the last call."""
        if not self._failed:
            try:
                self._connection.commit()
            except sqlite3.Error as error:
                self._fail(error)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _by_hash(self, query: str, keys: Iterable[Hash]) -> Iterator[tuple[Hash, object]]:
        """Yield hash and value of the rows with these hashes; `query` has `{}` in place of a list of them."""
        wanted = list(keys)
        for start in range(0, len(wanted), _MAX_KEYS):
            part = wanted[start : start + _MAX_KEYS]
            for key, value in self._rows(query.format(", ".join("?" * len(part))), *part):
                yield Hash(key), value

    def _rows(self, query: str, *values: object) -> list[Any]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error:  # a damaged page: its values count as missing
            return []

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Write within the current transaction. After a failure nothing more is written."""
        if self._failed:
            return
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._fail(error)

    def _fail(self, error: sqlite3.Error) -> None:
        """Stop writing. A damaged file is removed, so the next build creates it again."""
        self._failed = True
        with suppress(sqlite3.Error):
            self._connection.rollback()
        if isinstance(error, sqlite3.OperationalError):
            self._note(f"cannot write the content cache {self._file} ({error}); the next build parses more articles")
            return
        self._note(f"the content cache {self._file} is damaged ({error}); the next build creates it again")
        self._connection.close()
        self._connection = sqlite3.connect(":memory:")
        with suppress(OSError):
            self._file.unlink()


@contextmanager
def open_cache(output: Path, note: Callable[[str], None] = ignore_note) -> Iterator[ContentCache]:
    """Yield the content cache below `output`; `note` gets a sentence if it is unavailable."""
    file = output / CACHE
    cache = ContentCache(file, _connect(file, note), note)
    try:
        yield cache
    finally:
        cache.close()


@lru_cache(maxsize=1)
def cache_in_worker(output: str) -> ContentCache:
    """Return the content cache below `output` for a worker: if it is unavailable, the main process reports it."""
    file = Path(output) / CACHE
    return ContentCache(file, _connect(file, ignore_note), ignore_note)


def _with_checksum(row: str, value: object) -> bytes:
    """Return an encoded value with a checksum that is only valid in its own row."""
    data = encode(value)
    return _checksum(row, data) + data


def _checked_value(row: str, stored: object, kind: type[Value]) -> Value | None:
    """Return the value behind a checksum; None if the two do not agree."""
    data = _checked_data(row, stored)
    try:
        return None if data is None else decode(data, kind)
    except (msgspec.DecodeError, ValueError):
        return None


def _checked_data(row: str, stored: object) -> bytes | None:
    if not isinstance(stored, bytes):
        return None
    checksum, data = stored[:_CHECKSUM_BYTES], stored[_CHECKSUM_BYTES:]
    return data if _checksum(row, data) == checksum else None


def _checksum(row: str, data: bytes) -> bytes:
    return crc32(data, crc32(row.encode("utf-8", "surrogateescape"))).to_bytes(_CHECKSUM_BYTES, "big")


def _connect(file: Path, note: Callable[[str], None]) -> sqlite3.Connection:
    """Open the database. A damaged one, or one of another version, is created again; without a file it is in memory."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _open(file)
    except sqlite3.OperationalError as error:
        note(f"content cache {file} unavailable ({error}); all articles will be parsed")
        return _open(":memory:")
    except sqlite3.DatabaseError as error:
        note(f"content cache {file} unusable ({error}); it is created again")
    except OSError as error:
        note(f"content cache {file} unavailable ({error.strerror}); all articles will be parsed")
        return _open(":memory:")
    with suppress(OSError, sqlite3.Error):
        file.unlink()
        return _open(file)
    return _open(":memory:")


def _open(file: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_MAX_WAIT)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"version {version}")
        connection.execute("PRAGMA synchronous = OFF")  # a cache: whatever a power cut breaks is created again
        connection.execute("PRAGMA page_size = 16384")  # a text fits into one or two pages
        connection.execute("PRAGMA cache_size = -16384")
        if version == 0:
            with connection:
                connection.execute("BEGIN IMMEDIATE")  # all tables or none
                for table in _TABLES:
                    connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("SELECT folder FROM folders LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
