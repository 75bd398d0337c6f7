"""A day beside the editor: many edits, some of them broken, and long hours without any."""

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
"""Edits after which the server has seen everything, and its tables have the sizes that they keep."""
_WINDOW = 20
"""Edits of which the one counts at which the server had most memory: what a build needs comes and goes."""
_BODY: Final = "A paragraph of an article as long as real ones are.\n\n" * 400


def handles(process: int) -> int:
    """Return how many files and sockets a process has open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def session(process: int) -> int:
    """Return the kilobytes of memory that a process has written to.

    What it has mapped of libraries does not count: it is shared for as long as another test has them open, too.
    """
    text = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Anonymous:"))


def seconds(process: int) -> float:
    """Return the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_200_edits_of_which_20_are_broken(project: Project, tmp_path: Path) -> None:
    for number in range(_ARTICLES):
        project.article(f"n{number}", id=f"number-{number:03d}", title=f"Number {number}")
    with Preview(project, tmp_path / "logs") as preview:
        process = preview.process.pid
        opened = 0
        used: list[int] = []
        good = "Number 7"
        builds = preview.builds()
        for edit in range(_EDITS):
            if edit == _WARM:
                opened = handles(process)
            used.append(session(process))
            mistakes = preview.err.count("nothing was written")
            if edit % 10 == 9:
                project.article("n7", id="number-007", title=f"Broken {edit}", importance="9")
                eventually(
                    "the mistake is said",
                    lambda: preview.err.count("nothing was written") > mistakes,  # noqa: B023
                )
                assert f"<h1>{good}</h1>" in preview.get("/articles/n7/").text
                continue
            good = f"Edit {edit}"
            project.article("n7", id="number-007", title=good, body=_BODY)
            preview.shows("/articles/n7/", f"<h1>{good}</h1>")
            assert good in preview.get("/").text
        eventually("all builds are reported", lambda: preview.builds() >= builds + _EDITS)
        assert preview.builds() == builds + _EDITS, "one build for each edit"
        eventually("no more files and sockets are open than before", lambda: handles(process) <= opened)
        warm, end = max(used[_WARM - _WINDOW : _WARM]), max(used[-_WINDOW:])
        assert end <= 1.05 * warm, used


def test_hours_without_an_edit_cost_nothing(project: Project, tmp_path: Path) -> None:
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        process = preview.process.pid
        preview.get("/")
        time.sleep(2)
        spent, began, opened = seconds(process), time.monotonic(), handles(process)
        time.sleep(20)
        assert (seconds(process) - spent) / (time.monotonic() - began) < 0.005
        eventually("no more files and sockets are open than before", lambda: handles(process) <= opened)
        project.article("one", title="Second title")
        preview.shows("/articles/one/", "Second title")
