"""Guesses whether a text is in its language: by its letters, and for Latin ones also by its most frequent words."""

import re
from collections import Counter
from typing import Final

from sitegen.util import cldr

MIN_LETTERS: Final = 60
"""Letters that a text needs to be judged."""
_MIN_WORDS: Final = 25
_SHARE: Final = 0.3
"""The least share of letters in the script of the language."""
_SHARE_AMONG_LATIN: Final = 0.05
"""The same if the others are Latin: names, addresses and terms of programs have more letters than sentences in kana."""
_WORDS: Final = {
    "en": "the of and to in is that for was with are this from have which",
    "fr": "le la les des et est dans que pour une sur au du qui avec",
    "de": "der die und das ist den von mit für auf im ein nicht eine zu",
    "es": "el los las que en por con para una del se es su más como",
    "it": "il di che la per una con del sono della nel gli dei alla non",
    "pt": "os que do da em para com uma não dos as por mais ao como",
    "nl": "het een van de en dat voor met zijn niet aan op is te door",
    "id": "yang dan di untuk dengan dari pada ini itu tidak dalam akan oleh juga ke",
    "vi": "của và là các trong cho được với những một có không người này đã",
}
"""The most frequent words of languages in Latin letters."""
_IDEOGRAPHS: Final = cldr.scripts_of_letter("中")
_SHOWN: Final = {
    "Jpan": "Japanese",
    _IDEOGRAPHS: "Chinese or Japanese",
    "Kore": "Korean",
    "Latn": "in Latin letters",
}
"""How messages name a text by the scripts of its letters."""


def other_language(text: str, lang: str) -> str:
    """Return in which language a text seems to be if that is not `lang`; empty if it is, or cannot be judged."""
    expected = cldr.script(lang)
    letters: Counter[str] = Counter()
    for char, count in Counter(text).items():
        if char.isalpha() and (scripts := cldr.scripts_of_letter(char)):
            letters[scripts] += count
    total = letters.total()
    if total < MIN_LETTERS or not expected:
        return ""
    (most, _), *_ = letters.most_common(1)
    least = _SHARE_AMONG_LATIN if most == "Latn" else _SHARE
    if sum(count for scripts, count in letters.items() if expected in scripts.split()) < least * total:
        return _SHOWN.get(most, f"in {most} letters")
    base = lang.partition("-")[0].lower()
    if base == "ja" and not letters["Jpan"] and letters[_IDEOGRAPHS] > _SHARE * total:
        return "Chinese"
    if base == "zh" and letters["Jpan"] > 0.1 * total:
        return "Japanese"
    return _other_latin(text, base) if most == "Latn" and expected == "Latn" else ""


def _other_latin(text: str, base: str) -> str:
    """Return Vietnamese by its letters, else the language whose frequent words are at least three times as often."""
    if base != "vi" and cldr.is_vietnamese(text):
        return cldr.language_name("vi", "en")
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    if words.total() < _MIN_WORDS or base not in _WORDS:
        return ""
    scores = {tag: sum(words[word] for word in frequent.split()) for tag, frequent in _WORDS.items()}
    best = max(scores, key=lambda tag: scores[tag])
    is_other = best != base and scores[best] >= 3 * scores[base] and scores[best] >= 0.12 * words.total()
    return cldr.language_name(best, "en") if is_other else ""
