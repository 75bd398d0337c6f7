"""Requests addresses on other hosts, and classifies the answers.

Only the head of an answer is read, and then the connection is closed: nothing is downloaded, and a body without an end
does no harm. The address of every host is checked before it is connected to, also after a redirect, and the connection
goes to that address: a name cannot lead to a private network in between (DNS rebinding). One request at a time goes to
a host.
"""

import asyncio
import io
import json
import socket
import ssl
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from http.client import HTTPMessage, parse_headers
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct

from sitegen import __version__
from sitegen.check.findings import LinkResult, LinkStatus
from sitegen.util.dates import Instant
from sitegen.util.networks import is_public, private_host
from sitegen.util.xml import escape_url

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_REDIRECTS: Final = 10
MAX_HOST_FAILURES: Final = 2
"""Failures to reach a host in a row, after which it gets no more requests."""
KEPT_DAYS: Final = {True: 7, False: 1}
"""Days for which the result for an address is kept, if it answered and if it did not."""
ARCHIVE: Final = "https://archive.org/wayback/available"
"""Source: Internet Archive, "Wayback Availability JSON API"."""
_AGENT: Final = f"sitegen-check/{__version__} (link checker)"
_MAX_ARCHIVE_BYTES: Final = 64 * 1024
_PERMANENT: Final = frozenset({301, 308})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_DEAD: Final = frozenset({404, 410})
_REFUSED: Final = frozenset({401, 402, 403, 407, 418, 429, 451, 999})
"""A program is refused, and a reader perhaps not: these are not judged."""

_HOST_FAILURES: Final = frozenset({LinkStatus.NO_HOST, LinkStatus.TIMEOUT, LinkStatus.UNREACHABLE})
_RETRIED: Final = frozenset({LinkStatus.SERVER_ERROR, LinkStatus.TIMEOUT, LinkStatus.UNREACHABLE})


class ExternalOptions(Struct, frozen=True):
    """How hosts get requests: seconds between two of them to one host, seconds for an answer, and further tries.

    A host that wants more than `max_wait` seconds (Retry-After) is left alone.
    """

    pace: float = 1.0
    timeout: float = 20.0
    retries: int = 2
    backoff: float = 2.0
    max_wait: float = 60.0
    connections: int = 32
    allows_private: bool = False
    archive: str = ARCHIVE
    context: ssl.SSLContext | None = None


_Answer = tuple[int, HTTPMessage]
"""The code and the headers of an answer."""


