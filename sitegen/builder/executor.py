"""Maps tasks over batches, in this process and in worker processes if there is enough to do.

This process takes its part of the batches: its own work need not be sent, and one process less is started. Workers get
and return MessagePack, so any `concurrent.futures.Executor` can do the work.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Final, Generic, TypeVar

from msgspec import Struct

from sitegen.diagnostics import ExternalError

MIN_ITEMS: Final = 300
"""Fewer items are done before a second process has started."""

_BATCHES_PER_JOB: Final = 8
_MAX_BATCH: Final = 256
_MIN_BATCH: Final = 16
"""Batches get smaller towards the end, so that no process is idle long at the end."""
_PREFETCH: Final = 2
"""Batches of each worker that are under way at most, so that none is idle while this process works on its own."""

MAX_BATCH_BYTES: Final = 4 * 1024 * 1024
"""The limit for the sum of `Task.size` of a batch of several items."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Task(Struct, Generic[Item, Result], frozen=True):
    """Work on batches of items: in this process (`run`), or as a message that a function answers in a worker.

    `name` returns the name of an item, for messages. `pack` returns the message for a batch, `worker` is the function
    that answers it, which must be importable, and `unpack` returns the results in the answer. `size` is about the
    number of bytes that an item adds to the message or the answer, whichever is larger.
    """

    name: Callable[[Item], str]
    run: Callable[[Sequence[Item]], list[Result]]
    pack: Callable[[Sequence[Item]], bytes]
    worker: Callable[[bytes], bytes]
    unpack: Callable[[bytes], list[Result]]
    size: Callable[[Item], int] = lambda _: 0


class Pool:
    """Maps over batches of items, in any order.

    `start` returns the executor of `workers` processes. It is called once, for the first work with at least `min_items`
    items. `is_remote` is true if workers see no file of this machine.
    """

    is_remote = False

    def __init__(self, start: Callable[[], Executor] | None, workers: int, min_items: int = 1) -> None:
        self._start = start
        self._executor: Executor | None = None
        self._workers = workers
        self._min_items = min_items

    def map(self, task: Task[Item, Result], items: Sequence[Item]) -> Iterator[tuple[Item, Result]]:
        """Yield each item with its result. Raises ExternalError if a worker dies.

        This process begins with the first items and workers with the last: what a process keeps of its work, such as
        the entries of lists, is of use for the neighbours of an item.
        """
        executor = self._executor_for(len(items))
        running: dict[Future[bytes], Sequence[Item]] = {}
        first, last = 0, len(items)
        try:
            while first < last or running:
                workers = 0 if executor is None else self._count_workers()
                processes = workers + 1
                while executor is not None and len(running) < workers * _PREFETCH:
                    size = _batch_size(last - first, len(items), processes)
                    if first >= last - size:
                        break
                    size = _fitting(task, items[last - size : last])
                    batch, last = items[last - size : last], last - size
                    running[self._submit(executor, task.worker, task.pack(batch))] = batch
                if first < last and not any(future.done() for future in running):
                    size = _batch_size(last - first, len(items), processes)
                    batch, first = items[first : first + size], first + size
                    yield from zip(batch, task.run(batch), strict=True)
                    continue
                for future in self._wait(running):
                    yield from zip(running[future], task.unpack(self._result(future)), strict=True)
                    del running[future]
        except BrokenExecutor as error:
            raise _worker_crashed(task, list(running.values())) from error

    def _executor_for(self, count: int) -> Executor | None:
        """Return the executor for work on `count` items; None if this process does it alone."""
        if self._executor is None and self._start is not None and count >= self._min_items:
            self._executor = self._start()
        return self._executor

    def _count_workers(self) -> int:
        return self._workers

    def _submit(self, executor: Executor, worker: Callable[[bytes], bytes], message: bytes) -> Future[bytes]:
        return executor.submit(worker, message)

    def _wait(self, running: Collection[Future[bytes]]) -> Collection[Future[bytes]]:
        """Return what is done, as soon as anything is."""
        return wait(running, return_when=FIRST_COMPLETED).done

    def _result(self, future: Future[bytes]) -> bytes:
        return future.result()

    def release(self) -> None:
        """Let the processes end; more work would start others."""
        if self._executor is not None:
            self._executor.shutdown(wait=False)
            self._executor = None


def _batch_size(left: int, count: int, processes: int) -> int:
    """Return the size of the next batch of `left` items of `count`: a few batches each even if there are few items."""
    smallest = min(_MIN_BATCH, max(1, count // (2 * processes)))
    return min(left, max(smallest, min(_MAX_BATCH, left // (processes * _BATCHES_PER_JOB))))


def _fitting(task: Task[Item, Result], batch: Sequence[Item]) -> int:
    """Return how many items at the end of a batch are within its limit of bytes, at least one."""
    total = 0
    for number, item in enumerate(reversed(batch)):
        total += task.size(item)
        if total > MAX_BATCH_BYTES and number:
            return number
    return len(batch)


def _worker_crashed(task: Task[Item, Result], running: Sequence[Sequence[Item]]) -> ExternalError:
    names = f"{task.name(running[0][0])} … {task.name(running[0][-1])}" if running else "the first of them"
    return ExternalError(f"a worker process died (killed, or out of memory) at one of: {names}; try --jobs 1")
