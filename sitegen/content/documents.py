"""Parses the files of a project: articles, translations (`<name>.ja.md`), pages, introductions, the calendar."""

import re
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import ContentSchema
from sitegen.config.readers import read_authors
from sitegen.content import frontmatter
from sitegen.content.articles import (
    Article,
    LocalizedVersion,
    Parts,
    Positions,
    WatchItem,
    pick_locale,
    positions,
    published_text,
    read_article,
    read_parts,
    slug_of_file,
)
from sitegen.content.body import Body
from sitegen.content.calendar import read_calendar
from sitegen.content.events import Event
from sitegen.content.search_terms import with_terms
from sitegen.content.slugs import is_of_hosts
from sitegen.diagnostics import Diagnostic, Diagnostics, SourceLocation, SourceText
from sitegen.util.dates import FIRST_YEAR, LAST_YEAR
from sitegen.util.hashing import Hash, hash_bytes, hash_value
from sitegen.util.paths import ARTICLES, CALENDAR, CONTENT_ROOT, EDITIONS, ISSUES, PAGES
from sitegen.yaml_source.nodes import decode
from sitegen.yaml_source.reader import MAX_SUMMARY_CHARACTERS, MappingReader, is_language

MAX_ORDER: Final = 1000
"""The highest `order` of a static page, which is also the default."""

_TRANSLATION_FILE = re.compile(r"(.*[^/])\.([^./]+)\.md")
_CROSS_CHECKED_KEYS: Final = frozenset({"id", "lang", "title", "reviewed"})
_EDITOR_FOLDERS: Final = tuple(f"{folder}/" for folder in (PAGES, EDITIONS, ISSUES))
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-w(\d{2})", re.ASCII)


class Translation(Struct, frozen=True, array_like=True, tag=True):
    """A translation: the path of the original, the original's `id` (empty for a page), and the translated version."""

    original: str
    id: str
    version: LocalizedVersion

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.version.path

    def location(self, key: str) -> SourceLocation:
        """Return the location of the value of `key`, or the top of the file."""
        return self.version.positions.key(self.path, key)


class EditorText(Struct, frozen=True, array_like=True):
    """A file of the editor's that is not an article, without its text. `slug` is the path of its page."""

    slug: str
    original: LocalizedVersion
    translations: tuple[LocalizedVersion, ...] = ()

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.original.path

    @property
    def versions(self) -> tuple[LocalizedVersion, ...]:
        """The original and its translations."""
        return (self.original, *self.translations)

    def localized(self, locale: str) -> LocalizedVersion:
        """Return the version for a locale: in its language if there is one."""
        return pick_locale(locale, self.versions)


class StaticPage(EditorText, frozen=True, array_like=True, tag=True):
    """A static page, such as `/about/`. Pages are listed by `order`, lowest first."""

    order: int = MAX_ORDER


class Introduction(EditorText, frozen=True, array_like=True, tag=True):
    """The introduction of a daily edition or a weekly issue: its day, or the Monday of its week.

    Its title may be empty.
    """

    first: date = date.min
    draft: bool = False

    @property
    def is_edition(self) -> bool:
        """Whether it is that of a daily edition."""
        return self.path.startswith(f"{EDITIONS}/")


def translated_file(path: str) -> tuple[str, str] | None:
    """Return the path of the file that `path` is a translation of, and its language; None for any other file."""
    match = _TRANSLATION_FILE.fullmatch(path)
    return (f"{match[1]}.md", match[2]) if match is not None and is_language(match[2]) else None


def is_in_text_folder(path: str) -> bool:
    """Return whether a file is in one of the folders of Markdown files."""
    return path.startswith((f"{ARTICLES}/", *_EDITOR_FOLDERS))


