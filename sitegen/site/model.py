"""`Site`: the visible articles, and groups of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import combinations, groupby
from typing import Final, TypeVar

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.documents import EditorText, Introduction, StaticPage
from sitegen.content.events import Event
from sitegen.content.links import LinkRef
from sitegen.diagnostics import SourceLocation
from sitegen.site.events import SiteEvent, event_times, site_events
from sitegen.site.facets import ENTIRE_SITE, CountryPair, Facet
from sitegen.site.pages import MAX_TABLE_ARTICLES, Members, SitePages, has_issue, has_months, with_page
from sitegen.site.sources import source_slug
from sitegen.site.urls import Urls
from sitegen.util.dates import Instant

_LAST: Final = datetime.max.replace(tzinfo=UTC)
NEWS_AGE: Final = timedelta(days=2)
"""How long an article is news (Google's news sitemaps)."""

MAX_COMBINATIONS: Final = 65536
"""Combinations of topics and countries that are kept; articles share them."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Site(Struct, frozen=True):
    """The visible articles, newest first, and the same articles in groups.

    `unpublished` are drafts, scheduled and expired articles, whose paths stay reserved. `by_path` has visible articles
    by their file, `followers` the articles that follow one, oldest first. `by_crossing` has the articles of a topic and
    a country or a pair, `by_week` those of a week by its Monday, `by_day` those of a day. `introductions` are those of
    editions and issues that the site has, by their path. `events` are those to come and those that have passed, of the
    entire site, of topics and of countries, the earliest first. `as_of` is the time of the site; `changes` are
    the times from which corrections, updates, reviews, imports and entries of the calendar are shown.
    """

    config: Config
    articles: Members
    unpublished: Members
    by_topic: Mapping[str, Members]
    by_country: Mapping[str, Members]
    by_pair: Mapping[CountryPair, Members]
    by_crossing: Mapping[tuple[str, tuple[str, ...]], Members]
    by_source: Mapping[str, Members]
    by_perspective: Mapping[str, Members]
    by_week: Mapping[date, Members]
    by_day: Mapping[date, Members]
    by_path: Mapping[str, Article]
    followers: Mapping[str, Members]
    as_of: datetime
    static_pages: tuple[StaticPage, ...] = ()
    introductions: Mapping[str, Introduction] = {}
    events: Mapping[Facet, tuple[SiteEvent, ...]] = {}
    changes: tuple[datetime, ...] = ()

    def links(self) -> Iterator[tuple[LinkRef, SourceLocation]]:
        """Yield the links of every visible text and translation, with their locations."""
        for article in self.articles:
            for version in article.versions_with_links:
                yield from version.located_links()
        for text in self.editor_texts:
            for version in text.versions:
                yield from version.located_links()

    @property
    def editor_texts(self) -> tuple[EditorText, ...]:
        """The static pages and the introductions that the site shows."""
        return (*self.static_pages, *self.introductions.values())

    def urls(self, locale: str) -> Urls:
        """Return the URLs of one locale."""
        return Urls.of(self.config, locale)

    def pages(self) -> SitePages:
        """Return the pages that exist, for plan, links, feeds and sitemaps."""
        config = self.config
        indexes = dict(self._indexes())
        perspectives = with_page(config, "perspectives", self.by_perspective)
        return SitePages(
            indexes=indexes,
            with_months=frozenset(facet for facet, members in indexes.items() if has_months(config, len(members))),
            perspectives=perspectives,
            perspective_topics={
                (key, topic): members
                for key, all_members in perspectives.items()
                for topic, members in with_page(config, "perspectives", group_by_topic(all_members)).items()
            },
            weeks={monday: members for monday, members in self.by_week.items() if has_issue(config, len(members))},
            days=self.by_day if config.edition_items is not None else {},
            tables=by_period(self.articles),
        )

    def _indexes(self) -> Iterator[tuple[Facet, Members]]:
        """Yield every facet that has an index page: topics, countries, pairs, crossings, sources."""
        config = self.config
        for topic, members in with_page(config, "topics", self.by_topic).items():
            yield Facet(topic=topic), members
        for code, members in sorted(with_page(config, "countries", self.by_country).items()):
            yield Facet(countries=(code,)), members
        for pair, members in sorted(with_page(config, "pairs", self.by_pair).items()):
            yield Facet(countries=pair), members
        for (topic, codes), members in sorted(with_page(config, "crossings", self.by_crossing).items()):
            yield Facet(topic=topic, countries=codes), members
        for _, members in sorted(with_page(config, "sources", self.by_source).items()):
            yield Facet(source=members[0].front.source.name), members


def group_articles(
    config: Config,
    visible: tuple[Article, ...],
    unpublished: tuple[Article, ...] = (),
    *,
    as_of: datetime = _LAST,
    calendar: Sequence[Event] = (),
) -> Site:
    """Return the site of articles that are sorted, the newest first."""
    by_path = {article.path: article for article in visible}
    keys = [term.key for term in config.perspectives]
    wanted = frozenset(keys)
    followers = _grouped(reversed(visible), lambda article: (article.follows,) if article.follows in by_path else ())
    return Site(
        config=config,
        articles=visible,
        unpublished=unpublished,
        by_topic=_in_order(_grouped(visible, lambda article: article.front.topics), [t.key for t in config.topics]),
        by_country=_grouped(visible, lambda article: article.front.countries),
        by_pair=_grouped(visible, pairs),
        by_crossing=_grouped(visible, topic_country_keys),
        by_source=_grouped(visible, lambda article: (source_slug(article.front.source.name),)),
        by_perspective=_in_order(_grouped(visible, lambda article: wanted.intersection(_anchors(article))), keys),
        by_week=_grouped(visible, lambda article: (monday_of(article.published),)),
        by_day=_grouped(visible, lambda article: (article.published.date(),)),
        by_path=by_path,
        followers=followers,
        as_of=as_of,
        events=site_events(config, visible, followers, calendar, as_of),
    )


def transition_times(site: Site) -> set[datetime]:
    """Return every time at which a file of the site changes although no source does.

    At these times an article is published or expires, an article stops being news, an event has passed, or a
    correction, an update, a review or an entry of the calendar takes effect.
    """
    moments: set[datetime] = {
        moment
        for article in (*site.articles, *site.unpublished)
        for moment in (article.visible_from, article.visible_until)
        if moment is not None
    }
    moments.update([article.published + NEWS_AGE for article in site.articles])
    moments.update(event_times(site.events.get(ENTIRE_SITE, ()), site.config.zone))
    moments.update(site.changes)
    return moments


def change_times(article: Article, config: Config) -> list[Instant]:
    """Return the times from which corrections, the update, reviews and the import of an article are shown."""
    front = article.front
    dates = [entry.at for entry in front.corrections]
    dates += [front.updated] if front.updated is not None else []
    dates += [front.imported.at] if front.imported is not None else []
    times = [at.with_fixed_offset(config.zone) for at in dates]
    return times + review_times(article.versions, config) if front.reviewed or article.translations else times


def review_times(versions: Iterable[LocalizedVersion], config: Config) -> list[Instant]:
    """Return the times from which the reviews of versions are shown."""
    reviews = [version.reviewed for version in versions]
    return [item.at.with_fixed_offset(config.zone) for item in reviews if item is not None and item.at is not None]


def correction_times(article: Article, config: Config) -> Iterator[tuple[int, Instant]]:
    """Yield the number and the time of each correction of an article."""
    for entry in article.front.corrections:
        yield entry.number, entry.at.with_fixed_offset(config.zone)


def _anchors(article: Article) -> Iterable[str]:
    if not article.translations:
        return article.anchors
    return {anchor for version in article.versions for anchor in version.anchors}


def monday_of(moment: datetime) -> date:
    """Return the Monday of the week (ISO 8601) of a moment."""
    return moment.date() - timedelta(days=moment.weekday())


def topic_country_keys(article: Article) -> list[tuple[str, tuple[str, ...]]]:
    """Return each topic of an article with each of its countries, and with each pair of them."""
    return _topic_country_keys(article.front.topics, article.front.countries)


@lru_cache(maxsize=MAX_COMBINATIONS)
def _topic_country_keys(topics: tuple[str, ...], countries: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    groups = [*((code,) for code in countries), *_pairs(countries)]
    return [(topic, codes) for topic in topics for codes in groups]


def pairs(article: Article) -> tuple[CountryPair, ...]:
    """Return the pairs of an article's countries, codes in order."""
    return _pairs(article.front.countries)


@lru_cache(maxsize=MAX_COMBINATIONS)
def _pairs(countries: tuple[str, ...]) -> tuple[CountryPair, ...]:
    return tuple(combinations(sorted(countries), 2))


def by_month(articles: Sequence[Article]) -> tuple[tuple[date, tuple[Article, ...]], ...]:
    """Return articles by month, in the given order (newest first)."""
    groups = groupby(articles, key=lambda article: (article.published.year, article.published.month))
    return tuple([(date(year, month, 1), tuple(group)) for (year, month), group in groups])


def by_period(articles: Members, limit: int = MAX_TABLE_ARTICLES) -> dict[str, Members]:
    """Return articles by the largest period of which none has more than `limit`, in the given order.

    The periods are all time (an empty key), years (`2026`) and months (`2026-07`). Months can have more.
    """
    if len(articles) <= limit:
        return {"": articles}
    years = _grouped(articles, lambda article: (article.published.isoformat()[: len("2026")],))
    if max(map(len, years.values())) <= limit:
        return years
    return _grouped(articles, lambda article: (article.published.isoformat()[: len("2026-07")],))


def group_by_topic(members: Sequence[Article]) -> dict[str, Members]:
    """Return articles by each of their topics, the topic with the most articles first."""
    groups = _grouped(members, lambda article: article.front.topics)
    return dict(sorted(groups.items(), key=lambda row: (-len(row[1]), row[0])))


def _grouped(articles: Iterable[Article], keys: Callable[[Article], Iterable[Key]]) -> dict[Key, tuple[Article, ...]]:
    table: dict[Key, list[Article]] = defaultdict(list)
    for article in articles:
        for key in keys(article):
            table[key].append(article)
    return {key: tuple(members) for key, members in table.items()}


def _in_order(table: dict[str, Value], order: Sequence[str]) -> dict[str, Value]:
    return {key: table[key] for key in order if key in table}


def last_change(article: Article) -> Instant:
    """Return when an article was last updated or corrected, else published."""
    return max(filter(None, (article.published, article.updated, article.corrected)))


def last_published(articles: Iterable[Article]) -> Instant | None:
    """Return when the newest of `articles` was published. Lists of articles do not show updates and corrections."""
    return max((article.published for article in articles), default=None)


def last_modified(article: Article) -> Instant:
    """Return the time of an article's last update, which feeds report. A correction is not an update."""
    return article.updated or article.published
