"""Parses the file of an article, and serializes an article to a file."""

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from posixpath import basename, dirname
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from sitegen.config.model import ContentSchema, Term
from sitegen.config.readers import TEXT_PARTS
from sitegen.content import frontmatter
from sitegen.content.body import Body, Links, Section
from sitegen.content.frontmatter import FrontMatter, Review
from sitegen.content.links import LinkRef, target_path
from sitegen.content.markdown import comment_parts, read_body
from sitegen.content.placeholders import PLACEHOLDERS, TODO
from sitegen.content.slugs import slug_problem, valid_slug
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.util.dates import Instant, PartialDate
from sitegen.util.hashing import Hash, hash_value
from sitegen.util.paths import CONTENT_ROOT, EDITIONS, ISSUES, PAGES
from sitegen.yaml_source.nodes import MAX_YAML_CHARACTERS, TYPE_NAMES, Mapping, decode, parse_yaml

_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_CROSS_CHECKED_KEYS = frozenset({"id", "slug", "follows", "aliases", "updated", "corrections", "reviewed"})


class Positions(Struct, frozen=True, array_like=True):
    """The line and column of the keys and links that are checked against other files.

    They are separate from the values because the hash of an article must not change if its lines move.
    """

    keys: tuple[tuple[str, int, int], ...] = ()
    links: tuple[tuple[int, int], ...] = ()

    def key(self, path: str, name: str) -> SourceLocation:
        """Return the location of the value of a key, or the top of the file `path`."""
        for key, line, column in self.keys:
            if key == name:
                return SourceLocation(path, line, column)
        return SourceLocation(path, 1)


Excerpt = tuple[str, str, str]
"""A perspective that is in another language than its article: its key, its language, its first sentence."""


class WatchItem(Struct, frozen=True, array_like=True):
    """Something to watch: a short text, and its date and its address if they are known."""

    text: str
    at: PartialDate | None = None
    url: str | None = None


class LocalizedVersion(Struct, frozen=True, array_like=True):
    """A text in one language: the original, or a translation in a file next to it.

    `path` is the project path of the file, `text` is the hash of its `Body`. Only introductions have `watch`, and only
    articles have `markdown`, the hash of the published Markdown (see `published_markdown`).
    """

    path: str
    lang: str = ""
    title: str = ""
    summary: str = ""
    generated: tuple[tuple[str, str], ...] = ()
    reviewed: Review | None = None
    links: tuple[LinkRef, ...] = ()
    anchors: tuple[str, ...] = ()
    text: Hash = Hash(b"")
    positions: Positions = Positions()
    watch: tuple[WatchItem, ...] = ()
    markdown: Hash = Hash(b"")

    def without_text(self) -> "LocalizedVersion":
        """Return the version without the hashes of its text and without positions, as lists need it."""
        return replace(self, text=Hash(b""), positions=Positions(), markdown=Hash(b""))

    @property
    def reviewer(self) -> str | None:
        """The person who reviewed the machine-written parts as they are."""
        return None if self.reviewed is None else self.reviewed.reviewer

    def authors(self, original: "LocalizedVersion") -> dict[str, str]:
        """Return who wrote each part for which it is recorded: `ai`, `human` or `mixed`.

        A translation that does not say so has the translator for all of its parts, else the authors of the `original`.
        """
        own, inherited = dict(self.generated), dict(original.generated)
        if self.path == original.path:
            return own
        authors = {part: own.get(part) or own.get("translation") or inherited.get(part) for part in TEXT_PARTS}
        return {part: author for part, author in authors.items() if author is not None}

    def located_links(self) -> Iterator[tuple[LinkRef, SourceLocation]]:
        """Yield every link of the text with its location."""
        for link, (line, column) in zip(self.links, self.positions.links, strict=True):
            yield link, SourceLocation(self.path, line, column)


def pick_locale(locale: str, versions: "tuple[LocalizedVersion, ...]") -> LocalizedVersion:
    """Return the version in a locale's language, else in its base language, else the original, which is the first."""
    for version in versions:
        if version.lang == locale:
            return version
    base = locale.split("-", maxsplit=1)[0]
    for version in versions:
        if version.lang.split("-", maxsplit=1)[0] == base:
            return version
    return versions[0]


class Article(Struct, frozen=True, array_like=True):
    """An article without its text: the values for lists and for checks against other files.

    `path` is the project path of the file. `updated` is never before `published`: an update on the day of publication
    can have no time. `corrected` is the time of the newest correction. `text` is the hash of the `Body`, `markdown` is
    the hash of the published Markdown (see `published_markdown`). `excerpts` has one perspective for each language that
    is not the article's. `translations` are added when the site is built. `hash` covers everything but the text and
    positions, so an edited sentence does not affect pages that only show the title, unless it is in an excerpt.
    """

    path: str
    slug: str
    front: FrontMatter
    published: Instant
    updated: Instant | None
    visible_from: Instant
    visible_until: Instant | None
    follows: str | None
    links: tuple[LinkRef, ...]
    anchors: tuple[str, ...]
    text: Hash
    markdown: Hash
    positions: Positions = Positions()
    translations: tuple[LocalizedVersion, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    corrected: Instant | None = None
    hash: Hash = Hash(b"")

    def __post_init__(self) -> None:
        if not self.hash:
            values = (
                (self.path, self.slug, self.front, self.published, self.updated),
                (self.visible_from, self.visible_until, self.follows, self.links, self.anchors),
                [version.without_text() for version in self.translations],
                self.excerpts,
            )
            force_setattr(self, "hash", hash_value(values))

    def with_changes(self, **changes: Any) -> "Article":
        """Return the article with other values and a new hash."""
        return replace(self, **changes, hash=Hash(b""))

    def planned(self) -> "Article":
        """Return the article with what a plan depends on: without titles, summaries and excerpts, which pages show."""
        translations = tuple(replace(version, title="", summary="") for version in self.translations)
        return self.with_changes(
            front=replace(self.front, title="", summary=""), translations=translations, excerpts=()
        )

    @property
    def original(self) -> LocalizedVersion:
        """The article in the language in which it was written."""
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
            self.positions,
            markdown=self.markdown,
        )

    @property
    def versions(self) -> tuple[LocalizedVersion, ...]:
        """The original and its translations."""
        return (self.original, *self.translations)

    @property
    def versions_with_links(self) -> tuple[LocalizedVersion, ...]:
        """The versions that can have links; most articles have none, and then no version is created."""
        return self.versions if self.links or self.translations else ()

    def state(self, now: datetime) -> str:
        """Return `published`, or why the article is not shown at `now`: `expired`, `draft`, `scheduled`."""
        if self.visible_until is not None and self.visible_until <= now:
            return "expired"
        if self.front.draft:
            return "draft"
        return "scheduled" if self.visible_from > now else "published"

    def localized(self, locale: str) -> LocalizedVersion:
        """Return the version of the article for a locale: in its language if there is one."""
        return pick_locale(locale, self.versions) if self.translations else self.original

    def location(self, key: str) -> SourceLocation:
        """Return the location of the value of `key`, or the top of the file."""
        return self.positions.key(self.path, key)


Parts = tuple[Mapping, Body, Links, str]
"""A file: the YAML node of the front matter, the parsed text, its links with their locations, the text as written."""


def read_article(
    source: SourceText, parts: Parts, content_schema: ContentSchema, diagnostics: Diagnostics
) -> Article | None:
    """Return the article in a Markdown file; None if its front matter has errors."""
    node, body, links, text = parts
    front = frontmatter.load(node, content_schema, diagnostics)
    slug = front.slug if front and front.slug else slug_of_file(source.path, diagnostics)
    if front is None:
        return None
    current = frontmatter.review_hash(front.title, front.summary, text)
    front = replace(front, reviewed=frontmatter.check_review(front.reviewed, current, node, diagnostics))
    _check_placeholders(source, front, node, diagnostics)
    zone = content_schema.zone
    published = front.date.with_fixed_offset(zone)
    return Article(
        path=source.path,
        slug=slug,
        front=front,
        published=published,
        updated=max(front.updated.with_fixed_offset(zone), published) if front.updated else None,
        visible_from=max(front.publish.with_fixed_offset(zone), published) if front.publish else published,
        visible_until=front.expire.with_fixed_offset(zone) if front.expire else None,
        follows=_follows(source, front, node, diagnostics),
        links=tuple(link for link, _ in links),
        anchors=body.anchors,
        text=hash_value(body),
        markdown=hash_value(published_text(source, text, body, content_schema)),
        positions=positions(node, _CROSS_CHECKED_KEYS, links),
        excerpts=_excerpts(body, front.lang),
        corrected=max((entry.at.with_fixed_offset(zone) for entry in front.corrections), default=None),
    )


