"""One article's bytes to an `Article`, and an article's text as it is written to a file."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from datetime import datetime
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from sitegen.config.model import ContentSchema, Term
from sitegen.content import frontmatter
from sitegen.content.frontmatter import FrontMatter, Review
from sitegen.content.markdown import Body, LinkRef, read_body, without_comments
from sitegen.content.slugs import slug_problem
from sitegen.diagnostics import Diagnostic, Diagnostics, SourceLocation, SourceText
from sitegen.paths import CONTENT_ROOT, PAGES
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import ContentHashed, Digester
from sitegen.yaml_source.nodes import MAX_YAML_CHARACTERS, TYPE_NAMES, Mapping, decode, parse_yaml

if TYPE_CHECKING:
    from sitegen.content.pages import StaticPage, Translation

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


_JUDGED = frozenset({"id", "slug", "follows", "aliases"})


@dataclass(frozen=True, slots=True)
class LocalizedVersion:
    """An article or a page in one language: its original, or a translation that lies beside it.

    `path` is that of the file in the project, `links` are the holes of the text, `text` is the digest of its `Body`.
    """

    path: str
    lang: str
    title: str
    summary: str
    generated: tuple[tuple[str, str], ...]
    reviewed: Review | None
    links: tuple[LinkRef, ...]
    anchors: tuple[str, ...]
    text: bytes = field(compare=False)


def pick_locale(locale: str, versions: "tuple[LocalizedVersion, ...]") -> LocalizedVersion:
    """Return the telling in a locale's language, else in its base language, else the first: the original."""
    for version in versions:
        if version.lang == locale:
            return version
    base = locale.split("-", maxsplit=1)[0]
    for version in versions:
        if version.lang.split("-", maxsplit=1)[0] == base:
            return version
    return versions[0]


@dataclass(frozen=True, slots=True)
class Article(ContentHashed):
    """An article without its text: what lists show, and what is judged against other files.

    `path` is that of the file in the project, `links` are the holes of the text, `text` is the digest of its `Body`,
    `markdown` that of the text as it is written (see `published_markdown`).
    `locations` says where the values stand that are judged against others; like those of `links` they have no excerpt.
    `translations` lie beside it, and are filled in when the digest is put together.
    """

    path: str
    slug: str
    front: FrontMatter
    published: datetime
    updated: datetime | None
    visible_from: datetime
    visible_until: datetime | None
    follows: str | None
    links: tuple[LinkRef, ...]
    anchors: tuple[str, ...]
    locations: tuple[tuple[str, SourceLocation], ...] = field(compare=False)
    text: bytes = field(compare=False)
    markdown: bytes = field(compare=False)
    translations: tuple[LocalizedVersion, ...] = ()
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))

    @property
    def original(self) -> LocalizedVersion:
        """The article in the language that it was written in."""
        front = self.front
        return LocalizedVersion(
            self.path,
            front.lang,
            front.title,
            front.summary,
            front.generated,
            front.reviewed,
            self.links,
            self.anchors,
            self.text,
        )

    def told(self, locale: str) -> LocalizedVersion:
        """Return the article as a locale shows it: in its language where there is such a telling."""
        if not self.translations:
            return self.original
        return pick_locale(locale, (self.original, *self.translations))

    def location(self, key: str) -> SourceLocation:
        """Return where the value of `key` stands, or the top of the file."""
        return dict(self.locations).get(key) or SourceLocation(self.path, 1)


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What reading one file gave: an article and its text unless there are errors, and the findings.

    A file that holds no article gives what lies `beside` the articles: a translation, or a page of the editor's.
    """

    path: str
    article: Article | None
    body: Body | None
    diagnostics: tuple[Diagnostic, ...]
    beside: "Translation | StaticPage | None" = None


def read_article(path: str, data: bytes, content_schema: ContentSchema) -> ParsedFile:
    """Read the bytes of one Markdown file. `path` is relative to the project."""
    diagnostics = Diagnostics()
    source = decode(path, data, diagnostics)
    read = None if source is None else _read(source, content_schema, diagnostics)
    article, body = read if read is not None and not diagnostics.errors else (None, None)
    return ParsedFile(path, article, body, diagnostics.sorted())


def _read(source: SourceText, content_schema: ContentSchema, diagnostics: Diagnostics) -> tuple[Article, Body] | None:
    node, body, written = read_parts(source, content_schema.perspectives, diagnostics)
    front = frontmatter.load(node, content_schema, diagnostics) if node is not None else None
    if body is None:
        return None
    slug = front.slug if front and front.slug else slug_of_file(source.path, diagnostics)
    if front is None or node is None:
        return None
    follows = _follows(source, front, node, diagnostics)
    published = frontmatter.instant(front.date, content_schema)
    publish = frontmatter.instant(front.publish, content_schema) if front.publish else published
    article = Article(
        path=source.path,
        slug=slug,
        front=front,
        published=published,
        updated=frontmatter.instant(front.updated, content_schema) if front.updated else None,
        visible_from=max(publish, published),
        visible_until=frontmatter.instant(front.expire, content_schema) if front.expire else None,
        follows=follows,
        links=links_without_excerpts(body),
        anchors=body.anchors,
        locations=locations_without_excerpts(node, _JUDGED),
        text=Digester().digest(body),
        markdown=Digester().digest(_public(source, written, body, content_schema)),
    )
    return article, body


def read_parts(
    source: SourceText, perspectives: tuple[Term, ...], diagnostics: Diagnostics
) -> tuple[Mapping | None, Body | None, str]:
    """Read a file's front matter, as nodes, its text, and that as it is written.

    None for what is not there, which is reported.
    """
    parts = split_front_matter(source, diagnostics)
    if parts is None:
        return None, None, ""
    yaml_text, body_text, body_line = parts
    before = len(diagnostics)
    node = parse_yaml(source, yaml_text, diagnostics, first_line=2)
    if not isinstance(node, Mapping) and len(diagnostics) == before:
        kind = TYPE_NAMES[type(node)] if node is not None else "empty"
        diagnostics.error("wrong-type", source.location(2, 1), f"the front matter is {kind}; expected keys and values")
    body = read_body(source, body_text, diagnostics, perspectives=perspectives, first_line=body_line)
    if not body.sections:
        diagnostics.warning("no-text", source.location(body_line), f"the {_kind(source.path)} has no text")
    return node if isinstance(node, Mapping) else None, body, body_text


def _kind(path: str) -> str:
    return "page" if path.startswith(f"{PAGES}/") else "article"


def links_without_excerpts(body: Body) -> tuple[LinkRef, ...]:
    """Return the holes of a text, in places without their lines."""
    return tuple(replace(link, location=_bare(link.location)) for link in body.links)


def locations_without_excerpts(node: Mapping, keys: AbstractSet[str]) -> tuple[tuple[str, SourceLocation], ...]:
    """Return where the values of `keys` stand, without their lines."""
    return tuple((key, _bare(location)) for key, location in frontmatter.key_locations(node, keys))


def read_front(source: SourceText, content_schema: ContentSchema, diagnostics: Diagnostics) -> FrontMatter | None:
    """Read front matter that stands alone, without a text below it."""
    node = parse_yaml(source, source.text, diagnostics)
    return frontmatter.load(node, content_schema, diagnostics) if isinstance(node, Mapping) else None


def _bare(location: SourceLocation) -> SourceLocation:
    """Return a place without the line: a report takes that from the file."""
    return SourceLocation(location.path, location.line, location.column)


def split_front_matter(source: SourceText, diagnostics: Diagnostics) -> tuple[str, str, int] | None:
    """Divide a file into its front matter, its text, and the line (from 1) at which the text begins."""
    text = source.text
    opening = _FENCE.match(text)
    if opening is None:
        hint = "an article begins with a line ---, its front matter and another line ---"
        message = "the file is empty" if not text.strip() else "there is no front matter"
        diagnostics.error("no-front-matter", source.location(1, 1), message, hint=hint)
        return None
    closing = _FENCE.search(text, opening.end())
    if closing is None:
        if len(text) > MAX_YAML_CHARACTERS:
            message = f"the front matter is not closed within {MAX_YAML_CHARACTERS:,} characters"
        else:
            message = "the front matter is not closed"
        diagnostics.error("front-matter-not-closed", source.location(1, 1), message, hint="end it with a line ---")
        return None
    body_start = closing.end()
    line = text.count("\n", 0, body_start) + 1
    return text[opening.end() + 1 : closing.start()], text[body_start:], line


def serialize_article(front: FrontMatter, body: str) -> str:
    """Return the text of an article's file."""
    return f"---\n{frontmatter.dump(front)}---\n\n{_trimmed(body)}\n"


