"""The disk is full, has no inodes left, may not be written, handles run out: exit code 3, the old tree stays.

The disks are real: small file systems in memory, which only root may mount. Without that right those tests are skipped.
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.cli import main
from tests.builder.fault_injection import Ended, ended, run_with_fault
from tests.project import NOW, Project, tree
from tests.tools import as_unprivileged_user

pytestmark = pytest.mark.slow  # a fault at each step of a build: `make test-long`

CLEAN: Final = {"site", "manifest.json", "lock", "cache"}
CACHED: Final = {"content.sqlite3"}
JOBS: Final = ("1", pytest.param("2", marks=pytest.mark.slow))
ROOMY: Final = ("size=64m", "nr_inodes=10000")
ERROR: Final = re.compile(r"sitegen: cannot write (?P<file>/[^\n]*): (?P<reason>[A-Z][a-z -]+)\n")


@dataclass(frozen=True, slots=True)
class Disk:
    """A small file system in memory."""

    root: Path

    def limit(self, *options: str) -> None:
        """Change its size, its inodes, or whether it may be written."""
        subprocess.run(["mount", "-o", ",".join(("remount", *options)), str(self.root)], check=True)

    def used_bytes(self) -> int:
        """Return the bytes in use."""
        found = os.statvfs(self.root)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def used_inodes(self) -> int:
        """Return the inodes in use."""
        found = os.statvfs(self.root)
        return found.f_files - found.f_ffree


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(ROOMY), "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@dataclass(frozen=True, slots=True)
class Site:
    """A digest with an output folder elsewhere: built, and changed since."""

    project: Project
    output: Path
    before: dict[str, bytes]
    right: dict[str, bytes]

    def arguments(self, *options: str) -> tuple[str, ...]:
        """Return the arguments of a build."""
        root, output = str(self.project.root), str(self.output)
        return "-C", root, "build", "--now", NOW.isoformat(), "--output", output, *(options or ("--jobs", "1"))

    def tree(self) -> dict[str, bytes]:
        """Return the contents of the site."""
        return tree(self.output / "site")

    def assert_unchanged(self) -> None:
        """Check that the old tree is unchanged, with no folder more, and that no commit was begun."""
        assert self.tree() == self.before
        folders = {str(Path(path).parent) for path in self.before}
        folders |= {str(above) for folder in folders for above in Path(folder).parents}
        site = self.output / "site"
        assert {str(path.relative_to(site)) for path in site.rglob("*") if path.is_dir()} <= folders
        assert not (self.output / "journal.json").exists()

    def clear_fault(self) -> None:
        """Hold that the next build, with nothing in its way, gives what a cold one does, and leaves nothing over."""
        result = build(BuildRequest(self.project.root, NOW, output=self.output, jobs=1))
        assert result.ok
        assert result.notes == ()
        self.is_right()

    def is_right(self) -> None:
        """Check that the new tree is there, and nothing that a build needs only while it is under way."""
        assert self.tree() == self.right
        assert {entry.name for entry in self.output.iterdir()} == CLEAN
        assert {entry.name for entry in (self.output / "cache").iterdir()} <= CACHED


def changed(project: Project, output: Path) -> Site:
    """Build a digest with few feeds into `output`, then add, change and remove articles."""
    few = "data: []\nfeeds: {formats: [rss], of: [topics], importance: none}\n"
    project.file("site.yaml", (project.root / "site.yaml").read_text(encoding="utf-8") + few)
    project.article("one", countries="")
    project.article("gone", topics="[energy]", countries="[JP]")
    project.article("longer", body="Some text.\n\n" * 3_000)
    request = BuildRequest(project.root, NOW, output=output, jobs=1)
    assert build(request).ok
    for number in range(5):
        project.article(f"n{number:02}", title=f"Event {number}", countries="[KR]", body="Some text.\n\n" * 700)
    project.article("one", title="Changed", countries="")
    (project.root / "content/articles/2026/07/gone.md").unlink()
    cold = output.with_name("cold")
    fresh = project.root.parent / "fresh"
    shutil.copytree(project.root, fresh, ignore=shutil.ignore_patterns("output"))
    assert build(BuildRequest(fresh, NOW, jobs=1)).ok
    right = tree(fresh / "output" / "site")
    assert not cold.exists()
    return Site(project, output, tree(output / "site"), right)


def refused(run: Ended, reason: str) -> Path:
    """Hold that a run ended with one line that names a file; return the file."""
    assert (run.code, run.output, run.orphans) == (3, "", ())
    error = ERROR.fullmatch(run.errors)
    assert error is not None, run.errors
    assert error["reason"] == reason
    return Path(error["file"])


def called(site: Site, capfd: pytest.CaptureFixture[str]) -> Ended:
    """Run the command in this process: a sweep would start Python a hundred times."""
    capfd.readouterr()
    code = main(site.arguments())
    output, errors = capfd.readouterr()
    return Ended(code, output, errors, ())


def kinds(site: Site, files: list[Path]) -> set[str]:
    """Return what was refused: `staging`, `site`, or the name of a file."""
    paths = [file.relative_to(site.output) for file in files]
    return {path.parts[0] if path.parts[0] == "site" else re.sub(r"\d{6}", "…", str(path)) for path in paths}


# --- no room ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_full_disk(project: Project, disk: Disk, capfd: pytest.CaptureFixture[str]) -> None:
    """With every page of memory more the build gets further, until there is room for all of it."""
    site = changed(project, disk.root / "output")
    used = disk.used_bytes()
    files: list[Path] = []
    for room in range(0, 1 << 20, 4096):
        disk.limit(f"size={used + room}")
        run = called(site, capfd)
        if run.code == 0:
            break
        files.append(refused(run, "No space left on device"))
        site.assert_unchanged()
    assert {"staging/…", "staging/manifest.json", "journal.json"} <= kinds(site, files)
    site.is_right()
    disk.limit(*ROOMY)
    site.clear_fault()


@pytest.mark.slow
def test_no_inodes(project: Project, disk: Disk, capfd: pytest.CaptureFixture[str]) -> None:
    """The folders of new pages are the last that a commit makes, and the first that it takes back."""
    site = changed(project, disk.root / "output")
    used = disk.used_inodes()
    files: list[Path] = []
    for room in range(500):
        disk.limit(f"nr_inodes={used + room}")
        run = called(site, capfd)
        if run.code == 0:
            break
        files.append(refused(run, "No space left on device"))
        site.assert_unchanged()
    assert {"staging", "staging/…", "staging/manifest.json", "journal.json", "site"} <= kinds(site, files)
    site.is_right()
    disk.limit(*ROOMY)
    site.clear_fault()


@pytest.mark.parametrize("limit", ["size", "nr_inodes"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_room_for_pages(project: Project, disk: Disk, limit: str, jobs: str) -> None:
    site = changed(project, disk.root / "output")
    used = disk.used_bytes() if limit == "size" else disk.used_inodes()
    disk.limit(f"{limit}={used + (40 * 4096 if limit == 'size' else 9)}")
    run = ended([sys.executable, "-m", "sitegen", *site.arguments("--jobs", jobs)])
    assert kinds(site, [refused(run, "No space left on device")]) <= {"staging/…", "staging/workers"}
    site.assert_unchanged()
    disk.limit(*ROOMY)
    site.clear_fault()


def test_no_space_for_the_cache(project: Project, disk: Disk, tmp_path: Path) -> None:
    """The site is built, and a note names the cache."""
    output = tmp_path / "output"
    output.mkdir()
    (output / "cache").symlink_to(disk.root)
    site = changed(project, output)
    disk.limit(f"size={disk.used_bytes()}")
    run = ended([sys.executable, "-m", "sitegen", *site.arguments("--jobs", "1")])
    assert run.code == 0
    note = f"sitegen: cannot write the content cache {output}/cache/content.sqlite3 (database or disk is full)"
    assert run.errors.startswith(note)
    assert run.errors.count("sitegen: ") == 1
    site.is_right()
    disk.limit(*ROOMY)
    site.clear_fault()


def test_a_commit_that_was_killed_is_completed_on_a_full_disk(project: Project, disk: Disk) -> None:
    """What a commit needs of the disk it has when it is decided."""
    site = changed(project, disk.root / "output")
    assert run_with_fault("move", 5, "KILL", *site.arguments()).code == -signal.SIGKILL
    disk.limit(f"size={disk.used_bytes()}", f"nr_inodes={disk.used_inodes()}")
    run = ended([sys.executable, "-m", "sitegen", *site.arguments()])
    assert (run.code, run.output) == (0, run.output)
    site.is_right()
    disk.limit(*ROOMY)
    site.clear_fault()


def _files_at_most(length: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (length, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    ("length", "named"),
    [
        (100, {"staging/…", "staging/workers"}),
        (4_000, {"staging/…", "staging/manifest.json", "staging/workers"}),
        (30_000, {"staging/…", "staging/workers"}),
    ],
)
@pytest.mark.parametrize("jobs", JOBS)
def test_files_that_may_not_be_as_long(
    project: Project, tmp_path: Path, length: int, named: set[str], jobs: str
) -> None:
    """This limit needs no right, so that it is tested everywhere."""
    site = changed(project, tmp_path / "output")
    command = [sys.executable, "-m", "sitegen", *site.arguments("--jobs", jobs)]
    run = ended(command, _files_at_most(length))
    assert kinds(site, [refused(run, "File too large")]) <= named
    site.assert_unchanged()
    site.clear_fault()


# --- not to be written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", JOBS)
def test_a_read_only_disk(project: Project, disk: Disk, jobs: str) -> None:
    site = changed(project, disk.root / "output")
    disk.limit("ro")
    run = ended([sys.executable, "-m", "sitegen", *site.arguments("--jobs", jobs)])
    assert refused(run, "Read-only file system") == site.output / "lock"
    site.assert_unchanged()
    disk.limit("rw")
    site.clear_fault()


@pytest.mark.parametrize(
    ("folder", "named"),
    [
        (".", "staging"),
        ("site", "site"),
        ("site/articles", "site/articles"),  # new pages
        ("site/topics/trade", "site/topics/trade"),  # a changed page
        ("site/articles/gone", "site/articles/gone"),  # a page that goes
        ("cache", ""),
    ],
)
def test_a_folder_that_may_not_be_written(project: Project, tmp_path: Path, folder: str, named: str) -> None:
    """It is found before the first file is in its place."""
    site = changed(project, tmp_path / "output")
    locked = site.output / folder
    locked.chmod(0o555)
    try:
        run = ended([*as_unprivileged_user(), sys.executable, "-m", "sitegen", *site.arguments()])
    finally:
        locked.chmod(0o755)
    if named:
        assert refused(run, "Permission denied") == site.output / named
        site.assert_unchanged()
    else:
        assert run.code == 0, "a cache"
        assert re.match(r"sitegen: (cannot write the )?content cache \S+/cache/content.sqlite3 [^\n]+\n", run.errors)
        assert run.errors.count("sitegen: ") == 1
    site.clear_fault()


# --- no handles -------------------------------------------------------------------------------------------------------


HANDLES: Final = {
    ("cache", 1): r"sitegen: cannot read the folder content: Too many open files\n",
    ("read", 2): r"sitegen: cannot read content/articles/2026/07/\w+.md: Too many open files\n",
    ("cache-write", 1): r"sitegen: cannot (read content/articles|write )/\S+: Too many open files\n",
    ("stage", 1): r"sitegen: cannot write /\S+/staging/\w+: Too many open files\n",
    ("stage", 9): r"sitegen: cannot write /\S+/staging/(\d{6}|manifest.json): Too many open files\n",
}
"""Messages if no file can be opened from a point on."""


@pytest.mark.parametrize("point", HANDLES, ids=str)
@pytest.mark.parametrize("jobs", JOBS)
def test_handles_run_out_before_the_commit(project: Project, tmp_path: Path, point: tuple[str, int], jobs: str) -> None:
    site = changed(project, tmp_path / "output")
    run = run_with_fault(*point, "handles", *site.arguments("--jobs", jobs))
    assert (run.code, run.output, run.orphans) == (3, "", ())
    assert re.fullmatch(HANDLES[point], run.errors), run.errors
    site.assert_unchanged()
    site.clear_fault()


@pytest.mark.parametrize("point", ["decide", "move", "remove"])
def test_a_commit_needs_no_handle(project: Project, tmp_path: Path, point: str) -> None:
    site = changed(project, tmp_path / "output")
    run = run_with_fault(point, 1, "handles", *site.arguments())
    assert (run.code, "sitegen: " in run.errors) == (0, False), run.errors
    assert site.tree() == site.right
    site.clear_fault()


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_few_handles_from_the_start(project: Project, tmp_path: Path, jobs: str) -> None:
    """From none but those that Python needs to start, up to enough."""
    site = changed(project, tmp_path / "output")
    failed = 0
    for handles in range(5, 40):
        limit = (handles, handles)
        command = [sys.executable, "-m", "sitegen", *site.arguments("--jobs", jobs)]
        run = ended(command, lambda limit=limit: resource.setrlimit(resource.RLIMIT_NOFILE, limit))  # type: ignore[misc]
        if run.code == 0:
            break
        failed += 1
        assert (run.code, run.output, run.orphans) == (3, "", ())
        assert re.fullmatch(r"sitegen: cannot (read|write|use|start) [^\n]+: Too many open files[^\n]*\n", run.errors)
        site.assert_unchanged()
    assert failed >= 1
    assert site.tree() == site.right
    site.clear_fault()


# --- no processes -----------------------------------------------------------------------------------------------------


_NOBODY: Final = "61234"
"""A user who has no other process: the limit is one on all processes and threads of a user."""
_READS_ALL: Final = "+dac_override,+dac_read_search"


@pytest.fixture
def outside() -> Iterator[Path]:
    """Make a folder that others can reach: those of tests are the user's alone."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["2", "3"])
