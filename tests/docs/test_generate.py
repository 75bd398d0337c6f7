"""What the documentation generates."""

from pathlib import Path

from docs.generate import diagnostics, generate
from sitegen.cli.main import COMMANDS


def test_the_generated_documentation_is_complete(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    generate(folder)
    assert {path.stem for path in (folder / "reference" / "diagnostics").glob("*.md")} == set(diagnostics())
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.md")}
    assert "index.md" in texts
    assert not any(path.endswith("README.md") for path in texts)
    assert not any("<!-- generated:" in text for path, text in texts.items() if path != "CONTRIBUTING.md")
    assert "## A theme of your own" in texts["reference/themes.md"]
    assert "diagnostics/dead-link.md" in texts["reference/diagnostics.md"]
    for command in COMMANDS:
        assert f"## sitegen {command}\n" in texts["reference/commands.md"]
