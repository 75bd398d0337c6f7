"""Reading the articles: those that were read before come from the store, the others from their files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from time import time_ns
from typing import TYPE_CHECKING

from sitegen.builder.cache import ContentCache, DocumentRecord, FileState, FolderRecord
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.scan import FileEntry, FileStat, ScanResult
from sitegen.paths import read_bytes
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import DIGEST_BYTES

if TYPE_CHECKING:
    from sitegen.builder.executor import Pool
    from sitegen.config.model import ContentSchema


@dataclass(frozen=True, slots=True)
class FileStates:
    """What is known of the files before any is read: a mark for each file that was met before, by folder and name."""

    known: Mapping[str, tuple[FileState, ...]]
    digests: Mapping[str, bytes]
    """The digest of each file's bytes by path, where it is known."""
    better: Mapping[str, tuple[FileState, ...]]
    """Marks of whole folders that can now be told by the file system alone."""
    moment: int
    """When the files were looked at, in ns: what was new then proves nothing later."""
    folders: Mapping[str, Sequence[str]]
    """The files that lie in each folder, by path."""
    same: frozenset[str]
    """Folders in which every file is as it was marked, and none came or went."""


def content_digest(data: bytes) -> bytes:
    """Return the digest of a file's bytes."""
    return blake2b(data, digest_size=DIGEST_BYTES).digest()


def detect_changes(found: ScanResult, store: ContentCache) -> FileStates:
    """Tell by stamps, and where these are new by the bytes, which files are as they were."""
    known, folders, same = store.marks(), _by_folder(found.articles), set()
    now = time_ns()
    digests: dict[str, bytes] = {}
    better: dict[str, tuple[FileState, ...]] = {}
    for folder, rows in known.items():
        fresh = list(rows)
        before = len(digests)
        is_same = len(rows) == len(folders.get(folder, ()))
        for index, (name, stamp, digest) in enumerate(rows):
            path = f"{folder}/{name}"
            file = found.articles.get(path)
            if file is None:
                is_same = False
            elif stamp == file.stamp:
                digests[path] = digest
            else:
                digests[path] = content_digest(read_bytes(path, file.file))
                is_same = is_same and digests[path] == digest
                if file.stamp.is_stable(now):
                    fresh[index] = FileState(name, plain(file.stamp), digests[path])
        if fresh != list(rows) and all(new.digest == old.digest for new, old in zip(fresh, rows, strict=True)):
            better[folder] = tuple(fresh)
        if is_same and len(digests) == before + len(rows):
            same.add(folder)
    return FileStates(known, digests, better, now, folders, frozenset(same))


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What reading needs: the vocabulary, the digest of it and of this program, workers, the store.

    `progress` is told how many of the articles that are new or changed have been read.
    """

    content_schema: "ContentSchema"
    base: bytes
    pool: "Pool"
    store: ContentCache
    progress: Progress = no_progress


def read(
    found: ScanResult, marks: FileStates, reading: ReadContext, folders: Mapping[str, Sequence[str]]
) -> tuple[dict[str, DocumentRecord], dict[str, bytes]]:
    """Return what every file of `folders` says, and the digest of the bytes that say it, by path."""
    store = reading.store
    heads: dict[str, DocumentRecord | None] = {}
    for folder, paths in folders.items():
        shelved = store.heads(folder, reading.base) if folder in marks.known else None
        rows = marks.known.get(folder, ())
        table = {}
        if shelved is not None and len(shelved) == len(rows):
            table = {row.name: (row.digest, head) for row, head in zip(rows, shelved, strict=True)}
        for path in paths:
            digest, head = table.get(path.rpartition("/")[2], (None, None))
            heads[path] = head if digest is not None and digest == marks.digests.get(path) else None
    unread = [path for path, head in heads.items() if head is None]
    read_now: dict[str, bytes] = {}
    files = _files(unread, found.articles, read_now)
    results = reading.pool.read(files, len(unread), reading.content_schema)
    for number, (path, (result, text)) in enumerate(zip(unread, results, strict=True), start=1):
        reading.progress("read", number, len(unread))
        head = heads[path] = DocumentRecord(result.article, result.diagnostics, result.beside)
        if head.text is not None and text is not None:
            store.put_text(head.text, text)
    whole = {path: head for path, head in heads.items() if head is not None}
    digests = {path: read_now.get(path) or marks.digests[path] for path in whole}
    shelves: dict[str, FolderRecord] = {}
    for folder, paths in folders.items():
        as_before = len(marks.known.get(folder, ())) == len(paths) and not any(path in read_now for path in paths)
        if not as_before or folder in marks.better:
            rows = tuple([_mark(path, found.articles[path], digests[path], marks.moment) for path in paths])
            shelves[folder] = FolderRecord(rows, reading.base, tuple([whole[path] for path in paths]))
    if shelves:
        store.save(shelves)
    return whole, digests


def _files(
    paths: Sequence[str], found: Mapping[str, FileEntry], digests: dict[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        data = read_bytes(path, found[path].file)
        digests[path] = content_digest(data)
        yield path, data


def prune(marks: FileStates, heads: Mapping[str, Mapping[str, DocumentRecord]], store: ContentCache) -> None:
    """Drop what no file says any more; `heads` are those of all files, by folder."""
    gone = [folder for folder in marks.known if folder not in heads]
    dropped = store.texts() - {head.text for found in heads.values() for head in found.values()}
    if gone or dropped:
        store.save({}, gone, dropped)


def _mark(path: str, file: FileEntry, digest: bytes, now: int) -> FileState:
    return FileState(path.rpartition("/")[2], plain(file.stamp) if file.stamp.is_stable(now) else None, digest)


def plain(stamp: FileStat) -> tuple[int, int, int, int]:
    """Return a stamp as it is kept."""
    return stamp.size, stamp.modified, stamp.changed, stamp.inode


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return folders
