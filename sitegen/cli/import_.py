"""`sitegen import`: turn pages, feeds, data and texts of other generators into articles."""

import os
import re
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from sitegen import __version__
from sitegen.builder.configuration import load_valid_settings
from sitegen.builder.workers import process_executor
from sitegen.cli.command import Command, Invocation, format_option, jobs_option, now_option, whole_number
from sitegen.cli.progress import BUILD_DELAY_SECONDS, ProgressDisplay
from sitegen.diagnostics import EXIT_CONTENT, EXIT_OK, Diagnostics, UsageError
from sitegen.importers.defaults import IMPORTANCES, parse_defaults
from sitegen.importers.existing import accept_version, diff_version
from sitegen.importers.fetching import Fetcher
from sitegen.importers.inputs import ImportOptions
from sitegen.importers.proposal import render_proposal
from sitegen.importers.registry import IMPORTERS
from sitegen.importers.report import distinct_diagnostics, render_json, render_text
from sitegen.importers.workflow import import_files
from sitegen.outputs.page_kind import reserved_folders
from sitegen.util.paths import OUTPUT

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_FILE = click.Path(path_type=Path)


@click.command(
    cls=Command,
    examples=(
        "sitegen import copied.txt",
        "sitegen import --dry-run ../old-hugo-site",
        "sitegen import --fetch https://harbour.example/feed.xml",
    ),
    manual="importing",
)
@click.argument("inputs", nargs=-1, metavar="INPUT...", type=click.Path())
@click.option(
    "--from",
    "source_format",
    type=click.Choice(tuple(IMPORTERS)),
    help="Format of the inputs.  [default: auto]",
)
@click.option("--topic", "topics", multiple=True, metavar="KEY", help="Topic of pages without a known one; repeatable.")
@click.option(
    "--importance",
    type=whole_number(*IMPORTANCES),
    metavar="N",
    help="Importance of pages without one.",
)
@click.option(
    "--default", "defaults", multiple=True, metavar="KEY=VALUE", help="Front matter of pages without KEY; repeatable."
)
@click.option("--slug", metavar="SLUG", help="File name of a new article.  [default: from the title]")
@click.option(
    "--base-url", metavar="URL", help="Address of the site that the inputs come from.  [default: its configuration]"
)
@click.option("--permalink", metavar="PATTERN", help="Form of its addresses, such as /:year/:month/:title/.")
@click.option("--images", "pictures", is_flag=True, help="Copy the pictures that the texts show into content/pictures.")
@click.option("--map", "mapping", metavar="NAME", help="Mapping of site.yaml for JSON and tables.")
@click.option("--diff", "diffs", multiple=True, type=_FILE, metavar="FILE.new", help="Show the changes of a conflict.")
@click.option("--accept", "accepted", multiple=True, type=_FILE, metavar="FILE.new", help="Replace the article by it.")
@click.option("--again", is_flag=True, help="Also import articles whose file you have deleted.")
@click.option("--fetch", is_flag=True, help="Fetch inputs that are addresses, http:// or https://.")
@click.option("--strict", is_flag=True, help="Write nothing if an input has something that would be lost.")
@click.option("--propose", is_flag=True, help="Print a mapping of unknown tags for site.yaml; write nothing.")
@click.option("--dry-run", is_flag=True, help="Show the articles that would be written; write nothing.")
@jobs_option
@now_option
@format_option("text", "json")
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    *,
    inputs: tuple[str, ...],
    topics: tuple[str, ...],
    importance: int | None,
    defaults: tuple[str, ...],
    slug: str | None,
    base_url: str | None,
    fetch: bool,
    propose: bool,
    dry_run: bool,
    jobs: int | None,
    diffs: tuple[Path, ...],
    accepted: tuple[Path, ...],
    now: datetime,
    **options: Any,
) -> int:
    """Turn pages, feeds, exports and folders of texts into articles.

    Each article becomes a Markdown file in content/articles, or updates the file that it became before. INPUT can be a
    file, a folder, - for standard input, or with --fetch an address.
    """
    reporter, folder = invocation.reporter, invocation.project
    for file in diffs:
        print(diff_version(file, folder))
    for file in accepted:
        article = accept_version(file, folder, dry_run=dry_run)
        print(f"{article}: {'would be ' if dry_run else ''}replaced by {file.name}")
    if not inputs and not diffs and not accepted:
        raise UsageError("name the files to import, or - for standard input")
    if not inputs:
        return EXIT_OK
    address = next((name for name in inputs if _ADDRESS.match(name)), None)
    if address is not None and not fetch:
        raise UsageError(f"{address!r} is an address; add --fetch to use the network, or name a saved file")
    settings = load_valid_settings(folder)
    config = settings.config
    values = parse_defaults(defaults, config, topics=topics, importance=importance, slug=slug)
    record = Diagnostics()
    addresses: dict[str, str] = {}
    paths = [Path(name) for name in inputs if not _ADDRESS.match(name)]
    if len(paths) < len(inputs):
        agent = f"sitegen/{__version__} ({config.title.get(config.locales[0])}; {config.base_url})"
        fetcher = Fetcher(folder / OUTPUT / "imports", agent.encode("ascii", "ignore").decode())
        fetched = [fetcher.fetch(name, record) for name in inputs if _ADDRESS.match(name)]
        addresses = {str(file): address for file, address in filter(None, fetched)}
        paths += map(Path, addresses)
    of_run = ImportOptions(
        defaults=values,
        base_url=(base_url or "").rstrip("/"),
        settings=settings.imports,
        dry_run=dry_run or propose,
        reserved=reserved_folders() | {"404.html"},
        addresses=addresses,
        **{name: value for name, value in options.items() if value},
    )
    processes = jobs or os.cpu_count() or 1
    with ProgressDisplay(reporter.format, BUILD_DELAY_SECONDS) as progress:
        reports = import_files(
            paths,
            folder,
            config,
            now,
            options=of_run,
            diagnostics=record,
            progress=partial(progress.stage, "import"),
            start_workers=partial(process_executor, processes) if processes > 1 else None,
        )
    if propose:
        print(render_proposal(reports, config))
        return EXIT_OK
    if reporter.format == "json":
        print(render_json(reports, record))
    else:
        if reports:  # none, if no address could be fetched
            reporter.line(render_text(reports, is_verbose=reporter.verbosity > 0))
        reporter.diagnostics([*record.sorted(), *distinct_diagnostics(reports)])
    return EXIT_CONTENT if record.errors or any(report.has_errors for report in reports) else EXIT_OK
