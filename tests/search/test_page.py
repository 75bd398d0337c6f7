"""The search page in a real browser: both locales, keyboard, without JavaScript, a damaged index."""

import contextlib
import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect, sync_playwright

from sitegen.builder import BuildResult
from sitegen.builder.plan import SEARCH_SCRIPT
from sitegen.content import search_terms
from sitegen.outputs.search.query import parse
from sitegen.outputs.search.shards import shard_of
from tests.example import pages
from tests.project import Project
from tests.search.queries import ENGLISH, JAPANESE
from tests.search.test_index import searchable, slugs
from tests.tools import command

pytestmark = pytest.mark.browser

_OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
POLICY: Final = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
PATIENCE: Final = 60_000


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder with the content security policy of the documentation."""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def end_headers(self) -> None:
        """Send the policy with every answer."""
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextlib.contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder on a free port; yield its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    with sync_playwright() as playwright:
        path = command("chromium", "chromium-browser", "google-chrome")
        started = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page, and fail if a script fails or a request leaves the machine."""
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))

    def watch(request: Request) -> None:
        if "//127.0.0.1:" not in request.url:
            problems.append(request.url)

    opened.on("request", watch)
    yield opened
    context.close()
    assert not problems


@pytest.fixture(scope="module")
def address(example: BuildResult) -> Iterator[str]:
    with served(example.site) as url:
        yield url


def results(page: Page) -> list[str]:
    """Return the slugs of the results that the page shows."""
    links = page.locator("[data-search-results] > li h2 a")
    return [href.split("/")[-2] for href in links.evaluate_all("links => links.map((a) => a.getAttribute('href'))")]


def ask(page: Page, query: str) -> None:
    """Type a query, press Enter, and wait for its results or the line that says that there are none."""
    page.evaluate("document.querySelector('[data-search-status]').textContent = ''")
    page.locator("#s-q").fill(query)
    page.locator("#s-q").press("Enter")
    page.locator("[data-search-status]:not(:empty)").wait_for()


@pytest.mark.parametrize(
    ("locale", "queries"),
    [
        ("", JAPANESE[::4]),
        ("/ja", ENGLISH[::4]),
        pytest.param("", (*JAPANESE, *ENGLISH), marks=pytest.mark.slow),
        pytest.param("/ja", (*JAPANESE, *ENGLISH), marks=pytest.mark.slow),
    ],
)
def test_queries_from_both_locales(page: Page, address: str, locale: str, queries: tuple[tuple[str, str], ...]) -> None:
    page.goto(f"{address}{locale}/search/")
    for query, slug in queries:
        ask(page, query)
        assert slug in results(page)[:5], query


def test_the_script_has_the_rules_of_the_index(page: Page, address: str, example: BuildResult) -> None:
    page.goto(f"{address}/search/")
    text = " ".join(re.sub("<[^>]*>", " ", html) for html in pages(example).values())
    odd = "Łódź ørsted æon Ðþ "
    odd += "Việt Nam’s Đông, STRASSE ß ﬁ ＡＢＣ ｶﾞｷﾞ 米 タ㌔ 한국어를 ไทย 𠮷野家 0.5% don't CO₂ İstanbul re-run_x '\u0345"
    odd += " 合意｡翌､ﾃﾞｰﾀ･｢ﾞｱ｣"
    compare = """async ([url, text]) => {
      const rules = await import(url);
      return [...rules.terms(text)].map((term) => [term, rules.shardOf(term, 64)]);
    }"""
    script = page.locator('script[type="module"]').get_attribute("src")
    for sample in (text, odd):
        found = page.evaluate(compare, [script, sample])
        expected = set(search_terms.terms(sample))
        assert {term for term, _ in found} == expected
        assert dict(found) == {term: shard_of(term, 64) for term in expected}


