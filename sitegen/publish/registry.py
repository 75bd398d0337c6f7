"""The registry of publish targets: each module of `sitegen.publish.targets` and each plugin registers its classes."""

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TypeVar

from sitegen.config.targets import OptionReaders, set_target_types
from sitegen.publish import targets
from sitegen.publish.backend import TargetBackend
from sitegen.util.plugins import load_plugins

_Backend = TypeVar("_Backend", bound=type[TargetBackend])
_backends: dict[str, type[TargetBackend]] = {}


def publish_target(name: str) -> Callable[[_Backend], _Backend]:
    """Register a class for the value `name` of the key `kind`. Raises ValueError if the name is taken.

    Example:
        @publish_target("archive")
        class ArchiveBackend(TargetBackend): ...
    """

    def register(backend: _Backend) -> _Backend:
        if name in _backends:
            raise ValueError(f"publish target {name!r} is already registered by {_backends[name].__qualname__}")
        _backends[name] = backend
        return backend

    return register


def target_backends() -> Mapping[str, type[TargetBackend]]:
    """Return the class of every target type: the modules of `sitegen.publish.targets`, then plugins."""
    for module in pkgutil.iter_modules(targets.__path__, f"{targets.__name__}."):
        import_module(module.name)
    load_plugins()
    return _backends


def option_readers() -> OptionReaders:
    """Return the function that reads the options of each target type."""
    return {name: backend.read_options for name, backend in target_backends().items()}


set_target_types(option_readers)
