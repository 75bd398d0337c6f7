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
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, lru_cache, partial
from itertools import accumulate, islice, pairwise
from posixpath import dirname, join, normpath
from typing import Any, Final, cast
from urllib.parse import SplitResult, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from sitegen.config.model import Term
from sitegen.content.markdown_parser import Renderer, is_wide, parser, visible_text
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.util.cldr import normalize_label
from sitegen.util.feed_formats import feed_formats
from sitegen.util.paths import CONTENT_ROOT
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import is_language, warn_of_language

MAX_BODY_CHARACTERS: Final = 512 * 1024

PRE: Final = '<pre tabindex="0">'
FIGURE: Final = '<figure class="scroll" tabindex="0">'
FIGURE_END: Final = "</figure>"
"""The tags around tables, which feeds remove."""


@cache
def _site_files() -> tuple[str, ...]:
    """Return the ends of the paths of files that a text may link to like a page."""
    return (*(f"/{entry.file_name}" for entry in feed_formats()), "/feeds.opml", "/calendar.ics")


def is_site_path(path: str) -> bool:
    """Return whether a text links by `path` to a page of the site, such as `/topics/trade/`, and not to a file."""
    return path.startswith("/") and path.endswith(("/", *_site_files()))


_HEADING_LANGUAGE = re.compile(r"\{\s*lang\s*=\s*[\"']?([^\s\"'}]*)[\"']?\s*\}\s*")
_NON_SLUG_CHARS = re.compile(r"[^\w]+")
_MAX_BEGINNING: Final = 12
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

_VIDEO_HOSTS: Final = frozenset(
    ["youtube.com", "m.youtube.com", "youtu.be", "vimeo.com", "nicovideo.jp", "nico.ms", "bilibili.com"]
)
_VIDEO_FILES: Final = (".mp4", ".webm", ".mov", ".m4v")

