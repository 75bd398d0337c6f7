"""A bucket of the S3 server of moto, behind a proxy that counts requests and can fail."""

import http.client
import http.server
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.site_files import CACHE_CONTROL, FileClass, file_class
from tests.project import NOW, Project
from tests.publish.helpers import ROOT, FakeUI, broken_assets, command, make_project, publish_project, write_version
from tests.publish.s3_server import BUCKET, ENVIRONMENT, FAULTS, KEYS, S3Proxy, client, moto, objects

pytestmark = pytest.mark.slow  # a server, and many publishes: `make test-long`

MANIFEST = ".sitegen/manifest.json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run moto for this module."""
    with moto(tmp_path_factory.mktemp("moto") / "log") as port:
        yield port


@pytest.fixture
def store(server: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """Reset the server, create a bucket, and set credentials in the environment."""
    connection = http.client.HTTPConnection("127.0.0.1", server, timeout=10)
    connection.request("POST", "/moto-api/reset")
    assert connection.getresponse().status == 200
    connection.close()
    client(server).create_bucket(Bucket=BUCKET)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    return server


def bucket(tmp_path: Path, port: int, more: str = "") -> Project:
    return make_project(tmp_path / "digest", _target(f"http://127.0.0.1:{port}", more))


def _target(endpoint: str, more: str = "") -> str:
    return f"{{kind: s3, bucket: {BUCKET}, endpoint: '{endpoint}', timeout: 5{more}}}"


def through(project: Project, line: S3Proxy, more: str = "") -> None:
    """Publish a project through a proxy."""
    head = (project.root / "site.yaml").read_text("utf-8").split("publish:")[0]
    project.file("site.yaml", f"{head}publish:\n  out: {_target(line.endpoint, more)}\n")


def served(port: int) -> dict[str, bytes]:
    """Return the site in the bucket, without the manifest and retired assets."""
    found = objects(port)
    rows = json.loads(found.pop(MANIFEST))["files"]
    return {path: data for path, data in found.items() if path not in rows or not rows[path][2]}


def test_a_bucket_has_media_types_and_cache_times(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    publish_project(out)
    assert served(store) == out.tree()
    for path in out.tree():
        head = client(store).head_object(Bucket=BUCKET, Key=path)
        assert head["CacheControl"] == CACHE_CONTROL[file_class(path)]
        expected = {
            "html": "text/html; charset=utf-8",
            "css": "text/css; charset=utf-8",
            "csv": "text/csv; charset=utf-8",
            "txt": "text/plain; charset=utf-8",
            "xml": "application/xml; charset=utf-8",
            "json": "application/json; charset=utf-8",
            "opml": "text/x-opml; charset=utf-8",
        }[path.rpartition(".")[2]]
        kinds = {
            "feed.xml": "application/xml; charset=utf-8",
            "atom.xml": "application/xml; charset=utf-8",
            "feed.json": "application/feed+json; charset=utf-8",
        }
        assert head["ContentType"] == kinds.get(path.rpartition("/")[2], expected)


def test_uploads_are_ordered_by_class(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    with S3Proxy(store) as line:
        through(out, line)
        publish_project(out)
        write_version(out, 2)
        (out.root / "content/articles/2026/07/n0.md").unlink()
        del line.asked[:]
        publish_project(out, now=NOW + timedelta(hours=1))
        kinds = [file_class(path) for path in line.puts()]
    assert kinds == sorted(kinds)
    assert set(kinds) == set(FileClass)
    last = [request.split(" ")[0] for request in line.asked if not request.startswith("HEAD")]
    assert last[-2:] == ["POST", "PUT"], "deletions come last, and then the manifest"
    assert "articles/n0/index.html" not in objects(store)
    assert served(store) == out.tree()


def test_without_changes_only_the_manifest_is_read(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    publish_project(out)
    with S3Proxy(store) as line:
        through(out, line)
        assert not publish_project(out, now=NOW + timedelta(hours=1)).published
        assert line.asked == [f"GET /{BUCKET}/{MANIFEST}"]
        del line.asked[:]
        out.article("n1", title="Another title")
        publish_project(out, dry_run=True)
        assert line.asked == [f"GET /{BUCKET}/{MANIFEST}"]


def test_only_changed_files_and_the_manifest_are_sent(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    publish_project(out)
    out.article("n1", title="Another title")
    with S3Proxy(store) as line:
        through(out, line)
        ui = FakeUI()
        publish_project(out, ui=ui, now=NOW + timedelta(hours=1))
        changed = sorted(item.path for item in ui.plans[0].changed)
        assert sorted(line.puts()) == changed
        assert 0 < len(changed) < len(out.tree())
        assert line.count("PUT") == len(changed) + 2  # the manifest is written before and after


@pytest.mark.slow
def test_unmanaged_files_are_kept(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    for number in range(50):
        client(store).put_object(Bucket=BUCKET, Key=f"unmanaged/{number}.html", Body=str(number).encode())
    with pytest.raises(UsageError, match="pass --yes"):
        publish_project(out, yes=False)
    refusing = FakeUI(is_terminal=True, answer=False)
    with pytest.raises(UsageError, match="nothing was changed"):
        publish_project(out, ui=refusing, yes=False)
    assert "has unmanaged files, which will stay" in refusing.questions[0]
    for number in range(1, 4):
        write_version(out, number)
        out.article(f"x{number}")
        (out.root / f"content/articles/2026/07/x{number - 1}.md").unlink(missing_ok=True)
        publish_project(out, now=NOW + timedelta(hours=number))
    unmanaged = {path: data for path, data in objects(store).items() if path.startswith("unmanaged/")}
    assert unmanaged == {f"unmanaged/{number}.html": str(number).encode() for number in range(50)}


def test_an_unmanaged_file_at_the_path_of_a_new_file(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    client(store).put_object(Bucket=BUCKET, Key="index.html", Body=b"unmanaged")
    ui = FakeUI(is_terminal=True)
    ways: tuple[dict[str, Any], ...] = ({"dry_run": True}, {"yes": False, "ui": ui}, {})
    for options in ways:
        with pytest.raises(ExternalError, match=r"unmanaged files conflict with files of the site: index\.html"):
            publish_project(out, **options)
    assert ui.questions == []
    assert objects(store) == {"index.html": b"unmanaged"}

    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            client(store).put_object(Bucket=BUCKET, Key="404.html", Body=b"unmanaged")
            return super().confirm(question)

    client(store).delete_object(Bucket=BUCKET, Key="index.html")
    with pytest.raises(ExternalError, match=r"unmanaged files conflict with files of the site: 404\.html"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False)
    assert objects(store) == {"404.html": b"unmanaged"}
    publish_project(out, take_over=True)
    assert served(store) == out.tree()


def test_a_prefix_is_separate(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store, ", prefix: sites/digest")
    client(store).put_object(Bucket=BUCKET, Key="index.html", Body=b"unmanaged")
    publish_project(out)
    found = objects(store)
    assert found.pop("index.html") == b"unmanaged"
    assert found.pop(f"sites/digest/{MANIFEST}")
    assert found == {f"sites/digest/{path}": data for path, data in out.tree().items()}


@pytest.mark.slow
def test_assets_of_older_pages_stay(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store, ", keep: 2")
    styles = []
    for number in range(1, 6):
        write_version(out, number)
        publish_project(out, now=NOW + timedelta(hours=number))
        styles.append(next(path for path in out.tree() if path.endswith(".css")))
        assert [style for style in styles if style in objects(store)] == styles[-3:]


@pytest.mark.slow
def test_reverted_content_after_an_interrupted_publish(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    publish_project(out)
    first = out.tree()
    write_version(out, 2)
    with S3Proxy(store, after=12, fault="503") as line:  # after some uploads
        through(out, line)
        with pytest.raises(ExternalError):
            publish_project(out, now=NOW + timedelta(hours=1))
        assert line.puts()
    write_version(out, 1)
    with S3Proxy(store) as line:
        through(out, line)
        publish_project(out, now=NOW + timedelta(hours=2))
    assert out.tree() == first
    assert served(store) == first


@pytest.mark.slow
def test_uploaded_files_are_not_sent_again(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    for index in range(60):
        out.article(f"many{index:04d}")
    publish_project(out)
    write_version(out, 2)
    before = objects(store)
    with S3Proxy(store, after=40, fault="reset") as line:
        through(out, line)
        with pytest.raises(ExternalError):
            publish_project(out, now=NOW + timedelta(hours=1))
    sent = {path for path, data in objects(store).items() if before.get(path) != data} - {MANIFEST}
    with S3Proxy(store) as line:
        through(out, line)
        publish_project(out, now=NOW + timedelta(hours=2))
        assert line.count("HEAD") == 2  # of the manifest, before each write
        assert len(sent) > 20
        assert not sent & set(line.puts()), "what was finished is not sent again"
    assert served(store) == out.tree()


# --- errors and broken connections-------------------------------------------------------------------------------------


def one_line(project: Project, *options: str, **environment: str) -> str:
    """Run the command; return its error message, which must be one line without secrets."""
    result = command(project, "--yes", *options, **environment)
    assert result.returncode == 3, result.stdout + result.stderr
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in result.stdout + result.stderr
    return result.stderr


def test_no_such_bucket(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    client(store).delete_bucket(Bucket=BUCKET)
    with pytest.raises(ExternalError, match="there is no bucket 'digest'; create it or correct its name"):
        publish_project(out)


def test_no_credentials(store: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = bucket(tmp_path, store)
    for name in KEYS:
        monkeypatch.delenv(name)
    with pytest.raises(ExternalError, match="Unable to locate credentials"):
        publish_project(out)
    out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("timeout: 5", "profile: nobody"))
    with pytest.raises(UsageError, match="nobody"):
        publish_project(out)


@pytest.mark.slow
def test_wrong_credentials(tmp_path: Path) -> None:
    """Uses a separate server, because moto checks signatures only after a reset."""
    with moto(tmp_path / "log") as port:
        client(port).create_bucket(Bucket=BUCKET)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/moto-api/reset-auth", "0")
        assert connection.getresponse().status == 200
        connection.close()
        said = one_line(bucket(tmp_path, port), **ENVIRONMENT)
    assert "rejects your credentials (InvalidAccessKeyId)" in said


def test_refused_connection(store: int, tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", _target("http://127.0.0.1:9"))
    assert "cannot publish to the bucket digest at http://127.0.0.1:9" in one_line(out, **ENVIRONMENT)


def test_an_endpoint_that_is_not_a_store(tmp_path: Path, store: int) -> None:
    del store

    class Nothing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        do_HEAD = do_PUT = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_arguments: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        out = bucket(tmp_path, server.server_port)
        ran = command(out, "--yes")
        server.shutdown()
    assert ran.returncode == 3
    assert " returned 404: " in ran.stderr


def test_an_invalid_manifest(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    publish_project(out)
    client(store).put_object(Bucket=BUCKET, Key=MANIFEST, Body=b'{"sitegen": 1')
    with pytest.raises(ExternalError, match="is not a valid manifest"):
        publish_project(out)


@pytest.mark.slow
def test_two_publishes_at_once(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    publish_project(out)
    other = Project(Path(shutil.copytree(out.root, tmp_path / "other")))

    class InterferingUI(FakeUI):
        def confirm(self, question: str) -> bool:
            write_version(other, 3)
            publish_project(other, now=NOW + timedelta(hours=2))
            return super().confirm(question)

    write_version(out, 2)
    with pytest.raises(ExternalError, match=r"the bucket digest .* was changed by another publish"):
        publish_project(out, ui=InterferingUI(is_terminal=True), yes=False, now=NOW + timedelta(hours=1))
    assert served(store) == other.tree()
    publish_project(out, now=NOW + timedelta(hours=3))
    assert served(store) == out.tree()


def test_a_missing_extra_is_named_with_its_command(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", _target("http://127.0.0.1:9"))
    code = "import sys; sys.modules['boto3'] = None; from sitegen.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", code, "-C", str(out.root), "publish", "out", "--yes"]
    result = subprocess.run(words, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert result.returncode == 2
    assert result.stderr == (
        "sitegen: a target of the kind s3 needs another package: pip install 'sitegen-digest[s3]'\n"
    )


@pytest.mark.parametrize("fault", ["reset", "503", pytest.param("truncated", marks=pytest.mark.slow)])
def test_a_connection_that_breaks_once(store: int, tmp_path: Path, fault: str) -> None:
    out = bucket(tmp_path, store)
    with S3Proxy(store, after=20, times=1, fault=fault) as line:
        through(out, line)
        publish_project(out)
    assert served(store) == out.tree()


@pytest.mark.slow
def test_a_connection_broken_at_thirty_points(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store, ", keep: 30")
    publish_project(out)
    write_version(out, 2)
    with S3Proxy(store) as line:
        through(out, line, ", keep: 30")
        publish_project(out)
        total = len(line.asked)
    tried = set()
    for point in range(30):
        fault = FAULTS[point % len(FAULTS)]
        before = objects(store)
        write_version(out, point + 3)
        with S3Proxy(store, after=round(point * (total - 1) / 29), fault=fault) as line:
            through(out, line, ", keep: 30")
            out.file("site.yaml", (out.root / "site.yaml").read_text("utf-8").replace("timeout: 5", "timeout: 1"))
            with pytest.raises(ExternalError) as caught:
                publish_project(out)
            assert "\n" not in str(caught.value)
        found = objects(store)
        pages = {path: data for path, data in found.items() if path.endswith((".html", ".css"))}
        assert broken_assets(pages) == [], (point, fault)
        finished = {path for path in out.tree() if found.get(path) == out.tree()[path] != before.get(path)}
        tried.add((fault, bool(finished)))
        with S3Proxy(store) as line:
            through(out, line, ", keep: 30")
            assert publish_project(out).published
            assert not finished & set(line.puts()), "what was finished is not sent again"
        assert served(store) == out.tree()
    assert {fault for fault, some in tried if some} == set(FAULTS)


@pytest.mark.slow
def test_ten_thousand_files(store: int, tmp_path: Path) -> None:
    out = bucket(tmp_path, store)
    for name in ("topic", "country", "pair", "month", "home"):
        out.file(f"themes/bare/templates/{name}.html", "static\n")
    base = (out.root / "themes/bare/templates/article.html").read_text("utf-8")
    out.file("themes/bare/templates/article.html", base.split("{% for card")[0] + "{% endblock %}\n")
    out.file(
        "site.yaml",
        (out.root / "site.yaml").read_text("utf-8").replace("theme: bare", "theme: bare\ndata: []\nfeeds: {items: 1}"),
    )
    for index in range(10_000):
        out.article(f"art{index:05d}", date="2026-07-02")
    publish_project(out, jobs=2)
    assert len(out.tree()) > 10_000
    with S3Proxy(store) as line:
        through(out, line)
        start = time.monotonic()
        again = publish_project(out)
        took = time.monotonic() - start
        assert not again.published
        assert again.build is not None
        own = took - sum(seconds for _, seconds in again.build.seconds)
        assert len(line.asked) <= 2
        del line.asked[:]
        for index in range(10):
            out.article(f"art{index + 5000:05d}", date="2026-07-02", body="Other text.\n")
        ui = FakeUI()
        publish_project(out, ui=ui)
        pages = [path for path in line.puts() if file_class(path) is FileClass.PAGE]
        assert len(pages) == 10
        assert len(line.puts()) == len(ui.plans[0].changed) == 10
        assert line.count("PUT") == 12
    assert own < 2, "besides the build"
