"""Addresses in imported texts: links between imported articles are known only when all of them have a file."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from posixpath import normpath
from typing import Final, Literal
from urllib.parse import quote, unquote, unquote_plus, urljoin, urlsplit

from msgspec import Struct

from sitegen.content.slugs import folded_path

PLACEHOLDER: Final = "https://import.invalid/"
"""Begins the address of a link within the old site until it is resolved. RFC 2606 reserves the name."""
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
_TEXTS: Final = (".md", ".markdown", ".mdx", ".mkd", ".mdown", ".rst")
_SUFFIX: Final = re.compile(r"\.(?:md|markdown|mdx|mkd|mdown|rst|html?|adoc|org|textile)$")
_SCHEME: Final = re.compile(r"^https?:(?=//)")
_IN_FOLDER: Final = "//"
"""Is between the folder of a text and the link to a file in it."""
_UNIQUE: Final = ("path:", "name:", "slug:")
_TRACKING_PREFIXES: Final = ("utm_", "mtm_", "pk_", "hsa_", "vero_")
_TRACKING: Final = frozenset(
    {"fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid", "igshid", "igsh"}
    | {"mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi", "li_fat_id", "s_cid", "oly_enc_id", "oly_anon_id", "wt_mc"}
)
"""Parameters of URLs that only measure their readers."""


Use = Literal["link", "picture", "link to a picture"]
"""The last is for a picture that cannot be shown. It has a link to another site or to the old one, if that is known."""


class LinkResolver(Struct, frozen=True):
    """Resolves the addresses in one text of an old site.

    `base_url` is the address of the site without the last slash. `own` is the address of the text, `folder` that of its
    file. If pictures are copied, `pictures` collects their files by their paths in content/, from that folder and
    `picture_folders`.
    """

    base_url: str
    own: str = ""
    folder: Path | None = None
    copies_pictures: bool = False
    picture_folders: tuple[Path, ...] = ()
    pictures: dict[str, Path] = {}

    def resolve(self, address: str, use: Use) -> str | None:
        """Return the new address of a link or a picture; None if it has none."""
        if use == "picture" and not self.copies_pictures:
            return None
        base_url = self.base_url
        address = re.sub(r"\s", "%20", address.strip())
        try:
            parts = urlsplit(address)
            host = parts.hostname
        except ValueError:
            return None
        site, rest = _SCHEME.sub("", base_url), _SCHEME.sub("", address)  # older texts have http://
        if site and (rest + "/").startswith((f"{site}/", f"{site}#")):
            address = rest.removeprefix(site) or "/"
            parts = urlsplit(address)
        elif address.startswith("//") and host:
            return None if use == "picture" else f"https:{address}"
        elif parts.scheme:
            is_web = parts.scheme in {"http", "https"} and host
            is_kept = use != "picture" if is_web else use == "link" and parts.scheme in {"mailto", "tel"}
            return address if is_kept else None
        picture = self._picture(unquote(parts.path))
        if use == "picture" or picture is not None:  # links lead to larger copies of pictures
            return picture
        if use == "link to a picture" and not base_url:
            return None
        if not parts.path and not parts.query:
            return f"#{parts.fragment}" if parts.fragment else None
        is_file = parts.path.endswith(_TEXTS)
        path = parts.path if is_file and not parts.path.startswith("/") else urljoin(self.own or "/", parts.path)
        prefix = urlsplit(base_url).path.rstrip("/")
        if prefix and path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix)
        if is_file:  # the folder that the link is in, and the link
            base = "" if path.startswith("/") or self.folder is None else self.folder.as_posix().rstrip("/")
            path = f"{quote(base)}{_IN_FOLDER}{path.removeprefix('/')}"
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return f"{PLACEHOLDER}{quote(unquote(path) + query, safe='/')}{fragment}"

    def _picture(self, path: str) -> str | None:
        """Return the path of a picture in content/, and note it for copying; None if there is no such file."""
        if Path(path).suffix.lower() not in _PICTURES or not self.copies_pictures:
            return None
        own = [self.folder] if self.folder is not None and not path.startswith("/") else []
        bases = (*own, *self.picture_folders)
        for base in bases:
            file = base / path.lstrip("/")
            try:
                is_inside = any(file.resolve().is_relative_to(root.resolve()) for root in bases)
                if is_inside and file.is_file():
                    name = re.sub(r"[^\w./-]+", "-", path.lstrip("/").replace("../", "").removeprefix("./"))
                    target = f"pictures/{name}"
                    if self.pictures.get(target, file) != file:
                        target = f"pictures/{file.parent.name}-{name}"
                    self.pictures[target] = file
                    return f"/{target}"
            except (OSError, ValueError, RuntimeError):
                continue
        return None


def file_addresses(file: Path | None, paths: Iterable[str], names: Iterable[str], slug: str) -> list[str]:
    """Return the addresses by which links to files lead to an article.

    `paths` are those of its file from folders that links can start at, `names` those of the file without a folder.
    """
    addresses = [f"file:{_without_suffix(file.as_posix())}"] if file is not None else []
    addresses += [f"path:{_without_suffix(path)}" for path in paths]
    addresses += [f"name:{_without_suffix(name)}" for name in names]
    return [*addresses, f"slug:{slug}"] if slug else addresses


def link_targets(articles: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return the files of articles by the keys of their addresses, of which the first counts.

    A path, a name or a slug that several articles have leads to none of them.
    """
    files: dict[str, str] = {}
    ambiguous = set()
    for file, addresses in articles:
        for address in addresses:
            key = address_key(address)
            if files.setdefault(key, file) != file and address.startswith(_UNIQUE):
                ambiguous.add(key)
    return {key: file for key, file in files.items() if key not in ambiguous}


