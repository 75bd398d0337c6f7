"""What an index page or a feed is about."""

from typing import Final

from sitegen.util.frozen import dataclass

CountryPair = tuple[str, str]
"""The codes of two countries, in order."""


@dataclass(frozen=True, slots=True)
class Facet:
    """What an index page or a feed is about. Without any field set, it is the entire site.

    A facet is a topic, one country, a pair of countries, a topic combined with one of these, a source (by its most
    recent name), a perspective (by its key), a language, a minimum importance, or the corrections.
    """

    topic: str | None = None
    countries: tuple[str, ...] = ()
    source: str | None = None
    perspective: str | None = None
    language: str | None = None
    importance: int | None = None
    corrections: bool = False


ENTIRE_SITE: Final = Facet()
