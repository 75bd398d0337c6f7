"""Finds text that looks like syntax, of other programs or with a mistake, and is printed as text."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Final

from markdown_it.token import Token

from sitegen.content.markdown_parser import visible_text

_MAX_BEGINNING: Final = 12
_MAX_UNREAD: Final = 20
"""Warnings of unread syntax in a paragraph."""
_UNREAD_START = re.compile(
    r"\{[{%<.#:\w]|\[[\[^/!]|\](?:[(\[]| \(https?:|（https?:)|\^|:::|\[TOC\]|\[[a-z_-]+ [a-z_]+=|\$[^\d\s]|\*\*"
    r"|\*[.,;:\[]|##|`|:[a-z_0-9+-]+:|==|\+\+|~\d+~|!!!|\?\?\?|<%|&[a-z]|\.\. [a-z]|\||\]:[ \t]|-\u3000"
    r"|\*(?:\s|$|[.,;:!?()。、])|_(?:\s|$|[.,;:!?()。、])"
    r"|\[[a-z]{2,12}[= ].?https?:"
    r"|＃|＊＊|｜|＞|］(?:\(|（https?:)"
)
"""Each alternative begins with a character, so that the search skips all others; one that does not makes it ten times
slower. The same holds for `_MARKUP` of `importers/markup/escape.py`."""
_UNREAD: Final = (
    r"(?P<tag>\{\{(?=[^{}]{0,300}(?:\.\w|[\"'=<>%]))(?s:(?!\{\{).){1,1000}?\}\}|^\{\{[ \t]{0,9}\w{1,30}[ \t]{0,9}\}\}$"
    r"|\{%(?s:(?!\{%).){1,1000}?%\}|\{%|\{\{[<%]"
    r"|\[TOC\]|^\[!\w{1,20}\]|<%(?s:(?!<%).){1,1000}?%>|^\.\. [a-z-]{1,30}::|^(?:!!!|\?\?\?\+?) \w{1,30}"
    r"|\[(?:youtube|vimeo|embed|soundcloud|slideshare|audio|video|dailymotion|instagram|tweet|ted|scribd)"
    r"[= ][\"“”'‘’]?https?://[^\[\]\n]{1,300}\]"
    r"|\[/[a-z_-]{2,30}\]|^\[[a-z_-]{2,30} [a-z_]{2,30}=[\"“”'‘’][^\[\]\n]{0,200}\]|^\*\[[^\[\]\n]{1,50}\]:)"
    r"|(?P<formula>\$\$[^$\n]{1,200}\$\$|(?<![\w$])\$(?![\s$])[^$\n]{0,100}?[\\^][^$\n]{1,100}?\$(?!\w)"
    r"|(?<=[A-Za-z])~\d{1,3}~|(?<=\w)\^[\w+-]{1,10}\^)"
    r"|(?P<mark>(?<![=\w])==[^=\s](?:[^=\n]{0,200}[^=\s])?==(?![=\w])|(?<![+\w])\+\+[^+\s](?:[^+\n]{0,200}[^+\s])?\+\+(?!\w))"
    r"|(?P<space>\[[^\[\]\n]{1,200}\] \(https?://[^()\s]{1,200}\))"
    r"|(?P<entity>&[a-z]{2,20};)"
    r"|(?P<table>^\|(?:[^|\n]{1,200}\|){2,20}$)"
    r"|(?P<attributes>(?:(?<=\S)|^)\{(?:[.#]\w|:[^{}]|[a-z-]{1,20}=)[^{}]{0,200}\}"
    r"|\{(?:[.#]\w|:[^{}]|[a-z-]{1,20}=)[^{}]{0,200}\}(?=[ \t]{0,9}$))"
    r"|(?P<wiki>!\[\[[^\[\]\n]{1,200}\]\]|\[\[_TOC_\]\]|\[\[(?=[^\[\]\n]{0,200}(?:[|#/]|\.[a-z]{2,4}\]))[^\[\]\n]{1,200}\]\])"
    r"|(?P<container>^:::+[^\n]{0,200})"
    r"|(?P<list>^-\u3000)"
    r"|(?P<definition>^\[[^\[\]\n]{1,100}\]:[ \t]{1,10}<?(?:https?://|\.{0,2}/)[^\n]{1,200})"
    r"|(?P<link>^\]\((?:https?://|\.{0,2}/|#)[^()\s]{1,200}\)"
    r"|!?\[(?:[^\[\]\n]|\[[^\[\]\n]{0,100}\]){0,200}\]\((?:[^()\n]|\([^()\n]{0,100}\)){0,200}\))"
    r"|(?P<reference>!?\[(?:[^\[\]\n]{1,200}\]\[[^\[\]\n\d]|[^\[\]\n\d][^\[\]\n]{0,200}\]\[\d)[^\[\]\n]{0,200}\])"
    r"|(?P<note>\^\[[^\[\]\n]{1,200}\]|\[\^[^\[\]\s]{1,200}\])"
    r"|(?P<emphasis>(?<![A-Za-z0-9)*/])\*\*(?:[^*\n]{1,200}\*\*|(?=[^\s*])(?!kwargs(?![A-Za-z])))"
    r"|\*\*[^\w\s*][^*\n]{0,200}\*\*|(?<=\w)\*[.,;:]\*"
    r"|(?<=[^\s*])\*\*(?=\s)[^*]{1,300}\*\*(?!\*)"
    r"|(?:(?<![\w*])\*(?=[^\W\d_])[^*\n]{1,200}\s\*|(?<!\w)_(?=[^\W\d_])[^_\n]{1,200}\s_)"
    r"(?=[ \t]*(?:$|[.,;:!?()。、])))"
    r"|(?P<wide>^(?:＃{2,6}[ \u3000]?|[＃＞][ \u3000])[^＃＞\s][^\n]{0,100}|＊＊[^＊\n]{1,200}＊＊"
    r"|^｜(?:[^｜\n]{1,200}｜){2,20}$"
    r"|[\[［][^\[\]［］\n]{1,200}(?:[\]］]（https?://[^()（）\s]{1,200}[)）]|］\(https?://[^()（）\s]{1,200}[)）]))"
    r"|(?P<heading>^#{2,6}[^ \t\n#][^\n]{0,100})"
    r"|(?P<code>(?<![A-Za-z`])`+|`+(?![A-Za-z`]))"
    r"|(?P<emoji>(?<![A-Za-z0-9:/])(?<!\[\[):(?:[a-z][a-z0-9_]{1,30}|[+-]1):(?![A-Za-z0-9:/]))"
)
"""Syntax of other programs, or with a mistake. Lengths are limited, so that the search takes linear time.

