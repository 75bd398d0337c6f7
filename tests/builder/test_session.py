"""A build session changes no byte: every case is compared with a clean build."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pytest

from sitegen.builder import BuildRequest, BuildResult, BuildSession, build
from tests.project import EVERY_PAGE, NOW, Project, codes, lasting, tree

FOLDER: Final = "content/articles/2026/07"
TEXT: Final = "Some text.\n\n![A port.](port.png)\n\n## Economic impact\n\nMoney, see [two](two.md).\n"


class SessionBuilds:
    """Builds of one session, each with the paths that may have changed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.session = BuildSession()
        self._folder = project.root.with_name("session")

    def build(self, *paths: str, now: datetime = NOW) -> BuildResult:
        """Build after a change of `paths` (none: unknown), and compare the result with a clean build."""
        self.session.touch(frozenset(paths))
        result = build(BuildRequest(self.project.root, now, output=self._folder, jobs=1), session=self.session)
        other = self._folder.with_name("clean")
        clean = build(BuildRequest(self.project.root, now, output=other, jobs=1))
        assert (result.ok, lasting(result)) == (clean.ok, lasting(clean))
        if clean.ok:
            assert tree(result.site) == tree(clean.site)
        shutil.rmtree(other, ignore_errors=True)
        return result


@pytest.fixture
def builds(project: Project) -> SessionBuilds:
    site = (project.root / "site.yaml").read_text(encoding="utf-8")
    lines = [line for line in site.splitlines() if not line.startswith("pages_from")]
    project.file("site.yaml", "\n".join([*lines, EVERY_PAGE, "feeds: {importance: 1}", "edition: {}", ""]))
    project.file(f"{FOLDER}/port.png", b"\x89PNG of a port")
    project.article("one", title="One", body=TEXT)
    project.article("two", title="Two", date="2026-07-02", countries="[VN]", follows="one.md")
    project.file(f"{FOLDER}/two.fr.md", "---\nid: two00000\ntitle: Deux\nlang: fr\nsummary: S\n---\nTexte.\n")
    project.file("content/pages/about.md", "---\ntitle: About\nlang: en\nsummary: S\n---\nText.\n")
    project.file("content/editions/2026-07-02.md", "---\nlang: en\n---\nToday.\n")
    builds = SessionBuilds(project)
    builds.build()
    return builds


def test_an_edited_text_writes_only_the_files_that_show_it(builds: SessionBuilds) -> None:
    for number in range(3):
        builds.project.article("one", title="One", body=f"{TEXT}\nMore: {number}.\n")
        result = builds.build(f"{FOLDER}/one.md")
        shown = {
            "articles/one/index.html",
            "feed.xml",
            "data/articles/one00000.json",
        }
        assert shown <= set(result.counts.written)
        assert "topics/trade/index.html" not in result.counts.written
    builds.project.file("content/pages/about.md", "---\ntitle: About\nlang: en\nsummary: S\n---\nOther text.\n")
    builds.build("content/pages/about.md")
    builds.project.file("content/editions/2026-07-02.md", "---\nlang: en\n---\nToday, in other words.\n")
    result = builds.build("content/editions/2026-07-02.md")
    assert "editions/feed.xml" in result.counts.written
    assert "index.html" not in result.counts.written
    edit(builds, title="Another")
    written = builds.build(f"{FOLDER}/one.md").counts.written
    assert "topics/trade/index.html" in written, "a title is in many pages"


def edit(builds: SessionBuilds, **changes: str) -> str:
    builds.project.article("one", **{"title": "One", "body": TEXT} | changes)
    return f"{FOLDER}/one.md"


def put(builds: SessionBuilds, path: str, content: bytes) -> str:
    builds.project.file(path, content)
    return path


def add(builds: SessionBuilds) -> str:
    builds.project.article("three", date="2026-07-03")
    return f"{FOLDER}/three.md"


def rewrite(builds: SessionBuilds, path: str, old: str, new: str) -> str:
    file = builds.project.root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return path


def remove(builds: SessionBuilds, path: str) -> str:
    (builds.project.root / path).unlink()
    return path


