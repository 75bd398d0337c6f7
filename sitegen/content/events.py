"""Events to come: `upcoming` in front matter and the entries of `content/calendar.yaml`."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, tzinfo
from typing import Final

from msgspec import Struct

from sitegen.config.model import LocalizedText
from sitegen.config.readers import read_sentence
from sitegen.util.dates import PartialDate, parse_partial_date
from sitegen.yaml_source.reader import MAX_NAME_CHARACTERS, MappingReader

_MONTH: Final = re.compile(r"\d{4}-\d{2}", re.ASCII)
_AT_HINT: Final = "write 2026-07-03, 2026-07-03T09:00+09:00 or, for a month, 2026-07"


class Event(Struct, frozen=True, array_like=True):
    """An event that is to come: its day, its day and time or its month, and the address of a source.

    `is_month` if only the month is known; `at` is then its first day. `topic`, `countries` and `added`, the day of the
    entry, are those of an entry of the calendar; an event in front matter has those of its article.
    """

    at: PartialDate
    text: LocalizedText
    url: str | None = None
    is_month: bool = False
    topic: str | None = None
    countries: tuple[str, ...] = ()
    added: PartialDate | None = None

    def first_day(self, zone: tzinfo) -> date:
        """Return the day, or the first day of the month."""
        return self.at.to_datetime(zone).astimezone(zone).date()

    def last_day(self, zone: tzinfo) -> date:
        """Return the day, or the last day of the month. The event has passed when this day has."""
        first = self.first_day(zone)
        return first.replace(day=monthrange(first.year, first.month)[1]) if self.is_month else first

    @property
    def written_at(self) -> str:
        """The day, time or month as it is written."""
        return f"{self.at.day:%Y-%m}" if self.is_month else str(self.at)


def load_events(
    entries: Iterable[MappingReader], language: str, zone: tzinfo, *, after: PartialDate | None
) -> tuple[Event, ...]:
    """Load `upcoming` of an article in `language`, whose date is `after`."""
    events: list[Event] = []
    for fields in entries:
        event = load_event(fields, language)
        if event is None:
            continue
        if after is not None and event.last_day(zone) < after.to_datetime(zone).astimezone(zone).date():
            message = f"'at' ({event.written_at}) is before 'date' ({after}); expected an event after the article"
            fields.error("bad-order", fields.location_of("at"), message, hint="correct one of the two")
        report_duplicate(fields, event, events)
        events.append(event)
    return tuple(events)


def report_duplicate(fields: MappingReader, event: Event, earlier: Iterable[Event]) -> None:
    """Report an event that is listed before with the same date and text."""
    if any((event.at, event.text) == (other.at, other.text) for other in earlier):
        message = "the same event is listed twice: an entry before has this date and text"
        fields.error("duplicate-value", fields.location_of("text"), message, hint="remove one of the two")


def load_event(fields: MappingReader, language: str) -> Event | None:
    """Load `at`, `text` and `url`; return None if a value is missing or invalid."""
    at, url = _load_at(fields), fields.url("url")
    hint = "text: what is to happen, or text: {en: …, ja: …}"
    text = read_sentence(fields, language, MAX_NAME_CHARACTERS, hint=hint, long="name the event in one line")
    if at is None or not text.texts:
        return None
    return Event(at[0], text, url, is_month=at[1])


def _load_at(fields: MappingReader) -> tuple[PartialDate, bool] | None:
    """Return a date and whether it is a month."""
    scalar = fields.scalar("at", required=True, hint=_AT_HINT.replace("write", "write at:"))
    if scalar is None:
        return None
    is_month = _MONTH.fullmatch(scalar.value) is not None
    try:
        at = parse_partial_date(f"{scalar.value}-01" if is_month else scalar.value)
    except ValueError as error:
        fields.error("bad-date", scalar.location, f"'at': {error}", hint=_AT_HINT)
        return None
    if at is None:
        message = f"'at' is {scalar.value!r}; expected a day, a day with a time, or a month"
        fields.error("bad-date", scalar.location, message, hint=_AT_HINT)
        return None
    return at, is_month