def test_the_script_reads_queries_as_the_command_does(page: Page, address: str) -> None:
    page.goto(f"{address}/search/")
    compare = """async ([url, query]) => {
      const { parse } = await import(url), { wanted, unwanted, needles } = parse(query);
      return [...[wanted, unwanted].map((units) => units.map(({ terms, prefix }) => [terms, prefix ?? null])), needles];
    }"""
    script = page.locator('script[type="module"]').get_attribute("src")
    for query in ("です｡次", '"です。次の"', "AI法 -米､英", "法AI｡𠮷", "第7次、27.5%", "the 法", "ﾃﾞｰﾀﾍﾞｰｽ｡ railw"):
        wanted, unwanted, needles = parse(query)
        units = [[[list(terms), prefix] for terms, prefix in part] for part in (wanted, unwanted)]
        assert page.evaluate(compare, [script, query]) == [*units, needles], query


def test_a_first_query_loads_no_facets_any_more(page: Page, address: str) -> None:
    with page.expect_response(re.compile(r"/facets\.json$")):
        page.goto(f"{address}/search/")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    ask(page, "customs")
    assert requested
    assert not [url for url in requested if url.endswith("/facets.json")]


def test_the_address_has_the_query_and_back_works(page: Page, address: str) -> None:
    page.goto(f"{address}/search/")
    ask(page, "tariffs")
    assert page.url == f"{address}/search/?q=tariffs"
    count = len(results(page))
    page.locator("[data-search-facets] a", has_text="Trade").first.click()
    expect(page.locator("[data-search-results] > li")).not_to_have_count(count, timeout=PATIENCE)
    assert page.url == f"{address}/search/?q=tariffs&topics=trade"
    page.go_back()
    expect(page.locator("[data-search-results] > li")).to_have_count(count, timeout=PATIENCE)
    page.goto(f"{address}/search/?q=tariffs&order=newest&countries=JP")
    page.locator("[data-search-results] > li").first.wait_for()
    assert page.locator("#s-order").input_value() == "newest"
    assert page.locator("[data-search-facets] [aria-current]").inner_text() == "Japan"


def test_the_other_language_has_the_same_query(page: Page, address: str) -> None:
    page.goto(f"{address}/search/")
    ask(page, "tariffs")
    page.locator("[data-search-facets] a", has_text="Trade").first.click()
    page.wait_for_url("**/search/?q=tariffs&topics=trade")
    page.locator("nav a[hreflang=ja], header a[hreflang=ja]").first.click()
    page.wait_for_url("**/ja/search/?q=tariffs&topics=trade")
    page.locator("[data-search-results] > li").first.wait_for()


@pytest.mark.parametrize("query", ["程度に引き上げ", "0.5%\u2060程\u2060度に引き上げ"])
def test_a_copied_title_finds_its_article(page: Page, address: str, query: str) -> None:
    page.goto(f"{address}/ja/search/")
    ask(page, query)
    expect(page.locator("[data-search-status]")).to_have_text("件数：1", timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    assert results(page) == ["bank-of-japan-rate-rise"]


@pytest.mark.parametrize("query", ["債", '"債"', "電 -債", "の｡債"])
def test_a_single_character_at_any_place(page: Page, address: str, example: BuildResult, query: str) -> None:
    page.goto(f"{address}/ja/search/")
    ask(page, query)
    found = slugs(example.site.parents[1], query)
    assert len(found) > 1
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-search-status]")).to_have_text(f"件数：{len(found)}", timeout=PATIENCE)
    assert set(results(page)) <= set(found)


def test_a_phrase_is_in_one_paragraph_or_item(page: Page, address: str) -> None:
    page.goto(f"{address}/search/")
    ask(page, '"connectivity of supply chains;"')
    page.locator(".excerpt").first.wait_for()
    assert results(page) == ["laos-asean-summits"]
    ask(page, '"supply chains; the announcement"')
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-search-results] > li")).to_have_count(0, timeout=PATIENCE)


