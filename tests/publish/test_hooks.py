"""Who is told: the hub, the editor's command, a file; and what happens when one does not listen."""

import http.server
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs

import pytest

from sitegen.errors import ExternalError, UsageError
from sitegen.publish.process import run
from tests.builder.feeds import NAMES, feeds_at
from tests.project import NOW, Project, tree
from tests.publish.publishing import Desk, command, digest, publishing, rolled_back

SECRET = "a-word-that-nobody-may-see"


class Hub:
    """A hub that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, list[str]]] = []
        self.status = 204
        websub_hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                websub_hub.told.append(parse_qs(body) | {"type": [self.headers["Content-Type"]], "path": [self.path]})
                self.send_response(websub_hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hub?site=1"


@pytest.fixture
def websub_hub() -> Iterator[Hub]:
    found = Hub()
    threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def told(tmp_path: Path, websub_hub: str = "", more: str = "") -> Project:
    out = digest(tmp_path / "digest", f"{{kind: directory, path: ../www, compress: []{more}}}")
    if websub_hub:
        out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8") + f"hub: {websub_hub}\n")
    return out


def keeper(tmp_path: Path, ends: int = 0) -> str:
    """Return a hook, as site.yaml has it, that writes down what it is given."""
    script = tmp_path / "keep.py"
    script.write_text(
        "import os, sys\n"
        f"with open({str(tmp_path / 'kept')!r}, 'a') as stream:\n"
        "    stream.write(os.environ['SITEGEN_TARGET'] + ' ' + ' '.join(sys.argv[1:]) + '\\n' + sys.stdin.read())\n"
        f"print('purged'); print('no: ' + os.environ.get('API_TOKEN', ''), file=sys.stderr)\nsys.exit({ends})\n"
    )
    return f', hook: ["{sys.executable}", "{script}", "a word"]'


def kept(tmp_path: Path) -> list[str]:
    file = tmp_path / "kept"
    return file.read_text().splitlines() if file.exists() else []


def test_the_hub_is_told_of_the_feeds_that_changed(tmp_path: Path, websub_hub: Hub) -> None:
    out = told(tmp_path, websub_hub.url)
    publishing(out)
    (first,) = websub_hub.told
    assert first["hub.mode"] == ["publish"]
    assert first["type"] == ["application/x-www-form-urlencoded"]
    assert first["path"] == ["/hub?site=1"]
    feeds = [path for path in out.tree() if path.rpartition("/")[2] in NAMES]
    assert sorted(first["hub.url"]) == sorted(f"https://test.example/{path}" for path in feeds)
    publishing(out, now=NOW + timedelta(hours=1))
    assert len(websub_hub.told) == 1, "nothing changed, nobody is told"
    out.article("jp", countries="[JP]", topics="[energy]")
    publishing(out, now=NOW + timedelta(hours=2))
    changed = feeds_at("", "countries/jp", "topics/energy", "sources/a-paper", "languages/en")
    assert sorted(websub_hub.told[1]["hub.url"]) == sorted(f"https://test.example/{path}" for path in changed)


def test_a_command_and_a_file_get_the_changed_addresses(tmp_path: Path) -> None:
    out = told(tmp_path, more=keeper(tmp_path) + ", changed: output/changed.txt")
    publishing(out)
    out.article("n1", title="Another title")
    (out.root / "content/articles/2026/07/n3.md").unlink()
    result = publishing(out, now=NOW + timedelta(hours=1))
    lines = kept(tmp_path)
    assert lines.count("out a word") == 2
    second = lines[lines.index("out a word", 1) + 1 :]
    assert {"https://test.example/articles/n1/", "https://test.example/articles/n3/", "https://test.example/"} <= set(
        second
    )
    assert "https://test.example/404.html" not in second
    assert second == sorted(second)
    assert (out.root / "output/changed.txt").read_text().splitlines() == second
    assert "purged" in result.notes


def test_a_rollback_is_told(tmp_path: Path, websub_hub: Hub) -> None:
    out = told(tmp_path, websub_hub.url, keeper(tmp_path))
    publishing(out)
    out.article("n1", title="Another title")
    publishing(out, now=NOW + timedelta(hours=1))
    lines = kept(tmp_path)
    second = lines[lines.index("out a word", 1) + 1 :]
    assert rolled_back(out).failures == ()
    assert kept(tmp_path)[len(lines) + 1 :] == second
    assert sorted(websub_hub.told[2]["hub.url"]) == sorted(websub_hub.told[1]["hub.url"])


def test_what_could_not_be_told_is_told_the_next_time(tmp_path: Path, websub_hub: Hub) -> None:
    out = told(tmp_path, websub_hub.url, keeper(tmp_path, ends=3))
    websub_hub.status = 500
    result = publishing(out)
    assert result.done
    assert len(result.failures) == 2
    assert "answered with 500" in result.failures[0]
    assert "ended with 3" in result.failures[1]
    first = kept(tmp_path)
    websub_hub.status = 202
    keeper(tmp_path)
    again = publishing(out, now=NOW + timedelta(hours=1))
    assert not again.done
    assert again.failures == ()
    assert websub_hub.told[0]["hub.url"] == websub_hub.told[1]["hub.url"]
    assert kept(tmp_path) == first * 2
    publishing(out, now=NOW + timedelta(hours=2))
    assert len(websub_hub.told) == 2


def test_a_record_of_what_is_untold_that_cannot_be_read_stops_nobody(tmp_path: Path, websub_hub: Hub) -> None:
    out = told(tmp_path, websub_hub.url)
    websub_hub.status = 500
    assert publishing(out).failures
    (out.root / "output/publish/out/untold.json").write_text("[" * 100_000)
    websub_hub.status = 200
    out.article("n1", title="Another title")
    result = publishing(out, now=NOW + timedelta(hours=1))
    assert result.done
    assert result.failures == ()
    assert "https://test.example/feed.xml" in websub_hub.told[1]["hub.url"]


def test_a_hub_at_an_address_with_letters_that_are_not_ascii(tmp_path: Path, websub_hub: Hub) -> None:
    publishing(told(tmp_path, websub_hub.url.replace("hub?site=1", "通知?site=%31")))
    assert websub_hub.told[0]["path"] == ["/%E9%80%9A%E7%9F%A5?site=%31"]


def test_the_site_is_out_although_nobody_listens(tmp_path: Path) -> None:
    out = told(tmp_path, "http://127.0.0.1:9/hub", keeper(tmp_path, ends=1))
    result = command(out, "--yes", API_TOKEN=SECRET)
    assert result.returncode == 3
    first, second = result.stderr.splitlines()
    assert first.startswith("sitegen: the site is published, but the hub http://127.0.0.1:9/hub cannot be reached")
    assert second.startswith("sitegen: the site is published, but the hook")
    assert second.endswith("ended with 1: no: ***")
    assert SECRET not in result.stdout + result.stderr
    assert (tmp_path / "www/current/index.html").exists()


@pytest.mark.parametrize("path", ["site.yaml", "content/x.txt", "output/manifest.json", "output/site/x.txt"])
def test_a_list_that_would_replace_a_file_of_the_editors_is_refused(tmp_path: Path, path: str) -> None:
    out = told(tmp_path, more=f", changed: {path}")
    before = tree(out.root)
    with pytest.raises(UsageError, match="is inside"):
        publishing(out)
    assert tree(out.root) == before


def test_a_list_that_cannot_be_written_is_found_before_anything_is_done(tmp_path: Path) -> None:
    for path, says in (("../in/the-way", "is a folder"), ("../file/list.txt", "cannot be written")):
        out = told(tmp_path, more=f", changed: {path}")
        (tmp_path / "in/the-way").mkdir(parents=True, exist_ok=True)
        (tmp_path / "file").write_text("mine")
        ways: tuple[dict[str, Any], ...] = ({"dry_run": True}, {})
        for options in ways:
            with pytest.raises(ExternalError, match=says):
                publishing(out, **options)
        assert not (tmp_path / "www").exists()


def test_a_list_that_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    out = told(tmp_path, more=", changed: ../list.txt")

    class Meanwhile(Desk):
        def begin(self, _files: int, _size: int) -> None:
            (tmp_path / "list.txt").mkdir()

    result = publishing(out, desk=Meanwhile())
    assert result.done
    assert result.failures == (f"cannot write {tmp_path}/list.txt: Is a directory",)
    (tmp_path / "list.txt").rmdir()
    again = publishing(out, now=NOW + timedelta(hours=1))
    assert not again.done
    assert "https://test.example/articles/n1/" in (tmp_path / "list.txt").read_text().splitlines()
    (tmp_path / "list.txt").unlink()
    publishing(out, now=NOW + timedelta(hours=2))
    assert not (tmp_path / "list.txt").exists()


@pytest.mark.parametrize(
    "target",
    [
        "{kind: archive, path: output/site.zip, changed: output/site.zip}",
        "{kind: archive, path: ../Site.zip, changed: ../drop/../site.zip}",
        "{kind: directory, path: ../www, changed: ../www/current/list.txt}",
    ],
)
def test_a_list_that_would_be_part_of_what_is_published(tmp_path: Path, target: str) -> None:
    out = digest(tmp_path / "digest", target)
    with pytest.raises(UsageError, match="take another"):
        publishing(out)
    assert {path.name for path in tmp_path.iterdir()} == {"digest"}


def test_a_hook_that_is_not_there(tmp_path: Path) -> None:
    out = told(tmp_path, more=", hook: [no-such-command]")
    assert publishing(out).failures == ("there is no command 'no-such-command' here",)


def test_a_hook_that_leaves_something_running_is_not_waited_for(tmp_path: Path) -> None:
    goes_on = tmp_path / "goes on"
    words = ["sh", "-c", f"cat >/dev/null; echo purged; (sleep 60; touch '{goes_on}') & echo $! >'{tmp_path / 'pid'}'"]
    began = time.monotonic()
    result = publishing(told(tmp_path, more=f", hook: {json.dumps(words)}"))
    assert time.monotonic() - began < 30
    assert result.failures == ()
    assert result.notes == ("purged",)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # it was left alone


def test_what_is_left_running_need_not_take_what_is_fed() -> None:
    """The pipe holds less than what it is given, and nobody reads it."""
    script = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)"

    def feed(stream: IO[bytes]) -> None:
        stream.write(bytes(1_000_000))

    began = time.monotonic()
    done = run([sys.executable, "-c", script], timeout=50, feed=feed)
    assert time.monotonic() - began < 30
    assert done.code == 0
    os.kill(int(done.out), signal.SIGKILL)


def test_json_is_one_object(tmp_path: Path) -> None:
    out = told(tmp_path, more=keeper(tmp_path))
    value = json.loads(command(out, "--yes", "--format", "json").stdout)
    assert value["ok"]
    assert value["changed_target"]
    assert value["notes"] == ["purged"]
    assert set(value["plan"]["classes"]) == {"assets", "pages", "indexes", "feeds"}
    assert sorted(value["plan"]["new"]) == sorted(out.tree())
    assert value["build"]["articles"] == 4
