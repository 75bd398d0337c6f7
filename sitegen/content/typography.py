"""Typography of a language: quotation marks, apostrophes, and quantities that stay on one line.

It is applied to HTML when a page is made, and not to tokens as the rule of markdown-it-py is: open data and ids keep
what the author wrote, and texts outside of Markdown follow the same rules. It takes linear time.
"""

import re
from html import escape, unescape
from typing import Final

_QUOTES: Final = {
    **dict.fromkeys(("en", "id", "ko", "ms", "nl", "pt", "th", "tl", "tr", "vi"), ("“", "”", "‘", "’")),
    "de": ("„", "“", "‚", "‘"),
    "es": ("«", "»", "“", "”"),
    "fr": ("«\u202f", "\u202f»", "‹\u202f", "\u202f›"),
    "it": ("«", "»", "“", "”"),
    "pl": ("„", "”", "«", "»"),
    "ru": ("«", "»", "„", "“"),
    "sv": ("”", "”", "’", "’"),
}
"""Quotation marks by language, and those inside of others (CLDR, delimiters). Other languages keep what is written."""
_APOSTROPHE: Final = "’"
_OPENING: Final = frozenset("([{<–—-/¿¡“‘«„‚‹")
"""Characters after which a quotation begins."""
_MAX_OPEN: Final = 8
"""Marks in a block that wait for their partner; more would take quadratic time."""

_MARKS: Final = ("'", "&quot;", "%", "％", "‰")
"""What can change a text. Searching for each is faster than a regular expression for all."""
_MARK = re.compile(
    r"<(?P<code>code|pre)\b.*?</(?P=code)>|<(?P<tag>/?[a-z][a-z0-9]*)[^>]*>|(?P<double>&quot;)|(?P<single>')", re.DOTALL
)
_BLOCKS: Final = frozenset(
    [
        *("p", "h2", "h3", "h4", "h5", "h6", "blockquote", "div", "pre", "figure", "figcaption", "br", "hr"),
        *("ul", "ol", "li", "dl", "dt", "dd", "table", "td", "th"),
    ]
)
_LANG = re.compile(r'<div lang="([^"]*)"')
_QUANTITY = re.compile(r"(?<=\d)[%％‰](?:程度|以上|以下|以内|未満|前後|[強弱超台増減])")
"""A Japanese quantity, which may be divided after the sign (UAX #14, class PO) and between its last characters."""
_DATE = re.compile(r"(?<=\d)[年月](?=\d)")
"""Where browsers divide a Japanese date in a headline, which has line breaks between phrases only."""
_WORD_JOINER: Final = "\u2060"


def typographic(text: str, lang: str) -> str:
    """Return a plain text with the typography of a language."""
    if '"' not in text and not any(mark in text for mark in _MARKS):
        return text
    return unescape(typographic_html(escape(text, quote=False).replace('"', "&quot;"), lang))


def typographic_title(title: str, lang: str) -> str:
    """Return a headline with the typography of a language; Japanese dates stay on one line."""
    shown = typographic(title, lang)
    return _DATE.sub(rf"\g<0>{_WORD_JOINER}", shown) if lang.startswith("ja") else shown


def typographic_parts(parts: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """Return HTML in parts, between which there are addresses, with the typography of a language."""
    return tuple(typographic_html("\0".join(parts), lang).split("\0"))


def typographic_html(html: str, lang: str) -> str:
    """Return HTML of `content.markdown` with the typography of a language, except in code and attributes.

    A quotation mark without a partner in its block stays as it is, such as those of inches and of minutes.
    """
    if not any(mark in html for mark in _MARKS):
        return html
    languages = [lang]
    pieces: list[str] = []
    open_marks: list[tuple[str, int]] = []
    end, before = 0, " "
    for match in _MARK.finditer(html):
        text = html[end : match.start()]
        pieces += (_join_quantities(text, languages[-1]), match[0])
        before = unescape(text[-8:])[-1] if text else before
        end = match.end()
        if match["code"]:
            before = "\ufffc"
        elif tag := match["tag"]:
            if tag.lstrip("/") in _BLOCKS:
                open_marks, before = [], " "
            if tag == "div":
                declared = _LANG.match(match[0])
                languages.append(declared[1] if declared else languages[-1])
            elif tag == "/div":
                languages.pop()
        else:
            after = unescape(html[end : end + 8])[:1]
            pieces[-1] = _quote(str(match.lastgroup), (before, after), languages[-1], pieces, open_marks)
            before = "'"
    return "".join((*pieces, _join_quantities(html[end:], languages[-1])))


def _join_quantities(text: str, lang: str) -> str:
    return _QUANTITY.sub(lambda match: _WORD_JOINER.join(match[0]), text) if lang.startswith("ja") else text


def _quote(mark: str, around: tuple[str, str], lang: str, pieces: list[str], open_marks: list[tuple[str, int]]) -> str:
    """Return the last of `pieces`, a mark, as it is shown; the mark that it closes changes, too.

    `around` are the characters before and after it. `open_marks` are earlier marks that may begin a quotation, with
    their index in `pieces`.
    """
    quotes = _QUOTES.get(lang.partition("-")[0].lower())
    if quotes is None:
        return pieces[-1]
    before, after = around
    opening, closing = quotes[:2] if mark == "double" else quotes[2:]
    is_inside_word = before.isalnum() and after.isalnum()
    if mark == "single" and is_inside_word and not (before + after).isdecimal():
        return _APOSTROPHE
    can_close = not before.isspace() and before not in _OPENING and not after.isalnum()
    for index in range(len(open_marks) - 1, -1, -1) if can_close else ():
        if open_marks[index][0] == mark:
            pieces[open_marks[index][1]] = opening
            del open_marks[index:]
            return closing
    if (before.isspace() or before in _OPENING or before == "'") and after and not after.isspace():
        del open_marks[:-_MAX_OPEN]
        open_marks.append((mark, len(pieces) - 1))
    elif mark == "single" and before.isalpha():
        return _APOSTROPHE
    return pieces[-1]
