"""Builds a digest repeatedly, each time killed one step later.

    python -m tests.builder.kill_at_step BASE WORK NOW STRIDE [cache | term | torn]

Copies BASE to WORK/001, WORK/002 … and builds each in a process that is killed before its first, second … change of
the output folder (of every STRIDE changes the first); stops after the first build that completes. A step is an audit
event of the interpreter, so every way of writing is seen.

With `term`, `sitegen build` gets SIGTERM instead, and must end with the exit code of an interrupted command.

With `cache`, each call to the database of the cache is a step, too. With `torn`, no file may grow longer than 0,
STRIDE, 2 STRIDE … bytes, and the process ends in the middle of the write that would make it so: the database writes by
itself.
"""

import os
import resource
import shutil
import signal
import sqlite3
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import FrameType

from sitegen.builder import BuildRequest, build
from sitegen.cli import main as main_command

INTERRUPTED = 128 + signal.SIGTERM
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR


def changes(event: str, arguments: tuple[object, ...], output: str) -> bool:
    """Whether an audit event is a change below the folder `output`."""
    if event == "open":
        path, _, flags = arguments
        return isinstance(flags, int) and bool(flags & _WRITING) and str(path).startswith(output)
    if event not in _CHANGES:
        return False
    # With an open folder (`dir_fd`) the name is a bare one: rmtree does that, and nothing else is removed here.
    # The number of `os.mkdir` is a mode.
    return any(
        str(argument).startswith(output) or (isinstance(argument, int) and argument >= 0 and event != "os.mkdir")
        for argument in arguments
    )


def build_until(root: Path, now: datetime, step: int, mode: str) -> None:
    """Build, and be killed before change number `step`."""
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGTERM if mode == "term" else signal.SIGKILL)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if changes(event, arguments, str(root / "output")):
            count()

    def profile(_frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and isinstance(getattr(called, "__self__", None), sqlite3.Connection):
            count()

    sys.addaudithook(hook)
    if mode == "term":
        sys.argv = ["sitegen", "-C", str(root), "build", "--now", now.isoformat(), "--jobs", "1"]
        os._exit(main_command())
    if mode == "cache":
        sys.setprofile(profile)
    result = build(BuildRequest(root, now, jobs=1))
    os._exit(0 if result.ok else 1)


def build_within(root: Path, now: datetime, length: int) -> None:
    """Build, and be ended by the system where a file gets longer than `length` bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, length))
    result = build(BuildRequest(root, now, jobs=1))
    os._exit(0 if result.ok else 1)


def main() -> None:
    """Do it for every step."""
    base, work, now, stride = Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), sys.argv[4]
    mode = sys.argv[5] if len(sys.argv) > 5 else ""
    import_module("sitegen.builder.pipeline")  # once, and not in each process
    for step in range(1, 1000, 1 if mode == "torn" else int(stride)):
        root = work / f"{step:03d}"
        shutil.copytree(base, root, symlinks=True)
        child = os.fork()
        if child == 0:
            try:
                if mode == "torn":
                    build_within(root, now, (step - 1) * int(stride))
                else:
                    build_until(root, now, step, mode)
            finally:
                os._exit(70)
        _, status = os.waitpid(child, 0)
        interrupted = {INTERRUPTED} if mode == "term" else {-signal.SIGKILL, -signal.SIGXFSZ}
        if os.waitstatus_to_exitcode(status) not in interrupted:
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
