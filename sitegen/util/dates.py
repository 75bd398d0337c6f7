"""Dates as editors write them: a bare day, or an instant."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from msgspec import Struct

_DAY: Final = r"(\d{4})-(\d{2})-(\d{2})"
_DATE: Final = re.compile(_DAY, re.ASCII)
_TIME: Final = r"(\d{2}):(\d{2})(?::(\d{2}))?(?:[ \t]*(Z|z|[+-]\d{2}:?\d{2}))?"
_TIMESTAMP: Final = re.compile(rf"{_DAY}[Tt ]{_TIME}", re.ASCII)

FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 9998
"""Room for every time zone within what a calendar date can hold."""


class Instant(datetime):
    """A point in time that keeps its offset when it is encoded (see `sitegen.util.hashing`)."""

    __slots__ = ()

    @classmethod
    def of(cls, moment: datetime) -> "Instant":
        """Return `moment` as an Instant."""
        return cls.combine(moment.date(), moment.timetz())


class PartialDate(Struct, frozen=True, array_like=True):
    """A date as it was written: a bare day, or an instant.

    `instant` is None for a bare day, naive where no zone was written, aware otherwise.
    """

    day: date
    instant: Instant | None = None

    def at(self, zone: tzinfo) -> Instant:
        """Return the instant: midnight in `zone` for a bare day, `zone` where no zone was written."""
        if self.instant is None:
            return Instant.combine(self.day, time(), zone)
        return self.instant if self.instant.tzinfo else self.instant.replace(tzinfo=zone)

    def with_fixed_offset(self, zone: tzinfo) -> Instant:
        """Return the instant in `zone`, with a fixed offset so that it is the same on every machine."""
        local = self.at(zone).astimezone(zone)
        offset = local.utcoffset()
        return local.replace(tzinfo=timezone(offset)) if offset is not None else local

    def __str__(self) -> str:
        if self.instant is None:
            return self.day.isoformat()
        spec = "seconds" if self.instant.second else "minutes"
        return self.instant.isoformat(timespec=spec)


def parse_partial_date(text: str) -> PartialDate | None:
    """Read `2026-07-03` or an RFC 3339 timestamp (seconds and zone may be missing).

    None comes back when `text` has another form. Raises ValueError, with the reason, for a date that does not exist.
    """
    if match := _DATE.fullmatch(text):
        return PartialDate(_date(text, *match.groups()))
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, number, hour, minute, second, zone = match.groups()
    day = _date(f"{year}-{month}-{number}", year, month, number)
    try:
        moment = Instant.combine(day, time(int(hour), int(minute), int(second or 0), tzinfo=_zone(zone)))
    except ValueError as error:
        raise ValueError(f"{text} is not a time of day: {error}") from None
    return PartialDate(day, moment)


def _date(text: str, year: str, month: str, day: str) -> date:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"{text} is not in the calendar of the years {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError(f"{text} is not in the calendar: {error}") from None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    if int(digits[2:]) > 59:
        raise ValueError("the minutes of a zone go to 59")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)
