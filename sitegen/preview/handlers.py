"""The request handlers: pages and files, and livereload's WebSocket; and what they share with the server."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from livereload.handlers import LiveReloadHandler
from tornado import web
from tornado.websocket import WebSocketClosedError

from sitegen.preview.access import Access, is_same_origin
from sitegen.preview.overlay import headline, overlay, problem_page
from sitegen.preview.pages import Page, badges_on, page_version, plain_page, resolve, with_script
from sitegen.preview.rebuild import RebuildResult
from sitegen.util.media_types import content_type

_SCRIPT: Final = Path(__file__).with_name("client.js")
_FORBIDDEN: Final = {
    "host": "The preview does not serve this host name. If a proxy uses it, start sitegen serve with --allow-host.",
    "token": "The preview needs the address with its token. The terminal shows it.",
}


@dataclass(slots=True)
class ServedPreview:
    """The site of a preview, and the result of its last rebuild. Only the thread of the event loop changes it.

    `static` is the folder of the files that are published as they are. `prefix` is the path of `base_url` without its
    last slash. `badges` are the texts of draft badges by page path. `ready` is set while no rebuild is running.
    """

    site: Path
    static: Path
    prefix: str
    access: Access
    badges: dict[str, str] = field(default_factory=dict)
    result: RebuildResult = field(default_factory=lambda: RebuildResult(ok=False))
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def resolve(self, path: str) -> str | Path | Page:
        """Return the answer to a request, or the problem page before the first successful build."""
        target = resolve(self.site, self.static, self.prefix, path)
        is_missing = isinstance(target, Page) and target.status == 404
        if is_missing and not self.result.ok and not (self.site / "index.html").is_file():
            return problem_page(self.result)
        return target

    def finish_rebuild(self, result: RebuildResult, prefix: str, badges: dict[str, str]) -> None:
        """Answer the requests that wait, and notify the pages in browsers."""
        self.result, self.prefix, self.badges = result, prefix, badges
        self.ready.set()
        for handler in tuple(LiveReloadHandler.waiters):
            handler.notify()


class GuardedHandler(web.RequestHandler):
    """Rejects requests for other hosts or without the token."""

    @property
    def preview(self) -> ServedPreview:
        """The site, and the result of the last rebuild."""
        preview: ServedPreview = self.settings["preview"]
        return preview

    def prepare(self) -> None:
        """Check host and token, and move a token from the URL to a cookie."""
        access = self.preview.access
        if not access.allows_host(self.request.host_name):
            raise web.HTTPError(403, reason="Forbidden", log_message="host")
        if not access.token:
            return
        if access.allows_token(self.get_query_argument("token", None)):
            is_secure = self.request.headers.get("X-Forwarded-Proto", "") == "https"
            self.set_cookie(access.cookie, access.token, httponly=True, samesite="Lax", secure=is_secure)
            names = [name for name in self.request.query_arguments if name != "token"]
            query = urlencode([(name, value) for name in names for value in self.get_query_arguments(name)])
            path = "/" + self.request.path.lstrip("/\\")  # two slashes would name another host
            self.redirect(f"{path}?{query}" if query else path)
        elif not access.allows_token(self.get_cookie(access.cookie)):
            raise web.HTTPError(403, reason="Forbidden", log_message="token")

    def set_default_headers(self) -> None:
        """Forbid caching, type sniffing, embedding and framing, and do not name the server software."""
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Content-Security-Policy", "frame-ancestors 'none'")
        self.set_header("X-Frame-Options", "DENY")
        self.clear_header("Server")

    def write_error(self, status_code: int, **options: Any) -> None:
        """Show one sentence, never a traceback."""
        error = options.get("exc_info", (None, None, None))[1]
        reason = error.log_message if isinstance(error, web.HTTPError) else None
        text = _FORBIDDEN.get(reason or "", "The preview cannot answer this request.")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(plain_page(status_code, self._reason, text).body)


class FileHandler(GuardedHandler, web.StaticFileHandler):
    """Serves the preview's site under the path of `base_url`, and the reload script."""

    CACHE_MAX_AGE = 0
    absolute_path: str | None = None

    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer with a page, a file or a redirect when no rebuild is running."""
        if path in {"/livereload.js", f"{self.preview.prefix}/livereload.js"}:
            self.set_header("Content-Type", content_type(_SCRIPT.name))
            self.finish(_SCRIPT.read_bytes())
            return
        await self.preview.ready.wait()
        target = self.preview.resolve(path)
        if isinstance(target, str):
            self.redirect(target)
        elif isinstance(target, Page):
            badges = badges_on(target, path, self.preview.badges)
            self.set_status(target.status)
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(with_script(target, badges, self.preview.prefix))
        else:
            self.absolute_path = str(target)
            await super().get(target.relative_to(self.preview.site).as_posix(), include_body)

    def compute_etag(self) -> str | None:
        """Return a new ETag after each write of a file; a page has none, because its badges and script vary."""
        if self.absolute_path is None:
            return None
        status = Path(self.absolute_path).stat()
        return f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"'

    def get_content_type(self) -> str:
        """Return the media type that hosts will use as well."""
        return content_type(self.absolute_path or "")


class ReloadHandler(GuardedHandler, LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """The reload channel: after a rebuild it sends each page what has changed for it."""

    _path = ""
    _version = ""
    _styles: Sequence[str] = ()
    _overlay = ""

    def prepare(self) -> None:
        """Reject pages of other origins as well."""
        super().prepare()
        origin = self.request.headers.get("Origin")
        if origin is not None and not is_same_origin(origin, self.request):
            raise web.HTTPError(403, reason="Forbidden")

    def check_origin(self, origin: str) -> bool:
        """Answer tornado's own check, which some versions skip for some origins."""
        return is_same_origin(origin, self.request)

    def on_message(self, message: str | bytes) -> None:
        """Handle `hello` as livereload does, and `info` with the path and the version of the page in the browser."""
        try:
            values = msgspec.json.decode(message, type=dict[str, Any])
            command = values["command"]
            if command == "info":
                self._version = msgspec.convert(values["page"], str)
                self._styles = msgspec.convert(values.get("styles", ()), list[str])
                self._path = msgspec.convert(values["path"], str)
        except (msgspec.MsgspecError, KeyError, RecursionError):
            self.close(1002)
            return
        if command in ("hello", "info"):
            super().on_message(msgspec.json.encode({"command": command, "url": self._path}).decode())
        if command == "info" and self.preview.ready.is_set():
            self.notify()

    def notify(self) -> None:
        """Send a reload, new stylesheets or a new overlay if the page in the browser needs them."""
        target = self.preview.resolve(self._path)
        if isinstance(target, Page):
            version, styles = page_version(target, badges_on(target, self._path, self.preview.badges))
            if version != self._version:
                self.send_message({"command": "reload", "path": self._path, "liveCSS": False})
            elif styles != self._styles:
                self.send_message({"command": "reload", "path": styles[0], "liveCSS": True, "styles": styles})
            self._version, self._styles = version, styles
        else:
            self.send_message({"command": "reload", "path": self._path, "liveCSS": False})
        html = overlay(self.preview.result)
        if html != self._overlay:
            self.send_message({"command": "alert", "message": headline(self.preview.result), "html": html})
            self._overlay = html

    def send_message(self, message: object) -> None:
        """Send a message unless the browser has closed the connection."""
        with suppress(WebSocketClosedError):
            sent = self.write_message(message if isinstance(message, str) else msgspec.json.encode(message).decode())
            sent.add_done_callback(lambda future: future.cancelled() or future.exception())
