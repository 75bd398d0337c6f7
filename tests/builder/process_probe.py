"""Runs `sitegen` in its own process and reports what it imported and read.

    python -m tests.builder.process_probe ARGUMENTS        prints a line of JSON after the output of the command
    python -m tests.builder.process_probe --kill ARGUMENTS is killed after the commit, before the build is recorded

A file counts as read if the interpreter opens it, so every way of reading is seen.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from sitegen.cli import main
from tests.project import NOW, Project

LIBRARIES = frozenset({"babel", "jinja2", "markdown_it", "markupsafe", "yaml"})
_WRITING = os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """The exit code and output of a command, the libraries that it imported, and the project files that it read."""

    code: int
    output: str
    errors: str
    libraries: frozenset[str]
    read: frozenset[str]


def probe_process(project: Project, *arguments: str, kill: bool = False) -> ProcessReport:
    """Build in another process."""
    start = [
        sys.executable,
        "-m",
        "tests.builder.process_probe",
        *(["--kill"] if kill else []),
        "-C",
        str(project.root),
    ]
    command = [*start, "build", "--now", NOW.isoformat(), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    if kill:
        return ProcessReport(done.returncode, done.stdout, done.stderr, frozenset(), frozenset())
    *lines, last = done.stdout.splitlines()
    report = json.loads(last)
    root = f"{project.root}/"
    read = frozenset(path.removeprefix(root) for path in report["read"] if path.startswith(root))
    return ProcessReport(done.returncode, "\n".join(lines), done.stderr, frozenset(report["modules"]) & LIBRARIES, read)


def _probe(arguments: list[str]) -> int:
    read: list[str] = []

    def hook(event: str, values: tuple[object, ...]) -> None:
        if event == "open" and isinstance(values[2], int) and not values[2] & _WRITING:
            read.append(os.fsdecode(values[0]) if isinstance(values[0], str | bytes) else "")

    sys.addaudithook(hook)
    code = main(arguments)
    modules = {name.partition(".")[0] for name in sys.modules}
    sys.stdout.write(json.dumps({"modules": sorted(modules), "read": sorted(set(read))}) + "\n")
    return code


def _kill(arguments: list[str]) -> int:
    committed = False

    def hook(event: str, values: tuple[object, ...]) -> None:
        nonlocal committed
        if event == "os.rename" and str(values[1]).endswith("/manifest.json"):
            committed = True
        elif event == "os.rmdir" and committed:  # of the staging folder
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return main(arguments)


if __name__ == "__main__":
    sys.exit(_kill(sys.argv[2:]) if sys.argv[1] == "--kill" else _probe(sys.argv[1:]))
