"""Finds out which documents have changed since they were parsed."""

from collections.abc import Iterable, Mapping, Sequence
from time import time_ns

from msgspec import Struct

from sitegen.builder.cache import ContentCache, FileState
from sitegen.builder.scan import ScanResult
from sitegen.paths import read_bytes
from sitegen.util.hashing import Hash, hash_bytes


class FileStates(Struct, frozen=True):
    """The state of the documents before any is parsed.

    `known` are the states in the cache by folder, `hashes` the hash of each file's bytes by path if it is known.
    `refreshed` are states of unchanged folders that the file system alone can prove from now on. `scanned_at` is the
    time of the scan in ns: a change after it may be hidden. `folders` are the paths of all documents by folder.
    """

    known: Mapping[str, tuple[FileState, ...]]
    hashes: Mapping[str, Hash]
    refreshed: Mapping[str, tuple[FileState, ...]]
    scanned_at: int
    folders: Mapping[str, Sequence[str]]


def detect_changes(found: ScanResult, cache: ContentCache) -> FileStates:
    """Find out by status, and if that is too recent by the bytes, which files are unchanged."""
    known, now = cache.file_states(), time_ns()
    hashes: dict[str, Hash] = {}
    refreshed: dict[str, tuple[FileState, ...]] = {}
    for folder, states in known.items():
        fresh = list(states)
        for index, state in enumerate(states):
            path = f"{folder}/{state.name}"
            entry = found.articles.get(path)
            if entry is None:
                continue
            if state.stat == entry.stat:
                hashes[path] = state.hash
                continue
            hashes[path] = hash_bytes(read_bytes(path, entry.file))
            if hashes[path] == state.hash and entry.stat.is_stable(now):
                fresh[index] = FileState(state.name, entry.stat, state.hash)
        if fresh != list(states):
            refreshed[folder] = tuple(fresh)
    return FileStates(known, hashes, refreshed, now, _by_folder(found.articles))


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return folders
