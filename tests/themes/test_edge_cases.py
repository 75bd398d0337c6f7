"""Odd articles on the pages of both themes: long, right to left, full of markup, with no country or twelve; print."""

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.example import THEMES
from tests.preview.test_browser import browser, page
from tests.project import EVERY_PAGE, SITE, Project, new_project

__all__ = ["browser", "page"]

LONG: Final = ("Rundfunkbeitragsstaatsvertragsänderungsentwurf and other words " * 5)[:300]
UNBROKEN: Final = "W" * 300
ARABIC: Final = "فيتنام تطلق قواعد بيانات وطنية جديدة للتقنيات الاستراتيجية"
MARKUP: Final = "<b>&amp; \"both\" 'quotes' </title></script> {{ site.title }}"
TWELVE: Final = "[VN, CN, JP, KR, TH, LA, MY, SG, ID, AE, ASEAN, AU]"
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library has
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder, and give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module", params=THEMES)
def odd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a digest of odd articles, in two languages, with every kind of page."""
    project = new_project(tmp_path_factory.mktemp("odd") / "digest")
    text = SITE.replace("[en]", "[en, ja]").replace("theme: bare", f"theme: {request.param}")
    project.write(text + EVERY_PAGE + "\ndescription: D\ntypography: false\nedition: {items: 5}\n")
    links = "[own](one-long.md), [out](https://a.example/), [here](#economic), https://b.example/?c&d"
    reading = f"Text, {links}.\n\n## 経済的影響\n\n円。\n"
    project.article("like-it", title="Like it", countries=TWELVE)
    project.article("one-long", title=LONG, date="2026-07-03", countries=TWELVE, body="Text.\n")
    project.article("unbroken", title=UNBROKEN, date="2026-07-03", source=f"{{name: {UNBROKEN[:200]}}}", body=reading)
    source = "{name: وكالة الأنباء, url: 'https://b.example/', lang: ar}"
    arabic = {"title": ARABIC, "lang": "ar", "date": "2026-07-04", "importance": "5", "source": source}
    arabic["summary"] = f"A summary with https://b.example/{UNBROKEN[:200]}"
    project.article("arabic", **arabic, body="نص.\n")
    project.article("wednesday", date="2025-09-17")
    project.article("hour", date="2026-07-05T09:00+09:00", countries="[KR]", generated="{title: ai, summary: ai}")
    project.article("markup", title=f"'{MARKUP.replace(chr(39), chr(39) * 2)}'", summary="'<i>S</i>'", countries="")
    project.article("table", body=f"|{'a|' * 20}\n|{'-|' * 20}\n|{'wide|' * 20}\n\n```\n{UNBROKEN}\n```\n")
    project.built()
    return project


def kinds(project: Project) -> dict[str, str]:
    """Return one address of each kind of page in the first language, and all articles."""
    found: dict[str, str] = {}
    for path in project.tree():
        if path.endswith("index.html") and not path.startswith("ja/") and "http-equiv" not in project.page(path):
            folders = path.split("/")[:-1]
            months = ["month" if re.fullmatch(r"\d{4}-\d{2}", folder) else "x" for folder in folders[1:]]
            kind = path if folders[:1] == ["articles"] else "/".join([*folders[:1], *months])
            found.setdefault(kind, f"/{path.removesuffix('index.html')}")
    return found


@pytest.mark.slow
@pytest.mark.browser
def test_nothing_runs_over_the_edge_of_a_narrow_page(odd: Project, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    addresses = kinds(odd)
    assert len(addresses) > 20
    with served(odd.root / "output" / "site") as base:
        for address in addresses.values():
            for locale in ("", "/ja"):
                page.goto(f"{base}{locale}{address}")
                assert page.evaluate(OVERFLOW) <= 0, address
        for path in filter(lambda path: path.endswith("email.html"), odd.tree()):
            page.goto(f"{base}/{path}")
            assert page.evaluate(OVERFLOW) <= 0, path


@pytest.mark.slow
@pytest.mark.browser
def test_a_wide_table_scrolls_in_what_the_keyboard_reaches(odd: Project, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    with served(odd.root / "output" / "site") as base:
        page.goto(f"{base}/articles/table/")
        page.locator("figure.scroll").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('figure.scroll').scrollLeft > 0")
        assert page.evaluate("getComputedStyle(document.querySelector('figure.scroll table')).display") == "table"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("odd", ["default"], indirect=True)
def test_a_name_from_right_to_left_keeps_its_distance_from_what_follows(odd: Project, page: Page) -> None:
    gap = """selector => {
        const name = document.querySelector(selector);
        const after = name.nextElementSibling.getBoundingClientRect();
        return after.left - name.getBoundingClientRect().right;
    }"""
    with served(odd.root / "output" / "site") as base:
        page.goto(f"{base}/ja/articles/arabic/")
        assert page.evaluate(gap, ".from cite") > 4
        page.goto(f"{base}/ja/archive/2026-07/")
        assert page.evaluate(gap, ".src[dir=rtl]") > 4


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("odd", ["default"], indirect=True)
def test_the_country_of_an_entry_with_a_time_is_visible_on_a_telephone(odd: Project, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    edges = "e => [e.getBoundingClientRect().right, e.closest('.meta').getBoundingClientRect().right]"
    with served(odd.root / "output" / "site") as base:
        for locale in ("", "/ja"):
            page.goto(f"{base}{locale}/countries/kr/")
            entry = page.locator(".card", has=page.locator("a[href$='/articles/hour/']"))
            right, end = entry.locator(".country").evaluate(edges)
            assert right < end
            assert entry.locator(".country").inner_text().strip().endswith("KR")


def test_titles_are_shown_as_they_are_written(odd: Project) -> None:
    for path in ("articles/markup/index.html", "index.html", "ja/topics/trade/index.html"):
        text = odd.page(path)
        assert escape(MARKUP, quote=False) in text.replace("&#34;", '"').replace("&#39;", "'"), path
        assert "</title></script>" not in text
        assert "Test digest</title>" in text or "試験</title>" in text
    assert "&lt;i&gt;S&lt;/i&gt;" in odd.page("index.html")
    assert f'<title lang="en">{LONG} · Test digest</title>' in odd.page("articles/one-long/index.html")


def test_a_title_from_right_to_left_says_so_wherever_it_stands(odd: Project) -> None:
    locations = 0
    for path, data in odd.tree().items():
        if not path.endswith(".html") or path.endswith("email.html"):
            continue
        body = data.decode().partition("</head>")[2]
        for match in re.finditer(re.escape(ARABIC), body):
            tags = re.findall(r"<[a-z][^>]*>", body[: match.start()])
            assert any('lang="ar" dir="rtl"' in tag for tag in tags[-2:]), (path, tags[-2:])
            locations += 1
    assert locations > 30
    title = re.search("<title([^>]*)>", odd.page("ja/articles/arabic/index.html"))
    assert title is not None
    assert title[1] == ' lang="ar" dir="rtl"'


def test_an_article_of_no_country_and_one_of_twelve(odd: Project) -> None:
    none, twelve = odd.page("articles/markup/index.html"), odd.page("articles/one-long/index.html")
    assert "/countries/vn/" not in none.partition("<main")[2].partition("</article>")[0]
    assert len(set(re.findall(r'href="/countries/[a-z]+/[a-z]+/"', twelve))) == 66
    assert len(set(re.findall(r'href="/countries/[a-z]+/"', twelve))) == 12


@pytest.mark.parametrize("odd", ["default"], indirect=True)
def test_of_many_countries_lists_name_a_few(odd: Project) -> None:
    related = odd.page("articles/like-it/index.html").partition('class="related"')[2].partition("</section>")[0]
    assert "Vietnam, China, Japan, South Korea and 8 more" in related


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("odd", ["default"], indirect=True)
def test_no_line_begins_with_the_separator_of_countries(odd: Project, page: Page) -> None:
    lines_more = """[...document.querySelectorAll('.countries .kept')].map(it => {
        const height = element => element.getBoundingClientRect().height;
        return (height(it) - height(it.querySelector('.country'))) / parseFloat(getComputedStyle(it).lineHeight);
    })"""
    separators = """[...document.querySelectorAll('.countries .kept')].map(
        it => getComputedStyle(it, '::after').content)"""
    with served(odd.root / "output" / "site") as base:
        for width in (*range(320, 480, 10), 1280):
            page.set_viewport_size({"width": width, "height": 640})
            for locale in ("", "/ja"):
                page.goto(f"{base}{locale}/articles/one-long/")
                assert [text[:3] for text in page.evaluate(separators)] == ['" →', *['" ·'] * 10]
                assert max(page.evaluate(lines_more)) < 0.5, (width, locale)
                assert page.evaluate(OVERFLOW) <= 0, (width, locale)


@pytest.mark.browser
def test_print_gives_the_article_alone_and_the_full_address_of_its_links(odd: Project, page: Page) -> None:
    page.emulate_media(media="print")
    with served(odd.root / "output" / "site") as base:
        page.goto(f"{base}/articles/unbroken/")
        shown = page.locator("body").inner_text()
        for part in (
            "Text, own, out, here",
            "経済的影響",
            "円。",
            "Test digest",
            "Source and provenance",
            UNBROKEN[:20],
        ):
            assert part in shown, part
        assert "https://test.example/articles/unbroken/" in shown
        for other in (
            "Topics",
            "日本語",
            "On the same subject",
            "Earlier in",
            "Later in",
            "All readings",
        ):
            assert other not in shown, other
        script = "[...document.querySelectorAll('.text a')].map(a => getComputedStyle(a, '::after').content)"
        after = [content for content in page.evaluate(script) if content != "none"]
        visible = after[:2]
        assert visible == ['" (https://test.example/articles/one-long/)"', '" (https://a.example/)"']
        for kind in ('[href^="#"]', '[href^="https://b.example"]'):
            content = f"getComputedStyle(document.querySelector('.text a{kind}'), '::after').content"
            assert page.evaluate(content) == "none"
        page.goto(f"{base}/")
        assert "Test digest" in page.locator("body").inner_text()


@pytest.mark.slow
@pytest.mark.browser
def test_paper_has_all_columns_of_a_table_and_whole_lines_of_code(odd: Project, page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 650, "height": 900})  # A4 between its margins
    cut = """[...document.querySelectorAll('.text :is(figure, pre)')].filter(
        it => it.scrollWidth > it.clientWidth && getComputedStyle(it).overflowX !== 'visible').length"""
    with served(odd.root / "output" / "site") as base:
        page.goto(f"{base}/articles/table/")
        assert page.locator(".text pre").count() == 1
        assert page.evaluate(cut) == 0


@pytest.mark.browser
def test_nothing_moves_for_those_who_ask_for_that_and_forced_colours_keep_the_marks(odd: Project, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce", forced_colors="active")
    moves = "e => e.getAnimations().length || getComputedStyle(e).transitionDuration !== '0s'"
    moving = f"[...document.querySelectorAll('*')].filter({moves}).length"
    with served(odd.root / "output" / "site") as base:
        for address in ("/", "/articles/arabic/", "/topics/trade/"):
            page.goto(f"{base}{address}")
            assert page.evaluate(moving) == 0
            colours = "[...document.querySelectorAll('.imp svg')].map(e => getComputedStyle(e).fill)"
            assert set(page.evaluate(colours)) <= {"rgb(0, 0, 0)"}


@pytest.mark.slow
@pytest.mark.browser
def test_lines_stay_short_on_a_screen_of_4000_points(odd: Project, page: Page) -> None:
    page.set_viewport_size({"width": 3840, "height": 2160})
    with served(odd.root / "output" / "site") as base:
        page.goto(f"{base}/articles/unbroken/")
        assert page.evaluate(OVERFLOW) <= 0
        assert page.evaluate("document.querySelector('.text p').getBoundingClientRect().width") < 800
        assert page.evaluate("document.body.getBoundingClientRect().width") < 1600


def test_the_front_page_of_a_single_article_has_no_empty_list(project: Project) -> None:
    project.write(SITE.replace("theme: bare", "theme: default"))
    project.article("one", title="The only one")
    project.built()
    front = project.page("index.html")
    assert "The only one" in front
    assert "Day by day" not in front
    project.article("two", title="Another one", importance="1")
    project.built()
    assert "Day by day" in project.page("index.html")


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_a_month_of_two_thousand_articles(project: Project, theme: str) -> None:
    project.write(SITE.replace("theme: bare", f"theme: {theme}") + "pages_from: {months: 50, topic_countries: 3000}\n")
    for number in range(2000):
        project.article(f"a{number}x", title=f"A{number}", date=f"2026-07-{number % 31 + 1:02}", countries="[VN]")
    project.built()
    month = [project.page(path) for path in project.tree() if path.startswith("archive/2026-07/")]
    assert len(set(re.findall(r'href="/articles/(a\d+x)/"', "".join(month)))) == 2000
    assert max(map(len, month)) < 150_000
    assert "2,000" in project.page("archive/2026-07/index.html")
    assert "2,000" in project.page("archive/index.html")
    assert project.page("topics/trade/index.html").count("/articles/") < 60
