"""Conflicts: a new version of an article next to the file that the editor has changed, as `….md.new`."""

from difflib import unified_diff
from pathlib import Path

from sitegen.diagnostics import ExternalError, UsageError, replace_unprintable
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import read_bytes


def diff_version(file: Path) -> str:
    """Return the differences between an article's file and the new version `file`. Raises UsageError, ExternalError."""
    old = _article_of(file)
    before, after = (read_bytes(path.as_posix(), path).decode("utf-8", "replace").splitlines() for path in (old, file))
    lines = unified_diff(before, after, old.as_posix(), file.as_posix(), lineterm="")
    return "\n".join(map(replace_unprintable, lines))


def accept_version(file: Path) -> Path:
    """Replace an article's file by the new version `file`; return its path. Raises UsageError and ExternalError."""
    old = _article_of(file)
    try:
        atomic_write(old, read_bytes(file.as_posix(), file))
        file.unlink()
    except OSError as error:
        raise ExternalError(f"cannot write {old}: {error.strerror or error}") from error
    return old


def _article_of(file: Path) -> Path:
    article = file.with_suffix("")
    if not file.name.endswith(".md.new") or not article.is_file():
        raise UsageError(f"{file}: expected the new version of an article, such as customs-form.md.new, next to it")
    return article
