"""The block at the top of a copied page: title, topic, date, importance and source, mostly without labels."""

import re
import unicodedata
from typing import Final

from msgspec import Struct

from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.importers.countries import Line, has_flag
from sitegen.importers.dates import DateProblem, ParsedDate, parse_date
from sitegen.importers.formats.text.copied_page import CopiedPage
from sitegen.importers.formats.text.labels import HeaderField, LabelIndex, LabelKind, find_url
from sitegen.importers.imported_article import ImportLog
from sitegen.util.cldr import normalize_label
from sitegen.util.dates import PartialDate

_STARS: Final = re.compile(r"(★+)(☆*)")
_OUT_OF: Final = re.compile(r"(\d{1,3})(?:\s*/\s*(\d{1,3}))?")
_REQUIRED: Final = (
    (HeaderField.TITLE, "a title, the first line of the page"),
    (HeaderField.TOPIC, "a topic: a label of site.yaml's topics"),
    (HeaderField.DATE, "a date, such as 2026年7月3日"),
    (HeaderField.IMPORTANCE, "the importance, a number from 1 to 5"),
)


class Header(Struct):
    """The values in the header block; `others` are lines that are no part of it."""

    title: Line | None = None
    topics: tuple[str, ...] = ()
    date: PartialDate | None = None
    importance: int = 0
    source: Line | None = None
    url: Line | None = None
    countries: list[Line] = []
    others: list[Line] = []


def read_header(page: CopiedPage, labels: LabelIndex, log: ImportLog) -> Header:
    """Read the header block: lines with labels, then lines that are clear in themselves, then the others by order.

    What is missing or cannot be read is reported.
    """
    reader = _HeaderReader(page, labels, log)
    reader.read()
    return reader.header


def parse_importance(text: str) -> int | None:
    """Return the number in `5`, `５`, `5/5` or `★★★☆☆`, -1 for one out of another maximum; None for other text."""
    clean = unicodedata.normalize("NFKC", text).strip()
    if stars := _STARS.fullmatch(clean):
        return len(stars[1])
    match = _OUT_OF.fullmatch(clean)
    if match is None:
        return None
    return int(match[1]) if match[2] in (None, str(IMPORTANCE_MAX)) else -1


