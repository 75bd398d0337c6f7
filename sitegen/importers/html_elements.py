"""Conversion of HTML in Markdown: elements with an equal become Markdown, of others the text is kept."""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

from sitegen.content.markdown_parser import is_east_asian
from sitegen.importers.escape import escape_marked, mark_text
from sitegen.importers.extras import import_extra
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.lined_text import Edit, LinedText
from sitegen.importers.markdown_text import (
    Span,
    code_and_html_blocks,
    code_span,
    code_spans,
    fence,
    link_text,
    merged,
    outside,
    watch_address,
    written,
)

_MAX_DEPTH: Final = 8
_START: Final = re.compile(r"(?<!\\)</?[A-Za-z]")
_TAG: Final = re.compile(
    r"(?<!\\)<(?P<close>/)?(?P<name>[A-Za-z][\w.-]*+)(?P<attributes>(?:\s++(?:[^\s\"'<>/=]++|/(?!>))"
    r"(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|\{[^{}\n]*+\}|[^\s\"'=<>`]++))?)*)\s*+(?P<empty>/)?>"
)
"""A tag. Groups are not possessive: before Python 3.11.5 they do not step back, and ` />` is missed.

See CPython issue 100061.
"""
_ATTRIBUTE: Final = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
_SOURCE: Final = re.compile(r"\bsrc\s*=\s*[\"']?([^\s\"'>]+)")
_COMMENT: Final = re.compile(r"(?<!\\)<!--.*?-->", re.DOTALL)
_COMMENT_BEFORE_TEXT: Final = re.compile(r"^ {0,3}<!--(?:(?!-->).)*-->(?=[ \t]*\S)", re.DOTALL | re.MULTILINE)
_FRAME: Final = re.compile(
    r"<(iframe|video|audio|object)\b[^>]*>(?:(?!<\1\b).){0,5000}?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_INACTIVE: Final = re.compile(r"<(script|style|svg|form|canvas|math)\b", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"(<[^<>]*>)")
_ROW: Final = re.compile(r"[ \t>]*(?:[*+-][ \t]+)?\|")
_ELEMENT: Final = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_BREAK: Final = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr|t[dh]|blockquote)\b[^<>]{0,300}>", re.IGNORECASE)
_COMPONENT: Final = re.compile(r"(?<!\\)<(?=/?(?P<name>[A-Z][A-Za-z0-9.]*)[\s/>])")
_SCRIPT_CHARS: Final = {
    "sup": str.maketrans("0123456789+-−–=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁱⁿ"),
    "sub": str.maketrans("0123456789+-−–=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
}
"""The characters that Unicode calls superscript and subscript. Other raised letters are phonetic signs."""
_SCRIPT: Final = re.compile(
    r"(?<!\\)<(?P<name>su[bp])\b[^<>]{0,200}>(?P<inner>.{0,200}?)</(?P=name)\s*>", re.IGNORECASE | re.DOTALL
)
_SPACES: Final = re.compile(r"[ \t\n\r\f]{2,}")
_PUNCTUATION_START: Final = re.compile(r"[^\w\s]+")
_PUNCTUATION_END: Final = re.compile(r"[^\w\s]{1,20}$")
_MARKS: Final = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "*"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
}
_CODE: Final = frozenset({"code", "kbd", "tt", "samp"})
_VERBATIM: Final = _CODE | {"pre", "script", "style"}
"""Elements whose text has no markup in Markdown."""
_WRAPPERS: Final = frozenset(
    {
        *("p", "div", "section", "article", "main", "header", "footer", "center", "figure", "figcaption", "aside"),
        *("nav", "picture", "details", "html", "body", "address", "hgroup", "noscript", "tbody", "thead", "form"),
        "fieldset",
    }
)
"""Elements that are blocks of text, without a meaning that Markdown could keep."""
_SILENT: Final = frozenset({"wbr", "source", "track", "col", "meta", "link", "base", "picture", "param"})
_INLINE: Final = frozenset(
    {
        *("span", "u", "ins", "small", "big", "font", "abbr", "acronym", "time", "label", "mark", "ruby", "rb", "rt"),
        *("rp", "q", "bdi", "bdo", "data", "nobr", "button"),
    }
)
"""Elements whose text is kept without them, which is reported."""
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS: Final = _WRAPPERS | _HEADINGS | {"ul", "ol", "li", "dl", "dt", "dd", "table", "blockquote", "pre", "hr"}
_CAPTIONS: Final = frozenset({"figcaption", "caption"})
_EMBEDDED: Final = frozenset({"iframe", "video", "audio", "embed", "object", "amp-img", "amp-youtube"})
_SHOWN_AS_CODE: Final = frozenset({"script", "style", "svg", "math", "template", "canvas", "map"})
_WHOLE: Final = {"ul", "ol", "dl", "table", "blockquote", "pre", "sup", "sub"} | _EMBEDDED | _SHOWN_AS_CODE | _CODE
"""Elements that are replaced together with what is in them."""
_BLOCK: Final = re.compile(r"<(?:ul|ol|dl|table|pre|blockquote|h[1-6]|hr|iframe|video)\b", re.IGNORECASE)
"""Elements that a link of Markdown cannot contain."""
_VOID: Final = frozenset({"br", "hr", "img", "embed", "input", "wbr", "source", "track", "col", "meta", "link", "base"})


