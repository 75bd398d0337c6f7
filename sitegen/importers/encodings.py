"""Texts in other encodings than UTF-8: as a page or feed declares, or Japanese by escape sequences or share of kana."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Final

_DECLARATION: Final = re.compile(
    rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([\w.:-]+)|<meta\b[^>]*\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_JIS_ESCAPES: Final = (b"\x1b$B", b"\x1b$@")
"""Begin the characters of JIS X 0208 in ISO-2022-JP, whose bytes are those of ASCII (RFC 1468)."""
_HEAD_BYTES: Final = 4096
_WEB_NAMES: Final = {
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis", "windows-31j", "ms_kanji"), "cp932"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    "euc-kr": "cp949",
    "x-euc-jp": "euc_jp",
}
"""Names that web pages use for a larger encoding (WHATWG Encoding Standard, section 4.2)."""
_JAPANESE: Final = (("EUC-JP", "euc_jp"), ("Shift_JIS", "cp932"))
_CP932: Final = "sitegen.cp932"
_CP932_OR_REPLACE: Final = "sitegen.cp932-replace"
"""Error handlers: the characters that Windows added to JIS X 0208 (WHATWG Encoding Standard, index jis0208)."""
_MIN_KANA: Final = 0.15
"""Share of kana in the characters beyond ASCII. Japanese has 0.3 and more, other bytes read as Japanese nearly none."""
_MAX_WRONG: Final = 0.001
"""Share of bytes that a declared encoding may not have; a few pages have some in quotations."""


def _decode_as_cp932(error: UnicodeError, *, replaces: bool) -> tuple[str, int]:
    """Return the character of cp932 for two bytes of JIS X 0208 that Python does not decode, such as ① and ㈱.

    Other bytes are replaced by U+FFFD, or raise UnicodeDecodeError.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    row, cell = (byte & 0x7F for byte in pair) if len(pair) == 2 else (0, 0)
    if 0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E:
        lead = ((row - 0x21) >> 1) + (0x81 if row < 0x5F else 0xC1)
        trail = cell + 0x7E if row % 2 == 0 else cell + (0x1F if cell < 0x60 else 0x20)
        with suppress(UnicodeDecodeError):
            return bytes((lead, trail)).decode("cp932"), error.start + 2
    if replaces:
        return "\ufffd", error.end
    raise error


codecs.register_error(_CP932, partial(_decode_as_cp932, replaces=False))
codecs.register_error(_CP932_OR_REPLACE, partial(_decode_as_cp932, replaces=True))


def _errors(codec: str, errors: str) -> str:
    """Return the error handler of a codec: encodings of JIS X 0208 have the characters of cp932 on the web."""
    if codec not in {"euc_jp", "iso2022_jp", "iso2022_jp_ext"}:
        return errors
    return _CP932 if errors == "strict" else _CP932_OR_REPLACE


def replaced_characters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the number of each line with bytes that could not be decoded, and how many there are."""
    for number, line in enumerate(text.split("\n") if "\ufffd" in text else (), 1):
        if count := line.count("\ufffd"):
            yield number, count


def decode(data: bytes) -> tuple[str, str] | None:
    """Return a text, and its encoding with how that is known, empty for UTF-8; None if the encoding is unknown."""
    if data.startswith(UTF_16):
        return data.decode("utf-16", "replace"), "UTF-16, by its byte order mark"
    if data.isascii() and any(escape in data for escape in _JIS_ESCAPES):
        return data.decode("iso2022_jp_ext", _CP932_OR_REPLACE), "ISO-2022-JP, by its escape sequences"
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return _decode_other(data)


def _decode_other(data: bytes) -> tuple[str, str] | None:
    """Return a text that is not UTF-8, and its encoding with how that is known; None if it is unknown."""
    match = _DECLARATION.search(data, 0, _HEAD_BYTES) if data.lstrip()[:1] == b"<" else None
    declared = (match[1] or match[2]).decode().lower() if match else ""
    if declared and (text := declared_text(data, declared)):
        return text, f"{declared}, as the file declares"
    best = max(((_kana_share(data, codec), name, codec) for name, codec in _JAPANESE), default=(0.0, "", ""))
    if best[0] < _MIN_KANA:
        return None
    return data.decode(best[2], _errors(best[2], "strict")), f"{best[1]}, by its share of kana"


def declared_text(data: bytes, name: str) -> str:
    """Return a text in an encoding with a name of the web, empty if it is not in it, or in UTF-8."""
    try:
        codec = codecs.lookup(_WEB_NAMES.get(name, name))
        text = codec.decode(data, _errors(codec.name, "replace"))[0]
    except (LookupError, ValueError, TypeError):
        return ""
    is_other = codec.name not in {"utf-8", "utf-7"} and isinstance(text, str)
    return text if is_other and text.count("\ufffd") <= _MAX_WRONG * len(data) else ""


def _kana_share(data: bytes, codec: str) -> float:
    """Return the share of kana in a text; half-width ones, which wrong encodings give, count against it."""
    try:
        wide = [char for char in data.decode(codec, _errors(codec, "strict")) if char > "\x7f"]
    except UnicodeDecodeError:
        return 0
    kana = sum("\u3040" <= char <= "\u30ff" for char in wide) - sum("\uff61" <= char <= "\uff9f" for char in wide)
    return kana / max(len(wide), 1)
