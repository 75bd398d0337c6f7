"""The pictures of imported articles: each gets a path in `content/`, and is copied there with its article."""

import re
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from sitegen.util.atomic_write import atomic_write
from sitegen.util.hashing import hashed_name
from sitegen.util.paths import CONTENT_ROOT

Pictures = tuple[tuple[str, Path], ...]
"""The path in `content/` and the file of each picture of an article."""


def renamed_pictures(
    root: Path, digests: dict[str, str], pictures: Pictures, texts: Sequence[str]
) -> tuple[Pictures, list[str]]:
    """Return pictures and the texts that show them, with a hash in the name if another picture has the path.

    `digests` collects the SHA-256 of the picture that has each path. A picture that cannot be read keeps its path;
    that is reported when it is copied.
    """
    renamed, changed = [], list(texts)
    for picture, source in pictures:
        name = picture
        with suppress(OSError):
            digest = sha256(source.read_bytes()).hexdigest()
            if picture not in digests:
                file = root / CONTENT_ROOT / picture
                digests[picture] = sha256(file.read_bytes()).hexdigest() if file.is_file() else digest
            if digests[picture] != digest:
                name = hashed_name(picture, digest)
                link = re.compile(rf"(?<=[(<\s])/{re.escape(picture)}(?=[)>\s]|$)", re.MULTILINE)
                changed = [link.sub(f"/{name}", text) for text in changed]
        renamed.append((name, source))
    return tuple(renamed), changed


def copy_picture(root: Path, picture: str, source: Path) -> None:
    """Copy a picture into `content/` of the project unless it is there. Raises OSError."""
    path = root / CONTENT_ROOT / picture
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, source.read_bytes())
