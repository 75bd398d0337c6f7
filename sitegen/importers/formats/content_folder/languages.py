"""The languages of texts by the names of their files: `name.ja.md` is the Japanese version of `name.md`."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from sitegen.config.model import Config
from sitegen.importers.formats.content_folder.dialects import Dialect
from sitegen.importers.formats.content_folder.settings import SiteSettings

_NAMES_HAVE_LANGUAGES: Final = frozenset({"hugo", "zola", "nikola", "eleventy", "astro", "markdown"})


def split_language(stem: str, settings: SiteSettings, dialect: Dialect, config: Config) -> tuple[str, str]:
    """Return the name of a file without suffix and language, and the language; empty if the name has none.

    Languages are those of the old site, or of the digest if the old site names none.
    """
    base, _, suffix = stem.rpartition(".")
    if not base or dialect.name not in _NAMES_HAVE_LANGUAGES:
        return stem, ""
    known = [name for name, _ in settings.languages] or [*config.locales]
    language = next((name for name in known if name.casefold() == suffix.casefold()), "")
    return (base, language) if language else (stem, "")


def suffixed_names(folder: Path, settings: SiteSettings, dialect: Dialect, config: Config) -> frozenset[str]:
    """Return the names of the texts in a folder of which a file has a language in its name."""
    split = (split_language(stem, settings, dialect, config) for stem in _stems(folder))
    return frozenset((folder.name if base == "index" else base) for base, language in split if language)


@lru_cache(maxsize=64)
def _stems(folder: Path) -> tuple[str, ...]:
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return ()
    return tuple(name.rpartition(".")[0] for name in names if name.count(".") > 1)
