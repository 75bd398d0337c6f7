"""The store of read articles: what reading gave, by a digest of everything that it depended on.

A cache and nothing more: it may be deleted, damaged, of another version or unwritable, and the build is the same. One
SQLite file. It may come from elsewhere (a CI cache), so nothing is unpickled but our own values, and every value has a
checksum, which is good in its own row alone.

    shelves   the articles of one folder: a mark of each file, and what reading it gave but its text
    texts     the text of an article, by its digest
    memo      what the last build was made of, and what came of it
    sheets    the plan of the last build, by parts; see `drafts`
"""

import io
import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sitegen.builder.session import BuildSession
from sitegen.util.frozen import dataclass

if TYPE_CHECKING:
    from sitegen.content.articles import Article
    from sitegen.content.markdown import Body
    from sitegen.content.pages import StaticPage, Translation
    from sitegen.diagnostics import Diagnostic

STORE: Final = "cache/store.sqlite3"
_VERSION: Final = 5
_OWN_MODULES: Final = frozenset(
    {
        "sitegen.builder.cache",
        "sitegen.content.articles",
        "sitegen.content.frontmatter",
        "sitegen.content.markdown",
        "sitegen.content.pages",
        "sitegen.diagnostics",
        "sitegen.util.dates",
    }
)
_DATES: Final = frozenset({"date", "datetime", "timedelta", "timezone"})
_CHECK_BYTES: Final = 16
_WRITTEN_AT_ONCE: Final = 4 * 1024 * 1024
_KEPT_AT_HAND: Final = 96 * 1024 * 1024
"""Bytes of texts that are held in memory at most, where the file can be written."""
_TABLES: Final = (
    "shelves (folder TEXT PRIMARY KEY, marks BLOB NOT NULL, base BLOB NOT NULL, heads BLOB NOT NULL)",
    "texts (digest BLOB PRIMARY KEY, value BLOB NOT NULL)",
    "memo (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
    "sheets (name TEXT PRIMARY KEY, seal BLOB NOT NULL, value BLOB NOT NULL)",
)


class FileState(NamedTuple):
    """A file as it was read: its name, what the file system said of it (None where that proves nothing), its digest."""

    name: str
    stamp: tuple[int, int, int, int] | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What reading one file gave, but its text."""

    article: "Article | None"
    diagnostics: tuple["Diagnostic", ...]
    beside: "Translation | StaticPage | None" = None

    @property
    def text(self) -> bytes | None:
        """The digest of the file's text, None where it could not be read."""
        found = self.article or self.beside
        return None if found is None else found.text


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """The articles of one folder: marks by name, and what reading gave under `base` (program and vocabulary)."""

    marks: tuple[FileState, ...]
    base: bytes
    heads: tuple[DocumentRecord, ...]


