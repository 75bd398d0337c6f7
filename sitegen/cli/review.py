"""`sitegen review`: record who reviewed articles."""

from datetime import datetime
from pathlib import Path

import click

from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, Invocation, now_option
from sitegen.diagnostics import EXIT_OK, replace_unprintable
from sitegen.importers.review import record_review


@click.command(
    cls=Command,
    examples=(
        'sitegen review content/articles/2026/07/customs-form.md --by "A. Editor"',
        'sitegen review content/articles/2026/07/*.md --by "A. Editor"',
    ),
    manual="review-machine-text",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--by", required=True, metavar="NAME", help="The person who reviewed the text and is responsible for it.")
@now_option
@click.pass_obj
def command(invocation: Invocation, /, *, files: tuple[Path, ...], by: str, now: datetime) -> int:
    """Record a review of each FILE: an article, translation, page or introduction.

    The front matter gets `reviewed`, with a hash of title, summary and text. If they change later, the build warns and
    readers see that the change was not reviewed. If a file has errors, no file is changed.
    """
    root = invocation.project
    for line in record_review(root, load_valid_settings(root).config, now, files, by):
        invocation.reporter.line(replace_unprintable(line))
    return EXIT_OK
