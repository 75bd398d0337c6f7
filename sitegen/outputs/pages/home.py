"""The home page."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.outputs import views
from sitegen.outputs.charts import matrix
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, View, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash, ArticleText
from sitegen.outputs.specs import (
    WeekSummary,
)
from sitegen.outputs.view_builder import ViewBuilder, month_before
from sitegen.site.model import by_month, monday_of
from sitegen.site.pages import has_issue

LEAD_DAYS: Final = 7
HOME_ARTICLES: Final = 20
SIDE_ROWS: Final = 8
HOME_MATRIX: Final = 8


class PerspectiveExcerpt(Struct, frozen=True):
    """The first sentence of a perspective: its key, its label in the page's language, the sentence and its language."""

    key: str
    label: str
    text: str
    lang: str
    href: str


class FeaturedArticle(Struct, frozen=True):
    """The article that opens the home page, with the first sentences of two of its perspectives."""

    article: views.ArticleSummary
    readings: tuple[PerspectiveExcerpt, ...]


class HomeView(View, frozen=True):
    """`home.html`: the lead, the latest days, what the newest month was about, and the newest weekly issue.

    `topics` and `countries` are those of the newest month and of the one before it, by their number in the newest.
    """

    newest: datetime | None
    lead: FeaturedArticle | None
    days: tuple[views.Day, ...]
    month: date | None
    topics: tuple[views.TopicCount, ...]
    countries: tuple[views.CountryCount, ...]
    relations: tuple[views.PairCount, ...]
    matrix: views.Matrix | None
    issue: views.IssueLink | None

    def json_ld(self, writer: JsonLdWriter) -> list[dict[str, Any]]:
        """Return the data about the site."""
        return [writer.website()]


@page_kind("home.html", view=HomeView)
class HomePage(PageKind, frozen=True):
    """The home page: all articles, newest first, and the featured article."""

    articles: tuple[ArticleHash, ...]
    lead: ArticleText | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the home page."""
        articles = planner.site.articles
        lead = planner.text(_featured_article(articles)) if articles else None
        yield PlannedPage(planner.urls.home(), cls(planner.context, planner.all_articles, lead), planner.last_change)

    def view(self, builder: ViewBuilder) -> HomeView:
        """Return the view of the home page."""
        articles = builder.articles(self.articles)
        newest = articles[0].published if articles else None
        months = by_month(articles)
        latest = months[0][1] if months else ()
        before = months[1][1] if len(months) > 1 and months[1][0] == month_before(months[0][0]) else ()
        ties = builder.pair_counts(articles)
        return HomeView(
            head=builder.meta(builder.urls.home(), builder.site_view.feed),
            newest=newest,
            lead=self._lead(builder),
            days=builder.days(articles[:HOME_ARTICLES]),
            month=months[0][0] if months else None,
            topics=builder.topic_counts(latest, before=before)[:SIDE_ROWS],
            countries=builder.country_counts(latest, before=before)[:SIDE_ROWS],
            relations=ties[:SIDE_ROWS],
            matrix=matrix(ties, HOME_MATRIX),
            issue=_newest_issue(builder, articles),
        )

    def _lead(self, builder: ViewBuilder) -> FeaturedArticle | None:
        if self.lead is None:
            return None
        article = builder.article(self.lead.article)
        summary = builder.summary(article)
        excerpts = [
            PerspectiveExcerpt(
                section.key,
                builder.perspectives[section.key].names.get(builder.locale),
                section.first_sentence,
                section.lang or article.localized(builder.locale).lang,
                f"{summary.href}#{section.key}",
            )
            for section in builder.body(self.lead.text).sections
            if section.key is not None and section.first_sentence
        ]
        return FeaturedArticle(summary, tuple(excerpts[:2]))


def _featured_article(articles: Sequence[Article]) -> Article:
    """Return the most important article of the newest days, the newest of equals."""
    since = articles[0].published - timedelta(days=LEAD_DAYS)
    return max((a for a in articles if a.published >= since), key=lambda article: article.front.importance)


def _newest_issue(builder: ViewBuilder, articles: Sequence[Article]) -> views.IssueLink | None:
    if not articles:
        return None
    monday = monday_of(articles[0].published)
    count = sum(monday_of(article.published) == monday for article in articles)
    return builder.issue_link(WeekSummary(monday, count)) if has_issue(builder.config, count) else None
