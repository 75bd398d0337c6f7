"""The prose of a Markdown text at its place in the file, for rules that name or change characters.

Code, addresses, comments and the like are masked, so that a rule sees only what readers read, at the offsets of the
file.
"""

import re
from collections import Counter
from itertools import accumulate, pairwise
from typing import Final

from msgspec import Struct

from sitegen.content.markdown_parser import parser

MASK: Final = "\ufffc"
"""Replaces each character that is not prose."""

_CONTENT: Final = frozenset({"fence", "code_block", "table_open", "html_block"})
_HIDDEN: Final = re.compile(
    r"(?<!`)(?P<code>`+)(?!`)(?s:.{1,500}?)(?<!`)(?P=code)(?!`)"
    r"|\\<[^<>\n]{1,500}>|\\[!-'*-/:-@\[-`{-~]"
    r"|<!--(?s:.{0,1000}?)-->|<[^<>\s:@]{1,100}[:@][^<>\s]{0,500}>|</?[A-Za-z][^<>]{0,500}>"
    r"|\]\([ \n]*(?:<[^<>\n]{0,500}>|(?:[^()\s]|\([^()\s]{0,100}\)){0,500})"
    r"(?:\s{1,10}(?:\"[^\"]{0,500}\"|'[^']{0,500}'))?[ \n]*\)"
    r"|\]\([ \n]*\{[{%](?s:[^{}]{1,1000})[}%]\}(?:\s{1,10}\"[^\"\n]{0,300}\")?[ \n]*\)"
    r"|\]\[[^\[\]\n]{0,200}\]|\[\^[^\[\]\s]{1,200}\]"
    r"|(?:https?://|www\.)[^\s<>()（）「」、。\]]+|[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100})+"
    r"|&#?[A-Za-z0-9]{2,31};|\{[{%](?s:.{1,1000}?)[}%]\}(?:\s?\"[^\"\n]{1,300}\"\))?|\{[.#:][^{}\n]{1,200}\}|:[a-z0-9_+-]{2,30}:"
)
"""What is not prose: code, escapes, HTML, the targets of links, addresses, entities, tags of other programs."""


class Block(Struct, frozen=True):
    """A block of a text.

    `kind` is `heading`, `paragraph`, `rule`, or `other` for code, tables and the like, which have no prose. `level` is
    that of a heading; in a list or a quotation a heading is a paragraph. `text` begins at the offset `start` of the
    file.
    """

    kind: str
    level: int
    start: int
    text: str
    is_quoted: bool = False


def read_blocks(text: str, offset: int = 0) -> tuple[Block, ...]:
    """Return the blocks of a Markdown text that begins at `offset` of its file."""
    lines = text.split("\n")
    starts = [*accumulate((len(line) + 1 for line in lines), initial=offset)]
    blocks = []
    depths: Counter[str] = Counter()
    for before, token in pairwise(parser().parse(f"{text}\n", {})):
        depths[before.tag] += before.nesting
        first, end = token.map or before.map or (0, 0)
        if token.type == "inline" and before.type in {"heading_open", "paragraph_open"}:
            prose = _prose(token.content.split("\n"), lines[first:end], starts[first])
            is_heading = before.type == "heading_open" and not depths["li"] and not depths["blockquote"]
            level = int(before.tag[1]) if is_heading else 0
            if prose is None:
                blocks.append(Block("other", level, starts[first], ""))
            else:
                kind = "heading" if is_heading else "paragraph"
                blocks.append(Block(kind, level, *prose, is_quoted=depths["blockquote"] > 0))
        elif token.type in _CONTENT and not (token.type == "html_block" and token.content.startswith("<!--")):
            blocks.append(Block("other", 0, starts[first], ""))
        elif token.type == "hr":
            blocks.append(Block("rule", 0, starts[first], ""))
    if text.lstrip().startswith(("```", "~~~", "|")) and not blocks:
        blocks.append(Block("other", 0, offset, ""))
    return tuple(blocks)


def _prose(content: list[str], lines: list[str], start: int) -> tuple[int, str] | None:
    """Return the offset and the masked text of an inline text; None if it is written in another way in the file."""
    parts: list[str] = []
    first, position, end = 0, start, start
    for wanted, line in zip(content, lines, strict=False):
        stripped = wanted.strip()
        column = line.find(stripped)
        if column < 0:
            return None
        begin = position + column
        if not parts:
            first = begin
        elif begin > end:  # the end of a line, and the marks at the start of the next one
            parts.append("\n" + MASK * (begin - end - 1))
        parts.append(stripped)
        end = begin + len(stripped)
        position += len(line) + 1
    return first, mask("".join(parts))


def mask(text: str) -> str:
    """Return a text of the same length in which everything but prose is masked. Line breaks stay."""

    def hidden(match: re.Match[str]) -> str:
        return "".join("\n" if char == "\n" else MASK for char in match[0])

    return _HIDDEN.sub(hidden, text)
