"""A build may be killed anywhere, in the cache too: the next build is expected, and nothing is left over."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.builder.cache_helpers import cache_file, cached_documents, cached_texts
from tests.builder.fault_injection import run_with_fault
from tests.project import NOW, Project
from tests.tools import REPOSITORY

CLEAN: Final = {"site", "manifest.json", "lock", "cache"}
CACHED: Final = {"content.sqlite3"}


def killed(base: Project, work: Path, stride: int, mode: str) -> list[Project]:
    """Build copies of `base`, each killed some steps later than the one before; return those that were killed."""
    command = [
        sys.executable,
        "-m",
        "tests.builder.kill_at_step",
        str(base.root),
        str(work),
        NOW.isoformat(),
        str(stride),
        mode,
    ]
    result = subprocess.run(command, cwd=REPOSITORY, timeout=900, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    return [Project(root) for root in sorted(work.iterdir())][:-1]


def leftovers(project: Project) -> set[str]:
    """Return the entries of the output folder that belong neither to a site nor to its caches."""
    output = project.root / "output"
    return ({entry.name for entry in output.iterdir()} - CLEAN) | (
        {entry.name for entry in (output / "cache").iterdir()} - CACHED
    )


def empty_folders(project: Project) -> list[Path]:
    site = project.root / "output" / "site"
    return [folder for folder in site.rglob("*") if folder.is_dir() and not any(folder.iterdir())]


def clean_build(project: Project, folder: Path) -> Project:
    """Build a copy of the sources in an empty folder."""
    copy = Project(folder)
    shutil.copytree(project.root, copy.root, ignore=shutil.ignore_patterns("output"))
    copy.built()
    return copy


@pytest.fixture
def changed(project: Project) -> Project:
    """Make a digest that was built long ago, and has new, changed, moved and removed files since."""
    for name in ("home", "topic", "month", "topics", "countries", "relations", "archive", "404"):
        project.file(f"themes/bare/templates/{name}.html", "static\n")  # fewer pages that change, fewer steps
    project.article("one", countries="")
    project.article("gone", topics="[energy]", countries="")
    project.article("stays", countries="[JP]")
    project.file("content/articles/2025/01/last.md", project.article("last").read_bytes())
    (project.root / "content/articles/2026/07/last.md").unlink()
    project.built()
    project.article("one", countries="", title="Changed", body="Other text.\n")
    project.article("new", countries="[VN]")
    (project.root / "content/articles/2026/07/gone.md").unlink()
    shutil.rmtree(project.root / "content/articles/2025")
    project.file("themes/bare/static/site.css", "body { color: red }\n")
    return project


def assert_recovers(state: Project, before: dict[str, bytes], expected: Project) -> None:
    """Assert that a killed build left the old tree or a pending commit, and that the next build is complete."""
    if not (state.root / "output" / "journal.json").exists():
        assert state.tree() in (before, expected.tree())
    state.built()
    assert state.tree() == expected.tree()
    assert leftovers(state) == set()
    assert empty_folders(state) == []
    documents = {name: document for name, (_, document) in cached_documents(state).items()}
    assert documents == {name: document for name, (_, document) in cached_documents(expected).items()}
    assert cached_texts(state) == cached_texts(expected)
    assert state.built().counts.written == ()
    assert state.tree() == expected.tree()


@pytest.mark.slow
def test_a_build_killed_at_any_step(changed: Project, tmp_path: Path) -> None:
    before = changed.tree()
    expected = clean_build(changed, tmp_path / "clean")
    states = killed(changed, tmp_path / "states", 1, "cache")
    in_cache = [state for state in states if (state.root / "output/cache/content.sqlite3-journal").exists()]
    assert in_cache, "within a transaction"
    chosen = states[::2]
    assert len(chosen) >= 50
    for state in chosen:
        assert_recovers(state, before, expected)


@pytest.mark.slow
def test_a_build_that_ends_in_the_middle_of_a_write(changed: Project, tmp_path: Path) -> None:
    """The database writes one page after the other, and the last one may be cut."""
    before = changed.tree()
    for number in range(40):  # enough for the database to take several writes
        body = "".join(f"Long text {number} {n}.\n\n" for n in range(150))
        changed.article(f"long{number:02}", countries="", topics="[energy]", body=body)
    expected = clean_build(changed, tmp_path / "clean")
    size = cache_file(expected).stat().st_size
    states = killed(changed, tmp_path / "states", 14_000, "torn")
    assert len(states) >= size // 14_000
    for state in states:
        assert_recovers(state, before, expected)


@pytest.mark.slow
def test_a_first_build_that_ends_in_the_middle_of_a_write(changed: Project, tmp_path: Path) -> None:
    expected = clean_build(changed, tmp_path / "clean")
    shutil.rmtree(changed.root / "output")
    for state in killed(changed, tmp_path / "states", 11_000, "torn"):
        assert_recovers(state, {}, expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "number"), [("read", 2), ("read", 5), ("cache", 6), ("stage", 3), ("decide", 1), ("move", 4)]
)
def test_a_build_killed_with_its_workers_under_way(project: Project, tmp_path: Path, point: str, number: int) -> None:
    """Workers end by themselves, and keep neither the lock nor the output open."""
    project.article("old")
    project.built()
    before = project.tree()
    for index in range(12):
        project.article(f"n{index:02}", title=f"Event {index}")
    expected = clean_build(project, tmp_path / "clean")
    run = run_with_fault(
        point, number, "KILL", "-C", str(project.root), "build", "--now", NOW.isoformat(), "--jobs", "2"
    )
    assert run.code == -9, run.errors
    assert run.orphans == ()
    assert_recovers(project, before, expected)


@pytest.mark.slow
def test_the_lock_of_a_killed_build_is_released(project: Project) -> None:
    project.article("one")
    project.built()
    project.article("one", title="Changed")
    arguments = ("-C", str(project.root), "build", "--now", NOW.isoformat())
    assert run_with_fault("stage", 2, "KILL", *arguments).code == -9
    done = run_with_fault("stage", 1_000, "KILL", *arguments)  # it comes to its end
    assert re.match(r"1 article: [1-9]", done.output), done.errors
    assert leftovers(project) == set()
