"""Runs the tools that publishing needs: no shell, a limit for silence, no secret in messages."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from sitegen.diagnostics import ExternalError

_USER_INFO: Final = re.compile(r"(://)[^/@\s]+@")
_SECRET_NAMES: Final = re.compile(r"PASS|SECRET|TOKEN|ACCESS_KEY|API_KEY|PRIVATE_KEY|CREDENTIAL", re.IGNORECASE)
_MIN_SECRET: Final = 6
_POLL_SECONDS: Final = 0.1
_CHUNK: Final = 1024 * 1024


def run(
    args: Sequence[str],
    *,
    timeout: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: IO[bytes] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a tool to its end and return its exit code and output.

    `timeout` is in seconds without output. `stdin` is a file to read from, `on_line` receives each line of the standard
    output. Raises ExternalError if the tool is missing or times out. Processes that it leaves running are not waited
    for: output goes to files, so nothing blocks on a pipe.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                args,
                stdin=stdin or subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=cwd,
                env={**os.environ, **(env or {})},
            )
        except OSError as error:
            reason = "command not found" if isinstance(error, FileNotFoundError) else error.strerror
            raise ExternalError(f"cannot run {args[0]!r}: {reason}") from error
        try:
            _wait(process, (out, err), args[0], timeout, on_line)
        finally:
            _stop(process)
        return subprocess.CompletedProcess(args, process.returncode, _content(out), _content(err))


def _wait(
    process: subprocess.Popen[bytes],
    files: tuple[IO[bytes], IO[bytes]],
    name: str,
    timeout: float,
    on_line: Callable[[str], None] | None,
) -> None:
    """Wait for the end of a process; raise ExternalError if its files do not grow for `timeout` seconds."""
    deadline, size, position, rest = time.monotonic() + timeout, 0, 0, b""
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
        if on_line is not None:
            while data := os.pread(files[0].fileno(), _CHUNK, position):
                position += len(data)
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    on_line(line.decode("utf-8", "replace"))
        if process.returncode is not None:
            return
        grown = sum(os.fstat(file.fileno()).st_size for file in files)
        if grown != size:
            deadline, size = time.monotonic() + timeout, grown
        elif time.monotonic() > deadline:
            raise ExternalError(f"{name} timed out: no output for {timeout:g} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate a process that is still running."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def ssh_command(timeout: int, *, is_terminal: bool) -> str:
    """Return the ssh command for a tool: it prompts on a terminal only, and ends if the connection is lost."""
    batch = "" if is_terminal else " -o BatchMode=yes"
    return f"ssh -o ConnectTimeout={timeout} -o ServerAliveInterval=15{batch}"


def redact(text: str) -> str:
    """Return a text without the secrets of the environment, and without credentials in URLs."""
    secrets = (value for name, value in os.environ.items() if _SECRET_NAMES.search(name) and len(value) >= _MIN_SECRET)
    for value in sorted(secrets, key=len, reverse=True):
        text = text.replace(value, "***")
    return _USER_INFO.sub(r"\1***@", text)


def error_summary(output: bytes | str, *, skip: Sequence[str] = ()) -> str:
    """Return the first line of an error output that contains none of the phrases to skip, without secrets."""
    text = output.decode("utf-8", "replace") if isinstance(output, bytes) else output
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not any(phrase in line for phrase in skip)]
    return redact((useful or lines or ["no reason was given"])[0])
