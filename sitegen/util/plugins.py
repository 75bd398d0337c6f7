"""Plugins: packages that register entries of their own."""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sitegen.diagnostics import ExternalError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGINS: Final = "sitegen.plugins"
"""Entry point group. Each entry point names a module that registers its entries when it is imported."""
Value = TypeVar("Value")
_FRAME: Final = re.compile(r'^ *File "(.+)", line (\d+)', re.MULTILINE)


@cache
def load_plugins() -> None:
    """Import every plugin once. Raises ExternalError for one that cannot be imported, with its package and the line."""
    for point in plugins():
        try:
            point.load()
        except Exception as error:
            reason = f"{type(error).__name__}: {error}{_place(error, point)}"
            message = f"the plugin {point.name!r} of the package {_package(point)} cannot be loaded: {reason}"
            raise ExternalError(f"{message}; correct or uninstall it") from error


def failure_message(error: Exception) -> str:
    """Return a sentence about an error that no code expects: one of a plugin if its code was running."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    for point in plugins():
        place = _place(error, point)
        if place:
            return f"the plugin package {_package(point)} failed: {reason}{place}; correct or uninstall it"
    owner = " or ".join(dict.fromkeys(["sitegen", *map(_package, plugins())]))
    return f"unexpected {reason}; this is a fault of {owner}, please report it with the lines above"


def returned(function: object, value: Value, kind: Any, expected: str) -> Value:
    """Return what a function of a plugin returned. Raises ExternalError if it is not an instance of `kind`."""
    if isinstance(value, kind):
        return value
    name = getattr(function, "__qualname__", str(function))
    package = package_of(getattr(function, "__module__", None) or "")
    got = "None" if value is None else f"a {type(value).__name__}"
    message = f"{name} of the plugin package {package} returned {got}; expected {expected}"
    raise ExternalError(f"{message}; correct or uninstall it")


def each_returned(function: object, values: Iterable[Value], kind: Any, expected: str) -> Iterator[Value]:
    """Yield the values that a function of a plugin yielded, or returned as a list. Raises as `returned` does."""
    for value in returned(function, values, Iterable, expected):
        yield returned(function, value, kind, expected)


def package_of(module: str) -> str:
    """Return the name of the package of a plugin that has a module; its top module if no plugin has it."""
    top = module.partition(".")[0]
    return next((_package(point) for point in plugins() if point.module.partition(".")[0] == top), top)


def _package(point: "EntryPoint") -> str:
    return point.dist.name if point.dist is not None else point.module


def _place(error: Exception, point: "EntryPoint") -> str:
    """Return the last line of a plugin that led to an error, in brackets; "" if its code was not running.

    The traceback is read as text, because that of a worker is one.
    """
    frames = _FRAME.findall("".join(format_exception(error)))
    folders = tuple(plugin_folders(point))
    own = [(file, line) for file, line in frames if any(map(Path(file).is_relative_to, folders))]
    return " ({}, line {})".format(*own[-1]) if own else ""


def plugin_folders(point: "EntryPoint") -> Iterator[Path]:
    """Yield the folder of the package of a plugin, or its file if it is a single module."""
    spec = find_spec(point.module.partition(".")[0])
    if spec is not None and spec.submodule_search_locations:
        yield from map(Path, spec.submodule_search_locations)
    elif spec is not None and spec.origin is not None:
        yield Path(spec.origin)


def plugins() -> tuple["EntryPoint", ...]:
    """Return the entry points of all plugins, sorted.

    importlib.metadata is imported only if a distribution has the group, because it takes as long as a small build.
    """
    section = f"[{PLUGINS}]".encode()
    files = (file for folder in sys.path for file in Path(folder).glob("*-info/entry_points.txt"))
    if not any(section in file.read_bytes() for file in files):
        return ()
    points: tuple[EntryPoint, ...] = tuple(sorted(import_module("importlib.metadata").entry_points(group=PLUGINS)))
    for point in points:
        if point.pattern.match(point.value) is None:
            package = f"the package {point.dist.name}" if point.dist is not None else "a package"
            message = f"the plugin {point.name!r} of {package} names {point.value!r}; expected a module such as"
            raise ExternalError(f"{message} my_package.important; correct or uninstall it")
    return points
