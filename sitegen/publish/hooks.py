"""What is told of a publish: the hub that feed readers subscribe at, and a command of the editor's.

What could not be told is kept, so that the next publish tells it, even one with nothing to send.
"""

import http.client
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote, urlencode, urlsplit

from sitegen.errors import ExternalError
from sitegen.publish.process import last_words, run, scrubbed
from sitegen.publish.site_files import is_feed, site_url

_FEEDS_A_PING: Final = 50
_PING_SECONDS: Final = 20
_HOOK_SECONDS: Final = 600
_IN_ADDRESSES: Final = "!#$%&'()*+,/:;=?@[]~"
_TOLD: Final = ("hub", "hook", "changed")


class Untold:
    """The paths that changed and that nobody has been told of yet, in a file of the target's."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, paths: Iterable[str]) -> None:
        """Note paths, before anything is changed."""
        new = set(paths)
        self._write({whom: sorted(new.union(self.paths(whom))) for whom in _TOLD})

    def paths(self, whom: str) -> list[str]:
        """Return what is to be told to `websub_hub` or `hook`, or written to the list (`changed`)."""
        try:
            value = json.loads(self._file.read_text(encoding="utf-8"))[whom]
            return [path for path in value if isinstance(path, str)]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return []

    def told(self, whom: str) -> None:
        """Forget what has been told."""
        self._write({name: [] if name == whom else self.paths(name) for name in _TOLD})

    def _write(self, rest: Mapping[str, Sequence[str]]) -> None:
        if not any(rest.values()):
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._file.with_suffix(".tmp")
        temporary.write_text(json.dumps(rest), encoding="utf-8")
        temporary.replace(self._file)


def changed_urls(base_url: str, paths: Iterable[str]) -> list[str]:
    """Return the addresses at which readers find something else than before, sorted."""
    return sorted({site_url(base_url, path) for path in paths})


def ping(websub_hub: str, feeds: Sequence[str]) -> None:
    """Tell a hub which feeds have changed (W3C WebSub leaves the form open; this is that of PubSubHubbub 0.4).

    Raises SurroundingsError where the hub does not take it.
    """
    for start in range(0, len(feeds), _FEEDS_A_PING):
        body = urlencode(
            [("hub.mode", "publish"), *(("hub.url", feed) for feed in feeds[start : start + _FEEDS_A_PING])]
        )
        status = _post(websub_hub, body.encode())
        if not 200 <= status < 300:
            raise ExternalError(f"the hub {scrubbed(websub_hub)} answered with {status}")


def _post(address: str, body: bytes) -> int:
    try:
        url = urlsplit(address)
        kind = http.client.HTTPSConnection if url.scheme.lower() == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=_PING_SECONDS)
        path = quote((url.path or "/") + (f"?{url.query}" if url.query else ""), safe=_IN_ADDRESSES)
        with closing(connection):
            connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ExternalError(f"the hub {scrubbed(address)} cannot be reached: {scrubbed(str(error))}") from error


def feeds_among(paths: Iterable[str]) -> list[str]:
    """Return the paths that are feeds."""
    return [path for path in paths if is_feed(path)]


def write_list(file: Path, urls: Sequence[str]) -> None:
    """Write the changed URLs to a file, one a line. Raises SurroundingsError where it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    except OSError as error:
        raise ExternalError(f"cannot write {file}: {error.strerror or error}") from error


def run_hook(command: Sequence[str], urls: Sequence[str], target: str, root: Path) -> str:
    """Run the editor's command with the changed URLs, one a line, on its standard input; return what it printed.

    Raises SurroundingsError where it fails.
    """

    def feed(stream: IO[bytes]) -> None:
        stream.write("".join(f"{url}\n" for url in urls).encode())

    done = run(command, timeout=_HOOK_SECONDS, cwd=root, environment={"SITEGEN_TARGET": target}, feed=feed)
    if done.code:
        words = last_words(done.err) if done.err.strip() else "it printed no reason"
        raise ExternalError(f"the hook {command[0]!r} ended with {done.code}: {words}")
    return scrubbed(done.out.decode("utf-8", "replace"))
