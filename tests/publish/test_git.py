"""A branch of a local repository, over the git protocol and over HTTP with a password."""

import base64
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sitegen.diagnostics import ExternalError, UsageError
from tests.preview.serving import free_port
from tests.project import NOW, Project, tree
from tests.publish.helpers import FakeUI, broken_assets, command, make_project, publish_project, write_version
from tests.publish.proxy import FAULTS, Proxy
from tests.publish.servers import process
from tests.publish.test_directory import killed

pytestmark = pytest.mark.slow  # tools, and many publishes: `make test-long`

PAGES = "{kind: git, remote: ../bare.git, branch: gh-pages, host: github, keep: 2}"
SECRET = "hunter2-not-to-be-seen"


def git(folder: Path, *words: str) -> str:
    """Run git as another user."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C"}
    names = {f"GIT_{who}_{what}": f"other{end}" for who in ("AUTHOR", "COMMITTER") for what, end in _NAMES}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, encoding="utf-8", check=False, env=environment | names
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_NAMES = (("NAME", ""), ("EMAIL", "@test.example"))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Make an empty repository."""
    folder = tmp_path / "bare.git"
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    return folder


@pytest.fixture
def out(tmp_path: Path, bare: Path) -> Project:
    """Make a digest that is published to a branch of that repository."""
    assert bare.is_dir()
    return make_project(tmp_path / "digest", PAGES)


def branch(bare: Path, name: str = "gh-pages") -> dict[str, bytes]:
    """Return the files of a branch."""
    found = {}
    for path in git(bare, "ls-tree", "-r", "--name-only", "-z", name).split("\0"):
        if path:
            words = ["git", "-C", str(bare), "cat-file", "blob", f"{name}:{path}"]
            found[path] = subprocess.run(words, capture_output=True, check=True).stdout
    return found


def served(bare: Path) -> dict[str, bytes]:
    """Return the site in the branch, without host files, the manifest and retired assets."""
    found = branch(bare)
    old = {line.split(" ")[1] for line in found[".sitegen"].decode().splitlines() if line[0].isdigit() and " " in line}
    return {path: data for path, data in found.items() if path not in {".sitegen", ".nojekyll", "CNAME"} | old}


def test_a_branch_has_the_site_and_the_host_files(out: Project, bare: Path) -> None:
    with pytest.raises(ExternalError, match=r"there is no branch 'gh-pages' in .*--create"):
        publish_project(out)
    assert git(bare, "for-each-ref") == ""
    publish_project(out, create=True)
    assert served(bare) == out.tree()
    assert branch(bare)[".nojekyll"] == b""
    assert branch(bare)["CNAME"] == b"test.example\n"
    message = git(bare, "log", "--format=%B", "gh-pages")
    assert message.startswith("Publish Article 0, Article 1, Article 2 and 1 more\n\nNew:\n- Article 0 (n0)\n")
    git(bare, "fsck", "--strict")


def test_a_commit_names_articles_and_no_older_addresses(out: Project, bare: Path) -> None:
    publish_project(out, create=True)
    site = out.root / "site.yaml"
    site.write_text(site.read_text("utf-8") + "redirects: {/articles/old/: /topics/}\n", "utf-8")
    publish_project(out, now=NOW + timedelta(hours=1))
    number = git(bare, "diff", "--name-only", "gh-pages~1", "gh-pages").count("\n") - 1  # without .sitegen
    message = git(bare, "log", "-1", "--format=%B", "gh-pages")
    assert message.startswith(f"Publish {number} files\n")
    assert "(old)" not in message


def test_one_commit_for_each_publish_with_changes(out: Project, bare: Path) -> None:
    publish_project(out, create=True)
    out.article("n1", title="Another title")
    (out.root / "content/articles/2026/07/n2.md").unlink()
    ui = FakeUI()
    publish_project(out, ui=ui, now=NOW + timedelta(hours=1))
    assert "404.html" not in ui.sent
    assert "articles/n1/index.html" in ui.sent
    assert not publish_project(out, now=NOW + timedelta(hours=2)).published
    log = git(bare, "log", "--format=%s|%an|%ct", "gh-pages").splitlines()
    assert len(log) == 2
    assert log[0].startswith("Publish Article 0, Another title, Article 3; remove n2|")
    assert log[0].endswith(f"|{(NOW + timedelta(hours=1)).timestamp():.0f}")
    assert "Removed:\n- n2 (n2)" in git(bare, "log", "-1", "--format=%B", "gh-pages")
    assert served(bare) == out.tree()
    changed = git(bare, "diff", "--name-only", "gh-pages~1", "gh-pages").split()
    assert sorted(changed) == sorted({*ui.sent, ".sitegen", *ui.plans[0].deleted})


