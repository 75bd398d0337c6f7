"""The machine-written parts of articles, for auditors: who wrote each, who reviewed it, whether it changed since."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.site.urls import version_url

MACHINE_AUTHORS: Final = ("ai", "mixed")
"""The values of `generated` for parts of which a machine wrote at least some, in the order of pages."""


def machine_author(authors: Mapping[str, str], part: str) -> str:
    """Return who wrote a part if a machine did (`ai`) or helped to (`mixed`), or else an empty text."""
    author = authors.get(part, "")
    return author if author in MACHINE_AUTHORS else ""


class MachinePart(Struct, frozen=True):
    """A part of a text: `part` is a key of `generated`, `by` is `ai` or `mixed`.

    `reviewed_by` is as it was written, `reviewed_at` the day; both are empty without a review. `changed_since` is true
    if title, summary or text have changed since, None if that is not known.
    """

    file: str
    id: str
    url: str
    lang: str
    title: str
    part: str
    by: str
    reviewed_by: str = ""
    reviewed_at: str = ""
    changed_since: bool | None = None


def machine_parts(articles: Iterable[Article], config: Config) -> Iterator[MachinePart]:
    """Yield the machine-written parts of articles and their translations, by file."""
    for article in sorted(articles, key=lambda article: article.path):
        for version in article.versions:
            yield from version_parts(version, article.front.id, version_url(config, article, version))


def version_parts(version: LocalizedVersion, identifier: str, url: str) -> Iterator[MachinePart]:
    """Yield the machine-written parts of one file, in the order in which they are written."""
    review = version.reviewed
    by, at = ("", "") if review is None else (review.by, review.at.day.isoformat() if review.at else "")
    changed = None if review is None or review.of is None else review.is_outdated
    for part, author in version.generated:
        if author in MACHINE_AUTHORS:
            yield MachinePart(version.path, identifier, url, version.lang, version.title, part, author, by, at, changed)