class ContentCache:
    """What was read before. Use `open_cache`. What cannot be read is as if it was not there."""

    def __init__(
        self, file: Path, connection: sqlite3.Connection | None, note: Callable[[str], None], session: BuildSession
    ) -> None:
        self._file = file
        self._memory = session
        self._connection = connection
        self._note = note
        self._new: dict[bytes, bytes] = {}
        self._new_bytes = 0
        self._loose: dict[bytes, bytes] = {}
        self._loose_bytes = 0
        self._marked: dict[str, bytes] = {}
        self._seals: dict[str, bytes] = {}
        self._failed = False

    def marks(self) -> dict[str, tuple[FileState, ...]]:
        """Return the marks of every shelf, by folder."""
        found = {}
        query = f"SELECT folder, substr(marks, 1, {_CHECK_BYTES}) FROM shelves"  # noqa: S608 - a number
        for folder, check in self._rows(query):
            at_hand = self._memory.marks.get(folder)
            if at_hand is not None and at_hand[0] == check:
                found[folder], self._marked[folder] = at_hand[1], check
                continue
            for (sealed,) in self._rows("SELECT marks FROM shelves WHERE folder = ?", folder):
                rows = _unsealed(f"marks {folder}", sealed)
                if isinstance(folder, str) and isinstance(rows, tuple):
                    with suppress(TypeError, ValueError):
                        found[folder] = tuple([FileState(*row) for row in rows])
                        self._marked[folder] = sealed[:_CHECK_BYTES]
                        self._memory.marks[folder] = self._marked[folder], found[folder]
        return found

    def heads(self, folder: str, base: bytes) -> tuple[DocumentRecord, ...] | None:
        """Return what reading a folder gave under `base`, in the order of its marks.

        None where another build has read it anew since its marks were asked for.
        """
        at_hand = self._memory.shelves.get(folder)
        checks = f"substr(heads, 1, {_CHECK_BYTES}), substr(marks, 1, {_CHECK_BYTES})"
        query = f"SELECT base, {checks} FROM shelves WHERE folder = ?"  # noqa: S608 - numbers
        for stored, check, marked in self._rows(query, folder):
            if stored != base or marked != self._marked.get(folder):
                return None
            heads = at_hand[2] if at_hand is not None and at_hand[:2] == (base, check) else None
            if heads is None:
                ((sealed,),) = self._rows("SELECT heads FROM shelves WHERE folder = ?", folder) or ((None,),)
                is_it = isinstance(sealed, bytes) and sealed[:_CHECK_BYTES] == check
                read = _unsealed(f"heads {folder}", sealed) if is_it else None
                if isinstance(read, tuple) and all(isinstance(head, DocumentRecord) for head in read):
                    heads = read
            if heads is not None:
                self._memory.shelves[folder] = base, check, heads
                self._seals[folder] = base + check
                return heads
        return None

    def seal(self, folder: str) -> bytes:
        """Return the seal of a folder's shelf as this build has read or written it; empty where it has not."""
        return self._seals.get(folder, b"")

    def seals(self) -> dict[str, bytes]:
        """Return for each folder what differs as soon as reading it gave anything else, or in another way.

        Those are left out that another build has read anew since their marks were asked for.
        """
        checks = f"substr(heads, 1, {_CHECK_BYTES}), substr(marks, 1, {_CHECK_BYTES})"
        rows = self._rows(f"SELECT folder, base, {checks} FROM shelves")  # noqa: S608 - numbers
        return {
            folder: base + check
            for folder, base, check, marked in rows
            if isinstance(base, bytes) and isinstance(check, bytes) and marked == self._marked.get(folder)
        }

    def sheet(self, name: str) -> bytes | None:
        """Return a part of the plan."""
        for (sealed,) in self._rows("SELECT value FROM sheets WHERE name = ?", name):
            return _checked(f"sheet {name}", sealed)
        return None

    def sheet_seals(self) -> dict[str, bytes]:
        """Return what each part of the plan was made of, by name."""
        return dict(self._rows("SELECT name, seal FROM sheets"))

    def begin(self) -> None:
        """Let no other build write until this one has kept what it now looks at."""
        if self._connection is None or self._failed or self._connection.in_transaction:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            self._fail(error)

    def keep_sheets(self, rows: Iterable[tuple[str, bytes, bytes]], gone: Iterable[str] = ()) -> None:
        """Keep parts of the plan: name, seal, value; drop those that are `gone`."""
        self._write("DELETE FROM sheets WHERE name = ?", [(name,) for name in gone])
        sealed = ((name, seal, _with_check(f"sheet {name}", value)) for name, seal, value in rows)
        self._write("INSERT OR REPLACE INTO sheets VALUES (?, ?, ?)", sealed)
        self._commit()

    def text(self, digest: bytes) -> bytes | None:
        """Return the pickled text with this digest."""
        at_hand = self._loose.get(digest) or self._new.get(digest)
        if at_hand is not None:
            return at_hand
        for (sealed,) in self._rows("SELECT value FROM texts WHERE digest = ?", digest):
            return _checked(f"text {digest.hex()}", sealed)
        return None

    def memo(self, name: str) -> object:
        """Return what was remembered under `name`, or None."""
        for (sealed,) in self._rows("SELECT value FROM memo WHERE name = ?", name):
            return _unsealed(f"memo {name}", sealed)
        return None

    def put_text(self, digest: bytes, data: bytes) -> None:
        """Keep the pickled text with this digest; `save` makes it last."""
        self._new[digest] = data
        self._new_bytes += len(data)
        if self._new_bytes > _WRITTEN_AT_ONCE:
            self._write_texts()

    def _write_texts(self) -> None:
        """Write the new texts. The first of them stay at hand: most are asked for soon."""
        rows = [(digest, _with_check(f"text {digest.hex()}", data)) for digest, data in self._new.items()]
        kept = self._write("INSERT OR REPLACE INTO texts VALUES (?, ?)", rows)
        if not kept or self._loose_bytes < _KEPT_AT_HAND:
            self._loose |= self._new
            self._loose_bytes += self._new_bytes
        self._new, self._new_bytes = {}, 0

    def texts(self) -> set[bytes]:
        """Return the digests of all texts."""
        return {digest for (digest,) in self._rows("SELECT digest FROM texts")} | self._new.keys()

    def save(
        self, shelves: Mapping[str, FolderRecord], gone: Iterable[str] = (), dropped: Iterable[bytes] = ()
    ) -> None:
        """Keep shelves, drop folders that are `gone` and texts, and end the transaction."""
        self._write_texts()
        rows = (self._row(folder, shelf) for folder, shelf in shelves.items())
        self._write("DELETE FROM shelves WHERE folder = ?", [(folder,) for folder in gone])
        self._write("DELETE FROM texts WHERE digest = ?", [(digest,) for digest in dropped])
        self._write("INSERT OR REPLACE INTO shelves VALUES (?, ?, ?, ?)", rows)
        self._commit()

    def _row(self, folder: str, shelf: FolderRecord) -> tuple[object, ...]:
        heads, marks = _sealed(f"heads {folder}", shelf.heads), _sealed_marks(folder, shelf.marks)
        self._memory.shelves[folder] = shelf.base, heads[:_CHECK_BYTES], shelf.heads
        self._seals[folder] = shelf.base + heads[:_CHECK_BYTES]
        self._marked[folder] = marks[:_CHECK_BYTES]
        return folder, marks, shelf.base, heads

    def remark(self, marks: Mapping[str, tuple[FileState, ...]]) -> None:
        """Keep new marks of folders whose articles are the same; not where another build has read them anew."""
        rows = []
        for folder, row in marks.items():
            sealed = _sealed_marks(folder, row)
            rows.append((sealed, folder, self._marked.get(folder)))
            self._marked[folder] = sealed[:_CHECK_BYTES]
        as_it_was = f"folder = ? AND substr(marks, 1, {_CHECK_BYTES}) = ?"
        self._write(f"UPDATE shelves SET marks = ? WHERE {as_it_was}", rows)  # noqa: S608 - a number
        self._commit()

    def remember(self, name: str, value: object) -> None:
        """Keep `value` under `name`."""
        self._write("INSERT OR REPLACE INTO memo VALUES (?, ?)", [(name, _sealed(f"memo {name}", value))])
        self._commit()

    def close(self) -> None:
        """Close the file; texts that were kept since the last transaction last."""
        if self._new:
            self._write_texts()
            self._commit()
        if self._connection is not None:
            self._connection.close()

    def _rows(self, query: str, *values: object) -> list[Any]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error:  # a damaged page: what stood there is made anew
            return []

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> bool:
        """Write within the transaction under way; return whether it went. After a failure nothing more is written."""
        if self._connection is None or self._failed:
            return False
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._fail(error)
            return False
        return True

    def _commit(self) -> None:
        if self._connection is None or self._failed:
            return
        try:
            self._connection.commit()
        except sqlite3.Error as error:
            self._fail(error)

    def _fail(self, error: sqlite3.Error) -> None:
        """Write nothing more; a damaged file is made anew by the next build."""
        self._failed = True
        if isinstance(error, sqlite3.OperationalError):
            self._note(
                f"the store of read articles, {self._file}, could not be written ({error}); the next build reads more"
            )
            with suppress(sqlite3.Error):
                if self._connection is not None:
                    self._connection.rollback()
            return
        self._note(f"the store of read articles, {self._file}, is damaged ({error}); the next build makes it anew")
        self.close()
        self._connection = None
        with suppress(OSError):
            self._file.unlink()


