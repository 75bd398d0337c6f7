"""The example digest, built with each of the themes that come with sitegen."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from sitegen.builder import BuildRequest, BuildResult, build
from tests.tools import REPOSITORY

THEMES: Final = ("default", pytest.param("plain", marks=pytest.mark.slow))
"""The themes that come with sitegen, as parameters of tests."""
NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)


def site_yaml(theme: str) -> str:
    """Return the configuration of the example with a theme, for another content: without the card, which is a file."""
    text = (REPOSITORY / "site.yaml").read_text(encoding="utf-8")
    without = re.sub(r"^card:\n(?: .*\n)+", "", text, flags=re.MULTILINE)
    assert "theme: default" in text
    assert without != text
    return without.replace("theme: default", f"theme: {theme}")


def built_with(theme: str, folder: Path) -> BuildResult:
    """Build the example digest with a theme in a folder, or check its files if they were built before."""
    shutil.copytree(REPOSITORY / "content", folder / "content", dirs_exist_ok=True)
    text = (REPOSITORY / "site.yaml").read_text(encoding="utf-8")
    assert "theme: default" in text
    (folder / "site.yaml").write_text(text.replace("theme: default", f"theme: {theme}"), encoding="utf-8")
    result = build(BuildRequest(folder, NOW, strict=True))
    assert result.ok, result.diagnostics
    return result


def pages(example: BuildResult) -> dict[str, str]:
    """Return the text of every page by its path."""
    return {
        file.relative_to(example.site).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(example.site.rglob("*.html"))
    }
