"""Nothing half written: builds killed at every step, two at once, and obstacles in the way of a file."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from sitegen.builder.commit import commit_order
from sitegen.diagnostics import ExternalError
from sitegen.util.file_lock import file_lock
from tests.project import BARE, FEW_PAGES, NOW, SITE, Project, tree

ROOT: Final = Path(__file__).parents[2]
FEW_FILES: Final = f"{SITE}{FEW_PAGES}data: []\nfeeds: {{formats: [rss], of: [topics], importance: none}}\n" + "".join(
    f"-- themes/bare/templates/{name}.html --\nstatic\n"
    for name in ("home", "topic", "month", "topics", "countries", "relations", "archive", "404", "redirect")
)
"""A project in which few files change with an article."""
CLEAN: Final = {"site", "manifest.json", "lock", "cache"}


def run(project: Project, *options: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `sitegen build` as a user does."""
    command = [sys.executable, "-m", "sitegen", "-C", str(project.root), "build", "--now", NOW.isoformat(), *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=timeout, check=False)


def killed(base: Path, work: Path, *, stride: int = 1, mode: str = "") -> list[Project]:
    """Build copies of `base`, each killed some steps later than the one before; return those that were killed."""
    command = [
        sys.executable,
        "-m",
        "tests.builder.kill_at_step",
        str(base),
        str(work),
        NOW.isoformat(),
        str(stride),
        mode,
    ]
    result = subprocess.run(command, cwd=ROOT, timeout=120, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    return [Project(root) for root in sorted(work.iterdir())][:-1]


def in_output(project: Project) -> set[str]:
    return {entry.name for entry in (project.root / "output").iterdir()}


def journal(project: Project) -> bool:
    return (project.root / "output" / "journal.json").exists()


def dangling(project: Project) -> list[str]:
    """Return what pages name in the site and what is not there."""
    site, missing = project.root / "output" / "site", []
    for path, data in project.tree().items():
        if path.endswith(".html"):
            for address in re.findall(r'href="(/assets/[^"]*)"', data.decode()):
                missing += [] if (site / address[1:]).is_file() else [f"{path}: {address}"]
    return missing


@dataclass(frozen=True, slots=True)
class Killed:
    """A commit killed at every step: the tree before and after it, and the digest as each step left it."""

    before: dict[str, bytes]
    after: dict[str, bytes]
    states: list[Project]

    def copies(self, folder: Path, count: int) -> list[Project]:
        """Return copies of `count` states that were killed in the middle of their commit."""
        decided = [state for state in self.states if journal(state)]
        chosen = decided[:: max(1, len(decided) // count)]
        return [Project(Path(shutil.copytree(state.root, folder / str(number)))) for number, state in enumerate(chosen)]


@pytest.fixture(scope="module")
def commit(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    """Kill a commit that changes a digest in every way that there is, before every second change of a file."""
    folder = tmp_path_factory.mktemp("commit")
    project = Project(folder / "digest")
    for name, content in BARE.items():
        project.file(f"themes/bare/{name}", content)
    project.write(FEW_FILES)
    project.article("one", aliases="[/x.html]", countries="")
    project.article("gone", topics="[energy]", countries="")
    project.built()
    before = project.tree()
    project.article("one", aliases="[/y/]", countries="", title="Changed")
    (project.root / "content/articles/2026/07/gone.md").unlink()
    project.file("themes/bare/static/site.css", "body { color: red }\n")
    states = killed(project.root, folder / "states", stride=2)
    project.built()
    return Killed(before, project.tree(), states)


@pytest.mark.slow
def test_a_build_killed_at_any_step(commit: Killed) -> None:
    before, after, states = commit.before, commit.after, commit.states
    assert len(states) > 20
    decided = [journal(state) for state in states]
    assert True in decided
    first = decided.index(True)
    last = len(decided) - decided[::-1].index(True)
    assert all(decided[first:last]), "the journal exists from the decision to the end"
    for number, state in enumerate(states):
        found = state.tree()
        if not decided[number]:
            assert found == (before if number < first else after)
        for path in before.keys() | after.keys():
            assert found.get(path) in (before.get(path), after.get(path)), (number, path)
        assert set(found) <= before.keys() | after.keys()
        assert not dangling(state), number


@pytest.mark.slow
def test_sigterm_at_any_step_leaves_the_old_or_the_new_site(project: Project, tmp_path: Path) -> None:
    project.write(FEW_FILES)
    project.article("one", countries="")
    project.article("gone", countries="")
    project.built()
    before = project.tree()
    project.article("one", countries="", title="Changed")
    (project.root / "content/articles/2026/07/gone.md").unlink()
    project.file("themes/bare/static/site.css", "body { color: red }\n")
    states = killed(project.root, tmp_path / "states", stride=2, mode="term")
    project.built()
    after = project.tree()
    found = [state.tree() for state in states]
    assert found == sorted(found, key=lambda tree: tree == after), "first the old site, then the new one"
    assert len([tree for tree in found if tree == before]) >= 5
    assert len([tree for tree in found if tree == after]) >= 5, "signals within the commit"
    assert all(tree in (before, after) for tree in found)
    assert all(in_output(state) == CLEAN for state in states)


@pytest.mark.slow
def test_the_next_build_completes_it(commit: Killed, tmp_path: Path) -> None:
    for number, state in enumerate(commit.states):
        copy = Project(Path(shutil.copytree(state.root, tmp_path / str(number))))
        copy.built()
        assert copy.tree() == commit.after, number
        assert in_output(copy) == CLEAN, number


@pytest.mark.slow
def test_a_recovery_killed_at_any_step(commit: Killed, tmp_path: Path) -> None:
    (state,) = commit.copies(tmp_path / "copy", 1)[:1]
    again = killed(state.root, tmp_path / "again", stride=2)
    assert len(again) > 5
    for later in again:
        later.built()
        assert later.tree() == commit.after
        assert in_output(later) == CLEAN


def test_a_commit_is_completed_although_the_content_is_broken_by_now(commit: Killed, tmp_path: Path) -> None:
    """The next command completes it before anything else; whether that command succeeds is another matter."""
    for state in commit.copies(tmp_path, 4):
        state.article("broken", importance="9")
        assert not state.build().ok
        assert state.tree() == commit.after
        assert not journal(state)


def test_a_commit_is_completed_although_the_content_is_another_by_now(commit: Killed, tmp_path: Path) -> None:
    for number, state in enumerate(commit.copies(tmp_path, 4)):
        state.article("new", title="New", countries="")
        (state.root / "content/articles/2026/07/one.md").unlink()
        state.built()
        fresh = tmp_path / f"fresh{number}"
        shutil.copytree(state.root, fresh, ignore=shutil.ignore_patterns("output"))
        Project(fresh).built()
        assert state.tree() == Project(fresh).tree()


@pytest.mark.slow
def test_a_first_build_killed_at_any_step_shows_no_page_without_its_files(project: Project, tmp_path: Path) -> None:
    for name in ("home", "topic", "month", "topics", "countries", "relations", "archive", "404", "redirect"):
        project.file(f"themes/bare/templates/{name}.html", '{% extends "base.html" %}\n')
    project.article("one", countries="")
    states = killed(project.root, tmp_path / "work", stride=5)
    right = project.built().counts.written
    for state in states:
        assert not dangling(state)
        state.built()
        assert set(state.tree()) == set(right)
        assert in_output(state) == CLEAN


@pytest.mark.parametrize("folder", ["articles", "topics/trade"])
def test_a_commit_is_not_completed_through_a_link_that_came_since(commit: Killed, tmp_path: Path, folder: str) -> None:
    for number, state in enumerate(commit.copies(tmp_path / "copies", 4)):
        ours, theirs = state.root / "output/site" / folder, tmp_path / f"theirs{number}"
        ours.rename(theirs)
        for page in theirs.rglob("*.html"):
            page.write_text("theirs")
        ours.symlink_to(theirs)
        before = {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()}
        result = run(state)
        assert (result.returncode, result.stderr.count("\n")) == (3, 1), result.stderr
        assert f"{folder}: expected a folder, but it is a symbolic link" in result.stderr
        assert {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()} == before
        ours.unlink()
        state.built()
        assert state.tree() == commit.after
        assert in_output(state) == CLEAN


def test_the_order_of_a_commit() -> None:
    order = ["assets/a.css", "articles/a/index.html", "assets/index.html", "index.html", "feed.xml"]
    assert [commit_order(path) for path in order] == [0, 1, 2, 2, 3]
    assert commit_order("ja/articles/a/index.html") == commit_order("articles/a/index.html")
    assert (
        commit_order("ja/feed.xml")
        == commit_order("sitemap.xml")
        == commit_order("robots.txt")
        == commit_order("feed.xml")
    )
    assert commit_order("topics/articles/index.html") == commit_order("topics/index.html")


# --- two at once ------------------------------------------------------------------------------------------------------


def test_a_second_build_is_refused_while_one_is_writing(project: Project) -> None:
    project.article("one")
    project.built()
    before = project.tree()
    project.article("two")
    with file_lock(project.root / "output" / "lock"):
        result = run(project)
        with pytest.raises(ExternalError, match="another build"):
            project.build()
    assert result.returncode == 3
    assert result.stdout == ""
    assert re.fullmatch(r"sitegen: another build is writing to [^\n]+\n", result.stderr)
    assert project.tree() == before
    project.built()


def test_two_builds_at_once_leave_one_right_tree(project: Project) -> None:
    for number in range(10):
        project.article(f"n{number}", date=f"2026-07-{number + 1:02d}")
    command = [sys.executable, "-m", "sitegen", "-C", str(project.root), "build", "--now", NOW.isoformat()]
    builds = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=ROOT)
        for _ in range(2)
    ]
    output = [process.communicate(timeout=60) for process in builds]
    codes = sorted(process.returncode for process in builds)
    assert codes in ([0, 0], [0, 3]), output
    assert in_output(project) == CLEAN
    assert project.built().counts.written == ()


def test_a_lock_of_a_dead_process_blocks_no_one(project: Project) -> None:
    project.file("output/lock", "4194304")
    project.built()
    assert in_output(project) == CLEAN


# --- in the way -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[/x.html]", "[/x.html/y/]"),
        ("[/x.html/y/]", "[/x.html]"),
        ("[/x.html]", "[/x.html/y.html/z.html]"),
        ("[/x.html/a/, /x.html/b/c/]", "[/x.html]"),
        ("[/x.html/a/, /z/]", "[/x.html, /z/w/]"),
    ],
)
def test_a_file_where_our_own_folder_stood_and_the_reverse(project: Project, first: str, second: str) -> None:
    project.article("one", aliases=first)
    project.built()
    one = project.tree()
    project.article("one", aliases=second)
    project.built()
    two = project.tree()
    assert one.keys() != two.keys()
    assert in_output(project) == CLEAN
    shutil.rmtree(project.root / "output")
    project.built()
    assert project.tree() == two
    project.article("one", aliases=first)
    project.built()
    assert project.tree() == one


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [("[/x.html]", "[/x.html/y/]"), ("[/x.html/y/]", "[/x.html]")])
def test_a_file_for_a_folder_killed_at_any_step(project: Project, tmp_path: Path, first: str, second: str) -> None:
    for name in ("home", "topic", "month", "topics", "countries", "relations", "archive", "404", "article"):
        project.file(f"themes/bare/templates/{name}.html", "static\n")
    project.article("one", aliases=first, countries="")
    project.built()
    project.article("one", aliases=second, countries="")
    states = killed(project.root, tmp_path / "work", stride=3)
    project.built()
    for state in states:
        state.built()
        assert state.tree() == project.tree()


