"""Finds related articles: previous and next, the thread, and others about the same countries or topic."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from sitegen.content.articles import Article
from sitegen.site.model import Site
from sitegen.site.pages import Members

MAX_RELATED: Final = 4
THREAD_CONTEXT: Final = 10
"""The maximum number of articles of a thread that a page shows before and after its own."""

SEARCH_WINDOW: Final = 3
"""The number of articles before and after one in a group that are candidates: the page may show some already."""

_Positions = dict[str, list[tuple[Members, int]]]
"""The groups of each article by its path, and its index in each group."""


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
    threads = _threads(site)
    times = {article.path: article.published.timestamp() for article in site.articles}
    single_country = [members for (_, codes), members in site.by_crossing.items() if len(codes) == 1]
    tiers = [_positions(groups) for groups in (site.by_pair.values(), single_country, site.by_topic.values())]
    result = {}
    for article in site.articles:
        before, after = older.get(article.path), newer.get(article.path)
        members, index = threads.get(article.path, ((), 0))
        thread = members[max(0, index - THREAD_CONTEXT) : index + THREAD_CONTEXT + 1]
        linked = {article.path, *(other.path for other in (before, after, *thread) if other is not None)}
        result[article.path] = Neighbours(before, after, thread, _related(article, linked, tiers, times))
    return result


def _related(
    article: Article, without: Collection[str], tiers: Sequence[_Positions], times: Mapping[str, float]
) -> tuple[Article, ...]:
    """Return up to MAX_RELATED other articles: the nearest in time of each tier, those of a pair first.

    `without` are the paths of articles that the page shows already.
    """
    chosen: dict[str, Article] = {}
    now = times[article.path]
    for tier in tiers:
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


def _positions(groups: Iterable[Members]) -> _Positions:
    result: _Positions = {}
    for members in groups:
        for index, article in enumerate(members):
            result.setdefault(article.path, []).append((members, index))
    return result


def _threads(site: Site) -> dict[str, tuple[Members, int]]:
    """Return the thread of each article by its path, and its index in it. Articles without one are omitted."""
    result: dict[str, tuple[Members, int]] = {}
    for article in site.articles:
        if article.path in site.followers and site.by_path.get(article.follows or "") is None:
            thread = _thread_from(article, site)
            result |= {member.path: (thread, index) for index, member in enumerate(thread)}
    return result


def _thread_from(first: Article, site: Site) -> Members:
    """Return an article and all that follow it, the oldest first, and those of a day each before its followers.

    An article without a time is of midnight: a follow-up of the same day counts as not earlier than what it follows.
    """
    result: list[Article] = []
    times = {first.path: first.published}
    pending = deque([first])
    while pending:
        article = pending.popleft()
        result.append(article)
        time = times[article.path]
        for follower in site.followers.get(article.path, ()):
            own = follower.published
            times[follower.path] = max(own, time) if own.date() == time.date() else own
            pending.append(follower)
    return tuple(sorted(result, key=lambda article: times[article.path]))
