"""The pool: any executor may be put under it, and a worker that dies is reported with what it was at."""

import os
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest

from sitegen.build.pool import Pool
from sitegen.diagnostics import Findings
from sitegen.errors import SurroundingsError
from sitegen.siteyaml import read_config
from tests.project import SITE, article


def files(number: int) -> list[tuple[str, bytes]]:
    return [(f"content/articles/2026/07/a{n}.md", article(title=f"Event {n}").encode()) for n in range(number)]


def test_any_executor_gives_the_same() -> None:
    config = read_config(SITE.split("-- site.yaml --\n")[1].encode(), Findings())
    assert config is not None
    alone = list(Pool(None, 1).read(files(40), 40, config.vocabulary))
    with ThreadPoolExecutor(3) as threads:
        assert list(Pool(lambda: threads, 3).read(files(40), 40, config.vocabulary)) == alone
    assert [read.path for read, _ in alone] == [path for path, _ in files(40)]


def die_at(last: int, _state: None, items: Sequence[int]) -> list[int]:
    """Stand in for a worker that the system kills."""
    if last in items:
        os._exit(9)
    return list(items)


@pytest.mark.parametrize("last", [0, 20, 39])
def test_a_worker_that_dies_is_reported_with_what_it_was_at(last: int) -> None:
    executor: Executor
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        results = Pool(lambda: executor, 1)._map(partial(die_at, last), None, range(40), 40, str)
        with pytest.raises(SurroundingsError, match=r"a worker process died .* at one of: \d+ … \d+"):
            list(results)


def test_no_process_is_started_for_little_work() -> None:
    def start() -> Executor:
        raise AssertionError("little work started an executor")

    config = read_config(SITE.split("-- site.yaml --\n")[1].encode(), Findings())
    assert config is not None
    assert len(list(Pool(start, 2, at_least=41).read(files(40), 40, config.vocabulary))) == 40
    with pytest.raises(AssertionError, match="little work"):
        list(Pool(start, 2, at_least=40).read(files(40), 40, config.vocabulary))