@pytest.mark.parametrize(
    ("obstacle", "inside"),
    [
        ("articles/two/index.html", "notes.txt"),  # a folder where a page belongs
        ("articles/two", None),  # a file where the folder of a page belongs
        ("topics/energy", None),
        ("countries/jp/2026-07/index.html", "deep/notes.txt"),
    ],
)
def test_what_is_not_ours_and_in_the_way_is_named_and_nothing_is_changed(
    project: Project, obstacle: str, inside: str | None
) -> None:
    project.article("one")
    project.built()
    project.file("output/site/" + (f"{obstacle}/{inside}" if inside else obstacle), "mine")
    before = project.tree()
    project.article("two", topics="[energy]", countries="[JP]")
    result = run(project)
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1
    assert obstacle in result.stderr
    assert project.tree() == before, "nothing half written"
    # The editor may take the article back …
    (project.root / "content/articles/2026/07/two.md").unlink()
    project.built()
    assert project.tree() == before
    # … or the obstacle away.
    project.article("two", topics="[energy]", countries="[JP]")
    target = project.root / "output/site" / obstacle
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    project.built()
    assert in_output(project) == CLEAN


@pytest.mark.parametrize("edit", ["another title", "no article"])
@pytest.mark.parametrize("folder", ["articles/one", "articles"])
def test_a_link_in_place_of_our_folder_is_not_followed(project: Project, folder: str, edit: str) -> None:
    source = project.article("one")
    project.article("two")
    project.built()
    inside, theirs = project.root / "output/site" / folder, project.root / "theirs"
    shutil.copytree(inside, theirs)
    for page in theirs.rglob("*.html"):
        page.write_text("theirs")
    shutil.rmtree(inside)
    inside.symlink_to(theirs)
    before = {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()}
    if edit == "no article":
        source.unlink()
    else:
        source.write_text(source.read_text().replace("A title", "Another title"))
    result = run(project)
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert f"{folder}: expected a folder, but it is a symbolic link" in result.stderr
    assert {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()} == before
    inside.unlink()
    project.built()
    assert in_output(project) == CLEAN
    tree = project.tree()
    shutil.rmtree(project.root / "output")
    project.built()
    assert project.tree() == tree


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("obstacle", [link_to_nothing, fifo])
def test_what_can_be_no_folder_in_place_of_ours(project: Project, obstacle: Callable[[Path], None]) -> None:
    source = project.article("one")
    project.built()
    inside = project.root / "output/site/articles/one"
    shutil.rmtree(inside)
    obstacle(inside)
    source.write_text(source.read_text().replace("A title", "Another title"))
    for _ in range(2):
        result = run(project)
        assert result.returncode == 3
        assert result.stderr.count("\n") == 1
        assert "articles/one" in result.stderr
        assert not (project.root / "output/journal.json").exists()
    inside.unlink()
    project.built()
    assert "Another title" in (inside / "index.html").read_text()


def test_an_output_folder_that_is_a_file(project: Project) -> None:
    project.file("output", "mine")
    result = run(project)
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1
    assert (project.root / "output").read_text() == "mine"


@pytest.mark.parametrize("folder", [".", "..", "content", "content/deep", "themes/bare", "/"])
def test_an_output_folder_that_would_harm_the_project_is_refused(project: Project, folder: str) -> None:
    project.article("one")
    before = tree(project.root)
    result = run(project, "--output", folder if folder == "/" else str(project.root / folder))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert tree(project.root) == before


def test_another_output_folder(project: Project, tmp_path: Path) -> None:
    project.article("one")
    result = run(project, "--output", str(tmp_path / "else where"))
    assert result.returncode == 0, result.stderr
    assert not (project.root / "output").exists()
    project.built()
    assert tree(tmp_path / "else where" / "site") == project.tree()
