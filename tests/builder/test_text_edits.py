"""An edited text or title writes exactly the files that show it; the tree is that of a clean build."""

import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from msgspec import Raw

from sitegen.builder import BuildRequest, build
from sitegen.builder.cache import CACHE
from sitegen.builder.kept_plan import MAX_TEXTS
from sitegen.builder.scan import scan
from sitegen.cli import main
from sitegen.diagnostics import Diagnostics
from sitegen.util.hashing import decode, encode
from tests.builder.cache_helpers import CHECKSUM_BYTES, WithChecksum, alter, cached_documents, rows
from tests.preview.serving import eventually
from tests.project import EVERY_PAGE, NOW, Project, tree

FOLDER: Final = "content/articles/2026/07"
TEXT: Final = "Some text.\n\n![A port.](port.png)\n\n## Economic impact\n\nMoney, see [two](two.md).\n"


@pytest.fixture
def two(project: Project) -> Project:
    """Make a digest in two languages with every kind of page, and build it."""
    site = (project.root / "site.yaml").read_text(encoding="utf-8")
    lines = [line for line in site.splitlines() if not line.startswith("pages_from")]
    text = "\n".join([*lines, EVERY_PAGE, "feeds: {importance: 1}", ""]).replace("locales: [en]", "locales: [en, ja]")
    project.file("site.yaml", text)
    project.file(f"{FOLDER}/port.png", b"\x89PNG of a port")
    project.article("one", title="One", body=TEXT)
    project.article("two", title="Two", date="2026-07-02", countries="[VN]", follows="one.md")
    project.file(f"{FOLDER}/two.ja.md", "---\nid: two00000\ntitle: 二\nlang: ja\nsummary: S\n---\n本文。\n")
    project.built()
    return project


def edit(project: Project, text: str) -> None:
    """Write another text into an article."""
    project.article("one", title="One", body=f"{TEXT}\n{text}\n")


def assert_matches_clean_build(project: Project, *, now: datetime = NOW) -> tuple[str, ...]:
    """Build, compare the tree with that of a clean build, and return the written paths."""
    result = project.build(now=now)
    assert result.ok, result.diagnostics
    clean = project.root.with_name("clean")
    assert build(BuildRequest(project.root, now, output=clean, jobs=1)).ok
    assert project.tree() == tree(clean / "site")
    shutil.rmtree(clean)
    return result.counts.written


SHOW_ONE: Final = {
    "articles/one/index.html",
    "atom.xml",
    "data/articles/one00000.json",
    "feed.json",
    "feed.xml",
    "ja/articles/one/index.html",
}
"""Some files that show the text of the article `one`."""


def test_an_edited_text_writes_exactly_the_files_that_show_it(two: Project) -> None:
    before = two.tree()
    edit(two, "A sentence.")
    written = assert_matches_clean_build(two)
    assert set(written) == {path for path, data in two.tree().items() if data != before[path]}
    assert set(written) >= SHOW_ONE
    assert all(b"A sentence." in two.tree()[path] for path in SHOW_ONE)
    assert not {
        path
        for path in written
        if path.endswith(("trade/index.html", "CN/index.html")) or path.startswith(("archive/", "sitemap"))
    }


def test_a_text_is_edited_again_and_again(two: Project) -> None:
    for number in range(3):
        edit(two, f"Sentence {number}.")
        assert "articles/one/index.html" in assert_matches_clean_build(two)
    two.file(f"{FOLDER}/two.ja.md", "---\nid: two00000\ntitle: 二\nlang: ja\nsummary: S\n---\n別の本文。\n")
    written = assert_matches_clean_build(two)
    assert "ja/articles/two/index.html" in written
    assert "articles/two/index.html" not in written


def test_a_reverted_text_is_written_again(two: Project) -> None:
    before = two.tree()
    edit(two, "A sentence.")
    assert_matches_clean_build(two)
    two.article("one", title="One", body=TEXT)
    assert_matches_clean_build(two)
    assert two.tree() == before
    two.article("two", importance="4", date="2026-07-02", countries="[VN]", follows="one.md")
    assert_matches_clean_build(two)
    edit(two, "A sentence.")
    assert_matches_clean_build(two)


