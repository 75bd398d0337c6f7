"""Decides which pages and feeds a site has, by the thresholds of `site.yaml`."""

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Final, TypeVar

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.site.facets import EDITIONS, Facet

Key = TypeVar("Key", bound=Hashable)

Members = tuple[Article, ...]
"""The articles of a facet, newest first."""

MAX_TABLE_ARTICLES: Final = 10_000
"""The articles of a table of open data. A row takes about 1 KB, and hosts refuse large files (Cloudflare: 25 MiB)."""


class SitePages(Struct, frozen=True):
    """The pages whose existence depends on the articles; every other page exists on every site.

    `indexes` are the facets that have an index page, `with_months` those whose index is divided into months,
    `perspectives` the perspectives that have a page and `perspective_topics` their topics that have one, `weeks` the
    weekly issues by their Monday, `days` the daily editions, newest first. `tables` are the articles of each table of
    the open data by period, newest first (see `sitegen.site.model.by_period`).
    """

    indexes: Mapping[Facet, Members]
    with_months: frozenset[Facet]
    perspectives: Mapping[str, Members]
    perspective_topics: Mapping[tuple[str, str], Members]
    weeks: Mapping[date, Members]
    days: Mapping[date, Members]
    tables: Mapping[str, Members]


def min_articles(config: Config, kind: str) -> int:
    """Return the minimum number of articles for a page of a facet of a kind (see `Facet.kind`)."""
    thresholds = config.page_thresholds
    minimum = {
        "pairs": thresholds.pairs,
        "crossings": thresholds.topic_countries,
        "sources": thresholds.sources,
        "perspectives": thresholds.perspectives,
    }
    return max(1, minimum.get(kind, 1))


def has_page(config: Config, facet: Facet, count: int) -> bool:
    """Return whether a facet with `count` articles has a page."""
    return count >= min_articles(config, facet.kind)


def with_page(config: Config, kind: str, groups: Mapping[Key, Members]) -> dict[Key, Members]:
    """Return the groups of articles, all facets of one kind, that have a page."""
    minimum = min_articles(config, kind)
    return {key: members for key, members in groups.items() if len(members) >= minimum}


def has_months(config: Config, count: int) -> bool:
    """Return whether an index with `count` articles is divided into months."""
    return count >= config.page_thresholds.months


def has_issue(config: Config, count: int) -> bool:
    """Return whether a week with `count` articles has an issue."""
    return count >= config.page_thresholds.issues


def has_feed(config: Config, facet: Facet, count: int) -> bool:
    """Return whether a facet with `count` articles has a feed: only next to a page, if its kind has pages.

    A topic combined with a pair of countries has a page but no feed.
    """
    settings, kind = config.feeds, facet.kind
    if facet == EDITIONS:
        return config.edition_items is not None
    if facet.importance is not None:
        return facet.importance == settings.importance
    if kind in {"whole", "languages"} or facet.section is not None:
        return kind == "whole" or kind in settings.kinds
    if facet.topic is not None and len(facet.countries) > 1:
        return False
    minimum = {"pairs": settings.pairs_from, "crossings": settings.crossings_from, "sources": settings.sources_from}
    return kind in settings.kinds and count >= minimum.get(kind, 0) and has_page(config, facet, count)
