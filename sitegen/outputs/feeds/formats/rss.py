"""RSS 2.0. Sources: the specification, and the RSS Advisory Board's best practices profile."""

from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import escape

from sitegen.config.model import Publisher
from sitegen.outputs.feed_items import FeedItem, FeedView
from sitegen.util.feed_formats import FeedFormat, register_feed_format
from sitegen.util.xml import DECLARATION, element, empty, plain, rfc822, rfc3339, stylesheet

_NAMESPACES: Final = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def document(feed: FeedView, items: Sequence[str]) -> str:
    """Return a feed around its items."""
    parts = [
        f'{DECLARATION}{stylesheet(feed.stylesheet)}<rss version="2.0" {_NAMESPACES}>\n<channel>\n',
        plain("title", feed.title),
        element("link", feed.home_url),
        plain("description", feed.description),
        element("language", feed.lang),
        plain("copyright", feed.rights) if feed.rights else "",
        *(_publisher(feed.publisher, feed.author) if feed.publisher is not None else ()),
        element("lastBuildDate", rfc822(feed.updated)) if feed.updated is not None else "",
        element("generator", feed.generator),
        empty("atom:link", {"href": feed.self_url, "rel": "self", "type": "application/rss+xml"}),
        empty("atom:link", {"href": feed.websub_hub, "rel": "hub"}) if feed.websub_hub else "",
        *items,
        "</channel>\n</rss>\n",
    ]
    return "".join(parts)


def _publisher(publisher: Publisher, name: str) -> Iterator[str]:
    """Yield the publisher. `managingEditor` must have an e-mail address (RSS profile, "managingEditor")."""
    if publisher.email is not None:
        yield plain("managingEditor", f"{publisher.email} ({name})")
    yield plain("dc:publisher", name)


def item(entry: FeedItem) -> str:
    """Return an item.

    The description precedes the content, because some readers show the first text. It is HTML (RSS 2.0, "entity-encoded
    HTML is allowed"), so the summary is escaped twice. `source` is only for items from another feed, and `author` must
    be an e-mail address, so `dc:creator` is used.
    """
    origin = entry.origin
    parts = [
        "<item>\n",
        plain("title", entry.title),
        element("link", entry.url),
        element("description", str(escape(entry.summary))),
        element("content:encoded", entry.html) if entry.html is not None else "",
        element("guid", entry.guid, {"isPermaLink": "false"}),
        element("pubDate", rfc822(entry.published)),
        element("atom:updated", rfc3339(entry.updated)) if entry.updated is not None else "",
        empty("atom:link", {"href": origin.url, "rel": "via"}) if origin is not None and origin.url else "",
        plain("dc:creator", entry.creator),
        element("dc:language", entry.lang),
        *(plain("category", tag.name, {"domain": tag.href}) for tag in (*entry.topics, *entry.countries)),
        "</item>\n",
    ]
    return "".join(parts)


register_feed_format(
    FeedFormat("rss", "RSS", "feed.xml", "application/rss+xml", document, item, order=1, opml_version="RSS2")
)
