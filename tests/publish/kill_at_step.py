"""Publish copies of a project and its target, each of which is killed at a later step.

    python -m tests.publish.kill_at_step BASE WORK NOW POINTS

BASE contains `digest/` and the folder that its target `out` writes to. The first copy is published completely to count
the steps, of which POINTS are chosen evenly. A step is an audit event of the interpreter: a change of a file of the
copy, except by the build, or the start of a tool.
"""

import os
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path

from tests.builder.kill_at_step import changes
from tests.project import Project
from tests.publish.helpers import FakeUI, publish_project


def publish_until(root: Path, now: datetime, step: int, tally: Path) -> None:
    """Publish, and kill the process before a step (0: never; the number of steps is written to `tally`)."""
    done = 0
    own = str(root / "digest" / "output")
    notes = str(root / "digest" / "output" / "publish")

    def advance() -> None:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        text = " ".join(str(argument) for argument in arguments[:2])
        is_change = (
            changes(event, arguments, str(root)) and (own not in text or notes in text) and "__pycache__" not in text
        )
        if is_change or event == "subprocess.Popen":
            advance()

    class Counting(FakeUI):
        """Counts sent files, too: a write to an open file is not an event."""

        def file_sent(self, _path: str, _size: int) -> None:
            advance()

    sys.addaudithook(hook)
    result = publish_project(Project(root / "digest"), ui=Counting(), now=now)
    steps = done
    if not step:
        tally.write_text(str(steps))
    os._exit(0 if result.published else 1)


def main() -> None:
    """Publish a copy for every point."""
    base, work, now, points = (
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        datetime.fromisoformat(sys.argv[3]),
        int(sys.argv[4]),
    )
    tally = work / "steps"
    work.mkdir(parents=True)
    _one(base, work / "whole", now, 0, tally)
    total = int(tally.read_text())
    chosen = sorted({1 + round(index * (total - 1) / (points - 1)) for index in range(points)})
    for step in chosen:
        code = _one(base, work / f"{step:05d}", now, step, tally)
        if code != -signal.SIGKILL:
            sys.exit(f"step {step} of {total} ended with {code}")


def _one(base: Path, copy: Path, now: datetime, step: int, tally: Path) -> int:
    shutil.copytree(base, copy, symlinks=True)
    child = os.fork()
    if child == 0:
        try:
            publish_until(copy, now, step, tally)
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