class Document(Struct, frozen=True, array_like=True):
    """The result of parsing one file without its text: an article, or what else it is, and the diagnostics.

    `source` is the hash of the file's bytes. A file with errors is `rejected`: of it only links and anchors are known,
    so that dead links are reported in the same run. `events` are those of the calendar, which has no text.
    """

    path: str
    source: Hash
    article: Article | None
    other: Translation | StaticPage | Introduction | None
    rejected: LocalizedVersion | None
    diagnostics: tuple[Diagnostic, ...]
    events: tuple[Event, ...] = ()

    @property
    def text(self) -> Hash | None:
        """The hash of the text; None if the file has errors."""
        return None if self.version is None else self.version.text

    @property
    def version(self) -> LocalizedVersion | None:
        """The file in its own language; None if it has errors."""
        if isinstance(self.other, Translation):
            return self.other.version
        content = self.article or self.other
        return None if content is None else content.original


def read_document(path: str, data: bytes, content_schema: ContentSchema) -> tuple[Document, Body | None]:
    """Parse a file: an article, a translation, a static page, an introduction or the calendar, depending on its path.

    `path` is its project path. The text is None if the file has errors, and that of the calendar.
    """
    diagnostics = Diagnostics()
    article: Article | None = None
    other: Translation | StaticPage | Introduction | None = None
    rejected = None
    body = Body((), ())
    is_article, translated = not path.startswith(_EDITOR_FOLDERS), translated_file(path)
    source = decode(path, data, diagnostics)
    if path == CALENDAR:
        events = read_calendar(source, content_schema, diagnostics) if source is not None else ()
        return Document(path, hash_bytes(data), None, None, None, diagnostics.sorted(), events), None
    if source is not None:
        node, body, links, text = read_parts(source, content_schema.perspectives if is_article else (), diagnostics)
        if is_article and content_schema.search:
            body = with_terms(body)
        parts = None if node is None else (node, body, links, text)
        if parts is None:
            if translated is None:
                slug_of_file(path, diagnostics)
        elif translated is not None:
            other = _read_translation(source, parts, *translated, diagnostics)
            if other is not None and is_article:
                published = published_text(source, text, body, content_schema)
                other = replace(other, version=replace(other.version, markdown=hash_value(published)))
        elif path.startswith(f"{PAGES}/"):
            other = _read_page(source, parts, diagnostics)
        elif not is_article:
            other = _read_introduction(source, parts, diagnostics)
        else:
            article = read_article(source, parts, content_schema, diagnostics)
        if diagnostics.errors:
            positions_of_links = tuple((location.line, location.column) for _, location in links)
            refs = tuple(link for link, _ in links)
            rejected = LocalizedVersion(
                path, links=refs, anchors=body.anchors, positions=Positions(links=positions_of_links)
            )
    if diagnostics.errors:
        article = other = None
    document = Document(path, hash_bytes(data), article, other, rejected, diagnostics.sorted())
    return document, None if diagnostics.errors else body


def _read_translation(
    source: SourceText, parts: Parts, original: str, lang: str, diagnostics: Diagnostics
) -> Translation | None:
    is_article = not original.startswith(_EDITOR_FOLDERS)
    fields = MappingReader(parts[0], diagnostics)
    identifier = fields.text("id", required=True, hint=f"copy the id of {original}") if is_article else ""
    declared = fields.language("lang")
    if declared is not None and declared != lang:
        message = f"'lang' is {declared!r}; expected {lang!r} as in the file's name"
        hint = "remove 'lang', or rename the file"
        fields.error("wrong-language", fields.location_of("lang"), message, hint=hint)
    kind = "article" if is_article else "page" if original.startswith(f"{PAGES}/") else "introduction"
    fields.warn_of_language(lang, SourceLocation(source.path, 1))
    version = _version(source, fields, parts, diagnostics, lang=lang, kind=kind)
    fields.reject_unknown_keys("delete it if it was copied from the original: a translation has only texts")
    return None if identifier is None or version is None else Translation(original, identifier, version)


