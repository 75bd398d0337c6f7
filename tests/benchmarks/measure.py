"""Measure a command with every process that it starts.

`python measure.py FOLDER LOG PATIENCE COMMAND…` prints JSON. A process of its own, so that it can adopt what the
command leaves behind (prctl PR_SET_CHILD_SUBREAPER): a helper that outlives its parent is counted, too. Linux only.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

INTERVAL: Final = 0.025
"""Seconds between two looks at the memory."""

LEFTOVERS: Final = 10.0
"""Seconds that processes which outlive the command have to end."""

_PR_SET_CHILD_SUBREAPER: Final = 36
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_BUSY: Final = (1, 2, 3, 6, 7, 8)
"""The columns of /proc/stat that are work: user, nice, system, irq, softirq, steal."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run took.

    `code` is the exit code, negative for a signal. `wall` ends when the command itself does. `user` and `system` are
    CPU seconds of the whole tree. `memory` is the highest sum, in bytes, of the resident sets (RSS) of the processes
    that lived at the same time; a page that two processes share counts twice. `others` is how much CPU the rest of the
    machine used meanwhile, in processors.
    """

    code: int
    wall: float
    user: float
    system: float
    memory: int
    others: float

    @property
    def cpu(self) -> float:
        """CPU seconds."""
        return self.user + self.system


def measure(command: Sequence[str], folder: Path, log: Path, *, patience: float = 7200) -> Measured:
    """Run a command in `folder` and measure it; what it prints goes to `log`. After `patience` seconds it is killed."""
    script = [sys.executable, "-I", str(Path(__file__).resolve()), str(folder), str(log), str(patience), *command]
    done = subprocess.run(script, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return Measured(**json.loads(done.stdout))


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one, as far as they still live when they are looked at."""
    pending = [pid]
    while pending:
        tasks = Path(f"/proc/{pending.pop()}/task")
        with suppress(OSError):
            for task in list(tasks.iterdir()):
                with suppress(OSError):
                    found = [int(child) for child in (task / "children").read_text().split()]
                    yield from found
                    pending += found


def _resident(pid: int) -> int:
    """Return the resident bytes of a process, 0 if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


class _Sampler(threading.Thread):
    """Looks at the memory of everything below this process until it is stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.wait(INTERVAL):
            self.peak = max(self.peak, sum(map(_resident, descendants(os.getpid()))))

    def stop(self) -> int:
        """Return the highest sum that was seen."""
        self._end.set()
        self.join()
        return self.peak


def _run(command: Sequence[str], folder: str, log: str, patience: float) -> Measured:
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this system cannot adopt processes (prctl)")
    sampler = _Sampler()
    with Path(log).open("ab") as output:
        busy, own, start = _busy(), _own(), perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    sampler.start()
    with _deadline(patience, _kill_all):
        _, status, _ = os.wait4(child.pid, 0)
    wall = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    with _deadline(LEFTOVERS, _kill_all), suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    peak = sampler.stop()
    whole = perf_counter() - start
    tree = resource.getrusage(resource.RUSAGE_CHILDREN)
    others = (_busy() - busy) - (_own() - own) - tree.ru_utime - tree.ru_stime
    return Measured(
        code=child.returncode,
        wall=wall,
        user=tree.ru_utime,
        system=tree.ru_stime,
        # The kernel's own mark of the largest process catches a peak between two looks.
        memory=max(peak, tree.ru_maxrss * 1024),
        others=max(0.0, others / whole),
    )


class _deadline:  # noqa: N801 - reads as a statement
    """Does something unless the block has ended in time."""

    def __init__(self, seconds: float, then: Callable[[], None]) -> None:
        self._timer = threading.Timer(seconds, then)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _kill_all() -> None:
    for pid in list(descendants(os.getpid())):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _own() -> float:
    times = os.times()
    return times.user + times.system


def _busy() -> float:
    """Return the CPU seconds that the whole machine has spent."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return sum(int(fields[column]) for column in _BUSY) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    _folder, _log, _patience, *_command = sys.argv[1:]
    sys.stdout.write(json.dumps(asdict(_run(_command, _folder, _log, float(_patience)))))
