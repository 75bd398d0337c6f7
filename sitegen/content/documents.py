"""Parses the files of a project: articles, translations (`<name>.ja.md`), pages (`content/pages/`), the calendar."""

import re
from typing import Final

from msgspec import Struct

from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.articles import (
    Article,
    LocalizedVersion,
    Parts,
    Positions,
    pick_locale,
    positions,
    read_article,
    read_parts,
    slug_of_file,
)
from sitegen.content.calendar import read_calendar
from sitegen.content.events import Event
from sitegen.content.markdown import Body, Links
from sitegen.content.slugs import is_of_hosts
from sitegen.diagnostics import Diagnostic, Diagnostics, SourceLocation, SourceText
from sitegen.paths import ARTICLES, CALENDAR, PAGES
from sitegen.util.hashing import Hash, hash_bytes, hash_value
from sitegen.yaml_source.nodes import decode
from sitegen.yaml_source.reader import MAX_SUMMARY_CHARACTERS, MappingReader, is_language

MAX_ORDER: Final = 1000
"""The highest `order` of a static page, which is also the default."""

_TRANSLATION_FILE = re.compile(r"(.*[^/])\.([^./]+)\.md")
_CROSS_CHECKED_KEYS: Final = frozenset({"id", "lang", "title"})


class Translation(Struct, frozen=True, array_like=True, tag=True):
    """A translation: the path of the original, the original's `id` (empty for a page), and the translated version."""

    original: str
    id: str
    version: LocalizedVersion

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.version.path

    @property
    def text(self) -> Hash:
        """The hash of its `Body`."""
        return self.version.text

    def location(self, key: str) -> SourceLocation:
        """Return the location of the value of `key`, or the top of the file."""
        return self.version.positions.key(self.path, key)


class StaticPage(Struct, frozen=True, array_like=True, tag=True):
    """A static page without its text, such as `/about/`. Pages are listed by `order`, lowest first."""

    slug: str
    order: int
    original: LocalizedVersion
    translations: tuple[LocalizedVersion, ...] = ()

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.original.path

    @property
    def text(self) -> Hash:
        """The hash of its `Body`."""
        return self.original.text

    @property
    def versions(self) -> tuple[LocalizedVersion, ...]:
        """The original and its translations."""
        return (self.original, *self.translations)

    def localized(self, locale: str) -> LocalizedVersion:
        """Return the version of the page for a locale: in its language if there is one."""
        return pick_locale(locale, self.versions)


def translated_file(path: str) -> tuple[str, str] | None:
    """Return the path of the file that `path` is a translation of, and its language; None for any other file."""
    match = _TRANSLATION_FILE.fullmatch(path)
    return (f"{match[1]}.md", match[2]) if match is not None and is_language(match[2]) else None


def is_in_text_folder(path: str) -> bool:
    """Return whether a file is in the folder of articles or in that of static pages."""
    return path.startswith((f"{ARTICLES}/", f"{PAGES}/"))


class Document(Struct, frozen=True, array_like=True):
    """The result of parsing one file without its text: an article, or what else it is, and the diagnostics.

    `source` is the hash of the file's bytes. A file with errors is `rejected`: of it only links and anchors are known,
    so that dead links are reported in the same run. `events` are those of the calendar, which has no text.
    """

    path: str
    source: Hash
    article: Article | None
    other: Translation | StaticPage | None
    rejected: LocalizedVersion | None
    diagnostics: tuple[Diagnostic, ...]
    events: tuple[Event, ...] = ()

    @property
    def text(self) -> Hash | None:
        """The hash of the text; None if the file has errors."""
        found = self.article or self.other
        return None if found is None else found.text

    @property
    def version(self) -> LocalizedVersion | None:
        """The file in its own language; None if it has errors."""
        if isinstance(self.other, Translation):
            return self.other.version
        found = self.article or self.other
        return None if found is None else found.original


