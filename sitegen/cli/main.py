"""The program: the group of commands, signals, and exit codes."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from traceback import print_exception
from typing import TYPE_CHECKING, Final

import click

from sitegen import __version__
from sitegen.cli.command import Invocation, verbosity_options, write_examples
from sitegen.cli.reporter import Reporter
from sitegen.diagnostics import EXIT_EXTERNAL, EXIT_USAGE, ContentError, SitegenError, did_you_mean
from sitegen.util.plugins import failure_message

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    from _typeshed import ReadableBuffer

COMMANDS: Final = {
    "init": "Create a new digest.",
    "import": "Turn pages, feeds, exports and folders of texts into articles.",
    "new": "Create an article.",
    "review": "Record who reviewed articles.",
    "build": "Build the site.",
    "check": "Check the site before it is published.",
    "serve": "Preview the site and rebuild it on changes.",
    "publish": "Publish the site to a target of site.yaml.",
    "list": "List articles, such as drafts and scheduled ones.",
    "theme": "Write the labels of the theme to translate.",
    "search": "Search the built site.",
    "explain": "Show the inputs of an output file.",
    "docs": "Show the reference documentation.",
    "completion": "Print the script that completes commands in a shell.",
}
"""The commands in the order of the help, each with its summary."""
_SHOW_CURSOR: Final = b"\x1b[?25h"
_RAISE_AGAIN_SECONDS: Final = 0.01


class CommandGroup(click.Group):
    """The commands; the module of a command is imported when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; return None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"sitegen.cli.{'import_' if cmd_name == 'import' else cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments call. Raises click.UsageError with the closest match."""
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            ctx.fail(f"unknown command {args[0]!r}{did_you_mean(args[0], tuple(COMMANDS))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the summaries without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(formatter, ("sitegen init my-digest", "sitegen -C my-digest serve"), "install")


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="sitegen", message="%(prog)s %(version)s")
@click.option(
    "-C",
    "--project",
    type=click.Path(exists=True, file_okay=False, readable=False, path_type=Path),
    default=".",
    metavar="DIR",
    help="Folder of the digest.  [default: the current folder, or the nearest one above it with a site.yaml]",
)
@click.pass_obj
def sitegen(invocation: Invocation, project: Path) -> None:
    """Build a policy digest from Markdown files."""
    invocation.folder = project


sitegen.params += verbosity_options()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 content errors, 2 wrong usage, 3 external failure.

    A command that was ended by a signal returns 128 plus its number, as shells do. `arguments` are those of the process
    by default; a program, unlike a caller of this function, does not need its signal handlers restored.
    """
    if arguments is None:
        _ensure_utf8_mode()
        _prepare_streams()
    if "_SITEGEN_COMPLETE" in os.environ:
        sitegen.main(prog_name="sitegen")  # prints completions for the shell and exits
    reporter = Reporter()
    signals: list[int] = []
    try:
        with _signals_handled(signals, is_program=arguments is None):
            words = sys.argv[1:] if arguments is None else [*arguments]
            with sitegen.make_context("sitegen", words or ["--help"], obj=Invocation(reporter)) as context:
                code: int = sitegen.invoke(context)
            print(end="", flush=True)
            if arguments is None:
                gc.freeze()  # the interpreter exits sooner if it need not search all objects for cycles
            return code
    except click.exceptions.Exit as stop:  # --help and --version
        return stop.exit_code
    except click.UsageError as error:
        message = " ".join(error.format_message().split())  # click lists values on lines of their own
        reporter.note(message[:1].lower() + message[1:])
        print(f"Try '{error.ctx.command_path if error.ctx else 'sitegen'} --help'.", file=sys.stderr)
        return EXIT_USAGE
    except ContentError as error:
        reporter.diagnostics(error.diagnostics)
        return error.exit_code
    except SitegenError as error:
        reporter.error(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        # If the signal arrived while `exec` ran a text, as in `dataclasses`, CPython would end itself with SIGINT at
        # exit (pythonrun.c, unhandled_keyboard_interrupt). Another `exec` resets that flag.
        exec("")  # noqa: S102 - see above
        reporter.error("interrupted")
        return 128 + (signals[0] if signals else signal.SIGINT)
    except OSError as error:
        path = error.filename2 or error.filename
        reporter.error(f"cannot use {path}: {error.strerror}" if path is not None else error.strerror or str(error))
        return EXIT_EXTERNAL
    except Exception as error:  # noqa: BLE001 - a defect of sitegen or of a plugin; code 1 means errors in the content
        print_exception(error)
        reporter.error(failure_message(error))
        return EXIT_EXTERNAL


def _ensure_utf8_mode() -> None:
    """Start Python again in its UTF-8 mode (PEP 540) if the locale would forbid file names such as 東京.md."""
    if sys.getfilesystemencoding() != "utf-8" and sys.orig_argv[1:3] != ["-X", "utf8"]:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _prepare_streams() -> None:
    """Let no stream end the command: closed ones are replaced, characters that an encoding lacks are escaped.

    Each line is written at once, also to a pipe or a file.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))
        elif name != "stdin":
            buffer = BufferedWriter(OutputFile(stream.fileno(), "w", closefd=False))
            setattr(sys, name, TextIOWrapper(buffer, stream.encoding, "backslashreplace", line_buffering=True))


class OutputFile(FileIO):
    """A stream whose reader may leave: the command goes on and ends with its usual exit code."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write bytes and return their number. After an error, everything is dropped; a closed pipe raises no error."""
        try:
            return super().write(data)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if not isinstance(error, BrokenPipeError):
                raise
            return memoryview(data).nbytes


@contextmanager
def _signals_handled(received: list[int], *, is_program: bool) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM in the `with` block into KeyboardInterrupt, and add its number to `received`.

    Signals after the first one do not disturb the cleanup, but a second Ctrl-C ends the process at once, because the
    cleanup may be blocked. After the block a signal ends a program silently; otherwise the previous handlers are
    restored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook = sys.unraisablehook
    dropped: list[int] = []

    def handle(number: int, _frame: object) -> None:
        if not received:
            received.append(number)
            raise KeyboardInterrupt
        if number == signal.SIGINT:
            if sys.stderr.isatty():
                os.write(sys.stderr.fileno(), _SHOW_CURSOR)  # the progress display hides it
            os._exit(128 + number)

    def handle_unraisable(unraisable: "UnraisableHookArgs") -> None:
        """Raise the signal again if Python dropped its exception, as in a destructor or the callback of a weakref."""
        if received and isinstance(unraisable.exc_value, KeyboardInterrupt):
            dropped.append(received[0])
            threading.Timer(_RAISE_AGAIN_SECONDS, raise_again).start()
        else:
            hook(unraisable)

    def raise_again() -> None:
        received.clear()  # only now: an exception within `handle_unraisable` would be lost
        signal.raise_signal(dropped.pop())

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # A signal that the parent process ignores (SIGINT in a background job of a shell) stays ignored.
    handled = {number: handler for number, handler in before.items() if handler not in {signal.SIG_IGN, None}}
    for number in handled:
        signal.signal(number, handle)
    sys.unraisablehook = handle_unraisable
    try:
        yield
        if dropped:
            raise KeyboardInterrupt
    finally:
        sys.unraisablehook = hook
        at_exit = signal.SIG_IGN if received else signal.SIG_DFL
        for number, handler in handled.items():
            signal.signal(number, at_exit if is_program else handler)
