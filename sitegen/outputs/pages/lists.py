"""The lists of the sections: topics, countries, pairs, sources, months, corrections and feeds."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from sitegen.content.articles import Article
from sitegen.outputs import views
from sitegen.outputs.charts import matrix, shares_chart, tile_map
from sitegen.outputs.feeds.selection import correction_items
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.specs import CorrectionItem, month_counts
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import CORRECTIONS, Facet
from sitegen.site.sources import source_slug

MATRIX_SIZE: Final = 12
"""Countries in the matrix."""


class ListView(View, frozen=True):
    """The list of a section. `section` is its key in the navigation, which is also the name of the template.

    `rows` are all that have an article: `Count`s of `topics.html`, `countries.html` and `sources.html`, the most
    frequent first, and of `perspectives.html` in the order of `site.yaml`; `Pair`s of `relations.html`, the most
    frequent first; `Period`s of `issues.html` and `archive.html`, the newest first; `CorrectionView`s of
    `corrections.html`, the newest first; `Group`s of feeds of `subscribe.html`.

    `chart` is a `TileMap` of countries, a `Matrix` of relations, a `SharesChart` of sources, a `MonthsChart` of the
    archive; none if there are too few articles.
    """

    section: str
    rows: tuple[views.Count | views.Pair | views.Period | views.CorrectionView | views.Group, ...]
    chart: views.TileMap | views.Matrix | views.SharesChart | views.MonthsChart | None

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


class ArticlesPage(PageKind, frozen=True):
    """Base of the lists that are made of all articles."""

    articles: tuple[ArticleHash, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        path = cls.address(planner.urls, planner.site.config) or ""
        yield PlannedPage(path, cls(planner.context, planner.all_articles), planner.last_change)


@page_kind("topics.html", view=ListView, section=SiteSection("topics", 1))
class TopicsPage(ArticlesPage, frozen=True):
    """The list of topics."""

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        return list_view(builder, "topics", builder.topic_counts(builder.articles(self.articles)))


@page_kind("countries.html", view=ListView, section=SiteSection("countries", 2))
class CountriesPage(ArticlesPage, frozen=True):
    """The list of countries, with a tile map."""

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        rows = builder.country_counts(builder.articles(self.articles))
        tiles = tile_map(rows, lambda code: builder.config.country_name(code, builder.locale))
        return list_view(builder, "countries", rows, tiles)


@page_kind("relations.html", view=ListView, section=SiteSection("relations", 3))
class RelationsPage(ArticlesPage, frozen=True):
    """The list of pairs of countries, with a matrix."""

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        rows = builder.pair_counts(builder.articles(self.articles))
        return list_view(builder, "relations", rows, matrix(rows, MATRIX_SIZE))


@page_kind("archive.html", view=ListView, section=SiteSection("archive", 6))
class ArchivePage(ArticlesPage, frozen=True):
    """The archive: the list of all months."""

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        articles = builder.articles(self.articles)
        months = builder.months(builder.urls.section("archive"), month_counts(articles))
        return list_view(builder, "archive", months, builder.months_chart(articles))


@page_kind("sources.html", view=ListView, section=SiteSection("sources", 7, "footer"))
class SourcesPage(ArticlesPage, frozen=True):
    """The list of sources, with the share of each."""

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""

        def link(_: str, group: Sequence[Article]) -> views.Link:
            newest = group[0]
            source = builder.source(newest, has_page=True)
            has_page = builder.has_page(len(group), source=newest.front.source.name)
            return source if has_page else replace(source, href=builder.summary(newest).href)

        articles = builder.articles(self.articles)
        rows = builder.counts(articles, lambda article: [source_slug(article.front.source.name)], link)
        return list_view(builder, "sources", rows, shares_chart(rows))


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
    """The page that explains the feeds."""

    facets: tuple[Facet, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        facets = tuple(feed.facet for feed in planner.feeds)
        yield page(planner.urls.section("subscribe"), cls(planner.context, facets))

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the page."""
        return list_view(builder, "subscribe", builder.feed_groups(self.facets), feed=builder.site_view.feed)
