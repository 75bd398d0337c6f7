"""Scans the content folder of a project."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.diagnostics import Diagnostics, ExternalError, SourceLocation, closest_match
from sitegen.util.paths import (
    ARTICLES,
    CALENDAR,
    CONTENT_ROOT,
    EDITIONS,
    ISSUES,
    PAGES,
    STATIC,
    WELL_KNOWN,
    has_utf8_name,
    report_size,
)

_MARKDOWN_ENDINGS: Final = frozenset({"md", "markdown", "mdown", "mdwn", "mkd", "mkdn", "mdx", "rmd", "qmd"})
"""Endings of Markdown files elsewhere, in lower case."""
_CALENDAR_NAME: Final = CALENDAR.rpartition("/")[2]
_FLAT_FOLDERS: Final = (PAGES, EDITIONS, ISSUES)
"""Folders of Markdown files that have no folders."""
_MOVE: Final = "move the file or folder to this place, or mount it here"
MAX_ARTICLE_BYTES: Final = 2 * 1024 * 1024
_COARSE_TICK: Final = 2_000_000_000
_FINE_TICK: Final = 50_000_000
_MILLISECOND: Final = 1_000_000


def is_stable(changed: int, now: int) -> bool:
    """Return whether a change after `now` would get a later time than `changed`; both in ns since 1970.

    The resolution of file times is 2 s at worst (FAT). A file system with digits below a millisecond uses the ticks of
    the system clock, which are 10 ms at most.
    """
    return changed + (_FINE_TICK if changed % _MILLISECOND else _COARSE_TICK) < now


class FileStat(Struct, frozen=True, array_like=True, gc=False):
    """The status of a file: size in bytes, mtime and ctime in ns, inode."""

    size: int
    modified: int
    changed: int
    inode: int

    def is_stable(self, now: int) -> bool:
        """Return whether a file that keeps this status is unchanged: not shortly after a change. `now` is in ns."""
        return is_stable(self.changed, now) and is_stable(max(self.modified, self.changed), now)


class FileEntry(Struct, frozen=True, gc=False):
    """A file of the project: its path in the file system, and its status."""

    file: str
    stat: FileStat


class ScanResult(Struct, frozen=True):
    """The files of the content folder by project path: `articles` are the documents, `files` are all files.

    Documents are the Markdown files, which include translations and static pages, and the calendar. `linked` is true if
    the scan followed a symbolic link.
    """

    articles: dict[str, FileEntry]
    files: dict[str, FileEntry]
    linked: bool = False

    def rescan(self, root: Path, paths: Iterable[str]) -> "ScanResult | None":
        """Return the result with the current status of `paths`, the only ones that may have changed.

        None if there may be other changes than the content of known articles. Then a complete scan is necessary.
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
                    continue  # created and deleted again: an editor's temporary file
                return None
            except OSError:
                return None
            if known is None or not stat.S_ISREG(status.st_mode) or status.st_size > MAX_ARTICLE_BYTES:
                return None
            articles[path] = files[path] = FileEntry(known.file, file_stat(status))
        return replace(self, articles=articles, files=files)


