"""The sole writer of the site: staging, a journal, renames.

New bytes are written beside the site first. Then a journal names every rename and deletion; from that moment the commit
is decided, and whoever comes next completes it before anything else. Killed before, the old site is untouched. The
order is assets, pages, indexes, feeds, deletions, so that no page ever names a file that is not there yet.

    output/site/          the publishable tree and nothing else
    output/manifest.json  what we wrote there: path, key, digest, size
    output/staging/       new bytes of a build under way
    output/journal.json   a commit under way
    output/lock           held by one build at a time
"""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from filelock import FileLock, Timeout
from msgspec import Struct

from sitegen.builder.session import BuildSession, FileKey
from sitegen.builder.unmanaged import find_unmanaged, reset_folder_times
from sitegen.errors import ExternalError, UsageError
from sitegen.paths import OUTPUT, article_slug
from sitegen.util.hashing import HASH_BYTES

MANIFEST: Final = "manifest.json"
_VERSION: Final = 3
_IMPOSSIBLE: Final = frozenset(
    {errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.EINVAL}
)
"""What no second try mends: someone else's file in the way, a name that the file system cannot have."""


class ManifestEntry(NamedTuple):
    """What the manifest says of a file: the key it was rendered under, the SHA-256, size and time of its bytes.

    `changed` is the file's mtime in nanoseconds as it was written; while it stands, the bytes are taken to stand.
    """

    key: str
    digest: str
    size: int
    changed: int


class CommitResult(Struct, frozen=True):
    """What a commit did: paths below the site folder."""

    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


@dataclass(slots=True)
class _Journal:
    """A commit that has been decided: renames from staging, deletions, and the manifest that is true afterwards."""

    moves: list[tuple[str, str]] = field(default_factory=list)
    removals: list[str] = field(default_factory=list)
    manifest: dict[str, ManifestEntry] = field(default_factory=dict)