def convert_scripts(text: str) -> str:
    """Return HTML with the characters of Unicode in the place of superscripts and subscripts, if it has them."""
    return LinedText.of(text).edited(_script_edits(_SCRIPT.finditer(text))).text


def html_text(text: str) -> str:
    """Return the text of an HTML fragment, with a space in the place of each break of a line or a block."""
    return html.unescape(_ELEMENT.sub("", _BREAK.sub(" ", convert_scripts(text))))


def as_html(text: str) -> str:
    """Return plain text as HTML without elements, also if backticks are taken for code."""
    return html.escape(text, quote=False).replace("`", "&#96;")


def _script_edits(matches: Iterable[re.Match[str]]) -> Iterator[Edit]:
    for match in matches:
        chars, parts = _SCRIPT_CHARS[match["name"].lower()], _ANY_TAG.split(match["inner"])
        texts = [html.unescape(part) for part in parts[::2]]  # between them are tags
        shown = "".join(texts).strip()
        if shown and all(ord(char) in chars for char in shown):
            parts[::2] = [part.translate(chars) for part in texts]
            yield *match.span(), "".join(parts)


def html_to_markdown(text: str, line: int, import_log: ImportLog, *, has_markdown: bool = False) -> str:
    """Return an HTML fragment as Markdown that shows the same text. Raises InputError.

    Other punctuation than that of HTML is markup if the fragment `has_markdown`.
    """
    library: Any = import_extra("html_to_markdown", "html")
    lxml_html = import_extra("lxml.html", "html")
    page = parse_page(convert_scripts(text))
    for picture in [*page.iter("svg")]:
        picture.drop_tree()
    for link in page.xpath("//pre//a"):
        link.drop_tag()
    if names := sorted({element.tag for element in page.iter(*_SCRIPT_CHARS)}):
        _report_omitted(names, line, import_log)
    _keep_in_paragraphs(page)
    for element in page.iter(*_MARKS):
        _move_punctuation(element)
    _mark_texts(page, (lambda text: mark_text(text, "<&")) if has_markdown else _marked_line)
    options = library.ConversionOptions(
        extract_metadata=False,
        br_in_tables=True,
        compact_tables=True,
        highlight_style="none",
        autolinks=False,
        bullets="-",
    )
    result = library.convert(lxml_html.tostring(page, encoding="unicode"), options)
    return escape_marked(str(result.content or "").strip())


def _mark_texts(page: Any, mark: Callable[[str], str]) -> None:
    """Mark the texts of a page that are not code, and encode addresses that Markdown would end too early."""
    code, cells = _elements_within(page, _VERBATIM), _elements_within(page, {"td", "th"})

    def marked(text: str, parent: Any) -> str:
        if parent in code:
            return mark_text(text, "|") if parent in cells else text
        return mark(text)

    for element in page.iter():
        if element.text:
            element.text = marked(element.text, element)
        if element.tail:
            element.tail = marked(element.tail, element.getparent())
        if element.get("alt"):
            element.set("alt", mark(element.get("alt")))
        for name in {"href", "src"} & {*element.keys()}:
            address = element.get(name)
            if "\\" in address or address.count("(") != address.count(")"):
                element.set(name, written(address))


def _marked_line(text: str) -> str:
    """Return text with stand-ins for its punctuation and without empty lines, which would end a paragraph."""
    return mark_text(_SPACES.sub(lambda spaces: "\n" if "\n" in spaces[0] else " ", text))


