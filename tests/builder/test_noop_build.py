"""A build with nothing to do stops after the scan, and every change that could matter is seen.

Every case is compared with a clean build. `is_noop` returns whether anything was planned, so that each test of a change
starts from a project whose next build would have nothing to do.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.builder.cache import open_cache
from sitegen.builder.executor import Pool
from sitegen.builder.inputs import detect_changes
from sitegen.builder.reader import read_documents
from sitegen.builder.run import BuildRun
from sitegen.builder.scan import scan
from sitegen.cli import main
from sitegen.diagnostics import Diagnostics
from tests.builder.cache_helpers import alter, cached_documents, rows
from tests.builder.process_probe import LIBRARIES, probe_process
from tests.content.parsing import CONTENT_SCHEMA
from tests.project import BARE, NOW, SITE, Project, article, codes, only, tree

FOLDER: Final = "content/articles/2026/07"


@pytest.fixture
def two(project: Project) -> Project:
    """Make a digest of two articles, build it, and see that the next build has nothing to do."""
    project.article("one", title="One", body="Some text.\n")
    project.article("two", title="Two", date="2026-07-02", countries="[VN]")
    project.built()
    assert is_noop(project.built())
    return project


def is_noop(result: BuildResult) -> bool:
    """Return whether a build found nothing to do: then nothing was planned."""
    return result.ok and not dict(result.seconds)["plan"]


def clean_tree(project: Project, *, now: datetime = NOW, drafts: bool = False) -> dict[str, bytes]:
    """Build a copy of the sources in an empty folder, and return its tree."""
    copy = Project(project.root.with_name("clean"))
    shutil.rmtree(copy.root, ignore_errors=True)
    shutil.copytree(project.root, copy.root, ignore=shutil.ignore_patterns("output"), symlinks=True)
    result = copy.build(now=now, drafts=drafts)
    assert result.ok, result.diagnostics
    return copy.tree()


def assert_matches_clean_build(project: Project, *, now: datetime = NOW, drafts: bool = False) -> BuildResult:
    """Build, and compare the tree with that of a clean build."""
    result = project.build(now=now, drafts=drafts)
    assert result.ok, result.diagnostics
    managed = {path: data for path, data in project.tree().items() if path not in result.counts.unmanaged}
    assert managed == clean_tree(project, now=now, drafts=drafts)
    return result


def wait_until_stable(project: Project) -> None:
    """Wait until the status of every file in the content folder is old enough to prove that it is unchanged."""
    found = scan(project.root, Diagnostics())
    while not all(file.stat.is_stable(time.time_ns()) for file in found.files.values()):
        time.sleep(0.02)


def overwrite_in_place(file: Path, text: str) -> None:
    """Write other bytes of the same number into a file, and put its time back."""
    before = file.stat()
    data = text.encode()
    assert len(data) == before.st_size
    assert data != file.read_bytes()
    with file.open("r+b") as stream:
        stream.write(data)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


# --- cost ----------------------------------------------------------------------------------------------------


def test_a_build_with_nothing_to_do_imports_no_library(project: Project) -> None:
    project.article("one")
    first = probe_process(project)
    assert (first.code, first.libraries) == (0, LIBRARIES)
    second = probe_process(project)
    assert (second.code, second.libraries) == (0, frozenset()), second.errors
    assert "0 files written" in second.output
    project.article("one", body="Edited.\n")
    assert probe_process(project).libraries == LIBRARIES


def test_unchanged_files_are_not_opened(project: Project) -> None:
    file = project.article("one")
    name = file.relative_to(project.root).as_posix()
    soon = time.time() + 3600  # however slow the machine is
    os.utime(file, (soon, soon))
    assert name in probe_process(project).read
    assert [state.stat for state, _ in cached_documents(project).values()] == [None], "a recent status proves nothing"
    assert name in probe_process(project).read
    os.utime(file)
    wait_until_stable(project)
    assert name in probe_process(project).read
    assert all(state.stat is not None for state, _ in cached_documents(project).values())
    last = probe_process(project)
    assert last.libraries == frozenset()
    assert not {path for path in last.read if path.startswith(("content/", "output/site/"))}
    file.touch()
    touched = probe_process(project)
    assert touched.libraries == frozenset()
    assert name in touched.read


def test_counts_of_a_build_with_nothing_to_do(two: Project) -> None:
    two.article("draft", draft="true", date="2026-07-04")
    first = two.built()
    again = two.built()
    assert is_noop(again)
    assert (
        (again.articles, again.held_back.total, again.site)
        == (first.articles, first.held_back.total, first.site)
        == (
            2,
            1,
            two.root / "output/site",
        )
    )
    assert again.counts.unchanged == len(two.tree())
    assert again.counts.written == again.counts.removed == ()


# --- articles ---------------------------------------------------------------------------------------------------------


def test_an_edit_of_the_same_size_at_once_is_seen(two: Project) -> None:
    """The status of a file that changed within the resolution of its time proves nothing."""
    file = two.root / FOLDER / "one.md"
    for word in ("Same", "Some", "Sane"):
        overwrite_in_place(file, file.read_text("utf-8").replace(file.read_text("utf-8")[-11:-7], word))
        assert "articles/one/index.html" in assert_matches_clean_build(two).counts.written
        assert word in two.page("articles/one/index.html")


def test_an_edit_of_the_same_size_and_time_is_seen_later_too(two: Project) -> None:
    wait_until_stable(two)
    assert is_noop(two.built())
    assert all(state.stat is not None for state, _ in cached_documents(two).values())
    file = two.root / FOLDER / "one.md"
    overwrite_in_place(file, file.read_text("utf-8").replace("Some text", "Same text"))
    assert "articles/one/index.html" in assert_matches_clean_build(two).counts.written


def test_a_replaced_file_is_seen(two: Project) -> None:
    """The new file has the size and the time of the old one, as a copy that keeps times has."""
    wait_until_stable(two)
    assert is_noop(two.built())
    file = two.root / FOLDER / "one.md"
    status = file.stat()
    other = two.root / "other"
    other.write_text(file.read_text("utf-8").replace("Some text", "Same text"), encoding="utf-8")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(file)
    assert "articles/one/index.html" in assert_matches_clean_build(two).counts.written


class _Slow(ThreadPoolExecutor):
    """Returns results only when the status of every file is old enough."""

    def __init__(self, project: Project) -> None:
        super().__init__(1)
        self._project = project

    def submit(self, work: Any, /, *arguments: Any, **options: Any) -> Any:
        future = super().submit(work, *arguments, **options)
        wait_until_stable(self._project)
        return future


def test_a_status_that_was_recent_when_the_file_was_read_proves_nothing_later(project: Project) -> None:
    """The file may have been changed again within the resolution of its time, however long the build takes."""
    ahead = time.time_ns() + 1_000_000_000
    os.utime(project.article("one"), ns=(ahead, ahead))
    found = scan(project.root, Diagnostics())
    notes: list[str] = []
    with open_cache(project.root / "output", notes.append) as cache, _Slow(project) as slow:
        inputs = detect_changes(found, cache, b"", (), drafts=False)
        run = BuildRun(BuildRequest(project.root, NOW), inputs, cache)
        read_documents(run, CONTENT_SCHEMA, Pool(lambda: slow, 1))
    assert notes == []
    assert [state.stat for state, _ in cached_documents(project).values()] == [None]


@pytest.mark.parametrize("old", [False, True])
def test_a_touched_file_writes_nothing(two: Project, *, old: bool) -> None:
    if old:
        wait_until_stable(two)
        two.built()
    before = rows(two, "SELECT name, value FROM meta")
    for file in (two.root / FOLDER).iterdir():
        data = file.read_bytes()
        file.unlink()
        file.write_bytes(data)
    result = assert_matches_clean_build(two)
    assert is_noop(result)
    assert rows(two, "SELECT name, value FROM meta") == before


@pytest.mark.parametrize(
    "edit",
    [
        lambda two: two.article("new", date="2026-07-05"),
        lambda two: (two.root / FOLDER / "one.md").unlink(),
        lambda two: (two.root / FOLDER / "one.md").rename(two.root / FOLDER / "moved.md"),
        lambda two: shutil.rmtree(two.root / "content/articles"),
        lambda two: two.article("one", title="One", body="Some text.\n", draft="true"),
        lambda two: two.file("site.yaml", SITE.split("-- site.yaml --\n")[1].replace("Test", "Best")),
        lambda two: two.file("site.yaml", SITE.split("-- site.yaml --\n")[1].replace("[en]", "[en, ja]")),
    ],
)
def test_an_edit_is_seen(two: Project, edit: Callable[[Project], object]) -> None:
    edit(two)
    assert assert_matches_clean_build(two).counts.written
    assert is_noop(two.built())


def test_a_folder_with_another_name_is_seen(two: Project) -> None:
    (two.root / FOLDER).rename(two.root / "content/articles/2026/08")
    assert not is_noop(assert_matches_clean_build(two))
    assert is_noop(two.built())


def test_two_swapped_articles_are_seen(two: Project) -> None:
    folder = two.root / FOLDER
    (folder / "one.md").rename(folder / "x.md")
    (folder / "two.md").rename(folder / "one.md")
    (folder / "x.md").rename(folder / "two.md")
    assert {"articles/one/index.html", "articles/two/index.html"} <= set(assert_matches_clean_build(two).counts.written)


def test_a_reverted_edit_is_seen(two: Project) -> None:
    before = two.tree()
    for _ in range(2):
        two.article("one", title="One", body="Other text.\n")
        assert assert_matches_clean_build(two).counts.written
        two.article("one", title="One", body="Some text.\n")
        assert assert_matches_clean_build(two).counts.written
        assert two.tree() == before


# --- the clock --------------------------------------------------------------------------------------------------------


def test_an_article_appears_and_expires_though_no_file_changed(two: Project) -> None:
    two.article("due", date="2026-07-05", publish="2026-12-01", expire="2026-12-10")
    two.article("later", date="2027-01-01")
    seen = []
    days = [NOW + timedelta(days=days) for days in (0, 1, 8, 9, 17, 18, 40, 60)]
    for now in (*days, *reversed(days), days[0], days[-1], days[3]):
        assert_matches_clean_build(two, now=now)
        seen.append(tuple(name for name in ("due", "later") if f"articles/{name}/index.html" in two.tree()))
    assert set(seen) == {(), ("due",), ("later",)}


def test_an_entry_of_the_calendar_appears_on_its_day(two: Project) -> None:
    two.file("content/calendar.yaml", "- {at: 2027-05-01, text: {en: An event}, added: 2026-11-20}\n")
    for days, shown in ((0, True), (-4, False), (0, True)):
        assert_matches_clean_build(two, now=NOW + timedelta(days=days))
        assert ("calendar.ics" in two.tree()) == shown


def test_articles_appear_and_expire_to_the_second(two: Project) -> None:
    two.article("due", date="2026-07-05", publish="2026-12-01T09:00:00+09:00", expire="2026-12-10T09:00:00+09:00")
    appears, expires = (datetime.fromisoformat(f"2026-12-{day}T00:00:00+00:00") for day in ("01", "10"))
    second = timedelta(seconds=1)
    page = two.root / "output/site/articles/due/index.html"
    for now, shown in (
        (appears - second, False),
        (appears, True),
        (expires - second, True),
        (expires, False),
        (expires - second, True),
        (appears, True),
        (appears - second, False),
        (expires, False),
        (appears - second, False),
    ):
        assert_matches_clean_build(two, now=now)
        assert page.exists() == shown, now


def test_between_two_transitions_there_is_nothing_to_do(two: Project) -> None:
    two.article("due", date="2026-07-05", publish="2026-12-01", expire="2026-12-10")
    assert not is_noop(two.build(now=NOW))
    assert is_noop(two.build(now=NOW + timedelta(days=5)))
    assert is_noop(two.build(now=NOW - timedelta(days=100)))
    assert not is_noop(two.build(now=NOW + timedelta(days=9)))
    assert is_noop(two.build(now=NOW + timedelta(days=10)))
    assert not is_noop(two.build(now=NOW + timedelta(days=1000)))
    assert is_noop(two.build(now=NOW + timedelta(days=9000)))
    before_all = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    result = two.build(now=before_all)
    assert (is_noop(result), result.articles, result.held_back.total) == (False, 0, 3)
    assert is_noop(two.build(now=before_all))
    assert assert_matches_clean_build(two).articles == 2


def test_drafts_and_back(two: Project) -> None:
    two.article("draft", date="2026-07-05", draft="true")
    two.article("later", date="2027-01-01")
    assert assert_matches_clean_build(two).articles == 2
    shown = assert_matches_clean_build(two, drafts=True)
    assert (shown.articles, is_noop(two.build(drafts=True))) == (4, True)
    assert assert_matches_clean_build(two).articles == 2
    assert is_noop(two.built())
    assert assert_matches_clean_build(two, drafts=True, now=NOW + timedelta(days=400)).articles == 4


def test_a_link_to_an_article_that_expires(two: Project) -> None:
    """The clock alone causes the error."""
    two.article("two", title="Two", date="2026-07-02", expire="2026-12-10")
    two.article("one", title="One", body="[two](two.md)\n")
    before = assert_matches_clean_build(two)
    result = two.build(now=NOW + timedelta(days=40))
    assert (result.ok, codes(result)) == (False, ["hidden-link"])
    assert two.build(now=NOW + timedelta(days=40)).diagnostics == result.diagnostics
    assert two.built().articles == before.articles


# --- pictures, the theme ----------------------------------------------------------------------------------------------


def test_a_picture_replaced_by_one_of_the_same_size(two: Project) -> None:
    picture = two.file(f"{FOLDER}/m.png", b"first")
    two.article("one", title="One", body="![m](m.png)\n")
    assert_matches_clean_build(two)
    for text in ("again", "third"):
        overwrite_in_place(picture, text)
        assert sum(path.endswith(".png") for path in assert_matches_clean_build(two).counts.written) == 1
    wait_until_stable(two)
    assert_matches_clean_build(two)
    assert is_noop(two.built())
    overwrite_in_place(picture, "fifth")
    assert sum(path.endswith(".png") for path in assert_matches_clean_build(two).counts.written) == 1
    wait_until_stable(two)
    assert_matches_clean_build(two)
    assert is_noop(two.built())
    picture.unlink()
    assert codes(two.build()) == ["dead-link"]
    picture.write_bytes(b"fifth")
    assert assert_matches_clean_build(two).counts.written == ()


def test_a_picture_behind_a_link(two: Project) -> None:
    picture = two.root / FOLDER / "m.png"
    for name in ("a", "b"):
        two.file(f"content/{name}.png", name)
    picture.symlink_to("../../../a.png")
    two.article("one", title="One", body="![m](m.png)\n")
    wait_until_stable(two)
    assert_matches_clean_build(two)
    assert is_noop(two.built())
    picture.unlink()
    picture.symlink_to("../../../b.png")
    assert sum(path.endswith(".png") for path in assert_matches_clean_build(two).counts.written) == 1


CSS, LIST, ABOUT, WORDS = "static/site.css", "templates/list.html", "theme.yaml", "locale/en.yaml"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CSS, BARE[CSS].replace("0", "1")),
        (CSS, BARE[CSS].replace("0", "none")),
        ("static/other.css", "a {}\n"),
        (LIST, BARE[LIST].replace("h2", "h3")),
        (LIST, BARE[LIST].replace("<h2>", "<h2 id='x'>")),
        ("templates/topic.html", '{% extends "base.html" %}\n'),
    ],
)
def test_an_edit_of_the_theme_is_seen(two: Project, path: str, text: str) -> None:
    file = two.root / "themes/bare" / path
    if file.exists() and file.stat().st_size == len(text):
        overwrite_in_place(file, text)
    else:
        two.file(f"themes/bare/{path}", text)
    result = assert_matches_clean_build(two)
    assert result.counts.written
    assert is_noop(two.built())


def test_a_changed_message_is_seen(two: Project) -> None:
    two.file(f"themes/bare/{WORDS}", BARE[WORDS] + "word: First\n")
    two.file(f"themes/bare/{LIST}", BARE[LIST] + "{% block word %}{{ label('word') }}{% endblock %}")
    two.file("themes/bare/templates/base.html", BARE["templates/base.html"] + "{% block word %}{% endblock %}")
    assert_matches_clean_build(two)
    assert "First" in two.page("index.html")
    overwrite_in_place(two.root / "themes/bare" / WORDS, BARE[WORDS] + "word: Third\n")
    assert "index.html" in assert_matches_clean_build(two).counts.written
    assert "Third" in two.page("index.html")


def test_another_parent_of_the_theme_is_seen(two: Project) -> None:
    for name, word in (("first", "One"), ("other", "Two")):
        for path, text in BARE.items():
            two.file(
                f"themes/{name}/{path}", text.replace("name: bare", f"name: {name}").replace("<h1>", f"<h1>{word}")
            )
    shutil.rmtree(two.root / "themes/bare")
    two.file("themes/bare/theme.yaml", "name: bare\ncontract: 2\nparent: first\n")
    assert_matches_clean_build(two)
    assert is_noop(two.built())
    assert "<h1>One" in two.page("articles/one/index.html")
    overwrite_in_place(two.root / "themes/bare/theme.yaml", "name: bare\ncontract: 2\nparent: other\n")
    assert "articles/one/index.html" in assert_matches_clean_build(two).counts.written
    assert "<h1>Two" in two.page("articles/one/index.html")
    assert is_noop(two.built())
    file = two.root / "themes/other/templates/article.html"
    overwrite_in_place(file, file.read_text("utf-8").replace("<h1>Two", "<h1>Too"))
    assert "articles/one/index.html" in assert_matches_clean_build(two).counts.written


def test_a_theme_of_the_site_comes_before_a_bundled_one(two: Project) -> None:
    two.file("site.yaml", SITE.split("-- site.yaml --\n")[1].replace("theme: bare", "theme: default"))
    assert_matches_clean_build(two)
    assert is_noop(two.built())
    for path, text in BARE.items():
        two.file(f"themes/default/{path}", text.replace("name: bare", "name: default"))
    assert "index.html" in assert_matches_clean_build(two).counts.written


@pytest.mark.parametrize(("path", "text"), [(ABOUT, "name: [\n"), (LIST, "{% if %}"), (WORDS, "count: {{\n")])
def test_a_theme_that_breaks_and_is_fixed(two: Project, path: str, text: str) -> None:
    before = two.tree()
    two.file(f"themes/bare/{path}", text)
    assert [two.build().ok, two.build().ok] == [False, False]
    assert two.tree() == before
    two.file(f"themes/bare/{path}", BARE[path])
    assert assert_matches_clean_build(two).counts.written == ()
    assert is_noop(two.built())


# --- the written site ---------------------------------------------------------------------------------------------

PAGE: Final = "articles/one/index.html"


def edited(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"x")


def same_size(file: Path) -> None:
    file.write_bytes(b"x" * file.stat().st_size)


def deleted(file: Path) -> None:
    file.unlink()


def linked(file: Path) -> None:
    other = file.parents[4] / "elsewhere.html"
    other.write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(other)


def folder_gone(file: Path) -> None:
    shutil.rmtree(file.parent)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("harm", [edited, same_size, deleted, linked, folder_gone, a_folder])
def test_altered_files_of_the_site_are_restored(two: Project, harm: Callable[[Path], None]) -> None:
    before = two.tree()
    file = two.root / "output/site" / PAGE
    harm(file)
    result = two.built()
    assert result.counts.written == (PAGE,)
    assert (two.tree(), file.is_symlink()) == (before, False)
    assert is_noop(two.built())


def test_a_removed_site_is_restored(two: Project) -> None:
    before = two.tree()
    shutil.rmtree(two.root / "output/site")
    assert len(two.built().counts.written) == len(before)
    assert two.tree() == before
    (two.root / "output/manifest.json").unlink()
    assert two.built().counts.written == ()
    assert is_noop(two.built())
    assert two.tree() == before


def test_a_file_of_the_site_with_another_time(two: Project) -> None:
    """A copied site is recognized by its bytes once, then by its times."""
    file = two.root / "output/site" / PAGE
    os.utime(file, (1, 1))
    assert assert_matches_clean_build(two).counts.written == ()
    assert file.stat().st_mtime == 1
    assert is_noop(two.built())
    file.write_bytes(b"x" * file.stat().st_size)
    assert assert_matches_clean_build(two).counts.written == (PAGE,)


def test_an_older_manifest(two: Project) -> None:
    """The output folder is restored from a backup without its cache, or only the manifest is."""
    manifest = two.root / "output/manifest.json"
    old = manifest.read_bytes()
    two.article("one", title="Edited")
    new = two.built()
    assert new.counts.written
    manifest.write_bytes(old)
    assert_matches_clean_build(two)
    assert is_noop(two.built())


def test_an_unmanaged_file_of_a_lost_manifest_is_reported(two: Project) -> None:
    """Without the manifest the page is unmanaged: it is left alone and reported."""
    assert two.built().counts.unmanaged == ()
    (two.root / "output/manifest.json").unlink()
    (two.root / FOLDER / "one.md").unlink()
    result = two.built()
    assert "articles/one/index.html" in result.counts.unmanaged
    managed = {path: data for path, data in two.tree().items() if path not in result.counts.unmanaged}
    assert managed == clean_tree(two)


def test_two_output_folders_have_a_cache_each(two: Project, tmp_path: Path) -> None:
    two.article("later", date="2027-01-01")
    here, there = two.root / "output", tmp_path / "there"
    early, late = NOW, NOW + timedelta(days=100)
    for _ in range(2):
        first = build(BuildRequest(two.root, early, output=here, jobs=1))
        second = build(BuildRequest(two.root, late, output=there, jobs=1))
        assert (first.articles, second.articles) == (2, 3)
    assert is_noop(first)
    assert is_noop(second)
    assert "articles/later/index.html" not in tree(here / "site")
    assert "articles/later/index.html" in tree(there / "site")
    shutil.copyfile(there / "cache/content.sqlite3", here / "cache/content.sqlite3")
    assert assert_matches_clean_build(two).articles == 2


# --- findings ---------------------------------------------------------------------------------------------------------


def test_warnings_are_reported_again_and_stop_a_strict_build(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    two.article("warned", date="2026-07-05", body="## 市民の声\n")
    first = two.built()
    again = two.built()
    assert is_noop(again)
    assert again.diagnostics == first.diagnostics
    assert [(d.code, d.location.excerpt) for d in again.diagnostics] == [("empty-perspective", "## 市民の声")]
    before = two.tree()
    for _ in range(2):
        strict = two.build(strict=True)
        assert (strict.ok, strict.diagnostics, strict.counts.written) == (False, first.diagnostics, ())
    assert two.tree() == before
    assert is_noop(two.built())
    capsys.readouterr()
    command = ["-C", str(two.root), "build", "--now", NOW.isoformat(), "--format", "json"]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert main(command) == 0
    strip = slice(0, shown.index('"seconds"'))
    assert capsys.readouterr().out[strip] == shown[strip]
    assert main([*command, "--strict"]) == 1
    two.article("warned", date="2026-07-05")
    assert two.build(strict=True).ok
    assert is_noop(two.build(strict=True))


def dead_link(root: Path) -> None:
    (root / FOLDER / "dead").symlink_to("nowhere")


def outside(root: Path) -> None:
    (root / "content/outside").symlink_to("/")


def loop(root: Path) -> None:
    (root / "content/loop").symlink_to(root / "content")


def article_folder(root: Path) -> None:
    (root / FOLDER / "folder.md").mkdir()


def pipe(root: Path) -> None:
    os.mkfifo(root / FOLDER / "pipe")


def too_large(root: Path) -> None:
    (root / FOLDER / "large.md").write_bytes(b"x" * (2 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (dead_link, "dead-symlink"),
        (outside, "symlink-outside"),
        (loop, "symlink-loop"),
        (article_folder, "not-a-file"),
        (pipe, "not-a-file"),
        (too_large, "file-too-large"),
    ],
)
def test_findings_of_the_scan_are_reported_again(two: Project, harm: Callable[[Path], None], code: str) -> None:
    """They concern files that are not read at all."""
    before = two.tree()
    harm(two.root)
    for _ in range(2):
        result = two.build()
        assert (result.ok, codes(result)) == (False, [code])
    assert two.tree() == before


def test_a_removed_content_folder(project: Project) -> None:
    project.built()
    assert is_noop(project.built())
    (project.root / "content").rmdir()
    assert codes(project.build()) == ["no-content"]
    (project.root / "content").mkdir()
    assert project.built().ok


@pytest.mark.parametrize("path", ["content/README.md", f"{FOLDER}/LARGE.MD"])
def test_a_warning_of_the_scan_comes_and_goes(two: Project, path: str) -> None:
    two.file(path, "text")
    for _ in range(2):
        assert codes(two.built()) == ["not-read"]
    assert not two.build(strict=True).ok
    (two.root / path).unlink()
    assert codes(two.built()) == []
    assert two.build(strict=True).ok


def test_a_removed_site_yaml(two: Project) -> None:
    before = two.tree()
    text = (two.root / "site.yaml").read_bytes()
    (two.root / "site.yaml").unlink()
    result = two.build()
    assert not result.ok
    assert len(result.diagnostics) == 1
    two.file("site.yaml", b"\xff")
    assert not two.build().ok
    two.file("site.yaml", text)
    assert assert_matches_clean_build(two).counts.written == ()
    assert two.tree() == before


@pytest.mark.parametrize(
    ("code", "name", "changes", "line"),
    [
        ("dead-link", "one", {"body": "Text.\n\nSee [that](gone.md).\n"}, "See [that](gone.md)."),
        ("dead-link", "one", {"body": "Text.\n\n![m](gone.png)\n"}, "![m](gone.png)"),
        ("dead-link", "one", {"body": "Text.\n\nSee [that](/gone/).\n"}, "See [that](/gone/)."),
        ("dead-link", "one", {"follows": "gone.md"}, "follows: gone.md"),
        ("dead-fragment", "one", {"body": "Text.\n\n- [that](two.md#none)\n"}, "- [that](two.md#none)"),
        ("hidden-link", "one", {"body": "Text. [draft](hidden.md)\n"}, "Text. [draft](hidden.md)"),
        ("duplicate-id", "two", {"id": "same0000"}, "id: same0000"),
        ("duplicate-slug", "two", {"slug": "same"}, "slug: same"),
        ("alias-collision", "one", {"aliases": "[/old/, /articles/two/]"}, "aliases: [/old/, /articles/two/]"),
    ],
)
def test_a_finding_between_files_shows_its_line(
    two: Project, code: str, name: str, changes: dict[str, str], line: str
) -> None:
    """It does so whether the article was parsed now or comes from the cache, which does not store lines."""
    two.article("hidden", draft="true")
    two.article("same", date="2026-06-01")
    own = article(**{"id": f"{name}00000", "title": name.title()} | changes)
    two.file(f"{FOLDER}/{name}.md", own)
    text = (two.root / FOLDER / f"{name}.md").read_text("utf-8")
    for _ in range(2):
        result = two.build()
        assert not result.ok
        location = only(result, code).location
        assert location.path == f"{FOLDER}/{name}.md"
        assert location.excerpt == line
        assert text.split("\n")[location.line - 1] == line
        assert 1 <= location.column <= len(line)
    two.article("apart", date="2026-05-01")
    assert only(two.build(), code).location == location


def test_a_finding_in_a_circle_shows_the_line_of_each(two: Project) -> None:
    two.article("one", follows="two.md")
    two.article("two", follows="one.md")
    for _ in range(2):
        locations = [item.location for item in two.build().diagnostics if item.code == "circular-thread"]
        assert [location.excerpt for location in locations] == ["follows: two.md", "follows: one.md"]


def test_a_finding_far_into_a_long_line_shows_its_surroundings(two: Project) -> None:
    two.article("one", body=f"{'word ' * 60}[that](gone.md) {'word ' * 60}\n")
    location = only(two.build(), "dead-link").location
    assert location.excerpt[location.column - 1 - location.excerpt_start :].startswith("gone.md) word")


def test_the_line_is_printed(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    two.article("one", body="Text.\n\nSee [that](gone.md).\n")
    assert main(["-C", str(two.root), "build", "--now", NOW.isoformat()]) == 1
    shown = capsys.readouterr().err
    assert "See [that](gone.md)." in shown
    assert "^" in shown


# --- an unusable record of the last build -----------------------------------------------------------------------------


def test_an_older_record_of_the_last_build_is_not_used(two: Project) -> None:
    """A build was killed after the commit and the sources were put back: the site is not that of the record."""
    (old,) = rows(two, "SELECT value FROM meta WHERE name = 'last_build'")
    two.article("one", title="Edited")
    two.built()
    alter(two, "meta", "value", lambda _new: old[0])
    assert assert_matches_clean_build(two).counts.written == ()
    alter(two, "meta", "value", lambda _new: old[0])
    two.article("one", title="One", body="Some text.\n")
    assert "articles/one/index.html" in assert_matches_clean_build(two).counts.written
    assert is_noop(two.built())


@pytest.mark.parametrize("back", [False, True])
def test_a_kill_between_the_commit_and_its_record_does_no_harm(two: Project, *, back: bool) -> None:
    assert probe_process(two).libraries == frozenset()
    (old,) = rows(two, "SELECT value FROM meta WHERE name = 'last_build'")
    two.article("one", title="Edited")
    killed = probe_process(two, kill=True)
    assert killed.code == -signal.SIGKILL, killed.errors
    assert "Edited" in two.page("articles/one/index.html"), "it was committed"
    assert rows(two, "SELECT value FROM meta WHERE name = 'last_build'") == [old], "it was not recorded"
    if back:
        two.article("one", title="One", body="Some text.\n")
    assert bool(assert_matches_clean_build(two).counts.written) == back
    assert is_noop(two.built())


def test_a_failed_build_keeps_the_record_of_the_last_one(two: Project) -> None:
    two.article("one", importance="9")
    assert not two.build().ok
    two.article("one", title="One", body="Some text.\n")
    assert is_noop(assert_matches_clean_build(two))
