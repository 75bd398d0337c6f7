"""Update the generated pages, and copy the documentation with more of them: `python -m docs.generate [FOLDER]`.

The pages of the repository are plain Markdown that reads well without Sphinx. The copy gets a table of contents for
each folder, the theme guide, the help texts of the commands, and a page for each diagnostic code. Everything below a
line `<!-- generated: NAME -->` is replaced by what is generated.
"""

import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from inspect import Parameter, getdoc, isfunction, signature
from pathlib import Path
from typing import Any, Final

import yaml

from docs.theme_guide import theme_guide
from sitegen.cli.main import COMMANDS, sitegen
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.view_builder import ViewBuilder

DOCS: Final = Path(__file__).parent
COMMANDS_PAGE: Final = DOCS / "reference" / "commands.md"
PAGE_KIND_PAGE: Final = DOCS / "how-to" / "add-a-page-kind.md"
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
    part = entry["in"].removeprefix("checked ")
    place = {"text": "In the text of an article", "command": "On import"}.get(part, f"In the {part}")
    example = entry["example"].rstrip()
    is_code = "\n" in entry["example"]
    fence = f"```text\n{example}\n```" if is_code else example
    parts = ["---\norphan: true\n---", f"# {code}", f"*{entry['severity'].capitalize()}.* {entry['summary']}"]
    if "why" in entry:
        parts += ["## Why", entry["why"]]
    if example and part == "check":
        parts += ["## Example", fence]
    elif example:
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
    options: dict[str, Any] = {"resilient_parsing": True, "terminal_width": 100}
    program = sitegen.make_context("sitegen", [], **options)
    commands = {name: sitegen.get_command(program, name) for name in COMMANDS}
    contexts = [program, *(item.make_context(name, [], program, **options) for name, item in commands.items() if item)]
    return "\n".join(f"## {item.command_path}\n\n```text\n{item.get_help().rstrip()}\n```\n" for item in contexts)


def page_kind_help() -> str:
    """Return the tables of what `plan` and `view` of a page kind can use."""
    tables = []
    for name, offered in (("planner", LocalePlanner), ("builder", ViewBuilder)):
        rows = [f"| `{name}.{_call(key, value)}` | {_summary(value)} |" for key, value in vars(offered).items()]
        shown = [row for row in rows if not row.startswith(f"| `{name}._")]
        tables.append("\n".join([f"| `{name}` | |", "| --- | --- |", *shown]))
    return "\n\n".join(tables) + "\n"


def _call(name: str, value: object) -> str:
    if not isfunction(value):
        return name
    marks: dict[object, str] = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}
    names = [f"{marks.get(item.kind, '')}{item.name}" for item in signature(value).parameters.values()]
    return f"{name}({', '.join(names[1:])})"


def _summary(value: object) -> str:
    text = (getdoc(value) or "").partition("\n")[0].removeprefix("Return ")
    return text[:1].upper() + text[1:]


def with_generated(page: Path) -> str:
    """Return a page of the repository with what is generated below its mark."""
    return _MARK.sub(
        lambda match: f"{match[0].partition(chr(10))[0]}\n{GENERATED[match[1]]()}", page.read_text("utf-8")
    )


def update() -> None:
    """Write the generated pages of the repository."""
    for page in (COMMANDS_PAGE, PAGE_KIND_PAGE):
        page.write_text(with_generated(page), "utf-8")
    (DOCS.parent / "themes" / "README.md").write_text(theme_guide(), "utf-8")


def guide() -> str:
    """Return the theme guide without its heading."""
    return theme_guide().partition("\n")[2].lstrip()


GENERATED: Final[Mapping[str, Callable[[], str]]] = {
    "commands": command_help,
    "page kinds": page_kind_help,
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
    path = path.replace("../docs/", "../")  # in the theme guide, which is next to `docs/`
    index = re.sub(r"(^|/)README\.md$", r"\1index.md", path)
    return f"]({index}"


def _contents(folder: Path, order: Sequence[str]) -> str:
    """Return the entries of a folder's table of contents: those of `order`, else all pages by name."""
    names = order or sorted(path.name for path in folder.iterdir() if path.name != "index.md")
    files = (name if name.endswith(".md") else f"{name}/index.md" for name in names)
    return "\n".join(name.removesuffix(".md") for name in files if (folder / name).is_file())


if __name__ == "__main__":
    update()
    for argument in sys.argv[1:]:
        generate(Path(argument))
