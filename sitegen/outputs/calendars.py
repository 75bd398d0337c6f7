"""Calendar files of events. Sources: RFC 5545 (iCalendar), RFC 7986 (the properties NAME and COLOR of a calendar)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sitegen.outputs.feed_items import event_time, shown_title_note
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import Output, Recipe
from sitegen.outputs.references import ContextHash
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.specs import EventItem, event_items
from sitegen.outputs.view_builder import GENERATOR, ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import last_modified
from sitegen.site.urls import feed_folder, output_path
from sitegen.util.xml import escape_url

MAX_LINE_BYTES: Final = 75
"""The length of a line without its end (section 3.1)."""
_ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


class CalendarFile(Recipe, frozen=True):
    """The events of the entire site, a topic or a country, in the order of their days."""

    context: ContextHash
    facet: Facet
    events: tuple[EventItem, ...]

    def render(self, renderer: Renderer) -> bytes:
        """Return the calendar. It depends on its events only, so events that have passed stay in it."""
        builder = renderer.builder(self.context)
        title = builder.feed_title(self.facet)
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:-//{GENERATOR}//{GENERATOR}//EN",
            f"NAME:{escaped(title)}",
            f"X-WR-CALNAME:{escaped(title)}",
            *(line for item in self.events for line in _event(builder, item)),
            "END:VCALENDAR",
        ]
        return "".join(map(folded, lines)).encode()


def plan_calendars(planner: LocalePlanner) -> Iterator[Output]:
    """Yield the calendars of a locale: of the entire site, and of the topics and countries that have an event."""
    for facet in planner.site.events:
        path = planner.urls.calendar(feed_folder(planner.urls, facet))
        yield Output(output_path(path), CalendarFile(planner.context, facet, event_items(planner.site, facet=facet)))


def escaped(text: str) -> str:
    """Escape a value of the type TEXT (section 3.3.11)."""
    return text.translate(_ESCAPES)


def folded(line: str) -> str:
    """Return a content line with its end, folded after at most 75 octets and never inside a character (section 3.1)."""
    parts, size = [], 0
    for char in line:
        length = len(char.encode())
        if size + length > MAX_LINE_BYTES:
            parts.append("\r\n ")
            size = 1
        parts.append(char)
        size += length
    return "".join([*parts, "\r\n"])


def changed_at(builder: ViewBuilder, item: EventItem) -> datetime:
    """Return when an event was last changed: with its article, or on the day of its entry in the calendar.

    It never depends on the clock.
    """
    return last_modified(builder.article(item.article)) if item.article is not None else event_time(builder, item)


def _event(builder: ViewBuilder, item: EventItem) -> Iterator[str]:
    """Yield the lines of an event (section 3.6.1). A day or month is a VALUE=DATE; DTEND is the day after the last."""
    view, host = builder.event(item), builder.config.tag_authority.partition(",")[0]
    page = builder.urls.absolute(builder.urls.section("upcoming"))
    address = f"{builder.origin}{view.article.href}" if view.article is not None else f"{page}#{item.name}"
    source = escape_url(view.url)
    notes = [address, source or ""]
    if view.article is not None and item.article is not None:
        notes = [view.article.title, shown_title_note(builder, item.article), *notes]
    about = (*view.topics, *view.other_topics, *view.countries, *view.other_countries)
    yield "BEGIN:VEVENT"
    yield f"UID:{item.name}@{host}"
    yield f"DTSTAMP:{_utc(changed_at(builder, item))}"
    if view.time is not None:
        yield f"DTSTART:{_utc(view.time)}"
    else:
        yield f"DTSTART;VALUE=DATE:{_day(view.first)}"
        yield f"DTEND;VALUE=DATE:{_day(view.last + timedelta(days=1))}"
    yield f"SUMMARY;LANGUAGE={view.lang}:{escaped(view.text)}"
    yield f"DESCRIPTION:{escaped(chr(10).join(filter(None, notes)))}"
    yield f"URL:{source or address}"
    if about:
        yield f"CATEGORIES:{','.join(escaped(link.name) for link in about)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
