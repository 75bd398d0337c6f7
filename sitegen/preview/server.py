"""The preview server: livereload serves the tree, a thread rebuilds it.

livereload's own watcher polls, runs its tasks on the server's loop and starts one for each changed file, so it gets a
watcher that does nothing but pass on when a rebuild is done. It also answers any host and any origin, so that any page
on the web could listen; both are checked here.
"""

import asyncio
import ipaddress
import logging
import mimetypes
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from livereload import Server
from livereload.handlers import ForceReloadHandler, LiveReloadHandler, LiveReloadJSHandler
from livereload.server import LiveScriptInjector
from livereload.watcher import Watcher
from tornado import web

from sitegen.errors import SurroundingsError
from sitegen.preview.watch import Sources

PREVIEW: Final = "preview"
_SCRIPT: Final = (
    b'<script>(function(){var s=document.createElement("script");'
    b'var port=window.location.port||(window.location.protocol==="https:"?443:80);'
    b's.src="//"+window.location.host+"/livereload.js?port="+port;document.head.appendChild(s);})();</script>'
)
_WAITING: Final = (
    "<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>sitegen</title></head>"
    "<body><h1>{status}</h1><p>{text}</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """What to serve: the project, host and port, the path of `base_url` as it is now, and how to build.

    `build` builds into the preview's tree, reports, and says whether there is anything new to show; it raises nothing.
    `announce` is told the address once it is served.
    """

    root: Path
    site: Path
    host: str
    port: int
    prefix: Callable[[], str]
    build: Callable[[], bool]
    announce: Callable[[str], None]


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
        """Say that the browser is to reload at once."""
        return "__livereload__", None


class _Injector(LiveScriptInjector):  # type: ignore[misc]  # livereload has no types
    script = _SCRIPT


def _is_own(host: str, hosts: frozenset[str]) -> bool:
    """Whether a request names this server. Rebinding needs a name, so a server on all addresses takes any number."""
    if host in hosts:
        return True
    if hosts.isdisjoint({"0.0.0.0", "::"}):  # noqa: S104 - what the user asked for
        return False
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


class _OwnHost(web.RequestHandler):
    """Answers only hosts that are its own, against DNS rebinding."""

    hosts: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Refuse a request for another host."""
        if not _is_own(self.request.host_name, self.hosts):
            raise web.HTTPError(403)

    def set_default_headers(self) -> None:
        """Keep nothing in caches, guess no types, name no version."""
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.clear_header("Server")


class _Files(_OwnHost):
    """Serves the preview's tree under the path of `base_url`, with the site's own page for what is not there.

    A page is read whole at once: a build may replace it between two reads. Nothing is answered with 304, because a
    browser that reloads within a second of the last change would keep the old page.
    """

    site: Path = Path()
    prefix: Callable[[], str] = staticmethod(lambda: "")

    def get(self, path: str) -> None:
        """Answer with a file, a redirect to the prefix or to the folder's page, or the 404 page."""
        prefix = self.prefix()
        if not f"/{path}".startswith(f"{prefix}/"):
            if path and f"/{path}" != prefix:
                raise web.HTTPError(404)
            self.redirect(f"{prefix}/")
            return
        local = f"/{path}"[len(prefix) + 1 :]
        file = self._file(local)
        is_folder = file is not None and _is_folder(file)
        if is_folder and local and not local.endswith("/"):
            self.redirect(f"{self.request.path}/")
            return
        if file is not None and is_folder:
            file /= "index.html"
        elif local.endswith("/"):
            file = None
        data = _read(file) if file is not None else None
        if file is None or data is None:
            raise web.HTTPError(404)
        self.set_header("Content-Type", _content_type(file))
        self.finish(data)

    head = get

    def compute_etag(self) -> str | None:
        """Return none: see above."""
        return None

    def _file(self, local: str) -> Path | None:
        """Return the file of the tree that a path names; None for anything outside, or through a link."""
        if "\0" in local or "\\" in local or ".." in local.split("/"):
            return None
        file = self.site / local
        try:
            return file if file.resolve().is_relative_to(self.site.resolve()) else None
        except OSError:
            return None

    def write_error(self, status_code: int, **_options: Any) -> None:
        """Show the site's 404 page, or a line."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        page = _read(self.site / "404.html") if status_code == 404 else None
        text = "No page here yet; see the terminal." if status_code == 404 else "Refused."
        self.finish(page if page is not None else _WAITING.format(status=status_code, text=text))


def _is_folder(file: Path) -> bool:
    try:
        return file.is_dir()
    except OSError:  # a name too long for the file system
        return False


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _content_type(file: Path) -> str:
    """Return the type with its charset: everything here that is text is UTF-8."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in {"application/xml", "application/json", "image/svg+xml"}
    return f"{kind}; charset=utf-8" if is_text else kind


class _Socket(LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """The reload channel, for pages of this server only."""

    hosts: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Refuse a request for another host."""
        if not _is_own(self.request.host_name, self.hosts):
            raise web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        """Whether the page that listens came from this server."""
        return urlsplit(origin).netloc == str(self.request.headers.get("Host"))


class _Server(Server):  # type: ignore[misc]  # livereload has no types
    def handlers(self, request: PreviewRequest) -> list[tuple[Any, ...]]:
        """Return the routes: livereload's own, and the tree under the path of `base_url`."""
        hosts = frozenset({"127.0.0.1", "localhost", "::1", "[::1]", request.host})
        own = {"hosts": hosts}
        files = {"hosts": hosts, "site": request.site, "prefix": staticmethod(request.prefix)}
        return [
            (r"/livereload", type("Socket", (_Socket,), own)),
            (r"/forcereload", type("Force", (_OwnHost, ForceReloadHandler), own)),
            (r"/livereload.js", type("Script", (_OwnHost, LiveReloadJSHandler), own)),
            (r"/(.*)", type("Files", (_Files,), files)),
        ]


def serve(request: PreviewRequest) -> None:
    """Build, serve, and rebuild when a source changes, until SIGINT or SIGTERM.

    Raises SurroundingsError when the port cannot be had.
    """
    asyncio.run(_serve(request))


async def _serve(request: PreviewRequest) -> None:
    loop = asyncio.get_running_loop()
    notifier = _Notifier()
    server = _Server(watcher=notifier)
    logging.getLogger("tornado.access").disabled = True
    logging.getLogger("tornado.general").disabled = True
    app = web.Application(server.handlers(request), transforms=[_Injector], log_function=lambda _handler: None)
    try:
        http = app.listen(request.port, address=request.host)
    except OSError as error:
        message = f"cannot serve on {request.host} port {request.port}: {error.strerror or error}"
        raise SurroundingsError(message) from error
    sources = Sources(request.root)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    LiveReloadHandler.watcher = notifier
    LiveReloadHandler.live_css = False
    LiveReloadHandler.start_tasks()
    sources.start()
    await asyncio.to_thread(request.build)

    def rebuild() -> None:
        for _ in sources.changes():
            if request.build():
                notifier.filepath = "index.html"  # the whole page: hashed names of what it shows may have changed
                loop.call_soon_threadsafe(notifier.notify)

    worker = threading.Thread(target=rebuild, name="rebuild", daemon=True)
    worker.start()
    shown = f"[{request.host}]" if ":" in request.host else request.host
    request.announce(f"http://{shown}:{request.port}{request.prefix()}/")
    try:
        await stopped.wait()
    finally:
        http.stop()
        await http.close_all_connections()
        await asyncio.to_thread(sources.stop)
        worker.join(timeout=30)
