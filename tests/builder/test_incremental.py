"""The files that a change writes. Afterwards the site equals that of a cold build."""

import json
import os
import re
import shutil
import subprocess
import sys
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.builder import BuildResult
from sitegen.builder.manifest import unmanaged_files
from tests.builder.feeds import feeds_at
from tests.project import BARE, SITE, Project

_LONG_AGO: Final = 1_000_000_000


def digest(project: Project) -> None:
    """Write three articles: two neighbours in one topic, one apart."""
    project.article("one", title="One", date="2026-06-01", countries="[VN]")
    project.article("two", title="Two", date="2026-07-02", countries="[VN, CN]")
    project.article("far", title="Far", date="2026-05-01", topics="[energy]", countries="[JP]")


def aged(project: Project) -> dict[str, int]:
    """Give every file of the site an old time of change, and return them all."""
    for file in (project.root / "output" / "site").rglob("*"):
        if file.is_file():
            os.utime(file, (_LONG_AGO, _LONG_AGO))
    return times(project)


def times(project: Project) -> dict[str, int]:
    """Return the time of change of every file of the site."""
    site = project.root / "output" / "site"
    return {f.relative_to(site).as_posix(): f.stat().st_mtime_ns for f in site.rglob("*") if f.is_file()}


def built(project: Project) -> BuildResult:
    """Build, and compare what the counts say with what happened on disk, and the tree with that of a cold build."""
    before = aged(project)
    result = project.built()
    after = times(project)
    assert set(result.counts.written) == {path for path, time in after.items() if time != before.get(path)}
    assert set(result.counts.removed) == before.keys() - after.keys()
    assert result.counts.unchanged == len(after) - len(result.counts.written) - len(result.counts.unmanaged)
    assert leftovers(project) <= {"site", "manifest.json", "lock", "cache"}
    ours = {path: data for path, data in project.tree().items() if path not in result.counts.unmanaged}
    assert ours == cold(project)
    return result


def leftovers(project: Project) -> set[str]:
    """Return the contents of the output folder."""
    return {entry.name for entry in (project.root / "output").iterdir()}


def cold(project: Project) -> dict[str, bytes]:
    """Build a copy of the sources from nothing, and return its tree."""
    copy = Project(project.root.with_name("cold"))
    shutil.rmtree(copy.root, ignore_errors=True)
    shutil.copytree(project.root, copy.root, ignore=shutil.ignore_patterns("output"))
    copy.built()
    return copy.tree()


def stylesheets(paths: tuple[str, ...]) -> int:
    return sum(path.startswith("assets/site.") for path in paths)


def test_nothing_changed(project: Project) -> None:
    digest(project)
    project.built()
    before = aged(project)
    result = project.built()
    assert (result.counts.written, result.counts.removed, result.counts.unchanged) == ((), (), len(before))
    assert times(project) == before
    manifest = project.root / "output" / "manifest.json"
    os.utime(manifest, (_LONG_AGO, _LONG_AGO))
    project.built()
    assert manifest.stat().st_mtime == _LONG_AGO


def test_sources_touched_but_not_changed(project: Project) -> None:
    digest(project)
    project.built()
    for file in project.root.rglob("*.md"):
        os.utime(file, (_LONG_AGO, _LONG_AGO))
    assert built(project).counts.written == ()


def test_one_body_edited(project: Project) -> None:
    digest(project)
    project.built()
    project.article("two", title="Two", date="2026-07-02", countries="[VN, CN]", body="Other text.\n")
    result = built(project)
    assert set(result.counts.written) == {
        "articles/two/index.html",
        "data/articles/two00000.json",
        *feeds_at("", "topics/trade"),
    }
    assert result.counts.removed == ()


def test_one_new_article(project: Project) -> None:
    digest(project)
    project.built()
    project.article("new", title="New", date="2026-07-03", countries="[VN]")
    result = built(project)
    # The bare theme shows neither counts nor months, so that lists of topics and the months before stay as they are.
    assert set(result.counts.written) == {
        "articles/new/index.html",
        "articles/two/index.html",
        "index.html",
        "topics/trade/index.html",
        "countries/vn/index.html",
        "archive/2026-07/index.html",
        "topics/trade/2026-07/index.html",
        "countries/vn/2026-07/index.html",
        "sitemap.xml",
        "data/articles.csv",
        "data/articles.json",
        "data/articles/new00000.json",
        *feeds_at("", "topics/trade", "countries/vn"),
    }
    assert result.counts.removed == ()


