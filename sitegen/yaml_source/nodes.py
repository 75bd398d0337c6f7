"""Text and YAML with lines: bytes to `SourceText`, `SourceText` to a tree of nodes that know where they stand.

YAML scalars stay text here; the schema decides what they mean, so `NO` is Norway and `007` keeps its zeros.
Size, depth and aliases are capped before a tree exists: the C composer overflows its stack at some ten thousand
nested brackets, and a merge bomb takes the Python one minutes.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import yaml

from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.util.frozen import dataclass

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml: slower, the same events
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_YAML_CHARACTERS: Final = 64 * 1024
MAX_DEPTH: Final = 16

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 (section 2.2) or HTML forbid, and the separators that end a line in YAML alone."""

_STARTS: Final = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


class Mark(NamedTuple):
    """A line and a column of a source, from 1; the line's text is cut out when it is asked for."""

    source: SourceText
    line: int
    column: int

    @property
    def location(self) -> SourceLocation:
        """The place, as a report shows it."""
        return self.source.location(self.line, self.column)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A YAML scalar as it is written; `plain` when it stands without quotes."""

    value: str
    plain: bool
    spot: Mark

    @property
    def location(self) -> SourceLocation:
        """Where it stands."""
        return self.spot.location

    @property
    def is_null(self) -> bool:
        """Whether it stands for no value (YAML 1.2, section 10.2.1.1)."""
        return self.plain and self.value in _NULLS


@dataclass(frozen=True, slots=True)
class Sequence:
    """A YAML sequence."""

    items: "tuple[Node, ...]"
    spot: Mark

    @property
    def location(self) -> SourceLocation:
        """Where it stands."""
        return self.spot.location


@dataclass(frozen=True, slots=True)
class Mapping:
    """A YAML mapping; keys are scalars and stand once."""

    pairs: "tuple[tuple[Scalar, Node], ...]"
    spot: Mark

    @property
    def location(self) -> SourceLocation:
        """Where it stands."""
        return self.spot.location


type_names: Final = {Scalar: "a single value", Sequence: "a list", Mapping: "a mapping"}

Node = Scalar | Sequence | Mapping


def decode(path: str, data: bytes, diagnostics: Diagnostics) -> SourceText | None:
    """Turn the bytes of a text file into a `SourceText`: UTF-8, without byte order mark, line ends as newlines.

    What is not UTF-8, and characters that XML forbids, become errors, and None comes back.
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
    bad = False
    for match in FORBIDDEN.finditer(source.text):
        bad = True
        diagnostics.error(
            "control-character",
            source.location_at(match.start()),
            f"U+{ord(match.group()):04X} is a control character, which HTML and feeds cannot carry",
            hint="delete it",
        )
        if len(diagnostics) > 100:
            break
    return None if bad else source


def strip_forbidden(text: str) -> str:
    """Return `text` without the characters that `decode` refuses; line separators become newlines."""
    return FORBIDDEN.sub("", text.replace("\u2028", "\n").replace("\u2029", "\n"))


def parse_yaml(
    source: SourceText, text: str, diagnostics: Diagnostics, *, first_line: int = 1, limit: int = MAX_YAML_CHARACTERS
) -> Node | None:
    """Parse `text`, which begins at line `first_line` of `source`, into nodes.

    Anything that YAML, the caps or the rules above forbid becomes an error in `diagnostics`; then None comes back, or
    the part of the tree that is sound. An empty text is None without an error.
    """
    if len(text) > limit:
        location = source.location(first_line, 1)
        diagnostics.error("yaml-too-large", location, f"{len(text):,} characters of YAML; at most {limit:,} are read")
        return None
    return _Composer(source, text, first_line, diagnostics).compose()


class _Mark(Protocol):
    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class _Composer:
    """Builds nodes from parser events without recursion."""

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
                if isinstance(event, yaml.ScalarEvent):  # most of them are
                    self._check_tag(event, event.tag)
                    node = Scalar(self._clean(event), not event.style, self._spot(event.start_mark))
                elif isinstance(event, _STARTS):
                    self._check_tag(event, event.tag)
                    stack.append((event, []))
                    if len(stack) > MAX_DEPTH:
                        self._error("yaml-depth", event, f"nested deeper than {MAX_DEPTH} levels")
                        return None
                    continue
                elif isinstance(event, yaml.SequenceEndEvent):
                    start, items = stack.pop()
                    node = Sequence(tuple(items), self._spot(start.start_mark))
                elif isinstance(event, yaml.MappingEndEvent):
                    node = self._mapping(*stack.pop())
                elif isinstance(event, yaml.AliasEvent):
                    self._error("yaml-alias", event, "YAML aliases are not read", "write the value out")
                    return None
                else:
                    documents += isinstance(event, yaml.DocumentStartEvent)
                    if documents > 1:
                        self._error("yaml-documents", event, "a second YAML document; one was expected")
                        return None
                    continue
                if stack:
                    stack[-1][1].append(node)
                else:
                    root = node
        except (yaml.YAMLError, ValueError, OverflowError) as error:  # without libyaml an escape can spell no character
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
        """Return the value; an escape in quotes can still spell what `decode` refused."""
        value: str = event.value
        match = FORBIDDEN.search(value)
        if match is None:
            return value
        self._error("control-character", event, f"U+{ord(match.group()):04X} is a control character", "delete it")
        return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)

    def _mapping(self, start: yaml.Event, items: list[Node]) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._diagnostics.error("yaml-key", key.location, "a key must be a single value")
            elif key.value in seen:
                first = seen[key.value].location.line
                self._diagnostics.error(
                    "duplicate-key", key.location, f"the key {key.value!r} stands twice; first in line {first}"
                )
            else:
                seen[key.value] = key
                pairs.append((key, value))
        return Mapping(tuple(pairs), self._spot(start.start_mark))

    def _check_tag(self, event: yaml.Event, tag: str | None) -> None:
        if tag is not None and tag != "!":
            self._error("yaml-tag", event, f"YAML tags such as {tag!r} are not read", "write the plain value")

    def _error(self, code: str, event: yaml.Event, message: str, hint: str = "") -> None:
        self._diagnostics.error(code, self._location(event.start_mark), message, hint=hint)

    def _syntax_error(self, error: Exception) -> None:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        context = str(getattr(error, "context", None) or "")
        if "quoted scalar" in context or "flow" in context:
            # What was opened and not closed is noticed lines later, often at the end.
            mark, problem = error.context_mark, f"{problem}, for what opens here"  # type: ignore[attr-defined]
        location = self._location(mark)
        hint = ""
        if "\t" in location.excerpt[: max(location.column, 1)]:
            problem, hint = "a tab cannot be used here", "YAML is indented with spaces"
        elif "mapping values are not allowed" in problem:
            hint = 'put a value that contains ": " in quotes'
        self._diagnostics.error("yaml-syntax", location, f"not YAML: {problem}", hint=hint)

    def _location(self, mark: _Mark | None) -> SourceLocation:
        return self._spot(mark).location

    def _spot(self, mark: _Mark | None) -> Mark:
        if mark is None:  # only events made by hand have none
            return Mark(self._source, self._first_line, 1)
        return Mark(self._source, mark.line + self._first_line, mark.column + 1)