def test_publish_without_the_local_repository(out: Project, bare: Path, tmp_path: Path) -> None:
    publish_project(out, create=True)
    for number in (2, 3):
        shutil.rmtree(out.root / "output")
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
        assert served(bare) == out.tree()
    assert git(bare, "rev-list", "--count", "gh-pages").strip() == "3"


def test_the_work_tree_and_the_index_are_not_changed(out: Project, bare: Path) -> None:
    git(out.root, "init", "--quiet", "--initial-branch=main")
    git(out.root, "remote", "add", "origin", str(bare))
    out.file(".gitignore", "/output/\n")
    git(out.root, "add", "site.yaml", ".gitignore")
    git(out.root, "commit", "--quiet", "-m", "Mine")
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("../bare.git", "origin"))
    git(out.root, "add", "themes")
    before = {path: data for path, data in tree(out.root).items() if not path.startswith("output/")}
    status = git(out.root, "status", "--porcelain")
    publish_project(out, create=True)
    assert {path: data for path, data in tree(out.root).items() if not path.startswith("output/")} == before
    assert git(out.root, "status", "--porcelain") == status
    assert git(out.root, "branch", "--list", "-a").split() == ["*", "main"]


def test_unmanaged_files_are_kept(out: Project, bare: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(bare), str(clone))
    git(clone, "checkout", "--quiet", "-b", "gh-pages")
    for number in range(50):
        Project(clone).file(f"unmanaged/{number % 7}/{number}.txt", str(number))
    Project(clone).file("README.md", "unmanaged")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "Unmanaged")
    git(clone, "push", "--quiet", "origin", "gh-pages")
    with pytest.raises(UsageError, match="pass --yes"):
        publish_project(out, yes=False)
    for number in range(1, 4):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
    found = branch(bare)
    assert {path: data for path, data in found.items() if path.startswith("unmanaged/")} == {
        f"unmanaged/{number % 7}/{number}.txt": str(number).encode() for number in range(50)
    }
    assert found["README.md"] == b"unmanaged"
    assert git(bare, "rev-list", "--count", "gh-pages").strip() == "4"
    Project(clone).file("articles/n9", "unmanaged")
    git(clone, "pull", "--quiet", "--ff-only", "origin", "gh-pages")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "In the way")
    git(clone, "push", "--quiet", "origin", "gh-pages")
    out.article("n9")
    with pytest.raises(ExternalError, match="unmanaged files conflict with files of the site: articles/n9"):
        publish_project(out, now=NOW + timedelta(hours=5))


def test_the_branch_of_the_texts_is_refused(out: Project, bare: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(bare), str(clone))
    git(clone, "checkout", "--quiet", "-b", "gh-pages")
    Project(clone).file("site.yaml", "title: A digest\n")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "Texts")
    git(clone, "push", "--quiet", "origin", "gh-pages")
    with pytest.raises(UsageError, match="so it is a branch with the texts of a digest"):
        publish_project(out)
    assert branch(bare).keys() == {"site.yaml"}


@pytest.mark.slow
def test_assets_of_older_pages_stay_for_two_publishes(out: Project, bare: Path) -> None:
    styles = []
    for number in range(1, 6):
        write_version(out, number)
        publish_project(out, create=True, now=NOW + timedelta(hours=number))
        styles.append(next(path for path in out.tree() if path.endswith(".css")))
        assert [style for style in styles if style in branch(bare)] == styles[-3:]


def test_no_forced_push_unless_single_commit(out: Project, bare: Path) -> None:
    for number in (1, 2):
        write_version(out, number)
        publish_project(out, create=True, now=NOW + timedelta(hours=number))
    assert git(bare, "rev-list", "--count", "gh-pages").strip() == "2"
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("keep: 2", "single_commit: true"))
    write_version(out, 3)
    publish_project(out, now=NOW + timedelta(hours=3))
    assert git(bare, "rev-list", "--count", "gh-pages").strip() == "1"
    assert served(bare) == out.tree()


