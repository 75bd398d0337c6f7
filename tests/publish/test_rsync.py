"""Another machine, by the daemon of rsync and by ssh, served by nginx."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sitegen.diagnostics import ExternalError, UsageError
from tests.preview.serving import free_port
from tests.project import NOW, Project, tree
from tests.publish.helpers import (
    FakeUI,
    broken_assets,
    command,
    make_project,
    publish_project,
    roll_back,
    write_version,
)
from tests.publish.proxy import FAULTS, Proxy
from tests.publish.servers import Reader, nginx, process, wait_for
from tests.publish.test_git import ProcessWatcher
from tests.tools import command as tool

pytestmark = pytest.mark.slow  # tools and daemons, and many publishes: `make test-long`

WORD = "open-sesame-not-to-be-seen"


@contextmanager
def daemon(work: Path, *more: str) -> Iterator[int]:
    """Run rsync's daemon with a module `web`, which is the folder `www`."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    own = f"uid = {os.getuid()}\ngid = {os.getgid()}\n" if os.getuid() == 0 else ""
    module = f"path = {work}/www\nread only = no\nuse chroot = no\nmunge symlinks = no\n" + "".join(
        f"{m}\n" for m in more
    )
    (work / "rsyncd.conf").write_text(f"{own}pid file = {work}/rsyncd.pid\n[web]\n{module}")
    (work / "www").mkdir(exist_ok=True)
    words = [tool("rsync"), "--daemon", "--no-detach", f"--config={work}/rsyncd.conf", f"--port={port}"]
    with process([*words, "--address=127.0.0.1", f"--log-file={work}/log"], port, work / "out"):
        yield port


def rsynced(tmp_path: Path, port: int, more: str = "keep: 3") -> Project:
    return make_project(
        tmp_path / "digest", f"{{kind: rsync, to: 'rsync://127.0.0.1:{port}/web/site', timeout: 5, {more}}}"
    )


def through(project: Project, port: int) -> None:
    """Publish a project to another port."""
    text = (project.root / "site.yaml").read_text("utf-8")
    head, _, tail = text.partition("rsync://127.0.0.1:")
    project.file("site.yaml", f"{head}rsync://127.0.0.1:{port}/{tail.partition('/')[2]}")


def location(tmp_path: Path) -> Path:
    return tmp_path / "far" / "www" / "site"


def shown(tmp_path: Path) -> dict[str, bytes]:
    return tree(location(tmp_path) / "current")


@pytest.fixture
def far(tmp_path: Path) -> Iterator[int]:
    """Run the daemon."""
    with daemon(tmp_path / "far") as port:
        yield port


@pytest.mark.slow
def test_an_invalid_manifest_of_an_old_release_is_a_note(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far, "keep: 2")
    for number in (1, 2):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
    oldest = min((location(tmp_path) / "releases").glob("*.json"))
    oldest.write_bytes(b"{}")
    write_version(out, 3)
    result = publish_project(out, now=NOW + timedelta(hours=3))
    assert result.published
    (note,) = result.notes
    assert note.startswith(f"older releases were not deleted: {oldest.name} in ")
    assert shown(tmp_path).items() >= out.tree().items()
    assert oldest.with_suffix("").is_dir()


@pytest.mark.slow
def test_releases_with_hard_links_and_rollback(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far)
    seen = []
    for number in range(1, 4):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
        seen.append(shown(tmp_path))
        assert seen[-1].items() >= out.tree().items()
    first = (location(tmp_path) / "current").resolve()
    out.article("n1", title="Another title")
    ui = FakeUI()
    publish_project(out, ui=ui, now=NOW + timedelta(hours=4))
    second = (location(tmp_path) / "current").resolve()
    changed = {item.path for item in ui.plans[0].changed}
    assert set(ui.sent) == changed, "only what changed is sent"
    for path in out.tree():
        same = (first / path).stat().st_ino == (second / path).stat().st_ino
        assert same == (path not in changed), path
    assert not publish_project(out, now=NOW + timedelta(hours=5)).published
    names = {entry.name for entry in (location(tmp_path) / "releases").iterdir() if entry.is_dir()}
    assert len(names) == 3
    roll_back(out)
    assert shown(tmp_path).items() >= seen[2].items()
    roll_back(out)
    assert shown(tmp_path).items() >= seen[1].items()
    with pytest.raises(UsageError, match="no earlier release"):
        roll_back(out)


