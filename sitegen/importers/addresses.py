"""Addresses in imported texts: links between imported articles are known only when all of them have a file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit

from msgspec import Struct

from sitegen.content.slugs import folded_path

PLACEHOLDER: Final = "https://import.invalid/"
"""Begins the address of a link within the old site until it is resolved. RFC 2606 reserves the name."""
_LINK: Final = re.compile(re.escape(PLACEHOLDER) + r"([^\s()<>#\"]*)(#[^\s()<>\"]*)?")
_INLINE: Final = re.compile(
    r"\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\](?:\([^()]*\))?){0,3000})\]\("
    + re.escape(PLACEHOLDER)
    + r"([^\s()<>#\"]*)(#[^\s()<>\"]*)?"
    r"(\s+(?:\"[^\"]*\"|'[^']*'))?\)"
)
_DEFINITION: Final = re.compile(
    r"^( {0,3})(\[[^\[\]\n]+\]:[ \t]*)" + re.escape(PLACEHOLDER) + r"([^\s()<>#\"]*)(#[^\s()<>\"]*)?", re.MULTILINE
)
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
_TEXTS: Final = (".md", ".markdown", ".mdx", ".mkd", ".mdown", ".rst")


class OldSite(Struct, frozen=True):
    """The site that an input comes from.

    `base_url` is its address without the last slash, `folders` are those of its pictures, `root` is that of its files.
    `is_known` is true if it has a configuration.
    """

    base_url: str = ""
    folders: tuple[Path, ...] = ()
    root: Path = Path()
    title: str = ""
    is_known: bool = False

    def resolve(self, address: str, own: str, folder: Path | None, pictures: dict[str, Path] | None) -> str | None:
        """Return the new address of one in a text; None if it cannot be linked to.

        `own` is the address of the article, `folder` that of its file. `pictures` is for a picture: it collects the
        files to copy, by their paths in content/.
        """
        address = re.sub(r"\s", "%20", address.strip())
        try:
            parts = urlsplit(address)
            host = parts.hostname
        except ValueError:
            return None
        is_own = bool(self.base_url) and (address + "/").startswith((f"{self.base_url}/", f"{self.base_url}#"))
        if is_own:
            address = address.removeprefix(self.base_url) or "/"
            parts = urlsplit(address)
        elif address.startswith("//") and host:
            return None if pictures is not None else f"https:{address}"
        elif parts.scheme in {"http", "https"}:
            return address if host and pictures is None else None
        elif parts.scheme in {"mailto", "tel"} and pictures is None:
            return address
        elif parts.scheme:
            return None
        if pictures is not None:
            return self._picture(unquote(parts.path), folder, pictures)
        if not parts.path and not parts.query:
            return f"#{parts.fragment}" if parts.fragment else None
        path = (
            parts.path
            if parts.path.endswith(_TEXTS) and not parts.path.startswith("/")
            else urljoin(own or "/", parts.path)
        )
        prefix = urlsplit(self.base_url).path.rstrip("/")
        if prefix and path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix)
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return f"{PLACEHOLDER}{quote(unquote(path) + query, safe='/')}{fragment}"

    def _picture(self, path: str, folder: Path | None, pictures: dict[str, Path]) -> str | None:
        """Return the path of a picture in content/, and note it for copying; None if there is no such file."""
        if Path(path).suffix.lower() not in _PICTURES:
            return None
        bases = [folder] if folder is not None and not path.startswith("/") else []
        for base in (*bases, *self.folders):
            file = base / path.lstrip("/")
            try:
                is_inside = any(file.resolve().is_relative_to(root.resolve()) for root in (*bases, *self.folders))
                if is_inside and file.is_file():
                    name = re.sub(r"[^\w./-]+", "-", path.lstrip("/").replace("../", "").removeprefix("./"))
                    target = f"pictures/{name}"
                    if target in pictures and pictures[target] != file:
                        target = f"pictures/{file.parent.name}-{name}"
                    pictures[target] = file
                    return f"/{target}"
            except (OSError, ValueError, RuntimeError):
                continue
        return None


def address_key(address: str) -> str:
    """Return an address so that those of the same page are equal."""
    path = unquote(address).partition("?")[0].partition("#")[0]
    path = re.sub(r"(?:/|/?index\.html?|\.html?)$", "", path)
    return folded_path(path.lstrip("/"))


def resolve_links(body: str, files: Mapping[str, str], base_url: str) -> tuple[str, tuple[str, ...]]:
    """Return a text with links to imported articles, and what is lost: addresses without one, parts of pages.

    `files` has the project path of each article by `address_key`. Other addresses lead to the old site; if its address
    is unknown, they are kept as text.
    """
    if PLACEHOLDER not in body:
        return body, ()
    lost: list[str] = []

    def target(quoted: str, fragment: str) -> str | None:
        path = unquote(quoted)
        is_file = path.endswith(_TEXTS)
        file = files.get(address_key(path)) or (files.get(address_key(path.rpartition("/")[2])) if is_file else None)
        if file is not None:
            lost.extend([fragment] if fragment else [])
            return f"/{quote(file.removeprefix('content/'))}"
        if base_url:
            return f"{base_url}/{quote(path.lstrip('/'), safe='/?=&%')}{fragment}"
        lost.append(f"{path}{fragment}")
        return None

    def inline(match: re.Match[str]) -> str:
        fragment = match[3] or ""
        new = target(match[2], fragment)
        return f"[{match[1]}]({new}{match[4] or ''})" if new else f"{match[1]} (`{unquote(match[2])}{fragment}`)"

    def definition(match: re.Match[str]) -> str:
        fragment = match[4] or ""
        new = target(match[3], fragment)
        return f"{match[1]}{match[2]}{new}" if new else f"{match[1]}\\{match[2]}{unquote(match[3])}{fragment}"

    for _ in range(2):  # a picture in a link
        body = _INLINE.sub(inline, body)
    body = _DEFINITION.sub(definition, body)
    body = _LINK.sub(lambda match: target(match[1], match[2] or "") or match[0], body)
    return body, tuple(dict.fromkeys(lost))
