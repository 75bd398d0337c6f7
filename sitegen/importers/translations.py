"""Versions of an article in several languages, each with a file of its own in the old site: they become one article."""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from msgspec.structs import asdict, replace

from sitegen.content.frontmatter import FrontMatter, translation_values
from sitegen.content.placeholders import TODO
from sitegen.importers.existing import missing_values
from sitegen.importers.imported_article import DATE_OF_FILE, INCOMPLETE, ParseResult, TranslatedText
from sitegen.importers.report import ImportReport, Outcome
from sitegen.util.dates import PartialDate


def join_translations(articles: Sequence[ImportReport], locales: Sequence[str], day: PartialDate) -> list[ImportReport]:
    """Return the articles with those of each translation group as one. The others are its translations, and skipped.

    The original is the version in the default language of the old site, or in the first of `locales` that has one.
    Only versions that readers could see at the same time are joined, because a translation cannot be a draft. A version
    without a date has that of the original, or is refused.
    """
    joined = list(articles)
    for group in _groups(joined, lambda result: result.translation_group):
        versions = sorted((joined[position] for position in group), key=lambda article: _rank(article, locales))
        date = next((item.front.date for item in versions if item.front and not item.is_undated), None)
        for position in group:
            joined[position] = _dated(joined[position], date)
    for group in _groups(joined, lambda result: (result.translation_group, _visibility(result, day))):
        first = min(group, key=lambda position: _rank(joined[position], locales))
        for position in group:
            if position != first:
                joined[first], joined[position] = _join(joined[first], joined[position])
    return joined


def _groups(articles: Sequence[ImportReport], key: Callable[[ParseResult], Hashable]) -> Iterable[Sequence[int]]:
    """Return the positions of the versions that are not refused, in groups with the same key."""
    groups: dict[Hashable, list[int]] = {}
    for position, article in enumerate(articles):
        if article.translation_group and article.front is not None:
            groups.setdefault(key(article), []).append(position)
    return groups.values()


def _dated(article: ImportReport, date: PartialDate | None) -> ImportReport:
    """Return a version with the date of another one if it has none; without either, it is refused if it is public."""
    if article.front is None or not article.is_undated:
        return article
    if date is not None:
        fields = (*article.fields, ("date", f"{date}, that of another version"))
        return replace(article, front=replace(article.front, date=date), fields=fields)
    if article.is_private:
        return article.warned("missing-date", DATE_OF_FILE, "set the date in the file")
    hint = "add a date to the input, or set one for all: --default date=2026-07-03"
    refused = replace(_without_incomplete(article), front=None, missing=(*article.missing, "date"))
    return refused.failed("missing-date", "the input has no date", hint)


def _without_incomplete(article: ImportReport) -> ImportReport:
    """Return an article without the warning that it is a draft, because it does not become one."""
    return replace(article, diagnostics=tuple(item for item in article.diagnostics if item.code != INCOMPLETE))


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


def _differences(front: FrontMatter, first: FrontMatter) -> dict[str, Any]:
    """Return the values of a translation that are not those of the original, except those that it lacks."""
    values = {
        "date": "" if front.date == first.date else str(front.date),
        "updated": "" if front.updated in {None, first.updated} else str(front.updated),
        "topics": [] if {*front.topics} <= {*first.topics} else [*front.topics],
        "countries": [] if {*front.countries} <= {*first.countries} else [*front.countries],
        "importance": "" if front.importance == first.importance else front.importance,
        "source": "" if front.source.url in {None, first.source.url} else front.source.url,
    }
    return {key: value for key, value in values.items() if value and key not in missing_values(front)}


def _join(original: ImportReport, article: ImportReport) -> tuple[ImportReport, ImportReport]:
    """Return an article with another one as its translation, and that other one, which is skipped.

    What the translation has besides that differs is kept in `extra`. Both are unchanged if the other one has no
    language, title or summary of its own.
    """
    first, front = original.front, article.front
    if first is None or front is None or {"title", "summary"} & {*missing_values(front)}:
        return original, article
    if front.lang in {first.lang, *(text.lang for text in original.translations)}:
        return original, article
    values = translation_values("", front.title, front.summary, front.generated, front.reviewed)
    text = TranslatedText(front.lang, {key: value for key, value in values.items() if key != "id"}, article.body)
    extra: dict[str, Any] = {**(first.extra or {})}
    own = {**(front.extra or {}), **_differences(front, first)}
    left = {key: value for key, value in own.items() if key != TODO and extra.get(key) != value}
    extra |= {front.lang: left} if left else {}
    joined = replace(
        original,
        front=replace(first, aliases=tuple(dict.fromkeys((*first.aliases, *front.aliases))), extra=extra or None),
        fields=(*original.fields, ("translation", f"{front.lang}, from {article.name}")),
        addresses=tuple(dict.fromkeys((*original.addresses, *article.addresses))),
        pictures=(*original.pictures, *article.pictures),
        translations=(*original.translations, text),
        sha256=hashlib.sha256(f"{original.sha256}{article.sha256}".encode()).hexdigest(),
    )
    nothing = asdict(ParseResult(line=article.line, diagnostics=article.diagnostics))
    skipped = replace(article, **nothing | {"fields": (("translation of", original.name),)})
    return joined, _without_incomplete(skipped).finished(Outcome.SKIPPED)
