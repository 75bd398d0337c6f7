"""`sitegen docs`: show the documentation that comes with the program."""

from typing import Final

import click

from sitegen.check.catalogue import catalogue_texts
from sitegen.cli.command import Command
from sitegen.diagnostics import EXIT_OK, UsageError, did_you_mean
from sitegen.util.paths import bundled_folder

_FOLDERS: Final = ("tutorial", "how-to", "reference")
_SERVERS: Final = "how-to/publishing"


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
        click.echo("\n".join(f"{name:<26}{text.partition(chr(10))[0].lstrip('# ')}" for name, text in pages.items()))
        return EXIT_OK
    text = pages.get(topic) or catalogue_texts().get(topic)
    if text is None:
        near = did_you_mean(topic, [*pages, *catalogue_texts()]) or "; `sitegen docs` lists the pages"
        raise UsageError(f"there is no page {topic!r}{near}")
    click.echo_via_pager(text)
    return EXIT_OK


def documentation() -> dict[str, str]:
    """Return the Markdown text of every page by its name, which is that of its file or folder.

    The examples of web servers have the names of their files.
    """
    files = [file for folder in _FOLDERS for file in sorted((bundled_folder("docs") / folder).rglob("*.md"))]
    files += [bundled_folder("docs") / "glossary.md", bundled_folder("themes") / "README.md"]
    pages = {(file.parent if file.name == "README.md" else file).stem: file.read_text("utf-8") for file in files}
    servers = (file for file in sorted((bundled_folder("docs") / _SERVERS).iterdir()) if file.suffix != ".md")
    return pages | {file.name: file.read_text("utf-8") for file in servers}
