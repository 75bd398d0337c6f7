"""The parser of the command line, and what every command ends in."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from sitegen import __version__
from sitegen.cli.common import Reporter
from sitegen.errors import EXIT_DONE, EXIT_SURROUNDINGS, EXIT_USAGE, ContentError, SitegenError

COMMANDS: Final = {
    "init": "start a new digest",
    "import": "make articles of copied pages",
    "new": "start an article",
    "build": "render the digest",
    "serve": "preview the digest",
    "publish": "publish the digest",
    "explain": "say why an output file is as it is",
}
"""The commands in the order of the help. Each is a module of its own, which is imported when it is asked for."""
_INTERRUPTED: Final = 128 + signal.SIGINT
_TERMINATED: Final = 128 + signal.SIGTERM
"""As shells report a process that a signal ended."""


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of all commands, with the options of the one that `arguments` ask for."""
    description = "Build a policy digest from Markdown files."
    parser = argparse.ArgumentParser(prog="sitegen", description=description, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"sitegen {__version__}")
    parser.add_argument("-C", "--project", type=Path, default=Path(), metavar="DIR", help="the digest's folder")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    wanted = _command(arguments)
    for name, text in COMMANDS.items():
        if name == wanted:
            import_module(f"sitegen.cli.{'import_' if name == 'import' else name}").add_parser(commands)
        else:
            commands.add_parser(name, help=text)
    return parser


def _command(arguments: Sequence[str]) -> str | None:
    """Return the command that `arguments` ask for: the first that is no option, nor the folder after -C."""
    rest = iter(arguments)
    for argument in rest:
        if argument in {"-C", "--project"}:
            next(rest, None)
        elif not argument.startswith("-"):
            return argument
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 wrong content, 2 wrong use, 3 the surroundings failed."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe in another encoding shall not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        options = make_parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
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
