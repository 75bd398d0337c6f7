"""Counts of articles by topic and by country, as views."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import astuple, replace

from sitegen.content.articles import Article
from sitegen.outputs import views
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import ENTIRE_SITE, Facet


def _count_by(
    builder: ViewBuilder,
    members: Sequence[Article],
    keys: Callable[[Article], Iterable[str]],
    link: Callable[[str, int], views.Link],
    *,
    order: Callable[[str], int | str] = str,
    before: Sequence[Article] | None = None,
    limit: int | None = None,
) -> tuple[views.Count, ...]:
    """Count `members` by their keys, the most frequent first, equals by `order`, and those of the month `before`.

    `link` is called with a key and how many members have it. `limit` is the number of keys that are returned.
    """
    groups: dict[str, tuple[list[Article], list[Article]]] = defaultdict(lambda: ([], []))
    for index, articles in enumerate((members, before or ())):
        for article in articles:
            for key in keys(article):
                groups[key][index].append(article)
    rows = sorted(groups.items(), key=lambda row: (-len(row[1][0]), -len(row[1][1]), order(row[0])))
    return tuple(
        counted(
            link(key, len(now)),
            len(now),
            builder.summary((now or past)[0]),
            before=None if before is None else len(past),
        )
        for key, (now, past) in rows[:limit]
    )


def topics(
    builder: ViewBuilder,
    members: Sequence[Article],
    *,
    facet: Facet = ENTIRE_SITE,
    before: Sequence[Article] | None = None,
    limit: int | None = None,
) -> tuple[views.Count, ...]:
    """Count the topics of `members`, and of the month `before` if it is given.

    On a page of countries, a row leads to the page of the topic in these countries if it exists.
    """

    def link(key: str, count: int) -> views.Link:
        href = _crossing(builder, key, facet.countries, count)
        return replace(builder.topics[key], href=href) if href else builder.topics[key]

    order = list(builder.topics).index
    return _count_by(
        builder, members, lambda article: article.front.topics, link, order=order, before=before, limit=limit
    )


def countries(
    builder: ViewBuilder,
    members: Sequence[Article],
    *,
    facet: Facet = ENTIRE_SITE,
    before: Sequence[Article] | None = None,
    limit: int | None = None,
) -> tuple[views.Count, ...]:
    """Count the countries of `members`, without those of `facet`, and of the month `before` as for topics.

    On a page of a topic, one country or both, a row leads to the page of the combination if it exists.
    """

    def link(code: str, count: int) -> views.Link:
        href = _combination(builder, facet, code, count)
        return replace(builder.country(code), href=href) if href else builder.country(code)

    def codes(article: Article) -> Iterable[str]:
        return (code for code in article.front.countries if code not in facet.countries)

    return _count_by(builder, members, codes, link, before=before, limit=limit)


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
