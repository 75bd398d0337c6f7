"""Dates, numbers and the theme's words in one locale, by CLDR."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from sitegen.theme.model import Message
from sitegen.util.cldr import babel_locale, direction

_PLACE = re.compile(r"\{(\w+)\}")
"""A place in a text; a value is put in as it is, and nothing can be asked of it."""
_ODD_PLACE = re.compile(r"\{(?!\w+\})")


class MissingLabelError(LookupError):
    """A template asks for a label that the theme does not have; `key` is the label's."""

    def __init__(self, key: str, locale: str, known: tuple[str, ...]) -> None:
        super().__init__(f"the theme has no label {key!r} in the locale {locale!r}")
        self.key = key
        self.known = known


class LabelValueError(LookupError):
    """A label has a place for a value that the template does not give."""


@lru_cache(maxsize=4096)
def format_date_(value: date, style: str, tag: str) -> str:
    """Return a day as the locale writes it; `style` is CLDR's: short, medium, long or full."""
    return format_date(value, style, locale=babel_locale(tag))


@lru_cache(maxsize=4096)
def show_month(value: date, tag: str, style: str = "long") -> str:
    """Return a month with its year; `style` is long or short."""
    return format_skeleton("yMMM" if style == "short" else "yMMMM", value, locale=babel_locale(tag))


@lru_cache(maxsize=4096)
def show_day(value: date, tag: str) -> str:
    """Return a day of the year without its year, with the weekday."""
    return format_skeleton("MMMMEd", value, locale=babel_locale(tag))


def show_time(value: datetime, tag: str) -> str:
    """Return the time of day with hour and minute."""
    return format_time(value, "HH:mm", locale=babel_locale(tag))


def show_number(value: int, tag: str) -> str:
    """Return a whole number with the locale's grouping."""
    return format_decimal(value, locale=babel_locale(tag))


def show_percent(value: float, tag: str) -> str:
    """Return a share, 1 being all, as whole percent; one below half a percent is not said to be none."""
    few = 0 < value < 0.005
    shown = format_percent(0.01 if few else value, locale=babel_locale(tag))
    return f"<{shown}" if few else shown


@lru_cache(maxsize=1024)
def language_attributes(tag: str, around: str) -> Markup:
    """Return `lang` for an element in a language, and `dir` where that is another than that of the language around."""
    lang = Markup('lang="{}"').format(tag)
    return lang if direction(tag) == direction(around) else lang + Markup(' dir="{}"').format(direction(tag))


class Translator:
    """Says the theme's words in one locale."""

    def __init__(self, tag: str, messages: dict[str, Message]) -> None:
        self.tag = tag
        self._messages = messages
        self._fixed = {key: text for key, m in messages.items() if "{" not in (text := m.form("other"))}
        self._plural = babel_locale(tag).plural_form

    def label(self, key: str, count: int | None = None, **values: object) -> str:
        """Return the text of a label, its `{name}` places filled; `count` chooses the plural form and fills `{count}`.

        Raises MissingLabelError for a key that the theme does not have, LabelValueError for a place without a value.
        """
        if count is None and key in self._fixed:
            return self._fixed[key]
        message = self._messages.get(key)
        if message is None:
            raise MissingLabelError(key, self.tag, tuple(sorted(self._messages)))
        text = message.form("other" if count is None else self._plural(count))
        if "{" not in text:
            return text
        if count is not None:
            values["count"] = show_number(count, self.tag)
        if _ODD_PLACE.search(text):
            raise LabelValueError(f"the label {key!r} ({text!r}) has a place that is no name")
        return _PLACE.sub(lambda match: self._value(match[1], values, message), text)

    def _value(self, name: str, values: dict[str, object], message: Message) -> str:
        if name not in values:
            raise LabelValueError(f"the label {message.key!r} has a place {{{name}}} that is given no value")
        return str(values[name])
