"""One month of an index or of the archive."""

from collections.abc import Iterator
from datetime import date

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.specs import DateCount, hashes, months_with_neighbours
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.urls import facet_path


class MonthView(View, frozen=True):
    """`month.html`: one month of a topic, a country, a pair, a crossing of these, a source, or the whole digest.

    `index` is the page it belongs to; `previous` and `next` are the neighbouring months that have articles.
    """

    month: date
    topic: views.Link | None
    countries: tuple[views.Link, ...]
    source: views.Link | None
    index: str
    count: int
    days: tuple[views.Day, ...]
    previous: views.Period | None
    next: views.Period | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the index, and the month."""
        return [*writer.facet(self.topic, self.countries, self.source, self.index), (writer.month(self.month), "")]


@page_kind("month.html", view=MonthView)
class MonthPage(PageKind, frozen=True):
    """One month of an index: its articles, and the neighbouring months."""

    facet: Facet
    month: date
    members: tuple[ArticleHash, ...]
    previous: DateCount | None
    next: DateCount | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every month of the archive, and of each index that is divided into months."""
        divided = [(facet, planner.pages.indexes[facet]) for facet in planner.pages.indexes]
        divided = [(facet, members) for facet, members in divided if facet in planner.pages.with_months]
        for facet, members in [(ENTIRE_SITE, planner.site.articles), *divided]:
            path = facet_path(planner.urls, facet)
            for month, group, previous, following in months_with_neighbours(members):
                spec = cls(planner.context, facet, month, hashes(group), previous, following)
                yield page(planner.urls.month(path, month), spec, group)

    def view(self, builder: ViewBuilder) -> MonthView:
        """Return the view of the month."""
        facet, members = self.facet, builder.articles(self.members)
        path = facet_path(builder.urls, facet)
        return MonthView(
            head=builder.meta(builder.urls.month(path, self.month)),
            month=self.month,
            topic=builder.topic(facet.topic) if facet.topic is not None else None,
            countries=tuple(builder.country(code) for code in facet.countries),
            source=builder.source(members[0], has_page=True) if facet.source is not None else None,
            index=builder.urls.href(path),
            count=len(members),
            days=builder.days(members),
            previous=builder.month(path, self.previous),
            next=builder.month(path, self.next),
        )
