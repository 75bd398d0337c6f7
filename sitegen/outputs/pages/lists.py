"""The lists of the sections: topics, countries, pairs, sources, months, corrections and feeds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from msgspec.structs import replace

from sitegen.outputs import counts, periods, views
from sitegen.outputs.charts import matrix, months_chart, shares_chart, tile_map
from sitegen.outputs.feed_selection import correction_items
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash
from sitegen.outputs.specs import (
    CorrectionItem,
    DateCount,
    ImportanceCount,
    NewestCount,
    PairCount,
    importance_counts,
    pair_counts,
)
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import CORRECTIONS, Facet

MAX_PAIRS: Final = 100
"""Pairs in the list of relations, the most frequent; the pages of countries and articles lead to the others."""
MATRIX_SIZE: Final = 12
"""Countries in the matrix."""


class ListView(View, frozen=True):
    """The list of a section. `section` is its key in the navigation, which is also the name of the template.

    `rows` are those that have an article: `Count`s of `topics.html`, `countries.html` and `sources.html`, the most
    frequent first, and of `perspectives.html` in the order of `site.yaml`; `Pair`s of `relations.html`, the 100
    most frequent; `Period`s of `issues.html` and `archive.html`, the newest first; `CorrectionView`s of
    `corrections.html`, the newest first; `Group`s of feeds of `subscribe.html`.

    `chart` is a `TileMap` of countries, a `Matrix` of relations, a `SharesChart` of sources, a `MonthsChart` of the
    archive; none if there are too few articles. `calendar` has every month of the archive with its weeks, also those
    without articles, the newest month first.
    """

    section: str
    rows: tuple[views.Count | views.Pair | views.Period | views.CorrectionView | views.Group, ...]
    chart: views.TileMap | views.Matrix | views.SharesChart | views.MonthsChart | None
    calendar: tuple[views.Period, ...] = ()

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section(self.section)]


def _list_view(
    builder: ViewBuilder,
    section: str,
    rows: Iterable[views.Count | views.Pair | views.Period | views.CorrectionView | views.Group],
    chart: views.TileMap | views.Matrix | views.SharesChart | views.MonthsChart | None = None,
    *,
    feed: views.FeedLink | None = None,
    calendar: tuple[views.Period, ...] = (),
) -> ListView:
    """Return the view of the list of a section."""
    return ListView(builder.meta(builder.urls.section(section), feed), section, tuple(rows), chart, calendar)


@page_kind(
    "topics.html",
    "countries.html",
    "perspectives.html",
    "sources.html",
    view=ListView,
    sections=(
        SiteSection("topics", 1),
        SiteSection("countries", 2),
        SiteSection("perspectives", 4),
        SiteSection("sources", 7, "footer"),
    ),
)
class CountsPage(PageKind, frozen=True):
    """The list of topics, countries, perspectives or sources: how many articles each has, and the newest of these.

    The most frequent is first, but perspectives are in the order of `site.yaml`.
    """

    section: str
    rows: tuple[NewestCount, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the four lists."""
        site = planner.site
        countries, sources = dict(sorted(site.by_country.items())), dict(sorted(site.by_source.items()))
        groups = (site.by_topic, countries, planner.pages.perspectives, sources)
        for section, members in zip(cls.sections, groups, strict=True):
            rows = [(key, len(articles), ArticleHash(articles[0].hash)) for key, articles in members.items()]
            if section.key != "perspectives":
                rows.sort(key=lambda row: -row[1])
            spec = cls(planner.context, section.key, tuple(rows))
            yield page(planner.urls.section(section.key), spec, [articles[0] for articles in members.values()])

    @property
    def template(self) -> str:
        """The template of the section."""
        return f"{self.section}.html"

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list: countries with a tile map, sources with the share of each."""
        rows = tuple(self._count(builder, *row) for row in self.rows)
        chart: views.TileMap | views.SharesChart | None = None
        if self.section == "countries":
            chart = tile_map(rows, lambda code: builder.config.country_name(code, builder.locale))
        elif self.section == "sources":
            chart = shares_chart(rows)
        return _list_view(builder, self.section, rows, chart)

    def _count(self, builder: ViewBuilder, key: str, count: int, newest: ArticleHash) -> views.Count:
        """Return a row. A source without a page leads to its newest article."""
        article = builder.article(newest)
        summary = builder.summary(article)
        if self.section == "topics":
            link = builder.topic(key)
        elif self.section == "countries":
            link = builder.country(key)
        elif self.section == "perspectives":
            link = builder.perspective(key)
        else:
            link = builder.source(article, has_page=True)
            if not builder.has_page(count, source=article.front.source.name):
                link = replace(link, href=summary.href)
        return counts.counted(link, count, summary)


@page_kind("relations.html", view=ListView, section=SiteSection("relations", 3))
class RelationsPage(PageKind, frozen=True):
    """The list of pairs of countries, with a matrix."""

    pairs: tuple[PairCount, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        pairs = pair_counts(planner.site.by_pair)
        newest = max((published for _, _, published in pairs[:MAX_PAIRS]), default=None)
        yield PlannedPage(planner.urls.section("relations"), cls(planner.context, pairs), newest)

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        chart = matrix(self.pairs, MATRIX_SIZE, builder.pair_of)
        return _list_view(builder, "relations", builder.pairs(self.pairs[:MAX_PAIRS]), chart)


@page_kind(
    "archive.html",
    "issues.html",
    view=ListView,
    sections=(SiteSection("archive", 6), SiteSection("issues", 5)),
)
class PeriodsPage(PageKind, frozen=True):
    """The archive: all months and their weeks. Or the list of weekly issues, which has no months."""

    section: str
    months: tuple[ImportanceCount, ...]
    weeks: tuple[DateCount, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield both lists."""
        months = importance_counts(planner.site.articles)
        for section, of_months, groups in (
            ("archive", months, planner.site.by_week),
            ("issues", (), planner.pages.weeks),
        ):
            weeks = tuple((monday, len(members)) for monday, members in groups.items())
            spec = cls(planner.context, section, of_months, weeks)
            yield PlannedPage(planner.urls.section(section), spec, planner.last_published)

    @property
    def template(self) -> str:
        """The template of the section."""
        return f"{self.section}.html"

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        if self.section == "issues":
            return _list_view(builder, "issues", [periods.issue(builder, *week) for week in self.weeks])
        path = builder.urls.section("archive")
        by_month = Counter[date]()
        for month, _, count in self.months:
            by_month[month] += count
        rows = periods.months(builder, path, by_month.items())
        calendar = periods.calendar(builder, path, by_month, dict(self.weeks))
        return _list_view(builder, "archive", rows, months_chart(self.months), calendar=calendar)


