"""The local preview: watches sources, builds into a tree of its own, serves it, keeps the browser up to date."""

from sitegen.preview.rebuild import Outcome
from sitegen.preview.server import PreviewRequest, serve

__all__ = ["Outcome", "PreviewRequest", "serve"]
