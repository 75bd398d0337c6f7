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
"""The size of the item cache: consecutive feeds share many items."""


class FeedFile(Recipe, frozen=True):
    """A feed in one format: the newest articles of a facet with their texts, or corrections."""

    context: ContextHash
    format: str
    facet: Facet
    items: tuple[ArticleText, ...]
    corrections: tuple[CorrectionItem, ...] = ()

    def render(self, env: Any) -> bytes:
        """Return the feed, within the size limit of the site."""
        renderer: FeedRenderer = env.feed_renderer(self.context)
        return renderer.render(self)


class OpmlFile(Recipe, frozen=True):
    """A list of the feeds of `facets` for feed readers; `about` is their common facet."""

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
        """Return a feed within the size limit of the site.

        The feed ends before the first item that does not fit. An item that would not fit into an empty feed has only
        its summary. The first item is always included.
        """
        builder, entry = self._builder, FEED_FORMATS[feed.format]
        change_times = list(self._change_times(feed))
        empty = entry.document(feed_view(builder, feed.facet, feed.format, max(change_times, default=None)), [])
        free_bytes = limit = builder.config.feeds.bytes - len(empty.encode())
        rendered: list[str] = []
        for index in range(len(change_times)):
            text = self._render_item(feed, index)
            if _size(text) > limit:
                text = entry.item(replace(self._feed_item(feed, index), html=None))
            free_bytes -= _size(text)
            if free_bytes < 0 and rendered:
                break
            rendered.append(text)
        updated = max(change_times[: len(rendered)], default=None)
        return entry.document(feed_view(builder, feed.facet, feed.format, updated), rendered).encode()

    def _change_times(self, feed: FeedFile) -> Iterator[datetime]:
        """Yield the time of the last change of each item."""
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
