"""The local preview: watches sources, builds into a tree of its own, serves it, reloads the browser."""

from sitegen.preview.server import PreviewRequest, serve

__all__ = ["PreviewRequest", "serve"]