def test_the_third_article_of_a_topic_in_a_country_brings_its_page_and_feed(project: Project) -> None:
    fewer = "pages_from: {topic_countries: 3}\nfeeds: {crossings_from: 3}"
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", re.sub("^pages_from:.*$", fewer, site, flags=re.MULTILINE))
    digest(project)
    project.built()
    project.article("new", title="New", date="2026-07-03", countries="[VN]")
    fresh = {"topics/trade/vn/index.html", "topics/trade/vn/feed.xml"}
    assert not fresh & set(project.tree())
    listed = {"feeds.opml", "topics/trade/feeds.opml", "countries/vn/feeds.opml"}
    assert fresh | listed <= set(built(project).counts.written)


def test_one_new_article_between_two(project: Project) -> None:
    digest(project)
    project.built()
    project.article("new", title="New", date="2026-06-15", countries="", topics="[trade]")
    assert {path for path in built(project).counts.written if path.startswith("articles/")} == {
        "articles/new/index.html",
        "articles/one/index.html",
        "articles/two/index.html",
    }


def test_one_title_edited(project: Project) -> None:
    digest(project)
    project.built()
    project.article("two", title="Two, again", date="2026-07-02", countries="[VN, CN]")
    assert set(built(project).counts.written) == {
        "articles/two/index.html",
        "articles/one/index.html",
        "index.html",
        "topics/trade/index.html",
        "countries/vn/index.html",
        "countries/cn/index.html",
        "countries/cn/vn/index.html",
        "archive/2026-07/index.html",
        "topics/trade/2026-07/index.html",
        "countries/vn/2026-07/index.html",
        "countries/cn/2026-07/index.html",
        "countries/cn/vn/2026-07/index.html",
        "data/articles.csv",
        "data/articles.json",
        "data/articles/two00000.json",
        *feeds_at("", "topics/trade", "countries/vn", "countries/cn"),
    }


def test_the_stylesheet_edited(project: Project) -> None:
    digest(project)
    project.built()
    pages = {path for path in project.tree() if path.endswith(".html") and not path.startswith("assets/")}
    project.file("themes/bare/static/site.css", "body { margin: 1px }\n")
    result = built(project)
    assert {path for path in result.counts.written if not path.startswith("assets/")} == pages
    assert stylesheets(result.counts.written) == 1
    assert len(result.counts.removed) == stylesheets(result.counts.removed) == 1


def test_a_template_edited(project: Project) -> None:
    digest(project)
    project.built()
    project.file("themes/bare/templates/month.html", BARE["templates/month.html"] + "{# no change #}")
    assert built(project).counts.written == ()
    project.file("themes/bare/templates/archive.html", '{% extends "base.html" %}{% block main %}x{% endblock %}')
    assert built(project).counts.written == ("archive/index.html",)


def test_an_article_removed(project: Project) -> None:
    digest(project)
    project.built()
    (project.root / "content/articles/2026/07/far.md").unlink()
    result = built(project)
    assert set(result.counts.removed) == {
        "articles/far/index.html",
        "archive/2026-05/index.html",
        "data/articles/far00000.json",
        *(f"topics/energy/{name}" for name in ("index.html", "2026-05/index.html")),
        *(f"countries/jp/{name}" for name in ("index.html", "2026-05/index.html")),
        *feeds_at("topics/energy", "countries/jp"),
    }
    site = project.root / "output" / "site"
    assert not [folder for folder in site.rglob("*") if folder.is_dir() and not any(folder.iterdir())]
    assert not (site / "topics" / "energy").exists()


def test_an_article_renamed(project: Project) -> None:
    digest(project)
    project.built()
    folder = project.root / "content/articles/2026/07"
    (folder / "far.md").rename(folder / "moved.md")
    result = built(project)
    assert "articles/moved/index.html" in result.counts.written
    assert result.counts.removed == ("articles/far/index.html",)


