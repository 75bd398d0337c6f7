"""Watching the sources: a burst of changes becomes one set of paths, the output folder is never looked at.

`RustNotify` is used as its documentation shows, not `watchfiles.watch`: only so is it known when the watch stands. What
is written to a folder that has just come back, before it is watched, would else be lost.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from sitegen.paths import CONFIG_NAME, CONTENT_ROOT

THEMES: Final = "themes"
FOLDERS: Final = (CONTENT_ROOT, THEMES)

_STEP_MS: Final = 10
_ASLEEP_STEP_MS: Final = 40
_ROOT_STEP_MS: Final = 100
"""A change is passed on when nothing else has changed for so long. Each step wakes a thread, which costs a processor
some 50 µs: so it is only while someone is editing that the steps are short."""
_AWAKE_SECONDS: Final = 60.0
_GATHER_MS: Final = 100
_TIMEOUT_MS: Final = 60_000
_POLL_MS: Final = 1_000

_FEW: Final = 3
_QUIET: Final = 0.2
_LONGEST_GATHERING: Final = 2.0
"""More than a few paths at once are a checkout or a copy: seconds of quiet to wait for, and seconds to wait at most.
The watcher passes on what it has gathered every `_GATHER_MS` and a step: less than that would not be quiet."""

_GIT_QUIET: Final = 0.5
_GIT_STEP: Final = 0.02
_GIT_LONGEST: Final = 20.0
"""While git holds its index it is in the middle of a checkout, a merge or a stash: seconds without a change after which
it is not waited for any more (a lock may be left behind by a git that died, and `commit -a` holds it while the editor
writes the message), seconds between two looks, and seconds to wait at most."""

_OPENING_RETRY: Final = 0.2


class Sources:
    """Watches `site.yaml` and the source folders of one project, in threads of its own.

    `note` is told, once, when the system's events cannot be had and the folders are polled instead.
    """

    def __init__(self, root: Path, note: Callable[[str], None]) -> None:
        self._root = root.resolve()
        self._git_lock = _git_lock(self._root)
        self._note = note
        self._polls = _wants_polling()
        self._queue: queue.Queue[frozenset[str]] = queue.Queue()
        self._stop = threading.Event()
        self._anew = threading.Event()
        self._standing = (threading.Event(), threading.Event())
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start watching; from the return on, no change goes unseen."""
        for name, target in (("watch-root", self._watch_root), ("watch-folders", self._watch_folders)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        for standing in self._standing:
            standing.wait()

    def stop(self) -> None:
        """Stop watching, and let `wait` return."""
        self._stop.set()
        self._anew.set()
        self._queue.put(frozenset())
        for thread in self._threads:
            thread.join(timeout=5)

    def wait(self, seconds: float | None = None) -> frozenset[str]:
        """Return the project paths that changed since the last call, as soon as there are any and they have settled.

        Returns none when `seconds` have passed without a change, or after `stop`.
        """
        try:
            paths = self._queue.get(timeout=seconds)
        except queue.Empty:
            return frozenset()
        paths = self._settled(paths)
        return frozenset() if self._stop.is_set() else paths

    def _settled(self, paths: frozenset[str]) -> frozenset[str]:
        """Return the paths with those that follow at once, or while git is at work."""
        last = began = time.monotonic()
        longest, is_git = _LONGEST_GATHERING, False
        while not self._stop.is_set():
            now = time.monotonic()
            was_git, is_git = is_git, os.path.exists(self._git_lock)  # noqa: PTH110 - never raises
            if is_git:
                quiet, longest = _GIT_QUIET, _GIT_LONGEST
            else:
                quiet = _QUIET if len(paths) > _FEW or longest == _GIT_LONGEST else 0.0
                last = now if was_git else last  # what it changed last is still to come
            left = min(last + quiet, began + longest) - now
            try:
                paths |= self._queue.get(timeout=min(left, _GIT_STEP)) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                if left <= 0:
                    break
            else:
                last = time.monotonic()
        return paths

    def _watch_root(self) -> None:
        """Watch the root flat, for `site.yaml` and for folders that come and go."""
        while not self._stop.is_set():
            try:
                watcher = self._opened([self._root], recursive=False)
            except FileNotFoundError:
                self._stop.wait(_OPENING_RETRY)
                continue
            with watcher:
                self._standing[0].set()
                while (paths := self._next(watcher, self._stop, _ROOT_STEP_MS)) is not None:
                    if paths & set(FOLDERS):
                        self._anew.set()
                    self._put(paths & {CONFIG_NAME})

    def _watch_folders(self) -> None:
        while True:
            self._anew.clear()
            if self._stop.is_set():
                return
            folders = [folder for name in FOLDERS if (folder := self._root / name).is_dir()]
            if not folders:
                self._stand()
                self._anew.wait()
                continue
            try:
                watcher = self._opened(folders, recursive=True)
            except FileNotFoundError:  # it went away in this moment
                self._anew.wait(_OPENING_RETRY)
                continue
            with watcher:
                self._stand()
                awake_until = 0.0
                while True:
                    is_awake = time.monotonic() < awake_until
                    paths = self._next(watcher, self._anew, _STEP_MS if is_awake else _ASLEEP_STEP_MS)
                    if paths is None:
                        break
                    if paths:
                        awake_until = time.monotonic() + _AWAKE_SECONDS
                        self._put({path for path in paths if is_source(path)})

    def _stand(self) -> None:
        """Say that the folders are watched; what changed while they were not is not known, so all of it is named."""
        if self._standing[1].is_set():
            self._put(set(FOLDERS))
        self._standing[1].set()

    def _opened(self, folders: Sequence[Path], *, recursive: bool) -> RustNotify:
        paths = [str(folder) for folder in folders]
        if not self._polls:
            try:
                return RustNotify(paths, False, False, _POLL_MS, recursive, True)  # noqa: FBT003 - no keywords there
            except FileNotFoundError:
                raise
            except (OSError, WatchfilesRustInternalError) as error:
                self._polls = True
                self._note(f"the system's events cannot be had ({error}); looking for changes every second instead")
        return RustNotify(paths, False, True, _POLL_MS, recursive, True)  # noqa: FBT003

    def _next(self, watcher: RustNotify, stop: threading.Event, step_ms: int) -> set[str] | None:
        """Return the next paths that changed, relative to the root; None to stop, or to watch anew."""
        try:
            changes = watcher.watch(_GATHER_MS, step_ms, _TIMEOUT_MS, stop)
        except WatchfilesRustInternalError:
            stop.wait(_OPENING_RETRY)
            return None
        if changes == "stop":
            return None
        if isinstance(changes, str):
            return set()
        found = (Path(path) for _, path in changes)
        return {path.relative_to(self._root).as_posix() for path in found if path.is_relative_to(self._root)}

    def _put(self, paths: set[str]) -> None:
        if paths:
            self._queue.put(frozenset(paths))


def is_source(path: str) -> bool:
    """Whether a project path is one that a build may read: editors leave other files beside those they save."""
    first, *rest = path.split("/")
    if any(name.startswith(".") for name in rest):
        return False
    return first == THEMES or not any(name.startswith("#") or name.endswith("~") for name in rest)


def _git_lock(root: Path) -> str:
    """Return the file that stands while git changes the working tree that a folder lies in; empty where there is none.

    gitrepository-layout(5): `.git` is a folder, or, in a linked working tree and a submodule, a file that names one.
    """
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            return str(git / "index.lock")
        try:
            named = git.read_text("utf-8").strip()
        except (OSError, ValueError):
            continue
        return str(folder / named.removeprefix("gitdir:").strip() / "index.lock")
    return ""


def _wants_polling() -> bool:
    """Whether the user asked for polling, by the variable of watchfiles: network folders send no events."""
    return os.environ.get("WATCHFILES_FORCE_POLLING", "").lower() not in {"", "0", "false", "disable", "disabled"}
