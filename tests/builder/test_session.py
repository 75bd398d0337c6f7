"""What a process keeps from one build to the next changes no byte: every case is judged by a cold build."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pytest

from sitegen.builder import BuildRequest, BuildResult, BuildSession, build
from sitegen.builder.cache import open_cache
from sitegen.builder.plan_cache import PlanCache
from tests.project import EVERY_PAGE, NOW, Project, codes, tree

FOLDER: Final = "content/articles/2026/07"
TEXT: Final = "Some text.\n\n![A port.](port.png)\n\n## Economic impact\n\nMoney, see [two](two.md).\n"


class Keeper:
    """A process that keeps its memory, and is told what may have changed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.session = BuildSession()
        self._folder = project.root.with_name("kept")

    def build(self, *paths: str, now: datetime = NOW) -> BuildResult:
        """Build after a change of `paths` (none: of anything), and compare all with a cold build."""
        self.session.touch(frozenset(paths))
        kept = build(BuildRequest(self.project.root, now, output=self._folder, jobs=1), session=self.session)
        other = self._folder.with_name("cold")
        cold = build(BuildRequest(self.project.root, now, output=other, jobs=1))
        assert (kept.ok, kept.diagnostics) == (cold.ok, cold.diagnostics)
        if cold.ok:
            assert tree(kept.site) == tree(cold.site)
        shutil.rmtree(other, ignore_errors=True)
        return kept

    def revised(self) -> bool:
        """Return whether the plan of the last build is one that was revised."""
        with open_cache(self._folder, print) as store:
            draft = PlanCache(store).load()
        assert draft is not None
        return bool(draft.edited)


@pytest.fixture
def keeper(project: Project) -> Keeper:
    site = (project.root / "site.yaml").read_text(encoding="utf-8")
    lines = [line for line in site.splitlines() if not line.startswith("pages_from")]
    project.file("site.yaml", "\n".join([*lines, EVERY_PAGE, "feeds: {importance: 1}", ""]))
    project.file(f"{FOLDER}/port.png", b"\x89PNG of a port")
    project.article("one", title="One", body=TEXT)
    project.article("two", title="Two", date="2026-07-02", countries="[VN]", follows="one.md")
    project.file(f"{FOLDER}/two.fr.md", "---\nid: two00000\ntitle: Deux\nlang: fr\nsummary: S\n---\nTexte.\n")
    project.file("content/pages/about.md", "---\ntitle: About\nlang: en\nsummary: S\n---\nText.\n")
    keeper = Keeper(project)
    keeper.build()
    return keeper


def test_an_edited_text_leaves_the_plan_as_it_is(keeper: Keeper) -> None:
    for number in range(3):
        keeper.project.article("one", title="One", body=f"{TEXT}\nMore: {number}.\n")
        result = keeper.build(f"{FOLDER}/one.md")
        shown = {
            "articles/one/index.html",
            "feed.xml",
            "data/articles/one00000.json",
        }
        assert shown <= set(result.counts.written)
        assert "topics/trade/index.html" not in result.counts.written
        assert keeper.revised()
    keeper.project.file("content/pages/about.md", "---\ntitle: About\nlang: en\nsummary: S\n---\nOther text.\n")
    keeper.build("content/pages/about.md")
    assert keeper.revised()
    edit(keeper, title="Another")
    keeper.build(f"{FOLDER}/one.md")
    assert not keeper.revised(), "a title is in many pages"


def edit(keeper: Keeper, **changes: str) -> str:
    keeper.project.article("one", **{"title": "One", "body": TEXT} | changes)
    return f"{FOLDER}/one.md"


def put(keeper: Keeper, path: str, content: bytes) -> str:
    keeper.project.file(path, content)
    return path


def add(keeper: Keeper) -> str:
    keeper.project.article("three", date="2026-07-03")
    return f"{FOLDER}/three.md"


def rewrite(keeper: Keeper, path: str, old: str, new: str) -> str:
    file = keeper.project.root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return path


def remove(keeper: Keeper, path: str) -> str:
    (keeper.project.root / path).unlink()
    return path


