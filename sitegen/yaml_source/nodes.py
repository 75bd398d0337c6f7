"""Decoding of text files, and parsing of YAML into nodes with their locations.

Scalars stay text: the schema decides their type, so `NO` is Norway and `007` keeps its zeros. Size, depth and aliases
are limited during parsing, because the C composer of PyYAML overflows its stack at about ten thousand nested brackets.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from msgspec import Struct

from sitegen.diagnostics import MAX_EXCERPT_CHARACTERS, Diagnostics, SourceLocation, SourceText

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml: slower, the same events
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_YAML_CHARACTERS: Final = 64 * 1024
MAX_DEPTH: Final = 16
_TOO_DEEP: Final = f"nested deeper than {MAX_DEPTH} levels"
MAX_DIAGNOSTICS: Final = 100

FORBIDDEN_CHARS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 (section 2.2) or HTML forbid, and separators that are line breaks in YAML only."""

_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))")
"""An escape in double quotes (YAML 1.2.2, section 5.7)."""
_CONTROLS: Final = frozenset("0abvfeNLP")
"""The letters of escapes that are forbidden characters."""
_CONTROL_CHARACTER: Final = "a control character, which is not allowed in HTML and feeds"
_CHARACTERS: Final = dict.fromkeys("\u2028\u2029", "an invisible line separator, which YAML takes for a line break")

_CONFLICT: Final = ("\n<<<<<<< ", "\n=======\n", "\n>>>>>>> ")
"""The marks between which git writes both versions of lines that two people have changed."""

_COMMENT_IN_FLOW: Final = re.compile(r"[:,] +(?P<value>#[^\s,}\]]+)")
"""A value such as a colour, which YAML takes for a comment."""
_COLON_IN_FLOW: Final = re.compile(r"[{,] *(?P<key>[\w-]+): +(?P<value>[^\s\"'{}\[\],#][^{}\[\],]*?: [^{}\[\],]*)[,}]")
"""A key of a mapping in braces whose text has a colon and a space, which would be another key."""
_STARTS: Final = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})

_COMMENT = re.compile(r"\s+#(?P<text>.*)")
_TEXT_KEY = re.compile(r"[\s{-]*(?:title|summary|name|text|note|description|tagline|rights):")
"""A key whose value is a text, also if it has one word."""
_PAIR = re.compile(r"(?P<key>\s*(?:- +)*[\w.-]+):[ \t]+(?P<value>.*\S)")
_OTHER_SPACE = re.compile(r":([^\S \t\n])\s*")
_FLOW = re.compile(r"\{.*|\[.*\]")
_OPENINGS: Final = {'"': "quotation mark", "'": "quotation mark", "[": "bracket", "{": "brace"}
_CLOSINGS: Final = {"[": "]", "{": "}"}


class _Located(Struct, frozen=True):
    source: SourceText
    line: int
    column: int

    @property
    def location(self) -> SourceLocation:
        """The location of the node, with an excerpt of its line."""
        return self.source.location(self.line, self.column)


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

    Other encodings, forbidden characters and conflicts of git are reported, and the result is None.
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
            f"U+{ord(match.group()):04X} is {_CHARACTERS.get(match.group(), _CONTROL_CHARACTER)}",
            hint="delete it",
        )
        if len(diagnostics) > MAX_DIAGNOSTICS:
            break
    text = f"\n{source.text}"
    if all(mark in text for mark in _CONFLICT):
        message = "two versions of these lines, which git could not merge"
        hint = "keep one, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"
        for match in re.finditer(_CONFLICT[0], text):
            diagnostics.error("merge-conflict", source.location_at(match.start()), message, hint=hint)
    return source if len(diagnostics) == count else None


def strip_forbidden(text: str) -> str:
    """Return `text` without forbidden characters, except those that are white space; see `replace_white_space`."""
    return FORBIDDEN_CHARS.sub("", replace_white_space(text))


def replace_white_space(text: str) -> str:
    """Return `text` with line feeds for line separators, and spaces for vertical tabs and page breaks."""
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    return text.replace("\x0b", " ").replace("\x0c", " ")


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


