"""The preview: the main thread rebuilds the site when a source changes, a second thread serves it."""

import asyncio
import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from livereload.handlers import LiveReloadHandler
from msgspec import Struct
from tornado import web
from tornado.httpserver import HTTPServer

from sitegen.builder import BuildRequest, BuildSession
from sitegen.builder.articles import draft_badges
from sitegen.builder.configuration import load_valid_settings
from sitegen.diagnostics import ExternalError, SitegenError, UsageError
from sitegen.preview.access import ANY_ADDRESS, create_access
from sitegen.preview.handlers import FileHandler, ReloadHandler, ServedPreview
from sitegen.preview.rebuild import RebuildResult, rebuild
from sitegen.preview.watcher import watch_sources
from sitegen.util.file_lock import file_lock
from sitegen.util.paths import OUTPUT, STATIC, read_bytes

DEFAULT_PORT: Final = 8000
PREVIEW: Final = "preview"
_MAX_PORTS: Final = 100
_IDLE_SECONDS: Final = 20.0
_MAX_BODY: Final = 64 * 1024
_PING_SECONDS: Final = 30
_CLOSE_SECONDS: Final = 2.0
_RETRY_SECONDS: Final = 2.0


class PreviewRequest(Struct, frozen=True):
    """The options of a preview, and the callbacks that inform the user.

    A `port` of None means the default port or the next free one. `allowed_hosts` are host names of proxies. `report`
    receives the result of each rebuild, `note` other messages, `announce` the address when it is first served
    and when it changes.
    """

    root: Path
    host: str
    port: int | None
    allowed_hosts: tuple[str, ...]
    drafts: bool
    clock: Callable[[], datetime]
    report: Callable[[RebuildResult], None]
    note: Callable[[str], None]
    announce: Callable[[str], None]


def serve(request: PreviewRequest) -> None:
    """Build, serve, and rebuild when a source changes, until KeyboardInterrupt.

    Raises ExternalError if the port is in use or the project has a running preview, UsageError for an invalid host.
    """
    output = request.root / OUTPUT / PREVIEW
    record = output / "address.txt"
    try:
        output.mkdir(parents=True, exist_ok=True)
        with suppress(KeyboardInterrupt), file_lock(output / "serving.lock") as is_free:
            if not is_free:
                address = _read_address(record)
                raise ExternalError(f"a preview of this project is already running{address and f' at {address}'}")
            _serve(request, output, record)
    except OSError as error:
        raise ExternalError(f"cannot write {error.filename or output}: {error.strerror or error}") from error


def _serve(request: PreviewRequest, output: Path, record: Path) -> None:
    listener, port = _bind(request)
    with listener:
        access = create_access(request.host, listener, request.allowed_hosts)
        if access.token:
            request.note("other machines can reach this preview; anyone with the address and its token can read it")
        base = f"http://{_display_host(request.host)}:{port}"
        query = f"?token={access.token}" if access.token else ""
        site = output / "site"
        prefix = _load_prefix(request.root, "")
        if (site / "index.html").is_file() and (last := _read_address(record)):
            prefix = urlsplit(last).path.rstrip("/")
        _write_address(record, f"{base}{prefix}/")
        announced = None
        preview = ServedPreview(site, request.root / STATIC, prefix, access)
        with _served(preview, listener) as loop:
            for result in _rebuilds(request, output, partial(loop.call_soon_threadsafe, preview.ready.clear)):
                prefix = _load_prefix(request.root, prefix) if result.ok else prefix
                badges = draft_badges(request.root, output, request.clock()) if request.drafts else {}
                loop.call_soon_threadsafe(preview.finish_rebuild, result, prefix, badges)
                if prefix != announced:
                    _write_address(record, f"{base}{prefix}/")
                    with suppress(OSError):  # a closed terminal does not end the preview
                        request.announce(f"{base}{prefix}/{query}")
                    announced = prefix


