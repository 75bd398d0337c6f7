"""`build()`: scan the project; if anything changed, parse, plan, render and commit.

What follows a change is in `pipeline`, which is imported only then: the libraries that parse and render take longer to
import than a build that finds nothing to do.
"""

from msgspec.structs import replace

from sitegen.builder.cache import open_cache
from sitegen.builder.commit import check_output, complete_pending_commit, open_writer
from sitegen.builder.request import STAGES, BuildRequest, BuildResult, Progress, no_progress, timed
from sitegen.builder.run import BuildRun, LastBuild, collect_inputs, has_same_inputs, load_last_build
from sitegen.builder.session import BuildSession
from sitegen.diagnostics import ContentError
from sitegen.theme.files import theme_hash
from sitegen.util.collector import gc_disabled
from sitegen.util.paths import read_config_bytes


def build(request: BuildRequest, progress: Progress = no_progress, session: BuildSession | None = None) -> BuildResult:
    """Build the site. With any error in content, configuration or theme nothing is written.

    `progress` is called as the build advances; `session` belongs to a process that builds again and again. The same
    content, theme and `now` give the same bytes on every machine. Raises ExternalError if the file system refuses
    something, UsageError for an output folder that would harm the project.
    """
    check_output(request.root, request.output_folder)
    notes: list[str] = []
    complete_pending_commit(request.output_folder, notes.append)
    seconds = dict.fromkeys(STAGES, 0.0)
    try:
        config = read_config_bytes(request.root)
        with gc_disabled(), open_cache(request.output_folder, notes.append) as cache:
            with timed(seconds, "scan"):
                inputs = collect_inputs(request, config, cache, session)
                run = BuildRun(request, inputs, cache, seconds, progress, session, notes.append)
                last = load_last_build(run)
            result = _unchanged_build(run, last) if last is not None else None
            if result is None:
                from sitegen.builder.pipeline import build_changed

                result = build_changed(run, last)
    except ContentError as error:  # a file that no build can read
        result = BuildResult(
            ok=False, site=request.site_folder, diagnostics=error.diagnostics, seconds=tuple(seconds.items())
        )
    return replace(result, notes=tuple(dict.fromkeys(notes)))


def _unchanged_build(run: BuildRun, last: LastBuild) -> BuildResult | None:
    """Return the result of a build that has nothing to do; None if an input or a file of the site has changed."""
    request = run.request
    with timed(run.seconds, "scan"):
        is_unchanged = has_same_inputs(run, last, theme_hash(request.root, last.themes), run.inputs.hashes)
    if not is_unchanged or (request.strict and last.diagnostics):
        return None
    with timed(run.seconds, "write"), open_writer(request.output_folder, run.session, run.note) as writer:
        commit = writer.verify_unchanged()
        manifest = writer.manifest_hash
    if commit is None:
        return None
    if run.inputs.refreshed:
        run.cache.update_file_states(run.inputs.refreshed)
    return replace(last, manifest=manifest).result(run, commit)
