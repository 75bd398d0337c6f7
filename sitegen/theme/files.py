"""Finds themes and their files: the site's own `themes/<name>`, else the bundled theme."""

import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

from sitegen.diagnostics import ExternalError
from sitegen.util.hashing import HASH_BYTES
from sitegen.util.paths import bundled_folder, exists, read_bytes

THEME_FILE: Final = "theme.yaml"
THEME_FOLDERS: Final = ("templates", "static", "locale")


def find_theme(root: Path, name: str) -> Path | None:
    """Return the folder of a theme; None if no theme has this name. Raises ExternalError.

    A folder of the project with files of a theme counts without `theme.yaml`, too: it is an error, and not ignored.
    """
    for base in (root / "themes", bundled_folder("themes")):
        try:
            if any(exists(base / name / part) for part in (THEME_FILE, *THEME_FOLDERS)):
                return base / name
        except OSError as error:
            raise ExternalError(f"cannot read {error.filename}: {error.strerror}") from error
    return None


def theme_files(folder: Path) -> list[tuple[str, Path]]:
    """Return the relative path and the path of all files below a folder of a theme, except hidden ones and backups.

    Raises ExternalError for a folder that cannot be read, because the site would be incomplete.
    """
    real = folder.parent.resolve()
    paths: list[tuple[str, Path]] = []
    if folder.is_symlink() and not (exists(folder) and _is_own(folder.resolve(), real)):
        return paths
    for base, folders, names in os.walk(folder, onerror=_raise_external_error):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files = (Path(base, name) for name in names if not name.startswith((".", "#")) and not name.endswith("~"))
        try:
            paths += [
                (file.relative_to(folder).as_posix(), file)
                for file in files
                if not file.is_symlink() or (exists(file) and _is_own(file.resolve(), real))
            ]
        except OSError as error:
            _raise_external_error(error)
    return sorted(paths)


def _is_own(file: Path, theme: Path) -> bool:
    """Whether a file is one of a theme and not hidden: a symbolic link must not publish another."""
    return file.is_relative_to(theme) and not any(part.startswith(".") for part in file.relative_to(theme).parts)


def _raise_external_error(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise ExternalError(f"cannot read the folder {error.filename}: {error.strerror}") from error


def other_folders(folder: Path) -> list[str]:
    """Return the names of the folders of a theme that are not read, sorted: a name can be a slip."""
    return sorted({*next(os.walk(folder), ("", [], []))[1]} - {*THEME_FOLDERS})


def theme_hash(root: Path, names: Iterable[str]) -> bytes:
    """Return the hash of all files of some themes, and of the names of their folders. Raises ExternalError."""
    digest = blake2b(digest_size=HASH_BYTES)
    for name in names:
        folder = find_theme(root, name)
        if folder is None:
            continue
        digest.update(repr(other_folders(folder)).encode())
        files = [(THEME_FILE, folder / THEME_FILE)] if exists(folder / THEME_FILE) else []
        for part in THEME_FOLDERS:
            files += [(f"{part}/{path}", file) for path, file in theme_files(folder / part)]
        for path, file in files:
            data = read_bytes(f"themes/{name}/{path}", file)
            digest.update(repr((name, path, len(data))).encode() + data)
    return digest.digest()
