"""The import of several inputs, one after the other: none stops the others."""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import structs

from sitegen.config.model import Config
from sitegen.content.articles import read_article
from sitegen.content.frontmatter import ImportInfo, today
from sitegen.content.markdown import MAX_BODY_CHARACTERS
from sitegen.content.slugs import folded_path, slug_of
from sitegen.diagnostics import Diagnostics, Severity, SourceLocation, SourceText
from sitegen.errors import UsageError
from sitegen.importers import files
from sitegen.importers.article import file_bytes
from sitegen.importers.detect import FORMATS, TEXT, Detected, detect_bytes, detect_text, encoding_hint
from sitegen.importers.files import Existing
from sitegen.importers.imported_article import Draft, Reading
from sitegen.importers.matching import Likeness, free_slug, identifier, likeness, nearly_same
from sitegen.importers.report import ImportReport, Outcome
from sitegen.importers.text import read_text
from sitegen.paths import ARTICLES
from sitegen.util.dates import PartialDate
from sitegen.util.frozen import dataclass
from sitegen.yaml_source.nodes import decode, strip_forbidden

Reader = Callable[[SourceText, Config, Diagnostics], Reading]

READERS: Final[dict[str, Reader]] = {TEXT: read_text}
"""One reader a format: a decoded source to a draft."""

_DRY: Final = {Outcome.WRITTEN: Outcome.WOULD_WRITE, Outcome.UPDATED: Outcome.WOULD_UPDATE}


def run(
    inputs: Sequence[Path], root: Path, config: Config, now: datetime, *, source_format: str | None, dry_run: bool
) -> tuple[ImportReport, ...]:
    """Import files into the project at `root`; one report for each input, in their order.

    `source_format` is what `--from` said, None to go by the content. `now` gives `imported.at`, in the site's zone (a
    time without a zone is in it already). With `dry_run` nothing is written and the reports say what would be. Raises
    UsageError for a format that has no reader.
    """
    if source_format is not None and source_format not in FORMATS:
        raise UsageError(f"there is no format {source_format!r}; expected one of {', '.join(FORMATS)}")
    local = now.astimezone(config.zone) if now.tzinfo else now
    job = _Import(root, config, today(local), source_format, dry_run=dry_run)
    return tuple(job.one(path) for path in inputs)


