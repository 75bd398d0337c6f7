"""The store of read articles serves and never decides: without it, damaged, or from elsewhere the site is the same."""

import pickle
import shutil
import sqlite3
from pathlib import Path

import pytest

from sitegen.build.store import STORE, open_store, unpickled
from tests.project import Project, tree


def store(project: Project) -> Path:
    return project.root / "output" / STORE


def rows(file: Path) -> dict[bytes, bytes]:
    connection = sqlite3.connect(file)
    try:
        return dict(connection.execute("SELECT key, value FROM articles"))
    finally:
        connection.close()


@pytest.fixture
def three(project: Project) -> Project:
    """Make a digest of three articles, one with a warning, and build it."""
    project.article("one", body="[two](two.md)\n\n## 経済的影響\n\n影響。\n")
    project.article("two", date="2026-07-02")
    project.article("three", date="2026-07-01", body="## 市民の声\n")
    project.built()
    return project


def test_every_article_is_kept_and_found_again(three: Project) -> None:
    before = rows(store(three))
    assert len(before) == 3
    result = three.built()
    assert result.counts.written == ()
    assert [item.code for item in result.diagnostics] == ["empty-perspective"], "a warning is kept with its article"
    assert rows(store(three)) == before


def test_what_is_read_no_more_is_dropped(three: Project) -> None:
    before = rows(store(three))
    three.article("two", date="2026-07-02", body="Edited.\n")
    (three.root / "content/articles/2026/07/three.md").unlink()
    three.built()
    after = rows(store(three))
    assert len(after) == 2
    assert len(set(before) & set(after)) == 1


def test_a_change_of_the_vocabulary_reads_every_article_anew(three: Project) -> None:
    before = rows(store(three))
    text = (three.root / "site.yaml").read_text(encoding="utf-8")
    three.file("site.yaml", text + "perspectives:\n  economic: {aliases: [Money]}\n")
    three.built()
    assert not set(before) & set(rows(store(three)))


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


def gone(file: Path) -> None:
    shutil.rmtree(file.parent)


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("harm", [damaged, truncated, other_version, emptied, gone, a_folder])
def test_a_store_that_cannot_serve_changes_nothing(three: Project, harm: object) -> None:
    before = three.tree()
    assert callable(harm)
    harm(store(three))
    result = three.built()
    assert three.tree() == before
    assert result.counts.written == ()
    assert bool(result.notes) == (harm in {damaged, truncated, other_version, a_folder})
    three.article("two", date="2026-07-02", body="Edited.\n")
    three.built()
    assert "Edited." in three.page("articles/two/index.html")
    if harm is not a_folder:
        three.built()
        assert len(rows(store(three))) == 3, "and it serves again"


def names(module: str, name: str) -> bytes:
    """Return a pickle that calls what a module names, with the text `x`."""
    return f"c{module}\n{name}\n(S'x'\ntR.".encode()


@pytest.mark.parametrize(
    "harm",
    [
        names("pathlib", "Path"),
        names("builtins", "print"),
        names("sitegen.diagnostics", "printable"),  # ours, but no value
        names("sitegen.diagnostics", "StrEnum"),  # in our module, but not ours
        names("datetime", "datetime_CAPI"),
    ],
)
def test_a_value_that_is_not_ours_is_never_made(three: Project, harm: bytes) -> None:
    """A store may come from elsewhere, and a pickle can name any function."""
    with pytest.raises(pickle.UnpicklingError, match="is not stored"):
        unpickled(harm)
    connection = sqlite3.connect(store(three))
    with connection:
        connection.execute("UPDATE articles SET value = ?", (harm,))
    connection.close()
    before = three.tree()
    three.built()
    assert three.tree() == before


def test_dotted_names_reach_nothing() -> None:
    with pytest.raises(pickle.UnpicklingError):
        unpickled(b"\x80\x04\x8c\x13sitegen.diagnostics\x8c\x0cSource.place\x93.")


def test_it_is_carried_to_another_machine_with_the_site(three: Project, tmp_path: Path) -> None:
    elsewhere = Project(tmp_path / "elsewhere")
    shutil.copytree(three.root, elsewhere.root, copy_function=shutil.copyfile)  # new times
    before = rows(store(elsewhere))
    result = elsewhere.built()
    assert result.counts.written == ()
    assert tree(elsewhere.root / "output/site") == three.tree()
    assert rows(store(elsewhere)) == before


def test_two_may_look_at_once(three: Project) -> None:
    notes: list[str] = []
    with open_store(three.root / "output", notes.append), open_store(three.root / "output", notes.append):
        assert three.built().counts.written == ()
    assert notes == []


def test_broken_articles_are_not_kept_from_being_mended(three: Project) -> None:
    three.article("two", importance="9")
    assert not three.build().ok
    assert [item.code for item in three.build().diagnostics if item.severity == "error"] == ["out-of-range"]
    three.article("two", date="2026-07-02")
    assert three.built().counts.written == ()
