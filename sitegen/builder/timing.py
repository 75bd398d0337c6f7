"""Measures the duration of each stage of a build."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

STAGES: Final = ("scan", "read", "plan", "render", "write")


class StageTimer:
    """Measures the duration of stages; a stage may be entered several times."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(STAGES, 0.0)

    @property
    def seconds(self) -> tuple[tuple[str, float], ...]:
        """The seconds of every stage; 0 for a stage that was not entered."""
        return tuple(self._seconds.items())

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the duration of the `with` block."""
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += perf_counter() - start
