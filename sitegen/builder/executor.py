"""Work side by side: articles are read and outputs rendered in worker processes when there is enough to do.

Workers get values and return values; nothing that they do can be seen elsewhere, so any `Executor` may be put under.
This process takes its part of the batches: what it does itself need not be sent, and one process less is started.
"""

import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from sitegen.builder.cache import unpickled_text
from sitegen.config.model import ContentSchema
from sitegen.content.articles import ParsedFile
from sitegen.content.pages import read_file
from sitegen.diagnostics import Diagnostic
from sitegen.errors import ExternalError
from sitegen.outputs.recipes import Output, texts_of
from sitegen.outputs.renderer import renderer_of
from sitegen.theme.environment import TemplateError
from sitegen.theme.model import Theme

if TYPE_CHECKING:
    from sitegen.content.markdown import Body

MIN_ITEMS: Final = 300
"""Fewer articles or pages than this are done sooner than a second process has started."""

_BATCHES_PER_JOB: Final = 8
_LARGEST_BATCH: Final = 256
_SMALLEST_BATCH: Final = 16
"""The less is left, the smaller batches are: at the end nobody waits long for the last one."""
_AHEAD: Final = 4
"""Batches a process that are under way at most, so that none waits while this process is at one of its own."""
_HELD: Final = 16
"""Batches that are waited for or kept at most: these bound the bytes that are held before they are staged."""
_SWITCH_INTERVAL: Final = 0.001
"""Seconds for which this process works on before the threads that send and receive get their turn.

What a worker has done is received in pieces, and meanwhile it can do nothing else.
"""

_PATIENCE: Final = 1.0
"""Seconds after which it is asked whether anybody still works at what is waited for."""

Item = TypeVar("Item")
Value = TypeVar("Value")
State = TypeVar("State")
Rendered = bytes | Diagnostic | None
"""A file's bytes, what is wrong in its template, or None where a text that it shows could not be unpickled."""
Read = tuple[ParsedFile, bytes | None]
"""What reading gave without the text, and the text, pickled."""
Job = tuple[Output, tuple[bytes, ...]]
"""An output, and the texts that its recipe names, pickled; behind them, for an article as data, its Markdown."""


class Pool:
    """Maps over batches, in this process and in an executor's; results come in the order of the items.

    `start` gives the executor, of `workers` processes, and is asked once, for the first work of `at_least` that many
    items: most builds of a preview have none. With `apart` this process does nothing itself where there is an executor.
    """

    def __init__(
        self, start: Callable[[], Executor] | None, workers: int, at_least: int = 1, *, apart: bool = False
    ) -> None:
        self._start = start
        self._executor: Executor | None = None
        self._workers = workers
        self._at_least = at_least
        self._apart = apart

    def read(self, files: Iterable[tuple[str, bytes]], count: int, content_schema: ContentSchema) -> Iterator[Read]:
        """Read `count` articles from `(path, bytes)`."""
        return self._map(_read_batch, content_schema, files, count, lambda item: item[0])

    def render(self, jobs: Iterable[Job], count: int, theme: Theme) -> Iterator[Rendered]:
        """Render `count` outputs; a template's mistake comes back in the place of the bytes."""
        return self._map(_render_batch, theme, jobs, count, lambda job: job[0].path)

    def release(self) -> None:
        """Let the processes end; more work would start others."""
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None

    def _map(
        self,
        work: Callable[[State, Sequence[Item]], list[Value]],
        state: State,
        items: Iterable[Item],
        count: int,
        name: Callable[[Item], str],
    ) -> Iterator[Value]:
        batches = _batches(iter(items), count, self._workers + 1)
        if self._start is None or count < self._at_least:
            for batch in batches:
                yield from work(state, batch)
            return
        executor = self._executor = self._executor or self._start()
        waiting: deque[tuple[Sequence[Item], Future[list[Value]]]] = deque()
        given: list[Future[list[Value]]] = []

        def hand_out() -> None:
            given[:] = [future for future in given if not future.done()]
            for batch in islice(batches, self._workers * _AHEAD - len(given)):
                given.append(executor.submit(work, state, batch))
                waiting.append((batch, given[-1]))

        try:
            while True:
                nothing_is_done = not waiting or not waiting[0][1].done()
                if nothing_is_done and len(waiting) < _HELD and not self._apart:
                    ours = next(batches, ())
                    if ours:
                        own: Future[list[Value]] = Future()
                        waiting.append((ours, own))  # before the others get theirs: what comes first is wanted first
                        hand_out()
                        own.set_result(work(state, ours))
                        continue
                hand_out()
                if not waiting:
                    return
                yield from _result(executor, waiting[0][1])
                waiting.popleft()
        except BrokenExecutor as error:
            lost = next((batch for batch, future in waiting if not future.done() or future.exception()), None)
            raise _died(*(name(lost[index]) for index in (0, -1)) if lost else ("", "")) from error


