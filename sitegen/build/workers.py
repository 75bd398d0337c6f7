"""Worker processes of a build."""

import gc
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess


def process_executor(jobs: int) -> ProcessPoolExecutor:
    """Return an executor of `jobs` processes.

    They are started afresh: a copy of a process that has threads (a preview) could be a copy of a held lock.
    """
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start_worker)


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
