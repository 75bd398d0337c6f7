"""`sitegen init`: start a new digest."""

import argparse
import secrets
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from sitegen.cli.common import Reporter, add_now, clock
from sitegen.content.articles import serialize_article
from sitegen.content.frontmatter import ArticleSource, FrontMatter, today
from sitegen.errors import EXIT_OK, ExternalError, UsageError
from sitegen.paths import CONFIG_NAME


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("init", help="start a new digest", description="Write a new digest that builds.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where; it is made if it is not there")
    add_now(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Write the files of a new digest; nothing that is there is overwritten."""
    folder = options.project / options.folder
    new = starter(options.now or clock())
    taken = [name for name in new if (folder / name).exists()]
    if taken:
        raise UsageError(f"{folder} has {', '.join(taken)} already; nothing was written")
    for name in new:
        for parent in (folder / name).parents:
            if parent.exists() and not parent.is_dir():
                raise UsageError(f"{parent} is a file where a folder must be; nothing was written")
    try:
        for name, text in new.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            reporter.line(f"wrote {file}")
    except OSError as error:
        raise ExternalError(f"cannot write {error.filename}: {error.strerror}") from error
    reporter.line(f"\nNext:  sitegen -C {folder} serve")
    return EXIT_OK


def starter(now: datetime) -> dict[str, str]:
    """Return the files of a new digest: path to text."""
    folder = files("sitegen.starter")
    stamp = today(now)
    front = FrontMatter(
        id=secrets.token_hex(8),
        title="The first article",
        date=stamp,
        lang="en",
        topics=("technology",),
        countries=("VN", "JP"),
        importance=3,
        source=ArticleSource("Where you read it", None, "en"),
        summary="One paragraph that says what happened, for lists and feeds.",
    )
    config = folder.joinpath(CONFIG_NAME).read_text(encoding="utf-8").replace("@YEAR@", str(now.year))
    body = folder.joinpath("first-article.md").read_text(encoding="utf-8")
    return {
        CONFIG_NAME: config,
        ".gitignore": "/output/\n",
        f"content/articles/{stamp.day:%Y/%m}/first-article.md": serialize_article(front, body),
    }
