"""One value for everything that is wrong, and one small renderer for each output format."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from sitegen.util.frozen import dataclass

EXCERPT_WIDTH: Final = 100
"""Characters of a source line that are shown at most."""

_SHOWN_VALUES: Final = 12
_MOST_ALLOWED: Final = 30


class Severity(StrEnum):
    """How much a finding weighs: an error stops the build."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text and the path that a finding in it will name (relative to the project, with slashes)."""

    path: str
    text: str
    lines: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.text.split("\n")))

    def location(self, line: int, column: int = 0) -> "SourceLocation":
        """Return the place at `line` and `column`, both counted from 1; 0 means unknown."""
        whole = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if len(whole) <= EXCERPT_WIDTH:
            return SourceLocation(self.path, line, column, whole)
        start = max(0, column - 1 - EXCERPT_WIDTH // 2)
        return SourceLocation(self.path, line, column, whole[start : start + EXCERPT_WIDTH], start)

    def place_at(self, offset: int) -> "SourceLocation":
        """Return the place of the character at `offset` (from 0)."""
        line = self.text.count("\n", 0, offset) + 1
        return self.location(line, offset - (self.text.rfind("\n", 0, offset) + 1) + 1)


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where something stands: line and column from 1 (0 where unknown), and the line, or the part of a long one.

    `excerpt_start` is how many characters of the line are left out before the excerpt.
    """

    path: str
    line: int = 0
    column: int = 0
    excerpt: str = ""
    excerpt_start: int = 0

    def __reduce__(self) -> tuple[type["SourceLocation"], tuple[str, int, int, str, int]]:
        # There are dozens in an article; the pickling of frozen dataclasses goes field by field in Python.
        return SourceLocation, (self.path, self.line, self.column, self.excerpt, self.excerpt_start)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `code` is stable and meant for machines, `message` says what is wrong and what was expected, `allowed` lists the
    values that would be right, `suggestion` is the one that was probably meant, `hint` says what to do.
    """

    code: str
    severity: Severity
    location: SourceLocation
    message: str
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None
    hint: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of a report: by path, then as one reads."""
        return (self.location.path, self.location.line, self.location.column, self.code, self.message)


def with_location(item: Diagnostic, location: SourceLocation) -> Diagnostic:
    """Return the diagnostic at another location."""
    return replace(item, location=location)


class Diagnostics:
    """Collects diagnostics while something is read; handed in by the caller, who owns what is in it."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[Diagnostic] = []

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def errors(self) -> int:
        """How many of them are errors."""
        return sum(item.severity is Severity.ERROR for item in self._items)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add findings that were made elsewhere."""
        self._items.extend(diagnostics)

    def error(
        self,
        code: str,
        location: SourceLocation,
        message: str,
        *,
        got: str | None = None,
        allowed: Sequence[str] = (),
        near: str | None = None,
        hint: str = "",
    ) -> None:
        """Add an error; `near` is the suggestion, or with `got` the nearest of `allowed`."""
        self._add(Severity.ERROR, code, location, message, got=got, allowed=allowed, near=near, hint=hint)

    def warning(
        self,
        code: str,
        location: SourceLocation,
        message: str,
        *,
        got: str | None = None,
        allowed: Sequence[str] = (),
        near: str | None = None,
        hint: str = "",
    ) -> None:
        """Add a warning; `near` is the suggestion, or with `got` the nearest of `allowed`."""
        self._add(Severity.WARNING, code, location, message, got=got, allowed=allowed, near=near, hint=hint)

    def _add(
        self,
        severity: Severity,
        code: str,
        location: SourceLocation,
        message: str,
        *,
        got: str | None,
        allowed: Sequence[str],
        near: str | None,
        hint: str,
    ) -> None:
        if near is None and got is not None:
            near = closest_match(got, allowed)
        # A long list says nothing that the nearest value does not.
        shown = tuple(allowed) if len(allowed) <= _MOST_ALLOWED else ()
        self._items.append(Diagnostic(code, severity, location, message, shown, near, hint))

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return all of them, each once, in the order of a report."""
        return tuple(sorted(set(self._items), key=lambda item: item.sort_key))


def closest_match(got: str, allowed: Sequence[str]) -> str | None:
    """Return the member of `allowed` that `got` most likely stands for, or None."""
    folded = {item.casefold(): item for item in reversed(allowed)}
    matches = get_close_matches(got[:80].casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def render_text(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """Render for a terminal: a line `path:line:column: severity[code]: message`, the excerpt, the help."""
    return "\n".join(_text(item, colour=colour) for item in diagnostics)


def json_values(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Return one flat mapping for each diagnostic. The keys are part of the contract of `--format json`."""
    return [
        {
            "code": item.code,
            "severity": item.severity.value,
            "message": item.message,
            "allowed": list(item.allowed),
            "nearest": item.suggestion,
            "hint": item.hint,
            **asdict(item.location),
        }
        for item in diagnostics
    ]


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Render as GitHub workflow commands, which become annotations on the changed lines.

    Source: GitHub Actions, "Workflow commands", setting an error or warning message.
    """
    lines = []
    for item in diagnostics:
        properties = [f"file={_github_property(item.location.path)}"]
        if item.location.line:
            properties.append(f"line={item.location.line}")
        if item.location.column:
            properties.append(f"col={item.location.column}")
        properties.append(f"title={_github_property(item.code)}")
        body = "\n".join([item.message, *help_lines(item)])
        lines.append(f"::{item.severity} {','.join(properties)}::{_github_data(body)}")
    return "\n".join(lines)


def to_json(value: object) -> str:
    """Return `value` as JSON text that keeps Japanese readable."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False)


def _github_data(text: str) -> str:
    kept = "".join(char if char.isprintable() or char in "\r\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
    return kept.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def _text(item: Diagnostic, *, colour: bool) -> str:
    location = item.location
    where = ":".join(
        [replace_unprintable(location.path), *(str(number) for number in (location.line, location.column) if number)]
    )
    tint = "31" if item.severity is Severity.ERROR else "33"
    head = f"\x1b[1;{tint}m{item.severity}[{item.code}]\x1b[0m" if colour else f"{item.severity}[{item.code}]"
    lines = [f"{where}: {head}: {replace_unprintable(item.message)}"]
    if location.excerpt.strip():
        lines += _excerpt(location)
    lines += [f"      = {line}" for line in help_lines(item)]
    return "\n".join(lines)


def help_lines(item: Diagnostic) -> list[str]:
    """Return what helps to put a finding right, a line each: the nearest value, those allowed, the hint."""
    lines = []
    if item.suggestion is not None:
        lines.append(f"did you mean {item.suggestion!r}?")
    if item.allowed:
        shown = ", ".join(item.allowed[:_SHOWN_VALUES])
        rest = len(item.allowed) - _SHOWN_VALUES
        lines.append(f"allowed: {shown}" + (f" and {rest} more" if rest > 0 else ""))
    if item.hint:
        lines.append(f"hint: {item.hint}")
    return [replace_unprintable(line) for line in lines]


def _excerpt(location: SourceLocation) -> list[str]:
    shown = replace_unprintable(location.excerpt)
    lines = [f"{location.line:5} | {shown}"]
    if location.column:
        before = shown[: location.column - 1 - location.excerpt_start]
        lines.append(f"      | {' ' * _columns(before)}^")
    return lines


def _columns(text: str) -> int:
    """Count terminal columns: wide and full-width characters take two (UAX #11), combining marks none."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def replace_unprintable(text: str) -> str:
    """Keep control characters of the input away from the terminal, one sign for each."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
