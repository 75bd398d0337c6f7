"""The house rules: contracts of imports, a generated guide that is true, a repository that speaks of itself alone."""

import ast
import subprocess
import sys

from docs.generate import COMMANDS_PAGE, PAGE_KIND_PAGE, with_generated
from docs.theme_guide import theme_guide
from sitegen.util.version import program_hash
from tests.tools import REPOSITORY

BIN = REPOSITORY / ".venv" / "bin"


def test_the_page_of_the_commands_has_their_options() -> None:
    for page in (COMMANDS_PAGE, PAGE_KIND_PAGE):
        assert page.read_text("utf-8") == with_generated(page), "run `make docs`"


def test_the_theme_guide_is_what_the_views_say() -> None:
    assert (REPOSITORY / "themes" / "README.md").read_text(encoding="utf-8") == theme_guide()


def test_the_top_level_holds_only_what_it_shall() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    top = {line.split("/")[0] for line in listed.splitlines()}
    folders = {"sitegen", "content", "themes", "tests", "docs"}
    documents = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
    tools = {"pyproject.toml", "site.yaml", "Makefile", ".ci", ".gitignore", ".pre-commit-config.yaml"}
    assert top - {".github"} == folders | documents | tools


def test_no_field_hides_the_type_of_an_annotation() -> None:
    """Python 3.14 evaluates annotations after the class body (PEP 649), where `date: date` is the field itself."""
    hidden = []
    for file in sorted(REPOSITORY.glob("sitegen/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                fields = [line for line in node.body if isinstance(line, ast.AnnAssign)]
                names = {field.target.id for field in fields if isinstance(field.target, ast.Name)}
                types = (part for field in fields for part in ast.walk(field.annotation) if isinstance(part, ast.Name))
                hidden += [f"{file}:{part.lineno}: {part.id}" for part in types if part.id in names]
    assert not hidden


def test_the_program_hash_is_the_same_in_another_process() -> None:
    code = "from sitegen.util.version import program_hash; print(program_hash().hex())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == program_hash().hex()