def _excerpts(body: Body, lang: str) -> tuple[Excerpt, ...]:
    """Return the first perspective of each language that is not that of the article."""
    excerpts: dict[str, Excerpt] = {}
    for section in body.sections:
        if section.key is not None and section.lang is not None and section.first_sentence:
            base = section.lang.partition("-")[0]
            if base != lang.partition("-")[0]:
                excerpts.setdefault(base, (section.key, section.lang, section.first_sentence))
    return tuple(excerpts.values())


def read_parts(
    source: SourceText, perspectives: tuple[Term, ...], diagnostics: Diagnostics
) -> tuple[Mapping | None, Body, Links, str]:
    """Return the YAML node of the front matter, the parsed text, its links, and the text as written.

    A missing part is None or empty, and is reported.
    """
    parts = split_front_matter(source, diagnostics)
    if parts is None:
        return None, Body((), ()), (), ""
    yaml_text, text, first_line = parts
    before = len(diagnostics)
    node = parse_yaml(source, yaml_text, diagnostics, first_line=2)
    if not isinstance(node, Mapping) and len(diagnostics) == before:
        kind = TYPE_NAMES[type(node)] if node is not None else "empty"
        diagnostics.error(
            "wrong-type", source.location(2, 1), f"the front matter is {kind}; expected a mapping of keys to values"
        )
    errors = diagnostics.errors
    body, links = read_body(source, text, diagnostics, perspectives=perspectives, first_line=first_line)
    if not body.sections and diagnostics.errors == errors:
        kinds = {PAGES: "page", EDITIONS: "introduction", ISSUES: "introduction"}
        kind = kinds.get(dirname(source.path), "article")
        diagnostics.warning("no-text", source.location(first_line), f"the {kind} has no text")
    return node if isinstance(node, Mapping) else None, body, links, text


def source_text(path: str, data: bytes) -> SourceText | None:
    """Return the text of a file, for excerpts; None if it is not valid UTF-8."""
    return decode(path, data, Diagnostics())


def positions(node: Mapping, keys: AbstractSet[str], links: Links) -> Positions:
    """Return the positions of the values of `keys` and of the links of a text."""
    located = frontmatter.key_locations(node, keys)
    return Positions(
        tuple((key, location.line, location.column) for key, location in located),
        tuple((location.line, location.column) for _, location in links),
    )


def read_front(source: SourceText, content_schema: ContentSchema, diagnostics: Diagnostics) -> FrontMatter | None:
    """Parse front matter without `---` lines and without a text."""
    node = parse_yaml(source, source.text, diagnostics)
    return frontmatter.load(node, content_schema, diagnostics) if isinstance(node, Mapping) else None


def split_front_matter(source: SourceText, diagnostics: Diagnostics) -> tuple[str, str, int] | None:
    """Return the front matter of a file, its text, and the line (from 1) at which the text begins."""
    text = source.text
    opening = _FENCE.match(text)
    if opening is None:
        hint = "begin the file with a line ---, the front matter and another line ---"
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


def source_parts(path: str, data: bytes) -> tuple[SourceText, str, str, int] | None:
    """Return a file as text, and what `split_front_matter` returns; None without front matter."""
    source = source_text(path, data)
    parts = None if source is None else split_front_matter(source, Diagnostics())
    return None if source is None or parts is None else (source, *parts)


def serialize_article(front: FrontMatter, body: str) -> str:
    """Return the content of an article's file."""
    return article_text(frontmatter.dump(front), body)


def article_text(values: str, body: str) -> str:
    """Return the content of an article's file; `values` is the YAML of its front matter."""
    return f"---\n{values}---\n\n{_trim(body)}\n"


