"""`build()`: scan the project; if anything changed, parse, plan, render and commit.

What follows a change is in `pipeline`, which is imported only then: the libraries that parse and render take longer to
import than a build that finds nothing to do.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from sitegen.builder.cache import ContentCache, open_cache
from sitegen.builder.changes import detect_changes
from sitegen.builder.commit import check_output, complete_pending_commit, open_writer
from sitegen.builder.inputs import Inputs, load_last_build
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.request import BuildRequest, BuildResult
from sitegen.builder.run import BuildRun
from sitegen.builder.scan import scan
from sitegen.builder.session import BuildSession
from sitegen.builder.timing import StageTimer
from sitegen.diagnostics import Diagnostics
from sitegen.errors import ContentError
from sitegen.paths import read_config_bytes


def build(request: BuildRequest, progress: Progress = no_progress, session: BuildSession | None = None) -> BuildResult:
    """Build the site. With any error in content, configuration or theme nothing is written.

    `progress` is called as the build advances; `session` belongs to a process that builds again and again. The same
    content, theme and `now` give the same bytes on every machine. Raises ExternalError if the file system refuses
    something, UsageError for an output folder that would harm the project.
    """
    check_output(request.root, request.output_folder)
    notes: list[str] = []
    complete_pending_commit(request.output_folder, notes.append)
    timer = StageTimer()
    try:
        config = read_config_bytes(request.root)
        with _gc_disabled(), open_cache(request.output_folder, notes.append) as cache:
            with timer.stage("scan"):
                inputs = collect_inputs(request, config, cache, session)
            run = BuildRun(request, inputs, cache, timer, progress, session, notes.append)
            result = _unchanged_build(run)
            if result is None:
                from sitegen.builder.pipeline import build_changed  # noqa: PLC0415 - see the docstring of the module

                result = build_changed(run)
    except ContentError as error:  # a file that no build can read
        result = BuildResult.failed(request, error.diagnostics, timer)
    return replace(result, notes=tuple(dict.fromkeys(notes)))


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
    return Inputs(config, found, detect_changes(found, cache), tuple(diagnostics), request.drafts)


def _unchanged_build(run: BuildRun) -> BuildResult | None:
    """Return the result of a build that has nothing to do; None if an input or a file of the site has changed."""
    request, inputs, cache, timer = run.request, run.inputs, run.cache, run.timer
    with timer.stage("scan"):
        last = load_last_build(cache, inputs, request.root, request.output_folder, request.now)
    if last is None or (request.strict and last.diagnostics):
        return None
    with timer.stage("write"), open_writer(request.output_folder, run.session, run.note) as writer:
        commit = writer.verify_unchanged()
        manifest = writer.manifest_hash
    if commit is None:
        return None
    if inputs.states.refreshed:
        cache.update_file_states(inputs.states.refreshed)
    return BuildResult(
        ok=True,
        site=request.site_folder,
        diagnostics=last.diagnostics,
        counts=commit,
        articles=last.articles,
        held_back=last.held_back,
        seconds=timer.seconds,
        manifest=manifest,
    )


@contextmanager
def _gc_disabled() -> Iterator[None]:
    """Disable the cyclic garbage collector: a build creates values by the million and hardly any cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
