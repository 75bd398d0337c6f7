"""Conflicts: a new version of an article next to the file that the editor has changed, as `….md.new`."""

from difflib import unified_diff
from pathlib import Path

from sitegen.diagnostics import ExternalError, UsageError, replace_unprintable
from sitegen.importers.existing import written_id
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import CONTENT_ROOT, read_bytes


def diff_version(file: Path, root: Path) -> str:
    """Return the differences between an article of a project and its new version. Raises UsageError, ExternalError."""
    old = _article_of(file, root)
    before, after = (read_bytes(path.as_posix(), path).decode("utf-8", "replace").splitlines() for path in (old, file))
    lines = unified_diff(before, after, old.as_posix(), file.as_posix(), lineterm="")
    return "\n".join(map(replace_unprintable, lines))


def accept_version(file: Path, root: Path, *, dry_run: bool = False) -> Path:
    """Replace an article of a project by its new version, unless `dry_run`; return the path of the article.

    Raises UsageError if it is not a version of the article, and ExternalError.
    """
    old = _article_of(file, root)
    data = read_bytes(file.as_posix(), file)
    identity, known = written_id(data), written_id(read_bytes(old.as_posix(), old))
    if not identity or (known and identity != known):
        raise UsageError(f"{file}: expected the front matter of {old}, with its id {known!r}; correct or delete it")
    if not dry_run:
        try:
            atomic_write(old, data)
            file.unlink()
        except OSError as error:
            raise ExternalError(f"cannot write {old}: {error.strerror or error}") from error
    return old


def _article_of(file: Path, root: Path) -> Path:
    article = file.with_suffix("")
    if not file.name.endswith(".md.new") or not article.is_file():
        raise UsageError(f"{file}: expected the new version of an article, such as customs-form.md.new, next to it")
    if not file.resolve().is_relative_to((root / CONTENT_ROOT).resolve()):
        raise UsageError(f"{file}: expected a file in {CONTENT_ROOT}/ of this project")
    return article
