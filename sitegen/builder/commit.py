"""The only writer of the site: staging, a journal, renames.

New files are written to a staging folder first. Then a journal records every rename and deletion. A process that is
killed before leaves the old site untouched; after that, the next process completes the commit. SIGTERM and Ctrl-C act
after the last rename, which takes milliseconds. The order is assets,
pages, indexes, feeds, deletions, so that no page ever refers to a file that does not exist yet.

    output/site/          the published site and nothing else
    output/manifest.json  the files of the site: path, key, hash, size, time
    output/staging/       new files of the current build
    output/journal.json   the current commit
    output/lock           held by one build at a time
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitegen.builder.manifest import (
    MANIFEST,
    ManifestEntry,
    file_key,
    manifest_hash,
    read_manifest,
    read_record,
    unmanaged_files,
    write_manifest,
    write_record,
)
from sitegen.builder.request import CommitResult, ignore_note
from sitegen.builder.session import BuildSession
from sitegen.diagnostics import ExternalError, UsageError
from sitegen.util.file_lock import file_lock
from sitegen.util.hashing import decode, encode
from sitegen.util.paths import OUTPUT, are_inside, article_slug, parent_folders
from sitegen.util.signals import signals_deferred

STAGING: Final = "staging"
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_PERMANENT_ERRORS: Final = frozenset(
    {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.EINVAL}
)
"""Errors that a retry cannot fix: an unmanaged file in the way, a name that the file system does not allow."""


class _Journal(Struct, frozen=True):
    """A commit: renames from staging, deletions, and the changed entries of the manifest."""

    moves: list[tuple[str, str]]
    removals: list[str]
    files: dict[str, ManifestEntry]

    @property
    def paths(self) -> list[str]:
        """The paths of the site that the commit changes."""
        return [path for _, path in self.moves] + self.removals


class Writer:
    """Writes one site folder. Use `open_writer`."""

    def __init__(self, output: Path, session: BuildSession | None, note: Callable[[str], None]) -> None:
        self._output = output
        self._note = note
        self._session = session
        self._trusted = False
        self.site = output / "site"
        self._folder = str(self.site)
        self._staging = output / STAGING
        self._journal = output / "journal.json"
        self._manifest = output / MANIFEST
        self._previous: dict[str, ManifestEntry] = {}
        self._next: dict[str, ManifestEntry] = {}
        self._moves: list[tuple[str, str]] = []
        self._unchanged_count = 0
        self._hash: bytes | None = None

    @property
    def manifest_hash(self) -> bytes:
        """The hash of the manifest file."""
        if self._hash is None:
            self._hash = manifest_hash(self._output)
        return self._hash

    @property
    def previous(self) -> Mapping[str, ManifestEntry]:
        """The files of the last build by path."""
        return self._previous

    def begin(self) -> None:
        """Complete a pending commit, then start with an empty staging folder."""
        self._previous, self._trusted = self._load_manifest()
        if self._journal.exists():
            self._complete_commit()
        self._remove_unfinished()

    def _complete_commit(self) -> None:
        journal, _ = read_record(self._journal, _Journal)
        if journal is None or not are_inside([*journal.paths, *(name for name, _ in journal.moves), *journal.files]):
            self._note_damage(self._journal)
        else:
            manifest = self._previous | journal.files
            for path in journal.removals:
                manifest.pop(path, None)
            self._hash = None
            try:
                self._check_links(journal)
                with signals_deferred():
                    self._apply(journal, manifest, set())
                self._previous = manifest
            except OSError as error:
                if error.errno not in _PERMANENT_ERRORS:
                    raise  # a full disk, a read-only folder: the next build completes the commit once this is fixed
                # The commit cannot be completed. All its files stay managed, so this build repairs the site.
                self._previous = manifest | self._previous
        self._journal.unlink(missing_ok=True)

    def _note_damage(self, file: Path) -> None:
        self._note(f"{file} is damaged or of another version; every file of the site is checked and written again")

    def _load_manifest(self) -> tuple[dict[str, ManifestEntry], bool]:
        """Return the manifest, and whether this process wrote it: then its files count as unchanged."""
        if self._session is not None and self._session.manifest is not None:
            key, rows, self._hash = self._session.manifest
            if key == file_key(self._manifest):
                return rows, True
        read, self._hash = read_manifest(self._manifest)
        if read is None:
            self._note_damage(self._manifest)
        return read or {}, False

    def _save_in_session(self, rows: dict[str, ManifestEntry]) -> None:
        if self._session is not None:
            key = file_key(self._manifest)
            self._session.manifest = (key, rows, self.manifest_hash) if key is not None else None

    def reuse(self, path: str, key: bytes) -> bool:
        """Keep a file that has the same key and has not changed since; return whether it was kept.

        If only the mtime differs (the file was restored or copied), the hash decides.
        """
        row = self._previous.get(path)
        if row is None or row.key != key.hex():
            return False
        entry = self._unchanged_entry(path, row)
        if entry is None:
            return False
        self._next[path] = entry
        self._unchanged_count += 1
        return True

    def keep_others(self, paths: AbstractSet[str]) -> bool:
        """Keep every file of the last build that is not in `paths`.

        Return whether none of them has changed since, and it had `paths`, too.
        """
        for path, row in self._previous.items():
            if path not in paths:
                entry = self._unchanged_entry(path, row)
                if entry is None:
                    return False
                self._next[path] = entry
        self._unchanged_count = len(self._next)
        return paths <= self._previous.keys()

    def verify_unchanged(self) -> CommitResult | None:
        """Return the result of a build that changes nothing; None if a file of the site has changed."""
        for path, row in self._previous.items():
            if self._unchanged_entry(path, row) is not row:
                return None
        self._save_in_session(self._previous)
        return CommitResult(unchanged=len(self._previous))

    def _unchanged_entry(self, path: str, row: ManifestEntry) -> ManifestEntry | None:
        """Return the entry of an unchanged file with its current mtime; None if the file has changed."""
        if self._trusted:
            return row
        file = f"{self._folder}/{path}"
        try:
            status = os.lstat(file)
            if status.st_size != row.size or not stat.S_ISREG(status.st_mode):
                return None
            if status.st_mtime_ns == row.mtime:
                return row
            if sha256(Path(file).read_bytes()).hexdigest() != row.digest:
                return None
        except OSError:
            return None
        return row._replace(mtime=status.st_mtime_ns)

    @property
    def put(self) -> Callable[[int, str, bytes], bytes]:
        """The function that stages a file, in any process."""
        return partial(_stage, self._folder, str(self._staging))

    def accept(self, path: str, key: bytes, stored: bytes) -> None:
        """Receive the result of `put` for a file."""
        name, digest, size, mtime = decode(stored, tuple[str, str, int, int])
        if name:
            self._moves.append((name, path))
        else:
            self._unchanged_count += 1
        self._next[path] = ManifestEntry(key.hex(), digest, size, mtime)

    def commit(self) -> CommitResult:
        """Move staged files into the site, and delete managed files that are no longer planned."""
        manifest, previous = self._next, self._previous
        has_lost_manifest = not previous and self.site.is_dir()
        journal = _Journal(
            moves=sorted(self._moves, key=lambda move: (commit_order(move[1]), move[1])),
            removals=sorted(previous.keys() - manifest.keys()),
            files={path: row for path, row in manifest.items() if previous.get(path) != row},
        )
        if journal.moves or journal.removals or journal.files:
            self._check_conflicts(journal)
            # All space is allocated before anything changes: after that there are only renames and deletions.
            self._staging.mkdir(parents=True, exist_ok=True)
            written = write_manifest(self._staging / MANIFEST, manifest)
            with signals_deferred():
                write_record(self._journal, journal)
                self._apply(journal, manifest, self._make_folders(journal))
            self._hash = written
        unmanaged = unmanaged_files(self.site, manifest) if has_lost_manifest else ()
        self._save_in_session(manifest)
        written_paths = tuple(path for _, path in journal.moves)
        return CommitResult(written_paths, self._unchanged_count, tuple(journal.removals), unmanaged)

    def end(self) -> None:
        """Remove staged files, unless a pending commit needs them."""
        if not self._journal.exists():
            self._remove_unfinished()

    def _remove_unfinished(self) -> None:
        with suppress(OSError):
            for file in self._output.glob(".*.tmp"):
                file.unlink()
        self._remove_staging()

    def _remove_staging(self) -> None:
        with suppress(OSError):
            for file in self._staging.iterdir():
                file.unlink()
            self._staging.rmdir()

    def _apply(self, journal: _Journal, manifest: dict[str, ManifestEntry], created: set[str]) -> None:
        removals = set(journal.removals)
        for name, path in journal.moves:
            staged = self._staging / name
            try:
                self._ensure_parent(path, removals, created)
                staged.replace(self.site / path)
            except FileNotFoundError:
                continue  # moved by the interrupted process
            except IsADirectoryError:
                self._clear_folder(path, removals)
                staged.replace(self.site / path)
        for path in journal.removals:
            # A file that a folder replaces, or the reverse, was removed by `_ensure_parent` or `_clear_folder`.
            with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
                (self.site / path).unlink()
            self._prune(path)
        try:
            (self._staging / MANIFEST).replace(self._manifest)
        except FileNotFoundError:  # moved by the interrupted process, or deleted since
            write_manifest(self._manifest, manifest)
        self._journal.unlink(missing_ok=True)
        self._remove_staging()

    def _check_conflicts(self, journal: _Journal) -> None:
        """Raise an error, before the journal is written, for anything that would stop the commit half way.

        That is an unmanaged file, link or folder in the way, and a read-only folder.
        """
        managed = self._previous.keys()
        needed = {folder for _, path in journal.moves for folder in parent_folders(path)}
        folders = needed | {folder for path in journal.removals for folder in parent_folders(path)}
        existing = {folder for folder in folders if _is_folder(f"{self._folder}/{folder}")}
        existing |= {""} if self.site.is_dir() else set()
        for folder in sorted(folders - existing):
            if folder.rpartition("/")[0] not in existing:
                continue
            target = self.site / folder
            if folder in managed and target.is_file():
                continue  # removed by `_ensure_parent`
            if target.is_symlink():
                raise ExternalError(f"cannot write {target}: expected a folder, but it is a symbolic link; remove it")
            if folder in needed and os.path.lexists(target):
                raise ExternalError(f"cannot write {target}: expected a folder, but it is an unmanaged file; remove it")
        changed = {path.rpartition("/")[0] for path in journal.removals}
        for _, path in journal.moves:
            folder, file = path.rpartition("/")[0], f"{self._folder}/{path}"
            changed.add(folder)
            if folder not in existing or not _is_folder(file):
                continue
            if not all(name in managed for name in _files_below(Path(file), path)):
                raise ExternalError(
                    f"cannot write {file}: expected a file, but it is a folder with unmanaged files; remove it"
                )
        for folder in sorted({self._nearest_existing(folder, existing) for folder in changed}):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)

    def _check_links(self, journal: _Journal) -> None:
        """Raise NotADirectoryError if a folder has become a symbolic link since the journal was written."""
        for folder in {folder for path in journal.paths for folder in parent_folders(path)}:
            if (self.site / folder).is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self.site / folder))

    def _nearest_existing(self, folder: str, existing: set[str]) -> str:
        """Return the file system path of a folder of the site, or of its nearest parent that exists."""
        while folder and folder not in existing:
            folder = folder.rpartition("/")[0]
        if folder in existing:
            return f"{self._folder}/{folder}" if folder else self._folder
        return str(self._output)

    def _make_folders(self, journal: _Journal) -> set[str]:
        """Create the folders of all files, and return them. If one cannot be created, undo the commit."""
        created: list[str] = []
        known: set[str] = set()
        try:
            self.site.mkdir(exist_ok=True)
            for _, path in journal.moves:
                for folder in parent_folders(path):
                    if folder in self._previous:
                        break  # a managed file, which `_ensure_parent` removes
                    if folder not in known:
                        known.add(folder)
                        with suppress(FileExistsError):
                            (self.site / folder).mkdir()
                            created.append(folder)
        except OSError:
            for folder in reversed(created):
                with suppress(OSError):
                    (self.site / folder).rmdir()
            self._journal.unlink(missing_ok=True)
            raise
        return known

    def _ensure_parent(self, path: str, removals: set[str], created: set[str]) -> None:
        """Create the folder of a file, unless it is among `created`; delete a managed file in the way first."""
        folder = path.rpartition("/")[0]
        if folder not in created:
            for parent in parent_folders(path):
                if parent in removals and (self.site / parent).is_file():
                    (self.site / parent).unlink()
            (self.site / folder).mkdir(parents=True, exist_ok=True)
            created.add(folder)

    def _clear_folder(self, path: str, removals: set[str]) -> None:
        """Remove managed files from a folder that a file must replace."""
        for other in removals:
            if other.startswith(f"{path}/"):
                (self.site / other).unlink(missing_ok=True)
                self._prune(other)
        target = self.site / path
        with suppress(OSError):
            target.rmdir()
        target.parent.mkdir(parents=True, exist_ok=True)

    def _prune(self, path: str) -> None:
        """Remove the folders that a deletion has left empty."""
        for parent in (self.site / path).parents:
            if parent == self.site:
                return
            with suppress(OSError):
                parent.rmdir()


def complete_pending_commit(output: Path, note: Callable[[str], None] = ignore_note) -> None:
    """Complete the commit of an interrupted process, if there is one."""
    if (output / "journal.json").exists():
        with open_writer(output, note=note):
            pass


@contextmanager
def open_writer(
    output: Path, session: BuildSession | None = None, note: Callable[[str], None] = ignore_note
) -> Iterator[Writer]:
    """Yield a writer that holds the lock of `output`; `session` requires that only this process writes the folder.

    `note` gets a sentence if the manifest or the journal is damaged.
    Raises ExternalError if another build holds the lock, or for errors of the file system.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        with _lock(output):
            writer = Writer(output, session, note)
            writer.begin()
            try:
                yield writer
            finally:
                writer.end()
    except OSError as error:
        named = error.filename2 or error.filename or output
        verb = "write" if Path(named).is_relative_to(output) else "use"
        raise ExternalError(f"cannot {verb} {named}: {error.strerror or error}") from error


