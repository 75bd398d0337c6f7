"""Content folders of other generators, data, feeds and exports: each file of `sites` has inputs and their import."""

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sitegen.config.loader import read_config
from sitegen.config.model import Config
from sitegen.content.documents import read_document
from sitegen.diagnostics import Diagnostics
from sitegen.importers.fetching import Fetcher
from tests.importers.conftest import GOLDEN, Import

SITES = Path(__file__).parent / "sites"
NAMES = sorted(path.stem for path in SITES.glob("*.txt"))
_PART = re.compile(r"^-- ([\w./-]+) --\n(.*?)(?=^-- [\w./-]+ --$|\Z)", re.MULTILINE | re.DOTALL)


def parts(name: str) -> dict[str, str]:
    return {match[1]: match[2] for match in _PART.finditer((SITES / f"{name}.txt").read_text("utf-8"))}


def write_inputs(folder: Path, given: dict[str, str], encodings: dict[str, str]) -> None:
    for path, text in given.items():
        if path.startswith("in/"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode(encodings.get(path, "utf-8")))


@contextmanager
def served(given: dict[str, str], encodings: dict[str, str]) -> Iterator[str]:
    """Serve the parts below `web/`, with their encoding in the header; yield the address of the server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = f"web{self.path}"
            encoding = encodings.get(path, "utf-8")
            self.send_response(200 if path in given else 404)
            kind = "xml" if path.endswith(".xml") else "html"
            self.send_header("Content-Type", f"text/{kind}; charset={encoding}")
            self.end_headers()
            self.wfile.write(given.get(path, "").encode(encoding))

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def fetch(folder: Path, given: dict[str, str], base: str, diagnostics: Diagnostics) -> dict[str, str]:
    """Fetch the pages below `web/`; return their addresses by their files."""
    fetcher = Fetcher(folder, "sitegen/0", is_allowed=lambda address: str(address) == "127.0.0.1")
    paths = [path.removeprefix("web") for path in given if path.startswith("web/") and path != "web/robots.txt"]
    found = [fetcher.fetch(f"{base}{path}", diagnostics) for path in paths]
    return {str(file): address for file, address in filter(None, found)}


@pytest.mark.parametrize("name", NAMES)
def test_golden_site(
    name: str, import_pages: Import, root: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each site gives the files, and the diagnostics (input, line, severity, code) in its file.

    `encodings` of its options are those of inputs that are not in UTF-8. Parts below `web/` are fetched.
    """
    given = parts(name)
    monkeypatch.chdir(root.parent)
    options = json.loads(given["options"])
    encodings = options.pop("encodings", {})
    write_inputs(root.parent, given, encodings)
    if "settings" in options:
        settings = read_config(
            (GOLDEN / "site.yaml").read_bytes() + options["settings"].encode(), diagnostics := Diagnostics()
        )
        assert settings is not None
        assert not diagnostics
        options["settings"] = settings.imports
    record = Diagnostics()
    with served(given, encodings) as base:
        addresses = fetch(root.parent / "fetched", given, base, record)
    folders = [Path("in")] if any(path.startswith("in/") for path in given) else []
    reports = import_pages(*folders, *map(Path, addresses), addresses=addresses, **options)

    def shown(text: str) -> str:
        text = re.sub(r"(sha256|digest): [0-9a-f]{64}", r"\1: …", text)
        if base not in text:
            return text
        # The id is a hash of the address, which is in quotes if it has no letters.
        return re.sub(r"(?m)^id: '?[0-9a-f]{16}'?$", "id: …", text.replace(base, "http://server"))

    found = {
        f"out/{path.relative_to(root).as_posix()}": shown(path.read_text("utf-8"))
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "imported.tsv"
    }
    items = [*record, *(item for report in reports for item in report.diagnostics)]
    lines = [f"{item.location.path}:{item.location.line} {item.severity} {item.code}" for item in items]
    found["report"] = "".join(f"{line.replace(base, 'http://server')}\n" for line in lines)
    if os.environ.get("UPDATE_GOLDEN"):
        kept = {path: text for path, text in given.items() if not path.startswith(("out/", "report"))}
        text = "".join(f"-- {path} --\n{text}" for path, text in (kept | found).items())
        (SITES / f"{name}.txt").write_text(text, encoding="utf-8")
    expected = {path: text for path, text in given.items() if path.startswith(("out/", "report"))}
    assert found == expected
    for path, text in expected.items():
        if path.endswith(".md"):
            read, _ = read_document(
                path.removeprefix("out/"), (root / path.removeprefix("out/")).read_bytes(), config.content_schema
            )
            assert read.version is not None, text