def test_the_text_of_the_article_that_opens_the_site(two: Project) -> None:
    two.file("themes/bare/templates/home.html", "{% for each in page.readings %}{{ each.excerpt }}{% endfor %}\n")
    text = (two.root / FOLDER / "two.md").read_text(encoding="utf-8")
    for name, month in (("three", "06"), ("four0", "05")):  # other folders than that of the edited file
        other = text.replace("two00000", f"{name:0<8}").replace("follows: one.md\n", "").replace("-07-", f"-{month}-")
        two.file(f"content/articles/2026/{month}/{name}.md", other)
    assert_matches_clean_build(two)
    two.article("one", title="One", body=TEXT.replace("Money", "Gold"))
    assert "index.html" in assert_matches_clean_build(two)
    assert two.page("index.html").startswith("Gold")


def wait_until_stable(project: Project) -> None:
    """Wait until the status of each file proves that it is unchanged: its clock has gone on."""
    files = scan(project.root, Diagnostics()).files
    eventually("the files are stable", lambda: all(item.stat.is_stable(time.time_ns()) for item in files.values()))


def settle(project: Project) -> None:
    """Build everything from files that are stable."""
    wait_until_stable(project)
    shutil.rmtree(project.root / "output")
    project.built()


def is_planned(project: Project) -> bool:
    """Build as `assert_matches_clean_build` does, and return whether everything was planned."""
    stages: set[str] = set()
    assert build(BuildRequest(project.root, NOW, jobs=1), lambda stage, _done, _total: stages.add(stage)).ok
    assert assert_matches_clean_build(project) == ()
    return "plan" in stages


def test_only_edited_texts_and_titles_need_no_plan(two: Project) -> None:
    settle(two)
    for text in ("A sentence.", "Another sentence.", "A sentence.", ""):
        edit(two, text)
        assert not is_planned(two)
    two.file(f"{FOLDER}/two.ja.md", "---\nid: two00000\ntitle: 二\nlang: ja\nsummary: S\n---\n別の本文。\n")
    edit(two, "And a translation.")
    assert not is_planned(two)
    two.article("one", title="Uno", body=TEXT)
    assert not is_planned(two)
    edit(two, "A sentence, with the title of before.")
    assert not is_planned(two)
    two.article("one", title="One", body=TEXT, topics="[energy]")
    assert is_planned(two)
    edit(two, "A [link](two.md).")
    assert is_planned(two)
    edit(two, "Another [link](two.md).")
    assert not is_planned(two)


def test_an_edited_title_writes_exactly_the_files_that_show_it(two: Project) -> None:
    settle(two)
    for changes in (
        {"title": "Uno"},
        {"summary": "Something else happened."},
        {"title": "Uno", "summary": "Something else.", "body": f"{TEXT}\nMore.\n"},
        {"title": "One"},
    ):
        before = two.tree()
        two.article("one", **{"title": "One", "body": TEXT} | changes)
        written = assert_matches_clean_build(two)
        after = two.tree()
        assert set(written) == {path for path, data in after.items() if data != before[path]}
        assert set(written) >= {*SHOW_ONE, "index.html", "topics/trade/index.html", "data/articles.csv"}
        two.article("one", **{"title": "One", "body": TEXT} | changes)
        assert not is_planned(two)


def test_texts_and_articles_of_before_are_dropped(two: Project) -> None:
    settle(two)
    kept = "SELECT hash FROM texts UNION ALL SELECT hash FROM articles"
    number = len(rows(two, kept))
    for sentence in ("One.", "Two."):
        two.article("one", title=sentence, body=f"{TEXT}\n{sentence}\n")
        assert not is_planned(two)
        assert len(rows(two, kept)) == number


