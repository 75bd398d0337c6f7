"""Hashes of this program and of the packages around it, which are cheap enough for a build without changes."""

import os
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import sitegen
from sitegen.util.hashing import Hash, encode, hash_bytes

_LIBRARIES: Final = {
    "babel": "babel",
    "jinja2": "jinja2",
    "markdown-it-py": "markdown_it",
    "markupsafe": "markupsafe",
    "msgspec": "msgspec",
    "pyyaml": "yaml",
    "tzdata": "tzdata",
}
"""Distributions and the packages that they bring."""


@cache
def code_hash() -> Hash:
    """Return the hash of the source of this program and of the versions of its libraries."""
    package = Path(sitegen.__file__).parent
    parts = [sys.version.encode()]
    for file in sorted(package.rglob("*.py")):
        parts += [file.relative_to(package).as_posix().encode(), file.read_bytes()]
    parts += [f"{library}={_version(library)}".encode() for library in _LIBRARIES]
    return hash_bytes(*(b"%d:%b" % (len(part), part) for part in parts))


def environment_hash() -> Hash:
    """Return a hash that changes whenever a package is installed, updated or removed: of the names of all metadata.

    It is cheaper than the list of plugins, and enough to know that a build has nothing to do. It is the same in each
    process of an environment, however that was started.
    """
    names: set[str] = set()
    for folder in sys.path:
        with suppress(OSError):  # entries may be files, or missing
            names.update(name for name in _names(folder or ".") if name.endswith((".dist-info", ".egg-info")))
    return hash_bytes(encode(sorted(names)))


def _names(folder: Path | str) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _version(library: str) -> str:
    """Return the version of a distribution, from the name of its metadata folder if that is next to its package.

    importlib.metadata is always right, but it takes as long as a build without changes, so it is the second choice.
    """
    spec = find_spec(_LIBRARIES[library])
    site = Path(spec.origin).parent.parent if spec is not None and spec.origin is not None else None
    for entry in _names(site) if site is not None else ():
        name, _, version = entry.removesuffix(".dist-info").partition("-")
        if entry.endswith(".dist-info") and name.lower().replace("_", "-") == library:
            return version
    return str(import_module("importlib.metadata").version(library))
