"""Finds related articles: previous and next, the thread, and others about the same countries or topic."""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.site.model import Site

MAX_RELATED: Final = 4
THREAD_CONTEXT: Final = 10
"""The maximum number of articles of a thread that a page shows before and after its own."""

SEARCH_WINDOW: Final = 3
"""The number of articles before and after one in a group that are candidates: the page may show some already."""


class Neighbours(Struct, frozen=True):
    """The articles before and after one in its first topic, its thread, and other related articles."""

    before: Article | None
    after: Article | None
    thread: tuple[Article, ...]
    related: tuple[Article, ...]


def neighbours(site: Site) -> dict[str, Neighbours]:
    """Return the neighbours of every article by its path."""
    older: dict[str, Article] = {}
    newer: dict[str, Article] = {}
    for key, members in site.by_topic.items():
        for later, earlier in pairwise([article for article in members if article.front.topics[0] == key]):
            newer[earlier.path] = later
            older[later.path] = earlier
    related, threads = _Related(site), _Threads(site)
    result = {}
    for article in site.articles:
        before, after = older.get(article.path), newer.get(article.path)
        thread = threads.of(article)
        shown = {article.path, *(other.path for other in (before, after, *thread) if other is not None)}
        result[article.path] = Neighbours(before, after, thread, related.to(article, shown))
    return result


class _Related:
    """Finds articles about the same countries or topic."""

    def __init__(self, site: Site) -> None:
        self._times = {article.path: article.published.timestamp() for article in site.articles}
        single_country = [members for (_, codes), members in site.by_crossing.items() if len(codes) == 1]
        self._tiers = tuple(
            _positions(groups) for groups in (site.by_pair.values(), single_country, site.by_topic.values())
        )

    def to(self, article: Article, without: Collection[str]) -> tuple[Article, ...]:
        """Return up to MAX_RELATED other articles: the nearest in time of each kind, those of a pair first.

        `without` are the paths of articles that the page shows already.
        """
        chosen: dict[str, Article] = {}
        times, now = self._times, self._times[article.path]
        for tier in self._tiers:
            near: dict[str, tuple[float, str, Article]] = {}
            for members, index in tier.get(article.path, ()):
                for other in members[max(0, index - SEARCH_WINDOW) : index + SEARCH_WINDOW + 1]:
                    path = other.path
                    if path not in without:
                        near[path] = (abs(times[path] - now), path, other)
            for _, path, other in sorted(near.values()):
                chosen.setdefault(path, other)
                if len(chosen) == MAX_RELATED:
                    return tuple(chosen.values())
        return tuple(chosen.values())


def _positions(groups: Iterable[Sequence[Article]]) -> dict[str, list[tuple[Sequence[Article], int]]]:
    """Return the groups of each article by its path, and its index in each group."""
    result: dict[str, list[tuple[Sequence[Article], int]]] = {}
    for members in groups:
        for index, article in enumerate(members):
            result.setdefault(article.path, []).append((members, index))
    return result


class _Threads:
    """The threads of a site: articles that follow one another, the oldest first."""

    def __init__(self, site: Site) -> None:
        self._positions: dict[str, tuple[tuple[Article, ...], int]] = {}
        for article in site.articles:
            if article.path in site.followers and site.by_path.get(article.follows or "") is None:
                thread = _thread_from(article, site)
                self._positions |= {member.path: (thread, index) for index, member in enumerate(thread)}

    def of(self, article: Article) -> tuple[Article, ...]:
        """Return the thread of an article, with up to THREAD_CONTEXT articles before and after it; it may be empty."""
        thread, index = self._positions.get(article.path, ((), 0))
        return thread[max(0, index - THREAD_CONTEXT) : index + THREAD_CONTEXT + 1]


def _thread_from(first: Article, site: Site) -> tuple[Article, ...]:
    result, pending = [], [first]
    while pending:
        article = pending.pop()
        result.append(article)
        pending += site.followers.get(article.path, ())
    return tuple(sorted(result, key=lambda article: (article.published, article.path)))
