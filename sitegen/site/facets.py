"""Facets: the subjects of index pages and feeds."""

from typing import Final

from msgspec import Struct

CountryPair = tuple[str, str]
"""The codes of two countries, sorted."""


class Facet(Struct, frozen=True, array_like=True):
    """The subject of an index page or a feed. Without any field set, it is the entire site.

    A facet is a topic, one country, a pair of countries, a topic combined with one of these, a source (by its most
    recent name), a perspective (by its key), a language, a minimum importance, the corrections, the events to come, or
    the editions.
    """

    topic: str | None = None
    countries: tuple[str, ...] = ()
    source: str | None = None
    perspective: str | None = None
    language: str | None = None
    importance: int | None = None
    corrections: bool = False
    upcoming: bool = False
    editions: bool = False

    @property
    def kind(self) -> str:
        """The kind as a key of `feeds.of` in `site.yaml`; `whole` for the entire site and for importance."""
        if self.topic is not None:
            return "crossings" if self.countries else "topics"
        if self.countries:
            return "countries" if len(self.countries) == 1 else "pairs"
        for kind, value in (
            ("sources", self.source),
            ("perspectives", self.perspective),
            ("languages", self.language),
            ("corrections", self.corrections or None),
            ("upcoming", self.upcoming or None),
            ("editions", self.editions or None),
        ):
            if value is not None:
                return kind
        return "whole"


ENTIRE_SITE: Final = Facet()
CORRECTIONS: Final = Facet(corrections=True)
UPCOMING: Final = Facet(upcoming=True)
EDITIONS: Final = Facet(editions=True)
