"""Decoding of text files, and parsing of YAML into nodes with their locations.

Scalars stay text: the schema decides their type, so `NO` is Norway and `007` keeps its zeros. Size, depth and aliases
are limited during parsing, because the C composer of PyYAML overflows its stack at about ten thousand nested brackets.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import yaml
from msgspec import Struct

from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml: slower, the same events
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_YAML_CHARACTERS: Final = 64 * 1024
MAX_DEPTH: Final = 16
MAX_DIAGNOSTICS: Final = 100

FORBIDDEN_CHARS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 (section 2.2) or HTML forbid, and separators that are line breaks in YAML only."""

_STARTS: Final = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Mark(NamedTuple):
    """A line and a column of a source, from 1."""

    source: SourceText
    line: int
    column: int

    @property
    def location(self) -> SourceLocation:
        """The location with an excerpt of the line."""
        return self.source.location(self.line, self.column)


class _Located(Struct, frozen=True):
    mark: Mark

    @property
    def location(self) -> SourceLocation:
        """The location of the node."""
        return self.mark.location


class Scalar(_Located, frozen=True):
    """A YAML scalar as text; `unquoted` if it is written without quotes."""

    value: str
    unquoted: bool

    @property
    def is_null(self) -> bool:
        """Whether it is null (YAML 1.2, section 10.2.1.1)."""
        return self.unquoted and self.value in _NULLS


class Sequence(_Located, frozen=True):
    """A YAML sequence."""

    items: "tuple[Node, ...]"


class Mapping(_Located, frozen=True):
    """A YAML mapping with distinct scalar keys."""

    pairs: "tuple[tuple[Scalar, Node], ...]"


TYPE_NAMES: Final = {Scalar: "a single value", Sequence: "a list", Mapping: "a mapping"}

Node = Scalar | Sequence | Mapping


