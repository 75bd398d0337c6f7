"""Streams and locales: no encoding, closed stream or pipe changes what a command does, or its exit code."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.diagnostics.cases import BuiltDigest
from tests.project import EVERY_PAGE, Project, article

ASCII: Final = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
COMMAND: Final = f"'{sys.executable}' -m sitegen"
NOW: Final = "--now 2026-11-22"


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell script with hardly any variable of this machine."""
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", **variables}
    words = ["bash", "-o", "pipefail", "-c", script]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, timeout=60, check=False)
    assert b"Traceback" not in done.stderr, done.stderr
    assert b"Exception ignored" not in done.stderr, done.stderr
    return done


@pytest.fixture
def japanese(project: Project) -> Project:
    """Return a digest whose pages, source and unmanaged file have Japanese names; nothing is built."""
    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8").partition("pages_from")[0] + EVERY_PAGE)
    project.article("ports", title="港の報告", source="{name: 日本経済新聞, url: null, lang: ja}")
    project.file("output/site/東京.txt", "unmanaged")
    project.file("copied.txt", "題名だけ\n")
    return project


@pytest.mark.parametrize("encoding", [{}, {"PYTHONIOENCODING": "ascii"}], ids=["locale", "streams"])
def test_an_ascii_locale_builds_the_same_site(japanese: Project, encoding: dict[str, str]) -> None:
    done = shell(f"{COMMAND} build --jobs 2 {NOW}", japanese.root, **ASCII, **encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    name = "東京.txt"
    assert (name.encode("ascii", "backslashreplace") if encoding else name.encode()) in done.stdout
    built = japanese.tree()
    assert any("日本経済新聞" in path for path in built)
    assert japanese.built().counts.written == ()
    assert japanese.tree() == built


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("explain /nowhere/港", 2),
        ("new 港の報告書 --topic trade --slug minato", 0),
        ("init 新聞", 0),
        ("import --dry-run copied.txt", 1),
        ("publish 東京 --dry-run", 2),
        ("build --bogus=港", 2),
        ("港", 2),
    ],
)
def test_an_ascii_locale_ends_no_command(japanese: Project, arguments: str, code: int) -> None:
    done = shell(f"{COMMAND} {arguments}", japanese.root, **ASCII, PYTHONIOENCODING="ascii")
    assert done.returncode == code, done.stderr
    done.stdout.decode("ascii")
    done.stderr.decode("ascii")


def test_errors_in_an_ascii_locale(japanese: Project) -> None:
    japanese.file("content/articles/2026/07/x.md", article(title="題名", body="貿易<b>\n"))
    done = shell(f"{COMMAND} build {NOW}", japanese.root, **ASCII)
    assert done.returncode == 1
    assert "貿易<b>".encode() in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_build_with_closed_streams_writes_the_site(project: Project, closed: str) -> None:
    project.article("one")
    done = shell(f"{COMMAND} build {NOW} {closed}", project.root)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "articles/one/index.html" in project.tree()


def test_errors_are_not_printed_to_stdout_if_stderr_is_closed(tmp_path: Path) -> None:
    done = shell(f"{COMMAND} build --bogus 2>&-", tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize("output", ["--format json", ""])
@pytest.mark.parametrize("is_valid", [True, False], ids=["valid", "invalid"])
def test_a_closed_pipe_does_not_change_the_exit_code(digest: BuiltDigest, is_valid: bool, output: str) -> None:
    digest.project.article("new", topics="[trade]" if is_valid else "[bogus]")
    done = shell(f"{COMMAND} build {NOW} {output} 2>&1 | true", digest.project.root)
    assert (done.returncode, done.stderr) == (0 if is_valid else 1, b"")
    assert ("articles/new/index.html" in digest.project.tree()) is is_valid


def test_the_first_line_of_an_output(tmp_path: Path) -> None:
    done = shell(f"{COMMAND} --help | head -1", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Usage: sitegen")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_stdout_is_reported(digest: BuiltDigest) -> None:
    done = shell(f"{COMMAND} build {NOW} >/dev/full", digest.project.root)
    assert (done.returncode, done.stderr) == (3, b"sitegen: No space left on device\n")


def test_the_preview_prints_its_address_to_a_pipe_at_once(project: Project) -> None:
    environment = {"HOME": str(project.root), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    words = [sys.executable, "-m", "sitegen", "serve"]
    with subprocess.Popen(words, cwd=project.root, env=environment, stdout=subprocess.PIPE) as preview:
        assert preview.stdout is not None
        try:
            lines = [preview.stdout.readline(), preview.stdout.readline()]  # blocks until they are there
            assert any(line.startswith(b"Serving http://127.0.0.1:") for line in lines), lines
            assert preview.poll() is None
        finally:
            preview.terminate()
