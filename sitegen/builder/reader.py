"""Reads the documents of a project: those that are unchanged from the content cache, the others from their files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import force_setattr

from sitegen.builder.cache import ContentCache, FileState, cache_in_worker
from sitegen.builder.executor import Pool, Task
from sitegen.builder.inputs import Inputs
from sitegen.builder.run import BuildRun
from sitegen.config.model import ContentSchema
from sitegen.content.documents import Document, read_document
from sitegen.util.hashing import Hash, decode, encode, hash_bytes, hash_value
from sitegen.util.paths import read_bytes
from sitegen.util.version import program_hash

File = tuple[str, str]
"""A document: its project path, and its path in the file system."""
_Parsed = tuple[Document, bytes | None]
"""A document, and its encoded text."""
_OFTEN_EQUAL: Final = ("lang", "topics", "countries", "generated")
"""Fields of front matter in which many articles are equal."""


def read_documents(run: BuildRun, schema: ContentSchema, pool: Pool) -> dict[str, Document]:
    """Return every document by its path; what was parsed now is kept in the cache."""
    inputs = run.inputs
    shared: dict[Any, Any] = {}
    known: dict[str, Document] = {}
    for folder in inputs.folders.keys() & inputs.known.keys():
        documents = read_folder(run, schema, folder)
        current = {path: document for path, document in documents.items() if inputs.hashes.get(path) == document.source}
        _share_values(current, shared)
        known |= current
    parsed = parse_files([path for path in inputs.scan.articles if path not in known], run, schema, pool)
    _share_values(parsed, shared)
    known |= parsed
    documents = {path: known[path] for path in inputs.scan.articles}
    _keep_folders(run, schema, documents, parsed)
    _prune(run.cache, inputs, documents)
    return documents


def read_folder(run: BuildRun, schema: ContentSchema, folder: str) -> dict[str, Document]:
    """Return the documents of a folder that the cache has, by path."""
    documents = run.cache.documents(folder, _schema_hash(schema), tuple[Document, ...]) or ()
    return {document.path: document for document in documents}


def _share_values(documents: Mapping[str, Document], shared: dict[Any, Any]) -> None:
    """Let equal values of articles be one object: after decoding each has its own, a fifth of the memory.

    `shared` has the values of other articles.
    """
    share = shared.setdefault
    for path, document in documents.items():
        force_setattr(document, "path", path)
        article = document.article
        if article is not None:
            front = article.front
            force_setattr(article, "path", path)
            often_equal = ((article, "anchors"), *((front, name) for name in _OFTEN_EQUAL))
            for owner, name in (*often_equal, (front.source, "name"), (front.source, "lang")):
                value = getattr(owner, name)
                force_setattr(owner, name, share(value, value))
            if article.visible_from == article.published:
                force_setattr(article, "visible_from", article.published)


def parse_files(paths: Sequence[str], run: BuildRun, schema: ContentSchema, pool: Pool) -> dict[str, Document]:
    """Parse files and keep their texts in the cache. Return the documents by path."""
    parsed: dict[str, Document] = {}
    files = [(path, run.inputs.scan.articles[path].file) for path in paths]
    task = _remote_parse_task(run, schema) if pool.is_remote else _parse_task(run, schema)
    for _, document in pool.map(task, files):
        parsed[document.path] = document
        run.progress("read", len(parsed), len(paths))
    return parsed


def _keep_folders(
    run: BuildRun, schema: ContentSchema, documents: Mapping[str, Document], parsed: Collection[str]
) -> None:
    """Keep in the cache the folders in which a file was parsed, removed, or can now be recognized by its status."""
    inputs = run.inputs
    for folder, paths in inputs.folders.items():
        is_unchanged = len(inputs.known.get(folder, ())) == len(paths) and not any(path in parsed for path in paths)
        if not is_unchanged or folder in inputs.refreshed:
            keep_folder(run, schema, folder, documents)
    run.cache.commit()


def keep_folder(run: BuildRun, schema: ContentSchema, folder: str, documents: Mapping[str, Document]) -> None:
    """Keep the documents of a folder in the cache."""
    inputs = run.inputs
    paths, states = inputs.folders[folder], []
    for path in paths:
        stat = inputs.scan.articles[path].stat
        certain = stat if stat.is_stable(inputs.scanned_at) else None
        states.append(FileState(path.rpartition("/")[2], certain, documents[path].source))
    run.cache.put_folder(folder, states, _schema_hash(schema), [documents[path] for path in paths])


def parse(path: str, data: bytes, schema: ContentSchema) -> _Parsed:
    """Parse one file. Return the document and its encoded text."""
    document, body = read_document(path, data, schema)
    return document, None if body is None else encode(body)


def _parse_task(run: BuildRun, schema: ContentSchema) -> Task[File, Document]:
    folder = str(run.request.output_folder)
    return Task(
        name=lambda file: file[0],
        run=lambda batch: _parse_batch(batch, schema, run.cache),
        pack=lambda batch: encode((folder, schema, batch)),
        worker=_parse_message,
        unpack=lambda message: decode(message, list[Document]),
    )


def _parse_message(message: bytes) -> bytes:
    """Parse the files in a message, in a worker."""
    folder, schema, batch = decode(message, tuple[str, ContentSchema, list[File]])
    return encode(_parse_batch(batch, schema, cache_in_worker(folder)))


def _remote_parse_task(run: BuildRun, schema: ContentSchema) -> Task[File, Document]:
    """Return the task for workers without the files: bytes are sent, and texts come back."""

    def unpack(message: bytes) -> list[Document]:
        parsed = decode(message, list[_Parsed])
        _keep_texts(parsed, run.cache)
        return [document for document, _ in parsed]

    return Task(
        name=lambda file: file[0],
        run=lambda batch: _parse_batch(batch, schema, run.cache),
        pack=lambda batch: encode((schema, [(path, read_bytes(path, file)) for path, file in batch])),
        worker=_parse_remote_message,
        unpack=unpack,
        size=lambda file: 2 * run.inputs.scan.articles[file[0]].stat.size,
    )


def _parse_remote_message(message: bytes) -> bytes:
    """Parse the bytes in a message, on another machine."""
    schema, batch = decode(message, tuple[ContentSchema, list[tuple[str, bytes]]])
    return encode([parse(path, data, schema) for path, data in batch])


def _parse_batch(batch: Iterable[File], schema: ContentSchema, cache: ContentCache) -> list[Document]:
    """Parse files, and keep their texts in the cache: the process that renders a page reads them there."""
    parsed = [parse(path, read_bytes(path, file), schema) for path, file in batch]
    _keep_texts(parsed, cache)
    return [document for document, _ in parsed]


def _keep_texts(parsed: Iterable[_Parsed], cache: ContentCache) -> None:
    cache.put_texts({item.text: text for item, text in parsed if text is not None and item.text is not None})


def _schema_hash(schema: ContentSchema) -> Hash:
    """Return the hash of all that a document depends on except the bytes of its file."""
    return hash_bytes(program_hash(), hash_value(schema))


def _prune(cache: ContentCache, inputs: Inputs, documents: Mapping[str, Document]) -> None:
    """Drop folders that are gone and texts that no document has any more."""
    texts = {document.text for document in documents.values() if document.text is not None}
    cache.prune(inputs.known.keys() - inputs.folders.keys(), cache.text_hashes() - texts)
    cache.commit()
