"""The summary of an article whose input has none: the first sentence of its first paragraph of prose."""

import re
from typing import Final

from sitegen.importers.markup.markdown_text import paragraphs, plain_text

_MAX_CHARACTERS: Final = 20_000
_MIN_PARAGRAPH: Final = 8
_MIN_PROSE: Final = 40
"""Characters of a paragraph without the end of a sentence, as in Thai; a shorter one may be a date."""
_MIN_SENTENCE: Final = 20
_MAX_SENTENCE: Final = 280
_ENDS: Final = re.compile(r"(?:[。！？]|[.!?](?=\s+(?![\da-z])|\s*$))")
"""The end of a sentence. A point before a digit or a small letter is that of an abbreviation: `Rs. 76`, `พ.ศ. 2569`."""
_SENTENCE_END: Final = re.compile(r"[。！？]|[.!?…][\"'”’)\]]{0,3}(?=\s+(?![\da-z])|\s*$)")
_WORD: Final = re.compile(r"\s\S{0,40}$")
_BRACKETS: Final = re.compile(r"[(（「『]|([)）」』])")
_OPENING: Final = re.compile(r"\{\{[<%]\s*([\w-]+)[^{}]*[%>]\}\}")
_CODE: Final = re.compile(r"(`+)[^`]*\1")
_SYNTAX: Final = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{/\*|\[\[|\$\$|^:::|\A\s*\\?<(?!https?:|mailto:)[A-Za-z/!]|\\?</?[A-Z]\w*[a-z]"
    r"|^(?:import|export)\b[^.\n]*[\"'{=]|^[\"'{}\[\](),;]+$|\{$",
    re.MULTILINE,
)
"""Syntax of templates and programs, components, and HTML that begins a paragraph: they are no prose."""
_LABEL: Final = re.compile(
    r"\s*(?P<mark>\*{1,3}|_{1,3})(?:(?!(?P=mark))[^\n])+(?P=mark)\s*"  # a caption, or the label of a box
    r"|(?:[\s*_|,;.·•]*(?:!?\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])?|<?https?://\S+(?!\S)))+[\s*_|,;.·•]*"  # only links
    r"|!\[.*",
    re.DOTALL,
)


def first_sentence(body: str) -> str:
    """Return the first sentence of the first paragraph of prose in Markdown, cut if it is long; empty if it has none.

    Paragraphs in lists, quotations, code and shortcodes are not used. If none has the end of a sentence, the first one
    is used that is not short, or the first of all.
    """
    others = []
    closing = ""
    for paragraph in paragraphs(body[:_MAX_CHARACTERS]):
        if closing:  # within a shortcode
            closing = "" if re.search(closing, paragraph) else closing
            continue
        if opening := _OPENING.match(paragraph.strip()):
            end = rf"\{{\{{[<%]\s*/\s*{re.escape(opening[1])}\b"
            closing = end if re.search(end, body) and not re.search(end, paragraph) else ""
        if _SYNTAX.search(_CODE.sub("", paragraph)) or _LABEL.fullmatch(paragraph):
            continue
        text = plain_text(paragraph)
        if len(text) >= _MIN_PARAGRAPH and _SENTENCE_END.search(text):
            return _start(text)
        others += [text] if len(text) >= _MIN_PARAGRAPH else []
    return _start(next((text for text in others if len(text) >= _MIN_PROSE), others[0])) if others else ""


def _start(text: str) -> str:
    ends = (match.end() for match in _ENDS.finditer(text, _MIN_SENTENCE, _MAX_SENTENCE))
    end = next((end for end in ends if not _is_in_brackets(text[:end])), None)
    if end is not None or len(text) < _MAX_SENTENCE:
        return text[:end].strip()
    return f"{_WORD.sub('', text[:_MAX_SENTENCE])}…"


def _is_in_brackets(text: str) -> bool:
    """Return whether a text ends within brackets or a quotation: `（令和4年法律第43号。以下「法」という。）`."""
    return sum(-1 if match[1] else 1 for match in _BRACKETS.finditer(text)) > 0
