"""Plugins: packages that register entries of their own."""

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Final

from sitegen.diagnostics import ExternalError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGINS: Final = "sitegen.plugins"
"""Entry point group. Each entry point names a module that registers its entries when it is imported."""


@cache
def load_plugins() -> None:
    """Import every plugin once. Raises ExternalError for one that cannot be imported, with its package and the line."""
    for point in plugins():
        try:
            point.load()
        except Exception as error:
            frames = [frame for frame in extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
            package = point.dist.name if point.dist is not None else point.module
            message = f"the plugin {point.name!r} of the package {package} cannot be loaded: "
            message += f"{type(error).__name__}: {error} ({frames[-1].filename}, line {frames[-1].lineno})"
            raise ExternalError(f"{message}; correct or uninstall it") from error


def plugins() -> tuple["EntryPoint", ...]:
    """Return the entry points of all plugins, sorted.

    importlib.metadata is imported only if a distribution has the group, because it takes as long as a small build.
    """
    section = f"[{PLUGINS}]".encode()
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    if not any(section in file.read_bytes() for file in files):
        return ()
    return tuple(sorted(import_module("importlib.metadata").entry_points(group=PLUGINS)))
