"""Addresses on other hosts: each kind of answer is classified, hosts get few requests, results are kept."""

import json
import ssl
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from sitegen.builder import BuildRequest
from sitegen.check.external import MAX_HOST_FAILURES, ExternalOptions, archived_copy, check_urls
from sitegen.check.findings import LinkResult
from sitegen.check.links import check_links, status_counts
from sitegen.check.run import check
from sitegen.cli import main
from tests.check.link_server import LinkServer, link_server
from tests.project import NOW, Project
from tests.tools import command

QUICK: Final = ExternalOptions(pace=0, timeout=1, retries=1, backoff=0, max_wait=1, allows_private=True)
STATUS: Final = {
    "ok": ("ok", 200),
    "404": ("dead", 404),
    "410": ("dead", 410),
    "500": ("server-error", 500),
    "503": ("server-error", 503),
    "forbidden": ("refused", 403),
    "busy": ("ok", 200),
    "always-busy": ("refused", 429),
    "busy-for-long": ("refused", 429),
    "loop": ("redirect-loop", 302),
    "far/0": ("redirect-loop", 0),
    "moved": ("moved", 200),
    "away": ("ok", 200),
    "hints": ("ok", 200),
    "no-head": ("ok", 200),
    "endless": ("ok", 200),
    "headers": ("invalid", 0),
    "garbage": ("invalid", 0),
    "breaks": ("unreachable", 0),
    "hangs": ("timeout", 0),
    "to-file": ("invalid", 0),
}
"""The status and the code of the answer at each address of the server."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LinkServer]:
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    openssl = [command("openssl"), "req", *options, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(openssl, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with link_server(context) as running:
        yield running


def ask(*urls: str, options: ExternalOptions = QUICK) -> dict[str, LinkResult]:
    return check_urls(urls, NOW, options, lambda _done, _total: None)


def test_every_kind_of_answer(server: LinkServer) -> None:
    """Each address is on a host of its own, so that one that hangs does not delay the others."""
    urls = {f"http://127.0.0.{number}:{server.port}/{kind}": kind for number, kind in enumerate(STATUS, 2)}
    others = {
        f"https://127.0.0.1:{server.tls_port}/ok": "tls",
        "http://127.0.0.1:1/": "unreachable",
        "http://nothing.invalid/": "no-host",
        "http://a..b/": "invalid",
        "http://xn--zzzzzzzzz--/": "no-host",
    }
    results = ask(*urls, *others)
    assert {kind: (results[url].status.value, results[url].code) for url, kind in urls.items()} == STATUS
    assert {url: results[url].status.value for url in others} == others
    moved = next(url for url, kind in urls.items() if kind == "moved")
    assert results[moved].target.endswith("/ok/new")
    assert all(result.checked == NOW for result in results.values())


def test_a_host_is_asked_for_one_page_at_a_time_and_head_comes_first(server: LinkServer) -> None:
    urls = [f"http://127.0.0.77:{server.port}/{kind}/{number}" for number in range(20) for kind in ("ok", "404")]
    ask(*urls)
    assert server.most_at_once["127.0.0.77"] == 1
    methods = Counter((method, path.split("/")[1]) for method, path in server.requests["127.0.0.77"])
    assert methods == {("HEAD", "ok"): 20, ("HEAD", "404"): 20, ("GET", "404"): 20}


def test_a_host_that_does_not_answer_is_left_alone(server: LinkServer) -> None:
    urls = [f"http://127.0.0.78:{server.port}/breaks/{number}" for number in range(9)]
    results = ask(*urls, options=replace(QUICK, retries=0))
    assert {result.status.value for result in results.values()} == {"unreachable"}
    assert len({path for _, path in server.requests["127.0.0.78"]}) == MAX_HOST_FAILURES


def test_private_networks_are_not_asked(server: LinkServer) -> None:
    careful = replace(QUICK, allows_private=False)
    urls = ("http://127.0.0.79:1/", f"http://localhost:{server.port}/", "http://[::1]/", "http://169.254.169.254/")
    assert {result.status.value for result in ask(*urls, options=careful).values()} == {"private"}
    assert not server.requests["127.0.0.79"]


def test_the_archive(server: LinkServer) -> None:
    options = replace(QUICK, archive=f"http://127.0.0.1:{server.port}/wayback")
    assert archived_copy("http://a.example/404", options) == "https://web.archive.example/2026/x"
    assert archived_copy("http://a.example/other", options) == ""
    assert archived_copy("http://a.example/404", replace(options, archive="http://127.0.0.1:1/")) == ""


def test_results_are_kept_with_their_date(project: Project, server: LinkServer) -> None:
    base = f"http://127.0.0.80:{server.port}"
    body = f"Vietnam, China: [one]({base}/ok) and [two]({base}/404#part), {base}/moved.\n"
    project.article("one", body=body, source=f"{{name: A, url: '{base}/410', lang: en}}")
    request = BuildRequest(project.root, NOW, jobs=1)
    check(request)
    options = replace(QUICK, archive=f"http://127.0.0.1:{server.port}/wayback")

    def links(days: int) -> tuple[list[str], dict[str, int]]:
        later = replace(request, now=NOW + timedelta(days=days))
        findings, failures, results = check_links(
            later, lambda _path: True, options, lambda *_: None, with_archive=True
        )
        assert failures == []
        shown = [f"{item.diagnostic.location.line} {item.diagnostic.code} {item.diagnostic.hint}" for item in findings]
        return sorted(shown), status_counts(results)

    expected = [
        "13 external-dead archived copy: https://web.archive.example/2026/x",
        "13 external-moved write the new address",
        "9 external-dead replace it; --archive looks for a copy",
    ]
    assert links(0) == (expected, {"ok": 1, "moved": 1, "dead": 2})
    asked = len(server.requests["127.0.0.80"])
    assert links(0)[0] == expected
    assert len(server.requests["127.0.0.80"]) == asked
    links(2)
    assert {path for _, path in server.requests["127.0.0.80"][asked:]} == {"/404", "/410"}
    links(8)
    assert "/ok" in {path for _, path in server.requests["127.0.0.80"][asked + 4 :]}
    nothing = check_links(request, lambda path: path.endswith("two.md"), options, lambda *_: None)
    assert nothing == ([], [], {})


def test_a_private_address_is_requested_as_soon_as_that_is_allowed(project: Project, server: LinkServer) -> None:
    address = f"http://127.0.0.82:{server.port}/ok"
    project.article("one", body=f"Vietnam, China: {address}\n", source="{name: A, url: null}")
    request = BuildRequest(project.root, NOW, jobs=1)
    check(request)

    def status(options: ExternalOptions) -> dict[str, int]:
        return status_counts(check_links(request, lambda _path: True, options, lambda *_: None)[2])

    careful = replace(QUICK, allows_private=False)
    assert (status(careful), status(QUICK)) == ({"private": 1}, {"ok": 1})
    assert ask(address, options=careful)[address].detail == "127.0.0.82 is in a private network"


def test_the_command(project: Project, server: LinkServer, capsys: pytest.CaptureFixture[str]) -> None:
    project.article("one", body=f"Vietnam, China: http://127.0.0.81:{server.port}/404\n")
    words = ["-C", str(project.root), "check", "--now", NOW.isoformat(), "--only", "links", "--external"]
    assert main(words) == 0
    assert "external-private" in capsys.readouterr().err
    assert not server.requests["127.0.0.81"]
    assert main([*words, "--allow-private", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [(item["code"], item["line"], item["severity"]) for item in report["diagnostics"]] == [
        ("external-dead", 13, "hint")
    ]
    assert main(["-C", str(project.root), "check", "--archive"]) == 2


@pytest.mark.slow
def test_two_thousand_links(server: LinkServer, tmp_path: Path) -> None:
    """Five in a hundred fail, in ten ways, and each is classified."""
    ways = {
        **{
            kind: STATUS[kind][0] for kind in ("404", "410", "500", "always-busy", "loop", "hangs", "breaks", "garbage")
        },
        "tls": "tls",
        "closed": "unreachable",
    }
    expected: dict[str, str] = {}
    for number in range(2000):
        host = f"127.0.1.{number % 200 + 1}"
        kind = list(ways)[number // 20 % len(ways)] if number % 20 == 19 else "ok"
        url = f"http://{host}:{server.port}/{kind}/{number}"
        url = {"tls": f"https://{host}:{server.tls_port}/{number}", "closed": f"http://{host}:1/{number}"}.get(
            kind, url
        )
        expected[url] = ways.get(kind, "ok")
    assert Counter(expected.values())["ok"] == 1900
    results = ask(*expected, options=replace(QUICK, timeout=10))
    wrong = {url: result for url, result in results.items() if result.status.value != expected[url]}
    assert wrong == {}