def _rebuilds(request: PreviewRequest, output: Path, on_start: Callable[[], object]) -> Iterator[RebuildResult]:
    """Yield the result of the first build and of each rebuild."""
    session = BuildSession()
    previous: RebuildResult | None = None
    retry_time = 0.0
    for changed in watch_sources(request.root, request.note):
        if not changed and time.monotonic() < retry_time:
            continue
        on_start()
        session.touch(changed)
        build_request = BuildRequest(
            request.root, request.clock(), output=output, drafts=request.drafts, allow_empty=True
        )
        result = rebuild(build_request, session)
        if previous is None or changed or result.changed or result.failure != previous.failure:
            with suppress(OSError):  # a closed terminal does not end the preview
                request.report(result)
        previous = result
        yield result
        retry_time = time.monotonic() + _RETRY_SECONDS if result.is_transient else float("inf")


@contextmanager
def _served(preview: ServedPreview, listener: socket.socket) -> Iterator[asyncio.AbstractEventLoop]:
    """Serve in a thread inside of the `with` block; yield the event loop of that thread."""
    started: Future[asyncio.AbstractEventLoop] = Future()
    stopped = asyncio.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(_answer(preview, listener, started, stopped)), name="server", daemon=True
    )
    thread.start()
    loop = started.result()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()


async def _answer(
    preview: ServedPreview, listener: socket.socket, started: Future[asyncio.AbstractEventLoop], stopped: asyncio.Event
) -> None:
    started.set_result(asyncio.get_running_loop())
    for name in ("tornado.access", "tornado.general"):
        logging.getLogger(name).disabled = True
    application = web.Application(
        [(r".*/livereload", ReloadHandler), (r"(.*)", FileHandler, {"path": str(preview.site)})],
        preview=preview,
        log_function=lambda _handler: None,
        websocket_ping_interval=_PING_SECONDS,
    )
    http = HTTPServer(application, idle_connection_timeout=_IDLE_SECONDS, max_body_size=_MAX_BODY)
    http.add_socket(listener)
    await stopped.wait()
    http.stop()
    for handler in tuple(LiveReloadHandler.waiters):
        handler.close(1001)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(http.close_all_connections(), timeout=_CLOSE_SECONDS)


def _bind(request: PreviewRequest) -> tuple[socket.socket, int]:
    """Return a listening socket and its port. Raises ExternalError or UsageError with advice for the user."""
    host = request.host
    if not host.strip():
        raise UsageError("--host is empty: expected an address such as 127.0.0.1, or 0.0.0.0 for all addresses")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = DEFAULT_PORT if request.port is None else request.port
    last = first + _MAX_PORTS - 1 if request.port is None else first
    for port in range(first, last + 1):
        try:
            listener = socket.create_server((host, port), family=family)
        except UnicodeError as error:
            raise UsageError(f"invalid host {host!r}: expected a name or an address of this machine") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            reason = str(error.strerror).partition(" (")[0]  # the rest repeats the address
            raise ExternalError(f"cannot serve on {host} port {port}: {reason}; check --host and --port") from error
        if port != first:
            request.note(f"port {first} is already in use; serving on port {port}")
        listener.settimeout(0)
        return listener, port
    ports = f"port {first} is" if first == last else f"ports {first} to {last} are"
    raise ExternalError(f"{ports} already in use on {host}; choose another port with --port")


def _display_host(host: str) -> str:
    """Return a host for a URL; for all addresses, the one by which other machines reach this one."""
    if host in ANY_ADDRESS:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737); nothing is sent
            return str(probe.getsockname()[0])
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _load_prefix(root: Path, default: str) -> str:
    """Return the path of `base_url` without its last slash; the default if `site.yaml` has errors."""
    try:
        return urlsplit(load_valid_settings(root).config.base_url).path.rstrip("/")
    except SitegenError:
        return default


def _read_address(file: Path) -> str:
    """Return the address of the last preview; empty if there was none."""
    try:
        return read_bytes(file.name, file).decode().strip()
    except (SitegenError, ValueError):
        return ""


def _write_address(file: Path, address: str) -> None:
    with suppress(OSError):  # the record is not essential
        file.write_text(f"{address}\n", encoding="utf-8")
