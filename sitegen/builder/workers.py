"""Worker processes of a build."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any, Final, ParamSpec, TypeVar

from sitegen.errors import ExternalError

if sys.platform == "linux":
    import fcntl

_PIPE_BYTES: Final = 1024 * 1024
"""What the pipes to and from workers hold: half a batch, and what Linux gives to anyone.

By default it is 64 KB: then a worker waits dozens of times a batch until this process has taken a piece.
"""

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


def process_executor(jobs: int) -> ProcessPoolExecutor:
    """Return an executor of `jobs` processes. Raises SurroundingsError, also later, where they cannot be started.

    They are started afresh: a copy of a process that has threads (a preview) could be a copy of a held lock.
    """
    with _starting():
        workers = _Workers(jobs, mp_context=get_context("spawn"), initializer=_start_worker)
    workers.widen()
    return workers


class _Workers(ProcessPoolExecutor):
    """Starts processes and threads as work comes in."""

    @property
    def is_working(self) -> bool:
        """Whether the thread that gives out work lives; it ends where the system refuses it a thread of its own."""
        leader = self._leader
        return leader is None or leader.is_alive()

    @property
    def _leader(self) -> threading.Thread | None:
        """The thread that gives out work; None before the first of it, and after the end."""
        return getattr(self, "_executor_manager_thread", None)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the library's
        """Let the processes end. Where the thread that gives out work is no more, nobody else would tell them to."""
        leader = self._leader
        is_led = leader is not None and leader.is_alive()
        left = [] if is_led else [*(getattr(self, "_processes", None) or {}).values()]
        for process in left:
            process.kill()
        with suppress(RuntimeError) if left else nullcontext():  # the thread was never started
            super().shutdown(wait, cancel_futures=cancel_futures)

    def widen(self) -> None:
        """Let the pipes hold more, where the system and the library have what that takes."""
        if sys.platform != "linux":
            return
        for name in ("_call_queue", "_result_queue"):
            pipe: Any = getattr(getattr(self, name, None), "_writer", None)
            with suppress(AttributeError, OSError):  # no such pipe, or more than a user may have
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def submit(
        self, fn: Callable[Arguments, Value], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Value]:
        """Submit work. What is started for it inherits that signals are held back: they are the main thread's."""
        with _starting(), _held_back():
            return super().submit(fn, *args, **kwargs)


@contextmanager
def _starting() -> Iterator[None]:
    """Say what could not be done where the system gives no process or pipe."""
    try:
        yield
    except BrokenExecutor:  # a worker died: whoever waits for it says which
        raise
    except (OSError, RuntimeError) as error:  # Python's word for a thread that cannot be started
        reason = getattr(error, "strerror", None) or error
        raise ExternalError(f"cannot start worker processes: {reason}; try --jobs 1") from error


@contextmanager
def _held_back() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back, so that they do not come between a process and the account that is kept of it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker() -> None:
    """Leave Ctrl-C to the main process, and end when that one ends, however it does."""
    gc.disable()  # a batch leaves no cycles worth a search through all that a worker holds
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    parent = parent_process()
    if parent is not None:
        try:
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        except RuntimeError:  # too many processes: the parent says so in a line
            os._exit(1)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
