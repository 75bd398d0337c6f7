"""Dates as pages write them: Japanese (with eras), ISO 8601, RFC 822, English; never a guess."""

import re
import unicodedata
from datetime import UTC, date, time, timedelta, timezone, tzinfo
from typing import Final

from sitegen.util.dates import Instant, PartialDate
from sitegen.util.frozen import dataclass

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS_JA: Final = "月火水木金土日"
_WEEKDAYS_EN: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ERAS: Final = {
    "令和": (date(2019, 5, 1), date.max),
    "平成": (date(1989, 1, 8), date(2019, 4, 30)),
    "昭和": (date(1926, 12, 25), date(1989, 1, 7)),
}
"""First and last day of each era; its first calendar year is the year 1 (元年)."""

_ZONES: Final = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "JST": 9, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5} | {
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
"""Hours before UTC, by RFC 822 (section 5.1), and Japan's."""

_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_YEAR_JA = r"(?:(?P<era>令和|平成|昭和)\s*(?P<era_year>元|\d{1,2})|(?P<year>\d{4}))"
_WEEKDAY_JA = r"(?:\s*\(?\s*(?P<weekday>[月火水木金土日])(?:曜日?)?\s*\)?)?"
_TIME = (
    r"(?:(?:\s*,)?\s*t?(?P<hour>\d{1,2})(?::|時)(?P<minute>\d{2})分?(?::(?P<second>\d{2}))?"
    r"\s*(?P<half>am|pm)?\s*(?P<zone>[+-]\d{2}:?\d{2}|[a-z]{1,3})?)?"
)

_WHOLE: Final = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE)
    for pattern in (
        _YEAR_JA + rf"\s*年\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日{_WEEKDAY_JA}",
        r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _WEEKDAY_JA,
        rf"{_WEEKDAY}{_NTH}\s+{_MONTH},?\s+(?P<year>\d{{4}})",
        rf"{_WEEKDAY}{_MONTH}\s+{_NTH},?\s+(?P<year>\d{{4}})",
    )
)
_NO_YEAR: Final = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE)
    for pattern in (
        rf"(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*日{_WEEKDAY_JA}",
        rf"{_WEEKDAY}{_NTH}\s+{_MONTH}",
        rf"{_WEEKDAY}{_MONTH}\s+{_NTH}",
    )
)
_TWO_NUMBERS = re.compile(
    r"(?P<first>\d{1,2})([-/.])(?P<second_number>\d{1,2})\2(?P<year>\d{4}|\d{2})" + _TIME, re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DateRead:
    """A date that was understood; `doubt` says what does not fit, such as another weekday."""

    stamp: PartialDate
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class DateProblem:
    """Text that is meant as a date and cannot be one."""

    code: str
    message: str
    hint: str = ""


def read_date(text: str) -> DateRead | DateProblem | None:
    """Read the whole of `text` as a date; None when it is not meant as one.

    A time of day is kept; without a zone it is the site's.
    """
    clean = " ".join(unicodedata.normalize("NFKC", text).split())
    for pattern in _WHOLE:
        if match := pattern.fullmatch(clean):
            return _read(clean, match)
    if match := _TWO_NUMBERS.fullmatch(clean):
        return _two_numbers(clean, match)
    if any(pattern.fullmatch(clean) for pattern in _NO_YEAR):
        return DateProblem("date-without-year", f"{clean!r} has no year", "write it with its year: 2026年7月3日")
    return None


def _read(text: str, match: re.Match[str]) -> DateRead | DateProblem:
    groups = match.groupdict()
    name = groups.get("name")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(groups["month"])
    try:
        day = _day(_year(groups), month, int(groups["day"]), groups.get("era"))
        stamp = PartialDate(day, _instant(day, groups))
    except (ValueError, OverflowError) as error:
        return DateProblem("bad-date", f"{text!r} is not in the calendar: {error}")
    return DateRead(stamp, _weekday_doubt(day, groups.get("weekday")))


def _year(groups: dict[str, str | None]) -> int:
    era = groups.get("era")
    if era is None:
        return int(groups["year"] or 0)
    number = groups["era_year"]
    return _ERAS[era][0].year - 1 + (1 if number == "元" else int(number or 0))


def _day(year: int, month: int, number: int, era: str | None) -> date:
    day = date(year, month, number)
    if era is not None and not _ERAS[era][0] <= day <= _ERAS[era][1]:
        raise ValueError(f"{day} is not in the era {era}")
    return day


def _instant(day: date, groups: dict[str, str | None]) -> Instant | None:
    if groups.get("hour") is None:
        return None
    hour = int(groups["hour"] or 0)
    half = (groups.get("half") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} {half} is no hour")
        hour = hour % 12 + (12 if half == "pm" else 0)
    clock = time(hour, int(groups["minute"] or 0), int(groups["second"] or 0), tzinfo=_zone(groups.get("zone")))
    return Instant.combine(day, clock)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        hours, minutes = int(digits[:2]), int(digits[2:])
        if minutes > 59:
            raise ValueError(f"{text} is no time zone")
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if text[0] == "-" else offset)
    if text.upper() not in _ZONES:
        raise ValueError(f"the time zone {text} is not known")
    offset = timedelta(hours=_ZONES[text.upper()])
    return timezone(offset) if offset else UTC


def _weekday_doubt(day: date, weekday: str | None) -> str:
    if weekday is None:
        return ""
    names: str | tuple[str, ...] = _WEEKDAYS_JA if weekday in _WEEKDAYS_JA else _WEEKDAYS_EN
    if names[day.weekday()] == weekday.lower():
        return ""
    return f"{day} is a {day:%A}, but the page says {weekday!r}"


def _two_numbers(text: str, match: re.Match[str]) -> DateRead | DateProblem:
    """Read `03/07/2026`: day and month can be told apart only when one of them is above 12, or both are the same."""
    groups: dict[str, str | None] = match.groupdict()
    first, second, year = int(match["first"]), int(match["second_number"]), match["year"]
    if len(year) == 2:
        return DateProblem("ambiguous-date", f"{text!r} has a year of two digits", "write it as 2026-07-03")
    readings = []
    for day, month in ((first, second), (second, first)):
        try:
            found = date(int(year), month, day)
        except ValueError:
            continue
        if found not in readings:
            readings.append(found)
    if not readings:
        return DateProblem("bad-date", f"{text!r} is not in the calendar")
    if len(readings) == 2:
        hint = f"it can be {readings[0]} or {readings[1]}: write the one that is meant"
        return DateProblem("ambiguous-date", f"{text!r} does not say which number is the month", hint)
    try:
        return DateRead(PartialDate(readings[0], _instant(readings[0], groups)))
    except ValueError as error:
        return DateProblem("bad-date", f"{text!r} is not in the calendar: {error}")
