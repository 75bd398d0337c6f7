"""Plain text as Markdown that renders to exactly that text, with as few backslashes as possible."""

import re
import string
from collections.abc import Sequence
from itertools import accumulate, groupby, pairwise
from typing import Final

from sitegen.content.markdown_parser import address_end

_MARKUP: Final = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)"  # an escape
    r"|`"
    r"|\*(?:(?=\S)|(?<=\S\*))"
    r"|_(?:(?![^\W_])|(?<![^\W_]_))"
    r"|~(?:(?=~)|(?<=~~))"
    r"|<(?=[A-Za-z/!?])"  # a tag or an address
    r"|\](?=[(:\[])"  # a link or its definition; `[sic]` stays as it is
    r"|\^(?=\[)"  # an inline note
    # syntax of which a build warns
    r"|\[(?=\[|\^)|\{(?=[{%]|[.#]\w|:[^{}]|[a-z-]{1,20}=)|:(?=::|[a-z][a-z0-9_]*:|[+-]1:)|#(?<![\s\S]#)(?=#{1,5}[^\s#])"
    r"|&(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)"
)
_BLOCK_START: Final = re.compile(
    r"#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|[:~](?=\s)|=+\s*$|[|:\s-]*-[|:\s-]*$|([*_])\s*(?:\1\s*){2,}$|~~~|\[[ xX]\]\s"
)
"""Heading, quotation, list, underline of a heading or delimiter row of a table, thematic break, fence, task."""
_MARKED_MARKUP: Final = re.compile(rf"(?:{_MARKUP.pattern}|!(?=\[))|(?P<bracket>[\[\]])|(?P<bar>\|)")
_DESTINATION: Final = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*")
_PREFIX: Final = re.compile(r"(?:[ \t]*(?:[>:*+-]|\d+[.)])(?=\s))*[ \t]*(?P<heading>#{1,6}[ \t])?")
"""What is before the text of a line: marks of quotations, lists, definitions and headings."""
_ADDRESS: Final = re.compile(r"(?<!\\)https?://")
_ENTITY: Final = re.compile(r"&#?\w+;")
_NOTE: Final = re.compile(r"\[\d{1,3}\]\s")
"""A footnote, which is a paragraph of its own."""
_NUMBERED: Final = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_BULLET: Final = re.compile(r"[•‣▪●◦\uf076\uf0a7\uf0b7\uf0d8\uf0fc]\s*(?=\S)|[o§Ø]\t+(?=\S)")
"""Also the marks of word processors: characters of the fonts Symbol and Wingdings, and letters before a tab."""
_ITEM_TAB: Final = re.compile(r"(?:[^\w\s]|[o§Ø]|[(（]?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)）])\t+(?=[^\t]+$)")
"""The mark of an item with a tab after it: such lines are not rows of a table."""
_ITEM: Final = re.compile(
    r"[①-⑳㉑-㉟㊱-㊿❶-❿□■◇◆◎▶▷※]|[ㅇ○](?!○)|[(（][\d一二三四五六七八九十가-하ア-ン㈠-㈩※a-z]{1,3}[)）]|[㈠-㈩⑴-⒇]"
    r"|(?:[一二三四五六七八九十]{1,3}[、．]|[\d]{1,2}[．.)）]|[a-z가-하ア-ン][.．)）])(?!\d)"
)
"""A number or a sign before an item of a list, which stays in the text: Markdown has only one kind of number."""
_MIN_ITEMS: Final = 2
_TO_MARKED: Final = {ord(char): 0xFDD0 + number for number, char in enumerate(string.punctuation)}
"""Stand-ins for the punctuation of a text: the 32 noncharacters of Unicode in a row, which no text has."""
_FROM_MARKED: Final = {marked: char for char, marked in _TO_MARKED.items()}
_MARKED: Final = re.compile("[\ufdd0-\ufdef]")
_DASH: Final = re.compile(r"(?:[-–*]\s+|・\s*)(?=\S)")
"""A bullet if several lines in a row have it; a single line may be a quotation's author, or text."""


def block_to_markdown(lines: Sequence[str]) -> str:
    """Return consecutive lines of text as Markdown: rows with tabs as a table, bullets as a list, others as text."""
    blocks = []
    for kind, group in groupby(lines, line_kind):
        rows = list(group)
        if kind == "table" and len(rows) > 1:
            blocks.append(_table(rows))
        elif kind == "bullet" or (kind == "dash" and len(rows) > 1):
            pattern = _BULLET if kind == "bullet" else _DASH
            blocks.append("\n".join(f"- {_escape_line(pattern.sub('', row, count=1))}" for row in rows))
        elif kind == "note":
            blocks += map(escape_paragraph, rows)
        else:
            blocks += (escape_paragraph("\n".join(paragraph)) for paragraph in _split_at_items(rows))
    return "\n\n".join(block for block in blocks if block)


