"""Print figures about the code: `make stats`."""

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "sitegen"
NOQA: Final = re.compile(r"#\s*noqa\b")
LAYERS: Final = (
    *("cli", "preview", "importers", "publish", "check", "builder", "outputs", "theme", "site", "content", "config"),
    *("yaml_source", "util", "diagnostics"),
)
"""Packages and modules from the top down; `preview`, `importers` and `publish` are one layer."""


def unit(path: Path) -> str:
    """Return the package of a file, or the module if it is directly in `sitegen`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Return the packages of `sitegen` that a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("sitegen.")}


def figures() -> dict[str, int]:
    """Return each figure by its name. Lines include comments and blank lines."""
    sources = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in sources.items()}
    arrows: defaultdict[str, set[str]] = defaultdict(set)
    for path, tree in trees.items():
        arrows[unit(path)] |= (imported(tree) & set(LAYERS)) - {unit(path)}
    above = {name: LAYERS[:index] for index, name in enumerate(LAYERS)}
    above |= dict.fromkeys(("preview", "importers", "publish"), ("cli",))
    return {
        "Python files": len(sources),
        "Python lines": sum(text.count("\n") for text in sources.values()),
        "classes": sum(isinstance(node, ast.ClassDef) for tree in trees.values() for node in ast.walk(tree)),
        "noqa": sum(len(NOQA.findall(text)) for text in sources.values()),
        "arrows between packages": sum(len(targets) for source, targets in arrows.items() if source in LAYERS),
        "arrows upward": sum(len(targets & set(above.get(source, ()))) for source, targets in arrows.items()),
    }


if __name__ == "__main__":
    sys.stdout.writelines(f"{number:>7,}  {name}\n" for name, number in figures().items())
