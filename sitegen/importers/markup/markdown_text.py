"""Parts of Markdown: writing links and code, and finding code in a text."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, Final

from sitegen.content.markdown_parser import parser
from sitegen.importers.markup.escape import mark_text, unmarked

Span = tuple[int, int]
"""Start and end of a part of a text."""

_INLINE_CODE: Final = re.compile(r"(?<![`\\])(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_REFERENCE: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_NO_TEXT: Final = re.compile(r"!\[[^\[\]]*\]\([^()]{0,2000}\)|<!--.{0,5000}?-->|\[\^[^\[\]]*\]", re.DOTALL)
"""Pictures, comments and references to notes."""
_MARKS: Final = re.compile(r"(?<=\S)(?:[*`]{1,3}|~~)|(?:[*`]{1,3}|~~)(?=\S)")


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
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", " ".join(text.split())) if "](" not in text else " ".join(text.split())


def written(address: str) -> str:
    """Return an address as the destination of a link: spaces, brackets and bars are encoded."""
    return re.sub(r"[\s()<>\"\\|]", lambda match: f"%{ord(match[0]):02X}", address.strip())


def watch_address(address: str) -> str:
    """Return the page of a video instead of the address that embeds it."""
    match = re.match(r"(?:https?:)?//(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+)", address)
    if match:
        return f"https://www.youtube.com/watch?v={match[1]}"
    match = re.match(r"(?:https?:)?//player\.vimeo\.com/video/(\d+)", address)
    return f"https://vimeo.com/{match[1]}" if match else written(address)


def unescape(text: str) -> str:
    """Return text with characters in the place of references that end in a semicolon: `&section=2` is in addresses."""
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text)


def plain_text(markdown: str) -> str:
    """Return the text of Markdown without marks and addresses, in one line."""
    text = _ESCAPE.sub(lambda match: mark_text(match[1]), markdown)
    if "`" in text:
        text = _INLINE_CODE.sub(lambda match: mark_text(match[0].strip("`")), text)
    text = _NO_TEXT.sub("", text.replace("\\\n", "\n"))
    text = re.sub(r"<((?:https?|mailto):[^<>\s]+)>", r"\1", text)
    text = re.sub(r"\[([^\[\]]*)\](?:\([^()]{0,2000}\)|\[[^\[\]]*\])", r"\1", text)
    return unmarked(unescape(" ".join(_MARKS.sub("", text).split())))


def demote_headings(markdown: str, level: int) -> str:
    """Return Markdown whose headings begin at a level: the text becomes a part of a text with headings of its own."""
    headings = [token for token in _block_tokens(markdown) if token.type == "heading_open" and token.level == 0]
    shift = level - min((int(token.tag[1]) for token in headings), default=level)
    if shift <= 0:
        return markdown
    lines: list[str | None] = [*markdown.split("\n")]
    for token in headings:
        first, end = token.map
        mark = "#" * min(6, int(token.tag[1]) + shift)
        rows = [str(row).strip() for row in lines[first:end]]
        is_underlined = not token.markup.startswith("#")
        text = " ".join(rows[:-1]) if is_underlined else rows[0].removeprefix(token.markup)
        lines[first:end] = [f"{mark} {text.strip()}".rstrip(), *[None] * (end - first - 1)]
    return "\n".join(line for line in lines if line is not None)


# --- code in a text ---------------------------------------------------------------------------------------------------


def code_spans(text: str) -> list[Span]:
    """Return the parts of a text that are code."""
    return merged([*code_and_html_blocks(text)[0], *(match.span() for match in _INLINE_CODE.finditer(text))])


def paragraphs(markdown: str) -> Iterator[str]:
    """Yield the Markdown of each paragraph that is not in a list, a quotation or a table."""
    tokens = _block_tokens(markdown)
    for opening, inline in pairwise(tokens):
        if opening.type == "paragraph_open" and opening.level == 0:
            yield str(inline.content)


def _block_tokens(text: str) -> list[Any]:
    tokens: list[Any] = []
    markdown = parser()
    markdown.block.parse(f"{text}\n", markdown, {}, tokens)
    return tokens


@lru_cache(maxsize=4)
def code_and_html_blocks(text: str) -> tuple[list[Span], list[Span]]:
    """Return the blocks of code in a text, and the blocks of HTML that are not in lists or quotations."""
    starts = [*accumulate((len(line) + 1 for line in text.split("\n")), initial=0)]
    end = len(text)
    code, blocks = [], []
    for token in _block_tokens(text):
        if token.map and token.type in {"fence", "code_block", "html_block"}:
            first, last = (min(starts[min(number, len(starts) - 1)], end) for number in token.map)
            if token.type != "html_block":
                code.append((first, max(first, last - 1)))
            elif token.level == 0:
                blocks.append((first, last))
    return code, blocks


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return parts of a text in their order, as one if they overlap."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def outside(matches: Iterable[re.Match[str]], skip: Sequence[Span]) -> Iterator[re.Match[str]]:
    """Yield the matches, in the order of the text, that do not begin in one of the parts to skip."""
    index = 0
    for match in matches:
        while index < len(skip) and skip[index][1] <= match.start():
            index += 1
        if index == len(skip) or match.start() < skip[index][0]:
            yield match