def test_few_processes_from_the_start(project: Project, outside: Path, jobs: str) -> None:
    """From none but the first up to enough: a process or a thread more is refused at any point."""
    power = ("--inh-caps", _READS_ALL, "--ambient-caps", _READS_ALL)
    user = ("setpriv", "--reuid", _NOBODY, "--clear-groups", *power)
    if os.geteuid() != 0 or shutil.which("setpriv") is None or subprocess.run([*user, "true"], check=False).returncode:
        pytest.skip("only root can be another user, and by setpriv")
    site = changed(project, outside)
    for path in (outside, *outside.rglob("*")):
        os.chown(path, int(_NOBODY), -1)
    failed = 0
    for processes in range(2, 40):
        limit = (processes, processes)
        command = [*user, sys.executable, "-m", "sitegen", *site.arguments("--jobs", jobs)]
        run = ended(command, lambda limit=limit: resource.setrlimit(resource.RLIMIT_NPROC, limit))  # type: ignore[misc]
        if run.code == 0:
            break
        if run.errors.startswith("setpriv: failed to execute"):
            continue  # the last run's processes are still counted
        failed += 1
        assert (run.code, run.output, run.orphans) == (3, "", ()), run.errors
        # The worker that could not start may have said something too.
        said = re.findall(r"^sitegen: (cannot start worker processes|a worker process died)", run.errors, re.MULTILINE)
        assert len(said) == 1, run.errors
        site.assert_unchanged()
    assert failed >= 1
    assert site.tree() == site.right
    site.clear_fault()


# --- two at once ------------------------------------------------------------------------------------------------------


def test_a_second_build_while_the_first_one_commits(project: Project, tmp_path: Path) -> None:
    """The first is stopped where it holds the lock; the second ends at once, and the first is as right as ever."""
    site = changed(project, tmp_path / "output")
    command = [sys.executable, "-m", "tests.builder.fault_injection", "stage", "3", "STOP", *site.arguments()]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, encoding="utf-8") as first:
        _, status = os.waitpid(first.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        second = ended([sys.executable, "-m", "sitegen", *site.arguments()])
        assert (second.code, second.output) == (3, "")
        assert second.errors == f"sitegen: another build is writing to {site.output}\n"
        site.assert_unchanged()
        first.send_signal(signal.SIGCONT)
        assert first.wait(timeout=60) == 0
    site.is_right()
    site.clear_fault()
