"""`sitegen build`: build the site."""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
from msgspec.structs import replace

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.builder.manifest import unmanaged_files
from sitegen.builder.request import HeldBack
from sitegen.cli.command import (
    Command,
    Invocation,
    build_time_option,
    check_executor,
    drafts_option,
    executor_option,
    format_option,
    jobs_option,
    output_option,
)
from sitegen.cli.progress import BUILD_DELAY_SECONDS, ProgressDisplay
from sitegen.cli.reporter import Reporter
from sitegen.diagnostics import EXIT_CONTENT, EXIT_OK, Severity, json_values, plural, replace_unprintable, to_json
from sitegen.util.dates import format_time
from sitegen.util.paths import OUTPUT

_MAX_SHOWN_UNMANAGED: Final = 5
STRICT: Final = "--strict treats warnings as errors"


@click.command(
    cls=Command,
    examples=("sitegen build", "sitegen build --strict --format github"),
    manual="tutorial",
)
@output_option("Write to")
@drafts_option
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--stats", is_flag=True, help="Print files and bytes by kind, and what hosts accept.")
@click.option("--allow-empty", is_flag=True, help="Write a site without articles over one that has some.")
@jobs_option
@executor_option
@build_time_option
@format_option()
@click.pass_obj
def command(invocation: Invocation, /, *, stats: bool, **options: Any) -> int:
    """Build the site.

    The site is written to output/site, with --drafts to output/drafts/site. If there are errors, all of them are listed
    and the previous site stays.
    """
    reporter = invocation.reporter
    check_executor(**options)
    with ProgressDisplay(reporter.format, BUILD_DELAY_SECONDS) as progress:
        result = build(build_request(invocation.project, **options), progress.stage)
    print_result(result, reporter, stats=stats)
    return EXIT_OK if result.ok else EXIT_CONTENT


def build_request(project: Path, *, output: Path | None, drafts: bool, **options: Any) -> BuildRequest:
    """Return the request for the options of a command. Drafts are never written to the folder of the published site."""
    folder = output or project / OUTPUT
    return BuildRequest(root=project, output=folder / "drafts" if drafts else folder, drafts=drafts, **options)


def print_result(result: BuildResult, reporter: Reporter, *, stats: bool = False) -> None:
    """Print the result of a build, with files and bytes by kind if `stats`."""
    if stats and result.ok:
        result, values, lines = _with_statistics(result)
    else:
        values, lines = {}, []
    if reporter.format == "json":
        print(to_json(json_result(result) | values))
        return
    for note in result.notes:
        reporter.note(note)
    reporter.diagnostics(result.diagnostics)
    if not result.ok:
        has_errors = any(item.severity is Severity.ERROR for item in result.diagnostics)
        reporter.note("nothing was written" if has_errors else f"nothing was written, because {STRICT}")
        return
    unmanaged = result.counts.unmanaged
    for path in unmanaged[:_MAX_SHOWN_UNMANAGED]:
        reporter.line(f"unmanaged file ignored: {replace_unprintable(str(result.site / path))}")
    if len(unmanaged) > _MAX_SHOWN_UNMANAGED:
        reporter.line(f"unmanaged files ignored: {len(unmanaged) - _MAX_SHOWN_UNMANAGED:,} more")
    for sign, paths in (("+", result.counts.written), ("-", result.counts.removed)):
        for path in paths:
            reporter.line(f"{sign} {replace_unprintable(path)}", verbosity=1)
    reporter.line("  ".join(f"{name} {seconds:.2f} s" for name, seconds in result.seconds), verbosity=1)
    for line in (*lines, summary_line(result)):
        reporter.line(line)


def _with_statistics(result: BuildResult) -> tuple[BuildResult, dict[str, Any], list[str]]:
    """Return a result with the unmanaged files, and files and bytes by kind for JSON and as lines."""
    site_files = import_module("sitegen.publish.site_files")  # a build without the option is faster
    statistics = import_module("sitegen.publish.statistics")
    with site_files.locked_site_files(result.site.parent, result.manifest) as files:
        sizes = {path: file.size for path, file in files.items()}
    unmanaged = unmanaged_files(result.site, sizes)
    result = replace(result, counts=replace(result.counts, unmanaged=unmanaged))
    return result, statistics.site_statistics(sizes), list(statistics.statistics_lines(sizes))


def summary_line(result: BuildResult) -> str:
    """Return the line that summarizes a build."""
    counts = result.counts
    total = sum(seconds for _, seconds in result.seconds)
    return (
        f"{plural(result.articles, 'article')}{held_back(result.held_back)}: "
        f"{plural(len(counts.written), 'file')} written, "
        f"{counts.unchanged:,} unchanged, {len(counts.removed):,} removed in {total:.2f} s → {result.site}"
    )


def held_back(held: HeldBack) -> str:
    """Return why articles are not shown: ` (2 held back: 1 draft, 1 scheduled; next due 2026-07-10 09:00 +09:00)`."""
    if not held.total:
        return ""
    counts = ((held.drafts, plural(held.drafts, "draft")), (held.scheduled, f"{held.scheduled:,} scheduled"))
    reasons = ", ".join(text for count, text in (*counts, (held.expired, f"{held.expired:,} expired")) if count)
    due = f"; next due {format_time(held.next_due)}" if held.next_due else ""
    return f" ({held.total:,} held back: {reasons}{due})"


def json_result(result: BuildResult) -> dict[str, object]:
    """Return the JSON report of a build."""
    return {
        "ok": result.ok,
        "site": str(result.site),
        "articles": result.articles,
        "held_back": result.held_back.total,
        "drafts": result.held_back.drafts,
        "scheduled": result.held_back.scheduled,
        "expired": result.held_back.expired,
        "next_due": result.held_back.next_due,
        "written": len(result.counts.written),
        "unchanged": result.counts.unchanged,
        "removed": len(result.counts.removed),
        "unmanaged": list(result.counts.unmanaged),
        "seconds": {name: round(seconds, 4) for name, seconds in result.seconds},
        "notes": list(result.notes),
        "diagnostics": json_values(result.diagnostics),
    }
