"""Names of the files and folders of a project."""

import re
from pathlib import Path
from typing import Final

from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.errors import ExternalError

CONFIG_NAME: Final = "site.yaml"
CONTENT_ROOT: Final = "content"
ARTICLES: Final = f"{CONTENT_ROOT}/articles"
PAGES: Final = f"{CONTENT_ROOT}/pages"
OUTPUT: Final = "output"


def missing_config_error(path: str = CONFIG_NAME) -> Diagnostics:
    """Return the diagnostic for a folder without `site.yaml`."""
    diagnostics = Diagnostics()
    diagnostics.error(
        "config-missing",
        SourceLocation(path),
        "there is no site.yaml in this folder",
        hint="change to the digest's folder, name it with -C, or create one with `sitegen init DIR`",
    )
    return diagnostics


_ARTICLE: Final = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z0-9]+)*/)?articles/([^/]+)/index\.html")


def article_slug(path: str) -> str | None:
    """Return the slug of the article whose page is `path`, relative to the site's folder; None for any other page."""
    match = _ARTICLE.fullmatch(path)
    return None if match is None else match[1]


def read_bytes(path: str, file: Path | str) -> bytes:
    """Return the bytes of `file`. Raises ExternalError that names it by its project path `path`."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - called ten thousand times a build; Path.open is slower
            return stream.read()
    except OSError as error:
        raise ExternalError(f"cannot read {path}: {error.strerror}") from error
