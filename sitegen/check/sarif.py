"""SARIF 2.1.0, the format of static analysis results (OASIS), which code scanning reads."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sitegen import __version__
from sitegen.diagnostics import Diagnostic, Severity, help_lines, to_json

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(diagnostics: Iterable[Diagnostic], catalogue: Mapping[str, Mapping[str, str]]) -> str:
    """Return diagnostics as SARIF. Paths are relative to the project; the rules are described by the catalogue."""
    items = tuple(diagnostics)
    codes = sorted({item.code for item in items})
    rules = [_rule(code, catalogue.get(code, {})) for code in codes]
    driver = {"name": "sitegen", "version": __version__, "rules": rules}
    results = [_result(item, codes.index(item.code)) for item in items]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return to_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str, entry: Mapping[str, str]) -> dict[str, Any]:
    text = entry.get("summary", code)
    return {"id": code, "shortDescription": {"text": text}, "help": {"text": entry.get("fix", text)}}


def _result(item: Diagnostic, index: int) -> dict[str, Any]:
    location = item.location
    place: dict[str, Any] = {"artifactLocation": {"uri": location.path.replace("%", "%25").replace(" ", "%20")}}
    if location.line:
        place["region"] = {"startLine": location.line, **({"startColumn": location.column} if location.column else {})}
    return {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": _LEVELS[item.severity],
        "message": {"text": "\n".join([item.message, *help_lines(item)])},
        "locations": [{"physicalLocation": place}],
    }
