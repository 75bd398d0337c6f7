"""The layers of the program: imports point downwards, and the pure packages have no effects."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("content", "outputs", "site")
PURE: Final = tuple(sorted(file for package in PACKAGES for file in (ROOT / "sitegen" / package).rglob("*.py")))
_CALLS: Final = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint", "globals"}
_METHODS: Final = {
    "now",
    "today",
    "utcnow",
    "fromtimestamp",
    "utcfromtimestamp",
    "getenv",
    "urandom",
    "read_text",
    "write_text",
}
_EFFECTS: Final = """
os io pathlib time random secrets uuid subprocess socket ssl sqlite3 threading asyncio multiprocessing shutil
tempfile glob sys logging http ctypes signal select mmap pickle shelve locale getpass platform concurrent importlib
urllib.request urllib.error builtins
"""
_MODULES: Final = frozenset(_EFFECTS.split())


def effects(tree: ast.AST) -> list[str]:
    """Return every call and import of a module that a pure package may not have, with its line."""
    found = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [f"import {alias.name}" for alias in node.names if _forbidden(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            names = [f"import {name}" for name in whole if _forbidden(name)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
            names = [f"{node.func.id}()"]
        elif isinstance(node, ast.Attribute) and node.attr in _METHODS:
            names = [f".{node.attr}"]
        elif isinstance(node, ast.Global):
            names = [f"global {name}" for name in node.names]
        found += [f"{getattr(node, 'lineno', 0)}: {name}" for name in names]
    return found


def _forbidden(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in _MODULES)


@pytest.mark.parametrize("file", PURE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_pure_packages_have_no_effects(file: Path) -> None:
    assert effects(ast.parse(file.read_text("utf-8"))) == []


def test_the_pure_packages_exist() -> None:
    assert {file.relative_to(ROOT / "sitegen").parts[0] for file in PURE} == set(PACKAGES)
    assert len(PURE) > 40


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "import os.path",
        "from os import environ",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import concurrent.futures",
        "def f():\n    import time",
        "open('x')",
        "print(1)",
        "eval('1')",
        "datetime.now()",
        "datetime.now(UTC)",
        "date.today()",
        "clock = datetime.utcnow",
        "x = lambda: datetime.now(UTC)",
        "def f():\n    global x",
    ],
)
def test_effects_are_detected(text: str) -> None:
    assert len(effects(ast.parse(text))) >= 1


def test_pure_code_has_no_effects() -> None:
    assert (
        effects(ast.parse("from urllib.parse import quote\nimport re\nfrom posixpath import join\nre.compile('a')"))
        == []
    )


def test_imports_point_downwards() -> None:
    lint = shutil.which("lint-imports", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert lint is not None, "import-linter is a development dependency"
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout
