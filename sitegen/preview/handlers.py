"""What is answered to whom: livereload's handlers, held to one tree and to those who may see it.

livereload answers any host and any origin, so that any page on the web could listen; both are checked here.
"""

import asyncio
import hmac
import ipaddress
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlencode, urlsplit

from livereload import Server
from livereload.handlers import LiveReloadHandler
from tornado import web
from tornado.escape import url_unescape
from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.routing import Matcher, Rule
from tornado.websocket import WebSocketClosedError

from sitegen.preview.overlay import first_page, headline, overlay
from sitegen.preview.pages import (
    File,
    Look,
    Page,
    Redirect,
    bare,
    byte_range,
    find,
    look,
    marks_on,
    not_found,
    with_script,
)
from sitegen.preview.rebuild import Outcome
from sitegen.util.frozen import dataclass

_CLIENT: Final = Path(__file__).with_name("client.js")
_CHUNK: Final = 256 * 1024
_SLOWEST: Final = 60.0
"""Seconds that a client may take for one chunk."""
_MOST_MESSAGE: Final = 64 * 1024
_PING_SECONDS: Final = 30
_PORTS: Final = {"http": 80, "https": 443}
_REFUSED: Final = {
    "host": "The preview does not go by the name under which it was asked. Behind a proxy, start it with --allow-host.",
    "token": "The preview wants the address with its token, as the terminal shows it.",
}


class Current:
    """What is shown now. Lives on the server's loop; the thread that builds tells it when to hold requests back."""

    def __init__(self, site: Path, prefix: str) -> None:
        self.site = site
        self.prefix = prefix
        self.outcome = Outcome(ok=False)
        self._marks: Callable[[], dict[str, str]] = dict
        self._settled = asyncio.Event()

    def begin(self) -> None:
        """Let requests wait: a rebuild is under way."""
        self._settled.clear()

    def done(self, outcome: Outcome, prefix: str, marks: Callable[[], dict[str, str]]) -> None:
        """Show what came of a rebuild, and let requests go on."""
        self.outcome, self.prefix, self._marks = outcome, prefix, marks
        self._settled.set()

    @property
    def is_settled(self) -> bool:
        """Whether no rebuild is under way."""
        return self._settled.is_set()

    async def is_stable(self) -> None:
        """Wait for the end of the rebuild that is under way."""
        await self._settled.wait()

    def answer(self, path: str) -> Redirect | File | Page:
        """Return what answers an address; it begins with a slash and is not escaped."""
        found = find(self.site, self.prefix, path)
        if isinstance(found, Page) and found.status == 404 and not self.outcome.ok and self._is_empty():
            return first_page(self.outcome)
        return found

    def marks(self, page: Page, path: str) -> dict[str, str]:
        """Return the marks that a page shows."""
        return marks_on(page, path, self._marks())

    def _is_empty(self) -> bool:
        return not (self.site / "index.html").is_file()


@dataclass(frozen=True, slots=True)
class Access:
    """Who is answered: `hosts` are the names of the server, any number is one where it serves on all addresses.

    With a `token`, nobody without it is; it comes in the address once and then in the cookie of that name.
    """

    hosts: frozenset[str]
    any_number: bool
    token: str
    cookie: str

    def is_own(self, host: str) -> bool:
        """Whether a request names this server. Rebinding needs a name, so any number will do where many are ours."""
        if host in self.hosts:
            return True
        if not self.any_number:
            return False
        try:
            return not ipaddress.ip_address(host.strip("[]")).is_unspecified
        except ValueError:
            return False

    def knows(self, token: str | None) -> bool:
        """Whether a token is the right one."""
        return token is not None and hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    @staticmethod
    def is_same(origin: str, request: HTTPServerRequest) -> bool:
        """Whether a page came from this server, itself or through the proxy that says so, by http or https.

        A browser lets no page set these headers on a WebSocket.
        """
        headers = request.headers
        hosts = {headers.get("Host", ""), headers.get("X-Forwarded-Host", "").split(",")[0].strip()} - {""}
        try:
            scheme, host = origin.split("://")
            return scheme in _PORTS and _location(scheme, host) in {_location(scheme, name) for name in hosts}
        except ValueError:
            return False


def _location(scheme: str, host: str) -> tuple[str, int]:
    """Return the name and port of a host as a header names it. Raises ValueError for what is none."""
    parts = urlsplit(f"{scheme}://{host}")
    if not parts.hostname or parts.netloc != host or parts.username is not None:
        raise ValueError(host)
    return parts.hostname, parts.port or _PORTS[scheme]


class _Guarded(web.RequestHandler):
    """Answers only hosts that are its own, against DNS rebinding, and only who has the token, where there is one."""

    current: Current
    access: Access

    def initialize(self, current: Current, access: Access) -> None:
        """Take what the server shows, and to whom."""
        self.current = current
        self.access = access

    def prepare(self) -> None:
        """Refuse a request for another host, or without the token; keep the token in a cookie, not in the address."""
        if not self.access.is_own(self.request.host_name):
            raise web.HTTPError(403, reason="Refused", log_message="host")
        if not self.access.token:
            return
        if self.access.knows(self.get_query_argument("token", None)):
            secure = self.request.headers.get("X-Forwarded-Proto", "") == "https"
            cookie, token = self.access.cookie, self.access.token
            self.set_cookie(cookie, token, httponly=True, samesite="Lax", secure=secure)
            rest = [(name, value) for name in self.request.query_arguments for value in self.get_query_arguments(name)]
            query = urlencode([(name, value) for name, value in rest if name != "token"])
            path = "/" + self.request.path.lstrip("/\\")
            self.redirect(f"{path}?{query}" if query else path)
        elif not self.access.knows(self.get_cookie(self.access.cookie)):
            raise web.HTTPError(403, reason="Refused", log_message="token")

    def set_default_headers(self) -> None:
        """Keep nothing in caches, guess no types, name no version, let no other site show what is here."""
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.clear_header("Server")

    def compute_etag(self) -> str | None:
        """Return none: a browser that asks again gets a page anew."""
        return None

    def write_error(self, status_code: int, **options: Any) -> None:
        """Show a line, never a traceback."""
        error = options.get("exc_info", (None, None, None))[1]
        why = error.log_message if isinstance(error, web.HTTPError) else None
        text = _REFUSED.get(why or "", "This cannot be answered.")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(bare(status_code, self._reason, text).body)


class _Files(_Guarded):
    """Serves the preview's tree, under the path of `base_url`."""

    async def get(self) -> None:
        """Answer with a page, a file, or the way to one, as soon as no rebuild is under way."""
        try:
            path = url_unescape(self.request.path, plus=False)
        except UnicodeDecodeError:
            path = "/\0"
        await self.current.is_stable()
        found = self.current.answer(path)
        if isinstance(found, File):
            try:
                stream = found.file.open("rb")
            except OSError:
                found = not_found(self.current.site)
            else:
                with stream, suppress(StreamClosedError):
                    await self._send(stream, found.kind)
                return
        if isinstance(found, Redirect):
            self.redirect(found.location)
        else:
            marks = self.current.marks(found, path)
            self.set_status(found.status)
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(with_script(found, look(found, marks), marks, self.current.prefix))

    head = get

    async def _send(self, stream: BinaryIO, kind: str) -> None:
        """Send a file or the part of it that is asked for; who reads too slowly is left."""
        state = os.fstat(stream.fileno())
        etag = f'"{state.st_ino:x}-{state.st_mtime_ns:x}-{state.st_size:x}"'
        self.set_header("Content-Type", kind)
        self.set_header("Etag", etag)
        self.set_header("Accept-Ranges", "bytes")
        if self.check_etag_header():
            self.set_status(304)
            return
        part = range(state.st_size)
        asked = self.request.headers.get("Range") if self.request.method == "GET" else None
        if asked is not None and self.request.headers.get("If-Range", etag) == etag:
            found = byte_range(asked, state.st_size)
            if found is not None and not found:
                self.set_status(416)
                self.set_header("Content-Range", f"bytes */{state.st_size}")
                return
            if found is not None:
                part = found
                self.set_status(206)
                self.set_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{state.st_size}")
        self.set_header("Content-Length", str(len(part)))
        if self.request.method == "HEAD":
            return
        stream.seek(part.start)
        left = len(part)
        while left and (chunk := stream.read(min(_CHUNK, left))):
            left -= len(chunk)
            self.write(chunk)
            sent = asyncio.ensure_future(self.flush())
            if not (await asyncio.wait({sent}, timeout=_SLOWEST))[0]:
                sent.cancel()
                self.request.connection.stream.close()  # type: ignore[union-attr]  # an HTTP/1 connection has one
                return
            await sent


