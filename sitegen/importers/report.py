"""What an import did with each input, for people and for machines."""

import unicodedata
from collections.abc import Sequence
from enum import StrEnum

from sitegen.diagnostics import Diagnostic, Severity, json_values, to_json
from sitegen.util.frozen import dataclass


class Outcome(StrEnum):
    """What became of one input."""

    WRITTEN = "written"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    """The article was changed by hand (or was never imported): the new version stands beside it, as `….md.new`."""
    SKIPPED = "skipped"
    """Another input of the same run is the same article."""
    REFUSED = "refused"
    WOULD_WRITE = "would-write"
    WOULD_UPDATE = "would-update"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One input: what it was, what became of it, where each field came from, what is missing, what is wrong.

    `file` is the file of the project that was (or would be) written, or that was left as it is; None for a refused
    input.
    """

    name: str
    format: str
    what: str
    outcome: Outcome
    file: str | None = None
    id: str | None = None
    taken: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether one of the diagnostics is an error."""
        return any(item.severity is Severity.ERROR for item in self.diagnostics)

    def json_values(self) -> dict[str, object]:
        """Return the report as values for `json.dumps`, without the diagnostics."""
        return {
            "input": self.name,
            "format": self.format,
            "detected": self.what,
            "outcome": self.outcome.value,
            "file": self.file,
            "id": self.id,
            "taken": [{"field": name, "from": where} for name, where in self.taken],
            "missing": list(self.missing),
        }


def render_text(reports: Sequence[ImportReport]) -> str:
    """Return the reports as text, without the diagnostics, which have their own renderer."""
    return "\n\n".join(_text(report) for report in reports)


def render_json(reports: Sequence[ImportReport]) -> str:
    """Return one JSON object: how many inputs had each outcome, each input, and all diagnostics."""
    counts: dict[str, object] = {
        outcome.value: sum(report.outcome is outcome for report in reports) for outcome in Outcome
    }
    diagnostics = [item for report in reports for item in report.diagnostics]
    return to_json(
        {**counts, "inputs": [report.json_values() for report in reports], "diagnostics": json_values(diagnostics)},
    )


def _text(report: ImportReport) -> str:
    arrow = f" → {report.file}" if report.file else ""
    rows = [("read as", f"{report.what} ({report.format})")] if report.what else []
    if report.id:
        rows.append(("id", report.id))
    rows += report.taken
    if report.missing:
        rows.append(("missing", ", ".join(report.missing)))
    errors = sum(item.severity is Severity.ERROR for item in report.diagnostics)
    warnings = len(report.diagnostics) - errors
    if report.diagnostics:
        rows.append(("findings", f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"))
    width = max((len(name) for name, _ in rows), default=0)
    head = f"{report.name}: {report.outcome}{arrow}"
    return _printable("\n".join([head, *(f"  {name.ljust(width)}  {where}" for name, where in rows)]))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _printable(text: str) -> str:
    """Keep control characters of file names and pages away from the terminal; flags and joiners stay."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if char != "\n" and unicodedata.category(char) in {"Cc", "Cs"} else char
        for char in text
    )
