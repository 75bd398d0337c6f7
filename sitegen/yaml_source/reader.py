"""A typed reader of YAML mappings, which reports every error and continues."""

import re
import unicodedata
from collections.abc import Sequence as AbstractSequence
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.util.cldr import is_known_language, likely_language
from sitegen.util.dates import PartialDate, parse_partial_date
from sitegen.yaml_source.nodes import TYPE_NAMES, Mapping, Node, Scalar, Sequence

_SPACES = re.compile(r"\s{2,}|[^\S ]")
"""White space that is not a single space, which stays."""
_KEPT_SPACES: Final = "\u3000\u00a0\u202f"
KEY: Final = re.compile(r"(?=.{1,60}$)[a-z0-9]+(-[a-z0-9]+)*")
"""The names that an editor may give to topics, publish targets, themes and the like."""
CONTROL_CHARS: Final = re.compile(r"[\x00-\x1f\x7f]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)
"""The part of BCP 47 (RFC 5646, section 2.1) for languages of pages: language, script, region, variants."""
_URL = re.compile(r"https?://[^\s/?#\"<>\\]+[^\s\"<>\\]*", re.IGNORECASE)

MAX_NAME_CHARACTERS: Final = 300
MAX_SUMMARY_CHARACTERS: Final = 5_000
_OTHER_DATE: Final = re.compile(
    r"(?P<year>\d{4})\D{0,2}(?P<month>\d{1,2})\D{0,2}(?P<day>\d{1,2})\D?(?:\D{0,5}(?P<hour>\d{1,2}):(?P<minute>\d{2}))?"
)
_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
DATE_HINT: Final = "write 2026-07-03 or 2026-07-03T09:00+09:00"
_LANGUAGE_HINT: Final = "a BCP 47 language tag such as en, ja or zh-Hant"
_BOOLEANS: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}


