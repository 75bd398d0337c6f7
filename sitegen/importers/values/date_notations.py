"""Dates in Korean, Chinese, Vietnamese, Thai and Indonesian notation, rewritten to one that `dates.py` parses.

Years can be those of the Republic of China and of the Thai calendar, and those of Japanese eras by their letter.
"""

import re
from typing import Final

_MAX_CHARACTERS: Final = 80
"""A longer line is text."""
_BUDDHIST_YEARS: Final = 543
"""The difference between a year of the Thai calendar and of the Common Era."""

_BUDDHIST_FROM: Final = 2400
"""Larger years are those of the Thai calendar."""
_BUDDHIST_CENTURY: Final = 2500
_ROC_YEARS: Final = 1911
"""The difference between a year of the Republic of China and of the Common Era."""

_KOREAN_WEEKDAY: Final = re.compile(r"\(([월화수목금토일])\)")
_KOREAN: Final = str.maketrans("년월일화수목금토시분", "年月日火水木金土時分")
_CHINESE_WEEKDAY: Final = re.compile(r"\(?(?:星期|周|週|礼拜|禮拜)([一二三四五六日天])\)?")
_WEEKDAYS: Final = dict(zip("一二三四五六日天", "月火水木金土日日", strict=True))
_DOTS: Final = re.compile(r"(\d{4})\. ?(\d{1,2})\. ?(\d{1,2})\.?(?!\d)")
_VIETNAMESE: Final = re.compile(
    r"(?:(?:(?P<weekday>thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật)|(?P<label>ngày)),? )?(?:ngày )?"
    r"(?P<day>\d{1,2})(?:[-/.]| tháng )(?P<month>\d{1,2})(?:[-/.]|,? năm )(?P<year>\d{4})(?P<time>.*)"
)
_VIETNAMESE_WEEKDAYS: Final = {
    "thứ hai": "Mon", "thứ ba": "Tue", "thứ tư": "Wed", "thứ năm": "Thu", "thứ sáu": "Fri", "thứ bảy": "Sat",
    "chủ nhật": "Sun",
}  # fmt: skip
_THAI: Final = re.compile(
    r"(?:วัน(?:จันทร์|อังคาร|พุธ|พฤหัสบดี|ศุกร์|เสาร์|อาทิตย์))? ?(?:วัน)?(?:ที่)? ?"
    r"(?P<day>\d{1,2}) ?(?P<month>[ก-ฮ][\u0e01-\u0e4e.]+) ?(?:พ\.ศ\. ?)?(?P<year>\d{4}|[5-9]\d(?!\d))(?P<time>.*)"
)
_THAI_MONTHS: Final = (
    ("มกราคม", "ม.ค."), ("กุมภาพันธ์", "ก.พ."), ("มีนาคม", "มี.ค."), ("เมษายน", "เม.ย."),
    ("พฤษภาคม", "พ.ค."), ("มิถุนายน", "มิ.ย."), ("กรกฎาคม", "ก.ค."), ("สิงหาคม", "ส.ค."),
    ("กันยายน", "ก.ย."), ("ตุลาคม", "ต.ค."), ("พฤศจิกายน", "พ.ย."), ("ธันวาคม", "ธ.ค."),
)  # fmt: skip
_INDONESIAN_WORDS: Final = {
    "senin": "Mon", "selasa": "Tue", "rabu": "Wed", "kamis": "Thu", "jumat": "Fri", "sabtu": "Sat", "minggu": "Sun",
    "januari": "January", "februari": "February", "maret": "March", "mei": "May", "juni": "June", "juli": "July",
    "agustus": "August", "oktober": "October", "desember": "December",
}  # fmt: skip
_INDONESIAN: Final = re.compile(rf"\b(?:{'|'.join(_INDONESIAN_WORDS)})\b", re.IGNORECASE)
_NUMERALS: Final = re.compile(r"[〇零一二三四五六七八九十百]+(?=[年月日])")
_NUMERAL: Final = dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True))
_ROC: Final = re.compile(r"(?:(?:中[華华])?民[國国]|(?:중화)?민국) ?(\d{1,3}|元) ?年|^(1\d\d) ?年(?= ?\d{1,2} ?月)")
_ROC_NUMBERS: Final = re.compile(r"(1\d\d)([-/.])(\d{2})\2(\d{2})(?!\d)")
_ERA_LETTERS: Final = {"R": "令和", "H": "平成", "S": "昭和"}
_ERA_NUMBERS: Final = re.compile(r"([RHS]) ?(元|\d{1,2})([./])(\d{1,2})\3(\d{1,2})(?!\d)")
"""The notation of forms: `R8.11.28`."""
_CALENDAR: Final = re.compile(r"^(?:仏暦|佛曆|佛历) ?(?=2[5-9]\d\d ?年)|^(?:西暦|西曆|公元) ?(?=[12]\d{3} ?年)")
_ZONE: Final = re.compile(r" ?\(?(?:GMT|UTC) ?([+-])(\d{1,2})(?::?(\d{2}))?\)?$", re.IGNORECASE)
_TIME_FIRST: Final = re.compile(r"(\d{1,2})[:h](\d{2}),? (.+)", re.IGNORECASE)


