"""`sitegen search`: search the site of the last build."""

from urllib.parse import unquote

import click
from msgspec.structs import asdict

from sitegen.builder.search import search_site
from sitegen.cli.command import Command, Invocation, format_option, whole_number
from sitegen.diagnostics import EXIT_OK, plural, replace_unprintable, to_json


@click.command(
    cls=Command, examples=("sitegen search rare earths", "sitegen search 関税 --format json"), manual="search"
)
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@click.option(
    "--limit",
    type=whole_number(1, 100_000),
    metavar="N",
    default=20,
    show_default=True,
    help="Maximum number of results.",
)
@format_option("text", "json")
@click.pass_obj
def command(invocation: Invocation, /, *, words: tuple[str, ...], limit: int) -> int:
    """Search the site of the last build for QUERY, as its search page does.

    A result has all words. Words in double quotes must be next to each other. After --, a word that begins with a
    hyphen excludes articles.
    """
    results = search_site(invocation.project, " ".join(words))
    if invocation.reporter.format == "json":
        rows = [asdict(result) | {"date": result.date.isoformat()} for result in results[:limit]]
        print(to_json({"count": len(results), "results": rows}))
        return EXIT_OK
    for result in results[:limit]:
        print(replace_unprintable(f"{result.date}  {result.importance}  {result.title}  {unquote(result.url)}"))
    print(plural(len(results), "result"))
    return EXIT_OK