def published_markdown(path: str, data: bytes, content_schema: ContentSchema) -> str | None:
    """Return the Markdown of an article as it is published; None where the file is no article.

    Comments are the editor's own and are left out, as they are in a page.
    """
    diagnostics = Diagnostics()
    source = decode(path, data, diagnostics)
    parts = None if source is None else split_front_matter(source, diagnostics)
    if source is None or parts is None:
        return None
    return _public(source, parts[1], None, content_schema)


def _public(source: SourceText, text: str, body: Body | None, content_schema: ContentSchema) -> str:
    """Return Markdown without blank lines around it and without comments; `body` is what it was read as, if it was."""
    text = _trimmed(text)
    if "<!--" not in text:
        return text
    # What looks like a comment may be code: then the text would read otherwise without it.
    bare = _trimmed(without_comments(text))
    read, again = (
        body or read_body(source, text, Diagnostics(), perspectives=content_schema.perspectives),
        read_body(source, bare, Diagnostics(), perspectives=content_schema.perspectives),
    )
    return bare if read == again else text


def _trimmed(text: str) -> str:
    """Return a text without the blank lines before it and the blanks after; indented code may come first."""
    return _BLANK_LINES.sub("", text).rstrip(" \t\n")


def slug_of_file(path: str, diagnostics: Diagnostics) -> str:
    """Return the slug that a file's name gives; one that cannot be a slug is reported."""
    slug = unicodedata.normalize("NFC", basename(path).removesuffix(".md"))
    problem = slug_problem(slug)
    if problem is not None:
        diagnostics.error(
            "bad-slug",
            SourceLocation(path, 1),
            f"the file's name would be the slug, and {slug!r} {problem}",
            hint="rename the file, or write a slug into the front matter",
        )
    return slug


def _follows(source: SourceText, front: FrontMatter, node: Mapping, diagnostics: Diagnostics) -> str | None:
    if front.follows is None:
        return None
    base = CONTENT_ROOT if front.follows.startswith("/") else dirname(source.path)
    target = unicodedata.normalize("NFC", normpath(join(base, front.follows.lstrip("/"))))
    location = dict(frontmatter.key_locations(node, _JUDGED)).get("follows", source.location(1))
    if not target.endswith(".md") or not target.startswith(f"{CONTENT_ROOT}/"):
        diagnostics.error(
            "bad-address", location, f"'follows' is {front.follows!r}; expected the path of an article's Markdown file"
        )
        return None
    if target == source.path:
        diagnostics.error("bad-address", location, "an article cannot follow itself")
        return None
    return target
