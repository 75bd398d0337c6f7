"""Real web servers on 127.0.0.1, each in its own process, and a client that reads continuously."""

import http.client
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from tests.preview.serving import Answer, eventually, free_port
from tests.publish.helpers import ASSET, has_content_hash
from tests.tools import REPOSITORY, command

DOCS: Final = REPOSITORY / "docs" / "how-to" / "publishing"
_TIMEOUT: Final = 60


@contextmanager
def process(words: Sequence[str], port: int, log: Path, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the end of the block; it has started when its port answers."""
    with log.open("wb") as stream:
        server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd=cwd)
        try:
            eventually(f"{words[0]} answers", lambda: answers(port) or server.poll() is not None)
            assert server.poll() is None, log.read_text("utf-8", "replace")
            yield server
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(5)


def answers(port: int) -> bool:
    """Whether a port accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def get(port: int, path: str, headers: dict[str, str] | None = None) -> Answer:
    """Request a path from a server without normalizing it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path, headers={"Host": f"127.0.0.1:{port}", **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


@contextmanager
def nginx(folder: Path, work: Path) -> Iterator[int]:
    """Serve `folder`/current with nginx and the example of the documentation, on a free port."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    site = (DOCS / "nginx.conf").read_text("utf-8")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("listen [::]:80;", "")
    site = site.replace("/srv/www/digest", str(folder))
    modules = sorted(Path("/usr/lib/nginx/modules").glob("*brotli_static*.so"))
    loads = "".join(f"load_module {module};\n" for module in modules)
    if not modules:
        command("libnginx-mod-http-brotli-static")
    temporary = "".join(
        f"{kind}_temp_path {work}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (work / "nginx.conf").write_text(
        f"{loads}daemon off; worker_processes 1; pid {work}/nginx.pid; error_log stderr;\n"
        + ("user root;\n" if is_root() else "")
        + f"events {{ worker_connections 64; }}\nhttp {{ access_log off; {temporary} include /etc/nginx/mime.types;\n"
        + f"default_type application/octet-stream;\n{site}\n}}\n"
    )
    words = [command("nginx", "/usr/sbin/nginx"), "-p", str(work), "-c", str(work / "nginx.conf")]
    with process(words, port, work / "nginx.log"):
        assert "[warn]" not in (work / "nginx.log").read_text("utf-8")
        yield port


@contextmanager
def caddy(folder: Path, work: Path) -> Iterator[int]:
    """Serve `folder`/current with Caddy and the example of the documentation, on a free port."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    site = (DOCS / "Caddyfile").read_text("utf-8").replace("/srv/www/digest", str(folder))
    site = site.replace("digest.example.org {", f"http://127.0.0.1:{port} {{")
    (work / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https off\n\tstorage file_system {work}\n}}\n{site}")
    words = [command("caddy"), "run", "--adapter", "caddyfile", "--config", str(work / "Caddyfile")]
    with process(words, port, work / "caddy.log"):
        yield port


@contextmanager
def apache(folder: Path, work: Path) -> Iterator[int]:
    """Serve `folder`/current with Apache and the example of the documentation, on a free port."""
    work.mkdir(parents=True, exist_ok=True)
    port = free_port()
    program = Path(command("apache2", "/usr/sbin/apache2"))
    modules = program.parents[1] / "lib/apache2/modules"
    names = ["mpm_event", "authz_core", "dir", "mime", "alias", "rewrite", "headers"]
    loads = "".join(f"LoadModule {name}_module {modules}/mod_{name}.so\n" for name in names)
    (work / "mime.types").write_text("text/html html\ntext/css css\ntext/plain txt\n")
    site = (
        (DOCS / "apache.conf").read_text("utf-8").replace("/srv/www/digest", str(folder)).replace("*:80", f"*:{port}")
    )
    (work / "apache.conf").write_text(
        f"{loads}ServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {work}/pid\nErrorLog {work}/error.log\n"
        f"DefaultRuntimeDir {work}\nTypesConfig {work}/mime.types\n{site}"
    )
    # Apache refuses to serve as root, and another user cannot read the folders of root.
    rights = "+dac_override,+dac_read_search"
    words = [command("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"] if is_root() else []
    words += [f"--inh-caps={rights}", f"--ambient-caps={rights}"] if is_root() else []
    words += [str(program), "-D", "FOREGROUND", "-f", str(work / "apache.conf")]
    with process(words, port, work / "apache.log"):
        yield port


def is_root() -> bool:
    """Whether the tests run as root, whose folders the user of a server cannot read."""
    return os.geteuid() == 0


@dataclass(slots=True)
class Reader:
    """Fetches pages and their assets repeatedly until it is stopped."""

    port: int
    pages: tuple[str, ...]
    prefix: str = ""
    missing: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    fetched: int = 0
    versions: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)
            assert not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                for page in self.pages:
                    self._read(page)
                    self._stop.wait(0.002)  # leaves time for the threads of the publish
        except Exception as error:  # noqa: BLE001 - makes the test fail
            self.errors.append(repr(error))

    def _read(self, page: str) -> None:
        answer = get(self.port, self.prefix + page)
        if answer.status != 200:
            self.missing.append(f"{page}: {answer.status}")
            return
        shown = re.search(r"version \d+", answer.text)
        assert shown is not None
        self.versions.add(shown[0])
        for path in ASSET.findall(answer.text):
            asset = get(self.port, f"{self.prefix}/{path}")
            if asset.status != 200:
                self.missing.append(f"{page} ({shown[0]}): {path}: {asset.status}")
            elif shown[0].encode() not in asset.body or not has_content_hash(path, asset.body):
                self.mixed.append(f"{page}: {path}")
        self.fetched += 1

    def saw(self, versions: int) -> None:
        """Fail unless it read enough versions without errors."""
        assert self.errors == []
        assert self.missing == []
        assert self.mixed == []
        assert self.fetched > versions
        assert len(self.versions) > versions // 2, self.versions


def wait_for(reader: Reader, count: int) -> None:
    """Wait until a reader has fetched a number of further pages."""
    goal = reader.fetched + count
    deadline = time.monotonic() + 60
    while reader.fetched < goal and not reader.errors and time.monotonic() < deadline:
        time.sleep(0.005)
