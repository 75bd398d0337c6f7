"""`publish()` and `rollback()`: build, compare, confirm, apply, notify."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import Struct
from msgspec.structs import replace

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.builder.manifest import unmanaged_files
from sitegen.builder.pipeline import plan_site
from sitegen.builder.removed import report_removed
from sitegen.check.run import check
from sitegen.config.targets import TARGET_TYPES, Target
from sitegen.content.placeholders import SAMPLE_HOST
from sitegen.diagnostics import ContentError, Diagnostic, ExternalError, Severity, UsageError, did_you_mean
from sitegen.publish.backend import PublishRequest, PublishUI, TargetBackend, check_output_file
from sitegen.publish.hooks import add_pending, notify
from sitegen.publish.host_files import HOST_FILES, exceeded_limits
from sitegen.publish.plan import Plan, TargetState, check_conflicts, check_deletions, make_plan, name_some
from sitegen.publish.site_files import locked_site_files
from sitegen.util.file_lock import file_lock
from sitegen.util.paths import OUTPUT, STATIC
from sitegen.util.plugins import returned


class PublishResult(Struct, frozen=True, kw_only=True):
    """The result of a publish or rollback.

    `build` is None for a rollback, `plan` is None if the build has errors. `published` is what readers now get (a
    release, a commit), None if nothing was changed. `failures` are notifications that failed after the publish.
    """

    build: BuildResult | None = None
    target: str = ""
    plan: Plan | None = None
    published: str | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


def publish(request: PublishRequest, ui: PublishUI) -> PublishResult:
    """Build the site and publish it to a target. Nothing is published if the build has errors.

    Raises ContentError for errors of the check and, with `strict`, for removed addresses, UsageError for an unusable
    target or a change that was not allowed, ExternalError for problems of the disk, the network or the other side.
    """
    with _open(request, ui) as backend:
        result = build(request)
        if not result.ok:
            return PublishResult(build=result)
        ui.show_build(result)
        notes = _check_site(request) if request.checks else ()
        published = None
        with locked_site_files(request.root / OUTPUT, result.manifest) as site:
            files = returned(backend.add_host_files, backend.add_host_files(site), Mapping, "the files by path")
            state = returned(backend.read_state, backend.read_state(), TargetState, "a TargetState")
            keep = backend.target.keep_releases if backend.keeps_assets else 0
            plan = make_plan(files, state, keep, backend.content_id)
            host = backend.options.get("host", "other")
            warnings = (*exceeded_limits(files, host), *_unmanaged(result, site), *_sample_authority(request, state))
            plan = replace(plan, warnings=warnings)
            removed = _removed_addresses(request, result, plan, state)
            ui.show_warnings(removed)
            ui.show_plan(plan, state, backend.description)
            if removed and request.strict:
                raise ContentError(removed)
            _check(plan, state, backend)
            if not request.dry_run and not plan.is_empty:
                _confirm(request, ui, _question(plan, state, backend.description))
                add_pending(backend.state_dir, (path for path in plan.changed_paths() if path not in HOST_FILES))
                published = returned(
                    backend.apply, backend.apply(plan, files, state), str, "what readers now get, a text"
                )
        sent, failures = ((), ()) if request.dry_run else notify(request, backend.target, backend.state_dir)
        return PublishResult(
            build=replace(result, diagnostics=(*removed, *result.diagnostics)),
            target=backend.description,
            plan=plan,
            published=published,
            notes=(*notes, *backend.notes, *sent),
            failures=failures,
        )


def _unmanaged(result: BuildResult, site: Collection[str]) -> tuple[str, ...]:
    """Return a warning if an editor has put files into the folder of the site: they are not published."""
    paths = unmanaged_files(result.site, site)
    if not paths:
        return ()
    return (f"not published, because no build wrote them: {name_some(paths)}; put your own files into {STATIC}/",)


def _sample_authority(request: PublishRequest, state: TargetState) -> tuple[str, ...]:
    """Return a warning before the first publish with the `authority` of `sitegen init`. Later it must not change."""
    authority = request.settings.config.tag_authority
    if not state.is_first or authority.partition(",")[0] != SAMPLE_HOST:
        return ()
    advice = "write a host that you own before readers subscribe, because the ids of feed items have it"
    return (f"'authority' is {authority}, the example of `sitegen init`; {advice}",)


def _check_site(request: PublishRequest) -> tuple[str, ...]:
    """Check the site that was built; return a note for each rule that failed. Raises ContentError for errors.

    With `strict`, warnings are errors. Hints never are.
    """
    result = check(BuildRequest(root=request.root, now=request.now, jobs=request.jobs))
    fatal = {Severity.ERROR, Severity.WARNING} if request.strict else {Severity.ERROR}
    diagnostics = tuple(item.diagnostic for item in result.findings if item.diagnostic.severity in fatal)
    if diagnostics:
        raise ContentError(diagnostics)
    return tuple(f"the rule {code} failed at {path}: {error}" for code, path, error in result.failures)


def _removed_addresses(
    request: PublishRequest, result: BuildResult, plan: Plan, state: TargetState
) -> tuple[Diagnostic, ...]:
    """Return warnings of addresses of the target that the site does not have any more.

    Those that the build has just reported are left out: it compares the site with the one before it, which may never
    have been published, or may be missing as in CI.
    """
    reported = frozenset(result.counts.removed)
    if reported.issuperset(plan.removed):
        return ()
    site = plan_site(BuildRequest(root=request.root, now=request.now, jobs=request.jobs))
    published = {path for path, file in state.files.items() if not file.retired}
    return report_removed(published - reported, site, result.site).sorted()


def rollback(request: PublishRequest, ui: PublishUI) -> PublishResult:
    """Show the release before the current one again. Raises as `publish` does."""
    with _open(request, ui) as backend:
        plan = returned(backend.plan_rollback, backend.plan_rollback(), Plan, "a Plan")
        if request.dry_run:
            return PublishResult(target=backend.description, plan=plan, notes=plan.warnings)
        counts = f"{len(plan.new):,} new, {len(plan.changed):,} changed, {len(plan.removed):,} removed files"
        _confirm(request, ui, f"Roll back {backend.description} to {plan.previous} ({counts})?")
        add_pending(backend.state_dir, plan.changed_paths())
        published = returned(backend.rollback, backend.rollback(plan), str, "what readers now get, a text")
        sent, failures = notify(request, backend.target, backend.state_dir)
        notes = (*backend.notes, *sent)
        return PublishResult(target=backend.description, plan=plan, published=published, notes=notes, failures=failures)


def find_target(declared: Sequence[Target], name: str) -> Target:
    """Return a target of `site.yaml`. Raises UsageError with the names of all targets."""
    targets = {target.name: target for target in declared}
    if name in targets:
        return targets[name]
    if not targets:
        raise UsageError("site.yaml has no targets; add one under `publish`, as `sitegen docs publishing` explains")
    suggestion = did_you_mean(name, tuple(targets)) or "."
    raise UsageError(f"there is no target {name!r}{suggestion} site.yaml has: {', '.join(targets)}")


@contextmanager
def _open(request: PublishRequest, ui: PublishUI) -> Iterator[TargetBackend]:
    """Open a target, and prevent another publish to it by this project meanwhile."""
    target = find_target(request.settings.targets, request.target)
    backend: TargetBackend = TARGET_TYPES[target.type](target, request, ui)
    with backend.resources:
        if target.changed_urls_file is not None:
            check_output_file(request.root, target.changed_urls_file)
        try:
            backend.state_dir.mkdir(parents=True, exist_ok=True)
            with file_lock(backend.state_dir / "lock") as is_free:
                if not is_free:
                    raise ExternalError(f"another publish to {target.name!r} is running")
                yield backend
        except OSError as error:
            name = error.filename2 or error.filename or backend.description
            raise ExternalError(f"cannot access {name}: {error.strerror or error}") from error


def _check(plan: Plan, state: TargetState, backend: TargetBackend) -> None:
    """Raise an error if a plan must not be applied, before the user confirms."""
    if not plan.is_empty and not backend.request.take_over:
        check_conflicts(plan, backend.find_unmanaged(plan, state))
    check_deletions(plan, backend.target.max_delete, backend.request.allowed_deletions)


def _question(plan: Plan, state: TargetState, target: str) -> str:
    if state.is_first and state.has_unmanaged:
        return f"{target} has unmanaged files, which will stay. Publish there for the first time?"
    if not plan.uploads and not plan.removed:
        return f"Rebuild the release in {target}?"
    return f"Publish {len(plan.uploads):,} files to {target}?"


def _confirm(request: PublishRequest, ui: PublishUI, question: str) -> None:
    """Raise UsageError unless the user confirms."""
    if not request.yes and not ui.is_terminal:
        advice = "pass --yes (or --dry-run to show the changes)"
        raise UsageError(f"nothing was changed: confirmation needs a terminal; {advice}")
    if not request.yes and not ui.confirm(question):
        raise UsageError("cancelled; nothing was changed")