class _LinkError(Exception):
    def __init__(self, status: LinkStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def is_fresh(result: LinkResult, now: datetime) -> bool:
    """Return whether a kept result still counts at `now`. Addresses that were not requested have none."""
    if result.status is LinkStatus.PRIVATE:
        return False
    days = KEPT_DAYS[result.status in {LinkStatus.OK, LinkStatus.MOVED}]
    return result.checked is not None and timedelta() <= now - result.checked < timedelta(days=days)


def check_urls(
    urls: Sequence[str], now: datetime, options: ExternalOptions, progress: Callable[[int, int], None]
) -> dict[str, LinkResult]:
    """Return the result for each address. `progress` gets the number of those that are done, and of all."""
    return asyncio.run(_Checker(urls, now, options, progress).check())


class _Checker:
    def __init__(
        self, urls: Sequence[str], now: datetime, options: ExternalOptions, progress: Callable[[int, int], None]
    ) -> None:
        self._urls = urls
        self._now = Instant.of(now)
        self._options = options
        self._progress = progress
        self._slots = asyncio.Semaphore(options.connections)
        self._context = options.context or ssl.create_default_context()
        self._results: dict[str, LinkResult] = {}

    async def check(self) -> dict[str, LinkResult]:
        hosts: dict[str, list[str]] = {}
        for url in self._urls:
            hosts.setdefault(_host(url), []).append(url)
        async with asyncio.TaskGroup() as group:
            for urls in hosts.values():
                group.create_task(self._check_host(urls))
        return {url: self._results[url] for url in self._urls}

    async def _check_host(self, urls: Sequence[str]) -> None:
        """Ask for the addresses of one host, one after the other."""
        failures = 0
        last: LinkResult | None = None
        for number, url in enumerate(urls):
            if last is None or failures < MAX_HOST_FAILURES:
                if number:
                    await asyncio.sleep(self._options.pace)
                async with self._slots:
                    last = await self._check_url(url)
                failures = failures + 1 if last.status in _HOST_FAILURES else 0
            self._results[url] = last
            self._progress(len(self._results), len(self._urls))

    async def _check_url(self, url: str) -> LinkResult:
        """Ask for an address, again after a failure that may pass."""
        for attempt in range(self._options.retries + 1):
            result, retry_after = await self._follow(url)
            wait = self._options.backoff * 2**attempt
            if retry_after is not None:
                wait = max(wait, retry_after)
            elif result.status not in _RETRIED:
                break
            if attempt == self._options.retries or wait > self._options.max_wait:
                break
            await asyncio.sleep(wait)
        return result

    async def _follow(self, url: str) -> tuple[LinkResult, float | None]:
        """Follow redirects to the result, and to the seconds after which the host wants the next request."""
        step, seen, is_permanent = url, {url}, True
        for _ in range(MAX_REDIRECTS):
            try:
                code, headers = await self._ask(step)
            except _LinkError as error:
                return self._result(error.status, detail=str(error)), None
            location = str(headers.get("Location", ""))
            if code not in _REDIRECTS or not location:
                break
            is_permanent = is_permanent and code in _PERMANENT
            step = urljoin(step, location).partition("#")[0]
            if step in seen:
                return self._result(LinkStatus.LOOP, code, detail="the redirects lead back"), None
            seen.add(step)
        else:
            return self._result(LinkStatus.LOOP, detail=f"more than {MAX_REDIRECTS} redirects"), None
        status = _status(code)
        if status is LinkStatus.OK and step != url and is_permanent:
            status = LinkStatus.MOVED
        retry_after = self._seconds(str(headers.get("Retry-After", "")).strip()) if code in {429, 503} else None
        return self._result(status, code, step if step != url else ""), retry_after

    def _seconds(self, retry_after: str) -> float | None:
        """Return the seconds of a Retry-After; those of a date count as too many to wait."""
        if not retry_after:
            return None
        return float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else self._options.max_wait + 1

    def _result(self, status: LinkStatus, code: int = 0, target: str = "", detail: str = "") -> LinkResult:
        return LinkResult(status, code, target, detail, self._now)

    async def _ask(self, url: str) -> _Answer:
        """Return the answer to HEAD, and to GET if a server may not know HEAD."""
        try:
            answer = await self._request("HEAD", url)
        except _LinkError as error:
            if error.status is not LinkStatus.INVALID:
                raise
        else:
            if answer[0] < 400 or answer[0] == 429:
                return answer
        return await self._request("GET", url)

    async def _request(self, method: str, url: str) -> _Answer:
        """Send one request. Raises _LinkError without an answer."""
        try:
            async with asyncio.timeout(self._options.timeout):
                return await self._exchange(method, url)
        except TimeoutError:
            raise _LinkError(LinkStatus.TIMEOUT, f"no answer in {self._options.timeout:g} s") from None
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            raise _LinkError(LinkStatus.TLS, str(reason)) from None
        except socket.gaierror as error:
            raise _LinkError(LinkStatus.NO_HOST, error.strerror or "the name has no address") from None
        except OSError as error:
            raise _LinkError(LinkStatus.UNREACHABLE, error.strerror or "the connection broke") from None
        except asyncio.IncompleteReadError as error:
            if not error.partial:
                raise _LinkError(LinkStatus.UNREACHABLE, "the host closed the connection") from None
            raise _LinkError(LinkStatus.INVALID, "the answer is not complete") from None
        except (ValueError, asyncio.LimitOverrunError) as error:
            raise _LinkError(LinkStatus.INVALID, f"not an answer in HTTP: {error}"[:200]) from None

    async def _exchange(self, method: str, url: str) -> _Answer:
        parts = urlsplit(escape_url(url) or "")
        host = parts.hostname
        if parts.scheme not in {"http", "https"} or not host:
            raise _LinkError(LinkStatus.INVALID, f"{url[:80]!r} is not an address of the web")
        name = host.encode("idna").decode() if not host.isascii() else host
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._address(name, port)
        is_tls = parts.scheme == "https"
        reader, writer = await asyncio.open_connection(
            address,
            port,
            ssl=self._context if is_tls else None,
            server_hostname=name if is_tls else None,
            limit=MAX_HEAD_BYTES,
        )
        try:
            shown = f"[{name}]" if ":" in name else name
            authority = shown if parts.port is None else f"{shown}:{port}"
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            head = f"{method} {target} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {_AGENT}\r\nAccept: */*\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode("ascii"))
            await writer.drain()
            while True:
                answer = _parse(await reader.readuntil(b"\r\n\r\n"))
                if answer[0] >= 200:  # others precede it (RFC 9110, section 15.2)
                    return answer
        finally:
            writer.transport.abort()

    async def _address(self, host: str, port: int) -> str:
        """Return an address of a host. Raises _LinkError if one of them is private."""
        loop = asyncio.get_running_loop()
        addresses = [str(info[4][0]) for info in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        private = [address for address in addresses if not is_public(ip_address(address.partition("%")[0]))]
        if private and not self._options.allows_private:
            raise _LinkError(LinkStatus.PRIVATE, private_host(host, private[0]))
        return addresses[0]


def _host(url: str) -> str:
    """Return the host and the port of an address; the address itself if it is not valid."""
    try:
        parts = urlsplit(url)
        name = f"{parts.hostname}:{parts.port}"
    except ValueError:
        return url
    return name


def _parse(head: bytes) -> _Answer:
    """Parse the head of an answer. Raises ValueError if it is not HTTP."""
    line, _, rest = head.partition(b"\r\n")
    version, _, status = line.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not status[:3].isdigit():
        raise ValueError(line[:40].decode("ascii", "replace"))
    return int(status[:3]), parse_headers(io.BytesIO(rest))


def _status(code: int) -> LinkStatus:
    if code in _DEAD:
        return LinkStatus.DEAD
    if code in _REFUSED:
        return LinkStatus.REFUSED
    if code >= 500:
        return LinkStatus.SERVER_ERROR
    return LinkStatus.OK if code < 400 else LinkStatus.REFUSED


def archived_copy(url: str, options: ExternalOptions) -> str:
    """Return the address of an archived copy of a page, empty if there is none or the archive does not answer."""
    request = urllib.request.Request(f"{options.archive}?url={quote(url, safe='')}", headers={"User-Agent": _AGENT})
    try:
        with urllib.request.urlopen(request, timeout=options.timeout) as answer:
            document: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(answer.read(_MAX_ARCHIVE_BYTES))
        address = document["archived_snapshots"]["closest"]["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(address).replace("http://", "https://", 1)
