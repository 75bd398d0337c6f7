"""Fixtures: a digest in an empty folder, with the smallest theme."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.project import BARE, FEW_PAGES, SITE, Project

# The same examples every time: a run that fails can be run again.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a digest with a configuration and the bare theme, and no article."""
    made = Project(tmp_path / "digest")
    made.write(SITE + FEW_PAGES)
    (made.root / "content").mkdir()
    for name, content in BARE.items():
        made.file(f"themes/bare/{name}", content)
    return made
