"""HTML as Markdown by html-to-markdown.

The tree of the elements is changed before: the library takes text for markup, omits superscripts, and writes marks that
Markdown does not read.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from sitegen.content.markdown_parser import is_east_asian
from sitegen.importers.extras import import_extra
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.markup.escape import escape_marked, mark_text
from sitegen.importers.markup.lined_text import Edit, LinedText
from sitegen.importers.markup.markdown_text import unescape, written

_ANY_TAG: Final = re.compile(r"(<[^<>]*>)")
_ELEMENT: Final = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_BREAK: Final = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr|t[dh]|blockquote)\b[^<>]{0,300}>", re.IGNORECASE)
SCRIPT_CHARS: Final = {
    "sup": str.maketrans("0123456789+-−–=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁱⁿ"),
    "sub": str.maketrans("0123456789+-−–=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
}
"""The characters that Unicode calls superscript and subscript. Other raised letters are phonetic signs."""
SCRIPT: Final = re.compile(
    r"(?<!\\)<(?P<name>su[bp])\b[^<>]{0,200}>(?P<inner>.{0,200}?)</(?P=name)\s*>", re.IGNORECASE | re.DOTALL
)
_FIGURE: Final = re.compile(r"[+\-−–.,]?\d")
"""The start of a superscript or subscript that would be part of the number before it."""
_NO_FIGURE_BEFORE: Final = frozenset("^_[(")
_LINE_NUMBERS: Final = re.compile(r"[\d\s]+")
_SPACES: Final = re.compile(r"[ \t\n\r\f\xa0]{2,}")
_PUNCTUATION_START: Final = re.compile(r"(?:[^\w\s]|_)+")
_PUNCTUATION_END: Final = re.compile(r"(?:[^\w\s]|_){1,20}$")
MARKS: Final = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "*"),
    **dict.fromkeys(("del", "s", "strike"), "~~"),
}
CODE: Final = frozenset({"code", "kbd", "tt", "samp"})
_VERBATIM: Final = CODE | {"pre", "script", "style"}
"""Elements whose text has no markup in Markdown."""
WRAPPERS: Final = frozenset(
    {
        *("p", "div", "section", "article", "main", "header", "footer", "center", "figure", "figcaption", "aside"),
        *("nav", "picture", "details", "html", "body", "address", "hgroup", "noscript", "tbody", "thead", "form"),
        "fieldset",
    }
)
"""Elements that are blocks of text, without a meaning that Markdown could keep."""
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
VOID: Final = frozenset({"br", "hr", "img", "embed", "input", "wbr", "source", "track", "col", "meta", "link", "base"})
BLOCKS: Final = WRAPPERS | HEADINGS | {"ul", "ol", "li", "dl", "dt", "dd", "table", "blockquote", "pre", "hr"}
_BOUNDS: Final = BLOCKS | VOID
_QUOTES: Final = frozenset('"„“”«»‹›「」『』')
_LINKS: Final = CODE | {"a", "img"}
_LINK: Final = "link"
_PLAIN: Final = ("span", "font", "u", "small", "big")
"""Elements without a meaning in Markdown, which may be between two marks."""
_HIDDEN: Final = re.compile("none|hidden")
_UNWRAPPED: Final = "unwrapped"
_CAPTIONS: Final = frozenset({"figcaption", "caption"})


def convert_scripts(text: str) -> str:
    """Return HTML with the characters of Unicode in the place of superscripts and subscripts, if it has them.

    Other figures in them get a mark: `10<sup>0.5</sup>` is not 100.5.
    """
    return LinedText.of(text).edited(script_edits(SCRIPT.finditer(text))).text


def html_text(text: str) -> str:
    """Return the text of an HTML fragment, with a space in the place of each break of a line or a block."""
    return unescape(_ELEMENT.sub("", _BREAK.sub(" ", convert_scripts(text))))


def as_html(text: str) -> str:
    """Return plain text as HTML without elements, also if backticks are taken for code."""
    return html.escape(text, quote=False).replace("`", "&#96;")


def script_edits(matches: Iterable[re.Match[str]]) -> Iterator[Edit]:
    """Yield the edits for matches of `SCRIPT`: the characters of Unicode, or marks around other figures."""
    for match in matches:
        chars, parts = SCRIPT_CHARS[match["name"].lower()], _ANY_TAG.split(match["inner"])
        texts = [unescape(part) for part in parts[::2]]  # between them are tags
        shown = "".join(texts).strip()
        if shown and all(ord(char) in chars for char in shown):
            parts[::2] = [part.translate(chars) for part in texts]
            yield *match.span(), "".join(parts)
        elif _FIGURE.match(shown):
            marks = _marks_of_figure(match, shown)
            yield from ((offset, offset, mark) for offset, mark in zip(match.span(), marks, strict=True) if mark)


def _marks_of_figure(match: re.Match[str], shown: str) -> tuple[str, str]:
    """Return the marks that divide a figure in a superscript or subscript from the text before it."""
    before = unescape(_ANY_TAG.sub("", match.string[max(0, match.start() - 200) : match.start()]))[-1:]
    if not before or before.isspace() or before in _NO_FIGURE_BEFORE:
        return "", ""
    if match["name"].lower() == "sub":
        is_name = before.isalpha() and "," not in shown  # PM2.5
        return "" if is_name else "_" if shown[0].isdigit() else "&#95;", ""  # before a sign it could end emphasis
    return ("&#91;", "&#93;") if "," in shown else ("^", "")  # numbers of notes, which are no link


def html_to_markdown(text: str, line: int, import_log: ImportLog, *, has_markdown: bool = False) -> str:
    """Return an HTML fragment as Markdown that shows the same text. Raises InputError.

    Other punctuation than that of HTML is markup if the fragment `has_markdown`.
    """
    library: Any = import_extra("html_to_markdown", "html")
    lxml_html = import_extra("lxml.html", "html")
    page = parse_page(convert_scripts(text))
    for picture in [*page.iter("svg")]:
        picture.drop_tree()
    for element in page.iter(*SCRIPT_CHARS):
        report_script(element.tag, element.text_content(), line, import_log)
    _unwrap_code(page)
    _unwrap(page, (element for element in page.iter(*_PLAIN) if not _HIDDEN.search(element.get("style", ""))))
    _keep_in_paragraphs(page)
    _unwrap(page, _move_punctuation(page))
    _mark_texts(page, (lambda text: mark_text(text, "<&")) if has_markdown else _marked_line)
    options = library.ConversionOptions(
        extract_metadata=False,
        br_in_tables=True,
        compact_tables=True,
        expand_abbreviations=False,
        highlight_style="none",
        autolinks=False,
        bullets="-",
    )
    result = library.convert(lxml_html.tostring(page, encoding="unicode"), options)
    return escape_marked(str(result.content or "").strip())


def _unwrap_code(page: Any) -> None:
    """Remove tables of one row around blocks of code, with the numbers of lines, and links in code."""
    _unwrap(page, page.xpath("//pre//a"))
    for table in page.xpath("//table[count(.//tr) = 1][.//pre]"):
        for cell in [*table.iter("td", "th")]:
            cell.tag = "div"
            if not _LINE_NUMBERS.sub("", cell.text_content()):
                cell.drop_tree()
        _unwrap(page, [*table.iter("table", "thead", "tbody", "tr")])


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
            if "\\" in address or "|" in address or address.count("(") != address.count(")"):
                element.set(name, written(address))


def _marked_line(text: str) -> str:
    """Return text with stand-ins for its punctuation and without empty lines, which would end a paragraph."""
    return mark_text(_SPACES.sub(lambda spaces: "\n" if "\n" in spaces[0] else spaces[0], text))


def _keep_in_paragraphs(page: Any) -> None:
    """Remove marks around blocks, blocks from captions, and empty lines from both: marks end with their paragraph."""
    around_blocks: set[Any] = set()
    for block in page.iter(*BLOCKS):
        for element in block.iterancestors():
            if element in around_blocks:
                break
            around_blocks.add(element)
    _unwrap(page, (element for element in page.iter(*MARKS) if element in around_blocks))
    in_caption = _elements_within(page, _CAPTIONS)
    blocks = [block for block in page.iter(*BLOCKS) if block in in_caption and block.tag not in _CAPTIONS]
    for block in blocks:
        block.text, block.tail = f" {block.text or ''}", f" {block.tail or ''}"
    _unwrap(page, blocks)
    # The library writes captions in italics, and italics in italics would end there.
    _unwrap(page, (element for element in page.iter(*MARKS) if MARKS[element.tag] == "*" and element in in_caption))
    for element in page.iter(*MARKS):
        _move_line_breaks(element)
    in_mark = _elements_within(page, _CAPTIONS | MARKS.keys())
    _unwrap(page, (element for element in page.iter("br") if element in in_mark and _is_repeated(element)))


def _move_line_breaks(element: Any) -> None:
    """Move line breaks at the ends of a marked text out of it."""
    while (first := next(element.iterchildren(), None)) is not None and first.tag == "br":
        if (element.text or "").strip():
            break
        element.text, first.tail = first.tail, None
        element.addprevious(first)
    while (last := next(element.iterchildren(reversed=True), None)) is not None and last.tag == "br":
        if (last.tail or "").strip():
            break
        last.tail, element.tail = element.tail, None
        element.addnext(last)


def _is_repeated(line_break: Any) -> bool:
    previous = line_break.getprevious()
    return previous is not None and previous.tag == "br" and not (previous.tail or "").strip()


def _unwrap(page: Any, elements: Iterable[Any]) -> None:
    """Remove elements, not what is in them, all at once: one after the other takes quadratic time."""
    for element in [*elements]:
        element.tag = _UNWRAPPED
    import_extra("lxml.etree", "html").strip_tags(page, _UNWRAPPED)


def _elements_within(page: Any, names: Collection[str]) -> set[Any]:
    """Return the elements with one of some names, and all that are in them."""
    elements: set[Any] = set()
    for element in page.iter():
        if element.tag in names or element.getparent() in elements:
            elements.add(element)
    return elements


def _move_punctuation(page: Any) -> list[Any]:
    """Move punctuation at the ends of marked texts out of them if letters are next to it, as in `<b>Note:</b>text`.

    Marks between punctuation and letters would be text (CommonMark 0.31, section 6.2). Return the elements that cannot
    be marks: those without text, those between a link and letters, and `<q>` with quotation marks around it.
    """
    pieces, bounds = _text_pieces(page)
    unmarked = [quote for quote in page.iter("q") if _is_quoted(*bounds[quote], pieces)]
    for element in page.iter(*MARKS):
        start, end = bounds[element]
        if start == end:
            unmarked.append(element)
            continue
        first, last = pieces[start], pieces[end - 1]
        before, after = _piece_text(pieces[start - 1])[-1:], _piece_text(pieces[end])[:1]
        if (first is _LINK and _divides(before, ")")) or (last is _LINK and _divides(after, ")")):
            unmarked.append(element)
            continue
        opening, text = _PUNCTUATION_START.match(_piece_text(first)), _piece_text(first)
        if opening is not None and _divides(before, text[0]):
            _set_piece(first, text[opening.end() :])
            previous, parent = element.getprevious(), element.getparent()
            if previous is None:
                parent.text = (parent.text or "") + opening[0]
            else:
                previous.tail = (previous.tail or "") + opening[0]
        closing, text = _PUNCTUATION_END.search(_piece_text(last)), _piece_text(last)
        if closing is not None and _divides(after, text[-1]):
            _set_piece(last, text[: closing.start()])
            element.tail = closing[0] + (element.tail or "")
    return unmarked


def _is_quoted(start: int, end: int, pieces: Sequence[Any]) -> bool:
    """Return whether an element has a quotation mark before or after it."""
    return _piece_text(pieces[start - 1])[-1:] in _QUOTES or _piece_text(pieces[end])[:1] in _QUOTES


def _text_pieces(page: Any) -> tuple[list[Any], dict[Any, tuple[int, int]]]:
    """Return the texts of a page in order, as element and attribute, and the range of those in each element.

    Between them is None for the bounds of a block and `_LINK` for those of a link, of code or of a picture.
    """
    pieces: list[Any] = [None]
    bounds: dict[Any, tuple[int, int]] = {}
    for event, element in import_extra("lxml.etree", "html").iterwalk(page, events=("start", "end")):
        bound = [_LINK] if element.tag in _LINKS else [None] if element.tag in _BOUNDS else []
        if event == "start":
            pieces += bound
            bounds[element] = len(pieces), len(pieces)
            pieces += [(element, "text")] if element.text else []
        else:
            bounds[element] = bounds[element][0], len(pieces)
            pieces += bound
            pieces += [(element, "tail")] if element.tail else []
    return [*pieces, None], bounds


def _piece_text(piece: Any) -> str:
    return getattr(*piece) or "" if piece and piece is not _LINK else ""


def _set_piece(piece: tuple[Any, str], text: str) -> None:
    element, attribute = piece
    setattr(element, attribute, text)


def _divides(char: str, mark: str) -> bool:
    """Return whether marks between a character and punctuation would be text."""
    is_letter = bool(char) and not char.isspace() and unicodedata.category(char)[0] not in "PSZ"
    return is_letter and not is_east_asian(char) and not is_east_asian(mark)


def parse_page(text: str) -> Any:
    """Return HTML as an element of lxml. Raises InputError."""
    lxml_html = import_extra("lxml.html", "html")
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except import_extra("lxml.etree", "html").ParserError:  # nothing but comments or closing tags
        return lxml_html.document_fromstring(b"<html></html>", parser=parser)


def report_script(name: str, text: str, line: int, import_log: ImportLog) -> None:
    """Report a superscript or subscript that Unicode has no characters for; figures in it are named."""
    if _FIGURE.match(text.strip()):
        message = f"Markdown has no equal of <{name}>{text.strip()[:40]}</{name}>; the text in it is kept"
        import_log.report("formatting-omitted", line, message, hint="check the figure")
    else:
        report_omitted([name], line, import_log)


def report_omitted(names: Iterable[str], line: int, import_log: ImportLog) -> None:
    """Report elements whose text is kept without them."""
    elements = ", ".join(f"<{name}>" for name in names)
    import_log.report("formatting-omitted", line, f"Markdown has no equal of {elements}; the text in it is kept")
