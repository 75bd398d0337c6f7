"""`sitegen import --fetch` against a real server: redirects, limits, robots.txt, conditional requests."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import pytest

from sitegen.diagnostics import Diagnostics
from sitegen.importers.fetching import Fetcher
from sitegen.util.networks import IpAddress, is_public
from tests.importers.conftest import GOLDEN, Import

AGENT: Final = "sitegen/0 (Test digest; https://digest.example/)"
PAGE: Final = (
    b"<!DOCTYPE html><html lang=en><title>Two cranes for the port</title><meta name=date content=2026-07-03>"
    b"<body><p>The port has set up two cranes, and <a href='/more'>the report</a> explains their work.</p></body>"
)


class Handler(BaseHTTPRequestHandler):
    requests: list[tuple[str, str, int]]
    stopped: threading.Event

    def do_GET(self) -> None:
        etag, status = '"1"', 200
        target = {
            "/redirect": "/page",
            "/loop": "/loop",
            "/private": f"http://127.0.0.2:{self.request.getsockname()[1]}/page",
            "/file": "file:///etc/passwd",
        }.get(self.path)
        if target is not None:
            status = 302
        elif self.path == "/page" and self.headers.get("If-None-Match") == etag:
            status = 304
        elif self.path == "/missing":
            status = 404
        self.requests.append((self.path, self.headers["User-Agent"], status))
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else "text/html; charset=utf-8")
        self.send_header("ETag", etag)
        if target is not None:
            self.send_header("Location", target)
        self.end_headers()
        if status != 200:
            return
        if self.path == "/robots.txt":
            self.wfile.write(b"User-agent: sitegen\nDisallow: /secret\n")
        elif self.path in {"/endless", "/slow"}:
            self.send_body_without_end(b"x" if self.path == "/slow" else b"x" * 65536)
        else:
            self.wfile.write(PAGE)

    def send_body_without_end(self, part: bytes) -> None:
        try:
            while not self.stopped.wait(0.05 if len(part) == 1 else 0):
                self.wfile.write(part)
        except OSError:
            return

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Handler.requests, Handler.stopped = [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        Handler.stopped.set()
        server.shutdown()
        thread.join()


def is_local(address: IpAddress) -> bool:
    return address == ip_address("127.0.0.1")


def test_fetched_page_is_imported_with_its_address(
    server: ThreadingHTTPServer, root: Path, import_pages: Import
) -> None:
    url = f"http://127.0.0.1:{server.server_address[1]}/redirect"
    for expected in (200, 304):
        diagnostics = Diagnostics()
        found = Fetcher(root / "output/imports", AGENT, is_allowed=is_local).fetch(url, diagnostics)
        assert not list(diagnostics)
        assert found is not None
        file, address = found
        assert (file.name, file.read_bytes(), address) == ("page.html", PAGE, url.replace("redirect", "page"))
        robots, redirect, page = Handler.requests[-3:]
        assert [request[0] for request in (robots, redirect, page)] == ["/robots.txt", "/redirect", "/page"]
        assert page[1:] == (AGENT, expected)
    (report,) = import_pages(file, addresses={str(file): address})
    assert report.name == address
    assert report.file is not None
    text = (root / report.file).read_text("utf-8")
    assert f"url: '{address}'" in text
    assert f"[the report](http://127.0.0.1:{server.server_address[1]}/more)" in text


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/private", "127.0.0.2, in a private network"),
        ("/file", "is not an address of the web"),
        ("/loop", "more than 5 redirects"),
        ("/endless", "has more than 1 MiB"),
        ("/slow", "no answer in time"),
        ("/secret/page", "robots.txt"),
        ("/missing", "404 Not Found"),
    ],
)
def test_refused_answers_leave_no_file(path: str, reason: str, server: ThreadingHTTPServer, tmp_path: Path) -> None:
    diagnostics = Diagnostics()
    fetcher = Fetcher(tmp_path, AGENT, is_allowed=is_local, max_seconds=1.0 if path == "/slow" else 30, max_bytes=2**20)
    assert fetcher.fetch(f"http://127.0.0.1:{server.server_address[1]}{path}", diagnostics) is None
    (item,) = diagnostics.sorted()
    assert (item.code, reason in item.message) == ("fetch-failed", True), item.message
    assert list(tmp_path.iterdir()) == []
    assert path not in {request[0] for request in Handler.requests} or not path.startswith("/secret")


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "::"),
    ],
)
def test_private_addresses_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    assert is_public(ip_address("93.184.216.34"))
    assert is_public(ip_address("2606:2800:220:1::1"))


def test_command_needs_fetch_and_refuses_private_addresses(server: ThreadingHTTPServer, root: Path) -> None:
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    url = f"http://127.0.0.1:{server.server_address[1]}/page"
    program = [sys.executable, "-m", "sitegen", "import", url]
    run = subprocess.run(program, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "--fetch" in run.stderr
    run = subprocess.run([*program, "--fetch"], cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "in a private network" in run.stderr
    assert Handler.requests == []
    assert not (root / "content").exists()
