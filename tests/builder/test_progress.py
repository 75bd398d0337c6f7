"""How far a long build is: on a real terminal alone, late, in one line that fits and is gone in the end."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass, field
from time import monotonic

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.cli.progress import BUILD_DELAY_SECONDS
from tests.project import NOW, Project
from tests.tools import REPOSITORY

CONTROL = re.compile(r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)")


@dataclass(slots=True)
class Screen:
    """The lines of a terminal, and every state of the line that holds the progress."""

    lines: list[str] = field(default_factory=lambda: [""])
    drawn: list[str] = field(default_factory=list)
    is_cursor_visible: bool = True
    _row: int = 0

    def send(self, text: str) -> None:
        """Interpret the output of a program: line feeds, cursor up, erasing a line; colours are ignored."""
        for part in CONTROL.split(text):
            if part == "\n":
                self._row += 1
                self.lines += [""] * (self._row + 1 - len(self.lines))
            elif part == "\x1b[1A":
                self._row -= 1
            elif part == "\x1b[2K":
                self.lines[self._row] = ""
            elif part in {"\x1b[?25l", "\x1b[?25h"}:
                self.is_cursor_visible = part.endswith("h")
            elif part and not CONTROL.fullmatch(part):
                self.lines[self._row] += part
                if "ing " in part:
                    self.drawn.append(part)
            else:
                assert part in {"", "\r"} or part.endswith("m"), part

    @property
    def remaining(self) -> str:
        """The text that is visible in the end."""
        return "\n".join(self.lines)


def on_terminal(project: Project, *options: str, columns: int = 80, term: str = "xterm") -> tuple[int, str, str]:
    """Build with stderr on a terminal and stdout in a pipe; return the exit code, stdout and what the terminal got."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-m", "sitegen", "-C", str(project.root), "build", "--now", NOW.isoformat(), *options]
    surroundings = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": term, "NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=REPOSITORY, env=surroundings, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        received = b""
        while True:
            try:
                data = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            received += data
        os.close(ours)
        assert process.stdout is not None
        output = process.stdout.read().decode()
    return process.returncode, output, received.decode()


def write_slow(project: Project, count: int = 24) -> None:
    """Write articles that take some seconds to read and to render."""
    for number in range(count):
        body = "".join(f"Some *text* with [a link](https://e.example/{n}) and **more**.\n\n" for n in range(1_500))
        project.article(f"n{number:02}", date=f"2026-07-{number % 28 + 1:02}", title=f"Event {number}", body=body)


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "options"), [(80, ()), (24, ("--jobs", "2"))])
def test_a_long_build_says_how_far_it_is(project: Project, columns: int, options: tuple[str, ...]) -> None:
    write_slow(project)
    code, output, received = on_terminal(project, *options, columns=columns)
    assert code == 0, received
    assert output.startswith("24 articles: ")
    screen = Screen()
    screen.send(received)
    assert screen.remaining.strip() == "", "the progress is erased at the end"
    assert screen.is_cursor_visible
    assert len(screen.drawn) >= 3
    assert max(map(len, screen.drawn)) <= columns
    assert any(re.fullmatch(r"reading .* \d+ of 24 *", drawn) for drawn in screen.drawn)
    assert any(re.fullmatch(r"rendering .* \d+ of \d+ *", drawn) for drawn in screen.drawn) or columns < 40


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "term"), [(("--format", "json"), "xterm"), (("--format", "github"), "xterm"), ((), "dumb")]
)
def test_a_long_build_for_a_machine_says_nothing(project: Project, options: tuple[str, ...], term: str) -> None:
    write_slow(project)
    code, _, received = on_terminal(project, *options, term=term)
    assert (code, received) == (0, "")


@pytest.mark.slow
def test_the_line_is_gone_before_a_finding_is_shown(project: Project) -> None:
    write_slow(project)
    project.article("wrong", topics="[enrgy]")
    code, output, received = on_terminal(project)
    assert (code, output) == (1, "")
    screen = Screen()
    screen.send(received)
    assert screen.drawn
    assert screen.remaining.startswith("content/articles/2026/07/wrong.md:")
    assert screen.remaining.rstrip().endswith("nothing was written")


def test_a_short_build_on_a_terminal_shows_none(project: Project) -> None:
    project.article("one")
    start = monotonic()
    code, output, received = on_terminal(project)
    took = monotonic() - start
    assert code == 0
    assert output.startswith("1 article: ")
    screen = Screen()
    screen.send(received)
    assert screen.remaining.strip() == ""
    assert not screen.drawn or took > BUILD_DELAY_SECONDS, "a machine that has much to do may take as long"


@pytest.mark.slow
def test_a_long_build_elsewhere_than_on_a_terminal_shows_none(project: Project) -> None:
    write_slow(project)
    command = [sys.executable, "-m", "sitegen", "-C", str(project.root), "build", "--now", NOW.isoformat()]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True)
    assert done.stderr == b""


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_build_tells(project: Project, jobs: int) -> None:
    for number in range(20):
        project.article(f"n{number:02}", title=f"Event {number}")
    steps: list[tuple[str, int, int]] = []
    result = build(BuildRequest(project.root, NOW, jobs=jobs), lambda *step: steps.append(step))
    files = len(result.counts.written)
    assert steps == [
        *(("read", number, 20) for number in range(1, 21)),
        ("plan", 0, 0),
        *(("render", number, files) for number in range(1, files + 1)),
        ("write", 0, 0),
    ]
    steps.clear()
    project.article("n00", title="Event 0", body="Changed.\n")
    result = build(BuildRequest(project.root, NOW, jobs=jobs), lambda *step: steps.append(step))
    assert steps[0] == ("read", 1, 1), "an article that is as it was is not counted"
    rendered = [step for step in steps if step[0] == "render"]
    assert rendered == [("render", number, len(rendered)) for number in range(1, len(rendered) + 1)]
    assert len(result.counts.written) <= len(rendered) < files, "what comes out as it was is not written"
    steps.clear()
    build(BuildRequest(project.root, NOW, jobs=jobs), lambda *step: steps.append(step))
    assert steps == [], "nothing to do"
