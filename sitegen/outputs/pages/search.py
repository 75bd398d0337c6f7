"""The search page."""

from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, SiteSection, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.view_builder import ViewBuilder


class SearchView(View, frozen=True):
    """`search.html`: `index` is the address of the index in the page's locale.

    The script `search.js` of `site.assets` reads it. It fills in the elements with attributes `data-search-…`.
    """

    index: str

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section("search")]


@page_kind(
    "search.html",
    view=SearchView,
    section=SiteSection("search", 7, "footer", exists=lambda config: config.search),
)
class SearchPage(PageKind, frozen=True):
    """The search page."""

    def view(self, builder: ViewBuilder) -> SearchView:
        """Return the view of the page."""
        path = builder.urls.section("search")
        return SearchView(head=builder.meta(path), index=builder.urls.href(path) + "index.json")