It is compiled when it is needed, which is rare and takes as long as 20 other modules."""
_ADDRESS_START: Final = re.compile(r"(?:://|%[0-9A-F]{2})\S*\Z")
"""What is before a part of an address."""
_UNREAD_HINTS: Final = {
    "tag": "remove it, or write it as code",
    "formula": "write the characters, such as H₂O, x² or 10 %",
    "mark": "emphasize it: *text*, **text**",
    "space": "remove the space between ] and (",
    "entity": "write the character itself",
    "table": "put a line such as | --- | --- | below the first line of the table, and an empty line above it",
    "attributes": "remove it: only headings have an attribute, {lang=ja}",
    "wiki": "write [text](path.md), or ![text](picture.png)",
    "container": "write a quotation: begin its lines with >",
    "list": "put a space of ordinary width after the mark",
    "definition": 'put an empty line above it, and \\ before a " in its title',
    "link": "write the link in one line, and an address with spaces or brackets in < >: [text](<a file.png>)",
    "reference": "add the address on a line of its own: [name]: https://example.org/",
    "note": "add the note on a line of its own: [^1]: The note.",
    "emphasis": "put the marks next to letters or digits: **text**",
    "wide": "write marks of half width: # * > | [text](https://example.org/)",
    "heading": "put an ordinary space after the marks: ## Heading",
    "code": "end the code with as many ` as it begins with",
    "emoji": "write the character itself, or remove it",
}
_EMPHASIS_STARTS: Final = frozenset({"em_open", "strong_open"})
_EMPHASIS_ENDS: Final = frozenset({"em_close", "strong_close"})


UnreadSyntax = tuple[tuple[str, ...], str, str]
"""Syntax that is printed as text: texts that show where it is in the source, best first, a message and a hint."""


def may_be_syntax(text: str) -> bool:
    """Return whether text without code and escaped characters may have what `find_unread_syntax` reports."""
    return "*" in text or _UNREAD_START.search(text) is not None


def find_unread_syntax(block: Token) -> Iterator[UnreadSyntax]:
    """Yield the text of a paragraph, a heading or a cell that looks like syntax, except code and escaped characters."""
    text = visible_text(block.children or [])
    unescaped = block.meta.get("unescaped", text)
    if "*" in unescaped:
        yield from _extra_marks(block)
    if _UNREAD_START.search(unescaped) is None:
        return
    for match in islice(re.finditer(_UNREAD, unescaped, re.MULTILINE), _MAX_UNREAD):
        if match.lastgroup in {"tag", "entity"} and _ADDRESS_START.search(
            unescaped, max(0, match.start() - 500), match.start()
        ):
            continue
        if match.lastgroup == "reference" and _divides_link(block.children or [], *match.span()):
            continue
        shown = text[match.start() : match.end()].partition("\n")[0]
        hint = _UNREAD_HINTS[str(match.lastgroup)]
        yield (shown, *_beginnings(shown)), f"{shown!r} is printed as text", hint


def _extra_marks(block: Token) -> Iterator[UnreadSyntax]:
    """Yield emphasis that has more marks at one end than at the other, as in `*text***`."""
    if "\\*" in block.content:
        return
    for before, after in pairwise(block.children or []):
        extra, marks = "", ""
        if after.type == "text" and before.type in _EMPHASIS_ENDS:
            extra, marks = after.content[: len(after.content) - len(after.content.lstrip("*"))], before.markup
        elif before.type == "text" and after.type in _EMPHASIS_STARTS:
            extra, marks = before.content[len(before.content.rstrip("*")) :], after.markup
        is_note = extra == "*" and before.type == "strong_close"  # **2015***, with a note below
        if extra and "_" not in marks and not is_note:
            message = f"{extra!r} is printed as text, next to the marks of an emphasis"
            yield (extra + marks,), message, "remove it, or put \\ before it"


def _divides_link(children: list[Token], start: int, end: int) -> bool:
    """Return whether a link begins or ends in a part of the text, as in `[new][[Report 1](a.md)]`."""
    offset = 0
    for token in children:
        if token.type in {"link_open", "link_close"} and start < offset < end:
            return True
        offset += len(visible_text([token]))
    return False


def _beginnings(text: str) -> list[str]:
    """Return the first words of a text, longest first: further words may be written with marks in between."""
    words = text.split(" ")[:_MAX_BEGINNING]
    return [" ".join(words[:count]) for count in range(len(words) - 1, 1, -1)]
