from pathlib import Path

import pytest

from sitegen.config.model import Config
from sitegen.content.documents import read_document
from tests.importers.conftest import GOLDEN, Import

CASES = sorted(path.stem for path in GOLDEN.glob("*.txt"))


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, import_pages: Import, root: Path, config: Config) -> None:
    """Each copied page gives the file and the diagnostics (line, severity, code) in the files next to it."""
    (report,) = import_pages(GOLDEN / f"{name}.txt")
    diagnostics = "".join(f"{item.location.line} {item.severity} {item.code}\n" for item in report.diagnostics)
    assert diagnostics == (GOLDEN / f"{name}.findings").read_text(encoding="utf-8")
    expected = GOLDEN / f"{name}.md"
    assert (report.file is not None) == expected.exists()
    if report.file is None:
        assert [path for path in root.rglob("*") if path.is_file()] == []
        return
    data = (root / report.file).read_bytes()
    assert data.decode() == expected.read_text(encoding="utf-8")
    read = read_document(report.file, data, config.content_schema)[0]
    assert read.article is not None
    assert read.diagnostics == ()


def test_golden_files_are_complete() -> None:
    files = {path.suffix for path in GOLDEN.iterdir()}
    assert files == {".txt", ".md", ".findings", ".yaml"}
    assert len(CASES) >= 8
