"""Markdown to `Body`: sections of HTML with typed holes where addresses will stand.

CommonMark (by markdown-it-py) with tables and strikethrough, and three rules that Japanese needs: emphasis closes
beside full-width brackets, a line break between two wide characters adds no space, and a heading can name its language.
Addresses of the site are not known here, so a link to an article stays a hole until the digest is planned.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from posixpath import dirname, join, normpath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from sitegen.config.model import Term
from sitegen.content.markdown_parser import is_wide, parser
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.paths import CONTENT_ROOT
from sitegen.util.cldr import normalize_label
from sitegen.util.feed_formats import feed_formats
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import is_language

MAX_BODY_CHARACTERS: Final = 512 * 1024

PRE: Final = '<pre tabindex="0">'
FIGURE: Final = '<figure class="scroll" tabindex="0">'
FIGURE_END: Final = "</figure>"
"""Stand around code and tables; nothing else in a text is a figure, so a feed can take them out again."""


@cache
def _site_files() -> tuple[str, ...]:
    """Return the ends of addresses of files that a text may link to as it links to a page."""
    return (*(f"/{entry.file_name}" for entry in feed_formats()), "/feeds.opml")


_HEADING_LANGUAGE = re.compile(r"\{\s*lang\s*=\s*[\"']?([^\s\"'}]*)[\"']?\s*\}\s*")
_NOT_SLUG = re.compile(r"[^\w]+")
_MOST_MISSES: Final = 100
"""Searching a long paragraph for thousands of addresses that are written otherwise would take minutes."""
_MARK: Final = "\x00"
"""Encloses a hole's number in rendered HTML; cannot stand in a source, where it is an error."""


class LinkKind(StrEnum):
    """What an address in the text leads to."""

    ARTICLE = "article"
    """Another article's Markdown file, or (with an empty path) this article itself."""
    FILE = "file"
    """A picture or document beside the article."""
    PAGE = "page"
    """A page of the site, written as its path: `/topics/trade/`."""


class LinkRef(Struct, frozen=True, array_like=True):
    """An unresolved link: `path` is a project path for articles and files, a site path for pages."""

    kind: LinkKind
    path: str
    fragment: str


class HtmlFragment(Struct, frozen=True, array_like=True):
    """HTML with gaps: the address of link i goes between part i and part i + 1."""

    parts: tuple[str, ...]
    links: tuple[LinkRef, ...] = ()


class Section(Struct, frozen=True, array_like=True):
    """A part of the text: ordinary text, or one perspective (then `key` and `label` are set).

    `lang` is None if the section is in the language of the article.
    """

    html: HtmlFragment
    key: str | None = None
    label: str = ""
    lang: str | None = None
    first_sentence: str = ""


class Body(Struct, frozen=True, array_like=True):
    """The parsed text of an article."""

    sections: tuple[Section, ...]
    anchors: tuple[str, ...]


class ParsedBody(Struct, frozen=True):
    """A text, and the location of each of its links in the file, in the order of the text.

    Locations are apart from the text because its hash must not change if lines above it do.
    """

    body: Body
    links: tuple[tuple[LinkRef, SourceLocation], ...] = ()


@lru_cache(maxsize=8)
def label_index(perspectives: tuple[Term, ...]) -> dict[str, tuple[str, str | None]]:
    """Return every folded label of a perspective with its key and the label's language."""
    return {normalize_label(label): (term.key, language) for term in perspectives for label, language in term.labels()}


def read_body(
    source: SourceText, text: str, diagnostics: Diagnostics, *, perspectives: tuple[Term, ...], first_line: int = 1
) -> ParsedBody:
    """Read Markdown `text`, which begins at `first_line` of `source`.

    Returns what could be read; raw HTML, addresses of forbidden kinds and perspectives that stand twice are errors.
    """
    if len(text) > MAX_BODY_CHARACTERS:
        message = f"{len(text):,} characters of text; at most {MAX_BODY_CHARACTERS:,} are read"
        diagnostics.error("text-too-large", source.location(first_line), message)
        return ParsedBody(Body((), ()))
    return _BodyReader(source, text, diagnostics, perspectives, first_line).read()


