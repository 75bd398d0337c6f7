"""The preview's life: livereload serves the tree, a thread rebuilds it when a source has changed.

livereload's own watcher polls, runs its tasks on the server's loop and starts one for each changed file, so it gets a
watcher that does nothing but pass on when a rebuild is done.
"""

import asyncio
import ctypes
import json
import logging
import os
import secrets
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from filelock import FileLock, Timeout
from livereload.handlers import LiveReloadHandler
from livereload.watcher import Watcher
from tornado.httpserver import HTTPServer

from sitegen.errors import ExternalError
from sitegen.paths import CONFIG_NAME
from sitegen.preview.draft_badges import Marks
from sitegen.preview.handlers import Access, Current, PreviewServer
from sitegen.preview.ports import DEFAULT_PORT, Bound, bind
from sitegen.preview.rebuild import Outcome, Rebuilder
from sitegen.preview.watch import Sources
from sitegen.util.frozen import dataclass

_IDLE_SECONDS: Final = 20.0
"""A connection that asks for nothing, or never ends its question, is closed."""
_BODY_SECONDS: Final = 5.0
_MOST_BODY: Final = 64 * 1024

_NEWER_SECONDS: Final = 0.06
_LONGEST_UNTOLD: Final = 5.0
"""A mistake is told when nothing has been saved after it for so long, or after so long in any case."""
_RETRY_SECONDS: Final = (2.0, 30.0)
_MANY: Final = 500
_LOOK_AGAIN_SECONDS: Final = 1.0
"""After so many changes at once the system may have dropped some: then it is looked once more, so much later."""
_CLOSING_SECONDS: Final = 2.0
_END_SECONDS: Final = 10.0
_EVERYTHING: Final = frozenset({CONFIG_NAME})
"""Whatever depends on the configuration is looked at anew."""


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to serve: the project, host and port (None for the default one or the next that is free).

    `names` are hosts beside its own, under which a proxy passes requests on. `clock` gives the time, `report` is told
    what came of each rebuild, `note` what else the user should know, `announce` the address once it is served and when
    it changes, and whether that is for the first time.
    """

    root: Path
    host: str
    port: int | None
    names: tuple[str, ...]
    drafts: bool
    clock: Callable[[], datetime]
    report: Callable[[Outcome], None]
    note: Callable[[str], None]
    announce: Callable[[str, bool], None]


def serve(request: PreviewRequest) -> None:
    """Build, serve, and rebuild when a source changes, until SIGINT or SIGTERM.

    Raises SurroundingsError when the port cannot be had or the project is being previewed already, UsageError for a
    host that is none.
    """
    rebuilder = Rebuilder(request.root, request.clock, drafts=request.drafts)
    record = _Record(rebuilder.output / "serving.json")
    try:
        rebuilder.output.mkdir(parents=True, exist_ok=True)
        with FileLock(rebuilder.output / "serving.lock", timeout=0):
            asyncio.run(_serve(request, rebuilder, record))
    except Timeout as error:
        raise ExternalError(f"this digest is being previewed already{record.where()}") from error
    except OSError as error:
        named = error.filename or rebuilder.output
        raise ExternalError(f"cannot write {named}: {error.strerror or error}") from error


async def _serve(request: PreviewRequest, rebuilder: Rebuilder, record: "_Record") -> None:
    loop = asyncio.get_running_loop()
    bound = bind(request.host, request.port)
    if bound.passed:
        request.note(f"port {DEFAULT_PORT} is taken (by {bound.passed}); serving on {bound.port}")
    access = _access(request, bound)
    if access.token:
        request.note("other machines may reach this preview; who has the address with its token sees all of it")
    current = Current(rebuilder.site, record.prefix(rebuilder))
    base = f"http://{_shown(request.host)}:{bound.port}"
    record.write(base, current.prefix)

    def announce(*, is_first: bool) -> None:
        record.write(base, current.prefix)
        query = f"?token={access.token}" if access.token else ""
        with suppress(OSError):  # nobody reads what it says any more, and somebody may still look at the pages
            request.announce(f"{base}{current.prefix}/{query}", is_first)

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    notifier = _Notifier()
    http = _listen(bound, PreviewServer(watcher=notifier), current, access)
    sources = Sources(request.root, request.note)
    sources.start()
    stage = _Stage(loop, current, notifier, announce, stopped)
    worker = _Worker(request, rebuilder, sources, stage)
    worker.start()
    try:
        await stopped.wait()
    finally:
        http.stop()
        for waiter in tuple(LiveReloadHandler.waiters):
            waiter.close(1001)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(http.close_all_connections(), timeout=_CLOSING_SECONDS)
        await asyncio.to_thread(worker.end)
    if worker.error is not None:
        raise worker.error


def _listen(bound: Bound, server: PreviewServer, current: Current, access: Access) -> HTTPServer:
    for name in ("tornado.access", "tornado.general"):
        logging.getLogger(name).disabled = True
    http = HTTPServer(
        server.application(current, access),
        idle_connection_timeout=_IDLE_SECONDS,
        body_timeout=_BODY_SECONDS,
        max_body_size=_MOST_BODY,
    )
    http.add_sockets(bound.sockets)
    server.start()
    return http


class _Notifier(Watcher):  # type: ignore[misc]  # livereload has no types
    """Watches nothing; passes on that a rebuild is done."""

    def __init__(self) -> None:
        super().__init__()
        self.notify: Callable[[], None] = lambda: None

    def watch(self, *_args: object, **_options: object) -> None:
        """Watch nothing."""

    def start(self, callback: Callable[[], None]) -> bool:
        """Keep the callback, and say that no polling is needed."""
        self.notify = callback
        return True

    def examine(self) -> tuple[str, None]:
        """Say that pages are to be told at once."""
        return "__livereload__", None


class _Announce(Protocol):
    def __call__(self, *, is_first: bool) -> None:
        """Say where it is served."""


class _Stage:
    """The way from the thread that builds to the server's loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        current: Current,
        notifier: _Notifier,
        announce: _Announce,
        stopped: asyncio.Event,
    ) -> None:
        self._loop = loop
        self._current = current
        self._notifier = notifier
        self._announce = announce
        self._stopped = stopped
        self._is_announced = False

    def stop(self) -> None:
        """End the server."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    def begin(self) -> None:
        """Hold requests back."""
        self._loop.call_soon_threadsafe(self._current.begin)

    def show(self, outcome: Outcome, prefix: str | None, marks: Callable[[], dict[str, str]]) -> None:
        """Show what came of a rebuild, tell the pages, and let those requests go first that waited for it."""
        told = asyncio.run_coroutine_threadsafe(self._show(outcome, prefix, marks), self._loop)
        told.result()

    async def _show(self, outcome: Outcome, prefix: str | None, marks: Callable[[], dict[str, str]]) -> None:
        before = self._current.prefix
        self._current.done(outcome, before if prefix is None else prefix, marks)
        self._notifier.filepath = "index.html"
        self._notifier.notify()
        if not self._is_announced or self._current.prefix != before:
            self._announce(is_first=not self._is_announced)
            self._is_announced = True
        await asyncio.sleep(0)
        await asyncio.sleep(0)


class _Ended(BaseException):
    """Raised in a build that shall not come to its end, as Ctrl-C is in `sitegen build`."""


class _Worker(threading.Thread):
    """Rebuilds when a source has changed. `error` is a defect that ended it, and the server with it."""

    def __init__(self, request: PreviewRequest, rebuilder: Rebuilder, sources: Sources, stage: _Stage) -> None:
        super().__init__(name="rebuild", daemon=True)
        self.error: Exception | None = None
        self._unseen = frozenset[str]()
        self._request = request
        self._rebuilder = rebuilder
        self._sources = sources
        self._stage = stage
        self._marks = Marks(request.root, request.clock)
        self._ending = threading.Event()

    def run(self) -> None:
        """Rebuild until `end`."""
        with suppress(_Ended):
            try:
                self._run()
            except Exception as error:  # noqa: BLE001 - a preview that shows nothing new any more must not look alive
                self.error = error
                self._stage.stop()

    def end(self) -> None:
        """End, in the middle of a build too: what it has not committed is dropped, and what it has is completed."""
        self._ending.set()
        self._sources.stop()
        self.join(timeout=0.2)
        if self.is_alive() and self.ident is not None:
            warnings.simplefilter("ignore", ResourceWarning)  # a file that is just being opened is closed for us
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(_Ended))
            self.join(timeout=_END_SECONDS)

    def _run(self) -> None:
        changed = frozenset[str]()
        before: Outcome | None = None
        retry = _RETRY_SECONDS[0]
        while not self._ending.is_set():
            self._stage.begin()
            outcome, changed = self._rebuild(changed)
            if before is None or outcome.changed or changed or outcome.failure != before.failure:
                with suppress(OSError):  # as above
                    self._request.report(outcome)
            if self._ending.is_set():
                return
            self._show(outcome, changed)
            before = outcome
            wait = retry if outcome.passing else (_LOOK_AGAIN_SECONDS if len(changed) >= _MANY else None)
            retry = min(2 * retry, _RETRY_SECONDS[1]) if outcome.passing else _RETRY_SECONDS[0]
            changed = self._sources.wait(wait)

    def _rebuild(self, changed: frozenset[str]) -> tuple[Outcome, frozenset[str]]:
        """Build; what is found wrong while something newer has been saved already is left to the build after it.

        Returns the outcome, and all that changed since the last one that was told.
        """
        end = time.monotonic() + _LONGEST_UNTOLD
        everything = changed
        while True:
            outcome = self._rebuilder.rebuild(changed)
            if outcome.ok or self._ending.is_set() or time.monotonic() > end:
                return outcome, everything
            changed = self._sources.wait(_NEWER_SECONDS)
            if not changed:
                return outcome, everything
            everything |= changed

    def _show(self, outcome: Outcome, changed: frozenset[str]) -> None:
        self._unseen |= changed or _EVERYTHING
        prefix = None
        if outcome.ok:
            if CONFIG_NAME in self._unseen:
                prefix = self._rebuilder.prefix()
            if self._request.drafts:
                self._marks.refresh(self._unseen)
            self._unseen = frozenset()
        self._stage.show(outcome, prefix, self._marks.by_path)


class _Record:
    """A file beside the preview's tree: where it is served, and the path of `base_url` that its pages have."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, address: str, prefix: str) -> None:
        """Write it; that this cannot be done does no harm."""
        with suppress(OSError):
            values = {"address": address, "prefix": prefix, "process": os.getpid()}
            self._file.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")

    def prefix(self, rebuilder: Rebuilder) -> str:
        """Return the path that the pages of the tree have, or will have where there are none yet."""
        recorded = self._read().get("prefix")
        if isinstance(recorded, str) and (rebuilder.site / "index.html").is_file():
            return recorded
        return rebuilder.prefix() or ""

    def where(self) -> str:
        """Return where it is served, in words that end a sentence."""
        values = self._read()
        if not values.get("address"):
            return ""
        return f" at {values['address']}{values.get('prefix', '')}/ (process {values.get('process')})"

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return values if isinstance(values, dict) else {}


def _access(request: PreviewRequest, bound: Bound) -> Access:
    hosts = {"127.0.0.1", "localhost", "::1", "[::1]", request.host.lower(), *bound.addresses}
    everywhere = bool({"0.0.0.0", "::"} & hosts)  # noqa: S104 - what the user asked for
    hosts -= {"0.0.0.0", "::"}  # noqa: S104
    if everywhere:
        hosts |= {socket.gethostname().lower()}
    hosts |= {f"[{host}]" for host in hosts if ":" in host and not host.startswith("[")}
    hosts |= {name.lower() for name in request.names}
    token = "" if bound.is_local and not request.names else secrets.token_urlsafe(16)
    return Access(frozenset(hosts), everywhere, token, f"sitegen-preview-{bound.port}")


def _shown(host: str) -> str:
    """Return the host as an address shows it: for all addresses, the one that others reach this machine by."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # a documentation address; nothing is sent
            return str(probe.getsockname()[0])
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
