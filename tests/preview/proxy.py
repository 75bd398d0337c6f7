"""An HTTPS proxy that sends the address of the preview as Host and the original as X-Forwarded-Host, like nginx."""

import re
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.tools import command


@contextmanager
def https_proxy(folder: Path, port: int) -> Iterator[int]:
    """Yield the port of a proxy on localhost that forwards requests to `port`; its certificate is self-signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    openssl = [command("openssl"), "req", *options, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(openssl, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = [listener]

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=forward, args=(plain,), daemon=True).start()

    def forward(plain: socket.socket) -> None:
        with (
            suppress(OSError),
            plain,
            context.wrap_socket(plain, server_side=True) as outer,
            socket.create_connection(("127.0.0.1", port)) as inner,
        ):
            connections.extend([outer, inner])
            _forward_request(outer, inner, port)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        listener.close()


def _forward_request(outer: ssl.SSLSocket, inner: socket.socket, port: int) -> None:
    """Forward one request with the headers of a proxy, then all data in both directions."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = outer.recv(65536)
        if not part:
            return
        head += part
    host = re.search(rb"\r\nHost: ([^\r]*)", head)
    original = host[1] if host is not None else b""
    head = head.replace(b"\r\nHost: " + original, f"\r\nHost: 127.0.0.1:{port}".encode(), 1)
    if b"\r\nUpgrade:" not in head:
        head = head.replace(b"\r\nConnection: keep-alive", b"\r\nConnection: close", 1)
    more = b"\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: " + original + b"\r\n"
    inner.sendall(head.replace(b"\r\n", more, 1))
    _copy(outer, inner)


def _copy(outer: ssl.SSLSocket, inner: socket.socket) -> None:
    """Copy data in both directions until one side ends, in one thread: two may not use a TLS connection at once."""
    while True:
        readable = [outer] if outer.pending() else select.select([outer, inner], [], [])[0]
        for source in readable:
            part = source.recv(65536)
            if not part:
                return
            (inner if source is outer else outer).sendall(part)
