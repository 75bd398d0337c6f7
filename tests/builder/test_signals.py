"""SIGTERM and Ctrl-C, anywhere in a build: an exit code, a line, the old tree, no process that stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from tests.builder.fault_injection import NEVER, Ended, ended, run_with_fault, session
from tests.builder.test_kills import clean_build, empty_folders, leftovers
from tests.project import NOW, Project
from tests.tools import REPOSITORY

SIGNALS: Final = {"TERM": 143, "INT": 130, "all-TERM": 143, "all-INT": 130}


@pytest.fixture
def changed(project: Project) -> Project:
    """Make a digest that was built, and has new, changed and removed articles since."""
    project.article("one", countries="")
    project.article("gone", topics="[energy]", countries="[JP]")
    project.built()
    for number in range(12):
        project.article(f"n{number:02}", title=f"Event {number}", date=f"2026-07-{number + 1:02}")
    project.article("one", title="Changed")
    (project.root / "content/articles/2026/07/gone.md").unlink()
    return project


def interrupted(project: Project, point: str, number: int, action: str, jobs: int) -> None:
    """Build, interrupt it, and check how it ends."""
    arguments = ("-C", str(project.root), "build", "--now", NOW.isoformat(), "--jobs", str(jobs))
    assert_interrupted(run_with_fault(point, number, action, *arguments), action)


def assert_interrupted(run: Ended, action: str) -> None:
    """Check the end of a run: its code, a line, and no process left."""
    assert (run.code, run.output) == (SIGNALS[action], ""), run
    assert run.errors == "sitegen: interrupted\n"
    assert run.orphans == ()


def assert_recovers(project: Project, before: dict[str, bytes], expected: Project) -> None:
    """Check that the tree is the old or the new one, and that the next build is right."""
    output = project.root / "output"
    assert not (output / "journal.json").exists()
    assert project.tree() in (before, expected.tree())
    assert not (output / "staging").exists()
    assert not list(output.glob(".*.tmp"))
    project.built()
    assert project.tree() == expected.tree()
    assert leftovers(project) == set()
    assert empty_folders(project) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "number"),
    [
        *(("read", number) for number in (1, 7, 13)),
        *(("cache", number) for number in (1, 4, 8, 12)),
        *(("stage", number) for number in (1, 8, 16)),
    ],
)
@pytest.mark.parametrize("action", ["TERM", "INT"])
def test_before_the_commit(changed: Project, tmp_path: Path, point: str, number: int, action: str) -> None:
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    interrupted(changed, point, number, action, 1)
    assert changed.tree() == before
    assert_recovers(changed, before, expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "number"), [("decide", 1), ("move", 1), ("move", 8), ("move", 16), ("remove", 1), ("remove", 5)]
)
@pytest.mark.parametrize("action", ["TERM", "INT"])
def test_within_the_commit(changed: Project, tmp_path: Path, point: str, number: int, action: str) -> None:
    """The commit is completed before the signal acts."""
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    interrupted(changed, point, number, action, 1)
    assert not (changed.root / "output" / "journal.json").exists()
    assert changed.tree() == expected.tree()
    assert_recovers(changed, before, expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "number"), [("read", 1), ("read", 2), ("read", 4), ("stage", 1), ("stage", 16), ("move", 9)]
)
@pytest.mark.parametrize("action", ["TERM", "all-TERM", "all-INT"])
def test_with_workers(changed: Project, tmp_path: Path, point: str, number: int, action: str) -> None:
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    interrupted(changed, point, number, action, 2)
    assert_recovers(changed, before, expected)


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "stride"), [(1, 15_000), (2, 9_000)])
def test_at_any_moment(changed: Project, tmp_path: Path, jobs: int, stride: int) -> None:
    """Every so many calls of a function, wherever that is: imports, other libraries, what cleans up."""
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    moments = 0
    for number in range(1_000, 1_000_000, stride):
        state = Project(Path(shutil.copytree(changed.root, tmp_path / str(number))))
        action = ("TERM", "all-INT")[moments % 2]
        arguments = ("-C", str(state.root), "build", "--now", NOW.isoformat(), "--jobs", str(jobs))
        run = run_with_fault("call", number, action, *arguments)
        if run.code == NEVER:
            break
        # The signal may come while the result of the build is printed.
        assert (run.code, run.orphans) == (SIGNALS[action], ()), run
        assert run.errors.endswith("sitegen: interrupted\n"), run
        assert "Traceback" not in run.errors, run
        assert_recovers(state, before, expected)
        moments += 1
    assert moments >= 8


def test_a_second_signal_does_not_disturb_the_end(changed: Project, tmp_path: Path) -> None:
    """`timeout` sends SIGTERM to the command and then to its group."""
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    script = """
import os, signal, sys
from sitegen.cli import main
def hook(event, values):
    if event == "open" and str(values[0]).endswith(".md"):
        os.kill(os.getpid(), signal.SIGTERM)
    if event == "os.remove" and "staging" in str(values[0]) or event == "os.rmdir":
        os.kill(os.getpid(), signal.SIGTERM)
