"""The block at the top of a copied page: title, topic, date, importance and source, mostly without labels."""

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.diagnostics import Diagnostic
from sitegen.importers.formats.text.copied_page import MAX_HEADER_LINE, LabeledPart
from sitegen.importers.formats.text.labels import NO_LABEL, LabelIndex, LabelKind, find_url, label_key
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.values.countries import Line, has_flag
from sitegen.importers.values.dates import date_problem, parse_date
from sitegen.importers.values.publication_dates import dateline, publication_date
from sitegen.util.cldr import normalize_label

if TYPE_CHECKING:
    from sitegen.util.dates import PartialDate

_STARS: Final = re.compile(r"(★+)(☆*)")
_LABEL: Final = re.compile(r"(?:重要度|importance)\s*", re.IGNORECASE)
_OUT_OF: Final = re.compile(r"(\d{1,3})(?:\s*/\s*(\d{1,3}))?")
_REQUIRED: Final = {
    LabelKind.TITLE: "a title, the first line of the page",
    LabelKind.TOPIC: "a topic: a label of site.yaml's topics",
    LabelKind.DATE: "a date, such as 2026年7月3日",
    LabelKind.IMPORTANCE: f"the importance, a number from {IMPORTANCE_MIN} to {IMPORTANCE_MAX}",
}

_LIKE_DATE: Final = re.compile(r"\d{4}\D+\d|\d\D+\d{4}")
"""A line with a year and another number. If the header has no date, such a line is it, in an unknown notation."""
_MAX_DATE: Final = 60
_DATELINES: Final = 3
"""Parts below the header whose first line may begin with a place and a date."""
_MAX_OTHERS: Final = 3
_DEFAULTS: Final = frozenset({"topics", "importance", "summary"})
_KINDS: Final = frozenset(
    label_key(label)
    for label in (
        *("報道発表資料", "報道発表", "報道資料", "記者発表資料", "プレスリリース", "ニュースリリース"),
        *("Press release", "News release", "Media release", "For immediate release", "보도자료", "新闻稿", "新聞稿"),
        *("Siaran pers", "Siaran media", "Thông cáo báo chí", "ข่าวประชาสัมพันธ์"),
    )
)
"""Headings above the title that say what a page is."""
_CLEAR: Final = (LabelKind.TOPIC, LabelKind.DATE, LabelKind.IMPORTANCE)


def parse_importance(text: str) -> int | None:
    """Return the number in `5`, `5/5`, `★★★☆☆` or `重要度 5`, -1 if another maximum is given; None for other text."""
    clean = _LABEL.sub("", unicodedata.normalize("NFKC", text).strip(), count=1)
    if stars := _STARS.fullmatch(clean):
        return len(stars[1])
    match = _OUT_OF.fullmatch(clean)
    if match is None:
        return None
    return int(match[1]) if match[2] in (None, str(IMPORTANCE_MAX)) else -1