_MAX_UNREAD: Final = 20
"""Warnings of unread syntax in a paragraph."""
_UNREAD_START = re.compile(
    r"\{[{%<.#:\w]|\[[\[^/!]|\](?:[(\[]| \(https?:)|\^|:::|\[TOC\]|\[[a-z_-]+ [a-z_]+=|\$[^\d\s]|\*\*|\*[.,;:\[]|##|`"
    r"|:[a-z_0-9+-]+:|==|\+\+|~\d+~|!!!|\?\?\?|<%|&[a-z]|\.\. [a-z]|\||\]:[ \t]|-\u3000"
    r"|\*(?:\s|$|[.,;:!?()。、])|_(?:\s|$|[.,;:!?()。、])"
    r"|\[[a-z]{2,12}[= ].?https?:"
)
"""Each alternative begins with a character, so that the search skips all others; one that does not makes it ten times
slower. The same holds for `_MARKUP` of `importers/escape.py`."""
_UNREAD = re.compile(
    r"(?P<tag>\{\{(?=[^{}]{0,300}(?:\.\w|[\"'=<>%]))(?s:(?!\{\{).){1,1000}?\}\}|^\{\{[ \t]{0,9}\w{1,30}[ \t]{0,9}\}\}$"
    r"|\{%(?s:(?!\{%).){1,1000}?%\}|\{%|\{\{[<%]"
    r"|\[TOC\]|^\[!\w{1,20}\]|<%(?s:(?!<%).){1,1000}?%>|^\.\. [a-z-]{1,30}::|^(?:!!!|\?\?\?\+?) \w{1,30}"
    r"|\[(?:youtube|vimeo|embed|soundcloud|slideshare|audio|video|dailymotion|instagram|tweet|ted|scribd)"
    r"[= ][\"“”'‘’]?https?://[^\[\]\n]{1,300}\]"
    r"|\[/[a-z_-]{2,30}\]|^\[[a-z_-]{2,30} [a-z_]{2,30}=[\"“”'‘’][^\[\]\n]{0,200}\]|^\*\[[^\[\]\n]{1,50}\]:)"
    r"|(?P<formula>\$\$[^$\n]{1,200}\$\$|(?<![\w$])\$(?![\s$])[^$\n]{0,100}?[\\^][^$\n]{1,100}?\$(?!\w)"
    r"|(?<=[A-Za-z])~\d{1,3}~|(?<=\w)\^[\w+-]{1,10}\^)"
    r"|(?P<mark>(?<![=\w])==[^=\s](?:[^=\n]{0,200}[^=\s])?==(?![=\w])|(?<![+\w])\+\+[^+\s](?:[^+\n]{0,200}[^+\s])?\+\+(?!\w))"
    r"|(?P<space>\[[^\[\]\n]{1,200}\] \(https?://[^()\s]{1,200}\))"
    r"|(?P<entity>&[a-z]{2,20};)"
    r"|(?P<table>^\|(?:[^|\n]{1,200}\|){2,20}$)"
    r"|(?P<attributes>(?:(?<=\S)|^)\{(?:[.#]\w|:[^{}]|[a-z-]{1,20}=)[^{}]{0,200}\}"
    r"|\{(?:[.#]\w|:[^{}]|[a-z-]{1,20}=)[^{}]{0,200}\}(?=[ \t]{0,9}$))"
    r"|(?P<wiki>!\[\[[^\[\]\n]{1,200}\]\]|\[\[_TOC_\]\]|\[\[(?=[^\[\]\n]{0,200}(?:[|#/]|\.[a-z]{2,4}\]))[^\[\]\n]{1,200}\]\])"
    r"|(?P<container>^:::+[^\n]{0,200})"
    r"|(?P<list>^-\u3000)"
    r"|(?P<definition>^\[[^\[\]\n]{1,100}\]:[ \t]{1,10}<?(?:https?://|\.{0,2}/)[^\n]{1,200})"
    r"|(?P<link>^\]\((?:https?://|\.{0,2}/|#)[^()\s]{1,200}\)"
    r"|!?\[(?:[^\[\]\n]|\[[^\[\]\n]{0,100}\]){0,200}\]\((?:[^()\n]|\([^()\n]{0,100}\)){0,200}\))"
    r"|(?P<reference>!?\[(?:[^\[\]\n]{1,200}\]\[[^\[\]\n\d]|[^\[\]\n\d][^\[\]\n]{0,200}\]\[\d)[^\[\]\n]{0,200}\])"
    r"|(?P<note>\^\[[^\[\]\n]{1,200}\]|\[\^[^\[\]\s]{1,200}\])"
    r"|(?P<emphasis>(?<![A-Za-z0-9)*/])\*\*(?:[^*\n]{1,200}\*\*|(?=[^\s*])(?!kwargs(?![A-Za-z])))"
    r"|\*\*[^\w\s*][^*\n]{0,200}\*\*|(?<=\w)\*[.,;:]\*"
    r"|(?<=[^\s*])\*\*(?=\s)[^*]{1,300}\*\*(?!\*)"
    r"|(?:(?<![\w*])\*(?=[^\W\d_])[^*\n]{1,200}\s\*|(?<!\w)_(?=[^\W\d_])[^_\n]{1,200}\s_)"
    r"(?=[ \t]*(?:$|[.,;:!?()。、])))"
    r"|(?P<heading>^#{2,6}[^\s#][^\n]{0,100})"
    r"|(?P<code>(?<![A-Za-z`])`+|`+(?![A-Za-z`]))"
    r"|(?P<emoji>(?<![A-Za-z0-9:/])(?<!\[\[):(?:[a-z][a-z0-9_]{1,30}|[+-]1):(?![A-Za-z0-9:/]))",
    re.MULTILINE,
)
"""Syntax of other programs, or with a mistake. Lengths are limited, so that the search takes linear time."""
_ADDRESS_START: Final = re.compile(r"(?:://|%[0-9A-F]{2})\S*\Z")
"""What is before a part of an address."""
_UNREAD_HINTS: Final = {
    "tag": "remove it, or write it as code",
    "formula": "write the characters, such as H₂O, x² or 10 %",
    "mark": "emphasize it: *text*, **text**",
    "space": "remove the space between ] and (",
    "entity": "write the character itself",
    "table": "put a line such as | --- | --- | below the first line of the table, and an empty line above it",
    "attributes": "remove it: only headings have an attribute, {lang=ja}",
    "wiki": "write [text](path.md), or ![text](picture.png)",
    "container": "write a quotation: begin its lines with >",
    "list": "put a space of ordinary width after the mark",
    "definition": 'put an empty line above it, and \\ before a " in its title',
    "link": "write the link in one line, and an address with spaces or brackets in < >: [text](<a file.png>)",
    "reference": "add the address on a line of its own: [name]: https://example.org/",
    "note": "add the note on a line of its own: [^1]: The note.",
    "emphasis": "put the marks next to letters or digits: **text**",
    "heading": "put a space after the marks: ## Heading",
    "code": "end the code with as many ` as it begins with",
    "emoji": "write the character itself, or remove it",
}


