"""One input: its format, and the articles in it. Nothing is written, so several processes can do it for many inputs."""

import hashlib
from pathlib import Path
from typing import Final

from msgspec.structs import asdict, replace

from sitegen.config.model import Config
from sitegen.content.frontmatter import FrontMatter
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.importers.imported_article import ParseResult
from sitegen.importers.inputs import (
    STDIN,
    ImportOptions,
    Input,
    InputError,
    clean_name,
    is_compressed_copy,
    is_program_file,
    link_problem,
    read_input,
    unsupported_format,
)
from sitegen.importers.registry import IMPORTERS, detect_importer
from sitegen.importers.report import ImportReport, Outcome
from sitegen.util.plugins import each_returned, returned

_MAX_TITLE: Final = 40
_RESULTS: Final = "a list of values of the type ParseResult"


def parse_input(
    path: Path, folder: Path | None, *, root: Path, config: Config, options: ImportOptions
) -> list[ImportReport]:
    """Return the articles in an input, or the reason why it has none. `folder` is the input that it is a file of."""
    address = options.addresses.get(str(path))
    report = ImportReport(name=clean_name(address) if address else _display_path(path, root))
    whole = SourceLocation(report.name)
    if folder is not None and (problem := link_problem(path, folder)):
        hint = "name its target as an input if you need it"
        return [report.warned("skipped-file", problem, hint, location=whole).finished(Outcome.SKIPPED)]
    if folder is not None and is_compressed_copy(path):
        message = f"{path.suffix.lower()} files next to the file that they are a copy of are skipped"
        return [report.warned("skipped-file", message, location=whole).finished(Outcome.SKIPPED)]
    diagnostics = Diagnostics()
    try:
        file = read_input(path, report.name, diagnostics, options, folder)
    except InputError as error:
        return [report.failed(error.code, str(error), error.hint, location=whole)]
    report = report.reported(diagnostics)
    importer = detect_importer(file)
    if importer is None and folder is not None and is_program_file(file):
        message = f"{Path(file.name).suffix.lower()} files in a folder are skipped"
        return [report.warned("skipped-file", message, location=whole).finished(Outcome.SKIPPED)]
    if options.source_format and (importer or file.source.text.strip()):
        importer = IMPORTERS[options.source_format]
    if importer is None:
        name, description, reason = unsupported_format(file, IMPORTERS)
        return [replace(report, format=name, description=description).reported([reason])]
    report = replace(report, format=importer.name, description=importer.description)
    try:
        results = list(each_returned(importer.parse, importer.parse(file, config), ParseResult, _RESULTS))
    except InputError as error:
        return [report.failed(error.code, str(error), error.hint, location=file.source.location(error.line))]
    is_only = len(results) == 1
    for result in results:
        returned(importer.parse, result.front, FrontMatter | None, "ParseResult(front, body) with a FrontMatter")
        returned(importer.parse, result.body, str, "ParseResult(front, body) with a body of the type str")
    articles = [_article(result, file, report, is_only=is_only) for result in results]
    if not articles:
        return [report]
    articles[0] = replace(articles[0], diagnostics=(*report.diagnostics, *articles[0].diagnostics))
    return articles


def _article(result: ParseResult, file: Input, report: ImportReport, *, is_only: bool) -> ImportReport:
    """Return the report on one article of an input."""
    diagnostics = Diagnostics(result.diagnostics)
    if not is_only and len(file.source.lines) == 1 and result.front is not None:
        title = result.front.title[:_MAX_TITLE]  # a line number says nothing in an export of one line
        diagnostics = Diagnostics(replace(item, message=f"{title!r}: {item.message}") for item in diagnostics)
    front = None if diagnostics.errors else result.front
    return replace(
        report,
        **asdict(result) | {"diagnostics": tuple(diagnostics), "front": front},
        is_only=is_only,
        outcome=Outcome.SKIPPED if front is None and not diagnostics.errors else Outcome.REFUSED,
        input_name=file.name,
        stem=file.stem if is_only else "",
        sha256=hashlib.sha256(result.original or file.data).hexdigest(),
    )


def _display_path(path: Path, root: Path) -> str:
    """Return the path of an input as diagnostics show it: relative to the project if it is in it."""
    if path == STDIN:
        return "stdin"
    try:
        link = path.parent.resolve() / path.name  # the input itself, not what it links to
        return clean_name(link.relative_to(root.resolve()).as_posix())
    except (ValueError, OSError, RuntimeError):
        return clean_name(path.as_posix())
