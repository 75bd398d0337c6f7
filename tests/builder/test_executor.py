"""The pool: any executor may be put under it, and a worker that dies is reported with what it was at."""

import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from sitegen.builder.executor import Pool
from sitegen.builder.workers import process_executor
from sitegen.config.loader import read_config
from sitegen.diagnostics import Diagnostics
from sitegen.errors import ExternalError
from tests.project import SITE, article


def files(number: int) -> list[tuple[str, bytes]]:
    return [(f"content/articles/2026/07/a{n}.md", article(title=f"Event {n}").encode()) for n in range(number)]


def test_any_executor_gives_the_same() -> None:
    settings = read_config(SITE.split("-- site.yaml --\n")[1].encode(), Diagnostics())
    assert settings is not None
    config = settings.config
    alone = list(Pool(None, 0).read(files(40), 40, config.content_schema))
    with ThreadPoolExecutor(3) as threads:
        assert list(Pool(lambda: threads, 3).read(files(40), 40, config.content_schema)) == alone
    assert [read.path for read, _ in alone] == [path for path, _ in files(40)]


def die_at(last: int, ours: int, items: Sequence[int]) -> list[int]:
    """Stand in for a worker that the system kills; the process `ours` is spared."""
    if last in items and os.getpid() != ours:
        os._exit(9)
    return list(items)


@pytest.mark.parametrize("last", [0, 20, 39])
def test_a_worker_that_dies_is_reported_with_what_it_was_at(last: int) -> None:
    executor: Executor
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        results = Pool(lambda: executor, 1, apart=True)._map(partial(die_at, last), 0, range(40), 40, str)
        with pytest.raises(ExternalError, match=r"a worker process died .* at one of: \d+ … \d+"):
            list(results)


def sizes_of_pipes(_: int) -> set[int]:
    """Return what the pipes of this process hold."""
    assert sys.platform == "linux"
    from fcntl import F_GETPIPE_SZ, fcntl  # noqa: PLC0415 - Linux alone has it

    links = {int(item.name): str(item.readlink()) for item in Path("/proc/self/fd").iterdir() if item.is_symlink()}
    return {fcntl(number, F_GETPIPE_SZ) for number, target in links.items() if target.startswith("pipe:")}


@pytest.mark.skipif(sys.platform != "linux", reason="pipes have one size elsewhere")
def test_a_worker_can_hand_over_a_batch_without_being_waited_for() -> None:
    most = int(Path("/proc/sys/fs/pipe-max-size").read_text())
    if most < 1 << 20:
        pytest.skip(f"pipes hold at most {most} bytes here")
    with process_executor(1) as executor:
        assert 1 << 20 in executor.submit(sizes_of_pipes, 0).result()


def die(ours: int, items: Sequence[int]) -> list[int]:
    """Stand in for a machine on which no worker lives long."""
    return die_at(items[0], ours, items)


def test_a_worker_that_dies_beside_this_process_is_reported_with_what_it_was_at() -> None:
    executor: Executor
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        results = Pool(lambda: executor, 1)._map(die, os.getpid(), range(4000), 4000, str)
        with pytest.raises(ExternalError, match=r"at one of: (\d+) … (\d+)") as caught:
            list(results)
    first, last = map(int, re.findall(r"\d+", str(caught.value))[:2])
    assert 0 < first < last < 4000  # the first batch is this process's


def whose(_state: None, items: Sequence[int]) -> list[tuple[int, int]]:
    """Say who was at each item."""
    return [(item, os.getpid()) for item in items]


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("number", [1, 2, 7, 40, 5000])
def test_this_process_takes_its_part_unless_it_stands_apart(number: int, *, apart: bool) -> None:
    executor: Executor
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        pool = Pool(lambda: executor, 2, apart=apart)
        found = list(pool._map(whose, None, range(number), number, str))
    assert [item for item, _ in found] == list(range(number))
    at_work = {process for _, process in found}
    assert (os.getpid() in at_work) is not apart
    assert (at_work != {os.getpid()}) == (number > 1 or apart)


def test_no_process_is_started_for_little_work() -> None:
    def start() -> Executor:
        raise AssertionError("little work started an executor")

    settings = read_config(SITE.split("-- site.yaml --\n")[1].encode(), Diagnostics())
    assert settings is not None
    config = settings.config
    assert len(list(Pool(start, 2, at_least=41).read(files(40), 40, config.content_schema))) == 40
    with pytest.raises(AssertionError, match="little work"):
        list(Pool(start, 2, at_least=40).read(files(40), 40, config.content_schema))
