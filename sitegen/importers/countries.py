"""Countries in a line of a page: flags and names run together, or names with separators between them."""

import re
from collections.abc import Mapping
from enum import StrEnum

from sitegen.config.model import Config
from sitegen.util import cldr
from sitegen.util.frozen import dataclass

_FLAG = re.compile("([\U0001f1e6-\U0001f1ff]{2})")
_SEPARATOR = re.compile(r"(\s*[,、，・/／;；|｜\n]\s*)")
_EDGES = " \t\u3000,、，・/／;；|｜:：-–—"
_MOST_PARTS = 4
"""A name has at most so many parts that look like separate names: `Saint Vincent · …`, `アンティグア・バーブーダ`."""


class Doubt(StrEnum):
    """What is odd about a mention."""

    NONE = ""
    OTHER_NAME = "other-name"
    """The name beside the flag is that of another country."""
    STRANGE_NAME = "strange-name"
    """The name beside the flag is not in any table."""
    UNKNOWN = "unknown"
    """Neither flag nor name leads to a code."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A country as it stands in a line; `code` is None for an unknown one, `name_code` what its name alone says."""

    written: str
    code: str | None
    doubt: Doubt = Doubt.NONE
    name: str = ""
    name_code: str | None = None


@dataclass(frozen=True, slots=True)
class CountryNames:
    """The codes that an article may carry, folded names with their codes, and the names as they are suggested."""

    codes: frozenset[str]
    by_name: Mapping[str, str]
    shown: tuple[str, ...]

    def code(self, name: str) -> str | None:
        """Return the code of a name or of a code in capitals, or None."""
        if name in self.codes:
            return name
        key = cldr.normalize_label(name)
        for candidate in (key, key.removeprefix("the "), key.replace(" and ", " & ")):
            found = self.by_name.get(candidate)
            if found in self.codes:
                return found
        return None


def country_names(config: Config) -> CountryNames:
    """Collect the names: those of site.yaml first, then those of CLDR in English and Japanese."""
    by_name: dict[str, str] = {}
    shown: list[str] = []
    for term in config.countries:
        for label in (term.key, *(label for label, _ in term.labels())):
            by_name.setdefault(cldr.normalize_label(label), term.key)
            shown.append(label)
    for name, code in cldr.iso_names().items():
        by_name.setdefault(name, code)
    for code in cldr.iso_codes():
        shown += [cldr.cldr_name(code, locale) or code for locale in ("en", "ja")]
    known = config.content_schema.countries
    return CountryNames(frozenset(cldr.iso_codes() if known is None else known), by_name, tuple(shown))


def has_flag(line: str) -> bool:
    """Whether a flag stands in the line."""
    return _FLAG.search(line) is not None


def mentions(line: str, names: CountryNames) -> tuple[Mention, ...]:
    """Return every country that the line names, in its order; text that is no known name is a mention without code."""
    before, *rest = _FLAG.split(line)
    found = list(_by_name(before, names))
    for letters, after in zip(rest[::2], rest[1::2], strict=True):
        found += _by_flag(letters, after.strip(_EDGES), names)
    return tuple(found)


def _by_flag(letters: str, after: str, names: CountryNames) -> list[Mention]:
    """Read a flag and the text up to the next one: its name, perhaps more names behind separators."""
    code = cldr.country_from_flag(letters)
    name, more = after, ""
    if names.code(after) is None:
        parts = _SEPARATOR.split(after, maxsplit=1)
        name, more = parts[0], parts[2] if len(parts) > 2 else ""
    own = names.code(name)
    written = f"{letters}{name}"
    if code not in names.codes:
        first = Mention(written, None, Doubt.UNKNOWN, name or code)
    elif not name or own == code:
        first = Mention(written, code, name=name, name_code=own)
    else:
        first = Mention(written, code, Doubt.OTHER_NAME if own else Doubt.STRANGE_NAME, name, own)
    return [first, *_by_name(more, names)]


def _by_name(text: str, names: CountryNames) -> list[Mention]:
    """Read names between separators; the longest run of parts that is a name wins, for some names have a `・`."""
    parts = _SEPARATOR.split(text.strip(_EDGES))
    found: list[Mention] = []
    index = 0
    while index < len(parts):
        for length in range(min(_MOST_PARTS, (len(parts) - index + 1) // 2), 0, -1):
            name = "".join(parts[index : index + 2 * length - 1]).strip()
            code = names.code(name)
            if code is not None or length == 1:
                break
        if name:
            found.append(Mention(name, code, Doubt.NONE if code else Doubt.UNKNOWN, name, code))
        index += 2 * length
    return found