def test_an_alias_with_a_reserved_name_is_an_error(out: Project, bare: Path) -> None:
    names = ["/CNAME", "/_redirects", "/_headers", "/.nojekyll", "/.sitegen", "/cname/", "/a/.git/"]
    out.article("n1", aliases=f"[{', '.join(names)}]")
    result = command(out, "--yes", "--create")
    assert result.returncode == 1
    said = [line for line in result.stderr.splitlines() if "error[bad-alias]" in line]
    assert [line.split("'")[1] for line in said] == names
    assert {line.split(" ")[0].rpartition("/")[2].split(":")[0] for line in said} == {"n1.md"}
    assert all(line.split(":")[1].isdecimal() for line in said)
    assert "reserved for publishing or by a host" in said[0]
    assert result.stderr.count("hint: aliases: [/2026/07/old-name/, /old.html]") == len(names)
    assert git(bare, "for-each-ref") == ""


def test_reserved_names_of_pages_and_static_files(out: Project, bare: Path) -> None:
    for name in ("CNAME", "_headers", "_redirects", ".nojekyll", ".sitegen"):
        out.file(f"themes/bare/static/{name}", f"static {name}")
        out.file(f"content/articles/2026/07/{name}", f"linked {name}")
    out.article("n1", body="[a](CNAME) [b](_redirects)\n")
    publish_project(out, create=True)
    assert served(bare) == out.tree()
    assert branch(bare)["CNAME"] == b"test.example\n"
    assert {path for path in out.tree() if "/" not in path and "." not in path} == set()
    assert any(data == b"linked CNAME" for path, data in out.tree().items() if path.startswith("assets/"))
    out.file("content/pages/cname.md", "---\ntitle: A page\nlang: en\n---\n\nText.\n")
    result = command(out, "--yes")
    assert result.returncode == 1
    assert "content/pages/cname.md:1: error[bad-slug]" in result.stderr
    assert "hint: rename the file" in result.stderr


def test_the_message_of_a_publish_that_only_removes(out: Project, bare: Path) -> None:
    for number in range(1, 4):
        (out.root / f"content/articles/2026/07/n{number}.md").unlink()
    out.file("content/pages/about.md", "---\ntitle: About\nlang: en\n---\n\nText.\n")
    out.article("elsewhere", countries="[JP]", topics="[energy]", date="2026-01-01")
    publish_project(out, create=True)
    for name in ("n0", "elsewhere"):
        (out.root / f"content/articles/2026/07/{name}.md").unlink()
    assert out.build(now=NOW + timedelta(hours=1)).articles == 0  # allows an empty site; a publish does not
    publish_project(out, now=NOW + timedelta(hours=1))
    assert git(bare, "log", "-1", "--format=%s", "gh-pages") == "Remove elsewhere, n0\n"


def test_a_file_that_changes_during_the_question(out: Project, bare: Path) -> None:
    publish_project(out, create=True)
    before = git(bare, "rev-parse", "gh-pages")
    write_version(out, 2)
    steps = (
        "import sys, pathlib; from sitegen.cli import publish, main;"
        f"site = pathlib.Path({str(out.root / 'output/site')!r});"
        "publish.TerminalUI.show_plan = lambda *a: (site / 'index.html').write_text('something else');"
        "sys.exit(main())"
    )
    words = [sys.executable, "-c", steps, "-C", str(out.root), "publish", "out", "--yes"]
    result = subprocess.run(words, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.endswith("index.html changed after the build; publish again\n")
    assert git(bare, "rev-parse", "gh-pages") == before
    publish_project(out)
    assert served(bare) == out.tree()
    assert not list((out.root / "output/publish/out/git").glob("fast_import_crash_*"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("articles/n9", "articles/n9"),
        ("articles/n9/index.html/a b.txt", "articles/n9/index.html/"),
        ("articles/n1/index.html.gz", "articles/n1/index.html.gz"),
    ],
)
def test_conflicts_with_unmanaged_files(out: Project, bare: Path, tmp_path: Path, name: str, expected: str) -> None:
    publish_project(out, create=True)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(bare), str(clone))
    Project(clone).file(name, "unmanaged")
    Project(clone).file('unmanaged/二 "é"\n\\.txt', "unmanaged")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "In the way")
    git(clone, "push", "--quiet", "origin", "gh-pages")
    before = git(bare, "rev-parse", "gh-pages")
    out.article("n9")
    ways: tuple[dict[str, Any], ...] = ({"dry_run": True}, {})
    for options in ways:
        with pytest.raises(ExternalError) as caught:
            publish_project(out, now=NOW + timedelta(hours=5), **options)
        assert f"conflict with files of the site: {expected};" in str(caught.value)
    assert git(bare, "rev-parse", "gh-pages") == before
    publish_project(out, take_over=True)
    found = branch(bare)
    assert name not in found
    assert found.pop('unmanaged/二 "é"\n\\.txt') == b"unmanaged"
    assert {path: data for path, data in found.items() if path not in {".sitegen", ".nojekyll", "CNAME"}} == out.tree()


