"""The plan that is kept is revised after an edited text, and dropped where it is not that of the site as it stands."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.builder.cache import STORE, open_cache
from sitegen.builder.plan_cache import CachedPlan, PlanCache
from sitegen.builder.scan import scan
from sitegen.cli import main
from sitegen.diagnostics import Diagnostics
from tests.builder.cache_helpers import kept
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


def draft(project: Project) -> CachedPlan:
    """Return what is kept of the last plan."""
    with open_cache(project.root / "output", print) as store:
        found = PlanCache(store).load()
    assert found is not None
    return found


def right(project: Project) -> tuple[str, ...]:
    """Build, compare the tree with that of a cold build, and return what was written."""
    result = project.built()
    cold = project.root.with_name("cold")
    assert build(BuildRequest(project.root, NOW, output=cold, jobs=1)).ok
    assert project.tree() == tree(cold / "site")
    shutil.rmtree(cold)
    return result.counts.written


def test_a_text_is_edited_again_and_again(two: Project) -> None:
    for number in range(3):
        edit(two, f"Sentence {number}.")
        assert "articles/one/index.html" in right(two)
        assert list(draft(two).edited) == [f"{FOLDER}/one.md"]
    two.file(f"{FOLDER}/two.ja.md", "---\nid: two00000\ntitle: 二\nlang: ja\nsummary: S\n---\n別の本文。\n")
    written = right(two)
    assert "ja/articles/two/index.html" in written
    assert "articles/two/index.html" not in written
    assert list(draft(two).edited) == [f"{FOLDER}/one.md", f"{FOLDER}/two.ja.md"]


def test_a_text_that_is_taken_back_is_written_again(two: Project) -> None:
    before = two.tree()
    edit(two, "A sentence.")
    right(two)
    two.article("one", title="One", body=TEXT)
    right(two)
    assert two.tree() == before
    two.article("two", title="Another", date="2026-07-02", countries="[VN]", follows="one.md")
    right(two)
    assert not draft(two).edited, "a title is in many pages: all is planned anew"
    edit(two, "A sentence.")
    right(two)


def test_the_text_of_the_article_that_opens_the_site(two: Project) -> None:
    two.file("themes/bare/templates/home.html", "{% for each in page.lead.readings %}{{ each.text }}{% endfor %}\n")
    text = (two.root / FOLDER / "two.md").read_text(encoding="utf-8")
    for name, month in (("three", "06"), ("four0", "05")):  # their shelves are not those of the file that is edited
        other = text.replace("two00000", f"{name:0<8}").replace("follows: one.md\n", "").replace("-07-", f"-{month}-")
        two.file(f"content/articles/2026/{month}/{name}.md", other)
    right(two)
    two.article("one", title="One", body=TEXT.replace("Money", "Gold"))
    assert "index.html" in right(two)
    assert two.page("index.html").startswith("Gold")
    assert draft(two).edited


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
def test_the_site_is_put_right(two: Project, harm: Callable[[Path], None]) -> None:
    edit(two, "A sentence.")
    harm(two.root / "output")
    right(two)
    edit(two, "Another sentence.")
    right(two)
    assert list(draft(two).edited) == [f"{FOLDER}/one.md"]


def test_a_plan_from_before_the_last_build_does_not_serve(two: Project) -> None:
    store = two.root / "output" / STORE
    old = store.read_bytes()
    two.article("two", title="Another", date="2026-07-02", countries="[VN]", follows="one.md")
    two.built()
    store.write_bytes(old)
    edit(two, "A sentence.")
    right(two)


def test_a_touched_file_of_another_folder_is_not_opened_for_ever(two: Project) -> None:
    path = "content/articles/2026/06/three.md"
    text = (two.root / FOLDER / "two.md").read_text(encoding="utf-8")
    file = two.file(path, text.replace("two00000", "three000").replace("follows: one.md\n", ""))
    right(two)
    os.utime(file, (1, 1))
    while not scan(two.root, Diagnostics()).articles[path].stamp.is_stable(time.time_ns()):
        time.sleep(0.02)
    edit(two, "A sentence.")
    right(two)
    assert draft(two).edited
    (mark, _) = kept(two)["three.md"]
    assert mark.stamp == scan(two.root, Diagnostics()).articles[path].stamp


def test_a_plan_of_a_build_with_drafts_does_not_serve_one_without(two: Project) -> None:
    two.article("hidden", date="2026-07-03", draft="true")
    assert two.build(drafts=True).ok
    edit(two, "A sentence.")
    right(two)
    assert "articles/hidden/index.html" not in two.tree()
    assert not draft(two).edited


def test_explain_knows_every_output_after_a_revision(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    edit(two, "A sentence.")
    right(two)
    for path in ("articles/one/index.html", "topics/trade/index.html"):
        assert main(["-C", str(two.root), "explain", path]) == 0
        assert path in capsys.readouterr().out
