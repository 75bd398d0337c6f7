"""Conversion of the Markdown and HTML of other programs to Markdown that a build accepts.

Each step replaces parts of the text outside code: syntax of templates, HTML, addresses. What has no equal in Markdown
stays visible as text, and is reported with its line.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import unquote

from msgspec import Struct

from sitegen.config.model import Term
from sitegen.content.markdown import Body, LinkKind, Links, read_body
from sitegen.content.markdown_parser import parser
from sitegen.diagnostics import Diagnostic, Diagnostics, Severity, SourceText
from sitegen.importers.extras import import_extra
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.lined_text import Edit, LinedText

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""A pattern, and the Markdown for a match; None if it has none."""

Use = Literal["link", "picture"]
Resolve = Callable[[str, Use], str | None]
"""Return the address of a link or a picture in the new site; None if it has none."""

_MAX_ROUNDS: Final = 12
_MAX_DEPTH: Final = 8
_MAX_LINK_TEXT: Final = 3000
_TAG: Final = re.compile(
    r"<(?P<close>/)?(?P<name>[A-Za-z][\w.-]*+)(?P<attributes>(?:\s++(?:[^\s\"'<>/=]++|/(?!>))"
    r"(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|\{[^{}\n]*+\}|[^\s\"'=<>`]++))?+)*+)\s*+(?P<empty>/)?>"
)
_ATTRIBUTE: Final = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_FRAME: Final = re.compile(
    r"<(iframe|video|audio|object)\b[^>]*>(?:(?!<\1\b).){0,5000}?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_INACTIVE: Final = re.compile(r"<(script|style|svg|form|canvas|math)\b", re.IGNORECASE)
_COMPONENT: Final = re.compile(r"(?<!\\)<(?=/?(?P<name>[A-Z][A-Za-z0-9.]*)[\s/>])")
_GAP: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
_BLANK_LINE: Final = re.compile(r"\A(?:[ \t]*\n)+")
_INLINE_CODE: Final = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_HAS_CODE: Final = re.compile(r"[`<]|~~~|^(?: {4}|\t)", re.MULTILINE)
_DESTINATION: Final = re.compile(
    r"\]\([ \t]*(?P<address><[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)"
    r"(?P<title>\s+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?\s*\)"
)
_PICTURE_REFERENCE: Final = re.compile(r"!\[(?P<alt>[^\[\]\n]*)\]\[(?P<label>[^\[\]\n]*)\]")
_DEFINITION: Final = re.compile(
    r"^ {0,3}\[(?!\^)(?P<label>[^\[\]\n]+)\]:[ \t]*(?P<address><[^<>\n]*>|\S+)", re.MULTILINE
)
_AUTOLINK: Final = re.compile(r"<(?P<address>[A-Za-z][\w+.-]*:[^\s<>]*)>")
_HTML_START: Final = re.compile(r"(?<!\\)<(?=[A-Za-z/!?])")
_DROPPED: Final = ("{:", "{.", "{#", "import ")
"""The starts of syntax whose loss is reported. Other syntax gives an empty text by its meaning."""
_SUPERSCRIPT: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_SUBSCRIPT: Final = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")

_MARKS: Final = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "*"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
}
_CODE: Final = frozenset({"code", "kbd", "tt", "samp"})
_WRAPPERS: Final = frozenset(
    {
        *(
            "p",
            "div",
            "section",
            "article",
            "main",
            "header",
            "footer",
            "center",
            "figure",
            "figcaption",
            "aside",
            "nav",
        ),
        *("picture", "details", "html", "body", "address", "hgroup", "noscript", "tbody", "thead", "form", "fieldset"),
    }
)
"""Elements that are blocks of text, without a meaning that Markdown could keep."""
_SILENT: Final = frozenset({"wbr", "source", "track", "col", "meta", "link", "base", "picture", "param"})
_INLINE: Final = frozenset(
    {
        *(
            "span",
            "u",
            "ins",
            "small",
            "big",
            "font",
            "abbr",
            "acronym",
            "time",
            "label",
            "mark",
            "ruby",
            "rb",
            "rt",
            "rp",
        ),
        *("q", "bdi", "bdo", "data", "nobr", "address", "button"),
    }
)
"""Elements whose text is kept without them, which is reported."""
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONVERTED: Final = frozenset({"ul", "ol", "dl", "table"})
_EMBEDDED: Final = frozenset({"iframe", "video", "audio", "embed", "object", "amp-img", "amp-youtube"})
_SHOWN_AS_CODE: Final = frozenset({"script", "style", "svg", "math", "template", "canvas", "map"})
_WHOLE: Final = _CONVERTED | _EMBEDDED | _SHOWN_AS_CODE | {"blockquote", "pre", "sup", "sub"} | _CODE
_VOID: Final = frozenset({"br", "hr", "img", "embed", "input", "wbr", "source", "track", "col", "meta", "link", "base"})


