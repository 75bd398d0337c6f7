"""Pages that no list and no sitemap has: at an address that does not exist, and at older addresses."""

from collections.abc import Iterator

from sitegen.outputs import views
from sitegen.outputs.page_kind import PageKind, PlannedPage, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash
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
