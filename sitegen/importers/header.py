"""The block at the top of a copied page: title, topic, date, importance and source, mostly without labels."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.importers.copied_page import Line, Page
from sitegen.importers.countries import has_flag
from sitegen.importers.dates import DateProblem, DateRead, read_date
from sitegen.importers.imported_article import Account
from sitegen.importers.labels import HeaderField, Kind, Lexicon, find_url
from sitegen.util.cldr import normalize_label
from sitegen.util.dates import PartialDate

_STARS = re.compile(r"(★+)(☆*)")
_OUT_OF = re.compile(r"(\d{1,3})(?:\s*/\s*(\d{1,3}))?")


@dataclass(slots=True)
class Header:
    """What the header block said. `problems` names the fields that stand there but could not be read."""

    title: Line | None = None
    topics: tuple[str, ...] = ()
    date: PartialDate | None = None
    importance: int | None = None
    source: Line | None = None
    url: Line | None = None
    countries: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    problems: set[HeaderField] = field(default_factory=set)


_ONCE: Final = (HeaderField.TITLE, HeaderField.TOPIC, HeaderField.DATE, HeaderField.IMPORTANCE, HeaderField.SOURCE)


def read_header(page: Page, lexicon: Lexicon, account: Account) -> Header:
    """Read the header block: labelled lines by their labels, the others by what they look like, then by their order.

    What is missing or cannot be read is reported; nothing is guessed.
    """
    reader = _HeaderReader(page, lexicon, account)
    reader.read()
    return reader.header


def read_importance(text: str) -> int | None:
    """Return the number that `5`, `５`, `5/5` or `★★★☆☆` stands for, in or out of range; None for other text."""
    clean = unicodedata.normalize("NFKC", text).strip()
    if stars := _STARS.fullmatch(clean):
        return len(stars[1])
    match = _OUT_OF.fullmatch(clean)
    if match is None:
        return None
    return int(match[1]) if match[2] in (None, str(IMPORTANCE_MAX)) else -1


class _HeaderReader:
    def __init__(self, page: Page, lexicon: Lexicon, account: Account) -> None:
        self._page = page
        self._lexicon = lexicon
        self._account = account
        self._seen: dict[HeaderField, int] = {}
        self.header = Header()

    def read(self) -> None:
        rest: list[Line] = []
        pending: HeaderField | None = None
        for line in self._page.header:
            labelled = self._lexicon.field(line.text) if pending is None else (pending, line.text)
            pending = None
            if labelled is not None and not labelled[1]:
                pending = labelled[0]
            elif (labelled is None or not self._by_label(*labelled, line)) and not self._by_look(line):
                rest.append(line)
        self._by_order(rest)
        self._report_missing()

    def _by_label(self, name: HeaderField, value: str, line: Line) -> bool:
        """Take a value whose label stands before it; False where that field has one already."""
        if name in self._seen and name in _ONCE:
            return False
        found = Line(line.number, value)
        match name:
            case HeaderField.TITLE:
                self._title(found)
            case HeaderField.TOPIC:
                self._topic(found)
            case HeaderField.DATE:
                self._date(found, read_date(value) or DateProblem("bad-date", f"{value!r} is not a date that is known"))
            case HeaderField.IMPORTANCE:
                number = read_importance(value)
                self._importance(found, -1 if number is None else number)
            case HeaderField.SOURCE:
                self._source(found)
            case HeaderField.COUNTRIES:
                self.header.countries.append(found)
            case HeaderField.URL:
                if self.header.url is not None or not find_url(value):
                    return False
                self.header.url = Line(line.number, find_url(value))
        return True

    def _by_look(self, line: Line) -> bool:
        """Take a line that shows by itself what it is."""
        text = line.text
        if has_flag(text):
            self.header.countries.append(line)
            return True
        if HeaderField.DATE not in self._seen and (date := read_date(text)) is not None:
            self._date(line, date)
            return True
        if HeaderField.IMPORTANCE not in self._seen and (number := read_importance(text)) is not None:
            self._importance(line, number)
            return True
        if HeaderField.TOPIC not in self._seen and self._lexicon.topics_of(text):
            self._topic(line)
            return True
        url = find_url(text)
        marker = self._lexicon.marker(text) if url else None
        if self.header.url is None and (url == text != "" or (marker is not None and marker.kind is Kind.ORIGINAL)):
            self.header.url = Line(line.number, url)
            return True
        return False

    def _by_order(self, rest: list[Line]) -> None:
        """Give the other lines their fields: the title first, a topic before the date, then the source."""
        if HeaderField.TITLE not in self._seen and (title := self._title_of(rest)) is not None:
            rest.remove(title)
            self._title(title)
        mark = min(
            (self._seen[name] for name in (HeaderField.DATE, HeaderField.IMPORTANCE) if name in self._seen), default=0
        )
        if HeaderField.TOPIC not in self._seen and rest and (rest[0].number < mark or (len(rest) > 1 and not mark)):
            self._topic(rest.pop(0))
        if HeaderField.SOURCE not in self._seen and rest:
            name = next((line for line in rest if normalize_label(line.text) in self._names_below()), rest[0])
            rest.remove(name)
            self._source(name)
        for line in rest:
            self.header.others.append(line)
            message = f"{line.text[:40]!r} stands in the header block and is none of its parts"
            hint = "it is kept in extra.header_lines of the file"
            self._account.diagnostics.warning("unknown-line", self._account.location(line.number), message, hint=hint)

    def _title_of(self, rest: list[Line]) -> Line | None:
        """Return the line that stands again below, else the first of the page, else the first of several."""
        repeated = {
            normalize_label(line.text) for part in self._page.parts[:2] for block in part.blocks for line in block
        }
        for line in rest:
            if normalize_label(line.text) in repeated:
                return line
        first = self._page.header[0] if self._page.header else None
        if rest and (rest[0] == first or len(rest) > 1):
            return rest[0]
        return None

    def _names_below(self) -> set[str]:
        """Return what stands below the labels of sources, folded."""
        parts = (part for part in self._page.parts if part.marker is not None and part.marker.kind is Kind.SOURCE)
        return {normalize_label(line.text) for part in parts for block in part.blocks for line in block}

    def _title(self, line: Line) -> None:
        self._seen[HeaderField.TITLE] = line.number
        self.header.title = line
        self._account.take("title", line.number, line.text)

    def _source(self, line: Line) -> None:
        self._seen[HeaderField.SOURCE] = line.number
        url = find_url(line.text)
        name = line.text.replace(url, "").strip(" \u3000()（）-–—:：") if url else line.text
        if url and self.header.url is None:
            self.header.url = Line(line.number, url)
        if name:
            self.header.source = Line(line.number, name)
            self._account.take("source.name", line.number, name)

    def _topic(self, line: Line) -> None:
        self._seen[HeaderField.TOPIC] = line.number
        self.header.topics = self._lexicon.topics_of(line.text)
        if self.header.topics:
            self._account.take("topics", line.number, f"{line.text} → {', '.join(self.header.topics)}")
            return
        self.header.problems.add(HeaderField.TOPIC)
        self._account.diagnostics.error(
            "unknown-topic",
            self._account.location(line.number, line.text),
            f"{line.text[:60]!r} is no topic of site.yaml",
            got=line.text,
            allowed=self._lexicon.topic_labels,
            hint="add it to site.yaml, under topics or as an alias of one",
        )

    def _date(self, line: Line, read: DateRead | DateProblem) -> None:
        self._seen[HeaderField.DATE] = line.number
        location = self._account.location(line.number, line.text)
        if isinstance(read, DateProblem):
            self.header.problems.add(HeaderField.DATE)
            self._account.diagnostics.error(read.code, location, read.message, hint=read.hint)
            return
        self.header.date = read.stamp
        self._account.take("date", line.number, line.text)
        if read.doubt:
            self._account.diagnostics.warning("other-weekday", location, read.doubt)

    def _importance(self, line: Line, number: int) -> None:
        self._seen[HeaderField.IMPORTANCE] = line.number
        if IMPORTANCE_MIN <= number <= IMPORTANCE_MAX:
            self.header.importance = number
            self._account.take("importance", line.number, line.text)
            return
        self.header.problems.add(HeaderField.IMPORTANCE)
        message = f"the importance is {line.text[:20]!r}; expected a number from {IMPORTANCE_MIN} to {IMPORTANCE_MAX}"
        self._account.diagnostics.error("bad-importance", self._account.location(line.number, line.text), message)

    def _report_missing(self) -> None:
        """Report the parts that are not there, at the line where the block ends (the title: where it begins)."""
        header, end = self.header, self._page.header_end
        first = self._page.header[0].number if self._page.header else 1
        parts = (
            (HeaderField.TITLE, "title", header.title, first, "a title, the first line of the page"),
            (HeaderField.TOPIC, "topic", header.topics, end, "a topic: a label of site.yaml's topics"),
            (HeaderField.DATE, "date", header.date, end, "a date, such as 2026年7月3日"),
            (HeaderField.IMPORTANCE, "importance", header.importance, end, "the importance, a number from 1 to 5"),
        )
        for name, code, value, line, what in parts:
            if not value and name not in header.problems:
                self._account.lack(code, line, f"the header block has no {name}; expected {what}", required=True)
