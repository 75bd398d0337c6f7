"""The pool: any executor works, and a worker that dies is reported with the items that it was working on."""

import os
import re
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from sitegen.builder.executor import Pool, Task
from sitegen.diagnostics import ExternalError
from sitegen.util.hashing import decode, encode


def report_process(message: bytes) -> bytes:
    return encode([(item, os.getpid()) for item in decode(message, list[int])])


def process_ids(worker: Callable[[bytes], bytes] = report_process) -> Task[int, tuple[int, int]]:
    """Return a task whose results are items, each with the process that worked on it."""
    return Task(
        name=str,
        run=lambda batch: [(item, os.getpid()) for item in batch],
        pack=lambda batch: encode(list(batch)),
        worker=worker,
        unpack=lambda message: decode(message, list[tuple[int, int]]),
    )


@pytest.mark.parametrize("number", [1, 2, 40, 5000])
def test_any_executor_gives_every_item_its_result(number: int) -> None:
    with ThreadPoolExecutor(3) as threads:
        for pool in (Pool(None, 0), Pool(lambda: threads, 3)):
            found = list(pool.map(process_ids(), range(number)))
            assert sorted(item for item, _ in found) == list(range(number))
            assert all(item == result for item, (result, _) in found)


def die(_message: bytes) -> bytes:
    """Simulate a machine on which no worker survives."""
    os._exit(9)


def test_a_worker_that_dies_is_reported_with_its_items() -> None:
    executor: Executor
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        results = Pool(lambda: executor, 1).map(process_ids(die), range(4000))
        with pytest.raises(ExternalError, match=r"at one of: (\d+) … (\d+)") as caught:
            list(results)
    first, last = map(int, re.findall(r"\d+", str(caught.value))[:2])
    assert 0 < first < last < 4000  # the first batch is that of this process


@pytest.mark.parametrize("number", [1, 2, 7, 40, 5000])
def test_this_process_takes_its_part(number: int) -> None:
    executor: Executor
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        found = list(Pool(lambda: executor, 2).map(process_ids(), range(number)))
    assert sorted(item for item, _ in found) == list(range(number))
    processes = {process for _, (_, process) in found}
    assert os.getpid() in processes
    assert (processes != {os.getpid()}) == (number > 1)


def test_no_process_is_started_for_little_work() -> None:
    def start() -> Executor:
        raise AssertionError("little work started an executor")

    assert len(list(Pool(start, 2, min_items=41).map(process_ids(), range(40)))) == 40
    with pytest.raises(AssertionError, match="little work"):
        list(Pool(start, 2, min_items=40).map(process_ids(), range(40)))