class Writer:
    """Writes one site folder. Use `open_writer`."""

    def __init__(self, output: Path, session: BuildSession | None = None) -> None:
        self._output = output
        self._memory = session
        self._trusted = False
        self.site = output / "site"
        self._folder = str(self.site)
        self._staging = output / "staging"
        self._journal = output / "journal.json"
        self._manifest = output / MANIFEST
        self._old: dict[str, ManifestEntry] = {}
        self._next = _Journal()
        self._unchanged = 0
        self._digest: bytes | None = None

    @property
    def manifest_hash(self) -> bytes:
        """The digest of the manifest as it stands; nobody else changes it while this one writes."""
        if self._digest is None:
            self._digest = manifest_hash(self._output)
        return self._digest

    def begin(self) -> None:
        """Complete what an earlier commit left, then start with an empty staging folder."""
        self._old, self._trusted = self._load_manifest()
        if not self._old:
            reset_folder_times(self._output)
        unfinished = _read_journal(self._journal, self._old)
        if unfinished is not None:
            self._digest = None
            try:
                self._check_links(unfinished)
                self._carry_out(unfinished, set())
                self._old = unfinished.manifest
            except OSError as error:
                if error.errno not in _IMPOSSIBLE:
                    raise  # a full disk, a folder that may not be written: it can still be done when that is mended
                # It cannot be done as it was decided. All its files stay ours, so this build puts the site right.
                self._old = unfinished.manifest | self._old
        self._journal.unlink(missing_ok=True)
        self._drop_unfinished()

    def _load_manifest(self) -> tuple[dict[str, ManifestEntry], bool]:
        """Return the manifest, and whether it is the one that this process has left: then its files stand."""
        if self._memory is not None and self._memory.manifest is not None:
            stamp, rows, self._digest = self._memory.manifest
            if stamp == _stamped(self._manifest):
                return rows, True
        rows, self._digest = _read_manifest(self._manifest)
        return rows, False

    def _save_in_session(self, rows: dict[str, ManifestEntry]) -> None:
        stamp = _stamped(self._manifest) if self._memory is not None else None
        if self._memory is not None:
            self._memory.manifest = (stamp, rows, self.manifest_hash) if stamp is not None else None

    def reuse(self, path: str, key: bytes) -> bool:
        """Keep a file that was written under the same key and is as it was written; return whether it was kept.

        A file whose time differs (it was restored, or copied to another machine) is known by its bytes.
        """
        row = self._old.get(path)
        if row is None or row.key != key.hex():
            return False
        standing = self._standing(path, row)
        if standing is None:
            return False
        self._next.manifest[path] = standing
        self._unchanged += 1
        return True

    def verify_unchanged(self) -> CommitResult | None:
        """Return the counts of a build that changes nothing; None where a file is not as it was written."""
        for path, row in self._old.items():
            if self._standing(path, row) is not row:
                return None
        foreign = find_unmanaged(self._output, self._old)
        self._save_in_session(self._old)
        return CommitResult(unchanged=len(self._old), foreign=foreign)

    def _standing(self, path: str, row: ManifestEntry) -> ManifestEntry | None:
        """Return the row of a file that is as it was written, with its time; None for one that is not."""
        if self._trusted:
            return row
        file = f"{self._folder}/{path}"
        try:
            found = os.lstat(file)
            if found.st_size != row.size or not stat.S_ISREG(found.st_mode):
                return None
            if found.st_mtime_ns == row.changed:
                return row
            if sha256(Path(file).read_bytes()).hexdigest() != row.digest:
                return None
        except OSError:
            return None
        return row._replace(changed=found.st_mtime_ns)

    def stage(self, path: str, data: bytes, key: bytes) -> None:
        """Take the bytes of one file; those that stand there already are left alone."""
        digest = sha256(data).hexdigest()
        changed = _holds(f"{self._folder}/{path}", data)
        if changed is not None:
            self._unchanged += 1
        else:
            if not self._next.moves:
                self._staging.mkdir(parents=True, exist_ok=True)
            name = f"{len(self._next.moves):06d}"
            changed = _write_new(f"{self._staging}/{name}", data)
            self._next.moves.append((name, path))
        self._next.manifest[path] = ManifestEntry(key.hex(), digest, len(data), changed)

    def commit(self) -> CommitResult:
        """Put everything staged in place, and remove what was ours and is not planned any more."""
        journal = self._next
        journal.moves.sort(key=lambda move: (commit_rank(move[1]), move[1]))
        journal.removals = sorted(path for path in self._old if path not in journal.manifest)
        if journal.moves or journal.removals or journal.manifest != self._old:
            self._check_way(journal)
            # What it needs of the disk it takes before it changes anything: then there are only renames and deletions.
            self._staging.mkdir(parents=True, exist_ok=True)
            written = _write_json(self._staging / MANIFEST, {"version": _VERSION, "files": journal.manifest})
            rows = {path: row for path, row in journal.manifest.items() if self._old.get(path) != row}
            _write_json(self._journal, {"moves": journal.moves, "removals": journal.removals, "files": rows})
            self._carry_out(journal, self._make_folders(journal))
            self._digest = written
        foreign = find_unmanaged(self._output, journal.manifest) if not self._trusted else ()
        self._save_in_session(journal.manifest)
        return CommitResult(tuple(path for _, path in journal.moves), self._unchanged, tuple(journal.removals), foreign)

    def end(self) -> None:
        """Drop what was staged, unless a commit that was begun still needs it."""
        if not self._journal.exists():
            self._drop_unfinished()

    def _drop_unfinished(self) -> None:
        for file in (self._journal, self._manifest):
            _beside(file).unlink(missing_ok=True)
        _drop(self._staging)

    def _carry_out(self, journal: _Journal, made: set[str]) -> None:
        removals = set(journal.removals)
        staging = str(self._staging)
        for name, path in journal.moves:
            staged = f"{staging}/{name}"
            try:
                self._make_way(path, removals, made)
                os.replace(staged, f"{self._folder}/{path}")  # noqa: PTH105 - once for every file of the site
            except FileNotFoundError:
                continue  # was moved before the last run ended
            except IsADirectoryError:
                self._clear_folder(path, removals)
                os.replace(staged, f"{self._folder}/{path}")  # noqa: PTH105
        for path in journal.removals:
            # What turned from a file into a folder, or back, made way already.
            with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
                (self.site / path).unlink()
            self._prune(path)
        try:
            (self._staging / MANIFEST).replace(self._manifest)
        except FileNotFoundError:  # was moved before the last run ended, or taken away since
            _write_json(self._manifest, {"version": _VERSION, "files": journal.manifest})
        self._journal.unlink(missing_ok=True)
        _drop(self._staging)

    def _check_way(self, journal: _Journal) -> None:
        """Refuse, before anything is decided, what would stop it half way.

        That is someone else's file, link or folder in the way, and a folder that may not be written.
        """
        ours = self._old.keys()
        ways = {folder for _, path in journal.moves for folder in _folders(path)}
        left = {folder for path in journal.removals for folder in _folders(path)}
        standing = self._standing_folders(ways | left)
        for folder in sorted((ways | left) - standing):
            if folder.rpartition("/")[0] not in standing:
                continue
            there = self.site / folder
            if folder in ours and there.is_file():
                continue  # it makes way
            if there.is_symlink():
                raise ExternalError(f"cannot write {there}/…: {there} is a link, and what it leads to is not ours")
            if folder in ways and os.path.lexists(there):
                raise ExternalError(f"cannot write {there}/…: {there} is a file, and not ours")
        changed = {path.rpartition("/")[0] for path in journal.removals}
        for _, path in journal.moves:
            folder, target = path.rpartition("/")[0], f"{self._folder}/{path}"
            changed.add(folder)
            if folder not in standing or not _is_folder(target):
                continue
            if not all(name in ours for name in _tree(Path(target), path)):
                raise ExternalError(f"cannot write {target}: a folder with files that are not ours stands there")
        for folder in sorted({self._nearest(folder, standing) for folder in changed}):
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)

    def _check_links(self, journal: _Journal) -> None:
        """Raise NotADirectoryError where a link has come into the place of a folder since a commit was decided."""
        paths = [path for _, path in journal.moves] + journal.removals
        for folder in {folder for path in paths for folder in _folders(path)}:
            if (self.site / folder).is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(self.site / folder))

    def _standing_folders(self, folders: set[str]) -> set[str]:
        """Return those of `folders`, among which are all above them, that stand; empty stands for the site's own.

        A link to a folder is none: what it leads to is not ours.
        """
        standing: set[str] = {""} if self.site.is_dir() else set()
        for folder in sorted(folders):  # what is above comes first; below what does not stand nothing does
            if folder.rpartition("/")[0] in standing and _is_folder(f"{self._folder}/{folder}"):
                standing.add(folder)
        return standing

    def _nearest(self, folder: str, standing: set[str]) -> str:
        """Return where a folder of the site stands, or the nearest one above it that does."""
        while folder and folder not in standing:
            folder = folder.rpartition("/")[0]
        if folder in standing:
            return f"{self._folder}/{folder}" if folder else self._folder
        return str(self._output)

    def _make_folders(self, journal: _Journal) -> set[str]:
        """Create the folders of all files, and return them. Where one cannot be made, the commit is taken back."""
        made: list[str] = []
        known: set[str] = set()
        try:
            self.site.mkdir(exist_ok=True)
            for _, path in journal.moves:
                for folder in _folders(path):
                    if folder in self._old:
                        break  # a file of ours makes way for it later
                    if folder not in known:
                        known.add(folder)
                        with suppress(FileExistsError):
                            os.mkdir(f"{self._folder}/{folder}")  # noqa: PTH102 - once for every page
                            made.append(folder)
        except OSError:
            for folder in reversed(made):
                with suppress(OSError):
                    (self.site / folder).rmdir()
            self._journal.unlink(missing_ok=True)
            raise
        return known

    def _make_way(self, path: str, removals: set[str], made: set[str]) -> None:
        """Create the folder of a file, unless it is among `made`; a file of ours that stands in the way goes first."""
        folder = path.rpartition("/")[0]
        if folder not in made:
            for above in _folders(path):
                if above in removals and (self.site / above).is_file():
                    (self.site / above).unlink()
            os.makedirs(f"{self._folder}/{folder}", exist_ok=True)  # noqa: PTH103 - once for every page
            made.add(folder)

    def _clear_folder(self, path: str, removals: set[str]) -> None:
        """Remove our files from a folder that stands where a file shall be."""
        for other in removals:
            if other.startswith(f"{path}/"):
                (self.site / other).unlink(missing_ok=True)
                self._prune(other)
        target = self.site / path
        with suppress(OSError):
            target.rmdir()
        target.parent.mkdir(parents=True, exist_ok=True)

    def _prune(self, path: str) -> None:
        """Remove the folders that a removal has left empty."""
        for parent in (self.site / path).parents:
            if parent == self.site:
                return
            with suppress(OSError):
                parent.rmdir()


