"""The archive: the list of all months."""

from collections.abc import Iterator

from sitegen.config.model import Config
from sitegen.outputs import views
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import Urls


class ArchiveView(View, frozen=True):
    """`archive.html`: every month of the digest."""

    months: tuple[views.MonthCount, ...]
    chart: views.MonthsChart | None

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("archive")]


@page_kind("archive.html", view=ArchiveView, section=SiteSection("archive", 6, "header"))
class ArchivePage(PageKind, frozen=True):
    """The archive: the list of all months."""

    articles: tuple[ArticleHash, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.archive()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        spec = cls(planner.context, planner.all_articles)
        yield PlannedPage(planner.urls.archive(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> ArchiveView:
        """Return the view of the list."""
        articles = builder.articles(self.articles)
        path = builder.urls.archive()
        return ArchiveView(builder.meta(path), builder.months(path, articles), builder.months_chart(articles))
