"""The text of an article: sections of HTML with unresolved links."""

from msgspec import Struct

from sitegen.content.links import LinkRef
from sitegen.diagnostics import SourceLocation


class Section(Struct, frozen=True, array_like=True):
    """A part of the text: ordinary text, or one perspective (then `key` and `label` are set).

    `parts` are HTML with gaps: the address of link i goes between part i and part i + 1. `lang` is None if the section
    is in the language of the article.
    """

    parts: tuple[str, ...]
    links: tuple[LinkRef, ...] = ()
    key: str | None = None
    label: str = ""
    lang: str | None = None
    first_sentence: str = ""


class Body(Struct, frozen=True, array_like=True):
    """The parsed text of an article.

    `terms` are its search terms and `frequent_terms` those that occur often (`search_terms`), with spaces between them.
    Both are empty if the site has no search.
    """

    sections: tuple[Section, ...]
    anchors: tuple[str, ...]
    terms: str = ""
    frequent_terms: str = ""


Links = tuple[tuple[LinkRef, SourceLocation], ...]
"""Links of a text with their locations, which are apart from it: its hash must not change if lines above it do."""
