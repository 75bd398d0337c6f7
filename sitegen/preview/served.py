"""`ServedPreview`: what the server of a preview and its handlers share."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from sitegen.preview.access import Access
from sitegen.preview.overlay import problem_page
from sitegen.preview.pages import Page, resolve
from sitegen.preview.rebuild import RebuildResult


@dataclass(slots=True)
class ServedPreview:
    """The site of a preview, and the result of its last rebuild. Only the thread of the event loop changes it.

    `prefix` is the path of `base_url` without its last slash. `badges` are the texts of draft badges by page path.
    `ready` is set while no rebuild is running.
    """

    site: Path
    prefix: str
    access: Access
    badges: dict[str, str] = field(default_factory=dict)
    result: RebuildResult = field(default_factory=lambda: RebuildResult(ok=False))
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def resolve(self, path: str) -> str | Path | Page:
        """Return the answer to a request, or the problem page before the first successful build."""
        target = resolve(self.site, self.prefix, path)
        is_missing = isinstance(target, Page) and target.status == 404
        if is_missing and not self.result.ok and not (self.site / "index.html").is_file():
            return problem_page(self.result)
        return target
