"""Progress reports of a build."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with a stage of the build, the number of items done, and the total number (0 if it is not known)."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Do nothing."""
