"""Another build comes between the stages of one: what stands in the end is what the files say."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from sitegen.builder import stages
from sitegen.errors import ExternalError
from tests.project import Project, article


def once_at(monkeypatch: pytest.MonkeyPatch, stage: str, event: Callable[[], object]) -> None:
    """Let `event` happen the next time that a build comes to `stage`."""
    going_on: Callable[..., Any] = getattr(stages, stage)

    def reached(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(stages, stage, going_on)
        event()
        return going_on(*arguments, **named)

    monkeypatch.setattr(stages, stage, reached)


def write_one(project: Project, text: str) -> None:
    """Write the article `one`, in a folder of its own."""
    project.file("content/articles/2026/06/one.md", article(id="onee0000", date="2026-06-01", body=text))


def of_old(project: Project) -> str:
    return project.page("articles/one/index.html")


@pytest.fixture
def digest(project: Project) -> Project:
    """Two articles in two folders, built; the feeds have the newer one alone, so that the other is rendered once."""
    config = project.root / "site.yaml"
    config.write_text(f"{config.read_text()}\nfeeds: {{items: 1}}\n")
    write_one(project, "First text.\n")
    project.article("two", topics="[energy]", countries="[JP]")
    project.built()
    assert "First text." in of_old(project)
    return project


def test_a_build_that_reads_and_fails_while_another_plans(digest: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def saved() -> None:
        write_one(digest, "Second text.\n")
        broken = digest.file("content/articles/2026/05/bad.md", "no front matter\n")
        assert not digest.build().ok
        broken.unlink()

    digest.article("two", title="Another title", topics="[energy]", countries="[JP]")
    once_at(monkeypatch, "assemble", saved)
    digest.built()
    digest.built()
    assert "Second text." in of_old(digest)


@pytest.mark.parametrize(
    ("stage", "is_late"), [("parse_config", False), ("read", False), ("tidy", True), ("assemble", True)]
)
def test_a_whole_build_while_another_is_under_way(
    digest: Project, monkeypatch: pytest.MonkeyPatch, stage: str, *, is_late: bool
) -> None:
    def saved() -> None:
        write_one(digest, "Second text.\n")
        digest.built()

    digest.article("two", title="Another title", topics="[energy]", countries="[JP]")
    once_at(monkeypatch, stage, saved)
    refused = pytest.raises(ExternalError, match="changed while it was read; build again")
    with refused if is_late else nullcontext():
        digest.built()
    assert "Second text." in of_old(digest)
    write_one(digest, "First text.\n")
    digest.built()
    assert "First text." in of_old(digest)
