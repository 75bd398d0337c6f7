"""Puts a whole release together in a folder: links to what stands already, copies of what is new."""

import gzip
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from sitegen.errors import ExternalError, UsageError
from sitegen.publish import releases
from sitegen.publish.plan import Plan, Row
from sitegen.publish.site_files import Item
from sitegen.util.frozen import dataclass
from sitegen.util.media_types import TEXTS

_THREADS: Final = 4
_BROTLI_QUALITY: Final = 9
"""Of 11: a page of 12 KB takes 2 ms instead of 25, for two bytes in a hundred more."""

Progress = Callable[[str, int], None]
Compressor = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where bytes are taken from that were published before: `releases` are finished, `leftovers` may be cut short."""

    releases: Sequence[Path] = ()
    leftovers: Sequence[Path] = ()


def compressors(names: Iterable[str]) -> dict[str, Compressor]:
    """Return a function for each compression, by the suffix of its files.

    Raises UsageError where `brotli` is asked for and not installed.
    """
    found: dict[str, Compressor] = {}
    for name in names:
        if name == "gzip":
            found["gz"] = lambda data: gzip.compress(data, 9, mtime=0)
        else:
            try:
                import brotli  # noqa: PLC0415 - an extra that is not always there
            except ImportError as error:
                message = "'compress: [brotli]' needs one more package: pip install 'sitegen-digest[brotli]'"
                raise UsageError(message) from error
            found["br"] = lambda data: bytes(brotli.compress(data, quality=_BROTLI_QUALITY))
    return found


def assemble(
    folder: Path,
    plan: Plan,
    *,
    rows: Mapping[str, Row],
    items: Mapping[str, Item],
    sources: Sources,
    compress: Mapping[str, Compressor],
    now: int,
    progress: Progress,
) -> dict[str, Row]:
    """Fill an empty folder with a release; return its files as a manifest names them.

    `rows` are those of the release before, `now` is the time in whole seconds that new files get: a file that changes
    is always later than it was, whatever the clock says, because servers and readers ask by time.
    """
    made: dict[str, Row] = {}
    ours = (*plan.kept, *(item.path for item in plan.uploads))
    _make_folders(folder, ours)
    old_folders = sources.releases
    taken = {*ours, *releases.folders(ours)}  # a file of the site may have the name of another one's copy

    def packing(path: str) -> dict[str, Compressor]:
        return {suffix: pack for suffix, pack in compress.items() if f"{path}.{suffix}" not in taken}

    def keep(path: str) -> tuple[str, Row | None]:
        row = plan.kept[path]
        if not _link_from(old_folders, folder, path, row):
            if path not in items:
                return path, None  # an asset of older pages that is not there any more
            _write(folder / path, items[path].read(), row.changed)
        return path, replace(row, copies=_copies(folder, path, row, packing(path), old_folders))

    def send(item: Item) -> tuple[str, Row]:
        old = rows.get(item.path)
        least = old.changed + 1 if old is not None else 0
        changed = _take_over(sources.leftovers, folder, item, least, max(now, least))
        if changed is None:
            changed = max(now, least)
            _write(folder / item.path, item.read(), changed)
        row = Row(item.digest, item.size, changed=changed)
        row = replace(row, copies=_copies(folder, item.path, row, packing(item.path), ()))
        progress(item.path, item.size)
        return item.path, row

    with ThreadPoolExecutor(_THREADS) as pool:
        made |= {path: row for path, row in pool.map(keep, plan.kept) if row is not None}
        made |= dict(pool.map(send, plan.uploads))
    return made


def carry_foreign(old: Path, new: Path, paths: Iterable[str]) -> None:
    """Link files that are not ours from one release into the next, so that they go on being served.

    Where something else stands at the path, or a file or a link in the place of a folder, it is left out.
    """
    for path in paths:
        target = new / path
        ways = [new / path[:index] for index, char in enumerate(path) if char == "/"]
        blocked = any(os.path.lexists(way) and (way.is_symlink() or not way.is_dir()) for way in ways)
        if not blocked and not os.path.lexists(target):
            make_folder(target.parent)
            _link(old / path, target)


def tree_paths(folder: Path) -> set[str]:
    """Return the paths of all files and links below a folder."""
    found: set[str] = set()
    waiting = [(os.fspath(folder), "")]
    while waiting:
        location, prefix = waiting.pop()
        with os.scandir(location) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
                else:
                    found.add(prefix + entry.name)
    return found


def tree_files(folder: Path) -> dict[str, releases.Stamp | None]:
    """Return the paths of all files and links below a folder, with size and time; None for what is no plain file."""
    found: dict[str, releases.Stamp | None] = {}
    waiting = [(os.fspath(folder), "")]
    while waiting:
        location, prefix = waiting.pop()
        with os.scandir(location) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
                elif entry.is_file(follow_symlinks=False):
                    state = entry.stat(follow_symlinks=False)
                    found[prefix + entry.name] = state.st_size, state.st_mtime_ns
                else:
                    found[prefix + entry.name] = None
    return found


def make_folder(folder: Path) -> None:
    """Make a folder with those above it, readable for a web server whatever the umask."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def check_folder(folder: Path) -> None:
    """Raise SurroundingsError where files could not be made in a folder, or the folder could not be made."""
    nearest = next(way for way in (folder, *folder.parents) if os.path.lexists(way))
    if not nearest.is_dir():
        raise ExternalError(f"{nearest} is a file, where a folder must be")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise ExternalError(f"{nearest} cannot be written")


