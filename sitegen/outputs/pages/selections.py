"""Pages of the articles in a language or of an importance, next to their feeds, and the list of languages."""

from collections.abc import Iterator
from typing import Final

from sitegen.outputs import counts, views
from sitegen.outputs.feed_selection import by_language
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash
from sitegen.outputs.specs import KeyCount, hashes
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.urls import facet_path

_LANGUAGES: Final = "languages"
"""The first part of the addresses of languages, and the feed label of their list."""
SELECTED: Final = 25
"""Articles on a page; all are in the archive."""


class SelectionView(View, frozen=True):
    """`selection.html`: the newest articles in a language or of an importance, or the list of languages.

    `subject` has the name and the address. `total` is the number of all articles. `days` are empty for the list of
    languages, which alone has `rows`; `parent` is this list on the page of a language.
    """

    subject: views.Link
    parent: views.Link | None
    total: int
    days: tuple[views.Day, ...]
    rows: tuple[views.Count, ...]

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the list of languages, and the page."""
        above = [(self.parent.name, self.parent.href)] if self.parent is not None else []
        return [*above, (self.subject.name, self.subject.href)]


@page_kind("selection.html", view=SelectionView)
class SelectionPage(PageKind, frozen=True):
    """The newest articles of a language or an importance; without a facet the list of languages.

    Every locale has the page of every language of a text, even if it shows no article in it.
    """

    facet: Facet | None
    newest: tuple[ArticleHash, ...]
    total: int
    has_feed: bool = False
    languages: tuple[KeyCount, ...] = ()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page of each language and of the importance that has a feed, and the list of languages."""
        languages = by_language(planner.site, planner.locale)
        important = [row for row in planner.feeds.items() if row[0].importance is not None]
        for facet, members in (*languages, *important):
            spec = cls(planner.context, facet, hashes(members[:SELECTED]), len(members), facet in planner.feeds)
            yield page(facet_path(planner.urls, facet), spec, members)
        if languages:
            counts = tuple((facet.language or "", len(members)) for facet, members in languages)
            spec = cls(planner.context, None, (), len(planner.site.articles), languages=counts)
            yield PlannedPage(planner.urls.section(_LANGUAGES), spec, planner.last_published)

    def view(self, builder: ViewBuilder) -> SelectionView:
        """Return the view of the page."""
        facet, labels, path = self.facet, builder.labels(), builder.urls.section(_LANGUAGES)
        languages = views.Link(_LANGUAGES, labels.label(_LANGUAGES), labels.tag, builder.urls.href(path))
        if facet is None:
            rows = tuple(counts.counted(_link(builder, Facet(language=tag)), count) for tag, count in self.languages)
            return SelectionView(builder.meta(path), languages, None, self.total, (), rows)
        feed = builder.feed_link(facet) if self.has_feed else None
        return SelectionView(
            head=builder.meta(facet_path(builder.urls, facet), feed),
            subject=_link(builder, facet),
            parent=languages if facet.language is not None else None,
            total=self.total,
            days=builder.days(builder.articles(self.newest)),
            rows=(),
        )


def _link(builder: ViewBuilder, facet: Facet) -> views.Link:
    """Return the page of a facet."""
    name, lang = builder.facet_name(facet)
    href = builder.urls.href(facet_path(builder.urls, facet))
    return views.Link(facet.language or str(facet.importance), name, lang, href)