@contextmanager
def locked_site(output: Path) -> Iterator[tuple[dict[str, ManifestEntry], bytes]]:
    """Yield the manifest's entries by path and its hash, and block builds meanwhile.

    Raises ExternalError if a build is running, or if a commit is incomplete.
    """
    with _lock(output):
        if (output / "journal.json").exists():
            raise ExternalError(f"the last build of {output} was interrupted; build again")
        rows, digest = read_manifest(output / MANIFEST)
        yield rows or {}, digest


@contextmanager
def _lock(output: Path) -> Iterator[None]:
    """Hold the lock of `output`. Raises ExternalError if another build holds it."""
    with file_lock(output / "lock") as is_free:
        if not is_free:
            raise ExternalError(f"another build is writing to {output}")
        yield


def commit_order(path: str) -> int:
    """Return the rank of a file in the order of a commit: assets, articles, indexes, feeds and lists of them."""
    if path.startswith("assets/") and not path.endswith("/index.html"):
        return 0
    if path.endswith(".html"):
        return 1 if article_slug(path) is not None else 2
    return 3


def _is_folder(path: str) -> bool:
    """Return whether a path is a folder, and not a symbolic link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _mtime_if_equal(file: str, data: bytes) -> int | None:
    """Return the mtime in ns of a file whose content is `data`; None for any other."""
    try:
        status = os.lstat(file)
        if stat.S_ISREG(status.st_mode) and status.st_size == len(data) and Path(file).read_bytes() == data:
            return status.st_mtime_ns
    except OSError:
        pass
    return None


def _stage(site: str, staging: str, number: int, path: str, data: bytes) -> bytes:
    """Write a file to the staging folder, unless the site has one with the same bytes.

    `number` is that of the file in this build. Return encoded: its name in the staging folder, empty if the site has
    it, and the last three fields of its `ManifestEntry`.
    """
    name, mtime = "", _mtime_if_equal(f"{site}/{path}", data)
    if mtime is None:
        name = f"{number:06d}"
        mtime = write_new(staging, name, data)
    return encode((name, sha256(data).hexdigest(), len(data), mtime))


def write_new(folder: str, name: str, data: bytes) -> int:
    """Write a file, and the folder if it is missing; return its mtime in ns."""
    file = f"{folder}/{name}"
    try:
        try:
            descriptor = os.open(file, _NEW_FILE, 0o666)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, _NEW_FILE, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            return os.fstat(descriptor).st_mtime_ns
        finally:
            os.close(descriptor)
    except OSError as error:
        error.filename = error.filename or file  # a full disk has none
        raise


def _files_below(folder: Path, path: str) -> Iterator[str]:
    """Yield the paths of all files and empty folders below `folder`, whose own path is `path`."""
    for entry in sorted(folder.iterdir()):
        inside = f"{path}/{entry.name}"
        if entry.is_dir() and not entry.is_symlink() and any(entry.iterdir()):
            yield from _files_below(entry, inside)
        else:
            yield inside


def check_output(root: Path, output: Path) -> None:
    """Raise UsageError for an output folder in which a build could overwrite or delete sources."""
    target, project = output.resolve(), root.resolve()
    if project.is_relative_to(target):
        raise UsageError(f"the output folder {output} holds the project itself; choose another folder")
    if (output / "site").is_symlink():
        raise UsageError(f"{output / 'site'} is a symbolic link; expected a folder; remove the link")
    if target.is_relative_to(project / OUTPUT / "site"):
        raise UsageError(f"the output folder {output} is inside a published site; choose another folder")
    for name in ("content", "themes", "sitegen", "tests", "docs", ".git"):
        if target.is_relative_to(project / name):
            raise UsageError(f"the output folder {output} is inside {name}/; choose another folder")
