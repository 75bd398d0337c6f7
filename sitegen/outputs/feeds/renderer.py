"""Feeds in every format, cut to the bytes that a feed may have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sitegen.content.markdown import Body
from sitegen.outputs.feeds import atom, json_feed, rss
from sitegen.outputs.feeds.items import article_item, changes, feed_view, notice_item
from sitegen.outputs.recipes import FeedItem, FeedRecipe, FeedView
from sitegen.outputs.view_builder import Maker
from sitegen.util.cache import Recent
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


class FeedPrinter:
    """Prints the feeds of one edition; an item that stands in many feeds is printed once for each format."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._items = Recent[bytes, FeedItem]()
        self._printed = Recent[tuple[bytes, str], str]()

    def end_batch(self) -> None:
        """Forget items that were not asked for since the call before this one."""
        self._items.end_batch()
        self._printed.end_batch()

    def feed(self, recipe: FeedRecipe, texts: Mapping[bytes, Body]) -> bytes:
        """Return a feed of at most as many bytes as the site allows.

        Where the next older item does not fit any more, the feed ends. An item that would not fit into an empty feed
        has its summary alone; the first stands whatever its length.
        """
        kind, brief = _FORMATS[recipe.format], recipe.brief
        moments = changes(self._maker, brief)
        empty = kind.document(feed_view(self._maker, recipe, max(moments, default=None)), [])
        room = most = self._maker.config.feeds.bytes - len(empty.encode())
        kept: list[str] = []
        for place in range(len(moments)):
            text = self._print(recipe, place, texts)
            if _size(text) > most:
                text = kind.item(replace(self._item(recipe, place, texts), html=None))
            room -= _size(text)
            if room < 0 and kept:
                break
            kept.append(text)
        updated = max(moments[: len(kept)], default=None)
        return kind.document(feed_view(self._maker, recipe, updated), kept).encode()

    def _print(self, recipe: FeedRecipe, place: int, texts: Mapping[bytes, Body]) -> str:
        if recipe.brief.notices:
            return _FORMATS[recipe.format].item(self._item(recipe, place, texts))
        key = recipe.brief.items[place].digest, recipe.format
        return self._printed.get(key, lambda: _FORMATS[recipe.format].item(self._item(recipe, place, texts)))

    def _item(self, recipe: FeedRecipe, place: int, texts: Mapping[bytes, Body]) -> FeedItem:
        if recipe.brief.notices:
            return notice_item(self._maker, recipe.brief.notices[place])
        whole = recipe.brief.items[place]
        return self._items.get(whole.digest, lambda: article_item(self._maker, whole, texts[whole.text]))


def _size(text: str) -> int:
    """Return the bytes of an item, and of what stands between two of them."""
    return len(text.encode()) + 2
