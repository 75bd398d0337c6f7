"""The files of a project that changed since a git revision."""

import subprocess
from pathlib import Path

from sitegen.diagnostics import ExternalError, UsageError


def changed_files(root: Path, revision: str) -> frozenset[str]:
    """Return the project paths of files that differ from a revision, and of those that git does not have.

    Raises UsageError if git does not know the revision, ExternalError without git.
    """
    if revision.startswith("-"):
        raise UsageError(f"{revision!r} is not a revision of git")
    # First the command that fails outside a repository; `git diff` would compare files there.
    others = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    diff = _git(root, "diff", "--name-only", "-z", "--relative", "--end-of-options", revision, "--")
    return frozenset(path for path in f"{diff}{others}".split("\0") if path)


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except OSError as error:
        raise ExternalError(f"cannot run git: {error.strerror}") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"git: {lines[-1] if lines else 'failed'}")
    return done.stdout.decode("utf-8", "surrogateescape")
