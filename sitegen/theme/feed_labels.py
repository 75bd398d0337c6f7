"""The labels of feeds, which a theme has in each of its languages."""

import re
from typing import Final

from markupsafe import Markup
from msgspec import Struct

PREFIX: Final = "feed_"
"""The prefix of feed labels among the labels of a theme."""

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
"""The placeholders of every label."""

_PLACEHOLDER: Final = re.compile(r"\{(\w*)\}")


class FeedLabels(Struct, frozen=True, array_like=True):
    """All labels of one language, by their keys without PREFIX."""

    lang: str
    texts: tuple[tuple[str, str], ...]


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the sorted names of the placeholders in a text; a stray brace counts as one without a name."""
    stray = _PLACEHOLDER.sub("", text)
    return (*sorted(_PLACEHOLDER.findall(text)), *("" for char in stray if char in "{}"))


class FeedLabelFormatter:
    """Formats the labels of the language `lang`."""

    def __init__(self, labels: FeedLabels) -> None:
        self.lang = labels.lang
        self._texts = dict(labels.texts)

    def say(self, key: str, **values: object) -> str:
        """Return a label with its placeholders filled in; attributes of values are not accessible."""
        return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), self._texts[key])

    def html(self, key: str, **values: str) -> Markup:
        """Return a label as escaped HTML; a value that is `Markup` is not escaped."""
        parts = _PLACEHOLDER.split(self._texts[key])  # text and names in turn
        return Markup("").join([values[part] if index % 2 else part for index, part in enumerate(parts)])
