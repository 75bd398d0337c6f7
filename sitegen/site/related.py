"""What goes with an article: others about the same pair, the same topic and country, the same topic; and its thread."""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.site.model import Site

MAX_RELATED: Final = 4
THREAD_CONTEXT: Final = 10
"""Articles of a thread that a page shows at most on either side of its own: a thread may have thousands."""

SEARCH_WINDOW: Final = 3
"""Places to either side in a group at which others are looked for: some of them the page shows already."""


class Neighbours(Struct, frozen=True):
    """What the page of an article leads to: the articles before and after it in its first topic, its thread, others."""

    before: Article | None
    after: Article | None
    thread: tuple[Article, ...]
    related: tuple[Article, ...]


def neighbours(site: Site) -> dict[str, Neighbours]:
    """Return the neighbours of every article by its path. The groups of the site are gone through once."""
    older: dict[str, Article] = {}
    newer: dict[str, Article] = {}
    for key, members in site.by_topic.items():
        for later, earlier in pairwise([article for article in members if article.front.topics[0] == key]):
            newer[earlier.path] = later
            older[later.path] = earlier
    related, threads = _Related(site), _Threads(site)
    found = {}
    for article in site.articles:
        before, after = older.get(article.path), newer.get(article.path)
        thread = threads.of(article)
        shown = {article.path, *(other.path for other in (before, after, *thread) if other is not None)}
        found[article.path] = Neighbours(before, after, thread, related.to(article, shown))
    return found


class _Related:
    """Finds articles about the same countries or topic."""

    def __init__(self, site: Site) -> None:
        self._times = {article.path: article.published.timestamp() for article in site.articles}
        alone = [members for (_, codes), members in site.by_crossing.items() if len(codes) == 1]
        self._tiers = tuple(_positions(groups) for groups in (site.by_pair.values(), alone, site.by_topic.values()))

    def to(self, article: Article, without: Collection[str]) -> tuple[Article, ...]:
        """Return at most four others, the nearest in time of each kind, those of a pair first.

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
    """Return for each article the groups that it is in, and its position in each."""
    found: dict[str, list[tuple[Sequence[Article], int]]] = {}
    for members in groups:
        for index, article in enumerate(members):
            found.setdefault(article.path, []).append((members, index))
    return found


class _Threads:
    """The threads of a site: articles that follow one another up, the oldest first."""

    def __init__(self, site: Site) -> None:
        self._positions: dict[str, tuple[tuple[Article, ...], int]] = {}
        for article in site.articles:
            if article.path in site.followers and site.by_path.get(article.follows or "") is None:
                thread = _from(article, site)
                self._positions |= {member.path: (thread, index) for index, member in enumerate(thread)}

    def of(self, article: Article) -> tuple[Article, ...]:
        """Return the thread of an article with itself in it, at most ten on either side; empty where it has none."""
        thread, index = self._positions.get(article.path, ((), 0))
        return thread[max(0, index - THREAD_CONTEXT) : index + THREAD_CONTEXT + 1]


def _from(first: Article, site: Site) -> tuple[Article, ...]:
    found, pending = [], [first]
    while pending:
        article = pending.pop()
        found.append(article)
        pending += site.followers.get(article.path, ())
    return tuple(sorted(found, key=lambda article: (article.published, article.path)))
