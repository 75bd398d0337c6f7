"""What lies in the project: the files of the content folder, by project path."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.errors import ExternalError
from sitegen.paths import ARTICLES, CONTENT_ROOT, PAGES

MAX_ARTICLE_BYTES: Final = 2 * 1024 * 1024


_COARSE: Final = 2_000_000_000
_FINE: Final = 50_000_000
_MILLISECOND: Final = 1_000_000


def is_stable(changed: int, now: int) -> bool:
    """Whether a change at one time cannot hide any more behind that of an earlier one; both in ns since 1970.

    File systems count to 2 s at worst (FAT). One that gives digits below a millisecond counts by the ticks of the
    system's clock, which are 10 ms at most.
    """
    return changed + (_FINE if changed % _MILLISECOND else _COARSE) < now


class FileStat(Struct, frozen=True, array_like=True, gc=False):
    """What the file system says of a file: size in bytes, times in ns at which content and inode changed, inode."""

    size: int
    modified: int
    changed: int
    inode: int

    def is_stable(self, now: int) -> bool:
        """Whether a file that has this stamp again is unchanged; not so just after a change (`now` in ns)."""
        return is_stable(self.changed, now) and is_stable(max(self.modified, self.changed), now)


class FileEntry(Struct, frozen=True, gc=False):
    """A file of the project: where it really is, and what the file system said of it."""

    file: str
    stat: FileStat


class ScanResult(Struct, frozen=True):
    """The files found: `articles` are read, `files` is everything that a link may lead to.

    Translations and the editor's pages are read as articles are, so they are among them. `linked` says whether a link
    of the file system led to any of them.
    """

    articles: dict[str, FileEntry]
    files: dict[str, FileEntry]
    linked: bool = False

    def rescan(self, root: Path, paths: Iterable[str]) -> "ScanResult | None":
        """Return the same with what the file system says now of `paths`, the only ones that may have changed.

        None where more than the bytes of known articles may have: then everything has to be looked at.
        """
        articles, files = dict(self.articles), dict(self.files)
        for path in paths:
            if not path.startswith(f"{CONTENT_ROOT}/"):
                if path == CONTENT_ROOT:
                    return None
                continue
            known = articles.get(path)
            try:
                status = os.lstat(root / path if known is None else known.file)
            except FileNotFoundError:
                if known is None and path not in files and not any(other.startswith(f"{path}/") for other in files):
                    continue  # it came and went: editors write beside the file that they save
                return None
            except OSError:
                return None
            if known is None or not stat.S_ISREG(status.st_mode) or status.st_size > MAX_ARTICLE_BYTES:
                return None
            articles[path] = files[path] = FileEntry(known.file, file_stat(status))
        return replace(self, articles=articles, files=files)


def file_stat(status: os.stat_result) -> FileStat:
    """Return the stamp of a file's status."""
    return FileStat(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def scan(root: Path, diagnostics: Diagnostics) -> ScanResult:
    """Walk the content folder below `root`.

    Hidden files and what editors leave behind are passed over. Links that leave the project, loops, folders named like
    articles and articles over the size limit become errors. Raises SurroundingsError for what cannot be read.
    """
    articles: dict[str, FileEntry] = {}
    files: dict[str, FileEntry] = {}
    if not (root / CONTENT_ROOT).is_dir():
        diagnostics.error(
            "no-content",
            SourceLocation(CONTENT_ROOT),
            "there is no folder content/, and a site without articles would replace the one that stands",
            hint="make it, if the digest is to be empty",
        )
    links: list[str] = []
    for path, found in _walk(root / CONTENT_ROOT, CONTENT_ROOT, root.resolve(), (), diagnostics, links=links):
        if not path.endswith(".md"):
            if path.lower().endswith(".md"):
                diagnostics.warning("not-read", SourceLocation(path), "an article's name ends in .md, in small letters")
            else:
                files[path] = found
        elif not _is_read(path):
            diagnostics.warning("not-read", SourceLocation(path), _not_read(path))
        else:
            files[path] = found
            if found.stat.size > MAX_ARTICLE_BYTES:
                message = f"the file has {found.stat.size:,} bytes; at most {MAX_ARTICLE_BYTES:,} are read"
                diagnostics.error("file-too-large", SourceLocation(path), message)
            else:
                articles[path] = found
    return ScanResult(articles, files, bool(links))


def _is_read(path: str) -> bool:
    return path.startswith(f"{ARTICLES}/") or path.rpartition("/")[0] == PAGES


def _not_read(path: str) -> str:
    if path.startswith(f"{PAGES}/"):
        return "a page stands in content/pages/ itself, so this one in a folder below it is not read"
    return "not in content/articles/, so it is no article and is not read"


def _walk(
    folder: Path, path: str, root: Path, above: tuple[Path, ...], diagnostics: Diagnostics, *, links: list[str]
) -> Iterator[tuple[str, FileEntry]]:
    """Yield every file below `folder`; `above` are the real folders on the way down, against loops.

    What is a link of the file system is added to `links`.
    """
    real = folder.resolve()
    if not above and folder.is_symlink():
        links.append(path)
    if not above and not real.is_relative_to(root):
        diagnostics.error("symlink-outside", SourceLocation(path), "this link leads out of the project")
        return
    if real in above:
        diagnostics.error("symlink-loop", SourceLocation(path), "this link leads back to a folder above it")
        return
    for child, entry in _entries(folder, path, diagnostics):
        try:
            status: os.stat_result | None = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # it went away in this moment
            continue
        if status is not None and stat.S_ISLNK(status.st_mode):
            links.append(child)
            status = _status_of_target(entry, child, root, diagnostics)
        if status is None:
            continue
        if stat.S_ISREG(status.st_mode):
            yield child, FileEntry(entry.path, file_stat(status))
        elif stat.S_ISDIR(status.st_mode):
            if child.endswith(".md"):
                diagnostics.error(
                    "not-a-file", SourceLocation(child), "a folder with the name of an article; expected a file"
                )
            else:
                yield from _walk(Path(entry.path), child, root, (*above, real), diagnostics, links=links)
        else:
            diagnostics.error("not-a-file", SourceLocation(child), "neither a file nor a folder")


def _entries(folder: Path, path: str, diagnostics: Diagnostics) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield what lies in a folder by project path; names that cannot be told apart or read are reported."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ExternalError(f"cannot read the folder {path}: {error.strerror}") from error
    seen: set[str] = set()
    for entry in entries:
        name = entry.name
        if name[0] in ".#" or name[-1] == "~":
            continue
        if name.isascii():
            yield f"{path}/{name}", entry
            continue
        name = unicodedata.normalize("NFC", name)
        if any("\udc80" <= char <= "\udcff" for char in name):
            shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            diagnostics.error(
                "bad-name", SourceLocation(f"{path}/{shown}"), "the file's name is not UTF-8", hint="rename it"
            )
        elif name in seen:
            message = "two files here have this name, in different Unicode forms"
            diagnostics.error("duplicate-name", SourceLocation(f"{path}/{name}"), message, hint="rename one of them")
        else:
            seen.add(name)
            yield f"{path}/{name}", entry


def _status_of_target(
    entry: os.DirEntry[str], child: str, root: Path, diagnostics: Diagnostics
) -> os.stat_result | None:
    """Return the status of what a link leads to; None, reported, where it must not be followed."""
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        diagnostics.error("dead-symlink", SourceLocation(child), "this link leads nowhere, or round in a loop")
        return None
    if not target.is_relative_to(root):
        diagnostics.error(
            "symlink-outside", SourceLocation(child), "this link leads out of the project", hint="copy the file"
        )
        return None
    return target.stat()