def complete_pending_commit(output: Path) -> None:
    """Complete the commit that an earlier run left, before anything else is done."""
    if (output / "journal.json").exists():
        with open_writer(output):
            pass


@contextmanager
def open_writer(output: Path, session: BuildSession | None = None) -> Iterator[Writer]:
    """Yield a writer that holds the lock of `output`; `session` is that of a process to whom alone the folder belongs.

    Raises SurroundingsError when another build holds it, or for whatever the file system refuses.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        with _lock(output):
            writer = Writer(output, session)
            writer.begin()
            try:
                yield writer
            finally:
                writer.end()
    except OSError as error:
        named = error.filename2 or error.filename or output
        verb = "write" if Path(named).is_relative_to(output) else "use"
        raise ExternalError(f"cannot {verb} {named}: {error.strerror or error}") from error


def manifest_hash(output: Path) -> bytes:
    """Return the digest of the manifest; empty where there is none."""
    try:
        return _digest((output / MANIFEST).read_bytes())
    except OSError:
        return b""


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=HASH_BYTES).digest()


@contextmanager
def hold_site(output: Path) -> Iterator[tuple[dict[str, ManifestEntry], bytes]]:
    """Yield what the manifest says of every file of the site, by path, and its digest; nobody builds meanwhile.

    Raises SurroundingsError while a build is at work, or where a commit has not been completed.
    """
    with _lock(output):
        if (output / "journal.json").exists():
            raise ExternalError(f"a commit to {output} is unfinished; build again")
        yield _read_manifest(output / MANIFEST)


@contextmanager
def _lock(output: Path) -> Iterator[None]:
    """Hold the lock of `output`. Raises SurroundingsError when another build holds it."""
    lock = FileLock(output / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ExternalError(f"another build is writing to {output}") from error
    try:
        yield
    finally:
        lock.release()


def commit_rank(path: str) -> int:
    """Return the place of a file in the order of a commit: assets, articles, indexes, feeds and what leads to them."""
    if path.startswith("assets/"):
        return 0
    if path.endswith(".html"):
        return 1 if article_slug(path) is not None else 2
    return 3


def _folders(path: str) -> list[str]:
    """Return the folders on the way to a path, the outermost first."""
    return [path[:index] for index, char in enumerate(path) if char == "/"]


def _is_folder(path: str) -> bool:
    """Whether a folder stands there, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _holds(file: str, data: bytes) -> int | None:
    """Return the mtime, in ns, of a file that holds `data`; None for any other."""
    try:
        found = os.lstat(file)
        if stat.S_ISREG(found.st_mode) and found.st_size == len(data) and Path(file).read_bytes() == data:
            return found.st_mtime_ns
    except OSError:
        pass
    return None