def old_addresses(articles: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return the addresses that articles had on their old site by the keys of all of their addresses."""
    known = ((next((item for item in items if item.startswith("/")), ""), items) for items in articles)
    return link_targets((old, items) for old, items in known if old)


def _without_suffix(path: str) -> str:
    """Return the path of a text without its suffix; that of the folder for the text of a bundle."""
    return re.sub(r"(?:^|/)index$", "", _SUFFIX.sub("", path))


def is_file_link(path: str) -> bool:
    """Return whether a link within the old site leads to a file, and not to an address."""
    return path.endswith(_TEXTS) and _IN_FOLDER in path


def link_keys(path: str) -> tuple[str, ...]:
    """Return the keys of the texts that a link within the old site can lead to, the nearest one first."""
    if not is_file_link(path):
        return (address_key(path),)
    folder, _, written = path.partition(_IN_FOLDER)
    link = _without_suffix(normpath(written))
    keys = [f"file:{_without_suffix(normpath(f'{folder}/{written}'))}"] if folder else []
    keys.append(f"path:{link}")
    keys += [f"{kind}:{link}" for kind in ("name", "slug") if "/" not in written]
    return tuple(map(address_key, keys))


def written_path(path: str) -> str:
    """Return the path of a link within the old site as its text had it."""
    return path.partition(_IN_FOLDER)[2] if is_file_link(path) else path


def address_key(address: str) -> str:
    """Return an address so that those of the same page are equal."""
    path = unquote(address).partition("?")[0].partition("#")[0]
    path = re.sub(r"(?:/|/?index\.html?|\.html?)$", "", path)
    return folded_path(path.lstrip("/"))


def without_tracking(url: str) -> str:
    """Return `url` without tracking parameters; the rest is unchanged."""
    address, mark, fragment = url.partition("#")
    path, _, query = address.partition("?")
    if not query:
        return url
    kept = "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))
    return f"{path}{'?' if kept else ''}{kept}{mark}{fragment}"


def _is_tracking(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).casefold()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