@contextmanager
def open_cache(
    output: Path, note: Callable[[str], None], session: BuildSession | None = None
) -> Iterator[ContentCache]:
    """Yield the store below `output`; `note` is told, in a sentence, where it cannot serve.

    `session` is what the process keeps from one build to the next.
    """
    file = output / STORE
    store = ContentCache(file, _connect(file, note), note, session if session is not None else BuildSession())
    try:
        yield store
    finally:
        store.close()


def unpickled(data: bytes) -> Any:
    """Return a value from its pickle. Raises pickle.UnpicklingError for one that names anything but our own values."""
    return OwnUnpickler(io.BytesIO(data)).load()


def unpickled_text(data: bytes) -> "Body":
    """Return a text from its pickle. Raises pickle.UnpicklingError for anything else."""
    from sitegen.content.markdown import Body  # noqa: PLC0415 - only where a text is rendered

    value = unpickled(data)
    if not isinstance(value, Body):
        raise pickle.UnpicklingError(f"a {type(value).__name__} is no text")
    return value


class OwnUnpickler(pickle.Unpickler):
    """Makes nothing but the values that reading gives, and those of the `modules` beside."""

    modules = _OWN_MODULES

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of ours. Raises pickle.UnpicklingError for anything else."""
        if module == "datetime" and name in _DATES:
            return super().find_class(module, name)
        if module in self.modules and name.isidentifier():
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not stored")


def _check(row: str, data: bytes) -> bytes:
    """Return the checksum of a value that stands in `row`: in another one it is not good."""
    return blake2b(data, digest_size=_CHECK_BYTES, key=_row_key(row)).digest()


def _row_key(row: str) -> bytes:
    return blake2b(row.encode("utf-8", "surrogateescape"), digest_size=_CHECK_BYTES).digest()


def _with_check(row: str, data: bytes) -> bytes:
    return _check(row, data) + data


def _checked(row: str, sealed: object) -> bytes | None:
    """Return what stands behind a checksum; None where the two do not agree."""
    if not isinstance(sealed, bytes):
        return None
    check, data = sealed[:_CHECK_BYTES], sealed[_CHECK_BYTES:]
    return data if _check(row, data) == check else None


def _sealed(row: str, value: object) -> bytes:
    return _with_check(row, pickle.dumps(value, protocol=5))


def _sealed_marks(folder: str, marks: tuple[FileState, ...]) -> bytes:
    return _sealed(f"marks {folder}", tuple(map(tuple, marks)))


def _unsealed(row: str, sealed: object) -> object:
    data = _checked(row, sealed)
    if data is None:
        return None
    try:
        return unpickled(data)
    except Exception:  # noqa: BLE001 - a pickle from elsewhere can raise anything
        return None


def _connect(file: Path, note: Callable[[str], None]) -> sqlite3.Connection | None:
    """Open the database. One that is damaged or of another version is made anew; None where there can be none."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _open(file)
    except sqlite3.OperationalError as error:
        note(f"there is no store of read articles, {file} ({error}); every article is read")
        return None
    except sqlite3.DatabaseError as error:
        note(f"the store of read articles, {file}, cannot be read ({error}); it is made anew")
    except OSError as error:
        note(f"there is no store of read articles, {file} ({error.strerror}); every article is read")
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
        connection.execute("PRAGMA page_size = 16384")  # a text in one page or two
        connection.execute("PRAGMA cache_size = -16384")
        if version == 0:
            with connection:
                connection.execute("BEGIN IMMEDIATE")  # all or nothing: half of the tables would serve nobody
                for table in _TABLES:
                    connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute("SELECT folder FROM shelves LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
