"""Names of countries and languages in any locale, from CLDR through Babel."""

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

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

_WRITING_SYSTEMS: Final = {
    **dict.fromkeys(("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"), ("Jpan", "ja")),
    "HANGUL": ("Kore", "ko"),
    "CJK": ("Hans Hant Jpan Kore", "zh"),
    "CYRILLIC": ("Cyrl", "ru"),
    "ARABIC": ("Arab", "ar"),
    "HEBREW": ("Hebr", "he"),
    "GREEK": ("Grek", "el"),
    "ARMENIAN": ("Armn", "hy"),
    "GEORGIAN": ("Geor", "ka"),
    "DEVANAGARI": ("Deva", "hi"),
    "BENGALI": ("Beng", "bn"),
    "TAMIL": ("Taml", "ta"),
    "SINHALA": ("Sinh", "si"),
    "THAI": ("Thai", "th"),
    "LAO": ("Laoo", "lo"),
    "KHMER": ("Khmr", "km"),
    "MYANMAR": ("Mymr", "my"),
    "LATIN": ("Latn", "en"),
}
"""Writing systems by the first word of their letters' names in Unicode: the scripts of CLDR, and the likely language.

If a name has letters of several, the first of them counts: a Japanese name often has Chinese and Latin letters, too.
"""

_VIETNAMESE: Final = re.compile("[ơưđƠƯĐ\u1ea0-\u1ef9]")
_MIN_VIETNAMESE: Final = 5
_VIETNAMESE_SHARE: Final = 0.1
"""The least share of these letters. Vietnamese texts have a fifth, others have them in names."""


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


def has_locale(tag: str) -> bool:
    """Return whether CLDR has a locale."""
    try:
        return Locale.parse(tag, sep="-", resolve_likely_subtags=False) is not None
    except (UnknownLocaleError, ValueError):
        return False


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


@cache
def is_known_language(tag: str) -> bool:
    """Return whether CLDR has an English name for a language."""
    return tag.partition("-")[0].lower() in babel_locale("en").languages


def likely_language(code: str) -> str:
    """Return the language that most people of a territory use (CLDR, likely subtags); empty if it is not known."""
    return (get_global("likely_subtags").get(f"und_{code.upper()}") or "").partition("_")[0]


@cache
def script(tag: str) -> str:
    """Return the script in which a language is usually written (CLDR, likely subtags); empty if it is not known."""
    likely, parts = get_global("likely_subtags"), tag.split("-")
    named = next((part.title() for part in parts[1:] if len(part) == 4 and part.isalpha()), None)
    full = likely.get("_".join(parts)) or likely.get(parts[0].lower()) or ""
    return named or next((part for part in full.split("_")[1:] if len(part) == 4), "")


@cache
def likely_territory(tag: str) -> str:
    """Return the territory in which a language is most used (CLDR, likely subtags); empty if it is not known."""
    full = get_global("likely_subtags").get(tag.partition("-")[0].lower()) or ""
    return next((part for part in full.split("_")[1:] if len(part) == 2), "")


@cache
def open_graph_locale(tag: str) -> str:
    """Return a locale as `language_TERRITORY`, the form of `og:locale`; without a territory, the likely one (CLDR)."""
    language, *others = tag.split("-")
    named = next((part for part in others if len(part) == 2), "")
    likely = (get_global("likely_subtags").get(tag.replace("-", "_")) or "").split("_")[1:]
    territory = named.upper() or next((part for part in likely if len(part) == 2), "") or likely_territory(tag)
    return f"{language.lower()}_{territory}" if territory else language.lower()


@cache
def cities(code: str, locale: str) -> tuple[str, ...]:
    """Return the cities of a territory for which time zones are named, in English and in a locale."""
    zones = [zone for zone, territory in get_global("zone_territories").items() if territory == code]
    named = babel_locale(locale).time_zones
    local = (str(named.get(zone, {}).get("city", "")) for zone in zones)
    return tuple(name for name in (*(zone.rpartition("/")[2].replace("_", " ") for zone in zones), *local) if name)


@lru_cache(maxsize=8192)
def scripts_of_letter(char: str) -> str:
    """Return the scripts of CLDR that have a letter, with spaces between them; empty if they are not known."""
    return _WRITING_SYSTEMS.get(_writing_system(char), ("", ""))[0]


def _writing_system(char: str) -> str:
    return unicodedata.name(char, "").split(" ", maxsplit=1)[0]


@lru_cache(maxsize=65536)
def language_of_name(name: str, here: str, original: str, site: tuple[str, ...] = ()) -> str:
    """Return the language of a source's name: of the article (`here`), of the `original`, of the `site`, or another.

    It is the first of these that is written in the letters of the name, so "Ministry of Commerce of China" is not
    Chinese. Letters that English does not have ("Nhân Dân") belong to one that is not English, simplified characters
    ("人民日报") to one that is not Japanese. If none has the letters, it is the language that uses them most.
    """
    letters = "".join(char for char in unicodedata.normalize("NFC", name) if char.isalpha())
    words = {_writing_system(char) for char in letters}
    scripts, likely = next((_WRITING_SYSTEMS[word] for word in _WRITING_SYSTEMS if word in words), ("", here))
    candidates = [tag for tag in (here, original, *site) if script(tag) in scripts.split()]
    if not is_in_shift_jis(letters):
        candidates = [tag for tag in candidates if tag.partition("-")[0] != "ja"]
    if not letters.isascii():
        candidates.sort(key=lambda tag: tag.partition("-")[0] == "en")
    return candidates[0] if candidates else likely


def language_of_letters(text: str) -> str:
    """Return the language that most uses the writing system of most letters of a text; empty if there is none."""
    systems = Counter(_writing_system(char) for char in text if char.isalpha())
    ((most, _),) = systems.most_common(1) or [("", 0)]
    return _WRITING_SYSTEMS.get(most, ("", ""))[1]


def is_vietnamese(text: str) -> bool:
    """Return whether a text in Latin letters is Vietnamese: it has many letters that hardly another language has."""
    count = len(_VIETNAMESE.findall(unicodedata.normalize("NFC", text)))
    return count >= _MIN_VIETNAMESE and count >= _VIETNAMESE_SHARE * sum(map(str.isalpha, text))


def is_in_shift_jis(letters: str) -> bool:
    """Return whether Japanese has all letters: JIS X 0208 has them, but not the simplified ones of Chinese."""
    try:
        letters.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True


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