def _make_folders(folder: Path, paths: Iterable[str]) -> None:
    make_folder(folder)
    for path in {path.rpartition("/")[0] for path in paths}:
        make_folder(folder / path)


def _link_from(old: Iterable[Path], folder: Path, path: str, row: Row) -> bool:
    """Link a file from the first release that has it as the manifest says."""
    for release in old:
        file = release / path
        try:
            found = file.lstat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode) and found.st_size == row.size and found.st_mtime_ns == row.changed * 10**9:
            _link(file, folder / path)
            return True
    return False


def _take_over(leftovers: Iterable[Path], folder: Path, item: Item, least: int, most: int) -> int | None:
    """Link a file that an interrupted publish had finished; its bytes are compared.

    Return the time that it has: its own where that is between `least` and `most`; None where there is no such file.
    """
    for leftover in leftovers:
        file = leftover / item.path
        try:
            found = file.lstat()
            if not stat.S_ISREG(found.st_mode) or found.st_size != item.size:
                continue
            if sha256(file.read_bytes()).hexdigest() != item.digest:
                continue
        except OSError:
            continue
        changed = found.st_mtime_ns // 10**9
        _link(file, folder / item.path)
        if not least <= changed <= most or found.st_mtime_ns % 10**9:
            changed = most
            _finish(folder / item.path, changed)
        return changed
    return None


def _copies(
    folder: Path, path: str, row: Row, compress: Mapping[str, Compressor], old: Iterable[Path]
) -> tuple[str, ...]:
    """Make the compressed copies of a text file that are worth it, with its time; return their suffixes."""
    if not any(path.endswith(suffix) for suffix in TEXTS):
        return ()
    made = []
    data: bytes | None = None
    for suffix, pack in compress.items():
        copy = folder / f"{path}.{suffix}"
        if suffix in row.copies and any(_link_copy(release / f"{path}.{suffix}", copy, row) for release in old):
            made.append(suffix)
            continue
        if data is None:
            data = (folder / path).read_bytes()
        packed = pack(data)
        if len(packed) < len(data):
            _write(copy, packed, row.changed)
            made.append(suffix)
    return tuple(made)


def _link_copy(file: Path, target: Path, row: Row) -> bool:
    try:
        if file.lstat().st_mtime_ns != row.changed * 10**9:
            return False
        _link(file, target)
    except OSError:
        return False
    return True


def _link(file: Path, target: Path) -> None:
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(file, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if not file.exists():
            raise ExternalError(f"{file} is gone") from error
        shutil.copy2(file, target, follow_symlinks=False)


def _write(file: Path, data: bytes, changed: int) -> None:
    file.write_bytes(data)
    _finish(file, changed)


def _finish(file: Path, changed: int) -> None:
    file.chmod(0o644)
    os.utime(file, (changed, changed))