class PushingUI(FakeUI):
    """Another user pushes during the publish."""

    def confirm(self, question: str) -> bool:
        self.act()
        return super().confirm(question)

    def act(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("single", [False, True])
def test_a_concurrent_push(out: Project, bare: Path, tmp_path: Path, *, single: bool) -> None:
    publish_project(out, create=True)
    if single:
        out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("keep: 2", "single_commit: true"))
    clone = tmp_path / "clone"

    class Other(PushingUI):
        def act(self) -> None:
            git(tmp_path, "clone", "--quiet", "--branch", "gh-pages", str(bare), str(clone))
            Project(clone).file("unmanaged.txt", "unmanaged")
            git(clone, "add", ".")
            git(clone, "commit", "--quiet", "-m", "Unmanaged")
            git(clone, "push", "--quiet", "origin", "gh-pages")

    write_version(out, 2)
    with pytest.raises(ExternalError, match=r"was changed by another publish; publish again"):
        publish_project(out, ui=Other(is_terminal=True), yes=False, now=NOW + timedelta(hours=1))
    assert branch(bare)["unmanaged.txt"] == b"unmanaged"
    publish_project(out, now=NOW + timedelta(hours=2))
    assert branch(bare)["unmanaged.txt"] == b"unmanaged"


def test_a_protected_branch(out: Project, bare: Path) -> None:
    publish_project(out, create=True)
    hook = bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed for refs/heads/gh-pages.' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = git(bare, "rev-parse", "gh-pages")
    write_version(out, 2)
    result = command(out, "--yes")
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1
    assert "rejected the commit: hook declined: GH006: Protected branch update failed" in result.stderr
    assert git(bare, "rev-parse", "gh-pages") == before


@pytest.mark.parametrize("remote", ["../nowhere.git", "upstream", "file:///nowhere/bare.git"])
def test_a_missing_remote(tmp_path: Path, remote: str) -> None:
    out = make_project(tmp_path / "digest", f"{{kind: git, remote: '{remote}', branch: gh-pages}}")
    git(out.root, "init", "--quiet")
    with pytest.raises((ExternalError, UsageError), match=r"nowhere|no remote 'upstream'") as caught:
        publish_project(out)
    assert "\n" not in str(caught.value)


# --- over the network -------------------------------------------------------------------------------------------------


@contextmanager
def daemon(base: Path) -> Iterator[int]:
    """Serve the repositories of a folder by the git protocol, writable."""
    port = free_port()
    words = ["git", "daemon", "--reuseaddr", "--export-all", "--enable=receive-pack", f"--base-path={base}"]
    with process([*words, "--listen=127.0.0.1", f"--port={port}", str(base)], port, base / "daemon.log"):
        yield port


