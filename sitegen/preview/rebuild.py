"""The one place where the preview builds, and what came of it."""

import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sitegen.builder import BuildRequest, BuildResult, BuildSession, build
from sitegen.builder.configuration import load_config
from sitegen.diagnostics import Diagnostic, Diagnostics
from sitegen.errors import ContentError, ExternalError, SitegenError
from sitegen.paths import OUTPUT
from sitegen.util.frozen import dataclass

PREVIEW: Final = "preview"
_DEFECT: Final = "sitegen itself failed; the terminal shows where"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rebuild.

    `failure` is a sentence where it could not be carried out at all; `passing` says that this may mend itself, without
    any change of the sources. `result` is None then. `changed` says whether the tree is another one now.
    """

    ok: bool
    changed: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str = ""
    passing: bool = False
    result: BuildResult | None = None


class Rebuilder:
    """Builds the preview's tree again and again; whatever is kept between two builds lives here.

    `clock` gives the time as of which a build is made.
    """

    def __init__(self, root: Path, clock: Callable[[], datetime], *, drafts: bool) -> None:
        self.output = root / OUTPUT / PREVIEW
        self.site = self.output / "site"
        self._root = root
        self._clock = clock
        self._drafts = drafts
        self._memory = BuildSession()

    def rebuild(self, changed: frozenset[str]) -> Outcome:
        """Build as of now; `changed` are the project paths that changed since the last call, none where any may have.

        Raises nothing but what ends the process.
        """
        try:
            result = self._build(changed)
        except ContentError as error:
            return Outcome(ok=False, diagnostics=error.diagnostics)
        except SitegenError as error:
            return Outcome(ok=False, failure=str(error), passing=isinstance(error, ExternalError))
        except Exception:  # noqa: BLE001 - a defect of ours must not end the editor's preview; it is shown whole
            traceback.print_exc()
            return Outcome(ok=False, failure=_DEFECT)
        is_new = bool(result.counts.written or result.counts.removed)
        return Outcome(ok=result.ok, changed=is_new, diagnostics=result.diagnostics, result=result)

    def _build(self, changed: frozenset[str]) -> BuildResult:
        self._memory.touch(changed)
        request = BuildRequest(root=self._root, now=self._clock(), output=self.output, drafts=self._drafts)
        return build(request, session=self._memory)

    def prefix(self) -> str | None:
        """Return the path of `base_url` without its last slash; None where the configuration is not sound."""
        diagnostics = Diagnostics()
        try:
            settings = load_config(self._root, diagnostics)
        except SitegenError:
            return None
        return None if settings is None or diagnostics.errors else urlsplit(settings.config.base_url).path.rstrip("/")