def test_an_excerpt_is_shown_next_to_the_title(two: Project) -> None:
    """Lists in the other language show the first sentence of a perspective."""
    excerpt = "{{ it.excerpt.text if it.excerpt }}"
    shown = f"{{% for day in page.days %}}{{% for it in day.articles %}}{excerpt}{{% endfor %}}{{% endfor %}}\n"
    two.file("themes/bare/templates/topic.html", shown)
    first = f"{TEXT}\n## 市民の声\n\n"
    two.article("one", title="One", body=first + "賛成が多い。\n")
    two.built()
    settle(two)
    assert "賛成が多い。" in two.page("ja/topics/trade/index.html")
    two.article("one", title="One", body=first + "反対が多い。\n")
    assert not is_planned(two)
    assert "反対が多い。" in two.page("ja/topics/trade/index.html")


def test_titles_of_an_article_and_of_its_translation(two: Project) -> None:
    settle(two)
    two.article("two", title="Another", date="2026-07-02", countries="[VN]", follows="one.md")
    assert not is_planned(two)
    assert "Another" in two.page("articles/two/index.html")
    translation = "---\nid: two00000\ntitle: 二つ\nlang: ja\nsummary: T\n---\n別の本文。\n"
    two.file(f"{FOLDER}/two.ja.md", translation)
    assert not is_planned(two)
    assert all("二つ" in two.page(f"ja/{path}index.html") for path in ("", "articles/two/", "topics/trade/"))
    two.file(f"{FOLDER}/two.ja.md", translation.replace("lang: ja", "lang: en"))
    assert not two.build().ok
    two.file(f"{FOLDER}/two.ja.md", translation.replace("summary: T", "summary: T\nreviewed: {by: E, at: 2026-07-05}"))
    assert is_planned(two)
    (two.root / FOLDER / "two.ja.md").unlink()
    assert is_planned(two)


def test_titles_of_several_articles(two: Project) -> None:
    for number in range(MAX_TEXTS):
        two.article(f"article-{number}", title="A title", body="The same text.")
    two.built()
    settle(two)
    for number in range(MAX_TEXTS):
        two.article(f"article-{number}", title=f"Title {number}", body="The same text.")
    assert not is_planned(two)
    two.article("one", title="Uno", draft="true", body=TEXT)
    two.built()
    two.article("one", title="Unus", draft="true", body=TEXT)
    assert is_planned(two), "it is not on the site"


def test_articles_with_the_same_text(two: Project) -> None:
    for slug in ("three", "four"):
        two.article(slug, body="The same text.")
    two.built()
    settle(two)
    two.article("four", body="Another text.")
    assert not is_planned(two)
    two.article("three", body="A third text.")
    two.article("four", body="A fourth text.")
    assert not is_planned(two)


def test_many_edited_texts_are_planned(two: Project) -> None:
    for number in range(MAX_TEXTS + 1):
        two.article(f"article-{number}", body="Some text.")
    two.built()
    settle(two)
    for number in range(MAX_TEXTS + 1):
        two.article(f"article-{number}", body="Another text.")
    assert is_planned(two)
    for number in range(MAX_TEXTS):
        two.article(f"article-{number}", body="A third text.")
    assert not is_planned(two)


def test_an_edit_after_a_failed_one(two: Project) -> None:
    settle(two)
    edit(two, "A sentence.")
    two.file("content/articles/2026/07/broken.md", "---\ntitle: [\n---\n")
    assert not two.build().ok
    (two.root / "content/articles/2026/07/broken.md").unlink()
    assert is_planned(two)
    edit(two, "Another sentence.")
    assert not is_planned(two)


@pytest.mark.parametrize("table", ["recipes", "articles"])
def test_a_damaged_plan(two: Project, table: str) -> None:
    settle(two)
    assert alter(two, table, "value", lambda value: value[:-1])
    edit(two, "A sentence.")
    assert is_planned(two)
    edit(two, "Another sentence.")
    assert not is_planned(two)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"articles/one/index.html", b"../../../../../out.html"),
        (b"ArticlePage", b"ArticleLeaf"),
        (b"one.md", b"two.md"),
    ],
)
def test_a_plan_from_elsewhere(two: Project, old: bytes, new: bytes) -> None:
    settle(two)
    assert any(old in value for (value,) in rows(two, "SELECT value FROM recipes"))
    alter(two, "recipes", "value", lambda value: WithChecksum(value[CHECKSUM_BYTES:].replace(old, new)))
    edit(two, "A sentence.")
    two.build()
    assert not list(two.root.parent.rglob("out.html"))
    edit(two, "Another sentence.")
    two.article("two", importance="4", date="2026-07-02", countries="[VN]", follows="one.md")
    assert "articles/one/index.html" in assert_matches_clean_build(two)


