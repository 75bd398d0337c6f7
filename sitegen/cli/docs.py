"""`sitegen docs`: show the documentation that comes with the program."""

import re
from pathlib import Path
from typing import Final

import click

from sitegen.cli.command import Command
from sitegen.diagnostics import closest_match
from sitegen.errors import EXIT_OK, UsageError
from sitegen.theme.files import bundled_themes

_FOLDERS: Final = ("tutorial", "how-to", "reference")


@click.command(
    cls=Command,
    examples=("sitegen docs front-matter", "sitegen docs unknown-topic"),
    manual="reference",
)
@click.argument("topic", required=False)
def command(*, topic: str | None) -> int:
    """Show a page of the documentation, or what the code of an error means.

    Without TOPIC, list the pages.
    """
    pages = documentation()
    if topic is None:
        click.echo("\n".join(f"{name:<24}{text.partition(chr(10))[0].lstrip('# ')}" for name, text in pages.items()))
        return EXIT_OK
    text = pages.get(topic) or diagnostic_texts().get(topic)
    if text is None:
        match = closest_match(topic, [*pages, *diagnostic_texts()])
        raise UsageError(f"there is no page {topic!r}" + (f"; did you mean {match!r}?" if match else ""))
    click.echo_via_pager(text)
    return EXIT_OK


def documentation() -> dict[str, str]:
    """Return the Markdown text of every page by its name, which is that of its file or folder."""
    files = [file for folder in _FOLDERS for file in sorted((_docs() / folder).rglob("*.md"))]
    files.append(bundled_themes() / "README.md")
    return {(file.parent if file.name == "README.md" else file).stem: file.read_text("utf-8") for file in files}


def diagnostic_texts() -> dict[str, str]:
    """Return the explanation of every diagnostic code."""
    text = (_docs() / "reference" / "diagnostics.yaml").read_text("utf-8")
    return {match[1]: match[0] for match in re.finditer(r"^([a-z][a-z0-9-]+):\n(?:  .*\n|\n)*", text, re.MULTILINE)}


def _docs() -> Path:
    return bundled_themes().with_name("docs")  # in the package, or in a checkout