def test_only_changed_files_are_sent_from_another_machine(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far)
    publish_project(out)
    before = {path: (location(tmp_path) / "current" / path).stat().st_mtime for path in out.tree()}
    shutil.rmtree(out.root / "output")
    out.article("n1", title="Another title")
    ui = FakeUI()
    publish_project(out, ui=ui, now=NOW - timedelta(minutes=5))
    changed = {item.path for item in ui.plans[0].changed}
    assert set(ui.sent) == changed
    for path, time in before.items():
        now = (location(tmp_path) / "current" / path).stat().st_mtime
        assert now > time if path in changed else now == time


@pytest.mark.slow
def test_unmanaged_files_are_kept_and_served(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far, "keep: 2")
    Project(location(tmp_path)).file("index.html", "mine")
    with pytest.raises(UsageError, match="pass --yes"):
        publish_project(out, yes=False)
    publish_project(out)
    names = [f"current/.well-known/acme/{n} é.txt" if n % 2 else f"notes/{n}.txt" for n in range(50)]
    for number, name in enumerate(names):
        Project(location(tmp_path)).file(name, str(number))
    for number in range(2, 6):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
        for inner, name in enumerate(names):
            assert (location(tmp_path) / name).read_text() == str(inner), number
    assert (location(tmp_path) / "index.html").read_text() == "mine"
    releases = {entry.name for entry in (location(tmp_path) / "releases").iterdir()}
    assert len(releases) == 4  # two releases with their manifests
    Project(location(tmp_path)).file("current/articles/n9/index.html", "mine")
    out.article("n9")
    with pytest.raises(ExternalError, match="unmanaged files conflict with files of the site: articles/n9"):
        publish_project(out, now=NOW + timedelta(hours=9))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("articles/n9", "articles/n9"),
        ("articles/n9/index.html/a.txt", "articles/n9/index.html/"),
        ("articles/n1/index.html.gz", "articles/n1/index.html.gz"),
    ],
)
def test_a_conflict_is_found_before_the_question(far: int, tmp_path: Path, name: str, expected: str) -> None:
    out = rsynced(tmp_path, far)
    publish_project(out)
    Project(location(tmp_path)).file(f"current/{name}", "mine")
    Project(location(tmp_path)).file("current/articles/mine.txt", "mine")
    out.article("n9")
    before = tree(location(tmp_path))
    ui = FakeUI(is_terminal=True)
    ways: tuple[dict[str, Any], ...] = ({"dry_run": True}, {"yes": False, "ui": ui}, {})
    for options in ways:
        with pytest.raises(ExternalError) as caught:
            publish_project(out, **options)
        assert f"conflict with files of the site: {expected}; move them" in str(caught.value)
    assert ui.questions == []
    assert tree(location(tmp_path)) == before
    publish_project(out, take_over=True)
    after = shown(tmp_path)
    assert after.pop("articles/mine.txt") == b"mine"
    assert after == out.tree()


_ODD = (
    "二つ の\nファイル.txt",
    " leading and trailing ",
    "a*b?[c]\\d.txt",
    "\u2028.txt",
    "#; - + c",
    "\\#012",
    "e\u0301.txt",
)


