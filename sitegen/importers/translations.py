"""Versions of an article in several languages, each with a file of its own in the old site: they become one article."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from sitegen.content.frontmatter import FrontMatter, translation_values
from sitegen.content.placeholders import TODO
from sitegen.diagnostics import Diagnostics
from sitegen.importers.imported_article import DATE_OF_FILE, INCOMPLETE, ParseResult, TranslatedText
from sitegen.importers.report import ImportReport, Outcome
from sitegen.util.dates import PartialDate


def join_translations(articles: Iterable[ImportReport], locales: Sequence[str], day: PartialDate) -> None:
    """Make the articles of each translation group one article. The others become its translations, which are skipped.

    The original is the version in the default language of the old site, or in the first of `locales` that has one.
    Only versions that readers could see at the same time are joined, because a translation cannot be a draft. A version
    without a date has that of the original, or is refused.
    """
    versions = [article for article in articles if article.result.translation_group]
    for group in _groups(versions, lambda result: result.translation_group):
        _complete_dates(sorted(group, key=lambda article: _rank(article.result, locales)))
    for group in _groups(versions, lambda result: (result.translation_group, _visibility(result, day))):
        original = min(group, key=lambda article: _rank(article.result, locales))
        for article in group:
            if article is not original and _is_translation(article.result, original.result):
                _join(original, article)


def _groups(
    articles: Iterable[ImportReport], key: Callable[[ParseResult], Hashable]
) -> Iterable[Sequence[ImportReport]]:
    """Return the articles, except refused ones, in groups with the same key."""
    groups: dict[Hashable, list[ImportReport]] = {}
    for article in articles:
        if article.result.front is not None:
            groups.setdefault(key(article.result), []).append(article)
    return groups.values()


def _complete_dates(group: Sequence[ImportReport]) -> None:
    """Give the versions without a date that of the first one with a date; without any, refuse those that are public."""
    date = next((item.result.front.date for item in group if item.result.front and not item.result.is_undated), None)
    for article in group:
        result = article.result
        if result.front is None or not result.is_undated:
            continue
        if date is not None:
            fields = (*result.fields, ("date", f"{date}, that of another version"))
            article.result = replace(result, front=replace(result.front, date=date), fields=fields)
        elif result.is_private:
            hint = "set the date in the file"
            article.diagnostics.warning("missing-date", article.location, DATE_OF_FILE, hint=hint)
        else:
            hint = "add a date to the input, or set one for all: --default date=2026-07-03"
            article.diagnostics = Diagnostics(item for item in article.diagnostics if item.code != INCOMPLETE)
            article.diagnostics.error("missing-date", article.location, "the input has no date", hint=hint)
            article.result = replace(result, front=None, missing=(*result.missing, "date"))


def _visibility(result: ParseResult, day: PartialDate) -> Hashable:
    """Return whether, from which day and until which day readers can see an article; a day in the past is none."""
    front = result.front
    if front is None or result.is_private:
        return None
    start = (front.publish or front.date).day
    return start if start > day.day else "", front.expire.day if front.expire is not None else ""


def _rank(result: ParseResult, locales: Sequence[str]) -> tuple[bool, int]:
    lang = result.front.lang if result.front is not None else ""
    return result.is_translation, locales.index(lang) if lang in locales else len(locales)


def _is_translation(result: ParseResult, original: ParseResult) -> bool:
    front, first = result.front, original.front
    if front is None or first is None:
        return False
    used = {first.lang, *(text.lang for text in original.translations)}
    return front.lang not in used and not {"title", "summary"} & {*_todo(front)}


def _todo(front: FrontMatter) -> Sequence[str]:
    return tuple((front.extra or {}).get(TODO, ()))


def _differences(result: ParseResult, first: FrontMatter) -> dict[str, Any]:
    """Return the values of a translation that are not those of the original, except those that it lacks."""
    front = result.front
    if front is None:
        return {}
    values = {
        "date": "" if front.date == first.date else str(front.date),
        "updated": "" if front.updated in {None, first.updated} else str(front.updated),
        "topics": [] if {*front.topics} <= {*first.topics} else [*front.topics],
        "countries": [] if {*front.countries} <= {*first.countries} else [*front.countries],
        "importance": "" if front.importance == first.importance else front.importance,
        "source": "" if front.source.url in {None, first.source.url} else front.source.url,
    }
    return {key: value for key, value in values.items() if value and key not in _todo(front)}


def _join(original: ImportReport, article: ImportReport) -> None:
    """Make an article a translation of another one. What it has besides that differs is kept in `extra`."""
    first, front = original.result.front, article.result.front
    if first is None or front is None:
        return
    values = translation_values("", front.title, front.summary, front.generated, front.reviewed)
    text = TranslatedText(front.lang, {key: value for key, value in values.items() if key != "id"}, article.result.body)
    extra: dict[str, Any] = {**(first.extra or {})}
    own = {**(front.extra or {}), **_differences(article.result, first)}
    left = {key: value for key, value in own.items() if key != TODO and extra.get(key) != value}
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