class _Composer:
    """Composes nodes from parser events without recursion."""

    def __init__(self, source: SourceText, text: str, first_line: int, diagnostics: Diagnostics) -> None:
        self._source = source
        self._text = text
        self._lines = (*text.split("\n"), "")
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
                    self._check_syntax_in_text(event)
                    node = Scalar(*self._position(event.start_mark), self._clean(event), not event.style)
                elif isinstance(event, _STARTS):
                    self._check_tag(event)
                    stack.append((event, []))
                    if len(stack) > MAX_DEPTH:
                        self._error("yaml-depth", event, _TOO_DEEP)
                        return None
                    continue
                elif isinstance(event, yaml.SequenceEndEvent):
                    start, items = stack.pop()
                    node = Sequence(*self._position(start.start_mark), tuple(items))
                elif isinstance(event, yaml.MappingEndEvent):
                    node = self._mapping(*stack.pop())
                elif isinstance(event, yaml.AliasEvent):
                    message = "'*' begins a YAML alias, which is not supported"
                    self._error("yaml-alias", event, message, self._in_quotes(event.start_mark))
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
        message = f"U+{ord(match.group()):04X} is a control character"
        self._diagnostics.error("control-character", self._location_of_escape(event), message, hint="delete it")
        return FORBIDDEN_CHARS.sub("\N{REPLACEMENT CHARACTER}", value)

    def _location_of_escape(self, event: yaml.ScalarEvent) -> SourceLocation:
        """Return the location of the first escape of a forbidden character in a value, or of the value."""
        _, first, column = self._position(event.start_mark)
        for line in range(first, self._position(event.end_mark)[1] + 1):
            for match in _ESCAPE.finditer(self._source.lines[line - 1], column - 1 if line == first else 0):
                code = match[1] or match[2]
                if match[3] in _CONTROLS if code is None else FORBIDDEN_CHARS.search(chr(int(code, 16))):
                    return self._source.location(line, match.start() + 1)
        return self._source.location(first, column)

    def _mapping(self, start: yaml.Event, items: list[Node]) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        is_flow = isinstance(start, yaml.MappingStartEvent) and start.flow_style
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._diagnostics.error("yaml-key", key.location, "a key must be a single value")
            elif key.value in seen:
                first = seen[key.value].location.line
                self._diagnostics.error(
                    "duplicate-key", key.location, f"duplicate key {key.value!r}; first in line {first}"
                )
            elif is_flow and key.unquoted and _is_missing(value) and not self._has_colon(key):
                message = f"the comma before {key.value!r} ends the text before it"
                hint = 'put a text that contains a comma in quotes: text: "A, not B."'
                if problem := _other_space(key.value):
                    message, hint = problem, f"write {re.sub(_OTHER_SPACE, ': ', key.value, count=1)}"
                self._diagnostics.error("yaml-syntax", key.location, message, hint=hint)
            else:
                seen[key.value] = key
                pairs.append((key, value))
        return Mapping(*self._position(start.start_mark), tuple(pairs))

    def _has_colon(self, key: Scalar) -> bool:
        line = self._source.lines[key.line - 1]
        return line[key.column - 1 + len(key.value) :].lstrip().startswith(":")

    def _check_syntax_in_text(self, event: yaml.ScalarEvent) -> None:
        """Report YAML syntax that removes a part of a text: a comment, an anchor, a tag."""
        self._check_tag(event)
        end: Any = event.end_mark
        line = self._lines[end.line]
        match = None if event.style else _COMMENT.match(line, end.column)
        is_text = " " in event.value or not event.value.isascii() or bool(event.value and _TEXT_KEY.match(line))
        if match is not None and (is_text or match["text"][:1].strip()):
            self._diagnostics.error(
                "yaml-comment",
                self._source.location(end.line + self._first_line, match.start("text")),
                f"'#' begins a comment, so {match[0].strip()!r} is not part of the value",
                hint=self._in_quotes(end) + "; write a comment on a line of its own",
            )

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            message = f"'!' begins a YAML tag, and {event.tag!r} is not supported"
            self._error("yaml-tag", event, message, self._in_quotes(event.start_mark))
        if event.anchor is not None:
            message = f"'&' begins a YAML anchor, so '&{event.anchor}' is not part of the value"
            self._error("yaml-alias", event, message, self._in_quotes(event.start_mark))

    def _in_quotes(self, mark: Any) -> str:
        """Return the advice to put the value of a line in quotes."""
        match = _PAIR.match(self._lines[mark.line])
        if match is None or _FLOW.fullmatch(match["value"]) or len(match["value"]) > MAX_EXCERPT_CHARACTERS:
            return 'put the text in quotes: title: "…"'
        value = _without_outer_quotes(match["value"])
        shown = "'" + value.replace("'", "''") + "'" if '"' in value or "\\" in value else f'"{value}"'
        return f"put the text in quotes: {match['key'].strip()}: {shown}"

    def _error(self, code: str, event: yaml.Event, message: str, hint: str = "") -> None:
        self._diagnostics.error(code, self._source.location(*self._position(event.start_mark)[1:]), message, hint=hint)

    def _syntax_error(self, error: Exception) -> None:
        """Report an error of the parser in the terms of an editor, at the line to correct."""
        mark, start = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
        problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
        context = str(getattr(error, "context", None) or "")
        hint = ""
        if "nesting depth" in problem:  # PyYAML 6.0.4 reads 1,000 brackets of a line before the first event
            self._diagnostics.error("yaml-depth", self._source.location(*self._position(mark)[1:]), _TOO_DEEP)
            return
        if "simple key" in context and start is not None:  # it is noticed only in the next line
            mark = start
            line = self._lines[start.line]
            indent = line[: len(line) - len(line.lstrip())].strip(" ")
            problem, hint = _missing_colon(line.strip())
            if indent:
                problem = f"the line begins with U+{ord(indent[0]):04X}, not with an ordinary space"
                hint = "indent with ordinary spaces"
        elif start is not None and context.endswith((" alias", " anchor")):  # noticed after the * or &
            mark = start
            problem = f"a text cannot begin with {self._lines[start.line][start.column]}"
            hint = self._in_quotes(start)
        elif "escape" in problem or "hexdecimal" in problem:  # sic, in libyaml
            problem, hint = "unknown escape after \\", r"write \\ for one \, or use single quotes"
        elif start is not None and ("quoted scalar" in context or "flow" in context):
            # The parser notices a missing end only lines later, often at the end of the file.
            mark = start = self._opening(start) if "flow" in context else start
            opening = _OPENINGS.get(self._lines[start.line][start.column : start.column + 1], "bracket")
            problem, hint = f"the {opening} that opens here is not closed", "close it, or put the text in quotes"
            if "flow" in context and (match := _COMMENT_IN_FLOW.search(self._lines[start.line], start.column)):
                hint = f"'#' begins a comment: put the value in quotes: \"{match['value']}\""
            elif "flow" in context and (match := _COLON_IN_FLOW.search(self._lines[start.line], start.column)):
                mark = start = _mark(start.line, match.start("value"))
                problem, hint = "a text with a colon and a space needs quotes", f'write {match["key"]}: "…"'
        elif (
            mark is not None
            and mark.line == 1
            and not self._lines[0].startswith("#")
            and not _PAIR.match(self._lines[0])
        ):
            mark = _mark(0, 0)  # a first line without a key is noticed only in the next one
            problem, hint = _missing_colon(self._lines[0].strip())
        elif mark is not None:
            problem, hint = self._invalid_line(mark) or self._unexpected_line(mark.line)
        location = self._source.location(*self._position(mark)[1:])
        if "\t" in location.excerpt[: max(location.column, 1)]:
            problem, hint = "unexpected tab", "indent with spaces"
        self._diagnostics.error("yaml-syntax", location, f"invalid YAML: {problem or 'syntax error'}", hint=hint)

    def _opening(self, mark: Any) -> Any:
        """Return the position of the bracket before a mark, which at the end of the file is that of its last line."""
        if self._lines[mark.line][mark.column : mark.column + 1] in _CLOSINGS:
            return mark
        lines = ((number, _PAIR.match(self._lines[number])) for number in range(mark.line, -1, -1))
        opened = ((number, match) for number, match in lines if match is not None and match["value"][0] in _CLOSINGS)
        number, match = next(opened, (0, None))
        return mark if match is None else _mark(number, match.start("value"))

    def _invalid_line(self, mark: Any) -> tuple[str, str] | None:
        """Return what is wrong in a line and what to do; None if it is not one of the usual mistakes."""
        match = _PAIR.match(self._lines[mark.line])
        if match is None:
            return None
        first, value = match["value"][0], match["value"]
        above = next((n for n in range(mark.line - 1, -1, -1) if _opens_quote(self._lines[n])), None)
        if above is not None:
            return f"the quotation mark in line {self._first_line + above} is not closed", "close it"
        if first in _OPENINGS:
            closing = _CLOSINGS.get(first, first)
            if closing in value[1 : max(mark.column - match.start("value"), 1)]:
                return f"there is text after the closing {closing}", self._in_quotes(mark)
        elif first in "@`%&*!|>?,]}" or value.startswith("- "):
            return f"a text cannot begin with {first}", self._in_quotes(mark)
        elif mark.column >= match.start("value") and re.search(r":(\s|$)", value):
            return "a text with a colon and a space needs quotes", self._in_quotes(mark)
        if mark.column < match.start("value"):
            return "the line is indented differently from the lines above", "begin all keys at the same column"
        return None

    def _unexpected_line(self, line: int) -> tuple[str, str]:
        """Return what is wrong in a line that has no key, and what to do. The words of libyaml are no help."""
        if line and self._lines[line - 1].lstrip().startswith("#"):
            return (
                "the comment in the line above ends the text before it",
                "put the text in quotes, or delete the comment",
            )
        if self._lines[line].lstrip().startswith("-"):
            return "an item of a list is not expected here", "begin all items at the same column, below their key"
        return "expected a key, a colon and a value", "put a text with special characters in quotes"

    def _position(self, mark: Any) -> tuple[SourceText, int, int]:
        """Return source, line and column, both from 1, of a mark of PyYAML, which an error may lack."""
        if mark is None:
            return self._source, self._first_line, 1
        return self._source, mark.line + self._first_line, mark.column + 1


