"""The stages of a build that has something to do: parse, plan, render, commit."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from sitegen.builder.cache import ContentCache
from sitegen.builder.commit import Writer, open_writer
from sitegen.builder.executor import Pool, open_pool
from sitegen.builder.inputs import BuildRun, LastBuild, save_last_build
from sitegen.builder.plan import BuildPlan, LoadedTheme, PlannedBuild, plan_build
from sitegen.builder.reader import Documents, read_documents
from sitegen.builder.removed import report_removed
from sitegen.builder.request import BuildRequest, BuildResult, stage_seconds, timed
from sitegen.builder.scan import ScanResult
from sitegen.builder.session import BuildSession
from sitegen.builder.session_plan import revise
from sitegen.builder.tasks import ParseTask, RenderTask
from sitegen.builder.version import program_hash
from sitegen.config.loader import read_config
from sitegen.config.model import Config, ContentSchema, ProjectSettings
from sitegen.diagnostics import Diagnostic, Diagnostics, SourceLocation, with_location
from sitegen.errors import ExternalError
from sitegen.outputs.page_kind import required_templates
from sitegen.outputs.recipes import CopyFile, Output
from sitegen.outputs.renderer import renderer_of
from sitegen.paths import ARTICLES, read_bytes
from sitegen.theme.files import theme_hash
from sitegen.theme.loader import load_theme, theme_ancestry
from sitegen.theme.model import Theme, report_untranslated
from sitegen.yaml_source.nodes import decode as decode_text

_CHECKED_THEME: Final = "checked_theme"
EMPTY_SCHEMA: Final = ContentSchema(None, None, (), "UTC")
MANY_ARTICLES: Final = 100
"""Outputs that name more articles than this are rendered together, so their articles are sent to a worker once."""


def build_changed(run: BuildRun) -> BuildResult:
    """Build a site whose inputs are not those of the last build. See `build`."""
    request, inputs, seconds = run.request, run.inputs, run.seconds
    with open_pool(request.jobs) as pool:
        planned = plan_changed(run, pool)
        plan, diagnostics, theme = planned.plan, planned.diagnostics, planned.loaded.theme
        if plan is None or theme is None or _must_stop(diagnostics, request):
            return BuildResult.failed(request, located(diagnostics, inputs.scan), seconds)
        task = RenderTask(
            theme, plan.contexts, plan.articles, cache=run.cache, scan=inputs.scan, parse_task=planned.task
        )
        with open_writer(request.output_folder, run.session, run.note) as writer:
            _check_articles(request, plan, writer.previous_articles, diagnostics)
            if diagnostics.errors:
                return BuildResult.failed(request, located(diagnostics, inputs.scan), seconds)
            with timed(seconds, "render"):
                _render(run, plan, task, writer, pool, diagnostics=diagnostics)
                pool.release()
                task.release()
            removed = report_removed(writer.previous_paths, plan, writer.site)
            if _must_stop(diagnostics, request) or (request.strict and len(removed)):
                return BuildResult.failed(request, (*removed.sorted(), *located(diagnostics, inputs.scan)), seconds)
            with timed(seconds, "write"):
                run.progress("write", 0, 0)
                commit = writer.commit()
                manifest = writer.manifest_hash
    if run.session is not None:
        run.session.plan = planned
    with timed(seconds, "write"):
        found = located(diagnostics, inputs.scan)
        inputs_hash = inputs.hash(planned.loaded.hash, planned.documents.hashes)
        if inputs_hash is not None:
            validity = (plan.since, plan.until)
            numbers = (plan.visible, plan.held_back)
            save_last_build(
                run.cache, LastBuild(inputs_hash, manifest, planned.loaded.names, *validity, *numbers, found)
            )
    return BuildResult(
        ok=True,
        site=request.site_folder,
        diagnostics=(*removed.sorted(), *found),
        counts=commit,
        articles=plan.visible,
        held_back=plan.held_back,
        seconds=stage_seconds(seconds),
        manifest=manifest,
    )


def plan_changed(run: BuildRun, pool: Pool) -> PlannedBuild:
    """Read the configuration, the theme and the documents, and plan every file."""
    inputs, seconds = run.inputs, run.seconds
    diagnostics = Diagnostics()
    diagnostics.extend(inputs.diagnostics)
    with timed(seconds, "read"):
        settings = read_config(inputs.config, diagnostics)
        schema = settings.config.content_schema if settings is not None else EMPTY_SCHEMA
        task = ParseTask(schema, program_hash())
        if settings is None:
            return PlannedBuild(inputs, diagnostics, task, Documents({}, {}), LoadedTheme(None), None)
        is_config_valid = not diagnostics.errors
        loaded = _load_theme(run.request, settings, run.session, diagnostics)
        if loaded.theme is None:
            return PlannedBuild(inputs, diagnostics, task, Documents({}, {}), loaded, None)
        last = run.session.plan if run.session is not None else None
        if last is not None:
            revision = revise(last, run, loaded, task, pool)
            if revision is not None:
                return revision
        documents = read_documents(run, task, pool)
        for document in documents.by_path.values():
            diagnostics.extend(document.diagnostics)
    with timed(seconds, "plan"):
        run.progress("plan", 0, 0)
        _check_templates(loaded, loaded.theme, settings.config, run.cache, diagnostics)
        full_plan = plan_build(run, settings, loaded.theme, documents, diagnostics, is_config_valid=is_config_valid)
    return PlannedBuild(inputs, diagnostics, task, documents, loaded, full_plan)


def _load_theme(
    request: BuildRequest, settings: ProjectSettings, session: BuildSession | None, diagnostics: Diagnostics
) -> LoadedTheme:
    """Load the theme, or take that of the session if its files are unchanged."""
    names, locales = theme_ancestry(request.root, settings.config.theme), settings.config.locales
    files = theme_hash(request.root, names)  # before it is read: it may be edited meanwhile
    known = session.theme if session is not None else None
    if known is not None and known[0] == files and known[1].locales == locales:
        return LoadedTheme(known[1], names, files, is_complete=True)
    errors, count = diagnostics.errors, len(diagnostics)
    theme = load_theme(request.root, settings.config.theme, diagnostics, settings.theme_location, locales)
    if session is not None:
        session.theme = (files, theme) if theme is not None and len(diagnostics) == count else None
    return LoadedTheme(theme, names, files, is_complete=diagnostics.errors == errors)


def _check_templates(
    loaded: LoadedTheme, theme: Theme, config: Config, cache: ContentCache, diagnostics: Diagnostics
) -> None:
    """Check the templates, unless the same ones passed before: that takes longer than planning."""
    if loaded.is_complete:
        report_untranslated(theme, diagnostics)
    checked = (program_hash(), loaded.hash, config.locales)
    if loaded.is_complete and cache.get_meta(_CHECKED_THEME, tuple[bytes, bytes, tuple[str, ...]]) == checked:
        return
    count = len(diagnostics)
    templates = renderer_of(theme).templates
    templates.check(required_templates(), config.locales, diagnostics, whole=loaded.is_complete)
    if loaded.is_complete and len(diagnostics) == count:
        cache.set_meta(_CHECKED_THEME, checked)


def _check_articles(request: BuildRequest, plan: BuildPlan, before: int, diagnostics: Diagnostics) -> None:
    """Report a build that would remove every article."""
    if before and not plan.visible and not request.allow_empty:
        articles = "1 article" if before == 1 else f"{before:,} articles"
        diagnostics.error(
            "site-emptied",
            SourceLocation(ARTICLES),
            f"the site has {articles}, but now there is none to publish; refusing to replace it with an empty one",
            hint="check for drafts and future dates; build with --allow-empty if the site is to be empty",
        )


def _must_stop(diagnostics: Diagnostics, request: BuildRequest) -> bool:
    return bool(diagnostics.errors or (request.strict and len(diagnostics)))


def _render(
    run: BuildRun, plan: BuildPlan, task: RenderTask, writer: Writer, pool: Pool, *, diagnostics: Diagnostics
) -> None:
    """Stage every file that is not as planned; errors in templates go to `diagnostics`."""
    stale = [plan.outputs[path] for path, key in plan.keys.items() if not writer.reuse(path, key)]
    copied = [output for output in stale if isinstance(output.recipe, CopyFile)]
    rendered = _in_batch_order([output for output in stale if not isinstance(output.recipe, CopyFile)], plan)
    results = pool.map(task, rendered, len(rendered))
    done = 0
    for output, data in _copies(copied, run.inputs.scan):
        done += 1
        run.progress("render", done, len(stale))
        writer.stage(output.path, data, plan.keys[output.path])
    for output, result in zip(rendered, results, strict=True):
        done += 1
        run.progress("render", done, len(stale))
        if isinstance(result, Diagnostic):
            diagnostics.extend([result])
        else:
            writer.stage(output.path, result, plan.keys[output.path])


def _in_batch_order(outputs: Sequence[Output], plan: BuildPlan) -> list[Output]:
    """Return outputs in an order in which neighbours show the same articles.

    An article is sent to a worker once for a batch. Outputs that may name all articles are together, the others are in
    the order of their newest article.
    """

    def position(output: Output) -> tuple[float, str]:
        named = output.recipe.references().articles
        if len(named) > MANY_ARTICLES:
            return float("-inf"), output.path
        newest = max((plan.articles[key].published.timestamp() for key in named), default=0.0)
        return newest, output.path

    return sorted(outputs, key=position)


def _copies(outputs: Sequence[Output], scan: ScanResult) -> Iterator[tuple[Output, bytes]]:
    """Yield the bytes of pictures and documents."""
    for output in outputs:
        recipe = output.recipe
        if isinstance(recipe, CopyFile):
            data = read_bytes(recipe.source, scan.files[recipe.source].file)
            if sha256(data).hexdigest() != recipe.digest:
                raise ExternalError(f"{recipe.source} changed during the build; build again")
            yield output, data


def located(diagnostics: Diagnostics, scan: ScanResult) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, sorted, with the source line of those that name it by number only."""
    sources = {}
    found = []
    for item in diagnostics.sorted():
        location = item.location
        if location.line and not location.excerpt and location.path in scan.articles:
            if location.path not in sources:
                data = read_bytes(location.path, scan.articles[location.path].file)
                sources[location.path] = decode_text(location.path, data, Diagnostics())
            source = sources[location.path]
            if source is not None:
                found.append(with_location(item, source.location(location.line, location.column)))
                continue
        found.append(item)
    return tuple(found)
