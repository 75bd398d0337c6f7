"""Media types by name: the same in the preview, in what hosts are told and in a bucket."""

import mimetypes
from typing import Final

FEED_NAMES: Final = {"rss": "feed.xml", "atom": "atom.xml", "json": "feed.json"}
"""File names of feeds, by format."""
FEED_TYPES: Final = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
"""Media types of feeds, by format."""

TEXTS: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".xml": "application/xml",
    ".opml": "text/x-opml",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".ics": "text/calendar",
    ".webmanifest": "application/manifest+json",
}
"""Suffixes of text, which is worth compressing and is always UTF-8."""

FEEDS: Final = {name: FEED_TYPES[kind] for kind, name in FEED_NAMES.items()}
"""The media types of feeds, by their names."""

_OTHERS: Final = {
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
"""What Python's own table has not, or calls otherwise in some versions."""

_TYPES: Final = mimetypes.MimeTypes()
"""Of the library alone: what a machine's own tables say differs from one to the next."""
for _suffix, _kind in (TEXTS | _OTHERS).items():
    _TYPES.add_type(_kind, _suffix)


def content_type(path: str) -> str:
    """Return the media type of a file by its name, with the character encoding where it is text."""
    name = path.rpartition("/")[2]
    kind, encoding = (FEEDS[name], None) if name in FEEDS else _TYPES.guess_type(f"./{name}")
    if encoding is not None:
        kind = "application/gzip" if encoding == "gzip" else None
    kind = kind or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("+xml", "+json")) or kind in TEXTS.values()
    return f"{kind}; charset=utf-8" if is_text else kind
