"""Publishes for real, and looks at what came of it."""

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
from sitegen.diagnostics import Diagnostics
from sitegen.publish import Plan, PublishRequest, PublishResult, Standing, publish, rollback
from tests.project import BARE, NOW, SITE, Project

ROOT: Final = Path(__file__).parents[2]
ASSET: Final = re.compile(r'"/(assets/[^"]+)"')


@dataclass(slots=True)
class Desk:
    """An editor who looks at everything and, where asked, says what was agreed."""

    terminal: bool = False
    answer: bool = True
    plans: list[Plan] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def built(self, result: BuildResult) -> None:
        assert result.ok

    def show(self, plan: Plan, standing: Standing, _where: str) -> None:
        self.plans.append(plan)
        self.standings.append(standing)

    def ask(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer

    def begin(self, _files: int, _size: int) -> None: ...

    def progress(self, path: str, _size: int) -> None:
        self.sent.append(path)

    def end(self) -> None: ...


def settings_of(project: Project) -> ProjectSettings:
    """Return the settings of a project; fail where it has errors."""
    diagnostics = Diagnostics()
    settings = load_config(project.root, diagnostics)
    assert settings is not None, list(diagnostics)
    assert not diagnostics.errors, list(diagnostics)
    return settings


def publishing(
    project: Project, target: str = "out", *, desk: Desk | None = None, now: datetime = NOW, **options: Any
) -> PublishResult:
    """Publish with --yes, unless the options say otherwise."""
    settings = settings_of(project)
    request = PublishRequest(
        project.root,
        settings.config,
        target,
        now,
        settings.targets,
        **({"yes": True, "jobs": 1, "now_given": True} | options),
    )
    result = publish(request, desk if desk is not None else Desk())
    assert result.build is not None
    assert result.build.ok, result.build.diagnostics
    return result


def rolled_back(project: Project, target: str = "out") -> PublishResult:
    """Roll back."""
    settings = settings_of(project)
    return rollback(PublishRequest(project.root, settings.config, target, NOW, settings.targets, yes=True), Desk())


def command(
    project: Project, *options: str, target: str = "out", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `sitegen publish` as a user does."""
    words = [sys.executable, "-m", "sitegen", "-C", str(project.root), "publish", target, *options]
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


def digest(folder: Path, target: str) -> Project:
    """Make a digest with the bare theme, one target called `out`, and version 1 of its articles."""
    project = Project(folder)
    project.write(SITE)
    for name, content in BARE.items():
        project.file(f"themes/bare/{name}", content)
    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8") + f"publish:\n  out: {target}\n")
    version(project, 1)
    return project


def version(project: Project, number: int, articles: int = 4) -> None:
    """Let every page and the style sheet say which version they are of."""
    project.file("themes/bare/static/site.css", f"body {{ margin: 0 }} /* version {number} */\n")
    base = BARE["templates/base.html"].replace("<body>", f"<body><p>version {number}</p>")
    project.file("themes/bare/templates/base.html", base)
    for index in range(articles):
        project.article(f"n{index}", title=f"Article {index}")


def dangling(tree: dict[str, bytes]) -> list[str]:
    """Return what the pages of a tree name and what is not there, or is another version than theirs."""
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


def named_right(path: str, data: bytes) -> bool:
    """Whether an asset's name tells its content."""
    return f".{sha256(data).hexdigest()[:10]}" in path


def site_of(project: Project) -> dict[str, bytes]:
    """Return what was built."""
    return project.tree()
