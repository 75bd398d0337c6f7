"""Releases side by side and one link to the current one, on this machine or on another.

    PATH/current -> releases/000043-9f2c41d07ab3     what the web server follows
    PATH/releases/000043-9f2c41d07ab3/               a whole site
    PATH/releases/000043-9f2c41d07ab3.json           its manifest; without one a release is unfinished

A release has a number, so that their order does not hang on a clock, and the digest of its content.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sitegen.errors import SurroundingsError
from sitegen.publish.plan import Row
from sitegen.publish.tree import Item

CURRENT: Final = "current"
RELEASES: Final = "releases"
_NAME: Final = re.compile(r"\d{6}-[0-9a-f]{12}")
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release holds of ours, when it was published, and which release was shown before it ("" for none)."""

    rows: Mapping[str, Row]
    published: str
    before: str = ""


def is_release(name: str) -> bool:
    """Whether a name is that of a release."""
    return _NAME.fullmatch(name) is not None


def next_name(names: Iterable[str], items: Mapping[str, Item]) -> str:
    """Return the name of the next release, behind all of `names`."""
    number = max((int(name[:6]) for name in names if is_release(name[:19])), default=0) + 1
    return f"{number:06d}-{tree_digest(items)}"


def tree_digest(items: Mapping[str, Item]) -> str:
    """Return twelve digits that name the content of a whole site."""
    tree = sha256("".join(f"{path}\0{item.digest}\0" for path, item in sorted(items.items())).encode())
    return tree.hexdigest()[:12]


def complete(names: Iterable[str]) -> list[str]:
    """Return the releases among the names of a folder that have their manifest, in order."""
    found = set(names)
    return sorted(name for name in found if is_release(name) and f"{name}.json" in found)


def unfinished(names: Iterable[str]) -> list[str]:
    """Return the releases among the names of a folder that were never finished."""
    found = set(names)
    return sorted(name for name in found if is_release(name) and f"{name}.json" not in found)


def surplus(before: Mapping[str, str], current: str, keep: int) -> list[str]:
    """Return which releases are to go: all but `keep`, of which the current one and those shown before it come first.

    `before` names every complete release, and the one that was shown before it.
    """
    kept = dict.fromkeys([current])
    while (current := before.get(current, "")) in before and current not in kept:
        kept[current] = None
    kept |= dict.fromkeys(sorted(before, reverse=True))
    return sorted(before.keys() - set(list(kept)[:keep]))


def release_of(link: str) -> str:
    """Return the release that a link leads to. Raises SurroundingsError where it leads elsewhere."""
    folder, _, name = link.rstrip("/").rpartition("/")
    if folder != RELEASES or not is_release(name):
        raise SurroundingsError(f"'{CURRENT}' at the target leads to {link!r}, which is no release of ours")
    return name


def dump_manifest(manifest: Manifest) -> str:
    """Return the text of a manifest."""
    files = {
        path: [row.digest, row.size, row.retired, row.changed, list(row.copies)]
        for path, row in sorted(manifest.rows.items())
    }
    head = {"sitegen": _VERSION, "published": manifest.published, "before": manifest.before}
    return json.dumps(head | {"files": files}, ensure_ascii=False)


def load_manifest(text: str | bytes, where: str) -> Manifest:
    """Read a manifest.

    Raises SurroundingsError for a text that is none, or names a place outside of its folder: it decides what is
    deleted, so nothing is guessed.
    """
    try:
        data = json.loads(text)
        if data["sitegen"] != _VERSION:
            raise SurroundingsError(f"{where} was written by another version of sitegen")
        rows = {
            _inside(path): Row(
                str(digest), int(size), int(retired), int(changed), tuple(_copy(name) for name in copies)
            )
            for path, (digest, size, retired, changed, copies) in data["files"].items()
        }
        before, published = str(data["before"]), _moment(data["published"])
        return Manifest(rows, published, before if is_release(before) else "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{where} is no manifest that can be read; nothing was done, because it says what is ours"
        raise SurroundingsError(message) from error


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


def _inside(path: str) -> str:
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise ValueError(path)
    return path


def _copy(name: str) -> str:
    if name not in {"gz", "br"}:
        raise ValueError(name)
    return name


def difference(one: Manifest, other: Manifest) -> tuple[str, ...]:
    """Return the paths at which two releases show something else, or one of them nothing, sorted."""
    live = [{(path, row.digest) for path, row in it.rows.items() if not row.retired} for it in (one, other)]
    return tuple(sorted({path for path, _ in live[0] ^ live[1]}))


def owned(rows: Mapping[str, Row]) -> set[str]:
    """Return every file of ours: those of the manifest with their compressed copies."""
    return set(rows) | {f"{path}.{copy}" for path, row in rows.items() for copy in row.copies}


def folders(paths: Iterable[str]) -> list[str]:
    """Return the folders that hold paths, the deepest first."""
    found = {path[:place] for path in paths for place, char in enumerate(path) if char == "/"}
    return sorted(found, key=lambda folder: (-folder.count("/"), folder))
