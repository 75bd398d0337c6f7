"""Conversion of HTML in Markdown: elements with an equal become Markdown, of others the text is kept."""

import html
import re
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from sitegen.importers.imported_article import ImportLog
from sitegen.importers.markup.html import (
    CODE,
    HEADINGS,
    MARKS,
    SCRIPT,
    SCRIPT_CHARS,
    VOID,
    WRAPPERS,
    convert_scripts,
    html_to_markdown,
    report_omitted,
    report_script,
    script_edits,
)
from sitegen.importers.markup.lined_text import Edit, LinedText
from sitegen.importers.markup.markdown_text import (
    Span,
    code_and_html_blocks,
    code_span,
    code_spans,
    fence,
    link_text,
    merged,
    outside,
    unescape,
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
_ROW: Final = re.compile(r"[ \t>]*(?:[*+-][ \t]+)?\|")
_COMPONENT: Final = re.compile(r"(?<!\\)<(?=/?(?P<name>[A-Z][A-Za-z0-9.]*)[\s/>])")
_SILENT: Final = frozenset({"wbr", "source", "track", "col", "meta", "link", "base", "picture", "param"})
_INLINE: Final = frozenset(
    {
        *("span", "u", "ins", "small", "big", "font", "abbr", "acronym", "time", "label", "mark", "ruby", "rb", "rt"),
        *("rp", "q", "bdi", "bdo", "data", "nobr", "button"),
    }
)
"""Elements whose text is kept without them, which is reported."""
_EMBEDDED: Final = frozenset({"iframe", "video", "audio", "embed", "object", "amp-img", "amp-youtube"})
_SHOWN_AS_CODE: Final = frozenset({"script", "style", "svg", "math", "template", "canvas", "map"})
_WHOLE: Final = {"ul", "ol", "dl", "table", "blockquote", "pre", "sup", "sub"} | _EMBEDDED | _SHOWN_AS_CODE | CODE
"""Elements that are replaced together with what is in them."""
_BLOCK: Final = re.compile(r"<(?:ul|ol|dl|table|pre|blockquote|h[1-6]|hr|iframe|video)\b", re.IGNORECASE)
"""Elements that a link of Markdown cannot contain."""


def without_active_elements(text: str, line: int, import_log: ImportLog) -> str:
    """Return HTML with a link in the place of each embedded page; report elements that no Markdown has."""

    def linked(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[0])
        if source is None:
            return ""
        address = _embedded_address(unescape(source[1]), match[1].lower(), line, import_log)
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
    if scripts := [*script_edits(outside(SCRIPT.finditer(text), skip))]:
        return convert_elements(lined.edited(scripts), import_log, depth)
    tags = list(outside(_TAG.finditer(text), skip))
    edits = _component_edits(lined, skip, import_log)
    omitted: dict[str, int] = {}
    pairs, whole_end = _pairs(tags), -1
    for index, tag in enumerate(tags):
        name = tag["name"].lower()
        if tag.start() < whole_end:
            continue
        if tag["name"] != name and name in _WHOLE | WRAPPERS and not tag["name"].isupper():
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
    anchors = ((tags[first], tags[last]) for first, last in pairs.items() if tags[first]["name"] in {"a", "A"})
    spans = sorted((opening.end(), closing.start()) for opening, closing in anchors)
    links = [span for span in spans if _BLOCK.search(text, *span) is None]
    edits = [(*edit[:2], " ") if edit[2] == "\n\n" and _is_within(edit, links) else edit for edit in edits]
    if omitted:
        report_omitted(sorted(omitted), lined.line_at(min(omitted.values())), import_log)
    return lined.edited(edits)


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
    if name in CODE:
        return code_span(_plain(inner))
    if name == "pre":
        language = re.search(r"(?:language|lang|brush)[-:]\s*(\w+)", tag[0] + inner[:200])
        return f"\n\n{fence(_plain(inner), language[1] if language else '')}\n\n"
    line = lined.line_at(tag.start())
    if name in SCRIPT_CHARS:
        report_script(name, unescape(_TAG.sub("", inner)), line, import_log)
        return convert_elements(LinedText.of(inner, line), import_log, depth + 1).text if depth < _MAX_DEPTH else inner
    if name in _SHOWN_AS_CODE:
        if not inner.strip() and not _attributes(tag).get("src"):
            return ""
        import_log.report("html-as-text", line, f"<{name}> is not imported; it is kept as a block of code")
        return f"\n\n{fence(f'{tag[0]}{inner}</{name}>', 'html')}\n\n"
    if name in _EMBEDDED:
        values, source = _attributes(tag), _SOURCE.search(inner)
        address = values.get("src") or values.get("data") or (unescape(source[1]) if source else "")
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
    if name in VOID:
        return _void_edits(lined.text, tag)
    if closing is None:
        return [(*tag.span(), "\n\n")] if name in {"p", "li"} else []
    inner = lined.text[tag.end() : closing.start()]
    omission = [(*tag.span(), ""), (*closing.span(), "")]
    is_line = "\n\n" not in inner.strip() and _BLOCK.search(inner) is None
    if name in WRAPPERS:
        return [(*tag.span(), "\n\n"), (*closing.span(), "\n\n")]
    if name in _INLINE:
        omitted.setdefault(name, tag.start())
        return omission
    if name in HEADINGS:
        return _heading_edits(tag, closing, inner) if inner.strip() else omission
    if name == "summary":
        return _wrapped(tag, closing, inner, "\n\n**", "**\n\n")
    if name == "a":
        href = _attributes(tag).get("href", "").strip()
        if not href or is_line:
            return _wrapped(tag, closing, inner, "[", f"]({written(href)})") if href else omission
        omitted.setdefault(name, tag.start())
        return omission
    if name in MARKS:
        mark = MARKS[name] if is_line else ""
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
            source = (values.get("src") or values.get("data-src") or "").strip()
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
        if name in VOID or tag["empty"]:
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
        values.setdefault(match[1].lower(), unescape(match[2] or match[3] or match[4] or ""))
    return values


def _plain(text: str) -> str:
    return unescape(_TAG.sub("", convert_scripts(text)))
