"""Articles that the project already has, as far as an import needs them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitegen.config.model import ContentSchema
from sitegen.content.articles import read_article
from sitegen.content.pages import translated_file
from sitegen.content.slugs import folded_path
from sitegen.importers.article_file import import_hash
from sitegen.importers.matching import MatchKey, match_key
from sitegen.paths import ARTICLES

_HEAD_BYTES: Final = 64 * 1024
_FRONT_MATTER: Final = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n.*?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)
_SLUG: Final = re.compile(r"""^["']?slug["']?[ \t]*:[ \t]*["']?([^\s"'#]+)""", re.MULTILINE)
_ID: Final = re.compile(r"""^id:[ \t]*["']?([0-9a-z][0-9a-z-]{7,63})""", re.MULTILINE)


class ExistingArticle(Struct, frozen=True):
    """An article's file.

    `key` is None if the front matter is not valid. `imported_sha256` is the hash of the input, None for an article that
    was not imported. `is_unedited` is true if the file is still as the import wrote it.
    """

    path: str
    id: str
    key: MatchKey | None
    imported_sha256: str | None = None
    is_unedited: bool = False


def existing_articles(root: Path, schema: ContentSchema) -> tuple[ExistingArticle, ...]:
    """Return every article in content/articles, sorted by path, without translations."""
    paths = sorted(path.relative_to(root).as_posix() for path in _markdown_files(root))
    return tuple(read_existing(root, path, schema) for path in paths if translated_file(path) is None)


def read_existing(root: Path, path: str, schema: ContentSchema) -> ExistingArticle:
    """Read one article's file. Of a file that is not valid, only the id is known; it is empty if there is none."""
    try:
        data = (root / path).read_bytes()
    except OSError:
        return ExistingArticle(path, "", None)
    head = _FRONT_MATTER.match(data)
    article = read_article(path.removesuffix(".new"), head[0], schema).article if head else None
    if article is None:
        match = _ID.search(data.decode("utf-8", "replace"))
        return ExistingArticle(path, match[1] if match else "", None)
    front, imported = article.front, article.front.imported
    if imported is None:
        return ExistingArticle(path, front.id, match_key(front))
    is_unedited = import_hash(data, imported.digest) == imported.digest
    return ExistingArticle(path, front.id, match_key(front), imported.sha256, is_unedited)


def taken_slugs(root: Path) -> set[str]:
    """Return the slugs of all articles and the stems of their file names, folded for comparison."""
    taken: set[str] = set()
    for path in _markdown_files(root):
        taken.add(folded_path(path.name.removesuffix(".md")))
        try:
            with path.open("rb") as stream:
                head = stream.read(_HEAD_BYTES).decode("utf-8", "replace")
        except OSError:
            continue
        taken.update(folded_path(slug) for slug in _SLUG.findall(head))
    return taken


def _markdown_files(root: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(root / ARTICLES):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if name.endswith(".md") and not name.startswith("."))
