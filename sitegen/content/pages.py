"""Parses translations (`<name>.ja.md`) and static pages (`content/pages/`)."""

import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.articles import (
    LocalizedVersion,
    ParsedFile,
    pick_locale,
    positions,
    read_article,
    read_parts,
    rejected_file,
    slug_of_file,
)
from sitegen.content.markdown import Body, ParsedBody
from sitegen.content.slugs import is_of_hosts
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.paths import ARTICLES, PAGES
from sitegen.util.hashing import Hash, hash_value
from sitegen.yaml_source.nodes import Mapping, decode
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


def read_file(path: str, data: bytes, content_schema: ContentSchema) -> ParsedFile:
    """Parse a Markdown file: an article, a translation or a static page, depending on its path."""
    translated = translated_file(path)
    if translated is None and not path.startswith(f"{PAGES}/"):
        return read_article(path, data, content_schema)
    diagnostics = Diagnostics()
    source = decode(path, data, diagnostics)
    parsed: tuple[Translation | StaticPage, Body] | None = None
    if source is not None and translated is not None:
        parsed = _read_translation(source, *translated, content_schema, diagnostics)
    elif source is not None:
        parsed = _read_page(source, diagnostics)
    if parsed is None or diagnostics.errors:
        is_page = path.startswith(f"{PAGES}/")
        return rejected_file(path, source, () if is_page else content_schema.perspectives, diagnostics)
    return ParsedFile(path, None, parsed[1], diagnostics.sorted(), parsed[0])


def _read_translation(
    source: SourceText, original: str, lang: str, content_schema: ContentSchema, diagnostics: Diagnostics
) -> tuple[Translation, Body] | None:
    is_page = original.startswith(f"{PAGES}/")
    node, parsed, text = read_parts(source, () if is_page else content_schema.perspectives, diagnostics)
    if node is None or parsed is None:
        return None
    fields = MappingReader(node, diagnostics)
    identifier = "" if is_page else fields.text("id", required=True, hint=f"copy the id of {original}")
    declared = fields.language("lang")
    if declared is not None and declared != lang:
        message = f"'lang' is {declared!r}; expected {lang!r} as in the file's name"
        hint = "remove 'lang', or rename the file"
        fields.error("wrong-language", fields.location_of("lang"), message, hint=hint)
    version = _version(source, fields, node, parsed, lang=lang, summary_required=not is_page)
    fields.reject_unknown_keys()
    if identifier is None or version is None:
        return None
    return Translation(original, identifier, _with_checked_review(version, text, node, diagnostics)), parsed.body


def _read_page(source: SourceText, diagnostics: Diagnostics) -> tuple[StaticPage, Body] | None:
    slug = slug_of_file(source.path, diagnostics)
    if is_of_hosts(slug):
        message = f"the file's name {slug!r} cannot be the address: it is reserved for publishing or by a host"
        diagnostics.error("bad-slug", SourceLocation(source.path, 1), message, hint="rename the file")
    node, parsed, text = read_parts(source, (), diagnostics)
    if node is None or parsed is None:
        return None
    fields = MappingReader(node, diagnostics)
    lang = fields.language("lang", required=True)
    order = fields.integer("order", 1, MAX_ORDER)
    version = _version(source, fields, node, parsed, lang=lang or "", summary_required=False)
    fields.reject_unknown_keys()
    if version is None or lang is None:
        return None
    return StaticPage(slug, order or MAX_ORDER, _with_checked_review(version, text, node, diagnostics)), parsed.body


def _with_checked_review(
    version: LocalizedVersion, text: str, node: Mapping, diagnostics: Diagnostics
) -> LocalizedVersion:
    current = frontmatter.review_hash(version.title, version.summary, text)
    return replace(version, reviewed=frontmatter.check_review(version.reviewed, current, node, diagnostics))


def _version(
    source: SourceText, fields: MappingReader, node: Mapping, parsed: ParsedBody, *, lang: str, summary_required: bool
) -> LocalizedVersion | None:
    title = fields.text("title", required=True)
    summary = fields.text("summary", required=summary_required, limit=MAX_SUMMARY_CHARACTERS)
    generated = frontmatter.load_generated(fields)
    reviewed = frontmatter.load_reviewed(fields)
    if title is None or (summary is None and summary_required):
        return None
    return LocalizedVersion(
        path=source.path,
        lang=lang,
        title=title,
        summary=summary or "",
        generated=generated,
        reviewed=reviewed,
        links=tuple(link for link, _ in parsed.links),
        anchors=parsed.body.anchors,
        text=hash_value(parsed.body),
        positions=positions(node, _CROSS_CHECKED_KEYS, parsed),
    )