sys.addaudithook(hook)
sys.exit(main())
"""
    run = ended([sys.executable, "-c", script, "-C", str(changed.root), "build", "--now", NOW.isoformat()])
    assert (run.code, run.output, run.errors) == (143, "", "sitegen: interrupted\n")
    assert changed.tree() == before
    assert_recovers(changed, before, expected)


def test_in_a_destructor(changed: Project, tmp_path: Path) -> None:
    """Python drops an exception there."""
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    script = """
import os, signal, sys
from sitegen.cli import main
class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
def hook(event, values):
    if event == "open" and str(values[0]).endswith(".md"):
        Dying()
sys.addaudithook(hook)
sys.exit(main())
"""
    run = ended([sys.executable, "-c", script, "-C", str(changed.root), "build", "--now", NOW.isoformat()])
    assert_interrupted(run, "TERM")
    assert_recovers(changed, before, expected)


def test_another_thread_receives_it_within_the_commit(changed: Project, tmp_path: Path) -> None:
    """As in a preview, whose server has a thread of its own."""
    before, expected = changed.tree(), clean_build(changed, tmp_path / "clean")
    script = """
import os, signal, sys, threading
from sitegen.cli import main
threading.Thread(target=threading.Event().wait, daemon=True).start()
def hook(event, values):
    if event == "os.rename" and "/site/" in str(values[1]):
        os.kill(os.getpid(), signal.SIGTERM)
sys.addaudithook(hook)
sys.exit(main())
"""
    run = ended([sys.executable, "-c", script, "-C", str(changed.root), "build", "--now", NOW.isoformat()])
    assert_interrupted(run, "TERM")
    assert changed.tree() == expected.tree()
    assert_recovers(changed, before, expected)


def _deaf() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def test_a_background_job_of_a_shell_does_not_hear_ctrl_c(changed: Project) -> None:
    arguments = ("-C", str(changed.root), "build", "--now", NOW.isoformat())
    run = run_with_fault("read", 3, "INT", *arguments, limits=_deaf)
    assert (run.code, "interrupted" in run.errors) == (0, False)
    assert changed.built().counts.written == ()


def busy(pids: list[int]) -> float:
    """Return the seconds of processor time of the busiest process."""
    used = [0]
    for pid in pids:
        with suppress(OSError):
            used.append(int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]))
    return max(used) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(("template", "in_a_worker"), [("home.html", False), ("topic.html", True)])
def test_ctrl_c_again_ends_what_never_ends(project: Project, template: str, *, in_a_worker: bool) -> None:
    """A template may never end, in this process or in a worker. No process is left."""
    for name in ("one", "two", "three", "four", "five", "six"):
        project.article(name)
    endless = "".join(f"{{% for {name} in range(99999) %}}" for name in "abc") + "{% endfor %}" * 3
    project.file(f"themes/bare/templates/{template}", endless)
    jobs = "2" if in_a_worker else "1"
    command = [sys.executable, "-m", "sitegen", "-C", str(project.root), "build", "--jobs", jobs]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, encoding="utf-8", cwd=REPOSITORY, start_new_session=True
    ) as process:
        until = time.monotonic() + 60
        until_busy = [process.pid]
        while busy(until_busy) < 2 and time.monotonic() < until:
            time.sleep(0.05)  # until it is at the template: nothing else here takes as long
            until_busy = [pid for pid in session(process.pid) if (pid != process.pid) == in_a_worker]
        while process.poll() is None and time.monotonic() < until:
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
            raise AssertionError("Ctrl-C does not end it")
        assert process.returncode == 130
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        while (left := session(process.pid)) and time.monotonic() < until:
            time.sleep(0.05)
        assert left == []
