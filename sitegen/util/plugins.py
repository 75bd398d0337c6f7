"""Plugins: packages that register entries of their own."""

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGINS: Final = "sitegen.plugins"
"""Entry point group. Each entry point names a module that registers its entries when it is imported."""


@cache
def load_plugins() -> None:
    """Import every plugin once."""
    for point in plugins():
        point.load()


def plugins() -> tuple["EntryPoint", ...]:
    """Return the entry points of all plugins, sorted.

    importlib.metadata is imported only if a distribution has the group, because it takes as long as a small build.
    """
    section = f"[{PLUGINS}]".encode()
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    if not any(section in file.read_bytes() for file in files):
        return ()
    return tuple(sorted(import_module("importlib.metadata").entry_points(group=PLUGINS)))
