"""`sitegen review`: record who reviewed articles."""

import os
from datetime import datetime
from pathlib import Path

import click

from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, Invocation, now_option, option
from sitegen.content.documents import is_in_text_folder
from sitegen.content.frontmatter import today
from sitegen.content.review import with_review
from sitegen.diagnostics import Diagnostics, replace_unprintable
from sitegen.errors import EXIT_CONTENT, EXIT_OK, UsageError
from sitegen.paths import CONTENT_ROOT, read_bytes
from sitegen.util.atomic_write import atomic_write
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import MAX_NAME_CHARACTERS, fold_spaces


@click.command(
    cls=Command,
    examples=(
        'sitegen review content/articles/2026/07/customs-form.md --by "A. Editor"',
        'sitegen review content/articles/2026/07/*.md --by "A. Editor"',
    ),
    manual="review-machine-text",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@option("--by", required=True, metavar="NAME", help="The person who reviewed the text and is responsible for it.")
@now_option
@click.pass_obj
def command(invocation: Invocation, /, *, files: tuple[Path, ...], by: str, now: datetime) -> int:
    """Record a review of each FILE: an article, a translation or a page.

    The front matter gets `reviewed`, with a hash of title, summary and text. If they change later, the build warns and
    readers see that the change was not reviewed. If a file has errors, no file is changed.
    """
    by = fold_spaces(by)
    if not by:
        raise UsageError("--by is empty; expected the name of a person")
    if len(by) > MAX_NAME_CHARACTERS or FORBIDDEN_CHARS.search(by):
        raise UsageError(f"--by is not a name of at most {MAX_NAME_CHARACTERS} printable characters")
    root, diagnostics = invocation.project.resolve(), Diagnostics()
    config = load_valid_settings(root).config
    reviewer = (by, today(now.astimezone(config.zone)))
    edited = []
    for path, file in {_project_path(root, file): file for file in files}.items():
        data = with_review(path, read_bytes(path, root / path), reviewer, config.content_schema, diagnostics)
        edited.append((file, root / path, data))
    invocation.reporter.diagnostics(diagnostics.sorted())
    if diagnostics.errors:
        return EXIT_CONTENT
    for file, target, data in edited:
        if data is not None:
            atomic_write(target, data)
            invocation.reporter.line(replace_unprintable(f"{file}: reviewed by {by}"))
    return EXIT_OK


def _project_path(root: Path, file: Path) -> str:
    """Return the project path of a Markdown file that is given by its path, or by its path in the project."""
    for base in (Path.cwd(), root):
        target = Path(os.path.realpath(base / file))
        if target.is_file() and target.suffix == ".md" and target.is_relative_to(root):
            path = target.relative_to(root).as_posix()
            if is_in_text_folder(path):
                return path
    raise UsageError(f"{file} is not a Markdown file of an article or a page in {root / CONTENT_ROOT}")
