"""Losses that `--strict` refuses, the proposal of `--propose`, and the countries that texts mention."""

from pathlib import Path

import pytest

from sitegen.config.loader import read_config
from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics
from sitegen.importers.proposal import find_mentions, render_proposal
from sitegen.importers.report import Outcome
from tests.importers.conftest import GOLDEN, Import, codes, snapshot

FRONT = "---\ntitle: {}\ndate: 2026-07-03\ntags: [{}]\nimportance: 3\nsummary: Short.\n---\n\n"
LOSSES = {
    "formatting": "A <u>word</u>.",
    "a picture": "![A crane](crane.png)",
    "an address": "[a](javascript:x)",
    "a link to no article": "[a](/other)",
}


@pytest.mark.parametrize("name", LOSSES)
def test_strict_writes_nothing_if_something_is_lost(name: str, import_pages: Import, root: Path) -> None:
    (root.parent / "in").mkdir()
    for file, text in (("a", "Nothing is lost."), ("b", LOSSES[name])):
        (root.parent / f"in/{file}.md").write_text(FRONT.format(f"Note {file}", "Trade") + text, encoding="utf-8")
    reports = import_pages(root.parent / "in", strict=True)
    assert [report.outcome for report in reports] == [Outcome.WOULD_WRITE, Outcome.REFUSED]
    assert "strict-loss" in [code for code, _ in codes(reports[1])]
    assert snapshot(root) == {}
    reports = import_pages(root.parent / "in/a.md", strict=True)
    assert [report.outcome for report in reports] == [Outcome.WRITTEN]


def test_proposal_is_applied_by_the_next_run(import_pages: Import, root: Path, config: Config) -> None:
    path = root.parent / "a.md"
    path.write_text(FRONT.format("Ports", "foreign trade, 越境, 'odd: #tag', Vietnamese"), encoding="utf-8")
    reports = import_pages(path, dry_run=True)
    text = render_proposal(reports, config)
    assert "    foreign trade: trade  # 1 article, by 'trade'" in text
    diagnostics = Diagnostics()
    settings = read_config((GOLDEN / "site.yaml").read_bytes() + text.encode(), diagnostics)
    assert settings is not None
    assert not list(diagnostics)
    (report,) = import_pages(path, settings=settings.imports)
    assert report.unknown_tags == ("越境", "odd: #tag")
    assert report.file is not None
    assert "topics: [trade]\ncountries: [VN]\n" in (root / report.file).read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("The Vietnamese port and the port of Vietnam", [("VN", "Vietnamese ×1, Vietnam ×1")]),
        ("South Korean cars, Japanese ships, Japanese cars", [("JP", "Japanese ×2"), ("KR", "South Korean ×1")]),
        ("インドネシアとインドの首相", [("ID", "インドネシア ×1"), ("IN", "インド ×1")]),
        ("マリオとスイスイ", []),
        ("米政府は中国と", [("US", "米 ×1"), ("CN", "中国 ×1")]),
        ("the polish of a china cup", []),
    ],
)
def test_mentions_have_their_evidence(text: str, mentions: list[tuple[str, str]], config: Config) -> None:
    assert sorted(find_mentions(text, config)) == sorted(mentions)
