"""What a build is asked for, and what came of it."""

from datetime import datetime
from pathlib import Path

from sitegen.builder.commit import CommitResult
from sitegen.diagnostics import Diagnostic
from sitegen.util.frozen import dataclass


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build: the project's folder, where to (default: its `output/`), as of when, and how strictly.

    `drafts` shows drafts and articles of the future. With `strict`, warnings stop the build as errors do. `jobs` is the
    number of processes, None for as many as pay.
    """

    root: Path
    now: datetime
    output: Path | None = None
    drafts: bool = False
    strict: bool = False
    jobs: int | None = None


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What came of it: findings, what was written, how many articles are out or held back, seconds a stage.

    `site` is the folder of the site, `manifest` the digest of the manifest that the build left. Where `ok` is false
    nothing was written. `notes` are sentences on what did not go as it should and does no harm.
    """

    ok: bool
    site: Path
    diagnostics: tuple[Diagnostic, ...]
    counts: CommitResult
    articles: int
    unpublished: int
    seconds: tuple[tuple[str, float], ...]
    notes: tuple[str, ...] = ()
    manifest: bytes = b""

    @classmethod
    def failed(
        cls, site: Path, diagnostics: tuple[Diagnostic, ...], seconds: tuple[tuple[str, float], ...]
    ) -> "BuildResult":
        """Return the result of a build that wrote nothing."""
        return cls(
            ok=False,
            site=site,
            diagnostics=diagnostics,
            counts=CommitResult(),
            articles=0,
            unpublished=0,
            seconds=seconds,
        )
