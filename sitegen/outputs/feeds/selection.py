"""Which feeds a digest has, and which of its articles each of them is about."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.outputs.recipes import CorrectionItem
from sitegen.site.assembly import Site, correction_times
from sitegen.site.facets import ENTIRE_SITE, Facet

CORRECTIONS: Final = Facet(corrections=True)

Feed = tuple[Facet, tuple[Article, ...]]
"""What a feed is about, and its articles, the newest first."""


def feeds(site: Site, locale: str) -> list[Feed]:
    """Return every feed of articles: the whole digest, then topics, countries, pairs and so on, in that order.

    An article is in the feed of the language in which `locale` tells it; all others are the same in each locale. Those
    of the whole and of the important may have no article; every other feed has some. The feed of corrections is not
    among them: it holds notices, not articles.
    """
    config = site.config
    wanted = set(config.feeds.kinds)
    rows: list[Feed] = [(Facet(topic=key), members) for key, members in site.by_topic.items()]
    rows += [(Facet(countries=(code,)), members) for code, members in sorted(site.by_country.items())]
    rows += [(Facet(countries=pair), members) for pair, members in sorted(site.by_pair.items())]
    rows += [(Facet(topic=topic, countries=codes), site.by_crossing[topic, codes]) for topic, codes in _crossings(site)]
    rows += [(Facet(source=run[0].front.source.name), run) for _, run in sorted(site.by_source.items())]
    rows += [(Facet(perspective=key), members) for key, members in site.by_perspective.items()]
    rows += _by_language(site.articles, locale) if "languages" in wanted else []
    least = config.feeds.importance
    important = [article for article in site.articles if least is not None and article.front.importance >= least]
    return [
        (ENTIRE_SITE, site.articles),
        *((facet, members) for facet, members in rows if has_feed(config, facet, len(members))),
        *([(Facet(importance=least), tuple(important))] if least is not None else []),
    ]


def has_feed(config: Config, facet: Facet, count: int) -> bool:
    """Whether a subject of `count` articles has a feed: only beside a page, if it is of a kind that has pages.

    What a topic has in common with a pair of countries has a page and no feed.
    """
    settings, pages, kind = config.feeds, config.page_thresholds, kind_of(facet)
    least = {
        "pairs": max(settings.pairs_from, pages.pairs),
        "crossings": max(settings.crossings_from, pages.topic_countries),
        "sources": max(settings.sources_from, pages.sources),
        "perspectives": pages.perspectives,
    }
    if facet.importance is not None:
        return facet.importance == settings.importance
    if facet.topic is not None and len(facet.countries) > 1:
        return False
    return facet == ENTIRE_SITE or (kind in settings.kinds and count >= least.get(kind, 0))


def notices(articles: Iterable[Article], config: Config) -> list[CorrectionItem]:
    """Return every correction, the newest first."""
    found = [
        (at, article.front.id, CorrectionItem(article, number))
        for article in articles
        for number, at in correction_times(article, config)
    ]
    return [notice for _, _, notice in sorted(found, key=lambda row: (-row[0].timestamp(), row[1], -row[2].number))]


def lists(facets: Sequence[Facet]) -> Iterator[tuple[Facet, tuple[Facet, ...]]]:
    """Yield what a list of feeds is about, and its feeds: the whole digest with all, each topic, each country.

    The list of a topic has its own feed and those of the topic in a country; that of a country has its own, its pairs,
    and those of a topic in it.
    """
    yield ENTIRE_SITE, tuple(facets)
    found: dict[Facet, list[Facet]] = {}
    for facet in facets:
        if facet.topic is not None:
            found.setdefault(Facet(topic=facet.topic), []).append(facet)
        for code in facet.countries:
            found.setdefault(Facet(countries=(code,)), []).append(facet)
    for about, run in found.items():
        yield about, tuple(run)


def kind_of(facet: Facet) -> str:
    """Return the group that a feed belongs to where all feeds are listed, a key of the words."""
    if facet.topic is not None:
        return "crossings" if facet.countries else "topics"
    if facet.countries:
        return "countries" if len(facet.countries) == 1 else "pairs"
    for kind, value in (
        ("sources", facet.source),
        ("perspectives", facet.perspective),
        ("languages", facet.language),
        ("corrections", facet.corrections or None),
    ):
        if value is not None:
            return kind
    return "whole"


def in_groups(facets: Sequence[Facet]) -> tuple[tuple[str, tuple[Facet, ...]], ...]:
    """Return feeds by kind, kinds in the order of the first of each; what is of no kind, and corrections, together."""
    kinds = {facet: kind_of(facet).replace("corrections", "whole") for facet in facets}
    order = {kind: index for index, kind in enumerate(dict.fromkeys(kinds.values()))}
    ordered = sorted(facets, key=lambda facet: order[kinds[facet]])
    return tuple((kind, tuple(run)) for kind, run in groupby(ordered, key=kinds.__getitem__))


def _crossings(site: Site) -> list[tuple[str, tuple[str, ...]]]:
    """Return each topic with each of its countries, topics in the order of the site."""
    order = {topic: index for index, topic in enumerate(site.by_topic)}
    found = [(topic, codes) for topic, codes in site.by_crossing if len(codes) == 1]
    return sorted(found, key=lambda row: (order[row[0]], row[1]))


def _by_language(articles: Iterable[Article], locale: str) -> list[Feed]:
    """Return the articles that a locale tells in each language; tags that differ in case alone are one."""
    found: dict[str, list[Article]] = {}
    tags: dict[str, str] = {}
    for article in articles:
        tag = article.told(locale).lang
        tags.setdefault(tag.lower(), tag)
        found.setdefault(tag.lower(), []).append(article)
    return [(Facet(language=tags[key]), tuple(run)) for key, run in sorted(found.items())]
