"""The import of several inputs, one after the other: a refused input does not stop the others."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import read_front
from sitegen.content.frontmatter import FrontMatter, ImportInfo, Review, review_hash, today
from sitegen.content.slugs import folded_path, slug_of, slug_problem, valid_slug
from sitegen.diagnostics import Diagnostics, ExternalError, Severity, SourceLocation, SourceText, UsageError
from sitegen.importers.addresses import address_key, link_targets, old_addresses
from sitegen.importers.defaults import fill_in
from sitegen.importers.existing import (
    RECORD,
    ExistingArticle,
    article_file,
    existing_articles,
    import_values,
    missing_values,
    read_existing,
    read_record,
    taken_slugs,
    translation_file,
    write_record,
)
from sitegen.importers.inputs import STDIN, ImportOptions, input_files
from sitegen.importers.links import Find, move_links, moved_path, resolve_links
from sitegen.importers.matching import MatchKey, article_id, is_near_duplicate, match_key, unique_slug
from sitegen.importers.parsing import parse_input
from sitegen.importers.pictures import PictureNames
from sitegen.importers.registry import format_names
from sitegen.importers.report import ImportReport, Outcome
from sitegen.importers.translations import join_translations
from sitegen.util.atomic_write import atomic_write
from sitegen.util.collector import gc_disabled
from sitegen.util.paths import ARTICLES, CONTENT_ROOT

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
        *("control-character", "undecodable-text", "bad-alias", "duplicate-input", "unread-syntax"),
    }
)
"""Warnings that something of an input is not in the article, or only as text."""
_DRY_RUN: Final = {Outcome.WRITTEN: Outcome.WOULD_WRITE, Outcome.UPDATED: Outcome.WOULD_UPDATE}


def _no_progress(_done: int, _total: int) -> None:
    """Ignore the progress of an import."""


def import_files(
    inputs: Sequence[Path],
    root: Path,
    config: Config,
    now: datetime,
    *,
    options: ImportOptions = _NO_OPTIONS,
    diagnostics: Diagnostics | None = None,
    progress: Progress = _no_progress,
    start_workers: Callable[[], Executor] | None = None,
) -> tuple[ImportReport, ...]:
    """Import files and folders into the project at `root`; return a report for each article, in the order of inputs.

    `now` gives `imported.at`, in the site's time zone, which a naive time is already in. What concerns no input is
    added to `diagnostics`. `start_workers` returns processes that parse many files. Raises UsageError for an unknown
    format, and ExternalError.
    """
    if options.source_format and options.source_format not in format_names():
        raise UsageError(f"unknown format {options.source_format!r}; expected one of {', '.join(format_names())}")
    local = now.astimezone(config.zone) if now.tzinfo else now
    run = _ImportRun(root, config, local, options, Diagnostics() if diagnostics is None else diagnostics)
    with gc_disabled():
        files = [(file, path if file != path else None) for path in inputs for file in input_files(path)]
        parse = partial(parse_input, root=root, config=config, options=options)
        for number, articles in enumerate(_mapped(parse, files, start_workers)):
            progress(number, len(files))
            run.add(articles)
        return run.finish()


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


def _first_loss(articles: Sequence[ImportReport]) -> ImportReport | None:
    """Return the first article of which the import loses something."""
    return next((item for item in articles if any(entry.code in _LOSSES for entry in item.diagnostics)), None)


class _ImportRun:
    """One run: every article of the inputs gets its file first, so that texts can link to each other's."""

    def __init__(
        self, root: Path, config: Config, now: datetime, options: ImportOptions, diagnostics: Diagnostics
    ) -> None:
        self._root = root
        self._config = config
        self._day = today(now)
        self._options = options
        self._dry_run = options.dry_run
        self._articles: list[ImportReport] = []
        self._known_ids: dict[str, ExistingArticle] = {}
        self._known_keys: dict[MatchKey, ExistingArticle] = {}
        self._known_days: dict[date, list[ExistingArticle]] = {}
        self._schema = config.content_schema
        known = existing_articles(root, self._schema)
        for entry in known:
            self._add_known(entry)
        self._slugs = taken_slugs(root)
        self._pictures = PictureNames(root)
        self._aliases: dict[str, str] = {}
        self._old_addresses: dict[str, str] = {}
        self._imported: dict[str, ImportReport] = {}
        self._recorded, self._unreadable = read_record(root, diagnostics)
        present = {entry.id: (entry.imported_sha256, entry.path) for entry in known if entry.imported_sha256}
        self._record = self._recorded | present
        deleted = [] if options.again else [item for item in self._recorded.items() if item[0] not in present]
        self._deleted = {key: path for identity, (sha256, path) in deleted for key in (identity, sha256)}

    def _add_known(self, entry: ExistingArticle) -> None:
        self._known_ids.setdefault(entry.id, entry)
        if entry.key is not None:
            self._known_keys.setdefault(entry.key, entry)
            self._known_days.setdefault(entry.key[1], []).append(entry)

    def add(self, articles: Sequence[ImportReport]) -> None:
        """Choose the file of each article of an input, except those that may have versions in other languages."""
        self._articles += articles
        for article in articles:
            if not article.result.translation_group:
                self._place(article)

    def _refuse_loss(self, loss: ImportReport) -> None:
        """Turn the run into one that writes nothing, because an article would lose something."""
        first = next(entry for entry in loss.diagnostics.sorted() if entry.code in _LOSSES)
        message = f"--strict: {first.message}; nothing is written"
        loss.diagnostics.error("strict-loss", first.location, message, hint="import without --strict to accept it")
        self._dry_run = True
        for article in self._articles:
            article.outcome = _DRY_RUN.get(article.outcome, article.outcome)
        loss.path = ""
        loss.finish(Outcome.REFUSED)

    def finish(self) -> tuple[ImportReport, ...]:
        """Write the files of the articles, and the record; return the reports. Raises ExternalError."""
        versions = [article for article in self._articles if article.result.translation_group]
        join_translations(versions, self._config.locales, self._day)
        for article in sorted(versions, key=lambda item: (item.result.is_private, item.result.is_translation)):
            self._place(article)
        for article in self._articles:
            if article.path and article.result.pictures:
                self._name_pictures(article)
        files = link_targets(
            (article.file.removesuffix(".new"), article.result.addresses)
            for article in self._articles
            if article.file and article.outcome is not Outcome.DELETED
        )
        self._old_addresses = old_addresses(article.result.addresses for article in self._articles)
        hidden = {article.file for article in self._articles if article.front and self._is_hidden(article)}
        visible = {key: path for key, path in files.items() if path not in hidden}
        for article in self._articles:
            if article.path:
                self._resolve(article, files, files if article.path in hidden else visible)
        loss = _first_loss(self._articles) if self._options.strict else None
        if loss is not None:
            self._refuse_loss(loss)
        for article in self._articles:
            if article.path and not self._dry_run:
                self._write(article)
        if self._record != self._recorded and not self._dry_run:
            try:
                write_record(self._root, self._record, self._unreadable)
            except OSError as error:
                raise ExternalError(f"cannot write {RECORD}: {error.strerror or error}") from error
        for article in self._articles:
            article.diagnostics = Diagnostics(article.diagnostics.sorted())
        return tuple(self._articles)

    def _is_hidden(self, article: ImportReport) -> bool:
        """Whether a build would hide an article, so that others must not link to it."""
        front, day = article.front, self._day.day
        if front is None or front.draft or (front.expire is not None and front.expire.day <= day):
            return True
        return not article.result.origin and (front.publish or front.date).day >= day  # open data are published

    # --- the file of each article -------------------------------------------------------------------------------------

    def _place(self, article: ImportReport) -> None:
        """Compare an article with those that exist; choose its file if it is new or its file has not been edited."""
        if article.result.front is None:
            return
        front = article.front = fill_in(article.result.front, self._options.defaults)
        identity = front.id or article_id(front, article.stem)
        existing = self._known_ids.get(identity) or self._known_keys.get(match_key(front))
        if existing is not None and existing.path in self._imported:
            self._report_repetition(article, existing)
            return
        deleted = self._deleted.get(identity) or self._deleted.get(article.sha256)
        if existing is None and deleted:
            message = f"{deleted} was imported from this page and has been deleted; it is not imported again"
            article.diagnostics.warning("deleted-article", article.location, message, hint="--again imports it")
            article.finish(Outcome.DELETED, deleted, identity)
            return
        if existing is None:
            self._create(article, front, identity)
        elif existing.imported_sha256 == article.sha256 and not self._is_completed(existing, front):
            article.finish(Outcome.UNCHANGED, existing.path, existing.id)
        elif existing.is_unedited:
            self._check(article, front, existing.id, existing.path, Outcome.UPDATED)
        else:
            self._report_conflict(article, front, existing.id or identity, existing)
        if article.outcome is not Outcome.REFUSED:
            self._imported[existing.path if existing else article.file or ""] = article

    def _is_completed(self, existing: ExistingArticle, front: FrontMatter) -> bool:
        """Whether the options or site.yaml now have values that the input of an unedited draft does not."""
        return existing.is_unedited and missing_values(front) < existing.todo

    def _report_repetition(self, article: ImportReport, existing: ExistingArticle) -> None:
        """Report an article that an earlier input of this run contains, too."""
        first = self._imported[existing.path]
        if first.sha256 == article.sha256:
            article.finish(Outcome.UNCHANGED, existing.path, existing.id)
            return
        message = f"this is the same article as {first.name}, with other content; it is skipped"
        article.diagnostics.warning(
            "duplicate-input", article.location, message, hint="import only the version to keep"
        )
        article.finish(Outcome.SKIPPED, existing.path, existing.id)

    def _create(self, article: ImportReport, front: FrontMatter, identity: str) -> None:
        key = match_key(front)
        same_day = self._known_days.get(key[1], ())
        near = next((entry for entry in same_day if entry.key is not None and is_near_duplicate(entry.key, key)), None)
        if near is not None:
            message = f"{near.path} has nearly the same title and the same day"
            hint = "delete one of them if they are the same article"
            article.diagnostics.warning("near-duplicate", article.location, message, hint=hint)
        base = _file_name(article) or front.slug or slug_of(front.title, front.countries, front.topics[0], identity)
        name = unique_slug(base, self._slugs)
        path = f"{ARTICLES}/{front.date.day:%Y/%m}/{name}.md"
        if front.slug and folded_path(front.slug) in self._slugs:
            front = replace(front, slug=None)
        if os.path.lexists(self._root / path):
            message = f"{path} already exists and is not an article"
            article.diagnostics.error("path-taken", article.location, message, hint="move or delete it")
            return
        self._check(article, front, identity, path, Outcome.WRITTEN)
        if article.outcome is not Outcome.REFUSED:
            self._slugs |= {folded_path(slug) for slug in (name, article.front and article.front.slug) if slug}
            self._add_known(ExistingArticle(path, identity, key, article.sha256, is_unedited=True))

    def _report_conflict(
        self, article: ImportReport, front: FrontMatter, identity: str, existing: ExistingArticle
    ) -> None:
        """Leave the editor's file as it is, and write the new version next to it, once."""
        path = f"{existing.path}.new"
        if read_existing(self._root, path, self._schema).imported_sha256 == article.sha256:
            article.finish(Outcome.CONFLICT, path, identity)
        else:
            self._check(article, front, identity, path, Outcome.CONFLICT)
        if article.outcome is Outcome.CONFLICT:
            reason = "has been edited since its import" if existing.imported_sha256 else "was not imported"
            message = f"the input has changed, but this file {reason}; it is kept, and the new version is {path}"
            hint = f"sitegen import --diff {path} shows it, --accept {path} replaces the file by it"
            article.diagnostics.warning("import-conflict", SourceLocation(existing.path, 1), message, hint=hint)

    def _check(self, article: ImportReport, front: FrontMatter, identity: str, path: str, outcome: Outcome) -> None:
        """Set the outcome and the file to write, if it can be read back without errors."""
        # The slug is the name of the file, except in open data, which have both.
        slug = front.slug if article.result.origin and front.slug != _stem(path) else None
        front = replace(front, id=identity, slug=slug)
        article.front = replace(front, aliases=self._free_aliases(article, front, path))
        article.values = self._values(article, article.front)
        found = Diagnostics()
        read_front(SourceText(path, article.values), self._schema, found)
        if found.errors:
            refused = (item for item in found if item.severity is Severity.ERROR)
            article.diagnostics.extend(replace(item, location=article.location) for item in refused)
            return
        article.path = path
        article.finish(_DRY_RUN.get(outcome, outcome) if self._dry_run else outcome, path, identity)

    def _values(self, article: ImportReport, front: FrontMatter) -> str:
        """Return the front matter of an article's file as YAML."""
        imported = ImportInfo(article.input_name, article.sha256, article.format, self._day, digest="")
        return import_values(front, imported)

    def _free_aliases(self, article: ImportReport, front: FrontMatter, path: str) -> tuple[str, ...]:
        """Return the old addresses of an article that no other article of this run has."""
        starts = ("", *(f"/{locale}" for locale in self._config.locales))  # a build makes a redirect in every locale
        own = {address_key(f"{start}/articles/{front.slug or _stem(path)}/") for start in starts}
        kept: dict[str, str] = {}
        for alias in front.aliases:
            keys = [address_key(f"{start}{alias}") for start in starts]
            owner = next((self._aliases[key] for key in keys if self._aliases.get(key, path) != path), path)
            if owner != path:
                message = f"the old address {alias!r} is that of {owner}, too; it leads there"
                article.diagnostics.warning("bad-alias", article.location, message)
                continue
            self._aliases |= dict.fromkeys(keys, path)
            if address_key(alias) not in own:
                kept.setdefault(alias if article.result.origin else address_key(alias), alias)
        return tuple(kept.values())

    # --- writing ------------------------------------------------------------------------------------------------------

    def _name_pictures(self, article: ImportReport) -> None:
        result = article.result
        texts = (result.body, *(text.body for text in result.translations))
        pictures, (body, *others) = self._pictures.rename(result.pictures, texts)
        translations = zip(result.translations, others, strict=True)
        article.result = replace(
            result,
            body=body,
            pictures=pictures,
            translations=tuple(replace(text, body=new) for text, new in translations),
        )

    def _resolve(self, article: ImportReport, files: Mapping[str, str], visible: Mapping[str, str]) -> None:
        """Resolve the links of an article to others; report those that lead nowhere.

        `files` are the files of articles by the keys of their addresses, `visible` those that it may link to.
        """
        result, own = article.result, article.path.removesuffix(".new")

        def find(path: str) -> str | None:
            key = address_key(path)
            if key in files:
                return visible.get(key)
            return path if (self._root / path).is_file() else None

        def resolved(text: str, lang: str = "") -> str:
            if result.origin:
                suffix = f".{lang}.md" if lang else ".md"
                old, new = (f"{path.removesuffix('.md')}{suffix}" for path in (result.origin, own))
                text = self._moved(article, text, old, new, find)
            return self._resolved(article, text, visible)

        article.body = resolved(result.body)
        article.translations = tuple(
            (text.lang, translation_file(article.id or "", text, resolved(text.body, text.lang)))
            for text in result.translations
        )
        if result.origin and (front := article.front) is not None:
            changed = self._follows(article, front, own, files)
            article.front = replace(changed, reviewed=_moved_review(changed, result.body, article.body))
            article.values = self._values(article, article.front)

    def _moved(self, article: ImportReport, text: str, old: str, new: str, find: Find) -> str:
        """Return a text of the file `old` of another digest with the paths of this one; report those without a file."""
        text, lost = move_links(text, old, new, find)
        for address in lost:
            message = f"{address[:80]!r} is a file that is not in {CONTENT_ROOT}/; it is kept as text"
            hint = "save the file there, and import again"
            article.diagnostics.warning("link-as-text", article.location, message, hint=hint)
        return text

    def _follows(self, article: ImportReport, front: FrontMatter, own: str, files: Mapping[str, str]) -> FrontMatter:
        """Return front matter of another digest in which `follows` has a path of this one; report one without."""
        if front.follows is None:
            return front
        old = moved_path(front.follows, article.result.origin)
        new = files.get(address_key(old)) or (old if (self._root / old).is_file() else None)
        if new is None:
            message = f"'follows' is {front.follows[:80]!r}, which is not among the imported articles; it is left out"
            article.diagnostics.warning("unmapped-value", article.location, message)
            return replace(front, follows=None)
        if new == moved_path(front.follows, own):
            return front
        return replace(front, follows=f"/{new.removeprefix(f'{CONTENT_ROOT}/')}")

    def _resolved(self, article: ImportReport, text: str, files: Mapping[str, str]) -> str:
        """Return a text with links to imported articles; report those that lead nowhere."""
        text, lost = resolve_links(text, files, article.result.base_url, self._old_addresses)
        for address in lost:
            message = f"{address[:80]!r} is not among the imported articles; it is kept as text"
            hint = "--base-url ADDRESS makes it a link to the old site"
            if article.result.base_url:
                hint = "import its file in the same run, or write its path from the folder of the texts"
            if address.startswith("#"):
                message, hint = f"a link to the part {address[:80]!r} of another article leads to its start", ""
            article.diagnostics.warning("link-as-text", article.location, message, hint=hint)
        return text

    def _write(self, article: ImportReport) -> None:
        """Write the file of an article, and its pictures."""
        target = SourceLocation(article.path)
        try:
            for picture, source in article.result.pictures:
                target = SourceLocation(picture)
                self._pictures.copy(picture, source)
            target = SourceLocation(article.path)
            (self._root / article.path).parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self._root / article.path, article_file(article.values, article.body, article.sha256))
            for lang, data in article.translations:
                path = f"{article.path.removesuffix('.new').removesuffix('.md')}.{lang}.md"
                target = SourceLocation(path)
                self._write_translation(article, path, data)
        except OSError as error:
            article.diagnostics.error("write-failed", target, f"cannot write the file: {error.strerror or error}")
            article.finish(Outcome.REFUSED)
            return
        if not article.path.endswith(".new"):
            self._record[article.id or ""] = (article.sha256, article.path)

    def _write_translation(self, article: ImportReport, path: str, data: bytes) -> None:
        """Write the file of a translation; if another one is there, next to it: it may have been edited."""
        file = self._root / path
        if file.is_file() and file.read_bytes() != data:
            message = (
                f"the input has another version of this translation; the file is kept, and the new one is {path}.new"
            )
            hint = f"sitegen import --diff {path}.new shows it, --accept {path}.new replaces the file by it"
            article.diagnostics.warning("import-conflict", SourceLocation(path, 1), message, hint=hint)
            file = self._root / f"{path}.new"
        atomic_write(file, data)


def _stem(path: str) -> str:
    """Return the name of an article's file without its suffix."""
    return path.rpartition("/")[2].removesuffix(".new").removesuffix(".md")


def _file_name(article: ImportReport) -> str:
    """Return the name of the file of an article of another digest, if it can be used; empty for any other."""
    name = _stem(article.result.origin)
    return name if name and slug_problem(name) is None else valid_slug(name)


def _moved_review(front: FrontMatter, before: str, after: str) -> Review | None:
    """Return the review of a text in which only the paths of links have changed since."""
    review = front.reviewed
    if review is None or review.of != review_hash(front.title, front.summary, before):
        return review
    return replace(review, of=review_hash(front.title, front.summary, after))
