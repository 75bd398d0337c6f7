"""Fetches the inputs of an import over HTTP, for addresses that an editor names.

Each address, also of a redirect, is resolved once. It must not be in a private network, and the connection is made to
the address that was checked, so a second answer of the name server changes nothing.
"""

import hashlib
import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import quote, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import msgspec
from msgspec import Struct

from sitegen.diagnostics import Diagnostics, SourceLocation, plural
from sitegen.importers.encodings import declared_text, replaced_characters
from sitegen.importers.inputs import MAX_EXPORT_BYTES, clean_name
from sitegen.util.atomic_write import atomic_write
from sitegen.util.networks import IpAddress, is_public, private_host

MAX_REDIRECTS: Final = 5
MAX_SECONDS: Final = 30.0
"""For one input, with its redirects."""
_MAX_ROBOTS_BYTES: Final = 512 * 1024
"""RFC 9309, section 2.5: at least 500 KiB."""
_CHUNK: Final = 64 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SUFFIXES: Final = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/json": ".json",
    "application/feed+json": ".json",
    "text/csv": ".csv",
    "text/plain": ".txt",
}
_ACCEPT: Final = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/json, */*;q=0.5"
)


class _Answer(Struct, frozen=True):
    status: int
    url: str
    headers: dict[str, str]
    body: bytes = b""


class Fetcher(Struct, frozen=True):
    """Fetches addresses into files below `folder`, with what the next request needs to ask for changes only.

    `agent` is sent as the user agent. `is_allowed` decides about each resolved address. `max_seconds` is for one input.
    `robots` collects the robots.txt of each host.
    """

    folder: Path
    agent: str
    is_allowed: Callable[[IpAddress], bool] = is_public
    max_seconds: float = MAX_SECONDS
    max_bytes: int = MAX_EXPORT_BYTES
    robots: dict[str, RobotFileParser] = {}

    def fetch(self, url: str, diagnostics: Diagnostics) -> tuple[Path, str] | None:
        """Return the file with the content of an address, and the address after redirects; report why there is none."""
        folder = self.folder / hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16]
        stored = _read_stored(folder)
        sent = {"If-None-Match": stored.get("etag"), "If-Modified-Since": stored.get("last-modified")}
        deadline = time.monotonic() + self.max_seconds
        try:
            answer = self._follow(url, deadline, {name: value for name, value in sent.items() if value})
            if answer.status == http.client.NOT_MODIFIED and stored:
                return folder / stored["file"], stored["url"]
            return _store(answer, folder, diagnostics), answer.url
        except (OSError, http.client.HTTPException, ValueError) as error:
            message = f"cannot fetch the address: {_reason(error)}"
            diagnostics.error("fetch-failed", SourceLocation(clean_name(url)), message)
            return None

    def _follow(self, url: str, deadline: float, headers: dict[str, str] | None) -> _Answer:
        """Return the answer after redirects; without `headers`, that for a robots.txt, which needs no permission.

        Raises ValueError, OSError and HTTPException.
        """
        for _ in range(MAX_REDIRECTS + 1):
            if headers is not None and not self._may_fetch(url, deadline):
                raise ValueError(f"robots.txt of {urlsplit(url).netloc} does not allow it")
            answer = self._request(url, deadline, headers)
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return answer
            url = urljoin(url, target)
        raise ValueError(f"more than {MAX_REDIRECTS} redirects")

    def _may_fetch(self, url: str, deadline: float) -> bool:
        """Whether robots.txt allows an address (RFC 9309: without one all is allowed, without an answer nothing)."""
        origin = "://".join(urlsplit(url)[:2])
        if origin not in self.robots:
            answer = self._follow(f"{origin}/robots.txt", deadline, None)
            is_missing = http.client.BAD_REQUEST <= answer.status < http.client.INTERNAL_SERVER_ERROR
            if answer.status != http.client.OK and not is_missing:
                raise ValueError(f"{answer.url} is not available: {answer.status}")
            self.robots[origin] = RobotFileParser()
            self.robots[origin].parse([] if is_missing else answer.body.decode("utf-8", "replace").splitlines())
        return self.robots[origin].can_fetch(self.agent, url)

    def _request(self, url: str, deadline: float, headers: dict[str, str] | None) -> _Answer:
        """Return the answer of one server. A body that is too long is an error, but a robots.txt is cut."""
        is_robots, limit = headers is None, self.max_bytes if headers is not None else _MAX_ROBOTS_BYTES
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            raise ValueError(f"{url[:80]!r} is not an address of the web")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        connection = http.client.HTTPConnection(parts.hostname, port)
        connection.sock = self._connect(parts.hostname, port, deadline, is_secure=parts.scheme == "https")
        # A server that sends a byte now and then would never exceed the time for one byte.
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), _shut_down, (connection.sock,))
        timer.daemon = True
        timer.start()
        try:
            path = quote(f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}", safe="/?&=%:@!$'()*+,;~-._")
            sent = {"User-Agent": self.agent, "Accept": _ACCEPT, "Accept-Encoding": "identity", "Connection": "close"}
            connection.request("GET", path, headers=sent | (headers or {}))
            response = connection.getresponse()
            answer = _Answer(response.status, url, {name.lower(): value for name, value in response.getheaders()})
            if response.status != http.client.OK:
                return answer
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise ValueError("the answer is compressed, which was not requested")
            body = response.read(limit + 1)
            if len(body) > limit and not is_robots:
                raise ValueError(f"the answer has more than {limit // 1024 // 1024} MiB")
            if time.monotonic() > deadline:
                raise TimeoutError
            return _Answer(answer.status, url, answer.headers, body[:limit])
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
            connection.close()

    def _connect(self, host: str, port: int, deadline: float, *, is_secure: bool) -> socket.socket:
        """Return a connection to the address of a host that was checked."""
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in addresses:
            if not self.is_allowed(ip_address(address.partition("%")[0])):
                raise ValueError(private_host(host, address))
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        connected = socket.create_connection((addresses[0], port), timeout=remaining)
        if not is_secure:
            return connected
        try:
            return ssl.create_default_context().wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _store(answer: _Answer, folder: Path, diagnostics: Diagnostics) -> Path:
    """Write the content of an answer, in UTF-8 if its header has another encoding, and what the next request sends.

    Raises ValueError and OSError.
    """
    if answer.status != http.client.OK:
        raise ValueError(f"the answer is {answer.status} {http.client.responses.get(answer.status, '')}".rstrip())
    file = _file_name(answer)
    folder.mkdir(parents=True, exist_ok=True)
    charset = re.search(r"charset=[\"']?([\w.:-]+)", answer.headers.get("content-type", ""), re.IGNORECASE)
    text = declared_text(answer.body, charset[1].lower()) if charset else ""
    if text:
        message = f"the text is in {charset and charset[1]}, as the server declares"
        diagnostics.warning("other-encoding", SourceLocation(clean_name(answer.url)), message)
    for line, count in replaced_characters(text):
        message = f"{plural(count, 'character')} not valid in the encoding of the page, replaced by U+FFFD"
        diagnostics.warning("undecodable-text", SourceLocation(clean_name(answer.url), line), message)
    atomic_write(folder / file, text.encode() or answer.body)
    known = {name: answer.headers[name] for name in ("etag", "last-modified") if name in answer.headers}
    atomic_write(folder / "headers.json", msgspec.json.encode(known | {"file": file, "url": answer.url}))
    return folder / file


def _read_stored(folder: Path) -> dict[str, str]:
    """Return what the next request sends, and `file` and `url`; empty without a file."""
    try:
        stored = msgspec.json.decode((folder / "headers.json").read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return {}
    name = stored.get("file", "")
    is_file = "url" in stored and Path(name).name == name and (folder / name).is_file()
    return stored if is_file else {}


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server cannot prove its name: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the connection cannot be encrypted: {(error.reason or str(error)).replace('_', ' ').lower()}"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return reason or str(error) or type(error).__name__


def _file_name(answer: _Answer) -> str:
    """Return the name of the file for an answer, with the suffix of its media type."""
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    name = re.sub(r"[^\w.-]+", "-", urlsplit(answer.url).path.rpartition("/")[2])[:80].strip("-.") or "page"
    suffix = ".xml" if media_type.endswith("xml") and media_type not in _SUFFIXES else _SUFFIXES.get(media_type, "")
    return name if not suffix or name.lower().endswith(suffix) else f"{name}{suffix}"
