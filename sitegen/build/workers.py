"""Worker processes of a build."""

import gc
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess


def process_executor(jobs: int, *, may_copy: bool) -> ProcessPoolExecutor:
    """Return an executor of `jobs` processes, copies of this one where that is safe and `may_copy` says so.

    A copy is there at once, with all libraries loaded; it is made where the system is known to do it well (Linux) and
    no other thread runs, because a copy of a lock that another thread holds never opens.
    """
    copies = may_copy and sys.platform == "linux" and threading.active_count() == 1
    sys.stdout.flush()
    sys.stderr.flush()
    return ProcessPoolExecutor(jobs, mp_context=get_context("fork" if copies else "spawn"), initializer=_start_worker)


def _start_worker() -> None:
    """Leave Ctrl-C to the main process, and end when that one ends, however it does."""
    gc.disable()  # a batch leaves no cycles worth a search through all that a worker holds
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