@dataclass(frozen=True, slots=True)
class _Input:
    """An input that has been read: its name in findings, its file's name and stem, what it is."""

    shown: str
    name: str
    stem: str
    data: bytes
    detected: Detected

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclasses.dataclass(slots=True)
class _Import:
    """One run: the articles that are known so far, and the inputs they came from."""

    root: Path
    config: Config
    day: PartialDate
    source_format: str | None
    dry_run: bool
    known: list[Existing] = field(default_factory=list)
    came_from: dict[str, _Input] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = list(files.scan_articles(self.root))

    def one(self, path: Path) -> ImportReport:
        """Import one input."""
        diagnostics = Diagnostics()
        shown = _shown(path, self.root)
        data = files.read_input(path, shown, diagnostics)
        if data is None:
            return ImportReport(shown, "unknown", "", Outcome.REFUSED, diagnostics=diagnostics.sorted())
        detected, source = self._source(shown, data, diagnostics)
        report = ImportReport(shown, detected.format, detected.what, Outcome.REFUSED)
        if source is not None:
            given = _Input(shown, _clean(path.name), path.stem, data, detected)
            reading = READERS[detected.format](source, self.config, diagnostics)
            report = replace(report, taken=reading.taken, missing=reading.missing)
            if reading.draft is not None:
                report = self._location(_Case(given, reading.draft, report, diagnostics))
        return replace(report, diagnostics=diagnostics.sorted())

    def _source(self, shown: str, data: bytes, diagnostics: Diagnostics) -> tuple[Detected, SourceText | None]:
        """Decode an input and say what it is; no source comes back, and an error, when it cannot be imported."""
        location = SourceLocation(shown, 1)
        if not data.strip():
            diagnostics.error("input-empty", location, "the file is empty")
            return Detected("empty", "an empty file"), None
        detected = detect_bytes(data)
        if detected is not None:
            hint = encoding_hint(data) if detected.format == "utf-16" else _IMPORTED
            code = "not-utf-8" if detected.format == "utf-16" else "input-binary"
            diagnostics.error(code, location, f"this is {detected.what}, not text in UTF-8", hint=hint)
            return detected, None
        source = _decoded(shown, data, diagnostics)
        if source is None:
            return Detected("unknown", "text that is not UTF-8"), None
        if not source.text.strip():
            diagnostics.error("input-empty", location, "the file has no text")
            return Detected("empty", "an empty file"), None
        if len(source.text) > MAX_BODY_CHARACTERS:
            message = f"{len(source.text):,} characters of text; an article has at most {MAX_BODY_CHARACTERS:,}"
            diagnostics.error("text-too-large", location, message)
            return Detected("unknown", "a long text"), None
        detected = detect_text(source.text)
        if self.source_format is not None:
            what = detected.what if detected.format == self.source_format else f"looks like {detected.what}"
            return Detected(self.source_format, f"{what}, as --from says"), source
        if detected.importable:
            return detected, source
        hint = f"{_IMPORTED}; --from text reads it as that"
        diagnostics.error("format-not-imported", location, f"this is {detected.what}", hint=hint)
        return detected, None

    def _location(self, case: "_Case") -> ImportReport:
        """Find the article that the draft is, compare, and write."""
        existing = self._find(case)
        if existing is not None and existing.path in self.came_from:
            return self._second(case, existing)
        if existing is None:
            report = self._create(case)
        elif existing.imported_sha256 == case.given.sha256:
            report = case.ended(Outcome.UNCHANGED, existing.path, existing.id)
        elif existing.untouched:
            report = self._write(case, existing.id, existing.path, Outcome.UPDATED)
        else:
            report = self._conflict(case, existing)
        if report.outcome is not Outcome.REFUSED:
            self.came_from[existing.path if existing else report.file or ""] = case.given
        return report

    def _find(self, case: "_Case") -> Existing | None:
        by_id = next((entry for entry in self.known if entry.id == case.id), None)
        return by_id or next((entry for entry in self.known if entry.likeness == case.likeness), None)

    def _second(self, case: "_Case", existing: Existing) -> ImportReport:
        """Report an input that is the article of an earlier input of this run."""
        first = self.came_from[existing.path]
        if first.data == case.given.data:
            return case.ended(Outcome.UNCHANGED, existing.path, existing.id)
        message = f"this is the same article as {first.shown}, with other content; it is left out"
        case.diagnostics.warning("duplicate-input", case.location, message, hint="import the one that counts by itself")
        return case.ended(Outcome.SKIPPED, existing.path, existing.id)

    def _create(self, case: "_Case") -> ImportReport:
        for entry in self.known:
            if entry.likeness is not None and nearly_same(entry.likeness, case.likeness):
                message = f"nearly the same title on the same day as {entry.path}"
                case.diagnostics.warning(
                    "near-duplicate", case.location, message, hint="delete one if they are the same"
                )
        day = case.draft.date.day
        slugs = {folded_path(slug) for entry in self.known for slug in (entry.slug, Path(entry.path).stem)}
        slug = free_slug(slug_of(case.draft.title, case.draft.countries, case.draft.topics[0], case.id), slugs)
        path = f"{ARTICLES}/{day.year:04}/{day.month:02}/{slug}.md"
        if files.is_there(self.root, path):  # no article, or one that came into being after the run began
            case.diagnostics.error("path-taken", case.location, f"{path} is there already and is not an article")
            return case.report
        report = self._write(case, case.id, path, Outcome.WRITTEN)
        if report.outcome is not Outcome.REFUSED:
            self.known.append(Existing(path, slug, case.id, case.likeness, case.given.sha256, untouched=True))
        return report

    def _conflict(self, case: "_Case", existing: Existing) -> ImportReport:
        """Leave the editor's file alone and put the new version beside it, once."""
        beside = f"{existing.path}.new"
        identity = existing.id or case.id
        if files.read_new_version(self.root, beside) == case.given.sha256:
            report = case.ended(Outcome.CONFLICT, beside, identity)
        else:
            report = self._write(case, identity, beside, Outcome.CONFLICT)
        if report.outcome is Outcome.CONFLICT:
            why = "was changed by hand since its import" if existing.imported_sha256 else "was not made by an import"
            message = f"the input is new, but this file {why}; it stays, and the new version is {beside}"
            hint = "take over what you want, with the line 'imported', and delete the .new file"
            case.diagnostics.warning("import-conflict", SourceLocation(existing.path, 1), message, hint=hint)
        return report

    def _write(self, case: "_Case", identity: str, path: str, outcome: Outcome) -> ImportReport:
        """Write the article's file when it reads back without errors."""
        given = case.given
        imported = ImportInfo(given.name, given.sha256, given.detected.format, self.day, "")
        data = file_bytes(case.draft, identity, imported, self.config)
        read = read_article(path.removesuffix(".new"), data, self.config.content_schema)
        errors = [item for item in read.diagnostics if item.severity is Severity.ERROR]
        if errors:
            case.diagnostics.extend(errors)
            return case.report
        if self.dry_run:
            return case.ended(_DRY.get(outcome, outcome), path, identity)
        try:
            files.write_file(self.root, path, data)
        except OSError as error:
            case.diagnostics.error(
                "write-failed", SourceLocation(path), f"cannot be written: {error.strerror or error}"
            )
            return case.report
        return case.ended(outcome, path, identity)


