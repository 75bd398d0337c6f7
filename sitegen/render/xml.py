"""RSS 2.0 feeds and the sitemap. Sources: the RSS Advisory Board's best practices profile; sitemaps.org 0.9."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import escape

from sitegen.content.markdown import FIGURE, FIGURE_END, PRE
from sitegen.digest.values import FeedItem, FeedView, SitemapEntry

_ATOM: Final = "http://www.w3.org/2005/Atom"
_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML: Final = "http://www.w3.org/1999/xhtml"

for _prefix, _uri in (("atom", _ATOM), ("content", _CONTENT), ("dc", _DC), ("xhtml", _XHTML), ("", _SITEMAP)):
    ET.register_namespace(_prefix, _uri)


def render_feed(feed: FeedView) -> bytes:
    """Return an RSS 2.0 document in UTF-8. No date in it comes from the clock."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _text(channel, "title", feed.title)
    _text(channel, "link", feed.home_url)
    _text(channel, "description", feed.description)
    _text(channel, "language", feed.lang)
    _text(channel, "generator", feed.generator)
    if feed.updated is not None:
        _text(channel, "lastBuildDate", _rfc822(feed.updated))
    ET.SubElement(channel, f"{{{_ATOM}}}link", href=feed.self_url, rel="self", type="application/rss+xml")
    for item in feed.items:
        _item(channel, feed, item)
    return _serialise(root)


def _item(channel: ET.Element, feed: FeedView, item: FeedItem) -> None:
    element = ET.SubElement(channel, "item")
    _text(element, "title", item.title)
    _text(element, "link", item.url)
    # Readers that show the first text they meet shall show the summary: description before content. It is HTML (RSS
    # 2.0, "entity-encoded HTML is allowed"), so a plain `<` must be spelled.
    _text(element, "description", str(escape(item.summary)))
    _text(element, f"{{{_CONTENT}}}encoded", item_html(item))
    _text(element, "guid", item.guid, isPermaLink="false")
    _text(element, "pubDate", _rfc822(item.published))
    if item.updated is not None:
        _text(element, f"{{{_ATOM}}}updated", item.updated.isoformat())
    _text(element, f"{{{_DC}}}creator", item.creator)
    _text(element, f"{{{_DC}}}language", item.lang)
    for topic in item.topics:
        _text(element, "category", topic, domain=feed.topic_domain)
    for code in item.countries:
        _text(element, "category", code, domain=feed.country_domain)


def item_html(item: FeedItem) -> str:
    """Return an article's text as feed readers keep it: perspectives are h3 and p, nothing else is added."""
    parts = []
    for section in item.sections:
        if section.key is not None:
            parts.append(f'<h3 lang="{escape(section.lang)}">{escape(section.label)}</h3>\n')
        parts.append(str(section.html))
    return "".join(parts).replace(PRE, "<pre>").replace(FIGURE, "").replace(FIGURE_END, "")


def render_sitemap(entries: Sequence[SitemapEntry]) -> bytes:
    """Return a sitemap; `lastmod` comes from the content, `xhtml:link` names the page in every locale."""
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for entry in entries:
        element = ET.SubElement(root, f"{{{_SITEMAP}}}url")
        _text(element, f"{{{_SITEMAP}}}loc", entry.url)
        if entry.modified is not None:
            _text(element, f"{{{_SITEMAP}}}lastmod", entry.modified.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        for tag, url in entry.alternates:
            ET.SubElement(element, f"{{{_XHTML}}}link", rel="alternate", hreflang=tag, href=url)
    return _serialise(root)


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0))


def _serialise(root: ET.Element) -> bytes:
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"
