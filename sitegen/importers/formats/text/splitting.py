"""Division of a file into the copied pages in it, one for each article."""

import re
from typing import Final

from sitegen.importers.formats.text.copied_page import clean_line, ends_header
from sitegen.importers.formats.text.header import parse_importance
from sitegen.importers.formats.text.labels import SUMMARIES, LabelIndex, LabelKind, find_url
from sitegen.importers.values.dates import parse_date

_MIN_HEADER_LINES: Final = 4
"""Title, topic, date and importance."""
_MAX_HEADER_LINES: Final = 12
_MAX_VALUE: Final = 60
_TITLE_AGAIN: Final = 24
"""Lines within which the title is expected below the header block."""
_RULE: Final = re.compile(r"([-=_*~—─])\1{3,}")


def split_pages(text: str, labels: LabelIndex) -> list[tuple[int, int]]:
    """Return the first line and the last line of each article's page, without blank lines and rules between pages.

    A page begins with consecutive lines that include a date and an importance, after the summary of the page before
    it. Text above the first page, such as navigation, belongs to no page if the title is repeated below the header. An
    article above it, whose header is not recognized, is a page, so that its problem is reported.
    """
    rows = [clean_line(row) for row in text.split("\n")]
    starts: list[int] = []
    has_summary = True
    for index, row in enumerate(rows):
        match = labels.match(row)
        if match is not None and match.kind in SUMMARIES:
            has_summary = True
        elif has_summary and _is_date(row, labels) and (start := _header_start(rows, index, labels)) is not None:
            starts.append(start)
            has_summary = False
    if not starts or rows[starts[0]].casefold() not in map(str.casefold, rows[starts[0] + 1 :][:_TITLE_AGAIN]):
        starts[:1] = [0]
    elif _has_article(rows[: starts[0]], labels):
        starts.insert(0, 0)
    pages = []
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        last = end
        while last > start + 1 and (not rows[last - 1] or _RULE.fullmatch(rows[last - 1])):
            last -= 1
        pages.append((start + 1, last))
    return pages


def _has_article(rows: list[str], labels: LabelIndex) -> bool:
    """Whether lines have a summary below a value of a header."""
    matches = ((index, labels.match(row)) for index, row in enumerate(rows))
    summary = next((index for index, match in matches if match is not None and match.kind in SUMMARIES), 0)
    return any(labels.find_topics(row) or _is_importance(row, labels) for row in rows[:summary])


def _header_start(rows: list[str], index: int, labels: LabelIndex) -> int | None:
    """Return the index of the first line of the header block around a date; None if it is not in a header block."""
    start, end = index, index + 1
    while start > 0 and index - start < _MAX_HEADER_LINES and not _is_boundary(rows, start - 1, labels):
        start -= 1
    while end < len(rows) and end - index <= _MAX_HEADER_LINES and rows[end] and not ends_header(rows[end], labels):
        end += 1
    if not _MIN_HEADER_LINES <= end - start <= _MAX_HEADER_LINES:
        return None
    return start if any(_is_importance(row, labels) for row in rows[start:end]) else None


def _is_boundary(rows: list[str], index: int, labels: LabelIndex) -> bool:
    """Whether a line ends the page before: blank, a rule, "read the original", or the URL below that."""
    row = rows[index]
    if not row or _RULE.fullmatch(row):
        return True
    if index and row == find_url(row):
        row = rows[index - 1]
    match = labels.match(row)
    return match is not None and match.kind is LabelKind.ORIGINAL


def _is_date(row: str, labels: LabelIndex) -> bool:
    return len(row) <= _MAX_VALUE and (labels.field(row)[0] is LabelKind.DATE or parse_date(row) is not None)


def _is_importance(row: str, labels: LabelIndex) -> bool:
    return labels.field(row)[0] is LabelKind.IMPORTANCE or parse_importance(row) is not None
