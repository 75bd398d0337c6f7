"""Front matter of other programs: YAML, TOML, JSON, and lines of metadata. Values are text, lists and mappings."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from sitegen.diagnostics import Diagnostics, Severity, SourceText
from sitegen.importers.inputs import InputError
from sitegen.yaml_source.nodes import Mapping as MappingNode
from sitegen.yaml_source.nodes import Node, Scalar, parse_yaml, strip_forbidden

_YAML: Final = re.compile(r"\s*---[ \t]*\n(?P<front>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML: Final = re.compile(
    r"(?P<mark>\+\+\+|---toml)[ \t]*\n(?P<front>.*?)^(?:\+\+\+|---)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_JSON: Final = re.compile(
    r"(?:---json[ \t]*\n(?P<fenced>.*?)^---[ \t]*(?:\n|\Z)|(?=\{[ \t]*\n?[ \t]*\"))", re.DOTALL | re.MULTILINE
)
_COMMENT: Final = re.compile(r"<!--[ \t]*\n(?P<front>(?:[ \t]*\.\. [\w-]+:.*\n|[ \t]*\n)+)-->[ \t]*(?:\n|\Z)")
_DOTTED: Final = re.compile(r"(?:\.\. [\w-]+:.*(?:\n|\Z))+")
_LINES: Final = re.compile(r"(?:[A-Za-z][\w -]*:.*(?:\n|\Z)|[ \t]+\S.*(?:\n|\Z))+")
_LINE: Final = re.compile(r"(?:[ \t]*\.\. )?(?P<key>[A-Za-z][\w -]*?):[ \t]*(?P<value>.*)")
_TITLE: Final = re.compile(r"^title:", re.IGNORECASE | re.MULTILINE)
_MAX_DEPTH: Final = 16


class Value(NamedTuple):
    """A value of an input: text, or a list or mapping of texts, and its line, 0 if it is unknown."""

    value: Any
    line: int = 0

    @property
    def text(self) -> str:
        """The value as text; empty for a list or a mapping."""
        return self.value.strip() if isinstance(self.value, str) else ""


def has_front_matter(text: str) -> bool:
    """Whether a text begins with front matter in one of the notations."""
    if any(pattern.match(text) for pattern in (_YAML, _TOML, _JSON, _COMMENT, _DOTTED)):
        return True
    match = _LINES.match(text)  # lines such as `Title: …`, of which one is a title
    return match is not None and _TITLE.search(match[0]) is not None


def read_front_matter(source: SourceText, diagnostics: Diagnostics) -> tuple[dict[str, Value], str, int]:
    """Return the front matter of a text, the text below it, and the line at which that begins. Raises InputError."""
    text = source.text
    if match := _TOML.match(text):
        values, end = _read_toml(match), match.end()
    elif match := _JSON.match(text):
        values, end = _read_json(text, match)
    elif match := _YAML.match(text):
        values, end = _read_yaml(source, match, diagnostics), match.end()
    elif (match := _COMMENT.match(text) or _DOTTED.match(text) or _LINES.match(text)) and has_front_matter(text):
        values, end = _read_lines(match[0]), match.end()
    else:
        raise InputError("no-front-matter", 1, "the file has no front matter", "import only the folder of the articles")
    return values, text[end:], text.count("\n", 0, end) + 1


def _read_yaml(source: SourceText, match: re.Match[str], diagnostics: Diagnostics) -> dict[str, Value]:
    """Read YAML; errors that leave values are warnings, because the file is not the editor's to correct."""
    problems = Diagnostics()
    first_line = source.text.count("\n", 0, match.start("front")) + 1
    node = parse_yaml(source, match["front"], problems, first_line=first_line)
    severity = Severity.WARNING if isinstance(node, MappingNode) else Severity.ERROR
    diagnostics.extend(replace(item, severity=severity, allowed=(), suggestion=None) for item in problems.sorted())
    if isinstance(node, MappingNode):
        return {key.value: Value(plain_node(value), value.location.line) for key, value in node.pairs}
    if not problems.errors and match["front"].strip():
        raise InputError("yaml-syntax", 2, "the front matter is not a mapping of keys to values")
    return {}


def plain_node(node: Node) -> Any:
    """Return a node of YAML as text, lists and mappings."""
    if isinstance(node, Scalar):
        return "" if node.is_null else node.value
    if isinstance(node, MappingNode):
        return {key.value: plain_node(value) for key, value in node.pairs}
    return [plain_node(item) for item in node.items]


def _read_toml(match: re.Match[str]) -> dict[str, Value]:
    try:
        values = tomllib.loads(match["front"])
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        number = re.search(r"line (\d+)", str(error))
        message = f"the front matter is not valid TOML: {error}"
        raise InputError("toml-syntax", 1 + (int(number[1]) if number else 1), message) from error
    lines = match["front"].split("\n")
    return {
        key: Value(as_text(value), _line_of(lines, rf"\s*(?:\[+)?\s*[\"']?{re.escape(key)}\b", 2))
        for key, value in values.items()
    }


def _read_json(text: str, match: re.Match[str]) -> tuple[dict[str, Value], int]:
    """Return the values in JSON, and the offset at which it ends."""
    start = match.start("fenced") if match["fenced"] is not None else 0
    first = text.count("\n", 0, start) + 1
    try:
        values, length = json.JSONDecoder().raw_decode(text[start:].lstrip())
    except (ValueError, RecursionError) as error:
        line = first - 1 + getattr(error, "lineno", 1)
        raise InputError("not-json", line, f"the front matter is not valid JSON: {error}") from error
    end = match.end() if match["fenced"] is not None else start + length
    lines = text[start : max(end, start)].split("\n")
    pairs = values.items() if isinstance(values, Mapping) else ()
    return {
        key: Value(as_text(value), _line_of(lines, rf".*\"{re.escape(key)}\"\s*:", first)) for key, value in pairs
    }, end


def _read_lines(text: str) -> dict[str, Value]:
    """Read `Key: value` lines, which begin the file; an indented line continues the value above it."""
    values: dict[str, Value] = {}
    last = ""
    for number, row in enumerate(text.split("\n"), 1):
        if match := _LINE.match(row):
            last = match["key"].strip().lower()
            values[last] = Value(match["value"].strip(), number)
        elif last and row.strip() and row.strip() not in {"<!--", "-->"}:
            values[last] = Value(f"{values[last].text}\n{row.strip()}".strip(), values[last].line)
    return values


def _line_of(lines: list[str], pattern: str, first: int) -> int:
    expression = re.compile(pattern)
    return next((number for number, line in enumerate(lines, first) if expression.match(line)), 0)


def as_text(value: Any, depth: int = 0) -> Any:
    """Return a value with every number, date and truth value as text, and without control characters."""
    if depth > _MAX_DEPTH:
        return strip_forbidden(str(value)[:1000])
    if isinstance(value, Mapping):
        return {strip_forbidden(str(key)): as_text(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(item, depth + 1) for item in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return strip_forbidden(value.isoformat() if hasattr(value, "isoformat") else str(value))
