"""Registries: tables of page kinds, feed formats and the like, filled by the modules that define the entries.

Plugins are packages that register entries of their own.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from sitegen.util.plugins import load_plugins

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry]):
    """Entries by name, sorted. On first use it imports every module of `package`, and the plugins, which add theirs."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._entries: dict[str, Entry] = {}
        self._is_complete = False

    def add(self, name: str, entry: Entry) -> Entry:
        """Add an entry and return it. Raises ValueError if the name is taken."""
        if name in self._entries:
            raise ValueError(f"{name!r} is registered twice in {self._package}")
        self._entries[name] = entry
        return entry

    def __getitem__(self, name: str) -> Entry:
        return self.load()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.load())

    def __len__(self) -> int:
        return len(self.load())

    def load(self) -> dict[str, Entry]:
        """Import every module with entries, once, and return the entries."""
        if not self._is_complete:
            self._is_complete = True
            package = import_module(self._package)
            for module in iter_modules(package.__path__):
                import_module(f"{self._package}.{module.name}")
            load_plugins()
            self._entries = dict(sorted(self._entries.items()))
        return self._entries
