"""`sitegen build`: render the digest."""

import argparse
import sys
from pathlib import Path
from typing import Any

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.cli.common import Reporter, add_format, add_now, clock, plural
from sitegen.cli.progress import ProgressLine, wants_progress
from sitegen.diagnostics import json_values, render_github, replace_unprintable, to_json
from sitegen.errors import EXIT_CONTENT, EXIT_OK

_FOREIGN_SHOWN = 5


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("build", help="render the digest", description="Render the digest to output/site/.")
    parser.add_argument("--output", type=Path, metavar="DIR", help="instead of output/ (the site goes to DIR/site)")
    parser.add_argument("--jobs", type=jobs, metavar="N", help="processes to use (default: as many as pay)")
    parser.add_argument("--strict", action="store_true", help="warnings stop the build as errors do")
    parser.add_argument("--drafts", action="store_true", help="show drafts and articles of the future, too")
    add_now(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Build, and report."""
    request = BuildRequest(
        root=options.project,
        now=options.now or clock(),
        output=options.output,
        drafts=options.drafts,
        strict=options.strict,
        jobs=options.jobs,
    )
    if wants_progress(reporter.kind):
        with ProgressLine(sys.stderr) as progress:
            result = build(request, progress)
    else:
        result = build(request)
    report(result, reporter)
    return EXIT_OK if result.ok else EXIT_CONTENT


def report(result: BuildResult, reporter: Reporter) -> None:
    """Print what came of a build."""
    if reporter.kind == "json":
        print(to_json(as_dict(result)))
        return
    if reporter.kind == "github":
        if result.diagnostics:
            print(render_github(result.diagnostics))
        return
    for note in result.notes:
        reporter.failure(note)
    reporter.diagnostics(result.diagnostics)
    if not result.ok:
        reporter.failure("nothing was written")
        return
    for path in result.counts.foreign[:_FOREIGN_SHOWN]:
        reporter.line(f"not ours, left alone: {replace_unprintable(str(result.site / path))}")
    if len(result.counts.foreign) > _FOREIGN_SHOWN:
        reporter.line(f"not ours, left alone: {len(result.counts.foreign) - _FOREIGN_SHOWN:,} more")
    reporter.line(sentence(result))


def sentence(result: BuildResult) -> str:
    """Return the line that sums a build up."""
    counts, held = (
        result.counts,
        f" ({result.unpublished} held back; --drafts shows them)" if result.unpublished else "",
    )
    total = sum(seconds for _, seconds in result.seconds)
    return (
        f"{plural(result.articles, 'article')}{held}: {plural(len(counts.written), 'file')} written, "
        f"{counts.unchanged:,} unchanged, {len(counts.removed):,} removed in {total:.2f} s → {result.site}"
    )


def as_dict(result: BuildResult) -> dict[str, object]:
    """Return a result as values for JSON."""
    return {
        "ok": result.ok,
        "site": str(result.site),
        "articles": result.articles,
        "held_back": result.unpublished,
        "written": len(result.counts.written),
        "unchanged": result.counts.unchanged,
        "removed": len(result.counts.removed),
        "foreign": list(result.counts.foreign),
        "seconds": {name: round(seconds, 4) for name, seconds in result.seconds},
        "notes": list(result.notes),
        "diagnostics": json_values(result.diagnostics),
    }


def jobs(text: str) -> int:
    """Read the value of --jobs. Raises argparse.ArgumentTypeError for what is no number of processes."""
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; expected 1 to 256")
    return int(text)