@pytest.mark.slow
def test_a_connection_broken_at_thirty_points(out: Project, bare: Path, tmp_path: Path) -> None:
    text = (out.root / "site.yaml").read_text("utf-8")
    with daemon(tmp_path) as port:

        def through(proxy: Proxy) -> None:
            remote = f"git://127.0.0.1:{proxy.listen_port}/bare.git"
            out.file("site.yaml", text.replace("../bare.git", remote).replace("keep: 2", "timeout: 1"))

        with Proxy(port) as proxy:
            through(proxy)
            publish_project(out, create=True)
        with Proxy(port) as proxy:  # measure the bytes of a publish
            through(proxy)
            write_version(out, 2)
            publish_project(out)
            total = proxy.sent
        done = 0
        for point in range(30):
            write_version(out, point + 3)
            before = git(bare, "rev-parse", "gh-pages")
            seen = served(bare)
            with Proxy(port, limit=round(point * total * 0.97 / 29), fault=FAULTS[point % 3]) as proxy:
                through(proxy)
                with pytest.raises(ExternalError) as caught:
                    publish_project(out)
                assert "\n" not in str(caught.value)
                assert proxy.broken
            assert git(bare, "rev-parse", "gh-pages") == before, point
            assert served(bare) == seen
            assert broken_assets(seen) == []
            with Proxy(port) as proxy:
                through(proxy)
                assert publish_project(out).published
            assert served(bare) == out.tree()
            done += 1
        assert done == 30
        git(bare, "fsck", "--strict")


@pytest.mark.slow
def test_killed_at_thirty_points(out: Project, bare: Path, tmp_path: Path) -> None:
    publish_project(out, create=True)
    before = served(bare)
    write_version(out, 2)
    base = tmp_path / "base"
    base.mkdir()
    for name in ("digest", "bare.git"):
        shutil.copytree(tmp_path / name, base / name)
    states = killed(base, tmp_path / "work", 30)
    publish_project(out)
    after = served(bare)
    assert len(states) == 30
    saw = set()
    for state in states:
        unmanaged = state.root.parent / "bare.git"
        assert served(unmanaged) in (before, after)
        saw.add(served(unmanaged) == after)
        publish_project(state, now=NOW + timedelta(hours=1))
        assert served(unmanaged) == after
        git(unmanaged, "fsck", "--strict")
        assert git(unmanaged, "rev-list", "--count", "gh-pages").strip() == "2", "nothing finished is sent again"
    assert saw == {False, True}


class _Backend(http.server.BaseHTTPRequestHandler):
    """git http-backend behind a password."""

    folder: Path
    asked: list[str]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_arguments: object) -> None: ...

    def _serve(self) -> None:
        given = self.headers.get("Authorization", "")
        self.asked.append(given)
        wanted = "Basic " + base64.b64encode(f"x-access-token:{SECRET}".encode()).decode()
        if given != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environment = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": "editor",
        }
        environment.pop("SITEGEN_GIT_TOKEN", None)
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(lines.pop("Status", "200").split()[0]))
        for name, value in lines.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class ProcessWatcher(threading.Thread):
    """Reads the arguments of all processes repeatedly, as `ps` does."""

    def __init__(self, secret: str) -> None:
        super().__init__(daemon=True)
        self.secret = secret.encode()
        self.found: list[bytes] = []
        self.seen: set[bytes] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    try:
                        words = (entry / "cmdline").read_bytes()
                    except OSError:
                        continue
                    self.seen.add(words)
                    if self.secret in words:
                        self.found.append(words)


