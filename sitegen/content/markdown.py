"""Converts Markdown to `Body`: sections of HTML with unresolved links.

The syntax is CommonMark with tables, strikethrough, footnotes, definition lists, task lists and bare addresses.
Emphasis closes next to full-width brackets, a line break between two wide characters adds no space, and a heading can
declare its language. The URLs of the site are not known here, so links to articles are resolved when the site is
planned.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache, partial
from itertools import accumulate, pairwise
from posixpath import dirname
from typing import Any, Final, cast
from urllib.parse import SplitResult, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from sitegen.config.model import Term
from sitegen.content.body import Body, Links, Section
from sitegen.content.figures import make_figure, scrollable
from sitegen.content.links import LinkKind, LinkRef, link_ref
from sitegen.content.markdown_parser import Renderer, create_parser, is_wide
from sitegen.content.plain_blocks import first_paragraph, plain_blocks_plugin
from sitegen.content.unread_syntax import find_unread_syntax
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.util.cldr import direction, normalize_label
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import is_language, warn_of_language

MAX_BODY_CHARACTERS: Final = 512 * 1024

_HEADING_LANGUAGE = re.compile(r"\{\s*lang\s*=\s*[\"']?([^\s\"'}]*)[\"']?\s*\}\s*")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_NON_SLUG_CHARS = re.compile(r"[^\w]+")
_CODE: Final = re.compile(r"&#\w{1,8};|%[0-9A-Fa-f]{2}")
"""A character reference with a number, or a percent code."""
_MAX_MISSES: Final = 100
"""Limits the search for columns: thousands of links with escapes in a long paragraph would take minutes."""


_RESERVED_ANCHORS: Final = ("s-", "fn-", "fnref-")
"""Ids of templates and footnotes begin with these."""
_BOXES: Final = {True: "☑ ", False: "☐ "}
"""Task lists have characters and not form elements, which feeds and e-mails do not show."""
_SIMILAR: Final = 0.8
"""How similar a heading is to a label that it is probably meant to be."""
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^[ \t>]*\[\^([^\]\s]+)\]:", re.MULTILINE)
_WEB: Final = frozenset({"http", "https"})
_SCHEMES: Final = frozenset({"mailto", "tel"})


@lru_cache(maxsize=8)
def label_index(perspectives: tuple[Term, ...]) -> dict[str, tuple[str, str | None, str]]:
    """Return the key and language of every perspective label, and the label, by the normalized label."""
    return {
        normalize_label(label): (term.key, language, label)
        for term in perspectives
        for label, language in term.labels()
    }


@lru_cache(maxsize=1)
def body_parser() -> MarkdownIt:
    """Return the parser of texts that are only rendered. They have been decoded: they need no other line ends."""
    return create_parser().disable("normalize").use(plain_blocks_plugin)


def read_body(
    source: SourceText, text: str, diagnostics: Diagnostics, *, perspectives: tuple[Term, ...], first_line: int = 1
) -> tuple[Body, Links]:
    """Parse Markdown `text`, which begins at `first_line` of `source`. Return it with its links in their order.

    Raw HTML, URLs that are not allowed and duplicate perspectives are errors in `diagnostics`.
    """
    if len(text) > MAX_BODY_CHARACTERS:
        message = f"the text has {len(text):,} characters; expected at most {MAX_BODY_CHARACTERS:,}"
        diagnostics.error("text-too-large", source.location(first_line), message)
        return Body((), ()), ()
    return _BodyReader(source, text, diagnostics, perspectives, first_line).read()


# --- from tokens to a body --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _SectionBuilder:
    """Collects the tokens of a section."""

    tokens: list[Token]
    key: str | None = None
    label: str = ""
    lang: str | None = None
    location: SourceLocation | None = None
    language_levels: list[int] = field(default_factory=list)

    def add_heading(self, level: int, language: str | None) -> None:
        """Close the language blocks that end before a heading of this level, and open its own."""
        while self.language_levels and level <= self.language_levels[-1]:
            self.language_levels.pop()
            self.tokens.append(Token("language_close", "div", -1, block=True))
        if language is not None:
            self.language_levels.append(level)
            attributes: dict[str, str | int | float] = {"lang": language, "dir": direction(language)}
            self.tokens.append(Token("language_open", "div", 1, attrs=attributes, block=True))


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
        self._link_locations: dict[int, SourceLocation] = {}
        self._anchors: dict[str, None] = {}
        self._anchor_counts: dict[str, int] = {}
        self._cursor = (-1, 0)
        self._misses = 0
        self._box = ""
        self._folder = dirname(source.path)

    def read(self) -> tuple[Body, Links]:
        env: dict[str, Any] = {}
        markdown = body_parser()
        # The library fails on unclosed HTML in a quoted list at the end of a text without a final line break.
        text = self._text if self._text.endswith("\n") else f"{self._text}\n"
        tokens = markdown.parse(text, env)
        self._check_footnotes(env)
        opened = self._split(tokens)
        sections = [self._section(part, markdown, env) for part in opened]
        non_empty = tuple(section for section in sections if section.key is not None or section.parts[0].strip())
        links = tuple((link, self._link_locations[id(link)]) for section in non_empty for link in section.links)
        return Body(non_empty, tuple(self._anchors)), links

    def _split(self, tokens: list[Token]) -> list[_SectionBuilder]:
        """Split the tokens at the headings that start or end a perspective."""
        parts = [_SectionBuilder([])]
        seen: dict[str, int] = {}
        others: list[tuple[Token, str, float]] = []
        quotations: list[Token] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "heading_open" and token.level == 0:
                inline = tokens[index + 1]
                language = self._heading_language(inline)
                level = int(token.tag[1])
                label = _plain_text(inline.children or [])
                known = self._labels.get(normalize_label(label))
                if level != 2 or known is None:
                    others.append((inline, label, _SIMILAR if level == 2 else 1))
                else:
                    key, label_language, _ = known
                    location = self._location(inline)
                    if key in seen:
                        message = f"duplicate perspective {key!r}; the first is in line {seen[key]}"
                        self._diagnostics.error("duplicate-perspective", location, message)
                    seen.setdefault(key, location.line)
                    self._anchors[key] = None
                    parts[-1].add_heading(0, None)
                    parts.append(_SectionBuilder([], key, label, language or label_language, location))
                    index += 3
                    continue
                if level <= 2 and parts[-1].key is not None:
                    parts.append(_SectionBuilder([]))
                self._add_anchor(token, label)
                parts[-1].add_heading(max(level, 2), language)
            if token.type == "footnote_block_open":
                parts.append(_SectionBuilder([Token("hr", "hr", 0, block=True)]))
            elif token.type == "blockquote_open":
                quotations.append(token)
            elif token.type == "blockquote_close":
                quotations.pop()
            elif token.type == "inline":
                if quotations and _RIGHT_TO_LEFT.search(token.content):
                    quotations[-1].attrs["dir"] = "auto"
                self._inline(token, in_cell=tokens[index - 1].tag in {"td", "th"})
                make_figure(tokens[index - 1 : index + 2])
            parts[-1].tokens.append(self._block(token))
            index += 1
        parts[-1].add_heading(0, None)
        for inline, label, similarity in others:
            self._suggest_perspective(inline, label, similarity, seen)
        return parts

    def _block(self, token: Token) -> Token:
        """Return the token of a block as it is rendered."""
        if token.type.startswith("footnote_"):
            return self._footnote(token)
        if token.type == "html_block":
            self._raw_html(token, self._location(token))
        elif token.type == "list_item_open":
            self._box = _BOXES.get(token.meta.pop("checked", None), "")
        elif "style" in token.attrs:
            # The alignment of a column becomes a class, because a content security policy forbids inline styles.
            token.attrs = {"class": str(token.attrs["style"]).replace("text-align:", "align-")}
        if token.tag in {"ul", "ol", "li"}:
            token.attrs.pop("class", None)  # of a task list
        if token.tag == "h1":
            token.tag = "h2"  # the article's title is the only h1 of its page
        return token

    def _section(self, part: _SectionBuilder, markdown: MarkdownIt, env: dict[str, Any]) -> Section:
        render = partial(cast("Renderer", markdown.renderer).pieces, options=markdown.options, env=env)
        parts, links = _fragment(render(part.tokens))
        if part.key is not None and not parts[0].strip() and part.location is not None:
            self._diagnostics.warning("empty-perspective", part.location, f"the perspective {part.label!r} is empty")
        if any(map(FORBIDDEN_CHARS.search, parts)):
            for token in part.tokens:
                if any(map(FORBIDDEN_CHARS.search, _fragment(render([token]))[0])):
                    self._report_control_character(token)
        first = _first_sentence(part.tokens) if part.key is not None else ""
        return Section(parts, links, part.key, part.label, part.lang, first)

    def _report_control_character(self, token: Token) -> None:
        message = "a character reference or percent code gives a control character, which HTML and feeds do not allow"
        start, end = token.map or [0, 1]
        lines = "\n".join(self._text.split("\n")[start:end])
        codes = [match[0] for match in _CODE.finditer(lines) if FORBIDDEN_CHARS.search(unquote(unescapeAll(match[0])))]
        self._diagnostics.error("control-character", self._location(token, *codes[:1]), message, hint="delete it")

    def _heading_language(self, inline: Token) -> str | None:
        """Remove `{lang=ja}` from the end of a heading, and return the language."""
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
        location = self._location(inline, "{")
        if is_language(match[1]):
            warn_of_language(match[1], location, self._diagnostics)
            return match[1]
        self._diagnostics.error(
            "bad-language", location, f"{match[1]!r} is not a valid language tag; expected one such as en or ja"
        )
        return None

    def _add_anchor(self, opening: Token, label: str) -> None:
        """Add a unique `id` to a heading."""
        slug = _NON_SLUG_CHARS.sub("-", unicodedata.normalize("NFKC", label).casefold()).strip("-") or "section"
        if slug.startswith(_RESERVED_ANCHORS):
            slug = f"h-{slug}"
        anchor, number = slug, self._anchor_counts.get(slug, 1)
        while anchor in self._anchors or anchor in self._reserved:
            number += 1
            anchor = f"{slug}-{number}"
        self._anchor_counts[slug] = number
        self._anchors[anchor] = None
        opening.attrSet("id", anchor)

    def _suggest_perspective(self, inline: Token, label: str, similarity: float, opened: Container[str]) -> None:
        """Warn of a heading that is probably meant to open a perspective, unless the text has opened that one."""
        near = get_close_matches(normalize_label(label)[:80], self._labels, n=1, cutoff=similarity)
        if near and self._labels[near[0]][0] not in opened:
            self._diagnostics.warning(
                "likely-perspective",
                self._location(inline),
                f"the heading {label!r} does not open a perspective",
                near=f"## {self._labels[near[0]][2]}",
                hint="write the label as a heading of level 2, or choose another heading",
            )

    def _check_footnotes(self, env: dict[str, Any]) -> None:
        """Warn of footnotes whose text would be lost."""
        references = env.get("footnotes", {}).get("refs", {})
        counts = Counter(_FOOTNOTE.findall(self._text)) if references else {}
        for name, number in references.items():
            label = name[1:]
            if number < 0 or counts.get(label, 1) > 1:
                problem = "is written more than once" if counts.get(label, 1) > 1 else "has no reference in the text"
                location = self._source.location(
                    self._first_line + self._text.count("\n", 0, max(self._text.find(f"[^{label}]:"), 0))
                )
                message = f"the footnote [^{label}] {problem}, so its text is not shown"
                self._diagnostics.warning("unread-syntax", location, message)

    def _footnote(self, token: Token) -> Token:
        """Return the token of a list of footnotes for one of the library's plugin."""
        if token.type == "footnote_anchor":
            number, repeated = token.meta["id"] + 1, token.meta["subId"] + 1
            back = self._reference("↩\ufe0e", f"fnref-{number}" + (f"-{repeated}" if repeated > 1 else ""), token)
            return Token("inline", "", 0, children=[Token("text", "", 0, content=" "), *back])
        if token.type in {"footnote_open", "footnote_close"}:
            item = Token("note", "li", token.nesting, block=True)
            if token.nesting == 1:
                anchor = f"fn-{token.meta['id'] + 1}"
                self._anchors[anchor] = None
                item.attrs["id"] = anchor
            return item
        return Token(
            "notes", "ol", token.nesting, attrs={"class": "footnotes"} if token.nesting == 1 else {}, block=True
        )

    def _reference(self, text: str, anchor: str, block: Token) -> list[Token]:
        """Return the tokens of a link to a place in the same text."""
        link = LinkRef(LinkKind.ARTICLE, "", anchor)
        self._link_locations[id(link)] = self._location(block)
        return [
            Token("link_open", "a", 1, attrs={"href": ""}, meta={"link": link}),
            Token("text", "", 0, content=text),
            Token("link_close", "a", -1),
        ]

    def _inline(self, block: Token, *, in_cell: bool) -> None:
        children = block.children or []
        for texts, message, hint in find_unread_syntax(block):
            self._diagnostics.warning("unread-syntax", self._location(block, *texts), message, hint=hint)
        for index, token in enumerate(children):
            if token.type == "softbreak" and _joins_wide_chars(children, index):
                token.type, token.content = "text", ""
            elif token.type == "html_inline" and in_cell and _LINE_BREAK.fullmatch(token.content):
                token.type, token.tag = "hardbreak", "br"
            elif token.type == "html_inline":
                self._raw_html(token, self._location(block, token.content))
            elif token.type == "link_open":
                self._address(block, token, "href")
            elif token.type == "image":
                self._address(block, token, "src")
        if self._box:
            children.insert(0, Token("text", "", 0, content=self._box))
            self._box = ""
        if "[^" in block.content:
            block.children = [new for token in children for new in self._footnote_reference(token, block)]

    def _footnote_reference(self, token: Token, block: Token) -> list[Token]:
        if token.type != "footnote_ref":
            return [token]
        number, repeated = token.meta["id"] + 1, token.meta["subId"] + 1
        opening, text, closing = self._reference(str(number), f"fn-{number}", block)
        anchor = f"fnref-{number}" + (f"-{repeated}" if repeated > 1 else "")
        opening.attrs["id"] = anchor
        self._anchors[anchor] = None
        return [Token("sup_open", "sup", 1), opening, text, closing, Token("sup_close", "sup", -1)]

    def _raw_html(self, token: Token, location: SourceLocation) -> None:
        html = "".join(comment_parts(token.content)[::2])
        if not html.strip():
            token.content = ""
            return
        shown = " ".join(html.split())[:40]
        self._diagnostics.error(
            "raw-html",
            location,
            f"raw HTML is not supported: {shown!r}",
            hint="use Markdown, or put \\ before the <; only table cells may contain <br>",
        )

    def _address(self, block: Token, token: Token, attribute: str) -> None:
        """Check the URL of a link or image, and remove internal ones, which are filled in later."""
        address = str(token.attrs.get(attribute, ""))
        is_image = attribute == "src"
        url: SplitResult | None
        try:
            url = urlsplit(address)
        except ValueError:
            url = None
        if url is not None and not is_image and (url.scheme in _SCHEMES or (url.scheme in _WEB and url.netloc)):
            return
        raw = unquote(address)
        # A needle that is not in the text is sought to the end of the block: thousands would take minutes.
        written = (f"<{raw}>", raw) if token.info == "auto" else (f"]({raw}", f"](<{raw}", f"]({address}", raw)
        location = self._location(block, *written, skip="](<")
        target = _link_target(address, url, self._folder, is_image=is_image)
        token.attrs[attribute] = ""
        if isinstance(target, LinkRef):
            token.meta["link"] = target
            self._link_locations[id(target)] = location
        else:
            message, hint = target
            self._diagnostics.error("bad-address", location, message, hint=hint)

    def _location(self, token: Token, *needles: str, skip: str = "") -> SourceLocation:
        """Return the location of a block, or of the next of `needles` in it, after the characters of `skip`.

        Calls must be in the order of the text, so that repeated needles are found one after the other. A needle that is
        written differently in the source (with escapes, or by reference) has no column.
        """
        start, end = token.map or [0, 1]
        if not needles:
            return self._source.location(start + self._first_line, 1)
        if not self._offsets:
            self._offsets = [0, *accumulate(len(line) + 1 for line in self._text.split("\n"))]
        begin, limit = self._offsets[start], self._offsets[min(end, len(self._offsets) - 1)]
        if self._cursor[0] != start:
            self._cursor = (start, begin)
        # Search after the last match first, then the entire block: an image in a link precedes the URL of the link.
        tries = [(needle, first) for first in (self._cursor[1], begin) for needle in needles if needle]
        for needle, first in tries if self._misses < _MAX_MISSES else ():
            offset = self._text.find(needle, first, limit)
            if offset >= 0:
                self._cursor = (start, offset + len(needle))
                offset += len(needle) - len(needle.lstrip(skip)) if skip else 0
                line = bisect_right(self._offsets, offset) - 1
                return self._source.location(line + self._first_line, offset - self._offsets[line] + 1)
        self._misses += 1
        return self._source.location(start + self._first_line)


