"""XML as text, composed of small parts that several documents can share."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_MARKUP_LIKE: Final = re.compile(r"<(?=/\w+>|[^\s<>@]+@[^\s<>@]+>)")
"""The start of text that looks like a closing tag or like an e-mail address in angle brackets."""
_NOT_IN_URLS: Final = re.compile(r"[^!-~]|[\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
"""Characters that RFC 3986, section 2, does not allow in an address."""
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD_JOINER: Final = "\u2060"
"""U+2060 has no width and allows no line break."""


def stylesheet(href: str | None) -> str:
    """Return the line that names the stylesheet of a document (W3C, "Associating Style Sheets with XML documents")."""
    return f'<?xml-stylesheet type="text/css" href="{escaped(href)}"?>\n' if href else ""


def escaped(text: str) -> str:
    """Escape text for an element or for an attribute in double quotes."""
    return _escape_text(text).replace('"', "&quot;")


def element(tag: str, text: str, attributes: Mapping[str, str | None] = {}) -> str:
    """Return a line with an element that contains text; attributes of None are omitted."""
    return f"<{tag}{_attributes(attributes)}>{_escape_text(text)}</{tag}>\n"


def plain(tag: str, text: str, attributes: Mapping[str, str | None] = {}) -> str:
    """Return a line with an element of plain text that feed readers do not take for HTML.

    `&` and `<` are hexadecimal references (RSS profile, "Character data"), by which readers and validators recognize
    plain text. References do not help for text such as `</b>`, which is checked after decoding, so a word joiner
    follows its `<`.
    """
    return f"<{tag}{_attributes(attributes)}>{_escape_plain(text)}</{tag}>\n"


def construct(tag: str, text: str) -> str:
    """Return a line with an Atom text construct (RFC 4287, section 3.1): `html` if the text looks like markup."""
    if _MARKUP_LIKE.search(text) is None:
        return plain(tag, text)
    return element(tag, _escape_text(text), {"type": "html"})


def empty(tag: str, attributes: Mapping[str, str | None], texts: Mapping[str, str] = {}) -> str:
    """Return a line with an empty element; `texts` are attributes with plain text, escaped as by `plain`."""
    plain_attributes = "".join(f' {name}="{_escape_plain(value)}"' for name, value in texts.items())
    return f"<{tag}{_attributes(attributes)}{plain_attributes}/>\n"


def _escape_plain(text: str) -> str:
    """Escape plain text so that readers do not take it for HTML."""
    safe = _MARKUP_LIKE.sub(f"<{_WORD_JOINER}", text)
    return safe.replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&#x3E;").replace('"', "&#x22;")


def _escape_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attributes(attributes: Mapping[str, str | None]) -> str:
    return "".join(f' {name}="{escaped(value)}"' for name, value in attributes.items() if value is not None)


def escape_url(url: str | None) -> str | None:
    """Escape the characters that an address must not contain, as browsers do."""
    return None if url is None else _NOT_IN_URLS.sub(lambda match: quote(match[0], safe=""), url)


def rfc822(moment: datetime) -> str:
    """Format a time for RSS: RFC 822 with a four-digit year and a numeric time zone."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S %z}"


def rfc3339(moment: datetime) -> str:
    """Format a time for Atom and JSON Feed."""
    return moment.isoformat(timespec="seconds")


def w3c_utc(moment: datetime) -> str:
    """Format a time for sitemaps, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