def _write_new(file: str, data: bytes) -> int:
    """Write a file; return its mtime in ns."""
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(number, rest) :]
            return os.fstat(number).st_mtime_ns
        finally:
            os.close(number)
    except OSError as error:
        error.filename = file  # a full disk has none
        raise


def _tree(folder: Path, path: str) -> Iterator[str]:
    """Yield the paths of all files, and of empty folders, below `folder`, which is at `path`."""
    for entry in sorted(folder.iterdir()):
        inside = f"{path}/{entry.name}"
        if entry.is_dir() and not entry.is_symlink() and any(entry.iterdir()):
            yield from _tree(entry, inside)
        else:
            yield inside


def _drop(folder: Path) -> None:
    """Remove a folder of ours with all that is in it."""
    if folder.is_dir():
        from shutil import rmtree  # noqa: PLC0415 - it brings every compression there is

        rmtree(folder, ignore_errors=True)


def check_output(root: Path, output: Path) -> None:
    """Refuse an output folder in which a prune could reach the editor's files. Raises UsageError."""
    target, project = output.resolve(), root.resolve()
    if project.is_relative_to(target):
        raise UsageError(f"the output folder {output} holds the project itself; choose another")
    if (output / "site").is_symlink():
        raise UsageError(f"{output / 'site'} is a link; a build writes only into a folder of its own")
    if target.is_relative_to(project / OUTPUT / "site"):
        raise UsageError(f"the output folder {output} is inside a published site; choose another")
    for name in ("content", "themes", "sitegen", "tests", "docs", ".git"):
        if target.is_relative_to(project / name):
            raise UsageError(f"the output folder {output} is inside {name}/; choose another")