def test_a_context_that_is_missing(two: Project) -> None:
    settle(two)
    (context,) = [value for name, value in rows(two, "SELECT name, value FROM meta") if name == "kept_plan"]
    manifest, contexts = decode(context[CHECKSUM_BYTES:], tuple[bytes, dict[bytes, Raw]])
    fewer = WithChecksum(encode((manifest, dict([*contexts.items()][1:]))))
    alter(two, "meta", "value", lambda value: fewer if value == context else value)
    edit(two, "A sentence.")
    assert is_planned(two)


def removed(site: Path) -> None:
    (site / "site/articles/two/index.html").unlink()


def altered(site: Path) -> None:
    file = site / "site/topics/trade/index.html"
    file.write_bytes(file.read_bytes() + b"<!-- -->")


def emptied(site: Path) -> None:
    shutil.rmtree(site / "site")


def without_manifest(site: Path) -> None:
    (site / "manifest.json").unlink()


def with_old_manifest(site: Path) -> None:
    file = site / "manifest.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"version": 3', '"version": 1'), encoding="utf-8")


@pytest.mark.parametrize("harm", [removed, altered, emptied, without_manifest, with_old_manifest])
def test_altered_files_of_the_site_are_restored(two: Project, harm: Callable[[Path], None]) -> None:
    edit(two, "A sentence.")
    harm(two.root / "output")
    assert_matches_clean_build(two)
    edit(two, "Another sentence.")
    assert_matches_clean_build(two)


def test_an_older_cache_changes_nothing(two: Project) -> None:
    cache = two.root / "output" / CACHE
    old = cache.read_bytes()
    two.article("two", importance="4", date="2026-07-02", countries="[VN]", follows="one.md")
    two.built()
    cache.write_bytes(old)
    edit(two, "A sentence.")
    assert_matches_clean_build(two)


def test_articles_appear_as_time_passes(two: Project) -> None:
    two.article("later", title="Later", date="2026-11-25")
    assert_matches_clean_build(two)
    edit(two, "A sentence.")
    assert_matches_clean_build(two, now=NOW + timedelta(hours=1))
    edit(two, "Another sentence.")
    assert "articles/later/index.html" in assert_matches_clean_build(two, now=NOW + timedelta(days=9))


def test_a_touched_file_of_another_folder_is_read_once(two: Project) -> None:
    path = "content/articles/2026/06/three.md"
    text = (two.root / FOLDER / "two.md").read_text(encoding="utf-8")
    file = two.file(path, text.replace("two00000", "three000").replace("follows: one.md\n", ""))
    assert_matches_clean_build(two)
    os.utime(file, (1, 1))
    wait_until_stable(two)
    edit(two, "A sentence.")
    assert_matches_clean_build(two)
    (state, _) = cached_documents(two)["three.md"]
    assert state.stat == scan(two.root, Diagnostics()).articles[path].stat


def test_a_build_without_drafts_after_one_with_drafts(two: Project) -> None:
    two.article("hidden", date="2026-07-03", draft="true")
    assert two.build(drafts=True).ok
    edit(two, "A sentence.")
    assert_matches_clean_build(two)
    assert "articles/hidden/index.html" not in two.tree()


def test_explain_after_an_edited_text(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    edit(two, "A sentence.")
    assert_matches_clean_build(two)
    for path in ("articles/one/index.html", "topics/trade/index.html"):
        assert main(["-C", str(two.root), "explain", path]) == 0
        assert path in capsys.readouterr().out
