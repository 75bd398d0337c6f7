"""Unmanaged files in the site folder, which a build reports and leaves alone.

A folder without unmanaged files is not scanned again while its mtime is the same, because new and deleted entries
change it. The mtimes are kept in a cache file; without it every folder is scanned.
"""

import os
from collections.abc import Container
from contextlib import suppress
from pathlib import Path
from time import time_ns
from typing import Final

import msgspec

from sitegen.builder.scan import is_stable
from sitegen.diagnostics import SitegenError
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import are_inside, read_bytes

_CACHE_FILE: Final = "cache/folders.json"

_Times = dict[str, int]
"""The mtime in ns of each folder without unmanaged files by its path; 0 for folders that must be scanned again."""


def find_unmanaged(output: Path, managed: Container[str]) -> tuple[str, ...]:
    """Return the paths of all files below `output`/site that are not in `managed`, sorted."""
    known = _read(output / _CACHE_FILE)
    site = str(output / "site")
    unmanaged: list[str] = []
    times: _Times = {}
    pending = [] if known else [""]
    for folder, time in known.items():
        try:
            if os.lstat(f"{site}/{folder}").st_mtime_ns == time:
                times[folder] = time
            else:
                pending.append(folder)
        except OSError:
            continue
    subfolders: dict[str, set[str]] = {}
    while pending:
        folder = pending.pop()
        before, now = len(unmanaged), time_ns()
        try:
            mtime = os.lstat(f"{site}/{folder}").st_mtime_ns
            subfolders[folder] = _scan_folder(site, folder, managed, unmanaged)
        except OSError:
            continue
        times[folder] = mtime if len(unmanaged) == before and is_stable(mtime, now) else 0
        pending += [path for path in subfolders[folder] if path not in known]
    removed = {path for path in known if path and path not in subfolders.get(path.rpartition("/")[0], {path})}
    if removed:  # one may be a symbolic link now, whose target does not belong to the site
        times = {folder: time for folder, time in times.items() if not _is_in(folder, removed)}
        unmanaged = [path for path in unmanaged if not _is_in(path, removed) or path in removed]
    if times != known:
        with suppress(OSError):
            atomic_write(output / _CACHE_FILE, msgspec.json.encode(times))
    return tuple(sorted(unmanaged))


def _is_in(path: str, folders: Container[str]) -> bool:
    """Return whether a path is one of `folders`, or inside one."""
    return path in folders or any(path[:index] in folders for index, char in enumerate(path) if char == "/")


def reset_folder_times(output: Path) -> None:
    """Make the next search scan every folder, because the managed files are not known any more."""
    with suppress(OSError):
        (output / _CACHE_FILE).unlink()


def _scan_folder(site: str, folder: str, managed: Container[str], unmanaged: list[str]) -> set[str]:
    """Add the unmanaged files of a folder to `unmanaged`; return the paths of its subfolders."""
    folders = set()
    with os.scandir(f"{site}/{folder}") as entries:
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.add(path)
            elif path not in managed:
                unmanaged.append(path)
    return folders


def _read(file: Path) -> _Times:
    try:
        times = msgspec.json.decode(read_bytes(file.name, file), type=_Times)
    except (SitegenError, ValueError, RecursionError):
        return {}
    return times if are_inside(times.keys() - {""}) else {}
