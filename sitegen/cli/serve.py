"""`sitegen serve`: preview the digest, and rebuild as it is edited."""

import argparse
import threading
import webbrowser
from functools import partial
from typing import Any

from sitegen.cli.build import report
from sitegen.cli.common import Reporter, clock
from sitegen.diagnostics import replace_unprintable
from sitegen.errors import EXIT_OK, ContentError
from sitegen.paths import CONFIG_NAME, missing_config_error
from sitegen.preview import DEFAULT_PORT, PreviewRequest, RebuildResult, serve


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve", help="preview the digest", description="Serve the digest and keep the browser up to date with it."
    )
    parser.add_argument(
        "--port", type=_port, help=f"port to serve on (default: {DEFAULT_PORT}, or the next that is free)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on (default: 127.0.0.1)")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer to this name too: that of a proxy before the preview; asks for a token",
    )
    parser.add_argument("--drafts", action="store_true", help="show drafts and articles of the future, marked as such")
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Serve until interrupted."""
    if not (options.project / CONFIG_NAME).is_file():
        raise ContentError(missing_config_error().sorted())
    serve(
        PreviewRequest(
            root=options.project,
            host=options.host,
            port=options.port,
            allowed_hosts=tuple(options.allow_host),
            drafts=options.drafts,
            clock=clock,
            report=partial(_report, reporter),
            note=reporter.failure,
            announce=partial(_announce, reporter, opens=options.open),
        )
    )
    return EXIT_OK


def _report(reporter: Reporter, result: RebuildResult) -> None:
    """Say what came of a rebuild; the preview goes on with the last good site."""
    if result.result is not None:
        report(result.result, reporter)
    elif result.failure:
        reporter.failure(result.failure)
    else:
        reporter.diagnostics(result.diagnostics)


def _announce(reporter: Reporter, address: str, is_first: bool, *, opens: bool) -> None:  # noqa: FBT001 - a callback
    reporter.line(f"Serving {address} (Ctrl-C stops)")
    if opens and is_first:
        # A browser of the terminal keeps whoever opened it until it is closed.
        threading.Thread(target=_open, args=(reporter, address), name="open", daemon=True).start()


def _open(reporter: Reporter, address: str) -> None:
    if not webbrowser.open(address):
        reporter.failure(f"no browser could be opened; the address is {replace_unprintable(address)}")


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected 1 to 65535")
    return int(text)