class _HeaderReader:
    def __init__(self, page: CopiedPage, labels: LabelIndex, log: ImportLog) -> None:
        self._page = page
        self._labels = labels
        self._log = log
        self._lines: dict[HeaderField, int] = {}
        self.header = Header()

    def read(self) -> None:
        rest: list[Line] = []
        pending: HeaderField | None = None
        for line in self._page.header:
            field, value = self._labels.field(line.text) or (None, "")
            if pending is not None:
                field, value = pending, line.text
            pending = field if not value else None
            is_set = bool(field and value and self._set_labeled(field, Line(line.number, value)))
            if pending is None and not is_set and not self._set_recognized(line):
                rest.append(line)
        self._set_by_order(rest)
        end = self._page.header_end
        first = self._page.header[0].number if self._page.header else 1
        for field, expected in _REQUIRED:
            if field not in self._lines:
                line_number = first if field is HeaderField.TITLE else end
                message = f"the header block has no {field}; expected {expected}"
                self._log.missing(field.value, line_number, message, required=True)

    def _set_labeled(self, field: HeaderField, value: Line) -> bool:
        """Set the field whose label is before a value; return False if it is set already."""
        if field in self._lines:
            return False
        match field:
            case HeaderField.TITLE:
                self._set_title(value)
            case HeaderField.TOPIC:
                self._set_topics(value)
            case HeaderField.DATE:
                problem = DateProblem("bad-date", f"{value.text!r} is not a date in a supported notation")
                self._set_date(value, parse_date(value.text) or problem)
            case HeaderField.IMPORTANCE:
                number = parse_importance(value.text)
                self._set_importance(value, -1 if number is None else number)
            case HeaderField.SOURCE:
                self._set_source(value)
            case HeaderField.COUNTRIES:
                self.header.countries.append(value)
            case HeaderField.URL:
                if self.header.url is not None or not find_url(value.text):
                    return False
                self.header.url = Line(value.number, find_url(value.text))
        return True

    def _set_recognized(self, line: Line) -> bool:
        """Set the field of a value that is clear in itself; return False if there is none."""
        text = line.text
        if has_flag(text):
            self.header.countries.append(line)
        elif HeaderField.DATE not in self._lines and (date := parse_date(text)) is not None:
            self._set_date(line, date)
        elif HeaderField.IMPORTANCE not in self._lines and (number := parse_importance(text)) is not None:
            self._set_importance(line, number)
        elif HeaderField.TOPIC not in self._lines and self._labels.find_topics(text):
            self._set_topics(line)
        else:
            url = find_url(text)
            match = self._labels.match(text) if url else None
            is_original = url == text or (match is not None and match.kind is LabelKind.ORIGINAL)
            if not url or not is_original or self.header.url is not None:
                return False
            self.header.url = Line(line.number, url)
        return True

    def _set_by_order(self, rest: list[Line]) -> None:
        """Set the fields of other lines: the title first, a topic before the date, then the source."""
        if HeaderField.TITLE not in self._lines and (title := self._find_title(rest)) is not None:
            rest.remove(title)
            self._set_title(title)
        numbers = [self._lines[field] for field in (HeaderField.DATE, HeaderField.IMPORTANCE) if field in self._lines]
        before = min(numbers, default=0)
        if (
            HeaderField.TOPIC not in self._lines
            and rest
            and (rest[0].number < before or (len(rest) > 1 and not before))
        ):
            self._set_topics(rest.pop(0))
        if HeaderField.SOURCE not in self._lines and rest:
            below = [line for part in self._page.parts if part.kind is LabelKind.SOURCE for line in part.lines]
            names = {normalize_label(line.text) for line in below}
            source = next((line for line in rest if normalize_label(line.text) in names), rest[0])
            rest.remove(source)
            self._set_source(source)
        self.header.others = rest
        for line in rest:
            hint = "it is kept in extra.header_lines of the file"
            self._log.warn("unknown-line", line.number, f"unrecognized header line {line.text[:40]!r}", hint)

    def _find_title(self, rest: list[Line]) -> Line | None:
        """Return the line that is repeated below, else the first of the page, else the first of several."""
        repeated = {normalize_label(line.text) for part in self._page.parts[:2] for line in part.lines}
        title = next((line for line in rest if normalize_label(line.text) in repeated), None)
        is_first = bool(rest) and (rest[0] == self._page.header[0] or len(rest) > 1)
        return title or (rest[0] if is_first else None)

    def _set_title(self, line: Line) -> None:
        self._lines[HeaderField.TITLE] = line.number
        self.header.title = line
        self._log.record("title", line.number, line.text)

    def _set_source(self, line: Line) -> None:
        self._lines[HeaderField.SOURCE] = line.number
        url = find_url(line.text)
        name = line.text.replace(url, "").strip(" \u3000()（）-–—:：") if url else line.text
        if url and self.header.url is None:
            self.header.url = Line(line.number, url)
        if name:
            self.header.source = Line(line.number, name)
            self._log.record("source.name", line.number, name)

    def _set_topics(self, line: Line) -> None:
        self._lines[HeaderField.TOPIC] = line.number
        self.header.topics = self._labels.find_topics(line.text)
        if self.header.topics:
            self._log.record("topics", line.number, f"{line.text} → {', '.join(self.header.topics)}")
            return
        self._log.diagnostics.error(
            "unknown-topic",
            self._log.location(line.number, line.text),
            f"{line.text[:60]!r} is not a topic of site.yaml",
            got=line.text,
            allowed=self._labels.topic_labels,
            hint="add it to site.yaml, under topics or as an alias of one",
        )

    def _set_date(self, line: Line, date: ParsedDate | DateProblem) -> None:
        self._lines[HeaderField.DATE] = line.number
        location = self._log.location(line.number, line.text)
        if isinstance(date, DateProblem):
            self._log.diagnostics.error(date.code, location, date.message, hint=date.hint)
            return
        self.header.date = date.date
        self._log.record("date", line.number, line.text)
        if date.warning:
            self._log.diagnostics.warning("other-weekday", location, date.warning)

    def _set_importance(self, line: Line, number: int) -> None:
        self._lines[HeaderField.IMPORTANCE] = line.number
        if IMPORTANCE_MIN <= number <= IMPORTANCE_MAX:
            self.header.importance = number
            self._log.record("importance", line.number, line.text)
            return
        message = f"invalid importance {line.text[:20]!r}; expected a number from {IMPORTANCE_MIN} to {IMPORTANCE_MAX}"
        self._log.diagnostics.error("bad-importance", self._log.location(line.number, line.text), message)
