"""The page at an address that does not exist."""

from collections.abc import Iterator

from sitegen.outputs import views
from sitegen.outputs.page_kind import PageKind, PlannedPage, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import Urls


class NotFoundView(View, frozen=True):
    """`homes` are the home pages of all locales, that of the page's own locale first.

    Their `key` is the locale, their `name` the title of the site.
    """

    homes: tuple[views.Link, ...]


@page_kind("404.html", view=NotFoundView)
class NotFoundPage(PageKind, frozen=True):
    """The page at an address that does not exist."""

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page, which has the other locales, too: some hosts serve only that of the first."""
        yield PlannedPage(planner.urls.not_found(), cls(planner.context), indexed=False)

    def view(self, builder: ViewBuilder) -> NotFoundView:
        """Return the view of the page."""
        head = views.PageMeta(builder.urls.absolute(builder.urls.not_found()), None, (), builder.social_image)
        title, first = builder.config.title, builder.locale
        homes = tuple(
            views.Link(tag, title.get(tag), title.language(tag), urls.href(urls.home()))
            for tag in sorted(builder.config.locales, key=lambda tag: tag != first)
            for urls in [Urls.of(builder.config, tag)]
        )
        return NotFoundView(head, homes)
