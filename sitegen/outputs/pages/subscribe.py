"""The page that explains the feeds."""

from collections.abc import Iterator

from sitegen.config.model import Config
from sitegen.outputs import views
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.urls import Urls


class SubscribeView(View, frozen=True):
    """`subscribe.html`: every feed of the digest, in groups: the whole digest, topics, countries and so on."""

    groups: tuple[views.FeedGroup, ...]

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("subscribe")]


@page_kind("subscribe.html", view=SubscribeView, section=SiteSection("subscribe", 9))
class SubscribePage(PageKind, frozen=True):
    """The page that explains the feeds: what each of them is about."""

    facets: tuple[Facet, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.subscribe()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        facets = tuple(feed.facet for feed in planner.feeds)
        yield page(planner.urls.subscribe(), cls(planner.context, facets))

    def view(self, builder: ViewBuilder) -> SubscribeView:
        """Return the view of the page."""
        head = builder.meta(builder.urls.subscribe(), builder.site_view.feed)
        return SubscribeView(head, builder.feed_groups(self.facets))