def test_words_are_shown_where_they_are_in_their_language(page: Page, address: str) -> None:
    page.goto(f"{address}/search/?q=磁石")
    excerpt = page.locator(".excerpt").first
    excerpt.wait_for()
    assert excerpt.get_attribute("lang") == "ja"
    assert excerpt.locator("mark").first.inner_text() == "磁石"
    assert page.locator("[data-search-results] h2 a").first.get_attribute("lang") == "en"


@pytest.mark.parametrize(("query", "around"), [("technology", "Importance"), ("China+Vietnam", "🇨🇳")])
def test_an_excerpt_is_from_the_text_and_not_from_what_is_around_it(
    page: Page, address: str, query: str, around: str
) -> None:
    page.goto(f"{address}/search/?q={query}")
    page.locator(".excerpt").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert around not in "".join(page.locator(".excerpt").all_inner_texts())


def test_nothing_moves_when_results_come(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    phone = context.new_page()
    phone.add_init_script("""window.shifted = 0; new PerformanceObserver(list => list.getEntries().forEach(
        entry => { window.shifted += entry.value; })).observe({type: "layout-shift", buffered: true});""")
    phone.goto(f"{address}/search/?q=semiconductor")
    phone.locator(".excerpt").first.wait_for()
    phone.wait_for_load_state("networkidle")
    assert phone.evaluate("window.shifted") < 0.1
    context.close()


def test_with_the_keyboard_only(page: Page, address: str) -> None:
    page.goto(f"{address}/search/")
    page.keyboard.press("/")
    page.keyboard.insert_text("whisky")  # at once: a search for "whisk" would have the same number of results
    assert page.locator("[data-search-status]").get_attribute("role") == "status"
    expect(page.locator("[data-search-status]")).to_have_text("Results: 1", timeout=PATIENCE)
    for _ in range(4):  # to the order, to the limits if the theme has a link to them, to the result
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-search-results]') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/india-uk-trade-agreement-signed/")


COUNT_RENDERINGS: Final = """() => {
    window.renderings = 0;
    window.said = [];
    const observe = (part, tell) => new MutationObserver(changes => changes.flatMap(change => [...change.addedNodes])
        .length && tell()).observe(document.querySelector(`[data-search-${part}]`), {childList: true});
    observe("results", () => { window.renderings += 1; });
    observe("status", () => { window.said.push(document.querySelector("[data-search-status]").textContent); });
}"""


