"""The page of the events to come and of those that have passed."""

from collections.abc import Iterator
from typing import Final

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.specs import EventItem, event_items
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import ENTIRE_SITE, UPCOMING, Facet

PAST_EVENTS: Final = 50
"""The latest of those that have passed; the calendars have all."""


class UpcomingView(View, frozen=True):
    """`upcoming.html`: the events to come, the earliest first, and the latest 50 that have passed, the latest first.

    An event of which only the month is known comes after those with a day in that month. `calendars` are the calendar
    files: that of the entire site, then those of topics and of countries that have events. The key of a calendar is
    `whole`, `topics` or `countries`.
    """

    events: tuple[views.EventView, ...]
    past: tuple[views.EventView, ...]
    calendars: tuple[views.Link, ...]

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section("upcoming")]


@page_kind("upcoming.html", view=UpcomingView, section=SiteSection("upcoming", 6, "footer"))
class UpcomingPage(PageKind, frozen=True):
    """The events to come, those that have passed, and the facets that have a calendar."""

    events: tuple[EventItem, ...]
    past: tuple[EventItem, ...]
    calendars: tuple[Facet, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        site = planner.site
        past = event_items(site, is_past=True)[: -PAST_EVENTS - 1 : -1]
        spec = cls(planner.context, event_items(site, is_past=False), past, tuple(site.events))
        members = [item.article for item in site.events.get(ENTIRE_SITE, ()) if item.article is not None]
        yield page(planner.urls.section("upcoming"), spec, members)

    def view(self, builder: ViewBuilder) -> UpcomingView:
        """Return the view of the page."""
        return UpcomingView(
            head=builder.meta(builder.urls.section("upcoming"), builder.own_feed(UPCOMING, 0)),
            events=builder.events(self.events),
            past=builder.events(self.past),
            calendars=tuple(map(builder.calendar, self.calendars)),
        )