def read_document(path: str, data: bytes, content_schema: ContentSchema) -> tuple[Document, Body | None]:
    """Parse a file: an article, a translation, a static page or the calendar, depending on its path.

    `path` is its project path. The text is None if the file has errors, and that of the calendar.
    """
    diagnostics = Diagnostics()
    article: Article | None = None
    other: Translation | StaticPage | None = None
    rejected = None
    body = Body((), ())
    is_page, translated = path.startswith(f"{PAGES}/"), translated_file(path)
    source = decode(path, data, diagnostics)
    if path == CALENDAR:
        events = read_calendar(source, content_schema, diagnostics) if source is not None else ()
        return Document(path, hash_bytes(data), None, None, None, diagnostics.sorted(), events), None
    if source is not None:
        node, body, links, text = read_parts(source, () if is_page else content_schema.perspectives, diagnostics)
        parts = None if node is None else (node, body, links, text)
        if parts is None:
            if translated is None:
                slug_of_file(path, diagnostics)
        elif translated is not None:
            other = _read_translation(source, parts, *translated, diagnostics)
        elif is_page:
            other = _read_page(source, parts, diagnostics)
        else:
            article = read_article(source, parts, content_schema, diagnostics)
        if diagnostics.errors:
            rejected = _rejected(path, body, links)
    if diagnostics.errors:
        article = other = None
    document = Document(path, hash_bytes(data), article, other, rejected, diagnostics.sorted())
    return document, None if diagnostics.errors else body


def _rejected(path: str, body: Body, links: Links) -> LocalizedVersion:
    return LocalizedVersion(
        path,
        lang="",
        title="",
        summary="",
        generated=(),
        reviewed=None,
        links=tuple(link for link, _ in links),
        anchors=body.anchors,
        text=Hash(b""),
        positions=Positions(links=tuple((location.line, location.column) for _, location in links)),
    )


def _read_translation(
    source: SourceText, parts: Parts, original: str, lang: str, diagnostics: Diagnostics
) -> Translation | None:
    is_page = original.startswith(f"{PAGES}/")
    fields = MappingReader(parts[0], diagnostics)
    identifier = "" if is_page else fields.text("id", required=True, hint=f"copy the id of {original}")
    declared = fields.language("lang")
    if declared is not None and declared != lang:
        message = f"'lang' is {declared!r}; expected {lang!r} as in the file's name"
        hint = "remove 'lang', or rename the file"
        fields.error("wrong-language", fields.location_of("lang"), message, hint=hint)
    version = _version(source, fields, parts, diagnostics, lang=lang, summary_required=not is_page)
    fields.reject_unknown_keys()
    return None if identifier is None or version is None else Translation(original, identifier, version)


def _read_page(source: SourceText, parts: Parts, diagnostics: Diagnostics) -> StaticPage | None:
    slug = slug_of_file(source.path, diagnostics)
    if is_of_hosts(slug):
        message = f"the file's name {slug!r} cannot be the address: it is reserved for publishing or by a host"
        diagnostics.error("bad-slug", SourceLocation(source.path, 1), message, hint="rename the file")
    fields = MappingReader(parts[0], diagnostics)
    lang = fields.language("lang", required=True)
    order = fields.integer("order", 1, MAX_ORDER)
    version = _version(source, fields, parts, diagnostics, lang=lang or "", summary_required=False)
    fields.reject_unknown_keys()
    return None if version is None or lang is None else StaticPage(slug, order or MAX_ORDER, version)


def _version(
    source: SourceText,
    fields: MappingReader,
    parts: Parts,
    diagnostics: Diagnostics,
    *,
    lang: str,
    summary_required: bool,
) -> LocalizedVersion | None:
    node, body, links, text = parts
    title = fields.text("title", required=True)
    summary = fields.text("summary", required=summary_required, limit=MAX_SUMMARY_CHARACTERS)
    generated = frontmatter.load_generated(fields)
    reviewed = frontmatter.load_reviewed(fields)
    if title is None or (summary is None and summary_required):
        return None
    current = frontmatter.review_hash(title, summary or "", text)
    return LocalizedVersion(
        path=source.path,
        lang=lang,
        title=title,
        summary=summary or "",
        generated=generated,
        reviewed=frontmatter.check_review(reviewed, current, node, diagnostics),
        links=tuple(link for link, _ in links),
        anchors=body.anchors,
        text=hash_value(body),
        positions=positions(node, _CROSS_CHECKED_KEYS, links),
    )
