"""Countries in a line of text: flags and names run together, or names with separators between them."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostic, Severity, closest_match
from sitegen.importers.imported_article import ImportLog
from sitegen.util import cldr

_FLAG: Final = re.compile("([\U0001f1e6-\U0001f1ff]{2})")
_SEPARATOR: Final = re.compile(r"(\s*[,、，・/／;；|｜\n\t]\s*)")
_SPACE: Final = re.compile(r"(\s+)")
_EDGES: Final = " \t\u3000,、，・/／;；|｜:：-–—"
_MAX_PARTS: Final = 4
"""Parts of one name that a separator could divide: `アンティグア・バーブーダ`."""
_OTHER_LANGUAGES: Final = ("ko", "zh", "zh-Hant", "vi", "th", "id")
"""Languages whose names of countries are known after a flag, which has the code."""
_MAX_SUGGESTIONS: Final = 20
"""Names for which the closest match is looked up, which takes some milliseconds each."""


class Line(NamedTuple):
    """A line of text that is not blank, without white space at its ends; `number` counts from 1."""

    number: int
    text: str


class CountryMatch(Struct, frozen=True):
    """A country in a line; `code` is None if it is unknown, `name_code` is the code for the name alone.

    `issue` is empty, or the code of a warning: `country-disagrees` for a flag with the name of another country,
    `unknown-country-name` for a flag with an unknown name, `unknown-country` if neither has a code.
    """

    written: str
    code: str | None
    issue: str = ""
    name: str = ""
    name_code: str | None = None


class CountryNames(Struct, frozen=True):
    """The codes that an article may have, their normalized names, and the names to suggest."""

    codes: frozenset[str]
    by_name: Mapping[str, str]
    suggestions: tuple[str, ...]

    def code(self, name: str) -> str | None:
        """Return the code for a name, or for a code in capitals, or None."""
        if name in self.codes:
            return name
        key = cldr.normalize_label(name)
        candidates = (key, key.removeprefix("the "), key.replace(" and ", " & "))
        codes = (self.by_name.get(candidate) for candidate in candidates)
        return next((code for code in codes if code in self.codes), None)


@lru_cache(maxsize=4)
def country_names(config: Config) -> CountryNames:
    """Collect the names of countries: those of site.yaml first, then those of CLDR in English and Japanese."""
    own = [(label, term.key) for term in config.countries for label in term.all_names()]
    by_name = dict(cldr.iso_names())
    by_name |= {cldr.normalize_label(label): key for label, key in reversed(own)}
    known = [cldr.cldr_name(code, locale) or code for code in cldr.iso_codes() for locale in ("en", "ja")]
    allowed = config.content_schema.countries
    codes = frozenset(cldr.iso_codes() if allowed is None else allowed)
    return CountryNames(codes, by_name, (*(label for label, _ in own), *known))


def has_flag(line: str) -> bool:
    """Whether the line contains a flag."""
    return _FLAG.search(line) is not None


def match_countries(line: str, names: CountryNames) -> tuple[CountryMatch, ...]:
    """Return every country in the line, in order; text that is not a known name is a match without a code."""
    before, *rest = _FLAG.split(line)
    matches = _match_names(before, names)
    for letters, after in zip(rest[::2], rest[1::2], strict=True):
        matches += _match_flag(letters, after.strip(_EDGES), names)
    return tuple(matches)


def log_countries(
    lines: Iterable[Line], names: CountryNames, log: ImportLog
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes in the lines and the unknown names, each once, in order; report what does not fit."""
    codes: dict[str, None] = {}
    unknown: dict[str, None] = {}
    issues = 0
    for line in lines:
        matches = match_countries(line.text, names)
        for match in matches:
            if match.issue:
                issues += 1
                suggestions = names.suggestions if issues <= _MAX_SUGGESTIONS else ()
                log.diagnostics.extend([_warning(line, match, log, suggestions)])
            if match.code:
                codes[match.code] = None
            else:
                unknown[match.written] = None
        shown = ", ".join(match.code or f"{match.written} (unknown)" for match in matches)
        log.record("countries", line.number, f"{line.text} → {shown}")
    return tuple(codes), tuple(unknown)


def _match_flag(letters: str, after: str, names: CountryNames) -> list[CountryMatch]:
    """Match a flag and the text up to the next one: the country's name, and perhaps further names."""
    code = cldr.country_from_flag(letters)
    name, more = after, ""
    if names.code(after) is None:
        name, *further = _SEPARATOR.split(after, maxsplit=1)
        more = further[1] if further else ""
        words = _SPACE.split(name)
        known = [end for end in range(len(words) - 2, 0, -2) if names.code("".join(words[:end]))]
        if names.code(name) is None and known:  # 🇹🇱Timor-Leste ASEAN
            name, more = "".join(words[: known[0]]), f"{''.join(words[known[0] + 1 :])}, {more}"
    name_code = names.code(name)
    if name_code is None and any(cldr.cldr_name(code, lang) == name for lang in _OTHER_LANGUAGES):
        name_code = code
    issue = "" if not name or name_code == code else "country-disagrees" if name_code else "unknown-country-name"
    match = CountryMatch(f"{letters}{name}", code, issue, name, name_code)
    if code not in names.codes:
        match = CountryMatch(f"{letters}{name}", None, "unknown-country", name or code)
    return [match, *_match_names(more, names)]


def _match_names(text: str, names: CountryNames) -> list[CountryMatch]:
    """Match names between separators, the longest run of parts first, because some names contain a `・`."""
    parts = _SEPARATOR.split(text.strip(_EDGES))
    matches: list[CountryMatch] = []
    index = 0
    while index < len(parts):
        for length in range(min(_MAX_PARTS, (len(parts) - index + 1) // 2), 0, -1):
            name = "".join(parts[index : index + 2 * length - 1]).strip()
            code = names.code(name)
            if code is not None or length == 1:
                break
        if name:
            matches.append(CountryMatch(name, code, "" if code else "unknown-country", name, code))
        index += 2 * length
    return matches


def _warning(line: Line, match: CountryMatch, log: ImportLog, suggestions: tuple[str, ...]) -> Diagnostic:
    match match.issue:
        case "country-disagrees":
            message = f"the flag is that of {match.code}, the name {match.name!r} that of {match.name_code}"
            hint = "the flag is used; correct 'countries' in the file if it is wrong"
        case "unknown-country-name":
            message = f"the name {match.name!r} after the flag of {match.code} is unknown, and is left out"
            hint = "add it to site.yaml as an alias of the country"
        case _:
            message = f"unknown country {match.written!r}; it is kept in extra.unknown_countries"
            hint = "add it to site.yaml under countries, or write its code into the file"
    suggestion = None if match.name_code else closest_match(match.name, suggestions)
    location = log.location(line.number, match.written if match.written in line.text else match.name)
    return Diagnostic(match.issue, Severity.WARNING, location, message, (), suggestion, hint)
