"""Versions of an article in several languages, each with a file of its own in the old site: they become one article."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from sitegen.content.frontmatter import FrontMatter, translation_values
from sitegen.content.placeholders import TODO
from sitegen.diagnostics import Diagnostics
from sitegen.importers.imported_article import INCOMPLETE, ParseResult, TranslatedText
from sitegen.importers.report import ImportReport, Outcome
from sitegen.util.dates import PartialDate


def join_translations(articles: Iterable[ImportReport], locales: Sequence[str], day: PartialDate) -> None:
    """Make the articles of each translation group one article. The others become its translations, which are skipped.

    The original is the version in the default language of the old site, or in the first of `locales` that has one. A
    version that readers could not see stays an article of its own, because a translation cannot be a draft.
    """
    groups: dict[str, list[ImportReport]] = {}
    for article in articles:
        if article.result.front is not None and article.result.translation_group:
            groups.setdefault(article.result.translation_group, []).append(article)
    for group in groups.values():
        original = min(group, key=lambda article: _rank(article.result, locales))
        for article in group:
            if article is not original and _is_translation(article.result, original.result, day):
                _join(original, article)


def _rank(result: ParseResult, locales: Sequence[str]) -> tuple[bool, int]:
    lang = result.front.lang if result.front is not None else ""
    return result.is_translation, locales.index(lang) if lang in locales else len(locales)


def _is_translation(result: ParseResult, original: ParseResult, day: PartialDate) -> bool:
    front, first = result.front, original.front
    if front is None or first is None or (result.is_private and not original.is_private):
        return False
    used = {first.lang, *(text.lang for text in original.translations)}
    todo = _todo(front)
    return (
        front.lang not in used
        and not {"title", "summary"} & {*todo}
        and front.publish in {None, first.publish}
        and front.expire in {None, first.expire}
        and front.date.day <= max(first.date.day, day.day)
    )


def _todo(front: FrontMatter) -> Sequence[str]:
    return tuple((front.extra or {}).get(TODO, ()))


def _join(original: ImportReport, article: ImportReport) -> None:
    """Make an article a translation of another one. What it has besides that differs is kept in `extra`."""
    first, front = original.result.front, article.result.front
    if first is None or front is None:
        return
    values = translation_values("", front.title, front.summary, front.generated, front.reviewed)
    text = TranslatedText(front.lang, {key: value for key, value in values.items() if key != "id"}, article.result.body)
    extra: dict[str, Any] = {**(first.extra or {})}
    left = {key: value for key, value in (front.extra or {}).items() if key != TODO and extra.get(key) != value}
    extra |= {front.lang: left} if left else {}
    result = original.result
    original.result = replace(
        result,
        front=replace(first, aliases=tuple(dict.fromkeys((*first.aliases, *front.aliases))), extra=extra or None),
        fields=(*result.fields, ("translation", f"{front.lang}, from {article.name}")),
        addresses=tuple(dict.fromkeys((*result.addresses, *article.result.addresses))),
        pictures=(*result.pictures, *article.result.pictures),
        translations=(*result.translations, text),
    )
    original.sha256 = hashlib.sha256(f"{original.sha256}{article.sha256}".encode()).hexdigest()
    article.diagnostics = Diagnostics(item for item in article.diagnostics if item.code != INCOMPLETE)
    article.result = ParseResult(None, fields=(("translation of", original.name),))
    article.outcome = Outcome.SKIPPED