CHANGES: Final[dict[str, Callable[[SessionBuilds], str]]] = {
    "a title": lambda builds: edit(builds, title="Another"),
    "a link": lambda builds: edit(builds, body=TEXT.replace("two.md", "two.md#nothing")),
    "a heading": lambda builds: edit(builds, body=TEXT + "\n## More\n\nText.\n"),
    "a picture taken out": lambda builds: edit(builds, body="No picture.\n"),
    "a picture": lambda builds: put(builds, f"{FOLDER}/port.png", b"\x89PNG of a ship"),
    "a translation": lambda builds: rewrite(builds, f"{FOLDER}/two.fr.md", "Texte.", "Autre texte."),
    "a translation's title": lambda builds: rewrite(builds, f"{FOLDER}/two.fr.md", "Deux", "Trois"),
    "a page's title": lambda builds: rewrite(builds, "content/pages/about.md", "title: About", "title: On us"),
    "a new article": add,
    "a draft": lambda builds: edit(builds, draft="true"),
    "a template": lambda builds: rewrite(builds, "themes/bare/templates/base.html", "<body>", "<body><p>New</p>"),
    "a style sheet": lambda builds: put(builds, "themes/bare/static/site.css", b"p { color: red }"),
    "the title of the site": lambda builds: rewrite(builds, "site.yaml", "Test digest", "Another digest"),
    "a mistake": lambda builds: edit(builds, importance="9"),
    "the translation's removal": lambda builds: remove(builds, f"{FOLDER}/two.fr.md"),
    "an article's removal": lambda builds: remove(builds, f"{FOLDER}/two.md"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_anything_else_gives_the_site_of_a_clean_build(builds: SessionBuilds, change: str) -> None:
    path = CHANGES[change](builds)
    builds.build(path)
    edit(builds, body=f"{TEXT}\nOne more sentence.\n")
    builds.build(f"{FOLDER}/one.md")


@pytest.mark.parametrize("slug", ["three", "four"])
def test_one_of_two_equal_texts(builds: SessionBuilds, slug: str) -> None:
    for name in ("three", "four"):
        builds.project.article(name, title=name, body="The same text.\n")
    builds.build()
    builds.project.article(slug, title=slug, body="Another text.\n")
    assert "feed.xml" in builds.build(f"{FOLDER}/{slug}.md").counts.written


def test_time_that_passes_is_seen(builds: SessionBuilds) -> None:
    builds.project.article("later", title="Later", date="2026-11-25")
    builds.build(f"{FOLDER}/later.md")
    edit(builds, body=f"{TEXT}\nOne more sentence.\n")
    builds.build(f"{FOLDER}/one.md", now=NOW + timedelta(hours=1))
    result = builds.build(f"{FOLDER}/later.md", now=NOW + timedelta(days=9))
    assert "articles/later/index.html" in result.counts.written


def test_warnings_are_repeated(builds: SessionBuilds) -> None:
    builds.project.article("empty", title="Empty", body="")
    for _ in range(2):
        assert codes(builds.build(f"{FOLDER}/empty.md")) == ["no-text", "not-shown"]
        edit(builds, body=f"{TEXT}\nOne more sentence.\n")
        assert codes(builds.build(f"{FOLDER}/one.md")) == ["no-text", "not-shown"]


def test_a_warning_names_the_present_line(builds: SessionBuilds) -> None:
    path = rewrite(builds, f"{FOLDER}/two.fr.md", "lang: fr", "# a comment\nlang: fr")
    builds.build(path)
    rewrite(builds, path, "# a comment\n", "")
    builds.build(path)


def test_a_temporary_file_changes_nothing(builds: SessionBuilds) -> None:
    before = builds.session.scan
    builds.build(f"{FOLDER}/4913", f"{FOLDER}/one.md.tmp")
    assert builds.session.scan == before


def test_a_renamed_folder(builds: SessionBuilds) -> None:
    folder = builds.project.root / FOLDER
    folder.rename(folder.with_name("08"))
    builds.build(FOLDER, "content/articles/2026/08")
    folder.with_name("08").rename(folder)
    builds.build(FOLDER, "content/articles/2026/08")


def test_the_target_of_a_link_is_scanned_each_time(builds: SessionBuilds) -> None:
    other = builds.project.file(
        "content/articles/others/linked.md", (builds.project.root / FOLDER / "one.md").read_bytes()
    )
    other.write_text(other.read_text(encoding="utf-8").replace("one00000", "linked00"), encoding="utf-8")
    other.write_text(
        other.read_text(encoding="utf-8")
        .replace("port.png", "../2026/07/port.png")
        .replace("two.md", "../2026/07/two.md")
    )
    target = other.rename(builds.project.file("content/targets/linked.md", "").parent / "linked.txt")
    (builds.project.root / "content/targets/linked.md").unlink()
    other.symlink_to(os.path.relpath(target, other.parent))
    builds.build("content/articles/others", "content/targets")
    assert builds.session.scan is None
    target.write_text(target.read_text(encoding="utf-8").replace("Some text.", "Another text."), encoding="utf-8")
    result = builds.build("content/targets/linked.txt")
    assert "articles/linked/index.html" in result.counts.written


def test_the_site_is_checked_if_the_changes_are_unknown(builds: SessionBuilds) -> None:
    page = builds.build().site / "articles/one/index.html"
    page.unlink()
    builds.build()
    assert page.is_file()
    shutil.rmtree(page.parents[3])
    edit(builds, body=f"{TEXT}\nOne more sentence.\n")
    builds.build(f"{FOLDER}/one.md")
    assert page.is_file()
