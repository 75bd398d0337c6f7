"""The list of topics."""

from collections.abc import Iterator

from sitegen.config.model import Config
from sitegen.outputs import views
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import Urls


class TopicsView(View, frozen=True):
    """`topics.html`: every topic that has an article."""

    topics: tuple[views.TopicCount, ...]

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("topics")]


@page_kind("topics.html", view=TopicsView, section=SiteSection("topics", 1, "header"))
class TopicsPage(PageKind, frozen=True):
    """The list of topics."""

    articles: tuple[ArticleHash, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.topics()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        spec = cls(planner.context, planner.all_articles)
        yield PlannedPage(planner.urls.topics(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> TopicsView:
        """Return the view of the list."""
        head = builder.meta(builder.urls.topics())
        return TopicsView(head, builder.topic_counts(builder.articles(self.articles)))
