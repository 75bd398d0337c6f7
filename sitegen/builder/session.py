"""The state of a process that builds repeatedly. A build gives the same result without it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitegen.builder.manifest import FileKey, ManifestEntry
    from sitegen.builder.scan import ScanResult


@dataclass(slots=True)
class BuildSession:
    """The state that the last build of this process left.

    `changed_paths` are the project paths that may have changed since the `scan`, None if that is not known. `manifest`
    are the files of the site and the hash of the manifest; only this process writes them.
    """

    changed_paths: frozenset[str] | None = None
    scan: "ScanResult | None" = None
    manifest: "tuple[FileKey, dict[str, ManifestEntry], bytes] | None" = None

    def touch(self, paths: frozenset[str]) -> None:
        """Set which files of the project may have changed since the last build; with no path, any of them.

        It holds for the next build. Without a call, any file may have changed, including those of the site.
        """
        self.changed_paths = paths or None
