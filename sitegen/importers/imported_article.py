"""What was read from one input, before it becomes a file: values, and where each of them stood."""

import dataclasses
from dataclasses import field

from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.util.dates import PartialDate
from sitegen.util.frozen import dataclass

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Section:
    """Paragraphs of plain text under one label.

    `key` names the perspective; None with a label is a label nobody knows, None without one is the article's text.
    Lines of a paragraph are divided by newlines.
    """

    paragraphs: tuple[str, ...]
    key: str | None = None
    label: str = ""
    lang: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that one input said, as plain text. `topics` and `countries` are keys of the digest, main one first.

    `unknown_countries` and `header_lines` hold, word for word, what no key was found for. `sections` is all the text in
    the order of the page; `taken` says for each field where its value stood.
    """

    title: str
    topics: tuple[str, ...]
    date: PartialDate
    importance: int
    source_name: str
    source_url: str | None
    lang: str
    summary: str
    machine_summary: bool
    countries: tuple[str, ...]
    unknown_countries: tuple[str, ...]
    header_lines: tuple[str, ...]
    sections: tuple[Section, ...]
    taken: tuple[tuple[str, str], ...]

    @property
    def perspectives(self) -> tuple[Section, ...]:
        """The sections under labels of perspectives."""
        return tuple(section for section in self.sections if section.key is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one input gave: a draft unless something required is missing, and the account of it."""

    draft: Draft | None
    taken: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


_LEFT_OUT = "left out"
_ORDER = ("title", "date", "lang", "topics", "countries", "importance", "source", "summary", "generated", "text")


def _rank(name: str) -> int:
    """Return where a field stands in a report; perspectives come behind the text, what was left out comes last."""
    top = name.partition(".")[0]
    if top in _ORDER:
        return _ORDER.index(top)
    return len(_ORDER) + (name == _LEFT_OUT)


@dataclasses.dataclass(slots=True)
class Account:
    """Collects, while an input is read, what was found, where, and what is wrong with it."""

    source: SourceText
    diagnostics: Diagnostics
    missing: list[str] = field(default_factory=list)
    _taken: list[tuple[str, int, str]] = field(default_factory=list)
    _rows: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._rows = self.source.text.split("\n")

    def location(self, line: int, text: str = "") -> SourceLocation:
        """Return the place of `text` in `line`, or of the line."""
        row = self._rows[line - 1] if 0 < line <= len(self._rows) else ""
        return SourceLocation(self.source.path, line, row.find(text) + 1 if text else 0, row)

    def take(self, name: str, line: int, what: str) -> None:
        """Note where the value of a field came from; line 0 where it stands nowhere on the page."""
        shown = " ".join(what.split())
        shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
        self._taken.append((name, line, f"line {line}: {shown}" if line else what))

    def left_out(self, line: int, what: str) -> None:
        """Note that something which is known already was not taken again."""
        self._taken.append((_LEFT_OUT, line, f"line {line}: {what}"))

    def lack(
        self, name: str, line: int, message: str, *, required: bool = False, code: str = "", hint: str = ""
    ) -> None:
        """Note that a field is missing which was expected at `line`: an error when it is required."""
        self.missing.append(name)
        report = self.diagnostics.error if required else self.diagnostics.warning
        report(code or f"missing-{name}", self.location(line), message, hint=hint)

    def line_ending(self, text: str) -> int:
        """Return the number of the line that ends with the last line of `text`; 0 where there is none."""
        last = text.rsplit("\n", maxsplit=1)[-1]
        return next((number for number, row in enumerate(self._rows, 1) if row.rstrip().endswith(last)), 0)

    def ordered(self) -> tuple[tuple[str, str], ...]:
        """Return what was taken, in the order of the front matter, what was left out behind it."""
        entries = sorted(self._taken, key=lambda entry: (_rank(entry[0]), entry[1]))
        return tuple((name, where) for name, _, where in entries)