@pytest.mark.slow
def test_a_token_is_used_and_not_visible(tmp_path: Path, bare: Path) -> None:
    git(bare, "config", "http.receivepack", "true")
    handler = type("Handler", (_Backend,), {"folder": tmp_path, "asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    remote = f"http://127.0.0.1:{server.server_port}/bare.git"
    out = make_project(tmp_path / "digest", f"{{kind: git, remote: '{remote}', branch: pages}}")
    watch = ProcessWatcher(SECRET)
    watch.start()
    try:
        wrong = command(out, "--yes", "--create", SITEGEN_GIT_TOKEN=f"wrong-{SECRET}")
        assert wrong.returncode == 3
        assert len(wrong.stderr.splitlines()) == 1
        assert "Authentication failed" in wrong.stderr
        none = command(out, "--yes", "--create")
        assert none.returncode == 3
        assert len(none.stderr.splitlines()) == 1
        right = command(out, "--yes", "--create", SITEGEN_GIT_TOKEN=SECRET)
        assert right.returncode == 0, right.stderr
        # The URL of a remote may contain it; then it is removed from the URL.
        git(out.root, "init", "--quiet")
        named_remote = remote.replace("://", f"://x-access-token:{SECRET}@")
        with (out.root / ".git/config").open("a") as config:
            config.write(f'[remote "origin"]\n\turl = {named_remote}\n')
        out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace(remote, "origin"))
        write_version(out, 2)
        named = command(out, "--yes")
        assert named.returncode == 0, named.stderr
    finally:
        watch.over.set()
        watch.join()
        server.shutdown()
        server.server_close()
    assert any(b"http-backend" in words for words in watch.seen), "it did look"
    assert watch.found == []
    for result in (wrong, none, right, named):
        assert SECRET not in result.stdout + result.stderr
    assert not [path for path, data in tree(out.root / "output").items() if SECRET.encode() in data]
    assert branch(bare, "pages")["index.html"] == out.tree()["index.html"]


@contextmanager
def over_http(folder: Path, **more: object) -> Iterator[tuple[int, list[str]]]:
    """Serve the repositories of a folder by HTTP, behind a password; yield the port and the received credentials."""
    asked: list[str] = []
    handler = type("Handler", (_Backend,), {"folder": folder, "asked": asked, **more})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()


def basic(user: str, word: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{word}".encode()).decode()


def test_credential_helpers_get_the_user_of_the_url(tmp_path: Path, bare: Path) -> None:
    git(bare, "config", "http.receivepack", "true")
    with over_http(tmp_path) as (port, asked):
        out = make_project(
            tmp_path / "digest", f"{{kind: git, remote: 'http://editor@127.0.0.1:{port}/bare.git', branch: pages}}"
        )
        # A credential helper of the user's git configuration, which gets the user name (not from git 2.55).
        questions = tmp_path / "questions"
        answer = "echo username=editor; echo password=word"
        helper = f'!f() {{ while read line; do echo "$line"; done >>{questions}; {answer}; }}; f'
        given = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "credential.helper", "GIT_CONFIG_VALUE_0": helper}
        result = command(out, "--yes", "--create", **given)
        assert result.returncode == 3
        assert len(result.stderr.splitlines()) == 1
        assert {"username=editor", "capability[]=authtype"} & {*questions.read_text().splitlines()}
        assert basic("editor", "word") in asked
        del asked[:]
        command(out, "--yes", "--create", SITEGEN_GIT_TOKEN=SECRET)
        assert basic("editor", SECRET) in asked


@pytest.mark.parametrize(
    "remote", ["http://far.example/r.git", "http://127.0.0.1.far.example/r.git", "http://[2001:db8::1]/r"]
)
def test_a_token_over_http_is_refused(tmp_path: Path, remote: str) -> None:
    out = make_project(tmp_path / "digest", f"{{kind: git, remote: '{remote}', branch: pages}}")
    result = command(out, "--yes", "--create", SITEGEN_GIT_TOKEN=SECRET)
    assert result.returncode == 2
    assert "unencrypted; use an address with https://" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert SECRET not in result.stdout + result.stderr


def test_a_token_in_the_query_of_a_remote_is_refused(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", "{kind: git, remote: origin, branch: pages}")
    git(out.root, "init", "--quiet")
    git(out.root, "remote", "add", "origin", f"https://far.example/r.git?private_token={SECRET}")
    result = command(out, "--yes", "--create")
    assert result.returncode == 2
    assert "has a token in its query" in result.stderr
    assert SECRET not in result.stdout + result.stderr


def test_a_redirect_to_another_host_does_not_get_the_token(tmp_path: Path, bare: Path) -> None:
    git(bare, "config", "http.receivepack", "true")
    with over_http(tmp_path) as (other, seen):

        def away(self: http.server.BaseHTTPRequestHandler) -> None:
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{other}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        with over_http(tmp_path, do_GET=away) as (port, _):
            out = make_project(
                tmp_path / "digest", f"{{kind: git, remote: 'http://127.0.0.1:{port}/bare.git', branch: pages}}"
            )
            result = command(out, "--yes", "--create", SITEGEN_GIT_TOKEN=SECRET)
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == 1
    assert seen, "it was led there"
    assert basic("x-access-token", SECRET) not in seen