def _keep_in_paragraphs(page: Any) -> None:
    """Remove marks around blocks, blocks from captions, and empty lines from both: marks end with their paragraph."""
    around_blocks: set[Any] = set()
    for block in page.iter(*_BLOCKS):
        for element in block.iterancestors():
            if element in around_blocks:
                break
            around_blocks.add(element)
    for element in [*page.iter(*_MARKS)]:
        if element in around_blocks:
            element.drop_tag()
    in_caption = _elements_within(page, _CAPTIONS)
    for element in [*page.iter(*_BLOCKS)]:
        if element in in_caption and element.tag not in _CAPTIONS:
            element.text, element.tail = f" {element.text or ''}", f" {element.tail or ''}"
            element.drop_tag()
    in_mark = _elements_within(page, _CAPTIONS | _MARKS.keys())
    for line_break in [*page.iter("br")]:
        previous = line_break.getprevious()
        is_repeated = previous is not None and previous.tag == "br" and not (previous.tail or "").strip()
        if is_repeated and line_break in in_mark:
            line_break.drop_tag()


def _elements_within(page: Any, names: Collection[str]) -> set[Any]:
    """Return the elements with one of some names, and all that are in them."""
    found: set[Any] = set()
    for element in page.iter():
        if element.tag in names or element.getparent() in found:
            found.add(element)
    return found


def _move_punctuation(element: Any) -> None:
    """Move punctuation at the ends of a marked text out of it if letters follow, as in `<b>Note:</b>text`.

    Marks between punctuation and letters would be text (CommonMark 0.31, section 6.2).
    """
    previous, parent = element.getprevious(), element.getparent()
    before = ((parent.text if previous is None else previous.tail) or "") if parent is not None else ""
    text, tail = element.text or "", element.tail or ""
    first = _PUNCTUATION_START.match(text)
    if first is not None and _divides(before[-1:], text[:1]):
        element.text = text[first.end() :]
        if previous is None:
            parent.text = before + first[0]
        else:
            previous.tail = before + first[0]
    inner = element[-1] if len(element) else None
    text = (element.text if inner is None else inner.tail) or ""
    last = _PUNCTUATION_END.search(text)
    if last is not None and _divides(tail[:1], text[-1:]):
        element.tail = last[0] + tail
        if inner is None:
            element.text = text[: last.start()]
        else:
            inner.tail = text[: last.start()]


def _divides(char: str, mark: str) -> bool:
    """Return whether marks between a character and punctuation would be text."""
    return char.isalnum() and not is_east_asian(char) and not is_east_asian(mark)


def _report_omitted(names: Iterable[str], line: int, import_log: ImportLog) -> None:
    elements = ", ".join(f"<{name}>" for name in names)
    import_log.report("formatting-omitted", line, f"Markdown has no equal of {elements}; the text in it is kept")


def parse_page(text: str) -> Any:
    """Return HTML as an element of lxml. Raises InputError."""
    lxml_html = import_extra("lxml.html", "html")
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except import_extra("lxml.etree", "html").ParserError:  # nothing but comments or closing tags
        return lxml_html.document_fromstring(b"<html></html>", parser=parser)


def without_active_elements(text: str, line: int, import_log: ImportLog) -> str:
    """Return HTML with a link in the place of each embedded page; report elements that no Markdown has."""

    def linked(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[0])
        if source is None:
            return ""
        address = _embedded_address(html.unescape(source[1]), match[1].lower(), line, import_log)
        return f'<p><a href="{html.escape(address)}">{html.escape(address)}</a></p>'

    text = _FRAME.sub(linked, text)
    for name in sorted({match[1].lower() for match in _INACTIVE.finditer(text)}):
        import_log.report("formatting-omitted", line, f"<{name}> is not imported")
    return text


