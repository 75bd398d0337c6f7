"""The import of several inputs: parse them, choose a file for each article, resolve links between them, write.

Each stage returns new reports. A refused input does not stop the others.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.frontmatter import today
from sitegen.diagnostics import Diagnostic, Diagnostics, ExternalError, UsageError
from sitegen.importers.existing import existing_articles, read_record, write_record
from sitegen.importers.inputs import STDIN, ImportOptions, input_files
from sitegen.importers.parsing import parse_input
from sitegen.importers.placement import Placement
from sitegen.importers.registry import IMPORTERS
from sitegen.importers.report import ImportReport, Outcome
from sitegen.importers.texts import with_texts
from sitegen.importers.translations import join_translations
from sitegen.importers.writing import write_article
from sitegen.util.collector import gc_disabled
from sitegen.util.paths import CONTENT_ROOT, OUTPUT

_NO_OPTIONS: Final = ImportOptions()
Progress = Callable[[int, int], None]
"""Called with the number of files that are read, and of all."""
_MIN_FILES: Final = 100
"""Fewer files are read before other processes have started."""
_BATCH: Final = 16
"""Files that are sent to a process together."""
_LOSSES: Final = frozenset(
    {
        *("formatting-omitted", "html-as-text", "embed-as-link", "image-as-link", "link-as-text", "unmapped-value"),
        *("control-character", "undecodable-text", "bad-alias", "duplicate-input", "unread-syntax", "aside-omitted"),
    }
)
"""Warnings that something of an input is not in the article, or only as text."""
_DRY_RUN: Final = {Outcome.WRITTEN: Outcome.WOULD_WRITE, Outcome.UPDATED: Outcome.WOULD_UPDATE}


def import_files(
    inputs: Sequence[Path],
    root: Path,
    config: Config,
    now: datetime,
    *,
    options: ImportOptions = _NO_OPTIONS,
    diagnostics: Diagnostics | None = None,
    progress: Progress = lambda _done, _total: None,
    start_workers: Callable[[], Executor] | None = None,
) -> tuple[ImportReport, ...]:
    """Import files and folders into the project at `root`; return a report for each article, in the order of inputs.

    `now` gives `imported.at`, in the site's time zone, which a naive time is already in. What concerns no input is
    added to `diagnostics`. `start_workers` returns processes that parse many files. Raises UsageError for an unknown
    format and for a folder with the digest itself, and ExternalError.
    """
    if options.source_format and options.source_format not in IMPORTERS:
        raise UsageError(f"unknown format {options.source_format!r}; expected one of {', '.join(IMPORTERS)}")
    own = [(root / name).resolve() for name in (CONTENT_ROOT, OUTPUT)]
    for path in inputs:
        if path.is_dir() and any(folder.is_relative_to(path.resolve()) for folder in own):
            raise UsageError(f"{path} has the files of the digest itself; name the files or the folder to import")
    day = today(now.astimezone(config.zone) if now.tzinfo else now)
    with gc_disabled():
        known = existing_articles(root, config.content_schema)
        recorded, unreadable = read_record(root, Diagnostics() if diagnostics is None else diagnostics)
        present = {entry.id: (entry.imported_sha256, entry.path) for entry in known if entry.imported_sha256}
        deleted = () if options.again else [entry for entry in recorded.items() if entry[0] not in present]
        placement = Placement(root, config, day, options, known=known, deleted=dict(deleted))
        parsed = _parse(
            inputs, partial(parse_input, root=root, config=config, options=options), progress, start_workers
        )
        placed = placement.place(join_translations(parsed, config.locales, day))
        articles = with_texts(placed, root, day, config.content_schema)
        loss = next(filter(_losses, articles), None) if options.strict else None
        if loss is not None or options.dry_run:
            return _sorted(
                _refused(item) if item is loss else replace(item, outcome=_DRY_RUN.get(item.outcome, item.outcome))
                for item in articles
            )
        written = [write_article(root, article) for article in articles]
        files = ((item, item.file) for item in written if item.file and item.values)
        new = {item.id or "": (item.sha256, path) for item, path in files if not path.endswith(".new")}
        record = recorded | present | new
        if record != recorded:
            write_record(root, record, unreadable)
        return _sorted(written)


def _parse(
    inputs: Iterable[Path],
    parse: Callable[[Path, Path | None], list[ImportReport]],
    progress: Progress,
    start_workers: Callable[[], Executor] | None,
) -> list[ImportReport]:
    """Return the articles in all files of the inputs, without reports on pictures that a text shows."""
    files = [(file, path if file != path else None) for path in inputs for file in input_files(path)]
    articles: list[tuple[Path, ImportReport]] = []
    for number, parsed in enumerate(_mapped(parse, files, start_workers)):
        progress(number, len(files))
        articles += [(files[number][0], article) for article in parsed]
    shown = {file.resolve() for _, article in articles for _, file in article.pictures}
    return [item for file, item in articles if item.outcome is not Outcome.SKIPPED or file.resolve() not in shown]


def _mapped(
    parse: Callable[[Path, Path | None], list[ImportReport]],
    files: Sequence[tuple[Path, Path | None]],
    start_workers: Callable[[], Executor] | None,
) -> Iterator[list[ImportReport]]:
    """Yield the articles of each file, in the order of the files, each of which has the input folder that it is in."""
    paths, folders = [path for path, _ in files], [folder for _, folder in files]
    if start_workers is None or len(files) < _MIN_FILES or STDIN in paths:
        yield from map(parse, paths, folders)
        return
    executor = start_workers()
    try:
        yield from executor.map(parse, paths, folders, chunksize=_BATCH)
    except BrokenExecutor as error:
        raise ExternalError("a process that read inputs died (killed, or out of memory); import fewer") from error
    finally:
        executor.shutdown(cancel_futures=True)


def _losses(article: ImportReport) -> list[Diagnostic]:
    """Return the warnings that something of an article is lost."""
    return [item for item in Diagnostics(article.diagnostics).sorted() if item.code in _LOSSES]


def _refused(loss: ImportReport) -> ImportReport:
    """Return an article that is refused because something of it would be lost."""
    first = _losses(loss)[0]
    message = f"--strict: {first.message}; nothing is written"
    return loss.failed("strict-loss", message, "import without --strict to accept it", location=first.location)


def _sorted(articles: Iterable[ImportReport]) -> tuple[ImportReport, ...]:
    """Return the reports with their diagnostics in the order of a report."""
    return tuple(replace(item, diagnostics=Diagnostics(item.diagnostics).sorted()) for item in articles)
