"""One input: its format, and the articles in it. Nothing is written, so several processes can do it for many inputs."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.frontmatter import FrontMatter
from sitegen.content.markdown import read_body
from sitegen.diagnostics import Diagnostics, Severity, SourceLocation, SourceText
from sitegen.importers.imported_article import InputError, ParseResult
from sitegen.importers.inputs import STDIN, Input, clean_name, is_program_file, read_input, report_unsupported, resolved
from sitegen.importers.options import ImportOptions
from sitegen.importers.registry import detect_importer, format_names, get_importer
from sitegen.importers.report import ImportReport, Outcome

_NO_RESULT: Final = ParseResult(None)
_MAX_TITLE: Final = 40


class InputArticle(Struct):
    """An article of an input, or an input without one, on its way to a file.

    `name` is the file name of the input, `stem` that without its suffix if it has no other article, and `sha256` the
    hash of the article's part of it. `front`, `id`, `path`, `values` (front matter as YAML) and `body` are those of the
    file to write; `path` is empty if none is.
    """

    report: ImportReport
    diagnostics: Diagnostics
    result: ParseResult = _NO_RESULT
    name: str = ""
    stem: str = ""
    sha256: str = ""
    front: FrontMatter | None = None
    id: str = ""
    path: str = ""
    values: str = ""
    body: str = ""

    @property
    def location(self) -> SourceLocation:
        """The first line of the article."""
        return SourceLocation(self.report.name, self.result.line)

    def finish(self, outcome: Outcome, path: str | None = None, identity: str | None = None) -> None:
        """Set the outcome."""
        self.report = replace(self.report, outcome=outcome, file=path, id=identity)


def parse_input(
    path: Path, root: Path, config: Config, options: ImportOptions, *, is_listed: bool
) -> list[InputArticle]:
    """Return the articles in an input, or the reason why it has none. `is_listed` if it is a file of a folder."""
    diagnostics = Diagnostics()
    address = options.addresses.get(str(path))
    report = ImportReport(clean_name(address) if address else _display_path(path, root), "unknown", "")
    file = read_input(path, report.name, diagnostics, options)
    if file is None:
        return [InputArticle(report, diagnostics)]
    importer = detect_importer(file)
    if importer is None and is_listed and is_program_file(file):
        message = f"{Path(file.name).suffix.lower()} files in a folder are skipped"
        diagnostics.warning("skipped-file", SourceLocation(file.path), message)
        return [InputArticle(replace(report, outcome=Outcome.SKIPPED), diagnostics)]
    if options.source_format and (importer or file.source.text.strip()):
        importer = get_importer(options.source_format)
    if importer is None:
        name, description = report_unsupported(file, format_names(), diagnostics)
        return [InputArticle(replace(report, format=name, description=description), diagnostics)]
    report = replace(report, format=importer.name, description=importer.description)
    results: tuple[ParseResult, ...] = ()
    try:
        results = tuple(importer.parse(file, config))
    except InputError as error:
        diagnostics.error(error.code, file.source.location(error.line), str(error), hint=error.hint)
    if not results:
        return [InputArticle(report, diagnostics)]
    return [*_articles(results, file, report, diagnostics, config)]


def _articles(
    results: tuple[ParseResult, ...], file: Input, report: ImportReport, diagnostics: Diagnostics, config: Config
) -> Iterator[InputArticle]:
    """Yield an article for each result of a parser; the first gets the diagnostics of the input."""
    is_only = len(results) == 1
    for result in results:
        found = result.diagnostics
        if not is_only and len(file.source.lines) == 1 and result.front is not None:
            title = result.front.title[:_MAX_TITLE]  # a line number says nothing in an export of one line
            found = tuple(replace(item, message=f"{title!r}: {item.message}") for item in found)
        diagnostics.extend(found)
        if result.front is not None and not result.is_checked:
            _check_text(result, report.name, config, diagnostics)
        errors = any(item.severity is Severity.ERROR for item in diagnostics)
        yield InputArticle(
            replace(
                report,
                outcome=Outcome.SKIPPED if result.front is None and not errors else Outcome.REFUSED,
                line=0 if is_only else result.line,
                fields=result.fields,
                missing=result.missing,
                unknown_tags=result.unknown_tags,
            ),
            diagnostics,
            result if not errors else replace(result, front=None),
            file.name,
            file.stem if is_only else "",
            hashlib.sha256(result.original or file.data).hexdigest(),
        )
        diagnostics = Diagnostics()


def _check_text(result: ParseResult, name: str, config: Config, diagnostics: Diagnostics) -> None:
    """Report what a build would reject in the text of an article."""
    found = Diagnostics()
    read_body(SourceText(name, result.body), result.body, found, perspectives=config.perspectives)
    for item in found.sorted():
        if item.severity is Severity.ERROR:
            diagnostics.append(replace(item, location=SourceLocation(name, result.line)))


def _display_path(path: Path, root: Path) -> str:
    """Return the path of an input as diagnostics show it: relative to the project if it is in it."""
    if path == STDIN:
        return "stdin"
    try:
        link = resolved(path.parent) / path.name  # the input itself, not what it links to
        return clean_name(link.relative_to(resolved(root)).as_posix())
    except (ValueError, OSError, RuntimeError):
        return clean_name(path.as_posix())
