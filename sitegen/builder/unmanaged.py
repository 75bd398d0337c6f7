"""Files in the site folder that are not ours: they are left alone, and named.

A folder whose time is the one at which it held nothing of others is not looked into again: entries that come or go
change it. The times are kept in a cache beside the site; without it every folder is looked into.
"""

import json
import os
from collections.abc import Container
from contextlib import suppress
from pathlib import Path
from time import time_ns
from typing import Final

from sitegen.builder.scan import is_stable

_KNOWN: Final = "cache/folders.json"

_Times = dict[str, int]
"""All folders by path: the time in ns at which each held nothing of others, 0 where it has to be looked into again."""


def find_unmanaged(output: Path, ours: Container[str]) -> tuple[str, ...]:
    """Return the paths of all files below `output`/site that are not among `ours`, sorted."""
    known = _read(output / _KNOWN)
    site = str(output / "site")
    found: list[str] = []
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
    below: dict[str, set[str]] = {}
    while pending:
        folder = pending.pop()
        before, now = len(found), time_ns()
        try:
            changed = os.lstat(f"{site}/{folder}").st_mtime_ns
            below[folder] = _look_into(site, folder, ours, found)
        except OSError:
            continue
        times[folder] = changed if len(found) == before and is_stable(changed, now) else 0
        pending += [path for path in below[folder] if path not in known]
    gone = {path for path in known if path and path not in below.get(path.rpartition("/")[0], {path})}
    if gone:  # a link may stand there now, and what it leads to is not ours
        times = {folder: time for folder, time in times.items() if not _is_in(folder, gone)}
        found = [path for path in found if not _is_in(path, gone) or path in gone]
    if times != known:
        _write(output / _KNOWN, times)
    return tuple(sorted(found))


def _is_in(path: str, folders: Container[str]) -> bool:
    """Whether a path is one of `folders`, or lies in one of them."""
    return path in folders or any(path[:index] in folders for index, char in enumerate(path) if char == "/")


def reset_folder_times(output: Path) -> None:
    """Look into every folder again: it is no longer known what is ours."""
    with suppress(OSError):
        (output / _KNOWN).unlink()


def _look_into(site: str, folder: str, ours: Container[str], found: list[str]) -> set[str]:
    """Add what is not ours to `found`; return the paths of the folders."""
    folders = set()
    with os.scandir(f"{site}/{folder}") as entries:
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.add(path)
            elif path not in ours:
                found.append(path)
    return folders


def _read(file: Path) -> _Times:
    try:
        rows = json.loads(file.read_bytes())
        return rows if isinstance(rows, dict) and set(map(type, rows.values())) <= {int} else {}
    except (OSError, ValueError, RecursionError):
        return {}


def _write(file: Path, folders: _Times) -> None:
    """Keep the times, where they can be kept."""
    temporary = file.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(folders, ensure_ascii=False), encoding="utf-8")
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
