"""Names of countries and languages in any locale, from CLDR through Babel."""

import unicodedata
from functools import cache, lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

# Codes in CLDR's list that are not in ISO 3166-1: exceptional reservations, groupings, test locales.
_NOT_ISO: Final = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"])
_REGIONAL_A: Final = 0x1F1E6
"""REGIONAL INDICATOR SYMBOL LETTER A; a flag consists of two such letters (UTS #51, annex B)."""

COMMON_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "AE": ("UAE",),
    "CN": ("PRC", "People's Republic of China", "Mainland China", "中華人民共和国"),
    "GB": ("UK", "Britain", "Great Britain", "英国"),
    "HK": ("Hong Kong", "香港"),
    "KP": ("DPRK", "North Korea", "北朝鮮", "朝鮮民主主義人民共和国"),
    "KR": ("South Korea", "Republic of Korea", "Korea", "ROK", "韓国", "大韓民国"),
    "LA": ("Lao PDR", "Laos"),
    "MM": ("Myanmar", "Burma", "ビルマ"),
    "MO": ("Macau", "Macao", "マカオ"),
    "PS": ("Palestine", "パレスチナ"),
    "RU": ("Russian Federation", "Russia"),
    "TL": ("East Timor", "Timor Leste", "東ティモール"),
    "TR": ("Turkey", "Turkiye", "トルコ"),
    "US": ("USA", "U.S.", "U.S.A.", "US", "United States of America", "米国", "アメリカ"),
    "VN": ("Viet Nam", "Vietnam", "越南"),
}
"""Common names that CLDR does not have."""


@lru_cache(maxsize=1)
def iso_codes() -> tuple[str, ...]:
    """Return the ISO 3166-1 alpha-2 codes, sorted."""
    codes = (str(key) for key in Locale("en").territories)
    return tuple(sorted(code for code in codes if len(code) == 2 and code.isalpha() and code not in _NOT_ISO))


@cache
def cldr_name(code: str, locale: str) -> str | None:
    """Return the name of a territory in a locale, or None if CLDR has none."""
    return babel_locale(locale).territories.get(code)


@cache
def babel_locale(tag: str) -> Locale:
    """Return Babel's locale for a BCP 47 tag, its base language, or English if CLDR has neither."""
    for candidate in (tag, tag.split("-", maxsplit=1)[0]):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


@cache
def direction(tag: str) -> str:
    """Return the writing direction of a language, `ltr` or `rtl`; `ltr` if CLDR does not have it."""
    return "rtl" if babel_locale(tag).character_order == "right-to-left" else "ltr"


@cache
def language_name(tag: str, locale: str) -> str:
    """Return the name of a language in a locale; the tag itself if CLDR has no name."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name(babel_locale(locale))
    except (UnknownLocaleError, ValueError):
        name = babel_locale(locale).languages.get(tag.split("-", maxsplit=1)[0])
    return name or tag


def flag(code: str) -> str:
    """Return the flag emoji of a two-letter code; empty for any other code."""
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        return ""
    return "".join(chr(_REGIONAL_A + ord(letter) - ord("A")) for letter in code.upper())


def country_from_flag(letters: str) -> str:
    """Return the ISO code of a flag, given as two regional indicator letters."""
    return "".join(chr(ord(letter) - _REGIONAL_A + ord("A")) for letter in letters)


def normalize_label(name: str) -> str:
    """Return a name for comparison: NFKC, case folded, each run of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@lru_cache(maxsize=1)
def iso_names() -> dict[str, str]:
    """Return the ISO codes of territories by their normalized English, Japanese and common names."""
    names: dict[str, str] = {}
    for code in iso_codes():
        for name in (cldr_name(code, "en"), cldr_name(code, "ja"), *COMMON_NAMES.get(code, ())):
            if name is not None:
                names.setdefault(normalize_label(name), code)
    return names
