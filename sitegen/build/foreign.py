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

_KNOWN: Final = "cache/folders.json"
_SETTLED: Final = 2_000_000_000
"""Nanoseconds after which a change cannot hide behind the time of another: file systems count to 2 s at worst."""

_Folders = dict[str, tuple[int, list[str]]]
"""Folders by path: the time of each in ns, and the folders in it."""


def foreign_files(output: Path, ours: Container[str]) -> tuple[str, ...]:
    """Return the paths of all files below `output`/site that are not among `ours`, sorted."""
    known = _read(output / _KNOWN)
    site, now = str(output / "site"), time_ns()
    found: list[str] = []
    clean: _Folders = {}
    pending = [""]
    while pending:
        folder = pending.pop()
        real = f"{site}/{folder}" if folder else site
        try:
            changed = os.lstat(real).st_mtime_ns
            row = known.get(folder)
            if row is None or row[0] != changed:
                before = len(found)
                row = changed, _look_into(real, folder, ours, found)
                if len(found) > before:
                    pending += _below(folder, row[1])
                    continue
        except OSError:
            continue
        if changed + _SETTLED < now:
            clean[folder] = row
        pending += _below(folder, row[1])
    if clean != known:
        _write(output / _KNOWN, clean)
    return tuple(sorted(found))


def forget_folders(output: Path) -> None:
    """Look into every folder again: it is no longer known what is ours."""
    with suppress(OSError):
        (output / _KNOWN).unlink()


def _look_into(real: str, folder: str, ours: Container[str], found: list[str]) -> list[str]:
    """Add what is not ours to `found`; return the names of the folders."""
    folders = []
    with os.scandir(real) as entries:
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif path not in ours:
                found.append(path)
    return sorted(folders)


def _below(folder: str, names: list[str]) -> list[str]:
    return [f"{folder}/{name}" for name in names] if folder else names


def _read(file: Path) -> _Folders:
    try:
        rows = json.loads(file.read_bytes())
        return {
            str(folder): (int(changed), names)
            for folder, (changed, names) in rows.items()
            if isinstance(names, list) and all(isinstance(name, str) for name in names)
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(file: Path, folders: _Folders) -> None:
    """Keep the times, where they can be kept."""
    temporary = file.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(folders, ensure_ascii=False), encoding="utf-8")
        temporary.replace(file)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
