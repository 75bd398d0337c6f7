"""The home page."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from sitegen.content.articles import Article
from sitegen.outputs import counts, periods, texts, views
from sitegen.outputs.charts import matrix
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash, ArticleText
from sitegen.outputs.specs import (
    NEXT_EVENTS,
    EventItem,
    MonthCount,
    PairCount,
    event_items,
    hashes,
    newest_month_counts,
    pair_counts,
)
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.clusters import clusters
from sitegen.site.model import Site, monday_of
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
    """The home page: the articles of the latest days, the reports of the featured event, counts, the next events.

    `lead` is the first of the `reports`. Topics and countries are those of the newest month, pairs are all; `week` and
    `day` are the numbers of articles of the newest ones.
    """

    latest: tuple[ArticleHash, ...]
    lead: ArticleText | None
    reports: tuple[ArticleHash, ...]
    topics: tuple[MonthCount, ...]
    countries: tuple[MonthCount, ...]
    pairs: tuple[PairCount, ...]
    week: int
    day: int
    upcoming: tuple[EventItem, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the home page."""
        site = planner.site
        newest = site.articles[0].published if site.articles else None
        reports = _featured_reports(site)
        spec = cls(
            planner.context,
            latest=hashes(_latest_articles(site)),
            lead=planner.text(reports[0]) if reports else None,
            reports=hashes(reports),
            topics=newest_month_counts(site.by_topic.items(), newest)[:SIDE_ROWS],
            countries=newest_month_counts(sorted(site.by_country.items()), newest)[:SIDE_ROWS],
            pairs=pair_counts(site.by_pair),
            week=len(site.by_week[monday_of(newest)]) if newest is not None else 0,
            day=len(site.by_day[newest.date()]) if newest is not None else 0,
            upcoming=event_items(site, is_past=False)[:NEXT_EVENTS],
        )
        yield PlannedPage(planner.urls.home(), spec, planner.last_published)

    def view(self, builder: ViewBuilder) -> HomeView:
        """Return the view of the home page."""
        articles = builder.articles(self.latest)
        newest = articles[0].published if articles else None
        month = newest.date().replace(day=1) if newest is not None else None
        return HomeView(
            head=builder.meta(builder.urls.home(), builder.site_view.feed),
            newest=newest,
            lead=builder.card(builder.articles(self.reports)) if self.reports else None,
            readings=next(iter(texts.readings(builder, [self.lead] if self.lead else ()).values()), ()),
            days=builder.days(articles, HOME_ARTICLES),
            month=month,
            before=periods.month_before(month) if month is not None else None,
            topics=counts.of_month(builder, self.topics, builder.topics.__getitem__),
            countries=counts.of_month(builder, self.countries, builder.country),
            relations=builder.pairs(self.pairs[:SIDE_ROWS]),
            matrix=matrix(self.pairs, HOME_MATRIX, builder.pair_of),
            issue=self._issue(builder, newest),
            upcoming=builder.events(self.upcoming),
            edition=self._edition(builder, newest),
        )

    def _issue(self, builder: ViewBuilder, newest: datetime | None) -> views.Period | None:
        if newest is None or not has_issue(builder.config, self.week):
            return None
        return periods.issue(builder, monday_of(newest), self.week)

    def _edition(self, builder: ViewBuilder, newest: datetime | None) -> views.Period | None:
        if newest is None or builder.config.edition_items is None:
            return None
        return periods.edition(builder, newest.date(), self.day)


def _latest_articles(site: Site) -> list[Article]:
    """Return the articles of the newest days that have the events of the home page."""
    latest: list[Article] = []
    for members in site.by_day.values():
        latest += members
        if len(clusters(latest)) >= HOME_ARTICLES:
            break
    return latest


def _featured_reports(site: Site) -> tuple[Article, ...]:
    """Return the most important article of the newest days, the newest of equals, and the reports of the same event."""
    if not site.articles:
        return ()
    since = site.articles[0].published - timedelta(days=LEAD_DAYS)
    newest = clusters(list(takewhile(lambda article: article.published >= since, site.articles)))
    lead = max((cluster[0] for cluster in newest), key=lambda article: article.front.importance)
    cluster = next(cluster for cluster in clusters(site.by_day[lead.published.date()]) if lead in cluster)
    return (lead, *(article for article in cluster if article != lead))
