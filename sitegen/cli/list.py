"""`sitegen list`: list articles with their state."""

from datetime import datetime

import click

from sitegen.builder.articles import list_articles
from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, Invocation, format_option, now_option
from sitegen.diagnostics import EXIT_CONTENT, EXIT_OK, Diagnostics, json_values, replace_unprintable, to_json
from sitegen.util.dates import format_time


@click.command(
    cls=Command,
    examples=("sitegen list --scheduled", "sitegen list --due --format json"),
    manual="schedule-an-article",
)
@click.option("--drafts", "states", flag_value="draft", multiple=True, help="List drafts.")
@click.option("--scheduled", "states", flag_value="scheduled", multiple=True, help="List articles with a future date.")
@click.option(
    "--expired", "states", flag_value="expired", multiple=True, help="List articles that have been withdrawn."
)
@click.option(
    "--due",
    "states",
    flag_value="due",
    multiple=True,
    help="List articles whose time has come; the next build will publish them.",
)
@now_option
@format_option("text", "json")
@click.pass_obj
def command(invocation: Invocation, /, *, states: tuple[str, ...], now: datetime) -> int:
    """List articles in the order in which they appear, with time, state, file and title.

    Options select articles; those of several options are listed together. Without them all articles are listed.
    """
    root, diagnostics = invocation.project, Diagnostics()
    config = load_valid_settings(root).config
    rows = [row for row in list_articles(root, config, now, diagnostics) if row[2] in states or not states]
    if invocation.reporter.format == "json":
        articles = [dict(zip(("time", "path", "state", "title", "url"), row, strict=True)) for row in rows]
        print(to_json({"articles": articles, "diagnostics": json_values(diagnostics.sorted())}))
        return EXIT_CONTENT if diagnostics.errors else EXIT_OK
    for time, path, state, title, _ in rows:
        print(f"{format_time(time)}  {state:<9}  {replace_unprintable(f'{path}  {title}')}")
    if not rows and not diagnostics.errors and invocation.reporter.verbosity >= 0:
        invocation.reporter.note("no articles")
    invocation.reporter.diagnostics(diagnostics.sorted())
    return EXIT_CONTENT if diagnostics.errors else EXIT_OK