def to_parsed_notation(text: str) -> str:
    """Return a date in the notation of one of these languages as one that is parsed; another text as it is.

    `text` is normalized by Unicode NFKC, with single spaces.
    """
    if len(text) > _MAX_CHARACTERS:
        return text
    text = _ZONE.sub(lambda match: f" {match[1]}{match[2]:0>2}:{match[3] or '00'}", text)
    if (match := _TIME_FIRST.fullmatch(text)) and not re.search(r"\d:\d", match[3]):
        text = f"{match[3]} {match[1]}:{match[2]}"
    if match := _VIETNAMESE.fullmatch(text.casefold()):
        is_vietnamese = match["weekday"] or match["label"] or "tháng" in match[0]
        return _from_vietnamese(match) if is_vietnamese else text
    if match := _THAI.fullmatch(text):
        return _from_thai(match) or text
    if match := _ERA_NUMBERS.match(text):
        text = f"{_ERA_LETTERS[match[1]]}{match[2]}年{match[4]}月{match[5]}日{text[match.end() :]}"
    text = _CALENDAR.sub("", text)
    text = _KOREAN_WEEKDAY.sub(lambda match: match[0].translate(_KOREAN), text)
    if "년" in text:
        text = text.replace("오전", "午前").replace("오후", "午後").replace("요일", "曜日").translate(_KOREAN)
    text = _NUMERALS.sub(lambda match: str(_number(match[0])), text)
    text = _ROC.sub(lambda match: f"{_common_year(match[1] or match[2])}年", text)
    text = _ROC_NUMBERS.sub(lambda match: f"{_common_year(match[1])}-{match[3]}-{match[4]}", text, count=1)
    text = _CHINESE_WEEKDAY.sub(lambda match: _WEEKDAYS[match[1]], text)
    text = text.replace("上午", "午前").replace("下午", "午後") if "午" in text else text
    return _INDONESIAN.sub(lambda match: _INDONESIAN_WORDS[match[0].lower()], _DOTS.sub(r"\1-\2-\3", text))


def _number(numeral: str) -> int:
    """Return the value of Chinese numerals: `一百一十三`, `十二` or, digit by digit, `二〇二四`."""
    total = digit = 0
    for char in numeral:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + _NUMERAL[char]
    return total + digit


def _common_year(year: str) -> int:
    """Return the year of the Common Era of a year of the Republic of China."""
    return _ROC_YEARS + (1 if year == "元" else int(year))


def since_common_era(year: int) -> int:
    """Return the year of the Common Era: larger years than those of this calendar are those of the Thai one."""
    return year - _BUDDHIST_YEARS if year > _BUDDHIST_FROM else year


def _from_vietnamese(match: re.Match[str]) -> str:
    weekday = _VIETNAMESE_WEEKDAYS.get(match["weekday"] or "", "")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    number = int(match["month"])
    month = months[number - 1] if 1 <= number <= len(months) else match["month"]
    return f"{weekday} {match['day']} {month} {match['year']}{match['time']}".strip()


def _from_thai(match: re.Match[str]) -> str:
    """Return the date in ISO 8601; empty if its word is not a month."""
    month = next((number for number, names in enumerate(_THAI_MONTHS, 1) if match["month"] in names), 0)
    year = int(match["year"]) + (_BUDDHIST_CENTURY if len(match["year"]) == 2 else 0)
    time = re.sub(r"(?:เวลา ?)?(\d{1,2})[.:](\d{2}) ?(?:น\.)?$", r"\1:\2", match["time"])
    return f"{since_common_era(year)}-{month}-{int(match['day'])}{time}" if month else ""
