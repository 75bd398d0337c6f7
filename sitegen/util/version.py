"""The version of this program in cache keys."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sitegen
from sitegen.util.hashing import Hash, encode, hash_bytes
from sitegen.util.plugins import plugin_folders, plugins
from sitegen.util.user_cache import cache_folder, read_kept, write_kept


@cache
def program_hash() -> Hash:
    """Return a hash that changes whenever the output of the same content could. It is part of every cache key.

    It covers the files of this program and of plugins, such as scripts, which may be edited where they are installed,
    and the names of the metadata of all distributions, which contain their versions. It is the same in each process of
    an environment, however that was started.
    """
    return compute_program_hash()


def compute_program_hash() -> Hash:
    """Return `program_hash` as of now: an imported package may have added a folder with others to `sys.path`.

    It is kept with the status of all files: reading them takes a fifth of a build that has nothing to do.
    """
    own = Path(sitegen.__file__).parent
    files: dict[str, str] = {}
    for folder in (own, *_plugin_folders()):
        start = len(str(folder.parent)) + 1
        for file in _files(str(folder)) if folder.is_dir() else (str(folder),):
            files[file[start:].replace(os.sep, "/")] = file
    environment = encode((sys.version, distributions()))
    name = f"program-{hash_bytes(str(own).encode()).hex()}"
    key = encode((environment, [(os.fsencode(path), _status(file)) for path, file in files.items()]))
    known = read_kept(cache_folder(), name, key)
    if known is None:
        parts = [part for path, file in files.items() for part in (os.fsencode(path), Path(file).read_bytes())]
        known = hash_bytes(environment, *(b"%d:%b" % (len(part), part) for part in parts))
        write_kept(cache_folder(), name, key, known)
    return Hash(known)


def _status(file: str) -> tuple[int, int, int, int]:
    """Return what changes if a file is edited."""
    status = os.stat(file)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _files(folder: str) -> list[str]:
    """Return the files below a folder, sorted: strings, because `rglob` takes three times as long.

    Bytecode and hidden files are left out: Python and editors write them while a build runs.
    """
    files: list[str] = []
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith(".")]
        files += [f"{base}{os.sep}{name}" for name in names if not name.startswith(".")]
    return sorted(files)


def _plugin_folders() -> Iterator[Path]:
    """Yield the folder of each package with plugins, or its file if it is a single module."""
    points = {point.module.partition(".")[0]: point for point in plugins()}
    for _, point in sorted(points.items()):
        yield from plugin_folders(point)


def distributions() -> list[str]:
    """Return the names of the metadata of all distributions, such as `jinja2-3.1.6.dist-info`, sorted."""
    return sorted({item.name for folder in sys.path for item in Path(folder).glob("*.*-info")})
