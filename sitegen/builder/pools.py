"""Opens the pool that a request names: this process alone, with worker processes, or with an engine."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from typing import Final

from sitegen.builder.executor import MIN_ITEMS, Pool

_SWITCH_INTERVAL: Final = 0.001
"""Seconds after which this process lets the threads run that send and receive; a worker is idle meanwhile."""


@contextmanager
def open_pool(jobs: int | None, executor_url: str = "") -> Iterator[Pool]:
    """Yield a pool of `jobs` processes, this one included; None uses one for each processor if there is enough work.

    With the URL of an engine, yield a pool of this process and the workers of that.
    """
    if executor_url:
        from sitegen.builder.engine import open_engine_pool

        with _switched_often(), open_engine_pool(executor_url) as pool:
            yield pool
        return
    wanted = jobs if jobs is not None else os.cpu_count() or 1
    if wanted <= 1:
        yield Pool(None, 0)
        return
    started: list[Executor] = []

    def start() -> Executor:
        from sitegen.builder.workers import process_executor

        executor = process_executor(wanted - 1)
        started.append(executor)
        return executor

    try:
        with _switched_often():
            yield Pool(start, wanted - 1, 1 if jobs is not None else MIN_ITEMS)
    finally:
        for executor in started:
            with suppress(RuntimeError):  # the system refused it a thread, which is reported already
                executor.shutdown(cancel_futures=True)  # waits only for batches that have begun


@contextmanager
def _switched_often() -> Iterator[None]:
    """Let the threads run often that send and receive."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
