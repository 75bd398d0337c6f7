"""A line on the terminal, without colour, that says how far a long build is; it is gone when the build is done."""

import os
import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Final, Self, TextIO

PATIENCE: Final = 1.0
"""Seconds that a build takes before anything is shown."""
_BETWEEN: Final = 0.1
"""Seconds from one drawing to the next."""
_WORDS: Final = {"read": "reading", "plan": "planning", "render": "rendering", "write": "writing"}
_WIPE: Final = "\r\x1b[K"


def line(stage: str, done: int, total: int, width: int) -> str:
    """Return what a terminal of `width` columns shows, in ASCII, at most a column less: a full line would wrap."""
    text = _WORDS.get(stage, stage)
    if total:
        text += f" {done:,} of {total:,}"
        room = min(width - len(text) - 4, 40)
        if room >= 5:
            filled = room * min(done, total) // total
            text += f" [{'#' * filled}{'.' * (room - filled)}]"
    return text[: max(width - 1, 0)]


class ProgressLine:
    """Draws on `stream`; the line is wiped at the end of the `with` that it is used in, however that ends."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._next = clock() + PATIENCE
        self._stage = ""
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._write(_WIPE)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Draw, where it is time to; see `sitegen.builder.progress.Progress`."""
        now = self._clock()
        if now < self._next and not (self._shown and stage != self._stage):
            return
        self._next, self._stage, self._shown = now + _BETWEEN, stage, True
        self._write(_WIPE + line(stage, done, total, self._width()))

    def _width(self) -> int:
        """Return the columns of the terminal as it is now."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except OSError:
            return 80

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def wants_progress(kind: str) -> bool:
    """Whether a command that reports in the format `kind` may draw: for people, on a terminal that can wipe a line."""
    return kind == "text" and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