_EMPHASIS_STARTS: Final = frozenset({"em_open", "strong_open"})
_EMPHASIS_ENDS: Final = frozenset({"em_close", "strong_close"})


class LinkKind(StrEnum):
    """The kind of a link's target."""

    ARTICLE = "article"
    """Another article's Markdown file, or (with an empty path) this article itself."""
    FILE = "file"
    """An image or document in the content folder."""
    PAGE = "page"
    """A page of the site, written as its path: `/topics/trade/`."""


class LinkRef(Struct, frozen=True, array_like=True):
    """An unresolved link: `path` is a project path for articles and files, a site path for pages."""

    kind: LinkKind
    path: str
    fragment: str


class Section(Struct, frozen=True, array_like=True):
    """A part of the text: ordinary text, or one perspective (then `key` and `label` are set).

    `parts` are HTML with gaps: the address of link i goes between part i and part i + 1. `lang` is None if the section
    is in the language of the article.
    """

    parts: tuple[str, ...]
    links: tuple[LinkRef, ...] = ()
    key: str | None = None
    label: str = ""
    lang: str | None = None
    first_sentence: str = ""


class Body(Struct, frozen=True, array_like=True):
    """The parsed text of an article.

    `terms` are its search terms and `frequent_terms` those that occur often (`search_terms`), with spaces between them.
    Both are empty if the site has no search.
    """

    sections: tuple[Section, ...]
    anchors: tuple[str, ...]
    terms: str = ""
    frequent_terms: str = ""


Links = tuple[tuple[LinkRef, SourceLocation], ...]
"""Links of a text with their locations, which are apart from it: its hash must not change if lines above it do."""