# --- from tokens to a body --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """The section being read."""

    tokens: list[Token]
    key: str | None = None
    label: str = ""
    lang: str | None = None
    location: SourceLocation | None = None
    language_levels: list[int] = field(default_factory=list)

    def heading(self, level: int, language: str | None) -> None:
        """Close the languages that a heading of this level ends, and open its own."""
        while self.language_levels and level <= self.language_levels[-1]:
            self.language_levels.pop()
            self.tokens.append(Token("language_close", "div", -1, block=True))
        if language is not None:
            self.language_levels.append(level)
            self.tokens.append(Token("language_open", "div", 1, attrs={"lang": language}, block=True))


class _BodyReader:
    def __init__(
        self, source: SourceText, text: str, diagnostics: Diagnostics, perspectives: tuple[Term, ...], first_line: int
    ) -> None:
        self._source = source
        self._offsets: list[int] = []
        self._text = text
        self._diagnostics = diagnostics
        self._labels = label_index(perspectives)
        self._reserved = {term.key for term in perspectives}
        self._first_line = first_line
        self._links: list[LinkRef] = []
        self._link_locations: dict[int, SourceLocation] = {}
        self._anchors: dict[str, None] = {}
        self._repeats: dict[str, int] = {}
        self._cursor = (-1, 0)
        self._misses = 0
        self._folder = dirname(source.path)

    def read(self) -> ParsedBody:
        env: dict[str, Any] = {}
        markdown = parser()
        # The library stumbles over HTML that is left open in a quoted list at the end of a text without a line's end.
        text = self._text if self._text.endswith("\n") else f"{self._text}\n"
        tokens = markdown.parse(text, env)
        opened = self._split(tokens)
        sections = [self._section(part, markdown, env) for part in opened]
        kept = tuple(section for section in sections if section.key is not None or section.html.parts[0].strip())
        links = tuple((link, self._link_locations[id(link)]) for section in kept for link in section.html.links)
        return ParsedBody(Body(kept, tuple(self._anchors)), links)

    def _split(self, tokens: list[Token]) -> list[_Open]:
        """Divide the tokens at the headings that open or end a perspective."""
        parts = [_Open([])]
        seen: dict[str, int] = {}
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "heading_open" and token.level == 0:
                inline = tokens[index + 1]
                language = self._heading_language(inline)
                level = int(token.tag[1])
                label = _plain(inline.children or [])
                known = self._labels.get(normalize_label(label)) if level == 2 else None
                if known is not None:
                    key, label_language = known
                    location = self._location(inline)
                    if key in seen:
                        message = f"the perspective {key!r} stands twice; first in line {seen[key]}"
                        self._diagnostics.error("duplicate-perspective", location, message)
                    seen.setdefault(key, location.line)
                    self._anchors[key] = None
                    parts[-1].heading(0, None)
                    parts.append(_Open([], key, label, language or label_language, location))
                    index += 3
                    continue
                if level <= 2 and parts[-1].key is not None:
                    parts.append(_Open([]))
                self._ordinary_heading(token, label)
                parts[-1].heading(max(level, 2), language)
            if token.type == "inline":
                self._inline(token)
            elif token.type == "html_block":
                self._raw_html(token, self._location(token))
            elif "style" in token.attrs:
                # A column's alignment: a class, because a content security policy forbids inline styles.
                token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "align-")}
            if token.tag == "h1":
                token.tag = "h2"  # the article's title is the only h1 of its page
            parts[-1].tokens.append(token)
            index += 1
        parts[-1].heading(0, None)
        return parts

    def _section(self, part: _Open, markdown: MarkdownIt, env: dict[str, Any]) -> Section:
        html = markdown.renderer.render(part.tokens, markdown.options, env)
        # What may be wider than the page scrolls by itself, so the keyboard must reach it (WCAG 2.1.1).
        html = (
            html.replace("<pre>", PRE)
            .replace("<table>", f"{FIGURE}<table>")
            .replace("</table>\n", f"</table>{FIGURE_END}\n")
        )
        if part.key is not None and not html.strip() and part.location is not None:
            self._diagnostics.warning("empty-perspective", part.location, f"nothing stands under {part.label!r}")
        parts = html.split(_MARK)
        if "&" in self._text and any(FORBIDDEN_CHARS.search(piece) for piece in parts):
            location = self._location(part.tokens[0]) if part.tokens else self._source.location(self._first_line)
            message = "an entity such as &#12; spells a control character, which HTML and feeds cannot carry"
            self._diagnostics.error("control-character", location, message)
        links = tuple(self._links[int(number)] for number in parts[1::2])
        first = _first_sentence(part.tokens) if part.key is not None else ""
        return Section(HtmlFragment(tuple(parts[::2]), links), part.key, part.label, part.lang, first)

    def _heading_language(self, inline: Token) -> str | None:
        """Take `{lang=ja}` off the end of a heading."""
        last = inline.children[-1] if inline.children else None
        if last is None or last.type != "text":
            return None
        if not last.content.rstrip().endswith("}"):
            return None
        start = max(last.content.rfind("{"), 0)
        match = _HEADING_LANGUAGE.fullmatch(last.content, start)
        if match is None:
            return None
        last.content = last.content[:start].rstrip()
        if is_language(match[1]):
            return match[1]
        location = self._location(inline, "{")
        self._diagnostics.error("bad-language", location, f"{match[1]!r} is not a language tag such as en or ja")
        return None

    def _ordinary_heading(self, opening: Token, label: str) -> None:
        """Give a heading its anchor, away from the ids of templates, which begin with `s-`."""
        slug = _NOT_SLUG.sub("-", unicodedata.normalize("NFKC", label).casefold()).strip("-") or "section"
        if slug.startswith("s-"):
            slug = f"h-{slug}"
        anchor, number = slug, self._repeats.get(slug, 1)
        while anchor in self._anchors or anchor in self._reserved:
            number += 1
            anchor = f"{slug}-{number}"
        self._repeats[slug] = number
        self._anchors[anchor] = None
        opening.attrSet("id", anchor)

    def _inline(self, block: Token) -> None:
        children = block.children or []
        for index, token in enumerate(children):
            if token.type == "softbreak" and _joins(children, index):
                token.type, token.content = "text", ""
            elif token.type == "html_inline":
                self._raw_html(token, self._location(block, token.content))
            elif token.type == "link_open":
                self._address(block, token, "href")
            elif token.type == "image":
                self._address(block, token, "src")

    def _raw_html(self, token: Token, location: SourceLocation) -> None:
        rest = without_comments(token.content)
        if not rest.strip():
            token.content = ""
            return
        shown = " ".join(rest.split())[:40]
        self._diagnostics.error(
            "raw-html",
            location,
            f"raw HTML is not read: {shown!r}",
            hint="write it in Markdown, or put \\ before the <",
        )

    def _address(self, block: Token, token: Token, attribute: str) -> None:
        """Check an address of the text, and put a hole where the site has to fill it in."""
        address = str(token.attrs.get(attribute, ""))
        is_image = attribute == "src"
        raw = unquote(address)
        location = self._location(block, f"]({raw}", f"](<{raw}", f"<{raw}>", f"]({address}", raw, skip="](<")
        try:
            url = urlsplit(address)
        except ValueError:
            self._bad_address(token, attribute, location, f"{address!r} is not an address")
            return
        if url.scheme in {"http", "https"} and url.netloc and not is_image:
            return
        if url.scheme == "mailto" and not is_image:
            return
        if url.scheme or url.netloc or address.startswith("//"):
            if is_image and url.netloc:
                message = f"the picture {address!r} is on another host"
                self._bad_address(token, attribute, location, message, "save it beside the article and link the file")
            else:
                self._bad_address(
                    token,
                    attribute,
                    location,
                    f"addresses such as {address[:60]!r} are not allowed",
                    "https:// or a path",
                )
            return
        if is_image and url.path.endswith(".md"):
            self._bad_address(token, attribute, location, f"{address[:60]!r} is an article, not a picture")
            return
        if url.query:
            self._bad_address(token, attribute, location, f"{address[:60]!r} has a query, which no page here reads")
            return
        link = self._link_ref(unquote(url.path), unquote(url.fragment), is_image=is_image)
        if link is None:
            self._bad_address(
                token, attribute, location, f"the address {address[:60]!r} is empty or leads out of the project"
            )
            return
        token.attrs[attribute] = f"{_MARK}{len(self._links)}{_MARK}"
        self._links.append(link)
        self._link_locations[id(link)] = location

    def _link_ref(self, path: str, fragment: str, *, is_image: bool) -> LinkRef | None:
        if not path:
            return LinkRef(LinkKind.ARTICLE, "", fragment) if fragment and not is_image else None
        if FORBIDDEN_CHARS.search(path) or FORBIDDEN_CHARS.search(fragment):
            return None
        if path.endswith(("/", *_site_files())) and path.startswith("/") and not is_image:
            site_path = normpath(path)
            tail = "" if path.endswith(_site_files()) or site_path == "/" else "/"
            return LinkRef(LinkKind.PAGE, f"{site_path}{tail}", fragment)
        if path.endswith("/") and not is_image:
            return None
        base = CONTENT_ROOT if path.startswith("/") else self._folder
        target = unicodedata.normalize("NFC", normpath(join(base, path.lstrip("/"))))
        if not target.startswith(f"{CONTENT_ROOT}/"):
            return None
        is_article = target.endswith(".md")
        return LinkRef(LinkKind.ARTICLE if is_article else LinkKind.FILE, target, fragment)

    def _bad_address(
        self, token: Token, attribute: str, location: SourceLocation, message: str, hint: str = ""
    ) -> None:
        token.attrs[attribute] = ""
        self._diagnostics.error("bad-address", location, message, hint=hint)

    def _location(self, token: Token, *needles: str, skip: str = "") -> SourceLocation:
        """Return where a block begins, or where the next of `needles` stands in it, its leading `skip` passed over.

        What stands twice in a block is found one after the other, because this is asked in the order of the text. A
        needle that is written otherwise in the source (with escapes, or by reference) has no column.
        """
        start, end = token.map or [0, 1]
        if not needles:
            return self._source.location(start + self._first_line, 1)
        if not self._offsets:
            self._offsets = [0, *accumulate(len(line) + 1 for line in self._text.split("\n"))]
        begin, limit = self._offsets[start], self._offsets[min(end, len(self._offsets) - 1)]
        if self._cursor[0] != start:
            self._cursor = (start, begin)
        # From the last one on; else from the beginning: a picture in a link stands before the address of the link.
        tries = [(needle, first) for first in (self._cursor[1], begin) for needle in needles if needle]
        for needle, first in tries if self._misses < _MOST_MISSES else ():
            found = self._text.find(needle, first, limit)
            if found >= 0:
                self._cursor = (start, found + len(needle))
                found += len(needle) - len(needle.lstrip(skip)) if skip else 0
                line = bisect_right(self._offsets, found) - 1
                return self._source.location(line + self._first_line, found - self._offsets[line] + 1)
        self._misses += 1
        return self._source.location(start + self._first_line)


