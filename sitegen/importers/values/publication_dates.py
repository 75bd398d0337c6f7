"""The date of publication as pages print it near their title: alone, after a label, or in a dateline.

A date in a sentence may be that of an event, so it is not read.
"""

import re
import unicodedata
from typing import Final

from sitegen.importers.values.dates import parse_date

_CLEAR_LABELS: Final = (
    *("Posted", "Posted on", "Published", "Published on", "Publication date", "Date of publication", "Issued"),
    *("Issued on", "Date of issue", "Date issued", "Release date", "Released", "Released on", "Date of release"),
    *("公開日", "掲載日", "配信日", "発表日", "発行日", "公表日", "報道発表日", "登録日"),
    *(
        "發布日期",
        "发布日期",
        "發佈日期",
        "發布時間",
        "发布时间",
        "公布日期",
        "公告日期",
        "發文日期",
        "刊登日期",
        "張貼日期",
        "上版日期",
    ),
    *("등록일", "작성일", "게시일", "배포일", "발표일", "보도일", "보도일자", "등록일자"),
    *("Ngày đăng", "Ngày phát hành", "Ngày xuất bản", "Diterbitkan", "Dipublikasikan"),
    *("เผยแพร่เมื่อ", "เผยแพร่", "วันที่เผยแพร่", "ลงวันที่", "ประกาศเมื่อ"),
)
LABELS: Final = ("Date", "日付", "日期", "Tanggal", "Tarikh", *_CLEAR_LABELS)
"""Labels of the date of publication; the first ones only near a title. Labels of updates and events are omitted."""

_MAX_CHARACTERS: Final = 100
_AFTER_LABEL: Final = r"\s*(?:[:：]|(?=[\s\d]))\s*"
_LABEL, _CLEAR_LABEL = (
    re.compile(rf"(?:{'|'.join(sorted(map(re.escape, labels), key=len, reverse=True))}){_AFTER_LABEL}", re.IGNORECASE)
    for labels in (LABELS, _CLEAR_LABELS)
)
_AUTHOR: Final = re.compile(r"(?:\s+by|\s*\|)\s+\D{2,40}$")
"""Who has published it, after the date: `by PIB Delhi`."""
_EVENT: Final = (
    r"(?![^,]*\b(?:Summits?|Conference|Meeting|Forum|Workshop|Seminar|Webinar|Festival|Exhibition|Expo|Ceremony|Elections?"
    r"|Hearing|Opening|Launch|Day|Session|Games|Fair|Congress)\b)"
)
_PLACE: Final = (
    r"(?!(?:On|By|In|At|Of|As|The|From|Since|Until|Till|Before|After|Between|Effective|Dated?|Deadline|Due)\b)"
    r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)[^\W\d_a-z][^\W\d_]*[.'’]?(?:[ -][^\W\d_a-z][^\W\d_]*[.'’]?){0,3}"
)
_AGENCY: Final = r"(?:\s*\([^\W\d][^()\d]{1,30}\))?"
_DATELINE: Final = re.compile(
    rf"[(\[（【]?{_EVENT}{_PLACE}(?:, ?{_PLACE})?(?:,| [–—-]) ?(?P<date>[^–—:()（）\[\]【】]{{8,40}}?)"
    rf"(?:[)\]）】]|{_AGENCY}\s*(?:[–—:：]|-(?=\s|$)|$))"
)


def publication_date(line: str) -> str:
    """Return the date of a line that is only a date of publication; empty for another one."""
    text = _normalized(line)
    if len(text) > _MAX_CHARACTERS:
        return ""
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    dates = [rest, _AUTHOR.sub("", rest)]
    if label and (":" in label[0] or not label[0].isascii()):  # other values may follow: `點閱數：20`
        words = rest.split()
        dates += [" ".join(words[:count]).rstrip(",;") for count in range(len(words) - 1, 0, -1)]
    for date in dates:
        if parse_date(date) is not None:
            return date
    return _date_of(_DATELINE.fullmatch(text))


def labeled_date(line: str) -> str:
    """Return the date of a line that begins with a clear label of the date of publication; empty for another one."""
    return publication_date(line) if _CLEAR_LABEL.match(_normalized(line)) else ""


def dateline(text: str) -> str:
    """Return the date with which a text begins, after a place: `New Delhi, 12 March 2024 –`; empty if it does not."""
    return _date_of(_DATELINE.match(_normalized(text[: 2 * _MAX_CHARACTERS])))


def _normalized(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _date_of(match: re.Match[str] | None) -> str:
    return match["date"] if match and isinstance(parse_date(match["date"]), tuple) else ""
