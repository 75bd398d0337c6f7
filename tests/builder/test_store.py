"""The store of read articles serves and never decides: without it, damaged, or from elsewhere the site is the same."""

import pickle
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.builder.cache import open_cache, unpickled
from tests.builder.observed import observed
from tests.builder.stores import Sealed, alter, kept, rows, store, swap, texts
from tests.project import BARE, NOW, Project, tree


@pytest.fixture
def three(project: Project) -> Project:
    """Make a digest of three articles, one with a warning, and build it."""
    project.article("one", body="[two](two.md)\n\n## 経済的影響\n\n影響。\n")
    project.article("two", date="2026-07-02")
    project.article("three", date="2026-07-01", body="## 市民の声\n")
    project.built()
    return project


def test_every_article_is_kept_and_found_again(three: Project) -> None:
    before, texts_before = kept(three), texts(three)
    assert list(before) == ["one.md", "three.md", "two.md"]
    digests = {head.article.text for _, head in before.values() if head.article is not None}
    assert digests == texts_before.keys()
    assert len(digests) == 3
    result = three.built()
    assert result.counts.written == ()
    assert [item.code for item in result.diagnostics] == ["empty-perspective"], "a warning is kept with its article"
    assert {name: head for name, (_, head) in kept(three).items()} == {name: head for name, (_, head) in before.items()}
    assert texts(three) == texts_before


def test_an_article_that_is_as_it_was_is_not_understood_again(three: Project) -> None:
    """What the store says of it is taken, be it true or not."""

    def renamed(heads: bytes) -> Sealed:
        data = heads[16:]
        assert b"A title" in data
        return Sealed(data.replace(b"A title", b"B title"))

    alter(three, "shelves", "heads", renamed)
    shutil.rmtree(three.root / "output/site")
    three.article("two", date="2026-07-02", title="Edited", body="Edited.\n")
    assert observed(three).code == 0
    assert "B title" in three.page("articles/one/index.html")
    assert "Edited" in three.page("articles/two/index.html")


def test_what_is_read_no_more_is_dropped(three: Project) -> None:
    before = texts(three)
    three.article("two", date="2026-07-02", body="Edited.\n")
    (three.root / "content/articles/2026/07/three.md").unlink()
    three.built()
    assert list(kept(three)) == ["one.md", "two.md"]
    after = texts(three)
    assert len(after) == 2
    assert len(set(before) & set(after)) == 1


def test_a_folder_that_is_gone_is_dropped(three: Project) -> None:
    three.file("content/articles/2026/08/four.md", (three.root / "content/articles/2026/07/two.md").read_text("utf-8"))
    shutil.rmtree(three.root / "content/articles/2026/07")
    three.built()
    assert list(kept(three)) == ["four.md"]
    assert len(texts(three)) == 1
    shutil.rmtree(three.root / "content/articles")
    three.built()
    assert kept(three) == {}
    assert texts(three) == {}


def test_a_text_that_two_articles_share_is_there_for_the_other(three: Project) -> None:
    """One text, one row: it may be dropped with one article, and is then read again for the other."""
    other = (three.root / "content/articles/2026/07/two.md").read_text("utf-8").replace("id: two", "id: four")
    three.file("content/articles/2026/08/four.md", other)
    three.built()
    assert len(texts(three)) == 3
    three.article("two", date="2026-07-02", body="Edited.\n")
    three.built()
    page = three.root / "output/site/articles/four/index.html"
    right = page.read_bytes()
    page.unlink()
    assert three.built().counts.written == ("articles/four/index.html",)
    assert page.read_bytes() == right


def test_a_change_of_the_vocabulary_reads_every_article_anew(three: Project) -> None:
    text = (three.root / "site.yaml").read_text(encoding="utf-8")
    three.file("site.yaml", text + "perspectives:\n  economic: {aliases: [Money]}\n")
    (before,) = rows(three, "SELECT base FROM shelves")
    seen = observed(three)
    assert seen.code == 0, seen.errors
    assert {path for path in seen.read if path.endswith(".md")} == {
        f"content/articles/2026/07/{name}.md" for name in ("one", "two", "three")
    }
    (after,) = rows(three, "SELECT base FROM shelves")
    assert before != after
    three.article("two", date="2026-07-02", body="## Money\n\nText.\n")
    three.built()
    assert 'id="economic"' in three.page("articles/two/index.html")


def test_a_vocabulary_that_reads_the_same_text_otherwise(three: Project) -> None:
    three.article("two", date="2026-07-02", body="## Money\n\nText.\n")
    three.built()
    assert 'id="economic"' not in three.page("articles/two/index.html")
    text = (three.root / "site.yaml").read_text(encoding="utf-8")
    three.file("site.yaml", text + "perspectives:\n  economic: {aliases: [Money]}\n")
    three.built()
    assert 'id="economic"' in three.page("articles/two/index.html")
    named = {head.article.text for _, head in kept(three).values() if head.article is not None}
    assert texts(three).keys() == named, "and what the text was before is dropped"


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
        assert len(kept(three)) == 3, "and it serves again"


