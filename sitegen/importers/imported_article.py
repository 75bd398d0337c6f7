"""The values that an importer returns: articles, and a log of how each one was read."""

from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.frontmatter import FrontMatter
from sitegen.diagnostics import MAX_EXCERPT_CHARACTERS, Diagnostic, Diagnostics, SourceLocation
from sitegen.importers.inputs import Input

INCOMPLETE: Final = "incomplete-article"
"""The code of the warning that an article is a draft because its input does not have all values."""
DATE_OF_FILE: Final = "the input has no date; the draft has the day on which its file was modified"
_MAX_SHOWN: Final = 60
_OMITTED: Final = "left out"
_ORDER: Final = ("title", "date", "lang", "topics", "countries", "importance", "source", "summary", "generated", "text")


class TranslatedText(Struct, frozen=True):
    """A translation of an article: its language, its front matter as plain values without `id`, and its Markdown."""

    lang: str
    values: dict[str, Any]
    body: str


class ParseResult(Struct, frozen=True):
    """One article of an input, or the reasons why it cannot be imported (`front` is None).

    `front` has no `imported`, and an empty `id` unless the input itself assigns one. `body` is Markdown that a build
    reads without errors. `fields` are the names of fields with the origin of their values. `line` is the article's
    first line, and `original` its part of the input, empty if it is all of it. `addresses` are those that the article
    had, `base_url` that of its site. `unknown_tags` are names that stand for no topic or country. `pictures` are files
    to copy, with their paths in content/. `origin` is the path of the article's file in another digest: it gives the
    new file its name, and links in the texts are relative to it. It is empty for other inputs. `translation_group` is
    the same for the versions of an article in several languages, and empty for one without others. `is_translation` if
    it is not in the default language of the old site. `is_private` if the article was not public. `is_undated` if the
    input has no date: `front` has that of the file.
    """

    front: FrontMatter | None = None
    body: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    line: int = 1
    original: bytes = b""
    addresses: tuple[str, ...] = ()
    base_url: str = ""
    unknown_tags: tuple[str, ...] = ()
    pictures: tuple[tuple[str, Path], ...] = ()
    origin: str = ""
    translations: tuple[TranslatedText, ...] = ()
    translation_group: str = ""
    is_translation: bool = False
    is_private: bool = False
    is_undated: bool = False


_NOTHING: Final = ParseResult()


class ImportLog:
    """Records the origin of each field of the article at a line of `file`, missing fields and diagnostics."""

    def __init__(self, file: Input, config: Config, line: int = 1) -> None:
        self.diagnostics = Diagnostics()
        self.file = file
        self.config = config
        self.line = line
        self.defaults = file.options.defaults
        self.unknown_tags: tuple[str, ...] = ()
        self._source = file.source
        self._missing: list[str] = []
        self._entries: list[tuple[str, int, str]] = []

    def location(self, line: int, text: str = "") -> SourceLocation:
        """Return the location of `text` in `line` (from 1), or of the line; the start of a long line says nothing."""
        row = self._source.lines[line - 1] if 0 < line <= len(self._source.lines) else ""
        column = row.find(text) + 1 if text else 0
        if not column and len(row) > MAX_EXCERPT_CHARACTERS:
            return SourceLocation(self._source.path, line)
        return self._source.location(line, column)

    def record(self, name: str, line: int, value: str) -> None:
        """Record the line that a field's value comes from; 0 for a value that is not on the page."""
        shown = " ".join(value.split())
        shown = shown if len(shown) <= _MAX_SHOWN else f"{shown[: _MAX_SHOWN - 1]}…"
        self._entries.append((name, line, f"line {line}: {shown}" if line else value))

    def omit(self, line: int, what: str) -> None:
        """Record that a line repeats what is known, and is not imported again."""
        self._entries.append((_OMITTED, line, f"line {line}: {what}"))

    def missing(
        self,
        fields: str | list[str],
        line: int,
        message: str,
        *,
        required: bool = False,
        code: str = "",
        hint: str = "",
    ) -> None:
        """Report fields that were expected at `line`: as an error if they are required, else as a warning.

        A field with a default is recorded instead.
        """
        if isinstance(fields, str) and fields in self.defaults:
            self._entries.append((fields, 0, "the default"))
            return
        self._missing += [fields] if isinstance(fields, str) else fields
        add = self.diagnostics.error if required else self.diagnostics.warning
        add(code or f"missing-{fields}", self.location(line), message, hint=hint)

    def report(self, code: str, line: int, message: str, hint: str = "") -> None:
        """Report a warning about a line."""
        self.diagnostics.warning(code, self.location(line), message, hint=hint)

    def skipped(self, message: str, hint: str = "") -> ParseResult:
        """Return the result for a part of the input that is not an article."""
        self.report("skipped-file", self.line, message, hint)
        return self.result(None)

    def result(self, front: FrontMatter | None, body: str = "", others: ParseResult = _NOTHING) -> ParseResult:
        """Return the result of parsing; `others` has further values of it.

        The fields are in the order of the front matter, omissions come last.
        """
        entries = sorted(self._entries, key=lambda entry: (_rank(entry[0]), entry[1]))
        return replace(
            others,
            front=None if self.diagnostics.errors else front,
            body=body,
            fields=tuple((name, origin) for name, _, origin in entries),
            missing=tuple(self._missing),
            diagnostics=self.diagnostics.sorted(),
            line=self.line,
            unknown_tags=self.unknown_tags,
        )


def _rank(name: str) -> int:
    top = name.partition(".")[0]
    return _ORDER.index(top) if top in _ORDER else len(_ORDER) + (name == _OMITTED)
