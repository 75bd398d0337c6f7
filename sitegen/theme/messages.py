"""Formats dates, numbers and labels in a locale, with data from CLDR."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Final

from babel.dates import format_date, format_interval, format_skeleton, format_time, match_skeleton
from babel.numbers import format_decimal, format_percent
from jinja2 import Undefined
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from sitegen.diagnostics import Diagnostic, Severity, SourceLocation, closest_match
from sitegen.theme.model import Message
from sitegen.util.cldr import babel_locale, direction

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""A placeholder in a label. Attributes of its value are not accessible."""
_INVALID_PLACEHOLDER = re.compile(r"\{(?!\w+\})")


class TemplateError(Exception):
    """A template cannot be parsed or rendered; `Templates` raises it with the file and line in `diagnostic`.

    `name` is the name that is wrong, if one is.
    """

    def __init__(self, diagnostic: Diagnostic, name: str = "") -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return TemplateError, (self.diagnostic,)


def template_error(code: str, message: str, got: str | None = None, allowed: tuple[str, ...] = ()) -> TemplateError:
    """Return an error at an unknown place: `got` is the name that is wrong, `allowed` are the valid ones."""
    near = None if got is None else closest_match(got, allowed)
    return TemplateError(Diagnostic(code, Severity.ERROR, SourceLocation(""), message, allowed, near), got or "")


_PRINTABLE: Final = (str, int, float, date, time)


def printable(value: object) -> object:
    """Return a value that a template prints; an empty text for None.

    Raises TemplateError for a value that has no text but Python's: one that has parts, or a function.
    """
    if isinstance(value, _PRINTABLE) or hasattr(value, "__html__"):
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises the error of an unknown name, if it is one
    if value is None:
        return ""
    names: tuple[str, ...] = ()
    if isinstance(value, Struct):
        names = value.__struct_fields__
        name = next((name for name in ("name", "title") if name in names), names[0] if names else "name")
        kind, advice = type(value).__name__, f"print a field, such as .{name}"
    elif isinstance(value, Mapping):
        names = tuple(map(str, value))
        kind, advice = "a mapping", f"print one value, such as [{names[0] if names else 'key'!r}]"
    elif isinstance(value, Iterable):
        kind, advice = "a list", "print each part in {% for %}, or a field of it, such as .name"
    else:
        kind, advice = type(value).__name__, "; call it with ()" if callable(value) else ""
        raise template_error("template-error", f"a value of the type {kind!r} cannot be printed{advice}")
    failure = template_error("template-error", f"{kind} has parts, and cannot be printed; {advice}")
    raise TemplateError(replace(failure.diagnostic, allowed=names))


def format_day(value: date, style: str, tag: str) -> str:
    """Format a day; `style` is that of CLDR: short, medium, long or full."""
    return _format_day(value.toordinal(), style, tag)


@lru_cache(maxsize=4096)
def _format_day(ordinal: int, style: str, tag: str) -> str:
    _check_style(style, ("short", "medium", "long", "full"))
    return format_date(date.fromordinal(ordinal), style, locale=babel_locale(tag))


def _check_style(style: str, styles: tuple[str, ...]) -> None:
    if style not in styles:
        raise template_error("template-error", f"dates have no style {style!r}", str(style), styles)


def _check_date(value: object) -> None:
    """Raise TypeError for a value that is not a date: babel would format the present time in place of None."""
    if not isinstance(value, date):
        raise TypeError(value)


def format_days(first: date, last: date, tag: str) -> str:
    """Format a range of days. Month and year are not repeated if the days share them (CLDR, interval formats)."""
    _check_date(first)
    _check_date(last)
    return format_interval(first, last, "yMMMd", locale=babel_locale(tag))


@lru_cache(maxsize=4096)
def format_month(value: date, tag: str, style: str = "long") -> str:
    """Format a month and its year; `style` is long or short."""
    _check_date(value)
    _check_style(style, ("long", "short"))
    return _format_skeleton("yMMM" if style == "short" else "yMMMM", value, tag)


