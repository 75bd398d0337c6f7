"""Small values that several kinds of page have in their fields."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.content.frontmatter import Correction
from sitegen.outputs.recipes import ArticleHash
from sitegen.site.model import by_month
from sitegen.util.dates import Instant


class MonthSummary(Struct, frozen=True, array_like=True):
    """A month, how many articles it has, and how many the fullest month of its index has."""

    month: date
    count: int
    most: int


class TopicSummary(Struct, frozen=True, array_like=True):
    """A topic, how many articles it has, and when the newest of them was published."""

    key: str
    count: int
    latest: Instant


class WeekSummary(Struct, frozen=True, array_like=True):
    """A week by its Monday, and how many articles it has."""

    monday: date
    count: int


class PerspectiveSummary(Struct, frozen=True, array_like=True):
    """A perspective, and how many articles have it."""

    key: str
    count: int


class CorrectionItem(Struct, frozen=True, array_like=True):
    """A correction of an article: the number that it has there, from 1."""

    article: ArticleHash
    number: int

    def entry(self, article: Article) -> Correction:
        """Return the correction in its article."""
        return next(entry for entry in article.front.corrections if entry.number == self.number)


def hash_of(article: Article | None) -> ArticleHash | None:
    """Return the hash of an article, or None without an article."""
    return None if article is None else ArticleHash(article.hash)


def hashes(articles: Iterable[Article]) -> tuple[ArticleHash, ...]:
    """Return the hashes of articles."""
    return tuple([ArticleHash(article.hash) for article in articles])


def month_summaries(groups: Sequence[tuple[date, Sequence[Article]]]) -> tuple[MonthSummary, ...]:
    """Return the summaries of months with their articles."""
    most = max((len(group) for _, group in groups), default=0)
    return tuple(MonthSummary(month, len(group), most) for month, group in groups)


def months_with_neighbours(
    members: Sequence[Article],
) -> Iterator[tuple[date, tuple[Article, ...], MonthSummary | None, MonthSummary | None]]:
    """Yield each month of `members` (newest first) with its articles, the month before it and the month after it."""
    groups = by_month(members)
    around = [None, *month_summaries(groups), None]
    for index, (month, group) in enumerate(groups):
        yield month, group, around[index + 2], around[index]