@dataclass(frozen=True, slots=True)
class _Case:
    """One input with its draft: what the article is known by, and where its findings and its report go."""

    given: _Input
    draft: Draft
    report: ImportReport
    diagnostics: Diagnostics

    @property
    def id(self) -> str:
        return identifier(self.given.stem, self.draft)

    @property
    def likeness(self) -> Likeness:
        return likeness(self.draft.title, self.draft.date.day, self.draft.source_name)

    @property
    def location(self) -> SourceLocation:
        return SourceLocation(self.given.shown, 1)

    def ended(self, outcome: Outcome, file: str, identity: str) -> ImportReport:
        """Return the report with what became of the input."""
        return replace(self.report, outcome=outcome, file=file, id=identity)


_IMPORTED: Final = "this version imports copied page text (text)"


def _shown(path: Path, root: Path) -> str:
    """Return an input's name as findings have it: relative to the project where it lies in it."""
    try:
        return _clean(path.resolve().relative_to(root.resolve()).as_posix())
    except (ValueError, OSError, RuntimeError):
        return _clean(path.as_posix())


def _clean(name: str) -> str:
    """Return a file's name as text: without control characters, and `?` for bytes that are not UTF-8."""
    return strip_forbidden(name.encode("utf-8", "replace").decode()) or "?"


def _decoded(shown: str, data: bytes, diagnostics: Diagnostics) -> SourceText | None:
    """Decode UTF-8, line ends as newlines; control characters are taken out once, here, and reported."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems = Diagnostics()
        decode(shown, data, problems)
        hint = encoding_hint(data)
        diagnostics.extend(structs.replace(item, hint=hint) for item in problems)
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    clean = strip_forbidden(text)
    source = SourceText(shown, clean)
    if clean != text:
        first = next(index for index, (old, new) in enumerate(zip(text, f"{clean}\0", strict=False)) if old != new)
        message = f"{len(text) - len(clean)} control characters, which pages cannot carry, are left out"
        diagnostics.warning("control-character", source.location_at(min(first, len(clean))), message)
    return source
