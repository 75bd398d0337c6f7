"""Names of the files and folders of a project, and reading of files.

A build that finds nothing to do imports this module, and none about sites.
"""

import errno
import os
import re
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Final

import sitegen
from sitegen.diagnostics import ContentError, Diagnostics, ExternalError, SourceLocation

CONFIG_NAME: Final = "site.yaml"
CONTENT_ROOT: Final = "content"
ARTICLES: Final = f"{CONTENT_ROOT}/articles"
PAGES: Final = f"{CONTENT_ROOT}/pages"
CALENDAR: Final = f"{CONTENT_ROOT}/calendar.yaml"
EDITIONS: Final = f"{CONTENT_ROOT}/editions"
ISSUES: Final = f"{CONTENT_ROOT}/issues"
"""The folders of the introductions of daily editions and of weekly issues."""
STATIC: Final = f"{CONTENT_ROOT}/static"
"""The folder of files that are published as they are, at the root of the site."""
WELL_KNOWN: Final = ".well-known"
"""The only hidden folder in it that is published (RFC 8615)."""
OUTPUT: Final = "output"
MAX_CONFIG_BYTES: Final = 1_000_000
MAX_FILE_BYTES: Final = 100_000_000
"""The limit for pictures, documents and the files of themes, which are read as a whole."""


def bundled_folder(name: str) -> Path:
    """Return the folder `themes` or `docs` that comes with the program: in the package, or next to it in a checkout."""
    package = Path(sitegen.__file__).parent
    return package / name if (package / name).is_dir() else package.parent / name


_ARTICLE: Final = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z0-9]+)*/)?articles/([^/]+)/index\.html")


def article_slug(path: str) -> str | None:
    """Return the slug of the article whose page is `path`, relative to the site's folder; None for any other page."""
    match = _ARTICLE.fullmatch(path)
    return None if match is None else match[1]


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def readable_name(name: str) -> str:
    """Return the name or path of a file with U+FFFD in place of each byte that is not UTF-8.

    Python has a surrogate there (PEP 383), which no file and no message can have.
    """
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", name)


def has_utf8_name(path: str, diagnostics: Diagnostics) -> bool:
    """Return whether the path of a file is UTF-8; report one that is not."""
    shown = readable_name(path)
    if shown != path:
        diagnostics.error("bad-name", SourceLocation(shown), "the file's name is not valid UTF-8", hint="rename it")
    return shown == path


def are_inside(paths: Collection[str]) -> bool:
    """Return whether each relative path stays in its folder: not absolute, without `.`, `..` and NUL."""
    joined = "/".join(paths)
    return not paths or ("\0" not in joined and not {"", ".", ".."} & set(joined.split("/")))


def exists(file: Path) -> bool:
    """Return whether there is a file or folder. Raises OSError if that cannot be known, as for a closed folder.

    `Path.exists` returns False then, since Python 3.14.
    """
    try:
        os.stat(file)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            return False
        raise
    return True


def read_bytes(path: str, file: Path | str, limit: int = MAX_FILE_BYTES) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes. Errors name it by its project path `path`.

    Raises ContentError for a folder, pipe, device or socket, and for a larger file; ExternalError if it cannot be read.
    """
    try:
        status = os.stat(file)
        if stat.S_ISREG(status.st_mode) and status.st_size <= limit:
            with open(file, "rb") as stream:
                return stream.read()
    except OSError as error:
        raise ExternalError(f"cannot read {path}: {error.strerror}") from error
    diagnostics = Diagnostics()
    if stat.S_ISREG(status.st_mode):
        report_size(path, status.st_size, limit, diagnostics)
    else:
        diagnostics.error("not-a-file", SourceLocation(path), "this is not a regular file", hint="remove or rename it")
    raise ContentError(diagnostics.sorted())


def report_size(path: str, size: int, limit: int, diagnostics: Diagnostics) -> None:
    """Report a file of more than `limit` bytes."""
    if size > limit:
        message = f"the file has {size:,} bytes; expected at most {limit:,}"
        diagnostics.error("file-too-large", SourceLocation(path), message)


def read_config_bytes(root: Path) -> bytes:
    """Return the bytes of the `site.yaml` of a project. Raises ContentError if it is missing, and as `read_bytes`."""
    try:
        return read_bytes(CONFIG_NAME, root / CONFIG_NAME, MAX_CONFIG_BYTES)
    except ExternalError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
    diagnostics = Diagnostics()
    diagnostics.error(
        "config-missing",
        SourceLocation(CONFIG_NAME),
        "there is no site.yaml in this folder",
        hint="change to the digest's folder, name it with -C, or create one with `sitegen init DIR`",
    )
    raise ContentError(diagnostics.sorted())


def parent_folders(path: str) -> list[str]:
    """Return the folders above a relative path, the outermost first."""
    return [path[:index] for index, char in enumerate(path) if char == "/"]
