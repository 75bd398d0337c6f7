"""The fingerprint of this program: its own source and the versions of the libraries that shape its output."""

import os
import sys
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import sitegen
from sitegen.util.plugins import plugin_versions

_LIBRARIES: Final = {
    "babel": "babel",
    "jinja2": "jinja2",
    "markdown-it-py": "markdown_it",
    "markupsafe": "markupsafe",
    "pyyaml": "yaml",
    "tzdata": "tzdata",
}
"""Distributions and the packages that they bring."""


@lru_cache(maxsize=1)
def program_hash() -> bytes:
    """Return 20 bytes that change whenever the output of the same content could."""
    digest = blake2b(digest_size=20)
    package = Path(sitegen.__file__).parent
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library}={_version(library)}\0".encode())
    for name, version in plugin_versions():
        digest.update(f"{name}={version}\0".encode())
    digest.update(sys.version.encode())
    return digest.digest()


def _version(library: str) -> str:
    """Return the version of a distribution, from the name of its metadata folder where that lies beside its package.

    importlib.metadata is right everywhere, and is asked only where this finds nothing: it costs as much as a build.
    """
    spec = find_spec(_LIBRARIES[library])
    site = Path(spec.origin).parent.parent if spec is not None and spec.origin is not None else None
    for entry in os.listdir(site) if site is not None else ():  # noqa: PTH208 - names are enough
        name, _, version = entry.removesuffix(".dist-info").partition("-")
        if entry.endswith(".dist-info") and name.lower().replace("_", "-") == library:
            return version
    from importlib.metadata import version as installed  # noqa: PLC0415

    return installed(library)
