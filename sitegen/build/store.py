"""The store of read articles: what reading gave, by a digest of everything that it depended on.

A cache and nothing more: it may be deleted, damaged, of another version or unwritable, and the build is the same. One
SQLite file, one transaction. It may come from elsewhere (a CI cache), so nothing is unpickled but our own values.
"""

import io
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from sitegen.config import Vocabulary
from sitegen.content.articles import ReadArticle
from sitegen.digest.keys import DIGEST_BYTES, Digester

STORE: Final = "cache/store.sqlite3"
_VERSION: Final = 1
_OWN_MODULES: Final = frozenset(
    {
        "sitegen.content.articles",
        "sitegen.content.frontmatter",
        "sitegen.content.markdown",
        "sitegen.diagnostics",
        "sitegen.schema",
    }
)
_DATES: Final = frozenset({"date", "datetime", "timedelta", "timezone"})


class Store:
    """Articles that were read before. Use `open_store`."""

    def __init__(self, file: Path, connection: sqlite3.Connection | None, note: Callable[[str], None]) -> None:
        self._file = file
        self._connection = connection
        self._note = note
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    def get(self, key: bytes) -> ReadArticle | None:
        """Return what reading gave under `key`, or None."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT value FROM articles WHERE key = ?", (key,)).fetchone()
            value = unpickled(row[0]) if row else None
        except Exception:  # noqa: BLE001 - a damaged page or value can raise anything; the article is read anew
            return None
        if value is not None:
            self._used.add(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        """Keep what reading gave, pickled, under `key`."""
        if self._connection is not None:
            self._new[key] = value

    def save(self) -> None:
        """Write what is new and drop what was not asked for, in one transaction."""
        if self._connection is None:
            return
        try:
            with self._connection:
                known = {key for (key,) in self._connection.execute("SELECT key FROM articles")}
                gone = [(key,) for key in known - self._used]
                if gone:
                    self._connection.executemany("DELETE FROM articles WHERE key = ?", gone)
                if self._new:
                    self._connection.executemany("INSERT OR REPLACE INTO articles VALUES (?, ?)", self._new.items())
        except sqlite3.OperationalError as error:
            self._note(f"the store of read articles could not be written ({error}); the next build reads more")
        except sqlite3.Error as error:
            self._note(f"the store of read articles is damaged ({error}); the next build makes it anew")
            self._connection.close()
            self._connection = None
            with suppress(OSError):
                self._file.unlink()

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()


@contextmanager
def open_store(output: Path, note: Callable[[str], None]) -> Iterator[Store]:
    """Yield the store below `output`; `note` is told, in a sentence, where it cannot serve."""
    file = output / STORE
    store = Store(file, _connect(file, note), note)
    try:
        yield store
    finally:
        store.close()


def article_key(engine: bytes, vocabulary: Vocabulary) -> Callable[[str, bytes], bytes]:
    """Return the function that gives the key of an article by its path and its file's bytes.

    The key holds all that reading depends on: this program, the vocabulary, the path and the bytes.
    """
    base = blake2b(engine, digest_size=DIGEST_BYTES)
    base.update(Digester().digest(vocabulary))

    def key(path: str, data: bytes) -> bytes:
        digest = base.copy()
        digest.update(f"{len(path.encode())}:{path}".encode())
        digest.update(data)
        return digest.digest()

    return key


def unpickled(data: bytes) -> ReadArticle:
    """Return what reading gave from its pickle. Raises pickle.UnpicklingError for one that names anything else."""
    value = _Unpickler(io.BytesIO(data)).load()
    if not isinstance(value, ReadArticle):
        raise pickle.UnpicklingError(f"a {type(value).__name__} is not stored")
    return value


class _Unpickler(pickle.Unpickler):
    """Makes nothing but the values that reading gives."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "datetime" and name in _DATES:
            return super().find_class(module, name)
        if module in _OWN_MODULES and name.isidentifier():
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not stored")


def _connect(file: Path, note: Callable[[str], None]) -> sqlite3.Connection | None:
    """Open the database. One that is damaged or of another version is made anew; None where there can be none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _open(file)
    except sqlite3.OperationalError as error:
        note(f"there is no store of read articles ({error}); every article is read")
        return None
    except sqlite3.DatabaseError as error:
        note(f"the store of read articles cannot be read ({error}); it is made anew")
    except OSError as error:
        note(f"there is no store of read articles ({error.strerror}); every article is read")
        return None
    with suppress(OSError, sqlite3.Error):
        file.unlink()
        return _open(file)
    return None


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=2)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"it is of version {version}")
        connection.execute("PRAGMA synchronous = OFF")  # a cache: what a power cut breaks is made anew
        if version == 0:
            with connection:
                connection.execute("CREATE TABLE articles (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("SELECT key FROM articles LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
