"""Attaches translations to the articles and the other texts that they translate."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion, pick_locale
from sitegen.content.documents import EditorText, Translation
from sitegen.diagnostics import Diagnostics, SourceLocation


def attach_translations(
    articles: Sequence[Article],
    texts: Sequence[EditorText],
    translations: Iterable[Translation],
    *,
    config: Config,
    files: frozenset[str],
    diagnostics: Diagnostics,
) -> tuple[list[Article], list[EditorText]]:
    """Return the articles and the texts with their translations. `files` are the paths of all files.

    Translations that do not fit to their original, or whose original does not exist, are errors in `diagnostics`.
    """
    by_original: defaultdict[str, list[Translation]] = defaultdict(list)
    for translation in sorted(translations, key=lambda translation: translation.path):
        by_original[translation.original].append(translation)

    def versions(original: LocalizedVersion, identifier: str) -> tuple[LocalizedVersion, ...]:
        return _valid_versions(original, identifier, by_original[original.path], config, diagnostics)

    translated = {
        article.path: article.with_changes(translations=versions(article.original, article.front.id))
        for article in articles
        if article.path in by_original
    }
    translated_texts = {
        text.path: replace(text, translations=versions(text.original, "")) for text in texts if text.path in by_original
    }
    missing = by_original.keys() - translated.keys() - translated_texts.keys() - files
    for translation in (translation for path in sorted(missing) for translation in by_original[path]):
        message = f"this is a translation of {translation.original}, which does not exist"
        hint = "restore or rename the original, or rename this file if it is not a translation"
        diagnostics.error("no-original", SourceLocation(translation.path, 1), message, hint=hint)
    return (
        [translated.get(article.path, article) for article in articles],
        [translated_texts.get(text.path, text) for text in texts],
    )


def _valid_versions(
    original: LocalizedVersion,
    identifier: str,
    translations: Sequence[Translation],
    config: Config,
    diagnostics: Diagnostics,
) -> tuple[LocalizedVersion, ...]:
    accepted: list[LocalizedVersion] = []
    for translation in translations:
        version = translation.version
        owner = next((t for t in (original, *accepted) if t.lang.casefold() == version.lang.casefold()), None)
        if translation.id != identifier:
            message = f"the id {translation.id!r} is not that of {original.path}"
            diagnostics.error(
                "wrong-id", translation.location("id"), message, got=translation.id, allowed=(identifier,)
            )
        elif owner is not None:
            message = f"duplicate language {version.lang!r}: {owner.path} has it, too"
            diagnostics.error("duplicate-language", SourceLocation(version.path, 1), message)
        else:
            accepted.append(version)
    versions = (original, *accepted)
    used = {pick_locale(locale, versions).path for locale in config.locales}
    for version in accepted:
        if version.path not in used:
            message = f"no locale of the site shows the language {version.lang!r}"
            hint = f"add {version.lang} to `locales` in site.yaml, or delete the file"
            diagnostics.warning("not-shown", SourceLocation(version.path, 1), message, hint=hint)
    return tuple(accepted)
