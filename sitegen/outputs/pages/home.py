"""The home page."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sitegen.content.articles import Article
from sitegen.outputs import counts, periods, texts, views
from sitegen.outputs.charts import matrix
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash, ArticleText
from sitegen.outputs.specs import NEXT_EVENTS, EventItem, PairCount, event_items, hashes, pair_counts
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.clusters import clusters
from sitegen.site.model import Site, by_month, monday_of
from sitegen.site.pages import has_issue

LEAD_DAYS: Final = 7
HOME_ARTICLES: Final = 20
SIDE_ROWS: Final = 8
HOME_MATRIX: Final = 8


class HomeView(View, frozen=True):
    """`home.html`: the lead, the latest days, what the newest month was about, the newest weekly issue and edition.

    `readings` are the first two perspectives of the lead; the templates show the first sentence of each.

    `upcoming` are the next five events.

    `topics` and `countries` are those of the newest `month` and of the one `before` it, by their number in the newest.
    """

    newest: datetime | None
    lead: views.ArticleSummary | None
    readings: tuple[views.Section, ...]
    days: tuple[views.Day, ...]
    month: date | None
    before: date | None
    topics: tuple[views.Count, ...]
    countries: tuple[views.Count, ...]
    relations: tuple[views.Pair, ...]
    matrix: views.Matrix | None
    issue: views.Period | None
    upcoming: tuple[views.EventView, ...]
    edition: views.Period | None

    def json_ld(self, writer: JsonLdWriter) -> list[dict[str, Any]]:
        """Return the data about the site."""
        return [writer.website()]


@page_kind("home.html", view=HomeView)
class HomePage(PageKind, frozen=True):
    """The home page: the recent articles, newest first, the featured one, all pairs of countries, the next events."""

    recent: tuple[ArticleHash, ...]
    pairs: tuple[PairCount, ...]
    lead: ArticleText | None
    upcoming: tuple[EventItem, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the home page."""
        site = planner.site
        recent = _recent_articles(site)
        lead = planner.text(_featured_article(recent)) if recent else None
        upcoming = event_items(site, is_past=False)[:NEXT_EVENTS]
        spec = cls(planner.context, hashes(recent), pair_counts(site.by_pair), lead, upcoming)
        yield PlannedPage(planner.urls.home(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> HomeView:
        """Return the view of the home page."""
        articles = builder.articles(self.recent)
        newest = articles[0].published if articles else None
        months = by_month(articles)
        latest = months[0][1] if months else ()
        before = months[1][1] if len(months) > 1 and months[1][0] == periods.month_before(months[0][0]) else ()
        return HomeView(
            head=builder.meta(builder.urls.home(), builder.site_view.feed),
            newest=newest,
            lead=self._lead(builder, articles),
            readings=next(iter(texts.readings(builder, [self.lead] if self.lead else ()).values()), ()),
            days=builder.days(articles, HOME_ARTICLES),
            month=months[0][0] if months else None,
            before=periods.month_before(months[0][0]) if months else None,
            topics=counts.topics(builder, latest, before=before, limit=SIDE_ROWS),
            countries=counts.countries(builder, latest, before=before, limit=SIDE_ROWS),
            relations=builder.pairs(self.pairs[:SIDE_ROWS]),
            matrix=matrix(self.pairs, HOME_MATRIX, builder.pair_of),
            issue=_newest_issue(builder, articles),
            upcoming=builder.events(self.upcoming),
            edition=_newest_edition(builder, articles),
        )

    def _lead(self, builder: ViewBuilder, articles: Sequence[Article]) -> views.ArticleSummary | None:
        """Return the featured article, with the sources of other reports of the event."""
        if self.lead is None:
            return None
        lead = builder.article(self.lead.article)
        same_day = [article for article in articles if article.published.date() == lead.published.date()]
        cluster = next(cluster for cluster in clusters(same_day) if lead in cluster)
        return builder.card((lead, *(article for article in cluster if article != lead)))


def _recent_articles(site: Site) -> list[Article]:
    """Return the articles of the newest month and of the one before, and of earlier days if these are few events."""
    recent: list[Article] = []
    for day, members in site.by_day.items():
        since = periods.month_before(recent[0].published.date().replace(day=1)) if recent else day
        if day < since and len(clusters(recent)) >= HOME_ARTICLES:
            break
        recent += members
    return recent


def _featured_article(articles: Sequence[Article]) -> Article:
    """Return the most important article of the newest days, the newest of equals."""
    since = articles[0].published - timedelta(days=LEAD_DAYS)
    newest = clusters([article for article in articles if article.published >= since])
    return max((cluster[0] for cluster in newest), key=lambda article: article.front.importance)


def _newest_issue(builder: ViewBuilder, articles: Sequence[Article]) -> views.Period | None:
    if not articles:
        return None
    monday = monday_of(articles[0].published)
    count = sum(monday_of(article.published) == monday for article in articles)
    return periods.issue(builder, monday, count) if has_issue(builder.config, count) else None


def _newest_edition(builder: ViewBuilder, articles: Sequence[Article]) -> views.Period | None:
    if not articles or builder.config.edition_items is None:
        return None
    day = articles[0].published.date()
    return periods.edition(builder, day, sum(article.published.date() == day for article in articles))
