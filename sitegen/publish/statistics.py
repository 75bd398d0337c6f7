"""Files and bytes of a site by kind, and what hosts accept."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, to_builtins

from sitegen.publish.host_files import SITE_LIMITS
from sitegen.site.urls import LIST_NAME, is_page
from sitegen.util.media_types import feed_types

_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
_CODE: Final = re.compile(r"[a-z0-9]{2,10}")
_UNLIMITED: Final = 1 << 62


class KindSize(Struct, frozen=True):
    """The number of files of a kind, their bytes, and those of the largest."""

    kind: str
    files: int
    size: int
    largest: int


class HostUse(Struct, frozen=True):
    """A limit of a host, such as `files`, and what the site has of it."""

    host: str
    limit: str
    accepted: int
    used: int


class SiteStatistics(Struct, frozen=True):
    """The sizes of a site: `sizes` are the bytes of each file by its path."""

    sizes: Mapping[str, int]

    def kinds(self) -> list[KindSize]:
        """Return the sizes by kind, the largest kind first."""
        groups: dict[str, list[int]] = {}
        for path, size in self.sizes.items():
            groups.setdefault(kind_of(path, self.sizes), []).append(size)
        rows = [KindSize(kind, len(group), sum(group), max(group)) for kind, group in groups.items()]
        return sorted(rows, key=lambda row: (-row.size, row.kind))

    def hosts(self) -> list[HostUse]:
        """Return the limits of each host, and what the site has of them."""
        sizes = self.sizes
        folders = Counter(path.rpartition("/")[0] for path in sizes)
        rows = []
        for host, limits in SITE_LIMITS.items():
            rows += [
                HostUse(str(host), "files", limits.files, len(sizes)),
                HostUse(str(host), "files in a folder", limits.folder_files, max(folders.values())),
                HostUse(str(host), "bytes of a file", limits.file_size, max(sizes.values())),
                HostUse(str(host), "bytes", limits.site_size, sum(sizes.values())),
            ]
        return [row for row in rows if row.accepted < _UNLIMITED]

    def values(self) -> dict[str, Any]:
        """Return the statistics for a JSON report."""
        return {"kinds": to_builtins(self.kinds()), "hosts": to_builtins(self.hosts())}

    def lines(self) -> Iterator[str]:
        """Yield the statistics as lines of text."""
        sizes = self.sizes.values()
        for row in (*self.kinds(), KindSize("in all", len(sizes), sum(sizes), max(sizes))):
            size, average = f"{row.size / 1e6:9.1f} MB", f"{row.size / row.files / 1e3:8.1f} KB each"
            yield f"{row.kind:<32}{row.files:>9,} files{size}{average}, at most {row.largest / 1e3:.1f} KB"
        for use in self.hosts():
            yield f"{use.host}: {use.used:,} of {use.accepted:,} {use.limit} ({100 * use.used / use.accepted:.0f} %)"


def kind_of(path: str, paths: Mapping[str, int]) -> str:
    """Return the kind of a file by its path: `countries`, `feeds of pairs`, `months of topics`, `data`."""
    parts = path.split("/")
    if f"{parts[0]}/archive/index.html" in paths:  # a locale
        parts = parts[1:]
    *folders, name = parts
    if name == LIST_NAME:
        return "lists of feeds"
    subject = _subject(folders)
    if name in feed_types():
        return f"feeds of {subject}"
    if folders[:1] != ["search"] and any(_MONTH.fullmatch(folder) for folder in folders[1:]):
        return f"months of {subject}"
    if folders[:1] == ["issues"] and name != "index.html":
        return "e-mails"
    return subject if folders and (is_page(path) or folders[0] in {"data", "assets", "search"}) else "other files"


def _subject(folders: list[str]) -> str:
    """Return the subject of a page by the folders above its file: its section, or that of a combination."""
    if not folders:
        return "the site"
    codes = sum(1 for folder in folders[1:] if _CODE.fullmatch(folder) and not _MONTH.fullmatch(folder))
    if folders[0] == "countries" and codes > 1:
        return "pairs"
    if folders[0] == "topics" and len([folder for folder in folders[1:] if not _MONTH.fullmatch(folder)]) > 1:
        return "topics in a country"
    return folders[0]
