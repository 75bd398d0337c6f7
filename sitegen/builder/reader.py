"""Reads the documents of a project: those that are unchanged from the content cache, the others from their files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from sitegen.builder.cache import ContentCache, FileState
from sitegen.builder.changes import FileStates
from sitegen.builder.executor import Pool
from sitegen.builder.inputs import Inputs
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.scan import FileEntry
from sitegen.builder.tasks import Document, ParseTask
from sitegen.paths import read_bytes
from sitegen.util.hashing import Hash


class Documents(Struct, frozen=True):
    """Every parsed document by its path, and the hashes of the files' bytes."""

    by_path: Mapping[str, Document]
    hashes: Mapping[str, Hash]


def read_documents(
    inputs: Inputs, cache: ContentCache, task: ParseTask, pool: Pool, progress: Progress = no_progress
) -> Documents:
    """Return every document; what was parsed now is kept in the cache."""
    found, states = inputs.scan, inputs.states
    documents: dict[str, Document] = {}
    for folder in states.folders.keys() & states.known.keys():
        stored = cache.documents(folder, task.schema_hash, tuple[Document, ...])
        for document in stored or ():
            if states.hashes.get(document.path) == document.source:
                documents[document.path] = document
    pending = [path for path in found.articles if path not in documents]
    parsed: dict[str, Document] = {}
    results = pool.map(task, _files(pending, found.articles), len(pending))
    for number, (document, text) in enumerate(results, start=1):
        progress("read", number, len(pending))
        parsed[document.path] = document
        if text is not None and document.text is not None:
            cache.put_text(document.text, text)
    documents |= parsed
    hashes = {path: document.source for path, document in documents.items()}
    for folder, paths in states.folders.items():
        is_unchanged = len(states.known.get(folder, ())) == len(paths) and parsed.keys().isdisjoint(paths)
        if not is_unchanged or folder in states.refreshed:
            rows = [_state(path, found.articles[path], hashes[path], states.scanned_at) for path in paths]
            cache.put_folder(folder, rows, task.schema_hash, [documents[path] for path in paths])
    _prune(cache, states, documents.values())
    return Documents({path: documents[path] for path in found.articles}, hashes)


def _prune(cache: ContentCache, states: FileStates, documents: Iterable[Document]) -> None:
    """Drop folders that are gone and texts that no document has any more."""
    folders = states.known.keys() - states.folders.keys()
    texts = cache.text_hashes() - {document.text for document in documents if document.text is not None}
    cache.prune(folders, texts)
    cache.commit()


def _files(paths: Sequence[str], found: Mapping[str, FileEntry]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        yield path, read_bytes(path, found[path].file)


def _state(path: str, entry: FileEntry, source: Hash, scanned_at: int) -> FileState:
    return FileState(path.rpartition("/")[2], entry.stat if entry.stat.is_stable(scanned_at) else None, source)
