"""Media types by file name, for the preview and for published sites."""

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
"""Media types of text files, which are worth compressing and always UTF-8, by suffix."""

FEEDS: Final = {name: FEED_TYPES[kind] for kind, name in FEED_NAMES.items()}
"""Media types of feeds, by file name."""

_OTHERS: Final = {
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
"""Media types that some versions of Python lack or name differently."""

_TYPES: Final = mimetypes.MimeTypes()
"""The table of the standard library without the files of the machine, which differ."""
for _suffix, _kind in (TEXTS | _OTHERS).items():
    _TYPES.add_type(_kind, _suffix)


def content_type(path: str) -> str:
    """Return the Content-Type of a file by its name; text has the charset UTF-8."""
    name = path.rpartition("/")[2]
    kind, encoding = (FEEDS[name], None) if name in FEEDS else _TYPES.guess_type(f"./{name}")
    if encoding is not None:
        kind = "application/gzip" if encoding == "gzip" else None
    kind = kind or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("+xml", "+json")) or kind in TEXTS.values()
    return f"{kind}; charset=utf-8" if is_text else kind
