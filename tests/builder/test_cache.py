"""The content cache changes no byte: without it, damaged, or from another machine the site is the same."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.builder.cache import open_cache
from sitegen.util.hashing import encode
from tests.builder.cache_helpers import (
    CHECKSUM_BYTES,
    WithChecksum,
    alter,
    cache_file,
    cached_documents,
    cached_texts,
    rows,
    swap,
)
from tests.builder.process_probe import probe_process
from tests.project import BARE, NOW, Project, tree


@pytest.fixture
def three(project: Project) -> Project:
    """Make a digest of three articles, one with a warning, and build it."""
    project.article("one", body="[two](two.md)\n\n## 経済的影響\n\n影響。\n")
    project.article("two", date="2026-07-02")
    project.article("three", date="2026-07-01", body="## 市民の声\n")
    project.built()
    return project


def test_every_article_is_cached(three: Project) -> None:
    before, texts_before = cached_documents(three), cached_texts(three)
    assert list(before) == ["one.md", "three.md", "two.md"]
    hashes = {document.text for _, document in before.values()}
    assert hashes == texts_before.keys()
    assert len(hashes) == 3
    result = three.built()
    assert result.counts.written == ()
    assert [item.code for item in result.diagnostics] == ["empty-perspective"], "a warning is cached with its article"
    assert [document for _, document in cached_documents(three).values()] == [d for _, d in before.values()]
    assert cached_texts(three) == texts_before


def test_an_unchanged_article_is_not_parsed_again(three: Project) -> None:
    """What the cache stores about it is used, whether it is true or not."""

    def renamed(documents: bytes) -> WithChecksum:
        data = documents[CHECKSUM_BYTES:]
        assert b"A title" in data
        return WithChecksum(data.replace(b"A title", b"B title"))

    alter(three, "folders", "documents", renamed)
    shutil.rmtree(three.root / "output/site")
    three.article("two", date="2026-07-02", title="Edited", body="Edited.\n")
    assert probe_process(three).code == 0
    assert "B title" in three.page("articles/one/index.html")
    assert "Edited" in three.page("articles/two/index.html")


def test_texts_that_are_gone_are_dropped(three: Project) -> None:
    before = cached_texts(three)
    three.article("two", date="2026-07-02", body="Edited.\n")
    (three.root / "content/articles/2026/07/three.md").unlink()
    three.built()
    assert list(cached_documents(three)) == ["one.md", "two.md"]
    after = cached_texts(three)
    assert len(after) == 2
    assert len(set(before) & set(after)) == 1


def test_a_removed_folder_is_dropped(three: Project) -> None:
    three.file("content/articles/2026/08/four.md", (three.root / "content/articles/2026/07/two.md").read_text("utf-8"))
    shutil.rmtree(three.root / "content/articles/2026/07")
    three.built()
    assert list(cached_documents(three)) == ["four.md"]
    assert len(cached_texts(three)) == 1
    shutil.rmtree(three.root / "content/articles")
    three.built()
    assert cached_documents(three) == {}
    assert cached_texts(three) == {}


def test_a_text_that_two_articles_share(three: Project) -> None:
    """One text has one row, so it may be dropped with one article and is then parsed again for the other."""
    other = (three.root / "content/articles/2026/07/two.md").read_text("utf-8").replace("id: two", "id: four")
    three.file("content/articles/2026/08/four.md", other)
    three.built()
    assert len(cached_texts(three)) == 3
    three.article("two", date="2026-07-02", body="Edited.\n")
    three.built()
    page = three.root / "output/site/articles/four/index.html"
    expected = page.read_bytes()
    page.unlink()
    assert three.built().counts.written == ("articles/four/index.html",)
    assert page.read_bytes() == expected


def test_a_change_of_the_content_schema_parses_every_article_again(three: Project) -> None:
    text = (three.root / "site.yaml").read_text(encoding="utf-8")
    three.file("site.yaml", text + "perspectives:\n  economic: {aliases: [Money]}\n")
    (before,) = rows(three, "SELECT schema FROM folders")
    seen = probe_process(three)
    assert seen.code == 0, seen.errors
    assert {path for path in seen.read if path.endswith(".md")} == {
        f"content/articles/2026/07/{name}.md" for name in ("one", "two", "three")
    }
    (after,) = rows(three, "SELECT schema FROM folders")
    assert before != after
    three.article("two", date="2026-07-02", body="## Money\n\nText.\n")
    three.built()
    assert 'id="economic"' in three.page("articles/two/index.html")


def test_a_content_schema_that_gives_another_meaning_to_the_same_text(three: Project) -> None:
    three.article("two", date="2026-07-02", body="## Money\n\nText.\n")
    three.built()
    assert 'id="economic"' not in three.page("articles/two/index.html")
    text = (three.root / "site.yaml").read_text(encoding="utf-8")
    three.file("site.yaml", text + "perspectives:\n  economic: {aliases: [Money]}\n")
    three.built()
    assert 'id="economic"' in three.page("articles/two/index.html")
    named = {document.text for _, document in cached_documents(three).values() if document.text is not None}
    assert cached_texts(three).keys() == named, "the earlier text is dropped"


def damaged(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:6000])


def other_version(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def missing(file: Path) -> None:
    shutil.rmtree(file.parent)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("harm", [damaged, truncated, other_version, emptied, missing, a_folder])
def test_an_unusable_cache_changes_nothing(three: Project, harm: Callable[[Path], None]) -> None:
    before = three.tree()
    harm(cache_file(three))
    result = three.built()
    assert three.tree() == before
    assert result.counts.written == ()
    assert bool(result.notes) == (harm in {damaged, truncated, other_version, a_folder})
    three.article("two", date="2026-07-02", body="Edited.\n")
    three.built()
    assert "Edited." in three.page("articles/two/index.html")
    if harm is not a_folder:
        three.built()
        assert len(cached_documents(three)) == 3, "it is usable again"


COLUMNS: Final = (
    ("folders", "states"),
    ("folders", "schema"),
    ("folders", "documents"),
    ("texts", "value"),
    ("meta", "value"),
)


def flipped(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


def cut(value: bytes) -> bytes:
    return value[: len(value) // 2]


def nothing(_value: bytes) -> bytes:
    return b""


def a_number(_value: bytes) -> int:
    return 7


def a_text(_value: bytes) -> str:
    return "x"


def no_messagepack(_value: bytes) -> WithChecksum:
    return WithChecksum(b"\xc1")


def another_type(_value: bytes) -> WithChecksum:
    return WithChecksum(encode([1, ["a", None], b"c"]))


@pytest.mark.parametrize("harm", [flipped, cut, nothing, a_number, a_text, no_messagepack, another_type])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_an_unusable_row_changes_nothing(
    three: Project, table: str, column: str, harm: Callable[[bytes], object]
) -> None:
    before = three.tree()
    assert alter(three, table, column, harm)
    assert three.built().counts.written == ()
    assert three.tree() == before
    alter(three, table, column, harm)
    for path in ("articles/one/index.html", "feed.xml"):
        (three.root / "output/site" / path).unlink()
    assert three.built().counts.written == ("articles/one/index.html", "feed.xml")
    assert three.tree() == before


@pytest.mark.parametrize("harm", [flipped, a_number, another_type])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_text_is_edited_right_whatever_is_cached_documents(
    three: Project, table: str, column: str, harm: Callable[[bytes], object]
) -> None:
    assert alter(three, table, column, harm)
    for number in range(2):
        three.article("two", date="2026-07-02", body=f"Edited {number}.\n")
        built = three.built()
        assert "articles/two/index.html" in built.counts.written
        cold = three.root.with_name(f"cold{number}")
        assert build(BuildRequest(three.root, NOW, output=cold, jobs=1)).ok
        assert three.tree() == tree(cold / "site")


@pytest.mark.parametrize(
    ("table", "column"), [("folders", "states"), ("folders", "documents"), ("texts", "value"), ("meta", "value")]
)
def test_values_in_the_wrong_rows_are_not_used(three: Project, table: str, column: str) -> None:
    text = (three.root / "content/articles/2026/07/three.md").read_text()
    (three.root / "content/articles/2026/07/three.md").unlink()
    three.file("content/articles/2026/06/three.md", text)
    three.built()
    with open_cache(three.root / "output", pytest.fail) as cache:
        cache.set_meta("another fact", 1)
    assert swap(three, table, column) > 1
    three.file("themes/bare/templates/article.html", BARE["templates/article.html"] + "{# again #}\n")
    three.article("two", date="2026-07-02", body="Edited.\n")
    three.built()
    cold = three.root.with_name("cold")
    assert build(BuildRequest(three.root, NOW, output=cold, jobs=1)).ok
    assert three.tree() == tree(cold / "site")


@pytest.mark.parametrize("harm", [flipped, another_type])
def test_unusable_texts_with_two_processes(three: Project, harm: Callable[[bytes], object]) -> None:
    before = three.tree()
    assert alter(three, "texts", "value", harm) == 3
    shutil.rmtree(three.root / "output/site")
    result = three.build(jobs=2)
    assert (result.ok, len(result.counts.written)) == (True, len(before))
    assert three.tree() == before


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_an_unusable_row_is_written_again(three: Project, table: str, column: str) -> None:
    def known() -> object:  # without file status: it may prove more the second time
        return {
            name: (state.hash, document) for name, (state, document) in cached_documents(three).items()
        }, cached_texts(three)

    before = known()
    alter(three, table, column, flipped)
    shutil.rmtree(three.root / "output/site")
    three.built()
    assert known() == before


@pytest.mark.parametrize("table", ["folders", "texts", "meta"])
def test_an_empty_or_missing_table_changes_nothing(three: Project, table: str) -> None:
    before = three.tree()
    for statement in (f"DELETE FROM {table}", f"DROP TABLE {table}"):  # noqa: S608 - names of a test
        connection = sqlite3.connect(cache_file(three))
        with connection:
            connection.execute(statement)
        connection.close()
        (three.root / "output/site/articles/one/index.html").unlink()
        assert three.built().counts.written == ("articles/one/index.html",)
        assert three.tree() == before
        three.article("two", date="2026-07-02", body="Edited.\n")
        three.built()
        assert "Edited." in three.page("articles/two/index.html")
        three.article("two", date="2026-07-02")
        three.built()
        assert three.tree() == before


def test_the_cache_is_usable_on_another_machine(three: Project, tmp_path: Path) -> None:
    elsewhere = Project(tmp_path / "elsewhere")
    shutil.copytree(three.root, elsewhere.root, copy_function=shutil.copyfile)  # new times

    def contents() -> object:  # without the states of files, which are new if their times are not too recent
        documents = {name: document for name, (_, document) in cached_documents(elsewhere).items()}
        return documents, cached_texts(elsewhere)

    before = contents()
    result = elsewhere.built()
    assert result.counts.written == ()
    assert tree(elsewhere.root / "output/site") == three.tree()
    assert contents() == before


def test_the_cache_can_be_opened_twice(three: Project) -> None:
    notes: list[str] = []
    with open_cache(three.root / "output", notes.append), open_cache(three.root / "output", notes.append):
        assert three.built().counts.written == ()
    assert notes == []


def test_an_article_can_be_fixed_after_an_error(three: Project) -> None:
    three.article("two", importance="9")
    assert not three.build().ok
    assert [item.code for item in three.build().diagnostics if item.severity == "error"] == ["out-of-range"]
    three.article("two", date="2026-07-02")
    assert three.built().counts.written == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has %LOCALAPPDATA%")
def test_a_relative_folder_of_caches_is_ignored(three: Project) -> None:
    three.article("two", date="2026-07-02", body="Edited.\n")
    environment = {**os.environ, "XDG_CACHE_HOME": "relative", "HOME": str(three.root.with_name("home"))}
    subprocess.run([sys.executable, "-m", "sitegen", "build"], cwd=three.root, env=environment, check=True)
    assert not (three.root / "relative").exists()
    assert list(three.root.with_name("home").glob(".cache/sitegen/templates/theme-*"))
