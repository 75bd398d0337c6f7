"""Front matter of other programs: YAML, TOML, JSON, and lines of metadata. Values are text, lists and mappings."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sitegen.diagnostics import Diagnostic, Diagnostics, Severity, SourceText
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
_LINE: Final = re.compile(r"(?:\.\. )?(?P<key>[A-Za-z][\w -]*?):[ \t]*(?P<value>.*)")
_REST_TITLE: Final = re.compile(
    r"\s*(?:([=#*~^\"-])\1+[ \t]*\n)?[ \t]*(?P<title>\S.*)\n([=#*~^\"-])\3+[ \t]*\n\s*(?=:[\w-]+:)"
)
_REST_FIELDS: Final = re.compile(r"(?::[\w-]+:.*(?:\n|\Z)|[ \t]+\S.*(?:\n|\Z))+")
_MAX_DEPTH: Final = 16


class Value(NamedTuple):
    """A value of an input: text, or a list or mapping of texts, and its line, 0 if it is unknown."""

    value: Any
    line: int = 0

    @property
    def text(self) -> str:
        """The value as text; empty for a list or a mapping."""
        return self.value.strip() if isinstance(self.value, str) else ""


class FrontPart(NamedTuple):
    """The front matter of a text, the line at which the text below it begins, and the text."""

    kind: str
    values: dict[str, Value]
    body_line: int
    body: str


def has_front_matter(text: str) -> bool:
    """Whether a text begins with front matter in one of the notations."""
    return any(pattern.match(text) for pattern in (_YAML, _TOML, _JSON, _COMMENT, _DOTTED)) or is_metadata(text)


def is_metadata(text: str) -> bool:
    """Whether a text begins with lines such as `Title: …`, of which one is a title."""
    match = _LINES.match(text)
    rest = _REST_TITLE.match(text)
    return bool(rest) or (
        match is not None and re.search(r"^title:", match[0], re.IGNORECASE | re.MULTILINE) is not None
    )


def read_front_matter(source: SourceText, diagnostics: Diagnostics) -> FrontPart | None:
    """Return the front matter of a text, with text that is not valid reported; None if there is none."""
    text = source.text
    if match := _TOML.match(text):
        return _part(source, "TOML", _read_toml(source, match, diagnostics), match.end())
    if match := _JSON.match(text):
        return _read_json(source, match, diagnostics)
    if match := _YAML.match(text):
        return _part(source, "YAML", _read_yaml(source, match, diagnostics), match.end())
    if match := _COMMENT.match(text) or _DOTTED.match(text):
        return _part(source, "metadata lines", _read_lines(source, match.start(), match.end()), match.end())
    if match := _REST_TITLE.match(text):
        fields = _REST_FIELDS.match(text, match.end())
        end = fields.end() if fields else match.end()
        values = {"title": Value(match["title"].strip(), text.count("\n", 0, match.start("title")) + 1)}
        return _part(source, "metadata lines", values | _read_lines(source, match.end(), end), end)
    if is_metadata(text) and (match := _LINES.match(text)):
        return _part(source, "metadata lines", _read_lines(source, 0, match.end()), match.end())
    return None


def _part(source: SourceText, kind: str, values: dict[str, Value], end: int) -> FrontPart:
    return FrontPart(kind, values, source.text.count("\n", 0, end) + 1, source.text[end:])


def _read_yaml(source: SourceText, match: re.Match[str], diagnostics: Diagnostics) -> dict[str, Value]:
    """Read YAML; errors that leave values are warnings, because the file is not the editor's to correct."""
    found = Diagnostics()
    first_line = source.text.count("\n", 0, match.start("front")) + 1
    node = parse_yaml(source, match["front"], found, first_line=first_line)
    severity = Severity.WARNING if isinstance(node, MappingNode) else Severity.ERROR
    for item in found.sorted():
        diagnostics.extend([Diagnostic(item.code, severity, item.location, item.message, hint=item.hint)])
    if not isinstance(node, MappingNode):
        if not found.errors and match["front"].strip():
            diagnostics.error(
                "yaml-syntax", source.location(2, 1), "the front matter is not a mapping of keys to values"
            )
        return {}
    return {key.value: Value(plain_node(value), value.location.line) for key, value in node.pairs}


def plain_node(node: Node) -> Any:
    """Return a node of YAML as text, lists and mappings."""
    if isinstance(node, Scalar):
        return "" if node.is_null else node.value
    if isinstance(node, MappingNode):
        return {key.value: plain_node(value) for key, value in node.pairs}
    return [plain_node(item) for item in node.items]


def _read_toml(source: SourceText, match: re.Match[str], diagnostics: Diagnostics) -> dict[str, Value]:
    try:
        values = tomllib.loads(match["front"])
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        number = re.search(r"line (\d+)", str(error))
        line = 1 + (int(number[1]) if number else 1)
        diagnostics.error("toml-syntax", source.location(line), f"the front matter is not valid TOML: {error}")
        return {}
    lines = match["front"].split("\n")
    return {
        key: Value(as_text(value), _line_of(lines, rf"\s*(?:\[+)?\s*[\"']?{re.escape(key)}\b", 2))
        for key, value in values.items()
    }


def _read_json(source: SourceText, match: re.Match[str], diagnostics: Diagnostics) -> FrontPart:
    text, start = source.text, match.start("fenced") if match["fenced"] is not None else 0
    try:
        values, length = json.JSONDecoder().raw_decode(text[start:].lstrip())
        end = match.end() if match["fenced"] is not None else start + length
    except (ValueError, RecursionError) as error:
        line = text.count("\n", 0, start) + getattr(error, "lineno", 1)
        diagnostics.error("not-json", source.location(line), f"the front matter is not valid JSON: {error}")
        return _part(source, "JSON", {}, len(text))
    lines = text[start : max(end, start)].split("\n")
    first = text.count("\n", 0, start) + 1
    read = {
        str(key): Value(as_text(value), _line_of(lines, rf".*\"{re.escape(str(key))}\"\s*:", first))
        for key, value in (values.items() if isinstance(values, Mapping) else ())
    }
    return _part(source, "JSON", read, end)


def _read_lines(source: SourceText, start: int, end: int) -> dict[str, Value]:
    """Read `Key: value` lines; an indented line continues the value above it."""
    values: dict[str, Value] = {}
    line = source.text.count("\n", 0, start) + 1
    last = ""
    for number, row in enumerate(source.text[start:end].split("\n"), line):
        match = _LINE.match(re.sub(r"^[ \t]*(?=\.\. )", "", row)) or re.match(
            r":(?P<key>[\w-]+):[ \t]*(?P<value>.*)", row
        )
        if match:
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