def convert_elements(lined: LinedText, import_log: ImportLog, depth: int = 0) -> LinedText:
    """Return Markdown with the HTML in it converted. Raises InputError."""
    text = lined.text
    if "<!--" in text:  # a block of HTML has all of its last line
        gaps = outside(_COMMENT_BEFORE_TEXT.finditer(text), code_spans(text))
        lined = lined.edited((match.end(), match.end(), "\n\n") for match in gaps)
        text = lined.text
    if _START.search(text) is None:
        return lined
    skip = merged([*code_spans(text), *(match.span() for match in _COMMENT.finditer(text))])
    if scripts := [*_script_edits(outside(_SCRIPT.finditer(text), skip))]:
        return convert_elements(lined.edited(scripts), import_log, depth)
    tags = list(outside(_TAG.finditer(text), skip))
    edits = _component_edits(lined, skip, import_log)
    omitted: dict[str, int] = {}
    pairs, whole_end = _pairs(tags), -1
    for index, tag in enumerate(tags):
        name = tag["name"].lower()
        if tag.start() < whole_end:
            continue
        if tag["name"] != name and name in _WHOLE | _WRAPPERS and not tag["name"].isupper():
            continue  # <Figure> is a component of a program, not an element
        closing = tags[pairs[index]] if index in pairs else None
        if name not in _WHOLE or tag["close"] or (closing is None and name not in _EMBEDDED):
            edits += _tag_edits(lined, tag, closing, omitted)
            continue
        end = closing.end() if closing else tag.end()
        new = _element(lined, tag, text[tag.end() : closing.start()] if closing else "", import_log, depth)
        if new is not None:
            edits.append((tag.start(), end, new))
            whole_end = end
    for start, end in code_and_html_blocks(text)[1] if tags else ():  # their indented lines would become code
        lines = re.finditer(r"^[ \t]+", text[start:end], re.MULTILINE)
        edits += [(start + match.start(), start + match.end(), "") for match in lines]
    anchors = [(tag.end(), tags[pairs[index]].start()) for index, tag in _links(tags) if index in pairs]
    links = [span for span in anchors if _BLOCK.search(text, *span) is None]
    edits = [(*edit[:2], " ") if edit[2] == "\n\n" and _is_within(edit, links) else edit for edit in edits]
    if omitted:
        _report_omitted(sorted(omitted), lined.line_at(min(omitted.values())), import_log)
    return lined.edited(edits)


def _links(tags: Sequence[re.Match[str]]) -> list[tuple[int, re.Match[str]]]:
    """Return the tags of links with their indices."""
    return [(index, tag) for index, tag in enumerate(tags) if tag["name"].lower() == "a"]


def _is_within(edit: Edit, spans: Sequence[Span]) -> bool:
    """Return whether an edit is within one of some parts, which are in the order of the text."""
    index = bisect_right(spans, edit[0], key=itemgetter(0)) - 1
    return index >= 0 and edit[1] <= spans[index][1]


def _component_edits(lined: LinedText, skip: Sequence[Span], import_log: ImportLog) -> list[Edit]:
    """Return the edits that keep the components of a program, such as <Chart />, as text."""
    matches = [match for match in outside(_COMPONENT.finditer(lined.text), skip) if not match["name"].isupper()]
    for match in matches:
        line = lined.line_at(match.start())
        import_log.report("html-as-text", line, f"the component <{match['name']}> is kept as text")
    return [(match.start(), match.start(), "\\") for match in matches]


def _element(lined: LinedText, tag: re.Match[str], inner: str, import_log: ImportLog, depth: int) -> str | None:
    """Return an element as Markdown, `inner` is what is in it; None to keep it as text."""
    name = tag["name"].lower()
    if name in _CODE:
        return code_span(_plain(inner))
    if name == "pre":
        language = re.search(r"(?:language|lang|brush)[-:]\s*(\w+)", tag[0] + inner[:200])
        return f"\n\n{fence(_plain(inner), language[1] if language else '')}\n\n"
    line = lined.line_at(tag.start())
    if name in _SCRIPT_CHARS:
        _report_omitted([name], line, import_log)
        return convert_elements(LinedText.of(inner, line), import_log, depth + 1).text if depth < _MAX_DEPTH else inner
    if name in _SHOWN_AS_CODE:
        if not inner.strip() and not _attributes(tag).get("src"):
            return ""
        import_log.report("html-as-text", line, f"<{name}> is not imported; it is kept as a block of code")
        return f"\n\n{fence(f'{tag[0]}{inner}</{name}>', 'html')}\n\n"
    if name in _EMBEDDED:
        values, source = _attributes(tag), _SOURCE.search(inner)
        address = html.unescape(values.get("src") or values.get("data") or (source[1] if source else ""))
        if not address:
            return None
        shown = values.get("title") or values.get("alt") or address
        return f"\n\n[{link_text(shown)}]({_embedded_address(address, name, line, import_log)})\n\n"
    if name == "blockquote":
        if depth >= _MAX_DEPTH:
            return None
        text = convert_elements(LinedText.of(inner.strip("\n"), line), import_log, depth + 1).text
        return "\n\n" + "\n".join(f"> {row.strip()}".rstrip() for row in text.strip().split("\n")) + "\n\n"
    converted = html_to_markdown(f"{tag[0]}{inner}</{name}>", line, import_log, has_markdown=True)
    return f"\n\n{converted}\n\n"


