"""Maps tasks over batches, in this process and in worker processes if there is enough to do.

This process takes its part of the batches: its own work need not be sent, and one process less is started. Workers get
and return MessagePack, so any `concurrent.futures.Executor` can do the work.
"""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from sitegen.builder.workers import process_executor
from sitegen.errors import ExternalError

MIN_ITEMS: Final = 300
"""Fewer items are done before a second process has started."""

_BATCHES_PER_JOB: Final = 8
_MAX_BATCH: Final = 256
_MIN_BATCH: Final = 16
"""Batches get smaller towards the end, so that no process is idle long at the end."""
_PREFETCH: Final = 4
"""Batches of each worker that are under way at most, so that none is idle while this process works on its own."""
_MAX_PENDING: Final = 16
"""Batches that are awaited or kept at most, to limit the bytes that are held."""
_SWITCH_INTERVAL: Final = 0.001
"""Seconds after which this process lets the threads run that send and receive; a worker is idle meanwhile."""

Item = TypeVar("Item")
Result = TypeVar("Result")
_Pending = deque[tuple[Sequence[Item], "Future[Any]"]]
"""Batches with what will be their results: a list, or the answer of a worker."""


class Task(Struct, Generic[Item, Result], frozen=True):
    """Work on batches of items: in this process (`run`), or as a message that a function answers in a worker.

    `name` returns the name of an item, for messages. `pack` returns the message for a batch, `worker` is the function
    that answers it, which must be importable, and `unpack` returns the results in the answer.
    """

    name: Callable[[Item], str]
    run: Callable[[Sequence[Item]], list[Result]]
    pack: Callable[[Sequence[Item]], bytes]
    worker: Callable[[bytes], bytes]
    unpack: Callable[[bytes], list[Result]]


class Pool:
    """Maps over batches; results are in the order of the items.

    `start` returns the executor of `workers` processes. It is called once, for the first work with at least `min_items`
    items.
    """

    def __init__(self, start: Callable[[], Executor] | None, workers: int, min_items: int = 1) -> None:
        self._start = start
        self._executor: Executor | None = None
        self._workers = workers
        self._min_items = min_items

    def map(self, task: Task[Item, Result], items: Iterable[Item], count: int) -> Iterator[Result]:
        """Yield the result of each of `count` items. Raises ExternalError if a worker dies."""
        batches = _batches(iter(items), count, self._workers + 1)
        if self._start is None or count < self._min_items:
            for batch in batches:
                yield from task.run(batch)
            return
        executor = self._executor = self._executor or self._start()
        pending: _Pending[Item] = deque()
        running: list[Future[bytes]] = []

        def submit() -> None:
            running[:] = [future for future in running if not future.done()]
            for batch in islice(batches, self._workers * _PREFETCH - len(running)):
                running.append(executor.submit(task.worker, task.pack(batch)))
                pending.append((batch, running[-1]))

        try:
            while True:
                is_first_ready = bool(pending) and pending[0][1].done()
                items_here = () if is_first_ready or len(pending) >= _MAX_PENDING else next(batches, ())
                if items_here:
                    here: Future[list[Result]] = Future()
                    # Before the workers get theirs: results are wanted in the order of the items.
                    pending.append((items_here, here))
                    submit()
                    here.set_result(task.run(items_here))
                    continue
                submit()
                if not pending:
                    return
                found = pending[0][1].result()
                yield from task.unpack(found) if isinstance(found, bytes) else found
                pending.popleft()
        except BrokenExecutor as error:
            raise _worker_crashed(task, pending) from error

    def release(self) -> None:
        """Let the processes end; more work would start others."""
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None


def _batches(items: Iterator[Item], count: int, processes: int) -> Iterator[Sequence[Item]]:
    """Divide `count` items, the largest batches first; a few for each process even if there are only a few items."""
    smallest = min(_MIN_BATCH, max(1, count // (2 * processes)))
    while True:
        size = max(smallest, min(_MAX_BATCH, count // (processes * _BATCHES_PER_JOB)))
        batch = list(islice(items, size))
        if not batch:
            return
        count -= len(batch)
        yield batch


def _worker_crashed(task: Task[Item, Result], pending: "_Pending[Item]") -> ExternalError:
    lost = next((items for items, future in pending if not future.done() or future.exception()), None)
    names = f"{task.name(lost[0])} … {task.name(lost[-1])}" if lost else "the first of them"
    return ExternalError(f"a worker process died (killed, or out of memory) at one of: {names}; try --jobs 1")


@contextmanager
def open_pool(jobs: int | None) -> Iterator[Pool]:
    """Yield a pool of `jobs` processes, this one included; None uses one for each processor if there is enough work."""
    wanted = jobs if jobs is not None else os.cpu_count() or 1
    if wanted <= 1:
        yield Pool(None, 0)
        return
    started: list[Executor] = []

    def start() -> Executor:
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
            with suppress(RuntimeError):  # the system refused it a thread, which is reported already
                executor.shutdown(cancel_futures=True)  # waits only for batches that have begun
