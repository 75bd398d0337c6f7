"""Who an article is: its permanent id, and whether two of them are the same or nearly so."""

import hashlib
import re
from collections.abc import Container
from datetime import date
from difflib import SequenceMatcher
from typing import Final

from sitegen.content.slugs import folded_path
from sitegen.importers.imported_article import Draft
from sitegen.util.cldr import normalize_label

_ID_IN_NAME = re.compile(r"(?<![0-9A-Za-z])([0-9a-fA-F]{16})$")
_ID_LENGTH: Final = 16
_NEAR: Final = 0.9

Likeness = tuple[str, date, str]
"""Folded title, day and folded source name: two articles that have the same are one."""


def likeness(title: str, day: date, source: str) -> Likeness:
    """Return what an article without an id is known by."""
    return normalize_label(title), day, normalize_label(source)


def identifier(stem: str, draft: Draft) -> str:
    """Return the id of a new article: 16 hexadecimal digits.

    Those at the end of the input's file name; else the first of the SHA-256 of the source's address; else those of
    folded title, day and folded source name with `|` between them.
    """
    if match := _ID_IN_NAME.search(stem):
        return match[1].lower()
    title, day, source = likeness(draft.title, draft.date.day, draft.source_name)
    key = draft.source_url or f"{title}|{day.isoformat()}|{source}"
    return hashlib.sha256(key.encode()).hexdigest()[:_ID_LENGTH]


def nearly_same(first: Likeness, second: Likeness) -> bool:
    """Whether two articles of one day have nearly the same title."""
    if first[1] != second[1]:
        return False
    matcher = SequenceMatcher(None, first[0], second[0], autojunk=False)
    return matcher.real_quick_ratio() > _NEAR and matcher.quick_ratio() > _NEAR and matcher.ratio() > _NEAR


def free_slug(base: str, taken: Container[str]) -> str:
    """Return a slug, with a number where need be, whose compared form is not in `taken`."""
    slug, number = base, 1
    while folded_path(slug) in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