class Header:
    """The values in the header block of a page; `others` are lines that are no part of it.

    Lines with labels count first, then lines that are clear in themselves, then the others by their order. Missing
    and invalid values are reported, unless the page `is_missing` a header block altogether. It is also missing from an
    `is_unlabeled` page, such as a press release, which has a date and no label of a part. `long_line` says so if the
    block ends because a line is too long.
    """

    def __init__(self, page: list[LabeledPart], labels: LabelIndex, log: ImportLog) -> None:
        self.title: Line | None = None
        self.topics: tuple[str, ...] = ()
        self.date: PartialDate | None = None
        self.importance = 0
        self.source: Line | None = None
        self.url: Line | None = None
        self.countries: list[Line] = []
        (block, *self._parts), self._labels, self._log = page, labels, log
        self._rows, self.end = block.lines, block.line
        self._lines: dict[LabelKind, int] = {}
        self.others = self._read_lines()
        self.is_missing = self._lines.keys().isdisjoint(_CLEAR) and not log.defaults.keys() & {"topics", "date"}
        is_dated = self._lines.keys() & {*_CLEAR} == {LabelKind.DATE} and not log.defaults.keys() & _DEFAULTS
        self.is_unlabeled = is_dated and all(part.label is NO_LABEL for part in self._parts)
        self.is_missing |= self.is_unlabeled
        if not self.is_missing:
            self._set_by_order(self.others)
            self._report_others()
        self.long_line = _long_line(self._parts, self.end)
        hint = self.long_line and f"{self.long_line}: shorten it if it is the title"
        for field, expected in _REQUIRED.items():
            if field not in self._lines and not self.is_missing:
                number = self._rows[0].number if field is LabelKind.TITLE and self._rows else self.end
                message = f"the header block has no {field}; expected {expected}"
                key = "topics" if field is LabelKind.TOPIC else field.value
                log.missing(key, number, message, required=True, code=f"missing-{field}", hint=hint)

    def _read_lines(self) -> list[Line]:
        """Read the lines with labels and those that are clear in themselves; return the others."""
        rest: list[Line] = []
        pending: LabelKind | None = None
        for line in self._rows:
            field, value = self._labels.field(line.text)
            if pending is not None:
                field, value = pending, line.text
            pending = None if value else field
            if pending is not None:
                continue
            if field is None or field in self._lines or (field is LabelKind.URL and not find_url(value)):
                field, value = self._recognize(line.text), line.text
            if field is None and label_key(line.text) in _KINDS:
                self._log.omit(line.number, "the kind of the document")
            elif field is None:
                rest.append(line)
            else:
                self._set(field, Line(line.number, value))
        return rest

    def _recognize(self, text: str) -> LabelKind | None:
        """Return the field, not yet set, of a value that is clear in itself."""
        url = find_url(text)
        match = self._labels.match(text) if url else None
        fits = {
            LabelKind.RELATIONS: has_flag(text),
            LabelKind.DATE: bool(publication_date(text)),
            LabelKind.IMPORTANCE: parse_importance(text) is not None,
            LabelKind.TOPIC: bool(self._labels.find_topics(text)),
            LabelKind.URL: bool(url) and (url == text or (match is not None and match.kind is LabelKind.ORIGINAL)),
        }
        return next((field for field, fit in fits.items() if fit and field not in self._lines), None)

    def _set_by_order(self, rest: list[Line]) -> None:
        """Remove the title from the other lines, a topic above the date, and the source, and set these fields."""
        if LabelKind.TITLE not in self._lines and (title := self._find_title(rest)) is not None:
            label = normalize_label(title.text)
            again = [line for line in rest if normalize_label(line.text) == label]
            for line in again:
                rest.remove(line)
                if line != title:
                    self._log.omit(line.number, "the title again")
            self._set(LabelKind.TITLE, title)
        texts = (part.lines[0] for part in self._parts[:_DATELINES] if part.lines)
        first = next((line for line in texts if dateline(line.text)), None)
        if LabelKind.DATE not in self._lines and first is not None:
            self._set(LabelKind.DATE, first)
        if LabelKind.DATE not in self._lines and "date" not in self._log.defaults:
            like_date = next(
                (line for line in rest if _LIKE_DATE.search(line.text) and len(line.text) <= _MAX_DATE), None
            )
            if like_date is not None:
                rest.remove(like_date)
                self._set(LabelKind.DATE, like_date)
        if LabelKind.TOPIC not in self._lines and rest:
            numbers = [self._lines.get(field, 0) for field in (LabelKind.DATE, LabelKind.IMPORTANCE)]
            before = min((number for number in numbers if number), default=0)
            if rest[0].number < before or (len(rest) > 1 and not before):
                self._set(LabelKind.TOPIC, rest.pop(0))
        if LabelKind.SOURCE not in self._lines and rest:
            below = [line for part in self._parts if part.label.kind is LabelKind.SOURCE for line in part.lines]
            names = {normalize_label(line.text) for line in below}
            title_number = self._lines.get(LabelKind.TITLE, 0)
            first = next((line for line in rest if line.number > title_number), rest[0])
            source = next((line for line in rest if normalize_label(line.text) in names), first)
            rest.remove(source)
            self._set(LabelKind.SOURCE, source)

    def _report_others(self) -> None:
        """Report lines that are no part of the header; many of them, such as a page without labels, only once."""
        first, *further = [(line.number, repr(line.text[:40])) for line in self.others] or [(0, "")]
        if len(further) >= _MAX_OTHERS:
            message = f"{len(self.others)} unrecognized header lines, from {first[1]} to {further[-1][1]}"
            hint = (
                "put text below the label of a summary, such as AI サマリー; the lines are kept in extra.header_lines"
            )
            self._log.report("unknown-line", first[0], message, hint)
            return
        for number, text in (first, *further) if self.others else ():
            hint = "it is kept in extra.header_lines of the file"
            self._log.report("unknown-line", number, f"unrecognized header line {text}", hint)

    def _find_title(self, rest: list[Line]) -> Line | None:
        """Return the line that is repeated below, else the first of the page, else the first of several."""
        below = [line for part in self._parts[:2] for line in part.lines]
        counts = Counter(normalize_label(line.text) for line in (*rest, *below))
        repeated = {label for label, count in counts.items() if count > 1}
        title = next((line for line in rest if normalize_label(line.text) in repeated), None)
        is_first = bool(rest) and (rest[0] == self._rows[0] or len(rest) > 1)
        return title or (rest[0] if is_first else None)

    def _set(self, field: LabelKind, line: Line) -> None:
        """Set a field to the value in a line, or report that it is not valid."""
        if field is not LabelKind.RELATIONS:
            self._lines[field] = line.number
        match field:
            case LabelKind.TITLE:
                self.title = line
                self._log.record("title", *line)
            case LabelKind.TOPIC:
                self._set_topics(line)
            case LabelKind.DATE:
                self._set_date(line)
            case LabelKind.IMPORTANCE:
                self._set_importance(line)
            case LabelKind.SOURCE:
                self._set_source(line)
            case LabelKind.URL:
                self.url = self.url or Line(line.number, find_url(line.text))
            case LabelKind.RELATIONS:
                self.countries.append(line)

    def _set_topics(self, line: Line) -> None:
        self.topics = self._labels.find_topics(line.text)
        if self.topics:
            self._log.record("topics", line.number, f"{line.text} → {', '.join(self.topics)}")
            return
        message = f"{line.text[:60]!r} is not a topic of site.yaml"
        if "topics" in self._log.defaults:
            self._log.report("unknown-topic", line.number, message, hint="the default is used")
            return
        hint = "add it to site.yaml, under topics or as an alias of one"
        known = tuple(name for term in self._log.config.topics for name in term.all_names())
        location = self._log.location(*line)
        self._log.diagnostics.error("unknown-topic", location, message, got=line.text, allowed=known, hint=hint)

    def _set_date(self, line: Line) -> None:
        date = parse_date(publication_date(line.text) or dateline(line.text))
        if date is None:
            hint = "write 2026-07-03 or 2026年7月3日"
            date = date_problem("bad-date", f"{line.text!r} is not a date in a supported notation", hint)
        if isinstance(date, Diagnostic):
            self._log.diagnostics.extend([replace(date, location=self._log.location(*line))])
            return
        self.date, warning = date
        self._log.record("date", *line)
        if warning:
            self._log.diagnostics.warning("other-weekday", self._log.location(*line), warning)

    def _set_importance(self, line: Line) -> None:
        number = parse_importance(line.text) or -1
        if IMPORTANCE_MIN <= number <= IMPORTANCE_MAX:
            self.importance = number
            self._log.record("importance", *line)
            return
        expected = f"expected a number from {IMPORTANCE_MIN} to {IMPORTANCE_MAX}"
        message = f"invalid importance {line.text[:20]!r}; {expected}"
        self._log.diagnostics.error("bad-importance", self._log.location(*line), message)

    def _set_source(self, line: Line) -> None:
        url = find_url(line.text)
        name = line.text.replace(url, "").strip(" \u3000()（）-–—:：") if url else line.text
        if url:
            self._set(LabelKind.URL, line)
        if name:
            self.source = Line(line.number, name)
            self._log.record("source.name", *self.source)


def _long_line(parts: list[LabeledPart], end: int) -> str:
    """Return what is wrong with line `end` if the header block ends because it is too long; else empty."""
    first = next((line for part in parts[:1] if part.label is NO_LABEL for line in part.lines), None)
    if first is None or first.number != end or len(first.text) <= MAX_HEADER_LINE:
        return ""
    return (
        f"line {end} has {len(first.text):,} characters; expected at most {MAX_HEADER_LINE} in a title or another value"
    )
