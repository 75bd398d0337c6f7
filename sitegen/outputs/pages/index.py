"""Index pages: a topic, a country, a pair, a topic in a country or pair, a source; and their months."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from sitegen.outputs import counts, periods, views
from sitegen.outputs.charts import MIN_MONTHS, months_chart
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash
from sitegen.outputs.specs import (
    NEXT_EVENTS,
    PART_ARTICLES,
    EventItem,
    MonthPart,
    event_items,
    hashes,
    importance_counts,
    month_counts,
    month_parts,
    with_neighbours,
)
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.pages import has_months
from sitegen.site.urls import facet_path

INDEX_ARTICLES: Final = 20
MAX_COUNTRIES: Final = 20
"""Countries in the list of an index page, the most frequent."""


class IndexView(View, frozen=True):
    """`topic.html`, `country.html`, `pair.html`, `topic_country.html`, `source.html`: pages with one subject.

    A topic page has `topic`, a country page one and a pair page two `countries`, a page of topic and country has both
    (with one country or two), a source page has `source`. With two countries, `pair` has them and their page.
    `with_topics` and `with_countries` are those that occur in its articles, the 20 most frequent countries. `days` has
    all articles, or, if there are `months`, the latest. `total` is the number of all articles, `newest_count` that of
    the newest month, `before_count` that of the month before it. On the page of a topic or a country, `upcoming` are
    its next five events, and `calendar` is its calendar file if it has had any.
    """

    topic: views.Link | None
    countries: tuple[views.Link, ...]
    source: views.Link | None
    pair: views.Pair | None
    total: int
    first_month: date
    newest_month: date
    newest_count: int
    before_count: int
    chart: views.MonthsChart | None
    days: tuple[views.Day, ...]
    months: tuple[views.Period, ...]
    with_topics: tuple[views.Count, ...]
    with_countries: tuple[views.Count, ...]
    upcoming: tuple[views.EventView, ...]
    calendar: views.Link | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section, the topic or source, and the countries."""
        return writer.facet(self.topic, self.countries, self.source, "")


class MonthView(View, frozen=True):
    """`month.html`: one month of a topic, a country, a pair, a crossing of these, a source, or the whole digest.

    A month with 64 articles and more has parts of 32. `part` is the number of the part, from 1; 0 is the newest part,
    which has the address of the month, or all of a month without parts. `count` is the number of articles of the part;
    `total`, on the newest part, that of the month, elsewhere 0: a part that is full does not change any more.
    `index` is the page it belongs to; `previous` and `next` are the neighbouring parts or months that have articles.
    """

    month: date
    part: int
    topic: views.Link | None
    countries: tuple[views.Link, ...]
    source: views.Link | None
    index: str
    count: int
    total: int
    days: tuple[views.Day, ...]
    previous: views.Period | None
    next: views.Period | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the index, and the month."""
        return [*writer.facet(self.topic, self.countries, self.source, self.index), (writer.month(self.month), "")]


@page_kind("topic.html", "country.html", "pair.html", "topic_country.html", "source.html", view=IndexView)
class IndexPage(PageKind, frozen=True):
    """The index page of a facet: its articles, newest first, and its next events.

    `span` is the period of its chart, the months of the whole digest; None if there are too few articles for a chart.
    """

    facet: Facet
    members: tuple[ArticleHash, ...]
    span: tuple[date, date] | None = None
    upcoming: tuple[EventItem, ...] = ()
    has_calendar: bool = False

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page of every facet that has one."""
        for facet, members in planner.pages.indexes.items():
            # Without a chart the page does not change with a new month of the digest.
            span = planner.months if len(members) > MIN_MONTHS else None
            has_calendar = facet in planner.site.events
            events = event_items(planner.site, is_past=False, facet=facet)[:NEXT_EVENTS] if has_calendar else ()
            spec = cls(planner.context, facet, hashes(members), span, events, has_calendar)
            yield page(facet_path(planner.urls, facet), spec, members)

    @property
    def template(self) -> str:
        """The template for the kind of the facet."""
        kinds = {"topics": "topic", "countries": "country", "pairs": "pair", "crossings": "topic_country"}
        return f"{kinds.get(self.facet.kind, 'source')}.html"

    def view(self, builder: ViewBuilder) -> IndexView:
        """Return the view of the index."""
        facet, members = self.facet, builder.articles(self.members)
        path = facet_path(builder.urls, facet)
        months = month_counts(members)
        is_divided = has_months(builder.config, len(members))
        # On a page of topic and country the other topics of its articles are not relevant.
        topics = () if facet.kind == "crossings" else counts.topics(builder, members, facet=facet)
        source = builder.source(members[0], has_page=True) if facet.source is not None else None
        return IndexView(
            head=builder.meta(path, builder.own_feed(facet, len(members), source.lang if source else "")),
            topic=builder.topic(facet.topic) if facet.topic is not None else None,
            countries=tuple(builder.country(code) for code in facet.countries),
            source=source,
            pair=builder.pair_of(facet.countries, len(members)) if len(facet.countries) == 2 else None,
            total=len(members),
            first_month=months[-1][0],
            newest_month=months[0][0],
            newest_count=months[0][1],
            before_count=months[1][1] if len(months) > 1 and months[1][0] == periods.month_before(months[0][0]) else 0,
            chart=months_chart(importance_counts(members), self.span),
            days=builder.days(members, INDEX_ARTICLES if is_divided else None),
            months=periods.months(builder, path, months) if is_divided else (),
            with_topics=tuple(row for row in topics if row.key != facet.topic),
            with_countries=counts.countries(builder, members, facet=facet, limit=MAX_COUNTRIES),
            upcoming=builder.events(self.upcoming),
            calendar=builder.calendar(facet) if self.has_calendar else None,
        )


@page_kind("month.html", view=MonthView)
class MonthPage(PageKind, frozen=True):
    """One month of an index, or a part of it: its articles and its neighbours."""

    facet: Facet
    month: MonthPart
    members: tuple[ArticleHash, ...]
    previous: MonthPart | None
    next: MonthPart | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every month of the archive, and of each index that is divided into months."""
        pages = planner.pages
        divided = [(facet, members) for facet, members in pages.indexes.items() if facet in pages.with_months]
        for facet, members in [(ENTIRE_SITE, planner.site.articles), *divided]:
            path = facet_path(planner.urls, facet)
            for month, group, previous, following in with_neighbours(month_parts(members)):
                spec = cls(planner.context, facet, month, hashes(group), previous, following)
                yield page(planner.urls.month(path, *month), spec, group)

    def view(self, builder: ViewBuilder) -> MonthView:
        """Return the view of the month."""
        facet, members = self.facet, builder.articles(self.members)
        path, (month, part) = facet_path(builder.urls, facet), self.month
        full_parts = self.previous[1] if part == 0 and self.previous and self.previous[0] == month else 0
        return MonthView(
            head=builder.meta(builder.urls.month(path, month, part)),
            month=month,
            part=part,
            topic=builder.topic(facet.topic) if facet.topic is not None else None,
            countries=tuple(builder.country(code) for code in facet.countries),
            source=builder.source(members[0], has_page=True) if facet.source is not None else None,
            index=builder.urls.href(path),
            count=len(members),
            total=full_parts * PART_ARTICLES + len(members) if part == 0 else 0,
            days=builder.days(members),
            previous=periods.month(builder, path, self.previous),
            next=periods.month(builder, path, self.next),
        )
