"""One article's bytes to an `Article`, and an article's text as it is written to a file."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from datetime import datetime
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from sitegen.config.model import Term, Vocabulary
from sitegen.content import frontmatter
from sitegen.content.frontmatter import FrontMatter, Reviewed
from sitegen.content.markdown import Body, Hole, read_body, without_comments
from sitegen.content.slugs import slug_problem
from sitegen.diagnostics import Diagnostic, Findings, Place, Source
from sitegen.paths import CONTENT_ROOT, PAGES
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import Digester, Part
from sitegen.yaml_source.nodes import MAX_YAML_CHARACTERS, Mapping, decode, parse_yaml, type_names

if TYPE_CHECKING:
    from sitegen.content.pages import EditorPage, Translation

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")


_JUDGED = frozenset({"id", "slug", "follows", "aliases"})


@dataclass(frozen=True, slots=True)
class Telling:
    """An article or a page in one language: its original, or a translation that lies beside it.

    `path` is that of the file in the project, `links` are the holes of the text, `text` is the digest of its `Body`.
    """

    path: str
    lang: str
    title: str
    summary: str
    generated: tuple[tuple[str, str], ...]
    reviewed: Reviewed | None
    links: tuple[Hole, ...]
    anchors: tuple[str, ...]
    text: bytes = field(compare=False)


def told_in(locale: str, tellings: "tuple[Telling, ...]") -> Telling:
    """Return the telling in a locale's language, else in its base language, else the first: the original."""
    for telling in tellings:
        if telling.lang == locale:
            return telling
    base = locale.split("-", maxsplit=1)[0]
    for telling in tellings:
        if telling.lang.split("-", maxsplit=1)[0] == base:
            return telling
    return tellings[0]


@dataclass(frozen=True, slots=True)
class Article(Part):
    """An article without its text: what lists show, and what is judged against other files.

    `path` is that of the file in the project, `links` are the holes of the text, `text` is the digest of its `Body`,
    `markdown` that of the text as it is written (see `manuscript`).
    `places` says where the values stand that are judged against others; like those of `links` they have no excerpt.
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
    links: tuple[Hole, ...]
    anchors: tuple[str, ...]
    places: tuple[tuple[str, Place], ...] = field(compare=False)
    text: bytes = field(compare=False)
    markdown: bytes = field(compare=False)
    translations: tuple[Telling, ...] = ()
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))

    @property
    def original(self) -> Telling:
        """The article in the language that it was written in."""
        front = self.front
        return Telling(
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

    def told(self, locale: str) -> Telling:
        """Return the article as a locale shows it: in its language where there is such a telling."""
        if not self.translations:
            return self.original
        return told_in(locale, (self.original, *self.translations))

    def place(self, key: str) -> Place:
        """Return where the value of `key` stands, or the top of the file."""
        return dict(self.places).get(key) or Place(self.path, 1)


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """What reading one file gave: an article and its text unless there are errors, and the findings.

    A file that holds no article gives what lies `beside` the articles: a translation, or a page of the editor's.
    """

    path: str
    article: Article | None
    body: Body | None
    diagnostics: tuple[Diagnostic, ...]
    beside: "Translation | EditorPage | None" = None


def read_article(path: str, data: bytes, vocabulary: Vocabulary) -> ReadArticle:
    """Read the bytes of one Markdown file. `path` is relative to the project."""
    findings = Findings()
    source = decode(path, data, findings)
    read = None if source is None else _read(source, vocabulary, findings)
    article, body = read if read is not None and not findings.errors else (None, None)
    return ReadArticle(path, article, body, findings.sorted())


def _read(source: Source, vocabulary: Vocabulary, findings: Findings) -> tuple[Article, Body] | None:
    node, body, written = read_parts(source, vocabulary.perspectives, findings)
    front = frontmatter.load(node, vocabulary, findings) if node is not None else None
    if body is None:
        return None
    slug = front.slug if front and front.slug else slug_of_file(source.path, findings)
    if front is None or node is None:
        return None
    follows = _follows(source, front, node, findings)
    published = frontmatter.instant(front.date, vocabulary)
    publish = frontmatter.instant(front.publish, vocabulary) if front.publish else published
    article = Article(
        path=source.path,
        slug=slug,
        front=front,
        published=published,
        updated=frontmatter.instant(front.updated, vocabulary) if front.updated else None,
        visible_from=max(publish, published),
        visible_until=frontmatter.instant(front.expire, vocabulary) if front.expire else None,
        follows=follows,
        links=bare_holes(body),
        anchors=body.anchors,
        places=bare_places(node, _JUDGED),
        text=Digester().digest(body),
        markdown=Digester().digest(_public(source, written, body, vocabulary)),
    )
    return article, body


def read_parts(
    source: Source, perspectives: tuple[Term, ...], findings: Findings
) -> tuple[Mapping | None, Body | None, str]:
    """Read a file's front matter, as nodes, its text, and that as it is written.

    None for what is not there, which is reported.
    """
    parts = split(source, findings)
    if parts is None:
        return None, None, ""
    yaml_text, body_text, body_line = parts
    before = len(findings)
    node = parse_yaml(source, yaml_text, findings, first_line=2)
    if not isinstance(node, Mapping) and len(findings) == before:
        kind = type_names[type(node)] if node is not None else "empty"
        findings.error("wrong-type", source.place(2, 1), f"the front matter is {kind}; expected keys and values")
    body = read_body(source, body_text, findings, perspectives=perspectives, first_line=body_line)
    if not body.sections:
        findings.warning("no-text", source.place(body_line), f"the {_kind(source.path)} has no text")
    return node if isinstance(node, Mapping) else None, body, body_text


def _kind(path: str) -> str:
    return "page" if path.startswith(f"{PAGES}/") else "article"


def bare_holes(body: Body) -> tuple[Hole, ...]:
    """Return the holes of a text, in places without their lines."""
    return tuple(replace(hole, place=_bare(hole.place)) for hole in body.holes)


def bare_places(node: Mapping, keys: AbstractSet[str]) -> tuple[tuple[str, Place], ...]:
    """Return where the values of `keys` stand, without their lines."""
    return tuple((key, _bare(place)) for key, place in frontmatter.place_table(node, keys))


def read_front(source: Source, vocabulary: Vocabulary, findings: Findings) -> FrontMatter | None:
    """Read front matter that stands alone, without a text below it."""
    node = parse_yaml(source, source.text, findings)
    return frontmatter.load(node, vocabulary, findings) if isinstance(node, Mapping) else None


def _bare(place: Place) -> Place:
    """Return a place without the line: a report takes that from the file."""
    return Place(place.path, place.line, place.column)


def split(source: Source, findings: Findings) -> tuple[str, str, int] | None:
    """Divide a file into its front matter, its text, and the line (from 1) at which the text begins."""
    text = source.text
    opening = _FENCE.match(text)
    if opening is None:
        hint = "an article begins with a line ---, its front matter and another line ---"
        message = "the file is empty" if not text.strip() else "there is no front matter"
        findings.error("no-front-matter", source.place(1, 1), message, hint=hint)
        return None
    closing = _FENCE.search(text, opening.end())
    if closing is None:
        if len(text) > MAX_YAML_CHARACTERS:
            message = f"the front matter is not closed within {MAX_YAML_CHARACTERS:,} characters"
        else:
            message = "the front matter is not closed"
        findings.error("front-matter-not-closed", source.place(1, 1), message, hint="end it with a line ---")
        return None
    body_start = closing.end()
    line = text.count("\n", 0, body_start) + 1
    return text[opening.end() + 1 : closing.start()], text[body_start:], line


def compose(front: FrontMatter, body: str) -> str:
    """Return the text of an article's file."""
    return f"---\n{frontmatter.dump(front)}---\n\n{_trimmed(body)}\n"


