"""`sitegen serve`: preview the site and rebuild it on changes."""

import threading
import webbrowser
from functools import partial
from typing import Any

import click

from sitegen.cli.build import print_result
from sitegen.cli.command import Command, Invocation, all_option, build_time, whole_number
from sitegen.cli.reporter import Reporter
from sitegen.diagnostics import EXIT_OK, replace_unprintable
from sitegen.preview.rebuild import RebuildResult
from sitegen.preview.server import DEFAULT_PORT, PreviewRequest, serve
from sitegen.util.paths import read_config_bytes


@click.command(
    cls=Command,
    examples=("sitegen serve --open", "sitegen serve --drafts --port 8080"),
    manual="preview",
)
@click.option(
    "--port",
    type=whole_number(1, 65535),
    metavar="PORT",
    help=f"Port of the server.  [default: {DEFAULT_PORT}, or the next free one]",
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address of the server.")
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Accept requests for this host name, such as that of a reverse proxy; requires a token.  Repeatable.",
)
@click.option("--drafts", is_flag=True, help="Include drafts and scheduled articles, with badges.")
@click.option("--open", "opens_browser", is_flag=True, help="Open the site in a browser.")
@all_option
@click.pass_obj
def command(invocation: Invocation, /, *, opens_browser: bool, **options: Any) -> int:
    """Preview the site, rebuild it on changes, and reload the browser."""
    reporter = invocation.reporter

    def announce(address: str) -> None:
        nonlocal opens_browser
        reporter.line(f"Serving {address} (Ctrl-C stops)")
        if opens_browser:
            opens_browser = False
            # A terminal browser blocks its caller until it is closed.
            threading.Thread(target=_open, args=(reporter, address), name="open", daemon=True).start()

    read_config_bytes(invocation.project)  # without a site.yaml there is nothing to serve
    serve(
        PreviewRequest(
            root=invocation.project,
            clock=build_time,
            report=partial(_print_rebuild, reporter),
            note=reporter.note,
            announce=announce,
            **options,
        )
    )
    return EXIT_OK


def _print_rebuild(reporter: Reporter, rebuild: RebuildResult) -> None:
    if rebuild.result is not None:
        print_result(rebuild.result, reporter)
    elif rebuild.failure:
        reporter.note(rebuild.failure)
    else:
        reporter.diagnostics(rebuild.diagnostics)


def _open(reporter: Reporter, address: str) -> None:
    if not webbrowser.open(address):
        reporter.note(f"cannot open a browser; open {replace_unprintable(address)}")