def decode(path: str, data: bytes, diagnostics: Diagnostics) -> SourceText | None:
    """Decode a UTF-8 file, without its byte order mark and with line feeds as line ends.

    Other encodings and forbidden characters are reported, and the result is None.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        diagnostics.error(
            "not-utf-8",
            SourceLocation(path, line, column),
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            hint="save the file in UTF-8",
        )
        return None
    source = SourceText(path, text.replace("\r\n", "\n").replace("\r", "\n"))
    count = len(diagnostics)
    for match in FORBIDDEN_CHARS.finditer(source.text):
        diagnostics.error(
            "control-character",
            source.location_at(match.start()),
            f"U+{ord(match.group()):04X} is a control character, which is not allowed in HTML and feeds",
            hint="delete it",
        )
        if len(diagnostics) > MAX_DIAGNOSTICS:
            break
    return source if len(diagnostics) == count else None


def strip_forbidden(text: str) -> str:
    """Return `text` without forbidden characters; line separators become line feeds."""
    return FORBIDDEN_CHARS.sub("", text.replace("\u2028", "\n").replace("\u2029", "\n"))


def parse_yaml(
    source: SourceText, text: str, diagnostics: Diagnostics, *, first_line: int = 1, limit: int = MAX_YAML_CHARACTERS
) -> Node | None:
    """Parse `text`, which begins at line `first_line` of `source`, into nodes.

    Errors go to `diagnostics`; the result is then None or the valid part of the tree. An empty text is None without an
    error.
    """
    if len(text) > limit:
        location = source.location(first_line, 1)
        diagnostics.error(
            "yaml-too-large", location, f"{len(text):,} characters of YAML; at most {limit:,} are allowed"
        )
        return None
    return _Composer(source, text, first_line, diagnostics).compose()


class _YamlMark(Protocol):
    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class _Composer:
    """Composes nodes from parser events without recursion."""

    def __init__(self, source: SourceText, text: str, first_line: int, diagnostics: Diagnostics) -> None:
        self._source = source
        self._text = text
        self._first_line = first_line
        self._diagnostics = diagnostics

    def compose(self) -> Node | None:
        stack: list[tuple[yaml.Event, list[Node]]] = []
        root: Node | None = None
        documents = 0
        try:
            for event in self._events():
                node: Node
                if isinstance(event, yaml.ScalarEvent):  # the most frequent event
                    self._check_tag(event, event.tag)
                    node = Scalar(self._mark(event.start_mark), self._clean(event), not event.style)
                elif isinstance(event, _STARTS):
                    self._check_tag(event, event.tag)
                    stack.append((event, []))
                    if len(stack) > MAX_DEPTH:
                        self._error("yaml-depth", event, f"nested deeper than {MAX_DEPTH} levels")
                        return None
                    continue
                elif isinstance(event, yaml.SequenceEndEvent):
                    start, items = stack.pop()
                    node = Sequence(self._mark(start.start_mark), tuple(items))
                elif isinstance(event, yaml.MappingEndEvent):
                    node = self._mapping(*stack.pop())
                elif isinstance(event, yaml.AliasEvent):
                    self._error("yaml-alias", event, "YAML aliases are not supported", "repeat the value")
                    return None
                else:
                    documents += isinstance(event, yaml.DocumentStartEvent)
                    if documents > 1:
                        self._error("yaml-documents", event, "a second YAML document; expected one")
                        return None
                    continue
                if stack:
                    stack[-1][1].append(node)
                else:
                    root = node
        except (yaml.YAMLError, ValueError, OverflowError) as error:  # an invalid escape, without libyaml
            self._syntax_error(error)
            return None
        return root

    def _events(self) -> Iterator[yaml.Event]:
        loader = _Loader(self._text)
        try:
            while (event := loader.get_event()) is not None:
                yield event
        finally:
            loader.dispose()

    def _clean(self, event: yaml.ScalarEvent) -> str:
        """Return the value; a quoted escape can still be a forbidden character."""
        value: str = event.value
        match = FORBIDDEN_CHARS.search(value)
        if match is None:
            return value
        self._error("control-character", event, f"U+{ord(match.group()):04X} is a control character", "delete it")
        return FORBIDDEN_CHARS.sub("\N{REPLACEMENT CHARACTER}", value)

    def _mapping(self, start: yaml.Event, items: list[Node]) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._diagnostics.error("yaml-key", key.location, "a key must be a single value")
            elif key.value in seen:
                first = seen[key.value].location.line
                self._diagnostics.error(
                    "duplicate-key", key.location, f"duplicate key {key.value!r}; first in line {first}"
                )
            else:
                seen[key.value] = key
                pairs.append((key, value))
        return Mapping(self._mark(start.start_mark), tuple(pairs))

    def _check_tag(self, event: yaml.Event, tag: str | None) -> None:
        if tag is not None and tag != "!":
            self._error("yaml-tag", event, f"YAML tags such as {tag!r} are not supported", "remove the tag")

    def _error(self, code: str, event: yaml.Event, message: str, hint: str = "") -> None:
        self._diagnostics.error(code, self._location(event.start_mark), message, hint=hint)

    def _syntax_error(self, error: Exception) -> None:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "invalid YAML"
        context = str(getattr(error, "context", None) or "")
        if "quoted scalar" in context or "flow" in context:
            # The parser notices a missing end only lines later, often at the end of the file.
            mark, problem = error.context_mark, f"{problem}, but the value that begins here is not closed"  # type: ignore[attr-defined]
        location = self._location(mark)
        hint = ""
        if "\t" in location.excerpt[: max(location.column, 1)]:
            problem, hint = "unexpected tab", "indent with spaces"
        elif "mapping values are not allowed" in problem:
            hint = 'put a value that contains ": " in quotes'
        self._diagnostics.error("yaml-syntax", location, f"invalid YAML: {problem}", hint=hint)

    def _location(self, mark: _YamlMark | None) -> SourceLocation:
        return self._mark(mark).location

    def _mark(self, mark: _YamlMark | None) -> Mark:
        if mark is None:  # the parser gives every event a mark; its type does not say so
            return Mark(self._source, self._first_line, 1)
        return Mark(self._source, mark.line + self._first_line, mark.column + 1)
