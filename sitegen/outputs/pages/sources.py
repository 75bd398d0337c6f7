"""The list of sources."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.outputs import views
from sitegen.outputs.charts import shares_chart
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.pages import has_page
from sitegen.site.sources import source_slug
from sitegen.site.urls import Urls


class SourcesView(View, frozen=True):
    """`sources.html`: every source that has an article, the one with the most first."""

    sources: tuple[views.SourceCount, ...]
    shares: views.SharesChart | None

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("sources")]


@page_kind("sources.html", view=SourcesView, section=SiteSection("sources", 7, "footer"))
class SourcesPage(PageKind, frozen=True):
    """The list of sources."""

    articles: tuple[ArticleHash, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.sources()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        spec = cls(planner.context, planner.all_articles)
        yield PlannedPage(planner.urls.sources(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> SourcesView:
        """Return the view of the list."""
        sources = _source_counts(builder, builder.articles(self.articles))
        return SourcesView(builder.meta(builder.urls.sources()), sources, shares_chart(sources))


def _source_counts(builder: ViewBuilder, members: Sequence[Article]) -> tuple[views.SourceCount, ...]:
    groups: dict[str, list[Article]] = {}
    for article in members:
        groups.setdefault(source_slug(article.front.source.name), []).append(article)
    rows = []
    for _, group in sorted(groups.items(), key=lambda row: (-len(row[1]), row[0])):
        link = builder.source_link(group[0], has_page=True)
        if not has_page(builder.config, Facet(source=group[0].front.source.name), len(group)):
            link = replace(link, href=builder.urls.href(builder.urls.article(group[0].slug)))
        rows.append(views.SourceCount(link, len(group), len(group) / len(members), group[0].published))
    return tuple(rows)
