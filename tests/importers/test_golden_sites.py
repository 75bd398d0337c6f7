"""Content folders of other generators, data, feeds and exports: each file of `sites` has inputs and their import."""

import json
import os
import re
from pathlib import Path

import pytest

from sitegen.config.loader import read_config
from sitegen.config.model import Config
from sitegen.content.documents import read_document
from sitegen.diagnostics import Diagnostics
from tests.importers.conftest import GOLDEN, Import

SITES = Path(__file__).parent / "sites"
NAMES = sorted(path.stem for path in SITES.glob("*.txt"))
_PART = re.compile(r"^-- ([\w./-]+) --\n(.*?)(?=^-- [\w./-]+ --$|\Z)", re.MULTILINE | re.DOTALL)


def parts(name: str) -> dict[str, str]:
    return {match[1]: match[2] for match in _PART.finditer((SITES / f"{name}.txt").read_text("utf-8"))}


def write_inputs(folder: Path, given: dict[str, str]) -> None:
    for path, text in given.items():
        if path.startswith("in/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_golden_site(
    name: str, import_pages: Import, root: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each site gives the files, and the diagnostics (input, line, severity, code) in its file."""
    given = parts(name)
    write_inputs(root.parent, given)
    monkeypatch.chdir(root.parent)
    options = json.loads(given["options"])
    if "settings" in options:
        settings = read_config(
            (GOLDEN / "site.yaml").read_bytes() + options["settings"].encode(), diagnostics := Diagnostics()
        )
        assert settings is not None
        assert not diagnostics
        options["settings"] = settings.imports
    reports = import_pages(Path("in"), **options)
    found = {
        f"out/{path.relative_to(root).as_posix()}": re.sub(
            r"(sha256|digest): [0-9a-f]{64}", r"\1: …", path.read_text("utf-8")
        )
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "imported.tsv"
    }
    items = [item for report in reports for item in report.diagnostics]
    lines = [f"{item.location.path}:{item.location.line} {item.severity} {item.code}" for item in items]
    found["report"] = "".join(f"{line}\n" for line in lines)
    if os.environ.get("UPDATE_GOLDEN"):
        kept = {path: text for path, text in given.items() if not path.startswith(("out/", "report"))}
        text = "".join(f"-- {path} --\n{text}" for path, text in (kept | found).items())
        (SITES / f"{name}.txt").write_text(text, encoding="utf-8")
    expected = {path: text for path, text in given.items() if path.startswith(("out/", "report"))}
    assert found == expected
    for path, text in expected.items():
        if path.endswith(".md"):
            read, _ = read_document(
                path.removeprefix("out/"), (root / path.removeprefix("out/")).read_bytes(), config.content_schema
            )
            assert read.article is not None, text
