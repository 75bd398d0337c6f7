"""Every code block of the documentation and of the README runs, or has a reason not to."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from sitegen.diagnostics import Severity
from tests.docs.pages import Block, blocks, documents, with_lines
from tests.project import Project
from tests.tools import REPOSITORY, command

BLOCKS: Final = [block for path in documents() for block in blocks(path)]
NOT_RUN: Final = [
    "CONTRIBUTING.md",
    "README.md",
    "README.md",
    "docs/explanation/architecture.md",
    "docs/explanation/performance.md",
    "docs/how-to/add-a-page-kind.md",
    "docs/how-to/add-a-page-kind.md",
    *["docs/how-to/build-on-several-machines.md"] * 6,
    "docs/how-to/change-the-theme.md",
    "docs/how-to/change-the-theme.md",
    "docs/how-to/check-before-you-publish.md",
    "docs/how-to/check-before-you-publish.md",
    "docs/how-to/check-before-you-publish.md",
    "docs/how-to/edit-in-a-browser.md",
    "docs/how-to/import-web-pages.md",
    "docs/how-to/importing.md",
    "docs/how-to/install.md",
    "docs/how-to/publishing/README.md",
    "docs/how-to/use-open-data.md",
    "docs/tutorial/README.md",
]
"""The pages of the blocks with a comment `not run`, which gives the reason."""

SITE: Final = """\
title: {en: Test digest}
base_url: https://test.example/
locales: [en]
theme: bare
topics: {trade: {en: Trade}, technology: {en: Technology}}
"""
FRONT: Final = """\
id: aaaaaaaa00000001
title: A title
date: 2026-07-03
lang: en
topics: [trade]
importance: 3
source: {name: A Paper, url: null, lang: en}
summary: What happened.
"""
IN_PROJECT: Final = {"missing-theme", "no-card", "unknown-setting"}
"""Errors about files and settings that the examples of `site.yaml` name."""

HOST_FOLDER: Final = "docs/how-to/publishing/"


def is_ci_definition(block: Block) -> bool:
    """Whether a block is the configuration of a CI service, which runs on its machines."""
    values: dict[str, Any] = yaml.safe_load(block.text)
    return {"jobs", "steps"} & values.keys() != set() or any("script" in value for value in values.values() if value)


def of(language: str, *labels: str) -> list[Block]:
    return [block for block in BLOCKS if block.is_run and block.language == language and block.label in labels]


SETTINGS: Final = [block for block in of("yaml", "", "site.yaml") if not is_ci_definition(block)]
RUN: Final = [
    block
    for block in BLOCKS
    if block.is_run and (block.language in {"sh", "python"}) and not block.page.startswith(HOST_FOLDER)
]
PAGES: Final = sorted({block.page for block in RUN})
SLOW: Final = dict.fromkeys(("README.md", "docs/tutorial/README.md"), pytest.mark.slow)
"""Pages whose commands build the whole example in two languages, some of them several times."""


def name(block: Block) -> str:
    return f"{block.page}:{block.line}"


def test_every_block_is_of_a_known_kind() -> None:
    paths = [block for block in BLOCKS if re.fullmatch(r"[\w.-]+(/[\w.-]+)*", block.label) and "." in block.label]
    kinds = {("sh", ""), ("python", ""), ("toml", ""), ("yaml", ""), ("yaml", "front matter"), ("markdown", "")}
    kinds |= {("text", ""), ("text", "output")}
    assert [name(block) for block in BLOCKS if block not in paths and (block.language, block.label) not in kinds] == []


def test_no_other_block_is_left_out() -> None:
    assert sorted(block.page for block in BLOCKS if not block.is_run) == NOT_RUN


@pytest.fixture(scope="session")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new digest that has been built, with an address and in which the sample has become an article."""
    root = tmp_path_factory.mktemp("docs")
    run("sitegen init digest", root)
    (sample,) = root.glob("digest/content/articles/*/*/first-article.md")
    # One language takes half of the time, and the blocks of these pages need no other.
    for file, pattern, new in (
        (root / "digest/site.yaml", "^locales:.*", "locales: [en]"),
        (root / "digest/site.yaml", "^base_url:.*", "base_url: https://digest.example/"),
        (sample, "^summary:.*", "summary: The ministry replied."),
    ):
        file.write_text(re.sub(pattern, new, file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    run("sitegen -C digest build", root)
    return root / "digest"


def run(script: str, folder: Path) -> tuple[str, Path]:
    """Run a script; return what it printed, and the folder in which it ended."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    end = folder / ".end"
    done = subprocess.run(
        [command("bash"), "-euo", "pipefail", "-c", f"{script}\npwd >'{end}'"],
        cwd=folder,
        env=os.environ | {"PATH": path, "HOME": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    ended = Path(end.read_text("utf-8").strip())
    end.unlink()
    return done.stdout, ended


@pytest.mark.parametrize("page", [pytest.param(page, marks=SLOW.get(page, ())) for page in PAGES])
def test_the_commands_of_a_page_run(page: str, digest: Path, tmp_path: Path) -> None:
    folder = tmp_path
    if page.startswith(("docs/how-to/", "docs/reference/")):
        folder = Path(shutil.copytree(digest, tmp_path / "digest"))
    output = ""
    for block in BLOCKS:
        if block.page != page or not block.is_run:
            continue
        if block in RUN:
            script = block.text if block.language == "sh" else f"'{sys.executable}' - <<'PYTHON'\n{block.text}PYTHON"
            output, folder = run(script, folder)
        elif block.label == "output":
            for line in block.text.splitlines():
                assert line.strip() in output, (line, output)
        elif block.label == "site.yaml":
            site = folder / "site.yaml"
            site.write_text(with_lines(site.read_text("utf-8"), block.text), "utf-8")
        elif "." in block.label:
            file = folder / block.label
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")


@pytest.mark.parametrize("block", SETTINGS, ids=name)
def test_the_settings_are_valid(block: Block, project: Project) -> None:
    if block.label not in {"", "site.yaml"}:
        return
    project.file("site.yaml", with_lines(SITE, block.text))
    errors = [item for item in project.build().diagnostics if item.severity is Severity.ERROR]
    assert [item for item in errors if item.code not in IN_PROJECT] == []


def test_the_front_matters_are_valid(project: Project) -> None:
    project.file("site.yaml", SITE)
    for number, block in enumerate(of("yaml", "front matter"), 1):
        front = with_lines(FRONT.replace("00000001", f"{number:08}"), block.text)
        project.file(f"content/articles/2026/07/block-{number}.md", f"---\n{front}---\n\nSome text.\n")
    for number, block in enumerate(of("markdown", ""), 1):
        project.file(f"content/articles/2026/07/whole-{number}.md", block.text)
    assert [item for item in project.build().diagnostics if item.severity is Severity.ERROR] == []


@pytest.mark.parametrize("block", of("toml", ""), ids=name)
def test_toml_can_be_parsed(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", [block for block in of("sh", "") if block.page.startswith(HOST_FOLDER)], ids=name)
def test_the_scripts_for_hosts_are_valid(block: Block) -> None:
    assert block.text.startswith("#!/bin/sh\n")
    subprocess.run([command("sh"), "-n", "-c", block.text], check=True)


def test_the_extras_exist() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    texts = "".join(path.read_text("utf-8") for path in documents())
    assert set(re.findall(r"sitegen-digest\[(\w+)\]", texts)) == extras.keys()


def test_every_relative_link_leads_to_a_file() -> None:
    for path in documents():
        prose = re.sub(r"```.*?```|`[^`\n]+`", "", path.read_text("utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", prose):
            assert (path.parent / target).exists(), (path, target)


@pytest.mark.parametrize("page", ["docs/README.md", "docs/how-to/README.md"])
def test_every_guide_is_in_the_lists(page: str) -> None:
    file = REPOSITORY / page
    linked = {(file.parent / target).resolve() for target in re.findall(r"\]\(([^)#:\s]+)\)", file.read_text("utf-8"))}
    guides = REPOSITORY.glob("docs/how-to/*.md")
    assert {guide.name for guide in guides if guide.resolve() not in linked} <= {"README.md"}