def _stamped(file: Path) -> FileKey | None:
    try:
        found = os.lstat(file)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _write_json(file: Path, value: object) -> bytes:
    """Write a value, whole or not at all; return the digest of the file."""
    temporary = _beside(file)
    data = json.dumps(value, ensure_ascii=False).encode()
    try:
        temporary.write_bytes(data)
        temporary.replace(file)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        error.filename, error.filename2 = str(file), None  # a full disk has none
        raise
    return _digest(data)


def _beside(file: Path) -> Path:
    """Return where the new text of a file is written before it takes the place of the old."""
    return file.with_suffix(".tmp")


def _read_journal(file: Path, manifest: dict[str, ManifestEntry]) -> _Journal | None:
    """Read a journal over the manifest that it changes.

    None comes back where there is none, or none that can be read: it is not flushed against a power cut.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        moves = [(str(name), str(path)) for name, path in data["moves"] if _is_inside(path) and _is_inside(name)]
        removals = [path for path in data["removals"] if _is_inside(path)]
        changed, gone = manifest | _written(data["files"]), set(removals)
        return _Journal(moves, removals, {path: row for path, row in changed.items() if path not in gone})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _written(rows: dict[str, list[Any]]) -> dict[str, ManifestEntry]:
    found = dict(zip(rows, map(ManifestEntry._make, rows.values()), strict=True))
    for path in [path for path in rows if not path or path[0] == "/" or ".." in path]:
        if not _is_inside(path):
            del found[path]
    return found


def _is_inside(path: str) -> bool:
    """Whether a path of a manifest stays in its folder: that file could be anyone's."""
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def _read_manifest(file: Path) -> tuple[dict[str, ManifestEntry], bytes]:
    """Read the manifest, and the digest of its file; one that is broken or of another version counts as empty."""
    try:
        text = file.read_bytes()
    except OSError:
        return {}, b""
    try:
        data = json.loads(text)
        rows = _written(data["files"]) if data["version"] == _VERSION else {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        rows = {}
    return rows, _digest(text)
