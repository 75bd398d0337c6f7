"""The registry of feed formats. Modules of `sitegen.outputs.feeds.formats` fill it."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

from sitegen.util.plugins import returned
from sitegen.util.registry import Registry


class FeedFormat(Struct, frozen=True):
    """A format of feeds.

    `label` is its name for readers, `file_name` that of every feed in it. `document(feed, items)` returns a feed as
    text around its rendered items, `item(entry)` one item; see `FeedView` and `FeedItem` of `outputs.feed_items`.
    Formats are listed by `order`. `opml_version` is the value of `version` in lists of feeds (OPML 2.0).
    """

    name: str
    label: str
    file_name: str
    media_type: str
    document: Callable[[Any, Sequence[str]], str]
    item: Callable[[Any], str]
    order: int = 100
    opml_version: str | None = None

    def render(self, feed: Any, items: Sequence[str]) -> str:
        """Return a feed as text around its rendered items."""
        return returned(self.document, self.document(feed, items), str, "a text (str)")

    def render_item(self, entry: Any) -> str:
        """Return one item as text."""
        return returned(self.item, self.item(entry), str, "a text (str)")


FEED_FORMATS: Final = Registry[FeedFormat]("sitegen.outputs.feeds.formats")


def register_feed_format(entry: FeedFormat) -> None:
    """Add a feed format to the registry."""
    FEED_FORMATS.add(entry.name, entry)


def feed_formats() -> tuple[FeedFormat, ...]:
    """Return all feed formats in their order."""
    return tuple(sorted(FEED_FORMATS.values(), key=lambda entry: (entry.order, entry.name)))