def format_weekday(value: date, tag: str) -> str:
    """Format weekday, day and month."""
    return _format_weekday(value.toordinal(), tag)


@lru_cache(maxsize=4096)
def _format_weekday(ordinal: int, tag: str) -> str:
    return _format_skeleton("MMMMEd", date.fromordinal(ordinal), tag)


def _format_skeleton(skeleton: str, value: date, tag: str) -> str:
    locale = babel_locale(tag)
    return format_skeleton(_known_skeleton(skeleton, tag), value, locale=locale)


@lru_cache(maxsize=64)
def _known_skeleton(skeleton: str, tag: str) -> str:
    """Return the nearest skeleton that the locale has: babel would search it for each value."""
    known = babel_locale(tag).datetime_skeletons
    return skeleton if skeleton in known else match_skeleton(skeleton, known) or skeleton


@lru_cache(maxsize=4096)
def format_clock_time(value: datetime, tag: str) -> str:
    """Format hour and minute."""
    _check_date(value)
    return format_time(value, "HH:mm", locale=babel_locale(tag))


@lru_cache(maxsize=4096)
def format_number(value: int, tag: str) -> str:
    """Format an integer with the locale's grouping."""
    return format_decimal(value, locale=babel_locale(tag))


@lru_cache(maxsize=4096)
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


@lru_cache(maxsize=4096)
def _parts(text: str) -> list[str] | None:
    """Return the texts and the names of placeholders of a label, in turn; None if a placeholder is invalid."""
    return None if _INVALID_PLACEHOLDER.search(text) else _PLACEHOLDER.split(text)


class Translator:
    """Returns the theme's labels in one locale. `date_style` is the locale whose dates it uses."""

    def __init__(self, tag: str, messages: dict[str, Message], date_style: str = "") -> None:
        self.tag = tag
        self.date_style = date_style or tag
        self._messages = messages
        self._fixed = {key: text for key, m in messages.items() if "{" not in (text := m.form("other"))}

    def label(self, key: str, count: Any = None, **values: object) -> str:
        """Return the text of a label with its placeholders filled in; `count` selects the plural form and is `{count}`.

        Raises TemplateError for an unknown key, and for a placeholder without a value.
        """
        if count is None and key in self._fixed:
            return self._fixed[key]
        message = self._messages.get(key)
        if message is None:
            raise template_error("missing-label", f"the theme has no label {key!r}", key, tuple(sorted(self._messages)))
        if count is not None and not isinstance(count, int | float):
            kind = type(printable(count)).__name__
            raise template_error("template-error", f"the second value of label({key!r}, …) is a {kind!r}, not a number")
        text = message.form("other" if count is None else babel_locale(message.lang).plural_form(count))
        if "{" not in text:
            return text
        if count is not None:
            values["count"] = format_number(count, self.tag)
        parts = _parts(text)
        if parts is None:
            raise template_error(
                "bad-label", f"the label {key!r} ({text!r}) has an invalid placeholder; expected {{name}}"
            )
        return "".join([self._value(part, values, message) if at % 2 else part for at, part in enumerate(parts)])

    def html(self, key: str, **values: str) -> Markup:
        """Return a label as HTML; values that are `Markup` are not escaped."""
        parts = _PLACEHOLDER.split(self._messages[key].form("other"))  # text and names in turn
        return Markup("").join([values[part] if index % 2 else part for index, part in enumerate(parts)])

    def _value(self, name: str, values: dict[str, object], message: Message) -> str:
        if name not in values:
            hint = f"; expected a number: label({message.key!r}, number)" if name == "count" else ""
            where = f"the label {message.key!r} of locale/{message.lang}.yaml"
            raise template_error("bad-label", f"the template gives no value for {{{name}}} in {where}{hint}")
        return str(printable(values[name]))
