"""Which file each imported article gets: a new one, that of an article that exists, or none."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from posixpath import dirname

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import read_front
from sitegen.content.frontmatter import FrontMatter, ImportInfo, dump
from sitegen.content.links import target_path
from sitegen.content.slugs import folded_path, slug_of, slug_problem, valid_slug
from sitegen.diagnostics import Diagnostics, Severity, SourceLocation, SourceText
from sitegen.importers.existing import (
    ExistingArticle,
    digest_placeholder,
    missing_values,
    read_existing,
    read_front_of,
    taken_slugs,
)
from sitegen.importers.inputs import ImportOptions
from sitegen.importers.kept_values import changed_keys, with_kept_values
from sitegen.importers.report import ImportReport, Outcome
from sitegen.importers.values.addresses import address_key
from sitegen.importers.values.matching import MatchKey, are_similar, article_id, match_key, unique_slug
from sitegen.util.dates import PartialDate
from sitegen.util.paths import ARTICLES, CONTENT_ROOT


class Placement:
    """Chooses the file of each article of a run.

    `known` are the articles of the project; those of the run are added. `deleted` are those that were imported and have
    been deleted: by id the hash of the input and the path.
    """

    def __init__(
        self,
        root: Path,
        config: Config,
        day: PartialDate,
        options: ImportOptions,
        *,
        known: Iterable[ExistingArticle],
        deleted: Mapping[str, tuple[str, str]],
    ) -> None:
        self._root = root
        self._locales = config.locales
        self._schema = config.content_schema
        self._day = day
        self._defaults = options.defaults
        self._deleted = {key: path for identity, (sha256, path) in deleted.items() for key in (identity, sha256)}
        self._known_ids: dict[str, ExistingArticle] = {}
        self._known_keys: dict[MatchKey, ExistingArticle] = {}
        self._known_days = defaultdict[date, list[ExistingArticle]](list)
        for entry in known:
            self._add_known(entry)
        self._slugs = taken_slugs(root)
        self._aliases: dict[str, str] = {}
        self._placed: dict[str, ImportReport] = {}

    def _add_known(self, entry: ExistingArticle) -> None:
        self._known_ids.setdefault(entry.id, entry)
        if entry.key is not None:
            self._known_keys.setdefault(entry.key, entry)
            self._known_days[entry.key[1]].append(entry)

    def place(self, articles: Sequence[ImportReport]) -> list[ImportReport]:
        """Return the articles with their outcome and their file.

        Those that can have versions in other languages come last: a version that could not be joined gets what is left.
        """
        placed = list(articles)
        for position in sorted(range(len(placed)), key=lambda position: _rank(placed[position])):
            placed[position] = self._place(placed[position])
        return placed

    def _place(self, article: ImportReport) -> ImportReport:
        """Return an article with its outcome, and with its file if it is new or its file has not been edited."""
        if article.front is None:
            return article
        missing = {key: value for key, value in self._defaults.items() if not getattr(article.front, key)}
        front = replace(article.front, **missing)
        article = replace(article, front=front)
        identity = front.id or article_id(front, article.stem)
        existing = self._known_ids.get(identity) or self._known_keys.get(match_key(front))
        if existing is None:
            deleted = self._deleted.get(identity) or self._deleted.get(article.sha256)
            if deleted:
                message = f"{deleted} was imported from this page and has been deleted; it is not imported again"
                article = article.warned("deleted-article", message, "--again imports it")
                return article.finished(Outcome.DELETED, deleted, identity)
            article = self._with_new_file(article, front, identity)
        elif existing.path in self._placed:
            return _as_repetition(article, self._placed[existing.path], existing)
        elif existing.imported_sha256 == article.sha256 and not _is_completed(existing, front):
            article = article.finished(Outcome.UNCHANGED, existing.path, existing.id)
        elif existing.is_unedited:
            article = self._with_file(article, front, existing.id, existing.path, Outcome.UPDATED)
        else:
            article = self._as_conflict(article, front, existing.id or identity, existing)
        if article.outcome is not Outcome.REFUSED:
            self._placed[existing.path if existing else article.file or ""] = article
        return article

    def _with_new_file(self, article: ImportReport, front: FrontMatter, identity: str) -> ImportReport:
        key = match_key(front)
        same_day = self._known_days[key[1]]
        near = next((entry for entry in same_day if entry.key is not None and are_similar(entry.key[0], key[0])), None)
        if near is not None:
            message = f"{near.path} has nearly the same title and the same day"
            article = article.warned("near-duplicate", message, "delete one of them if they are the same article")
        base = _file_name(article) or front.slug or slug_of(front.title, front.countries, front.topics[0], identity)
        name = unique_slug(base, self._slugs)
        path = f"{ARTICLES}/{front.date.day:%Y/%m}/{name}.md"
        if front.slug and folded_path(front.slug) in self._slugs:
            front = replace(front, slug=None)
        if os.path.lexists(self._root / path):
            return article.failed("path-taken", f"{path} already exists and is not an article", "move or delete it")
        article = self._with_file(article, front, identity, path, Outcome.WRITTEN)
        if article.outcome is not Outcome.REFUSED:
            self._slugs |= {folded_path(slug) for slug in (name, article.front and article.front.slug) if slug}
            self._add_known(ExistingArticle(path, identity, key, article.sha256, is_unedited=True))
        return article

    def _as_conflict(
        self, article: ImportReport, front: FrontMatter, identity: str, existing: ExistingArticle
    ) -> ImportReport:
        """Leave the editor's file as it is; the new version gets a file next to it, unless that has been edited."""
        path = f"{existing.path}.new"
        before = read_existing(self._root, path, self._schema)
        edited = read_front_of(self._root, existing.path, self._schema)
        if edited is not None and edited.follows and article.origin:  # else relative to the file of the other digest
            target = target_path(edited.follows, dirname(path))
            edited = replace(edited, follows=f"/{target.removeprefix(f'{CONTENT_ROOT}/')}")
        if before.imported_sha256 == article.sha256 and not before.is_unedited:
            article = article.finished(Outcome.CONFLICT, path, identity)
        else:
            article = self._with_version(article, front, identity, path, edited)
        if article.outcome is Outcome.REFUSED:
            return article
        reason = "has been edited since its import" if existing.imported_sha256 else "was not imported"
        message = f"the input has changed, but this file {reason}; it is kept, and the new version is {path}"
        if edited is None:
            message += ", without values of the file, which has errors"
        elif article.values and article.front and (changed := changed_keys(article.front, edited)):
            message += f", with other values of {', '.join(changed)}"
        hint = f"sitegen import --diff {path} shows it, --accept {path} replaces the file by it"
        return article.warned("import-conflict", message, hint, location=SourceLocation(existing.path, 1))

    def _with_version(
        self, article: ImportReport, front: FrontMatter, identity: str, path: str, edited: FrontMatter | None
    ) -> ImportReport:
        """Return an article with its new version, with the values of the edited file unless they are not valid now."""
        plain = self._with_file(article, front, identity, path, Outcome.CONFLICT)
        if edited is None:
            return plain
        kept = with_kept_values(front, edited)
        version = self._with_file(article, kept, identity, path, Outcome.CONFLICT, slug=edited.slug)
        is_valid = version.outcome is not Outcome.REFUSED
        return replace(version, has_kept_values=version.values != plain.values) if is_valid else plain

    def _with_file(
        self,
        article: ImportReport,
        front: FrontMatter,
        identity: str,
        path: str,
        outcome: Outcome,
        *,
        slug: str | None = None,
    ) -> ImportReport:
        """Return an article with its file; refused if the file could not be read back without errors."""
        # The slug is the name of the file, except in open data, which have both.
        own = front.slug if article.origin and front.slug != article_stem(path) else None
        front = replace(front, id=identity, slug=slug or own)
        article, aliases = self._with_free_aliases(article, front, path)
        front = replace(front, aliases=aliases)
        values = file_values(article, front, self._day)
        diagnostics = Diagnostics()
        read_front(SourceText(path, values), self._schema, diagnostics)
        if diagnostics.errors:
            errors = (item for item in diagnostics if item.severity is Severity.ERROR)
            article = article.reported(replace(item, location=article.location) for item in errors)
            return replace(article, front=front).finished(Outcome.REFUSED)
        return replace(article, front=front, values=values).finished(outcome, path, identity)

    def _with_free_aliases(
        self, article: ImportReport, front: FrontMatter, path: str
    ) -> tuple[ImportReport, tuple[str, ...]]:
        """Return an article, and those of its old addresses that no other article of this run has."""
        starts = ("", *(f"/{locale}" for locale in self._locales))  # a build makes a redirect in every locale
        own = {address_key(f"{start}/articles/{front.slug or article_stem(path)}/") for start in starts}
        kept: dict[str, str] = {}
        for alias in front.aliases:
            keys = [address_key(f"{start}{alias}") for start in starts]
            owner = next((self._aliases[key] for key in keys if self._aliases.get(key, path) != path), path)
            if owner != path:
                message = f"the old address {alias!r} is that of {owner}, too; it leads there"
                article = article.warned("bad-alias", message)
                continue
            self._aliases |= dict.fromkeys(keys, path)
            if address_key(alias) not in own:
                kept.setdefault(alias if article.origin else address_key(alias), alias)
        return article, tuple(kept.values())


