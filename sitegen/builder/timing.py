"""The seconds that each stage of a build took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

STAGES: Final = ("scan", "read", "plan", "render", "write")


class StageTimer:
    """Takes the time of stages; one that is entered twice counts both."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(STAGES, 0.0)

    @property
    def seconds(self) -> tuple[tuple[str, float], ...]:
        """Every stage with its seconds; none for a stage that had nothing to do."""
        return tuple(self._seconds.items())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of what is done inside."""
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += perf_counter() - start
