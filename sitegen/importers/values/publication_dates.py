"""The date of publication as pages print it: alone, or after a label. A date in a sentence may be that of an event."""

import re
import unicodedata
from typing import Final

from sitegen.importers.values.dates import parse_date

_CLEAR_LABELS: Final = (
    *("Posted", "Posted on", "Published", "Published on", "Publication date", "Date of publication", "Issued on"),
    *("Date of issue", "Release date", "Released on", "公開日", "掲載日", "配信日", "発表日", "発行日", "公表日"),
    *("報道発表日", "發布日期", "发布日期", "發佈日期", "公布日期", "公告日期", "發文日期", "등록일", "작성일"),
    *("Ngày đăng", "Ngày phát hành", "Diterbitkan", "เผยแพร่เมื่อ", "วันที่เผยแพร่"),
)
LABELS: Final = ("Date", "日付", "日期", "Tanggal", "Tarikh", *_CLEAR_LABELS)
"""Labels of the date of publication; the first ones only near a title. Labels of updates and events are omitted."""

_MAX_CHARACTERS: Final = 100
_LABEL, _CLEAR_LABEL = (
    re.compile(
        rf"(?:{'|'.join(sorted(map(re.escape, labels), key=len, reverse=True))})\s*(?:[:：]|(?=[\s\d]))\s*",
        re.IGNORECASE,
    )
    for labels in (LABELS, _CLEAR_LABELS)
)


def publication_date(line: str) -> str:
    """Return the date of a line that is only a date of publication; empty for another one."""
    text = _normalized(line)
    if len(text) > _MAX_CHARACTERS:
        return ""
    label = _LABEL.match(text)
    date = text[label.end() :] if label else text
    return date if parse_date(date) is not None else ""


def labeled_date(line: str) -> str:
    """Return the date of a line that begins with a clear label of the date of publication; empty for another one."""
    return publication_date(line) if _CLEAR_LABEL.match(_normalized(line)) else ""


def _normalized(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
