"""What lies beside the articles: translations (`<name>.ja.md`), and the editor's own pages (`content/pages/`)."""

import re
from dataclasses import field
from typing import Final

from sitegen.config.model import Vocabulary
from sitegen.content import frontmatter
from sitegen.content.articles import (
    ReadArticle,
    Telling,
    bare_holes,
    bare_places,
    read_article,
    read_parts,
    slug_of_file,
    told_in,
)
from sitegen.content.markdown import Body
from sitegen.content.slugs import is_of_hosts
from sitegen.diagnostics import Findings, Place, Source
from sitegen.paths import PAGES
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import Digester, Part
from sitegen.yaml_source.nodes import decode
from sitegen.yaml_source.reader import Fields, is_language

MOST_ORDER: Final = 1000
"""Pages are listed by a number up to this one; a page without a number comes last."""

_TRANSLATED = re.compile(r"(.*[^/])\.([^./]+)\.md")
_JUDGED: Final = frozenset({"id", "lang", "title"})


@dataclass(frozen=True, slots=True)
class Translation:
    """A translation: the path of the file that it is made of, that one's `id` (empty for a page), and the telling."""

    original: str
    id: str
    telling: Telling
    places: tuple[tuple[str, Place], ...] = field(compare=False)

    @property
    def path(self) -> str:
        """The path of the file in the project."""
        return self.telling.path

    @property
    def text(self) -> bytes:
        """The digest of its `Body`."""
        return self.telling.text

    def place(self, key: str) -> Place:
        """Return where the value of `key` stands, or the top of the file."""
        return dict(self.places).get(key) or Place(self.path, 1)


@dataclass(frozen=True, slots=True)
class EditorPage(Part):
    """A page of the editor's, without its text: `/about/`. The lower its `order`, the earlier it is listed."""

    slug: str
    order: int
    original: Telling
    translations: tuple[Telling, ...] = ()
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

    def told(self, locale: str) -> Telling:
        """Return the page as a locale shows it: in its language where there is such a telling."""
        return told_in(locale, (self.original, *self.translations))


def translated_file(path: str) -> tuple[str, str] | None:
    """Return the path of the file that `path` is a translation of, and its language; None for any other file."""
    match = _TRANSLATED.fullmatch(path)
    return (f"{match[1]}.md", match[2]) if match is not None and is_language(match[2]) else None


def read_file(path: str, data: bytes, vocabulary: Vocabulary) -> ReadArticle:
    """Read the bytes of one Markdown file: an article, a translation or a page, as its path says."""
    translated = translated_file(path)
    if translated is None and not path.startswith(f"{PAGES}/"):
        return read_article(path, data, vocabulary)
    findings = Findings()
    source = decode(path, data, findings)
    found: tuple[Translation | EditorPage, Body] | None = None
    if source is not None and translated is not None:
        found = _read_translation(source, *translated, vocabulary, findings)
    elif source is not None:
        found = _read_page(source, findings)
    if found is None or findings.errors:
        return ReadArticle(path, None, None, findings.sorted())
    return ReadArticle(path, None, found[1], findings.sorted(), found[0])


def _read_translation(
    source: Source, original: str, lang: str, vocabulary: Vocabulary, findings: Findings
) -> tuple[Translation, Body] | None:
    of_page = original.startswith(f"{PAGES}/")
    node, body, _ = read_parts(source, () if of_page else vocabulary.perspectives, findings)
    if node is None or body is None:
        return None
    fields = Fields(node, findings)
    identifier = "" if of_page else fields.text("id", required=True, hint=f"that of {original}")
    written = fields.language("lang")
    if written is not None and written != lang:
        message = f"'lang' is {written!r}, and the file's name says {lang!r}"
        hint = "the name decides; 'lang' may be left out"
        fields.error("wrong-language", fields.place_of("lang"), message, hint=hint)
    telling = _telling(source, fields, body, lang=lang, summary_required=not of_page)
    fields.close()
    if identifier is None or telling is None:
        return None
    return Translation(original, identifier, telling, bare_places(node, _JUDGED)), body


def _read_page(source: Source, findings: Findings) -> tuple[EditorPage, Body] | None:
    slug = slug_of_file(source.path, findings)
    if is_of_hosts(slug):
        message = f"the file's name would be the address, and {slug!r} is a name that publishing or a host uses"
        findings.error("bad-slug", Place(source.path, 1), message, hint="rename the file")
    node, body, _ = read_parts(source, (), findings)
    if node is None or body is None:
        return None
    fields = Fields(node, findings)
    lang = fields.language("lang", required=True)
    order = fields.integer("order", 1, MOST_ORDER)
    telling = _telling(source, fields, body, lang=lang or "", summary_required=False)
    fields.close()
    if telling is None or lang is None:
        return None
    return EditorPage(slug, order or MOST_ORDER, telling), body


def _telling(source: Source, fields: Fields, body: Body, *, lang: str, summary_required: bool) -> Telling | None:
    title = fields.text("title", required=True)
    summary = fields.text("summary", required=summary_required)
    generated = frontmatter.load_generated(fields)
    reviewed = frontmatter.load_reviewed(fields)
    if title is None or (summary is None and summary_required):
        return None
    return Telling(
        path=source.path,
        lang=lang,
        title=title,
        summary=summary or "",
        generated=generated,
        reviewed=reviewed,
        links=bare_holes(body),
        anchors=body.anchors,
        text=Digester().digest(body),
    )
