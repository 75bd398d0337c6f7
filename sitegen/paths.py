"""Names of the files and folders of a project, and what is said of a folder that is none."""

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
    """Return the finding for a folder that is no project."""
    diagnostics = Diagnostics()
    diagnostics.error(
        "config-missing",
        SourceLocation(path),
        "there is no site.yaml here, so this is not a digest",
        hint="go to the digest's folder, name it with -C, or make one with `sitegen init DIR`",
    )
    return diagnostics


_ARTICLE: Final = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z0-9]+)*/)?articles/([^/]+)/index\.html")


def article_slug(path: str) -> str | None:
    """Return the slug of the article whose page is written to `path`, below the site's folder; None for any other."""
    match = _ARTICLE.fullmatch(path)
    return None if match is None else match[1]


def read_bytes(path: str, file: Path | str) -> bytes:
    """Return the bytes of `file`. Raises SurroundingsError that names it by its project path `path`."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - called ten thousand times a build; Path.open is slower
            return stream.read()
    except OSError as error:
        raise ExternalError(f"cannot read {path}: {error.strerror}") from error