@lru_cache(maxsize=8)
def label_index(perspectives: tuple[Term, ...]) -> dict[str, tuple[str, str | None, str]]:
    """Return the key and language of every perspective label, and the label, by the normalized label."""
    return {
        normalize_label(label): (term.key, language, label)
        for term in perspectives
        for label, language in term.labels()
    }


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
        self._link_locations: dict[int, SourceLocation] = {}
        self._anchors: dict[str, None] = {}
        self._anchor_counts: dict[str, int] = {}
        self._cursor = (-1, 0)
        self._misses = 0
        self._box = ""
        self._folder = dirname(source.path)

    def read(self) -> tuple[Body, Links]:
        env: dict[str, Any] = {}
        markdown = parser()
        # The library fails on unclosed HTML in a quoted list at the end of a text without a final line break.
        text = self._text if self._text.endswith("\n") else f"{self._text}\n"
        tokens = markdown.parse(text, env)
        self._check_footnotes(env)
        opened = self._split(tokens)
        sections = [self._section(part, markdown, env) for part in opened]
        kept = tuple(section for section in sections if section.key is not None or section.parts[0].strip())
        links = tuple((link, self._link_locations[id(link)]) for section in kept for link in section.links)
        return Body(kept, tuple(self._anchors)), links

    def _split(self, tokens: list[Token]) -> list[_SectionBuilder]:
        """Split the tokens at the headings that start or end a perspective."""
        parts = [_SectionBuilder([])]
        seen: dict[str, int] = {}
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
                    self._suggest_perspective(inline, label, _SIMILAR if level == 2 else 1)
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
            if token.type == "inline":
                self._inline(token, in_cell=tokens[index - 1].tag in {"td", "th"})
                _caption(tokens[index - 1 : index + 2])
            parts[-1].tokens.append(self._block(token))
            index += 1
        parts[-1].add_heading(0, None)
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
        self._diagnostics.error("control-character", self._location(token), message, hint="delete it")

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

    def _suggest_perspective(self, inline: Token, label: str, similarity: float) -> None:
        """Warn of a heading that is probably meant to open a perspective."""
        near = get_close_matches(normalize_label(label)[:80], self._labels, n=1, cutoff=similarity)
        if near:
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
        self._report_unread(block)
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

    def _report_unread(self, block: Token) -> None:
        """Warn of text that looks like syntax, except code and escaped characters."""
        text = visible_text(block.children or [])
        unescaped = block.meta.get("unescaped", text)
        if "*" in unescaped:
            self._report_extra_marks(block)
        if _UNREAD_START.search(unescaped) is None:
            return
        for match in islice(_UNREAD.finditer(unescaped), _MAX_UNREAD):
            if match.lastgroup in {"tag", "entity"} and _ADDRESS_START.search(
                unescaped, max(0, match.start() - 500), match.start()
            ):
                continue
            if match.lastgroup == "reference" and _divides_link(block.children or [], *match.span()):
                continue
            shown = text[match.start() : match.end()].partition("\n")[0]
            self._diagnostics.warning(
                "unread-syntax",
                self._location(block, shown, *_beginnings(shown)),
                f"{shown!r} is printed as text",
                hint=_UNREAD_HINTS[str(match.lastgroup)],
            )

    def _report_extra_marks(self, block: Token) -> None:
        """Warn of emphasis that has more marks at one end than at the other, as in `*text***`."""
        if "\\*" in block.content:
            return
        for before, after in pairwise(block.children or []):
            extra, marks = "", ""
            if after.type == "text" and before.type in _EMPHASIS_ENDS:
                extra, marks = after.content[: len(after.content) - len(after.content.lstrip("*"))], before.markup
            elif before.type == "text" and after.type in _EMPHASIS_STARTS:
                extra, marks = before.content[len(before.content.rstrip("*")) :], after.markup
            is_note = extra == "*" and before.type == "strong_close"  # **2015***, with a note below
            if extra and "_" not in marks and not is_note:
                message = f"{extra!r} is printed as text, next to the marks of an emphasis"
                location = self._location(block, extra + marks)
                self._diagnostics.warning("unread-syntax", location, message, hint="remove it, or put \\ before it")

    def _raw_html(self, token: Token, location: SourceLocation) -> None:
        html = without_comments(token.content)
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
        if url is None:
            self._report_address(token, attribute, location, f"invalid URL {address!r}")
            return
        if url.scheme or url.netloc or address.startswith("//"):
            if is_image and url.netloc:
                message = f"the image {address!r} is on another host"
                self._report_address(
                    token, attribute, location, message, "save the image in content/ and link to the file"
                )
            else:
                self._report_address(
                    token,
                    attribute,
                    location,
                    f"the URL {address[:60]!r} is not allowed",
                    "use https://, mailto:, tel: or a path",
                )
            return
        if is_image and url.path.endswith(".md"):
            self._report_address(token, attribute, location, f"{address[:60]!r} is an article; expected an image")
            return
        if url.query:
            self._report_address(
                token, attribute, location, f"query strings are not supported in internal links: {address[:60]!r}"
            )
            return
        link = self._link_ref(unquote(url.path), unquote(url.fragment), is_image=is_image)
        if link is None:
            message = f"the link target {address[:60]!r} is empty or outside the project, or has a control character"
            hint = "write the path of a file in content/, or of a page such as /topics/"
            self._report_address(token, attribute, location, message, hint)
            return
        token.attrs[attribute] = ""
        token.meta["link"] = link
        self._link_locations[id(link)] = location

    def _link_ref(self, path: str, fragment: str, *, is_image: bool) -> LinkRef | None:
        if not path:
            return LinkRef(LinkKind.ARTICLE, "", fragment) if fragment and not is_image else None
        if FORBIDDEN_CHARS.search(path) or FORBIDDEN_CHARS.search(fragment):
            return None
        if is_site_path(path) and not is_image:
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

    def _report_address(
        self, token: Token, attribute: str, location: SourceLocation, message: str, hint: str = ""
    ) -> None:
        token.attrs[attribute] = ""
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


