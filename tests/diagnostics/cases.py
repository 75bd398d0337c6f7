"""Helpers for rejected builds: the expected errors, the untouched old site, a time limit."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from sitegen.builder import BuildResult
from sitegen.builder.request import CommitResult
from sitegen.diagnostics import Diagnostic, Severity
from tests.project import SITE, Project, codes

X: Final = "content/articles/2026/07/x.md"
"""The invalid article of most tests."""

VALID: Final = "content/articles/2026/07/good.md"
"""The article of the site that was built before."""

SITE_YAML: Final = SITE.removeprefix("-- site.yaml --\n")

MAX_BUILD_SECONDS: Final = 60.0
"""Seconds after which a build counts as hung."""

Snapshot = dict[str, tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected error: its code, its location, a part of its message, its suggestion, a part of its hint.

    Line 0 is an error without a line, column 0 one without a column; None matches every column.
    """

    code: str
    line: int
    column: int | None
    message: str
    nearest: str | None = None
    path: str = X
    hint: str = ""

    def matches(self, found: Diagnostic) -> None:
        """Fail if the diagnostic differs."""
        assert self.hint in found.hint
        assert (found.code, found.location.path, found.location.line, found.location.column, found.suggestion) == (
            self.code,
            self.path,
            self.line,
            found.location.column if self.column is None else self.column,
            self.nearest,
        ), found
        assert self.message in found.message
        assert found.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class BuiltDigest:
    """A digest that was built with the article `good`, before the test makes it invalid."""

    project: Project
    before: Snapshot

    def build(self) -> BuildResult:
        """Build within the time limit."""
        with time_limit():
            return self.project.build()

    def assert_rejected(self) -> BuildResult:
        """Build; fail unless the build is rejected and the old site is unchanged, including its times."""
        result = self.build()
        assert result.ok is False, "the build was not refused"
        assert result.counts == CommitResult()
        assert snapshot(result.site) == self.before
        return result

    def assert_errors(self, *expected: Expected) -> BuildResult:
        """Build; fail unless it is rejected with exactly these errors in this order."""
        result = self.assert_rejected()
        errors = [item for item in result.diagnostics if item.severity is Severity.ERROR]
        assert [item.code for item in errors] == [item.code for item in expected], result.diagnostics
        for expect, found in zip(expected, errors, strict=True):
            expect.matches(found)
        return result

    def assert_accepted(self) -> BuildResult:
        """Build; fail if there is any diagnostic."""
        result = self.build()
        assert result.ok, result.diagnostics
        assert codes(result) == []
        return result


def snapshot(site: Path) -> Snapshot:
    """Return every file of a site with its bytes and the time of its last change."""
    files = (file for file in sorted(site.rglob("*")) if file.is_file())
    return {file.relative_to(site).as_posix(): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


@contextmanager
def time_limit(seconds: float = MAX_BUILD_SECONDS) -> Iterator[None]:
    """Fail the test if the block takes longer, even if it never ends."""

    def hung(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {seconds} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
