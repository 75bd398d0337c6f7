"""Notifications of the hub, the hook and a file, and their failures."""

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
from urllib.parse import parse_qs

import pytest

from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.command import run
from tests.builder.feeds import NAMES, feeds_at
from tests.project import NOW, Project, tree
from tests.publish.helpers import FakeUI, command, make_project, publish_project, roll_back

SECRET = "a-secret-that-must-not-be-visible"


class Hub:
    """A hub that records requests."""

    def __init__(self) -> None:
        self.requests: list[dict[str, list[str]]] = []
        self.status = 204
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hub.requests.append(parse_qs(body) | {"type": [self.headers["Content-Type"]], "path": [self.path]})
                self.send_response(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hub?site=1"


@pytest.fixture
def hub() -> Iterator[Hub]:
    found = Hub()
    threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def make_site(tmp_path: Path, hub: str = "", more: str = "") -> Project:
    out = make_project(tmp_path / "digest", f"{{kind: directory, path: ../www, compress: []{more}}}")
    if hub:
        out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8") + f"hub: {hub}\n")
    return out


def hook_option(tmp_path: Path, ends: int = 0) -> str:
    """Return the option of a hook that records its input."""
    script = tmp_path / "keep.py"
    script.write_text(
        "import os, sys\n"
        f"with open({str(tmp_path / 'kept')!r}, 'a') as stream:\n"
        "    stream.write(os.environ['SITEGEN_TARGET'] + ' ' + ' '.join(sys.argv[1:]) + '\\n' + sys.stdin.read())\n"
        f"print('purged'); print('no: ' + os.environ.get('API_TOKEN', ''), file=sys.stderr)\nsys.exit({ends})\n"
    )
    return f', hook: ["{sys.executable}", "{script}", "a word"]'


def hook_calls(tmp_path: Path) -> list[str]:
    file = tmp_path / "kept"
    return file.read_text().splitlines() if file.exists() else []


def test_the_hub_is_notified_of_changed_feeds(tmp_path: Path, hub: Hub) -> None:
    out = make_site(tmp_path, hub.url)
    publish_project(out)
    (first,) = hub.requests
    assert first["hub.mode"] == ["publish"]
    assert first["type"] == ["application/x-www-form-urlencoded"]
    assert first["path"] == ["/hub?site=1"]
    feeds = [path for path in out.tree() if path.rpartition("/")[2] in NAMES]
    assert sorted(first["hub.url"]) == sorted(f"https://test.example/{path}" for path in feeds)
    publish_project(out, now=NOW + timedelta(hours=1))
    assert len(hub.requests) == 1, "nothing changed, no notification"
    out.article("jp", countries="[JP]", topics="[energy]")
    publish_project(out, now=NOW + timedelta(hours=2))
    changed = feeds_at("", "countries/jp", "topics/energy", "sources/a-paper")
    assert sorted(hub.requests[1]["hub.url"]) == sorted(f"https://test.example/{path}" for path in changed)


def test_the_hook_and_a_file_get_the_changed_urls(tmp_path: Path) -> None:
    out = make_site(tmp_path, more=hook_option(tmp_path) + ", changed: output/changed.txt")
    publish_project(out)
    out.article("n1", title="Another title")
    (out.root / "content/articles/2026/07/n3.md").unlink()
    result = publish_project(out, now=NOW + timedelta(hours=1))
    lines = hook_calls(tmp_path)
    assert lines.count("out a word") == 2
    second = lines[lines.index("out a word", 1) + 1 :]
    assert {"https://test.example/articles/n1/", "https://test.example/articles/n3/", "https://test.example/"} <= set(
        second
    )
    assert "https://test.example/404.html" not in second
    assert second == sorted(second)
    assert (out.root / "output/changed.txt").read_text().splitlines() == second
    assert "purged" in result.notes


def test_a_rollback_is_notified(tmp_path: Path, hub: Hub) -> None:
    out = make_site(tmp_path, hub.url, hook_option(tmp_path))
    publish_project(out)
    out.article("n1", title="Another title")
    publish_project(out, now=NOW + timedelta(hours=1))
    lines = hook_calls(tmp_path)
    second = lines[lines.index("out a word", 1) + 1 :]
    assert roll_back(out).failures == ()
    assert hook_calls(tmp_path)[len(lines) + 1 :] == second
    assert sorted(hub.requests[2]["hub.url"]) == sorted(hub.requests[1]["hub.url"])


def test_failed_notifications_are_repeated(tmp_path: Path, hub: Hub) -> None:
    out = make_site(tmp_path, hub.url, hook_option(tmp_path, ends=3))
    hub.status = 500
    result = publish_project(out)
    assert result.published
    assert len(result.failures) == 2
    assert "returned status 500" in result.failures[0]
    assert "failed with exit code 3" in result.failures[1]
    first = hook_calls(tmp_path)
    hub.status = 202
    hook_option(tmp_path)
    again = publish_project(out, now=NOW + timedelta(hours=1))
    assert not again.published
    assert again.failures == ()
    assert hub.requests[0]["hub.url"] == hub.requests[1]["hub.url"]
    assert hook_calls(tmp_path) == first * 2
    publish_project(out, now=NOW + timedelta(hours=2))
    assert len(hub.requests) == 2


def test_an_unreadable_file_of_pending_notifications_is_ignored(tmp_path: Path, hub: Hub) -> None:
    out = make_site(tmp_path, hub.url)
    hub.status = 500
    assert publish_project(out).failures
    (out.root / "output/publish/out/pending.json").write_text("[" * 100_000)
    hub.status = 200
    out.article("n1", title="Another title")
    result = publish_project(out, now=NOW + timedelta(hours=1))
    assert result.published
    assert result.failures == ()
    assert "https://test.example/feed.xml" in hub.requests[1]["hub.url"]


def test_a_hub_with_a_url_that_is_not_ascii(tmp_path: Path, hub: Hub) -> None:
    publish_project(make_site(tmp_path, hub.url.replace("hub?site=1", "通知?site=%31")))
    assert hub.requests[0]["path"] == ["/%E9%80%9A%E7%9F%A5?site=%31"]


def test_the_site_is_published_although_notifications_fail(tmp_path: Path) -> None:
    out = make_site(tmp_path, "http://127.0.0.1:9/hub", hook_option(tmp_path, ends=1))
    result = command(out, "--yes", API_TOKEN=SECRET)
    assert result.returncode == 3
    first, second = result.stderr.splitlines()
    assert first.startswith("sitegen: the site is published, but cannot reach the hub http://127.0.0.1:9/hub")
    assert second.startswith("sitegen: the site is published, but the hook")
    assert second.endswith("failed with exit code 1: no: ***")
    assert SECRET not in result.stdout + result.stderr
    assert (tmp_path / "www/current/index.html").exists()


@pytest.mark.parametrize("path", ["site.yaml", "content/x.txt", "output/manifest.json", "output/site/x.txt"])
def test_a_list_of_urls_must_not_replace_a_file_of_the_project(tmp_path: Path, path: str) -> None:
    out = make_site(tmp_path, more=f", changed: {path}")
    before = tree(out.root)
    with pytest.raises(UsageError, match="is inside"):
        publish_project(out)
    assert tree(out.root) == before


def test_a_list_of_urls_is_written_by_the_next_publish(tmp_path: Path) -> None:
    out = make_site(tmp_path, more=", changed: ../list.txt")

    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            (tmp_path / "list.txt").mkdir()
            return super().confirm(question)

    result = publish_project(out, ui=InterferingUI(is_terminal=True), yes=False)
    assert result.published
    assert result.failures == (f"cannot write {tmp_path}/list.txt: Is a directory",)
    (tmp_path / "list.txt").rmdir()
    again = publish_project(out, now=NOW + timedelta(hours=1))
    assert not again.published
    assert "https://test.example/articles/n1/" in (tmp_path / "list.txt").read_text().splitlines()
    (tmp_path / "list.txt").unlink()
    publish_project(out, now=NOW + timedelta(hours=2))
    assert not (tmp_path / "list.txt").exists()


def test_a_missing_hook(tmp_path: Path) -> None:
    out = make_site(tmp_path, more=", hook: [no-such-command]")
    assert publish_project(out).failures == ("cannot run 'no-such-command': command not found",)


def test_background_processes_of_a_hook_are_not_waited_for(tmp_path: Path) -> None:
    goes_on = tmp_path / "goes on"
    words = ["sh", "-c", f"cat >/dev/null; echo purged; (sleep 60; touch '{goes_on}') & echo $! >'{tmp_path / 'pid'}'"]
    began = time.monotonic()
    result = publish_project(make_site(tmp_path, more=f", hook: {json.dumps(words)}"))
    assert time.monotonic() - began < 30
    assert result.failures == ()
    assert result.notes == ("purged",)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # it is still running


def test_a_command_without_output_times_out() -> None:
    with pytest.raises(ExternalError, match="sleep timed out: no output for 1 s"):
        run(["sleep", "60"], timeout=1)


def test_a_command_with_output_does_not_time_out() -> None:
    lines: list[str] = []
    script = "for i in 1 2 3 4; do sleep 0.5; echo $i; done"
    assert run(["sh", "-c", script], timeout=1, on_line=lines.append).returncode == 0
    assert lines == ["1", "2", "3", "4"]


def test_json_is_one_object(tmp_path: Path) -> None:
    out = make_site(tmp_path, more=hook_option(tmp_path))
    value = json.loads(command(out, "--yes", "--format", "json").stdout)
    assert value["ok"]
    assert value["published"]
    assert value["notes"] == ["purged"]
    assert set(value["plan"]["classes"]) == {"assets", "pages", "indexes", "feeds"}
    assert sorted(value["plan"]["new"]) == sorted(out.tree())
    assert value["build"]["articles"] == 4
