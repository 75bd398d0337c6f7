"""Another build runs between two stages of one: the final site is that of the files."""

from collections.abc import Callable
from contextlib import nullcontext
from types import ModuleType
from typing import Any, Final

import pytest

from sitegen.builder import pipeline, plan, reader
from sitegen.diagnostics import ExternalError
from tests.project import Project, article

STAGES: Final[dict[str, tuple[ModuleType, str]]] = {
    "configuration": (pipeline, "read_config"),
    "documents": (pipeline, "read_documents"),
    "prune": (reader, "_prune"),
    "site": (plan, "build_site"),
    "render": (pipeline, "open_writer"),
}
"""The first function of each stage."""


def once_at(monkeypatch: pytest.MonkeyPatch, stage: str, event: Callable[[], object]) -> None:
    """Call `event` the next time that a build reaches `stage`."""
    module, name = STAGES[stage]
    original: Callable[..., Any] = getattr(module, name)

    def reached(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(module, name, original)
        event()
        return original(*arguments, **options)

    monkeypatch.setattr(module, name, reached)


def write_one(project: Project, text: str) -> None:
    """Write the article `one`, in another folder than `two`."""
    project.file("content/articles/2026/06/one.md", article(id="onee0000", date="2026-06-01", body=text))


def page_of_one(project: Project) -> str:
    return project.page("articles/one/index.html")


@pytest.fixture
def digest(project: Project) -> Project:
    """Build two articles in two folders. Feeds have only the newer one, so the other is rendered once."""
    config = project.root / "site.yaml"
    config.write_text(f"{config.read_text()}\nfeeds: {{items: 1}}\n")
    write_one(project, "First text.\n")
    project.article("two", topics="[energy]", countries="[JP]")
    project.built()
    assert "First text." in page_of_one(project)
    return project


def test_a_build_that_fails_while_another_plans(digest: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def saved() -> None:
        write_one(digest, "Second text.\n")
        broken = digest.file("content/articles/2026/05/bad.md", "no front matter\n")
        assert not digest.build().ok
        broken.unlink()

    digest.article("two", importance="4", topics="[energy]", countries="[JP]")
    once_at(monkeypatch, "site", saved)
    digest.built()
    digest.built()
    assert "Second text." in page_of_one(digest)


@pytest.mark.parametrize(
    ("stage", "is_late"),
    [("configuration", False), ("documents", False), ("prune", True), ("site", True), ("render", True)],
)
def test_a_build_while_another_is_under_way(
    digest: Project, monkeypatch: pytest.MonkeyPatch, stage: str, *, is_late: bool
) -> None:
    def saved() -> None:
        write_one(digest, "Second text.\n")
        digest.built()

    digest.article("two", importance="4", topics="[energy]", countries="[JP]")
    once_at(monkeypatch, stage, saved)
    is_refused = pytest.raises(ExternalError, match="changed during the build; build again")
    with is_refused if is_late else nullcontext():
        digest.built()
    assert "Second text." in page_of_one(digest)
    write_one(digest, "First text.\n")
    digest.built()
    assert "First text." in page_of_one(digest)


@pytest.mark.parametrize("stage", ["configuration", "render"])
def test_a_build_of_an_edited_title_while_another_is_under_way(
    digest: Project, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """It plans nothing, so the other build is finished when it writes."""

    def saved() -> None:
        write_one(digest, "Second text.\n")
        digest.built()

    digest.article("two", title="Another title", topics="[energy]", countries="[JP]")
    once_at(monkeypatch, stage, saved)
    digest.built()
    assert "Second text." in page_of_one(digest)
    assert "Another title" in digest.page("articles/two/index.html")
    write_one(digest, "First text.\n")
    digest.built()
    assert "First text." in page_of_one(digest)
