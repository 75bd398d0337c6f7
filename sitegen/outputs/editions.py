"""Daily editions. The page of an edition, its e-mail and its feed item have the same content."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.outputs.references import ArticleHash, ArticleText, EditorPageText
from sitegen.outputs.specs import CorrectionItem
from sitegen.site.model import correction_times

LEAD_IMPORTANCE = 5
"""The importance of articles whose perspectives an edition and an e-mail quote."""


class EditionContent(Struct, frozen=True, array_like=True):
    """The content of the edition of a day.

    `articles` are the most important of the `count` articles of the day, `leads` the texts of those of importance 5.
    `since` is the day of the last edition, `corrections` and `updated` are those of earlier articles since then.
    """

    day: date
    since: date | None
    count: int
    articles: tuple[ArticleHash, ...]
    leads: tuple[ArticleText, ...]
    introduction: EditorPageText | None
    corrections: tuple[CorrectionItem, ...]
    updated: tuple[ArticleHash, ...]


def changes(
    articles: Iterable[Article], editions: Iterable[date], config: Config
) -> tuple[dict[date, list[CorrectionItem]], dict[date, list[Article]]]:
    """Return the corrections and the articles with other updates, newest first, by the edition that reports them.

    That is the first edition on or after the day of the change, unless the article itself is in it.
    """
    days = sorted(editions)
    corrections: dict[date, list[CorrectionItem]] = defaultdict(list)
    updated: dict[date, list[Article]] = defaultdict(list)
    for article in articles:
        changed = {number: at.date() for number, at in correction_times(article, config)}
        corrected = dict(_editions_of(changed, days, article))
        for number, edition in corrected.items():
            corrections[edition].append(CorrectionItem(ArticleHash(article.hash), number))
        if article.updated is not None:
            for _, edition in _editions_of({0: article.updated.date()}, days, article):
                if edition not in corrected.values():
                    updated[edition].append(article)
    return corrections, updated


def _editions_of(changed: dict[int, date], days: list[date], article: Article) -> Iterator[tuple[int, date]]:
    for number, day in changed.items():
        index = bisect_left(days, day)
        if index < len(days) and days[index] > article.published.date():
            yield number, days[index]
