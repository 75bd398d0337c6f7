"""The main text of a web page, as an element of the page.

trafilatura finds the text, but its own HTML loses code, headings of tables and captions. So its result only shows which
blocks of the page are text, and the smallest element around them is kept as the page has it.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from html import unescape
from typing import Any, Final

from sitegen.importers.extras import import_extra
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.markup.markdown_text import watch_address
from sitegen.util.cldr import normalize_label

_MIN_SHARE: Final = 0.8
"""Share of the found text that the element around it has at least; the rest is in other parts of the page."""
_MIN_BLOCK: Final = 4
_MAX_COMPARED: Final = 200
"""Characters of a block to compare. trafilatura changes white space and the ends of some blocks."""
_MAX_LINK_SHARE: Final = 0.5
"""A block that trafilatura does not have is navigation if more of its text is in links."""
_OMITTED: Final = frozenset(
    {
        *("script", "style", "noscript", "template", "nav", "aside", "footer", "button", "input", "select", "svg"),
        *("dialog", "menu", "link", "meta", "rt", "rp", "object", "embed", "canvas"),
    }
)
_BLOCKS: Final = frozenset(
    {
        *("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "td", "th", "dt", "dd", "figcaption"),
        *("div", "section", "article", "main", "summary", "caption"),
    }
)
_CONTAINERS: Final = _BLOCKS | {"ul", "ol", "dl", "table", "tbody", "thead", "tfoot", "tr", "figure", "details"}
_KEPT: Final = frozenset(
    {
        *("td", "th", "tr", "thead", "tbody", "tfoot", "br", "hr", "img", "picture", "source", "code", "a", "b", "i"),
        *("span", "em", "strong", "font", "u", "sup", "sub", "small", "kbd", "cite", "q", "abbr", "time", "ruby", "rb"),
    }
)
"""Parts of a block, which stay with it."""
_ITEMS: Final = frozenset({"li", "dt", "dd"})
_STRUCTURE: Final = frozenset({"table", "pre", "h2", "h3", "h4", "figure"})
_DOCUMENT: Final = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|hwpx?|od[ts])\b", re.IGNORECASE)
_MAX_ATTACHMENTS: Final = 20
_PERMALINKS: Final = frozenset({"#", "¶", "§", "🔗"})
_BESIDE_TEXT: Final = re.compile(
    r"share|social|related|comment|promo|newsletter|sidebar|breadcrumb|footer|byline|recommend|advert|sponsor|\bads?\b"
    r"|\bsns|pager|\bmeta\b|subscribe|signup|print|\btags?\b|\btoc\b|author|\bbio\b",
    re.IGNORECASE,
)
"""Classes and names of blocks between the paragraphs that are not part of the text."""


def find_main_text(html: str, document: Any, title: str, import_log: ImportLog) -> Any | None:
    """Return the element with the main text, without what is not part of it; None if there is no text.

    `document` is the page as an element, which is changed. The title is left out, and so are asides, of which those
    that may be text are reported. Raises InputError.
    """
    trafilatura = import_extra("trafilatura", "html")
    body = document.find("body")
    extracted = trafilatura.extract(html, include_comments=False, include_formatting=False, favor_precision=True)
    text = _squeezed(unescape(extracted or ""))  # trafilatura resolves references twice
    if body is None or not text:
        return None
    asides = {aside: aside.getparent() for aside in body.iter("aside") if _may_be_text(aside)}
    _remove_omitted(body, title)
    blocks = _text_blocks(body, text, _short_lines(unescape(extracted or "")))
    lengths: dict[Any, int] = {}
    for block, length in blocks.items():
        for element in (block, *block.iterancestors()):
            lengths[element] = lengths.get(element, 0) + length
    main = body
    while (inner := max(main, key=lambda element: lengths.get(element, 0), default=None)) is not None:
        if lengths.get(inner, 0) < _MIN_SHARE * lengths.get(body, 0):
            break
        main = inner
    if not blocks:
        return None
    _prune(main, blocks, lengths)
    for aside, parent in asides.items():
        if parent is main or main in parent.iterancestors():
            shown = " ".join(aside.text_content().split())[:60]
            import_log.report("aside-omitted", aside.sourceline or 1, f"the aside {shown!r} is left out")
    return main


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _remove_omitted(body: Any, title: str) -> None:
    """Remove elements that are no text, headings that repeat the title, and links of headings to themselves."""
    for element in list(body.iter(*_OMITTED, "iframe", "h1", "a")):
        if element.tag == "a":
            is_kept = (element.text_content().strip() or "text") not in _PERMALINKS
        elif element.tag == "iframe":
            source = element.get("src") or ""
            is_kept = watch_address(source) != source
        else:
            is_kept = element.tag == "h1" and normalize_label(element.text_content()) != normalize_label(title)
        if not is_kept and element.getparent() is not None:
            element.drop_tree()


def _own_text(element: Any) -> str:
    """Return the text of an element outside the blocks in it."""
    parts: list[str] = []
    stack = [element]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            parts.append(part)
            continue
        parts.append(part.text or "")
        for child in reversed(part):
            stack += [child.tail or ""] if child.tag in _CONTAINERS else [child.tail or "", child]
    return "".join(parts)


def _short_lines(extracted: str) -> set[str]:
    """Return the short lines, items and cells of a text, such as the heading 概要: in other texts they are words."""
    lines = (line.strip() for line in extracted.splitlines())
    parts = (part for line in lines for part in (line, line.removeprefix("- "), *line.split("|")))
    return {part for part in map(_squeezed, parts) if 0 < len(part) < _MIN_BLOCK}


def _text_blocks(body: Any, text: str, short: AbstractSet[str]) -> dict[Any, int]:
    """Return the blocks whose text trafilatura has found, with its length. Those of a few characters are in `short`."""
    own = {element: _squeezed(unescape(_own_text(element))) for element in body.iter(*_BLOCKS)}
    return {
        element: len(part)
        for element, part in own.items()
        if part in short or (len(part) >= _MIN_BLOCK and part[:_MAX_COMPARED] in text)
    }


def _prune(main: Any, blocks: Mapping[Any, int], lengths: Mapping[Any, int]) -> None:
    """Remove what has no found text: all above the first and below the last block; between them what is not text."""
    order = {element: number for number, element in enumerate(main.iter())}
    places = [order[block] for block in blocks if block in order]
    stack = [main]
    while stack:
        for child in list(stack.pop()):
            if child in lengths:
                stack.append(child)
            elif child.tag not in _KEPT:
                is_between = min(places) <= order[child] <= max(places)
                is_item = child.tag in _ITEMS  # next to an item that is found; those of a word or two are not
                is_text = (is_between or is_item) and _may_be_text(child)
                if not is_text and not _is_attachment(child):
                    child.drop_tree()


def _is_attachment(element: Any) -> bool:
    """Return whether an element is a figure, or links to a document: press releases end with their annexes."""
    links = list(element.iter("a"))
    is_document = any(_DOCUMENT.search(f"{link.get('href') or ''} {link.text_content()}") for link in links)
    return element.tag == "figure" or (is_document and len(links) <= _MAX_ATTACHMENTS)


def _may_be_text(element: Any) -> bool:
    """Return whether an element between paragraphs may be part of the text, by its name and its links."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    is_text = element.tag in _STRUCTURE or not _BESIDE_TEXT.search(names)
    in_links = sum(len(_squeezed(link.text_content())) for link in element.iter("a"))
    return is_text and in_links <= _MAX_LINK_SHARE * len(_squeezed(element.text_content()))
