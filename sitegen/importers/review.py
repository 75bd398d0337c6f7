"""Reviews: a person records in the files of articles and pages that they have been reviewed."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sitegen.config.model import Config
from sitegen.content.documents import is_in_text_folder
from sitegen.content.frontmatter import today
from sitegen.content.review import with_review
from sitegen.diagnostics import ContentError, Diagnostics, UsageError
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import CONTENT_ROOT, read_bytes
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import MAX_NAME_CHARACTERS, fold_spaces


def record_review(root: Path, config: Config, now: datetime, files: Iterable[Path], by: str) -> list[str]:
    """Record in `files` that the person `by` has reviewed them. Return a sentence for each changed file.

    Raises ContentError, and changes nothing, if a file has errors; UsageError for a file or name that is not valid.
    """
    by = fold_spaces(by)
    if not by:
        raise UsageError("--by is empty; expected the name of a person")
    if len(by) > MAX_NAME_CHARACTERS or FORBIDDEN_CHARS.search(by):
        raise UsageError(f"--by is not a name of at most {MAX_NAME_CHARACTERS} printable characters")
    root, diagnostics = root.resolve(), Diagnostics()
    reviewer = (by, today(now.astimezone(config.zone)))
    edited = []
    for path, file in {_project_path(root, file): file for file in files}.items():
        data = with_review(path, read_bytes(path, root / path), reviewer, config.content_schema, diagnostics)
        edited.append((file, root / path, data))
    if diagnostics.errors:
        raise ContentError(diagnostics.sorted())
    for _, target, data in edited:
        if data is not None:
            atomic_write(target, data)
    return [f"{file}: reviewed by {by}" for file, _, data in edited if data is not None]


def _project_path(root: Path, file: Path) -> str:
    """Return the project path of a Markdown file that is given by its path, or by its path in the project."""
    for base in (Path.cwd(), root):
        target = Path(os.path.realpath(base / file))
        if target.is_file() and target.suffix == ".md" and target.is_relative_to(root):
            path = target.relative_to(root).as_posix()
            if is_in_text_folder(path):
                return path
    if not any(os.path.lexists(base / file) for base in (Path.cwd(), root)):
        raise UsageError(f"{file} does not exist")
    raise UsageError(f"{file} is not a Markdown file of an article or a page in {root / CONTENT_ROOT}")
