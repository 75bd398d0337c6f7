"""A proxy on 127.0.0.1 that closes, resets or stalls connections after a number of bytes."""

import select
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

FAULTS = ("reset", "truncated", "hanging")


@dataclass(slots=True)
class Proxy:
    """Forwards bytes until `limit` of them, over all connections, have been sent to the server.

    Then `fault` happens to every connection, old and new: `reset`, `truncated` (a quiet end) or `hanging` (silence).
    Without a limit it only counts.
    """

    port: int
    limit: int | None = None
    fault: str = "reset"
    sent: int = 0
    broken: bool = False
    listener: socket.socket = field(init=False)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def listen_port(self) -> int:
        number: int = self.listener.getsockname()[1]
        return number

    def __enter__(self) -> Self:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self.broken:
                self._break(client)
                return
            with socket.create_connection(("127.0.0.1", self.port), 5) as server:
                while not self._stop.is_set():
                    ready, _, _ = select.select([client, server], [], [], 0.1)
                    if self._is_broken():
                        self._break(client)
                        return
                    for source in ready:
                        data = source.recv(4096)
                        if not data:
                            return
                        if source is server:
                            client.sendall(data)
                        elif not self._forward(server, data):
                            self._break(client)
                            return

    def _is_broken(self) -> bool:
        return self.broken

    def _forward(self, server: socket.socket, data: bytes) -> bool:
        with self._lock:
            if self.limit is not None and self.sent + len(data) > self.limit:
                self.broken = True
                data = data[: max(0, self.limit - self.sent)]
            self.sent += len(data)
        if data:
            server.sendall(data)
        return not self.broken

    def _break(self, client: socket.socket) -> None:
        if self.fault == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self.fault == "hanging":
            self._stop.wait(60)
