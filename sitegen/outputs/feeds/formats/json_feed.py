"""JSON Feed 1.1. Source: jsonfeed.org/version/1.1."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sitegen.outputs.feed_items import FeedItem, FeedView
from sitegen.util.feed_formats import FeedFormat, register_feed_format
from sitegen.util.xml import rfc3339

VERSION: Final = "https://jsonfeed.org/version/1.1"


def document(feed: FeedView, items: Sequence[str]) -> str:
    """Return a feed around its items."""
    head = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.self_url,
        "description": feed.description,
        "language": feed.lang,
        "authors": [{"name": feed.author, "url": _author_url(feed)}],
        "hubs": [{"type": "WebSub", "url": feed.websub_hub}] if feed.websub_hub else None,
        "_sitegen": _without_empty({"rights": feed.rights or None, "license": feed.license}) or None,
    }
    opening = _to_json(_without_empty(head)).removesuffix("}")
    item_lines = ",\n".join(items)
    return f'{opening},\n"items": [\n{item_lines}\n]}}\n' if items else f'{opening},\n"items": []}}\n'


def _author_url(feed: FeedView) -> str:
    """Return the address of the publisher, else the contact, else the digest."""
    return (feed.publisher.url or feed.publisher.contact_url) if feed.publisher is not None else feed.home_url


def item(entry: FeedItem) -> str:
    """Return an item; values without a key in JSON Feed are under `_sitegen` (see docs/reference/feeds.md)."""
    origin = entry.origin
    extension = (
        {
            "importance": entry.importance,
            "topics": [tag.key for tag in entry.topics],
            "countries": [tag.key for tag in entry.countries],
            "source": _without_empty({"name": origin.name, "language": origin.lang, "archived": origin.archived}),
            "generated": dict(origin.generated),
            "reviewed_by": origin.reviewer,
        }
        if origin is not None
        else {}
    )
    values = {
        "id": entry.guid,
        "url": entry.url,
        "external_url": origin.url if origin is not None else None,
        "title": entry.title,
        "summary": entry.summary if entry.html is not None else None,
        "content_html": entry.html,
        "content_text": entry.summary if entry.html is None else None,
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.updated) if entry.updated is not None else None,
        "authors": [{"name": entry.creator}],
        "tags": [tag.name for tag in (*entry.topics, *entry.countries)] or None,
        "language": entry.lang,
        "_sitegen": _without_empty(extension) or None,
    }
    return _to_json(_without_empty(values))


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, {}, [])}


def _to_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


register_feed_format(FeedFormat("json", "JSON Feed", "feed.json", "application/feed+json", document, item, order=3))