@page_kind("corrections.html", view=ListView, section=SiteSection("corrections", 8, "footer"))
class CorrectionsPage(PageKind, frozen=True):
    """The list of corrections."""

    items: tuple[CorrectionItem, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        corrected = [article for article in planner.site.articles if article.front.corrections]
        spec = cls(planner.context, tuple(correction_items(corrected, planner.site.config)))
        newest = max((article.corrected for article in corrected if article.corrected is not None), default=None)
        yield PlannedPage(planner.urls.section("corrections"), spec, newest)

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        feed = builder.own_feed(CORRECTIONS, len(self.items))
        return _list_view(builder, "corrections", map(builder.correction, self.items), feed=feed)


@page_kind("subscribe.html", view=ListView, section=SiteSection("subscribe", 9))
class SubscribePage(PageKind, frozen=True):
    """The page that explains the feeds, and lists them: combinations only in the list for feed readers."""

    facets: tuple[tuple[Facet, str], ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page. The name of a source is in the language that its newest article gives it."""
        locales = planner.site.config.locales
        facets = tuple(
            (facet, members[0].front.source_name_lang(locales) if facet.source is not None and members else "")
            for facet, members in planner.feeds.items()
        )
        yield page(planner.urls.section("subscribe"), cls(planner.context, facets))

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the page."""
        return _list_view(builder, "subscribe", builder.feed_groups(dict(self.facets)), feed=builder.site_view.feed)
