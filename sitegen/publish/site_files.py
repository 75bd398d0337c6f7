"""The files to publish: every file of the build's manifest with its hash, size and class."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitegen.builder.commit import commit_order, locked_site
from sitegen.diagnostics import ExternalError
from sitegen.site.urls import Urls
from sitegen.util.media_types import feed_types
from sitegen.util.paths import read_bytes


class FileClass(IntEnum):
    """The class of a file, in the order in which files become visible to readers."""

    ASSET = 0
    PAGE = 1
    INDEX = 2
    FEED = 3


CACHE_CONTROL: Final = {
    FileClass.ASSET: "public, max-age=31536000, immutable",  # the name of an asset contains its hash
    FileClass.PAGE: "public, max-age=300",
    FileClass.INDEX: "public, max-age=300",
    FileClass.FEED: "public, max-age=60",
}


class PublishFile(Struct, frozen=True):
    """A file to publish: its path, the SHA-256 and size of its content, and the content or the file that has it."""

    path: str
    sha256: str
    size: int
    source: str | bytes

    def read(self) -> bytes:
        """Return the content. Raises ExternalError if it is not what was built."""
        if isinstance(self.source, bytes):
            return self.source
        data = read_bytes(self.source, self.source)
        if len(data) != self.size or sha256(data).hexdigest() != self.sha256:
            raise ExternalError(f"{self.source} changed after the build; publish again")
        return data


def text_file(path: str, text: str) -> PublishFile:
    """Return a file with a text."""
    data = text.encode()
    return PublishFile(path, sha256(data).hexdigest(), len(data), data)


def file_class(path: str) -> FileClass:
    """Return the class of a file by its path, as the build commits it."""
    return FileClass(commit_order(path))


def is_feed(path: str) -> bool:
    """Whether a file is a feed."""
    return path.rpartition("/")[2] in feed_types()


def site_url(base_url: str, path: str) -> str:
    """Return the URL of a file: that of its folder for an index page."""
    folder = path.removesuffix("index.html") if path == "index.html" or path.endswith("/index.html") else path
    return Urls(base_url, "", is_first=True).absolute(f"/{folder}")


@contextmanager
def locked_site_files(output: Path, manifest: bytes) -> Iterator[dict[str, PublishFile]]:
    """Yield the files of the site by path, sorted, and prevent builds meanwhile.

    `manifest` is the hash of the manifest that the build returned. Raises ExternalError if another build has written to
    `output` since, or is writing.
    """
    with locked_site(output) as (entries, digest):
        if digest != manifest:
            raise ExternalError(f"another build wrote to {output} in the meantime; publish again")
        site = f"{output / 'site'}{os.sep}"  # thousands of path objects are slow
        yield {
            path: PublishFile(path, entry.digest, entry.size, site + path) for path, entry in sorted(entries.items())
        }
