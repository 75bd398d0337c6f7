"""The preview server: livereload serves the tree, a thread rebuilds it.

livereload's own watcher polls, runs its tasks on the server's loop and starts one for each changed file, so it gets a
watcher that does nothing but pass on when a rebuild is done. It also answers any host and any origin, so that any page
on the web could listen; both are checked here.
"""

import asyncio
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
    """What to serve: the project, host and port, the path of `base_url`, and how to build.

    `build` builds into the preview's tree, reports, and says whether there is anything new to show; it raises nothing.
    `announce` is told the address once it is served.
    """

    root: Path
    site: Path
    host: str
    port: int
    prefix: str
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


class _OwnHost(web.RequestHandler):
    """Answers only hosts that are its own, against DNS rebinding."""

    hosts: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Refuse a request for another host."""
        if self.request.host_name not in self.hosts:
            raise web.HTTPError(403)

    def set_default_headers(self) -> None:
        """Keep nothing in caches, guess no types, name no version."""
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.clear_header("Server")


class _Files(_OwnHost, web.StaticFileHandler):
    """Serves the preview's tree, with the site's own page for what is not there."""

    def get_content_type(self) -> str:
        """Return the type with its charset: everything here that is text is UTF-8."""
        kind = super().get_content_type()
        is_text = kind.startswith("text/") or kind in {"application/xml", "application/json", "image/svg+xml"}
        return f"{kind}; charset=utf-8" if is_text else kind

    def write_error(self, status_code: int, **_options: Any) -> None:
        """Show the site's 404 page, or a line."""
        page = Path(self.root) / "404.html"
        self.set_header("Content-Type", "text/html; charset=utf-8")
        if status_code == 404 and page.is_file():
            self.finish(page.read_bytes())
            return
        text = "No page here yet; see the terminal." if status_code == 404 else "Refused."
        self.finish(_WAITING.format(status=status_code, text=text))

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - the library's signature
        """Say again what a static file's own headers replace."""
        self.set_header("Cache-Control", "no-cache")


class _Socket(LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """The reload channel, for pages of this server only."""

    hosts: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Refuse a request for another host."""
        if self.request.host_name not in self.hosts:
            raise web.HTTPError(403)

    def check_origin(self, origin: str) -> bool:
        """Whether the page that listens came from this server."""
        return urlsplit(origin).netloc == str(self.request.headers.get("Host"))


class _Server(Server):  # type: ignore[misc]  # livereload has no types
    def handlers(self, request: PreviewRequest) -> list[tuple[Any, ...]]:
        """Return the routes: livereload's own, and the tree under the path of `base_url`."""
        hosts = frozenset({"127.0.0.1", "localhost", "::1", "[::1]", request.host})
        socket = type("Socket", (_Socket,), {"hosts": hosts})
        files = type("Files", (_Files,), {"hosts": hosts})
        own = {"hosts": hosts}
        routes: list[tuple[Any, ...]] = [
            (r"/livereload", socket),
            (r"/forcereload", type("Force", (_OwnHost, ForceReloadHandler), own)),
            (r"/livereload.js", type("Script", (_OwnHost, LiveReloadJSHandler), own)),
        ]
        if request.prefix:
            routes.append((r"/", web.RedirectHandler, {"url": f"{request.prefix}/", "permanent": False}))
        options = {"path": str(request.site), "default_filename": "index.html"}
        routes.append((rf"{request.prefix}/(.*)", files, options))
        return routes


def serve(request: PreviewRequest) -> None:
    """Build, serve, and rebuild when a source changes, until SIGINT or SIGTERM.

    Raises SurroundingsError when the port cannot be had.
    """
    asyncio.run(_serve(request))


async def _serve(request: PreviewRequest) -> None:
    loop = asyncio.get_running_loop()
    notifier = _Notifier()
    server = _Server(watcher=notifier)
    app = web.Application(server.handlers(request), transforms=[_Injector], log_function=lambda _handler: None)
    try:
        request.site.mkdir(parents=True, exist_ok=True)
        http = app.listen(request.port, address=request.host)
    except OSError as error:
        message = f"cannot serve on {request.host} port {request.port}: {error.strerror or error}"
        raise SurroundingsError(message) from error
    sources = Sources(request.root)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    LiveReloadHandler.watcher = notifier
    LiveReloadHandler.live_css = True
    LiveReloadHandler.start_tasks()
    sources.start()
    await asyncio.to_thread(request.build)

    def rebuild() -> None:
        for paths in sources.changes():
            if request.build():
                notifier.filepath = min(paths)
                loop.call_soon_threadsafe(notifier.notify)

    worker = threading.Thread(target=rebuild, name="rebuild", daemon=True)
    worker.start()
    shown = f"[{request.host}]" if ":" in request.host else request.host
    request.announce(f"http://{shown}:{request.port}{request.prefix}/")
    try:
        await stopped.wait()
    finally:
        http.stop()
        await http.close_all_connections()
        await asyncio.to_thread(sources.stop)
        worker.join(timeout=30)
