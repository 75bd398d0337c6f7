"""The stages of a build that has something to do: parse, plan, render, commit."""

from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

from sitegen.builder.cache import open_cache
from sitegen.builder.commit import check_output, complete_pending_commit, open_writer
from sitegen.builder.earlier_site import report_corrections_and_ids
from sitegen.builder.executor import Pool
from sitegen.builder.kept_plan import SiteChangedError, keep, revise
from sitegen.builder.plan import BuildPlan, LoadedProject, located, plan_build
from sitegen.builder.pools import open_pool
from sitegen.builder.reader import read_documents
from sitegen.builder.removed import report_removed
from sitegen.builder.render import render
from sitegen.builder.request import BuildRequest, BuildResult, timed
from sitegen.builder.run import BuildRun, LastBuild, collect_inputs, save_last_build
from sitegen.config.loader import read_config
from sitegen.config.model import ProjectSettings
from sitegen.diagnostics import ContentError, Diagnostic, Diagnostics, Severity, SourceLocation
from sitegen.outputs.page_kind import plugin_templates, required_templates
from sitegen.outputs.renderer import renderer_of
from sitegen.theme.files import theme_hash
from sitegen.theme.loader import load_theme, theme_ancestry
from sitegen.theme.model import SiteOptions, Theme, report_untranslated
from sitegen.util.hashing import decode, encode, hash_value
from sitegen.util.paths import ARTICLES, article_slug, read_config_bytes
from sitegen.util.plugins import package_of
from sitegen.util.user_cache import cache_folder, read_kept, write_kept
from sitegen.util.version import program_hash


def build_changed(run: BuildRun, last: LastBuild | None) -> BuildResult:
    """Build a site whose inputs are not those of the `last` build. See `build`.

    Raises ContentError, with all diagnostics, if nothing was written because of them.
    """
    with open_pool(run.request.jobs, run.request.executor) as pool:
        project, diagnostics = _load_project(run)
        if last is not None and not diagnostics.errors:
            with timed(run.seconds, "plan"):
                plan = revise(run, project, last, pool)
            if plan is not None:
                with suppress(SiteChangedError):
                    return _carry_out(run, plan, pool)
        return _carry_out(run, _plan_all(run, project, diagnostics, pool), pool)


def _carry_out(run: BuildRun, plan: BuildPlan, pool: Pool) -> BuildResult:
    """Render and commit a plan. Raises SiteChangedError if it revises another site than the present one."""
    request, seconds = run.request, run.seconds
    _stop_if_necessary(request, plan.diagnostics)
    with open_writer(request.output_folder, run.session, run.note) as writer:
        previous, before = writer.previous, writer.manifest_hash
        if plan.revises is not None and not (plan.revises == before and writer.keep_others(plan.keys.keys())):
            raise SiteChangedError
        _stop_if_emptied(request, plan, len({article_slug(path) for path in previous} - {None}))
        with timed(seconds, "render"):
            errors = render(run, plan, writer, pool)
        removed = () if plan.revises is not None else _changes(previous.keys(), plan, writer.site)
        _stop_if_necessary(request, (*removed, *Diagnostics([*plan.diagnostics, *errors]).sorted()))
        with timed(seconds, "write"):
            run.progress("write", 0, 0)
            commit = writer.commit()
            manifest = writer.manifest_hash
    with timed(seconds, "write"):  # without the lock: its handle may be the last one
        keep(run.cache, plan, previous, before, manifest)
        last = _last_build(run, plan, manifest)
        save_last_build(run.cache, last)
    return last.result(run, commit, removed)


def _changes(before: AbstractSet[str], plan: BuildPlan, site: Path) -> tuple[Diagnostic, ...]:
    """Return warnings of what readers of the last build lose. It had the files `before` in the folder `site`."""
    return Diagnostics([*report_removed(before, plan, site), *report_corrections_and_ids(before, plan, site)]).sorted()


def plan_site(request: BuildRequest) -> BuildPlan:
    """Return the plan of a build that is not carried out. The site is unchanged.

    Raises ContentError, with all diagnostics, if there is any error.
    """
    folder = request.output_folder
    check_output(request.root, folder)
    complete_pending_commit(folder)
    config = read_config_bytes(request.root)
    with open_cache(folder) as cache, open_pool(request.jobs) as pool:
        return plan_changed(BuildRun(request, collect_inputs(request, config, cache), cache), pool)


def plan_changed(run: BuildRun, pool: Pool) -> BuildPlan:
    """Read the configuration, the theme and the documents, and plan every file.

    Raises ContentError, with all diagnostics, if there is any error.
    """
    return _plan_all(run, *_load_project(run), pool)


