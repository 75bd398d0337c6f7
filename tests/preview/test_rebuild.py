"""Memory of a preview between two rebuilds."""

import gc
from datetime import UTC, datetime

from sitegen.builder import BuildRequest, BuildSession
from sitegen.outputs import views
from sitegen.preview.rebuild import RebuildResult, rebuild
from tests.project import Project

_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def titles_in_memory() -> list[str]:
    """Return the titles of all article summaries that the process still holds."""
    gc.collect()
    return [
        it.title
        for it in gc.get_objects()
        if isinstance(it, views.ArticleSummary) and it.title.startswith("Kept number")
    ]


def test_summaries_of_edited_articles_are_released(project: Project) -> None:
    for number in range(5):
        project.article(f"n{number}", id=f"number-{number}", title=f"Kept number {number}")
    path = next(
        file.relative_to(project.root).as_posix() for file in (project.root / "content/articles").rglob("n3.md")
    )
    session = BuildSession()

    def rebuild_after(*changed: str) -> RebuildResult:
        session.touch(frozenset(changed))
        return rebuild(BuildRequest(project.root, _NOW, output=project.root / "output" / "preview"), session)

    assert rebuild_after().changed
    for edit in range(20):
        project.article("n3", id="number-3", title=f"Kept number 3, edited {edit}")
        assert rebuild_after(path).changed
    edited = {title for title in titles_in_memory() if "edited" in title}
    assert edited <= {"Kept number 3, edited 18", "Kept number 3, edited 19"}
