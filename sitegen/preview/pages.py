"""What a request is answered with: a file of the preview's tree, a page with the script in it, or the way to one."""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from html import escape, unescape
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from sitegen.util.frozen import dataclass
from sitegen.util.media_types import content_type

_HEAD_END: Final = re.compile(rb"</head\s*>", re.IGNORECASE)
_LINK: Final = re.compile(rb"<link\b[^>]*>", re.IGNORECASE)
_STYLESHEET: Final = re.compile(rb"""\brel\s*=\s*["']?\s*stylesheet\b""", re.IGNORECASE)
_HREF: Final = re.compile(rb"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_BARE: Final = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{text}</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Look there instead; `location` is escaped and begins with one slash."""

    location: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that is sent as it is."""

    file: Path
    kind: str


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page: its status, and its bytes as they are in the tree.

    `is_own` says that it is none of the site's, but shows the mistakes itself.
    """

    status: int
    body: bytes
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What tells a page that changed: a digest of all but the addresses of its stylesheets, and those."""

    page: str
    styles: tuple[str, ...]


def find(site: Path, prefix: str, path: str) -> Redirect | File | Page:
    """Return what answers the address `path`, which begins with a slash and is not escaped.

    `site` is the tree, `prefix` the path under which it lives, without its last slash. Nothing outside of the tree is
    ever found, nor through a link that leads out of it, nor a folder without a page.
    """
    if not path.startswith(f"{prefix}/"):
        return Redirect(quote(f"{prefix}/")) if path in {"/", prefix} else not_found(site)
    local = path[len(prefix) + 1 :]
    file = _inside(site, local)
    if file is None:
        return not_found(site)
    try:
        if file.is_dir():
            if local and not local.endswith("/"):
                return Redirect("/" + quote(f"{path}/").lstrip("/"))
            file /= "index.html"
        elif local.endswith("/"):
            return not_found(site)
        # A page is read whole at once: a build may replace it between two reads.
        if not file.is_file():
            return not_found(site)
        kind = content_type(file.name)
        return Page(200, file.read_bytes()) if kind.startswith("text/html") else File(file, kind)
    except OSError:  # a name that the file system cannot have, a file that may not be read
        return not_found(site)


def _inside(site: Path, local: str) -> Path | None:
    if "\0" in local or "\\" in local or ".." in local.split("/"):
        return None
    file = site / local
    try:
        return file if file.resolve().is_relative_to(site.resolve()) else None
    except (OSError, ValueError, RuntimeError):
        return None


def not_found(site: Path) -> Page:
    """Return the site's own page for what is not there, or a plain one."""
    try:
        return Page(404, (site / "404.html").read_bytes())
    except OSError:
        return bare(404, "No page here", "There is nothing at this address yet.")


def bare(status: int, title: str, text: str) -> Page:
    """Return a page of the preview's own, of a heading and a sentence."""
    return Page(status, _BARE.format(title=escape(title), text=escape(text)).encode())


def marks_on(page: Page, path: str, marks: Mapping[str, str]) -> dict[str, str]:
    """Return those marks, by the path of a page, that the page at `path` or a link on it has."""
    if not marks:
        return {}
    hrefs = {b"".join(groups).decode("utf-8", "replace") for groups in _HREF.findall(page.body)}
    named = {path} | {unquote(unescape(href)).partition("#")[0] for href in hrefs}
    return {name: marks[name] for name in sorted(named & marks.keys())}


def look(page: Page, marks: Mapping[str, str]) -> Look:
    """Return what tells this page from a later state of it. `marks` are those that it shows."""
    styles: list[bytes] = []

    def mask(link: re.Match[bytes]) -> bytes:
        href = _HREF.search(link[0])
        if href is None or not _STYLESHEET.search(link[0]):
            return link[0]
        styles.append(next(part for part in href.groups() if part is not None))
        return link[0][: href.start()] + link[0][href.end() :]

    masked = _LINK.sub(mask, page.body)
    digest = blake2b(masked, digest_size=12)
    digest.update(json.dumps([page.status, page.is_own, sorted(marks.items())]).encode())
    return Look(digest.hexdigest(), tuple(style.decode("utf-8", "replace") for style in styles))


def with_script(page: Page, shown: Look, marks: Mapping[str, str], prefix: str) -> bytes:
    """Return the bytes of a page with the script that listens for changes, at the end of its head."""
    state = {"page": shown.page, "styles": shown.styles, "marks": marks, "plain": page.is_own}
    data = escape(json.dumps(state, ensure_ascii=False))
    script = f'<script async src="{quote(prefix)}/livereload.js" data-state="{data}"></script>'.encode()
    end = _HEAD_END.search(page.body)
    location = end.start() if end is not None else len(page.body)
    return page.body[:location] + script + page.body[location:]


def byte_range(header: str, size: int) -> range | None:
    """Return the bytes that a `Range` asks for, an empty range where there are no such bytes (RFC 9110, section 14).

    None for several runs, another unit, and what is no range: then all of the file is the answer.
    """
    asked = re.fullmatch(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", header, re.IGNORECASE | re.ASCII)
    if asked is None or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(min(int(first), size), min(int(last) + 1, size) if last else size)
