"""Detection of a text's language, as far as an importer needs it."""

import re
from typing import Final

_JAPANESE: Final = re.compile(
    r"[\u3041-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""The blocks of Hiragana, Katakana and Han characters, also half-width."""
_ASCII: Final = bytes(range(128))


def detect_language(text: str, locales: tuple[str, ...]) -> str:
    """Return `ja` for text that is mostly kana and Han characters, else the site's first locale, or `en`."""
    others = text.encode("utf-8", "ignore").translate(None, _ASCII).decode()
    japanese = len(_JAPANESE.findall(others))
    if japanese and japanese * 3 >= sum(map(str.isalpha, text)):
        return "ja"  # a Japanese word has about a third of the letters of an English one
    first = locales[0] if locales else "en"
    return first if first.split("-")[0] != "ja" else "en"
