"""The fingerprint of this program: its own source and the versions of the libraries that shape its output."""

from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

import sitegen

_LIBRARIES: Final = ("babel", "jinja2", "markdown-it-py", "markupsafe", "pyyaml", "tzdata")


@lru_cache(maxsize=1)
def fingerprint() -> bytes:
    """Return 20 bytes that change whenever the output of the same content could."""
    digest = blake2b(digest_size=20)
    package = Path(sitegen.__file__).parent
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library}={version(library)}\0".encode())
    digest.update(python_version().encode())
    return digest.digest()
