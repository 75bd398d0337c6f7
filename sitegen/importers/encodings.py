"""Texts in other encodings than UTF-8: as a page or feed declares, or Japanese by escape sequences or share of kana."""

import codecs
import re
from collections.abc import Iterator
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
    **dict.fromkeys(("euc-jp", "x-euc-jp"), "euc_jis_2004"),
    "euc-kr": "cp949",
}
"""Names that web pages use for a larger encoding (WHATWG Encoding Standard, section 4.2)."""
_JAPANESE: Final = (("EUC-JP", "euc_jis_2004"), ("Shift_JIS", "cp932"))
_MIN_KANA: Final = 0.15
"""Share of kana in the characters beyond ASCII. Japanese has 0.3 and more, other bytes read as Japanese nearly none."""
_MAX_WRONG: Final = 0.001
"""Share of bytes that a declared encoding may not have; a few pages have some in quotations."""


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
        return data.decode("iso2022_jp_ext", "replace"), "ISO-2022-JP, by its escape sequences"
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
    return data.decode(best[2]), f"{best[1]}, by its share of kana"


def declared_text(data: bytes, name: str) -> str:
    """Return a text in an encoding with a name of the web, empty if it is not in it, or in UTF-8."""
    try:
        codec = codecs.lookup(_WEB_NAMES.get(name, name))
        text = codec.decode(data, "replace")[0]
    except (LookupError, ValueError, TypeError):
        return ""
    is_other = codec.name not in {"utf-8", "utf-7"} and isinstance(text, str)
    return text if is_other and text.count("\ufffd") <= _MAX_WRONG * len(data) else ""


def _kana_share(data: bytes, codec: str) -> float:
    """Return the share of kana in a text; half-width ones, which wrong encodings give, count against it."""
    try:
        wide = [char for char in data.decode(codec) if char > "\x7f"]
    except UnicodeDecodeError:
        return 0
    kana = sum("\u3040" <= char <= "\u30ff" for char in wide) - sum("\uff61" <= char <= "\uff9f" for char in wide)
    return kana / max(len(wide), 1)