def published_markdown(path: str, data: bytes, content_schema: ContentSchema) -> str | None:
    """Return the Markdown of an article or a translation as it is published; None if the file has no front matter.

    Comments are omitted, as they are in pages.
    """
    parts = source_parts(path, data)
    return None if parts is None else published_text(parts[0], parts[2], None, content_schema)


def published_text(source: SourceText, text: str, body: Body | None, content_schema: ContentSchema) -> str:
    """Return Markdown without comments and surrounding blank lines; `body` is the parsed text, if known.

    A comment that divides a list, or that ends a line, becomes an empty one, so that the result is the same page.
    """
    text = _trim(text)
    if "<!--" not in text:
        return text

    def sections(markdown: str) -> tuple[Section, ...]:
        return read_body(source, markdown, Diagnostics(), perspectives=content_schema.perspectives)[0].sections

    parts, shown, mark = comment_parts(text), body.sections if body else sections(text), hash_value(text).hex()[:8]
    # A comment in code is text: its mark is in the result.
    marked = str(sections("".join(f"<!--{mark}.{i}-->" if i % 2 else part for i, part in enumerate(parts))))
    code = {int(number) for number in re.findall(rf"{mark}\.(\d+)-", marked)}
    for comment in ("", "<!-- -->"):
        kept = (comment if i % 2 and i not in code else part for i, part in enumerate(parts))
        published = _trim("".join(kept))
        if sections(published) == shown:
            return published
    return text


def _trim(text: str) -> str:
    """Return a text without leading blank lines and trailing white space; leading indented code is kept."""
    return _BLANK_LINES.sub("", text).rstrip(" \t\n")


def slug_of_file(path: str, diagnostics: Diagnostics) -> str:
    """Return the slug of a file without one of its own: the file's name. A name that is not valid is reported."""
    slug = unicodedata.normalize("NFC", basename(path).removesuffix(".md"))
    problem = slug_problem(slug)
    if problem is not None:
        diagnostics.error(
            "bad-slug",
            SourceLocation(path, 1),
            f"the file's name cannot be the slug: {slug!r} {problem}",
            near=f"{valid_slug(slug)}.md" if valid_slug(slug) else None,
            hint="rename the file, or add a slug to the front matter",
        )
    return slug


def _check_placeholders(source: SourceText, front: FrontMatter, node: Mapping, diagnostics: Diagnostics) -> None:
    """Report text and values that the editor has yet to replace, unless the article is a draft."""
    todo = front.extra.get(TODO) if front.extra and not front.draft else None
    if isinstance(todo, list) and todo:
        (location,) = (at for _, at in frontmatter.key_locations(node, {"extra"}))
        names = ", ".join(str(item) for item in todo)
        hint = "set the values, then delete 'todo'; or keep 'draft: true' until then"
        diagnostics.error("placeholder-text", location, f"extra.todo names values to set: {names}", hint=hint)
    if front.draft or not any(text in source.text for text in PLACEHOLDERS):
        return
    values = {"source": front.source.name, "summary": front.summary}
    located = [(values[key], location) for key, location in frontmatter.key_locations(node, values.keys())]
    located += [(line.strip(), source.location(number, 1)) for number, line in enumerate(source.lines, 1)]
    for text, location in located:
        if text in PLACEHOLDERS:
            message = f"{text!r} is a placeholder of `sitegen new`"
            diagnostics.error(
                "placeholder-text", location, message, hint="replace it, or keep 'draft: true' until then"
            )


def _follows(source: SourceText, front: FrontMatter, node: Mapping, diagnostics: Diagnostics) -> str | None:
    if front.follows is None:
        return None
    target = target_path(front.follows, dirname(source.path))
    location = dict(frontmatter.key_locations(node, _CROSS_CHECKED_KEYS)).get("follows", source.location(1))
    if not target.endswith(".md") or not target.startswith(f"{CONTENT_ROOT}/"):
        message = f"'follows' is {front.follows!r}; expected the path of an article's Markdown file"
        hint = "follows: ports-agree.md, or from content/: follows: /articles/2026/07/ports-agree.md"
        diagnostics.error("bad-address", location, message, hint=hint)
        return None
    if target == source.path:
        diagnostics.error("bad-address", location, "an article cannot follow itself")
        return None
    return target
