"""Existing engines that do the work of a build, usually on other machines: `--executor URL`.

An engine is connected by a function that the scheme of the URL names. It gets the URL and returns a context manager of
an `Engine`. Other packages register theirs in the entry point group `sitegen.executors`.

A message begins with the hash of the program, because another version of it, of Python or of a package could render
other bytes. A worker that has another one answers with its environment. Then comes the name of this host: answers from
other hosts are compressed, because the link of this machine is what all of them share.
"""

import sys
import zlib
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from socket import gethostname
from time import monotonic, sleep
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from sitegen.builder.executor import MIN_ITEMS, Pool
from sitegen.diagnostics import ExternalError, SitegenError, UsageError
from sitegen.util.hashing import Hash, decode, encode
from sitegen.util.version import compute_program_hash, distributions

GROUP: Final = "sitegen.executors"
"""Entry point group. The name of an entry point is a scheme; it refers to a `Connect`."""
_BUILT_IN: Final = {"dask": "sitegen.builder.dask_engine", "dasks": "sitegen.builder.dask_engine"}
_WAIT: Final = "wait"
_WAIT_SECONDS: Final = 60
_COUNT_SECONDS: Final = 2
_MAX_SHOWN: Final = 4
_COMPRESSION: Final = 1
"""The level of zlib for answers from other hosts: a seventh of the bytes for 8 % of the processor time."""
_POLL_SECONDS: Final = 0.5


_Environment = tuple[str, list[str]]
"""The version of Python and the names of packages: with the program, all that `program_hash` covers."""


class Engine(Struct, frozen=True):
    """Workers that see only what is in messages.

    `workers` returns how many batches they do at a time at present; it is called every few seconds. `errors` are the
    exceptions with which the engine reports its own problems, besides `BrokenExecutor`, `CancelledError`, `ImportError`
    and `OSError`.
    """

    executor: Executor
    workers: Callable[[], int]
    errors: tuple[type[Exception], ...] = ()


Connect = Callable[[str], AbstractContextManager[Engine]]
"""Connects to the engine at a URL, which has no query, and disconnects at the end. Raises ExternalError."""


def check_executor_url(url: str) -> None:
    """Raise UsageError for a URL that names no known engine."""
    known = sorted({*_BUILT_IN, *_entry_points()})
    _, scheme, _ = _parse(url)
    if scheme not in known:
        raise UsageError(f"unknown executor {url!r}: expected {' or '.join(f'{name}://…' for name in known)}")


@contextmanager
def open_engine_pool(url: str) -> Iterator[Pool]:
    """Yield a pool of this process and of the workers at `url`. It connects for the first work that is large enough."""
    address, scheme, wait_seconds = _parse(url)
    with ExitStack() as stack:
        yield _EnginePool(address, wait_seconds, lambda: stack.enter_context(_connect(scheme)(address)))


