"""Fixtures: a digest that has been built before something goes wrong in it."""

import shutil
from pathlib import Path

import pytest

from tests.diagnostics.cases import Standing, stood
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
def standing(built: Path, tmp_path: Path) -> Standing:
    """Copy the built digest, times and all."""
    root = shutil.copytree(built, tmp_path / "digest")
    before = stood(root / "output" / "site")
    assert "articles/good/index.html" in before
    return Standing(Project(root), before)
