"""Runs the tools that publishing needs: no shell, no secret in their words, an end to silence."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from sitegen.errors import ExternalError
from sitegen.util.frozen import dataclass

_USER_INFO: Final = re.compile(r"(://)[^/@\s]+@")
_SECRET_NAMES: Final = re.compile(r"PASS|SECRET|TOKEN|ACCESS_KEY|API_KEY|PRIVATE_KEY|CREDENTIAL", re.IGNORECASE)
_SHORTEST_SECRET: Final = 6
_MOST_OUTPUT: Final = 64 * 1024 * 1024
_FED, _ENDED = 2, 3
"""What is no stream: bytes were taken, the tool has ended."""
_REST_SECONDS: Final = 1.0
"""How long what an ended tool has written may take to come."""

_Events = queue.Queue[tuple[int, bytes | Exception]]
"""What a tool wrote, by the number of the stream; empty bytes end a stream. An exception is what went wrong here."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a tool said: its exit code and what it wrote."""

    code: int
    out: bytes
    err: str


def run(
    command: Sequence[str],
    *,
    timeout: float,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    feed: Callable[[IO[bytes]], None] | None = None,
    line: Callable[[str], None] | None = None,
) -> Done:
    """Run a tool to its end.

    `timeout` is in seconds of silence: whatever it writes starts the time anew. `feed` writes its standard input,
    `line` is told each line of its standard output. Raises SurroundingsError where it is missing or falls silent.
    """
    asks = sys.stdin is not None and sys.stdin.isatty()
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE if feed is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            # On a terminal a tool may have to ask for a passphrase; elsewhere all that it starts can be ended with it.
            start_new_session=not asks,
        )
    except FileNotFoundError as error:
        raise ExternalError(f"there is no command {command[0]!r} here") from error
    except OSError as error:
        raise ExternalError(f"cannot run {command[0]!r}: {error.strerror}") from error
    try:
        return _attend(process, command[0], timeout, feed, line)
    finally:
        _end(process, group=not asks)


def _attend(
    process: subprocess.Popen[bytes],
    name: str,
    timeout: float,
    feed: Callable[[IO[bytes]], None] | None,
    line: Callable[[str], None] | None,
) -> Done:
    """Read both streams until they end, or until the tool has been silent for too long.

    Something that a tool leaves running may hold the streams open; it is not waited for.
    """
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018, S101 - both are pipes
    events: _Events = queue.Queue()
    threads = [
        threading.Thread(target=_pump, args=(stream, number, events), daemon=True)
        for number, stream in enumerate((process.stdout, process.stderr))
    ]
    if feed is not None and process.stdin is not None:
        threads.append(threading.Thread(target=_feed, args=(process.stdin, feed, events), daemon=True))
    threads.append(threading.Thread(target=_await, args=(process, events), daemon=True))
    for thread in threads:
        thread.start()
    parts: tuple[list[bytes], list[bytes]] = ([], [])
    size = 0
    rest = b""
    for number, data in _written(events, name, timeout):
        size += len(data)
        if size < _MOST_OUTPUT:
            parts[number].append(data)
        if number == 0 and line is not None:
            *lines, rest = (rest + data).split(b"\n")
            for text in lines:
                line(text.decode("utf-8", "replace"))
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise ExternalError(f"{name} did not end") from None
    return Done(code, b"".join(parts[0]), b"".join(parts[1]).decode("utf-8", "replace"))


def _written(events: "_Events", name: str, timeout: float) -> Iterator[tuple[int, bytes]]:
    """Yield what a tool writes, by the number of the stream; raise what went wrong."""
    open_streams = 2
    has_ended = False
    while open_streams:
        try:
            number, data = events.get(timeout=_REST_SECONDS if has_ended else timeout)
        except queue.Empty:
            if has_ended:
                return
            raise ExternalError(f"{name} did not answer for {timeout:g} s") from None
        if isinstance(data, Exception):
            raise data
        if number == _ENDED:
            has_ended = True
        elif number == _FED:
            continue  # a sign of life
        elif data:
            yield number, data
        else:
            open_streams -= 1


def _pump(stream: IO[bytes], number: int, events: "_Events") -> None:
    with suppress(ValueError, OSError):
        while data := os.read(stream.fileno(), 65536):
            events.put((number, data))
    events.put((number, b""))


def _await(process: subprocess.Popen[bytes], events: "_Events") -> None:
    process.wait()
    events.put((_ENDED, b""))


def _feed(stream: IO[bytes], feed: Callable[[IO[bytes]], None], events: "_Events") -> None:
    """Feed a tool. What cannot be read for it is told to who waits; the tool is never told that this was all."""

    class Telling:
        """Tells that bytes were taken."""

        def write(self, data: bytes) -> int:
            rest = memoryview(data)
            while rest:  # past the buffer, whose lock nobody could take any more while this waits
                rest = rest[os.write(stream.fileno(), rest) :]
            events.put((_FED, b"."))
            return len(data)

    try:
        feed(Telling())  # type: ignore[arg-type]
    except (BrokenPipeError, ValueError):
        pass  # a tool that ends early says why itself
    except Exception as error:  # noqa: BLE001 - raised again where somebody waits
        events.put((_FED, error))
        return
    with suppress(ValueError, OSError):
        stream.close()


def _end(process: subprocess.Popen[bytes], *, group: bool) -> None:
    """End a tool that still runs; with what it has started, where that is a group of its own."""
    send = os.killpg if group else os.kill
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            send(process.pid, signal.SIGTERM)
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                send(process.pid, signal.SIGKILL)
            process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()


def secrets(environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the values of the environment that must not be shown, by the names of their variables."""
    for name, value in (environment if environment is not None else os.environ).items():
        if _SECRET_NAMES.search(name) and len(value) >= _SHORTEST_SECRET:
            yield value


def scrubbed(text: str) -> str:
    """Return a text without the secrets of the environment, and without users and passwords in addresses."""
    for value in sorted(secrets(), key=len, reverse=True):
        text = text.replace(value, "***")
    return _USER_INFO.sub(r"\1***@", text)


def last_words(text: str, *, skip: Sequence[str] = ()) -> str:
    """Return the line of a tool's complaint that says most: the first that is none of the known phrases."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    version = [line for line in lines if not any(phrase in line for phrase in skip)]
    return scrubbed((version or lines or ["it gave no reason"])[0])