def _split_at_items(rows: Sequence[str]) -> list[list[str]]:
    """Return lines of text as paragraphs, which begin at marks such as ① if several lines have them."""
    starts = [number for number, row in enumerate(rows) if _ITEM.match(row)]
    if len(starts) < _MIN_ITEMS:
        return [[*rows]]
    bounds = sorted({0, *starts, len(rows)})
    return [[*rows[start:end]] for start, end in pairwise(bounds)]


def text_to_markdown(text: str) -> str:
    """Return plain text as Markdown, with its paragraphs, tables and lists with bullets."""
    lines = [line.strip() for line in text.split("\n")]
    return "\n\n".join(block_to_markdown([*block]) for is_text, block in groupby(lines, bool) if is_text)


def line_kind(line: str) -> str:
    """Return `table` for a row of cells, `bullet` or `dash` for a list item, `note` for a footnote, else `text`."""
    if "\t" in line.strip() and not _ITEM_TAB.match(line.strip()):
        return "table"
    kinds = {"bullet": _BULLET, "dash": _DASH, "note": _NOTE}
    return next((kind for kind, pattern in kinds.items() if pattern.match(line)), "text")


def escape_paragraph(text: str) -> str:
    """Return the Markdown of one paragraph, without white space at the ends of its lines."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(_escape_line(line) for line in lines if line)


def escape_heading(text: str) -> str:
    """Return the Markdown of a heading's text, in one line."""
    return re.sub(r"(\s)(#+)$", r"\1\\\2", _escape_inline(" ".join(text.split())))


def mark_text(text: str, chars: str | None = None) -> str:
    """Return text with stand-ins for its punctuation, or for `chars`, which a conversion to Markdown leaves alone."""
    table = _TO_MARKED if chars is None else {ord(char): _TO_MARKED[ord(char)] for char in chars}
    return _MARKED.sub("\ufffd", text).translate(table)


def unmarked(text: str) -> str:
    """Return text with characters in the place of their stand-ins."""
    return text.translate(_FROM_MARKED)


def escape_marked(markdown: str) -> str:
    """Return Markdown with characters in the place of their stand-ins; those that would be markup are escaped."""
    lines: list[str] = []
    depth = 0
    for line in markdown.split("\n"):
        depths = [*accumulate(line, _depth_after, initial=depth if line else 0)]
        lines.append(_escape_marked_line(line, depths) if _MARKED.search(line) else line)
        depth = depths[-1]
    return "\n".join(lines)


def _depth_after(depth: int, char: str) -> int:
    """Return in how many brackets of links a text is after a character."""
    return depth + 1 if char == "[" else max(0, depth - 1) if char == "]" else depth


def _escape_marked_line(line: str, depths: Sequence[int]) -> str:
    """Return a line with characters in the place of stand-ins; `depths` are the brackets around each position."""
    match = _PREFIX.match(line)
    start, is_heading = (match.end(), bool(match["heading"])) if match else (0, False)
    marked, text = line[start:], unmarked(line[start:])
    is_row = marked.startswith("|")
    kept = _kept_addresses(unmarked(_DESTINATION.sub(lambda match: " " * len(match[0]), marked)))

    def escaped(match: re.Match[str]) -> str:
        position = match.start()
        is_in_link = depths[start + position] > 0
        is_needed = is_row if match["bar"] else is_in_link or not match["bracket"]
        is_kept = position in kept and not is_in_link
        return f"\\{match[0]}" if marked[position] != match[0] and is_needed and not is_kept else match[0]

    inline = _MARKED_MARKUP.sub(escaped, text)
    if is_heading:
        inline = re.sub(r"(^|\s)(#+)$", r"\1\\\2", inline)
    elif marked[0] != text[0] and _BLOCK_START.match(text) and not inline.startswith("\\"):
        inline = f"\\{inline}"
    elif (number := _NUMBERED.match(text)) and marked[number.start(2)] != number[2]:
        inline = _NUMBERED.sub(r"\1\\\2", inline, count=1)
    return line[:start] + inline


def _table(rows: list[str]) -> str:
    cells = [[_escape_inline(cell.strip()).replace("|", r"\|") for cell in row.split("\t")] for row in rows]
    width = max(len(row) for row in cells)
    first = [""] * (width - len(cells[0])) + cells[0]  # the header of a column of labels is often empty
    padded = [row + [""] * (width - len(row)) for row in cells[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in (first, ["---"] * width, *padded))


def _escape_line(line: str) -> str:
    inline = _escape_inline(line)
    if _BLOCK_START.match(line) and not inline.startswith("\\"):
        return f"\\{inline}"
    return _NUMBERED.sub(r"\1\\\2", inline, count=1) if _NUMBERED.match(line) else inline


def _escape_inline(line: str) -> str:
    kept = _kept_addresses(line)
    return _MARKUP.sub(lambda match: match[0] if match.start() in kept else f"\\{match[0]}", line)


def _kept_addresses(line: str) -> set[int]:
    """Return the positions of the characters in bare addresses, which are not escaped."""
    starts = [match.start() for match in _ADDRESS.finditer(line)]
    addresses = [(start, address_end(line, start)) for start in starts]
    return {n for start, end in addresses if not _ENTITY.search(line, start, end) for n in range(start, end)}
