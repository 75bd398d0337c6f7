"""The labels of feeds, which a theme has in each of its languages."""

import re
from typing import Final

PREFIX: Final = "feed_"
"""The prefix of feed labels among the labels of a theme."""

PLACEHOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "machine_summary": ("text",),
    "mixed_summary": ("text",),
    "reviewed_machine_summary": ("text",),
    "reviewed_mixed_summary": ("text",),
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
    "colon": (),
    "stop": (),
    "space": (),
    "importance": ("level",),
    "corrections": (),
    "correction": ("title",),
    "upcoming": (),
    "event": ("date", "text"),
    "announced": ("title",),
    "changed": (),
    "editions": (),
    "edition": ("date",),
    "machine_reading": ("name",),
    "mixed_reading": ("name",),
    "reviewed_machine_reading": ("name",),
    "reviewed_mixed_reading": ("name",),
    "watch": (),
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


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the sorted names of the placeholders in a text; a stray brace counts as one without a name."""
    stray = _PLACEHOLDER.sub("", text)
    return (*sorted(_PLACEHOLDER.findall(text)), *("" for char in stray if char in "{}"))
