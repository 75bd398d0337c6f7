"""The pool: any executor works, and a worker that dies is reported with the items that it was working on."""

import os
import re
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from sitegen.builder.executor import Pool, Task
from sitegen.builder.reader import File, Parsed, parse_task
from sitegen.config.loader import read_config
from sitegen.diagnostics import Diagnostics
from sitegen.errors import ExternalError
from sitegen.util.hashing import decode, encode
from tests.project import SITE, article


def files(number: int) -> list[tuple[str, bytes]]:
    return [(f"content/articles/2026/07/a{n}.md", article(title=f"Event {n}").encode()) for n in range(number)]


def task_of_files() -> Task[File, Parsed]:
    settings = read_config(SITE.split("-- site.yaml --\n")[1].encode(), Diagnostics())
    assert settings is not None
    return parse_task(settings.config.content_schema)


def test_any_executor_gives_the_same() -> None:
    task = task_of_files()
    alone = list(Pool(None, 0).map(task, files(40), 40))
    with ThreadPoolExecutor(3) as threads:
        assert list(Pool(lambda: threads, 3).map(task, files(40), 40)) == alone
    assert [document.path for document, _ in alone] == [path for path, _ in files(40)]


def report_process(message: bytes) -> bytes:
    return encode([(item, os.getpid()) for item in decode(message, list[int])])


def process_ids(worker: Callable[[bytes], bytes] = report_process) -> Task[int, tuple[int, int]]:
    """Return a task whose results are items, each with the process that worked on it."""
    return Task(
        name=str,
        run=lambda batch: [(item, os.getpid()) for item in batch],
        pack=encode,
        worker=worker,
        unpack=lambda message: decode(message, list[tuple[int, int]]),
    )


def die(_message: bytes) -> bytes:
    """Simulate a machine on which no worker survives."""
    os._exit(9)


def test_a_worker_that_dies_is_reported_with_its_items() -> None:
    executor: Executor
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        results = Pool(lambda: executor, 1).map(process_ids(die), range(4000), 4000)
        with pytest.raises(ExternalError, match=r"at one of: (\d+) … (\d+)") as caught:
            list(results)
    first, last = map(int, re.findall(r"\d+", str(caught.value))[:2])
    assert 0 < first < last < 4000  # the first batch is that of this process


@pytest.mark.parametrize("number", [1, 2, 7, 40, 5000])
def test_this_process_takes_its_part(number: int) -> None:
    executor: Executor
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        found = list(Pool(lambda: executor, 2).map(process_ids(), range(number), number))
    assert [item for item, _ in found] == list(range(number))
    processes = {process for _, process in found}
    assert os.getpid() in processes
    assert (processes != {os.getpid()}) == (number > 1)


def test_no_process_is_started_for_little_work() -> None:
    def start() -> Executor:
        raise AssertionError("little work started an executor")

    task = task_of_files()
    assert len(list(Pool(start, 2, min_items=41).map(task, files(40), 40))) == 40
    with pytest.raises(AssertionError, match="little work"):
        list(Pool(start, 2, min_items=40).map(task, files(40), 40))
