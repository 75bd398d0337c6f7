"""Texts that a generator does not publish because of the path of their file."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Final

from sitegen.importers.fields import texts
from sitegen.importers.formats.content_folder.dialects import read_config_file
from sitegen.importers.formats.content_folder.permalinks import glob
from sitegen.importers.formats.content_folder.settings import SiteSettings, jekyll_collection, jekyll_type
from sitegen.importers.values.visibility import TRUE

_QUANTIFIER: Final = re.compile(r"(?<!\\)[*+{]")
_MAX_QUANTIFIERS: Final = 3
"""Python tries the ways to match a regular expression one after the other; Hugo's engine does not."""


def exclusion(settings: SiteSettings, file: Path) -> str:
    """Return the reason why a generator does not publish a file with this path; empty if it does."""
    dialect, path = settings.dialect.name, file.relative_to(settings.root).as_posix()
    parts = path.split("/")
    if dialect == "astro" and any(part.startswith("_") for part in parts):
        return "Astro does not publish its file"
    if dialect == "jekyll":
        return _jekyll_exclusion(settings, file, parts)
    if dialect == "hugo" and not file.name.startswith("index.") and _is_in_bundle(file.parent, settings.root):
        return "Hugo does not publish it as a page: its folder has an index file"
    for key, matches in _LISTS.get(dialect, {}).items():
        if any(matches(pattern, path) for pattern in texts_of(settings, key)):
            return f"the old site has its path in {key}"
    if dialect == "eleventy":
        lines = (read_config_file(settings.root / ".eleventyignore") or "").splitlines()
        patterns = (line.strip().lstrip("/") for line in lines if not line.startswith(("#", "!")))
        if any(_is_below(pattern, path) or _is_below(pattern, file.name) for pattern in patterns if pattern):
            return "the old site has its path in .eleventyignore"
    return ""


@lru_cache(maxsize=4096)
def _is_in_bundle(folder: Path, root: Path) -> bool:
    """Whether a folder, or one that it is in, is a leaf bundle of Hugo, whose other texts are resources."""
    if folder == root or not folder.is_relative_to(root):
        return False
    is_bundle = any(path.suffix in {".md", ".html"} for path in folder.glob("index.*"))
    return is_bundle or _is_in_bundle(folder.parent, root)


def _jekyll_exclusion(settings: SiteSettings, file: Path, parts: list[str]) -> str:
    """Jekyll publishes a collection only with `output`, and other files that begin with `_` only with `include`."""
    if "_drafts" in file.parts or (parts[-1].startswith("_") and not _is_included(settings, parts)):
        return "Jekyll does not publish its file"
    if _is_included(settings, parts):
        return ""
    if any(_is_below(pattern, "/".join(parts)) for pattern in texts_of(settings, "exclude")):
        return "the old site has its path in exclude"
    kind = jekyll_type(parts[:-1])
    if not settings.is_known or kind in {"posts", "pages"}:
        return ""
    is_published = str(jekyll_collection(settings, kind).get("output")).casefold() in TRUE
    return "" if is_published else f"Jekyll does not publish the collection {kind!r}, which has no output: true"


def _is_included(settings: SiteSettings, parts: list[str]) -> bool:
    """Whether `include`, which has priority over `exclude`, has a path."""
    return any(_is_below(pattern, "/".join(parts)) for pattern in texts_of(settings, "include"))


def texts_of(settings: SiteSettings, key: str) -> list[str]:
    """Return the texts in a list of a configuration; one without a list is one text."""
    value = settings.values.get(key)
    return [value] if isinstance(value, str) and value else texts(value) if isinstance(value, list | tuple) else []


def _is_below(pattern: str, path: str) -> bool:
    """Whether a path, or a folder that it is in, has the start or the form of a pattern, as in Jekyll."""
    pattern = pattern.removeprefix("./").lstrip("/")
    folders = [path[: match.start()] for match in re.finditer("/", path)]
    return bool(pattern) and (
        path.startswith(pattern) or any(fnmatchcase(item, pattern.rstrip("/")) for item in (*folders, path))
    )


def _matches_expression(pattern: str, path: str) -> bool:
    """Whether a path has a match of a regular expression; one that cannot be searched for matches, to be safe."""
    if len(_QUANTIFIER.findall(pattern)) > _MAX_QUANTIFIERS:
        return True
    try:
        return re.search(pattern, f"/{path}") is not None
    except (re.error, RecursionError, OverflowError):
        return True


def _matches_below_content(pattern: str, path: str) -> bool:
    path = path.removeprefix("content/")
    return _is_below(pattern, path) or glob(pattern)(path) is not None


def _matches_name(pattern: str, path: str) -> bool:
    return any(fnmatchcase(part, pattern) for part in path.split("/"))


_LISTS: Final[dict[str, dict[str, Callable[[str, str], bool]]]] = {
    "hugo": {"ignorefiles": _matches_expression},
    "zola": {"ignored_content": _matches_below_content},
    "pelican": {
        "ignore_files": _matches_name,
        "article_excludes": _matches_below_content,
    },
}
"""Keys of configurations, in lower case, with lists of paths that are not published."""
