"""What a process that builds again and again need not load, look at or work out again. Builds are the same without."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitegen.builder.cache import DocumentRecord, FileState
    from sitegen.builder.commit import ManifestEntry
    from sitegen.builder.scan import ScanResult
    from sitegen.theme.model import Theme

Stamped = tuple[int, int, int]
"""Size, time in ns and inode of a file that this process alone writes."""


@dataclass(slots=True)
class BuildSession:
    """What the last build of this process has left.

    `touched` are the project paths that may have changed since `found` was what lay in the project, None where that is
    not known; `found` is kept where it had nothing amiss and no links. `shelves` and `marks` are the store's, by
    folder, each with its checksum there. `theme` is the theme by the digest of its files, where it had no fault.
    `manifest` are the files of the site, and the digest of what says so: they are this process's own, so they stand.
    """

    touched: frozenset[str] | None = None

    shelves: "dict[str, tuple[bytes, bytes, tuple[DocumentRecord, ...]]]" = field(default_factory=dict)
    marks: "dict[str, tuple[bytes, tuple[FileState, ...]]]" = field(default_factory=dict)
    found: "ScanResult | None" = None
    theme: "tuple[bytes, Theme] | None" = None
    manifest: "tuple[Stamped, dict[str, ManifestEntry], bytes] | None" = None

    def touch(self, paths: frozenset[str]) -> None:
        """Say which files of the project may have changed since the last build; with no path, any of them.

        It holds for the next build. Where nothing is said, any file may have changed, of the site too.
        """
        self.touched = paths or None