class MappingReader:
    """Reads the values of one mapping: each method takes a key, checks its value and reports its errors.

    A missing or invalid value is None, or empty. `reject_unknown_keys` reports the keys that were never read.
    """

    __slots__ = ("_diagnostics", "_inner", "_known", "_nodes", "error", "location")

    def __init__(self, mapping: Mapping, diagnostics: Diagnostics) -> None:
        self._nodes: dict[str, tuple[Scalar, Node]] = {key.value: (key, value) for key, value in mapping.pairs}
        self._known: list[str] = []
        self._inner: list[MappingReader] = []
        self._diagnostics = diagnostics
        self.error = diagnostics.error
        self.location = mapping.location

    def node(self, key: str, *, required: bool = False, hint: str = "") -> Node | None:
        """Return the node of `key`; null counts as missing."""
        self._known.append(key)
        pair = self._nodes.get(key)
        if pair is not None and not (isinstance(pair[1], Scalar) and pair[1].is_null):
            return pair[1]
        if required:
            location = pair[0].location if pair else self.location
            self.error("missing-key", location, f"{key!r} is {'empty' if pair else 'missing'}", hint=hint)
        return None

    def location_of(self, key: str) -> SourceLocation:
        """Return the location of the value of `key`, or that of the mapping."""
        pair = self._nodes.get(key)
        return pair[1].location if pair else self.location

    def scalar(self, key: str, *, required: bool = False, hint: str = "") -> Scalar | None:
        """Return a single value."""
        node = self.node(key, required=required, hint=hint)
        if node is None or isinstance(node, Scalar):
            return node
        self.wrong_type(key, node, "a single value")
        return None

    def text(self, key: str, *, required: bool = False, hint: str = "", limit: int = MAX_NAME_CHARACTERS) -> str | None:
        """Return text with its white space folded; an empty one counts as missing."""
        scalar = self.scalar(key, required=required, hint=hint)
        if scalar is None:
            return None
        value = fold_spaces(scalar.value)
        if not value and required:
            self.error("missing-key", scalar.location, f"{key!r} is empty", hint=hint)
        if len(value) > limit:
            message = f"{key!r} has {len(value):,} characters; expected at most {limit:,}"
            self.error("too-long", scalar.location, message, hint="move a part of it to the text of the article")
        return value or None

    def matching(self, key: str, pattern: re.Pattern[str], expected: str, hint: str, *, required: bool = True) -> str:
        """Return a value that matches a pattern and has no control characters; "" if it is missing or invalid."""
        scalar = self.scalar(key, required=required, hint=hint)
        if scalar is None:
            return ""
        if pattern.fullmatch(scalar.value) and not CONTROL_CHARS.search(scalar.value):
            return scalar.value
        message = f"{key!r} is {scalar.value!r}; expected {expected}"
        self.error(f"bad-{key}", scalar.location, message, hint=hint)
        return ""

    def integer(self, key: str, low: int, high: int, *, required: bool = False) -> int | None:
        """Return a whole number between `low` and `high`, both included."""
        expected = f"a whole number from {low} to {high}"
        scalar = self.scalar(key, required=required, hint=expected)
        if scalar is None:
            return None
        if _INTEGER.fullmatch(scalar.value) and low <= int(scalar.value) <= high:
            return int(scalar.value)
        half = unicodedata.normalize("NFKC", scalar.value)
        near = half if half != scalar.value and _INTEGER.fullmatch(half) else None
        self.error("out-of-range", scalar.location, f"{key!r} is {scalar.value!r}; expected {expected}", near=near)
        return None

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Return true or false; `default` for a missing key."""
        scalar = self.scalar(key)
        if scalar is None:
            return default
        if scalar.unquoted and scalar.value in {"true", "false"}:
            return scalar.value == "true"
        self.error(
            "wrong-type",
            scalar.location,
            f"{key!r} is {scalar.value!r}; expected true or false",
            near=_BOOLEANS.get(scalar.value.casefold()),
            got=scalar.value,
            allowed=("true", "false"),
        )
        return False

    def date(self, key: str, *, required: bool = False, hint: str = "") -> PartialDate | None:
        """Return a date or a timestamp; `hint` is what to do about a month."""
        scalar = self.scalar(key, required=required, hint=DATE_HINT.replace("write", f"write {key}:"))
        if scalar is None:
            return None
        try:
            date = parse_partial_date(scalar.value)
        except ValueError as error:
            self.error("bad-date", scalar.location, f"{key!r}: {error}")
            return None
        if date is None:
            message = f"{key!r} is {scalar.value!r}; expected a date with year, month and day, or a timestamp"
            self.error("bad-date", scalar.location, message, hint=_date_hint(scalar.value, hint))
        return date

    def choice(self, key: str, allowed: AbstractSequence[str], *, required: bool = False, hint: str = "") -> str | None:
        """Return one of `allowed`."""
        scalar = self.scalar(key, required=required)
        if scalar is None or scalar.value in allowed:
            return None if scalar is None else scalar.value
        message = f"{key!r} is {scalar.value!r}"
        self.error("not-allowed", scalar.location, message, got=scalar.value, allowed=allowed, hint=hint)
        return None

    def language(self, key: str, *, required: bool = False) -> str | None:
        """Return a BCP 47 language tag."""
        scalar = self.scalar(key, required=required, hint=_LANGUAGE_HINT)
        if scalar is None:
            return None
        if is_language(scalar.value):
            self.warn_of_language(scalar.value, scalar.location)
            return scalar.value
        near = scalar.value.replace("_", "-")
        message = f"{key!r} is {scalar.value!r}; expected {_LANGUAGE_HINT}"
        self.error("bad-language", scalar.location, message, near=near if is_language(near) else None)
        return None

    def warn_of_language(self, tag: str, location: SourceLocation) -> None:
        """Report a language tag without a known language."""
        warn_of_language(tag, location, self._diagnostics)

    def url(self, key: str) -> str | None:
        """Return an absolute http or https URL."""
        scalar = self.scalar(key)
        if scalar is None or is_url(scalar.value):
            return None if scalar is None else scalar.value
        expected, near = "an address that begins with https:// or http://", f"https://{scalar.value}"
        is_likely = is_url(near) and "." in near.split("/")[2]
        invalid = re.search(r"[\s\"<>\\]", scalar.value)
        if invalid is not None and scalar.value.startswith(("https://", "http://")):
            expected = f"an address without {invalid[0]!r}; write %{ord(invalid[0]):02X}"
        message = f"{key!r} is {scalar.value!r}; expected {expected}"
        self.error("bad-url", scalar.location, message, near=near if is_likely else None)
        return None

    def scalars(self, key: str, *, required: bool = False, hint: str = "") -> tuple[Scalar, ...]:
        """Return a list of single values; entries of another type are reported and left out."""
        node = self.node(key, required=required, hint=hint)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.wrong_type(key, node, "a list", hint=f"write {key}: [one, two]")
            return ()
        for item in node.items:
            if not isinstance(item, Scalar):
                self.wrong_type(key, item, "a list of single values")
        if required and not node.items:
            self.error("missing-key", node.location, f"{key!r} is empty", hint=hint)
        return tuple(item for item in node.items if isinstance(item, Scalar))

    def choices(
        self, key: str, allowed: tuple[str, ...], default: tuple[str, ...], *, least: int = 0, hint: str = ""
    ) -> tuple[str, ...]:
        """Return the members of `allowed` that a list names, in the order of `allowed`; `default` without a list."""
        if self.node(key) is None:
            return default
        named = self.scalars(key)
        for scalar in named:
            if scalar.value not in allowed:
                message = f"{key!r} names {scalar.value!r}"
                self.error("not-allowed", scalar.location, message, got=scalar.value, allowed=allowed, hint=hint)
        if len(named) < least and isinstance(self.node(key), Sequence):
            self.error("missing-key", self.location_of(key), f"{key!r} is empty", allowed=allowed)
        values = {scalar.value for scalar in named}
        return tuple(entry for entry in allowed if entry in values)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(scalar.value for scalar in self.scalars(key) if scalar.value)

    def fields(self, key: str, *, required: bool = False, hint: str = "") -> "MappingReader | None":
        """Return the reader of a mapping."""
        node = self.node(key, required=required, hint=hint)
        if isinstance(node, Mapping):
            self._inner.append(self.child(node))
            return self._inner[-1]
        if node is not None:
            self.wrong_type(key, node, "a mapping", hint=hint)
        return None

    def pairs(self, key: str, expected: str, *, hint: str = "") -> tuple[tuple[Scalar, Node], ...]:
        """Return the pairs of a mapping whose keys the editor chooses; `expected` describes it in an error."""
        node = self.node(key)
        if node is None or isinstance(node, Mapping):
            return () if node is None else node.pairs
        self.wrong_type(key, node, expected, hint=hint)
        return ()

    def mappings(self, key: str, *, hint: str = "") -> "tuple[MappingReader, ...]":
        """Return the readers of a list of mappings."""
        node = self.node(key)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.wrong_type(key, node, "a list of mappings", hint=hint)
            return ()
        for item in node.items:
            if not isinstance(item, Mapping):
                self.wrong_type(key, item, "a list of mappings", hint=hint)
        readers = tuple(self.child(item) for item in node.items if isinstance(item, Mapping))
        self._inner += readers
        return readers

    def child(self, mapping: Mapping) -> "MappingReader":
        """Return the reader of another mapping, with the same diagnostics."""
        return MappingReader(mapping, self._diagnostics)

    def remaining(self) -> tuple[tuple[Scalar, Node], ...]:
        """Return the pairs that were not read yet."""
        return tuple(pair for key, pair in self._nodes.items() if key not in self._known)

    def wrong_type(self, key: str, node: Node, expected: str, *, hint: str = "") -> None:
        """Report a value of another type."""
        message = f"{key!r} is {TYPE_NAMES[type(node)]}; expected {expected}"
        self.error("wrong-type", node.location, message, hint=hint)

    def reject_unknown_keys(self, hint: str = "") -> None:
        """Report every key that was not read, also in the mappings of `fields` and `mappings`, without the hint."""
        allowed = tuple(dict.fromkeys(self._known))
        for key, (scalar, _) in self._nodes.items():
            if key not in allowed:
                self.error(
                    "unknown-key", scalar.location, f"the key {key!r} is not known", got=key, allowed=allowed, hint=hint
                )
        for inner in self._inner:
            inner.reject_unknown_keys()


def _date_hint(text: str, of_month: str) -> str:
    """Return what to write for a date in another notation, such as 2026/7/3 or 2026年7月3日, or for a month."""
    if _MONTH.fullmatch(text):
        return of_month or f"add the day, such as {text}-01"
    match = _OTHER_DATE.fullmatch(unicodedata.normalize("NFKC", text))
    if match is None:
        return DATE_HINT
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return DATE_HINT
    return f"write {day}" + (f"T{match['hour']:0>2}:{match['minute']}" if match["hour"] else "")


def fold_spaces(text: str) -> str:
    """Return text without white space at its ends, each run of it as one space.

    An ideographic space, which separates the parts of Japanese headlines, and a no-break space stay what they are.
    """
    return _SPACES.sub(lambda match: next((char for char in match[0] if char in _KEPT_SPACES), " "), text).strip()


def is_language(text: str) -> bool:
    """Whether `text` has the form of a BCP 47 language tag."""
    return _LANGUAGE.fullmatch(text) is not None


def warn_of_language(tag: str, location: SourceLocation, diagnostics: Diagnostics) -> None:
    """Report a tag of a valid form whose language is not known: often it is the code of a country, such as `jp`."""
    if not is_known_language(tag):
        message = f"{tag!r} is not the tag of a language that is known"
        diagnostics.warning("unknown-language", location, message, near=likely_language(tag) or None)


def is_url(text: str) -> bool:
    """Whether `text` is an absolute http or https URL with a valid host and port."""
    if not _URL.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # an incomplete IPv6 address, or an invalid port
        return False