def _link_target(address: str, url: SplitResult | None, folder: str, *, is_image: bool) -> LinkRef | tuple[str, str]:
    """Return the target of an address that is not one of the web, or what is wrong with it and a hint."""
    if url is None:
        return f"invalid URL {address!r}", ""
    if is_image and url.netloc:
        return f"the image {address!r} is on another host", "save the image in content/ and link to the file"
    if url.scheme or url.netloc or address.startswith("//"):
        return f"the URL {address[:60]!r} is not allowed", "use https://, mailto:, tel: or a path"
    if is_image and url.path.endswith(".md"):
        return f"{address[:60]!r} is an article; expected an image", ""
    if url.query:
        return f"query strings are not supported in internal links: {address[:60]!r}", ""
    message = f"the link target {address[:60]!r} is empty or outside the project, or has a control character"
    hint = "write the path of a file in content/, or of a page such as /topics/"
    return link_ref(unquote(url.path), unquote(url.fragment), folder, is_image=is_image) or (message, hint)


def _fragment(pieces: list[str | LinkRef]) -> tuple[tuple[str, ...], tuple[LinkRef, ...]]:
    """Join the pieces between links. Return the parts and the links."""
    parts: list[list[str]] = [[]]
    links = []
    for piece in pieces:
        if isinstance(piece, LinkRef):
            links.append(piece)
            parts.append([])
        else:
            parts[-1].append(piece)
    return tuple(scrollable("".join(part)) for part in parts), tuple(links)