class _Script(_Guarded):
    """The script that answers carry."""

    def get(self) -> None:
        """Send it."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(_CLIENT.read_bytes())

    head = get


class _Socket(_Guarded, LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """The reload channel, for pages of this server only: it tells each what became of it."""

    _last_reload_time = 0.0  # livereload drops a reload that is too soon after the last; none of these is
    _path = ""
    _seen = Look("", ())
    _told = ""

    def prepare(self) -> None:
        """Refuse who is refused everything, and a page that did not come from this server."""
        super().prepare()
        origin = self.request.headers.get("Origin")
        if origin is not None and not self.access.is_same(origin, self.request):
            raise web.HTTPError(403, reason="Refused")

    def check_origin(self, origin: str) -> bool:
        """Ask again: tornado asks only in some versions and for some origins, so `prepare` asks for all."""
        return self.access.is_same(origin, self.request)

    def on_message(self, message: str | bytes) -> None:
        """Greet a page as livereload does; with its `info`, tell it what it has missed."""
        try:
            said = json.loads(message)
            command = said["command"]
            if command == "info":
                self._path = str(said["path"])
                self._seen = Look(str(said["page"]), tuple(str(style) for style in said["styles"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            self.close(1002)
            return
        if command in ("hello", "info"):
            super().on_message(json.dumps({"command": command, "url": self._path}))
        if command == "info" and self.current.is_settled:
            self.tell()

    def tell(self) -> None:
        """Send what the page needs to be as the tree is now: nothing, new stylesheets, a reload, and what is wrong."""
        found = self.current.answer(self._path)
        if isinstance(found, Page):
            now = look(found, self.current.marks(found, self._path))
            if now.page != self._seen.page:
                self.send_message({"command": "reload", "path": self._path, "liveCSS": False})
            elif now.styles != self._seen.styles:
                self.send_message(
                    {"command": "reload", "path": now.styles[0], "liveCSS": True, "styles": list(now.styles)}
                )
            self._seen = now
        else:  # what was a page is a file or a redirect now
            self.send_message({"command": "reload", "path": self._path, "liveCSS": False})
        html = overlay(self.current.outcome)
        if html != self._told:
            self.send_message({"command": "alert", "message": headline(self.current.outcome), "html": html})
            self._told = html

    def send_message(self, message: object) -> None:
        """Send a message; that the page has gone is no mistake."""
        with suppress(WebSocketClosedError):
            sent = self.write_message(json.dumps(message))
            sent.add_done_callback(lambda done: done.cancelled() or done.exception())

    @classmethod
    def reload_waiters(cls, path: str | None = None) -> None:  # noqa: ARG003 - livereload calls it with a path or none
        """Tell every page."""
        for waiter in tuple(LiveReloadHandler.waiters):
            waiter.tell()


class _At(Matcher):
    """Matches one name, at the root and under the path of `base_url`."""

    def __init__(self, current: Current, name: str) -> None:
        self._current = current
        self._name = name

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return no arguments for a match, as tornado expects."""
        return {} if request.path in {f"/{self._name}", f"{quote(self._current.prefix)}/{self._name}"} else None


class _Any(Matcher):
    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:  # noqa: ARG002 - every one
        return {}


class PreviewServer(Server):  # type: ignore[misc]  # livereload has no types
    """livereload's server, with handlers that are held to one tree."""

    def application(self, current: Current, access: Access) -> web.Application:
        """Return the routes: livereload's own, and the tree."""
        LiveReloadHandler.watcher = self.watcher
        LiveReloadHandler.live_css = True
        given = {"current": current, "access": access}
        routes: Sequence[tuple[Matcher, type[web.RequestHandler]]] = (
            (_At(current, "livereload"), _Socket),
            (_At(current, "livereload.js"), _Script),
            (_Any(), _Files),
        )
        return web.Application(
            [Rule(matcher, handler, given) for matcher, handler in routes],
            log_function=lambda _handler: None,
            websocket_ping_interval=_PING_SECONDS,
            websocket_max_message_size=_MOST_MESSAGE,
        )

    def start(self) -> None:
        """Take what the watcher passes on."""
        self.watcher.start(_Socket.poll_tasks)
