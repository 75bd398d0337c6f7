"""Memory, open files and CPU time after many edits and while idle."""

import os
import time
from pathlib import Path
from typing import Final

import pytest

from tests.preview.serving import Preview, eventually
from tests.project import Project

pytestmark = pytest.mark.slow

_ARTICLES = 300
_EDITS = 200
_WARM = 100
"""Edits after which memory must not grow any more."""
_WINDOW = 20
"""Edits over which the maximum of memory is taken, because it varies within a build."""
_BODY: Final = "A paragraph of an article as long as real ones are.\n\n" * 400


def open_handles(process: int) -> int:
    """Return the number of open files and sockets of a process."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def anonymous_kilobytes(process: int) -> int:
    """Return the kilobytes of memory that a process has written to, without mapped libraries."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:"))


def cpu_seconds(process: int) -> float:
    """Return the CPU seconds of a process."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_memory_and_handles_after_200_edits(project: Project, tmp_path: Path) -> None:
    for number in range(_ARTICLES):
        project.article(f"n{number}", id=f"number-{number:03d}", title=f"Number {number}")
    with Preview(project, tmp_path / "logs") as preview:
        process = preview.process.pid
        opened = 0
        used: list[int] = []
        good = "Number 7"
        builds = preview.build_count()
        for edit in range(_EDITS):
            if edit == _WARM:
                opened = open_handles(process)
            used.append(anonymous_kilobytes(process))
            failures = preview.err.count("nothing was written")
            if edit % 10 == 9:
                project.article("n7", id="number-007", title=f"Broken {edit}", importance="9")
                eventually(
                    "the error is printed",
                    lambda: preview.err.count("nothing was written") > failures,  # noqa: B023
                )
                assert f"<h1>{good}</h1>" in preview.get("/articles/n7/").text
                continue
            good = f"Edit {edit}"
            project.article("n7", id="number-007", title=good, body=_BODY)
            preview.wait_for_text("/articles/n7/", f"<h1>{good}</h1>")
            assert good in preview.get("/").text
        eventually("all builds are reported", lambda: preview.build_count() >= builds + _EDITS)
        assert preview.build_count() == builds + _EDITS, "one build for each edit"
        eventually("no additional files and sockets are open", lambda: open_handles(process) <= opened)
        warm, end = max(used[_WARM - _WINDOW : _WARM]), max(used[-_WINDOW:])
        assert end <= 1.05 * warm, used


def test_an_idle_preview_uses_almost_no_cpu(project: Project, tmp_path: Path) -> None:
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        process = preview.process.pid
        preview.get("/")
        time.sleep(2)
        spent, began, opened = cpu_seconds(process), time.monotonic(), open_handles(process)
        time.sleep(20)
        assert (cpu_seconds(process) - spent) / (time.monotonic() - began) < 0.005
        eventually("no additional files and sockets are open", lambda: open_handles(process) <= opened)
        project.article("one", title="Second title")
        preview.wait_for_text("/articles/one/", "Second title")
