"""Reports on an import, for people and for machines."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from sitegen.diagnostics import (
    Diagnostic,
    Severity,
    SourceLocation,
    json_values,
    replace_unprintable,
    to_json,
)
from sitegen.importers.imported_article import INCOMPLETE, ParseResult


class Outcome(StrEnum):
    """The result for one article of an input."""

    WRITTEN = "written"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    """The article has been edited, or was not imported. The new version is next to it, as `….md.new`."""
    DELETED = "deleted"
    """The article was imported before, and its file has been deleted."""
    SKIPPED = "skipped"
    """Another input of the same run is the same article, or it is a file of a folder that is no article."""
    REFUSED = "refused"
    WOULD_WRITE = "would-write"
    WOULD_UPDATE = "would-update"


_COUNTED: Final = frozenset({Outcome.UNCHANGED, Outcome.SKIPPED})
_IN_TEXT: Final[Mapping[str, str]] = {Outcome.DELETED: "not imported again"}
"""Other words for outcomes in the text for people: an import deletes nothing."""
_MAX_LINES: Final = 20


class ImportReport(ParseResult, frozen=True, kw_only=True):
    """An article of an input, or an input without one, and what becomes of it. Each stage returns a new report.

    `name` names the input in messages, `is_only` if the input has no other article. `file` is the file that was, or
    would be, written or left as it is; None for a refused input. Once it has a file, `front` is complete with the
    defaults of the run, and `body` has links to the articles of this digest.

    The others are for writing the file. `input_name` is the file name of the input, `stem` that without its suffix if
    it has no other article, and `sha256` the hash of the article's part of it. `values` is the front matter of `file`
    as YAML, empty if it is not written; `has_kept_values` if some of it is that of an edited file. `files` are those of
    translations by their path.
    """

    name: str
    format: str = "unknown"
    description: str = ""
    is_only: bool = True
    outcome: Outcome = Outcome.REFUSED
    file: str | None = None
    id: str | None = None
    input_name: str = ""
    stem: str = ""
    sha256: str = ""
    values: str = ""
    has_kept_values: bool = False
    files: tuple[tuple[str, bytes], ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether one of the diagnostics is an error."""
        return any(item.severity is Severity.ERROR for item in self.diagnostics)

    @property
    def place(self) -> str:
        """The name of the input, with the line of the article if it has several."""
        return self.name if self.is_only else f"{self.name}:{self.line}"

    @property
    def location(self) -> SourceLocation:
        """The first line of the article."""
        return SourceLocation(self.name, self.line)

    def finished(self, outcome: Outcome, file: str | None = None, identity: str | None = None) -> "ImportReport":
        """Return the report with its outcome."""
        return replace(self, outcome=outcome, file=file, id=identity)

    def reported(self, diagnostics: Iterable[Diagnostic]) -> "ImportReport":
        """Return the report with more diagnostics."""
        return replace(self, diagnostics=(*self.diagnostics, *diagnostics))

    def warned(
        self, code: str, message: str, hint: str = "", *, location: SourceLocation | None = None
    ) -> "ImportReport":
        """Return the report with a warning, at the first line of the article unless it has another location."""
        return self.reported([Diagnostic(code, Severity.WARNING, location or self.location, message, hint=hint)])

    def failed(
        self, code: str, message: str, hint: str = "", *, location: SourceLocation | None = None
    ) -> "ImportReport":
        """Return the report of an article that is refused because of an error; see `warned`."""
        error = Diagnostic(code, Severity.ERROR, location or self.location, message, hint=hint)
        return replace(self.reported([error]), outcome=Outcome.REFUSED, file=None, id=None, values="")


def render_text(reports: Sequence[ImportReport], *, is_verbose: bool = False) -> str:
    """Return the reports as text, without the diagnostics, which have their own renderer.

    Of one article all is shown. Of several, each that is not unchanged or skipped has a line, and the first of many;
    if the report `is_verbose`, all have what is shown of one.
    """
    if len(reports) <= 1 or is_verbose:
        lines = [line for report in reports for line in _details(report)]
    else:
        lines = [_head(report) for report in reports if report.outcome not in _COUNTED]
        more = len(lines) - _MAX_LINES
        lines[_MAX_LINES:] = [f"… and {more} more; -v shows them, with the origin of each value"] if more > 0 else []
    if len(reports) > 1:
        outcomes = Counter(report.outcome.value for report in reports)
        lines.append(", ".join(f"{count} {_IN_TEXT.get(outcome, outcome)}" for outcome, count in outcomes.items()))
        codes = Counter(code for report in reports for code in {item.code for item in _warnings(report)})
        drafts = codes.pop(INCOMPLETE, 0)
        shown = f"{drafts} draft{'s' * (drafts > 1)}, because the input does not have all values"
        lines += [shown] if drafts else []
        repeated = ", ".join(f"{code} ({count})" for code, count in sorted(codes.items()) if count > 1)
        lines += [f"inputs with the same warning: {repeated}"] if repeated else []
    return "\n".join(map(replace_unprintable, lines)).rstrip("\n")


def render_json(reports: Sequence[ImportReport], diagnostics: Iterable[Diagnostic] = ()) -> str:
    """Return one JSON object: the number of articles with each outcome, each article, and all diagnostics.

    `diagnostics` are those that concern no input.
    """
    outcomes = Counter(report.outcome for report in reports)
    articles = [
        {
            "input": report.name,
            "line": 0 if report.is_only else report.line,
            "format": report.format,
            "detected": report.description,
            "outcome": report.outcome.value,
            "file": report.file,
            "id": report.id,
            "fields": [{"field": name, "from": origin} for name, origin in report.fields],
            "missing": list(report.missing),
            "unknown_tags": list(report.unknown_tags),
        }
        for report in reports
    ]
    items = [*diagnostics, *(item for report in reports for item in report.diagnostics)]
    counts = {outcome.value: outcomes[outcome] for outcome in Outcome}
    return to_json({**counts, "inputs": articles, "diagnostics": json_values(items)})


def distinct_diagnostics(reports: Iterable[ImportReport]) -> list[Diagnostic]:
    """Return the diagnostics to show to people: errors, and the first of those warnings that have the same text."""
    errors = [item for report in reports for item in report.diagnostics if item.severity is Severity.ERROR]
    warnings = {(item.code, item.message): item for report in reversed([*reports]) for item in _warnings(report)[::-1]}
    return sorted([*errors, *warnings.values()], key=lambda item: item.sort_key)


def _warnings(report: ImportReport) -> list[Diagnostic]:
    """Return the warnings of a report; those of an unchanged article were shown when it was imported."""
    if report.outcome is Outcome.UNCHANGED:
        return []
    return [item for item in report.diagnostics if item.severity is Severity.WARNING]


def _head(report: ImportReport) -> str:
    outcome = _IN_TEXT.get(report.outcome, report.outcome)
    return f"{report.place}: {outcome}{f' → {report.file}' if report.file else ''}"


def _details(report: ImportReport) -> list[str]:
    """Return the result for an article, with the origin of each field."""
    if report.outcome in _COUNTED:
        return [_head(report)]
    rows = [("read as", f"{report.description} ({report.format})")] if report.description else []
    rows += [("id", report.id)] if report.id else []
    rows += report.fields
    rows += [("missing", ", ".join(report.missing))] if report.missing else []
    width = max((len(name) for name, _ in rows), default=0)
    return [_head(report), *(f"  {name.ljust(width)}  {value}" for name, value in rows), ""]
