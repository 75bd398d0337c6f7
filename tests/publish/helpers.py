"""Publish test projects and inspect the result."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sitegen.builder import BuildResult
from sitegen.builder.configuration import load_config
from sitegen.config.model import ProjectSettings
from sitegen.diagnostics import Diagnostic, Diagnostics
from sitegen.publish.backend import PublishRequest
from sitegen.publish.plan import Plan, TargetState
from sitegen.publish.workflow import PublishResult, publish, rollback
from tests.project import BARE, NOW, SITE, Project

ROOT: Final = Path(__file__).parents[2]
ASSET: Final = re.compile(r'"/(assets/[^"]+)"')


@dataclass(slots=True)
class FakeUI:
    """A user interface that records everything and gives a fixed answer."""

    is_terminal: bool = False
    answer: bool = True
    plans: list[Plan] = field(default_factory=list)
    states: list[TargetState] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    def show_build(self, result: BuildResult) -> None:
        assert result.ok

    def show_warnings(self, warnings: tuple[Diagnostic, ...]) -> None:
        self.warnings += warnings

    def show_plan(self, plan: Plan, state: TargetState, _where: str) -> None:
        self.plans.append(plan)
        self.states.append(state)

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer

    def file_sent(self, path: str, _size: int) -> None:
        self.sent.append(path)


def settings_of(project: Project) -> ProjectSettings:
    """Return the settings of a project; fail if it has errors."""
    diagnostics = Diagnostics()
    settings = load_config(project.root, diagnostics)
    assert settings is not None, list(diagnostics)
    assert not diagnostics.errors, list(diagnostics)
    return settings


def publish_project(
    project: Project, target: str = "out", *, ui: FakeUI | None = None, now: datetime = NOW, **options: Any
) -> PublishResult:
    """Publish, with --yes by default."""
    # The check has tests of its own; without it the others take half as long.
    options = {"yes": True, "jobs": 1, "checks": False} | options
    request = PublishRequest(project.root, now, settings=settings_of(project), target=target, **options)
    result = publish(request, ui if ui is not None else FakeUI())
    assert result.build is not None
    assert result.build.ok, result.build.diagnostics
    return result


def roll_back(project: Project, target: str = "out") -> PublishResult:
    """Roll back."""
    request = PublishRequest(project.root, NOW, settings=settings_of(project), target=target, yes=True)
    return rollback(request, FakeUI())


def command(
    project: Project, *options: str, target: str = "out", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `sitegen publish` as a user does."""
    words = [
        sys.executable,
        "-m",
        "sitegen",
        "-C",
        str(project.root),
        "publish",
        *filter(None, [target]),
        "--no-check",
        *options,
    ]
    return subprocess.run(
        words,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


def make_project(folder: Path, target: str) -> Project:
    """Create a project with the bare theme, a target called `out`, and version 1 of its articles."""
    project = Project(folder)
    project.write(SITE)
    for name, content in BARE.items():
        project.file(f"themes/bare/{name}", content)
    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8") + f"publish:\n  out: {target}\n")
    write_version(project, 1)
    return project


def write_version(project: Project, number: int, articles: int = 4) -> None:
    """Write a version number into every page and the style sheet."""
    project.file("themes/bare/static/site.css", f"body {{ margin: 0 }} /* version {number} */\n")
    base = BARE["templates/base.html"].replace("<body>", f"<body><p>version {number}</p>")
    project.file("themes/bare/templates/base.html", base)
    for index in range(articles):
        project.article(f"n{index}", title=f"Article {index}")


def broken_assets(tree: dict[str, bytes]) -> list[str]:
    """Return the assets that pages use and that are missing or of another version."""
    found = []
    for path, data in tree.items():
        if path.endswith(".html"):
            text = data.decode()
            shown = re.search(r"version \d+", text)
            for asset in ASSET.findall(text):
                if asset not in tree:
                    found.append(f"{path}: {asset} is missing")
                elif shown is not None and asset.endswith(".css") and shown[0].encode() not in tree[asset]:
                    found.append(f"{path}: {asset} is mixed")
    return found


def has_content_hash(path: str, data: bytes) -> bool:
    """Whether the name of an asset contains the hash of its content."""
    return f".{sha256(data).hexdigest()[:10]}" in path
