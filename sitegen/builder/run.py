"""One build: its inputs and tools, and the last build that had the same inputs."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct, field

from sitegen.builder.cache import ContentCache
from sitegen.builder.inputs import Inputs, Validity, detect_changes, is_valid_at
from sitegen.builder.manifest import manifest_hash
from sitegen.builder.request import (
    STAGES,
    BuildRequest,
    BuildResult,
    CommitResult,
    HeldBack,
    Progress,
    ignore_note,
    no_progress,
)
from sitegen.builder.scan import scan
from sitegen.builder.session import BuildSession
from sitegen.diagnostics import Diagnostic, Diagnostics
from sitegen.util.hashing import Hash

_LAST_BUILD: Final = "last_build"


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


def collect_inputs(
    request: BuildRequest, config: bytes, cache: ContentCache, session: BuildSession | None = None
) -> Inputs:
    """Scan the project; `config` are the bytes of its `site.yaml`."""
    diagnostics, result = Diagnostics(), None
    if session is not None:
        last, changed = session.scan, session.changed_paths
        session.scan = session.changed_paths = None  # also if the scan fails
        if changed is None:
            session.manifest = None
        elif last is not None:
            result = last.rescan(request.root, changed)
    if result is None:
        result = scan(request.root, diagnostics)
    if session is not None and not len(diagnostics) and not result.linked:
        session.scan = result
    return detect_changes(result, cache, config, tuple(diagnostics), drafts=request.drafts)


class LastBuild(Struct, frozen=True, array_like=True):
    """The inputs of the last build (None if they are not certain), and its result.

    `inputs` is the hash of all but the documents, `documents` that of these.
    """

    inputs: Hash | None
    documents: Hash | None
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
    """Return the last build if its manifest is still there."""
    last = run.cache.get_meta(_LAST_BUILD, LastBuild)
    return last if last is not None and last.manifest == manifest_hash(run.request.output_folder) else None


def has_same_inputs(run: BuildRun, last: LastBuild, theme: bytes, documents: Mapping[str, Hash]) -> bool:
    """Return whether a run has the inputs of an earlier one, and the clock changes nothing.

    `theme` is the hash of the files of the theme, `documents` are those of the documents.
    """
    if last.inputs is None or last.documents is None or not is_valid_at(last.validity, run.request.now):
        return False
    return last.inputs == run.inputs.hash(theme) and last.documents == run.inputs.documents_hash(documents)


def save_last_build(cache: ContentCache, last: LastBuild) -> None:
    """Keep a build, unless its inputs are not certain."""
    if last.inputs is not None and last.documents is not None:
        cache.set_meta(_LAST_BUILD, last)
