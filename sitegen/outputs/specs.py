"""Small values that several kinds of page have in their fields."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.content.frontmatter import Correction
from sitegen.outputs.recipes import ArticleHash
from sitegen.site.model import by_month
from sitegen.site.pages import Members

KeyCount = tuple[str, int]
"""The key of a topic or a perspective, and how many articles have it."""
DateCount = tuple[date, int]
"""The first day of a month or a week, and how many articles it has."""


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


def month_counts(members: Sequence[Article]) -> tuple[DateCount, ...]:
    """Return the months of articles, which are newest first."""
    return tuple((month, len(group)) for month, group in by_month(members))


def with_neighbours(
    periods: Iterable[tuple[date, Members]],
) -> Iterator[tuple[date, Members, DateCount | None, DateCount | None]]:
    """Yield each month or week (newest first) with its articles, the one before it and the one after it."""
    rows = list(periods)
    around = [None, *((first, len(members)) for first, members in rows), None]
    for index, (first, members) in enumerate(rows):
        yield first, members, around[index + 2], around[index]
