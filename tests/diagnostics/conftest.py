"""Fixtures: a digest that was built before the test makes it invalid."""

import shutil
from pathlib import Path

import pytest

from tests.diagnostics.cases import BuiltDigest, snapshot
from tests.project import BARE, SITE, Project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a digest with one article, once; tests work on copies."""
    made = Project(tmp_path_factory.mktemp("built") / "digest")
    made.write(SITE)
    for name, content in BARE.items():
        made.file(f"themes/bare/{name}", content)
    made.article("good")
    made.built()
    return made.root


@pytest.fixture
def digest(built: Path, tmp_path: Path) -> BuiltDigest:
    """Copy the built digest, times and all."""
    root = shutil.copytree(built, tmp_path / "digest")
    before = snapshot(root / "output" / "site")
    assert "articles/good/index.html" in before
    return BuiltDigest(Project(root), before)
