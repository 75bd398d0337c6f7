"""Conversion of the Markdown and HTML of other programs to Markdown that a build accepts.

Each step replaces parts of the text outside code: syntax of templates, HTML, addresses. What has no equal in Markdown
stays visible as text, and is reported with its line.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from sitegen.config.model import Term
from sitegen.content.body import Body, Links
from sitegen.content.links import LinkKind
from sitegen.content.markdown import read_body
from sitegen.diagnostics import Diagnostic, Diagnostics, Severity, SourceText
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.markup.html import html_to_markdown
from sitegen.importers.markup.html_elements import convert_elements, without_active_elements
from sitegen.importers.markup.lined_text import Edit, LinedText
from sitegen.importers.markup.markdown_text import code_span, code_spans, link_text, outside, unescape, written
from sitegen.importers.values.addresses import Use

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""A pattern, and the Markdown for a match; None if it has none."""

Resolve = Callable[[str, Use], str | None]
"""Return the address of a link or a picture in the new site; None if it has none."""

_MAX_ROUNDS: Final = 12
_MAX_LINK_TEXT: Final = 3000
_GAP: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
_BLANK_LINE: Final = re.compile(r"\A(?:[ \t]*\n)+")
DESTINATION: Final = re.compile(
    r"(?<!\\)\]\([ \t]*(?P<address><[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)"
    r"(?P<title>\s+(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|\([^()\n]*\)))?\s*\)"
)
_PICTURE_REFERENCE: Final = re.compile(r"!\[(?P<alt>[^\[\]\n]*)(?<!\\)\]\[(?P<label>[^\[\]\n]*)\]")
DEFINITION: Final = re.compile(
    r"^ {0,3}\[(?!\^)(?P<label>[^\[\]\n]+)(?<!\\)\]:[ \t]*(?P<address><[^<>\n]*>|\S+)", re.MULTILINE
)
_QUOTED_TITLE: Final = re.compile(r'[ \t]+"(?P<text>[^\n]*)"[ \t]*$', re.MULTILINE)
_QUOTE: Final = re.compile(r'(?<!\\)"')
_HTML_START: Final = re.compile(r"(?<!\\)<(?=[A-Za-z/!?])")
_PARAGRAPH_END: Final = re.compile(r"\n[ \t]*(?:\n|$)")
_TEMPLATE: Final = re.compile(r"\{[{%][^{}\n]{1,200}[%}]\}")
_CONTROL_CODE: Final = re.compile(r"&#(?:x?[0-9a-fA-F]{1,7});|%[0-7][0-9a-fA-F]")
_LINK_MARK: Final = re.compile(r"(?<=\])\(|^\[|<(?=[a-z]+:)")
_LAST_NUMBER: Final = re.compile(r"\d+$")
_PICTURE_HINT: Final = "--images copies it if the input has it, --base-url ADDRESS makes it a link to the old site"
_DROPPED: Final = ("{:", "{.", "{#", "import ", "export ")
"""The starts of syntax whose loss is reported. Other syntax gives an empty text by its meaning."""


