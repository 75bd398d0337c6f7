"""Reads the documents of a project: those that are unchanged from the content cache, the others from their files."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from sitegen.builder.cache import ContentCache, FileState
from sitegen.builder.executor import Pool
from sitegen.builder.inputs import BuildRun, Inputs
from sitegen.builder.scan import FileEntry
from sitegen.builder.tasks import Document, ParseTask
from sitegen.paths import read_bytes
from sitegen.util.hashing import Hash


class Documents(Struct, frozen=True):
    """Every parsed document by its path, and the hashes of the files' bytes."""

    by_path: Mapping[str, Document]
    hashes: Mapping[str, Hash]

    @property
    def texts(self) -> set[Hash]:
        """The hashes of all texts."""
        return {document.text for document in self.by_path.values() if document.text is not None}


def read_documents(run: BuildRun, task: ParseTask, pool: Pool) -> Documents:
    """Return every document; what was parsed now is kept in the cache."""
    found, inputs, cache = run.inputs.scan, run.inputs, run.cache
    documents: dict[str, Document] = {}
    for folder in inputs.folders.keys() & inputs.known.keys():
        stored = cache.documents(folder, task.schema_hash, tuple[Document, ...])
        for document in stored or ():
            if inputs.hashes.get(document.path) == document.source:
                documents[document.path] = document
    pending = [path for path in found.articles if path not in documents]
    parsed = parse_files(pending, run, task, pool)
    documents |= parsed
    everything = Documents(
        {path: documents[path] for path in found.articles}, {path: item.source for path, item in documents.items()}
    )
    keep_folders(run, task, everything, parsed)
    _prune(cache, inputs, everything)
    return everything


def parse_files(paths: Sequence[str], run: BuildRun, task: ParseTask, pool: Pool) -> dict[str, Document]:
    """Parse files and keep their texts in the cache. Return the documents by path."""
    parsed: dict[str, Document] = {}
    results = pool.map(task, _files(paths, run.inputs.scan.articles), len(paths))
    for number, (document, text) in enumerate(results, start=1):
        run.progress("read", number, len(paths))
        parsed[document.path] = document
        if text is not None and document.text is not None:
            run.cache.put_text(document.text, text)
    return parsed


def keep_folders(run: BuildRun, task: ParseTask, documents: Documents, parsed: Collection[str]) -> None:
    """Keep in the cache the folders in which a file was parsed, removed, or can now be recognized by its status."""
    inputs, cache = run.inputs, run.cache
    for folder, paths in inputs.folders.items():
        is_unchanged = len(inputs.known.get(folder, ())) == len(paths) and not any(path in parsed for path in paths)
        if not is_unchanged or folder in inputs.refreshed:
            rows = [
                _state(path, inputs.scan.articles[path], documents.hashes[path], inputs.scanned_at) for path in paths
            ]
            cache.put_folder(folder, rows, task.schema_hash, [documents.by_path[path] for path in paths])
    cache.commit()


def _prune(cache: ContentCache, inputs: Inputs, documents: Documents) -> None:
    """Drop folders that are gone and texts that no document has any more."""
    folders = inputs.known.keys() - inputs.folders.keys()
    texts = cache.text_hashes() - documents.texts
    cache.prune(folders, texts)
    cache.commit()


def _files(paths: Sequence[str], found: Mapping[str, FileEntry]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        yield path, read_bytes(path, found[path].file)


def _state(path: str, entry: FileEntry, source: Hash, scanned_at: int) -> FileState:
    return FileState(path.rpartition("/")[2], entry.stat if entry.stat.is_stable(scanned_at) else None, source)
