"""XML as text. Documents are put together from small parts, so that a part that stands in many is made once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def escaped(text: str) -> str:
    """Return text as it stands in an element, where `]]>` must not, or in an attribute in double quotes."""
    return _in_element(text).replace('"', "&quot;")


def element(tag: str, text: str, attributes: Mapping[str, str | None] = {}) -> str:
    """Return an element with text, on a line; attributes that are None are left out."""
    return f"<{tag}{_attributes(attributes)}>{_in_element(text)}</{tag}>\n"


def empty(tag: str, attributes: Mapping[str, str | None]) -> str:
    """Return an element without content, on a line."""
    return f"<{tag}{_attributes(attributes)}/>\n"


def _in_element(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attributes(attributes: Mapping[str, str | None]) -> str:
    return "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items() if value is not None)


def rfc822(moment: datetime) -> str:
    """Return a time as RSS writes it (RFC 822 with a year of four digits and a numeric zone)."""
    return format_datetime(moment.replace(microsecond=0))


def rfc3339(moment: datetime) -> str:
    """Return a time as Atom and JSON Feed write it."""
    return moment.isoformat(timespec="seconds")


def w3c_utc(moment: datetime) -> str:
    """Return a time as sitemaps write it, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
