"""Media types by name: the same in the preview, in what hosts are told and in a bucket."""

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
"""Suffixes of text, which is worth compressing and is always UTF-8."""


@cache
def feed_types() -> dict[str, str]:
    """Return the media types of feeds by their file names."""
    return {entry.file_name: entry.media_type for entry in feed_formats()}


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
    kind, encoding = (feed_types()[name], None) if name in feed_types() else _TYPES.guess_type(f"./{name}")
    if encoding is not None:
        kind = "application/gzip" if encoding == "gzip" else None
    kind = kind or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("+xml", "+json")) or kind in TEXTS.values()
    return f"{kind}; charset=utf-8" if is_text else kind
