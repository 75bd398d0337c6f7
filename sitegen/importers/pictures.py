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


class PictureNames:
    """The paths of the pictures of a run, so that no picture gets the path of another one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._digests: dict[str, str] = {}

    def rename(self, pictures: Pictures, texts: Sequence[str]) -> tuple[Pictures, list[str]]:
        """Return pictures and the texts that show them, with a hash in the name if another picture has the path.

        A picture that cannot be read keeps its path; that is reported when it is copied.
        """
        renamed, changed = [], list(texts)
        for picture, source in pictures:
            name = picture
            with suppress(OSError):
                digest = sha256(source.read_bytes()).hexdigest()
                if self._digest_at(picture, digest) != digest:
                    name = hashed_name(picture, digest)
                    link = re.compile(rf"(?<=[(<\s])/{re.escape(picture)}(?=[)>\s]|$)", re.MULTILINE)
                    changed = [link.sub(f"/{name}", text) for text in changed]
            renamed.append((name, source))
        return tuple(renamed), changed

    def _digest_at(self, picture: str, own: str) -> str:
        """Return the SHA-256 of the picture that has a path, which is `own` if it is free."""
        known = self._digests.get(picture)
        if known is None:
            file = self._root / CONTENT_ROOT / picture
            known = sha256(file.read_bytes()).hexdigest() if file.is_file() else own
            self._digests[picture] = known
        return known


def copy_picture(root: Path, picture: str, source: Path) -> None:
    """Copy a picture into `content/` of the project unless it is there. Raises OSError."""
    path = root / CONTENT_ROOT / picture
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, source.read_bytes())