def _embedded_address(address: str, name: str, line: int, import_log: ImportLog) -> str:
    """Return the address to link to in the place of an embedded page."""
    address = watch_address(address)
    import_log.report("embed-as-link", line, f"<{name}> becomes a link to {address[:60]!r}")
    return address


def _tag_edits(
    lined: LinedText, tag: re.Match[str], closing: re.Match[str] | None, omitted: dict[str, int]
) -> list[Edit]:
    """Return the edits for one tag that is not replaced together with its element; collect what is omitted."""
    name = tag["name"].lower()
    if name in _SILENT:
        return [(*tag.span(), "")]
    if tag["close"]:
        return []  # a closing tag is edited with its opening one
    if name in _VOID:
        return _void_edits(lined.text, tag)
    if closing is None:
        return [(*tag.span(), "\n\n")] if name in {"p", "li"} else []
    inner = lined.text[tag.end() : closing.start()]
    omission = [(*tag.span(), ""), (*closing.span(), "")]
    is_line = "\n\n" not in inner.strip() and _BLOCK.search(inner) is None
    if name in _WRAPPERS:
        return [(*tag.span(), "\n\n"), (*closing.span(), "\n\n")]
    if name in _INLINE:
        omitted.setdefault(name, tag.start())
        return omission
    if name in _HEADINGS:
        return _heading_edits(tag, closing, inner) if inner.strip() else omission
    if name == "summary":
        return _wrapped(tag, closing, inner, "\n\n**", "**\n\n")
    if name == "a":
        href = html.unescape(_attributes(tag).get("href", "")).strip()
        if not href or is_line:
            return _wrapped(tag, closing, inner, "[", f"]({written(href)})") if href else omission
        omitted.setdefault(name, tag.start())
        return omission
    if name in _MARKS:
        mark = _MARKS[name] if is_line else ""
        return _wrapped(tag, closing, inner, mark, mark)
    return []


def _void_edits(text: str, tag: re.Match[str]) -> list[Edit]:
    match tag["name"].lower():
        case "br":
            line_start = text.rfind("\n", 0, tag.start()) + 1
            row = text[line_start : (text + "\n").index("\n", tag.end())]
            if _ROW.match(row):
                return []  # a build reads it in the cells of a table
            rest = re.compile(r"[ \t]*\n?").match(text, tag.end())
            end = rest.end() if rest else tag.end()
            is_inside = text[line_start : tag.start()].strip() and text[end : end + 1].strip()
            return [(tag.start(), end, "\\\n" if is_inside else "\n")]
        case "hr":
            return [(*tag.span(), "\n\n---\n\n")]
        case "img":
            values = _attributes(tag)
            source = html.unescape(values.get("src") or values.get("data-src") or "").strip()
            return [(*tag.span(), f"![{link_text(values.get('alt', ''))}]({written(source)})" if source else "")]
    return []


def _heading_edits(tag: re.Match[str], closing: re.Match[str], inner: str) -> list[Edit]:
    """Return the edits that make an element a heading in one line."""
    start = tag.end() + len(inner) - len(inner.lstrip())
    end = tag.end() + len(inner.rstrip())
    breaks = re.compile(r"\s*\n\s*").finditer(closing.string, start, end)
    opening = (tag.start(), start, f"\n\n{'#' * int(tag['name'][1])} ")
    return [opening, *((*match.span(), " ") for match in breaks), (end, closing.end(), "\n\n")]


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


def _attributes(tag: re.Match[str]) -> dict[str, str]:
    """Return the attributes of a tag, in lower case, with their values."""
    values: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag["attributes"]):
        values.setdefault(match[1].lower(), html.unescape(match[2] or match[3] or match[4] or ""))
    return values


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", convert_scripts(text)))
