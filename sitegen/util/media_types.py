"""Media types by file name, for the preview and for published sites."""

import mimetypes
from functools import cache
from typing import Final

from sitegen.util.feed_formats import feed_formats

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


@cache
def feed_types() -> dict[str, str]:
    """Return the media types by which hosts serve feeds, by their file names.

    Feeds in XML are `application/xml`: Chromium shows `application/rss+xml` as source text and does not read its
    stylesheet. Feed readers recognize a feed by its root element.
    """
    xml = TEXTS[".xml"]
    return {entry.file_name: xml if entry.media_type.endswith("+xml") else entry.media_type for entry in feed_formats()}


_OTHERS: Final = {
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
"""Media types that some versions of Python lack or name differently."""


@cache
def _types() -> mimetypes.MimeTypes:
    """Return the table of the standard library without the files of the machine, which differ."""
    types = mimetypes.MimeTypes()
    for suffix, kind in (TEXTS | _OTHERS).items():
        types.add_type(kind, suffix)
    return types


def content_type(path: str) -> str:
    """Return the Content-Type of a file by its name; text has the charset UTF-8."""
    name = path.rpartition("/")[2]
    kind, encoding = (feed_types()[name], None) if name in feed_types() else _types().guess_type(f"./{name}")
    if encoding is not None:
        kind = "application/gzip" if encoding == "gzip" else None
    kind = kind or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("+xml", "+json")) or kind in TEXTS.values()
    return f"{kind}; charset=utf-8" if is_text else kind
