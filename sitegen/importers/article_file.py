"""The file of an imported article, and the hash that shows whether it has been edited since."""

import hashlib
from typing import Final

from msgspec.structs import replace

from sitegen.content.articles import serialize_article
from sitegen.content.frontmatter import FrontMatter, ImportInfo

_ZEROS: Final = b"0" * 64


def article_file(front: FrontMatter, body: str, imported: ImportInfo) -> bytes:
    """Return the bytes of an article's file, with its own hash as `imported.digest`."""
    # A placeholder hash. Zeros would be a number, which YAML writes with quotes.
    placeholder = hashlib.sha256(f"digest of {imported.sha256}".encode()).hexdigest()
    front = replace(front, imported=replace(imported, digest=placeholder))
    data = serialize_article(front, body).encode()
    return data.replace(placeholder.encode(), import_hash(data, placeholder).encode(), 1)


def import_hash(data: bytes, recorded: str) -> str:
    """Return the hash of a file as defined for `imported.digest`.

    It is the SHA-256 of the file's bytes with LF as line ends, after the first occurrence of `recorded`, the 64 digits
    in the file, is replaced by zeros. A file that has not been edited since its import gives the recorded hash.
    """
    data = data.replace(b"\r\n", b"\n")  # git may convert line ends at checkout
    return hashlib.sha256(data.replace(recorded.encode(), _ZEROS, 1)).hexdigest()
