"""Formats dates, numbers and labels in a locale, with data from CLDR."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from sitegen.theme.model import Message
from sitegen.util.cldr import babel_locale, direction

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""A placeholder in a label. Attributes of its value are not accessible."""
_INVALID_PLACEHOLDER = re.compile(r"\{(?!\w+\})")


class RenderError(Exception):
    """A page cannot be rendered: code and message of the diagnostic, the name that is wrong, and the valid ones."""

    def __init__(self, code: str, message: str, name: str | None = None, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.name = name
        self.allowed = allowed


@lru_cache(maxsize=4096)
def format_day(value: date, style: str, tag: str) -> str:
    """Format a day; `style` is that of CLDR: short, medium, long or full."""
    return format_date(value, style, locale=babel_locale(tag))


@lru_cache(maxsize=4096)
def format_month(value: date, tag: str, style: str = "long") -> str:
    """Format a month and its year; `style` is long or short."""
    return format_skeleton("yMMM" if style == "short" else "yMMMM", value, locale=babel_locale(tag))


@lru_cache(maxsize=4096)
def format_weekday(value: date, tag: str) -> str:
    """Format weekday, day and month."""
    return format_skeleton("MMMMEd", value, locale=babel_locale(tag))


def format_clock_time(value: datetime, tag: str) -> str:
    """Format hour and minute."""
    return format_time(value, "HH:mm", locale=babel_locale(tag))


def format_number(value: int, tag: str) -> str:
    """Format an integer with the locale's grouping."""
    return format_decimal(value, locale=babel_locale(tag))


def format_share(value: float, tag: str) -> str:
    """Format a share (1 is all) as a whole percentage, or as less than 1 % if it would be rounded to 0."""
    is_small = 0 < value < 0.005
    text = format_percent(0.01 if is_small else value, locale=babel_locale(tag))
    return f"<{text}" if is_small else text


@lru_cache(maxsize=1024)
def language_attributes(tag: str, around: str) -> Markup:
    """Return the attribute `lang` of an element, and `dir` if its direction differs from that of `around`."""
    lang = Markup('lang="{}"').format(tag)
    return lang if direction(tag) == direction(around) else lang + Markup(' dir="{}"').format(direction(tag))


class Translator:
    """Returns the theme's labels in one locale."""

    def __init__(self, tag: str, messages: dict[str, Message]) -> None:
        self.tag = tag
        self._messages = messages
        self._fixed = {key: text for key, m in messages.items() if "{" not in (text := m.form("other"))}

    def label(self, key: str, count: int | None = None, **values: object) -> str:
        """Return the text of a label with its placeholders filled in; `count` selects the plural form and is `{count}`.

        Raises RenderError for an unknown key, and for a placeholder without a value.
        """
        if count is None and key in self._fixed:
            return self._fixed[key]
        message = self._messages.get(key)
        if message is None:
            raise RenderError("missing-label", f"the theme has no label {key!r}", key, tuple(sorted(self._messages)))
        text = message.form("other" if count is None else babel_locale(message.lang).plural_form(count))
        if "{" not in text:
            return text
        if count is not None:
            values["count"] = format_number(count, self.tag)
        if _INVALID_PLACEHOLDER.search(text):
            raise RenderError(
                "bad-label", f"the label {key!r} ({text!r}) has an invalid placeholder; expected {{name}}"
            )
        return _PLACEHOLDER.sub(lambda match: self._value(match[1], values, message), text)

    def _value(self, name: str, values: dict[str, object], message: Message) -> str:
        if name not in values:
            raise RenderError("bad-label", f"the template gives no value for {{{name}}} in the label {message.key!r}")
        return str(values[name])
