"""XML as text. Documents are put together from small parts, so that a part that stands in many is made once."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_MISTAKABLE: Final = re.compile(r"<(?=/\w+>|[^\s<>@]+@[^\s<>@]+>)")
"""Where what looks like a closing tag, or like an address in angle brackets, begins."""
_UNSEEN: Final = "\u2060"
"""A word joiner: takes no room, and no line is broken at it."""


def escaped(text: str) -> str:
    """Return text as it stands in an element, where `]]>` must not, or in an attribute in double quotes."""
    return _in_element(text).replace('"', "&quot;")


def element(tag: str, text: str, attributes: Mapping[str, str | None] = {}) -> str:
    """Return an element with text, on a line; attributes that are None are left out."""
    return f"<{tag}{_attributes(attributes)}>{_in_element(text)}</{tag}>\n"


def plain(tag: str, text: str, attributes: Mapping[str, str | None] = {}) -> str:
    """Return an element with plain text, on a line, so that no reader takes a part of it for markup.

    `&` and `<` are hexadecimal references (RSS profile, "Character data"): readers that guess whether a text is HTML,
    and validators, know plain text by them. Of a closing tag no reference tells that it is none, because both look at
    the text after it is read, and RSS has no way to say that a text is plain: so an unseen character stands in it.
    """
    return f"<{tag}{_attributes(attributes)}>{_plain(text)}</{tag}>\n"


def construct(tag: str, text: str) -> str:
    """Return plain text as Atom has it, on a line: where it could be taken for markup, as HTML that spells it."""
    if _MISTAKABLE.search(text) is None:
        return plain(tag, text)
    return element(tag, _in_element(text), {"type": "html"})


def empty(tag: str, attributes: Mapping[str, str | None], texts: Mapping[str, str] = {}) -> str:
    """Return an element without content, on a line; `texts` are attributes with plain text, as in `plain`."""
    plain_ones = "".join(f' {name}="{_plain(value)}"' for name, value in texts.items())
    return f"<{tag}{_attributes(attributes)}{plain_ones}/>\n"


def _plain(text: str) -> str:
    """Return plain text as it stands in an element or in an attribute in double quotes."""
    safe = _MISTAKABLE.sub(f"<{_UNSEEN}", text)
    return safe.replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&#x3E;").replace('"', "&#x22;")


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