def file_stat(status: os.stat_result) -> FileStat:
    """Return the fields of a status that show a change."""
    return FileStat(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def scan(root: Path, diagnostics: Diagnostics) -> ScanResult:
    """Walk the content folder below `root`.

    Hidden files and backup files of editors are ignored. Symbolic links that leave the folder, loops, folders named
    like articles and articles over the size limit are errors. Raises ExternalError for folders that cannot be read.
    """
    articles: dict[str, FileEntry] = {}
    files: dict[str, FileEntry] = {}
    if not (root / CONTENT_ROOT).is_dir():
        diagnostics.error(
            "no-content",
            SourceLocation(CONTENT_ROOT),
            "the folder content/ is missing; refusing to replace the site with an empty one",
            hint="create the folder if the site has no articles",
        )
    links: list[str] = []
    for path, entry in _walk(root / CONTENT_ROOT, CONTENT_ROOT, root.resolve(), (), diagnostics, links=links):
        if path.startswith(f"{STATIC}/"):
            files[path] = entry
        elif not path.endswith(".md") and path != CALENDAR:
            name, _, ending = path.rpartition("/")[2].rpartition(".")
            if ending.lower() in _MARKDOWN_ENDINGS:
                message = f"the file is ignored: expected the ending .md in lower case, not .{ending}"
                diagnostics.warning("not-read", SourceLocation(path), message, hint=f"rename it to {name}.md")
            elif path == f"{CONTENT_ROOT}/{name}.{ending}" and closest_match(f"{name}.{ending}", [_CALENDAR_NAME]):
                message = f"the file is ignored: expected the name {CALENDAR}"
                diagnostics.warning("not-read", SourceLocation(path), message, hint=f"rename it to {CALENDAR}")
            else:
                files[path] = entry
        elif not path.startswith(f"{ARTICLES}/") and path.rpartition("/")[0] not in _FLAT_FOLDERS and path != CALENDAR:
            folder = next((folder for folder in _FLAT_FOLDERS if path.startswith(f"{folder}/")), None)
            place = f"it must be directly in {folder}/" if folder else "articles must be in content/articles/"
            names = {known.rpartition("/")[2]: known for known in (ARTICLES, *_FLAT_FOLDERS)}
            near = None if folder else names.get(closest_match(path.split("/")[1], tuple(names)) or "")
            diagnostics.warning("not-read", SourceLocation(path), f"the file is ignored: {place}", near=near)
        else:
            files[path] = entry
            report_size(path, entry.stat.size, MAX_ARTICLE_BYTES, diagnostics)
            if entry.stat.size <= MAX_ARTICLE_BYTES:
                articles[path] = entry
    return ScanResult(articles, files, bool(links))


def _walk(
    folder: Path, path: str, root: Path, above: tuple[Path, ...], diagnostics: Diagnostics, *, links: list[str]
) -> Iterator[tuple[str, FileEntry]]:
    """Yield every file below `folder`; `above` are its resolved parents, to detect loops.

    Symbolic links are added to `links`.
    """
    real = folder.resolve()
    if not above and folder.is_symlink():
        links.append(path)
    if not above and not real.is_relative_to(root):
        diagnostics.error("symlink-outside", SourceLocation(path), "symbolic link out of the project", hint=_MOVE)
        return
    if real in above:
        diagnostics.error(
            "symlink-loop", SourceLocation(path), "symbolic link to a folder above it", hint="delete the link"
        )
        return
    for child, entry in _entries(folder, path, diagnostics):
        try:
            status: os.stat_result | None = entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # deleted in the meantime
            continue
        if status is not None and stat.S_ISLNK(status.st_mode):
            links.append(child)
            status = _target_status(entry, child, (*above, real)[0], diagnostics)
        if status is None:
            continue
        if stat.S_ISREG(status.st_mode):
            yield child, FileEntry(entry.path, file_stat(status))
        elif stat.S_ISDIR(status.st_mode):
            if child.endswith(".md") and not child.startswith(f"{STATIC}/"):
                diagnostics.error(
                    "not-a-file", SourceLocation(child), "a folder is named like an article; expected a file"
                )
            else:
                yield from _walk(Path(entry.path), child, root, (*above, real), diagnostics, links=links)
        else:
            diagnostics.error(
                "not-a-file", SourceLocation(child), "expected a regular file or a folder", hint="remove it"
            )


def _entries(folder: Path, path: str, diagnostics: Diagnostics) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield the entries of a folder by project path; report names that are ambiguous or cannot be decoded."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ExternalError(f"cannot read the folder {path}: {error.strerror}") from error
    seen: set[str] = set()
    for entry in entries:
        name = entry.name
        if name == ".md":
            message = "the file is ignored: it has no name before .md"
            diagnostics.warning("not-read", SourceLocation(f"{path}/{name}"), message, hint="rename it")
        if (name[0] in ".#" or name[-1] == "~") and (path, name) != (STATIC, WELL_KNOWN):
            continue
        if name.isascii():
            yield f"{path}/{name}", entry
            continue
        name = unicodedata.normalize("NFC", name)
        if not has_utf8_name(f"{path}/{name}", diagnostics):
            continue
        if name in seen:
            message = "another file in this folder has the same name in a different Unicode form"
            diagnostics.error("duplicate-name", SourceLocation(f"{path}/{name}"), message, hint="rename one of them")
        else:
            seen.add(name)
            yield f"{path}/{name}", entry


def _target_status(
    entry: os.DirEntry[str], child: str, content: Path, diagnostics: Diagnostics
) -> os.stat_result | None:
    """Return the status of a symbolic link's target; None, with a diagnostic, if the link must not be followed.

    A link to a file outside `content`, such as `.env`, would publish it.
    """
    try:
        target = Path(entry.path).resolve(strict=True)
    except (OSError, RuntimeError):
        hint = "delete the link, or restore the file that it leads to"
        diagnostics.error("dead-symlink", SourceLocation(child), "broken or circular symbolic link", hint=hint)
        return None
    if not target.is_relative_to(content) or any(part.startswith(".") for part in target.relative_to(content).parts):
        message = "symbolic link out of the folder content/, or to a hidden file"
        diagnostics.error("symlink-outside", SourceLocation(child), message, hint=_MOVE)
        return None
    return target.stat()
