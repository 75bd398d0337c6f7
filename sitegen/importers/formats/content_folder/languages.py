"""The languages of texts by the names of their files: `name.ja.md` is the Japanese version of `name.md`."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from sitegen.config.model import Config
from sitegen.importers.formats.content_folder.dialects import Dialect
from sitegen.importers.formats.content_folder.settings import SiteSettings

_NAMES_HAVE_LANGUAGES: Final = frozenset({"hugo", "zola", "nikola", "eleventy", "astro", "markdown"})


def known_languages(settings: SiteSettings, config: Config) -> tuple[str, ...]:
    """Return the languages that names of files can have: those of the old site, or of the digest if it names none."""
    return tuple(name for name, _ in settings.languages) or tuple(config.locales)


def split_language(stem: str, dialect: Dialect, known: tuple[str, ...]) -> tuple[str, str]:
    """Return the name of a file without suffix and language, and the language; empty if it is not one of `known`."""
    base, _, suffix = stem.rpartition(".")
    if not base or dialect.name not in _NAMES_HAVE_LANGUAGES:
        return stem, ""
    language = next((name for name in known if name.casefold() == suffix.casefold()), "")
    return (base, language) if language else (stem, "")


@lru_cache(maxsize=64)
def suffixed_names(folder: Path, dialect: Dialect, known: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the texts in a folder of which a file has a language in its name."""
    try:
        names = [path.stem for path in folder.iterdir()]
    except OSError:
        return frozenset()
    split = (split_language(stem, dialect, known) for stem in names)
    return frozenset((folder.name if base == "index" else base) for base, language in split if language)
