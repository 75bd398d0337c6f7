"""Pages with labels in Markdown, as language models write them: `**Date:** 2026-07-03`, `## Economic impact`."""

import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.importers.formats.text.labels import LabelIndex, LabelKind, LabelMatch, label_key
from sitegen.importers.inputs import InputError

_HEADING: Final = re.compile(r"(?P<level>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*")
_BOLD: Final = re.compile(r"(?P<item>[-*][ \t]+)?(?P<mark>\*\*|__)(?P<label>[^*_]{1,80})(?P=mark)(?P<value>.*)")
_LINK: Final = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<url>https?://[^()\s]+)\)")
_RULE: Final = re.compile(r"\s*(?:[-*_]{3,}\s*)?")
"""A blank line or a rule."""
_COLONS: Final = (":", "：")
_BREAK: Final = re.compile(r"(?:[ \t]{2,}|\\)$")


def split_marked_pages(text: str, labels: LabelIndex) -> list[tuple[int, int]]:
    """Return the first and the last line of each article of a text whose labels are in Markdown, by headings `# Title`.

    The result is empty for another text. Raises InputError for several articles without such headings.
    """
    plain, is_marked = without_marks(text, labels)
    if not is_marked:
        return []
    rows = text.split("\n")
    dates = [number for number, row in enumerate(plain.split("\n"), 1) if labels.field(row)[0] is LabelKind.DATE]
    starts = [number for number, row in enumerate(rows, 1) if row.startswith("# ")]
    if len(dates) < 2:
        return [(1, len(rows))]
    if len(starts) < len(dates) or starts[0] > dates[0]:
        hint = "put each one into a file of its own, or a heading '# Title' above each"
        raise InputError("not-an-article", dates[1], "a second article begins here", hint)
    pages = []
    for start, end in zip(starts, [*starts[1:], len(rows) + 1], strict=True):
        last = next(number for number in range(end - 1, 0, -1) if not _RULE.fullmatch(rows[number - 1]))
        pages.append((start, last))
    return pages


def without_marks(text: str, labels: LabelIndex) -> tuple[str, bool]:
    """Return a page with its title and labels as plain text, and whether it has a label in Markdown.

    Another page is returned as it is. Lines keep their numbers.
    """
    rows = text.split("\n")
    plain = [_plain_label(row.strip(), labels) for row in rows]
    if not any(row is not None for row in plain):
        return text, False
    first = next(number for number, row in enumerate(rows) if row.strip())
    title = _HEADING.fullmatch(rows[first].strip())
    if title is not None:
        plain[first] = title["text"].replace("**", "")
    return "\n".join(row if known is None else known for row, known in zip(rows, plain, strict=True)), True


def with_unknown_labels(text: str, labels: LabelIndex) -> LabelIndex:
    """Return the labels of a page: below one of a perspective, also each other one that is written in the same way."""
    unknown: dict[str, LabelMatch] = {}
    known = None
    for row in text.split("\n"):
        style, line = _label_style(row.strip())
        if style is None:
            continue
        match = labels.match(line)
        if match is None and known is not None and labels.field(line)[0] is None and style.is_like(known):
            unknown.setdefault(label_key(style.text), LabelMatch(LabelKind.UNKNOWN, style.text))
        elif match is not None and match.kind is LabelKind.PERSPECTIVE:
            known = style
    return replace(labels, labels={**unknown, **labels.labels}) if unknown else labels


class _Style(Struct, frozen=True):
    """The text of a label in Markdown, and how it is written: the level of a heading, as an item, before a text."""

    text: str
    level: int = 0
    is_item: bool = False
    has_value: bool = False

    def is_like(self, other: "_Style") -> bool:
        """Whether a label is written as another one, or is a heading of a higher level."""
        if self.level or other.level:
            return 0 < self.level <= other.level
        return (self.is_item, self.has_value) == (other.is_item, other.has_value)


def _label_style(row: str) -> tuple[_Style | None, str]:
    """Return how a line of Markdown that may begin with a label is written, and the line without its marks."""
    if heading := _HEADING.fullmatch(row):
        text = heading["text"].replace("**", "")
        return _Style(text, len(heading["level"])), text
    bold = _BOLD.fullmatch(row)
    if bold is None:
        return None, row
    label, value = bold["label"].strip(), bold["value"].strip()
    if value and not label.endswith(_COLONS) and not value.startswith(_COLONS):
        return None, row
    style = _Style(label.rstrip(":：").rstrip(), 0, bool(bold["item"]), bool(value.lstrip(":：")))
    return style, f"{label}{value}" if value.startswith(_COLONS) else f"{label} {value}".strip()


def _plain_label(row: str, labels: LabelIndex) -> str | None:
    """Return a line that is a label in Markdown, or begins with one, without its marks; None for another line."""
    heading = _HEADING.fullmatch(row)
    bold = _BOLD.fullmatch(heading["text"] if heading else row)
    if bold is not None:
        label, value = bold["label"].strip(), _BREAK.sub("", bold["value"])
        line = f"{label}{value}" if value.lstrip().startswith(_COLONS) else f"{label} {value.strip()}".strip()
    elif heading is not None:
        line = heading["text"]
    else:
        return None
    kind, _ = labels.field(line)
    if kind is None and labels.match(line) is None:
        return None
    return _LINK.sub(r"\g<text> \g<url>", line) if kind is not None else line
