"""The inputs of a build before any of them is parsed, and the last build that had the same."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitegen.builder.cache import ContentCache
from sitegen.builder.changes import FileStates
from sitegen.builder.commit import manifest_hash
from sitegen.builder.request import HeldBack
from sitegen.builder.scan import ScanResult
from sitegen.builder.version import code_hash, environment_hash
from sitegen.diagnostics import Diagnostic
from sitegen.theme.files import theme_hash
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash, encode, hash_bytes

_LAST_BUILD: Final = "last_build"


class Inputs(Struct, frozen=True):
    """The contents of the project: the bytes of `site.yaml`, the files, and which documents are unchanged."""

    config: bytes
    scan: ScanResult
    states: FileStates
    diagnostics: tuple[Diagnostic, ...]
    drafts: bool

    def hash(self, theme: bytes, documents: Mapping[str, Hash]) -> Hash | None:
        """Return the hash of everything that an output can depend on except the clock; None if it is not certain.

        `theme` is the hash of the files of the theme and its parents, `documents` those of the documents.
        """
        if not documents.keys() >= self.scan.articles.keys():
            return None
        others = {path: entry.stat for path, entry in self.scan.files.items() if path not in documents}
        if not all(stat.is_stable(self.states.scanned_at) for stat in others.values()):
            return None
        files = [(path, documents[path]) for path in self.scan.articles]
        return hash_bytes(
            code_hash(),
            environment_hash(),
            encode((self.config, self.drafts, self.diagnostics, theme, files, list(others.items()))),
        )


class LastBuild(Struct, frozen=True, array_like=True):
    """The inputs of the last build, and its result.

    It is valid at any moment from `since` until `until` (None: without limit): no article appears or expires between.
    """

    inputs: Hash
    manifest: bytes
    themes: tuple[str, ...]
    since: Instant | None
    until: Instant | None
    articles: int
    held_back: HeldBack
    diagnostics: tuple[Diagnostic, ...]

    def is_valid_at(self, now: datetime) -> bool:
        """Return whether the same articles are visible at `now`."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


def load_last_build(cache: ContentCache, inputs: Inputs, root: Path, output: Path, now: datetime) -> LastBuild | None:
    """Return the last build if it had the same inputs and its manifest is still there."""
    last = cache.get_meta(_LAST_BUILD, LastBuild)
    if last is None or not last.is_valid_at(now):
        return None
    has_same_inputs = last.inputs == inputs.hash(theme_hash(root, last.themes), inputs.states.hashes)
    return last if has_same_inputs and last.manifest == manifest_hash(output) else None


def save_last_build(cache: ContentCache, last: LastBuild) -> None:
    """Keep what a build was made of."""
    cache.set_meta(_LAST_BUILD, last)
