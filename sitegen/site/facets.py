"""Facets: the subjects of index pages and feeds."""

from typing import Final

from msgspec import Struct

CountryPair = tuple[str, str]
"""The codes of two countries, sorted."""


class Facet(Struct, frozen=True, array_like=True):
    """The subject of an index page or a feed. Without any field set, it is the entire site.

    A facet is a topic, one country, a pair of countries, a topic combined with one of these, a source (by its most
    recent name), a perspective (by its key), a language, a minimum importance, or a section that has no articles: the
    corrections, the events to come, or the editions.
    """

    topic: str | None = None
    countries: tuple[str, ...] = ()
    source: str | None = None
    perspective: str | None = None
    language: str | None = None
    importance: int | None = None
    section: str | None = None

    @property
    def kind(self) -> str:
        """The kind as a key of `feeds.of` in `site.yaml`; `whole` for the entire site and for importance."""
        if self.topic is not None:
            return "crossings" if self.countries else "topics"
        if self.countries:
            return "countries" if len(self.countries) == 1 else "pairs"
        if self.source is not None:
            return "sources"
        if self.perspective is not None:
            return "perspectives"
        return "languages" if self.language is not None else self.section or "whole"


ENTIRE_SITE: Final = Facet()
CORRECTIONS: Final = Facet(section="corrections")
UPCOMING: Final = Facet(section="upcoming")
EDITIONS: Final = Facet(section="editions")
