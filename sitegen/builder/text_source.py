"""Texts for rendering: from the content cache, else from the files."""

from collections.abc import Mapping

from sitegen.builder.cache import ContentCache
from sitegen.builder.scan import ScanResult
from sitegen.builder.tasks import ParseTask
from sitegen.content.articles import published_markdown
from sitegen.errors import ExternalError
from sitegen.paths import read_bytes
from sitegen.util.hashing import Hash, hash_value


class CachedTexts:
    """Loads the texts and the Markdown that recipes name. Raises ExternalError if a file has changed meanwhile."""

    def __init__(self, cache: ContentCache, scan: ScanResult, task: ParseTask) -> None:
        self._cache = cache
        self._scan = scan
        self._task = task

    def texts(self, wanted: Mapping[Hash, str]) -> dict[Hash, bytes]:
        """Return encoded texts by hash; `wanted` has the file of each."""
        found = self._cache.texts(wanted)
        for key, path in wanted.items():
            if key not in found:  # the cache is damaged or could not be written
                found[key] = self._parse(key, path)
        return found

    def markdown(self, wanted: Mapping[Hash, str]) -> dict[Hash, str]:
        """Return the published Markdown of articles by hash; `wanted` has the file of each."""
        found = {}
        for key, path in wanted.items():
            text = published_markdown(path, self._read(path), self._task.schema)
            if text is None or hash_value(text) != key:
                raise _changed(path)
            found[key] = text
        return found

    def _parse(self, key: Hash, path: str) -> bytes:
        ((document, text),) = self._task.run([(path, self._read(path))])
        if text is None or document.text != key:
            raise _changed(path)
        self._cache.put_text(key, text)
        return text

    def _read(self, path: str) -> bytes:
        return read_bytes(path, self._scan.articles[path].file)


def _changed(path: str) -> ExternalError:
    return ExternalError(f"{path} changed during the build; build again")
