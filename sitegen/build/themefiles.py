"""Where themes lie, and their files: the site's own `themes/<name>` first, else the one that comes with sitegen."""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

import sitegen
from sitegen.build.scan import read_bytes

THEME_FOLDERS: Final = ("templates", "static", "locale")
_DIGEST_BYTES: Final = 20


def bundled_themes() -> Path:
    """Return the folder of the themes that come with sitegen: in the package, or beside it in a checkout."""
    package = Path(sitegen.__file__).parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def find_theme(root: Path, name: str) -> Path | None:
    """Return the folder of a theme, None where there is none of this name."""
    for base in (root / "themes", bundled_themes()):
        if (base / name / "theme.yaml").is_file():
            return base / name
    return None


def theme_files(folder: Path) -> list[tuple[str, Path]]:
    """Return the files below a folder of a theme by their path in it, hidden ones left out."""
    if not folder.is_dir():
        return []
    real = folder.parent.resolve()
    found = (
        (file.relative_to(folder).as_posix(), file)
        for file in folder.rglob("*")
        if file.is_file() and file.resolve().is_relative_to(real)  # a theme does not publish what lies outside it
    )
    return sorted((name, file) for name, file in found if not any(p.startswith(".") for p in name.split("/")))


def theme_digest(root: Path, names: Iterable[str]) -> bytes:
    """Return the digest of all that the themes of these names are made of. Raises SurroundingsError."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for name in names:
        folder = find_theme(root, name)
        if folder is None:
            continue
        files = [("theme.yaml", folder / "theme.yaml")]
        for part in THEME_FOLDERS:
            files += [(f"{part}/{path}", file) for path, file in theme_files(folder / part)]
        for path, file in files:
            data = read_bytes(f"themes/{name}/{path}", file)
            digest.update(repr((name, path, len(data))).encode() + data)
    return digest.digest()
