"""What lies in the project: the files of the content folder, by project path."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from sitegen.diagnostics import Findings, Place
from sitegen.errors import SurroundingsError
from sitegen.paths import ARTICLES, CONTENT_ROOT, PAGES
from sitegen.util.frozen import dataclass

MAX_ARTICLE_BYTES: Final = 2 * 1024 * 1024


_COARSE: Final = 2_000_000_000
_FINE: Final = 50_000_000
_MILLISECOND: Final = 1_000_000


def settled(changed: int, now: int) -> bool:
    """Whether a change at one time cannot hide any more behind that of an earlier one; both in ns since 1970.

    File systems count to 2 s at worst (FAT). One that gives digits below a millisecond counts by the ticks of the
    system's clock, which are 10 ms at most.
    """
    return changed + (_FINE if changed % _MILLISECOND else _COARSE) < now


class Stamp(NamedTuple):
    """What the file system says of a file: size in bytes, times in ns at which content and inode changed, inode."""

    size: int
    modified: int
    changed: int
    inode: int

    def settled(self, now: int) -> bool:
        """Whether a file that has this stamp again is unchanged; not so just after a change (`now` in ns)."""
        return settled(self.changed, now) and settled(max(self.modified, self.changed), now)


class Found(NamedTuple):
    """A file of the project: where it really is, and what the file system said of it."""

    file: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Scan:
    """The files found: `articles` are read, `files` is everything that a link may lead to.

    Translations and the editor's pages are read as articles are, so they are among them. `linked` says whether a link
    of the file system led to any of them.
    """

    articles: dict[str, Found]
    files: dict[str, Found]
    linked: bool = False

    def looked_at_again(self, root: Path, paths: Iterable[str]) -> "Scan | None":
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
            articles[path] = files[path] = Found(known.file, stamp_of(status))
        return replace(self, articles=articles, files=files)


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file's status."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def scan(root: Path, findings: Findings) -> Scan:
    """Walk the content folder below `root`.

    Hidden files and what editors leave behind are passed over. Links that leave the project, loops, folders named like
    articles and articles over the size limit become errors. Raises SurroundingsError for what cannot be read.
    """
    articles: dict[str, Found] = {}
    files: dict[str, Found] = {}
    if not (root / CONTENT_ROOT).is_dir():
        findings.error(
            "no-content",
            Place(CONTENT_ROOT),
            "there is no folder content/, and a site without articles would replace the one that stands",
            hint="make it, if the digest is to be empty",
        )
    links: list[str] = []
    for path, found in _walk(root / CONTENT_ROOT, CONTENT_ROOT, root.resolve(), (), findings, links=links):
        if not path.endswith(".md"):
            if path.lower().endswith(".md"):
                findings.warning("not-read", Place(path), "an article's name ends in .md, in small letters")
            else:
                files[path] = found
        elif not _is_read(path):
            findings.warning("not-read", Place(path), _not_read(path))
        else:
            files[path] = found
            if found.stamp.size > MAX_ARTICLE_BYTES:
                message = f"the file has {found.stamp.size:,} bytes; at most {MAX_ARTICLE_BYTES:,} are read"
                findings.error("file-too-large", Place(path), message)
            else:
                articles[path] = found
    return Scan(articles, files, bool(links))


def _is_read(path: str) -> bool:
    return path.startswith(f"{ARTICLES}/") or path.rpartition("/")[0] == PAGES


def _not_read(path: str) -> str:
    if path.startswith(f"{PAGES}/"):
        return "a page stands in content/pages/ itself, so this one in a folder below it is not read"
    return "not in content/articles/, so it is no article and is not read"


def _walk(
    folder: Path, path: str, root: Path, above: tuple[Path, ...], findings: Findings, *, links: list[str]
) -> Iterator[tuple[str, Found]]:
    """Yield every file below `folder`; `above` are the real folders on the way down, against loops.

    What is a link of the file system is added to `links`.
    """
    real = folder.resolve()
    if not above and folder.is_symlink():
        links.append(path)
    if not above and not real.is_relative_to(root):
        findings.error("symlink-outside", Place(path), "this link leads out of the project")
        return
    if real in above:
        findings.error("symlink-loop", Place(path), "this link leads back to a folder above it")
        return
    for child, entry in _entries(folder, path, findings):
        try:
            status: os.stat_result | None = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # it went away in this moment
            continue
        if status is not None and stat.S_ISLNK(status.st_mode):
            links.append(child)
            status = _status_of_target(entry, child, root, findings)
        if status is None:
            continue
        if stat.S_ISREG(status.st_mode):
            yield child, Found(entry.path, stamp_of(status))
        elif stat.S_ISDIR(status.st_mode):
            if child.endswith(".md"):
                findings.error("not-a-file", Place(child), "a folder with the name of an article; expected a file")
            else:
                yield from _walk(Path(entry.path), child, root, (*above, real), findings, links=links)
        else:
            findings.error("not-a-file", Place(child), "neither a file nor a folder")


def _entries(folder: Path, path: str, findings: Findings) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield what lies in a folder by project path; names that cannot be told apart or read are reported."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SurroundingsError(f"cannot read the folder {path}: {error.strerror}") from error
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
            findings.error("bad-name", Place(f"{path}/{shown}"), "the file's name is not UTF-8", hint="rename it")
        elif name in seen:
            message = "two files here have this name, in different Unicode forms"
            findings.error("duplicate-name", Place(f"{path}/{name}"), message, hint="rename one of them")
        else:
            seen.add(name)
            yield f"{path}/{name}", entry


def _status_of_target(entry: os.DirEntry[str], child: str, root: Path, findings: Findings) -> os.stat_result | None:
    """Return the status of what a link leads to; None, reported, where it must not be followed."""
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        findings.error("dead-symlink", Place(child), "this link leads nowhere, or round in a loop")
        return None
    if not target.is_relative_to(root):
        findings.error("symlink-outside", Place(child), "this link leads out of the project", hint="copy the file")
        return None
    return target.stat()
