"""Atom. Sources: RFC 4287, RFC 4946 (the licence)."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from sitegen.outputs.feed_items import FeedItem, FeedView
from sitegen.util.feed_formats import FeedFormat, register_feed_format
from sitegen.util.xml import (
    DECLARATION,
    construct,
    element,
    empty,
    escape_url,
    escaped,
    plain,
    rfc3339,
    stylesheet,
)


def document(feed: FeedView, items: Sequence[str]) -> str:
    """Return a feed around its entries."""
    parts = [
        f"{DECLARATION}{stylesheet(feed.stylesheet)}",
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escaped(feed.lang)}">\n',
        element("id", feed.guid),
        construct("title", feed.title),
        construct("subtitle", feed.description),
        element("updated", rfc3339(feed.updated or feed.authority_date)),
        _author(feed),
        construct("rights", feed.rights) if feed.rights else "",
        element("generator", feed.generator),
        empty("link", {"rel": "self", "type": "application/atom+xml", "href": feed.self_url}),
        empty("link", {"rel": "alternate", "type": "text/html", "href": feed.home_url}),
        empty("link", {"rel": "hub", "href": feed.websub_hub}) if feed.websub_hub else "",
        empty("link", {"rel": "license", "href": feed.license}) if feed.license else "",
        *items,
        "</feed>\n",
    ]
    return "".join(parts)


def _author(feed: FeedView) -> str:
    """Return the author of a feed, with the address and the contact of the publisher."""
    publisher, parts = feed.publisher, [plain("name", feed.author)]
    if publisher is not None:
        uri = publisher.url or (publisher.contact if publisher.email is None else None)
        parts += [element("uri", escape_url(uri) or "")] if uri else []
        parts += [element("email", publisher.email)] if publisher.email else []
    return f"<author>{''.join(part.rstrip() for part in parts)}</author>\n"


def item(entry: FeedItem) -> str:
    """Return an entry, with the summary before the text."""
    origin = entry.origin
    parts = [
        f'<entry xml:lang="{escaped(entry.lang)}">\n',
        element("id", entry.guid),
        construct("title", entry.title),
        empty("link", {"rel": "alternate", "type": "text/html", "href": entry.url}),
        empty("link", {"rel": "via", "href": origin.url}) if origin is not None and origin.url else "",
        element("published", rfc3339(entry.published)),
        element("updated", _unique_time(entry)),
        f"<author>{plain('name', entry.creator).rstrip()}</author>\n",
        *(
            empty("category", {"term": tag.key, "scheme": tag.href}, {"label": tag.name})
            for tag in (*entry.topics, *entry.countries)
        ),
        construct("summary", entry.summary),
        element("content", entry.html, {"type": "html"}) if entry.html is not None else "",
        "</entry>\n",
    ]
    return "".join(parts)


def _unique_time(entry: FeedItem) -> str:
    """Return the time of an entry's last change, with a fraction of a second that is unique to the entry.

    A date without a time is midnight, so all articles of a day would have the same date, which validators warn about
    (RFC 4287, section 3.3). The fraction depends only on the id, so it is stable.
    """
    moment = (entry.updated or entry.published).replace(microsecond=0)
    fraction = int.from_bytes(sha256(entry.guid.encode()).digest()[:8]) % 999_999 + 1
    return (moment + timedelta(microseconds=fraction)).isoformat(timespec="microseconds")


register_feed_format(
    FeedFormat("atom", "Atom", "atom.xml", "application/atom+xml", document, item, order=2, opml_version="ATOM")
)
