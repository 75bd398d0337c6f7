"""What every refusal must be: the finding in its place, no file of the old site touched, and soon."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from sitegen.builder import BuildResult
from sitegen.builder.commit import CommitResult
from sitegen.diagnostics import Diagnostic, Severity
from tests.project import SITE, Project, codes

X: Final = "content/articles/2026/07/x.md"
"""The article that is wrong, in most tests."""

GOOD: Final = "content/articles/2026/07/good.md"
"""The article that stood before anything went wrong, and still does."""

SITE_YAML: Final = SITE.removeprefix("-- site.yaml --\n")

PATIENCE: Final = 10.0
"""Seconds after which a build counts as hung."""

Stood = dict[str, tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Expect:
    """What a finding must be: its code, where it stands, words of its message, what it proposes.

    Line 0 says that the finding has no line, column 0 that it has no column, None that any column will do.
    """

    code: str
    line: int
    column: int | None
    says: str
    nearest: str | None = None
    path: str = X

    def matches(self, found: Diagnostic) -> None:
        """Fail where a finding is another one."""
        assert (found.code, found.location.path, found.location.line, found.location.column, found.suggestion) == (
            self.code,
            self.path,
            self.line,
            found.location.column if self.column is None else self.column,
            self.nearest,
        ), found
        assert self.says in found.message
        assert found.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Standing:
    """A digest that was built once, with the article `good`; what is wrong comes after."""

    project: Project
    before: Stood

    def build(self) -> BuildResult:
        """Build, and fail where that takes too long."""
        with patience():
            return self.project.build()

    def refuse(self) -> BuildResult:
        """Build; fail unless the build is refused and the old site stands byte for byte, with its times."""
        result = self.build()
        assert result.ok is False, "the build was not refused"
        assert result.counts == CommitResult()
        assert stood(result.site) == self.before
        return result

    def refuse_for(self, *expected: Expect) -> BuildResult:
        """Build; fail unless it is refused for exactly these findings, in this order."""
        result = self.refuse()
        errors = [item for item in result.diagnostics if item.severity is Severity.ERROR]
        assert [item.code for item in errors] == [item.code for item in expected], result.diagnostics
        for expect, found in zip(expected, errors, strict=True):
            expect.matches(found)
        return result

    def accept(self) -> BuildResult:
        """Build; fail where there is a finding."""
        result = self.build()
        assert result.ok, result.diagnostics
        assert codes(result) == []
        return result


def stood(site: Path) -> Stood:
    """Return every file of a site with its bytes and the time of its last change."""
    files = (file for file in sorted(site.rglob("*")) if file.is_file())
    return {file.relative_to(site).as_posix(): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


@contextmanager
def patience(seconds: float = PATIENCE) -> Iterator[None]:
    """Fail the test where the block takes longer, even when it would never end."""

    def hung(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {seconds} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
