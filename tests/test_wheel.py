"""The wheel in an empty environment: it carries the themes and the starter, and builds a digest."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.tools import REPOSITORY, missing


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    arguments = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY)]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("sitegen_digest-*.whl"))


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