def _rank(article: ImportReport) -> tuple[bool, ...]:
    return (True, article.is_private, article.is_translation) if article.translation_group else (False,)


def _as_repetition(article: ImportReport, first: ImportReport, existing: ExistingArticle) -> ImportReport:
    """Return an article that an earlier input of this run contains, too."""
    if first.sha256 == article.sha256:
        return article.finished(Outcome.UNCHANGED, existing.path, existing.id)
    message = f"this is the same article as {first.name}, with other content; it is skipped"
    article = article.warned("duplicate-input", message, "import only the version to keep")
    return article.finished(Outcome.SKIPPED, existing.path, existing.id)


def _is_completed(existing: ExistingArticle, front: FrontMatter) -> bool:
    """Whether the options or site.yaml now have values that the input of an unedited draft does not."""
    return existing.is_unedited and len(missing_values(front)) < existing.todo


def file_values(article: ImportReport, front: FrontMatter, day: PartialDate) -> str:
    """Return the front matter of an article's file as YAML; `day` is that of the import."""
    placeholder = digest_placeholder(article.sha256)
    imported = ImportInfo(article.input_name, article.sha256, article.format, day, digest=placeholder)
    return dump(replace(front, imported=imported))


def article_stem(path: str) -> str:
    """Return the name of an article's file without its suffix."""
    return path.rpartition("/")[2].removesuffix(".new").removesuffix(".md")


def _file_name(article: ImportReport) -> str:
    """Return the name of the file of an article of another digest, if it can be used; empty for any other."""
    name = article_stem(article.origin)
    return name if name and slug_problem(name) is None else valid_slug(name)
