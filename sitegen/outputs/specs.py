"""Small values that several kinds of page have in their fields."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Final, TypeVar

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.content.events import Event
from sitegen.content.frontmatter import Correction
from sitegen.outputs.references import ArticleHash
from sitegen.site.facets import ENTIRE_SITE, CountryPair, Facet
from sitegen.site.model import Site, by_month
from sitegen.site.pages import Members
from sitegen.util.dates import Instant

NEXT_EVENTS: Final = 5
"""Events to come on the home page and on the page of a topic or a country."""
KeyCount = tuple[str, int]
"""The key of a topic or a perspective, and how many articles have it."""
NewestCount = tuple[str, int, ArticleHash]
"""The key of a topic, a country or a source, how many articles have it, and the newest of these."""
MonthCount = tuple[str, int, int, ArticleHash]
"""The key of a topic or a country, how many articles of a month and of the one before have it, the newest of these."""
DateCount = tuple[date, int]
"""The first day of a month or a week, and how many articles it has."""
ImportanceCount = tuple[date, int, int]
"""The first day of a month, an importance, and how many articles of the month have it."""
MonthPart = tuple[date, int]
"""The first day of a month, and the number of a part of it: from 1, the oldest; 0 for the newest part or all of it."""
PairCount = tuple[CountryPair, int, Instant]
"""Two countries, how many articles have both, and when the newest of these was published."""
PART_ARTICLES: Final = 32
"""The articles of a part of a month. The newest part has up to twice as many."""

T = TypeVar("T")


class CorrectionItem(Struct, frozen=True, array_like=True):
    """A correction of an article: the number that it has there, from 1."""

    article: ArticleHash
    number: int

    def entry(self, article: Article) -> Correction:
        """Return the correction in its article."""
        return next(entry for entry in article.front.corrections if entry.number == self.number)


class EventItem(Struct, frozen=True, array_like=True):
    """An event: its permanent name, the article that announces it (None for the calendar), and those that follow it.

    `topics` and `countries` are those of the event that have a page, `other_topics` and `other_countries` those without
    one. `announced` is None for an entry of the calendar without a day.
    """

    name: str
    event: Event
    article: ArticleHash | None
    followers: tuple[ArticleHash, ...]
    topics: tuple[str, ...]
    other_topics: tuple[str, ...]
    countries: tuple[str, ...]
    other_countries: tuple[str, ...]
    announced: Instant | None


def event_items(site: Site, *, is_past: bool | None = None, facet: Facet = ENTIRE_SITE) -> tuple[EventItem, ...]:
    """Return the events of a facet, the earliest first: those to come, those that have passed, or (None) all."""
    return tuple(
        EventItem(
            item.name,
            item.event,
            hash_of(item.article),
            hashes(item.followers),
            tuple(key for key in item.topics if key in site.by_topic),
            tuple(key for key in item.topics if key not in site.by_topic),
            tuple(code for code in item.countries if code in site.by_country),
            tuple(code for code in item.countries if code not in site.by_country),
            item.announced,
        )
        for item in site.events.get(facet, ())
        if is_past in {None, item.is_past}
    )


def hash_of(article: Article | None) -> ArticleHash | None:
    """Return the hash of an article, or None without an article."""
    return None if article is None else ArticleHash(article.hash)


def hashes(articles: Iterable[Article]) -> tuple[ArticleHash, ...]:
    """Return the hashes of articles."""
    return tuple([ArticleHash(article.hash) for article in articles])


def newest_month_counts(groups: Iterable[tuple[str, Members]], newest: datetime | None) -> tuple[MonthCount, ...]:
    """Return how many articles (newest first) each key has in the month of `newest` and in the one before.

    The most frequent key comes first, equals in the given order.
    """
    if newest is None:
        return ()
    month = newest.date().replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    rows: list[MonthCount] = []
    for key, members in groups:
        days = list(takewhile(lambda day: day >= before, (article.published.date() for article in members)))
        if days:
            now = sum(day >= month for day in days)
            rows.append((key, now, len(days) - now, ArticleHash(members[0].hash)))
    return tuple(sorted(rows, key=lambda row: (-row[1], -row[2])))


def pair_counts(by_pair: Mapping[CountryPair, Members]) -> tuple[PairCount, ...]:
    """Return how many articles (newest first) each pair of countries has, the strongest pair first."""
    counts = ((pair, len(members), members[0].published) for pair, members in by_pair.items())
    return tuple(sorted(counts, key=lambda row: (-row[1], row[0])))


def month_counts(members: Sequence[Article]) -> tuple[DateCount, ...]:
    """Return the months of articles, which are newest first."""
    return tuple((month, len(group)) for month, group in by_month(members))


def importance_counts(members: Iterable[Article]) -> tuple[ImportanceCount, ...]:
    """Return how many articles of each importance the months of articles have."""
    counts = Counter((article.published.year, article.published.month, article.front.importance) for article in members)
    return tuple((date(year, month, 1), importance, count) for (year, month, importance), count in counts.items())


def month_parts(members: Members) -> Iterator[tuple[MonthPart, Members]]:
    """Yield the months of articles, newest first, divided into parts if they have many articles.

    Parts are counted from the oldest article, so a new one changes the newest part only.
    """
    for month, group in by_month(members):
        count = max(0, len(group) // PART_ARTICLES - 1)
        newest = len(group) - count * PART_ARTICLES
        yield (month, 0), group[:newest]
        for number in range(count, 0, -1):
            start = newest + (count - number) * PART_ARTICLES
            yield (month, number), group[start : start + PART_ARTICLES]


def with_neighbours(periods: Iterable[tuple[T, Members]]) -> Iterator[tuple[T, Members, T | None, T | None]]:
    """Yield each period (newest first) with its articles, the one before it and the one after it."""
    rows = list(periods)
    around = [None, *(period for period, _ in rows), None]
    for index, (period, members) in enumerate(rows):
        yield period, members, around[index + 2], around[index]
