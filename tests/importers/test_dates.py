import pytest

from sitegen.diagnostics import Diagnostic
from sitegen.importers.fields import read_date
from sitegen.importers.values.dates import parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026年7月3日", "2026-07-03"),
        ("２０２６年　７月　３日", "2026-07-03"),
        ("2026 年 7 月 3 日", "2026-07-03"),
        ("令和8年7月3日", "2026-07-03"),
        ("令和元年5月1日", "2019-05-01"),
        ("平成31年4月30日", "2019-04-30"),
        ("昭和64年1月7日", "1989-01-07"),
        ("㋿8年7月3日", "2026-07-03"),
        ("2026年7月3日(金)", "2026-07-03"),
        ("2026年7月3日（金曜日）", "2026-07-03"),
        ("2026年7月3日 金曜", "2026-07-03"),
        ("2026年7月3日 14:30", "2026-07-03T14:30"),
        ("2026年7月3日（金）9時05分", "2026-07-03T09:05"),
        ("2026年7月3日（金）午後3時05分", "2026-07-03T15:05"),
        ("2026年7月3日 午前10時", "2026-07-03T10:00"),
        ("2026年７月３日　午後０時５分", "2026-07-03T12:05"),
        ("2026年7月3日 午前0:30", "2026-07-03T00:30"),
        ("2026年7月3日 15時", "2026-07-03T15:00"),
        ("2026-07-03", "2026-07-03"),
        ("2026-07-03 (Fri)", "2026-07-03"),
        ("2026/7/3 Friday 09:00", "2026-07-03T09:00"),
        ("2026/7/3", "2026-07-03"),
        ("2026-07-03T09:00+09:00", "2026-07-03T09:00+09:00"),
        ("2026-07-03T00:00:05Z", "2026-07-03T00:00:05+00:00"),
        ("Fri, 03 Jul 2026 09:00:00 +0700", "2026-07-03T09:00+07:00"),
        ("Fri, 3 Jul 2026 09:00:00 EST", "2026-07-03T09:00-05:00"),
        ("3 July 2026", "2026-07-03"),
        ("July 3, 2026", "2026-07-03"),
        ("Friday, July 3rd, 2026, 2:30 pm", "2026-07-03T14:30"),
        ("July 3, 2026, 5pm", "2026-07-03T17:00"),
        ("July 3, 2026 11 a.m. JST", "2026-07-03T11:00+09:00"),
        ("3 July 2026 2:30 p.m.", "2026-07-03T14:30"),
        ("Sept. 3, 2026", "2026-09-03"),
        ("13/07/2026", "2026-07-13"),
        ("07/13/2026", "2026-07-13"),
        ("07/07/2026", "2026-07-07"),
        ("2026.7.3.", "2026-07-03"),
        ("2026. 7. 3.(금)", "2026-07-03"),
        ("2026년 7월 3일(금)", "2026-07-03"),
        ("2026년 7월 3일 금요일 오후 3시 5분", "2026-07-03T15:05"),
        ("2026年7月3日 星期五 下午3:05", "2026-07-03T15:05"),
        ("Thứ Sáu, 03/07/2026 08:15 (GMT+7)", "2026-07-03T08:15+07:00"),
        ("ngày 3 tháng 7 năm 2026", "2026-07-03"),
        ("15:05 Ngày 03/07/2026", "2026-07-03T15:05"),
        ("วันศุกร์ที่ ๓ กรกฎาคม พ.ศ. ๒๕๖๙", "2026-07-03"),
        ("3 ก.ค. 2569 10.30 น.", "2026-07-03T10:30"),
        ("Jumat, 3 Juli 2026", "2026-07-03"),
        ("3 ก.ค. 69", "2026-07-03"),
        ("03/07/2569", "2026-07-03"),
        ("2569-07-03", "2026-07-03"),
        ("中華民國115年7月3日", "2026-07-03"),
        ("民国115年7月3日（星期五）", "2026-07-03"),
        ("115年7月3日", "2026-07-03"),
        ("115-07-03", "2026-07-03"),
        ("115.07.03", "2026-07-03"),
        ("민국 115년 7월 3일", "2026-07-03"),
        ("民國元年7月3日", "1912-07-03"),
        ("中華民國一百一十五年七月三日", "2026-07-03"),
        ("令和八年七月三日", "2026-07-03"),
        ("二〇二六年七月二十三日", "2026-07-23"),
        ("R8.7.3", "2026-07-03"),
        ("Ｒ８．７．３（金）", "2026-07-03"),
        ("R元.5.1", "2019-05-01"),
        ("H31/4/30 15:05", "2019-04-30T15:05"),
        ("S64.1.7", "1989-01-07"),
        ("仏暦2569年7月3日", "2026-07-03"),
        ("西暦 2026年7月3日", "2026-07-03"),
        ("3 July 2026, 4:15PM IST", "2026-07-03T16:15+05:30"),
    ],
)
def test_date(text: str, expected: str) -> None:
    parsed = parse_date(text)
    assert isinstance(parsed, tuple)
    assert (str(parsed[0]), parsed[1]) == (expected, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/07/2026", "ambiguous-date"),
        ("3.7.2026", "ambiguous-date"),
        ("03/07/26", "ambiguous-date"),
        ("7月3日", "date-without-year"),
        ("7月3日（金） 14:30", "date-without-year"),
        ("July 3", "date-without-year"),
        ("3 July", "date-without-year"),
        ("2026年2月30日", "bad-date"),
        ("2026年13月1日", "bad-date"),
        ("2026-07-03 25:00", "bad-date"),
        ("2026年7月3日 午後13時", "bad-date"),
        ("13/13/2026", "bad-date"),
        ("平成40年1月1日", "bad-date"),
        ("令和元年4月30日", "bad-date"),
        ("0000-01-01", "bad-date"),
        ("3 July 2026 09:00 XYZ", "bad-date"),
        ("2026년 13월 3일", "bad-date"),
        ("115年13月3日", "bad-date"),
        ("07/13/2569", "bad-date"),
        ("ngày 31 tháng 2 năm 2026", "bad-date"),
        ("H40.1.1", "bad-date"),
        ("R8.13.1", "bad-date"),
        ("8.7.26", "ambiguous-date"),
    ],
)
def test_invalid_date(text: str, code: str) -> None:
    parsed = parse_date(text)
    assert isinstance(parsed, Diagnostic)
    assert parsed.code == code


