"""A Dask cluster on 127.0.0.1, as on other machines: in an empty folder, without access to files of a project."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.tools import missing

PRELOAD: Final = """
import os, sys

HIDDEN = os.path.join(os.environ["HIDDEN_FOLDER"], "")


def refuse(event, values):
    if event in {"open", "os.listdir", "os.scandir", "sqlite3.connect"} and not isinstance(values[0], int | None):
        if os.path.join(os.path.abspath(os.fsdecode(values[0])), "").startswith(HIDDEN):
            raise PermissionError(f"a worker may not see {values[0]}")


sys.addaudithook(refuse)
"""
"""A module that makes every file below HIDDEN_FOLDER inaccessible for its process."""
ELSEWHERE: Final = """
import socket

socket.gethostname = lambda: "another-machine"
"""
"""A module that gives its process the name of another host."""
_DEADLINE_SECONDS: Final = 60


@dataclass(slots=True)
class Cluster:
    """A scheduler and workers; `url` is the address for `--executor`."""

    folder: Path
    hidden: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    scheme: str = "dask"
    scheduler: "subprocess.Popen[bytes] | None" = None
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    url: str = ""

    def start(self, workers: int, **environment: str) -> None:
        """Start a scheduler on a free port, and workers with one thread each."""
        protocol = ["--protocol", "tls"] if self.scheme == "dasks" else []
        log = self.folder / "scheduler.log"
        self.scheduler = self._run(log, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *protocol)
        address = self._address(log)
        self.url = f"{self.scheme}://{address.rpartition('/')[2]}"
        for number in range(workers):
            options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--preload", self._preload())
            log = self.folder / f"worker-{number}.log"
            self.workers.append(self._run(log, "worker", address, *options, *protocol, **environment))

    def stop(self) -> None:
        """End all processes."""
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.kill()
                process.wait()

    def _preload(self) -> str:
        file = self.folder / "hide_project.py"
        file.write_text(PRELOAD + ELSEWHERE, encoding="utf-8")
        return str(file)

    def _run(self, log: Path, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        own = {"HIDDEN_FOLDER": str(self.hidden), "XDG_CACHE_HOME": str(self.folder / "cache")}
        with log.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                cwd=work,
                env=os.environ | own | dict(self.settings) | environment,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def _address(self, log: Path) -> str:
        """Return the address of the scheduler, which it logs when it listens."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline:
            for line in log.read_text("utf-8").splitlines():
                if "Scheduler at:" in line:
                    return line.rpartition(" ")[2]
            assert self.scheduler is not None
            assert self.scheduler.poll() is None, log.read_text("utf-8")
            time.sleep(0.05)
        raise AssertionError(log.read_text("utf-8"))


@contextmanager
def dask_cluster(
    folder: Path, hidden: Path, workers: int, settings: Mapping[str, str] | None = None, scheme: str = "dask"
) -> Iterator[Cluster]:
    """Yield a cluster whose processes have these environment variables, too."""
    if find_spec("distributed") is None:
        missing("the package distributed")
    folder.mkdir()
    cluster = Cluster(folder, hidden, settings or {}, scheme)
    try:
        cluster.start(workers)
        yield cluster
    finally:
        cluster.stop()
