"""Feeds in every format, cut to the bytes that a feed may have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sitegen.content.markdown import Body
from sitegen.outputs.feeds import atom, json_feed, rss
from sitegen.outputs.feeds.items import article_item, changes, feed_view, notice_item
from sitegen.outputs.recipes import FeedItem, FeedRecipe, FeedView
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.util.cache import GenerationalCache
from sitegen.util.frozen import dataclass


@dataclass(frozen=True, slots=True)
class _Format:
    document: Callable[[FeedView, Sequence[str]], str]
    item: Callable[[FeedItem], str]


_FORMATS: Final = {
    "rss": _Format(rss.document, rss.item),
    "atom": _Format(atom.document, atom.item),
    "json": _Format(json_feed.document, json_feed.item),
}


class FeedRenderer:
    """Prints the feeds of one edition; an item that stands in many feeds is printed once for each format."""

    def __init__(self, builder: ViewBuilder) -> None:
        self._builder = builder
        self._items = GenerationalCache[bytes, FeedItem]()
        self._printed = GenerationalCache[tuple[bytes, str], str]()

    def rotate(self) -> None:
        """Forget items that were not asked for since the call before this one."""
        self._items.rotate()
        self._printed.rotate()

    def feed(self, recipe: FeedRecipe, texts: Mapping[bytes, Body]) -> bytes:
        """Return a feed of at most as many bytes as the site allows.

        Where the next older item does not fit any more, the feed ends. An item that would not fit into an empty feed
        has its summary alone; the first stands whatever its length.
        """
        kind, spec = _FORMATS[recipe.format], recipe.spec
        moments = changes(self._builder, spec)
        empty = kind.document(feed_view(self._builder, recipe, max(moments, default=None)), [])
        room = most = self._builder.config.feeds.bytes - len(empty.encode())
        kept: list[str] = []
        for index in range(len(moments)):
            text = self._print(recipe, index, texts)
            if _size(text) > most:
                text = kind.item(replace(self._item(recipe, index, texts), html=None))
            room -= _size(text)
            if room < 0 and kept:
                break
            kept.append(text)
        updated = max(moments[: len(kept)], default=None)
        return kind.document(feed_view(self._builder, recipe, updated), kept).encode()

    def _print(self, recipe: FeedRecipe, location: int, texts: Mapping[bytes, Body]) -> str:
        if recipe.spec.notices:
            return _FORMATS[recipe.format].item(self._item(recipe, location, texts))
        key = recipe.spec.items[location].digest, recipe.format
        return self._printed.get(key, lambda: _FORMATS[recipe.format].item(self._item(recipe, location, texts)))

    def _item(self, recipe: FeedRecipe, location: int, texts: Mapping[bytes, Body]) -> FeedItem:
        if recipe.spec.notices:
            return notice_item(self._builder, recipe.spec.notices[location])
        whole = recipe.spec.items[location]
        return self._items.get(whole.digest, lambda: article_item(self._builder, whole, texts[whole.text]))


def _size(text: str) -> int:
    """Return the bytes of an item, and of what stands between two of them."""
    return len(text.encode()) + 2
