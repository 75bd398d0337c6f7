"""Copy the documentation to a folder and add what is generated: `python -m docs.generate FOLDER`.

The pages of the repository are plain Markdown that reads well without Sphinx. The copy gets a table of contents for
each folder, the theme guide, the help texts of the commands, and a page for each diagnostic code. Everything below a
line `<!-- generated: NAME -->` is replaced by what is generated.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from docs.theme_guide import theme_guide

DOCS: Final = Path(__file__).parent
DIAGNOSTICS: Final = DOCS / "reference" / "diagnostics.yaml"
_MARK: Final = re.compile(r"<!-- generated: ([a-z ]+) -->\n.*", re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^)\s#]+\.md)(?=[)#])")
_FROM_ROOT: Final = ("CHANGELOG.md", "CONTRIBUTING.md")
_ORDER: Final = ("tutorial", "how-to", "reference", "explanation", "glossary.md", "decisions", *_FROM_ROOT)


def diagnostics() -> Mapping[str, Mapping[str, str]]:
    """Return the catalogue: severity, summary, place of the example, example and fix of each code."""
    catalogue: Mapping[str, Mapping[str, str]] = yaml.safe_load(DIAGNOSTICS.read_text("utf-8"))
    return catalogue


def diagnostic_page(code: str, entry: Mapping[str, str]) -> str:
    """Return the Markdown page of one code."""
    place = {"text": "In the text of an article", "command": "On import"}.get(entry["in"], f"In the {entry['in']}")
    example = entry["example"].rstrip()
    is_code = "\n" in entry["example"]
    fence = f"```text\n{example}\n```" if is_code else example
    parts = ["---\norphan: true\n---", f"# {code}", f"*{entry['severity'].capitalize()}.* {entry['summary']}"]
    if example:
        parts += ["## Example", f"{place.replace('the site.yaml', '`site.yaml`')}:", fence]
    parts += ["## Fix", entry["fix"]]
    return "\n\n".join(parts) + "\n"


def diagnostic_table() -> str:
    """Return the list of all codes, each with a link to its page."""
    rows = [
        f"| [{code}](diagnostics/{code}.md) | {entry['severity']} | {entry['summary']} |"
        for code, entry in sorted(diagnostics().items())
    ]
    return "\n".join(["| code | severity | meaning |", "| --- | --- | --- |", *rows]) + "\n"


@cache
def command_help() -> str:
    """Return the help text of `sitegen` and of each command."""
    overview = _help()
    listed = re.split(r"^commands:$", overview, flags=re.IGNORECASE | re.MULTILINE)[-1]
    commands = re.findall(r"^ {2,4}([a-z]+)  ", listed, re.MULTILINE)
    sections = [("sitegen", overview), *((f"sitegen {command}", _help(command)) for command in commands)]
    return "\n\n".join(f"## {title}\n\n```text\n{text.rstrip()}\n```" for title, text in sections) + "\n"


def _help(*command: str) -> str:
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "100"}
    words = [sys.executable, "-m", "sitegen", *command, "--help"]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout


def guide() -> str:
    """Return the theme guide without its heading."""
    return theme_guide().partition("\n")[2].lstrip()


GENERATED: Final[Mapping[str, Callable[[], str]]] = {
    "commands": command_help,
    "diagnostics": diagnostic_table,
    "theme guide": guide,
}


def generate(folder: Path) -> None:
    """Write the whole documentation to `folder`, as Sphinx reads it. Its previous content is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name in _FROM_ROOT:
        text = (DOCS.parent / name).read_text("utf-8")
        (folder / name).write_text(text.replace("](docs/", "]("), "utf-8")
    pages = folder / "reference" / "diagnostics"
    pages.mkdir()
    for code, entry in diagnostics().items():
        (pages / f"{code}.md").write_text(diagnostic_page(code, entry), "utf-8")
    for page in sorted(folder.rglob("*.md")):
        text = _MARK.sub(lambda match: GENERATED[match[1]](), page.read_text("utf-8"))
        page.write_text(_LINK.sub(_link, text).replace("```html ", "```html+jinja "), "utf-8")
    for page in sorted(folder.rglob("README.md"), reverse=True):
        index = page.rename(page.with_name("index.md"))
        contents = _contents(index.parent, _ORDER if index.parent == folder else ())
        with index.open("a", encoding="utf-8") as file:
            file.write(f"\n```{{toctree}}\n:hidden:\n\n{contents}\n```\n")


def _link(match: re.Match[str]) -> str:
    """Return a link as it is in the copy: what is outside of `docs/` is a page there, and `README.md` is `index.md`."""
    path = re.sub(r"(?:\.\./)+themes/README\.md$", "../reference/themes.md", match[1])
    path = re.sub(rf"^(?:\.\./)+({'|'.join(_FROM_ROOT)})$", r"\1", path)
    index = re.sub(r"(^|/)README\.md$", r"\1index.md", path)
    return f"]({index}"


def _contents(folder: Path, order: Sequence[str]) -> str:
    """Return the entries of a folder's table of contents: those of `order`, else all pages by name."""
    names = order or sorted(path.name for path in folder.iterdir() if path.name != "index.md")
    files = (name if name.endswith(".md") else f"{name}/index.md" for name in names)
    return "\n".join(name.removesuffix(".md") for name in files if (folder / name).is_file())


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