def _mark(line: int, column: int) -> yaml.Mark:
    """Return a position of PyYAML, both numbers from 0."""
    return yaml.Mark("", 0, line, column, None, 0)


def _is_missing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.unquoted and not node.value


def _opens_quote(line: str) -> bool:
    """Return whether the value of a line begins with a quotation mark that the line does not close."""
    match = _PAIR.match(line)
    return match is not None and match["value"][0] in "\"'" and match["value"].count(match["value"][0]) % 2 == 1


def _missing_colon(line: str) -> tuple[str, str]:
    """Return what is wrong in a line without a key, and what to do."""
    key, separator, rest = re.split(r"([:：])", f"{line}:", maxsplit=1)[:3]
    rest = rest.removesuffix(":").strip()
    if separator == "：":
        return "the colon is full-width (U+FF1A)", f"write {key}: {rest}"
    if rest:
        return _other_space(line) or "there is no space after the colon", f"write {key}: {rest}"
    return "expected a key, a colon and a space", "indent the second line of a text by two spaces"


def _without_outer_quotes(value: str) -> str:
    """Return `He said "yes" today` for the same in quotation marks; those of `"Big" and "small"` belong to the text."""
    mark, second = value[0], value.find(value[0], 1)
    if mark not in "\"'" or value[-1] != mark or not 0 < second < len(value) - 1:
        return value
    is_inside = value[second - 1].isspace() or (mark == "'" and value[second + 1].isalnum())
    return value[1:-1] if is_inside else value


def _other_space(text: str) -> str:
    """Return what is wrong with the space after a colon if it is not one of YAML, such as a no-break space."""
    match = _OTHER_SPACE.search(text)
    return f"the space after the colon is U+{ord(match[1]):04X}, not an ordinary space" if match else ""
