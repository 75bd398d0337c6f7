"""Fixtures: a digest in an empty folder, with the smallest theme."""

from pathlib import Path

import pytest

from tests.project import BARE, SITE, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a digest with a configuration and the bare theme, and no article."""
    made = Project(tmp_path / "digest")
    made.write(SITE)
    for name, content in BARE.items():
        made.file(f"themes/bare/{name}", content)
    return made
