"""Plugins: installed packages that register page kinds, feed formats, publish targets or importers."""

from functools import cache
from importlib.metadata import entry_points
from typing import Final

PLUGIN_GROUP: Final = "sitegen.plugins"


@cache
def load_plugins() -> tuple[tuple[str, str], ...]:
    """Import every module of the entry point group `sitegen.plugins` once; return the names and versions, sorted.

    A plugin module registers what it adds when it is imported. The version is that of its distribution.
    """
    plugins = []
    for entry in entry_points(group=PLUGIN_GROUP):
        entry.load()
        plugins.append((entry.name, entry.dist.version if entry.dist is not None else ""))
    return tuple(sorted(plugins))
