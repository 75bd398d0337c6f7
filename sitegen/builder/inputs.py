"""The inputs of a build before any of them is parsed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import time_ns

from msgspec import Struct

from sitegen.builder.cache import ContentCache, FileState
from sitegen.builder.scan import ScanResult
from sitegen.diagnostics import Diagnostic
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash, encode, hash_bytes, hash_value
from sitegen.util.paths import read_bytes
from sitegen.util.version import program_hash


class Inputs(Struct, frozen=True):
    """The contents of the project: the bytes of `site.yaml`, the files, and which documents are unchanged.

    `known` are the states of documents in the cache by folder, `hashes` the hash of each file's bytes by path if it is
    known. `refreshed` are states of unchanged folders that the file system alone can prove from now on. `scanned_at` is
    the time of the scan in ns: a change after it may be hidden. `folders` are the paths of all documents by folder.
    """

    config: bytes
    scan: ScanResult
    diagnostics: tuple[Diagnostic, ...]
    drafts: bool
    known: Mapping[str, tuple[FileState, ...]]
    hashes: Mapping[str, Hash]
    refreshed: Mapping[str, tuple[FileState, ...]]
    scanned_at: int
    folders: Mapping[str, Sequence[str]]

    def hash(self, theme: bytes) -> Hash | None:
        """Return the hash of everything that an output can depend on except the clock and the bytes of documents.

        None if it is not certain. `theme` is the hash of the files of the theme and its parents.
        """
        articles = self.scan.articles
        others = {path: entry.stat for path, entry in self.scan.files.items() if path not in articles}
        if not all(stat.is_stable(self.scanned_at) for stat in others.values()):
            return None
        return hash_bytes(
            program_hash(), encode((self.config, self.drafts, self.diagnostics, theme, list(others.items())))
        )

    def documents_hash(self, hashes: Mapping[str, Hash]) -> Hash | None:
        """Return the hash of all documents; `hashes` are those of their bytes by path. None if one is missing."""
        if not hashes.keys() >= self.scan.articles.keys():
            return None
        return hash_value([(path, hashes[path]) for path in self.scan.articles])


def detect_changes(
    scan: ScanResult, cache: ContentCache, config: bytes, diagnostics: tuple[Diagnostic, ...], *, drafts: bool
) -> Inputs:
    """Find out by status, and if that is too recent by the bytes, which files are unchanged."""
    known, now = cache.file_states(), time_ns()
    hashes: dict[str, Hash] = {}
    refreshed: dict[str, tuple[FileState, ...]] = {}
    for folder, states in known.items():
        fresh = list(states)
        for index, state in enumerate(states):
            path = f"{folder}/{state.name}"
            entry = scan.articles.get(path)
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
    folders: dict[str, list[str]] = {}
    for path in scan.articles:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return Inputs(config, scan, diagnostics, drafts, known, hashes, refreshed, now, folders)


Validity = tuple[Instant | None, Instant | None]
"""From when until when no article appears or expires, and nothing else depends on the clock; None: without limit."""


def is_valid_at(validity: Validity, now: datetime) -> bool:
    """Return whether the clock changes nothing at `now`."""
    since, until = validity
    return (since is None or since <= now) and (until is None or now < until)
