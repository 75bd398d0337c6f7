"""The state of the preview that requests see."""

import asyncio
from pathlib import Path

from sitegen.preview.overlay import problem_page
from sitegen.preview.pages import Page, resolve
from sitegen.preview.rebuild import RebuildResult


class PreviewState:
    """The served site and the result of the last rebuild; only the thread of the event loop uses it.

    `prefix` is the path of `base_url` without its last slash. `badges` are the texts of draft badges by page path.
    """

    def __init__(self, site: Path, prefix: str) -> None:
        self.site = site
        self.prefix = prefix
        self.badges: dict[str, str] = {}
        self.result = RebuildResult(ok=False)
        self._ready = asyncio.Event()

    def start_rebuild(self) -> None:
        """Make requests wait for the end of a rebuild."""
        self._ready.clear()

    def finish_rebuild(self, result: RebuildResult, prefix: str, badges: dict[str, str]) -> None:
        """Store the result of a rebuild, and answer the requests that wait for it."""
        self.result, self.prefix, self.badges = result, prefix, badges
        self._ready.set()

    @property
    def is_ready(self) -> bool:
        """Whether no rebuild is running."""
        return self._ready.is_set()

    async def wait_ready(self) -> None:
        """Wait for the end of the running rebuild."""
        await self._ready.wait()

    def resolve(self, path: str) -> str | Path | Page:
        """Return the answer to a request, or the problem page before the first successful build."""
        target = resolve(self.site, self.prefix, path)
        is_missing = isinstance(target, Page) and target.status == 404
        if is_missing and not self.result.ok and not (self.site / "index.html").is_file():
            return problem_page(self.result)
        return target