def _read_page(source: SourceText, parts: Parts, diagnostics: Diagnostics) -> StaticPage | None:
    slug = slug_of_file(source.path, diagnostics)
    if is_of_hosts(slug):
        message = f"the file's name {slug!r} cannot be the address: it is reserved for publishing or by a host"
        diagnostics.error("bad-slug", SourceLocation(source.path, 1), message, hint="rename the file")
    fields = MappingReader(parts[0], diagnostics)
    lang = fields.language("lang", required=True)
    order = fields.integer("order", 1, MAX_ORDER)
    version = _version(source, fields, parts, diagnostics, lang=lang or "", kind="page")
    fields.reject_unknown_keys()
    return None if version is None or lang is None else StaticPage(slug, version, order=order or MAX_ORDER)


def _read_introduction(source: SourceText, parts: Parts, diagnostics: Diagnostics) -> Introduction | None:
    first = _first_day(source.path, diagnostics)
    fields = MappingReader(parts[0], diagnostics)
    lang = fields.language("lang", required=True)
    version = _version(source, fields, parts, diagnostics, lang=lang or "", kind="introduction")
    draft = fields.boolean("draft")
    fields.reject_unknown_keys()
    if first is None or lang is None or version is None:
        return None
    slug = source.path.removeprefix(f"{CONTENT_ROOT}/").removesuffix(".md")
    return Introduction(slug, version, first=first, draft=draft)


def _first_day(path: str, diagnostics: Diagnostics) -> date | None:
    """Return the day or the Monday that the name of an introduction's file is, or None, which is reported."""
    folder, _, name = path.removesuffix(".md").rpartition("/")
    is_edition = folder == EDITIONS
    match = (_DAY if is_edition else _WEEK).fullmatch(name)
    try:
        if match is not None and FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            year, *rest = (int(number) for number in match.groups())
            return date(year, *rest) if is_edition else date.fromisocalendar(year, rest[0], 1)
    except ValueError:
        pass
    expected = "a day, such as 2026-07-03.md" if is_edition else "a year and a week (ISO 8601), such as 2026-w27.md"
    message = f"the file's name {f'{name}.md'!r} is not valid; expected {expected}"
    diagnostics.error("bad-edition-name", SourceLocation(path, 1), message, hint="rename the file")
    return None


def _version(
    source: SourceText, fields: MappingReader, parts: Parts, diagnostics: Diagnostics, *, lang: str, kind: str
) -> LocalizedVersion | None:
    """Return the text of a file of a `kind`: `article`, `page` or `introduction`, which has no summary."""
    node, body, links, text = parts
    is_introduction = kind == "introduction"
    watch = _watch(fields) if is_introduction else ()
    title = fields.text("title", required=not is_introduction)
    summary = None
    if not is_introduction:
        summary = fields.text("summary", required=kind == "article", limit=MAX_SUMMARY_CHARACTERS)
    frontmatter.warn_of_markup(fields, "title", title, diagnostics)
    frontmatter.warn_of_markup(fields, "summary", summary, diagnostics)
    generated = read_authors(fields)
    reviewed = frontmatter.load_reviewed(fields)
    if (title is None and not is_introduction) or (summary is None and kind == "article"):
        return None
    current = frontmatter.review_hash(title or "", summary or "", text)
    return LocalizedVersion(
        path=source.path,
        lang=lang,
        title=title or "",
        summary=summary or "",
        generated=generated,
        reviewed=frontmatter.check_review(reviewed, current, node, diagnostics),
        links=tuple(link for link, _ in links),
        anchors=body.anchors,
        text=hash_value(body),
        positions=positions(node, _CROSS_CHECKED_KEYS, links),
        watch=watch,
    )


_MONTH_HINT: Final = "name the month in 'text', and leave out 'at', which is a day"


def _watch(fields: MappingReader) -> tuple[WatchItem, ...]:
    watch = []
    for item in fields.mappings("watch"):
        text, at, url = item.text("text", required=True), item.date("at", hint=_MONTH_HINT), item.url("url")
        if text is not None:
            watch.append(WatchItem(text, at, url))
    return tuple(watch)
