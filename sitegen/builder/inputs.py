"""The inputs of a build before any of them is parsed, and the last build that had the same."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from time import time_ns
from typing import Final

from msgspec import Struct, field

from sitegen.builder.cache import ContentCache, FileState
from sitegen.builder.commit import CommitResult, ignore_note, manifest_hash
from sitegen.builder.request import STAGES, BuildRequest, BuildResult, HeldBack, Progress, no_progress
from sitegen.builder.scan import ScanResult, scan
from sitegen.builder.session import BuildSession
from sitegen.diagnostics import Diagnostic, Diagnostics
from sitegen.theme.files import theme_hash
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash, encode, hash_bytes
from sitegen.util.paths import read_bytes
from sitegen.util.version import program_hash

_LAST_BUILD: Final = "last_build"


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

    def hash(self, theme: bytes, documents: Mapping[str, Hash]) -> Hash | None:
        """Return the hash of everything that an output can depend on except the clock; None if it is not certain.

        `theme` is the hash of the files of the theme and its parents, `documents` those of the documents.
        """
        if not documents.keys() >= self.scan.articles.keys():
            return None
        others = {path: entry.stat for path, entry in self.scan.files.items() if path not in documents}
        if not all(stat.is_stable(self.scanned_at) for stat in others.values()):
            return None
        files = [(path, documents[path]) for path in self.scan.articles]
        return hash_bytes(
            program_hash(),
            encode((self.config, self.drafts, self.diagnostics, theme, files, list(others.items()))),
        )


def collect_inputs(
    request: BuildRequest, config: bytes, cache: ContentCache, session: BuildSession | None = None
) -> Inputs:
    """Scan the project; `config` are the bytes of its `site.yaml`."""
    diagnostics, found = Diagnostics(), None
    if session is not None:
        last, changed = session.scan, session.changed_paths
        session.scan = session.changed_paths = None  # also if the scan fails
        if changed is None:
            session.manifest = None
        elif last is not None:
            found = last.rescan(request.root, changed)
    if found is None:
        found = scan(request.root, diagnostics)
    if session is not None and not len(diagnostics) and not found.linked:
        session.scan = found
    return detect_changes(found, cache, config, tuple(diagnostics), drafts=request.drafts)


def detect_changes(
    found: ScanResult, cache: ContentCache, config: bytes, diagnostics: tuple[Diagnostic, ...], *, drafts: bool
) -> Inputs:
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
    folders: dict[str, list[str]] = {}
    for path in found.articles:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return Inputs(config, found, diagnostics, drafts, known, hashes, refreshed, now, folders)


class BuildRun(Struct, frozen=True):
    """One build: the request, the inputs and the tools that its stages share. Stages get it and return values.

    `seconds` is the duration of each stage.
    """

    request: BuildRequest
    inputs: Inputs
    cache: ContentCache
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    progress: Progress = no_progress
    session: BuildSession | None = None
    note: Callable[[str], None] = ignore_note


Validity = tuple[Instant | None, Instant | None]
"""From when until when no article appears or expires, and nothing else depends on the clock; None: without limit."""


def is_valid_at(validity: Validity, now: datetime) -> bool:
    """Return whether the clock changes nothing at `now`."""
    since, until = validity
    return (since is None or since <= now) and (until is None or now < until)


class LastBuild(Struct, frozen=True, array_like=True):
    """The inputs of the last build (None if they are not certain), and its result."""

    inputs: Hash | None
    manifest: bytes
    themes: tuple[str, ...]
    validity: Validity
    articles: int
    held_back: HeldBack
    diagnostics: tuple[Diagnostic, ...]

    def result(self, run: BuildRun, commit: CommitResult, removed: tuple[Diagnostic, ...] = ()) -> BuildResult:
        """Return the result of a build with this outcome; `removed` are warnings about addresses."""
        return BuildResult(
            ok=True,
            site=run.request.site_folder,
            diagnostics=(*removed, *self.diagnostics),
            counts=commit,
            articles=self.articles,
            held_back=self.held_back,
            seconds=tuple(run.seconds.items()),
            manifest=self.manifest,
        )


def load_last_build(run: BuildRun) -> LastBuild | None:
    """Return the last build if it had the same inputs and its manifest is still there."""
    last = run.cache.get_meta(_LAST_BUILD, LastBuild)
    if last is None or not has_same_inputs(run, last.inputs, last.themes, last.validity):
        return None
    return last if last.manifest == manifest_hash(run.request.output_folder) else None


def has_same_inputs(run: BuildRun, inputs: Hash | None, themes: Sequence[str], validity: Validity) -> bool:
    """Return whether a run has the inputs of an earlier one, and the clock changes nothing.

    `themes` are the names of its theme and the parents.
    """
    if inputs is None or not is_valid_at(validity, run.request.now):
        return False
    return inputs == run.inputs.hash(theme_hash(run.request.root, themes), run.inputs.hashes)


def save_last_build(cache: ContentCache, last: LastBuild) -> None:
    """Keep a build, unless its inputs are not certain."""
    if last.inputs is not None:
        cache.set_meta(_LAST_BUILD, last)