class Converter(Struct, frozen=True):
    """Converts the texts of one article: `rules` are those of its templates, and losses go to `import_log`."""

    import_log: ImportLog
    resolve: Resolve
    perspectives: tuple[Term, ...] = ()
    rules: Sequence[Rule] = ()

    def markdown(self, text: str, first_line: int = 1) -> str:
        """Return Markdown with the HTML in it converted. Raises InputError."""
        lined = LinedText.of(text, first_line)
        for pattern, replace in self.rules:
            if pattern.search(lined.text):
                lined = lined.edited(self._replacements(lined, pattern, replace))
        return self._finish(lined)

    def html(self, text: str, first_line: int = 1) -> str:
        """Return HTML as Markdown. Raises InputError."""
        for match in _TEMPLATE.finditer(text) if self.rules else ():
            line = first_line + text.count("\n", 0, match.start())
            self.import_log.report("unread-syntax", line, f"{match[0][:60]!r} is kept as text")
        converted = html_to_markdown(
            without_active_elements(text, first_line, self.import_log), first_line, self.import_log
        )
        return self._finish(LinedText.from_line(converted, first_line))

    def accepted(self, text: str, line: int) -> str:
        """Return Markdown of several converted parts, which begin at a line, as one that a build accepts."""
        return self._accepted(LinedText.from_line(text, line)).text

    def _finish(self, lined: LinedText) -> str:
        lined = self._accepted(self._with_links(convert_elements(lined, self.import_log)))
        if _GAP.search(lined.text):  # outside code, one blank line in the place of several
            gaps = outside(_GAP.finditer(lined.text), code_spans(lined.text))
            lined = lined.edited((*match.span(), "\n\n") for match in gaps)
        return _BLANK_LINE.sub("", lined.text).rstrip()

    def _warn(self, lined: LinedText, offset: int, code: str, message: str) -> None:
        self.import_log.report(code, lined.line_at(offset), message)

    def _warn_of_picture(self, lined: LinedText, offset: int, name: str, *, is_link: bool = True) -> None:
        becomes, code, hint = "becomes a link", "image-as-link", ""
        if not is_link:
            becomes, code, hint = "is kept as text", "link-as-text", _PICTURE_HINT
        message = f"the picture {name[:60]!r} is not in content/; it {becomes}"
        self.import_log.report(code, lined.line_at(offset), message, hint)

    def _replacements(
        self, lined: LinedText, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str | None]
    ) -> Iterator[Edit]:
        skip = [] if "raw" in pattern.pattern else code_spans(lined.text)
        for match in outside(pattern.finditer(lined.text), skip):
            new = replace(match)
            if new is None:
                continue
            if new.startswith("\n\n") and lined.text[: match.start()].rstrip().endswith("["):
                new = " ".join(new.split())  # the text of a link
            if not new and match[0].lstrip().startswith(_DROPPED):
                shown = " ".join(match[0].split())[:60]
                self._warn(lined, match.start(), "formatting-omitted", f"{shown!r} has no equal in Markdown")
            yield (*match.span(), new)

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _with_links(self, lined: LinedText) -> LinedText:
        text = lined.text
        if "](" not in text and "]:" not in text:
            return lined
        skip = code_spans(text)
        edits = [edit for match in outside(DESTINATION.finditer(text), skip) for edit in self._link(lined, match)]
        references = [*outside(_PICTURE_REFERENCE.finditer(text), skip)]
        pictures = {(match["label"] or match["alt"]).casefold() for match in references}
        shown: set[str] = set()
        lost: set[str] = set()
        for match in outside(DEFINITION.finditer(text), skip):
            address, label = match["address"].strip("<>"), match["label"].casefold()
            resolved = self.resolve(address, "picture") if label in pictures else None
            shown |= {label} if resolved is not None else set()
            resolved = resolved or self.resolve(address, "link to a picture" if label in pictures else "link")
            if resolved is None and label in pictures:
                lost.add(label)
                edits += _as_paragraph(text, match)
            elif resolved is None:
                message = f"{match['address'][:60]!r} cannot be linked to"
                self._warn(lined, match.start(), "link-as-text", message)
                edits += _as_paragraph(text, match)
            else:
                edits.append((*match.span("address"), written(resolved)))
                title = _QUOTED_TITLE.match(text, match.end())
                if title is not None:
                    edits += _escaped(title.start("text") + quote.start() for quote in _QUOTE.finditer(title["text"]))
        for match in references:
            label = match["label"] or match["alt"]
            if label.casefold() not in shown:
                is_link = label.casefold() not in lost
                self._warn_of_picture(lined, match.start(), label, is_link=is_link)
                alt = match["alt"] or "picture"
                is_plain = not is_link or _is_in_link(text, *match.span())
                edits.append((*match.span(), alt if is_plain else f"[{alt}][{label}]"))
        return lined.edited(edits)

    def _link(self, lined: LinedText, match: re.Match[str]) -> list[Edit]:
        """Return the edits for a link or a picture, of which `match` is the destination."""
        text, address = lined.text, match["address"].strip("<>")
        start = opening_bracket(text, match.start())
        if start is None:
            return []
        is_image = start > 0 and text[start - 1] == "!" and (start < 2 or text[start - 2] != "\\")
        first = start - is_image
        if not address:
            return [(first, start + 1, ""), (match.start(), match.end(), "")]
        resolved = self.resolve(unescape(address), "picture" if is_image else "link")
        if resolved is not None:
            return [(*match.span("address"), written(resolved))]
        as_link = self.resolve(unescape(address), "link to a picture") if is_image else None
        label = text[start + 1 : match.start()].strip() or _name(address) or "link"
        if as_link is not None:
            self._warn_of_picture(lined, match.start(), unquote(address))
            new = (
                link_text(label)
                if _is_in_link(text, first, match.end())
                else f"[{link_text(label)}]({written(as_link)})"
            )
            return [(first, match.end(), new)]
        if is_image:
            self._warn_of_picture(lined, match.start(), unquote(address), is_link=False)
            is_in_link = _is_in_link(text, first, match.end())
            return [(first, match.end(), link_text(label) if is_in_link else f"{label} ({code_span(address)})")]
        message = f"the address {unquote(address)[:60]!r} cannot be linked to; it is kept as text"
        self._warn(lined, match.start(), "link-as-text", message)
        return [(first, start + 1, ""), (match.start(), match.end(), f" ({code_span(address)})")]

    # --- the last check -----------------------------------------------------------------------------------------------

    def _accepted(self, lined: LinedText) -> LinedText:
        """Return a text that a build reads without errors: what it would reject is escaped and reported."""
        for number in range(_MAX_ROUNDS):
            diagnostics = Diagnostics()
            body, links = read_body(SourceText("", lined.text), lined.text, diagnostics, perspectives=self.perspectives)
            problems = diagnostics.sorted()
            errors = [item for item in problems if item.severity is Severity.ERROR]
            edits = [
                edit for item in errors for edit in self._escape(lined, item, ignore_code=number > _MAX_ROUNDS // 2)
            ]
            edits += self._dead_fragments(lined, body, links)
            if not edits:
                break
            lined = lined.edited(edits)
        for item in problems:
            line = lined.line_of(item.location.line)
            if item.severity is Severity.ERROR:  # more than can be escaped
                self.import_log.diagnostics.error(item.code, self.import_log.location(line), item.message)
            elif item.code != "no-text":
                self.import_log.report(item.code, line, item.message, item.hint)
        return lined

    def _escape(self, lined: LinedText, item: Diagnostic, *, ignore_code: bool) -> list[Edit]:
        """Return the edits that keep the syntax of an error as text."""
        text, where = lined.text, item.location
        line_start, offset = lined.offset_of(where.line), lined.offset_of(where.line, where.column)
        line_end = (text + "\n").index("\n", offset)
        match item.code:
            case "raw-html":
                self._warn(lined, offset, "html-as-text", f"{item.message.partition(': ')[2]} is kept as text")
                if where.column > 1 and text.startswith("<", offset):
                    return _escaped([offset])
                blank = _PARAGRAPH_END.search(text, offset)
                is_block = where.column <= 1
                skip = [] if is_block or ignore_code else code_spans(text)
                end = line_end if not is_block else blank.start() if blank else len(text)
                return _escaped(match.start() for match in outside(_HTML_START.finditer(text, offset, end), skip))
            case "duplicate-perspective":
                message = _LAST_NUMBER.sub(lambda line: str(lined.line_of(int(line[0]))), item.message)
                self._warn(lined, offset, item.code, f"{message}; the second becomes a heading of level 3")
                return [(line_start, line_start, "#")]
            case "bad-language":
                return _escaped([offset])
            case "control-character":
                self._warn(lined, offset, item.code, item.message)
                return [(*code.span(), "") for code in _CONTROL_CODE.finditer(text, offset, line_end)]
            case "bad-address":
                self._warn(lined, offset, "link-as-text", item.message)
                if where.column > 1 and text[offset - 1] in "(<" and not ignore_code:
                    return _escaped([offset - 1])
                marks = _LINK_MARK.finditer(text[line_start:line_end])
                return _escaped(line_start + mark.start() for mark in marks)
        return []

    def _dead_fragments(self, lined: LinedText, body: Body, links: Links) -> list[Edit]:
        """Return the edits that omit links to headings that the text does not have."""
        edits: list[Edit] = []
        anchors = set(body.anchors)
        for link, where in links:
            if link.kind is not LinkKind.ARTICLE or link.path or link.fragment in anchors:
                continue
            offset = lined.offset_of(where.line, where.column)
            matches = DESTINATION.finditer(lined.text, max(0, offset - 2))
            match = next((match for match in matches if match["address"].startswith("#")), None)
            start = opening_bracket(lined.text, match.start()) if match else None
            problem = f"the text has no heading {link.fragment[:60]!r}"
            if match is not None and start is not None:
                self._warn(lined, match.start(), "link-as-text", f"{problem}; the link is omitted")
                edits += [(start, start + 1, ""), (*match.span(), "")]
                continue
            for match in DEFINITION.finditer(lined.text):
                if unquote(match["address"]) == f"#{link.fragment}":
                    self._warn(lined, match.start(), "link-as-text", f"{problem}; the link is kept as text")
                    edits += _as_paragraph(lined.text, match)
                    break
        return edits


def _name(address: str) -> str:
    """Return the name of the file in an address, without a query."""
    return re.split(r"[?#]", address, maxsplit=1)[0].rstrip("/").rpartition("/")[2]


def _escaped(offsets: Iterable[int]) -> list[Edit]:
    """Return the edits that put a backslash before each of some characters."""
    return [(offset, offset, "\\") for offset in offsets]


def _as_paragraph(text: str, match: re.Match[str]) -> list[Edit]:
    """Return the edits that keep the definition of a link as a paragraph of its own: other definitions end it."""
    start, end = match.start("label") - 1, (text + "\n").index("\n", match.end())
    return [(start, start, "\\"), (end, end, "\n")]


def _is_in_link(text: str, start: int, end: int) -> bool:
    """Return whether a part of a text is in the brackets of a link."""
    depth = 0
    for position in range(end, min(len(text), end + _MAX_LINK_TEXT)):
        char = text[position]
        if char in "[]" and text[position - 1] != "\\":
            depth += 1 if char == "[" else -1
            if depth < 0:
                opening = opening_bracket(text, position)
                return text[position + 1 : position + 2] in {"(", "["} and opening is not None and opening < start
        elif text.startswith("\n\n", position):
            break
    return False


def opening_bracket(text: str, close: int) -> int | None:
    """Return the position of the bracket that the one at `close` ends."""
    depth = 0
    for position in range(close, max(-1, close - _MAX_LINK_TEXT), -1):
        char = text[position]
        if char in "[]" and (position == 0 or text[position - 1] != "\\"):
            depth += 1 if char == "]" else -1
            if depth == 0:
                return position
    return None
