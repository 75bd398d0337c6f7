"""The wheel in an empty environment: it carries the themes and the starter, and builds a digest."""

import os
import subprocess
import sys
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Final

import pytest

from tests.tools import REPOSITORY, missing

ADDRESS: Final = "https://git.example/press/sitegen"


def run_build(folder: Path, address: str, *options: str) -> str:
    """Build packages from the checkout with the address of a repository. Return the messages of a failed build."""
    arguments = ["-m", "build", *options, "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    environment = {**os.environ, "SITEGEN_REPOSITORY_URL": address}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environment, cwd=folder
    )
    return done.stdout + done.stderr if done.returncode else ""


def project_urls(wheel: Path) -> list[str]:
    """Return the addresses in the metadata of a wheel."""
    with zipfile.ZipFile(wheel) as file:
        name = next(name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(file.read(name)).get_all("Project-URL", [])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    assert not run_build(folder, "", "--wheel")
    return next(folder.glob("sitegen_digest-*.whl"))


@pytest.mark.slow
def test_a_release_names_the_repository_that_builds_it(wheel: Path, tmp_path: Path) -> None:
    assert not run_build(tmp_path, f"{ADDRESS}.git/")  # the source package, and the wheel from it
    assert project_urls(next(tmp_path.glob("*.whl"))) == [
        f"Homepage, {ADDRESS}",
        f"Documentation, {ADDRESS}/tree/HEAD/docs",
        f"Changelog, {ADDRESS}/blob/HEAD/CHANGELOG.md",
        f"Issues, {ADDRESS}/issues",
        f"Source, {ADDRESS}",
    ]
    assert project_urls(wheel) == []
    assert "expected an address that begins with https://" in run_build(tmp_path, "git@git.example:a/b", "--wheel")


@pytest.mark.slow
def test_the_wheel_builds_a_new_digest_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    constraints = REPOSITORY / "tests" / "constraints.txt"
    pip = [str(environment / "bin" / "pip"), "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--constraint", str(constraints), str(wheel)], capture_output=True, text=True, check=False
    )
    if done.returncode and "No matching distribution" in done.stderr:
        missing("a package index")
    assert done.returncode == 0, done.stderr
    sitegen = str(environment / "bin" / "sitegen")
    subprocess.run([sitegen, "init", "demo"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run([sitegen, "-C", "demo", "build", "--strict"], cwd=tmp_path, check=True, capture_output=True)
    home = (tmp_path / "demo" / "output" / "site" / "index.html").read_text(encoding="utf-8")
    assert "The first article" in home
    assert (tmp_path / "demo" / "output" / "site" / "feed.xml").is_file()
    settings = tmp_path / "demo" / "site.yaml"
    settings.write_text(settings.read_text("utf-8").replace("theme: default", "theme: plain"), encoding="utf-8")
    subprocess.run([sitegen, "-C", "demo", "build", "--strict"], cwd=tmp_path, check=True, capture_output=True)
    plain = (tmp_path / "demo" / "output" / "site" / "index.html").read_text(encoding="utf-8")
    assert "The first article" in plain
    assert plain != home
    done = subprocess.run([sitegen, "docs", "commands"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "## sitegen build" in done.stdout
    assert list((environment / "lib").glob("python*/site-packages/sitegen/preview/client.js"))
