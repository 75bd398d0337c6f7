"""Detection of a text's language, as far as an importer needs it."""

import re
from typing import Final

from sitegen.util.cldr import is_in_shift_jis, is_vietnamese, language_of_letters, script

_JAPANESE: Final = re.compile(
    r"[\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""The blocks of Hiragana, Katakana and Han characters, also half-width."""
_KANA: Final = re.compile(r"[\u3041-\u30fa\u30fc-\u30ff]")
_NOT_PROSE: Final = re.compile(
    r"^(?P<fence>```|~~~).*?^(?P=fence)|`[^`\n]{1,300}`|<[^<>\n]{1,300}>|https?://[^\s<>()（）「」、。\]]+|[\w.+-]{1,100}@[\w.-]+",
    re.DOTALL | re.MULTILINE,
)
"""Code, tags and addresses, which have Latin letters in a text of any language."""
_SHARE: Final = 0.2
"""The least share of Japanese letters in a Japanese text. Names and terms in Latin letters are longer."""
_MOSTLY: Final = 1 / 3
"""The share of Japanese letters from which a declared language is wrong."""
_SHARE_BELOW_TITLE: Final = 0.05
"""The same if the title has kana."""
_LOOKED_AT: Final = 4000
"""Characters by which the script is found."""
_KANA_SHARE: Final = 0.1
"""The least share of kana among the Japanese letters of a text that is Japanese for certain; Chinese has names."""
_EAST_ASIAN: Final = frozenset({"ja", "zh", "ko"})
_MIN_LETTERS: Final = 20
"""The least number of letters by which a text without any in another script is in a language of the Latin one."""
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u1dff\u2e80-\udfff\uf900-\ufdff\uff66-\uffdc\U00020000-\U0003ffff]")
"""The blocks of letters that are not Latin."""


def detect_language(text: str, locales: tuple[str, ...], title: str = "") -> str:
    """Return `ja` or `zh` for a text of which enough is in kana and Han characters.

    For another one it is the language that uses its script most, if that is not Latin, else `vi` for the letters of
    Vietnamese, else the site's first locale, or `en`.
    """
    least = _SHARE_BELOW_TITLE if _KANA.search(title) else _SHARE
    whole = f"{title}\n{text}"
    share = japanese_share(whole)
    if share and share >= least:
        return "zh" if _is_chinese(whole) else "ja"
    if has_other_script(whole) and (other := language_of_letters(whole[:_LOOKED_AT])) not in {"", "en"}:
        return other
    if not whole.isascii() and is_vietnamese(whole[:_LOOKED_AT]):
        return "vi"
    first = locales[0] if locales else "en"
    return first if first.split("-")[0] != "ja" else "en"


def language_below(label_lang: str | None, text: str, locales: tuple[str, ...]) -> str:
    """Return the language of the text below a label: that of the label if it has the script, or else as detected.

    Han characters without kana can be Japanese and Chinese, so that they have the language of a label in either.
    """
    language = detect_language(text, locales)
    if label_lang is None:
        return language
    base = label_lang.partition("-")[0].lower()
    is_either = {base, language} == {"ja", "zh"} and credible_language(label_lang, text) != ""
    return label_lang if is_either or base == language or script(label_lang) == script(language) else language


def credible_language(declared: str, text: str) -> str:
    """Return the declared language of a text, empty if its letters are of another language.

    Many sites in Japanese are declared as English by their program or template, and texts in English as Japanese,
    because the rest of their site is.
    """
    base = declared.replace("_", "-").partition("-")[0].lower()
    if japanese_share(text) < _MOSTLY:
        is_latin = not has_other_script(text) and sum(map(str.isalpha, _NOT_PROSE.sub(" ", text))) >= _MIN_LETTERS
        return "" if is_latin and base in _EAST_ASIAN else declared
    possible = {"zh"} if _is_chinese(text) else {"ja"} if _has_enough_kana(text) else {"ja", "zh"}
    return declared if base in possible else ""


def _is_chinese(text: str) -> bool:
    """Return whether a text in Han characters is Chinese: it has hardly any kana, and letters that Japanese lacks."""
    return not _has_enough_kana(text) and not is_in_shift_jis("".join(_JAPANESE.findall(text)))


def _has_enough_kana(text: str) -> bool:
    return len(_KANA.findall(text)) >= _KANA_SHARE * len(_JAPANESE.findall(text))


def has_other_script(text: str) -> bool:
    """Return whether a text has a letter that is not Latin."""
    return not text.isascii() and _OTHER_SCRIPT.search(text) is not None


def japanese_share(text: str) -> float:
    """Return the share of Japanese letters among the letters of a text, without code and addresses."""
    if text.isascii():
        return 0.0
    prose = _NOT_PROSE.sub(" ", text)
    return len(_JAPANESE.findall(prose)) / max(sum(map(str.isalpha, prose)), 1)
