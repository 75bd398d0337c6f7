"""The request for a build, its progress, and its result."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Final

from msgspec import Struct

from sitegen.diagnostics import Diagnostic
from sitegen.util.dates import Instant
from sitegen.util.paths import OUTPUT

STAGES: Final = ("scan", "read", "plan", "render", "write")

Progress = Callable[[str, int, int], None]
"""Called with a stage of the build, the number of items done, and the total number (0 if it is not known)."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Do nothing."""


def ignore_note(_note: str) -> None:
    """Do nothing."""


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add the duration of the `with` block to that of a stage."""
    start = perf_counter()
    try:
        yield
    finally:
        seconds[stage] += perf_counter() - start


class BuildRequest(Struct, frozen=True):
    """A request: the project's folder, the output folder (default: its `output/`), the time, and how strictly.

    `drafts` shows drafts and scheduled articles. With `strict`, warnings stop the build as errors do. `jobs` is the
    number of processes, None for automatic. `executor` is the URL of an engine with other machines; then there are no
    other processes here. With `allow_empty`, a site without articles may replace one with some.
    """

    root: Path
    now: datetime
    output: Path | None = None
    drafts: bool = False
    strict: bool = False
    jobs: int | None = None
    allow_empty: bool = False
    executor: str = ""

    @property
    def output_folder(self) -> Path:
        """The folder for the site, the manifest and the cache."""
        return self.output if self.output is not None else self.root / OUTPUT

    @property
    def site_folder(self) -> Path:
        """The folder of the site itself."""
        return self.output_folder / "site"


class CommitResult(Struct, frozen=True):
    """The result of a commit: paths below the site folder.

    `unmanaged` are files that no build wrote. They are looked for by a build that has no manifest of an earlier one.
    """

    written: tuple[str, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    unmanaged: tuple[str, ...] = ()


class HeldBack(Struct, frozen=True):
    """The numbers of articles that a build does not show, by reason, and when the next scheduled one is due."""

    drafts: int = 0
    scheduled: int = 0
    expired: int = 0
    next_due: Instant | None = None

    @property
    def total(self) -> int:
        """The number of all of them."""
        return self.drafts + self.scheduled + self.expired


class BuildResult(Struct, frozen=True):
    """The result: diagnostics, what was written, numbers of articles, and seconds for each stage.

    `site` is the folder of the site, `manifest` the hash of its manifest, `articles` and `held_back` the numbers of
    visible and other articles. If `ok` is false, nothing was written. `notes` are sentences about harmless problems.
    """

    ok: bool
    site: Path
    diagnostics: tuple[Diagnostic, ...]
    seconds: tuple[tuple[str, float], ...]
    counts: CommitResult = CommitResult()
    articles: int = 0
    held_back: HeldBack = HeldBack()
    notes: tuple[str, ...] = ()
    manifest: bytes = b""
