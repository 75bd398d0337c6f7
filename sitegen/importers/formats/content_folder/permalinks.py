"""The addresses that texts had on their old site, by forms such as `/:year/:month/:slug/`."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

_TOKEN: Final = re.compile(r":(\w+)")
_FORMS: Final = (
    "year=%Y month=%m day=%d hour=%H minute=%M second=%S short_year=%y y_day=%j monthname=%B weekdayname=%A weekday=%w "
    "short_month=%b long_month=%B short_day=%a long_day=%A week=%V w_year=%G"
)
"""The tokens of dates of Hugo and Jekyll, with those of `strftime`."""
_DATES: Final = dict(form.split("=") for form in _FORMS.split())
_PELICAN_DATES: Final = {form: f":{name}" for name, form in _DATES.items()}
_NOT_KEPT: Final = re.compile(r"[^\w\s./\\#+~@-]")


def expand(pattern: str, names: Mapping[str, str], sections: Sequence[str], date: datetime | None) -> str:
    """Return an address in the form of a pattern; empty if a part of it is unknown.

    `names` are the values of tokens, `sections` the folders of the text.
    """
    parts = {**names} | dict.fromkeys(("sections", "sectionslugs"), "/".join(sections))
    if date is not None:
        parts |= {key: date.strftime(form) for key, form in _DATES.items() if f":{key}" in pattern}
        parts |= {"i_month": str(date.month), "i_day": str(date.day)}
        parts["yearday"] = str(date.timetuple().tm_yday)
    if any(match[1] not in parts for match in _TOKEN.finditer(pattern)):
        return ""
    filled = _TOKEN.sub(lambda match: parts[match[1]], pattern)
    return re.sub(r"/{2,}", "/", f"/{filled}")


def pelican_pattern(pattern: str) -> str:
    """Return the form of an address of Pelican with the tokens of Hugo."""
    pattern = re.sub(r"\{date:([^{}]*)\}", lambda match: match[1], pattern)
    pattern = re.sub(r"%[A-Za-z]", lambda match: _PELICAN_DATES.get(match[0], match[0]), pattern)
    return re.sub(r"\{(\w+)\}", r":\1", pattern)


def has_tokens(pattern: str) -> bool:
    """Whether an address has parts to replace."""
    return _TOKEN.search(pattern) is not None


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
