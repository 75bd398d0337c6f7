"""Notifications after a publish: the WebSub hub, the hook command and the list of changed URLs.

If a notification fails, the next publish repeats it, even one without changes.
"""

import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from sitegen.config.targets import Target
from sitegen.diagnostics import ExternalError, SitegenError, plural
from sitegen.publish.backend import PublishRequest, resolve_path
from sitegen.publish.command import error_summary, redact, run
from sitegen.publish.site_files import is_feed, site_url
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import read_bytes

_MAX_FEEDS: Final = 50
_HUB_TIMEOUT: Final = 20
_HOOK_TIMEOUT: Final = 600
_URL_CHARS: Final = "!#$%&'()*+,/:;=?@[]~"
_PENDING: Final = "pending.json"


def add_pending(state_dir: Path, paths: Iterable[str]) -> None:
    """Add changed paths to those that are still to be notified of. Call it before the target is changed."""
    pending = {*_read_pending(state_dir), *paths}
    if pending:
        atomic_write(state_dir / _PENDING, msgspec.json.encode(sorted(pending)))


def _read_pending(state_dir: Path) -> list[str]:
    """Return the pending paths; an unreadable file counts as empty."""
    try:
        return msgspec.json.decode(read_bytes(_PENDING, state_dir / _PENDING), type=list[str])
    except (SitegenError, ValueError, RecursionError):
        return []


def notify(request: PublishRequest, target: Target, state_dir: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Send all pending notifications; return sentences about those that were sent and those that failed.

    If one fails, the next publish repeats all of them.
    """
    config, paths = request.settings.config, _read_pending(state_dir)
    urls, feeds = _urls(config.base_url, paths), _urls(config.base_url, filter(is_feed, paths))
    actions: list[Callable[[], str]] = []
    if target.changed_urls_file is not None and urls:
        actions.append(partial(_write_urls, resolve_path(request.root, target.changed_urls_file), urls))
    if config.websub_hub is not None and feeds:
        actions.append(partial(ping_hub, config.websub_hub, feeds))
    if target.hook and urls:
        actions.append(partial(run_hook, target.hook, urls, target.name, request.root))
    notes: list[str] = []
    failures: list[str] = []
    for action in actions:
        try:
            notes += action().splitlines()
        except ExternalError as error:
            failures.append(str(error))
    if not failures:
        (state_dir / _PENDING).unlink(missing_ok=True)
    return tuple(notes), tuple(failures)


def _urls(base_url: str, paths: Iterable[str]) -> list[str]:
    return sorted({site_url(base_url, path) for path in paths})


def ping_hub(hub: str, feeds: Sequence[str]) -> str:
    """Send the URLs of changed feeds to a hub in the form of PubSubHubbub 0.4 (W3C WebSub does not define one).

    Return a sentence about it. Raises ExternalError if the hub does not accept them.
    """
    address = quote(hub, safe=_URL_CHARS)
    for start in range(0, len(feeds), _MAX_FEEDS):
        fields = [("hub.mode", "publish"), *(("hub.url", feed) for feed in feeds[start : start + _MAX_FEEDS])]
        try:
            post = urllib.request.Request(address, urlencode(fields).encode())
            with urllib.request.urlopen(post, timeout=_HUB_TIMEOUT) as response:
                redirected = response.url != address
        except urllib.error.HTTPError as error:
            error.close()
            raise ExternalError(f"the hub {redact(hub)} returned status {error.code}") from error
        except (OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise ExternalError(f"cannot reach the hub {redact(hub)}: {redact(str(reason))}") from error
        if redirected:  # urllib follows with GET, so the hub received nothing
            raise ExternalError(
                f"the hub {redact(hub)} redirects to {redact(response.url)}; write that URL in site.yaml"
            )
    return f"notified the hub of {plural(len(feeds), 'feed')}"


def _write_urls(file: Path, urls: Sequence[str]) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    except OSError as error:
        raise ExternalError(f"cannot write {file}: {error.strerror or error}") from error
    return ""


def run_hook(command: Sequence[str], urls: Sequence[str], target: str, root: Path) -> str:
    """Run the hook with the changed URLs, one a line, on its standard input; return its output.

    Raises ExternalError if it fails.
    """
    with tempfile.TemporaryFile() as stdin:
        stdin.write("".join(f"{url}\n" for url in urls).encode())
        stdin.seek(0)
        result = run(command, timeout=_HOOK_TIMEOUT, cwd=root, env={"SITEGEN_TARGET": target}, stdin=stdin)
    if result.returncode:
        reason = error_summary(result.stderr)
        raise ExternalError(f"the hook {command[0]!r} failed with exit code {result.returncode}: {reason}")
    return redact(result.stdout.decode("utf-8", "replace"))
