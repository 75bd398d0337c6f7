"""The addresses that texts had on their old site, by forms such as `/:year/:month/:slug/`."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r":(\w+)(?:\[([^\]/]*)\])?")
_FORMS: Final = (
    "year=%Y month=%m day=%d hour=%H minute=%M second=%S short_year=%y y_day=%j monthname=%B weekdayname=%A weekday=%w "
    "short_month=%b long_month=%B short_day=%a long_day=%A week=%V w_year=%G "
    "2006=%Y 06=%y 01=%m Jan=%b January=%B 02=%d 002=%j Mon=%a Monday=%A 15=%H 04=%M 05=%S"
)
"""The tokens of dates of Hugo and Jekyll, and the layouts of Go, with those of `strftime`."""
_DATES: Final = dict(form.split("=") for form in _FORMS.split())
_PELICAN_DATES: Final = {form: f":{name}" for name, form in _DATES.items()} | {"%-m": ":i_month", "%-d": ":i_day"}
_SECTIONS: Final = ("sections", "sectionslugs")
_MAX_STARS: Final = 10
_NOT_KEPT: Final = re.compile(r"[^\w\s./\\#+~@-]")


def expand(pattern: str, names: Mapping[str, str], sections: Sequence[str], date: datetime | None) -> str:
    """Return an address in the form of a pattern; empty if a part of it is unknown.

    `names` are the values of tokens, `sections` the folders of the text, of which a token can choose some.
    """
    parts = {**names} | dict.fromkeys(_SECTIONS, "/".join(sections))
    if date is not None:
        parts |= {key: date.strftime(form) for key, form in _DATES.items() if f":{key}" in pattern}
        parts |= dict.fromkeys(("i_month", "1"), str(date.month)) | dict.fromkeys(("i_day", "2"), str(date.day))
        parts["yearday"] = str(date.timetuple().tm_yday)
    tokens = [*_TOKEN.finditer(pattern)]
    if any(match[1] not in parts for match in tokens):
        return ""

    def value(match: re.Match[str]) -> str:
        name, cut = match.groups()
        return parts[name] if cut is None or name not in _SECTIONS else "/".join(_chosen(sections, cut.lower()))

    filled = _TOKEN.sub(value, pattern)
    return re.sub(r"/{2,}", "/", f"/{filled}")


def pelican_pattern(pattern: str) -> str:
    """Return the form of an address of Pelican with the tokens of Hugo."""
    pattern = re.sub(r"\{date:([^{}]*)\}", lambda match: match[1], pattern)
    pattern = re.sub(r"%-?[A-Za-z]", lambda match: _PELICAN_DATES.get(match[0], match[0]), pattern)
    return re.sub(r"\{(\w+)\}", r":\1", pattern)


def has_tokens(pattern: str) -> bool:
    """Whether an address has parts to replace."""
    return _TOKEN.search(pattern) is not None


def _chosen(parts: Sequence[str], cut: str) -> Sequence[str]:
    """Return the parts that `1`, `last`, `1:` or `:last` chooses."""
    low, colon, high = cut.partition(":")
    numbers = {"": 0, "last": len(parts) - 1}
    start = numbers.get(low, int(low) if low.isdecimal() else 0)
    end = (
        start + 1 if not colon else len(parts) if not high else numbers.get(high, int(high) if high.isdecimal() else 0)
    )
    return parts[max(start, 0) : max(end, 0)]


def urlized(text: str) -> str:
    """Return a title or a name as Hugo has it in addresses."""
    if text.isascii():
        kept = _NOT_KEPT.sub("", text.lower()).strip()
    else:
        kept = "".join(char for char in text.lower() if not _NOT_KEPT.match(char) or _is_mark(char)).strip()
    return re.sub(r"\s*(-)\s*|\s+", "-", kept)


def pelican_slug(title: str) -> str:
    """Return the slug that Pelican makes of a title."""
    text = unicodedata.normalize("NFKD", title)
    kept = "".join(char for char in text.lower() if char.isalnum() or char.isspace() or char in "_-")
    return re.sub(r"[-\s]+", "-", kept.strip())


def jekyll_slug(name: str) -> str:
    """Return the name of a file as Jekyll has it in addresses, with its letters in the same case."""
    kept = "".join(char if char.isalnum() or _is_mark(char) or char in "._~!$&'()+,;=@" else "-" for char in name)
    return re.sub(r"-+", "-", kept).strip("-")


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


@lru_cache(maxsize=256)
def glob(pattern: str) -> Callable[[str], object]:
    """Return a function that matches paths with a glob: `**` is any part of a path, `*` one without slashes.

    A glob with many of them matches nothing, because that could take very long.
    """
    if pattern.count("*") > _MAX_STARS:
        return lambda _path: None
    text = re.sub(r"/\\\*\\\*(?=$|,|\\\})", "(?:/.*)?", re.escape(pattern))
    text = re.sub(r"\\\{(.*?)\\\}", lambda match: f"(?:{match[1].replace(',', '|')})", text)
    for written, meaning in ((r"\*\*", ".*"), (r"\*", "[^/]*"), (r"\?", "[^/]")):
        text = text.replace(written, meaning)
    return re.compile(text, re.IGNORECASE | re.DOTALL).fullmatch