def _result(executor: Executor, future: "Future[list[Value]]") -> list[Value]:
    """Wait for a result. Raises BrokenExecutor where nobody works at it any more."""
    while not wait([future], _PATIENCE).done:
        if not getattr(executor, "is_working", True):
            raise BrokenExecutor
    return future.result()


def _batches(items: Iterator[Item], count: int, processes: int) -> Iterator[Sequence[Item]]:
    """Divide `count` items, the largest batches first; a few for each process even where there are only a few items."""
    smallest = min(_SMALLEST_BATCH, max(1, count // (2 * processes)))
    while True:
        size = max(smallest, min(_LARGEST_BATCH, count // (processes * _BATCHES_PER_JOB)))
        batch = list(islice(items, size))
        if not batch:
            return
        count -= len(batch)
        yield batch


def _died(first: str, last: str) -> ExternalError:
    message = f"a worker process died (killed, or out of memory) at one of: {first} … {last}; try --jobs 1"
    return ExternalError(message)


@contextmanager
def open_pool(jobs: int | None) -> Iterator[Pool]:
    """Yield a pool of `jobs` processes, this one included.

    None takes one a processor, for work of which there is enough to pay for it.
    """
    wanted = jobs if jobs is not None else os.cpu_count() or 1
    if wanted <= 1:
        yield Pool(None, 0)
        return
    started: list[Executor] = []

    def start() -> Executor:
        from sitegen.builder.workers import process_executor  # noqa: PLC0415 - only where processes are started

        executor = process_executor(wanted - 1)
        started.append(executor)
        return executor

    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield Pool(start, wanted - 1, 1 if jobs is not None else MIN_ITEMS)
    finally:
        sys.setswitchinterval(interval)
        for executor in started:
            executor.shutdown(cancel_futures=True)  # waits for no more than the batches that were begun


def _read_batch(content_schema: ContentSchema, files: Sequence[tuple[str, bytes]]) -> list[Read]:
    results: list[Read] = []
    for path, data in files:
        read = read_file(path, data, content_schema)
        body = None if read.body is None else pickle.dumps(read.body, protocol=5)
        results.append((replace(read, body=None), body))
    return results


def _render_batch(theme: Theme, jobs: Sequence[Job]) -> list[Rendered]:
    renderer = renderer_of(theme)
    texts: dict[bytes, Body] = {}
    results: list[Rendered] = []
    for output, blobs in jobs:
        texts_wanted = texts_of(output.recipe)
        try:
            for digest, blob in zip(texts_wanted, blobs[: len(texts_wanted)], strict=True):
                if digest not in texts:
                    texts[digest] = unpickled_text(blob)
        except Exception:  # noqa: BLE001 - a pickle from elsewhere can raise anything
            results.append(None)
            continue
        try:
            results.append(renderer.render(output.recipe, texts, b"".join(blobs[len(texts_wanted) :]).decode()))
        except TemplateError as error:
            results.append(error.diagnostic)
    renderer.rotate()
    return results
