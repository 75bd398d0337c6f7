"""The preview server: responses, access, rebuilds, start and stop."""

import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sitegen.cli import main
from tests.preview.serving import Preview, eventually, free_port
from tests.project import BARE, SITE, Project, feed_labels

SCRIPT: Final = b"livereload.js"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Start one server for all tests that only read."""
    folder = tmp_path_factory.mktemp("shared")
    project = Project(folder / "digest")
    project.write(SITE)
    for name, content in BARE.items():
        project.file(f"themes/bare/{name}", content)
    project.file("themes/bare/templates/404.html", '{% extends "base.html" %}{% block main %}Not here{% endblock %}\n')
    project.file("themes/bare/static/icon.svg", '<svg xmlns="http://www.w3.org/2000/svg"></head></svg>')
    project.file("content/articles/2026/07/map.png", b"\x89PNG </head>")
    project.file("content/articles/2026/07/data.json", '{"a": "</head>"}')
    project.article("one", title="Überblick 日本", body="![m](map.png) [d](data.json) `</head>`\n")
    project.article("日本", id="japanese")
    project.article("draft", draft="true")
    with Preview(project, folder / "logs") as preview:
        yield preview


@pytest.fixture
def preview(project: Project, tmp_path: Path) -> Iterator[Preview]:
    """Serve a project with one article."""
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as served:
        yield served


def asset(preview: Preview, name: str) -> str:
    """Return the URL path of an asset."""
    stem, _, suffix = name.rpartition(".")
    folder = preview.project.root / "output/preview/site/assets"
    (file,) = folder.glob(f"{stem}.*.{suffix}")
    return f"/assets/{file.name}"


def _stylesheet(preview: Preview) -> str:
    """Return the URL path of the stylesheet of the home page."""
    match = re.search(r'rel="stylesheet" href="([^"]*)"', preview.get("/").text)
    return match[1] if match else "/"


# --- responses --------------------------------------------------------------------------------------------------------


def test_the_script_is_in_responses_and_not_in_files(shared: Preview) -> None:
    answer = shared.get("/articles/one/")
    file = shared.project.root / "output/preview/site/articles/one/index.html"
    assert answer.status == 200
    assert answer.body.count(SCRIPT) == 1
    assert SCRIPT not in file.read_bytes()
    script = re.search(rb"<script[^>]*></script>", answer.body)
    assert script is not None
    assert answer.body.replace(script[0], b"") == file.read_bytes()
    assert answer.body.index(SCRIPT) < answer.body.index(b"</head>")
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_the_published_site_is_not_touched(shared: Preview) -> None:
    assert not (shared.project.root / "output" / "site").exists()
    assert SCRIPT not in b"".join(file.read_bytes() for file in (shared.project.root / "output").rglob("*.html"))


def test_drafts_are_hidden_by_default(shared: Preview) -> None:
    assert shared.get("/articles/draft/").status == 404


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/articles/one/", "text/html; charset=utf-8"),
        ("/articles/%E6%97%A5%E6%9C%AC/", "text/html; charset=utf-8"),
        ("/404.html", "text/html; charset=utf-8"),
        ("/feed.xml", r"application/xml; charset=utf-8"),
        ("/topics/trade/feed.xml", r"application/xml; charset=utf-8"),
        ("/atom.xml", r"application/xml; charset=utf-8"),
        ("/feed.json", r"application/feed\+json; charset=utf-8"),
        ("/feeds.opml", r"text/x-opml; charset=utf-8"),
        ("/data/articles.csv", r"text/csv; charset=utf-8"),
        ("/data/articles.json", r"application/json; charset=utf-8"),
        ("/sitemap.xml", r"(application|text)/xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
        ("/nowhere/", "text/html; charset=utf-8"),
    ],
)
def test_content_types(shared: Preview, path: str, kind: str) -> None:
    answer = shared.get(path)
    assert re.fullmatch(kind, answer.headers["Content-Type"], re.IGNORECASE)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Server" not in answer.headers
    assert answer.text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("site.css", r"text/css; charset=utf-8"),
        ("icon.svg", r"image/svg\+xml; charset=utf-8"),
        ("map.png", "image/png"),
        ("data.json", r"application/json; charset=utf-8"),
    ],
)
def test_files_are_unchanged(shared: Preview, name: str, kind: str) -> None:
    address = asset(shared, name)
    answer = shared.get(address)
    assert answer.status == 200
    assert re.fullmatch(kind, answer.headers["Content-Type"], re.IGNORECASE)
    assert answer.body == (shared.project.root / "output/preview/site" / address[1:]).read_bytes()


def test_feeds_are_unchanged(shared: Preview) -> None:
    assert shared.get("/feed.xml").body == (shared.project.root / "output/preview/site/feed.xml").read_bytes()


def test_missing_pages_show_the_404_page_of_the_site(shared: Preview) -> None:
    for path in ("/nowhere/", "/nowhere", "/articles/one/x", "/articles/nowhere/index.html"):
        answer = shared.get(path)
        assert answer.status == 404, path
        assert "Not here" in answer.text
        assert SCRIPT in answer.body, "the page reloads once it exists"


def test_a_folder_without_a_slash_redirects(shared: Preview) -> None:
    answer = shared.get("/articles/one")
    assert answer.status in {301, 302}
    assert answer.headers["Location"] == "/articles/one/"


def test_a_head_request(shared: Preview) -> None:
    head = shared.get("/articles/one/", method="HEAD")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_rejected(shared: Preview, method: str) -> None:
    assert shared.get("/articles/one/", method=method).status in {403, 405}


# --- access -----------------------------------------------------------------------------------------------------------

_PATHS: Final = ("/", "/articles/one/", "/nowhere/", "/livereload.js", "/livereload", "/forcereload", "/feed.xml")


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "10.0.0.1",
        "[::2]",
        "0.0.0.0",
    ],
)
def test_other_hosts_are_rejected(shared: Preview, path: str, host: str) -> None:
    answer = shared.get(path, {"Host": host.format(port=shared.port)})
    assert answer.status == 403
    assert b"berblick" not in answer.body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:{port}", "127.0.0.1", "127.0.0.1:{port}", "[::1]:{port}"])
def test_own_hosts_are_accepted(shared: Preview, host: str) -> None:
    assert shared.get("/", {"Host": host.format(port=shared.port)}).status == 200


def _upgrade(preview: Preview, **headers: str) -> int:
    """Request a WebSocket, and return the status of the response."""
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    with socket.create_connection(("127.0.0.1", preview.port), timeout=10) as line:
        lines = {"Host": f"127.0.0.1:{preview.port}", **upgrade, **headers}
        request = "GET /livereload HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        line.sendall(f"{request}\r\n".encode())
        return int(line.recv(100).split()[1])


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1.evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}.evil.example",
        "http://evil.example/127.0.0.1:{port}",
        "http://127.0.0.1:{port}@evil.example",
        "null",
        "file://",
    ],
)
def test_other_origins_cannot_connect(shared: Preview, origin: str) -> None:
    assert _upgrade(shared, Origin=origin.format(port=shared.port)) == 403


def test_dns_rebinding_cannot_connect(shared: Preview) -> None:
    host = f"evil.example:{shared.port}"
    assert _upgrade(shared, Host=host, Origin=f"http://{host}") == 403


def test_own_pages_can_connect(shared: Preview) -> None:
    assert _upgrade(shared, Origin=f"http://127.0.0.1:{shared.port}") == 101
    assert _upgrade(shared, Host=f"localhost:{shared.port}", Origin=f"http://localhost:{shared.port}") == 101


@pytest.mark.parametrize(
    "path",
    [
        "/../../site.yaml",
        "/../../../site.yaml",
        "/%2e%2e/%2e%2e/%2e%2e/site.yaml",
        "/..%2f..%2f..%2fsite.yaml",
        "/%2e%2e%2f%2e%2e%2f%2e%2e%2fsite.yaml",
        "/articles/../../../../site.yaml",
        "/articles/%2e%2e/%2e%2e/%2e%2e/%2e%2e/site.yaml",
        "/%252e%252e/%252e%252e/site.yaml",
        "/..\\..\\..\\site.yaml",
        "/..%5c..%5c..%5csite.yaml",
        "/....//....//site.yaml",
        "/../manifest.json",
        "/%2e%2e/manifest.json",
        "/../site/../manifest.json",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/%2Fetc%2Fpasswd",
        "/site.yaml",
        "/..",
        "/%2e%2e",
        "/%2e%2e/",
        "/%00",
        "/articles/one/index.html%00.txt",
        "/%ff%fe",
        "/C:/windows/win.ini",
        "/" + "a" * 5000,
        "/" + "a/" * 3000,
    ],
)
def test_path_traversal(shared: Preview, path: str) -> None:
    answer = shared.get(path)
    assert answer.status in {400, 403, 404}
    for secret in (b"base_url", b"root:", b'"version"'):
        assert secret not in answer.body
    assert shared.get("/").status == 200


def test_symlinks_out_of_the_site_are_not_followed(shared: Preview) -> None:
    link = shared.project.root / "output/preview/site/leak.txt"
    link.symlink_to(shared.project.root / "site.yaml")
    try:
        assert b"base_url" not in shared.get("/leak.txt").body
    finally:
        link.unlink()


# --- rebuilds ---------------------------------------------------------------------------------------------------------


def test_every_kind_of_edit(preview: Preview) -> None:
    project = preview.project
    preview.wait_for_text("/articles/one/", "First title")

    project.article("one", title="Second title")
    preview.wait_for_text("/articles/one/", "Second title")

    file = project.root / "content/articles/2026/07/one.md"
    other = file.with_name(".one.md.swp")
    other.write_text(file.read_text("utf-8").replace("Second", "Third"), encoding="utf-8")
    other.replace(file)
    preview.wait_for_text("/articles/one/", "Third title")

    project.article("two", title="New one")
    preview.wait_for_text("/", "New one")
    (project.root / "content/articles/2026/07/two.md").unlink()
    eventually("the deleted article is gone", lambda: preview.get("/articles/two/").status == 404)

    project.file("content/articles/2026/08/three.md", file.read_text("utf-8").replace("id: one", "id: three"))
    preview.wait_for_text("/articles/three/", "Third title")

    site = project.root / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("Test digest", "Other digest"), encoding="utf-8")
    preview.wait_for_text("/", "<title>Other digest</title>")
    kept = site.with_name("site.yaml.new")
    kept.write_text(site.read_text("utf-8").replace("Other digest", "Renamed digest"), encoding="utf-8")
    kept.replace(site)
    preview.wait_for_text("/", "<title>Renamed digest</title>")

    project.file("themes/bare/static/site.css", "body { color: red }\n")
    eventually("the stylesheet is new", lambda: b"red" in preview.get(_stylesheet(preview)).body)
    project.file("themes/bare/locale/en.yaml", "count: {other: '{count}'}\n" + feed_labels("en"))
    project.file("themes/bare/templates/home.html", "<head></head>bare home\n")
    preview.wait_for_text("/", "bare home")


def test_conditional_requests_return_the_new_page(preview: Preview) -> None:
    """A reload sends the validators of the old page, which must differ from those of the new one."""
    for number in range(3):
        before = preview.get("/articles/one/")
        validators = {"If-Modified-Since": before.headers.get("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")}
        if etag := before.headers.get("Etag"):
            validators["If-None-Match"] = etag
        preview.project.article("one", title=f"Edit {number}")
        preview.wait_for_text("/articles/one/", f"Edit {number}")
        again = preview.get("/articles/one/", validators)
        assert again.status == 200
        assert f"Edit {number}" in again.text
        if etag:
            assert again.headers.get("Etag") != etag


def test_a_burst_of_edits_shows_the_last_one(preview: Preview) -> None:
    for number in range(30):
        preview.project.article("one", title=f"Title {number}")
        preview.project.article(f"n{number % 7}", title=f"Extra {number}")
    preview.wait_for_text("/articles/one/", "Title 29")
    preview.wait_for_text("/articles/n1/", "Extra 29")
    before = preview.build_count()
    preview.project.article("one", title="The end")
    preview.wait_for_text("/articles/one/", "The end")
    eventually("the builds end", lambda: preview.build_count() > before)
    assert preview.build_count() < 20, "a burst is one build, not sixty"


def test_a_broken_edit_keeps_the_last_good_page(preview: Preview) -> None:
    project = preview.project
    project.article("one", title="Broken title", importance="9")
    eventually(
        "the error is printed", lambda: "content/articles/2026/07/one.md:8:13: error[out-of-range]" in preview.err
    )
    eventually("the build ends", lambda: "nothing was written" in preview.err)
    page = preview.get("/articles/one/")
    assert "First title" in page.text
    assert page.status == 200
    project.article("one", title="Fixed title")
    preview.wait_for_text("/articles/one/", "Fixed title")

    home = project.root / "themes/bare/templates/home.html"
    original = home.read_text("utf-8")
    home.write_text("{{ page.nowhere }}", encoding="utf-8")
    eventually("the error of the template is printed", lambda: "templates/home.html:1" in preview.err)
    assert "Fixed title" in preview.get("/").text
    home.write_text(original, encoding="utf-8")
    project.article("one", title="Fixed again")
    preview.wait_for_text("/", "Fixed again")

    site = project.root / "site.yaml"
    text = site.read_text("utf-8")
    site.write_text("title: [", encoding="utf-8")
    eventually("the error of site.yaml is printed", lambda: "error[yaml-syntax]" in preview.err)
    site.unlink()
    eventually("the missing file is reported", lambda: "config-missing" in preview.err)
    assert "Fixed again" in preview.get("/").text
    site.write_text(text.replace("Test digest", "Back again"), encoding="utf-8")
    preview.wait_for_text("/", "Back again")


def test_content_is_removed_and_restored(project: Project, tmp_path: Path) -> None:
    away = tmp_path / "away"
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        assert preview.get("/").status == 200
        project.article("one", title="Second title")
        preview.wait_for_text("/articles/one/", "Second title")
        (project.root / "content").rename(away)
        eventually("the error is printed", lambda: "error[no-content]" in preview.err)
        assert b"Second title" in preview.get("/articles/one/").body
        shutil.copytree(away, project.root / "content")
        preview.wait_for_text("/articles/one/", "Second title")
        project.article("one", title="Edited once more")
        preview.wait_for_text("/articles/one/", "Edited once more")


def test_a_broken_start_recovers(project: Project, tmp_path: Path) -> None:
    project.article("one", importance="9")
    with Preview(project, tmp_path / "logs") as preview:
        assert "error[out-of-range]" in preview.err
        answer = preview.get("/")
        assert answer.status == 503
        assert SCRIPT in answer.body
        assert "content/articles/2026/07/one.md:8:13" in answer.text, "also without a script"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        project.article("one", title="Fixed")
        preview.wait_for_text("/articles/one/", "Fixed")


def test_drafts_option(project: Project, tmp_path: Path) -> None:
    project.article("one", title="Only a draft", draft="true")
    project.article("two", title="Far ahead", date="2999-01-01")
    with Preview(project, tmp_path / "logs", ("--drafts",)) as preview:
        assert "Only a draft" in preview.get("/articles/one/").text
        assert "Far ahead" in preview.get("/articles/two/").text


def test_draft_badges_after_a_broken_start(project: Project, tmp_path: Path) -> None:
    project.article("one", title="Only a draft", draft="true")
    project.article("two", importance="9")
    with Preview(project, tmp_path / "logs", ("--drafts",)) as preview:
        project.article("three", title="Far ahead", date="2999-01-01")
        project.article("two", title="Fixed")
        preview.wait_for_text("/articles/two/", "Fixed")
        assert "&quot;Draft&quot;" in preview.get("/articles/one/").text
        assert "Scheduled for 2999-01-01" in preview.get("/articles/three/").text
        assert "Scheduled" not in preview.get("/articles/two/").text.partition("</head>")[2]


def test_the_path_of_base_url_is_part_of_every_address(project: Project, tmp_path: Path) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("https://test.example/", "https://test.example/digest/"))
    project.article("one")
    with Preview(project, tmp_path / "logs") as preview:
        assert f"Serving {preview.address}/digest/" in preview.out
        redirect = preview.get("/")
        assert (redirect.status, redirect.headers["Location"]) == (302, "/digest/")
        assert preview.get("/digest/").status == 200
        for address in re.findall(r'href="([^"]*)"', preview.get("/digest/").text):
            assert preview.get(address).status == 200, address
        assert preview.get("/articles/one/").status == 404
        assert preview.get("/livereload.js").status == 200
        assert preview.get("/digest/../../../site.yaml").status in {400, 403, 404}
        project.file("site.yaml", site.replace("https://test.example/", "https://test.example/moved/"))
        eventually("the new path is served", lambda: preview.get("/moved/").status == 200)
        assert preview.get("/digest/").status == 404
        assert preview.get("/moved/livereload.js").status == 200
        eventually("the new address is printed", lambda: f"Serving {preview.address}/moved/" in preview.out)


def test_other_files_start_no_build(preview: Preview) -> None:
    before = preview.build_count()
    preview.project.file("output/site/x.html", "x")
    preview.project.file("notes.txt", "x")
    preview.project.file("docs/a.md", "x")
    preview.project.article("one", title="A real edit")
    preview.wait_for_text("/articles/one/", "A real edit")
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        assert preview.build_count() <= before + 1
        preview.get("/")


# --- start and stop ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_and_frees_the_port(project: Project, tmp_path: Path, number: signal.Signals) -> None:
    project.article("one")
    with Preview(project, tmp_path / "logs") as preview:
        with socket.create_connection(("127.0.0.1", preview.port), timeout=10) as line:
            line.sendall(
                f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{preview.port}\r\n\r\n".encode()
            )  # the connection stays open
            assert line.recv(20).startswith(b"HTTP/1.1 200")
            started = time.monotonic()
            assert preview.stop(number) == 0
            assert time.monotonic() - started < 5
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", preview.port))
        assert preview.err == ""
    with Preview(project, tmp_path / "again", port=preview.port) as again:
        assert again.get("/").status == 200


def test_a_signal_stops_a_build(project: Project, tmp_path: Path) -> None:
    for number in range(150):
        date = f"2026-{1 + number % 10:02d}-{1 + number % 28:02d}"
        project.article(f"n{number}", id=f"number-{number:03d}", date=date, countries="[VN, CN, JP]")
    options = ("-W", "ignore::ResourceWarning")  # KeyboardInterrupt can come between open() and its `with` block
    with Preview(project, tmp_path / "logs", python_options=options) as preview:
        staging = project.root / "output/preview/staging"
        edits = [preview.build_count()]

        def is_building() -> bool:
            if preview.build_count() >= edits[-1]:  # the last edit is built already
                project.file("themes/bare/static/site.css", f"body {{ margin: {len(edits)}px }}\n")
                edits.append(preview.build_count() + 1)
            return staging.exists()

        eventually("a build is running", is_building)
        assert preview.stop(signal.SIGTERM) == 0
    assert project.build().ok


def _serve(project: Project, *options: str) -> int:
    """Run the command in this process; it fails before it serves."""
    return main(["-C", str(project.root), "serve", *options])


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "-", "nowhere.invalid", "", " ", "a" * 70, "a..b", "."])
def test_invalid_hosts(project: Project, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _serve(project, f"--host={host}", "--port", str(free_port())) in {2, 3}
    output = capsys.readouterr()
    assert re.fullmatch(r"sitegen: [^\n]+\n", output.err)
    assert output.out == ""


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "", "80.0"])
def test_invalid_ports(project: Project, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _serve(project, f"--port={port}") == 2
    assert "is not a whole number from 1 to 65535" in capsys.readouterr().err


def test_a_folder_without_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(tmp_path), "serve"]) == 1
    assert "config-missing" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
