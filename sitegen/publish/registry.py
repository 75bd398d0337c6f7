"""`publish_target` registers the class of a target type."""

from collections.abc import Callable
from typing import TypeVar

from sitegen.config.targets import TARGET_TYPES
from sitegen.publish.backend import TargetBackend

_Backend = TypeVar("_Backend", bound=type[TargetBackend])


def publish_target(name: str) -> Callable[[_Backend], _Backend]:
    """Register a class for the value `name` of the key `kind`. Raises ValueError if the name is taken.

    Example:
        @publish_target("archive")
        class ArchiveBackend(TargetBackend): ...
    """

    def register(backend: _Backend) -> _Backend:
        TARGET_TYPES.add(name, backend)
        return backend

    return register
