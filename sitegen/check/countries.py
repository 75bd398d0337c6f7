"""Names of countries in running text, in the languages that CLDR and the site have names for."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from sitegen.config.model import Config
from sitegen.util import cldr

_AMBIGUOUS: Final = frozenset(
    ["georgia", "jordan", "chad", "jersey", "guinea", "lebanon", "dominica", "us", "congo", "micronesia", "samoa"]
)
"""Names that are also those of other places, people or words, in small letters."""
_CAPITALS: Final = {
    "AE": ("Abu Dhabi", "アブダビ"), "AU": ("Canberra", "キャンベラ"), "BR": ("Brasília", "ブラジリア"),
    "CA": ("Ottawa", "オタワ"), "CH": ("Bern", "Geneva", "ジュネーブ"), "CN": ("Beijing", "北京"),
    "EU": ("Brussels", "ブリュッセル"), "IN": ("Delhi", "デリー"), "KZ": ("Astana", "アスタナ"),
    "MM": ("Naypyidaw", "ネピドー"), "NG": ("Abuja", "アブジャ"), "NL": ("The Hague", "ハーグ"),
    "NZ": ("Wellington", "ウェリントン"), "PK": ("Islamabad", "イスラマバード"), "TR": ("Ankara", "アンカラ"),
    "US": ("Washington", "ワシントン"), "VN": ("Hanoi", "Ha Noi", "Hà Nội", "ハノイ"), "ZA": ("Pretoria", "プレトリア"),
}  # fmt: skip
"""Cities whose name is used for their country's government, without a time zone of their own."""
_KATAKANA: Final = "ァ-ヺー"
_NOT_A_COUNTRY: Final = re.compile(r"中国(?=地方|山地|銀行|電力|自動車道|新聞|四国)")
_STEM: Final = 4
"""Letters that a word must share with the name of a country to be derived from it: Vietnamese, Thai."""


@lru_cache(maxsize=4)
def _names(config: Config) -> dict[str, str]:
    return config.country_labels()


@lru_cache(maxsize=4)
def _pattern(config: Config) -> re.Pattern[str]:
    """Return a pattern of all names, the longest first, each as a whole word of its script."""
    names = [name for name in _names(config) if name.casefold() not in _AMBIGUOUS]
    latin = _alternatives(name for name in names if _is_spaced(name))
    other = _alternatives(name for name in names if not _is_spaced(name))
    words = rf"(?<![\w-])(?<!New )(?<!Northern ){latin}(?!\w|-)"
    wide = rf"(?<![{_KATAKANA}]){other}(?![{_KATAKANA}])"
    return re.compile(f"{words}|{wide}")


def _alternatives(names: Iterable[str]) -> str:
    """Return a pattern of names, the longest first, by their first letter: most places in a text begin with another."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
    groups = (f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())
    return f"(?=[{re.escape(''.join(by_letter))}])(?:{'|'.join(groups)})"


def _is_spaced(name: str) -> bool:
    """Return whether a name is of a script with spaces between words."""
    return name[:1] < "\u2e80"


def named_countries(text: str, config: Config) -> Iterator[str]:
    """Yield the code of each name of a country in a text. Names with another meaning are left out."""
    names = _names(config)
    for match in _pattern(config).finditer(_NOT_A_COUNTRY.sub("", text)):
        yield names[match[0]]


def is_named(code: str, text: str, config: Config, lang: str) -> bool:
    """Return whether a text may name a country: by a name, an alias, its flag, a city, or a word derived from a name.

    A text in the language of the country need not name it.
    """
    if code == cldr.likely_territory(lang) or (cldr.flag(code) and cldr.flag(code) in text):
        return True
    labels = [name for name, owner in _names(config).items() if owner == code]
    labels += [
        name for name in (cldr.cldr_name(code, lang), *cldr.cities(code, lang), *_CAPITALS.get(code, ())) if name
    ]
    folded = text.casefold()
    for label in labels:
        if label.casefold() in folded:
            return True
        word = max(re.findall(r"\w+", label) or [""], key=len).casefold()
        size = _STEM if _is_spaced(label) else 2
        stem = re.escape(word[:size])
        if len(word) >= size and re.search(rf"{stem}(?<!\w{stem})" if _is_spaced(label) else stem, folded):
            return True
    return False
