"""Watching the sources: a burst of changes becomes one event, the output folder is never looked at."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from watchfiles import watch

from sitegen.layout import CONFIG_NAME, CONTENT_ROOT, OUTPUT

FOLDERS: Final = (CONTENT_ROOT, "themes")
_DEBOUNCE_MS: Final = 100
_STEP_MS: Final = 25


class Sources:
    """Watches `site.yaml` and the source folders of one project, in threads of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._events: queue.Queue[frozenset[str]] = queue.Queue()
        self._stop = threading.Event()
        self._trees = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start watching. The root is watched flat, for `site.yaml` and for folders that come and go."""
        for name, target in (("watch-root", self._watch_root), ("watch-folders", self._watch_folders)):
            thread = threading.Thread(target=target, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop watching, and end `changes`."""
        self._stop.set()
        self._trees.set()
        self._events.put(frozenset())
        for thread in self._threads:
            thread.join(timeout=5)

    def changes(self) -> Iterator[frozenset[str]]:
        """Yield project paths that changed, gathered while the caller was busy; ends after `stop`."""
        while not self._stop.is_set():
            paths = self._events.get()
            while not self._events.empty():
                paths |= self._events.get()
            if paths and not self._stop.is_set():
                yield paths

    def _watch_root(self) -> None:
        for changes in watch(
            self._root,
            recursive=False,
            stop_event=self._stop,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            raise_interrupt=False,
            watch_filter=None,
        ):
            names = {Path(path).relative_to(self._root).parts[0] for _, path in changes if Path(path) != self._root}
            if names & set(FOLDERS):
                self._trees.set()  # a folder came or went: watch anew
            self._put({name for name in names if name == CONFIG_NAME or name in FOLDERS})

    def _watch_folders(self) -> None:
        while not self._stop.is_set():
            self._trees.clear()
            folders = [self._root / name for name in FOLDERS if (self._root / name).is_dir()]
            if not folders:
                self._trees.wait()
                continue
            for changes in watch(
                *folders,
                stop_event=self._trees,
                debounce=_DEBOUNCE_MS,
                step=_STEP_MS,
                raise_interrupt=False,
                watch_filter=None,
            ):
                self._put({Path(path).relative_to(self._root).as_posix() for _, path in changes})

    def _put(self, paths: set[str]) -> None:
        kept = frozenset(path for path in paths if not path.startswith(f"{OUTPUT}/") and not path.endswith("~"))
        if kept:
            self._events.put(kept)
