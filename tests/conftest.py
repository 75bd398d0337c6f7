"""Fixtures: a digest in an empty folder, with the smallest theme."""

import os
import signal
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from sitegen.builder import BuildResult
from tests.example import THEMES, built_with
from tests.project import Project, new_project

# The same examples every time: a run that fails can be run again.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# Where the tests run as a background job of a shell, Ctrl-C is ignored, and so it is in all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure() -> None:
    """Refuse a `site.yaml` above the temporary files: tests of commands outside a digest would find it."""
    for folder in Path(tempfile.gettempdir()).resolve().joinpath("tests").parents:
        if (folder / "site.yaml").exists():
            raise pytest.UsageError(f"{folder / 'site.yaml'} would be taken for the digest of tests; delete it")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a digest with a configuration and the bare theme, and no article."""
    return new_project(tmp_path / "digest")


@pytest.fixture(scope="session", params=THEMES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    """Build the example digest with each of the themes that come with sitegen; tests only look at it.

    The processes of a test run share one build.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / f"example-{request.param}"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        return built_with(request.param, folder)