class _EnginePool(Pool):
    """Reports the problems of an engine with one sentence each."""

    is_remote = True

    def __init__(self, url: str, wait_seconds: int, connect: Callable[[], Engine]) -> None:
        super().__init__(self._connected, 0, MIN_ITEMS)
        self._url = url
        self._wait_seconds = wait_seconds
        self._connect = connect
        self._engine: Engine | None = None
        self._program = Hash(b"")
        self._count, self._counted_at, self._seen_at = 0, 0.0, 0.0

    def release(self) -> None:
        """Keep the connection: it belongs to the context of the pool."""

    def _connected(self) -> Executor:
        try:
            self._engine = self._connect()
        except SitegenError:
            raise
        except Exception as error:  # each engine has exceptions of its own, which are known when it is connected
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise ExternalError(f"cannot connect to {self._url}: {reason}; nothing was written") from error
        if not isinstance(self._engine, Engine):
            raise ExternalError(f"the adapter of {self._url} yields {self._engine!r}; expected an Engine")
        self._program = compute_program_hash()
        self._seen_at = monotonic()
        while not self._count_workers():
            sleep(_POLL_SECONDS)
        return self._engine.executor

    def _count_workers(self) -> int:
        """Return the number of workers. Raises ExternalError if there has been none for too long."""
        if self._engine is None:
            return 0
        if monotonic() - self._counted_at > _COUNT_SECONDS:
            with self._errors():
                self._count = self._engine.workers()
            self._counted_at = monotonic()
            if self._count:
                self._seen_at = self._counted_at
        if self._counted_at - self._seen_at > self._wait_seconds:
            url, seconds = self._url, self._wait_seconds
            message = f"no worker at {url} for {seconds} s; start workers, or wait longer with '{url}?{_WAIT}=SECONDS'"
            raise ExternalError(message)
        return self._count

    def _submit(self, executor: Executor, worker: Callable[[bytes], bytes], message: bytes) -> Future[bytes]:
        with self._errors():
            return executor.submit(_answer, worker, encode((self._program, gethostname(), message)))

    def _wait(self, running: Collection[Future[bytes]]) -> Collection[Future[bytes]]:
        while not (done := wait(running, _POLL_SECONDS, FIRST_COMPLETED).done):
            self._count_workers()
        return done

    def _result(self, future: Future[bytes]) -> bytes:
        with self._errors():
            answer = super()._result(future)
            content, is_compressed, other = decode(answer, tuple[bytes, bool, tuple[str, list[str]] | None])
        if other is not None:
            raise ExternalError(f"a worker at {self._url} has {_difference(other)}")
        return zlib.decompress(content) if is_compressed else content

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the exceptions of an engine into a sentence."""
        own = self._engine.errors if self._engine is not None else ()
        errors: tuple[type[Exception], ...] = (BrokenExecutor, OSError, *own)
        url = self._url
        try:
            yield
        except ImportError as error:
            message = f"the machines of {url} cannot import this program: {error}; install the same packages there"
            raise ExternalError(message) from error
        except CancelledError as error:
            message = f"{url} cancelled the work, or the connection to it was lost; nothing was written; build again"
            raise ExternalError(message) from error
        except errors as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise ExternalError(f"{url} failed: {reason}; nothing was written") from error


def _answer(worker: Callable[[bytes], bytes], message: bytes) -> bytes:
    """Answer a message, on another machine: the content, whether it is compressed, the environment if it differs."""
    program, host, content = decode(message, tuple[Hash, str, bytes])
    if program != _own_program():
        return encode((b"", False, _environment()))
    result, is_compressed = worker(content), host != gethostname()
    return encode((zlib.compress(result, _COMPRESSION) if is_compressed else result, is_compressed, None))


@cache
def _own_program() -> Hash:
    """Return the hash of the program of a worker, which has imported its engine."""
    return compute_program_hash()


def _environment() -> _Environment:
    return sys.version, distributions()


def _difference(other: _Environment) -> str:
    """Return how the environment of a worker differs from that of this process, and what to do."""
    (python, packages), (python_here, packages_here) = other, _environment()
    if python != python_here:
        python, expected = python.split()[0], python_here.split()[0]
        return f"another build of Python ({python}, here {expected}); use the same one, as in one container image"
    names = sorted({*packages_here} ^ {*packages})
    if names:
        shown = ", ".join(name.removesuffix(".dist-info") for name in names[:_MAX_SHOWN])
        more = " …" if names[_MAX_SHOWN:] else ""
        return f"other packages than this machine: {shown}{more}; install the same ones"
    return "another version of sitegen; install the same one"


def _parse(url: str) -> tuple[str, str, int]:
    """Return the URL without its query, its scheme, and the seconds to wait for a worker. Raises UsageError."""
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        seconds = int(query.pop(_WAIT, _WAIT_SECONDS))
    except ValueError:
        seconds = -1
    if seconds < 0 or query or parts.fragment:
        raise UsageError(f"invalid executor {url!r}: expected nothing after the address but ?{_WAIT}=SECONDS")
    return parts._replace(query="").geturl(), parts.scheme, seconds


def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _connect(scheme: str) -> Connect:
    if scheme in _BUILT_IN:
        connect: Connect = import_module(_BUILT_IN[scheme]).connect
        return connect
    loaded: Connect = _entry_points()[scheme].load()
    return loaded
