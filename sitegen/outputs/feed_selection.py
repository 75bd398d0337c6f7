"""Selects the feeds of a site, and the articles of each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.outputs.references import ArticleHash
from sitegen.outputs.specs import CorrectionItem, EventItem, event_items
from sitegen.site.facets import CORRECTIONS, EDITIONS, ENTIRE_SITE, UPCOMING, Facet
from sitegen.site.model import Site, correction_times
from sitegen.site.pages import Members, has_feed


def feeds(site: Site, locale: str) -> dict[Facet, Members]:
    """Return the articles of every feed: the entire site, topics, countries and so on, importance, corrections, events.

    An article is in the feed of the language in which `locale` shows it; all other feeds are the same in each locale.
    Those of the entire site and of importance may be empty. Corrections, events and editions are not articles.
    """
    config = site.config
    rows: list[tuple[Facet, Members]] = [(Facet(topic=key), members) for key, members in site.by_topic.items()]
    rows += [(Facet(countries=(code,)), members) for code, members in sorted(site.by_country.items())]
    rows += [(Facet(countries=pair), members) for pair, members in sorted(site.by_pair.items())]
    rows += [(Facet(topic=topic, countries=codes), site.by_crossing[topic, codes]) for topic, codes in _crossings(site)]
    rows += [(Facet(source=group[0].front.source.name), group) for _, group in sorted(site.by_source.items())]
    rows += [(Facet(perspective=key), members) for key, members in site.by_perspective.items()]
    languages = [(facet, members) for facet, members in by_language(site, locale) if members]
    rows += languages if len(languages) > 1 else []  # with one language its feed would be that of the site
    selected = {ENTIRE_SITE: site.articles}
    selected |= {facet: members for facet, members in rows if has_feed(config, facet, len(members))}
    minimum = config.feeds.importance
    if minimum is not None:
        important = tuple(article for article in site.articles if article.front.importance >= minimum)
        selected[Facet(importance=minimum)] = important
    selected |= {facet: () for facet in (CORRECTIONS, UPCOMING, EDITIONS) if has_feed(config, facet, 0)}
    return selected


def correction_items(articles: Iterable[Article], config: Config) -> list[CorrectionItem]:
    """Return every correction, newest first."""
    rows = [
        (at, article.front.id, CorrectionItem(ArticleHash(article.hash), number))
        for article in articles
        for number, at in correction_times(article, config)
    ]
    return [item for _, _, item in sorted(rows, key=lambda row: (-row[0].timestamp(), row[1], -row[2].number))]


def newest_events(site: Site) -> list[EventItem]:
    """Return every event, the last announced first; entries of the calendar without a day are last."""

    def announced(item: EventItem) -> float:
        return float("-inf") if item.announced is None else item.announced.timestamp()

    return sorted(event_items(site), key=announced, reverse=True)


def opml_lists(facets: Sequence[Facet]) -> Iterator[tuple[Facet, tuple[Facet, ...]]]:
    """Yield the facet of each list of feeds, and its feeds: the entire site with all feeds, each topic, each country.

    The list of a topic has its own feed and those of the topic in a country; that of a country has its own, its pairs,
    and those of a topic in it. A topic or country with one feed has no list.
    """
    yield ENTIRE_SITE, tuple(facets)
    groups: dict[Facet, list[Facet]] = {}
    for facet in facets:
        if facet.topic is not None:
            groups.setdefault(Facet(topic=facet.topic), []).append(facet)
        for code in facet.countries:
            groups.setdefault(Facet(countries=(code,)), []).append(facet)
    for about, group in groups.items():
        if len(group) > 1:
            yield about, tuple(group)


def in_groups(facets: Sequence[Facet]) -> tuple[tuple[str, tuple[Facet, ...]], ...]:
    """Return facets by kind, kinds in the order of the first of each. Those without articles are with the site."""
    kinds = {facet: "whole" if facet.section is not None else facet.kind for facet in facets}
    order = {kind: index for index, kind in enumerate(dict.fromkeys(kinds.values()))}
    ordered = sorted(facets, key=lambda facet: order[kinds[facet]])
    return tuple((kind, tuple(group)) for kind, group in groupby(ordered, key=kinds.__getitem__))


def _crossings(site: Site) -> list[tuple[str, tuple[str, ...]]]:
    """Return each topic with each of its countries, topics in the order of the site."""
    order = {topic: index for index, topic in enumerate(site.by_topic)}
    keys = [(topic, codes) for topic, codes in site.by_crossing if len(codes) == 1]
    return sorted(keys, key=lambda row: (order[row[0]], row[1]))


def by_language(site: Site, locale: str) -> list[tuple[Facet, Members]]:
    """Return the articles that a locale shows in each language, if a locale of the site shows several.

    Tags that differ only in case are one language. Every language that a locale shows is in the result, so it has the
    same languages in all of them. If every article is translated, each locale shows one, and there are no lists.
    """
    groups: dict[str, list[Article]] = {}
    tags: dict[str, str] = {}
    shown: dict[str, set[str]] = {other: set() for other in site.config.locales}
    for article in site.articles:
        for other, found in shown.items():
            tag = article.localized(other).lang if article.translations else article.front.lang
            tags.setdefault(tag.lower(), tag)
            found.add(tag.lower())
            if other == locale:
                groups.setdefault(tag.lower(), []).append(article)
    has_several = any(len(found) > 1 for found in shown.values())
    languages = sorted(tags) if has_several else []
    return [(Facet(language=tags[key]), tuple(groups.get(key, ()))) for key in languages]
