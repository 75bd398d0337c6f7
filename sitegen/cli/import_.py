"""`sitegen import`: turn copied pages into articles."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sitegen import importers
from sitegen.cli.command import Command, Invocation, format_option, now_option, option
from sitegen.cli.settings import load_valid_settings
from sitegen.errors import EXIT_CONTENT, EXIT_OK


@click.command(
    cls=Command,
    examples=("sitegen import copied.txt", "sitegen import --dry-run inbox/*.txt"),
    manual="importing",
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@option(
    "--from",
    "source_format",
    type=click.Choice(importers.format_names()),
    help="Format of the inputs.  [default: auto]",
)
@option("--dry-run", is_flag=True, help="Show the articles that would be written; write nothing.")
@now_option
@format_option("text", "json")
@click.pass_obj
def command(invocation: Invocation, /, *, inputs: tuple[Path, ...], now: datetime, **options: Any) -> int:
    """Turn copied pages into articles.

    Each INPUT file becomes a Markdown file in content/articles, or updates the article that it became before.
    """
    reporter = invocation.reporter
    config = load_valid_settings(invocation.project).config
    reports = importers.import_files(inputs, invocation.project, config, now, **options)
    if reporter.format == "json":
        print(importers.render_json(reports))
    else:
        print(importers.render_text(reports))
        reporter.diagnostics(importers.distinct_diagnostics(reports))
    return EXIT_CONTENT if any(report.has_errors for report in reports) else EXIT_OK