class Converter(Struct, frozen=True):
    """Converts the texts of one article: `rules` are those of its templates, and losses go to `import_log`."""

    import_log: ImportLog
    resolve: Resolve
    perspectives: tuple[Term, ...] = ()
    rules: Sequence[Rule] = ()

    def markdown(self, text: str, first_line: int = 1) -> str:
        """Return Markdown with the HTML in it converted. Raises MissingExtraError."""
        lined = LinedText.of(text, first_line)
        for pattern, replace in self.rules:
            if pattern.search(lined.text):
                edits = _replacements(lined, pattern, replace, self.import_log)
                lined = lined.edited(edits)
        return self._finish(self._without_html(lined))

    def html(self, text: str, first_line: int = 1) -> str:
        """Return HTML as Markdown. Raises MissingExtraError."""
        text = _FRAME.sub(lambda match: self._linked_frame(match, first_line), text)
        for name in sorted({match[1].lower() for match in _INACTIVE.finditer(text)}):
            self.import_log.warning("formatting-omitted", first_line, f"<{name}> is not imported")
        converted = html_to_markdown(text)
        lines = LinedText(converted, (first_line,) * (converted.count("\n") + 1))
        return self._finish(self._without_html(lines))

    def _linked_frame(self, match: re.Match[str], line: int) -> str:
        """Return a link to an embedded page, as HTML."""
        source = re.search(r"\bsrc\s*=\s*[\"']?([^\s\"'>]+)", match[0])
        if source is None:
            return ""
        address = watch_address(html.unescape(source[1]))
        self.import_log.warning("embed-as-link", line, f"<{match[1].lower()}> becomes a link to {address[:60]!r}")
        return f'<p><a href="{html.escape(address)}">{html.escape(address)}</a></p>'

    def _finish(self, lined: LinedText) -> str:
        return _BLANK_LINE.sub("", _without_gaps(self._accepted(self._with_links(lined))).text).rstrip()

    # --- HTML ---------------------------------------------------------------------------------------------------------

    def _without_html(self, lined: LinedText, depth: int = 0) -> LinedText:
        if "<" not in lined.text:
            return lined
        skip, blocks = _code_spans(lined.text)
        skip = _merged([*skip, *(match.span() for match in _COMMENT.finditer(lined.text))])
        tags = list(_outside(_TAG.finditer(lined.text), skip))
        if not tags:
            return lined.edited(self._components(lined, skip))
        edits: list[Edit] = []
        omitted: dict[str, int] = {}
        pairs, whole_end = _pairs(tags), -1
        for index, tag in enumerate(tags):
            if tag.start() < whole_end:
                continue
            name, partner = tag["name"].lower(), pairs.get(index)
            closing = tags[partner] if partner is not None else None
            if tag["name"] != name and name in _WHOLE | _WRAPPERS and not tag["name"].isupper():
                continue  # <Figure> is a component of a program, not an element
            if name in _WHOLE and not tag["close"] and (closing or name in _EMBEDDED):
                end = closing.end() if closing else tag.end()
                inner = lined.text[tag.end() : closing.start()] if closing else ""
                new = self._element(lined, tag, name, inner, depth)
                if new is not None:
                    edits.append((tag.start(), end, new))
                    whole_end = end
            else:
                edits += self._tag(lined, tag, closing, omitted)
        for start, end in blocks:  # indented lines in an HTML block would become code
            lines = re.finditer(r"^[ \t]+", lined.text[start:end], re.MULTILINE)
            edits += [(start + match.start(), start + match.end(), "") for match in lines]
        edits += self._components(lined, skip)
        for names, line in _by_line(omitted):
            message = f"Markdown has no equal of {', '.join(f'<{name}>' for name in names)}; the text in it is kept"
            self.import_log.warning("formatting-omitted", line, message)
        return lined.edited(edits)

    def _components(self, lined: LinedText, skip: Sequence[tuple[int, int]]) -> list[Edit]:
        """Return the edits that keep the components of a program, such as <Chart />, as text."""
        matches = [match for match in _outside(_COMPONENT.finditer(lined.text), skip) if not match["name"].isupper()]
        for match in matches:
            line = lined.line_at(match.start())
            self.import_log.warning("html-as-text", line, f"the component <{match['name']}> is kept as text")
        return [(match.start(), match.start(), "\\") for match in matches]

    def _element(self, lined: LinedText, tag: re.Match[str], name: str, inner: str, depth: int) -> str | None:
        """Return an element as Markdown; None to keep it as text."""
        line = lined.line_at(tag.start())
        if name in _CODE:
            return code_span(_plain(inner))
        if name in {"sup", "sub"}:
            digits = _plain(inner).strip()
            table = _SUPERSCRIPT if name == "sup" else _SUBSCRIPT
            if digits and all(ord(char) in table for char in digits):
                return digits.translate(table)
            self.import_log.warning(
                "formatting-omitted", line, f"Markdown has no equal of <{name}>; the text in it is kept"
            )
            return self._without_html(LinedText.of(inner, line), depth + 1).text if depth < _MAX_DEPTH else inner
        if name == "pre":
            language = re.search(r"(?:language|lang|brush)[-:]\s*(\w+)", tag[0] + inner[:200])
            return f"\n\n{fence(_plain(inner), language[1] if language else '')}\n\n"
        if name in _SHOWN_AS_CODE:
            if not inner.strip() and not attributes(tag).get("src"):
                return ""
            self.import_log.warning("html-as-text", line, f"<{name}> is not imported; it is kept as a block of code")
            return f"\n\n{fence(f'{tag[0]}{inner}</{name}>', 'html')}\n\n"
        if name in _EMBEDDED:
            return self._embedded(tag, name, inner, line)
        if name == "blockquote":
            if depth >= _MAX_DEPTH:
                return None
            text = self._without_html(LinedText.of(inner.strip("\n"), line), depth + 1).text
            return "\n\n" + "\n".join(f"> {row.strip()}".rstrip() for row in text.strip().split("\n")) + "\n\n"
        return f"\n\n{html_to_markdown(f'{tag[0]}{inner}</{name}>')}\n\n"

    def _embedded(self, tag: re.Match[str], name: str, inner: str, line: int) -> str | None:
        """Return a link to a video or another page that the text embeds."""
        values = attributes(tag)
        source = re.search(r"\bsrc\s*=\s*[\"']?([^\s\"'>]+)", inner)
        address = html.unescape(values.get("src") or values.get("data") or (source[1] if source else ""))
        if not address:
            return None
        self.import_log.warning("embed-as-link", line, f"<{name}> becomes a link to {address[:60]!r}")
        text = values.get("title") or values.get("alt") or address
        return f"\n\n[{link_text(text)}]({watch_address(address)})\n\n"

    def _tag(
        self, lined: LinedText, tag: re.Match[str], closing: re.Match[str] | None, omitted: dict[str, int]
    ) -> list[Edit]:
        """Return the edits for one tag that is not replaced together with its element."""
        name, text = tag["name"].lower(), lined.text
        if tag["close"] or name in _SILENT:
            return [(*tag.span(), "")] if name in _SILENT else []  # a closing tag is edited with its opening one
        if name in _VOID:
            return self._void(lined, tag, name)
        if closing is None:
            return [(*tag.span(), "\n\n")] if name in {"p", "li"} else []
        inner = text[tag.end() : closing.start()]
        if name in _WRAPPERS:
            return [(*tag.span(), "\n\n"), (*closing.span(), "\n\n")]
        if name in _HEADINGS:
            mark = "#" * int(name[1])
            content = " ".join(inner.split())
            if not content:
                return [(*tag.span(), ""), (*closing.span(), "")]
            lead = len(inner) - len(inner.lstrip())
            tail = len(inner) - len(inner.rstrip())
            between = [
                (tag.end() + match.start(), tag.end() + match.end(), " ")
                for match in re.finditer(r"\s*\n\s*", inner)
                if lead <= match.start() and match.end() <= len(inner) - tail
            ]
            opening = (tag.start(), tag.end() + lead, f"\n\n{mark} ")
            return [opening, *between, (closing.start() - tail, closing.end(), "\n\n")]
        if name == "summary":
            return _wrapped(tag, closing, inner, "\n\n**", "**\n\n")
        if name == "a":
            href = html.unescape(attributes(tag).get("href", "")).strip()
            if not href or not inner.strip() or "\n\n" in inner.strip():
                return [(*tag.span(), ""), (*closing.span(), "")]
            return _wrapped(tag, closing, inner, "[", f"]({written(href)})")
        if name in _MARKS:
            mark = _MARKS[name] if "\n\n" not in inner.strip() else ""
            return _wrapped(tag, closing, inner, mark, mark)
        if name in _INLINE:
            omitted.setdefault(name, lined.line_at(tag.start()))
            return [(*tag.span(), ""), (*closing.span(), "")]
        return []

    def _void(self, lined: LinedText, tag: re.Match[str], name: str) -> list[Edit]:
        text = lined.text
        if name == "br":
            row = text[text.rfind("\n", 0, tag.start()) + 1 : (text + "\n").index("\n", tag.end())]
            if row.lstrip().startswith("|"):
                return []  # a build reads it in the cells of a table
            rest = re.compile(r"[ \t]*\n?").match(text, tag.end())
            end = rest.end() if rest else tag.end()
            is_last = not text[end : end + 1].strip()
            is_first = not text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()].strip()
            return [(tag.start(), end, "\n" if is_last or is_first else "\\\n")]
        if name == "hr":
            return [(*tag.span(), "\n\n---\n\n")]
        if name == "img":
            values = attributes(tag)
            source = html.unescape(values.get("src") or values.get("data-src") or "").strip()
            return [(*tag.span(), f"![{link_text(values.get('alt', ''))}]({written(source)})" if source else "")]
        return []

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _with_links(self, lined: LinedText) -> LinedText:
        text = lined.text
        if "](" not in text and "]:" not in text:
            return lined
        skip, _ = _code_spans(text)
        edits: list[Edit] = []
        for match in _outside(_DESTINATION.finditer(text), skip):
            edits += self._link(lined, match)
        references = [*_outside(_PICTURE_REFERENCE.finditer(text), skip)]
        pictures = {(match["label"] or match["alt"]).casefold() for match in references}
        shown: set[str] = set()
        for match in _outside(_DEFINITION.finditer(text), skip):
            address, label = match["address"].strip("<>"), match["label"].casefold()
            resolved = self.resolve(address, "picture") if label in pictures else None
            shown |= {label} if resolved is not None else set()
            resolved = resolved or self.resolve(address, "link")
            if resolved is None:
                line = lined.line_at(match.start())
                self.import_log.warning("link-as-text", line, f"{match['address'][:60]!r} cannot be linked to")
                edits.append((match.start(), match.start(), "\\"))
            else:
                edits.append((*match.span("address"), written(resolved)))
        for match in references:
            label = match["label"] or match["alt"]
            if label.casefold() not in shown:
                line = lined.line_at(match.start())
                self.import_log.warning(
                    "image-as-link", line, f"the picture {label!r} is not in content/; it becomes a link"
                )
                edits.append((*match.span(), f"[{match['alt'] or 'picture'}][{label}]"))
        return lined.edited(edits)

    def _link(self, lined: LinedText, match: re.Match[str]) -> list[Edit]:
        text, address = lined.text, match["address"].strip("<>")
        start = _opening_bracket(text, match.start())
        if start is None:
            return []
        is_image = start > 0 and text[start - 1] == "!" and (start < 2 or text[start - 2] != "\\")
        first = start - is_image
        is_linked = first > 0 and text[first - 1] == "[" and text.startswith("](", match.end())
        content = text[start + 1 : match.start()]
        line = lined.line_at(match.start())
        if not address:
            return [(first, start + 1, ""), (match.start(), match.end(), "")]
        resolved = self.resolve(html.unescape(address), "picture" if is_image else "link")
        if resolved is not None:
            return [(*match.span("address"), written(resolved))]
        as_link = self.resolve(html.unescape(address), "link") if is_image else None
        label = content.strip() or address.rsplit("/", 1)[-1] or "link"
        if as_link is not None:
            message = f"the picture {address[:60]!r} is not in content/; it becomes a link"
            self.import_log.warning("image-as-link", line, message)
            new = label if is_linked else f"[{link_text(label)}]({written(as_link)})"
            return [(first, match.end(), link_text(label) if is_linked else new)]
        what = "picture" if is_image else "address"
        self.import_log.warning(
            "link-as-text", line, f"the {what} {address[:60]!r} cannot be linked to; it is kept as text"
        )
        shown = f"{label} ({code_span(address)})"
        if is_image:
            return [(first, match.end(), shown)]
        return [(first, start + 1, ""), (match.start(), match.end(), f" ({code_span(address)})")]

    # --- the last check -----------------------------------------------------------------------------------------------

    def _accepted(self, lined: LinedText) -> LinedText:
        """Return a text that a build reads without errors: what it would reject is escaped and reported."""
        for number in range(_MAX_ROUNDS):
            diagnostics = Diagnostics()
            body, links = read_body(SourceText("", lined.text), lined.text, diagnostics, perspectives=self.perspectives)
            found = diagnostics.sorted()
            errors = [item for item in found if item.severity is Severity.ERROR]
            edits = [
                edit for item in errors for edit in self._escape(lined, item, ignore_code=number > _MAX_ROUNDS // 2)
            ]
            edits += self._dead_fragments(lined, body, links)
            if not edits:
                break
            lined = lined.edited(edits)
        for item in errors:  # more than can be escaped
            line = lined.numbers[min(item.location.line, len(lined.numbers)) - 1]
            self.import_log.diagnostics.error(item.code, self.import_log.location(line), item.message)
        for item in found:
            if item.severity is Severity.WARNING and item.code != "no-text":
                number = lined.numbers[min(item.location.line, len(lined.numbers)) - 1]
                self.import_log.warning(item.code, number, item.message, item.hint)
        return lined

    def _escape(self, lined: LinedText, item: Diagnostic, *, ignore_code: bool) -> list[Edit]:
        text, where = lined.text, item.location
        offset = lined.offset_of(where.line, where.column)
        line_end = (text + "\n").index("\n", offset)
        number = lined.line_at(offset)
        match item.code:
            case "raw-html":
                self.import_log.warning("html-as-text", number, f"{item.message.partition(': ')[2]} is kept as text")
                if where.column > 1 and text.startswith("<", offset):
                    return [(offset, offset, "\\")]
                blank = re.compile(r"\n[ \t]*(?:\n|$)").search(text, offset)
                end = blank.start() if blank else len(text)
                skip = [] if where.column <= 1 or ignore_code else _code_spans(text)[0]
                starts = _outside(_HTML_START.finditer(text, offset, end if where.column <= 1 else line_end), skip)
                return [(start.start(), start.start(), "\\") for start in starts]
            case "duplicate-perspective":
                self.import_log.warning(item.code, number, f"{item.message}; the second becomes a heading of level 3")
                return [(lined.offset_of(where.line), lined.offset_of(where.line), "#")]
            case "bad-language":
                return [(offset, offset, "\\")]
            case "control-character":
                self.import_log.warning(item.code, number, item.message)
                codes = re.compile(r"&#(?:x?[0-9a-fA-F]{1,7});|%[0-7][0-9a-fA-F]").finditer(text, offset, line_end)
                return [(code.start(), code.end(), "") for code in codes]
            case "bad-address":
                self.import_log.warning("link-as-text", number, item.message)
                start = lined.offset_of(where.line)
                marks = re.compile(r"\]\(|^\[|<(?=[a-z]+:)").finditer(text[start:line_end])
                return [
                    (start + mark.start() + (mark[0] == "]("), start + mark.start() + (mark[0] == "]("), "\\")
                    for mark in marks
                ]
        return []

    def _dead_fragments(self, lined: LinedText, body: Body, links: Links) -> list[Edit]:
        edits: list[Edit] = []
        anchors = set(body.anchors)
        for link, where in links:
            if link.kind is LinkKind.ARTICLE and not link.path and link.fragment not in anchors:
                offset = lined.offset_of(where.line, where.column)
                match = next(
                    (m for m in _DESTINATION.finditer(lined.text, max(0, offset - 2)) if m["address"].startswith("#")),
                    None,
                )
                start = _opening_bracket(lined.text, match.start()) if match else None
                if match is None or start is None:
                    edits += self._dead_definition(lined, link.fragment)
                    continue
                message = f"the text has no heading {link.fragment[:60]!r}; the link is omitted"
                self.import_log.warning("link-as-text", lined.line_at(match.start()), message)
                edits += [(start, start + 1, ""), (*match.span(), "")]
        return edits

    def _dead_definition(self, lined: LinedText, fragment: str) -> list[Edit]:
        """Return the edit that keeps the definition of a link to a heading that does not exist as text."""
        for match in _DEFINITION.finditer(lined.text):
            if unquote(match["address"]) == f"#{fragment}":
                message = f"the text has no heading {fragment[:60]!r}; the link is kept as text"
                self.import_log.warning("link-as-text", lined.line_at(match.start()), message)
                return [(match.start("label") - 1, match.start("label") - 1, "\\")]
        return []


# --- helpers ----------------------------------------------------------------------------------------------------------


def html_to_markdown(text: str) -> str:
    """Return an HTML fragment as Markdown. Raises MissingExtraError."""
    library: Any = import_extra("html_to_markdown", "html")
    options = library.ConversionOptions(
        extract_metadata=False,
        br_in_tables=True,
        compact_tables=True,
        highlight_style="none",
        autolinks=False,
        bullets="-",
    )
    result = library.convert(text, options)
    return str(result.content or "").strip()


def attributes(tag: re.Match[str]) -> dict[str, str]:
    """Return the attributes of a tag, in lower case, with their values."""
    values: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag["attributes"]):
        values.setdefault(match[1].lower(), html.unescape(match[2] or match[3] or match[4] or ""))
    return values


