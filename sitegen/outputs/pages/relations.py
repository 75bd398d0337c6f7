"""The list of pairs of countries, with a matrix."""

from collections.abc import Iterator
from typing import Final

from sitegen.config.model import Config
from sitegen.outputs import views
from sitegen.outputs.charts import matrix
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import Urls

MATRIX_SIZE: Final = 12
"""Countries in the matrix."""


class RelationsView(View, frozen=True):
    """`relations.html`: every pair of countries that has an article, the strongest first."""

    pairs: tuple[views.PairCount, ...]
    matrix: views.Matrix | None

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("relations")]


@page_kind("relations.html", view=RelationsView, section=SiteSection("relations", 3, "header"))
class RelationsPage(PageKind, frozen=True):
    """The list of pairs of countries, with a matrix."""

    articles: tuple[ArticleHash, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.relations()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        spec = cls(planner.context, planner.all_articles)
        yield PlannedPage(planner.urls.relations(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> RelationsView:
        """Return the view of the list."""
        ties = builder.pair_counts(builder.articles(self.articles))
        return RelationsView(builder.meta(builder.urls.relations()), ties, matrix(ties, MATRIX_SIZE))
