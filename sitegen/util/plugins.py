"""Plugins: packages that register page kinds, feed formats, publish targets or importers of their own."""

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

GROUP: Final = "sitegen.plugins"
"""Entry point group. Each entry point names a module that registers its entries when it is imported."""


@cache
def load_plugins() -> None:
    """Import every plugin once.

    importlib.metadata is imported only if a distribution has the group, because it takes as long as a small build.
    """
    section = f"[{GROUP}]".encode()
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    if any(section in file.read_bytes() for file in files):
        for point in import_module("importlib.metadata").entry_points(group=GROUP):
            point.load()
