"""The date of publication that a page prints near its title; a date in a sentence is not read."""

from pathlib import Path
from typing import Final

import pytest

from sitegen.importers.values.dates import parse_date
from sitegen.importers.values.publication_dates import dateline, publication_date
from tests.importers.conftest import PAGE, Import

OTHERS: Final = (
    "The conference will be held on 12 March 2024 in Delhi.",
    "Deadline: 12 March 2024",
    "Effective date: 12 March 2024",
    "Last updated: 12 March 2024",
    "On Friday, 12 March 2024 – the anniversary",
    "By Monday, 12 March 2024: the forms are due.",
    "Since Independence, 12 March 1947 – the country",
    "Issued on 12 March 2024, the licence covers two ports.",
    "施行日：令和6年3月12日",
    "令和6年3月12日から施行される法律について",
    "Room 113-03-12 is closed",
    "ASEAN Summit, 12 March 2024",
    "Tokyo Conference, 12 March 2024 – Leaders meet.",
    "民國113年",
)


@pytest.mark.parametrize(
    "line",
    [
        "Posted On: 12 MAR 2024 4:15PM by PIB Delhi",
        "Release Date: 12 March 2024",
        "Posted on 12 March 2024 by Ministry of Finance",
        "New Delhi, 12 March 2024 –",
        "(New Delhi, 12 March 2024)",
        "NEW DELHI, March 12, 2024 (PTI) –",
        "MANILA, Philippines – March 12, 2024 –",
        "SINGAPORE - 12 March 2024 -",
        "Jakarta, 12 Maret 2024",
        "Hà Nội, ngày 12 tháng 3 năm 2024",
        "発表日：令和6年3月12日（火）",
        "報道発表日　2024年3月12日",
        "發布日期：113-03-12",
        "日期：113年03月12日",
        "發布日期：113-03-12　更新日期：113-03-15　點閱數：20",
        "등록일 2024.03.12 조회수 120",
        "Release Date: 12 March 2024, Ministry of Finance",
        "등록일 2024.03.12",
        "เผยแพร่เมื่อ 12 มีนาคม 2567 เวลา 10.30 น.",
    ],
)
def test_lines_with_a_date_of_publication(line: str) -> None:
    parsed = parse_date(publication_date(line))
    assert isinstance(parsed, tuple)
    assert str(parsed[0]).startswith("2024-03-12")


@pytest.mark.parametrize("line", OTHERS)
def test_other_dates(line: str) -> None:
    assert publication_date(line) == ""
    assert dateline(line) == ""


def page(*lines: str, above: str = "") -> str:
    """Return a web page whose date is only in its text."""
    text = "The port of the north has two cranes, and ships wait there for a day less than in the year before. " * 2
    shown = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<html lang="en"><head><title>Two cranes in the north</title></head><body>{above}<article>'
        f"<h1>Two cranes in the north</h1>{shown}<p>{text}</p><p>{text}</p><p>1 May 2023</p></article></body></html>"
    )


@pytest.mark.parametrize(
    "html",
    [
        page("Posted On: 12 MAR 2024 4:15PM by PIB Delhi"),
        page("New Delhi, 12 March 2024 – The port will have a third crane on 1 May 2025."),
        page("The crane comes on 1 May 2025.", "發布日期：113-03-12"),
        page(above="<p>中華民國113年3月12日</p>"),
        page("12/03/2567"),
    ],
)
def test_the_date_of_a_web_page(tmp_path: Path, import_pages: Import, html: str) -> None:
    (tmp_path / "page.html").write_text(html, "utf-8")
    (report,) = import_pages(tmp_path / "page.html", defaults=("topic=trade", "importance=3"))
    assert report.front is not None
    assert str(report.front.date).startswith("2024-03-12")


def test_the_first_day_of_a_year(tmp_path: Path, import_pages: Import) -> None:
    (tmp_path / "page.html").write_text(page("Posted on: 2024-01-01"), "utf-8")
    (report,) = import_pages(tmp_path / "page.html", defaults=("topic=trade", "importance=3"))
    assert report.front is not None
    assert str(report.front.date).startswith("2024-01-01")


@pytest.mark.parametrize("line", OTHERS)
def test_a_web_page_with_another_date_has_none(tmp_path: Path, import_pages: Import, line: str) -> None:
    (tmp_path / "page.html").write_text(page(line), "utf-8")
    (report,) = import_pages(tmp_path / "page.html", defaults=("topic=trade", "importance=3"))
    assert "missing-date" in {item.code for item in report.diagnostics}


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("Posted On: 12 MAR 2024 4:15PM by PIB Delhi", "Ports grow."),
        ("民國113年3月12日", "Ports grow."),
        ("12 มีนาคม 2567", "Ports grow."),
        ("", "New Delhi, 12 March 2024 – Ports grow from 1 May 2025."),
    ],
)
def test_the_date_of_a_copied_page(tmp_path: Path, import_pages: Import, line: str, first: str) -> None:
    text = PAGE.replace("2026年5月4日", line).replace("Ports grow.", first)
    (tmp_path / "page.txt").write_text(text, "utf-8")
    (report,) = import_pages(tmp_path / "page.txt")
    assert report.front is not None, report.diagnostics
    assert str(report.front.date).startswith("2024-03-12")
    assert report.front.summary == first


def test_a_copied_page_with_a_date_in_a_sentence_has_none(tmp_path: Path, import_pages: Import) -> None:
    text = PAGE.replace("2026年5月4日\n", "").replace("Ports grow.", "Ports grow from 12 March 2024.")
    (tmp_path / "page.txt").write_text(text, "utf-8")
    (report,) = import_pages(tmp_path / "page.txt")
    assert "missing-date" in {item.code for item in report.diagnostics}
