"""Reading typed values out of YAML nodes: every mistake is reported, none stops the reading."""

import re
from collections.abc import Sequence as AbstractSequence
from typing import Final
from urllib.parse import urlsplit

from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.util.dates import PartialDate, parse_partial_date
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, Sequence, TYPE_NAMES

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"
)
"""The part of BCP 47 (RFC 5646, section 2.1) that pages are written in: language, script, region, variants."""
_URL = re.compile(r"https?://[^\s/?#\"<>\\]+[^\s\"<>\\]*", re.IGNORECASE)

DATE_HINT: Final = "write 2026-07-03 or 2026-07-03T09:00+09:00"


class MappingReader:
    """Reads one mapping: each method takes a key, checks its value and reports what is wrong with it.

    A value that is missing or wrong comes back as None (or as empty). `close` reports the keys that nothing asked for.
    """

    __slots__ = ("_diagnostics", "_known", "_nodes", "location")

    def __init__(self, mapping: Mapping, diagnostics: Diagnostics) -> None:
        self._nodes: dict[str, tuple[Scalar, Node]] = {key.value: (key, value) for key, value in mapping.pairs}
        self._known: list[str] = []
        self._diagnostics = diagnostics
        self.location = mapping.location

    def node(self, key: str, *, required: bool = False, hint: str = "") -> Node | None:
        """Return the value of `key` as it stands; null counts as missing."""
        self._known.append(key)
        pair = self._nodes.get(key)
        if pair is not None and not (isinstance(pair[1], Scalar) and pair[1].is_null):
            return pair[1]
        if required:
            location = pair[0].location if pair else self.location
            state = "is empty" if pair else "is missing"
            self._diagnostics.error("missing-key", location, f"{key!r} {state}", hint=hint)
        return None

    def location_of(self, key: str) -> SourceLocation:
        """Return where the value of `key` stands, or the mapping's place."""
        pair = self._nodes.get(key)
        return pair[1].location if pair else self.location

    def scalar(self, key: str, *, required: bool = False, hint: str = "") -> Scalar | None:
        """Return a single value."""
        node = self.node(key, required=required, hint=hint)
        if node is None or isinstance(node, Scalar):
            return node
        self.wrong_type(key, node, "a single value")
        return None

    def text(self, key: str, *, required: bool = False, hint: str = "") -> str | None:
        """Return text with its white space folded; an empty one counts as missing."""
        scalar = self.scalar(key, required=required, hint=hint)
        if scalar is None:
            return None
        value = " ".join(scalar.value.split())
        if not value and required:
            self._diagnostics.error("missing-key", scalar.location, f"{key!r} is empty", hint=hint)
        return value or None

    def integer(self, key: str, low: int, high: int, *, required: bool = False) -> int | None:
        """Return a whole number between `low` and `high`, both included."""
        scalar = self.scalar(key, required=required, hint=f"a whole number from {low} to {high}")
        if scalar is None:
            return None
        if _INTEGER.fullmatch(scalar.value) and low <= int(scalar.value) <= high:
            return int(scalar.value)
        self._diagnostics.error(
            "out-of-range",
            scalar.location,
            f"{key!r} is {scalar.value!r}; expected a whole number from {low} to {high}",
        )
        return None

    def flag(self, key: str) -> bool:
        """Return true or false; a missing key is false."""
        scalar = self.scalar(key)
        if scalar is None or (scalar.unquoted and scalar.value == "false"):
            return False
        if scalar.unquoted and scalar.value == "true":
            return True
        self._diagnostics.error(
            "wrong-type",
            scalar.location,
            f"{key!r} is {scalar.value!r}; expected true or false",
            near={"yes": "true", "on": "true", "no": "false", "off": "false"}.get(scalar.value.casefold()),
            got=scalar.value,
            allowed=("true", "false"),
        )
        return False

    def stamp(self, key: str, *, required: bool = False) -> PartialDate | None:
        """Return a date or a timestamp."""
        scalar = self.scalar(key, required=required, hint=DATE_HINT)
        if scalar is None:
            return None
        try:
            stamp = parse_partial_date(scalar.value)
        except ValueError as error:
            self._diagnostics.error("bad-date", scalar.location, f"{key!r}: {error}")
            return None
        if stamp is None:
            message = f"{key!r} is {scalar.value!r}; expected a date with year, month and day, or a timestamp"
            self._diagnostics.error("bad-date", scalar.location, message, hint=DATE_HINT)
        return stamp

    def choice(self, key: str, allowed: AbstractSequence[str], *, required: bool = False) -> str | None:
        """Return one of `allowed`."""
        scalar = self.scalar(key, required=required)
        if scalar is None or scalar.value in allowed:
            return None if scalar is None else scalar.value
        self._diagnostics.error(
            "not-allowed",
            scalar.location,
            f"{key!r} is {scalar.value!r}",
            got=scalar.value,
            allowed=allowed,
        )
        return None

    def language(self, key: str, *, required: bool = False) -> str | None:
        """Return a BCP 47 language tag."""
        scalar = self.scalar(key, required=required, hint="a BCP 47 language tag such as en, ja or zh-Hant")
        if scalar is None:
            return None
        if is_language(scalar.value):
            return scalar.value
        self._diagnostics.error(
            "bad-language",
            scalar.location,
            f"{key!r} is {scalar.value!r}; expected a BCP 47 language tag such as en, ja or zh-Hant",
        )
        return None

    def url(self, key: str, *, required: bool = False) -> str | None:
        """Return an absolute http or https address."""
        scalar = self.scalar(key, required=required, hint="an address with https://")
        if scalar is None:
            return None
        if _is_url(scalar.value):
            return scalar.value
        self._diagnostics.error(
            "bad-url",
            scalar.location,
            f"{key!r} is {scalar.value!r}; expected an address that begins with https:// or http://",
        )
        return None

    def scalars(self, key: str, *, required: bool = False, hint: str = "") -> tuple[Scalar, ...]:
        """Return a list of single values; entries of another kind are reported and left out."""
        node = self.node(key, required=required, hint=hint)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.wrong_type(key, node, "a list", hint=f"write {key}: [one, two]")
            return ()
        scalars = []
        for item in node.items:
            if isinstance(item, Scalar):
                scalars.append(item)
            else:
                self.wrong_type(key, item, "a list of single values")
        if required and not node.items:
            self._diagnostics.error("missing-key", node.location, f"{key!r} is empty", hint=hint)
        return tuple(scalars)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(scalar.value for scalar in self.scalars(key) if scalar.value)

    def fields(self, key: str, *, required: bool = False, hint: str = "") -> "MappingReader | None":
        """Return a mapping, to be read and closed by the caller."""
        node = self.node(key, required=required, hint=hint)
        if node is None:
            return None
        if isinstance(node, Mapping):
            return MappingReader(node, self._diagnostics)
        self.wrong_type(key, node, "a mapping", hint=hint)
        return None

    def mappings(self, key: str) -> "tuple[MappingReader, ...]":
        """Return a list of mappings, each to be read and closed by the caller."""
        node = self.node(key)
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.wrong_type(key, node, "a list of mappings")
            return ()
        entries = []
        for item in node.items:
            if isinstance(item, Mapping):
                entries.append(MappingReader(item, self._diagnostics))
            else:
                self.wrong_type(key, item, "a list of mappings")
        return tuple(entries)

    def within(self, mapping: Mapping) -> "MappingReader":
        """Return a reader of another mapping that reports to the same findings."""
        return MappingReader(mapping, self._diagnostics)

    def rest(self) -> tuple[tuple[Scalar, Node], ...]:
        """Return the pairs that nothing asked for, and count them as asked for."""
        pairs = tuple(pair for key, pair in self._nodes.items() if key not in self._known)
        self._known.extend(key.value for key, _ in pairs)
        return pairs

    def error(
        self,
        code: str,
        location: SourceLocation,
        message: str,
        *,
        got: str | None = None,
        allowed: AbstractSequence[str] = (),
        near: str | None = None,
        hint: str = "",
    ) -> None:
        """Report an error that only the caller can see."""
        self._diagnostics.error(code, location, message, got=got, allowed=allowed, near=near, hint=hint)

    def wrong_type(self, key: str, node: Node, expected: str, *, hint: str = "") -> None:
        """Report a value of another kind."""
        message = f"{key!r} is {TYPE_NAMES[type(node)]}; expected {expected}"
        self._diagnostics.error("wrong-type", node.location, message, hint=hint)

    def close(self) -> None:
        """Report every key that nothing asked for."""
        allowed = tuple(dict.fromkeys(self._known))
        for key, (scalar, _) in self._nodes.items():
            if key not in allowed:
                self._diagnostics.error(
                    "unknown-key", scalar.location, f"the key {key!r} is not known", got=key, allowed=allowed
                )


def is_language(text: str) -> bool:
    """Whether `text` has the form of a BCP 47 language tag."""
    return _LANGUAGE.fullmatch(text) is not None


def _is_url(text: str) -> bool:
    """Whether `text` is an absolute http or https address whose host and port can be made out."""
    if not _URL.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # half an IPv6 address, a port of letters or out of range
        return False