@pytest.mark.slow
def test_a_rollback_keeps_unmanaged_files_with_special_names(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far)
    for number in (1, 2):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
    style = next(path for path in out.tree() if path.endswith(".css"))
    for name in _ODD:
        Project(location(tmp_path)).file(f"current/unmanaged {name}/{name}", name)
    (location(tmp_path) / "current" / "a link").symlink_to("robots.txt")
    before = (location(tmp_path) / "current").resolve()
    assert command(out, "--rollback", "--dry-run").returncode == 0
    assert (location(tmp_path) / "current").resolve() == before
    result = roll_back(out)
    assert result.plan is not None
    assert "index.html" in {file.path for file in result.plan.changed}
    assert (location(tmp_path) / "current").resolve() != before
    assert style in shown(tmp_path), "assets of the newer pages stay for their readers"
    write_version(out, 3)
    for action in (lambda: None, lambda: publish_project(out, now=NOW + timedelta(hours=3))):
        action()
        for name in _ODD:
            assert (location(tmp_path) / "current" / f"unmanaged {name}" / name).read_text() == name
        assert (location(tmp_path) / "current" / "a link").is_symlink()
    assert shown(tmp_path).items() >= out.tree().items()


@pytest.mark.slow
@pytest.mark.parametrize(
    "how",
    ["edited", "emptied", "taken away"],
)
def test_a_damaged_file_is_repaired(far: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    out = rsynced(tmp_path, far)
    publish_project(out)
    assert not publish_project(out).published
    file = location(tmp_path) / "current" / "index.html"
    if how == "taken away":
        file.unlink()
    else:
        file.write_bytes(b"" if how == "emptied" else file.read_bytes().replace(b"version", b"VERSION"))
    ui = FakeUI()
    publish_project(out, ui=ui, now=NOW + timedelta(hours=1))
    assert ui.sent == ["index.html"]
    assert shown(tmp_path) == out.tree()
    assert not publish_project(out, now=NOW + timedelta(hours=2)).published


@pytest.mark.slow
def test_a_missing_release_is_named(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far)
    publish_project(out)
    shutil.rmtree((location(tmp_path) / "current").resolve())
    for action in (publish_project, roll_back):
        with pytest.raises(ExternalError, match="that folder or its manifest is missing; remove the link 'current'"):
            action(out)
    (location(tmp_path) / "current").unlink()
    publish_project(out)
    assert shown(tmp_path) == out.tree()


@pytest.mark.slow
def test_a_reader_during_twenty_publishes(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far)
    publish_project(out)
    with nginx(location(tmp_path), tmp_path / "nginx") as port, Reader(port, ("/", "/articles/n0/")) as reader:
        for number in range(2, 22):
            write_version(out, number)
            publish_project(out, now=NOW + timedelta(minutes=number))
            wait_for(reader, 1)
    reader.saw(20)


def test_a_daemon_that_changes_links_is_detected(tmp_path: Path) -> None:
    with daemon(tmp_path / "far", "munge symlinks = yes") as port:
        out = rsynced(tmp_path, port)
        with pytest.raises(ExternalError, match="munge symlinks = no"):
            publish_project(out)


def test_missing_module_and_refused_connection(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far)
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("/web/", "/nowhere/"))
    result = command(out, "--yes")
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1
    assert "Unknown module 'nowhere'" in result.stderr
    through(out, 9)
    with pytest.raises(ExternalError, match=r"connection failed: .*Connection refused"):
        publish_project(out)


@pytest.mark.slow
def test_a_password_is_used_and_not_visible(tmp_path: Path) -> None:
    words = tmp_path / "far" / "secrets"
    words.parent.mkdir()
    words.write_text(f"editor:{WORD}\n")
    words.chmod(0o600)
    with daemon(tmp_path / "far", "auth users = editor", f"secrets file = {words}") as port:
        out = rsynced(tmp_path, port)
        out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("rsync://", "rsync://editor@"))
        watch = ProcessWatcher(WORD)
        watch.start()
        wrong = command(out, "--yes", RSYNC_PASSWORD=f"wrong-{WORD}")
        right = command(out, "--yes", RSYNC_PASSWORD=WORD)
        watch.over.set()
        watch.join()
    assert wrong.returncode == 3
    assert "authentication failed: @ERROR: auth failed on module web" in wrong.stderr
    assert right.returncode == 0, right.stderr
    assert WORD not in wrong.stdout + wrong.stderr + right.stdout + right.stderr
    assert any(b"rsync" in line for line in watch.seen)
    assert watch.found == []
    assert shown(tmp_path) == out.tree()


