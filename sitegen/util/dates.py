"""Dates as editors write them: a day, or a day with a time."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final, TypeAlias

from msgspec import Struct

_DAY: Final = r"(\d{4})-(\d{2})-(\d{2})"
_DATE: Final = re.compile(_DAY, re.ASCII)
_TIME: Final = r"(\d{2}):(\d{2})(?::(\d{2}))?(?:[ \t]*(Z|z|[+-]\d{2}:?\d{2}))?"
_TIMESTAMP: Final = re.compile(rf"{_DAY}[Tt ]{_TIME}", re.ASCII)

CalendarDate: TypeAlias = date
"""`date` for a field of that name, which hides it: Python 3.14 evaluates annotations after the class body (PEP 649)."""

FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 9998
"""Limits of the year; `datetime` can convert these years to every time zone."""


class Instant(datetime):
    """A point in time that keeps its offset when it is encoded (see `sitegen.util.hashing`)."""

    __slots__ = ()

    @classmethod
    def of(cls, moment: datetime) -> "Instant":
        """Return `moment` as an Instant."""
        return cls.combine(moment.date(), moment.timetz())


class PartialDate(Struct, frozen=True, array_like=True):
    """A date as it was written: a day, or a day with a time.

    `instant` is None without a time, naive without a time zone, aware otherwise.
    """

    day: date
    instant: Instant | None = None

    def to_datetime(self, zone: tzinfo) -> Instant:
        """Return an aware time; `zone` applies if none was written, and a day without a time starts at midnight."""
        if self.instant is None:
            return Instant.combine(self.day, time(), zone)
        return self.instant if self.instant.tzinfo else self.instant.replace(tzinfo=zone)

    def with_fixed_offset(self, zone: tzinfo) -> Instant:
        """Return the time in `zone` with a fixed offset, which does not depend on the time zone data of a machine.

        The offset is in minutes, as RFC 3339 and RFC 5322 require. Before standard time, zones also had seconds.
        """
        local = self.to_datetime(zone).astimezone(zone)
        offset = local.utcoffset() or timedelta()
        return local.replace(tzinfo=timezone(offset - offset % timedelta(minutes=1)))

    def __str__(self) -> str:
        if self.instant is None:
            return self.day.isoformat()
        spec = "seconds" if self.instant.second else "minutes"
        return self.instant.isoformat(timespec=spec)


def parse_partial_date(text: str) -> PartialDate | None:
    """Parse `2026-07-03` or an RFC 3339 timestamp, in which seconds and time zone are optional.

    Return None if `text` has another form. Raise ValueError with the reason if the date or the time does not exist.
    """
    if match := _DATE.fullmatch(text):
        return PartialDate(_date(text, *match.groups()))
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day_of_month, hour, minute, second, zone = match.groups()
    day = _date(f"{year}-{month}-{day_of_month}", year, month, day_of_month)
    try:
        offset = parse_offset(zone) if zone else None
        moment = Instant.combine(day, time(int(hour), int(minute), int(second or 0), tzinfo=offset))
    except ValueError as error:
        raise ValueError(f"{text} is not a time of day: {error}") from None
    return PartialDate(day, moment)


def format_time(moment: datetime) -> str:
    """Return an aware time for people: `2026-07-03 09:00 +09:00`."""
    text = moment.isoformat(" ", "minutes")
    return f"{text[:16]} {text[16:]}"


def _date(text: str, year: str, month: str, day: str) -> date:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"{text} is not in the calendar: expected a year from {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(f"{text} is not in the calendar: {error}") from None


def parse_offset(text: str) -> tzinfo:
    """Return the time zone of `Z`, `+09:00` or `+0900`. Raises ValueError if it is more than a day."""
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    if int(digits[2:]) > 59 or int(digits[:2]) > 23:
        raise ValueError("the offset of a time zone must be at most 23:59")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