def test_the_last_article_removed(project: Project) -> None:
    digest(project)
    project.built()
    shutil.rmtree(project.root / "content" / "articles")
    result = built(project)
    assert result.articles == 0
    assert not (project.root / "output/site/articles").exists()


def test_an_unmanaged_file_is_left_and_reported(project: Project) -> None:
    digest(project)
    project.built()
    unmanaged = ["google123.html", "topics/energy/notes.txt", ".well-known/a", "articles/far/x/y.txt"]
    for path in unmanaged:
        project.file(f"output/site/{path}", "mine")
    (project.root / "content/articles/2026/07/far.md").unlink()
    project.built()
    site = project.root / "output/site"
    assert unmanaged_files(site, cold(project)) == tuple(sorted(unmanaged))
    assert all((project.root / "output/site" / path).read_text() == "mine" for path in unmanaged)
    assert not (project.root / "output/site/articles/far/index.html").exists()


@pytest.mark.parametrize("harm", ["changed", "same size", "emptied", "deleted", "symlink"])
def test_an_output_file_tampered_with_is_written_again(project: Project, harm: str) -> None:
    digest(project)
    project.built()
    right = project.tree()
    file = project.root / "output/site/articles/one/index.html"
    if harm == "changed":
        file.write_bytes(b"hacked")
    elif harm == "same size":
        file.write_bytes(b"x" * file.stat().st_size)
    elif harm == "emptied":
        file.write_bytes(b"")
    else:
        file.unlink()
    elsewhere = project.root.with_name("elsewhere.html")
    if harm == "symlink":
        elsewhere.write_bytes(right["articles/one/index.html"])
        file.symlink_to(elsewhere)
    assert project.built().counts.written == ("articles/one/index.html",)
    assert project.tree() == right
    assert not file.is_symlink()
    if harm == "symlink":
        assert elsewhere.read_bytes() == right["articles/one/index.html"]


VALID_MANIFESTS: Final = (
    None,
    '{"version": 3, "files": {}}',
    '{"version": 3, "files": {"index.html": ["00", "00", 1, 1], "gone.html": ["00", "00", 1, 1]}}',
)


@pytest.mark.parametrize(
    "text",
    [
        *VALID_MANIFESTS,
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"version": 2, "files": {}}',
        '{"version": 1}',
        '{"version": 1, "files": []}',
        '{"version": 1, "files": {"index.html": {"key": 1}}}',
        '{"version": 1, "files": {"index.html": null}}',
        '{"version": 2, "files": {"index.html": {"key": "", "digest": "", "size": 1, "changed": 1}}}',
        '{"version": 3, "files": []}',
        '{"version": 3, "files": {"index.html": null}}',
        '{"version": 3, "files": {"index.html": [1]}}',
        '{"version": 3, "files": {"index.html": [1, 2, 3, 4]}}',
        "[" * 100_000,
        '{"version": 3, "files": {"\\u0000": ["00", "00", 1, 1]}}',
        '{"version": 3, "files": {"\\ud800": ["00", "00", 1, 1]}}',
        '{"version": 3, "files": {"../../site.yaml": ["00", "00", 1, 1]}}',
        '{"version": 3, "files": {"content/../../../site.yaml": ["00", "00", 1, 1]}}',
        '{"version": 3, "files": {"/etc/passwd": ["00", "00", 1, 1]}}',
        b"\xff\xfe",
    ],
)
def test_a_manifest_that_is_missing_or_damaged(project: Project, text: str | bytes | None) -> None:
    """Nothing is deleted for a damaged one, every file is written again, and there is one notice."""
    digest(project)
    project.built()
    right = project.tree()
    manifest = project.root / "output" / "manifest.json"
    whole = manifest.read_bytes()
    if text is None:
        manifest.unlink()
    else:
        manifest.write_bytes(text.encode() if isinstance(text, str) else text)
    result = project.built()
    assert project.tree() == right
    assert result.counts.written == ()
    assert manifest.read_bytes() == whole
    assert [str(manifest) in note for note in result.notes] == ([] if text in VALID_MANIFESTS else [True])
    assert not project.built().notes


@pytest.mark.parametrize("name", ["manifest.json", "journal.json"])
def test_a_record_that_is_no_regular_file_is_not_read(project: Project, name: str) -> None:
    digest(project)
    project.built()
    file = project.root / "output" / name
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    command = [sys.executable, "-m", "sitegen", "build"]
    run = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith(f"output/{name}: error[not-a-file]")


