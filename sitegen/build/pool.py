"""Work side by side: articles are read and outputs rendered in worker processes when there is enough to do.

Workers get values and return values; nothing that they do can be seen elsewhere, so any `Executor` may be put under.
"""

import gc
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Final, TypeVar

from sitegen.config import Vocabulary
from sitegen.content.articles import read_article
from sitegen.diagnostics import Diagnostic
from sitegen.digest.values import Output
from sitegen.errors import SurroundingsError
from sitegen.render.renderer import renderer_of
from sitegen.render.templates import TemplateError
from sitegen.render.theme import Theme

MIN_ITEMS: Final = 300
"""Fewer articles or pages than this are done sooner than a second process has started."""

_BATCHES_PER_JOB: Final = 8
_LARGEST_BATCH: Final = 256
_AHEAD: Final = 2
"""Batches a process that are under way at most: these bound the bytes that are held before they are staged."""

Item = TypeVar("Item")
Value = TypeVar("Value")
State = TypeVar("State")
Rendered = tuple[Output, bytes | Diagnostic]


class Pool:
    """Maps over batches, in this process or in an executor's; results come in the order of the items.

    `start` gives the executor, and is asked once, for the first work of `at_least` that many items: most builds of a
    preview have none.
    """

    def __init__(self, start: Callable[[], Executor] | None, jobs: int, at_least: int = 1) -> None:
        self._start = start
        self._executor: Executor | None = None
        self._jobs = jobs
        self._at_least = at_least

    def read(self, files: Iterable[tuple[str, bytes]], vocabulary: Vocabulary) -> Iterator[tuple[str, bytes]]:
        """Read articles from `(path, bytes)`; each comes back with its path, pickled as the store keeps it."""
        return self._map(_read_batch, vocabulary, list(files), lambda item: item[0])

    def render(self, outputs: Sequence[Output], theme: Theme) -> Iterator[Rendered]:
        """Render outputs; a template's mistake comes back in the place of the bytes."""
        return self._map(_render_batch, theme, outputs, lambda output: output.path)

    def _map(
        self,
        work: Callable[[State, Sequence[Item]], list[Value]],
        state: State,
        items: Sequence[Item],
        name: Callable[[Item], str],
    ) -> Iterator[Value]:
        size = min(_LARGEST_BATCH, max(1, -(-len(items) // (self._jobs * _BATCHES_PER_JOB))))
        batches = [items[start : start + size] for start in range(0, len(items), size)]
        if self._start is None or len(items) < self._at_least:
            for batch in batches:
                yield from work(state, batch)
            return
        executor = self._executor = self._executor or self._start()
        ahead = self._jobs * _AHEAD
        waiting: deque[tuple[Sequence[Item], Future[list[Value]]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch, executor.submit(work, state, batch)))
                if len(waiting) > ahead:
                    yield from waiting[0][1].result()
                    waiting.popleft()
            while waiting:
                yield from waiting[0][1].result()
                waiting.popleft()
        except BrokenExecutor as error:
            batch = waiting[0][0] if waiting else batches[0]
            raise _died(name(batch[0]), name(batch[-1])) from error


def _died(first: str, last: str) -> SurroundingsError:
    message = f"a worker process died (killed, or out of memory) at one of: {first} … {last}; try --jobs 1"
    return SurroundingsError(message)


@contextmanager
def open_pool(jobs: int | None) -> Iterator[Pool]:
    """Yield a pool of `jobs` processes; None takes one a processor, for work of which there is enough to pay for it."""
    wanted = jobs if jobs is not None else os.cpu_count() or 1
    if wanted <= 1:
        yield Pool(None, 1)
        return
    started: list[Executor] = []

    def start() -> Executor:
        # Processes are started afresh: a copy of one that has threads (a preview) could be a copy of a held lock.
        executor = ProcessPoolExecutor(wanted, mp_context=get_context("spawn"), initializer=_start_worker)
        started.append(executor)
        return executor

    try:
        yield Pool(start, wanted, 1 if jobs is not None else MIN_ITEMS)
    except BaseException:
        for executor in started:
            executor.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        for executor in started:
            executor.shutdown()


def _start_worker() -> None:
    """Leave Ctrl-C to the main process, and end when that one ends, however it does."""
    gc.disable()  # a batch leaves no cycles worth a search through all that a worker holds
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _read_batch(vocabulary: Vocabulary, files: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(path, pickle.dumps(read_article(path, data, vocabulary), protocol=5)) for path, data in files]


def _render_batch(theme: Theme, outputs: Sequence[Output]) -> list[Rendered]:
    renderer = renderer_of(theme)
    results: list[Rendered] = []
    for output in outputs:
        try:
            results.append((output, renderer.render(output.recipe)))
        except TemplateError as error:
            results.append((output, error.diagnostic))
    return results
