"""Releases side by side and one link to the current one, on this machine or on another.

    PATH/current -> releases/000043-9f2c41d07ab3     what the web server follows
    PATH/releases/000043-9f2c41d07ab3/               a whole site
    PATH/releases/000043-9f2c41d07ab3.json           its manifest; without one a release is unfinished

A release has a number, so that their order does not hang on a clock, and the digest of its content.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from sitegen.errors import ExternalError
from sitegen.publish.plan import COPIES, Row, Turn
from sitegen.publish.site_files import Item
from sitegen.util.frozen import dataclass

CURRENT: Final = "current"
RELEASES: Final = "releases"
_NAME: Final = re.compile(r"[0-9]{6}-[0-9a-f]{12}")
_VERSION: Final = 1
_LONG: Final = 19
_NAMED: Final = 3

Stamp = tuple[int, int]
"""Size, and time in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a release holds of ours, when it was published, and which release was shown before it ("" for none).

    `compress` says what its copies were to be packed with, None where that is not said.
    """

    rows: Mapping[str, Row]
    published: str
    before: str = ""
    compress: tuple[str, ...] | None = None


def is_release(name: str) -> bool:
    """Whether a name is that of a release."""
    return _NAME.fullmatch(name) is not None


def has_others(names: Iterable[str]) -> bool:
    """Whether the folder of releases has something that is not ours."""
    return any(not is_release(name[:_LONG]) and not is_release(name[1 : _LONG + 1]) for name in names)


def next_name(names: Iterable[str], items: Mapping[str, Item]) -> str:
    """Return the name of the next release, behind all of `names`."""
    number = max((int(name[:6]) for name in names if is_release(name[:_LONG])), default=0) + 1
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
        raise ExternalError(f"'{CURRENT}' at the target leads to {link!r}, which is no release of ours")
    return name


def dump_manifest(manifest: Manifest) -> str:
    """Return the text of a manifest."""
    files = {
        path: [row.digest, row.size, row.retired, row.changed, list(row.copies)]
        for path, row in sorted(manifest.rows.items())
    }
    head: dict[str, object] = {"sitegen": _VERSION, "published": manifest.published, "before": manifest.before}
    if manifest.compress is not None:
        head["compress"] = list(manifest.compress)
    return json.dumps(head | {"files": files}, ensure_ascii=False)


def load_manifest(text: str | bytes, where: str) -> Manifest:
    """Read a manifest.

    Raises SurroundingsError for a text that is none, or names a place outside of its folder: it decides what is
    deleted, so nothing is guessed.
    """
    try:
        data = json.loads(text)
        if data["sitegen"] != _VERSION:
            raise ExternalError(f"{where} was written by another version of sitegen")
        rows = {
            _inside(path): Row(
                str(digest), int(size), int(retired), int(changed), tuple(_copy(name) for name in copies)
            )
            for path, (digest, size, retired, changed, copies) in data["files"].items()
        }
        before, published = str(data["before"]), _moment(data["published"])
        compress = tuple(str(name) for name in data["compress"]) if "compress" in data else None
        return Manifest(rows, published, before if is_release(before) else "", compress)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{where} is no manifest that can be read, and it says what is ours"
        raise ExternalError(message) from error


def _moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


def _inside(path: str) -> str:
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise ValueError(path)
    return path


def _copy(name: str) -> str:
    if name not in COPIES:
        raise ValueError(name)
    return name


def turn(current: str, one: Manifest, other: Manifest, found: Mapping[str, Stamp | None]) -> Turn:
    """Return what going back does: from `one`, which is shown as `current`, to `other`, whose files were `found`."""
    shown, earlier = ({path: row.digest for path, row in it.rows.items() if not row.retired} for it in (one, other))
    whole = as_found(other.rows, found)
    harmed = sorted(path for path in earlier if path not in whole or not whole[path].digest)
    notes: tuple[str, ...] = ()
    if harmed:
        named = ", ".join(harmed[:_NAMED]) + (f" and {len(harmed) - _NAMED:,} more" if len(harmed) > _NAMED else "")
        notes = (f"not as they were published in {one.before}: {named}; a publish puts the site right",)
    return Turn(
        current,
        one.before,
        tuple(sorted(earlier.keys() - shown.keys())),
        tuple(sorted(path for path in earlier.keys() & shown.keys() if earlier[path] != shown[path])),
        tuple(sorted(shown.keys() - earlier.keys())),
        notes,
    )


def as_found(rows: Mapping[str, Row], found: Mapping[str, Stamp | None]) -> dict[str, Row]:
    """Return the rows of the files that are there; one that is not as it was written has no digest.

    `found` has the size and the time (in nanoseconds) of each file, None for what is no file. A file that someone took
    away is new again, one that was cut short, edited or replaced is changed.
    """
    there = {}
    for path, row in rows.items():
        if path not in found:
            continue
        time = row.changed * 10**9
        sound = found[path] == (row.size, time) and all(
            (copy := found.get(f"{path}.{suffix}")) is not None and copy[0] and copy[1] == time for suffix in row.copies
        )
        there[path] = row if sound else replace(row, digest="")
    return there


def tidied(remove: Callable[[], None]) -> tuple[str, ...]:
    """Remove what is surplus after a publish, and return what is to be said: the site is out, whatever comes of it."""
    try:
        remove()
    except ExternalError as error:
        reason = str(error)
    except OSError as error:
        reason = f"cannot remove {error.filename}: {error.strerror}"
    else:
        return ()
    return (f"older releases were left where they are: {reason}",)


def lost(name: str, where: str) -> ExternalError:
    """Return the complaint about a release that is shown and is not there."""
    message = (
        f"'{CURRENT}' at {where} leads to {RELEASES}/{name}, but that folder or its manifest is gone; "
        f"remove the link '{CURRENT}' there, and publish again"
    )
    return ExternalError(message)


def owned(rows: Mapping[str, Row]) -> set[str]:
    """Return every file of ours: those of the manifest with their compressed copies."""
    return set(rows) | {f"{path}.{copy}" for path, row in rows.items() for copy in row.copies}


def folders(paths: Iterable[str]) -> list[str]:
    """Return the folders that hold paths, the deepest first."""
    found = {path[:index] for path in paths for index, char in enumerate(path) if char == "/"}
    return sorted(found, key=lambda folder: (-folder.count("/"), folder))
