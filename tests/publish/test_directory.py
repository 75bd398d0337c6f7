"""A folder of this machine, served by nginx and Caddy."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import brotli
import pytest

from sitegen.builder import BuildResult
from sitegen.diagnostics import ContentError, ExternalError, UsageError
from sitegen.publish.host_files import DEFAULT_POLICY, SECURITY_HEADERS
from sitegen.publish.plan import TargetFile, TargetState, check_deletions, make_plan
from sitegen.publish.site_files import CACHE_CONTROL, FileClass, PublishFile
from sitegen.util.file_lock import file_lock
from tests.project import NOW, Project, tree
from tests.publish.helpers import (
    ROOT,
    FakeUI,
    broken_assets,
    command,
    make_project,
    publish_project,
    roll_back,
    write_version,
)
from tests.publish.servers import Reader, apache, caddy, get, nginx, wait_for

WWW = "{kind: directory, path: ../www, compress: [gzip, brotli], keep: 3}"


@pytest.fixture
def out(tmp_path: Path) -> Project:
    """Create a project with the folder `www` as target."""
    return make_project(tmp_path / "digest", WWW)


def www(project: Project) -> Path:
    return project.root.parent / "www"


def shown(project: Project) -> dict[str, bytes]:
    """Return the files of the current release without compressed copies."""
    return {path: data for path, data in tree(www(project) / "current").items() if not path.endswith((".gz", ".br"))}


def releases(project: Project) -> list[str]:
    return sorted(entry.name for entry in (www(project) / "releases").iterdir() if entry.is_dir())


def test_a_release_has_compressed_copies_with_the_same_time(out: Project) -> None:
    result = publish_project(out)
    assert result.published
    assert shown(out) == out.tree()
    current = (www(out) / "current").resolve()
    for path in ("index.html", "feed.xml", "sitemap.xml"):
        plain, packed, tight = (current / f"{path}{suffix}" for suffix in ("", ".gz", ".br"))
        assert gzip.decompress(packed.read_bytes()) == plain.read_bytes() == brotli.decompress(tight.read_bytes())
        assert packed.stat().st_mtime_ns == plain.stat().st_mtime_ns == tight.stat().st_mtime_ns
    modes = {file.stat().st_mode & 0o777 for file in current.rglob("*") if file.is_file()}
    assert modes == {0o644}


def test_a_release_is_readable_whatever_the_umask(out: Project) -> None:
    before = os.umask(0o077)
    try:
        publish_project(out)
    finally:
        os.umask(before)
    folders = [www(out), www(out) / "releases", *(path for path in www(out).rglob("*") if path.is_dir())]
    assert {folder.stat().st_mode & 0o755 for folder in folders} == {0o755}


def test_nothing_changed_makes_no_release(out: Project) -> None:
    publish_project(out)
    before = releases(out)
    ui = FakeUI()
    again = publish_project(out, ui=ui, now=NOW + timedelta(hours=1))
    assert not again.published
    assert again.plan is not None
    assert again.plan.is_empty
    assert ui.sent == []
    assert releases(out) == before


def test_changed_files_are_copied_and_others_linked(out: Project) -> None:
    publish_project(out)
    first = (www(out) / "current").resolve()
    out.article("n1", title="Another title")
    ui = FakeUI()
    publish_project(out, ui=ui, now=NOW + timedelta(hours=1))
    second = (www(out) / "current").resolve()
    assert first != second
    assert "articles/n1/index.html" in ui.sent
    assert "articles/n3/index.html" not in ui.sent
    for path in shown(out):
        same = (first / path).stat().st_ino == (second / path).stat().st_ino
        assert same == (path not in ui.sent), path
    assert shown(out) == out.tree()


def test_a_changed_page_is_newer_although_the_clock_was_set_back(out: Project) -> None:
    publish_project(out)
    before = (www(out) / "current/articles/n1/index.html").stat().st_mtime
    out.article("n1", title="Another title")
    publish_project(out, now=NOW - timedelta(minutes=10))
    assert (www(out) / "current/articles/n1/index.html").stat().st_mtime > before


def test_rollback_to_kept_releases(out: Project) -> None:
    seen = []
    for number in range(1, 6):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
        seen.append(shown(out))
    assert len(releases(out)) == 3
    roll_back(out)
    back = shown(out)
    assert {path: back[path] for path in seen[3]} == seen[3]
    extra = back.keys() - seen[3].keys()
    assert all(path.startswith("assets/") for path in extra), "assets of the newer pages stay for their readers"
    assert seen[4].keys() - seen[3].keys() <= extra
    roll_back(out)
    assert {path: shown(out)[path] for path in seen[2]} == seen[2]
    with pytest.raises(UsageError, match="no earlier release"):
        roll_back(out)
    write_version(out, 6)
    publish_project(out, now=NOW + timedelta(hours=7))
    assert shown(out).items() >= out.tree().items()
    roll_back(out)
    assert {path: shown(out)[path] for path in seen[2]} == seen[2], "back to what was shown before, not to the bad one"


def test_assets_stay_for_as_many_publishes_as_releases(out: Project) -> None:
    styles = []
    for number in range(1, 7):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
        styles.append(next(path for path in out.tree() if path.endswith(".css")))
        here = [style for style in styles if style in shown(out)]
        assert here == styles[-4:]


def test_unmanaged_files_are_kept_and_served(out: Project) -> None:
    publish_project(out)
    for number in range(50):
        Project(www(out)).file(f"current/.well-known/acme/{number}.txt" if number % 2 else f"{number}.txt", str(number))
    Project(www(out)).file("releases/mine/notes.txt", "mine")
    foreign = {path: data for path, data in tree(www(out)).items() if path.endswith(".txt") and "robots" not in path}
    assert len({path for path in foreign if "releases/0" not in path}) == 26
    for number in range(2, 8):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
    found = tree(www(out))
    for number in range(50):
        path = f"current/.well-known/acme/{number}.txt" if number % 2 else f"{number}.txt"
        file = www(out) / path
        assert file.read_text() == str(number)
    assert found["releases/mine/notes.txt"] == b"mine"
    assert len(releases(out)) == 4  # three, and the unmanaged folder


def test_unmanaged_files_are_served_after_a_rollback(out: Project) -> None:
    for number in (1, 2):
        write_version(out, number)
        publish_project(out)
    proof = www(out) / "current" / ".well-known" / "proof"
    proof.parent.mkdir()
    proof.write_text("token", encoding="utf-8")
    roll_back(out)
    assert proof.read_text(encoding="utf-8") == "token"
    write_version(out, 3)
    publish_project(out)
    assert proof.read_text(encoding="utf-8") == "token"


def test_a_deleted_file_is_restored(out: Project) -> None:
    publish_project(out)
    (www(out) / "current" / "index.html").unlink()
    publish_project(out)
    assert shown(out) == out.tree()


def test_an_unmanaged_file_at_the_path_of_a_new_file(out: Project) -> None:
    publish_project(out)
    Project(www(out)).file("current/articles/n9/index.html", "mine")
    out.article("n9")
    before = tree(www(out))
    with pytest.raises(ExternalError, match="unmanaged files conflict with files of the site: articles/n9"):
        publish_project(out)
    assert tree(www(out)) == before
    publish_project(out, take_over=True)
    assert shown(out) == out.tree()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("articles/n9", "articles/n9"),
        ("articles/n9/index.html/a.txt", "articles/n9/index.html/"),
        ("articles/n9/index.html.gz", "articles/n9/index.html.gz"),
        ("articles/n1/index.html.br/x", "articles/n1/index.html.br/"),
        ("robots.txt.gz", "robots.txt.gz"),
    ],
)
def test_conflicts_with_unmanaged_files(out: Project, name: str, expected: str) -> None:
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("[gzip, brotli]", "[]"))
    publish_project(out)
    Project(www(out)).file(f"current/{name}", "mine")
    Project(www(out)).file("current/articles/mine.txt", "mine")
    out.article("n9")
    before = tree(www(out))
    ui = FakeUI(is_terminal=True)
    ways: tuple[dict[str, Any], ...] = ({"dry_run": True}, {"yes": False, "ui": ui}, {})
    for options in ways:
        with pytest.raises(ExternalError) as caught:
            publish_project(out, **options)
        assert f"conflict with files of the site: {expected}; move them" in str(caught.value)
    assert ui.questions == []
    assert tree(www(out)) == before
    publish_project(out, take_over=True)
    after = tree(www(out) / "current")
    assert after.pop("articles/mine.txt") == b"mine"
    assert after == out.tree()


@pytest.mark.parametrize("how", ["emptied", "edited", "copy emptied", "a link"])
def test_a_damaged_file_is_repaired(out: Project, how: str) -> None:
    publish_project(out)
    file = www(out) / "current" / ("index.html.gz" if how == "copy emptied" else "index.html")
    if how == "edited":
        file.write_bytes(file.read_bytes().replace(b"version", b"VERSION"))
    else:
        file.write_bytes(b"")
    if how == "a link":
        file.unlink()
        file.symlink_to("robots.txt")
    before = (www(out) / "current/index.html").lstat().st_mtime
    ui = FakeUI()
    publish_project(out, ui=ui, now=NOW + timedelta(minutes=1))
    assert ui.sent == ["index.html"]
    assert shown(out) == out.tree()
    assert gzip.decompress((www(out) / "current/index.html.gz").read_bytes()) == out.tree()["index.html"]
    assert how in {"a link", "edited"} or (www(out) / "current/index.html").stat().st_mtime != before
    assert not publish_project(out, now=NOW + timedelta(hours=1)).published


def test_a_rollback_to_a_damaged_release_has_a_note(out: Project) -> None:
    publish_project(out)
    write_version(out, 2)
    publish_project(out, now=NOW + timedelta(hours=1))
    (www(out) / "releases" / releases(out)[0] / "index.html").write_bytes(b"")
    result = roll_back(out)
    assert f"changed or missing in {releases(out)[0]}: index.html; the next publish repairs the site" in result.notes


def test_a_missing_release_is_named(out: Project) -> None:
    publish_project(out)
    for removed in (www(out) / "releases" / releases(out)[0], www(out) / "releases" / f"{releases(out)[0]}.json"):
        kept = removed.with_name("kept")
        removed.rename(kept)
        for action in (publish_project, roll_back):
            with pytest.raises(ExternalError, match="folder or its manifest is missing; remove the link 'current'"):
                action(out)
        kept.rename(removed)
    shutil.rmtree(www(out) / "releases" / releases(out)[0])
    (www(out) / "current").unlink()
    publish_project(out)
    assert shown(out) == out.tree()


def test_another_compression_rebuilds_the_release(out: Project) -> None:
    def packed() -> set[str]:
        return {path.rpartition(".")[2] for path in tree(www(out) / "current") if path.endswith((".gz", ".br"))}

    def configure(old: str, new: str) -> None:
        out.file(
            "site.yaml", (out.root / "site.yaml").read_text("utf-8").replace(f"compress: {old}", f"compress: {new}")
        )

    configure("[gzip, brotli]", "[]")
    publish_project(out)
    times = {path: (www(out) / "current" / path).stat().st_mtime for path in out.tree()}
    for old, new, suffixes in (
        ("[]", "[gzip]", {"gz"}),
        ("[gzip]", "[brotli, gzip]", {"gz", "br"}),
        ("[brotli, gzip]", "[brotli]", {"br"}),
        ("[brotli]", "[]", set()),
    ):
        configure(old, new)
        ui = FakeUI(is_terminal=True)
        result = publish_project(out, ui=ui, now=NOW + timedelta(hours=1), yes=False)
        assert result.published
        assert "Rebuild" in ui.questions[0]
        assert ui.sent == []
        assert packed() == suffixes
        assert shown(out) == out.tree()
        assert not publish_project(out, now=NOW + timedelta(hours=2)).published
    assert {path: (www(out) / "current" / path).stat().st_mtime for path in out.tree()} == times


def test_an_alias_with_the_name_of_a_compressed_copy(out: Project) -> None:
    out.article("n1", aliases="[/feed.xml.gz/, /index.html.br/x/, /old.html, /old.html.gz/]")
    publish_project(out)
    found = tree(www(out) / "current")
    assert found.items() >= out.tree().items()
    assert "feed.xml.gz/index.html" in found
    assert not publish_project(out, now=NOW + timedelta(hours=1)).published


def test_dry_run_of_a_rollback(out: Project) -> None:
    publish_project(out)
    out.article("n9")
    out.article("n1", title="Another title")
    (out.root / "content/articles/2026/07/n2.md").unlink()
    publish_project(out, now=NOW + timedelta(hours=1))
    before = tree(www(out))
    first, second = releases(out)
    result = command(out, "--rollback", "--dry-run")
    assert result.returncode == 0, result.stderr
    assert f"would show {first} again, not {second}:" in result.stdout
    for line in ("  + articles/n2/index.html", "  ~ articles/n1/index.html", "  - articles/n9/index.html"):
        assert line in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1] == "nothing was changed there (--dry-run)"
    value = json.loads(command(out, "--rollback", "--dry-run", "--format", "json").stdout)
    assert value["rollback"]["from"] == second
    assert "articles/n9/index.html" in value["rollback"]["removed"]
    assert tree(www(out)) == before
    back = roll_back(out)
    assert back.plan is not None
    assert list(back.plan.removed) == value["rollback"]["removed"]
    result = command(out, "--rollback", "--dry-run")
    assert result.returncode == 2
    assert "there is no earlier release" in result.stderr


@pytest.mark.parametrize("target", ["{kind: directory, path: ../a/b/www}", "{kind: archive, path: ../a/b/site.zip}"])
def test_a_refused_publish_creates_nothing(tmp_path: Path, target: str) -> None:
    out = make_project(tmp_path / "digest", target)
    for ui in (FakeUI(), FakeUI(is_terminal=True, answer=False)):
        with pytest.raises(UsageError, match="nothing was changed"):
            publish_project(out, yes=False, ui=ui)
        assert {path.name for path in tmp_path.iterdir()} == {"digest"}
    (tmp_path / "a").write_text("mine")
    ways: tuple[dict[str, Any], ...] = ({"dry_run": True}, {})
    for options in ways:
        with pytest.raises(ExternalError, match="is a file; expected a folder"):
            publish_project(out, **options)


def test_addresses_that_are_only_at_the_target_are_reported_before_they_are_removed(out: Project) -> None:
    removed, moved = out.article("removed"), out.article("moved", id="moved00000000001")
    out.article("hidden")
    publish_project(out)
    shutil.rmtree(out.root / "output")  # as in CI
    removed.unlink()
    moved.rename(moved.with_name("new.md"))
    out.article("new", id="moved00000000001", aliases="[/articles/moved/]")
    out.article("hidden", draft="true")
    before, ui = shown(out), FakeUI()
    with pytest.raises(ContentError) as strict:
        publish_project(out, strict=True)
    assert shown(out) == before
    publish_project(out, ui=ui)
    reported = re.findall("/articles/[a-z]+/", " ".join(item.message for item in ui.warnings))
    assert reported == ["/articles/removed/"]
    assert [item.message for item in strict.value.diagnostics] == [item.message for item in ui.warnings]
    assert "articles/removed/index.html" not in shown(out)
    publish_project(out, ui=(again := FakeUI()), strict=True)
    assert not again.warnings


def test_the_report_of_the_build_is_not_repeated_by_the_publish(out: Project) -> None:
    out.article("removed")
    publish_project(out)
    (out.root / "content/articles/2026/07/removed.md").unlink()
    result = publish_project(out, ui=(ui := FakeUI()))
    assert not ui.warnings
    assert result.build is not None
    assert any("/articles/removed/" in item.message for item in result.build.diagnostics)


def test_another_project_publishes_during_the_question(out: Project) -> None:
    publish_project(out)
    other = Project(Path(shutil.copytree(out.root, out.root.parent / "other")))

    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            write_version(other, 3)
            publish_project(other, now=NOW + timedelta(hours=1))
            return super().confirm(question)

    write_version(out, 2)
    with pytest.raises(ExternalError, match=r"changed by another publish; publish again"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False, now=NOW + timedelta(hours=2))
    assert shown(out).items() >= other.tree().items()
    publish_project(out, now=NOW + timedelta(hours=3))
    assert shown(out).items() >= out.tree().items()


def test_an_unmanaged_file_is_added_during_the_question(out: Project) -> None:
    publish_project(out)

    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            Project(www(out)).file("current/.well-known/acme", "proof")
            return super().confirm(question)

    write_version(out, 2)
    publish_project(out, ui=InterferingUI(is_terminal=True), yes=False, now=NOW + timedelta(hours=2))
    assert (www(out) / "current/.well-known/acme").read_text() == "proof"


def test_links_are_not_followed_when_releases_are_deleted(out: Project) -> None:
    publish_project(out)
    elsewhere = out.root.parent / "elsewhere"
    release = www(out) / "releases" / releases(out)[0]
    (release / "articles").rename(elsewhere)
    (release / "articles").symlink_to(elsewhere)
    before = tree(elsewhere)
    for number in range(2, 7):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number), take_over=number == 2)
        assert (www(out) / "current/articles/n1/index.html").is_file()
        assert not (www(out) / "current/articles").is_symlink()
    assert tree(elsewhere) == before
    roll_back(out)
    assert tree(elsewhere) == before


_ODD = (
    "二つ の\nファイル.txt",
    " leading and trailing ",
    "a*b?[c]\\d.txt",
    "\u2028.txt",
    "#; - + comment",
    "e\u0301.txt",
)


def test_unmanaged_files_with_special_names(out: Project) -> None:
    publish_project(out)
    for name in _ODD:
        Project(www(out)).file(f"current/unmanaged {name}/{name}", name)
    for number in range(2, 6):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
    roll_back(out)
    for name in _ODD:
        assert (www(out) / "current" / f"unmanaged {name}" / name).read_text() == name


def test_the_first_publish_into_a_folder_with_files_asks(out: Project) -> None:
    Project(www(out)).file("index.html", "mine")
    with pytest.raises(UsageError, match="confirmation needs a terminal; pass --yes"):
        publish_project(out, yes=False)
    refusing = FakeUI(is_terminal=True, answer=False)
    with pytest.raises(UsageError, match="nothing was changed"):
        publish_project(out, ui=refusing, yes=False)
    assert "for the first time" in refusing.questions[0]
    assert {path.name for path in www(out).iterdir()} == {"index.html"}
    publish_project(out, ui=FakeUI(is_terminal=True), yes=False)
    assert (www(out) / "index.html").read_text() == "mine"


def test_an_unmanaged_folder_called_releases_asks(out: Project) -> None:
    Project(www(out)).file("releases/2026/notes.txt", "mine")
    refusing = FakeUI(is_terminal=True, answer=False)
    with pytest.raises(UsageError, match="nothing was changed"):
        publish_project(out, ui=refusing, yes=False)
    assert "has unmanaged files" in refusing.questions[0]
    assert set(tree(www(out))) == {"releases/2026/notes.txt"}


def test_a_dry_run_lists_everything_and_changes_nothing(out: Project) -> None:
    result = command(out, "--dry-run", "--now", NOW.isoformat())
    assert result.returncode == 0, result.stderr
    assert not www(out).exists()
    for path in out.tree():
        assert f"  + {path}\n" in result.stdout
    publish_project(out)
    before = tree(www(out))
    out.article("n1", title="Another title")
    (out.root / "content/articles/2026/07/n2.md").unlink()
    result = command(out, "--dry-run", "--now", NOW.isoformat())
    assert "  ~ articles/n1/index.html\n" in result.stdout
    assert "  - articles/n2/index.html\n" in result.stdout
    assert tree(www(out)) == before


# --- guards -----------------------------------------------------------------------------------------------------------


def test_more_deletions_than_the_limit_change_nothing(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", "{kind: directory, path: ../www, max_delete: 2}")
    publish_project(out)
    before = tree(www(out))
    out.article("n0", title="Changed")
    # Further files disappear with three articles: their data, and the feeds of a pair with too few left.
    for number in (1, 2, 3):
        (out.root / f"content/articles/2026/07/n{number}.md").unlink()
    result = command(out, "--yes", "--now", NOW.isoformat())
    assert result.returncode == 2
    said = re.search(
        r"would delete (\d+) of \d+ files \(limit 2\); nothing was changed.*--yes-delete (\d+)$", result.stderr
    )
    assert said is not None, result.stderr
    assert said[1] == said[2]
    removed = int(said[1])
    assert removed >= 3, "three articles, and whatever was about them alone"
    assert tree(www(out)) == before
    with pytest.raises(UsageError, match=f"{removed} of"):
        publish_project(out, allowed_deletions=removed - 1)
    assert tree(www(out)) == before
    publish_project(out, allowed_deletions=removed)
    assert shown(out) == out.tree()


@pytest.mark.parametrize(("owned", "removed", "stops"), [(50, 50, False), (500, 100, False), (500, 101, True)])
def test_the_limit_is_a_hundred_or_a_tenth(owned: int, removed: int, *, stops: bool) -> None:
    rows = {f"articles/{number}/index.html": TargetFile("x", 1) for number in range(owned)}
    items = {path: PublishFile(path, "x", 1, b"x") for path in list(rows)[removed:]}
    found = make_plan(items, TargetState(rows), 3)
    with pytest.raises(UsageError) if stops else nullcontext():
        check_deletions(found, None, None)
    rows = {f"articles/{number}/index.html": TargetFile("x", 1) for number in range(owned * 10)}
    items = {path: PublishFile(path, "x", 1, b"x") for path in list(rows)[owned:]}
    check_deletions(make_plan(items, TargetState(rows), 3), None, None)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "the root of the file system"),
        ("~", "your home folder"),
        (".", "inside the project"),
        ("content", "inside the project"),
        ("output/site", "inside the project"),
        ("..", "contains the project"),
    ],
)
def test_a_dangerous_path_is_refused(tmp_path: Path, path: str, expected: str) -> None:
    out = make_project(tmp_path / "digest", f"{{kind: directory, path: '{path}'}}")
    before = tree(out.root)
    with pytest.raises(UsageError, match=expected):
        publish_project(out)
    assert tree(out.root) == before


def test_a_link_into_the_project_is_refused(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", "{kind: directory, path: ../link}")
    (tmp_path / "link").symlink_to(out.root / "content")
    with pytest.raises(UsageError, match="inside the project"):
        publish_project(out)


def test_a_file_or_another_link_instead_of_the_link(out: Project) -> None:
    Project(www(out)).file("current/index.html", "mine")
    with pytest.raises(ExternalError, match="is a file or folder; expected a link"):
        publish_project(out)
    shutil.rmtree(www(out))
    www(out).mkdir()
    (www(out) / "current").symlink_to("/somewhere")
    with pytest.raises(ExternalError, match="which is not a release"):
        publish_project(out)
    shutil.rmtree(www(out))
    www(out).write_text("mine")
    with pytest.raises(ExternalError, match="is a file; expected a folder"):
        publish_project(out)


def test_an_invalid_manifest_changes_nothing(out: Project) -> None:
    publish_project(out)
    file = next((www(out) / "releases").glob("*.json"))
    for text in (b"", b"{}", b'{"sitegen": 1, "published": "", "before": "", "files": {"../x": ["", 0, 0, 0, []]}}'):
        file.write_bytes(text)
        before = tree(www(out))
        with pytest.raises(ExternalError, match="is not a valid manifest"):
            publish_project(out)
        assert tree(www(out)) == before


def test_an_invalid_manifest_of_an_old_release_is_a_note(out: Project, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
    oldest = min((www(out) / "releases").glob("*.json"))
    oldest.write_bytes(b"{}")
    write_version(out, 4)
    hook_command = ["sh", "-c", f"cat >{tmp_path / 'urls'}"]
    hook = f"hook: {json.dumps(hook_command)}, compress:"
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("compress:", hook))
    result = publish_project(out, now=NOW + timedelta(hours=4))
    assert result.published
    assert result.notes == (
        f"older releases were not deleted: {oldest} is not a valid manifest, so managed files are unknown",
    )
    assert result.failures == ()
    assert "https://test.example/" in (tmp_path / "urls").read_text().splitlines()
    assert shown(out).items() >= out.tree().items()
    assert oldest.with_suffix("").is_dir()


def test_two_publishes_at_once(out: Project) -> None:
    publish_project(out)
    write_version(out, 2)
    before = tree(www(out))
    for lock in (www(out) / ".sitegen.lock", out.root / "output/publish/out/lock"):
        with file_lock(lock), pytest.raises(ExternalError, match=r"^another publish to [^\n]+ is running$"):
            publish_project(out)
    assert tree(www(out)) == before


def test_warnings_are_shown_and_stop_a_strict_publish(out: Project) -> None:
    out.file("content/notes.md", "no article")
    result = command(out, "--yes", "--strict")
    assert result.returncode == 1
    assert not (www(out) / "current").exists()
    result = command(out, "--yes")
    assert result.returncode == 0
    assert "warning[not-read]" in result.stderr


def test_the_example_of_authority_is_named_before_the_first_publish(out: Project) -> None:
    site = out.root / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("authority: test.example,", "authority: example.org,"), "utf-8")
    publish_project(out, ui=(ui := FakeUI()))
    assert "the example of `sitegen init`; write a host that you own" in ui.plans[0].warnings[0]
    publish_project(out, ui=(again := FakeUI()), now=NOW + timedelta(hours=1))
    assert [plan.warnings for plan in again.plans] == [()], "readers may have subscribed"


def test_unmanaged_files_of_the_site_are_named(out: Project) -> None:
    out.built()
    out.file("output/site/google.html", "mine")
    publish_project(out, ui=(ui := FakeUI()))
    (warning,) = (text for text in ui.plans[0].warnings if "no build wrote" in text)
    assert "google.html" in warning
    assert "content/static/" in warning
    assert not (www(out) / "current/google.html").exists()


def test_a_publish_that_changes_nothing_names_them_too(out: Project) -> None:
    assert command(out, "--yes").returncode == 0
    out.file("output/site/mine\udce9.html", "mine")
    result = command(out, "--yes")
    assert "is up to date" in result.stdout
    assert "no build wrote them: mine\N{REPLACEMENT CHARACTER}.html;" in result.stderr


def test_another_build_during_a_publish_is_not_published(out: Project) -> None:
    """Only the build that was shown to the user may be published."""

    class InterferingUI(FakeUI):
        def show_build(self, result: BuildResult) -> None:
            assert result.ok
            out.article("n1", title="Another title")
            assert out.build().ok

    with pytest.raises(ExternalError, match=r"another build wrote to .* in the meantime; publish again"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False)
    assert not (www(out) / "current").exists()
    assert publish_project(out).published


def test_another_build_with_drafts_is_not_published(out: Project) -> None:
    out.article("secret", draft="true")

    class InterferingUI(FakeUI):
        def show_build(self, result: BuildResult) -> None:
            assert result.ok
            assert out.build(drafts=True).ok

    with pytest.raises(ExternalError, match=r"another build wrote to .* in the meantime; publish again"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False)
    assert not (www(out) / "current").exists()


def test_a_link_out_of_the_output_is_not_published(out: Project, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("TOKEN=x", encoding="utf-8")

    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            page = out.root / "output/site/articles/n1/index.html"
            page.unlink()
            page.symlink_to(tmp_path / "secret")
            return super().confirm(question)

    with pytest.raises(ExternalError, match=r"n1/index\.html changed after the build; publish again"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False)
    assert not (www(out) / "current").exists()


def test_builds_are_blocked_and_changes_detected_during_the_upload(out: Project) -> None:
    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            with pytest.raises(ExternalError, match="another build is writing"):
                out.build()
            out.file("output/site/articles/n1/index.html", "something else")
            return super().confirm(question)

    with pytest.raises(ExternalError, match=r"n1/index\.html changed after the build; publish again"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False)
    assert not (www(out) / "current").exists()
    publish_project(out)
    assert shown(out) == out.tree()
    assert b"something else" not in out.tree()["articles/n1/index.html"]


def test_errors_and_drafts_are_not_published(out: Project) -> None:
    out.article("secret", draft="true")
    out.build(drafts=True)
    publish_project(out)
    assert not [path for path in shown(out) if "secret" in path]
    before = tree(www(out))
    out.article("broken", importance="9")
    result = command(out, "--yes")
    assert result.returncode == 1
    assert "error[out-of-range]" in result.stderr
    assert tree(www(out)) == before


def test_no_such_target(out: Project) -> None:
    result = command(out, "--yes", target="ouut")
    assert result.returncode == 2
    assert result.stderr == "sitegen: there is no target 'ouut'; did you mean 'out'? site.yaml has: out\n"
    result = command(out, "--yes", target="elsewhere")
    assert result.stderr == "sitegen: there is no target 'elsewhere'. site.yaml has: out\n"
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").split("publish:")[0])
    result = command(out, "--yes")
    assert result.returncode == 2
    assert "add one under `publish`, as `sitegen docs publishing` explains" in result.stderr


def test_a_missing_extra_is_named_with_its_command(out: Project) -> None:
    code = "import sys; sys.modules['brotli'] = None; from sitegen.cli import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-c", code, "-C", str(out.root), "publish", "out", "--yes"],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
    )
    assert result.returncode == 2
    assert "pip install 'sitegen-digest[brotli]'" in result.stderr
    assert len(result.stderr.splitlines()) == 1


# --- web servers -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_readers_of_nginx_and_caddy_during_twenty_publishes(out: Project, tmp_path: Path) -> None:
    publish_project(out)
    pages = ("/", "/articles/n0/", "/articles/n3/", "/topics/trade/")
    with (
        nginx(www(out), tmp_path / "nginx") as one,
        caddy(www(out), tmp_path / "caddy") as other,
        Reader(one, pages) as first,
        Reader(other, pages) as second,
    ):
        for number in range(2, 22):
            write_version(out, number)
            assert publish_project(out, now=NOW + timedelta(minutes=number)).published
            wait_for(first, 1)
            wait_for(second, 1)
    first.saw(20)
    second.saw(20)


RESPONSES: Final = (
    ("/", FileClass.INDEX, "text/html; charset=utf-8"),
    ("/articles/n0/", FileClass.PAGE, "text/html; charset=utf-8"),
    ("style", FileClass.ASSET, "text/css; charset=utf-8"),
    ("/feed.xml", FileClass.FEED, "application/xml; charset=utf-8"),
    ("/topics/trade/feed.xml", FileClass.FEED, "application/xml; charset=utf-8"),
    ("/atom.xml", FileClass.FEED, "application/xml; charset=utf-8"),
    ("/topics/trade/atom.xml", FileClass.FEED, "application/xml; charset=utf-8"),
    ("/feed.json", FileClass.FEED, "application/feed+json; charset=utf-8"),
    ("/topics/trade/feed.json", FileClass.FEED, "application/feed+json; charset=utf-8"),
    ("/feeds.opml", FileClass.INDEX, "text/x-opml; charset=utf-8"),
    ("/ja/feeds.opml", FileClass.INDEX, "text/x-opml; charset=utf-8"),
    ("/data/articles.csv", FileClass.INDEX, "text/csv; charset=utf-8"),
    ("/data/articles.json", FileClass.INDEX, "application/json; charset=utf-8"),
    ("/data/front-matter.schema.json", FileClass.INDEX, "application/json; charset=utf-8"),
    ("/sitemap.xml", FileClass.INDEX, "application/xml; charset=utf-8"),
    ("/robots.txt", FileClass.INDEX, "text/plain; charset=utf-8"),
)
"""Paths, their class for caches, and their media type. `style` stands for the path of a style sheet."""


def redirecting(out: Project) -> str:
    """Publish a site with redirects; return the path of its style sheet."""
    site = (out.root / "site.yaml").read_text("utf-8")
    redirects = 'redirects: {"/旧$x{y}/": /topics/trade/}\ngone: [/lost/, /lost.xml]\n'
    out.file("site.yaml", site.replace("locales: [en]", "locales: [en, ja]") + redirects)
    publish_project(out)
    return next(path for path in out.tree() if path.endswith(".css"))


def assert_answers(port: int, path: str, kind: FileClass, mime: str) -> None:
    """Check what an example server sends for a path."""
    answer = get(port, path)
    assert answer.status == 200, path
    assert answer.headers["Cache-Control"] == CACHE_CONTROL[kind], path
    assert answer.headers["Content-Type"] == mime, path
    assert answer.headers["Content-Security-Policy"] == DEFAULT_POLICY
    for name, value in SECURITY_HEADERS:
        assert answer.headers[name] == value
    tag = answer.headers["ETag"]
    assert get(port, path, {"If-None-Match": tag}).status == 304
    assert get(port, path, {"If-Modified-Since": answer.headers["Last-Modified"]}).status == 304


def assert_redirects(port: int) -> None:
    """Check what an example server sends at the addresses of `redirecting`."""
    assert get(port, "/%E6%97%A7$x%7By%7D/").headers["Location"].endswith("/topics/trade/")
    assert get(port, "/%E6%97%A7$x%7By%7D/").status == get(port, "/%E6%97%A7$x%7By%7D/feed.xml").status == 301
    assert get(port, "/lost/").status == get(port, "/lost.xml").status == 410
    assert get(port, "/lost/").body == get(port, "/nothing/").body


def assert_not_found(port: int, out: Project) -> None:
    """Check what an example server sends for a page that does not exist."""
    nowhere = get(port, "/nowhere/")
    assert nowhere.status == 404
    assert nowhere.body == out.tree()["404.html"]
    assert get(port, "/ja/nowhere/").status == 404
    assert get(port, "/ja/nowhere/").body == out.tree()["ja/404.html"] != nowhere.body
    assert nowhere.headers["Content-Security-Policy"] == DEFAULT_POLICY
    assert "Cache-Control" not in nowhere.headers


def test_the_example_server_configurations(out: Project, tmp_path: Path) -> None:
    style = redirecting(out)
    with nginx(www(out), tmp_path / "nginx") as one, caddy(www(out), tmp_path / "caddy") as other:
        for port in (one, other):
            assert_redirects(port)
            assert_not_found(port, out)
            for written, kind, mime in RESPONSES:
                path = written.replace("style", f"/{style}")
                assert_answers(port, path, kind, mime)
                answer = get(port, path)
                for coding, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
                    packed = get(port, path, {"Accept-Encoding": coding})
                    if len(answer.body) > 500:
                        assert packed.headers["Content-Encoding"] == coding, (port == one, path)
                        assert unpack(packed.body) == answer.body


def test_the_example_configuration_of_apache(out: Project, tmp_path: Path) -> None:
    publish_project(out)
    with apache(www(out), tmp_path / "without") as port:
        assert get(port, "/").status == 200
        assert get(port, "/%E6%97%A7$x%7By%7D/").status == 404
    style = redirecting(out)
    with apache(www(out), tmp_path / "apache") as port:
        assert_redirects(port)
        assert_not_found(port, out)
        for path, kind, mime in RESPONSES:
            assert_answers(port, path.replace("style", f"/{style}"), kind, mime)


# --- interrupted ------------------------------------------------------------------------------------------------------


def killed(base: Path, work: Path, points: int) -> list[Project]:
    """Publish copies of `base`, each killed some steps later; return the killed projects."""
    words = [sys.executable, "-m", "tests.publish.kill_at_step", str(base), str(work), NOW.isoformat(), str(points)]
    result = subprocess.run(words, cwd=ROOT, timeout=200, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    return [Project(root / "digest") for root in sorted(work.iterdir()) if root.name.isdigit()]


@pytest.mark.slow
def test_killed_at_thirty_points(out: Project, tmp_path: Path) -> None:
    base = tmp_path / "base"
    publish_project(out)
    before = shown(out)
    write_version(out, 2)
    out.article("n9")
    (out.root / "content/articles/2026/07/n0.md").unlink()
    base.mkdir()
    shutil.copytree(out.root, base / "digest")
    shutil.copytree(www(out), base / "www", symlinks=True)
    whole = killed(base, tmp_path / "work", 30)
    publish_project(out, now=NOW)
    after = shown(out)
    assert len(whole) == 30
    saw = set()
    for state in whole:
        now = shown(state)
        assert now in (before, after)
        saw.add(now == after)
        assert broken_assets(now) == []
        publish_project(state, now=NOW + timedelta(hours=1))
        assert shown(state) == after
        left = {entry.name for entry in (www(state) / "releases").iterdir() if entry.is_dir()}
        assert all((www(state) / f"releases/{name}.json").exists() for name in left), "nothing unfinished is left"
    assert saw == {False, True}


def test_a_full_disk_at_the_target(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the administrator can make a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("this machine does not allow mounting a small disk")
    try:
        out = make_project(tmp_path / "digest", "{kind: directory, path: ../disk/www, compress: []}")
        publish_project(out)
        before = tree(disk)
        out.article("big", body="word " * 100_000)
        result = command(out, "--yes", "--now", NOW.isoformat())
        assert result.returncode == 3
        assert "No space left on device" in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert {path for path in tree(disk) if "/releases/" not in path} == {p for p in before if "/releases/" not in p}
        assert tree(disk) == before
        out.article("big")
        publish_project(out)
        assert tree(disk / "www/current") == out.tree()
    finally:
        for _ in range(20):
            if subprocess.run(["umount", str(disk)], check=False, stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
