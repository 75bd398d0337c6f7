"""The source watcher: groups changes of `site.yaml` and the source folders into sets of project paths."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from watchfiles import watch

from sitegen.util.paths import CONFIG_NAME, CONTENT_ROOT, WELL_KNOWN

THEMES: Final = "themes"
SOURCES: Final = (CONFIG_NAME, CONTENT_ROOT, THEMES)
ALL_SOURCES: Final = frozenset(SOURCES)
"""Reported if any source may have changed."""

_STEP_MS: Final = 25
_GROUP_MS: Final = 100
_TICK_MS: Final = 200
_POLL_MS: Final = 1_000
_RETRY_SECONDS: Final = 0.1
_SMALL_CHANGE: Final = 3
_QUIET_SECONDS: Final = 0.2
_MAX_WAIT_SECONDS: Final = 10.0
_MAX_PATHS: Final = 500
"""The operating system may drop events of a larger change."""


def watch_sources(root: Path, note: Callable[[str], None]) -> Iterator[frozenset[str]]:
    """Yield the project paths that changed, and an empty set if there are none, at least five times a second.

    Yields for the first time when the sources are watched. Yields `ALL_SOURCES` after a source was created, replaced
    or removed, and after a very large change. `note` receives a message if the system offers no file events.
    """
    root = root.resolve()
    polling: bool | None = None  # watchfiles decides, by WATCHFILES_FORCE_POLLING
    paths: set[str] = set()
    first_change = last_change = 0.0
    while True:
        try:
            for batch in _watch_once(root, polling=polling):
                now = time.monotonic()
                if batch:
                    first_change, last_change = (first_change if paths else now), now
                    paths |= batch
                if paths and _is_settled(len(paths), first_change, last_change):
                    yield frozenset(paths) if len(paths) <= _MAX_PATHS else ALL_SOURCES
                    paths = set()
                else:
                    yield frozenset()
        except FileNotFoundError:  # removed while the watch was being set up
            time.sleep(_RETRY_SECONDS)
        except (OSError, RuntimeError) as error:  # watchfiles raises subclasses of RuntimeError
            if not polling:
                polling = True
                note(f"file events are not available ({error}); checking for changes every second instead")
            time.sleep(_RETRY_SECONDS)
        first_change = last_change = time.monotonic()
        paths |= ALL_SOURCES


def _watch_once(root: Path, *, polling: bool | None) -> Iterator[set[str]]:
    """Yield changed paths, or an empty set at each tick, until a source is created, replaced or removed."""
    folder = str(root)
    sources = _identities(folder)
    changes = watch(
        *sources,
        watch_filter=None,
        debounce=_GROUP_MS,
        step=_STEP_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        force_polling=polling,
        poll_delay_ms=_POLL_MS,
        ignore_permission_denied=True,
    )
    with closing(changes):
        for batch in changes:
            if _identities(folder) != sources:
                return
            paths = {Path(path).relative_to(root).as_posix() for _, path in batch}
            yield {path for path in paths if is_source(path)}


def _identities(root: str) -> dict[str, tuple[int, int]]:
    """Return device and inode of each source that exists: the system watches these, not the names."""
    identities = {}
    for name in SOURCES:
        path = f"{root}/{name}"
        with suppress(OSError):
            status = os.stat(path)
            identities[path] = (status.st_dev, status.st_ino)
    return identities


def _is_settled(count: int, first_change: float, last_change: float) -> bool:
    """Whether a group of changes is complete: a copy of many files takes a while, and so does a checkout of git."""
    now = time.monotonic()
    quiet = _QUIET_SECONDS if count > _SMALL_CHANGE else 0.0
    return now - last_change >= quiet or now - first_change >= _MAX_WAIT_SECONDS


def is_source(path: str) -> bool:
    """Whether a build may read a project path; editors create backup and swap files next to a saved file."""
    first, *rest = path.split("/")
    if any(name.startswith(".") and name != WELL_KNOWN for name in rest):
        return False
    return first == THEMES or not any(name.startswith("#") or name.endswith("~") for name in rest)
