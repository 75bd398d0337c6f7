"""The countries of a page, and what is odd about them."""

from collections.abc import Iterable
from typing import Final

from sitegen.diagnostics import Diagnostic, Severity, closest_match
from sitegen.importers.copied_page import Line
from sitegen.importers.countries import CountryNames, Doubt, Mention, mentions
from sitegen.importers.imported_article import Account
from sitegen.util.frozen import dataclass

_SUGGESTED: Final = 20
"""For so many names the nearest known one is looked for, which takes some milliseconds each."""


@dataclass(frozen=True, slots=True)
class Relations:
    """The codes in the page's order, each once, and the names no code was found for, word for word."""

    codes: tuple[str, ...]
    unknown: tuple[str, ...]


def read_relations(lines: Iterable[Line], names: CountryNames, account: Account) -> Relations:
    """Read the lines that name countries; what is not known or does not fit becomes a warning."""
    codes: dict[str, None] = {}
    unknown: dict[str, None] = {}
    odd = 0
    for line in lines:
        found = mentions(line.text, names)
        for mention in found:
            if mention.doubt is not Doubt.NONE:
                odd += 1
                account.diagnostics.extend([_warning(line, mention, account, names.shown if odd <= _SUGGESTED else ())])
            if mention.code:
                codes[mention.code] = None
            else:
                unknown[mention.written] = None
        named = ", ".join(mention.code or f"{mention.written} (unknown)" for mention in found)
        account.take("countries", line.number, f"{line.text} → {named}")
    return Relations(tuple(codes), tuple(unknown))


def _warning(line: Line, mention: Mention, account: Account, known: tuple[str, ...]) -> Diagnostic:
    match mention.doubt:
        case Doubt.OTHER_NAME:
            code = "country-disagrees"
            message = (
                f"the flag says {mention.code}, the name {mention.name!r} says {mention.name_code}; the flag counts"
            )
            hint = "correct the countries in the file if the flag is wrong"
        case Doubt.STRANGE_NAME:
            code = "unknown-country-name"
            message = f"the flag says {mention.code}; the name {mention.name!r} beside it is not known and is left out"
            hint = "add it to site.yaml as an alias of the country"
        case _:
            code = "unknown-country"
            message = f"{mention.written!r} is no country that is known; it is kept in extra.unknown_countries"
            hint = "add it to site.yaml under countries, or write its code into the file"
    near = None if mention.doubt is Doubt.OTHER_NAME else closest_match(mention.name, known)
    location = account.location(line.number, mention.written if mention.written in line.text else mention.name)
    # The allowed values would be some six hundred names: only the nearest is worth showing.
    return Diagnostic(code, Severity.WARNING, location, message, (), near, hint)
