"""Registries: tables of page kinds, feed formats and the like, filled by the modules that define the entries."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, TypeVar

from sitegen.util.plugins import load_plugins

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Entries by name. On first use it imports every module of `package`, and the plugins, which add their entries."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._entries: dict[str, Entry] = {}
        self._is_complete = False

    def add(self, name: str, entry: Entry) -> None:
        """Add an entry. Raises ValueError if the name is taken."""
        if name in self._entries:
            raise ValueError(f"{name!r} is registered twice in {self._package}")
        self._entries[name] = entry

    def __getitem__(self, name: str) -> Entry:
        return self._complete()[name]

    def __contains__(self, name: str) -> bool:
        return name in self._complete()

    def __iter__(self) -> Iterator[str]:
        return iter(self._complete())

    def items(self) -> tuple[tuple[str, Entry], ...]:
        """Return the names and entries, sorted by name."""
        return tuple(self._complete().items())

    def values(self) -> tuple[Entry, ...]:
        """Return the entries, sorted by name."""
        return tuple(self._complete().values())

    def _complete(self) -> dict[str, Entry]:
        if not self._is_complete:
            self._is_complete = True
            package = import_module(self._package)
            for module in iter_modules(package.__path__):
                import_module(f"{self._package}.{module.name}")
            load_plugins()
            self._entries = dict(sorted(self._entries.items()))
        return self._entries
