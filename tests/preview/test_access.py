"""Access control, ports, range requests, and hostile or slow clients."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sitegen.preview.server import DEFAULT_PORT
from tests.preview.serving import PATIENCE, ROOT, Preview, eventually, free_port
from tests.project import BARE, SITE, Project

_UPGRADE: Final = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n"
)


def _make(folder: Path) -> Project:
    project = Project(folder)
    project.write(SITE)
    for name, content in BARE.items():
        project.file(f"themes/bare/{name}", content)
    project.file("content/articles/2026/07/talk.mp4", bytes(range(256)) * 4000)
    project.article("one", title="Überblick", body="[talk](talk.mp4)\n")
    return project


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Start one server for this machine only."""
    folder = tmp_path_factory.mktemp("shared")
    with Preview(_make(folder / "digest"), folder / "logs") as preview:
        yield preview


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Start one server on all addresses and behind a proxy."""
    folder = tmp_path_factory.mktemp("public")
    options = ("--host", "0.0.0.0", "--allow-host", "preview.example")
    with Preview(_make(folder / "digest"), folder / "logs", options) as preview:
        yield preview


def _serve(project: Project, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sitegen", "-C", str(project.root), "serve", *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=30, check=False)


def _talk(preview: Preview) -> str:
    (file,) = (preview.project.root / "output/preview/site/assets").glob("talk.*.mp4")
    return f"/assets/{file.name}"


# --- files ------------------------------------------------------------------------------------------------------------


def test_range_requests(shared: Preview) -> None:
    whole = bytes(range(256)) * 4000
    for header, start, end in (
        ("bytes=0-9", 0, 10),
        ("bytes=1000000-", 1_000_000, len(whole)),
        ("bytes=-5", len(whole) - 5, len(whole)),
    ):
        answer = shared.get(_talk(shared), {"Range": header})
        assert (answer.status, answer.body) == (206, whole[start:end])
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(whole)}"
    beyond = shared.get(_talk(shared), {"Range": "bytes=9999999-"})
    assert (beyond.status, beyond.body) == (416, b"")
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"
    for header in ("bytes=0-", "bytes=0-1,5-6", "lines=0-1"):
        answer = shared.get(_talk(shared), {"Range": header})
        assert (answer.status, answer.body) == (200, whole)


def test_files_have_an_etag_and_pages_have_none(shared: Preview) -> None:
    etag = shared.get(_talk(shared)).headers["Etag"]
    again = shared.get(_talk(shared), {"If-None-Match": etag})
    assert (again.status, again.body) == (304, b"")
    assert "Etag" not in shared.get("/").headers
    assert shared.get("/", {"If-None-Match": "*", "Range": "bytes=0-3"}).status == 200


@pytest.mark.parametrize("path", ["/", "/articles/one/", "/nowhere/", "/livereload.js", "/feed.xml", "/articles/one"])
def test_head_has_the_headers_of_get(shared: Preview, path: str) -> None:
    get, head = shared.get(path), shared.get(path, method="HEAD")
    assert head.body == b""
    assert (head.status, dict(head.headers) | {"Date": ""}) == (get.status, dict(get.headers) | {"Date": ""})


def test_folders_are_not_listed(shared: Preview) -> None:
    for path in ("/assets/", "/assets", "/articles/", "/articles"):
        answer = shared.get(path)
        assert answer.status == 302 or b'http-equiv="refresh"' in answer.body, path
        assert b"talk" not in answer.body


def test_a_named_pipe_is_not_served(shared: Preview) -> None:
    pipe = shared.project.root / "output/preview/site/pipe.html"
    os.mkfifo(pipe)
    try:
        assert stat.S_ISFIFO(pipe.stat().st_mode)
        assert shared.get("/pipe.html").status == 404
    finally:
        pipe.unlink()


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /livereload HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /livereload.js HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n",
        b"BREW / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /%ff HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /?token=%ff HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n",
        b"GET / HTTP/1.1\r\n",
        b"nonsense\r\n",
        f"GET /livereload HTTP/1.1\r\nHost: 127.0.0.1\r\n{_UPGRADE}Origin: http://evil.example\r\n".encode(),
        f"GET /livereload HTTP/1.1\r\nHost: 127.0.0.1\r\n{_UPGRADE}".encode(),
    ],
)
def test_responses_do_not_name_the_software(shared: Preview, request_line: bytes) -> None:
    answer = shared.send_raw(request_line + (b"\r\n" if b"Upgrade" in request_line else b"Connection: close\r\n\r\n"))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    for word in (b"server:", b"tornado", b"python", b"x-powered-by"):
        assert word not in head
    for word in (b"Traceback", b"tornado", b"Error:"):
        assert word not in answer
    assert shared.get("/").status == 200


def test_other_sites_can_neither_embed_nor_frame_a_page(shared: Preview) -> None:
    for path in ("/", _talk(shared), "/nowhere", "/livereload.js", "/livereload"):
        headers = shared.get(path, {"Origin": "http://evil.example"}).headers
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        assert not any(name.lower().startswith("access-control") for name in headers)


# --- the websocket ----------------------------------------------------------------------------------------------------


def _frame(text: bytes) -> bytes:
    """Return a masked text frame with a mask of zeros (RFC 6455, section 5.2)."""
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
    return b"\x81" + size + b"\0\0\0\0" + text


def _websocket(preview: Preview, *, host: str = "127.0.0.1", headers: str = "") -> tuple[socket.socket, int]:
    line = socket.create_connection(("127.0.0.1", preview.port), timeout=PATIENCE)
    line.sendall(f"GET /livereload HTTP/1.1\r\nHost: {host}\r\n{_UPGRADE}{headers}\r\n".encode())
    return line, int(line.recv(4096).split()[1])


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"nonsense",
        b"[]",
        b"7",
        b"{}",
        b'{"command": 7}',
        b'{"command": ["hello"]}',
        b'{"command": "info"}',
        b'{"command": "info", "path": "/", "page": "x", "styles": 7}',
        b'{"command": "info", "path": "/../../site.yaml", "page": "x", "styles": []}',
        b'{"command": "info", "path": "\\u0000\\ud800", "page": "\\ud800", "styles": ["\\ud800"]}',
        b"[" * 40_000,
        b"\xff\xfe",
    ],
)
def test_malformed_websocket_messages(shared: Preview, message: bytes) -> None:
    connection, status = _websocket(shared)
    with connection:
        assert status == 101
        connection.sendall(_frame(message))
        connection.sendall(_frame(b'{"command": "hello"}'))
        received = connection.recv(65536)
        assert b"base_url" not in received
    other, status = _websocket(shared)
    with other:
        other.sendall(_frame(b'{"command": "hello", "protocols": []}'))
        assert b'"hello"' in other.recv(4096)
    assert shared.err == ""


@pytest.mark.parametrize(
    ("origin_and_host", "status"),
    [
        (("https://preview.example", "preview.example"), 101),
        (("https://preview.example:8443", "preview.example:8443"), 101),
        (("https://preview.example", "Preview.Example, inner.example"), 101),
        (("https://preview.example:8443", "preview.example"), 403),
        (("https://evil.example", "preview.example"), 403),
        (("https://evil.example@preview.example", "preview.example"), 403),
        (("https://preview.example/", "preview.example"), 403),
        (("ftp://preview.example", "preview.example"), 403),
        (("https://", "preview.example"), 403),
        (("null", "preview.example"), 403),
        (("https://preview.example", ""), 403),
    ],
)
def test_origins_behind_a_proxy(shared: Preview, origin_and_host: tuple[str, str], status: int) -> None:
    origin, host = origin_and_host
    connection, answer_status = _websocket(shared, headers=f"Origin: {origin}\r\nX-Forwarded-Host: {host}\r\n")
    connection.close()
    assert answer_status == status


# --- other machines ---------------------------------------------------------------------------------------------------


def _token(preview: Preview) -> str:
    match = re.search(r"Serving http://[0-9.]+:\d+/\?token=([\w-]{20,}) ", preview.out)
    assert match is not None, preview.out
    return match[1]


def test_other_machines_need_the_token(public: Preview) -> None:
    assert (
        public.err
        == "sitegen: other machines can reach this preview; anyone with the address and its token can read it\n"
    )
    for path in (
        "/",
        "/articles/one/",
        "/nowhere",
        "/livereload.js",
        "/livereload",
        "/?token=",
        "/?token=x",
        "/?token=%C3",
    ):
        for headers in ({}, {"Cookie": f"sitegen-preview-{public.port}=wrong"}, {"X-Forwarded-Host": "127.0.0.1"}):
            answer = public.get(path, headers)
            assert answer.status in {400, 403}, path
            assert "berblick" not in answer.text
    assert "token" in public.get("/").text


def test_the_token_moves_from_the_url_to_a_cookie(public: Preview) -> None:
    answer = public.get(f"/articles/one/?a=b%26c&token={_token(public)}")
    assert (answer.status, answer.headers["Location"]) == (302, "/articles/one/?a=b%26c")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    session = {"Cookie": cookie.split(";")[0]}
    assert "berblick" in public.get("/articles/one/", session).text
    assert public.get("/articles/one/", session | {"Host": "evil.example"}).status == 403
    assert public.get("/", session | {"Host": "192.168.1.7:8000"}).status == 200
    assert public.get("/", session | {"Host": "Preview.Example"}).status == 200
    assert public.get("/", session | {"Host": socket.gethostname()}).status == 200
    away = public.get(f"//evil.example/?token={_token(public)}")
    assert away.headers["Location"] == "/evil.example/"
    secure = public.get(f"/?token={_token(public)}", {"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert "Secure" in secure


def test_the_websocket_needs_the_token(public: Preview) -> None:
    cookie = f"Cookie: sitegen-preview-{public.port}={_token(public)}\r\n"
    for headers, status in (("", 403), (cookie, 101), (f"{cookie}Origin: http://evil.example\r\n", 403)):
        connection, answer_status = _websocket(public, headers=headers)
        connection.close()
        assert answer_status == status
    forwarded = f"{cookie}Origin: https://preview.example\r\nX-Forwarded-Proto: https\r\n"
    connection, answer_status = _websocket(public, host="preview.example", headers=forwarded)
    connection.close()
    assert answer_status == 101


# --- ports ------------------------------------------------------------------------------------------------------------


def test_a_port_in_use_is_an_error_with_advice(project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = _serve(project, "--port", str(port))
    assert result.returncode == 3
    message = f"port {port} is already in use on 127.0.0.1; choose another port with --port"
    assert result.stderr == f"sitegen: {message}\n"


def test_the_next_free_port_replaces_the_default_port_if_it_is_in_use(project: Project, tmp_path: Path) -> None:
    project.article("one")
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", DEFAULT_PORT))
            taken.listen()
        except OSError:
            pass  # another process uses it
        with Preview(project, tmp_path / "logs", port=None) as preview:
            match = re.search(r"Serving http://127\.0\.0\.1:(\d+)/", preview.out)
            assert match is not None
            port = int(match[1])
            assert port > DEFAULT_PORT
            assert preview.err == f"sitegen: port {DEFAULT_PORT} is already in use; serving on port {port}\n"
            preview.port = port
            assert preview.get("/").status == 200


def test_a_project_has_one_preview_at_a_time(project: Project, tmp_path: Path) -> None:
    project.article("one")
    with Preview(project, tmp_path / "logs") as preview:
        result = _serve(project, "--port", str(free_port()))
        assert result.returncode == 3
        message = f"a preview of this project is already running at {preview.address}/"
        assert result.stderr == f"sitegen: {message}\n"
        assert preview.get("/").status == 200


def test_open_starts_the_browser(project: Project, tmp_path: Path) -> None:
    project.article("one")
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" >"{opened}.new"; mv "{opened}.new" "{opened}"\n')
    browser.chmod(0o755)
    with Preview(project, tmp_path / "logs", ("--open",), variables={"BROWSER": str(browser)}) as preview:
        eventually("the browser is started", opened.exists)
        assert opened.read_text() == f"{preview.address}/"


# --- slow and half-open clients ---------------------------------------------------------------------------------------


def test_slow_and_half_open_clients_block_no_one(project: Project, tmp_path: Path) -> None:
    project.file("content/articles/2026/07/big.bin", bytes(8_000_000))
    project.article("one", title="First title", body="[big](big.bin)\n")
    lines: list[socket.socket] = []
    try:
        with Preview(project, tmp_path / "logs") as preview:
            (big,) = (project.root / "output/preview/site/assets").glob("big.*.bin")
            host = f"Host: 127.0.0.1:{preview.port}\r\n"
            for start in (
                "",
                "G",
                "GET / HTTP/1.1\r\nHost: 127",
                f"POST / HTTP/1.1\r\n{host}Content-Length: 10\r\n\r\nabc",
                f"GET /assets/{big.name} HTTP/1.1\r\n{host}\r\n",
                f"GET /livereload HTTP/1.1\r\n{host}{_UPGRADE}\r\n",
            ):
                for _ in range(25):
                    line = socket.create_connection(("127.0.0.1", preview.port), timeout=PATIENCE)
                    line.sendall(start.encode())
                    lines.append(line)
            started = time.monotonic()
            assert "First title" in preview.get("/articles/one/").text
            assert time.monotonic() - started < 10
            project.article("one", title="Second title")
            preview.wait_for_text("/articles/one/", "Second title")
            started = time.monotonic()
            assert preview.stop(signal.SIGTERM) == 0
            assert time.monotonic() - started < 20
            assert preview.err == ""
    finally:
        for line in lines:
            line.close()


@pytest.mark.slow
def test_an_unfinished_request_is_closed(shared: Preview) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=60) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        assert line.recv(1000) == b""
