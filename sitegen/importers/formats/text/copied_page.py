"""The structure of a copied page: a header block, and labels with the paragraphs below them."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from msgspec import Struct

from sitegen.content.markdown_parser import is_wide
from sitegen.importers.formats.text.labels import NO_LABEL, SUMMARIES, LabelIndex, LabelKind, LabelMatch, find_url
from sitegen.importers.markup.escape import line_kind
from sitegen.importers.values.countries import Line, has_flag

MAX_HEADER_LINE: Final = 300
"""A longer line is text, and ends the header block."""
_MAX_HEADER_LINES: Final = 40
_MAX_LABEL: Final = 40
_INVISIBLE: Final = "\u200b\u200e\u200f\u2060\ufeff"
"""Zero-width space, direction marks, word joiner and byte order mark, which pages have at the ends of lines."""
_INDENT: Final = "\u3000"
_SENTENCE_END: Final = re.compile(r"[。．.!?！？…、，,;；](?:[\"'”’」』）)]*| and| or)$")
_MARKER: Final = re.compile(r"[-*+#>]+\s|\d+[.)]\s")
_QUOTES: Final = ("「", "『", "“", '"')
_MAX_WIDTH: Final = 40
"""The width of a label between two sentences; a wide character is twice as wide as another one."""
_STOP: Final = re.compile(r"[。．.!?！？…]$")
_NOT_IN_LABEL: Final = re.compile(r"[\d:：\"“”「」『』]|^[a-z]")
"""A year, a speaker next to a quotation, a remark such as `Note: …`, or the rest of a sentence."""
_HEADING_LANGUAGE: Final = re.compile(r"\{\s*lang\s*=[^}]*\}\s*$")

Paragraph = tuple[Line, ...]
"""Consecutive lines that are not blank."""


class LabeledPart(Struct):
    """The paragraphs below a label, and the line of the label; 0 for text without a label."""

    paragraphs: list[Paragraph]
    label: LabelMatch = NO_LABEL
    line: int = 0

    @property
    def lines(self) -> list[Line]:
        """All lines below the label."""
        return [line for paragraph in self.paragraphs for line in paragraph]


def read_page(text: str, labels: LabelIndex) -> list[LabeledPart]:
    """Divide a copied page into its header block, a part with the line at which it ends, and the parts below it."""
    rows: list[Line] = []
    for number, row in enumerate(text.split("\n"), 1):
        line = clean_line(row)
        if row.startswith(_INDENT) and rows and rows[-1].text and line_kind(line) == "text":
            rows.append(Line(number, ""))  # Chinese and Japanese pages indent the first line of a paragraph
        rows.append(Line(number, line))
    last = max((row.number for row in rows if row.text), default=1)
    filled = [index for index, row in enumerate(rows) if row.text][: _MAX_HEADER_LINES + 1]
    limit = filled[_MAX_HEADER_LINES] if len(filled) > _MAX_HEADER_LINES else len(rows)
    end = next((index for index in range(limit) if ends_header(rows[index].text, labels)), limit)
    header = tuple(row for row in rows[:end] if row.text)
    number = rows[end].number if end < len(rows) else last
    return [LabeledPart([header], line=number), *_parts(rows[end:], labels)]


def clean_line(row: str) -> str:
    """Return a line without soft hyphens, and without white space (also full-width) and other invisible ends."""
    return row.replace("\u00ad", "").strip().strip(_INVISIBLE).strip()


def ends_header(line: str, labels: LabelIndex) -> bool:
    """Whether the header block is over: at the first label of a part, or at text. `Source: …` is in the header."""
    if len(line) > MAX_HEADER_LINE:
        return True
    match = labels.match(line)
    if match is None or match.kind is LabelKind.SOURCE:
        return False
    return not match.value or match.kind in SUMMARIES


def looks_like_label(line: str) -> bool:
    """Whether a line is short, with letters, and no sentence, quotation, list item, markup, row of a table or URL."""
    return (
        len(line) <= _MAX_LABEL
        and any(char.isalpha() for char in line)
        and not ends_sentence(line)
        and not line.startswith(_QUOTES)
        and not _MARKER.match(line)
        and line_kind(line) == "text"
        and not find_url(line)
        and not has_flag(line)
        and not _HEADING_LANGUAGE.search(line)
    )


def is_label_between(before: str, line: str, after: str) -> bool:
    """Whether a line between two others, without blank lines, looks like a label: both others are sentences."""
    label = line.rstrip(":：")
    return (
        looks_like_label(line)
        and not _NOT_IN_LABEL.search(label)
        and sum(1 + is_wide(char) for char in label) <= _MAX_WIDTH
        and all(_STOP.search(text) for text in (before, after))
        and not after.startswith(_QUOTES)
        and not after[0].islower()
    )


def ends_sentence(line: str) -> bool:
    """Whether a line ends with the punctuation of a sentence."""
    return _SENTENCE_END.search(line) is not None


def join_lines(lines: Iterable[str]) -> str:
    """Join lines with a space, but not between two wide characters."""
    text = ""
    for line in lines:
        space = " " if text and line and not (is_wide(text[-1]) and is_wide(line[0])) else ""
        text += f"{space}{line}"
    return text


def _parts(rows: list[Line], labels: LabelIndex) -> Iterator[LabeledPart]:
    label = NO_LABEL
    line, below = 0, list[Line]()
    seen: set[LabelKind] = set()
    for row in (*rows, None):
        match = labels.match(row.text) if row else None
        if row is not None and (match is None or not _begins_part(match, seen)):
            below.append(row)
            continue
        if label is not NO_LABEL or any(entry.text for entry in below):
            groups = groupby(below, key=lambda entry: bool(entry.text))
            yield LabeledPart([tuple(group) for is_filled, group in groups if is_filled], label, line)
        if row is not None and match is not None:
            label, line = match, row.number
            below = [Line(row.number, match.value)] if match.value else []
            seen.add(match.kind)


def _begins_part(match: LabelMatch, seen: set[LabelKind]) -> bool:
    """Whether a label begins a part here; one with text after its colon is more often a sentence than a label."""
    match match.kind:
        case LabelKind.RELATIONS:
            return match.kind not in seen and not match.value
        case LabelKind.SUMMARY | LabelKind.HUMAN_SUMMARY:
            return not seen & SUMMARIES
        case LabelKind.PERSPECTIVE:
            return not match.value or bool(seen & {LabelKind.ANALYSIS, LabelKind.PERSPECTIVE})
        case LabelKind.ORIGINAL:
            return not match.value or bool(find_url(match.value))
        case LabelKind.UNKNOWN:  # only labels in Markdown
            return True
        case LabelKind.SOURCE:
            return not match.value or find_url(match.value) == match.value
        case _:
            return not match.value
