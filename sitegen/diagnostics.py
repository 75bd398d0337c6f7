"""Reports of a command: exceptions with exit codes, diagnostics with locations, and a renderer for each format."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict

EXIT_OK: Final = 0
EXIT_CONTENT: Final = 1
EXIT_USAGE: Final = 2
EXIT_EXTERNAL: Final = 3

MAX_EXCERPT_CHARACTERS: Final = 100
MAX_SHOWN: Final = 200
MAX_SHOWN_IN_FILE: Final = 20
_MAX_SHOWN_VALUES: Final = 12
_MAX_ALLOWED_VALUES: Final = 40
_MAX_ACRONYM: Final = 6
_MIN_SIMILARITY: Final = 0.75
"""Names of countries and organizations with nothing in common reach 0.71, and two wrong letters of eight give 0.75."""


class Severity(StrEnum):
    """The severity of a diagnostic; an error stops the build. Only `sitegen check` has hints, which never fail."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"

    @property
    def rank(self) -> int:
        """Its position from the most severe, which is 0."""
        return tuple(Severity).index(self)


_TINTS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.HINT: "36"}
"""The colours of severities on a terminal (ECMA-48, SGR)."""
_GITHUB_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


class SourceText:
    """A text, its lines, and its path relative to the project."""

    __slots__ = ("lines", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = tuple(text.split("\n"))

    def location(self, line: int, column: int = 0) -> "SourceLocation":
        """Return the location of a line and a column, both counted from 1; 0 is unknown."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if len(text) <= MAX_EXCERPT_CHARACTERS:
            return SourceLocation(self.path, line, column, text)
        start = max(0, column - 1 - MAX_EXCERPT_CHARACTERS // 2)
        return SourceLocation(self.path, line, column, text[start : start + MAX_EXCERPT_CHARACTERS], start)

    def location_at(self, offset: int) -> "SourceLocation":
        """Return the location of the character at `offset`, counted from 0."""
        line = self.text.count("\n", 0, offset) + 1
        return self.location(line, offset - (self.text.rfind("\n", 0, offset) + 1) + 1)


class SourceLocation(Struct, frozen=True):
    """A path, a line and a column from 1 (0 is unknown), and the line or an excerpt of a long one.

    `excerpt_start` is the number of characters of the line before the excerpt.
    """

    path: str
    line: int = 0
    column: int = 0
    excerpt: str = ""
    excerpt_start: int = 0


class Diagnostic(Struct, frozen=True):
    """An error, a warning or a hint.

    `code` is stable and meant for machines, `message` is the problem and what was expected, `allowed` are valid values,
    `suggestion` is the closest of them, `hint` is what to do.
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
        """The order of a report: by path, then by position."""
        return (self.location.path, self.location.line, self.location.column, self.code, self.message)


class Diagnostics(list[Diagnostic]):
    """Collects diagnostics; the caller passes it to what may report some."""

    @property
    def errors(self) -> int:
        """The number of errors."""
        return sum(item.severity is Severity.ERROR for item in self)

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
        """Add an error; its suggestion is `near`, or the member of `allowed` that is closest to `got`."""
        if near is None and got is not None:
            near = closest_match(got, allowed)
        shown = tuple(allowed) if len(allowed) <= _MAX_ALLOWED_VALUES else ()
        self.append(Diagnostic(code, Severity.ERROR, location, message, shown, near, hint))

    def warning(
        self, code: str, location: SourceLocation, message: str, *, near: str | None = None, hint: str = ""
    ) -> None:
        """Add a warning; its suggestion is `near`."""
        self.append(Diagnostic(code, Severity.WARNING, location, message, (), near, hint))

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return the distinct diagnostics in the order of a report."""
        return tuple(sorted(set(self), key=lambda item: item.sort_key))


class SitegenError(Exception):
    """Base of the errors that a command reports without a traceback; `str()` is one sentence for the user."""

    exit_code: int = EXIT_EXTERNAL


class ContentError(SitegenError):
    """Errors in the content, the configuration or the theme, listed in `diagnostics`."""

    exit_code = EXIT_CONTENT

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"{len(diagnostics)} errors")
        self.diagnostics = diagnostics


class UsageError(SitegenError):
    """Invalid arguments of a command."""

    exit_code = EXIT_USAGE


class ExternalError(SitegenError):
    """External failure (disk, network, permission), not a content error."""

    exit_code = EXIT_EXTERNAL


def closest_match(got: str, allowed: Sequence[str]) -> str | None:
    """Return the member of `allowed` that is most similar to `got`, or None.

    An acronym is not similar to a word of another length: ASEAN is not a misspelled Pakistan.
    """
    is_acronym = got.isupper() and got.isascii() and len(got) <= _MAX_ACRONYM
    folded = {item.casefold(): item for item in reversed(allowed) if not is_acronym or abs(len(item) - len(got)) <= 1}
    matches = get_close_matches(got[:80].casefold(), folded, n=1, cutoff=_MIN_SIMILARITY)
    return folded[matches[0]] if matches else None


def did_you_mean(got: str, allowed: Sequence[str]) -> str:
    """Return the end of a message that names the closest match; empty if there is none."""
    match = closest_match(got, allowed)
    return f"; did you mean {match!r}?" if match else ""


def select_shown(items: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return those that a terminal shows: MAX_SHOWN, MAX_SHOWN_IN_FILE of each file, the most severe ones, in order."""
    numbers: Counter[str] = Counter()
    shown: set[int] = set()
    for index in sorted(range(len(items)), key=lambda index: items[index].severity.rank):
        path = items[index].location.path
        if len(shown) < MAX_SHOWN and numbers[path] < MAX_SHOWN_IN_FILE:
            numbers[path] += 1
            shown.add(index)
    return tuple(item for index, item in enumerate(items) if index in shown)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the numbers of errors, warnings and hints in words."""
    counts = Counter(item.severity for item in diagnostics)
    named = [plural(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return " and ".join((*([", ".join(named[:-1])] if named[1:] else []), *named[-1:]))


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 file`, `1,200 files`, `2 fixes`."""
    return f"{count:,} {noun if count == 1 else noun + ('es' if noun.endswith('x') else 's')}"


def render_text(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """Render for a terminal: `path:line:column: severity[code]: message`, the excerpt, the help."""
    return "\n".join(_text(item, colour=colour) for item in diagnostics)


def json_values(diagnostics: Iterable[Diagnostic]) -> list[dict[str, object]]:
    """Return a flat mapping for each diagnostic, whose keys are part of the format of `--format json`."""
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
        lines.append(f"::{_GITHUB_COMMANDS[item.severity]} {','.join(properties)}::{_github_data(body)}")
    return "\n".join(lines)


def to_json(value: object) -> str:
    """Return `value` as indented JSON with Japanese unescaped; times are in the format of RFC 3339."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=datetime.isoformat)


def _github_data(text: str) -> str:
    text = "".join(char if char.isprintable() or char in "\r\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def _text(item: Diagnostic, *, colour: bool) -> str:
    location = item.location
    position = ":".join(
        [replace_unprintable(location.path), *(str(number) for number in (location.line, location.column) if number)]
    )
    tint = _TINTS[item.severity]
    head = f"\x1b[1;{tint}m{item.severity}[{item.code}]\x1b[0m" if colour else f"{item.severity}[{item.code}]"
    lines = [f"{position}: {head}: {replace_unprintable(item.message)}"]
    if location.excerpt.strip():
        lines += _excerpt(location)
    lines += [f"      = {line}" for line in help_lines(item)]
    return "\n".join(lines)


def help_lines(item: Diagnostic) -> list[str]:
    """Return the lines of help: the suggestion, the allowed values, the hint."""
    lines = []
    if item.suggestion is not None:
        lines.append(f"did you mean {item.suggestion!r}?")
    if item.allowed:
        shown = ", ".join(item.allowed[:_MAX_SHOWN_VALUES])
        omitted = len(item.allowed) - _MAX_SHOWN_VALUES
        lines.append(f"allowed: {shown}" + (f" and {omitted} more" if omitted > 0 else ""))
    if item.hint:
        lines.append(f"hint: {item.hint}")
    return [replace_unprintable(line) for line in lines]


def _excerpt(location: SourceLocation) -> list[str]:
    shown = replace_unprintable(location.excerpt)
    lines = [f"{location.line:5} | {shown}"]
    if location.column:
        before = shown[: location.column - 1 - location.excerpt_start]
        lines.append(f"      | {' ' * text_columns(before)}^")
    return lines


def text_columns(text: str) -> int:
    """Return the terminal columns of a text: two for wide characters (UAX #11), none for combining marks."""
    return sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def replace_unprintable(text: str) -> str:
    """Replace each control character, which a terminal might interpret. Spaces of all kinds are kept."""
    if text.isprintable():
        return text

    def shown(char: str) -> bool:
        return char.isprintable() or unicodedata.category(char) == "Zs"

    return "".join(char if shown(char) else "\N{REPLACEMENT CHARACTER}" for char in text)
