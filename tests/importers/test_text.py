"""What the reader of copied pages makes of single oddities."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.header import read_importance
from sitegen.importers.imported_article import Draft, Reading
from sitegen.importers.text import read_text
from tests.importers.conftest import GOLDEN, PAGE, Import, found

Read = Callable[[str], tuple[Reading, Diagnostics]]


@pytest.fixture
def read(config: Config) -> Read:
    def reader(text: str) -> tuple[Reading, Diagnostics]:
        diagnostics = Diagnostics()
        return read_text(SourceText("page.txt", text), config, diagnostics), diagnostics

    return reader


def draft(result: tuple[Reading, Diagnostics]) -> Draft:
    reading, diagnostics = result
    assert reading.draft is not None, [item.message for item in diagnostics]
    return reading.draft


def codes(diagnostics: Diagnostics) -> list[tuple[str, int]]:
    return [(item.code, item.location.line) for item in diagnostics.sorted()]


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("５", 5), ("3/5", 3), ("★★★", 3), ("★☆☆☆☆", 1), ("7", 7), ("3/4", -1), ("five", None), ("", None)],
)
def test_importance(text: str, number: int | None) -> None:
    assert read_importance(text) == number


@pytest.mark.parametrize("header", ["4", "重要度: 4", "重要度：４", "Importance: 4/5", "★★★★", "Importance\n4"])
def test_importance_in_the_header(read: Read, header: str) -> None:
    assert draft(read(PAGE.replace("\n4\n", f"\n{header}\n"))).importance == 4


def test_header_in_another_order_and_with_blank_lines(read: Read) -> None:
    head = "Trade\n\n2026-05-04\n\nPorts of the south\n\n4\nHarbour News\n"
    result = draft(read(head + PAGE[PAGE.index("Relations") :]))
    assert (result.title, result.topics, result.source_name) == ("Ports of the south", ("trade",), "Harbour News")


def test_two_topics(read: Read) -> None:
    assert draft(read(PAGE.replace("Trade", "貿易・Energy", 1))).topics == ("trade", "energy")


def test_title_cut_off_is_one_error(read: Read) -> None:
    text = "Trade\n2026-05-04\n4\nHarbour News\n\nSummary\n\nPorts grow.\n"
    reading, diagnostics = read(text)
    assert reading.draft is None
    errors = [(item.code, item.location.line) for item in diagnostics.sorted() if item.severity == "error"]
    assert errors == [("missing-title", 1)]


def test_only_a_title(read: Read) -> None:
    reading, diagnostics = read("Ports of the south")
    assert reading.draft is None
    assert {code for code, _ in codes(diagnostics)} == {
        "missing-topic",
        "missing-date",
        "missing-importance",
        "missing-source",
        "missing-summary",
        "missing-text",
        "missing-relations",
        "missing-perspectives",
        "no-source-url",
    }
    assert {line for _, line in codes(diagnostics)} == {1}
    assert "source" in reading.missing


def test_source_from_below_its_label(read: Read) -> None:
    text = PAGE.replace("Harbour News\n", "") + "\nSource\n\nHarbour News\n"
    assert draft(read(text)).source_name == "Harbour News"


def test_title_that_differs_below_is_kept(read: Read) -> None:
    reading, diagnostics = read(PAGE.replace("\n\nPorts of the south\n", "\n\nPorts of the north\n"))
    assert reading.draft is not None
    assert reading.draft.sections[0].paragraphs == ("Ports of the north",)
    assert ("unexpected-text", 9) in codes(diagnostics)


def test_credit_of_another_name_is_kept(read: Read) -> None:
    text = PAGE.replace("quickly.", "quickly. Source: Other Paper")
    assert draft(read(text)).sections[0].paragraphs == ("They grow quickly. Source: Other Paper",)


def test_credit_as_a_paragraph_is_left_out(read: Read) -> None:
    text = PAGE.replace("quickly.", "quickly.\n\nSource: harbour  news")
    result = draft(read(text))
    assert result.sections[0].paragraphs == ("They grow quickly.",)
    assert ("left out", "line 17: 'Source: harbour  news', the source again") in result.taken


def test_text_below_the_analysis_label_is_kept_under_it(read: Read) -> None:
    result = draft(read(PAGE.replace("Economic impact\n", "多角的分析\n\n前書きである。\n\nEconomic impact\n")))
    assert [
        (section.label, section.paragraphs) for section in result.sections if section.label and section.key is None
    ] == [("多角的分析", ("前書きである。",))]
    assert [section.key for section in result.perspectives] == ["economic"]


def test_empty_perspective(read: Read) -> None:
    reading, diagnostics = read(PAGE + "\n市民の声\n")
    assert ("empty-perspective", 21) in codes(diagnostics)
    assert "perspectives.citizens" in reading.missing


def test_last_line_that_looks_like_a_label_stays_text(read: Read) -> None:
    reading, diagnostics = read(PAGE + "\nShare this page\n")
    assert reading.draft is not None
    assert reading.draft.perspectives[0].paragraphs == ("More trade.", "Share this page")
    assert ("unknown-label", 21) in codes(diagnostics)


def test_second_summary_is_an_unknown_label(read: Read) -> None:
    reading, diagnostics = read(PAGE.replace("They grow", "Summary\n\nThey grow"))
    assert reading.draft is not None
    assert next(s.label for s in reading.draft.sections if s.label and s.key is None) == "Summary"
    assert ("unknown-label", 15) in codes(diagnostics)


def test_human_summary_says_nothing_of_machines(read: Read) -> None:
    result = draft(read(PAGE.replace("AI summary", "Summary")))
    assert not result.machine_summary
    assert "generated.analysis" not in dict(result.taken)


def test_url_without_tracking(read: Read) -> None:
    address = "https://news.example/a?id=1&utm_source=x&gclid=2&UTM_Term=y#top"
    for end in (
        f"原文を読む\n\n{address}\n",
        f"Read the original: {address}\n",
        f"Source\n\nHarbour News\n{address}\n",
    ):
        assert draft(read(f"{PAGE}\n{end}")).source_url == "https://news.example/a?id=1#top"


def test_no_url_is_reported_where_the_link_was(read: Read) -> None:
    reading, diagnostics = read(PAGE + "\n原文を読む\n")
    assert reading.draft is not None
    assert reading.draft.source_url is None
    assert ("no-source-url", 21) in codes(diagnostics)


def test_languages_of_the_parts(read: Read) -> None:
    result = draft(read(PAGE))
    assert result.lang == "en"
    japanese = PAGE.replace("They grow quickly.", "港は急速に成長している。").replace("Ports of the south", "南の港")
    assert draft(read(japanese)).lang == "ja"


def test_perspective_is_in_the_language_of_its_text(page: Callable[..., Path], bring: Import, root: Path) -> None:
    text = PAGE + "\n市民の声\n\nThey are content.\n\n社会的影響\n\n雇用が増える。\n"
    (report,) = bring(page(text))
    assert report.file is not None
    written = (root / report.file).read_text(encoding="utf-8")
    assert "\n## Economic impact\n" in written
    assert "\n## 市民の声 {lang=en}\n" in written
    assert "\n## 社会的影響 {lang=ja}\n" in written


def test_control_characters_are_taken_out_and_reported(page: Callable[..., Path], bring: Import, root: Path) -> None:
    (report,) = bring(page(PAGE.replace("quickly", "qui\x0bck\x1bly")))
    assert report.file is not None
    assert "They grow quickly." in (root / report.file).read_text(encoding="utf-8")
    assert ("control-character", 15) in found(report)


def test_weekday_that_does_not_fit(read: Read) -> None:
    reading, diagnostics = read(PAGE.replace("5月4日", "5月4日（火）"))
    assert reading.draft is not None
    assert ("other-weekday", 3) in codes(diagnostics)


def test_topic_with_a_near_one(read: Read) -> None:
    _, diagnostics = read(PAGE.replace("Trade", "Trad", 1))
    (error,) = [item for item in diagnostics if item.severity == "error"]
    assert (error.code, error.location.line, error.suggestion) == ("unknown-topic", 2, "trade")
    assert "Energy and climate" in error.allowed


def test_byte_order_mark_line_ends_and_wide_spaces_change_nothing(
    page: Callable[..., Path], bring: Import, root: Path
) -> None:
    plain = (GOLDEN / "japanese.txt").read_text(encoding="utf-8")
    (first,) = bring(page(plain, name="x.txt"))
    assert first.file is not None
    expected = (root / first.file).read_text(encoding="utf-8")
    odd = "\n".join(f"\u3000{line}\u3000\u200b" if line else "" for line in plain.split("\n"))
    for number, ends in enumerate(("\r\n", "\r", "\u2028")):
        (root / first.file).unlink()
        name = f"{number}.txt"
        (report,) = bring(page(b"\xef\xbb\xbf" + odd.replace("\n", ends).encode(), name=name))
        assert report.file == first.file
        written = (root / report.file).read_text(encoding="utf-8")
        assert without_provenance(written) == without_provenance(expected)


def without_provenance(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("imported: "))
