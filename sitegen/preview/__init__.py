"""The local preview: builds the site again when a source changes, serves it, and reloads the pages in browsers.

It has its own output folder, so the site that is published is not touched.
"""

from sitegen.preview.rebuild import RebuildResult
from sitegen.preview.server import DEFAULT_PORT, PreviewRequest, serve

__all__ = ["DEFAULT_PORT", "PreviewRequest", "RebuildResult", "serve"]
