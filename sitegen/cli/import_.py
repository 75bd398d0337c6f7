"""`sitegen import`: turn copied pages into Markdown files."""

import argparse
from pathlib import Path
from typing import Any

from sitegen import importers
from sitegen.cli.common import Reporter, add_format, add_now, clock
from sitegen.cli.configuration import sound_config
from sitegen.errors import EXIT_CONTENT, EXIT_OK


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "import", help="turn copied pages into articles", description="Turn copied pages into Markdown files."
    )
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="files to import")
    parser.add_argument(
        "--from", dest="source_format", choices=importers.format_names(), help="their format (else detected)"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, write nothing")
    add_now(parser)
    add_format(parser, ("text", "json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Import, and report on each input."""
    config = sound_config(options.project)
    reports = importers.import_files(
        options.inputs,
        options.project,
        config,
        options.now or clock(),
        source_format=options.source_format,
        dry_run=options.dry_run,
    )
    if reporter.kind == "json":
        print(importers.render_json(reports))
    else:
        print(importers.render_text(reports))
        reporter.diagnostics(importers.distinct_diagnostics(reports))
    return EXIT_CONTENT if any(report.has_errors for report in reports) else EXIT_OK
