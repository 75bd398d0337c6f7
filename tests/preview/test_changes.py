"""Rebuilds after bursts of changes, moves, checkouts, and removed folders."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from sitegen.builder import BuildRequest, build
from tests.preview.serving import Preview, eventually
from tests.project import Project, tree
from tests.tools import command

_INTERRUPTED: Final = ("-W", "ignore::ResourceWarning")
"""KeyboardInterrupt can come between the opening of a file and its `with` block."""


def _site(project: Project) -> Path:
    return project.root / "output" / "preview" / "site"


def _equals_clean_build(project: Project, tmp_path: Path) -> bool:
    cold = tmp_path / f"cold{len(list(tmp_path.glob('cold*')))}"
    assert build(BuildRequest(project.root, datetime.now(UTC), output=cold, jobs=1)).ok
    return tree(cold / "site") == tree(_site(project))


def _assert_built_once(preview: Preview, before: int) -> None:
    """Wait for one more build, and fail if an edit after it is not the next one."""
    eventually("the build is reported", lambda: preview.build_count() > before)
    probe = preview.project.article("probe", title=f"Probe {before}")
    preview.wait_for_text("/articles/probe/", f"Probe {before}")
    probe.unlink()
    eventually("the probe is gone", lambda: preview.get("/articles/probe/").status == 404)
    assert preview.build_count() == before + 3, "one build for the burst, two for the probe"


def test_a_burst_is_one_build(project: Project, tmp_path: Path) -> None:
    project.article("one")
    with Preview(project, tmp_path / "logs") as preview:
        before = preview.build_count()
        for number in range(60):
            project.article(f"n{number}", id=f"number-{number:03d}", title=f"Number {number}")
        preview.wait_for_text("/articles/n59/", "Number 59")
        _assert_built_once(preview, before)
        before = preview.build_count()
        for number in range(3):  # several open files are saved together
            for name in (5, 7, 8):
                project.article(f"n{name}", id=f"number-{name:03d}", title=f"Saved {number}")
        preview.wait_for_text("/articles/n8/", "Saved 2")
        _assert_built_once(preview, before)


def test_renames_moves_and_deletions(project: Project, tmp_path: Path) -> None:
    articles = project.root / "content" / "articles"
    for number in range(6):
        project.article(f"n{number}", title=f"Number {number}", body=f"![m](map{number}.png)\n")
        project.file(f"content/articles/2026/07/map{number}.png", f"picture {number}".encode())
    with Preview(project, tmp_path / "logs") as preview:
        (articles / "2026/07/n0.md").rename(articles / "2026/07/other.md")
        preview.wait_for_text("/articles/other/", "Number 0")
        assert preview.get("/articles/n0/").status == 404

        (articles / "2026/07").rename(articles / "2026/08")
        project.article("n9", title="Written to the old folder")
        preview.wait_for_text("/articles/n9/", "Written to the old folder")
        preview.wait_for_text("/articles/n1/", "Number 1")
        moved = articles / "2026/08/n1.md"
        moved.write_text(moved.read_text("utf-8").replace("Number 1", "Edited after the move"), encoding="utf-8")
        preview.wait_for_text("/articles/n1/", "Edited after the move")

        away = tmp_path / "away"
        (articles / "2026/08").rename(away)
        eventually("the moved article is gone", lambda: preview.get("/articles/n1/").status == 404)
        shutil.move(away, articles / "2025")
        preview.wait_for_text("/articles/n1/", "Edited after the move")
        stamp = (articles / "2025/n1.md").stat()
        old = tmp_path / "old.md"
        old.write_text(_with_title(articles / "2025/n1.md", "An old file moved in"), encoding="utf-8")
        os.utime(old, (stamp.st_atime - 9_000, stamp.st_mtime - 9_000))
        old.rename(articles / "2025/n1.md")
        preview.wait_for_text("/articles/n1/", "An old file moved in")

        shutil.rmtree(articles / "2025")
        eventually("the deleted article is gone", lambda: preview.get("/articles/n1/").status == 404)
        assert preview.get("/articles/n9/").status == 200
        eventually("the site equals a clean build", lambda: _equals_clean_build(project, tmp_path))


def _with_title(file: Path, title: str) -> str:
    return re.sub(r"^title: .*$", f"title: {title}", file.read_text("utf-8"), flags=re.MULTILINE)


@pytest.mark.slow
def test_backup_and_swap_files_start_no_build(project: Project, tmp_path: Path) -> None:
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        before = preview.build_count()
        for name in (".one.md.swp", "one.md~", "#one.md#", ".#one.md", ".git/index"):
            project.file(f"content/articles/2026/07/{name}", "x")
        project.file("themes/bare/templates/.home.html.swp", "x")
        project.file("output/preview/site/x.html", "x")
        project.article("one", title="Second title")
        preview.wait_for_text("/articles/one/", "Second title")
        _assert_built_once(preview, before)


def test_folders_are_removed_and_restored(project: Project, tmp_path: Path) -> None:
    project.article("one", title="First title")
    content, away = project.root / "content", tmp_path / "away"
    with Preview(project, tmp_path / "logs") as preview:
        for number in range(3):
            shutil.move(content, away)
            eventually("the error is printed", lambda: preview.err.count("error[no-content]") > number)  # noqa: B023
            assert preview.get("/articles/one/").status == 200, "the last good page stays"
            shutil.copytree(away, content)
            shutil.rmtree(away)
            project.article("one", title=f"After {number}")
            preview.wait_for_text("/articles/one/", f"After {number}")
        shutil.move(project.root / "themes", away)
        eventually("the error of the theme is printed", lambda: "missing-theme" in preview.err)
        shutil.move(away, project.root / "themes")
        project.file("themes/bare/templates/home.html", "<head></head>bare home\n")
        preview.wait_for_text("/", "bare home")


@pytest.mark.slow
def test_a_checkout_of_500_files(project: Project, tmp_path: Path) -> None:
    git = command("git")

    def run(*arguments: str) -> None:
        named = ("-c", "user.name=Test", "-c", "user.email=test@test.example", "-c", "init.defaultBranch=main")
        subprocess.run([git, *named, *arguments], cwd=project.root, check=True, capture_output=True)

    for number in range(500):
        project.article(f"n{number:03}", id=f"number-{number:03}", title=f"Before {number}")
    project.file(".gitignore", "output/\n")
    run("init")
    run("add", ".")
    run("commit", "-m", "before")
    run("checkout", "-b", "after")
    for number in range(500):
        project.article(f"n{number:03}", id=f"number-{number:03}", title=f"After {number}")
    for number in range(100):
        (project.root / f"content/articles/2026/07/n{number:03}.md").rename(
            project.root / f"content/articles/2026/07/m{number:03}.md"
        )
    run("add", ".")
    run("commit", "-m", "after")
    run("checkout", "main")
    with Preview(project, tmp_path / "logs") as preview:
        for branch, title, slug in (("after", "After", "m007"), ("main", "Before", "n007"), ("after", "After", "m007")):
            before = preview.build_count()
            run("checkout", branch)
            preview.wait_for_text(f"/articles/{slug}/", f"{title} 7")
            preview.wait_for_text("/articles/n499/", f"{title} 499")
            eventually("the site equals a clean build", lambda: _equals_clean_build(project, tmp_path))
            assert preview.build_count() == before + 1


def test_requests_wait_for_a_running_rebuild(project: Project, tmp_path: Path) -> None:
    for number in range(200):
        project.article(f"n{number}", id=f"number-{number:03d}", countries="[VN, CN, JP]")
    base = project.root / "themes/bare/templates/base.html"
    original = base.read_text("utf-8")
    staging = project.root / "output/preview/staging"
    with Preview(project, tmp_path / "logs") as preview:
        seen = 0
        for number in range(3):
            text = f"Foot {number}."
            base.write_text(original.replace("</body>", f"{text}</body>"), encoding="utf-8")
            before = preview.build_count()
            while preview.build_count() == before and not staging.exists():
                time.sleep(0.001)
            if staging.exists():
                seen += 1
                for path in ("/articles/n0/", "/articles/n199/", "/", "/countries/cn/"):
                    assert text in preview.get(path).text, path
        assert seen, "no request was made during a build"


@pytest.mark.slow
def test_responses_are_never_half_built(project: Project, tmp_path: Path) -> None:
    """While templates and stylesheet change, each page and its stylesheet are complete."""
    for number in range(40):
        project.article(f"n{number}", id=f"number-{number:03d}", countries="[VN, CN]")
    base = project.root / "themes/bare/templates/base.html"
    original = base.read_text("utf-8")
    incomplete: list[str] = []
    answer_count = 0
    stop = threading.Event()
    with Preview(project, tmp_path / "logs") as preview:

        def read() -> None:
            nonlocal answer_count
            while not stop.is_set():
                page = preview.get("/").text
                if not page.rstrip().endswith("</html>") or page.count("Foot") != 1:
                    incomplete.append(page)
                answer_count += 1

        reader = threading.Thread(target=read)
        base.write_text(original.replace("</body>", "Foot 0.</body>"), encoding="utf-8")
        preview.wait_for_text("/", "Foot 0.")
        reader.start()
        try:
            for number in range(1, 7):
                base.write_text(original.replace("</body>", f"Foot {number}.</body>"), encoding="utf-8")
                project.file("themes/bare/static/site.css", f"body {{ margin: {number}px }}\n")
                preview.wait_for_text("/", f"Foot {number}.")
                match = re.search(r'rel="stylesheet" href="([^"]*)"', preview.get("/").text)
                assert match is not None
                eventually(
                    "the stylesheet is the new one",
                    lambda: f"{number}px" in preview.get(_style(preview)).text,  # noqa: B023
                )
        finally:
            stop.set()
            reader.join()
    assert incomplete == []
    assert answer_count > 6


def _style(preview: Preview) -> str:
    match = re.search(r'rel="stylesheet" href="([^"]*)"', preview.get("/").text)
    return match[1] if match else "/"


@pytest.mark.slow
def test_external_failures_are_retried(project: Project, tmp_path: Path) -> None:
    """After an external failure the preview recovers without a change of the sources."""
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        block = _site(project) / "articles" / "two"
        block.mkdir()
        (block / "index.html").mkdir()
        (block / "index.html" / "foreign").write_text("x")
        project.article("two", title="Second article")
        eventually("the failure is printed", lambda: "folder with unmanaged files" in preview.err)
        shutil.rmtree(block)
        preview.wait_for_text("/articles/two/", "Second article")
        assert preview.err.count("folder with unmanaged files") == 1


@pytest.mark.slow
def test_a_signal_stops_a_long_build(project: Project, tmp_path: Path) -> None:
    """With worker processes running, the server stops quickly, and the next build succeeds."""
    for number in range(2_500):
        project.article(f"n{number}", id=f"number-{number:05d}", body="Some **text**.\n\n" * 20)
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        with Preview(project, tmp_path / signal_number.name, waits=False, python_options=_INTERRUPTED) as preview:
            eventually("the server is starting", lambda: _is_listening(preview))
            eventually("workers are running", lambda: _child_count(preview.process.pid) >= 2)
            started = time.monotonic()
            assert preview.stop(signal_number) == 0
            assert time.monotonic() - started < 20
            assert preview.err == ""
    assert project.build(jobs=2).ok


def _is_listening(preview: Preview) -> bool:
    return preview.process.poll() is None and (preview.project.root / "output/preview/address.txt").exists()


def _child_count(process: int) -> int:
    return len(Path(f"/proc/{process}/task/{process}/children").read_text().split()) + sum(
        len(task.joinpath("children").read_text().split())
        for task in Path(f"/proc/{process}/task").iterdir()
        if task.name != str(process)
    )
