"""Recipes of feeds and of lists of feeds.

Source of the lists: opml.org/spec2.opml; in a list of subscriptions the outlines have the type rss.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from sitegen.outputs.editions import EditionContent
from sitegen.outputs.feed_items import (
    FeedItem,
    correction_feed_item,
    correction_time,
    event_feed_item,
    event_time,
    feed_view,
    with_size,
)
from sitegen.outputs.feed_selection import in_groups
from sitegen.outputs.feeds.editions import edition_feed_item, edition_time
from sitegen.outputs.recipes import Recipe
from sitegen.outputs.references import ArticleHash, ArticleText, ContextHash
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.specs import CorrectionItem, EventItem
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import last_modified
from sitegen.site.urls import feed_folder
from sitegen.util.feed_formats import FEED_FORMATS
from sitegen.util.xml import DECLARATION, element, empty, escaped

_Entry = ArticleText | ArticleHash | CorrectionItem | EventItem | EditionContent


class FeedFile(Recipe, frozen=True):
    """A feed in one format: the newest articles of a facet, corrections, events, or daily editions.

    `items` are articles with their texts. A feed of `summaries` does not depend on any text.
    """

    context: ContextHash
    format: str
    facet: Facet
    items: tuple[ArticleText, ...]
    summaries: tuple[ArticleHash, ...] = ()
    corrections: tuple[CorrectionItem, ...] = ()
    events: tuple[EventItem, ...] = ()
    editions: tuple[EditionContent, ...] = ()

    def render(self, renderer: Renderer) -> bytes:
        """Return the feed within the size limit of the site.

        The feed ends before the first item that does not fit. An item that would not fit into an empty feed has only
        its summary. The first item is always included.
        """
        builder, entry = renderer.builder(self.context), FEED_FORMATS[self.format]
        entries = self.items or self.summaries or self.corrections or self.events or self.editions
        change_times = [_change_time(builder, item) for item in entries]
        without_items = entry.render(feed_view(builder, self.facet, self.format, max(change_times, default=None)), [])
        free_bytes = limit = builder.config.feeds.bytes - len(without_items.encode())
        rendered: list[str] = []
        for item in entries:
            text, size = self._item_text(renderer, item)
            if size > limit:
                text, size = with_size(entry.render_item(replace(self._item(renderer, item), html=None)))
            free_bytes -= size
            if free_bytes < 0 and rendered:
                break
            rendered.append(text)
        updated = max(change_times[: len(rendered)], default=None)
        return entry.render(feed_view(builder, self.facet, self.format, updated), rendered).encode()

    def _item(self, renderer: Renderer, item: _Entry) -> FeedItem:
        builder = renderer.builder(self.context)
        match item:
            case CorrectionItem():
                return correction_feed_item(builder, item)
            case EventItem():
                return event_feed_item(builder, item)
            case EditionContent():
                return edition_feed_item(builder, item)
            case _:
                return renderer.feed_item(self.context, item)

    def _item_text(self, renderer: Renderer, item: _Entry) -> tuple[str, int]:
        if isinstance(item, ArticleText | bytes):
            return renderer.feed_item_text(self.context, item, self.format)
        return with_size(FEED_FORMATS[self.format].render_item(self._item(renderer, item)))


def _change_time(builder: ViewBuilder, item: _Entry) -> datetime:
    """Return the time of the last change of an item."""
    match item:
        case CorrectionItem():
            return correction_time(builder, item)
        case EventItem():
            return event_time(builder, item)
        case EditionContent():
            return edition_time(builder, item)
        case ArticleText():
            return last_modified(builder.article(item.article))
        case _:
            return last_modified(builder.article(item))


class OpmlFile(Recipe, frozen=True):
    """A list of the feeds of `facets` for feed readers; `about` is their common facet."""

    context: ContextHash
    about: Facet
    facets: tuple[Facet, ...]

    def render(self, renderer: Renderer) -> bytes:
        """Return the list as OPML, with feeds in groups, each in its first format.

        It has no date, so it changes only if a feed appears or disappears.
        """
        builder = renderer.builder(self.context)
        labels = builder.labels()
        title = f"{builder.feed_title(self.about)} · {labels.label('feeds')}"
        parts = [f'{DECLARATION}<opml version="2.0">\n<head>\n', element("title", title), "</head>\n<body>\n"]
        for key, group in in_groups(self.facets):
            parts += [f'<outline text="{escaped(labels.label(key))}">\n', *_outlines(builder, group), "</outline>\n"]
        parts.append("</body>\n</opml>\n")
        return "".join(parts).encode()


def _outlines(builder: ViewBuilder, facets: tuple[Facet, ...]) -> Iterator[str]:
    urls = builder.urls
    for facet in facets:
        entry = FEED_FORMATS[builder.config.feeds.formats_of(facet.kind)[0]]
        title = builder.feed_title(facet)
        yield empty(
            "outline",
            {
                "type": "rss",
                "text": title,
                "title": title,
                "xmlUrl": urls.absolute(urls.feed(feed_folder(urls, facet), entry.name)),
                "htmlUrl": urls.absolute(feed_folder(urls, facet)),
                "language": builder.locale,
                "version": entry.opml_version,
            },
        )
