"""Runs `sitegen` in its own process and injects a fault in the middle.

    python -m tests.builder.fault_injection POINT NUMBER ACTION ARGUMENTS

The action happens at the point of this kind and number. Points are audit events of the interpreter, so every way of
writing is seen, and calls:

    read      an article is opened
    stage     new bytes are about to be staged
    decide    the journal is about to be renamed
    move      a file is about to be renamed into the site
    remove    a file of the site is about to be removed
    cache     the database of the cache is about to be read or written
    cache-write  something is about to be written into it
    call      any function is called

Actions are signals by their name (`KILL`), to all processes of the terminal with `all-` before it (`all-INT` is
what Ctrl-C does), and `handles`: from then on no file can be opened. A run that never reaches its point ends with 99.
"""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from sitegen.cli import main
from tests.tools import REPOSITORY

NEVER: Final = 99
_WRITING: Final = os.O_WRONLY | os.O_RDWR
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, and the processes of its terminal that outlived it."""

    code: int
    output: str
    errors: str
    orphans: tuple[str, ...]


def run_with_fault(
    point: str, number: int, action: str, *arguments: str, limits: Callable[[], None] | None = None
) -> Ended:
    """Run `sitegen` with `arguments`, interfere, and wait until all that it started is gone."""
    command = [sys.executable, "-m", "tests.builder.fault_injection", point, str(number), action, *arguments]
    return ended(command, limits)


def ended(command: Sequence[str], limits: Callable[[], None] | None = None) -> Ended:
    """Run a command in a session of its own, under the limits of resources that `limits` sets."""
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=limits,  # noqa: PLW1509 - no threads here
    ) as process:
        try:
            output, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # else the end of the block would wait for it
            raise
        until = time.monotonic() + _PATIENCE
        while orphans := session(process.pid):
            if time.monotonic() > until:
                break
            time.sleep(0.02)
    for pid in orphans:
        os.kill(pid, signal.SIGKILL)
    return Ended(process.returncode, output, errors, tuple(map(str, orphans)))


def session(leader: int) -> list[int]:
    """Return the living processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] not in "ZX":
                found.append(int(entry.name))
    return found


def _kind(event: str, values: tuple[object, ...]) -> str:
    """Return the point that an audit event is, or nothing."""
    if event == "open":
        path, _, flags = values
        writes = isinstance(flags, int) and bool(flags & _WRITING)
        if not writes and str(path).endswith(".md"):
            return "read"
        return "stage" if writes and Path(str(path)).parent.name == "staging" else ""
    if event == "os.rename":
        target = str(values[1])
        return "decide" if target.endswith("/journal.json") else "move" if "/site/" in target else ""
    return "remove" if event == "os.remove" and "/site/" in str(values[0]) else ""


def _act(action: str) -> None:
    if action == "handles":
        _use_up_handles()
    elif action.startswith("all-"):
        os.killpg(0, signal.Signals[f"SIG{action.removeprefix('all-')}"])
    else:
        os.kill(os.getpid(), signal.Signals[f"SIG{action}"])


def _use_up_handles() -> None:
    """Open files until no more can be opened."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
    with suppress(OSError):
        while True:
            os.open(os.devnull, os.O_RDONLY)


def _run_with_fault(point: str, number: int, action: str, arguments: list[str]) -> int:
    passed = 0

    def reached(found: str) -> None:
        nonlocal passed
        if found == point:
            passed += 1
            if passed == number:
                _act(action)

    def hook(event: str, values: tuple[object, ...]) -> None:
        reached(_kind(event, values))

    def profile(_frame: FrameType, event: str, called: object) -> None:
        if event == "call":
            reached("call")
        elif event == "c_call" and isinstance(getattr(called, "__self__", None), sqlite3.Connection):
            reached("cache")
            reached("cache-write" if getattr(called, "__name__", "") == "executemany" else "")

    sys.addaudithook(hook)
    if point in {"cache", "cache-write", "call"}:
        sys.setprofile(profile)
    sys.argv = ["sitegen", *arguments]
    code = main()
    sys.setprofile(None)
    return code if passed >= number else NEVER


if __name__ == "__main__":
    sys.exit(_run_with_fault(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
