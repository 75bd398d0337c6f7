"""Facts about the pictures, documents and static files that a site publishes, kept by the status of each file."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from msgspec import Struct

from sitegen.builder.run import BuildRun
from sitegen.builder.scan import FileEntry, FileStat
from sitegen.diagnostics import Diagnostics
from sitegen.util.hashing import Hash
from sitegen.util.paths import MAX_FILE_BYTES, STATIC, read_bytes, report_size
from sitegen.util.pictures import has_location, picture_size, without_metadata
from sitegen.util.version import program_hash

_KEPT: Final = "file_facts"


class FileFacts(Struct, frozen=True, array_like=True):
    """The SHA-256 of the bytes that are published, and of a picture its size in pixels and whether it names a place.

    `stat` is the status of the file in the project.
    """

    stat: FileStat
    digest: str
    size: tuple[int, int] | None
    has_location: bool


def file_facts(
    run: BuildRun, paths: Iterable[str], diagnostics: Diagnostics, *, strips_metadata: bool
) -> dict[str, FileFacts]:
    """Return the facts about files of the project by path. Files that are too large are reported, and left out.

    Raises ExternalError for a file that cannot be read.
    """
    context = (program_hash(), strips_metadata)
    kept_context, kept = run.cache.get_meta(_KEPT, tuple[tuple[Hash, bool], dict[str, FileFacts]]) or (None, {})
    known = kept if kept_context == context else {}
    facts: dict[str, FileFacts] = {}
    for path in paths:
        entry = run.inputs.scan.files[path]
        report_size(path, entry.stat.size, MAX_FILE_BYTES, diagnostics)
        if entry.stat.size <= MAX_FILE_BYTES:
            old = known.get(path)
            if old is None or old.stat != entry.stat:
                is_stripped = strips_metadata and not path.startswith(f"{STATIC}/")
                old = _read(path, entry, is_stripped=is_stripped)
            facts[path] = old
    certain = {path: item for path, item in facts.items() if item.stat.is_stable(run.inputs.scanned_at)}
    if certain != known:
        run.cache.set_meta(_KEPT, (context, certain))
    return facts


def _read(path: str, entry: FileEntry, *, is_stripped: bool) -> FileFacts:
    data = read_bytes(path, entry.file)
    data = without_metadata(data) if is_stripped else data
    return FileFacts(entry.stat, sha256(data).hexdigest(), picture_size(data), has_location(data))
