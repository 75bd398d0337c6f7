"""Pages at older addresses."""

from sitegen.outputs import views
from sitegen.outputs.page_kind import PageKind, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.references import ArticleHash
from sitegen.outputs.view_builder import ViewBuilder


class RedirectView(View, frozen=True):
    """`redirect.html`: at an older address. `target` is the current address, named by its article's title or itself."""

    target: views.Link


@page_kind("redirect.html", view=RedirectView)
class RedirectPage(PageKind, frozen=True):
    """The page at an older address of a page. `outputs.plan` plans it last, because its address must be free."""

    path: str
    article: ArticleHash | None = None

    def view(self, builder: ViewBuilder) -> RedirectView:
        """Return the view of the page."""
        href = builder.urls.href(self.path)
        target = views.Link(self.path, self.path, builder.locale, href)
        if self.article is not None:
            article = builder.article(self.article)
            version = article.localized(builder.locale)
            target = views.Link(article.front.id, builder.typographic(version.title, version.lang), version.lang, href)
        return RedirectView(builder.meta(self.path), target)