def names(module: str, name: str) -> bytes:
    """Return a pickle that calls what a module names, with the text `x`."""
    return f"c{module}\n{name}\n(S'x'\ntR.".encode()


COLUMNS = (("shelves", "marks"), ("shelves", "base"), ("shelves", "heads"), ("texts", "value"), ("memo", "value"))
SHEETS = (*COLUMNS, ("sheets", "seal"), ("sheets", "value"))


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
def test_a_value_that_is_not_ours_is_never_made(harm: bytes) -> None:
    """A store may come from elsewhere, and a pickle can name any function."""
    with pytest.raises(pickle.UnpicklingError, match="is not stored"):
        unpickled(harm)


def turned(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])


def cut(value: bytes) -> bytes:
    return value[: len(value) // 2]


def nothing(_value: bytes) -> bytes:
    return b""


def a_number(_value: bytes) -> int:
    return 7


def a_text(_value: bytes) -> str:
    return "x"


def no_pickle(_value: bytes) -> Sealed:
    return Sealed(b"no pickle")


def not_ours(_value: bytes) -> Sealed:
    return Sealed(names("pathlib", "Path"))


def another_value(_value: bytes) -> Sealed:
    return Sealed(pickle.dumps((1, ("a", None), b"c"), protocol=5))


@pytest.mark.parametrize("harm", [turned, cut, nothing, a_number, a_text, no_pickle, not_ours, another_value])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_row_that_cannot_serve_changes_nothing(
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


@pytest.mark.parametrize("harm", [turned, a_number, not_ours])
@pytest.mark.parametrize(("table", "column"), SHEETS)
def test_a_text_is_edited_right_whatever_is_kept(
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


@pytest.mark.parametrize(("table", "column"), [("shelves", "marks"), ("shelves", "heads"), *SHEETS[3:]])
def test_values_in_each_others_rows_are_not_taken(three: Project, table: str, column: str) -> None:
    text = (three.root / "content/articles/2026/07/three.md").read_text()
    (three.root / "content/articles/2026/07/three.md").unlink()
    three.file("content/articles/2026/06/three.md", text)
    three.built()
    assert swap(three, table, column) > 1
    three.file("themes/bare/templates/article.html", BARE["templates/article.html"] + "again\n")
    three.article("two", date="2026-07-02", body="Edited.\n")
    three.built()
    cold = three.root.with_name("cold")
    assert build(BuildRequest(three.root, NOW, output=cold, jobs=1)).ok
    assert three.tree() == tree(cold / "site")


@pytest.mark.parametrize("harm", [turned, not_ours])
def test_texts_that_cannot_serve_two_processes(three: Project, harm: Callable[[bytes], object]) -> None:
    before = three.tree()
    assert alter(three, "texts", "value", harm) == 3
    shutil.rmtree(three.root / "output/site")
    result = three.build(jobs=2)
    assert (result.ok, len(result.counts.written)) == (True, len(before))
    assert three.tree() == before


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_row_that_could_not_serve_does_so_again(three: Project, table: str, column: str) -> None:
    def known() -> object:  # without stamps: they may prove more the second time
        return {name: (mark.digest, head) for name, (mark, head) in kept(three).items()}, texts(three)

    before = known()
    alter(three, table, column, turned)
    shutil.rmtree(three.root / "output/site")
    three.built()
    assert known() == before


@pytest.mark.parametrize("table", ["shelves", "texts", "memo"])
def test_a_table_that_is_empty_or_gone_changes_nothing(three: Project, table: str) -> None:
    before = three.tree()
    for statement in (f"DELETE FROM {table}", f"DROP TABLE {table}"):  # noqa: S608
        connection = sqlite3.connect(store(three))
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


def test_dotted_names_reach_nothing() -> None:
    with pytest.raises(pickle.UnpicklingError):
        unpickled(b"\x80\x04\x8c\x13sitegen.diagnostics\x8c\x0cSource.place\x93.")


def test_it_is_carried_to_another_machine_with_the_site(three: Project, tmp_path: Path) -> None:
    elsewhere = Project(tmp_path / "elsewhere")
    shutil.copytree(three.root, elsewhere.root, copy_function=shutil.copyfile)  # new times
    before = kept(elsewhere), texts(elsewhere)
    result = elsewhere.built()
    assert result.counts.written == ()
    assert tree(elsewhere.root / "output/site") == three.tree()
    assert (kept(elsewhere), texts(elsewhere)) == before


def test_two_may_look_at_once(three: Project) -> None:
    notes: list[str] = []
    with open_cache(three.root / "output", notes.append), open_cache(three.root / "output", notes.append):
        assert three.built().counts.written == ()
    assert notes == []


def test_broken_articles_are_not_kept_from_being_mended(three: Project) -> None:
    three.article("two", importance="9")
    assert not three.build().ok
    assert [item.code for item in three.build().diagnostics if item.severity == "error"] == ["out-of-range"]
    three.article("two", date="2026-07-02")
    assert three.built().counts.written == ()
