"""Progress of a long operation, drawn on a terminal by rich."""

import os
import sys
from importlib import import_module
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from rich.progress import Progress

BUILD_DELAY_SECONDS: Final = 1.0
"""Duration of a build before its progress is shown."""
_REFRESH_SECONDS: Final = 0.1
_STAGES: Final = {
    "read": "reading",
    "plan": "planning",
    "render": "rendering",
    "write": "writing",
    "check": "checking",
    "request": "requesting",
    "import": "importing",
}


class ProgressDisplay:
    """Draws one bar on stderr and erases it at the end of the `with` block.

    Nothing is drawn in the formats for machines, if stderr is not a terminal, or in the first `delay` seconds. rich is
    imported when the bar is first drawn, and it draws without a thread of its own: builds fork.
    """

    def __init__(self, output_format: str, delay: float = 0.0) -> None:
        is_terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._enabled = is_terminal and output_format == "text"
        self._next_refresh = monotonic() + delay
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def stage(self, stage: str, done: int, total: int) -> None:
        """Show a stage of a build (`sitegen.builder.Progress`); a `total` of 0 is unknown."""
        self.update(_STAGES.get(stage, stage), done, total, f"{done:,} of {total:,}" if total else "")

    def update(self, description: str, completed: int, total: int, count: str) -> None:
        """Show that `completed` of `total` is done; `count` is the same in words."""
        if not self._enabled or (self._progress is None and monotonic() < self._next_refresh):
            return
        if self._progress is None:
            self._progress = _start()
        task = self._progress.tasks[0]
        is_new = task.description != description
        self._progress.update(task.id, description=description, completed=completed, total=total or None, count=count)
        if is_new or completed == total or monotonic() >= self._next_refresh:
            self._next_refresh = monotonic() + _REFRESH_SECONDS
            self._progress.refresh()


def _start() -> "Progress":
    rich = import_module("rich.progress")  # slow to import, and needed on terminals only
    progress: Progress = rich.Progress(
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.TextColumn("{task.fields[count]}"),
        console=rich.Console(stderr=True, highlight=False),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    progress.add_task("", total=None, count="")
    progress.start()
    return progress
