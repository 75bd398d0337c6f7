"""Compare the search with Pagefind's in Chromium: `python -m tests.benchmarks.search --pagefind PROGRAM`. See --help.

Pagefind is not a part of the project: `npm install pagefind@1.6` in any folder, the program is
`node_modules/.bin/pagefind`.
"""

import argparse
import contextlib
import gzip
import http.server
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Page, Response, sync_playwright

from tests.benchmarks.contenders import write_project
from tests.search.queries import ENGLISH, JAPANESE
from tests.tools import command

ROOT: Final = Path(__file__).parents[2]
FIRST: Final = 5
"""The article that must be found is among as many results."""
CORPUS: Final = (
    "customs",
    "river treaty",
    "irrigation pump",
    "関税",
    "送電網",
    "倉庫の統廃合",
    "satellite",
    "農業用水",
)
ROUNDS: Final = 5
"""How often the benchmark's articles are searched, each time from a new page."""
ARTICLES: Final = "{articles,ja/articles}/**/*.html"
"""The pages that Pagefind indexes: with lists and archives it would find fewer articles."""
_OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

_PAGEFIND: Final = """async (query) => {
  globalThis.pagefind ??= await import("/pagefind/pagefind.js");
  const found = await globalThis.pagefind.search(query);
  return (await Promise.all(found.results.slice(0, 10).map((result) => result.data()))).map((data) => data.url);
}"""

_OURS: Final = """(query) => new Promise((resolve) => {
  const [list, status] = ["results", "status"].map((name) => document.querySelector(`[data-search-${name}]`));
  const links = () => [...list.querySelectorAll(":scope > li h2 a")].map((link) => new URL(link.href).pathname);
  status.textContent = "";
  const observer = new MutationObserver(() => { observer.disconnect(); resolve(links()); });
  observer.observe(status, { childList: true });
  const form = document.querySelector("form[data-search-index]");
  form.elements.q.value = query;
  form.requestSubmit();
})"""


@dataclass
class Answers:
    """The results of each query, its milliseconds, and the bytes that it loaded, compressed."""

    results: list[list[str]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and Pagefind's files from another one."""

    bundle: Path

    def translate_path(self, path: str) -> str:
        """Return the file of an address."""
        place = unquote(urlsplit(path).path)
        if place.startswith("/pagefind/"):
            return str(self.bundle / place.removeprefix("/pagefind/"))
        return super().translate_path(path)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@contextlib.contextmanager
def served(site: Path, bundle: Path) -> Iterator[str]:
    """Serve a site and Pagefind's files on a free port; yield the address."""
    handler = type("BundleHandler", (Handler,), {"bundle": bundle})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(site)))
    threading.Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def ask(page: Page, code: str, queries: Sequence[str], start: str) -> Answers:
    """Return the answers to queries one after the other, from the page `start`."""
    found, loaded = Answers(), list[Response]()

    def keep(response: Response) -> None:  # playwright marks handlers, which a built-in method does not allow
        loaded.append(response)

    page.on("response", keep)
    page.goto(start)
    page.wait_for_load_state("networkidle")
    for query in queries:
        began = perf_counter()
        found.results.append(page.evaluate(code, query))
        found.milliseconds.append((perf_counter() - began) * 1000)
        found.bytes.append(sum(size(response.body()) for response in loaded if is_index(response.url)))
        loaded.clear()
    return found


def is_index(url: str) -> bool:
    """Return whether a file is a part of a search, and not a page that shows where the words are."""
    return "/pagefind/" in url or "/search/" in url or "/assets/search" in url


def size(data: bytes) -> int:
    """Return the compressed size of a file; Pagefind's are already compressed."""
    return min(len(data), len(gzip.compress(data, 6)))


def children_seconds() -> float:
    """Return the CPU seconds of finished child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(program: Sequence[str], **options: Any) -> float:
    """Run a program; return its CPU seconds."""
    before = children_seconds()
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL, **options)
    return children_seconds() - before


def index_files(site: Path) -> list[Path]:
    """Return the files of the index in all locales."""
    return [*site.glob("search/**/*.json"), *site.glob("*/search/**/*.json")]


def compare(
    site: Path, pagefind: str, bundle: Path, queries: Sequence[str], *, locales: Sequence[str], rounds: int = 1
) -> list[tuple[str, str, Answers]]:
    """Index a site with Pagefind, and ask both in each locale. Return the name, the locale and the answers.

    The milliseconds are medians of the rounds.
    """
    seconds = run([pagefind, "--site", str(site), "--output-path", str(bundle), "--glob", ARTICLES])
    files = {"pagefind": [file for file in bundle.rglob("*") if file.is_file()], "sitegen": index_files(site)}
    _say(f"pagefind indexes in {seconds:.1f} CPU seconds")
    for name, found in files.items():
        _say(f"{name}: {sum(size(file.read_bytes()) for file in found) / 1e6:.2f} MB in {len(found)} files")
    rows = []
    with served(site, bundle) as url, sync_playwright() as playwright:
        path = command("chromium", "chromium-browser", "google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        for locale in locales:
            for name, code in (("sitegen", _OURS), ("pagefind", _PAGEFIND)):
                answers = []
                for _ in range(rounds):
                    page = browser.new_context().new_page()
                    page.set_default_timeout(60_000)
                    answers.append(ask(page, code, queries, f"{url}{locale}/search/"))
                    page.close()
                times = [answer.milliseconds for answer in answers]
                answers[0].milliseconds = [statistics.median(each) for each in zip(*times, strict=True)]
                rows.append((name, locale, answers[0]))
        browser.close()
    return rows


def example(folder: Path) -> Path:
    """Return the site of the example digest."""
    shutil.copytree(ROOT / "content", folder / "content")
    shutil.copy(ROOT / "site.yaml", folder)
    run([sys.executable, "-m", "sitegen", "-C", str(folder), "build"])
    return folder / "output" / "site"


def corpus(folder: Path, articles: int) -> Path:
    """Return the site of articles of the benchmark, with the small theme and the search."""
    write_project("sitegen", folder, articles)
    site = folder / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("search: false", "search: true"), "utf-8")
    run([sys.executable, "-m", "sitegen", "-C", str(folder), "build"])
    return folder / "output" / "site"


def main() -> None:
    """Print the tables of docs/explanation/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pagefind", required=True, help="the program of Pagefind 1.6")
    parser.add_argument("--articles", type=int, help="ask the benchmark's articles (default: the example digest)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        bundle = work / "pagefind"
        if options.articles:
            site = corpus(work / "digest", options.articles)
            for tool, locale, found in compare(site, options.pagefind, bundle, CORPUS, locales=[""], rounds=ROUNDS):
                _say(f"{tool} {locale or '/'}: ms {[round(value) for value in found.milliseconds]}")
                _say(f"  KB {[round(value / 1000) for value in found.bytes]}, results {list(map(len, found.results))}")
            return
        site = example(work / "digest")
        wanted = (*JAPANESE, *ENGLISH)
        for tool, locale, found in compare(
            site, options.pagefind, bundle, [query for query, _ in wanted], locales=["", "/ja"]
        ):
            hits = [
                any(f"/articles/{slug}/" in url for url in urls[:FIRST])
                for urls, (_, slug) in zip(found.results, wanted, strict=True)
            ]
            japanese, english = sum(hits[: len(JAPANESE)]), sum(hits[len(JAPANESE) :])
            median, kilobytes = statistics.median(found.milliseconds), sum(found.bytes) // 1000
            _say(f"{tool} {locale or '/'}: Japanese {japanese}, English {english}, {median:.0f} ms, {kilobytes} KB")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
