"""How far a build is: what is told while it is under way."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a stage of the stopwatch, what is done of it, and how much there is to do (0: that is not counted)."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""
