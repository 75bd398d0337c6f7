"""What lies beside the articles: translations (`<name>.ja.md`), and the editor's own pages (`content/pages/`)."""

import re
from dataclasses import field
from typing import Final

from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.articles import (
    LocalizedVersion,
    ParsedFile,
    links_without_excerpts,
    locations_without_excerpts,
    pick_locale,
    read_article,
    read_parts,
    slug_of_file,
)
from sitegen.content.markdown import Body
from sitegen.content.slugs import is_of_hosts
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.paths import PAGES
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import ContentHashed, Digester
from sitegen.yaml_source.nodes import decode
from sitegen.yaml_source.reader import MappingReader, is_language

MOST_ORDER: Final = 1000
"""Pages are listed by a number up to this one; a page without a number comes last."""

_TRANSLATED = re.compile(r"(.*[^/])\.([^./]+)\.md")
_JUDGED: Final = frozenset({"id", "lang", "title"})


@dataclass(frozen=True, slots=True)
class Translation:
    """A translation: the path of the file that it is made of, that one's `id` (empty for a page), and the telling."""

    original: str
    id: str
    version: LocalizedVersion
    locations: tuple[tuple[str, SourceLocation], ...] = field(compare=False)

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.version.path

    @property
    def text(self) -> bytes:
        """The digest of its `Body`."""
        return self.version.text

    def location(self, key: str) -> SourceLocation:
        """Return where the value of `key` stands, or the top of the file."""
        return dict(self.locations).get(key) or SourceLocation(self.path, 1)


@dataclass(frozen=True, slots=True)
class StaticPage(ContentHashed):
    """A page of the editor's, without its text: `/about/`. The lower its `order`, the earlier it is listed."""

    slug: str
    order: int
    original: LocalizedVersion
    translations: tuple[LocalizedVersion, ...] = ()
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.original.path

    @property
    def text(self) -> bytes:
        """The digest of its `Body`."""
        return self.original.text

    def told(self, locale: str) -> LocalizedVersion:
        """Return the page as a locale shows it: in its language where there is such a telling."""
        return pick_locale(locale, (self.original, *self.translations))


def translated_file(path: str) -> tuple[str, str] | None:
    """Return the path of the file that `path` is a translation of, and its language; None for any other file."""
    match = _TRANSLATED.fullmatch(path)
    return (f"{match[1]}.md", match[2]) if match is not None and is_language(match[2]) else None


def read_file(path: str, data: bytes, content_schema: ContentSchema) -> ParsedFile:
    """Read the bytes of one Markdown file: an article, a translation or a page, as its path says."""
    translated = translated_file(path)
    if translated is None and not path.startswith(f"{PAGES}/"):
        return read_article(path, data, content_schema)
    diagnostics = Diagnostics()
    source = decode(path, data, diagnostics)
    found: tuple[Translation | StaticPage, Body] | None = None
    if source is not None and translated is not None:
        found = _read_translation(source, *translated, content_schema, diagnostics)
    elif source is not None:
        found = _read_page(source, diagnostics)
    if found is None or diagnostics.errors:
        return ParsedFile(path, None, None, diagnostics.sorted())
    return ParsedFile(path, None, found[1], diagnostics.sorted(), found[0])


def _read_translation(
    source: SourceText, original: str, lang: str, content_schema: ContentSchema, diagnostics: Diagnostics
) -> tuple[Translation, Body] | None:
    of_page = original.startswith(f"{PAGES}/")
    node, body, _ = read_parts(source, () if of_page else content_schema.perspectives, diagnostics)
    if node is None or body is None:
        return None
    fields = MappingReader(node, diagnostics)
    identifier = "" if of_page else fields.text("id", required=True, hint=f"that of {original}")
    written = fields.language("lang")
    if written is not None and written != lang:
        message = f"'lang' is {written!r}, and the file's name says {lang!r}"
        hint = "the name decides; 'lang' may be left out"
        fields.error("wrong-language", fields.location_of("lang"), message, hint=hint)
    version = _telling(source, fields, body, lang=lang, summary_required=not of_page)
    fields.reject_unknown_keys()
    if identifier is None or version is None:
        return None
    return Translation(original, identifier, version, locations_without_excerpts(node, _JUDGED)), body


def _read_page(source: SourceText, diagnostics: Diagnostics) -> tuple[StaticPage, Body] | None:
    slug = slug_of_file(source.path, diagnostics)
    if is_of_hosts(slug):
        message = f"the file's name would be the address, and {slug!r} is a name that publishing or a host uses"
        diagnostics.error("bad-slug", SourceLocation(source.path, 1), message, hint="rename the file")
    node, body, _ = read_parts(source, (), diagnostics)
    if node is None or body is None:
        return None
    fields = MappingReader(node, diagnostics)
    lang = fields.language("lang", required=True)
    order = fields.integer("order", 1, MOST_ORDER)
    version = _telling(source, fields, body, lang=lang or "", summary_required=False)
    fields.reject_unknown_keys()
    if version is None or lang is None:
        return None
    return StaticPage(slug, order or MOST_ORDER, version), body


def _telling(
    source: SourceText, fields: MappingReader, body: Body, *, lang: str, summary_required: bool
) -> LocalizedVersion | None:
    title = fields.text("title", required=True)
    summary = fields.text("summary", required=summary_required)
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
        links=links_without_excerpts(body),
        anchors=body.anchors,
        text=Digester().digest(body),
    )
