"""Plugins: packages that register page kinds, feed formats, publish targets or importers of their own."""

from functools import cache
from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "sitegen.plugins"
"""Entry point group. Each entry point names a module that registers its entries when it is imported."""


@cache
def load_plugins() -> None:
    """Import every plugin once."""
    for point in entry_points(group=GROUP):
        point.load()
