"""What was made lately, and is likely to be asked for again."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class GenerationalCache(Generic[_K, _V]):
    """What was made for the outputs of this batch and of the one before it; what is older is forgotten.

    Batches follow each other in time, so their outputs show many of the same articles. In a preview each rebuild is a
    batch: an editor's day leaves nothing behind. A batch that makes more than `most` values counts as several.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._now: dict[_K, _V] = {}
        self._before: dict[_K, _V] = {}

    def get(self, key: _K, make: Callable[[], _V]) -> _V:
        """Return what `make` returned for the key, or returns now."""
        value = self._now.get(key)
        if value is None:
            value = self._before.get(key)
            if value is None:
                value = make()
            if self._most is not None and len(self._now) >= self._most:
                self.rotate()
            self._now[key] = value
        return value

    def rotate(self) -> None:
        """Forget what was not asked for since the call before this one."""
        self._before, self._now = self._now, {}