@pytest.mark.parametrize(
    "journal",
    [
        {"moves": [["../../site.yaml", "a.html"]]},
        {"moves": [["000000", "../../site.yaml"]]},
        {"moves": [["000000", "a\0b"]]},
        {"moves": [["000000"]]},
        {"removals": ["../../site.yaml"]},
        {"removals": [7]},
        {"files": {"../a": ["00", "00", 1, 1]}},
    ],
)
def test_a_damaged_journal(project: Project, journal: dict[str, object]) -> None:
    digest(project)
    project.built()
    right, config = project.tree(), (project.root / "site.yaml").read_bytes()
    project.file("output/staging/000000", "x")
    text = json.dumps({"moves": [], "removals": ["feed.xml"], "files": {}} | journal)
    file = project.file("output/journal.json", text)
    (note,) = project.built().notes
    assert str(file) in note
    assert project.tree() == right
    assert (project.root / "site.yaml").read_bytes() == config
    assert leftovers(project) <= {"site", "manifest.json", "lock", "cache"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[/old/x.html/y/]", "[/old/x.html]"),
        ("[/old/x.html]", "[/old/x.html/y/]"),
        ("[/old/x.html/y/z.html/]", "[/old/x.html]"),
        ("[/old/x.html/y/, /old/z.html]", "[/old/x.html]"),
        ("[/x.html/y/]", "[/x.html]"),
    ],
)
def test_a_file_where_a_folder_stood_and_back(project: Project, before: str, after: str) -> None:
    digest(project)
    for aliases in (before, after, before):
        project.article("one", title="One", date="2026-06-01", countries="[VN]", aliases=aliases)
        built(project)


def test_output_removed_is_a_clean(project: Project) -> None:
    digest(project)
    project.built()
    right = project.tree()
    shutil.rmtree(project.root / "output")
    assert len(project.built().counts.written) == len(right)
    assert project.tree() == right


# --- any sequence of edits --------------------------------------------------------------------------------------------

_NAMES: Final = ("a", "b", "c", "d")
_STEP: Final = st.tuples(
    st.sampled_from(["write", "write", "write", "delete", "site", "style", "picture"]),
    st.sampled_from(_NAMES),
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(["One", "Two"]),
            "date": st.sampled_from(["2026-06-30", "2026-07-01", "2026-07-01T09:00", "2027-01-01"]),
            "topics": st.sampled_from(["[trade]", "[energy]", "[energy, trade]"]),
            "countries": st.sampled_from(["", "[VN]", "[VN, CN, JP]"]),
            "draft": st.sampled_from(["", "", "true"]),
            "aliases": st.sampled_from(["", "", "[/x.html]", "[/x.html/y/]", "[/x/]"]),
            "body": st.sampled_from(["Text.\n", "![m](m.png)\n", "## Social impact\n\nText.\n", "<b>\n"]),
        }
    ),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_STEP, min_size=2, max_size=5))
def test_incremental_equals_cold(project: Project, steps: list[tuple[str, str, dict[str, str]]]) -> None:
    root = project.root
    shutil.rmtree(root)
    project.write(SITE)
    for name, content in BARE.items():
        project.file(f"themes/bare/{name}", content)
    project.file("content/articles/2026/07/m.png", b"0")
    for number, (kind, name, changes) in enumerate(steps):
        if kind == "write":
            project.article(name, **changes)
        elif kind == "delete":
            (root / f"content/articles/2026/07/{name}.md").unlink(missing_ok=True)
        elif kind == "site":
            locales = "[en]" if number % 2 else "[en, ja]"
            project.write(SITE.replace("[en]", locales))
        elif kind == "style":
            project.file("themes/bare/static/site.css", f"{name} {{}}\n")
        else:
            project.file("content/articles/2026/07/m.png", name.encode())
        before = project.tree()
        result = project.build()
        if (root / "output").exists():
            assert leftovers(project) <= {"site", "manifest.json", "lock", "cache"}
        if result.ok:
            assert project.tree() == cold(project)
        else:
            assert project.tree() == before
