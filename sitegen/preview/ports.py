"""The port of the preview: taken by whom, and which one is free."""

import errno
import ipaddress
import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sitegen.errors import ExternalError, UsageError
from sitegen.util.frozen import dataclass

DEFAULT_PORT: Final = 8000
_MOST_TRIED: Final = 100
_WAITING: Final = 1024
_LISTENING: Final = "0A"
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Bound:
    """Sockets that listen, and their port. `passed` says who has the default port, where another one was taken."""

    sockets: list[socket.socket]
    port: int
    passed: str = ""

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can reach them."""
        return all(ipaddress.ip_address(address).is_loopback for address in self.addresses)

    @property
    def addresses(self) -> list[str]:
        """The numeric addresses, without the zone of an IPv6 one."""
        return [str(bound.getsockname()[0]).partition("%")[0] for bound in self.sockets]


def bind(host: str, port: int | None) -> Bound:
    """Listen at `host` on a port, or for None on the default one or the next that is free.

    Raises SurroundingsError for a port that cannot be had, naming who has it, UsageError for what is no host.
    """
    if not host.strip():
        raise UsageError("the host to serve on is empty; 0.0.0.0 is every address of this machine")
    tried = (port,) if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _MOST_TRIED)
    for number in tried:
        try:
            found = _listening(host, number)
        except UnicodeError as error:
            raise UsageError(f"{host!r} is no host to serve on") from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            message = f"cannot serve on {host} port {number}: {error.strerror or error}"
            named = f" (by {holder(number)})" if error.errno == errno.EADDRINUSE else ""
            raise ExternalError(message + named) from error
        return Bound(found, number, holder(DEFAULT_PORT) if number != tried[0] else "")
    raise ExternalError(f"cannot serve on {host}: ports {tried[0]} to {tried[-1]} are all taken")


def _listening(host: str, port: int) -> list[socket.socket]:
    """Return a socket for each address of `host`. Raises OSError with none left open."""
    locations = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    with ExitStack() as opened:
        found = []
        for family, kind, number, _, address in dict.fromkeys(locations):
            listener = opened.enter_context(socket.socket(family, kind, number))
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port is free as soon as it is left
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.settimeout(0)
            listener.bind(address)
            listener.listen(_WAITING)
            found.append(listener)
        opened.pop_all()
        return found


def holder(port: int) -> str:
    """Return who listens on a port, in words."""
    table = [row for row in _rows() if row[0] == port]
    for _, _, inode in table:
        process = _process(inode)
        if process is not None:
            return f"{_name(process)}, process {process}"
    if table:
        return f"a process of user {table[0][1]}"
    return _by_lsof(port)


def _rows() -> Iterable[tuple[int, str, str]]:
    """Yield port, user and inode of every socket that listens, as Linux tells them."""
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / name).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING:
                yield int(fields[1].rpartition(":")[2], 16), fields[7], fields[9]


def _process(inode: str) -> int | None:
    """Return the process that has a socket open; None where that is not ours to see."""
    wanted = f"socket:[{inode}]"
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if any(os.readlink(link) == wanted for link in (folder / "fd").iterdir()):  # noqa: PTH115 - no path
                return int(folder.name)
        except OSError:
            continue
    return None


def _name(process: int) -> str:
    try:
        return (_PROC / str(process) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "a process"


def _by_lsof(port: int) -> str:
    command = shutil.which("lsof")
    if command is None:
        return "another process"
    try:
        done = subprocess.run(
            [command, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "another process"
    fields = {line[:1]: line[1:] for line in reversed(done.stdout.splitlines()) if line}
    return f"{fields.get('c', 'a process')}, process {fields['p']}" if "p" in fields else "another process"
