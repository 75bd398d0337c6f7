"""Names of the files and folders of a project, and what is said of a folder that is none."""

import re
from typing import Final

from sitegen.diagnostics import Findings, Place

CONFIG_NAME: Final = "site.yaml"
CONTENT_ROOT: Final = "content"
ARTICLES: Final = f"{CONTENT_ROOT}/articles"
PAGES: Final = f"{CONTENT_ROOT}/pages"
OUTPUT: Final = "output"


def missing_config(path: str = CONFIG_NAME) -> Findings:
    """Return the finding for a folder that is no project."""
    findings = Findings()
    findings.error(
        "config-missing",
        Place(path),
        "there is no site.yaml here, so this is not a digest",
        hint="go to the digest's folder, name it with -C, or make one with `sitegen init DIR`",
    )
    return findings


_ARTICLE: Final = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z0-9]+)*/)?articles/([^/]+)/index\.html")


def article_slug(path: str) -> str | None:
    """Return the slug of the article whose page is written to `path`, below the site's folder; None for any other."""
    match = _ARTICLE.fullmatch(path)
    return None if match is None else match[1]
