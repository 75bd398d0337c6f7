"""The version of this program in cache keys."""

import sys
from functools import cache
from pathlib import Path

import sitegen
from sitegen.util.hashing import Hash, encode, hash_bytes


@cache
def program_hash() -> Hash:
    """Return a hash that changes whenever the output of the same content could. It is part of every cache key.

    It covers the source of this program, and the names of the metadata of all distributions, such as plugins, which
    contain their versions. It is the same in each process of an environment, however that was started.
    """
    return compute_program_hash()


def compute_program_hash() -> Hash:
    """Return `program_hash` as of now: an imported package may have added a folder with others to `sys.path`."""
    package = Path(sitegen.__file__).parent
    parts = [sys.version.encode()]
    for file in sorted(package.rglob("*.py")):
        parts += [file.relative_to(package).as_posix().encode(), file.read_bytes()]
    return hash_bytes(*(b"%d:%b" % (len(part), part) for part in parts), encode(distributions()))


def distributions() -> list[str]:
    """Return the names of the metadata of all distributions, such as `jinja2-3.1.6.dist-info`, sorted."""
    return sorted({item.name for folder in sys.path for item in Path(folder).glob("*.*-info")})
