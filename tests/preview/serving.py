"""A real preview server in a separate process."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Self

from tests.project import Project

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 60.0
"""Seconds until `eventually` fails."""


def eventually(what: str, probe: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until `probe` returns True, and fail after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not probe():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {patience} s: {what}")
        time.sleep(0.02)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the server."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(slots=True)
class Preview:
    """`sitegen serve` on a free port, as a user starts it, with its output in files.

    A port of None omits the option. `variables` are added to its environment. `waits` says whether to wait until it
    serves. `python_options` are options of the interpreter.
    """

    project: Project
    logs: Path
    options: tuple[str, ...] = ()
    port: int | None = field(default_factory=free_port)
    variables: Mapping[str, str] = field(default_factory=dict)
    waits: bool = True
    python_options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] = field(init=False)
    _streams: list[IO[bytes]] = field(init=False, default_factory=list)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._streams = [(self.logs / name).open("wb") for name in ("out.txt", "err.txt")]
        command = [
            sys.executable,
            "-W",
            "error",
            *self.python_options,
            "-m",
            "sitegen",
            "-C",
            str(self.project.root),
            "serve",
        ]
        environment = os.environ | dict(self.variables)
        port = [] if self.port is None else ["--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, *port, *self.options],
            stdin=subprocess.DEVNULL,
            stdout=self._streams[0],
            stderr=self._streams[1],
            cwd=ROOT,
            env=environment,
        )
        if not self.waits:
            return self
        try:
            eventually(
                f"the server starts\n{self.err}", lambda: "Serving " in self.out or self.process.poll() is not None
            )
            assert self.process.poll() is None, self.err
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()
        assert "Traceback" not in self.err, self.err

    def _end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for stream in self._streams:
            stream.close()

    @property
    def out(self) -> str:
        """The text on stdout so far."""
        return (self.logs / "out.txt").read_text("utf-8")

    @property
    def err(self) -> str:
        """The text on stderr so far."""
        return (self.logs / "err.txt").read_text("utf-8")

    @property
    def address(self) -> str:
        """The address of the server, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """Request a path exactly as written."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def send_raw(self, request: bytes) -> bytes:
        """Send bytes, and return all that the server sends until it closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
            parts = []
            while part := line.recv(65536):
                parts.append(part)
            return b"".join(parts)

    def wait_for_text(self, path: str, text: str) -> None:
        """Wait until a page contains a text."""
        eventually(f"{path} shows {text!r}\n{self.err}", lambda: text in self.get(path).text)

    def build_count(self) -> int:
        """Return the number of reported builds."""
        return self.out.count(" removed in ") + self.err.count("nothing was written")

    def stop(self, number: signal.Signals) -> int:
        """Send a signal, and return the exit code; fail after 10 seconds."""
        self.process.send_signal(number)
        return self.process.wait(10)
