"""The parser of the command line, and what every command ends in."""

import argparse
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final

from sitegen import __version__
from sitegen.cli.common import Reporter
from sitegen.errors import EXIT_EXTERNAL, EXIT_OK, EXIT_USAGE, ContentError, SitegenError

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
    """Run one command and return its exit code: 0 done, 1 wrong content, 2 wrong use, 3 the surroundings failed.

    A command that a signal ended has the code that shells report: 128 and the signal's number.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe in another encoding shall not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    reporter = Reporter("text")
    interruption = _Interruption()
    try:
        with interruption.awaited(is_program=arguments is None):
            options = make_parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
            reporter = Reporter(getattr(options, "format", "text"))
            code: int = options.run(options, reporter)
            sys.stdout.flush()
            if arguments is None:
                gc.freeze()  # the interpreter ends sooner where it need not search all that is left for cycles
    except SystemExit as stop:  # --help, or words that the parser does not know
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except ContentError as error:
        reporter.diagnostics(error.diagnostics)
        return error.exit_code
    except SitegenError as error:
        reporter.failure(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        # Where it came while a dataclass was made, which executes text, CPython would end by SIGINT at the very end
        # (pythonrun.c, unhandled_keyboard_interrupt), whatever we return; executing more takes that back.
        exec("")  # noqa: S102
        reporter.failure("interrupted")
        return 128 + (interruption.number or signal.SIGINT)
    except BrokenPipeError:
        # Whoever read the results has had enough; what is left in the buffer must not fail at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except OSError as error:
        named = error.filename2 or error.filename
        reporter.failure(f"cannot use {named}: {error.strerror}" if named is not None else error.strerror or str(error))
        return EXIT_EXTERNAL
    return code


class _Interruption:
    """The signal that asked the command to end, None while there was none."""

    def __init__(self) -> None:
        self.number: int | None = None

    @contextmanager
    def awaited(self, *, is_program: bool) -> Iterator[None]:
        """Raise KeyboardInterrupt at the first SIGINT or SIGTERM; the next ones do not disturb the end that it makes.

        A second Ctrl-C ends the process at once: what it waits for may never end. Once a program is done, a signal
        ends it in silence; as a function this leaves the signals as they were.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        # What the parent process has us ignore (SIGINT in a shell's background job) stays ignored.
        awaited = {number: handler for number, handler in before.items() if handler not in {signal.SIG_IGN, None}}
        for number in awaited:
            signal.signal(number, self._take)
        try:
            yield
        finally:
            at_end = signal.SIG_DFL if self.number is None else signal.SIG_IGN
            for number, handler in awaited.items():
                signal.signal(number, at_end if is_program else handler)

    def _take(self, number: int, _frame: object) -> None:
        if self.number is None:
            self.number = number
            raise KeyboardInterrupt
        if number == signal.SIGINT:
            os._exit(128 + number)
