"""`build()`: scan the project, read the articles, assemble the site, plan every file, render, commit.

Where all that goes into a site is as it was, what came of it is known, and the files need only be looked at. What
follows otherwise is in `stages`, which is imported then: the libraries that read and render cost more than the looking.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sitegen.builder.cache import Store, open_store
from sitegen.builder.commit import check_output, open_writer, recover
from sitegen.builder.inputs import Inputs, Remembered, read_config_bytes, remembered
from sitegen.builder.progress import Progress, untold
from sitegen.builder.reader import mark
from sitegen.builder.request import BuildRequest, BuildResult
from sitegen.builder.scan import scan
from sitegen.builder.session import Memory
from sitegen.builder.timing import Stopwatch
from sitegen.diagnostics import Findings
from sitegen.paths import OUTPUT, missing_config


def build(request: BuildRequest, progress: Progress = untold, memory: Memory | None = None) -> BuildResult:
    """Build the site. Content, configuration and theme are judged whole; with any error nothing is written.

    `progress` is told how far it is; `memory` is what a process that builds again and again keeps. Raises
    SurroundingsError for what the file system refuses, UsageError for an output folder that would harm the project. The
    same content, theme and `now` give the same bytes on every machine.
    """
    output = request.output if request.output is not None else request.root / OUTPUT
    check_output(request.root, output)
    recover(output)
    notes: list[str] = []
    clock = Stopwatch()
    config = read_config_bytes(request.root)
    if config is None:
        return BuildResult.failed(output / "site", missing_config().sorted(), clock.seconds)
    with _without_collection(), open_store(output, notes.append, memory) as store:
        with clock.stage("scan"):
            inputs = gather(request, config, store, memory)
            last = remembered(store, inputs, request.root, output, request.now)
        if last is not None and not (request.strict and last.diagnostics):
            result = _unchanged(last, inputs, request, clock=clock, store=store, memory=memory)
            if result is not None:
                return replace(result, notes=tuple(notes))
        from sitegen.builder.stages import build_changed  # noqa: PLC0415 - see above

        return build_changed(request, output, inputs, store, progress, clock=clock, notes=notes, memory=memory)


def gather(request: BuildRequest, config: bytes, store: Store, memory: Memory | None = None) -> Inputs:
    """Look at what lies in the project; `config` are the bytes of its `site.yaml`."""
    findings, found = Findings(), None
    if memory is not None:
        last, touched = memory.found, memory.touched
        memory.found = memory.touched = None  # also where the scan fails
        if touched is None:
            memory.manifest = None
        elif last is not None:
            found = last.looked_at_again(request.root, touched)
    if found is None:
        found = scan(request.root, findings)
    if memory is not None and not len(findings) and not found.linked:
        memory.found = found
    return Inputs(config, found, mark(found, store), tuple(findings), request.drafts)


def _unchanged(
    last: Remembered,
    inputs: Inputs,
    request: BuildRequest,
    *,
    clock: Stopwatch,
    store: Store,
    memory: Memory | None,
) -> BuildResult | None:
    """Return the result of a build that has nothing to do; None where a file of the site is not as it was written."""
    output = request.output if request.output is not None else request.root / OUTPUT
    with clock.stage("write"), open_writer(output, memory) as writer:
        counts = writer.intact()
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
        held_back=last.held_back,
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
