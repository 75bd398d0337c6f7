"""The parser of the command line, and what every command ends in."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sitegen import __version__
from sitegen.cli import build, explain, import_, init, new, publish, serve
from sitegen.cli.common import Reporter
from sitegen.errors import EXIT_DONE, EXIT_SURROUNDINGS, EXIT_USAGE, ContentError, SitegenError

COMMANDS: Final = (init, import_, new, build, serve, publish, explain)
_INTERRUPTED: Final = 128 + signal.SIGINT
_TERMINATED: Final = 128 + signal.SIGTERM
"""As shells report a process that a signal ended."""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(prog="sitegen", description="Build a policy digest from Markdown files.")
    parser.add_argument("--version", action="version", version=f"sitegen {__version__}")
    parser.add_argument("-C", "--project", type=Path, default=Path(), metavar="DIR", help="the digest's folder")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 wrong content, 2 wrong use, 3 the surroundings failed."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe in another encoding shall not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        options = make_parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    reporter = Reporter(getattr(options, "format", "text"))
    terminated = False

    def terminate(_number: int, _frame: object) -> None:
        nonlocal terminated
        terminated = True
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGTERM)
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, terminate)
        code: int = options.run(options, reporter)
        sys.stdout.flush()
    except ContentError as error:
        reporter.diagnostics(error.diagnostics)
        return error.exit_code
    except SitegenError as error:
        reporter.failure(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        reporter.failure("interrupted")
        return _TERMINATED if terminated else _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the results has had enough; what is left in the buffer must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except OSError as error:
        reporter.failure(str(error))
        return EXIT_SURROUNDINGS
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
    return code