def test_ambiguous_date_shows_both_meanings() -> None:
    parsed = parse_date("03/07/2026")
    assert isinstance(parsed, Diagnostic)
    assert "2026-07-03" in parsed.hint
    assert "2026-03-07" in parsed.hint


def test_wrong_weekday_is_a_warning() -> None:
    parsed = parse_date("2026年7月3日（木）")
    assert isinstance(parsed, tuple)
    assert "Friday" in parsed[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "Technology",
        "2026",
        "May",
        "Plan for 3 July 2026",
        "7月の計画",
        "2569",
        "民國115年",
        "R8.7",
        "T8.7.3",
        "R8.7.3.1",
        "仏暦2569年",
    ],
)
def test_text_that_is_not_a_date(text: str) -> None:
    assert parse_date(text) is None


def test_a_date_that_eleventy_computes_says_what_to_write() -> None:
    found = read_date("git Last Modified")
    assert isinstance(found, Diagnostic)
    assert "a date that Eleventy computes; expected one such as 2026-07-03" in found.message
    assert "git log -1" in found.hint


@pytest.mark.parametrize("zone", ["+25:00", "+0960"])
def test_an_invalid_offset_is_named_in_words(zone: str) -> None:
    parsed = parse_date(f"2026-07-03 09:00 {zone}")
    assert isinstance(parsed, Diagnostic)
    assert parsed.message.endswith("is not a valid date: the offset of a time zone must be at most 23:59")
