"""`sitegen check`: what an editor wants to know before publishing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from inspect import getdoc
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from sitegen.builder import BuildRequest
from sitegen.check.findings import CheckResult
from sitegen.check.run import check
from sitegen.cli.command import Command, Invocation, build_time_option, format_option, jobs_option
from sitegen.cli.progress import BUILD_DELAY_SECONDS, ProgressDisplay
from sitegen.cli.reporter import Reporter
from sitegen.diagnostics import (
    EXIT_CONTENT,
    EXIT_EXTERNAL,
    EXIT_OK,
    Diagnostic,
    Severity,
    UsageError,
    did_you_mean,
    json_values,
    plural,
    replace_unprintable,
    to_json,
)
from sitegen.util.atomic_write import atomic_write

_UI = tuple[Reporter, ProgressDisplay]


@click.command(
    cls=Command,
    examples=("sitegen check", "sitegen check --strict --format github", "sitegen check --fix --dry-run"),
    manual="check-before-you-publish",
    groups={
        "Rules": ("lists", "explained", "only", "skipped"),
        "Files": ("revision",),
        "Links": ("asks_hosts", "with_archive", "allow_private"),
        "Fixes": ("fixes", "dry_run"),
    },
)
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--list", "lists", is_flag=True, help="List the rules.")
@click.option("--explain", "explained", metavar="CODE", help="Show what a code means, an example and the fix.")
@click.option("--only", multiple=True, metavar="CODE", help="Report only this code or group of rules; repeatable.")
@click.option("--skip", "skipped", multiple=True, metavar="CODE", help="Omit this code or group; repeatable.")
@click.option("--changed", "revision", metavar="REV", help="Report only files changed since a git revision.")
@click.option("--ai", "audits", is_flag=True, help="Print the machine-written parts and their reviews, for auditors.")
@click.option("--external", "asks_hosts", is_flag=True, help="Also ask for addresses on other hosts.")
@click.option("--archive", "with_archive", is_flag=True, help="With --external: look for copies of dead pages.")
@click.option("--allow-private", is_flag=True, help="With --external: also ask for addresses in private networks.")
@click.option("--fix", "fixes", is_flag=True, help="Change the files where a change is safe.")
@click.option("--dry-run", is_flag=True, help="With --fix: show the changes; change nothing.")
@jobs_option
@build_time_option
@format_option("text", "json", "github", "sarif", "csv")
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    *,
    files: tuple[Path, ...],
    lists: bool,
    explained: str | None,
    revision: str | None,
    asks_hosts: bool,
    audits: bool,
    fixes: bool,
    dry_run: bool,
    **options: Any,
) -> int:
    """Check content, links, typography and the pages that a build would make. The site is unchanged.

    With FILE, only findings in these files and folders are reported. The format csv is that of --ai.
    """
    root, reporter = invocation.project, invocation.reporter
    if lists or explained is not None:
        return _show_rules(reporter) if lists else _explain(str(explained))
    if reporter.format in ({"github", "sarif"} if audits else {"csv"}):
        raise UsageError("--ai has the formats text, json and csv, and only --ai has csv")
    if dry_run and not fixes:
        raise UsageError("--dry-run is for --fix")
    settings = {name: options.pop(name) for name in ("with_archive", "allow_private")}
    if any(settings.values()) and not asks_hosts:
        raise UsageError("--archive and --allow-private are for --external")
    only, skipped = _codes(options.pop("only")), _codes(options.pop("skipped"))
    paths = _selected(root, files, revision)
    strict = options.pop("strict")
    request = BuildRequest(root, **options)
    if audits:
        return _audit(request, paths, reporter.format)
    with ProgressDisplay(reporter.format, BUILD_DELAY_SECONDS) as progress:
        result = check(request, progress.stage)
        if asks_hosts:
            result = _with_links(request, result, paths, settings, (reporter, progress))
    chosen = [
        item
        for item in result.findings
        if (not only or item.diagnostic.code in only)
        and item.diagnostic.code not in skipped
        and (paths is None or _is_below(paths, item.diagnostic.location.path))
    ]
    if fixes:
        from sitegen.check.fixes import diff, fixed_files

        fixed = fixed_files(root, chosen)
        if dry_run:
            click.echo("".join(diff(path, *data) for path, data in fixed.items()), nl=False)
        else:
            counts = Counter(item.diagnostic.location.path for item in chosen if item.edits)
            chosen = [item for item in chosen if not item.edits or item.diagnostic.location.path not in fixed]
            for path, count in sorted((path, counts[path]) for path in fixed):
                atomic_write(root / path, fixed[path][1])
                reporter.line(f"{path}: {plural(count, 'fix')}")
    diagnostics = [item.diagnostic for item in chosen]
    _print(result, diagnostics, reporter)
    if result.failures:
        return EXIT_EXTERNAL
    fails = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return EXIT_CONTENT if any(item.severity in fails for item in diagnostics) else EXIT_OK


def _audit(request: BuildRequest, paths: frozenset[str] | None, output_format: str) -> int:
    """Print the machine-written parts of the site."""
    from sitegen.check.audit import audit
    from sitegen.outputs.open_data import machine_csv, machine_json

    parts = [part for part in audit(request) if paths is None or _is_below(paths, part.file)]
    if output_format == "csv":
        click.echo(machine_csv(parts), nl=False)
    elif output_format == "json":
        click.echo(machine_json(parts), nl=False)
    else:
        for file, group in groupby(parts, key=lambda part: part.file):
            rows = list(group)
            names = ", ".join(f"{part.part} ({part.by})" for part in rows)
            review = "no review"
            if rows[0].reviewed_by:
                changed = {True: ", changed since", False: "", None: ", changes since are not recorded"}
                review = f"reviewed by {rows[0].reviewed_by} {rows[0].reviewed_at}{changed[rows[0].changed_since]}"
            click.echo(replace_unprintable(f"{file}: {names}; {review}"))
        files = len({part.file for part in parts})
        click.echo(f"{plural(len(parts), 'machine-written part')} in {plural(files, 'file')}")
    return EXIT_OK


def _with_links(
    request: BuildRequest, result: CheckResult, paths: frozenset[str] | None, settings: Mapping[str, bool], ui: _UI
) -> CheckResult:
    """Return the result with the findings about addresses on other hosts in the files at `paths`."""
    from sitegen.check.external import ExternalOptions
    from sitegen.check.links import check_links, status_counts

    reporter, progress = ui
    findings, failures, links = check_links(
        request,
        lambda path: paths is None or _is_below(paths, path),
        ExternalOptions(allows_private=settings["allow_private"]),
        lambda done, total: progress.stage("request", done, total),
        with_archive=settings["with_archive"],
    )
    counts = ", ".join(f"{count:,} {status}" for status, count in status_counts(links).items())
    reporter.line(f"external links: {counts or 'none'}")
    merged = sorted((*result.findings, *findings), key=lambda item: item.diagnostic.sort_key)
    return replace(result, findings=tuple(merged), failures=(*result.failures, *failures))


def _codes(names: Sequence[str]) -> frozenset[str]:
    """Return the codes of rules and groups of rules. Raises UsageError for an unknown name."""
    if not names:
        return frozenset()
    from sitegen.check.catalogue import catalogue_texts
    from sitegen.check.registry import RULES

    groups: dict[str, set[str]] = {}
    for rule in RULES.values():
        groups.setdefault(rule.group, set()).add(rule.code)
    known = {**{code: {code} for code in (*catalogue_texts(), *RULES)}, **groups}
    for name in names:
        if name not in known:
            raise UsageError(f"unknown rule {name!r}{did_you_mean(name, tuple(known))}")
    return frozenset(code for name in names for code in known[name])


def _selected(root: Path, files: Iterable[Path], revision: str | None) -> frozenset[str] | None:
    """Return the project paths of the files and folders to report, None for all."""
    chosen = None
    for file in files:
        path = file.resolve()
        if not path.is_relative_to(root.resolve()) or not path.exists():
            raise UsageError(f"{file} is not a file of the project")
        chosen = (chosen or frozenset()) | {path.relative_to(root.resolve()).as_posix()}
    if revision is None:
        return chosen
    from sitegen.check.changed import changed_files

    changed = changed_files(root, revision)
    return changed if chosen is None else frozenset(path for path in changed if _is_below(chosen, path))


def _is_below(paths: frozenset[str], path: str) -> bool:
    return any(chosen == "." or f"{path}/".startswith(f"{chosen}/") for chosen in paths)


def _print(result: CheckResult, diagnostics: list[Diagnostic], reporter: Reporter) -> None:
    failures = [f"the rule {code} failed at {path}: {error}" for code, path, error in result.failures]
    for message in failures:
        reporter.note(message)
    if reporter.format == "json":
        is_ok = not failures and not any(item.severity is Severity.ERROR for item in diagnostics)
        failed = [dict(zip(("code", "path", "error"), item, strict=True)) for item in result.failures]
        print(to_json({"ok": is_ok, "failures": failed, "diagnostics": json_values(diagnostics)}))
    elif reporter.format == "sarif":
        from sitegen.check.catalogue import catalogue
        from sitegen.check.sarif import render_sarif

        print(render_sarif(diagnostics, catalogue()))
    else:
        reporter.diagnostics(diagnostics)
        if result.articles is None:
            reporter.note("only texts were checked; rules about the whole site run when the errors are fixed")
        elif not diagnostics:
            reporter.line(f"{plural(result.articles, 'article')}: nothing found")


def _show_rules(reporter: Reporter) -> int:
    from sitegen.check.catalogue import catalogue
    from sitegen.check.registry import RULES

    entries = catalogue()
    rows = [
        {
            "code": rule.code,
            "group": rule.group,
            "severity": rule.severity.value,
            "summary": entries.get(rule.code, {}).get("summary", (rule.find.__doc__ or "").partition("\n")[0]),
        }
        for rule in sorted(RULES.values(), key=lambda rule: (rule.group, rule.code))
    ]
    if reporter.format == "json":
        print(to_json(rows))
        return EXIT_OK
    for row in rows:
        print(f"{row['group']:<11} {row['code']:<24} {row['severity']:<8} {row['summary']}")
    return EXIT_OK


def _explain(code: str) -> int:
    from sitegen.check.catalogue import catalogue_texts
    from sitegen.check.registry import RULES

    texts = catalogue_texts()
    rule = RULES.get(code) if code not in texts else None
    if rule is not None:  # of a plugin, which has no entry in the catalogue
        click.echo(f"{code}:\n  severity: {rule.severity}\n  summary: {getdoc(rule.find) or ''}")
        return EXIT_OK
    if code not in texts:
        raise UsageError(f"unknown code {code!r}{did_you_mean(code, (*texts, *RULES))}")
    click.echo(texts[code].rstrip())
    return EXIT_OK
