"""Builds a digest again and again, each time killed one step further into its writing.

    python -m tests.build.killer BASE WORK NOW STRIDE

Copies BASE to WORK/001, WORK/002 … and builds each in a process that SIGKILL ends before its first, second … change of
the output folder (of every STRIDE changes the first); stops after the first that came to its end. A step is an audit
event of the interpreter, so that no way of writing goes unseen.
"""

import os
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path

from sitegen.build import BuildRequest, build

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
    return any(
        str(argument).startswith(output) or (isinstance(argument, int) and argument >= 0) for argument in arguments
    )


def build_until(root: Path, now: datetime, step: int) -> None:
    """Build, and be killed before change number `step`."""
    done = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if changes(event, arguments, str(root / "output")):
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    result = build(BuildRequest(root, now, jobs=1))
    os._exit(0 if result.ok else 1)


def main() -> None:
    """Do it for every step."""
    base, work, now = Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    for step in range(1, 1000, int(sys.argv[4])):
        root = work / f"{step:03d}"
        shutil.copytree(base, root, symlinks=True)
        child = os.fork()
        if child == 0:
            try:
                build_until(root, now, step)
            finally:
                os._exit(70)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
