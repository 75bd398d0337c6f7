from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.config.loader import read_config
from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics
from sitegen.importers.defaults import parse_defaults
from sitegen.importers.imported_article import ParseResult
from sitegen.importers.inputs import ImportOptions
from sitegen.importers.report import ImportReport
from sitegen.importers.workflow import import_files

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 7, 4, 3, tzinfo=UTC)

Import = Callable[..., tuple[ImportReport, ...]]

PAGE = """\
Ports of the south
Trade
2026年5月4日
4
Harbour News
Relations
🇮🇩Indonesia

Ports of the south

AI summary

Ports grow.

They grow quickly.

Economic impact

More trade.
"""


@pytest.fixture(scope="session")
def config() -> Config:
    diagnostics = Diagnostics()
    settings = read_config((GOLDEN / "site.yaml").read_bytes(), diagnostics)
    assert settings is not None
    config = settings.config
    assert not list(diagnostics)
    return config


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "digest"
    folder.mkdir()
    return folder


@pytest.fixture
def page(tmp_path: Path) -> Callable[..., Path]:
    """Write an input file: text or bytes, under a name."""

    def write(content: str | bytes = PAGE, name: str = "page.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def import_pages(root: Path, config: Config) -> Import:
    """Import files into the project."""

    def run(
        *paths: Path, defaults: Sequence[str] = (), diagnostics: Diagnostics | None = None, **options: Any
    ) -> tuple[ImportReport, ...]:
        of_run = ImportOptions(defaults=parse_defaults(defaults, config), **options)
        return import_files(paths, root, config, NOW, options=of_run, diagnostics=diagnostics)

    return run


def codes(report: ImportReport | ParseResult) -> list[tuple[str, int]]:
    """Return code and line of every diagnostic."""
    return [(item.code, item.location.line) for item in report.diagnostics]


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below `root` with its content and modification time."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