def _load_project(run: BuildRun) -> tuple[LoadedProject, Diagnostics]:
    """Read the configuration and the theme. Return them, and the diagnostics about them and the scan.

    Raises ContentError, with all diagnostics, if either cannot be used.
    """
    diagnostics = Diagnostics(run.inputs.diagnostics)
    with timed(run.seconds, "read"):
        settings = read_config(run.inputs.config, diagnostics)
        is_config_valid = not diagnostics.errors
        loaded = _load_theme(run, settings, diagnostics) if settings is not None else None
        if settings is None or loaded is None:
            raise ContentError(located(diagnostics, run.inputs.scan))
    return LoadedProject(settings, is_config_valid, *loaded), diagnostics


def _plan_all(run: BuildRun, project: LoadedProject, diagnostics: Diagnostics, pool: Pool) -> BuildPlan:
    """Read the documents, and plan every file. Raises ContentError, with all diagnostics, if there is any error."""
    with timed(run.seconds, "read"):
        documents = read_documents(run, project.schema, pool)
        for document in documents.values():
            diagnostics.extend(document.diagnostics)
    with timed(run.seconds, "plan"):
        run.progress("plan", 0, 0)
        plan = plan_build(run, project, documents, diagnostics)
    if plan is None:
        raise ContentError(located(diagnostics, run.inputs.scan))
    return plan


def _load_theme(
    run: BuildRun, settings: ProjectSettings, diagnostics: Diagnostics
) -> tuple[Theme, tuple[str, ...], bytes] | None:
    """Return the theme, the names of it and its parents, and the hash of their files; None if it cannot be used.

    A theme without errors is kept with its warnings: loading and checking it takes longer than the rest of a small
    build.
    """
    root, config = run.request.root, settings.config
    names = theme_ancestry(root, config.theme)
    files = theme_hash(root, names)  # before it is read: it may be edited meanwhile
    site = SiteOptions(config.locales, config.date_styles, settings.theme_settings)
    name, key = f"theme-{hash_value((config.theme, config.locales)).hex()}", encode((program_hash(), files))
    data = read_kept(cache_folder(), name, key)
    kept = decode(data, tuple[SiteOptions, Theme, tuple[Diagnostic, ...]]) if data is not None else None
    if kept is not None and kept[0] == site:
        _, theme, warnings = kept
        diagnostics.extend(warnings)
        return theme, names, files
    found = Diagnostics()
    loaded = load_theme(root, config.theme, found, settings.theme_location, site)
    if loaded is not None:
        _check_theme(loaded, found, is_checked=kept is not None and not kept[2])
        if not found.errors:
            write_kept(cache_folder(), name, key, encode((site, loaded, tuple(found))))
    diagnostics.extend(found)
    return (loaded, names, files) if loaded is not None else None


def _check_theme(theme: Theme, diagnostics: Diagnostics, *, is_checked: bool) -> None:
    """Check the labels of a theme, and its templates unless they are checked; `diagnostics` are those of its files."""
    is_complete = not diagnostics.errors
    if is_complete:
        report_untranslated(theme, diagnostics)
    if not is_checked:
        packages = {template: package_of(module) for template, module in plugin_templates().items()}
        templates = renderer_of(theme).templates
        templates.check(required_templates(), theme.locales, diagnostics, whole=is_complete, packages=packages)


def _stop_if_necessary(request: BuildRequest, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Raise ContentError for any error, and with `strict` for any warning."""
    if any(request.strict or item.severity is Severity.ERROR for item in diagnostics):
        raise ContentError(diagnostics)


def _stop_if_emptied(request: BuildRequest, plan: BuildPlan, before: int) -> None:
    """Raise ContentError for a build that would remove every article."""
    if before and not plan.visible and not request.allow_empty:
        articles = "1 article" if before == 1 else f"{before:,} articles"
        diagnostics = Diagnostics()
        diagnostics.error(
            "site-emptied",
            SourceLocation(ARTICLES),
            f"the site has {articles}, but now there is none to publish; refusing to replace it with an empty one",
            hint="check for drafts, future dates and the clock; build with --allow-empty if the site is to be empty",
        )
        raise ContentError(Diagnostics([*plan.diagnostics, *diagnostics]).sorted())


def _last_build(run: BuildRun, plan: BuildPlan, manifest: bytes) -> LastBuild:
    """Return what the next build compares its inputs with; `manifest` is the hash of the manifest."""
    inputs, project = run.inputs, plan.project
    return LastBuild(
        inputs=inputs.hash(project.theme_hash),
        documents=inputs.documents_hash({**inputs.hashes, **{d.path: d.source for d in plan.documents.values()}}),
        manifest=manifest,
        themes=project.theme_names,
        validity=plan.validity,
        articles=plan.visible,
        held_back=plan.held_back,
        diagnostics=plan.diagnostics,
    )
