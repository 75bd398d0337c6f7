"""A server on 127.0.0.1 to 127.0.0.254 whose addresses fail in every way, and an archive that knows one of them."""

import asyncio
import json
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

ANSWERS: Final = {
    "ok": "200 OK",
    "404": "404 Not Found",
    "410": "410 Gone",
    "500": "500 Internal Server Error",
    "503": "503 Service Unavailable",
    "forbidden": "403 Forbidden",
    "always-busy": "429 Too Many Requests\r\nRetry-After: 0",
    "busy-for-long": "429 Too Many Requests\r\nRetry-After: 86400",
    "loop": "302 Found\r\nLocation: /loop/again",
    "moved": "301 Moved Permanently\r\nLocation: /ok/new#part",
    "away": "302 Found\r\nLocation: /ok/elsewhere",
    "hints": "103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK",
    "to-private": "302 Found\r\nLocation: http://10.0.0.1/",
    "to-file": "302 Found\r\nLocation: file:///etc/passwd",
}
"""The status and further headers by the first part of the path."""


class LinkServer:
    """Counts the requests: `requests` has method and path of each, by host."""

    def __init__(self) -> None:
        self.port = 0
        self.tls_port = 0
        self.requests: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.most_at_once: dict[str, int] = defaultdict(int)
        self._open: dict[str, int] = defaultdict(int)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, path, _ = head.split(" ", 2)
            host = writer.get_extra_info("sockname")[0]
            self.requests[host].append((method, path))
            self._open[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self._open[host])
            await self._answer(reader, writer, method, path)
            self._open[host] -= 1
        with suppress(OSError):
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, method: str, path: str) -> None:
        kind = path.split("/")[1].partition("?")[0]
        is_first = self.requests[writer.get_extra_info("sockname")[0]].count((method, path)) == 1
        match kind:
            case "hangs":
                await reader.read()  # until the other side gives up
            case "breaks":
                writer.transport.abort()
            case "garbage":
                writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
            case "headers":
                with suppress(OSError):
                    writer.write(b"HTTP/1.1 200 OK\r\n")
                    for _ in range(3000):
                        writer.write(b"X-Line: " + b"x" * 100 + b"\r\n")
                        await writer.drain()
            case "endless":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                with suppress(OSError):
                    while not writer.transport.is_closing():
                        writer.write(b"400\r\n" + b"x" * 0x400 + b"\r\n")
                        await writer.drain()
                        await asyncio.sleep(0)
            case "far":
                number = int(path.split("/")[2]) + 1
                writer.write(f"HTTP/1.1 301 Moved\r\nLocation: /far/{number}\r\n\r\n".encode())
            case "busy" if is_first:
                writer.write(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\n\r\n")
            case "no-head" if method == "HEAD":
                writer.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            case "wayback":
                known = (
                    {"closest": {"available": True, "url": "http://web.archive.example/2026/x"}}
                    if "%2F404" in path
                    else {}
                )
                body = json.dumps({"archived_snapshots": known})
                writer.write(
                    f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
                )
                await writer.drain()
            case _:
                status = ANSWERS.get(kind, ANSWERS["ok"])
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()


@contextmanager
def link_server(context: ssl.SSLContext | None = None) -> Iterator[LinkServer]:
    """Run a server in a thread; `context` is for its port with TLS."""
    server, loop, started = LinkServer(), asyncio.new_event_loop(), threading.Event()
    listening: list[asyncio.Server] = []

    async def start() -> None:
        plain = await asyncio.start_server(server.answer, "0.0.0.0", 0, backlog=512)
        listening.append(plain)
        server.port = plain.sockets[0].getsockname()[1]
        if context is not None:
            secure = await asyncio.start_server(server.answer, "0.0.0.0", 0, ssl=context)
            listening.append(secure)
            server.tls_port = secure.sockets[0].getsockname()[1]
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda _loop, _context: None)  # clients that leave are expected
        loop.create_task(start())
        loop.run_forever()
        for each in listening:
            each.close()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
