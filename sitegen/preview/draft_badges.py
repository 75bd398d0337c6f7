"""Drafts and scheduled articles: which pages show what readers would not see yet.

A theme knows a draft but not what is scheduled, so the preview's own marks say both. Only files that may be one of the
two are read whole; the others are passed over by a look at their front matter.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sitegen.builder.configuration import load_config
from sitegen.builder.scan import scan
from sitegen.content.articles import read_article
from sitegen.diagnostics import Diagnostics
from sitegen.errors import SitegenError
from sitegen.paths import ARTICLES
from sitegen.site.urls import Urls
from sitegen.util.frozen import dataclass

if TYPE_CHECKING:
    from sitegen.config.model import Config

_HEAD_BYTES: Final = 64 * 1024
_SURELY: Final = re.compile(rb"^[\"']?(draft|publish)[\"']?[ \t]*:", re.MULTILINE)
_DATE: Final = re.compile(rb"^date[ \t]*:[ \t]*[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mark:
    """Why readers would not see an article: it is a draft, or out only from `since` on."""

    draft: bool
    since: datetime
    slug: str

    def words(self, now: datetime) -> str:
        """Return what the preview says of it; empty where readers would see it."""
        when = f"scheduled for {self.since:%Y-%m-%d %H:%M} {_offset(self.since)}" if self.since > now else ""
        if not self.draft:
            return when.capitalize()
        return f"Draft, {when}" if when else "Draft"


class Marks:
    """The marks of one project, kept up to date by the paths that change."""

    def __init__(self, root: Path, clock: Callable[[], datetime]) -> None:
        self._root = root
        self._clock = clock
        self._config: Config | None = None
        self._by_file: dict[str, Mark] = {}

    def refresh(self, changed: frozenset[str]) -> None:
        """Look again at the articles that changed; at all of them where anything else has changed, too."""
        try:
            if all(path.startswith(f"{ARTICLES}/") and path.endswith(".md") for path in changed):
                for path in changed:
                    self._look(unicodedata.normalize("NFC", path), self._root / path)
                return
            diagnostics = Diagnostics()
            settings = load_config(self._root, diagnostics)
            self._config = settings.config if settings is not None else self._config
            self._by_file = {}
            for path, file in scan(self._root, diagnostics).articles.items():
                self._look(path, Path(file.file))
        except SitegenError:
            return  # the build has said it

    def by_path(self) -> dict[str, str]:
        """Return what is said of an article now, by the path of its page in each locale."""
        config, now = self._config, self._clock()
        if config is None:
            return {}
        said = {mark.slug: words for mark in self._by_file.values() if (words := mark.words(now))}
        table: dict[str, str] = {}
        for locale in config.locales if said else ():
            urls = Urls(config.base_url, locale, locale == config.locales[0])
            table |= {urls.prefix + urls.article(slug): words for slug, words in said.items()}
        return table

    def _look(self, path: str, file: Path) -> None:
        self._by_file.pop(path, None)
        try:
            data = file.read_bytes()
        except OSError:
            return
        if self._config is None or not self._may_be_hidden(data[:_HEAD_BYTES]):
            return
        article = read_article(path, data, self._config.content_schema).article
        if article is not None:
            self._by_file[path] = Mark(article.front.draft, article.visible_from, article.slug)

    def _may_be_hidden(self, head: bytes) -> bool:
        date = _DATE.search(head)
        day = (self._clock() - timedelta(days=2)).date().isoformat().encode()
        return bool(_SURELY.search(head)) or date is None or date[1] >= day


def _offset(when: datetime) -> str:
    return f"{when:%z}"[:3] + ":" + f"{when:%z}"[3:5]
