"""Which language a text is in, as far as an importer must know."""


def language_of(text: str, locales: tuple[str, ...]) -> str:
    """Return `ja` for text that is mostly kana and Han characters, else the site's first locale, or `en`."""
    wide = sum(_is_japanese(char) for char in text)
    other = sum(char.isalpha() for char in text) - wide
    if wide and wide * 2 >= other:  # a Japanese word has about a third of the letters of an English one
        return "ja"
    first = locales[0] if locales else "en"
    return first if first.split("-")[0] != "ja" else "en"


def _is_japanese(char: str) -> bool:
    """Whether `char` is a letter of the Hiragana, Katakana or CJK blocks (also half-width and extension B onwards)."""
    return char.isalpha() and (
        "\u3040" <= char <= "\u30ff"
        or "\u3400" <= char <= "\u9fff"
        or "\uf900" <= char <= "\ufaff"
        or "\uff66" <= char <= "\uff9f"
        or "\U00020000" <= char <= "\U0003ffff"
    )
