"""Divides text into search terms. `client.js` has the same rules; a test compares both.

Text in scripts without spaces between words becomes overlapping pairs of characters, as in Lucene's CJKAnalyzer, so
every substring of two characters is found. Other words are reduced to a stem, so singular finds plural.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import chain
from operator import add
from typing import Final

from msgspec.structs import replace

from sitegen.content.body import Body
from sitegen.content.slugs import LATIN

STOP_WORDS: Final = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has", "have", "in", "into"}
    | {"is", "it", "its", "not", "of", "on", "or", "that", "the", "their", "there", "these", "they", "this", "to"}
    | {"was", "were", "which", "will", "with"}
)
"""Words that nearly every English text has. They are not terms."""
MAX_TERM: Final = 40
"""Characters of a term: longer words, such as hashes, are cut."""
MAX_WORDS: Final = 50_000
"""Words whose terms are kept."""
FREQUENT: Final = 3
"""Occurrences of a term in a text that are often."""

_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai and Lao, Myanmar, Khmer
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"  # 々〆〇 and kana
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"  # ideographs, Hangul
)
_RUN: Final = re.compile(f"[{_UNSPACED}]+")
_WORD: Final = re.compile(r"[^\W_]+")
"""A word, in a text without runs: a pattern that excludes their characters is slow."""
_POSSESSIVE: Final = re.compile(r"'s\b")
_MARKS: Final = re.compile(r"[\u0300-\u036f]+")
_ENDINGS: Final = (
    ("ies", re.compile(r"(..)ies$"), r"\1y"),
    ("s", re.compile(r"(..[^su])s$"), r"\1"),
    (("ing", "ed"), re.compile(r"(...)(?:ing|ed)$"), r"\1"),
    (tuple(2 * letter for letter in "bdfgmnprt"), re.compile(r"([bdfgmnprt])\1$"), r"\1"),
    ("e", re.compile(r"(...)e$"), r"\1"),
)
"""English endings, patterns that words with them must match, and replacements, applied one after the other."""
_BLOCK: Final = re.compile(r"</?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|table|tr|td|th|blockquote|pre|br|hr|figure)\b[^>]*>")
_TAG: Final = re.compile(r"<[^>]*>")


def with_terms(body: Body) -> Body:
    """Return a text with its search terms.

    They are kept with it: an edit changes the index of a year, and dividing all its texts again takes a second.
    """
    counts = Counter(terms(_plain_text(body)))
    frequent = (term for term, count in counts.items() if count >= FREQUENT)
    return replace(body, terms=" ".join(counts), frequent_terms=" ".join(frequent))


def _plain_text(body: Body) -> str:
    """Return a text without markup: blocks are separate lines, text with emphasis stays together."""
    html = "\n".join("".join(section.parts) for section in body.sections)
    return unescape(_TAG.sub("", _BLOCK.sub("\n", html)))


def normalize(text: str) -> str:
    """Return text in one form: full-width and half-width forms (NFKC) and capitals are the same. Kana are unchanged.

    Invisible characters are left out. Pages keep characters on one line by U+2060, also in what a reader copies into a
    query, and copied texts have places for a line break in a word: soft hyphens and U+200B.
    """
    if not text.isascii():
        text = text.replace("\u2060", "").replace("\u00ad", "").replace("\u200b", "")
        text = unicodedata.normalize("NFKC", text)
    return _POSSESSIVE.sub("", text.lower().replace("’", "'"))


def stem(word: str) -> str:
    """Return the stem of a normalized word: without accents, and without frequent English endings."""
    word = without_marks(word)
    for ending, pattern, replacement in _ENDINGS:
        if word.endswith(ending):
            word = pattern.sub(replacement, word)
    return word


def without_marks(word: str) -> str:
    """Return a word without accents, cut to MAX_TERM characters."""
    if not word.isascii():
        word = _MARKS.sub("", unicodedata.normalize("NFD", word)).translate(LATIN)
    return word[:MAX_TERM]


def terms(text: str) -> Iterator[str]:
    """Yield the terms of a text, each as often as it occurs.

    The last character of a run is also a term, so each is the last one or begins a pair. The first one is if the run
    follows a word, as in `AI法`.
    """
    return chain.from_iterable(map(_TERMS.__getitem__, text.split()))


class _Terms(dict[str, list[str]]):
    """The terms of text between spaces. Those of short words are kept: most are those of the text before.

    A third faster than `lru_cache`, which moves each word to the front.
    """

    def __missing__(self, token: str) -> list[str]:
        text = normalize(token)
        is_ascii = text.isascii()
        words = _WORD.findall(text if is_ascii else _RUN.sub(" ", text))
        result = [stem(word) for word in words if word not in STOP_WORDS]
        for match in () if is_ascii else _RUN.finditer(text):
            run = match[0]
            result += map(add, run, run[1:])
            result.append(run[-1])
            if len(run) > 1 and text[: match.start()][-1:].isalnum():
                result.append(run[0])
        if len(token) <= MAX_TERM and len(self) < MAX_WORDS:
            self[token] = result
        return result


_TERMS: Final = _Terms()


def pieces(text: str) -> Iterator[re.Match[str]]:
    """Yield the parts of normalized text in order: the first group is a word, the second a run without spaces."""
    return re.finditer(rf"([^\W_{_UNSPACED}]+)|({_RUN.pattern})", text)  # only queries need it: slow to compile


def is_unspaced(term: str) -> bool:
    """Return whether a term is of a script without spaces between words."""
    return _RUN.match(term) is not None
