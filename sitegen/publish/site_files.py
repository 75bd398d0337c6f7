"""What is to be published: every file that the build's manifest names, with its digest, size and class."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from sitegen.builder.commit import commit_order, locked_site
from sitegen.errors import ExternalError
from sitegen.site.urls import Urls
from sitegen.util.frozen import dataclass
from sitegen.util.media_types import feed_types


class Kind(IntEnum):
    """The class of a file; the order is that in which files may appear before readers."""

    ASSET = 0
    PAGE = 1
    INDEX = 2
    FEED = 3


CACHE: Final = {
    Kind.ASSET: "public, max-age=31536000, immutable",
    Kind.PAGE: "public, max-age=300",
    Kind.INDEX: "public, max-age=300",
    Kind.FEED: "public, max-age=60",
}
"""How long a file may be kept by those who fetched it: the name of an asset has a digest in it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file to publish: its path, the SHA-256 and size of its bytes, and the bytes or the file that has them."""

    path: str
    digest: str
    size: int
    source: str | bytes

    @property
    def kind(self) -> Kind:
        """The class of the file."""
        return kind_of(self.path)

    def read(self) -> bytes:
        """Return the bytes. Raises SurroundingsError where they are not those that were built."""
        if isinstance(self.source, bytes):
            return self.source
        try:
            with open(self.source, "rb") as stream:  # noqa: PTH123 - a path object for each of ten thousand costs more
                data = stream.read()
        except OSError as error:
            raise ExternalError(f"cannot read {self.source}: {error.strerror}") from error
        if len(data) != self.size or sha256(data).hexdigest() != self.digest:
            raise ExternalError(f"{self.source} is not what was built; publish again")
        return data


def made(path: str, text: str) -> Item:
    """Return a file that publishing itself makes."""
    data = text.encode()
    return Item(path, sha256(data).hexdigest(), len(data), data)


def kind_of(path: str) -> Kind:
    """Return the class of a file by its path: that of the writer's commit."""
    return Kind(commit_order(path))


def is_feed(path: str) -> bool:
    """Whether a file is one that readers subscribe to."""
    return path.rpartition("/")[2] in feed_types()


def site_url(base_url: str, path: str) -> str:
    """Return the address at which readers find a file: that of its folder for an index."""
    shown = path.removesuffix("index.html") if path == "index.html" or path.endswith("/index.html") else path
    return Urls(base_url, "", is_first=True).absolute(f"/{shown}")


@contextmanager
def hold_tree(output: Path, manifest: bytes) -> Iterator[dict[str, Item]]:
    """Yield the files of the site by path, in order; nobody builds meanwhile.

    `manifest` is the digest of what the build that is to be published left; another one means that somebody built
    since (with drafts, say). Raises SurroundingsError for that, and while another build is at work.
    """
    with locked_site(output) as (written, digest):
        if digest != manifest:
            raise ExternalError(f"another build wrote to {output} since; publish again")
        site = os.path.join(output, "site", "")  # noqa: PTH118
        yield {path: Item(path, row.digest, row.size, site + path) for path, row in sorted(written.items())}
