"""Links in a text, before the addresses of pages are known."""

import unicodedata
from enum import StrEnum
from functools import cache
from posixpath import join, normpath

from msgspec import Struct

from sitegen.util.feed_formats import feed_formats
from sitegen.util.paths import CONTENT_ROOT, STATIC
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS


class LinkKind(StrEnum):
    """The kind of a link's target."""

    ARTICLE = "article"
    """Another article's Markdown file, or (with an empty path) this article itself."""
    FILE = "file"
    """An image or document in the content folder."""
    PAGE = "page"
    """A page of the site, written as its path: `/topics/trade/`."""


class LinkRef(Struct, frozen=True, array_like=True):
    """An unresolved link: `path` is a project path for articles and files, a site path for pages."""

    kind: LinkKind
    path: str
    fragment: str


@cache
def _site_files() -> tuple[str, ...]:
    """Return the ends of the paths of files that a text may link to like a page."""
    return (*(f"/{entry.file_name}" for entry in feed_formats()), "/feeds.opml", "/calendar.ics")


def is_site_path(path: str) -> bool:
    """Return whether a text links by `path` to a page of the site, such as `/topics/trade/`, and not to a file."""
    return path.startswith("/") and path.endswith(("/", *_site_files()))


def target_path(path: str, folder: str) -> str:
    """Return the project path that a path in a text of a project folder names; from `content/` if it begins with /."""
    base = CONTENT_ROOT if path.startswith("/") else folder
    return unicodedata.normalize("NFC", normpath(join(base, path.lstrip("/"))))


def link_ref(path: str, fragment: str, folder: str, *, is_image: bool) -> LinkRef | None:
    """Return the target of a link in a text of a project folder; None if it is empty, or outside content/.

    `path` and `fragment` are not percent-encoded. Links to folders of files lead nowhere.
    """
    if not path:
        return LinkRef(LinkKind.ARTICLE, "", fragment) if fragment and not is_image else None
    if FORBIDDEN_CHARS.search(path) or FORBIDDEN_CHARS.search(fragment):
        return None
    if is_site_path(path) and not is_image:
        site_path = normpath(path)
        tail = "" if path.endswith(_site_files()) or site_path == "/" else "/"
        return LinkRef(LinkKind.PAGE, f"{site_path}{tail}", fragment)
    if path.endswith("/") and not is_image:
        return None
    target = target_path(path, folder)
    if not target.startswith(f"{CONTENT_ROOT}/"):
        return None
    is_article = target.endswith(".md") and not target.startswith(f"{STATIC}/")
    return LinkRef(LinkKind.ARTICLE if is_article else LinkKind.FILE, target, fragment)
