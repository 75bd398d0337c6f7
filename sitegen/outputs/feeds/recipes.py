"""Recipes of feeds and of lists of feeds."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from msgspec.structs import replace

from sitegen.outputs.feeds.items import FeedItem, article_item, correction_feed_item, correction_time, feed_view
from sitegen.outputs.feeds.opml import render_opml
from sitegen.outputs.recipes import ArticleText, ContextHash, Recipe
from sitegen.outputs.specs import CorrectionItem
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import last_modified
from sitegen.util.feed_formats import FEED_FORMATS

MAX_ITEMS: Final = 1024
"""Items that are kept: feeds that are rendered one after the other share many."""


class FeedFile(Recipe, frozen=True):
    """A feed in one format: the newest articles of a facet with their texts, or corrections."""

    context: ContextHash
    format: str
    facet: Facet
    items: tuple[ArticleText, ...]
    corrections: tuple[CorrectionItem, ...] = ()

    def render(self, env: Any) -> bytes:
        """Return the feed, of at most as many bytes as the site allows."""
        renderer: FeedRenderer = env.feed_renderer(self.context)
        return renderer.render(self)


class OpmlFile(Recipe, frozen=True):
    """A list of feeds for feed readers: those of `facets`, which are about `about`."""

    context: ContextHash
    about: Facet
    facets: tuple[Facet, ...]

    def render(self, env: Any) -> bytes:
        """Return the list as OPML."""
        return render_opml(env.builder(self.context), self.about, self.facets)


class FeedRenderer:
    """Renders the feeds of one render context. An item of many feeds is rendered once for each format."""

    def __init__(self, builder: ViewBuilder) -> None:
        self._builder = builder
        self._item = lru_cache(MAX_ITEMS)(lambda item: article_item(builder, item))
        self._rendered = lru_cache(2 * MAX_ITEMS)(self._render_article)

    def render(self, feed: FeedFile) -> bytes:
        """Return a feed of at most as many bytes as the site allows.

        If the next older item does not fit any more, the feed ends. An item that would not fit into an empty feed has
        its summary only; the first item is always there.
        """
        builder, entry = self._builder, FEED_FORMATS[feed.format]
        moments = list(self._moments(feed))
        empty = entry.document(feed_view(builder, feed.facet, feed.format, max(moments, default=None)), [])
        room = limit = builder.config.feeds.bytes - len(empty.encode())
        kept: list[str] = []
        for index in range(len(moments)):
            text = self._render_item(feed, index)
            if _size(text) > limit:
                text = entry.item(replace(self._feed_item(feed, index), html=None))
            room -= _size(text)
            if room < 0 and kept:
                break
            kept.append(text)
        updated = max(moments[: len(kept)], default=None)
        return entry.document(feed_view(builder, feed.facet, feed.format, updated), kept).encode()

    def _moments(self, feed: FeedFile) -> Iterator[datetime]:
        """Yield when each item of a feed was last changed."""
        for item in feed.items:
            yield last_modified(self._builder.article(item.article))
        for correction in feed.corrections:
            yield correction_time(self._builder, correction)

    def _render_item(self, feed: FeedFile, index: int) -> str:
        if feed.corrections:
            return FEED_FORMATS[feed.format].item(self._feed_item(feed, index))
        return self._rendered(feed.items[index], feed.format)

    def _render_article(self, item: ArticleText, format_name: str) -> str:
        return FEED_FORMATS[format_name].item(self._item(item))

    def _feed_item(self, feed: FeedFile, index: int) -> FeedItem:
        if feed.corrections:
            return correction_feed_item(self._builder, feed.corrections[index])
        return self._item(feed.items[index])


def _size(text: str) -> int:
    """Return the bytes of an item and of the separator between two items."""
    return len(text.encode()) + 2