CHANGES: Final[dict[str, Callable[[Keeper], str]]] = {
    "a title": lambda keeper: edit(keeper, title="Another"),
    "a link": lambda keeper: edit(keeper, body=TEXT.replace("two.md", "two.md#nothing")),
    "a heading": lambda keeper: edit(keeper, body=TEXT + "\n## More\n\nText.\n"),
    "a picture taken out": lambda keeper: edit(keeper, body="No picture.\n"),
    "a picture": lambda keeper: put(keeper, f"{FOLDER}/port.png", b"\x89PNG of a ship"),
    "a translation": lambda keeper: rewrite(keeper, f"{FOLDER}/two.fr.md", "Texte.", "Autre texte."),
    "a translation's title": lambda keeper: rewrite(keeper, f"{FOLDER}/two.fr.md", "Deux", "Trois"),
    "a page's title": lambda keeper: rewrite(keeper, "content/pages/about.md", "title: About", "title: On us"),
    "a new article": add,
    "a draft": lambda keeper: edit(keeper, draft="true"),
    "a template": lambda keeper: rewrite(keeper, "themes/bare/templates/base.html", "<body>", "<body><p>New</p>"),
    "a style sheet": lambda keeper: put(keeper, "themes/bare/static/site.css", b"p { color: red }"),
    "the title of the site": lambda keeper: rewrite(keeper, "site.yaml", "Test digest", "Another digest"),
    "a mistake": lambda keeper: edit(keeper, importance="9"),
    "the translation's removal": lambda keeper: remove(keeper, f"{FOLDER}/two.fr.md"),
    "an article's removal": lambda keeper: remove(keeper, f"{FOLDER}/two.md"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_else_gives_the_site_of_a_cold_build(keeper: Keeper, change: str) -> None:
    path = CHANGES[change](keeper)
    keeper.build(path)
    edit(keeper, body=f"{TEXT}\nOne more sentence.\n")
    keeper.build(f"{FOLDER}/one.md")


def test_time_that_passes_is_seen(keeper: Keeper) -> None:
    keeper.project.article("later", title="Later", date="2026-11-25")
    keeper.build(f"{FOLDER}/later.md")
    edit(keeper, body=f"{TEXT}\nOne more sentence.\n")
    keeper.build(f"{FOLDER}/one.md", now=NOW + timedelta(hours=1))
    assert keeper.revised()
    result = keeper.build(f"{FOLDER}/later.md", now=NOW + timedelta(days=9))
    assert "articles/later/index.html" in result.counts.written


def test_a_warning_is_said_again(keeper: Keeper) -> None:
    keeper.project.article("empty", title="Empty", body="")
    for _ in range(2):
        assert codes(keeper.build(f"{FOLDER}/empty.md")) == ["no-text", "not-shown"]
        edit(keeper, body=f"{TEXT}\nOne more sentence.\n")
        assert codes(keeper.build(f"{FOLDER}/one.md")) == ["no-text", "not-shown"]


def test_a_warning_whose_line_has_moved_is_about_the_line_of_today(keeper: Keeper) -> None:
    path = rewrite(keeper, f"{FOLDER}/two.fr.md", "lang: fr", "# a comment\nlang: fr")
    keeper.build(path)
    rewrite(keeper, path, "# a comment\n", "")
    keeper.build(path)


def test_a_file_that_came_and_went_is_none(keeper: Keeper) -> None:
    before = keeper.session.found
    keeper.build(f"{FOLDER}/4913", f"{FOLDER}/one.md.tmp")
    assert keeper.session.found == before


def test_a_folder_that_is_renamed_takes_its_articles_along(keeper: Keeper) -> None:
    folder = keeper.project.root / FOLDER
    folder.rename(folder.with_name("08"))
    keeper.build(FOLDER, "content/articles/2026/08")
    folder.with_name("08").rename(folder)
    keeper.build(FOLDER, "content/articles/2026/08")


def test_a_file_that_a_link_leads_to_is_looked_at_each_time(keeper: Keeper) -> None:
    other = keeper.project.file(
        "content/articles/others/linked.md", (keeper.project.root / FOLDER / "one.md").read_bytes()
    )
    other.write_text(other.read_text(encoding="utf-8").replace("one00000", "linked00"), encoding="utf-8")
    other.write_text(
        other.read_text(encoding="utf-8")
        .replace("port.png", "../2026/07/port.png")
        .replace("two.md", "../2026/07/two.md")
    )
    kept = other.rename(keeper.project.file("content/kept/linked.md", "").parent / "linked.txt")
    (keeper.project.root / "content/kept/linked.md").unlink()
    other.symlink_to(os.path.relpath(kept, other.parent))
    keeper.build("content/articles/others", "content/kept")
    assert keeper.session.found is None
    kept.write_text(kept.read_text(encoding="utf-8").replace("Some text.", "Another text."), encoding="utf-8")
    result = keeper.build("content/kept/linked.txt")
    assert "articles/linked/index.html" in result.counts.written


def test_the_site_is_looked_at_where_nobody_says_what_changed(keeper: Keeper) -> None:
    page = keeper.build().site / "articles/one/index.html"
    page.unlink()
    keeper.build()
    assert page.is_file()
    shutil.rmtree(page.parents[3])
    edit(keeper, body=f"{TEXT}\nOne more sentence.\n")
    keeper.build(f"{FOLDER}/one.md")
    assert page.is_file()
