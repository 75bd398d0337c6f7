"""Identity of articles: the permanent id of a new one, and whether two are the same or nearly so."""

import hashlib
import re
from collections.abc import Container
from datetime import date
from difflib import SequenceMatcher
from typing import Final

from sitegen.content.frontmatter import FrontMatter
from sitegen.content.slugs import folded_path
from sitegen.util.cldr import normalize_label

_ID_IN_NAME: Final = re.compile(r"(?<![0-9A-Za-z])([0-9a-fA-F]{16})$")
_MIN_SIMILARITY: Final = 0.9

MatchKey = tuple[str, date, str]
"""Normalized title, day and normalized name of the source. Articles with equal keys are the same article."""


def match_key(front: FrontMatter) -> MatchKey:
    """Return the key by which an article is recognized without its id."""
    return normalize_label(front.title), front.date.day, normalize_label(front.source.name)


def article_id(front: FrontMatter, stem: str) -> str:
    """Return the id of a new article: 16 hexadecimal digits.

    Those at the end of `stem`, the input's file name; else the first of the SHA-256 of the source's URL; else of the
    match key, with `|` between its parts.
    """
    if match := _ID_IN_NAME.search(stem):
        return match[1].lower()
    key = front.source.url or "|".join(map(str, match_key(front)))
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def are_similar(first: str, second: str) -> bool:
    """Whether two normalized titles are nearly the same."""
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    ratios = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # upper bounds first: they are fast
    return all(ratio() > _MIN_SIMILARITY for ratio in ratios)


def unique_slug(base: str, taken: Container[str]) -> str:
    """Return `base`, with a number if needed, so that its folded form is not in `taken`."""
    folded = folded_path(base)
    if folded not in taken:
        return base
    number = 2
    while f"{folded}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
