"""What a preview keeps from one build to the next."""

import gc
from datetime import UTC, datetime

from sitegen.outputs import views
from sitegen.preview.rebuild import Rebuilder
from tests.project import Project

_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def cards() -> list[str]:
    """Return the titles of all cards that the process still holds."""
    gc.collect()
    return [
        it.title
        for it in gc.get_objects()
        if isinstance(it, views.ArticleSummary) and it.title.startswith("Kept number")
    ]


def test_what_was_made_for_an_article_is_forgotten_with_its_text(project: Project) -> None:
    for number in range(5):
        project.article(f"n{number}", id=f"number-{number}", title=f"Kept number {number}")
    path = next(
        file.relative_to(project.root).as_posix() for file in (project.root / "content/articles").rglob("n3.md")
    )
    rebuilder = Rebuilder(project.root, lambda: _NOW, drafts=False)
    assert rebuilder.rebuild(frozenset()).changed
    for edit in range(20):
        project.article("n3", id="number-3", title=f"Kept number 3, edited {edit}")
        assert rebuilder.rebuild(frozenset({path})).changed
    edited = {title for title in cards() if "edited" in title}
    assert edited <= {"Kept number 3, edited 18", "Kept number 3, edited 19"}
