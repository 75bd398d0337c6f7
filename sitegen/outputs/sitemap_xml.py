"""Sitemaps. Sources: sitemaps.org 0.9; Google's extensions for languages and for news."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sitegen.outputs.recipes import NewsEntry, SitemapEntry
from sitegen.util.xml import DECLARATION, element, empty, rfc3339, w3c_utc

_SITEMAP: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKS: Final = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_NEWS: Final = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def render_sitemap(entries: Sequence[SitemapEntry]) -> bytes:
    """Return a sitemap; `lastmod` comes from the content, `xhtml:link` names the page in every locale."""
    parts = [f"{DECLARATION}<urlset {_SITEMAP} {_LINKS}>\n"]
    for entry in entries:
        links = (empty("xhtml:link", {"rel": "alternate", "hreflang": t, "href": u}) for t, u in entry.alternates)
        parts += ["<url>\n", element("loc", entry.url), _lastmod(entry.modified), *links, "</url>\n"]
    parts.append("</urlset>\n")
    return "".join(parts).encode()


def render_sitemap_index(entries: Sequence[SitemapEntry]) -> bytes:
    """Return an index of sitemaps."""
    parts = [f"{DECLARATION}<sitemapindex {_SITEMAP}>\n"]
    for entry in entries:
        parts += ["<sitemap>\n", element("loc", entry.url), _lastmod(entry.modified), "</sitemap>\n"]
    parts.append("</sitemapindex>\n")
    return "".join(parts).encode()


def render_news(entries: Sequence[NewsEntry]) -> bytes:
    """Return a news sitemap."""
    parts = [f"{DECLARATION}<urlset {_SITEMAP} {_NEWS}>\n"]
    for entry in entries:
        parts += [
            "<url>\n",
            element("loc", entry.url),
            "<news:news>\n<news:publication>\n",
            element("news:name", entry.publication),
            element("news:language", entry.lang),
            "</news:publication>\n",
            element("news:publication_date", rfc3339(entry.published)),
            element("news:title", entry.title),
            "</news:news>\n</url>\n",
        ]
    parts.append("</urlset>\n")
    return "".join(parts).encode()


def _lastmod(moment: datetime | None) -> str:
    return element("lastmod", w3c_utc(moment)) if moment is not None else ""
