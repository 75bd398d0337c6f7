"""The S3 server of moto in its own process, and a proxy that counts requests and can fail."""

import http.client
import http.server
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import boto3
from botocore.config import Config

from tests.preview.serving import free_port
from tests.publish.servers import process

BUCKET: Final = "digest"
KEYS: Final = {"AWS_ACCESS_KEY_ID": "testing-key-id", "AWS_SECRET_ACCESS_KEY": "testing-secret-word"}
ENVIRONMENT: Final = {**KEYS, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
FAULTS: Final = ("reset", "503", "truncated", "hanging", "reset", "503", "truncated")
"""A hanging connection takes seconds, so it is tested once in seven."""


@contextmanager
def moto(log: Path) -> Iterator[int]:
    """Run the server."""
    port = free_port()
    code = (
        "import logging, sys; from moto.server import main; logging.getLogger('werkzeug').disabled = True; "
        f"main(['-H', '127.0.0.1', '-p', '{port}'])"
    )
    with process([sys.executable, "-c", code], port, log):
        yield port


@lru_cache(maxsize=8)
def client(port: int) -> Any:
    """Return a client with other credentials."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="other",
        aws_secret_access_key="other",  # noqa: S106 - not a secret
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def objects(port: int, bucket: str = BUCKET) -> dict[str, bytes]:
    """Return all objects of a bucket."""
    store = client(port)
    found = {}
    for page in store.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", ()):
            found[entry["Key"]] = store.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
    return found


@dataclass(slots=True)
class S3Proxy:
    """A proxy that records requests, and fails after request number `after`."""

    port: int
    after: int | None = None
    times: int | None = None
    fault: str = "reset"
    asked: list[str] = field(default_factory=list)
    _server: http.server.ThreadingHTTPServer = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        line = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do_GET(self) -> None:
                line.serve(self)

            do_PUT = do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815 - the library's names

            def log_message(self, *_arguments: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def count(self, *verbs: str) -> int:
        """Return the number of requests with one of the methods."""
        return sum(request.split()[0] in verbs for request in self.asked)

    def puts(self) -> list[str]:
        """Return the uploaded paths without the manifest."""
        return [
            request.split("/", 2)[2]
            for request in self.asked
            if request.startswith("PUT ") and "/.sitegen/" not in request
        ]

    def serve(self, request: http.server.BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        with self._lock:
            self.asked.append(f"{request.command} {request.path}")
            number = len(self.asked)
            breaks = self.after is not None and number > self.after
            breaks = breaks and (self.times is None or number <= (self.after or 0) + self.times)
        if breaks and self._break(request, body):
            return
        status, headers, content = self._ask(request, body)
        request.send_response_only(status)
        for name, value in headers:
            if name.lower() not in {"transfer-encoding", "connection"}:
                request.send_header(name, value)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(content)

    def _ask(
        self, request: http.server.BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "expect"}
            connection.request(request.command, request.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _break(self, request: http.server.BaseHTTPRequestHandler, body: bytes) -> bool:
        """Cause the fault; return whether the request was not forwarded."""
        request.close_connection = True
        if self.fault == "503":
            request.send_response_only(503)
            request.send_header("Content-Length", "0")
            request.end_headers()
        elif self.fault == "hanging":
            self._stop.wait(20)
        elif self.fault == "truncated":
            # The request succeeds, but its response is truncated.
            status, headers, content = self._ask(request, body)
            if request.command != "GET":
                request.wfile.write(b"HTTP/1.1 2")
                return True
            request.send_response_only(status)
            for name, value in headers:
                if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                    request.send_header(name, value)
            request.send_header("Content-Length", str(len(content) + 100))
            request.end_headers()
            request.wfile.write(content[: len(content) // 2])
        else:
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()
        return True
