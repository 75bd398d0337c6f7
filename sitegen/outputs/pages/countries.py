"""The list of countries, with a tile map."""

from collections.abc import Iterator

from sitegen.config.model import Config
from sitegen.outputs import views
from sitegen.outputs.charts import tile_map
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import Urls


class CountriesView(View, frozen=True):
    """`countries.html`: every country that has an article."""

    countries: tuple[views.CountryCount, ...]
    map: views.TileMap | None

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("countries")]


@page_kind("countries.html", view=CountriesView, section=SiteSection("countries", 2, "header"))
class CountriesPage(PageKind, frozen=True):
    """The list of countries, with a tile map."""

    articles: tuple[ArticleHash, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.countries()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        spec = cls(planner.context, planner.all_articles)
        yield PlannedPage(planner.urls.countries(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> CountriesView:
        """Return the view of the list."""
        rows = builder.country_counts(builder.articles(self.articles))
        tiles = tile_map(rows, lambda code: builder.config.country_name(code, builder.locale))
        return CountriesView(builder.meta(builder.urls.countries()), rows, tiles)
