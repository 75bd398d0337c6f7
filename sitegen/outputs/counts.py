"""Counts of articles by topic and by country, as views."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import astuple, replace

from sitegen.content.articles import Article
from sitegen.outputs import views
from sitegen.outputs.specs import MonthCount
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import ENTIRE_SITE, Facet


def _count_by(
    builder: ViewBuilder,
    members: Sequence[Article],
    keys: Callable[[Article], Iterable[str]],
    link: Callable[[str, int], views.Link],
    *,
    order: Callable[[str], int | str] = str,
    limit: int | None = None,
) -> tuple[views.Count, ...]:
    """Count `members` by their keys, the most frequent first, equals by `order`.

    `link` is called with a key and how many members have it. `limit` is the number of keys that are returned.
    """
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in members:
        for key in keys(article):
            groups[key].append(article)
    rows = sorted(groups.items(), key=lambda row: (-len(row[1]), order(row[0])))
    return tuple(counted(link(key, len(group)), len(group), builder.summary(group[0])) for key, group in rows[:limit])


def topics(builder: ViewBuilder, members: Sequence[Article], *, facet: Facet = ENTIRE_SITE) -> tuple[views.Count, ...]:
    """Count the topics of `members`.

    On a page of countries, a row leads to the page of the topic in these countries if it exists.
    """

    def link(key: str, count: int) -> views.Link:
        href = _crossing(builder, key, facet.countries, count)
        return replace(builder.topics[key], href=href) if href else builder.topics[key]

    return _count_by(builder, members, lambda article: article.front.topics, link, order=list(builder.topics).index)


def countries(
    builder: ViewBuilder, members: Sequence[Article], *, facet: Facet = ENTIRE_SITE, limit: int | None = None
) -> tuple[views.Count, ...]:
    """Count the countries of `members`, without those of `facet`.

    On a page of a topic, one country or both, a row leads to the page of the combination if it exists.
    """

    def link(code: str, count: int) -> views.Link:
        href = _combination(builder, facet, code, count)
        return replace(builder.country(code), href=href) if href else builder.country(code)

    def codes(article: Article) -> Iterable[str]:
        return (code for code in article.front.countries if code not in facet.countries)

    return _count_by(builder, members, codes, link, limit=limit)


def of_month(
    builder: ViewBuilder, rows: Iterable[MonthCount], link: Callable[[str], views.Link]
) -> tuple[views.Count, ...]:
    """Return counts of a month and of the one before; `link` is called with a key."""
    return tuple(
        counted(link(key), count, builder.summary(builder.article(newest)), before)
        for key, count, before, newest in rows
    )


def _crossing(builder: ViewBuilder, topic: str, codes: tuple[str, ...], count: int) -> str | None:
    """Return the address of a topic in countries; None if it has no page."""
    if not codes or not builder.has_page(count, topic=topic, countries=codes):
        return None
    return builder.urls.href(builder.urls.crossing(topic, codes))


def _combination(builder: ViewBuilder, facet: Facet, code: str, count: int) -> str | None:
    """Return the address of a facet combined with a country; None if it has no page."""
    if len(facet.countries) > 1 or facet.source is not None:
        return None
    href = None
    if facet.topic is not None:
        href = _crossing(builder, facet.topic, (*facet.countries, code), count)
    if href is None and facet.countries:
        pair = (facet.countries[0], code)
        if builder.has_page(count, countries=pair):
            href = builder.urls.href(builder.urls.pair(*pair))
    return href


def counted(
    link: views.Link, count: int, newest: views.ArticleSummary | None = None, before: int | None = None
) -> views.Count:
    """Return a link with the number of its articles, and the newest of them."""
    latest = newest.date if newest is not None else None
    return views.Count(*astuple(link), count=count, latest=latest, before=before, newest=newest)
