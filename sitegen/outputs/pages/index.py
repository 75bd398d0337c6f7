"""Index pages: a topic, a country, a pair, a topic in a country or pair, a source; and their months."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from msgspec.structs import astuple

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash, ArticleText
from sitegen.outputs.specs import DateCount, hashes, month_counts, with_neighbours
from sitegen.outputs.view_builder import ViewBuilder, counted, month_before
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.model import by_month
from sitegen.site.pages import has_months
from sitegen.site.urls import facet_path

INDEX_ARTICLES: Final = 20


class IndexView(View, frozen=True):
    """`topic.html`, `country.html`, `pair.html`, `topic_country.html`, `source.html`: pages with one subject.

    A topic page has `topic`, a country page one and a pair page two `countries`, a page of topic and country has both
    (with one country or two), a source page has `source`. With two countries, `pair` has them and their page.
    `with_topics` and `with_countries` are those that occur in its articles. `days` has all articles, or, if there are
    `months`, the latest. `total` is the number of all articles, `newest_count` that of the newest month, `before_count`
    that of the month before it.
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

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section, the topic or source, and the countries."""
        return writer.facet(self.topic, self.countries, self.source, "")


class MonthView(View, frozen=True):
    """`month.html`: one month of a topic, a country, a pair, a crossing of these, a source, or the whole digest.

    `perspective_month.html`: one month of a perspective. It has no `days`, but `groups` with all readings by topic.

    `index` is the page it belongs to; `previous` and `next` are the neighbouring months that have articles.
    """

    month: date
    topic: views.Link | None
    countries: tuple[views.Link, ...]
    source: views.Link | None
    perspective: views.Count | None
    index: str
    count: int
    days: tuple[views.Day, ...]
    groups: tuple[views.Group, ...]
    previous: views.Period | None
    next: views.Period | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the index, and the month."""
        steps = writer.facet(self.topic, self.countries, self.source, self.index)
        if self.perspective is not None:
            steps = [writer.section("perspectives"), (self.perspective.name, self.index)]
        return [*steps, (writer.month(self.month), "")]


@page_kind("topic.html", "country.html", "pair.html", "topic_country.html", "source.html", view=IndexView)
class IndexPage(PageKind, frozen=True):
    """The index page of a facet: its articles, newest first."""

    facet: Facet
    members: tuple[ArticleHash, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page of every facet that has one."""
        for facet, members in planner.pages.indexes.items():
            yield page(facet_path(planner.urls, facet), cls(planner.context, facet, hashes(members)), members)

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
        topics = () if facet.kind == "crossings" else builder.topic_counts(members, facet=facet)
        return IndexView(
            head=builder.meta(path, builder.own_feed(facet, len(members))),
            topic=builder.topic(facet.topic) if facet.topic is not None else None,
            countries=tuple(builder.country(code) for code in facet.countries),
            source=builder.source(members[0], has_page=True) if facet.source is not None else None,
            pair=builder.pair_of(facet.countries, len(members)) if len(facet.countries) == 2 else None,
            total=len(members),
            first_month=months[-1][0],
            newest_month=months[0][0],
            newest_count=months[0][1],
            before_count=months[1][1] if len(months) > 1 and months[1][0] == month_before(months[0][0]) else 0,
            chart=builder.months_chart(members),
            days=builder.days(members[:INDEX_ARTICLES] if is_divided else members),
            months=builder.months(path, months) if is_divided else (),
            with_topics=tuple(row for row in topics if row.key != facet.topic),
            with_countries=builder.country_counts(members, facet=facet),
        )


@page_kind("month.html", "perspective_month.html", view=MonthView)
class MonthPage(PageKind, frozen=True):
    """One month of an index: its articles or, for a perspective, their texts, and the neighbouring months."""

    facet: Facet
    month: date
    members: tuple[ArticleHash, ...]
    texts: tuple[ArticleText, ...]
    previous: DateCount | None
    next: DateCount | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every month of the archive, of each index that is divided into months, and of each perspective."""
        pages = planner.pages
        divided = [(facet, members) for facet, members in pages.indexes.items() if facet in pages.with_months]
        perspectives = [(Facet(perspective=key), members) for key, members in pages.perspectives.items()]
        for facet, members in [(ENTIRE_SITE, planner.site.articles), *divided, *perspectives]:
            path, key = facet_path(planner.urls, facet), facet.perspective
            for month, group, previous, following in with_neighbours(by_month(members)):
                texts = tuple([planner.perspective_text(article, key) for article in group]) if key is not None else ()
                spec = cls(planner.context, facet, month, () if texts else hashes(group), texts, previous, following)
                yield page(planner.urls.month(path, month), spec, group)

    @property
    def template(self) -> str:
        """The template for the kind of the facet."""
        return "month.html" if self.facet.perspective is None else "perspective_month.html"

    def view(self, builder: ViewBuilder) -> MonthView:
        """Return the view of the month."""
        facet, members, key = self.facet, builder.articles(self.members), self.facet.perspective
        path, count = facet_path(builder.urls, facet), len(self.members) + len(self.texts)
        return MonthView(
            head=builder.meta(builder.urls.month(path, self.month)),
            month=self.month,
            topic=builder.topic(facet.topic) if facet.topic is not None else None,
            countries=tuple(builder.country(code) for code in facet.countries),
            source=builder.source(members[0], has_page=True) if facet.source is not None else None,
            perspective=counted(builder.perspective(key), count) if key is not None else None,
            index=builder.urls.href(path),
            count=count,
            days=builder.days(members),
            groups=_readings_by_topic(builder, self.texts, key) if key is not None else (),
            previous=builder.month(path, self.previous),
            next=builder.month(path, self.next),
        )


def _readings_by_topic(builder: ViewBuilder, texts: Iterable[ArticleText], perspective: str) -> tuple[views.Group, ...]:
    groups: dict[str, list[views.Section]] = {}
    for text in texts:
        topic = builder.article(text.article).front.topics[0]
        groups.setdefault(topic, []).append(builder.reading(text, perspective))
    return tuple(
        views.Group(*astuple(builder.topic(topic)), items=tuple(groups[topic]))
        for topic in builder.topic_order
        if topic in groups
    )
