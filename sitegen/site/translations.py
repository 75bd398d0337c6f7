"""Attaches translations to the articles and pages that they translate."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion, pick_locale
from sitegen.content.pages import StaticPage, Translation
from sitegen.diagnostics import Diagnostics, SourceLocation


class TranslationIndex:
    """Translations by the path of their original."""

    def __init__(
        self, config: Config, files: frozenset[str], translations: Iterable[Translation], diagnostics: Diagnostics
    ) -> None:
        self._locales = config.locales
        self._files = files
        self._diagnostics = diagnostics
        self._pending: dict[str, list[Translation]] = defaultdict(list)
        for translation in sorted(translations, key=lambda translation: translation.path):
            self._pending[translation.original].append(translation)

    def attach(self, article: Article) -> Article:
        """Return the article with its translations."""
        if article.path not in self._pending:
            return article
        return article.with_changes(translations=self._valid_versions(article.original, article.front.id))

    def attach_to_page(self, page: StaticPage) -> StaticPage:
        """Return the page with its translations."""
        return (
            replace(page, translations=self._valid_versions(page.original, "")) if page.path in self._pending else page
        )

    def check(self) -> None:
        """Report translations whose original does not exist."""
        for path, others in self._pending.items():
            for translation in others if path not in self._files else ():
                message = f"this is a translation of {path}, which does not exist"
                hint = f"rename the file to {path.rpartition('/')[2]} if it is not a translation"
                self._diagnostics.error("no-original", SourceLocation(translation.path, 1), message, hint=hint)

    def _valid_versions(self, original: LocalizedVersion, identifier: str) -> tuple[LocalizedVersion, ...]:
        accepted: list[LocalizedVersion] = []
        for translation in self._pending.pop(original.path):
            version = translation.version
            owner = next((t for t in (original, *accepted) if t.lang.casefold() == version.lang.casefold()), None)
            if translation.id != identifier:
                message = f"the id {translation.id!r} is not that of {original.path}"
                self._diagnostics.error(
                    "wrong-id", translation.location("id"), message, got=translation.id, allowed=(identifier,)
                )
            elif owner is not None:
                message = f"duplicate language {version.lang!r}: {owner.path} has it, too"
                self._diagnostics.error("duplicate-language", SourceLocation(version.path, 1), message)
            else:
                accepted.append(version)
        versions = (original, *accepted)
        shown = {pick_locale(locale, versions).path for locale in self._locales}
        for version in accepted:
            if version.path not in shown:
                message = f"no locale of the site shows the language {version.lang!r}"
                self._diagnostics.warning("not-shown", SourceLocation(version.path, 1), message)
        return tuple(accepted)