def fence(code: str, language: str = "") -> str:
    """Return code as a fenced block."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{code.strip(chr(10))}\n{mark}"


def code_span(code: str) -> str:
    """Return code within a line."""
    code = " ".join(code.split())
    mark = "`" * (max((len(run) for run in re.findall(r"`+", code)), default=0) + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{mark}{space}{code}{space}{mark}" if code else ""


def link_text(text: str) -> str:
    """Return the text of a link in one line, without brackets that end it."""
    return re.sub(r"([\[\]])", r"\\\1", " ".join(text.split())) if "](" not in text else " ".join(text.split())


def written(address: str) -> str:
    """Return an address as the destination of a link: spaces and brackets are encoded."""
    return re.sub(r"[\s()<>\"\\]", lambda match: f"%{ord(match[0]):02X}", address.strip())


def watch_address(address: str) -> str:
    """Return the page of a video instead of the address that embeds it."""
    match = re.match(r"(?:https?:)?//(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+)", address)
    if match:
        return f"https://www.youtube.com/watch?v={match[1]}"
    match = re.match(r"(?:https?:)?//player\.vimeo\.com/video/(\d+)", address)
    return f"https://vimeo.com/{match[1]}" if match else written(address)


def _without_gaps(lined: LinedText) -> LinedText:
    """Return the text with one blank line in the place of several, outside code."""
    if _GAP.search(lined.text) is None:
        return lined
    skip, _ = _code_spans(lined.text)
    return lined.edited((*match.span(), "\n\n") for match in _outside(_GAP.finditer(lined.text), skip))


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _wrapped(tag: re.Match[str], closing: re.Match[str], inner: str, before: str, after: str) -> list[Edit]:
    """Return the edits that put marks around the text of an element, inside the white space at its ends."""
    if not inner.strip():
        return [(*tag.span(), ""), (*closing.span(), "")]
    lead = inner[: len(inner) - len(inner.lstrip())]
    tail = inner[len(inner.rstrip()) :]
    opening = (tag.start(), tag.end() + len(lead), lead + before)
    return [opening, (closing.start() - len(tail), closing.end(), after + tail)]


def _pairs(tags: Sequence[re.Match[str]]) -> dict[int, int]:
    """Return for each opening tag the index of its closing tag."""
    pairs: dict[int, int] = {}
    waiting: dict[str, list[int]] = {}
    for index, tag in enumerate(tags):
        name = tag["name"].lower()
        if name in _VOID or tag["empty"]:
            continue
        if not tag["close"]:
            waiting.setdefault(name, []).append(index)
        elif waiting.get(name):
            pairs[waiting[name].pop()] = index
    return pairs


def _by_line(names: dict[str, int]) -> Iterator[tuple[list[str], int]]:
    if names:
        yield sorted(names), min(names.values())


def _opening_bracket(text: str, close: int) -> int | None:
    """Return the position of the bracket that the one at `close` ends."""
    depth = 0
    for position in range(close, max(-1, close - _MAX_LINK_TEXT), -1):
        char = text[position]
        if char in "[]" and (position == 0 or text[position - 1] != "\\"):
            depth += 1 if char == "]" else -1
            if depth == 0:
                return position
    return None


@lru_cache(maxsize=4)
def _code_spans(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the parts of a text that are code, and the blocks of HTML."""
    if _HAS_CODE.search(text) is None:
        return [], []
    tokens: list[Any] = []
    markdown = parser()
    markdown.block.parse(f"{text}\n", markdown, {}, tokens)
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts.append(starts[-1])
    end = len(text)
    code, blocks = [], []
    for token in tokens:
        if token.map and token.type in {"fence", "code_block", "html_block"}:
            span = (min(starts[token.map[0]], end), min(starts[min(token.map[1], len(starts) - 1)], end))
            if token.type == "html_block":
                blocks += [span] if token.level == 0 else []
            else:
                code.append((span[0], max(span[0], span[1] - 1)))
    inline = (match.span() for match in _INLINE_CODE.finditer(text)) if "`" in text else ()
    return _merged([*code, *inline]), blocks


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _outside(matches: Iterable[re.Match[str]], skip: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Yield the matches, in the order of the text, that do not begin in one of the parts to skip."""
    index = 0
    for match in matches:
        while index < len(skip) and skip[index][1] <= match.start():
            index += 1
        if index == len(skip) or match.start() < skip[index][0]:
            yield match


def _replacements(
    lined: LinedText, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str | None], import_log: ImportLog
) -> Iterator[Edit]:
    skip = [] if "raw" in pattern.pattern else _code_spans(lined.text)[0]
    for match in _outside(pattern.finditer(lined.text), skip):
        new = replace(match)
        if new is not None:
            if not new and match[0].lstrip().startswith(_DROPPED):
                line, shown = lined.line_at(match.start()), " ".join(match[0].split())[:60]
                import_log.warning("formatting-omitted", line, f"{shown!r} has no equal in Markdown")
            yield (*match.span(), new)


def plain_text(markdown: str) -> str:
    """Return the text of Markdown without marks and addresses, in one line."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)|<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = re.sub(r"<((?:https?|mailto):[^<>\s]+)>", r"\1", text)
    text = re.sub(r"\[([^\[\]]*)\]\([^)]*\)|\[([^\[\]]*)\]\[[^\]]*\]", r"\1\2", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", re.sub(r"[*`~]{1,3}|\[\^[^\]]*\]|\\\n", "", text))
    return html.unescape(" ".join(text.split()))
