"""Signals that ask a process to end."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def signals_deferred() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM act after the `with` block, and block them in what the block starts.

    Blocking alone does not defer: the system gives a signal to any thread that has not blocked it, and Python runs its
    handler in the main thread. Windows has no mask of signals, so there nothing is blocked in what the block starts.
    """
    received: list[int] = []
    if sys.platform != "win32":
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING_SIGNALS)
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING_SIGNALS:
            if (handler := signal.getsignal(number)) is not None:
                handlers[number] = handler
                signal.signal(number, lambda number, _frame: received.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for caught in received:
            signal.raise_signal(caught)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
