"""`sitegen init`: create a new digest."""

import re
import secrets
import shlex
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from sitegen.cli.command import Command, Invocation, now_option
from sitegen.diagnostics import EXIT_OK, ExternalError, UsageError
from sitegen.util.paths import CONFIG_NAME, OUTPUT

GITIGNORE: Final = ".gitignore"


@click.command(
    cls=Command,
    examples=("sitegen init my-digest", "sitegen init . --now 2026-07-03"),
    manual="tutorial",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@now_option
@click.pass_obj
def command(invocation: Invocation, /, *, folder: Path, now: datetime) -> int:
    """Create a new digest in DIR: a configuration and a first article.

    Existing files are never overwritten.
    """
    reporter = invocation.reporter
    folder = invocation.folder / folder
    new = starter_files(now)
    ignored = folder / GITIGNORE
    keeps_ignored = ignored.is_file()  # a repository often has one before it has a digest
    if keeps_ignored:
        del new[GITIGNORE]
    existing = [name for name in new if (folder / name).exists()]
    if existing:
        raise UsageError(f"{', '.join(existing)} already exists in {folder}; nothing was written")
    for parent in {parent for name in new for parent in (folder / name).parents}:
        if parent.exists() and not parent.is_dir():
            raise UsageError(f"{parent} is a file, expected a folder; nothing was written")
    try:
        for name, text in new.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            reporter.line(f"wrote {file}")
    except OSError as error:
        raise ExternalError(f"cannot write {error.filename}: {error.strerror}") from error
    if keeps_ignored and not any(line.strip("/ ") == OUTPUT for line in _lines(ignored)):
        reporter.note(f"{ignored} is kept; add a line with /{OUTPUT}/ to it, the folder of the built site")
    reporter.line(f"\nNext:  sitegen -C {shlex.quote(str(folder))} serve")
    return EXIT_OK


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()


def starter_files(now: datetime) -> dict[str, str]:
    """Return the path and the text of each file of a new digest."""
    values = {"@YEAR@": f"{now:%Y}", "@DATE@": f"{now:%Y-%m-%d}", "@ID@": secrets.token_hex(8)}

    def text(name: str) -> str:
        template = files("sitegen.starter").joinpath(name).read_text(encoding="utf-8")
        return re.sub("@[A-Z]+@", lambda match: values[match[0]], template)

    return {
        CONFIG_NAME: text(CONFIG_NAME),
        GITIGNORE: f"/{OUTPUT}/\n",
        f"content/articles/{now:%Y/%m}/first-article.md": text("first-article.md"),
    }
