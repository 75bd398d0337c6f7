"""The lists of the sections: topics, countries, pairs, sources, months, corrections and feeds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from sitegen.content.articles import Article
from sitegen.outputs import counts, periods, views
from sitegen.outputs.charts import matrix, shares_chart, tile_map
from sitegen.outputs.feed_selection import correction_items
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash
from sitegen.outputs.specs import CorrectionItem, month_counts, pair_counts
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import CORRECTIONS, Facet
from sitegen.site.sources import source_slug

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
    calendar: tuple[views.MonthOfWeeks, ...] = ()

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section(self.section)]


def list_view(
    builder: ViewBuilder,
    section: str,
    rows: Iterable[views.Count | views.Pair | views.Period | views.CorrectionView | views.Group],
    chart: views.TileMap | views.Matrix | views.SharesChart | views.MonthsChart | None = None,
    feed: views.FeedLink | None = None,
) -> ListView:
    """Return the view of the list of a section."""
    return ListView(builder.meta(builder.urls.section(section), feed), section, tuple(rows), chart)


def _topics(builder: ViewBuilder, articles: Sequence[Article]) -> ListView:
    return list_view(builder, "topics", counts.topics(builder, articles))


def _countries(builder: ViewBuilder, articles: Sequence[Article]) -> ListView:
    """Return the list of countries, with a tile map."""
    rows = counts.countries(builder, articles)
    tiles = tile_map(rows, lambda code: builder.config.country_name(code, builder.locale))
    return list_view(builder, "countries", rows, tiles)


def _relations(builder: ViewBuilder, articles: Sequence[Article]) -> ListView:
    """Return the list of pairs of countries, with a matrix."""
    counts = pair_counts(articles)
    chart = matrix(counts, MATRIX_SIZE, builder.pair_of)
    return list_view(builder, "relations", builder.pairs(counts[:MAX_PAIRS]), chart)


def _archive(builder: ViewBuilder, articles: Sequence[Article]) -> ListView:
    """Return the list of all months, and their weeks."""
    path = builder.urls.section("archive")
    view = list_view(builder, "archive", periods.months(builder, path, month_counts(articles)), periods.chart(articles))
    return replace(view, calendar=periods.weeks(builder, path, articles))


def _sources(builder: ViewBuilder, articles: Sequence[Article]) -> ListView:
    """Return the list of sources, with the share of each."""

    def link(_: str, group: Sequence[Article]) -> views.Link:
        newest = group[0]
        source = builder.source(newest, has_page=True)
        has_page = builder.has_page(len(group), source=newest.front.source.name)
        return source if has_page else replace(source, href=builder.summary(newest).href)

    rows = counts.count_by(builder, articles, lambda article: [source_slug(article.front.source.name)], link)
    return list_view(builder, "sources", rows, shares_chart(rows))


_LISTS: Final[dict[str, Callable[[ViewBuilder, Sequence[Article]], ListView]]] = {
    "topics": _topics,
    "countries": _countries,
    "relations": _relations,
    "archive": _archive,
    "sources": _sources,
}


@page_kind(
    *(f"{key}.html" for key in _LISTS),
    view=ListView,
    sections=(
        SiteSection("topics", 1),
        SiteSection("countries", 2),
        SiteSection("relations", 3),
        SiteSection("archive", 6),
        SiteSection("sources", 7, "footer"),
    ),
)
class ArticlesPage(PageKind, frozen=True):
    """The list of a section, made of all articles."""

    section: str
    articles: tuple[ArticleHash, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every list."""
        for section in cls.sections:
            spec = cls(planner.context, section.key, planner.all_articles)
            yield PlannedPage(planner.urls.section(section.key), spec, planner.last_change)

    @property
    def template(self) -> str:
        """The template of the section."""
        return f"{self.section}.html"

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        return _LISTS[self.section](builder, builder.articles(self.articles))


@page_kind("corrections.html", view=ListView, section=SiteSection("corrections", 8, "footer"))
class CorrectionsPage(PageKind, frozen=True):
    """The list of corrections."""

    items: tuple[CorrectionItem, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        corrected = [article for article in planner.site.articles if article.front.corrections]
        spec = cls(planner.context, tuple(correction_items(corrected, planner.site.config)))
        yield page(planner.urls.section("corrections"), spec, corrected)

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        feed = builder.own_feed(CORRECTIONS, len(self.items))
        return list_view(builder, "corrections", map(builder.correction, self.items), feed=feed)


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
        return list_view(builder, "subscribe", builder.feed_groups(dict(self.facets)), feed=builder.site_view.feed)