@pytest.mark.slow
def test_over_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keygen, sshd = tool("ssh-keygen"), tool("sshd", "/usr/sbin/sshd")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    for name in ("host", "editor"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    shutil.copy(tmp_path / "editor.pub", tmp_path / "authorized")
    port = free_port()
    (tmp_path / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/authorized\n"
        f"StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nPidFile {tmp_path}/pid\n"
    )
    known = tmp_path / "known"
    known.write_text(f"[127.0.0.1]:{port} {(tmp_path / 'host.pub').read_text()}")
    options = f"-F /dev/null -p {port} -i {tmp_path}/editor -o UserKnownHostsFile={known} -o IdentityAgent=none"
    monkeypatch.setenv("RSYNC_RSH", f"ssh {options} -o BatchMode=yes")
    far = tmp_path / "a far folder"
    out = make_project(tmp_path / "digest", f"{{kind: rsync, to: '127.0.0.1:{far}', timeout: 10, keep: 2}}")
    far.mkdir()
    with process([sshd, "-D", "-e", "-f", str(tmp_path / "sshd_config")], port, tmp_path / "sshd.log"):
        for number in (1, 2):
            write_version(out, number)
            publish_project(out, now=NOW + timedelta(hours=number))
            assert tree(far / "current").items() >= out.tree().items()
        roll_back(out)
        # An account that is restricted to rsync in one folder.
        key = (tmp_path / "editor.pub").read_text()
        held = tmp_path / "held"
        held.mkdir()
        (tmp_path / "authorized").write_text(f'restrict,command="{tool("rrsync")} {held}" {key}')
        out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace(f"127.0.0.1:{far}", "127.0.0.1:/"))
        for number in (4, 5):
            write_version(out, number)
            publish_project(out, now=NOW + timedelta(hours=number))
            assert tree(held / "current").items() >= out.tree().items()
        first, second = (part / "robots.txt" for part in sorted((held / "releases").iterdir())[::2])
        assert first.stat().st_ino == second.stat().st_ino, "hard links, although '..' is refused"
        (tmp_path / "authorized").write_text("")
        result = command(out, "--yes")
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1
    assert "Permission denied" in result.stderr


@pytest.mark.slow
def test_a_connection_broken_at_thirty_points(far: int, tmp_path: Path) -> None:
    out = rsynced(tmp_path, far, "keep: 40")
    for number in range(30):
        out.article(f"more{number:04d}", body="Some text. " * 200, date="2026-06-03")
    publish_project(out)
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("timeout: 5", "timeout: 1"))
    with Proxy(far) as proxy:
        through(out, proxy.listen_port)
        write_version(out, 2)
        publish_project(out)
        total = proxy.sent
    finished = 0
    for point in range(30):
        write_version(out, point + 3)
        before = shown(tmp_path)
        limit = round(point * total * 0.8 / 29)
        with Proxy(far, limit=limit, fault=FAULTS[point % 3]) as proxy:
            through(out, proxy.listen_port)
            with pytest.raises(ExternalError) as caught:
                publish_project(out, now=NOW + timedelta(hours=point))
            assert "\n" not in str(caught.value)
            assert proxy.broken
        site = shown(tmp_path)
        new = out.tree()
        assert site == before or site.items() >= new.items(), "the one or the other, nothing between"
        assert broken_assets(site) == []
        folder = location(tmp_path) / "releases"
        parts = [part for part in folder.iterdir() if part.is_dir() and not (folder / f"{part.name}.json").exists()]
        there = {path for part in parts for path, data in tree(part).items() if new.get(path) == data}
        there -= {path for path, data in new.items() if before.get(path) == data}
        ui = FakeUI()
        with Proxy(far) as proxy:
            through(out, proxy.listen_port)
            publish_project(out, ui=ui, now=NOW + timedelta(hours=point))
        assert not there & set(ui.sent), "what was finished is not sent again"
        finished += bool(there)
        assert shown(tmp_path).items() >= new.items()
        left = [part for part in folder.iterdir() if part.is_dir() and not (folder / f"{part.name}.json").exists()]
        assert left == []
    assert finished > 3
