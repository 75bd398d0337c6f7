"""The few words that feeds say by themselves, which the theme has in each of its languages."""

import re
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct

PREFIX: Final = "feed_"
"""Stands before each of the words where a theme has them among its labels."""

PLACEHOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "machine_summary": ("text",),
    "mixed_summary": ("text",),
    "source": ("name",),
    "archived": (),
    "machine": ("parts",),
    "mixed": ("parts",),
    "reviewed": ("name",),
    "title": (),
    "summary": (),
    "text": (),
    "analysis": (),
    "translation": (),
    "comma": (),
    "stop": (),
    "space": (),
    "importance": ("level",),
    "corrections": (),
    "correction": ("title",),
    "feeds": (),
    "whole": (),
    "topics": (),
    "countries": (),
    "pairs": (),
    "crossings": (),
    "sources": (),
    "perspectives": (),
    "languages": (),
}
"""Every word, and the places in it that are filled in."""

_PLACE: Final = re.compile(r"\{(\w*)\}")


class FeedLabels(Struct, frozen=True, array_like=True):
    """The words of one language, by their keys without PREFIX; all of them, or the language is not there at all."""

    lang: str
    texts: tuple[tuple[str, str], ...]


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the names of the places in a text, in order; a brace that belongs to none counts as one without a name."""
    stray = _PLACE.sub("", text)
    return (*sorted(_PLACE.findall(text)), *("" for char in stray if char in "{}"))


class FeedLabelFormatter:
    """Says the words of one language, named by `lang`."""

    def __init__(self, words: FeedLabels) -> None:
        self.lang = words.lang
        self._texts = dict(words.texts)

    def say(self, key: str, **values: object) -> str:
        """Return a text with its places filled in; nothing can be asked of a value."""
        return _PLACE.sub(lambda location: str(values[location[1]]), self._texts[key])

    def html(self, key: str, **values: object) -> Markup:
        """Return a text as HTML, escaped; a value that is HTML stays so."""
        return Markup(_PLACE.sub(lambda location: escape(values[location[1]]), escape(self._texts[key])))  # noqa: S704
