"""The list of corrections."""

from collections.abc import Iterator

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.outputs import views
from sitegen.outputs.feeds.selection import correction_items
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.specs import (
    CorrectionItem,
)
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import CORRECTIONS
from sitegen.site.pages import has_feed
from sitegen.site.urls import Urls


class CorrectedArticle(Struct, frozen=True):
    """An article and one thing in it that was put right."""

    article: views.ArticleSummary
    correction: views.CorrectionView


class CorrectionsView(View, frozen=True):
    """`corrections.html`: every correction, the newest first."""

    corrections: tuple[CorrectedArticle, ...]

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("corrections")]


@page_kind("corrections.html", view=CorrectionsView, section=SiteSection("corrections", 8, "footer"))
class CorrectionsPage(PageKind, frozen=True):
    """The list of corrections, newest first."""

    items: tuple[CorrectionItem, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.corrections()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        corrected = [article for article in planner.site.articles if article.front.corrections]
        spec = cls(planner.context, tuple(correction_items(corrected, planner.site.config)))
        yield page(planner.urls.corrections(), spec, corrected)

    def view(self, builder: ViewBuilder) -> CorrectionsView:
        """Return the view of the list."""
        rows = []
        for item in self.items:
            article = builder.article(item.article)
            rows.append(CorrectedArticle(builder.summary(article), builder.correction(article, item.entry(article))))
        feed = builder.feed_link(CORRECTIONS) if has_feed(builder.config, CORRECTIONS, len(rows)) else None
        return CorrectionsView(builder.meta(builder.urls.corrections(), feed), tuple(rows))
