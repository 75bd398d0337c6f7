"""Pages at older addresses of articles."""

from collections.abc import Iterator

from sitegen.outputs import views
from sitegen.outputs.page_kind import PageKind, PlannedPage, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder


class RedirectView(View, frozen=True):
    """`redirect.html`: at an older address of an article. `target` is its title and current address."""

    target: views.Link


@page_kind("redirect.html", view=RedirectView)
class RedirectPage(PageKind, frozen=True):
    """The page at an older address of an article. `outputs.plan` plans it last, because its address must be free."""

    article: ArticleHash

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield nothing; see `outputs.plan`."""
        yield from ()

    def view(self, builder: ViewBuilder) -> RedirectView:
        """Return the view of the page."""
        article = builder.article(self.article)
        path, shown = builder.urls.article(article.slug), article.localized(builder.locale)
        target = views.Link(article.front.id, shown.title, shown.lang, builder.urls.href(path))
        return RedirectView(builder.meta(path), target)
