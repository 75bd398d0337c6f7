"""`sitegen new`: create an article."""

from datetime import datetime
from typing import Any

import click

from sitegen.builder.configuration import load_valid_settings, schema_url
from sitegen.cli.command import Command, Invocation, all_option, now_option
from sitegen.diagnostics import EXIT_OK
from sitegen.importers.new_article import create_article


@click.command(
    cls=Command,
    examples=('sitegen new "Ports agree on one customs form"', 'sitegen new "A title" --topic trade --country VN'),
    manual="front-matter",
)
@click.argument("title")
@click.option(
    "--topic", "topics", multiple=True, metavar="KEY", help="Topic, repeatable.  [default: if there is only one]"
)
@click.option("--country", "countries", multiple=True, metavar="CODE", help="Country, the subject first; repeatable.")
@click.option("--slug", metavar="SLUG", help="Name of the file, and so of the address.  [default: from the title]")
@click.option("--lang", metavar="TAG", help="Language of the article.  [default: the site's first locale]")
@now_option
@all_option
@click.pass_obj
def command(invocation: Invocation, /, *, now: datetime, **values: Any) -> int:
    """Create an article with the title TITLE, as a draft with complete front matter."""
    config = load_valid_settings(invocation.project).config
    file, note = create_article(invocation.project, config, now, schema_url=schema_url(config), **values)
    invocation.reporter.line(str(file))
    if note:
        invocation.reporter.note(note)
    return EXIT_OK
