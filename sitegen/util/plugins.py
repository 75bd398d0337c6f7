"""Plugins: packages that register page kinds, feed formats, publish targets or importers of their own."""

from functools import cache
from importlib.metadata import entry_points
from typing import Final

GROUP: Final = "sitegen.plugins"
"""Entry point group. Each entry point names a module that registers its entries when it is imported."""


@cache
def plugin_versions() -> tuple[tuple[str, str], ...]:
    """Return the name and version of each installed plugin, sorted, without loading it."""
    found = entry_points(group=GROUP)
    return tuple(sorted((point.name, point.dist.version if point.dist else "") for point in found))


@cache
def load_plugins() -> tuple[tuple[str, str], ...]:
    """Import every plugin once. Return their names and versions."""
    for point in entry_points(group=GROUP):
        point.load()
    return plugin_versions()
