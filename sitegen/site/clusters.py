"""Clusters: reports of one event from several sources, which lists show as one."""

from collections.abc import Iterable, Sequence
from typing import Final

from sitegen.content.articles import Article
from sitegen.site.pages import Members
from sitegen.site.sources import source_slug

SIMILAR_TITLES: Final = 0.5
"""The share of common pairs of letters from which two titles are similar."""


def clusters(articles: Sequence[Article]) -> list[Members]:
    """Return the clusters of a list, each in the place of its first article; most have one article.

    Two articles are reports of one event if one names the other in `follows`, they are of the same day, and they are
    from different sources. Others are developments of a story. The first of a cluster is the most important, of equals
    one that follows no other.
    """
    by_path = {article.path: article for article in articles}
    groups: dict[str, list[Article]] = {}
    for article in articles:
        other = by_path.get(article.follows or "")
        if other is not None and _are_reports(article, other):
            one = groups.get(article.path) or [article]
            two = groups.get(other.path) or [other]
            if one is not two:
                two += one
                groups |= {member.path: two for member in two}
    result: dict[str, Members] = {}
    for article in articles:
        group = groups.get(article.path)
        if group is None:
            result[article.path] = (article,)
        elif group[0].path not in result:
            result[group[0].path] = _in_order(group)
    return list(result.values())


def similar_reports(article: Article, articles: Iterable[Article]) -> tuple[Article, ...]:
    """Return the articles that may report the same event, by path, as a hint for the editor: nothing depends on it.

    They are of the same day and of another source, and have the same countries and a common topic, or a similar title.
    """
    return tuple(
        other
        for other in sorted(articles, key=lambda other: other.path)
        if _are_reports(article, other)
        and article.path != other.follows
        and other.path != article.follows
        and (_is_same_subject(article, other) or title_similarity(article, other) >= SIMILAR_TITLES)
    )


def _are_reports(one: Article, other: Article) -> bool:
    """Return whether two articles are of the same day and of different sources."""
    if one.published.date() != other.published.date():
        return False
    return source_slug(one.front.source.name) != source_slug(other.front.source.name)


def _in_order(group: Sequence[Article]) -> Members:
    paths = {article.path for article in group}
    ordered = sorted(group, key=lambda article: (article.follows in paths, article.front.id))
    return tuple(sorted(ordered, key=lambda article: -article.front.importance))


def _is_same_subject(one: Article, other: Article) -> bool:
    countries, topics = set(one.front.countries), set(one.front.topics)
    return bool(countries) and countries == set(other.front.countries) and not topics.isdisjoint(other.front.topics)


def title_similarity(one: Article, other: Article) -> float:
    """Return the share of pairs of letters that two titles have in common, of all that either has."""
    first, second = _pairs_of_letters(one.front.title), _pairs_of_letters(other.front.title)
    return len(first & second) / len(first | second) if first and second else 0.0


def _pairs_of_letters(title: str) -> set[str]:
    letters = "".join(char for char in title.casefold() if char.isalnum())
    return {letters[index : index + 2] for index in range(len(letters) - 1)}
