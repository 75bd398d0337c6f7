"""`build()`: scan the project, read the articles, assemble the site, plan every file, render, commit.

Where all that goes into a site is as it was, what came of it is known, and the files need only be looked at. What
follows otherwise is in `stages`, which is imported then: the libraries that read and render cost more than the looking.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sitegen.builder.cache import ContentCache, open_cache
from sitegen.builder.commit import check_output, complete_pending_commit, open_writer
from sitegen.builder.inputs import Inputs, LastBuild, read_config_bytes, remembered
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.reader import detect_changes
from sitegen.builder.request import BuildRequest, BuildResult
from sitegen.builder.scan import scan
from sitegen.builder.session import BuildSession
from sitegen.builder.timing import StageTimer
from sitegen.diagnostics import Diagnostics
from sitegen.paths import OUTPUT, missing_config_error


def build(request: BuildRequest, progress: Progress = no_progress, session: BuildSession | None = None) -> BuildResult:
    """Build the site. Content, configuration and theme are judged whole; with any error nothing is written.

    `progress` is told how far it is; `session` is what a process that builds again and again keeps. Raises
    SurroundingsError for what the file system refuses, UsageError for an output folder that would harm the project. The
    same content, theme and `now` give the same bytes on every machine.
    """
    output = request.output if request.output is not None else request.root / OUTPUT
    check_output(request.root, output)
    complete_pending_commit(output)
    notes: list[str] = []
    clock = StageTimer()
    config = read_config_bytes(request.root)
    if config is None:
        return BuildResult.failed(output / "site", missing_config_error().sorted(), clock.seconds)
    with _without_collection(), open_cache(output, notes.append, session) as store:
        with clock.stage("scan"):
            inputs = collect_inputs(request, config, store, session)
            last = remembered(store, inputs, request.root, output, request.now)
        if last is not None and not (request.strict and last.diagnostics):
            result = _unchanged(last, inputs, request, clock=clock, store=store, session=session)
            if result is not None:
                return replace(result, notes=tuple(notes))
        from sitegen.builder.stages import build_changed  # noqa: PLC0415 - see above

        return build_changed(request, output, inputs, store, progress, clock=clock, notes=notes, session=session)


def collect_inputs(
    request: BuildRequest, config: bytes, store: ContentCache, session: BuildSession | None = None
) -> Inputs:
    """Look at what lies in the project; `config` are the bytes of its `site.yaml`."""
    diagnostics, found = Diagnostics(), None
    if session is not None:
        last, touched = session.found, session.touched
        session.found = session.touched = None  # also where the scan fails
        if touched is None:
            session.manifest = None
        elif last is not None:
            found = last.rescan(request.root, touched)
    if found is None:
        found = scan(request.root, diagnostics)
    if session is not None and not len(diagnostics) and not found.linked:
        session.found = found
    return Inputs(config, found, detect_changes(found, store), tuple(diagnostics), request.drafts)


def _unchanged(
    last: LastBuild,
    inputs: Inputs,
    request: BuildRequest,
    *,
    clock: StageTimer,
    store: ContentCache,
    session: BuildSession | None,
) -> BuildResult | None:
    """Return the result of a build that has nothing to do; None where a file of the site is not as it was written."""
    output = request.output if request.output is not None else request.root / OUTPUT
    with clock.stage("write"), open_writer(output, session) as writer:
        counts = writer.verify_unchanged()
        manifest = writer.manifest_digest
    if counts is None:
        return None
    if inputs.marks.better:
        store.remark(inputs.marks.better)
    return BuildResult(
        ok=True,
        site=output / "site",
        diagnostics=last.diagnostics,
        counts=counts,
        articles=last.articles,
        unpublished=last.unpublished,
        seconds=clock.seconds,
        manifest=manifest,
    )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Leave out the cyclic garbage collector: a build makes values by the million and hardly a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
