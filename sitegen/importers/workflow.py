"""The import of several inputs, one after the other: a refused input does not stop the others."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.documents import read_document
from sitegen.content.frontmatter import FrontMatter, ImportInfo, today
from sitegen.content.slugs import folded_path, slug_of
from sitegen.diagnostics import Diagnostics, Severity, SourceLocation
from sitegen.errors import ExternalError, UsageError
from sitegen.importers.defaults import fill_in
from sitegen.importers.existing import (
    RECORD,
    ExistingArticle,
    article_file,
    existing_articles,
    read_existing,
    read_record,
    taken_slugs,
    write_record,
)
from sitegen.importers.imported_article import ParseResult
from sitegen.importers.inputs import STDIN, Input, clean_name, input_files, read_input, report_unsupported
from sitegen.importers.matching import MatchKey, article_id, is_near_duplicate, match_key, unique_slug
from sitegen.importers.registry import detect_importer, format_names, get_importer
from sitegen.importers.report import ImportReport, Outcome
from sitegen.paths import ARTICLES
from sitegen.util.atomic_write import atomic_write

_DRY_RUN: Final = {Outcome.WRITTEN: Outcome.WOULD_WRITE, Outcome.UPDATED: Outcome.WOULD_UPDATE}


def import_files(
    inputs: Sequence[Path],
    root: Path,
    config: Config,
    now: datetime,
    *,
    source_format: str | None = None,
    dry_run: bool = False,
    again: bool = False,
    defaults: Mapping[str, Any] = MappingProxyType({}),
    diagnostics: Diagnostics | None = None,
) -> tuple[ImportReport, ...]:
    """Import files and folders into the project at `root`; return a report for each article, in the order of inputs.

    `again` also imports articles whose file has been deleted. `defaults` are values for articles without their own.
    `source_format` is the name of a format, None to detect it. `now` gives `imported.at`, in the site's time zone,
    which a naive time is already in. With `dry_run` nothing is written. What concerns no input is added to
    `diagnostics`. Raises UsageError for an unknown format.
    """
    if source_format is not None and source_format not in format_names():
        raise UsageError(f"unknown format {source_format!r}; expected one of {', '.join(format_names())}")
    local = now.astimezone(config.zone) if now.tzinfo else now
    diagnostics = Diagnostics() if diagnostics is None else diagnostics
    run = _ImportRun(
        root, config, local, source_format, defaults, diagnostics=diagnostics, dry_run=dry_run, again=again
    )
    reports = tuple(report for path in inputs for file in input_files(path) for report in run.import_one(file))
    run.finish()
    return reports


class _Candidate(Struct, frozen=True):
    """An article of an input with its identity, and the report so far, with the diagnostics that go into it."""

    file: Input
    front: FrontMatter
    body: str
    id: str
    key: MatchKey
    sha256: str
    report: ImportReport
    diagnostics: Diagnostics
    location: SourceLocation

    def finish(self, outcome: Outcome, path: str, identity: str) -> ImportReport:
        """Return the report with the outcome."""
        return replace(self.report, outcome=outcome, file=path, id=identity)


class _ImportRun:
    """One run: the articles known so far, and the inputs that they came from."""

    def __init__(
        self,
        root: Path,
        config: Config,
        now: datetime,
        source_format: str | None,
        defaults: Mapping[str, Any],
        *,
        diagnostics: Diagnostics,
        dry_run: bool,
        again: bool,
    ) -> None:
        self._root = root
        self._config = config
        self._day = today(now)
        self._format = source_format
        self._defaults = defaults
        self._dry_run = dry_run
        self._known = list(existing_articles(root, config.content_schema))
        self._slugs = taken_slugs(root)
        self._imported: dict[str, _Candidate] = {}
        self._recorded, self._unreadable = read_record(root, diagnostics)
        present = {entry.id: (entry.imported_sha256, entry.path) for entry in self._known if entry.imported_sha256}
        self._record = self._recorded | present
        deleted = [] if again else [item for item in self._recorded.items() if item[0] not in present]
        self._deleted = {key: path for identity, (sha256, path) in deleted for key in (identity, sha256)}

    def finish(self) -> None:
        """Write the record of imported articles. Raises ExternalError."""
        if self._record != self._recorded and not self._dry_run:
            try:
                write_record(self._root, self._record, self._unreadable)
            except OSError as error:
                raise ExternalError(f"cannot write {RECORD}: {error.strerror or error}") from error

    def import_one(self, path: Path) -> list[ImportReport]:
        """Import one input; return a report for each article in it, or one if it has none."""
        diagnostics = Diagnostics()
        name = _display_path(path, self._root)
        file = read_input(path, name, diagnostics, self._defaults)
        if file is None:
            return [ImportReport(name, "unknown", "", diagnostics=diagnostics.sorted())]
        importer = detect_importer(file)
        if self._format is not None and (importer or file.source.text.strip()):
            importer = get_importer(self._format)
        if importer is None:
            detected = report_unsupported(file, format_names(), diagnostics)
            return [ImportReport(name, *detected, diagnostics=diagnostics.sorted())]
        results = importer.parse(file, self._config)
        report = ImportReport(name, importer.name, importer.description)
        reports = []
        for result in results:
            diagnostics.extend(result.diagnostics)
            done = self._import_article(file, result, report, diagnostics, is_only=len(results) == 1)
            reports.append(replace(done, diagnostics=diagnostics.sorted()))
            diagnostics = Diagnostics()
        return reports

    def _import_article(
        self, file: Input, result: ParseResult, report: ImportReport, diagnostics: Diagnostics, *, is_only: bool
    ) -> ImportReport:
        """Compare an article with those that exist, and write it if it is new or its file has not been edited."""
        line = 0 if is_only else result.line
        report = replace(report, fields=result.fields, missing=result.missing, line=line)
        if result.front is None:
            return report
        front = fill_in(result.front, self._defaults)
        candidate = _Candidate(
            file=file,
            front=front,
            body=result.body,
            id=front.id or article_id(front, file.stem if is_only else ""),
            key=match_key(front),
            sha256=hashlib.sha256(result.original or file.data).hexdigest(),
            report=report,
            diagnostics=diagnostics,
            location=SourceLocation(file.path, result.line),
        )
        matches = [entry for entry in self._known if entry.id == candidate.id]
        matches += [entry for entry in self._known if entry.key == candidate.key]
        existing = matches[0] if matches else None
        if existing is not None and existing.path in self._imported:
            return self._report_repetition(candidate, existing)
        deleted = self._deleted.get(candidate.id) or self._deleted.get(candidate.sha256)
        if existing is None and deleted:
            message = f"{deleted} was imported from this page and has been deleted; it is not imported again"
            diagnostics.warning("deleted-article", candidate.location, message, hint="--again imports it")
            return candidate.finish(Outcome.DELETED, deleted, candidate.id)
        if existing is None:
            report = self._create(candidate)
        elif existing.imported_sha256 == candidate.sha256:
            report = candidate.finish(Outcome.UNCHANGED, existing.path, existing.id)
        elif existing.is_unedited:
            report = self._write(candidate, existing.id, existing.path, Outcome.UPDATED)
        else:
            report = self._report_conflict(candidate, existing)
        if report.outcome is not Outcome.REFUSED:
            self._imported[existing.path if existing else report.file or ""] = candidate
        return report

    def _report_repetition(self, candidate: _Candidate, existing: ExistingArticle) -> ImportReport:
        """Report an article that an earlier input of this run contains, too."""
        first = self._imported[existing.path]
        if first.sha256 == candidate.sha256:
            return candidate.finish(Outcome.UNCHANGED, existing.path, existing.id)
        message = f"this is the same article as {first.file.path}, with other content; it is skipped"
        hint = "import only the version to keep"
        candidate.diagnostics.warning("duplicate-input", candidate.location, message, hint=hint)
        return candidate.finish(Outcome.SKIPPED, existing.path, existing.id)

    def _create(self, candidate: _Candidate) -> ImportReport:
        for entry in self._known:
            if entry.key is not None and is_near_duplicate(entry.key, candidate.key):
                message = f"{entry.path} has nearly the same title and the same day"
                hint = "delete one of them if they are the same article"
                candidate.diagnostics.warning("near-duplicate", candidate.location, message, hint=hint)
        front = candidate.front
        base = front.slug or slug_of(front.title, front.countries, front.topics[0], candidate.id)
        slug = unique_slug(base, self._slugs)
        path = f"{ARTICLES}/{front.date.day:%Y/%m}/{slug}.md"
        if os.path.lexists(self._root / path):
            message = f"{path} already exists and is not an article"
            candidate.diagnostics.error("path-taken", candidate.location, message, hint="move or delete it")
            return candidate.report
        report = self._write(candidate, candidate.id, path, Outcome.WRITTEN)
        if report.outcome is not Outcome.REFUSED:
            self._slugs.add(folded_path(slug))
            self._known.append(ExistingArticle(path, candidate.id, candidate.key, candidate.sha256, is_unedited=True))
        return report

    def _report_conflict(self, candidate: _Candidate, existing: ExistingArticle) -> ImportReport:
        """Leave the editor's file as it is, and write the new version next to it, once."""
        path = f"{existing.path}.new"
        identity = existing.id or candidate.id
        if read_existing(self._root, path, self._config.content_schema).imported_sha256 == candidate.sha256:
            report = candidate.finish(Outcome.CONFLICT, path, identity)
        else:
            report = self._write(candidate, identity, path, Outcome.CONFLICT)
        if report.outcome is Outcome.CONFLICT:
            reason = "has been edited since its import" if existing.imported_sha256 else "was not imported"
            message = f"the input has changed, but this file {reason}; it is kept, and the new version is {path}"
            hint = "copy what you need, including the line 'imported', then delete the .new file"
            candidate.diagnostics.warning("import-conflict", SourceLocation(existing.path, 1), message, hint=hint)
        return report

    def _write(self, candidate: _Candidate, identity: str, path: str, outcome: Outcome) -> ImportReport:
        """Write the article's file, if it can be read back without errors."""
        imported = ImportInfo(candidate.file.name, candidate.sha256, candidate.report.format, self._day, digest="")
        front = replace(candidate.front, id=identity, slug=None)  # the slug is the name of the file
        data = article_file(front, candidate.body, imported)
        document, _ = read_document(path.removesuffix(".new"), data, self._config.content_schema)
        errors = [item for item in document.diagnostics if item.severity is Severity.ERROR]
        if errors:
            candidate.diagnostics.extend(errors)
            return candidate.report
        if self._dry_run:
            return candidate.finish(_DRY_RUN.get(outcome, outcome), path, identity)
        try:
            (self._root / path).parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self._root / path, data)
        except OSError as error:
            message = f"cannot write the file: {error.strerror or error}"
            candidate.diagnostics.error("write-failed", SourceLocation(path), message)
            return candidate.report
        if not path.endswith(".new"):
            self._record[identity] = (candidate.sha256, path)
        return candidate.finish(outcome, path, identity)


def _display_path(path: Path, root: Path) -> str:
    """Return the path of an input as diagnostics show it: relative to the project if it is in it."""
    if path == STDIN:
        return "stdin"
    try:
        link = path.parent.resolve() / path.name  # the input itself, not what it links to
        return clean_name(link.relative_to(root.resolve()).as_posix())
    except (ValueError, OSError, RuntimeError):
        return clean_name(path.as_posix())
