"""`sitegen import`: turn copied pages into articles."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sitegen import importers
from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, IntegerRange, Invocation, format_option, now_option, option
from sitegen.cli.values import check_known, check_slug
from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.diagnostics import Diagnostics
from sitegen.errors import EXIT_CONTENT, EXIT_OK


@click.command(
    cls=Command,
    examples=("sitegen import copied.txt", "sitegen import --topic trade inbox/", "sitegen import - <copied.txt"),
    manual="importing",
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path))
@option(
    "--from",
    "source_format",
    type=click.Choice(importers.format_names()),
    help="Format of the inputs.  [default: auto]",
)
@option("--topic", "topics", multiple=True, metavar="KEY", help="Topic of pages without a known one; repeatable.")
@option(
    "--importance",
    type=IntegerRange(IMPORTANCE_MIN, IMPORTANCE_MAX),
    metavar="N",
    help="Importance of pages without one.",
)
@option(
    "--default", "defaults", multiple=True, metavar="KEY=VALUE", help="Front matter of pages without KEY; repeatable."
)
@option("--slug", metavar="SLUG", help="File name of a new article.  [default: from the title]")
@option("--again", is_flag=True, help="Also import articles whose file you have deleted.")
@option("--dry-run", is_flag=True, help="Show the articles that would be written; write nothing.")
@now_option
@format_option("text", "json")
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    *,
    inputs: tuple[Path, ...],
    topics: tuple[str, ...],
    importance: int | None,
    defaults: tuple[str, ...],
    slug: str | None,
    now: datetime,
    **options: Any,
) -> int:
    """Turn copied pages into articles.

    Each INPUT file becomes a Markdown file in content/articles, or updates the article that it became before. INPUT can
    be a folder, or - for standard input.
    """
    reporter = invocation.reporter
    config = load_valid_settings(invocation.project).config
    known = [term.key for term in config.topics]
    check_known("--topic", topics, known, f"one of {', '.join(known)}")
    check_slug(slug)
    named = {"topics": f"[{', '.join(topics)}]" if topics else None, "importance": importance, "slug": slug}
    pairs = [*defaults, *(f"{key}={value}" for key, value in named.items() if value is not None)]
    values = importers.parse_defaults(pairs, config)
    record = Diagnostics()
    folder = invocation.project
    reports = importers.import_files(inputs, folder, config, now, defaults=values, diagnostics=record, **options)
    if reporter.format == "json":
        print(importers.render_json(reports, record))
    else:
        print(importers.render_text(reports))
        reporter.diagnostics([*record.sorted(), *importers.distinct_diagnostics(reports)])
    return EXIT_CONTENT if any(report.has_errors for report in reports) else EXIT_OK