def manuscript(path: str, data: bytes, vocabulary: Vocabulary) -> str | None:
    """Return the Markdown of an article as it is published; None where the file is no article.

    Comments are the editor's own and are left out, as they are in a page.
    """
    findings = Findings()
    source = decode(path, data, findings)
    parts = None if source is None else split(source, findings)
    if source is None or parts is None:
        return None
    return _public(source, parts[1], None, vocabulary)


def _public(source: Source, text: str, body: Body | None, vocabulary: Vocabulary) -> str:
    """Return Markdown without blank lines around it and without comments; `body` is what it was read as, if it was."""
    text = _trimmed(text)
    if "<!--" not in text:
        return text
    # What looks like a comment may be code: then the text would read otherwise without it.
    bare = _trimmed(without_comments(text))
    read, again = (
        body or read_body(source, text, Findings(), perspectives=vocabulary.perspectives),
        read_body(source, bare, Findings(), perspectives=vocabulary.perspectives),
    )
    return bare if read == again else text


def _trimmed(text: str) -> str:
    """Return a text without the blank lines before it and the blanks after; indented code may come first."""
    return _BLANK_LINES.sub("", text).rstrip(" \t\n")


def slug_of_file(path: str, findings: Findings) -> str:
    """Return the slug that a file's name gives; one that cannot be a slug is reported."""
    slug = unicodedata.normalize("NFC", basename(path).removesuffix(".md"))
    problem = slug_problem(slug)
    if problem is not None:
        findings.error(
            "bad-slug",
            Place(path, 1),
            f"the file's name would be the slug, and {slug!r} {problem}",
            hint="rename the file, or write a slug into the front matter",
        )
    return slug


def _follows(source: Source, front: FrontMatter, node: Mapping, findings: Findings) -> str | None:
    if front.follows is None:
        return None
    base = CONTENT_ROOT if front.follows.startswith("/") else dirname(source.path)
    target = unicodedata.normalize("NFC", normpath(join(base, front.follows.lstrip("/"))))
    place = dict(frontmatter.place_table(node, _JUDGED)).get("follows", source.place(1))
    if not target.endswith(".md") or not target.startswith(f"{CONTENT_ROOT}/"):
        findings.error(
            "bad-address", place, f"'follows' is {front.follows!r}; expected the path of an article's Markdown file"
        )
        return None
    if target == source.path:
        findings.error("bad-address", place, "an article cannot follow itself")
        return None
    return target