def test_words_typed_while_the_index_loads_are_searched_once(page: Page, address: str) -> None:
    """A second search would take the focus from a result that a reader has reached with the keyboard."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/search/index.json", hold, times=1)
    with page.expect_request("**/search/index.json"):
        page.goto(f"{address}/search/")
    page.evaluate(COUNT_RENDERINGS)
    page.locator("#s-q").focus()
    page.keyboard.insert_text("whisky")
    held[0].continue_()
    page.wait_for_url("**/search/?q=whisky")
    entries = page.evaluate("history.length")
    expect(page.locator("[data-search-status]")).to_have_text("Results: 1", timeout=PATIENCE)
    assert page.evaluate("window.renderings") == 1
    assert page.evaluate("window.said") == ["Results: 1"], "not that the words are too common"
    page.keyboard.press("Enter")
    assert page.evaluate("history.length") == entries, "the results of these words are shown already"


def test_from_the_masthead_of_another_page(page: Page, address: str) -> None:
    page.goto(f"{address}/ja/")
    assert page.evaluate("document.scripts.length") == page.locator('script[type="application/ld+json"]').count()
    page.locator("#s-find").fill("停戦")
    page.locator("#s-find").press("Enter")
    page.locator("[data-search-results] > li").first.wait_for()
    assert "thailand-cambodia-ceasefire-putrajaya" in results(page)


def test_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    plain = context.new_page()
    plain.goto(f"{address}/search/?q=tariffs")
    assert plain.locator("noscript").count()
    assert "needs JavaScript" in plain.content()
    context.close()


def test_on_a_narrow_screen_nothing_runs_over_the_edge(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700})
    narrow = context.new_page()
    narrow.goto(f"{address}/ja/search/?q=関税")
    narrow.locator(".excerpt").first.wait_for(timeout=PATIENCE)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


HOSTILE: Final = (
    "<img src=x onerror=document.title='ran'>",
    "'\"><script>alert(1)</script>",
    "__proto__",
    "constructor -toString",
    ".*+?^${}()|[]\\",
    "(a+)+$ [",
    "\ud800",
    "\x00\x07\x1b[2J",
    "a" * 10_000,
    "関" * 10_000,
    '"' * 10_000,
    "the of and",
    "!?,.:;。、「」",
    '"',
    "-",
    '-"',
)
ADDRESSES: Final = (
    "?q=%ED%A0%80%00%FF&order=__proto__&topics=__proto__&months=0000-99",
    "?topics=%3Cimg%20src=x%20onerror=alert(1)%3E&countries=constructor&importance=%22%5D",
    f"?q={'x' * 10_000}&perspectives={'y' * 1000}",
)


def default_theme(project: Project) -> Project:
    """Turn the search on, with the default theme."""
    searchable(project)
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("theme: bare", "theme: default"))
    return project


def test_hostile_titles_queries_and_addresses(page: Page, project: Project) -> None:
    default_theme(project)
    title = "<img src=x onerror=document.title='ran'> \\\"quoted\\\" & constructor"
    project.article(
        "one", title=f'"{title}"', summary='"<script>alert(1)</script> constructor"', body="Plain constructor."
    )
    project.built()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    status = page.locator("[data-search-status]")
    with served(project.root / "output" / "site") as url:
        page.goto(f"{url}/search/?q=constructor")
        page.locator("[data-search-results] > li").first.wait_for()
        for query in HOSTILE:
            ask(page, query)
            assert "could not be read" not in status.inner_text(), query
        for address in ADDRESSES:
            page.goto(f"{url}/search/{address}")
            page.locator("[data-search-status]:not(:empty)").wait_for()
            assert "could not be read" not in status.inner_text(), address
            assert page.locator(":is([data-search-results], [data-search-facets]) :is(img, script)").count() == 0
            assert page.title().startswith("Search")
    assert not dialogs


DAMAGE: Final[dict[str, Callable[[bytes], bytes | None]]] = {
    "missing": lambda _data: None,
    "cut": lambda data: data[: len(data) // 2],
    "of another build": lambda data: re.sub(rb'"stamp":"[^"]*"', b'"stamp":"00000000"', data),
    "of another kind": lambda _data: b"null",
}


@pytest.mark.slow
def test_a_damaged_index_is_read_again_once_and_then_reported(page: Page, project: Project) -> None:
    default_theme(project).article("one", title="Ports")
    project.built()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    results_or_report = page.locator("[data-search-status]:not(:empty)")
    with served(project.root / "output" / "site") as url:
        for path in ("parts/all/0.json", "parts/all/facets.json", "documents/all-0.json"):
            file = project.root / "output" / "site" / "search" / path
            data = file.read_bytes()
            for name, damage in DAMAGE.items():
                for is_repaired in (False, True) if name == "of another build" else (False,):
                    damaged = damage(data)
                    file.write_bytes(damaged) if damaged is not None else file.unlink()
                    if is_repaired:  # the second time that the list of parts is read
                        page.route("**/search/index.json", partial(_repair, requested, file, data))
                    requested.clear()
                    page.goto(f"{url}/search/?q=ports")
                    results_or_report.wait_for()
                    expected = "Results: 1" if is_repaired else "The search index could not be read"
                    assert results_or_report.inner_text().startswith(expected), path
                    assert sum(address.endswith("/search/index.json") for address in requested) == 2
                    page.unroute_all()
                    file.write_bytes(data)


def _repair(requested: Sequence[str], file: Path, data: bytes, route: Route) -> None:
    if sum(address.endswith("/search/index.json") for address in requested) == 2:
        file.write_bytes(data)
    route.continue_()


def test_older_articles_are_read_if_there_are_too_few_results_or_on_request(page: Page, project: Project) -> None:
    default_theme(project)
    for number in range(120):
        day = f"{2022 + number // 30}-{number % 12 + 1:02}-03"
        project.article(
            f"n{number:03}", title=f"Ports {number}", date=day, body="Rare ores." if number == 3 else "Rice."
        )
    project.built()
    index = project.root / "output" / "site" / "search" / "index.json"
    index.write_text(json.dumps(json.loads(index.read_bytes()) | {"newest": 20}), "utf-8")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    status, more = page.locator("[data-search-status]"), page.locator("[data-search-more]")
    with served(project.root / "output" / "site") as url:
        page.goto(f"{url}/search/")
        page.wait_for_load_state("networkidle")
        assert [address for address in requested if address.endswith("/facets.json")]
        assert not [address for address in requested if "/parts/2024/" in address]
        page.goto(f"{url}/search/?q=ports&order=newest")
        expect(status).to_have_text("Results: 30 (2025)", timeout=PATIENCE)
        assert not [address for address in requested if "/parts/2024/" in address]
        # The status is there before the results: a click in between is lost.
        expect(page.locator("[data-search-results] > li")).to_have_count(10, timeout=PATIENCE)
        for count in (20, 30):
            assert more.inner_text() == "More results"
            more.click()
            expect(page.locator("[data-search-results] > li")).to_have_count(count, timeout=PATIENCE)
        assert more.inner_text() == "Search older articles, too"
        more.click()
        expect(status).to_have_text("Results: 60 (2024–2025)", timeout=PATIENCE)
        expect(page.locator("[data-search-results] > li")).to_have_count(40, timeout=PATIENCE)
        ask(page, "ores")
        assert (status.inner_text(), results(page)) == ("Results: 1", ["n003"])
        requested.clear()
        page.goto(f"{url}/search/?q=ports&months=2023-04")
        expect(status).to_have_text("Results: 2", timeout=PATIENCE)
        assert not [address for address in requested if re.search("/parts/202[245]", address)]


def test_limits_have_counts_and_results_have_an_order(page: Page, address: str) -> None:
    page.goto(f"{address}/search/?topics=trade")
    status, links = page.locator("[data-search-status]"), page.locator("[data-search-facets] a")
    page.locator("[data-search-results] > li").first.wait_for()
    for key in ("countries JP", "importance 5"):
        row = page.locator(f'[data-search-facets] li:has([data-key="{key}"])')
        count = row.inner_text().split()[-1]
        row.locator("a").focus()
        page.keyboard.press("Enter")
        expect(status).to_have_text(f"Results: {count}", timeout=PATIENCE)
        assert page.evaluate("document.activeElement.dataset.key") == key
        page.go_back()
        expect(status).not_to_have_text(f"Results: {count}", timeout=PATIENCE)
    assert re.fullmatch(r"[A-Z][a-z]+ \d{4}", links.and_(page.locator('[data-key^="months"]')).first.inner_text())
    for order in ("newest", "importance"):
        page.goto(f"{address}/search/?q=trade&order={order}")
        page.locator("[data-search-results] > li").first.wait_for()
        dates = page.locator("[data-search-results] time").evaluate_all("all => all.map((one) => one.dateTime)")
        assert len(dates) > 3
        assert (dates == sorted(dates, reverse=True)) == (order == "newest")


def test_a_long_list_has_a_field_that_filters_it(page: Page, browser: Browser, address: str) -> None:
    page.goto(f"{address}/sources/")
    rows = page.locator("main :is(tbody tr, .counts > li)")
    assert rows.count() > 30
    page.get_by_label("Filter").fill("ＭＩＮＩＳＴＲＹ")
    shown = page.locator("main :is(tbody tr, .counts > li):visible")
    assert 0 < shown.count() < rows.count()
    assert all("Ministry" in text for text in shown.all_inner_texts())
    assert page.locator(".filter output").inner_text() == f"{shown.count()} / {rows.count()}"
    page.get_by_label("Filter").fill("")
    assert shown.count() == rows.count()
    page.goto(f"{address}/topics/")
    assert page.locator("script[src]").count() == page.locator(".filter").count() == 0
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{address}/sources/")
    assert plain.locator("main :is(tbody tr, .counts > li):visible").count() > 30
    assert plain.locator("main input").count() == 0
    context.close()


@pytest.mark.slow
@pytest.mark.browser
def test_the_facts_of_a_result(page: Page, project: Project) -> None:
    default_theme(project)
    project.article("with", title="Ports agree", countries="[VN, CN]", source="{name: 経済産業省, url: null, lang: ja}")
    project.article("none", title="Ports wait", countries="[]")
    project.built()
    with served(project.root / "output" / "site") as url:
        page.goto(f"{url}/search/?q=ports")
        facts = page.locator("[data-search-results] .facts")
        expect(facts).to_have_count(2, timeout=PATIENCE)
        shown = facts.all_inner_texts()
        assert sum(text.count("\u00a0· ") for text in shown) == 3, "an article without countries has no empty place"
        assert page.locator(".facts span[lang=ja]").inner_text() == "経済産業省"
        fonts = facts.locator("visible=true").evaluate_all(
            "all => all.flatMap(it => [it, ...it.querySelectorAll('span')].map(it => getComputedStyle(it).fontFamily))"
        )
        assert not [font for font in fonts if "Mincho" in font or "Georgia" in font], "names as the rest of the line"
        ask(page, "経済産業省")
        assert results(page) == ["with"]
        assert page.locator(".facts mark").inner_text() == "経済産業省"


def test_the_script_is_small_and_asks_for_nothing_special() -> None:
    assert len(SEARCH_SCRIPT.read_bytes()) < 30_000
    for word in (b"eval(", b"Function(", b"WebAssembly", b"innerHTML", b"http"):
        assert word not in SEARCH_SCRIPT.read_bytes()


MINIMAL: Final = """\
{% extends "base.html" %}
{% block main %}
<form data-search-index="{{ page.index }}"><input name="q"></form>
<ol data-search-results></ol>
<script type="module" src="{{ site.assets["search.js"] }}"></script>
{% endblock %}
"""


def test_a_page_with_the_required_elements_alone(page: Page, project: Project) -> None:
    searchable(project).file("themes/bare/templates/search.html", MINIMAL)
    for number in range(20, 32):
        project.article(f"tariff-{number}", title=f"Tariff {number}", generated="{title: ai, summary: ai}")
    project.built()
    with served(project.root / "output/site") as url:
        page.goto(f"{url}/search/?q=tariffs&order=newest")
        expect(page.locator("[data-search-results] > li")).to_have_count(10, timeout=PATIENCE)
        expect(page.locator("[data-search-results] .machine").first).to_have_text("Machine-written")
        assert page.url.endswith("?q=tariffs&order=newest")


def test_a_form_with_the_three_marks_of_older_themes_shows_them(page: Page, project: Project) -> None:
    form = MINIMAL.replace("<form ", '<form data-machine="機械要約|機械見出し|機械作成" ')
    searchable(project).file("themes/bare/templates/search.html", form)
    project.article("first", title="Tariff", date="2026-07-01", generated="{title: ai, summary: ai}")
    project.article("second", title="Tariff", generated="{summary: mixed}", reviewed="{by: Ann Lee}", date="2026-07-02")
    project.built()
    with served(project.root / "output/site") as url:
        page.goto(f"{url}/search/?q=tariff&order=newest")
        expect(page.locator("[data-search-results] .machine")).to_have_text(["機械要約", "機械作成"], timeout=PATIENCE)