def _divides_link(children: list[Token], start: int, end: int) -> bool:
    """Return whether a link begins or ends in a part of the text, as in `[new][[Report 1](a.md)]`."""
    offset = 0
    for token in children:
        if token.type in {"link_open", "link_close"} and start < offset < end:
            return True
        offset += len(visible_text([token]))
    return False


def _beginnings(text: str) -> list[str]:
    """Return the first words of a text, longest first: further words may be written with marks in between."""
    words = text.split(" ")[:_MAX_BEGINNING]
    return [" ".join(words[:count]) for count in range(len(words) - 1, 1, -1)]


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
    return tuple(_scrolling("".join(part)) for part in parts), tuple(links)


def _caption(paragraph: list[Token]) -> None:
    """Make a figure of a paragraph that is a picture with a title, or the still of a video that links to it.

    The title is the caption; the credit follows a vertical bar. For a video the host is named, because the link leaves
    the site.
    """
    opening, inline = paragraph[:2]
    children = inline.children or []
    picture = next((token for token in children if token.type == "image"), None)
    if picture is None or opening.type != "paragraph_open" or opening.hidden:
        return
    is_linked = [token.type for token in children] == ["link_open", "image", "link_close"]
    if not is_linked and len(children) > 1:
        return
    address = urlsplit(str(children[0].attrs.get("href", ""))) if is_linked else urlsplit("")
    host = (address.hostname or "").removeprefix("www.")
    is_video = host in _VIDEO_HOSTS or (bool(host) and address.path.lower().endswith(_VIDEO_FILES))
    caption, _, credit = str(picture.attrs.pop("title", "")).partition("|")
    credit = credit.strip() or (host if is_video else "")
    if not caption.strip() and not credit:
        return
    for token in (opening, paragraph[2]):
        token.type, token.tag = ("figure_open" if token.nesting == 1 else "figure_close"), "figure"
    if is_video:
        opening.attrs = {"class": "video"}
    children.append(Token("figcaption_open", "figcaption", 1))
    gap = " " if caption.strip() and credit else ""
    children.append(Token("text", "", 0, content=caption.strip() + gap))
    if credit:
        children += [Token("small_open", "small", 1), Token("text", "", 0, content=credit)]
        children.append(Token("small_close", "small", -1))
    children.append(Token("figcaption_close", "figcaption", -1))
    inline.children = children


def _scrolling(html: str) -> str:
    """Let content that may be wider than the page scroll, so that it can be reached by keyboard (WCAG 2.1.1)."""
    return (
        html.replace("<pre>", PRE)
        .replace("<table>", f"{FIGURE}<table>")
        .replace("</table>\n", f"</table>{FIGURE_END}\n")
    )


def without_comments(html: str) -> str:
    """Return raw HTML without comments."""
    parts = []
    end = 0
    while (start := html.find("<!--", end)) >= 0:
        parts.append(html[end:start])
        closing = html.find("-->", start + 2)
        if closing < 0:
            return "".join((*parts, html[start:]))
        end = closing + 3
    return "".join((*parts, html[end:]))


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
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.type == "inline":
            text = _plain_text(token.children or [])
            match = _SENTENCE.match(text)
            return match[0] if match else text
    return ""
