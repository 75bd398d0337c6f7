"""Worker processes of a build."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

from sitegen.diagnostics import ExternalError
from sitegen.util.signals import signals_deferred

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")


def process_executor(jobs: int) -> ProcessPoolExecutor:
    """Return an executor of `jobs` processes. Raises ExternalError, also later, if they cannot be started.

    They are spawned, not forked: a lock that another thread of this process holds would deadlock the child.
    """
    with _start_errors():
        return _Workers(jobs)


class _Workers(ProcessPoolExecutor):
    """Starts processes and threads as work comes in. If the system refuses one, all work fails."""

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs, mp_context=get_context("spawn"), initializer=_start_worker)
        self._submitted: list[Future[Any]] = []
        self._failure: ExternalError | None = None
        self._previous_hook, threading.excepthook = threading.excepthook, self._handle_dead_thread

    def submit(
        self, fn: Callable[Arguments, Value], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Value]:
        """Submit work. Signals are blocked in whatever is started for it: they are for the main thread."""
        with _start_errors(), signals_deferred():
            future = super().submit(fn, *args, **kwargs)
        self._submitted = [other for other in self._submitted if not other.done()] + [future]
        if self._failure is not None:  # the thread may have died before the future was recorded
            raise self._failure
        return future

    def shutdown(self, *args: Any, **kwargs: Any) -> None:
        """End the processes."""
        threading.excepthook = self._previous_hook
        super().shutdown(*args, **kwargs)

    def _handle_dead_thread(self, args: threading.ExceptHookArgs) -> None:
        """Fail all work if the executor's thread could not start another one: it died, and no future would be done."""
        if type(args.thread).__module__ != ProcessPoolExecutor.__module__:
            self._previous_hook(args)
            return
        self._failure = _start_error(args.exc_value)
        _terminate_children()
        for future in self._submitted:
            if not future.done():
                future.set_exception(self._failure)


@contextmanager
def _start_errors() -> Iterator[None]:
    """Report it if the system refuses a process, a thread or a pipe."""
    try:
        yield
    except BrokenExecutor:  # a worker died: reported with the names of its items
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a thread that cannot be started
        _terminate_children()
        raise _start_error(error) from error


def _start_error(error: BaseException | None) -> ExternalError:
    reason = getattr(error, "strerror", None) or error
    return ExternalError(f"cannot start worker processes: {reason}; try --jobs 1")


def _terminate_children() -> None:
    """End workers that nothing gives work to: Python would wait for them at its end."""
    for child in active_children():
        child.terminate()


def _start_worker() -> None:
    """Leave Ctrl-C to the main process, and end when that ends, however it does."""
    gc.disable()  # a batch leaves no cycles that would be worth a collection
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    parent = parent_process()
    if parent is not None:
        try:
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        except RuntimeError:  # too many processes: the parent reports it
            os._exit(1)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
