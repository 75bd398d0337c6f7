"""`sitegen import --fetch` against a real server: redirects, limits, robots.txt, conditional requests."""

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import pytest

from sitegen.diagnostics import Diagnostics
from sitegen.importers.fetching import Fetcher
from sitegen.util.networks import IpAddress, is_public
from tests.importers.conftest import GOLDEN, Import
from tests.tools import command

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


@contextmanager
def running_server(certificate: Path | None = None) -> Iterator[ThreadingHTTPServer]:
    Handler.requests, Handler.stopped = [], threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        Handler.stopped.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with running_server() as server:
        yield server


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
        ("/private", "127.0.0.2 is in a private network"),
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


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a certificate and its key for 127.0.0.1 (`local.pem`) and for another name (`other.pem`)."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, subject in (("local", "IP:127.0.0.1"), ("other", "DNS:other.example")):
        files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")]
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        subjects = ["-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}"]
        subprocess.run([command("openssl"), "req", "-x509", *key, *files, *subjects], check=True, capture_output=True)
        parts = [(folder / f"{name}.{suffix}").read_text("utf-8") for suffix in ("crt", "key")]
        (folder / f"{name}.pem").write_text("".join(parts), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("served", "trusted", "reason"),
    [
        ("local", "local", ""),
        ("local", "other", "the server cannot prove its name: self-signed certificate"),
        ("other", "other", "the server cannot prove its name: IP address mismatch"),
        ("", "local", "the connection cannot be encrypted"),
    ],
)
def test_only_servers_with_a_valid_certificate_are_read(
    served: str, trusted: str, reason: str, *, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / f"{trusted}.crt"))
    with running_server(certificates / f"{served}.pem" if served else None) as server:
        diagnostics = Diagnostics()
        url = f"https://127.0.0.1:{server.server_address[1]}/page"
        found = Fetcher(tmp_path, AGENT, is_allowed=is_local).fetch(url, diagnostics)
    if not reason:
        assert not diagnostics
        assert found is not None
        assert (found[0].read_bytes(), found[1]) == (PAGE, url)
        return
    assert found is None
    (item,) = diagnostics
    assert (item.code, item.message[: len(reason) + 26]) == ("fetch-failed", f"cannot fetch the address: {reason}")
    assert list(tmp_path.iterdir()) == []
    assert Handler.requests == []


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