def comment_parts(html: str) -> list[str]:
    """Return raw HTML divided at its comments: a text, a comment, a text and so on. The first and last are texts."""
    parts = []
    end = 0
    while (start := html.find("<!--", end)) >= 0 and (closing := html.find("-->", start + 2)) >= 0:
        parts += [html[end:start], html[start : closing + 3]]
        end = closing + 3
    return [*parts, html[end:]]


def _joins_wide_chars(children: list[Token], index: int) -> bool:
    """Return whether the line break at `index` is between two wide characters (CSS Text 3, section 4.1.3)."""
    before = _adjacent_char((children[i] for i in range(index - 1, -1, -1)), -1)
    after = _adjacent_char((children[i] for i in range(index + 1, len(children))), 0)
    return bool(before and after and is_wide(before) and is_wide(after))


def _adjacent_char(tokens: Iterator[Token], position: int) -> str:
    """Return the first character of text at `position`, ignoring markup; empty if there is none."""
    for token in tokens:
        if token.type in {"text", "code_inline"} and token.content:
            return token.content[position]
        if token.type in {"softbreak", "hardbreak", "image"}:
            return ""
    return ""


def _plain_text(children: list[Token]) -> str:
    """Return the plain text of inline tokens."""
    parts = []
    for token in children:
        if token.type == "image":
            parts.append(_plain_text(token.children or []))
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
    for before, token in pairwise([Token("", "", 0), *tokens]):
        is_inline = before.type == "paragraph_open" and token.type == "inline"
        text = _plain_text(token.children or []) if is_inline else first_paragraph(token)
        if is_inline or text:
            match = _SENTENCE.match(text)
            return match[0] if match else text
    return ""
