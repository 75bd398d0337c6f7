"""Dates in Japanese (with eras), ISO 8601, RFC 822 and English notation; ambiguous ones are errors.

`date_notations.py` has the notations of other languages.
"""

import re
import unicodedata
from datetime import UTC, date, time, timedelta, timezone, tzinfo
from typing import Final

from sitegen.diagnostics import Diagnostic, Severity, SourceLocation
from sitegen.importers.values.date_notations import since_common_era, to_parsed_notation
from sitegen.util.dates import Instant, PartialDate, parse_offset

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("月mon", "火tue", "水wed", "木thu", "金fri", "土sat", "日sun")
_ERAS: Final = {
    "令和": (date(2019, 5, 1), date.max),
    "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)),
}
"""First and last day of each era; its first calendar year is the year 1 (元年)."""
_ZONES: Final = {
    "Z": 0,
    "UT": 0,
    "UTC": 0,
    "GMT": 0,
    "JST": 9,
    "KST": 9,
    "HKT": 8,
    "SGT": 8,
    "PHT": 8,
    "WIB": 7,
    "ICT": 7,
    "IST": 5.5,
} | {
    f"{letter}{kind}T": hours + (kind == "D")
    for letter, hours in zip("ECMP", range(-5, -9, -1), strict=True)
    for kind in "SD"
}
"""Offsets from UTC in hours: those of RFC 822 (section 5.1), and Asian ones."""

_DIGIT: Final = re.compile(r"\d|[一二三四五六七八九十]日")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4}))?"
_WEEKDAY = r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_YEAR_JA = r"(?:(?:(?P<era>令和|平成|昭和)\s*(?P<era_year>元|\d{1,2})|(?P<year>\d{4}))\s*年\s*)?"
_WEEKDAY_AFTER = r"(?:\s*\(?\s*(?P<weekday>[月火水木金土日]|mon|tue|wed|thu|fri|sat|sun)(?:曜日?|[a-z]*\.?)\s*\)?)?"
_TIME = (
    r"(?:(?:\s*,)?\s*t?(?P<half_ja>午前|午後)?\s*(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|\s*時(?:\s*(?P<minute_ja>\d{1,2})\s*分?)?|(?=\s*[ap]\.?m\b))"
    r"\s*(?P<half>[ap]\.?m\b\.?)?\s*(?P<zone>[+-]\d{2}:?\d{2}|[a-z]{1,3})?)?"
)
_PATTERNS: Final = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR_JA}(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日{_WEEKDAY_AFTER}",
        rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_WEEKDAY_AFTER}",
        rf"{_WEEKDAY}{_NTH}\s+{_MONTH}{_YEAR}",
        rf"{_WEEKDAY}{_MONTH}\s+{_NTH}{_YEAR}",
    )
)
_TWO_NUMBERS: Final = re.compile(
    r"(?P<first>\d{1,2})([-/.])(?P<last>\d{1,2})\2(?P<year>\d{4}|\d{2})" + _TIME, re.IGNORECASE
)


def parse_date(text: str) -> tuple[PartialDate, str] | Diagnostic | None:
    """Parse the whole of `text` as a date; return None if it does not have the form of one.

    An error without a location is returned for text that has the form, but is not a valid date. A date comes with a
    warning, which is empty unless the weekday is wrong. A time of day is kept; without a zone it is in the site's.
    """
    if not _DIGIT.search(text):  # most lines of a page
        return None
    text = to_parsed_notation(" ".join(unicodedata.normalize("NFKC", text).split()))
    try:
        if match := _TWO_NUMBERS.fullmatch(text):
            return _parse_two_numbers(text, match)
        match = next(filter(None, (pattern.fullmatch(text) for pattern in _PATTERNS)), None)
        return None if match is None else _parse(text, match.groupdict())
    except (ValueError, OverflowError) as error:
        return date_problem("bad-date", f"{text!r} is not a valid date: {error}")


def date_problem(code: str, message: str, hint: str = "") -> Diagnostic:
    """Return the reason why a text is not a date, without a location."""
    return Diagnostic(code, Severity.ERROR, SourceLocation(""), message, hint=hint)


def _parse(text: str, groups: dict[str, str | None]) -> tuple[PartialDate, str] | Diagnostic:
    name, era, year = groups.get("name"), groups.get("era"), groups.get("year")
    if era is not None:
        number = groups["era_year"]
        year = str(_ERAS[era][0].year - 1 + (1 if number == "元" else int(number or 0)))
    if year is None:
        return date_problem("date-without-year", f"{text!r} has no year", "add the year, as in 2026年7月3日")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(groups["month"] or 0)
    day = date(since_common_era(int(year)), month, int(groups["day"] or 0))
    if era is not None and not _ERAS[era][0] <= day <= _ERAS[era][1]:
        raise ValueError(f"{day} is not in the era {era}")
    weekday = groups["weekday"] or ""
    is_wrong = weekday.lower() not in _WEEKDAYS[day.weekday()]
    warning = f"{day} is a {day:%A}, but the weekday on the page is {weekday!r}" if is_wrong else ""
    return PartialDate(day, _instant(day, groups)), warning


def _parse_two_numbers(text: str, match: re.Match[str]) -> tuple[PartialDate, str] | Diagnostic:
    """Parse `03/07/2026`: clear only if one of the two numbers cannot be a month, or both are equal."""
    if len(match["year"]) == 2:
        return date_problem("ambiguous-date", f"{text!r} has a year of two digits", "write it as 2026-07-03")
    year, first, last = int(match["year"]), int(match["first"]), int(match["last"])
    if since_common_era(year) != year:  # Thai dates begin with the day
        day = date(since_common_era(year), last, first)
        return PartialDate(day, _instant(day, match.groupdict())), ""
    if first != last and first <= 12 and last <= 12:
        hint = f"write {date(year, last, first)} or {date(year, first, last)}"
        return date_problem("ambiguous-date", f"the order of day and month is unclear in {text!r}", hint)
    day = date(year, last, first) if last <= 12 else date(year, first, last)
    return PartialDate(day, _instant(day, match.groupdict())), ""


def _instant(day: date, groups: dict[str, str | None]) -> Instant | None:
    if groups["hour"] is None:
        return None
    hour, half = int(groups["hour"]), groups["half"] or groups["half_ja"]
    if half:
        if not (0 if groups["half_ja"] else 1) <= hour <= 12:  # 午後0時 is noon
            raise ValueError(f"{hour} {half} is not a valid hour")
        hour = hour % 12 + (12 if half.lower().startswith(("p", "午後")) else 0)
    minute, second = int(groups["minute"] or groups["minute_ja"] or 0), int(groups["second"] or 0)
    clock = time(hour, minute, second, tzinfo=_zone(groups["zone"]))
    return Instant.combine(day, clock)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text[0] in "+-":
        return parse_offset(text)
    if text.upper() not in _ZONES:
        raise ValueError(f"unknown time zone {text}")
    return timezone(timedelta(hours=_ZONES[text.upper()])) if _ZONES[text.upper()] else UTC
