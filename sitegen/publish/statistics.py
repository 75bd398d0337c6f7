"""Files and bytes of a site by kind, and what hosts accept."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sitegen.publish.host_files import SITE_LIMITS, host_uses
from sitegen.site.urls import LIST_NAME, is_page
from sitegen.util.media_types import feed_types

_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
_CODE: Final = re.compile(r"[a-z0-9]{2,10}")


def site_statistics(sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the sizes by kind of file, and the limits of hosts; `sizes` are the bytes of each file by its path."""
    return {
        "kinds": [
            {"kind": kind, "files": len(group), "size": sum(group), "largest": max(group)}
            for kind, group in _groups(sizes)
        ],
        "hosts": [
            {"host": host, "limit": limit, "accepted": accepted, "used": used}
            for host, limit, accepted, used in _uses(sizes)
        ],
    }


def statistics_lines(sizes: Mapping[str, int]) -> Iterator[str]:
    """Yield the statistics as lines of text."""
    for kind, group in (*_groups(sizes), ("in all", list(sizes.values()))):
        size, average = f"{sum(group) / 1e6:9.1f} MB", f"{sum(group) / len(group) / 1e3:8.1f} KB each"
        yield f"{kind:<32}{len(group):>9,} files{size}{average}, at most {max(group) / 1e3:.1f} KB"
    for host, limit, accepted, used in _uses(sizes):
        yield f"{host}: {used:,} of {accepted:,} {limit} ({100 * used / accepted:.0f} %)"


def _groups(sizes: Mapping[str, int]) -> list[tuple[str, list[int]]]:
    """Return the sizes of the files of each kind, the largest kind first."""
    groups: dict[str, list[int]] = {}
    for path, size in sizes.items():
        groups.setdefault(kind_of(path, sizes), []).append(size)
    return sorted(groups.items(), key=lambda group: (-sum(group[1]), group[0]))


def _uses(sizes: Mapping[str, int]) -> list[tuple[str, str, int, int]]:
    return [
        (host, limit, accepted, used) for host in SITE_LIMITS for limit, accepted, used, _ in host_uses(sizes, host)
    ]


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
