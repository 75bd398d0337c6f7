"""Everything that a build is made of, before any of it is understood: files by their bytes."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from sitegen.builder.cache import ContentCache
from sitegen.builder.commit import manifest_digest
from sitegen.builder.reader import FileStates
from sitegen.builder.scan import ScanResult
from sitegen.builder.version import program_hash
from sitegen.diagnostics import Diagnostic
from sitegen.paths import CONFIG_NAME
from sitegen.theme.files import theme_digest
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import DIGEST_BYTES

_MEMO: Final = "build"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What lies in the project: the bytes of `site.yaml`, the files, and which articles are as they were."""

    config: bytes
    found: ScanResult
    marks: FileStates
    scanned: tuple[Diagnostic, ...]
    drafts: bool

    def key(self, theme: bytes, digests: Mapping[str, bytes]) -> bytes | None:
        """Return the digest of all that an output can depend on but the clock; None where it cannot be told.

        `theme` is the digest of the files of the theme and its parents, `digests` are those of the articles.
        """
        articles = [path.encode() + b":" + digests[path] for path in self.found.articles if path in digests]
        if len(articles) != len(self.found.articles):
            return None
        digest = blake2b(program_hash(), digest_size=DIGEST_BYTES)
        digest.update(repr((self.config, self.drafts, self.scanned)).encode())
        digest.update(theme)
        digest.update(b"".join(articles))
        for path, file in self.found.files.items():
            if path not in digests:
                if not file.stamp.is_stable(self.marks.moment):
                    return None
                digest.update(repr((path, file.stamp)).encode())
        return digest.digest()


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What the last build was made of and what came of it.

    It stands for any moment from `since` until `until` (None: without end): no article appears or expires between them.
    """

    key: bytes
    manifest: bytes
    themes: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    articles: int
    unpublished: int
    diagnostics: tuple[Diagnostic, ...]

    def covers(self, now: datetime) -> bool:
        """Whether the same articles are visible at `now`."""
        return (self.since is None or self.since <= now) and (self.until is None or now < self.until)


def remembered(store: ContentCache, inputs: Inputs, root: Path, output: Path, now: datetime) -> LastBuild | None:
    """Return the last build where it was made of the same as this one would be."""
    row = store.memo(_MEMO)
    if not isinstance(row, tuple) or len(row) != 8:
        return None
    last = LastBuild(*row)
    try:
        same = (
            last.covers(now)
            and last.key == inputs.key(theme_digest(root, last.themes), inputs.marks.digests)
            and last.manifest == manifest_digest(output)
        )
    except TypeError:  # a store from elsewhere
        return None
    return last if same else None


def remember(
    store: ContentCache,
    key: bytes,
    manifest: bytes,
    *,
    themes: tuple[str, ...],
    span: tuple[datetime | None, datetime | None],
    articles: tuple[int, int],
    diagnostics: tuple[Diagnostic, ...],
) -> None:
    """Keep what a build was made of.

    `manifest` is the digest of the manifest that it wrote, `span` is when the same articles are visible, `articles` how
    many are out and how many not.
    """
    store.remember(_MEMO, (key, manifest, themes, *span, *articles, diagnostics))


def read_config_bytes(root: Path) -> bytes | None:
    """Return the bytes of `site.yaml`, None where there is none that can be read."""
    try:
        return (root / CONFIG_NAME).read_bytes()
    except OSError:
        return None
