"""`check()`: the findings of all rules over the plan of a build, with the severities of the site."""

from collections.abc import Iterable, Iterator
from functools import partial

from msgspec.structs import replace

from sitegen.builder.cache import open_cache
from sitegen.builder.commit import check_output, complete_pending_commit
from sitegen.builder.pipeline import plan_changed
from sitegen.builder.plan import BuildPlan
from sitegen.builder.pools import open_pool
from sitegen.builder.reader import read_documents
from sitegen.builder.request import BuildRequest, Progress, no_progress
from sitegen.builder.run import BuildRun, collect_inputs
from sitegen.check.catalogue import catalogue_texts
from sitegen.check.findings import CheckResult, Finding
from sitegen.check.model import CheckedSite
from sitegen.check.pages import collect_pages
from sitegen.check.registry import RULES
from sitegen.check.texts import TextResult, check_texts, run_rules
from sitegen.config.loader import read_config
from sitegen.config.model import CheckSettings
from sitegen.content.articles import source_text
from sitegen.diagnostics import ContentError, Diagnostic, Diagnostics, Severity, SourceText
from sitegen.util.collector import gc_disabled
from sitegen.util.paths import read_bytes, read_config_bytes


def check(request: BuildRequest, progress: Progress = no_progress) -> CheckResult:
    """Run all rules over the site that a build would make now. The site is unchanged.

    Raises ContentError for a project that cannot be read, and ExternalError as a build does.
    """
    check_output(request.root, request.output_folder)
    complete_pending_commit(request.output_folder)
    config = read_config_bytes(request.root)
    with gc_disabled(), open_cache(request.output_folder) as cache:
        run = BuildRun(request, collect_inputs(request, config, cache), cache, progress=progress)
        with open_pool(request.jobs) as pool:
            try:
                plan = plan_changed(run, pool)
            except ContentError as error:
                return _check_rejected(run, error)
            settings = plan.project.settings
            texts = check_texts(run, settings.config, plan.documents, pool)
            pages, errors = collect_pages(run, plan, pool)
        site = CheckedSite(
            plan=plan,
            now=request.now,
            texts={path: result.facts for path, result in texts.items()},
            pages=pages,
            settings=settings.check,
            source=partial(_source, run),
        )
        findings, failures = run_rules(site, "the site") if not errors else ([], [])
        findings += [Finding(item) for item in (*plan.diagnostics, *errors, *_unknown_rules(settings.check))]
        return _result(findings, texts.values(), settings.check, failures, plan)


def _check_rejected(run: BuildRun, error: ContentError) -> CheckResult:
    """Return the errors of a project that cannot be planned, and what is found in its texts without errors."""
    diagnostics = Diagnostics()
    settings = read_config(run.inputs.config, diagnostics)
    findings = [Finding(item) for item in error.diagnostics]
    if settings is None or diagnostics.errors:
        return CheckResult(tuple(findings))
    with open_pool(run.request.jobs) as pool:
        documents = read_documents(run, settings.config.content_schema, pool)
        texts = check_texts(run, settings.config, documents, pool)
    return _result(findings, texts.values(), settings.check, [], None)


def _result(
    of_site: list[Finding],
    texts: Iterable[TextResult],
    settings: CheckSettings,
    failures: list[tuple[str, str, str]],
    plan: BuildPlan | None,
) -> CheckResult:
    """Return the findings about the site and about its texts, with the severities of the site, each once."""
    results = list(texts)
    findings = [*of_site, *(finding for result in results for finding in result.findings)]
    changed = [item for finding in findings for item in _with_severity(finding, settings)]
    unique = {(item.diagnostic.sort_key): item for item in changed}
    failures += [failure for result in results for failure in result.failures]
    return CheckResult(
        tuple(sorted(unique.values(), key=lambda item: item.diagnostic.sort_key)),
        tuple({failure[0]: failure for failure in reversed(failures)}.values()),
        plan.visible if plan is not None else None,
    )


def _with_severity(finding: Finding, settings: CheckSettings) -> Iterator[Finding]:
    """Yield a finding with the severity that the site gives it; errors of the build stay errors."""
    item = finding.diagnostic
    if not settings.changes or (item.severity is Severity.ERROR and item.code not in RULES):
        yield finding
        return
    severity = settings.severity(item.code, item.location.path, item.severity)
    if severity != "off":
        yield replace(finding, diagnostic=replace(item, severity=Severity(severity)))


def _unknown_rules(settings: CheckSettings) -> Iterator[Diagnostic]:
    """Yield an error for each code in `check` of `site.yaml` that is neither a rule nor another diagnostic."""
    unknown = [change for change in settings.changes if change.code not in RULES]
    known = (*catalogue_texts(), *RULES) if unknown else ()
    diagnostics = Diagnostics()
    for change in unknown:
        if change.code not in known:
            message = f"unknown rule {change.code!r}"
            diagnostics.error("unknown-rule", change.location, message, got=change.code, allowed=known)
    yield from diagnostics


def _source(run: BuildRun, path: str) -> SourceText | None:
    entry = run.inputs.scan.articles.get(path)
    return None if entry is None else source_text(path, read_bytes(path, entry.file))