def without_comments(html: str) -> str:
    """Return raw HTML without its comments, which end at the first `-->`."""
    parts = []
    end = 0
    while (start := html.find("<!--", end)) >= 0:
        parts.append(html[end:start])
        closing = html.find("-->", start + 2)
        if closing < 0:
            return "".join((*parts, html[start:]))
        end = closing + 3
    return "".join((*parts, html[end:]))


def _joins(children: list[Token], index: int) -> bool:
    """Whether the line break at `index` stands between two wide characters (CSS Text 3, section 4.1.3)."""
    before = _edge((children[i] for i in range(index - 1, -1, -1)), -1)
    after = _edge((children[i] for i in range(index + 1, len(children))), 0)
    return bool(before and after and is_wide(before) and is_wide(after))


def _edge(tokens: Iterator[Token], position: int) -> str:
    """Return the nearest character of text, looking through marks that open or close."""
    for token in tokens:
        if token.type in {"text", "code_inline"} and token.content:
            return token.content[position]
        if token.type in {"softbreak", "hardbreak", "image"}:
            return ""
    return ""


def _plain(children: list[Token]) -> str:
    """Return the text of inline tokens without marks."""
    parts = []
    for token in children:
        if token.type == "image":
            parts.append(_plain(token.children or []))
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.type == "html_inline":
            continue
        else:
            parts.append(token.content)
    return "".join(parts).strip()


_SENTENCE = re.compile(r".*?(?:[。！？]|[.!?](?=\s|$))", re.DOTALL)


def _first_sentence(tokens: list[Token]) -> str:
    """Return the first sentence of the first paragraph, as plain text."""
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.type == "inline":
            text = _plain(token.children or [])
            match = _SENTENCE.match(text)
            return match[0] if match else text
    return ""
