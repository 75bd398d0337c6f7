"""A copied page as lines and parts: which label stands above which lines. Nothing is understood yet."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from sitegen.content.markdown_parser import is_wide
from sitegen.importers.countries import has_flag
from sitegen.importers.labels import Kind, Lexicon, Marker, find_url
from sitegen.util.frozen import dataclass

_HEADER_LINE: Final = 300
"""A longer line is text, and ends the header block."""
_HEADER_LINES: Final = 40
"""More lines than this are no header block."""
_LABEL_LENGTH: Final = 40
_INVISIBLE: Final = "\u200b\u200e\u200f\u2060\ufeff"
"""Zero-width space, direction marks, word joiner, byte order mark: what pages hide at the ends of their lines."""
_SENTENCE_END = re.compile(r"[。．.!?！？…、，,;；][\"'”’」』）)]*$")
_BULLET = re.compile(r"[-*+•・◦]\s|\d+[.)]\s")
_HEADING_LANGUAGE = re.compile(r"\{\s*lang\s*=[^}]*\}\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without white space at its ends; `number` counts from 1."""

    number: int
    text: str


Block = tuple[Line, ...]
"""What stands between blank lines."""


@dataclass(frozen=True, slots=True)
class Part:
    """A label, where it stands (line 0 for text under no label), and the blocks of lines below it."""

    marker: Marker | None
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The header block's lines, the parts below it, and the number of the line at which the header block ends."""

    header: tuple[Line, ...]
    header_end: int
    parts: tuple[Part, ...]


def read_page(text: str, lexicon: Lexicon) -> Page:
    """Divide a copied page into its header block and its parts."""
    rows = [Line(number, _stripped(row)) for number, row in enumerate(text.split("\n"), 1)]
    last = max((row.number for row in rows if row.text), default=1)
    filled = [index for index, row in enumerate(rows) if row.text][: _HEADER_LINES + 1]
    limit = filled[_HEADER_LINES] if len(filled) > _HEADER_LINES else len(rows)
    end = next((index for index in range(limit) if _ends_header(rows[index].text, lexicon)), limit)
    header = tuple(row for row in rows[:end] if row.text)
    return Page(header, rows[end].number if end < len(rows) else last, tuple(_parts(rows[end:], lexicon)))


def _stripped(row: str) -> str:
    """Return a line without white space (full-width too) and invisible signs at its ends."""
    return row.strip().strip(_INVISIBLE).strip()


def is_label(line: str) -> bool:
    """Whether a line that stands alone looks like a label: short, with letters, no sentence, list item or address."""
    return (
        len(line) <= _LABEL_LENGTH
        and any(char.isalpha() for char in line)
        and not _SENTENCE_END.search(line)
        and not _BULLET.match(line)
        and not find_url(line)
        and not has_flag(line)
        and not _HEADING_LANGUAGE.search(line)
    )


def ends_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _SENTENCE_END.search(line) is not None


def joined(lines: Iterable[str]) -> str:
    """Return lines as one, without a space between two wide characters."""
    text = ""
    for line in lines:
        space = " " if text and line and not (is_wide(text[-1]) and is_wide(line[0])) else ""
        text += f"{space}{line}"
    return text


def _ends_header(line: str, lexicon: Lexicon) -> bool:
    """Whether the header block is over: at the first label of a part, or at text. `Source: …` is a line of it."""
    if len(line) > _HEADER_LINE:
        return True
    marker = lexicon.marker(line) if line else None
    if marker is None or marker.kind is Kind.SOURCE:
        return False
    return not marker.value or marker.kind in {Kind.SUMMARY, Kind.HUMAN_SUMMARY}


def _parts(rows: list[Line], lexicon: Lexicon) -> Iterator[Part]:
    marker: Marker | None = None
    line = 0
    below: list[Line] = []
    seen: set[Kind] = set()
    for row in rows:
        found = lexicon.marker(row.text) if row.text else None
        if found is None or not _opens(found, seen):
            below.append(row)
            continue
        if marker is not None or any(entry.text for entry in below):
            yield Part(marker, line, _blocks(below))
        marker, line = found, row.number
        below = [Line(row.number, found.value)] if found.value else []
        seen.add(found.kind)
    if marker is not None or any(entry.text for entry in below):
        yield Part(marker, line, _blocks(below))


def _opens(marker: Marker, seen: set[Kind]) -> bool:
    """Whether a label opens a part here; what has text behind a colon is more often a sentence than a label."""
    match marker.kind:
        case Kind.RELATIONS:
            return marker.kind not in seen and not marker.value
        case Kind.SUMMARY | Kind.HUMAN_SUMMARY:
            return not seen & {Kind.SUMMARY, Kind.HUMAN_SUMMARY}
        case Kind.PERSPECTIVE:
            return not marker.value or bool(seen & {Kind.ANALYSIS, Kind.PERSPECTIVE})
        case Kind.ORIGINAL:
            return not marker.value or bool(find_url(marker.value))
        case _:
            return not marker.value


def _blocks(rows: list[Line]) -> tuple[Block, ...]:
    groups = groupby(rows, key=lambda row: bool(row.text))
    return tuple(tuple(group) for filled, group in groups if filled)
