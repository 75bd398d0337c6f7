"""Recipes of feeds and of lists of feeds."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from sitegen.outputs.feeds.items import FeedItem, correction_feed_item, correction_time, feed_view
from sitegen.outputs.feeds.opml import render_opml
from sitegen.outputs.recipes import ArticleText, ContextHash, Recipe
from sitegen.outputs.specs import CorrectionItem
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import last_modified
from sitegen.util.feed_formats import FEED_FORMATS


class FeedFile(Recipe, frozen=True):
    """A feed in one format: the newest articles of a facet with their texts, or corrections."""

    context: ContextHash
    format: str
    facet: Facet
    items: tuple[ArticleText, ...]
    corrections: tuple[CorrectionItem, ...] = ()

    def render(self, env: Any) -> bytes:
        """Return the feed within the size limit of the site.

        The feed ends before the first item that does not fit. An item that would not fit into an empty feed has only
        its summary. The first item is always included.
        """
        builder, entry = env.builder(self.context), FEED_FORMATS[self.format]
        change_times = list(self._change_times(builder))
        empty = entry.document(feed_view(builder, self.facet, self.format, max(change_times, default=None)), [])
        free_bytes = limit = builder.config.feeds.bytes - len(empty.encode())
        rendered: list[str] = []
        for index in range(len(change_times)):
            text = self._item_text(env, index)
            if _size(text) > limit:
                text = entry.item(replace(self._item(env, index), html=None))
            free_bytes -= _size(text)
            if free_bytes < 0 and rendered:
                break
            rendered.append(text)
        updated = max(change_times[: len(rendered)], default=None)
        return entry.document(feed_view(builder, self.facet, self.format, updated), rendered).encode()

    def _change_times(self, builder: ViewBuilder) -> Iterator[datetime]:
        """Yield the time of the last change of each item."""
        for item in self.items:
            yield last_modified(builder.article(item.article))
        for correction in self.corrections:
            yield correction_time(builder, correction)

    def _item(self, env: Any, index: int) -> FeedItem:
        if self.corrections:
            return correction_feed_item(env.builder(self.context), self.corrections[index])
        item: FeedItem = env.feed_item(self.context, self.items[index])
        return item

    def _item_text(self, env: Any, index: int) -> str:
        if self.corrections:
            return FEED_FORMATS[self.format].item(self._item(env, index))
        text: str = env.feed_item_text(self.context, self.items[index], self.format)
        return text


class OpmlFile(Recipe, frozen=True):
    """A list of the feeds of `facets` for feed readers; `about` is their common facet."""

    context: ContextHash
    about: Facet
    facets: tuple[Facet, ...]

    def render(self, env: Any) -> bytes:
        """Return the list as OPML."""
        return render_opml(env.builder(self.context), self.about, self.facets)


def _size(text: str) -> int:
    """Return the bytes of an item and of the separator between two items."""
    return len(text.encode()) + 2
