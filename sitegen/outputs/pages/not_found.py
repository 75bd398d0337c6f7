"""The page at an address that does not exist."""

from collections.abc import Iterator
from typing import Final

from sitegen.outputs import views
from sitegen.outputs.page_kind import PageKind, PlannedPage, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.view_builder import ViewBuilder

NOT_FOUND: Final = "/404.html"


@page_kind("404.html", view=View)
class NotFoundPage(PageKind, frozen=True):
    """The page at an address that does not exist."""

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page, once for all locales: a host serves only one."""
        if planner.urls.is_first:
            yield PlannedPage(NOT_FOUND, cls(planner.context), indexed=False)

    def view(self, builder: ViewBuilder) -> View:
        """Return the view of the page."""
        return View(views.PageMeta(builder.urls.absolute(NOT_FOUND), None, (), builder.social_image))
