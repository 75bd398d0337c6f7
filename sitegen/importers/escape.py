"""Plain text to Markdown that renders as exactly this text, with as few backslashes as that takes."""

import re
from typing import Final

_ENTITY = re.compile(r"&(?=#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_LEADING = re.compile(r"#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|=+\s*$|[|:\s-]*-[|:\s-]*$|([*_])\s*(?:\1\s*){2,}$|~~~")
"""What opens a block at the start of a line: heading, quotation, list, underline, table, rule, fence."""
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_CLOSING_HASHES = re.compile(r"(\s)(#+)$")


def escape_paragraph(text: str) -> str:
    """Return the Markdown of one paragraph; white space at the ends of its lines, which Markdown drops, goes."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(_escape_start(line) for line in lines if line)


def escape_heading(text: str) -> str:
    """Return the Markdown of a heading's text, in one line."""
    line = " ".join(text.split())
    return _CLOSING_HASHES.sub(r"\1\\\2", _escape_inline(line))


def _escape_start(line: str) -> str:
    inline = _escape_inline(line)
    if _LEADING.match(line) and not inline.startswith("\\"):
        return f"\\{inline}"
    return _NUMBERED.sub(r"\1\\\2", inline, count=1) if _NUMBERED.match(line) else inline


def _escape_inline(line: str) -> str:
    parts = []
    for index, char in enumerate(line):
        before = line[index - 1] if index else " "
        after = line[index + 1] if index + 1 < len(line) else " "
        marked = char in "\\`*_~<]&" and _is_markup(line, index, char, before, after)
        parts.append(f"\\{char}" if marked else char)
    return "".join(parts)


def _is_markup(line: str, index: int, char: str, before: str, after: str) -> bool:
    """Whether Markdown would read the character at `index` as more than itself."""
    match char:
        case "\\":
            return after in _PUNCTUATION or index + 1 == len(line)
        case "*":
            return not (before.isspace() and after.isspace())
        case "_":
            return not (before.isalnum() and after.isalnum())
        case "~":
            return "~" in (before, after)
        case "<":
            return after.isascii() and (after.isalpha() or after in "/!?")
        case "]":  # a link, or the definition of one; `[sic]` stays as it is
            return after in "(:"
        case "&":
            return _ENTITY.match(line, index) is not None
        case _:
            return True
