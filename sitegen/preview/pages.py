"""Answers to requests: a file of the preview's site, a page with the reload script, or a redirect."""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from html import escape, unescape
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from msgspec import Struct

from sitegen.diagnostics import SitegenError
from sitegen.util.media_types import content_type
from sitegen.util.paths import read_bytes

_HEAD_END: Final = re.compile(rb"</head\s*>", re.IGNORECASE)
_LINK: Final = re.compile(rb"<link\b[^>]*>", re.IGNORECASE)
_STYLESHEET: Final = re.compile(rb"""\brel\s*=\s*["']?\s*stylesheet\b""", re.IGNORECASE)
_HREF: Final = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_PLAIN_PAGE: Final = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{text}</p></body></html>"
)


class Page(Struct, frozen=True):
    """An HTML page as it is in the site; `has_problems` marks a page of the preview that lists the problems itself."""

    status: int
    body: bytes
    has_problems: bool = False


def resolve(site: Path, static: Path, prefix: str, path: str) -> str | Path | Page:
    """Return the answer to a request: the escaped location of a redirect, a file, or a page.

    `static` is the folder of the files that are published as they are: their pages are files. `prefix` is the path of
    `base_url` without its last slash. `path` begins with a slash and is not escaped. Paths and symlinks that lead out
    of `site`, and folders without an index page, are answered with the 404 page of the locale.
    """
    if not path.startswith(f"{prefix}/"):
        return quote(f"{prefix}/") if path in {"/", prefix} else not_found(site)
    local = path[len(prefix) + 1 :]
    try:
        file = _inside(site, local)
        if file is not None and file.is_dir():
            if local and not local.endswith("/"):
                return "/" + quote(f"{path}/").lstrip("/")  # two slashes would name another host
            file /= "index.html"
        elif local.endswith("/"):
            return not_found(site, local)
        if file is None or not file.is_file():
            return not_found(site, local)
        if not content_type(file.name).startswith("text/html") or (static / file.relative_to(site)).is_file():
            return file
        return Page(200, file.read_bytes())  # in one go, because a build may replace it between two reads
    except (OSError, ValueError, RuntimeError):  # an impossible name, an unreadable file, a circular symlink
        return not_found(site, local)


def _inside(site: Path, local: str) -> Path | None:
    if "\\" in local or ".." in local.split("/"):
        return None
    file = site / local
    return file if file.resolve().is_relative_to(site.resolve()) else None


def not_found(site: Path, local: str = "") -> Page:
    """Return the 404 page of the locale of a path below the site, or of the site, or a plain one without any."""
    try:
        file = _inside(site, f"{local.partition('/')[0]}/404.html")
        name = "404.html" if file is None or not file.is_file() else f"{file.parent.name}/404.html"
        return Page(404, read_bytes(name, site / name))
    except (SitegenError, OSError, ValueError, RuntimeError):
        return plain_page(404, "Page not found", "There is no page at this address yet.")


def plain_page(status: int, title: str, text: str) -> Page:
    """Return a page of the preview with a heading and one paragraph."""
    return Page(status, _PLAIN_PAGE.format(title=escape(title), text=escape(text)).encode())


def badges_on(page: Page, path: str, badges: Mapping[str, str]) -> dict[str, str]:
    """Return the badges of the page at `path` and of the pages that it links to, by path."""
    if not badges:
        return {}
    hrefs = {b"".join(groups).decode("utf-8", "replace") for groups in _HREF.findall(page.body)}
    paths = {path} | {unquote(unescape(href)).partition("#")[0] for href in hrefs}
    return {name: badges[name] for name in sorted(paths & badges.keys())}


def page_version(page: Page, badges: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the version of a page with the badges that it shows: a hash without the URLs of stylesheets, and these."""
    styles: list[str] = []

    def remove_style_url(link: re.Match[bytes]) -> bytes:
        href = _HREF.search(link[0])
        if href is None or not _STYLESHEET.search(link[0]):
            return link[0]
        styles.append(b"".join(group or b"" for group in href.groups()).decode("utf-8", "replace"))
        return link[0][: href.start()] + link[0][href.end() :]

    page_hash = blake2b(_LINK.sub(remove_style_url, page.body), digest_size=12)
    page_hash.update(json.dumps([page.status, page.has_problems, sorted(badges.items())]).encode())
    return page_hash.hexdigest(), styles


def with_script(page: Page, badges: Mapping[str, str], prefix: str) -> bytes:
    """Return the bytes of a page with the reload script at the end of its head."""
    version, styles = page_version(page, badges)
    state = {"page": version, "styles": styles, "badges": badges, "hasProblems": page.has_problems}
    data = escape(json.dumps(state, ensure_ascii=False))
    script = f'<script async src="{quote(prefix)}/livereload.js" data-state="{data}"></script>'.encode()
    head_end = _HEAD_END.search(page.body)
    position = head_end.start() if head_end is not None else len(page.body)
    return page.body[:position] + script + page.body[position:]
