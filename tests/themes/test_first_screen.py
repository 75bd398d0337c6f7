"""How much of the example digest the first screen shows, and how well it can be tapped, in the default theme."""

from typing import Final

import pytest
from playwright.sync_api import Page

from sitegen.builder import BuildResult
from tests.preview.test_browser import browser, page
from tests.themes.test_edge_cases import OVERFLOW, served

__all__ = ["browser", "page"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.parametrize("example", ["default"], indirect=True)]

HEADLINES: Final = """height => [...document.querySelectorAll('.lead h2 a, .card :is(h2, h3) a')]
    .filter(it => it.getBoundingClientRect().bottom <= height).length"""
SMALL_TARGETS: Final = """() => [...document.querySelectorAll('a:not(.prose a, .skip), summary, main input, button')]
    .filter(it => { const box = it.getBoundingClientRect(); return box.height > 0 && box.height < 24; })
    .map(it => it.textContent)"""
HIGHEST: Final = "selector => Math.max(...[...document.querySelectorAll(selector)].map(it => it.offsetHeight))"


@pytest.mark.parametrize("locale", ["/", "/ja/"])
def test_headlines_of_the_front_page(example: BuildResult, page: Page, locale: str) -> None:
    with served(example.site) as base:
        page.goto(base + locale)
        for width, height, least in ((1280, 860, 6), (360, 740, 3)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(HEADLINES, height) >= least, width


@pytest.mark.parametrize("path", ["/topics/trade/", "/countries/vn/", "/ja/countries/cn/vn/"])
def test_the_list_of_an_index_page_begins(example: BuildResult, page: Page, path: str) -> None:
    """The chart is next to the heading."""
    page.set_viewport_size({"width": 1280, "height": 860})
    with served(example.site) as base:
        page.goto(base + path)
        assert page.evaluate(HEADLINES, 860) >= 2


@pytest.mark.parametrize("locale", ["/", "/ja/"])
def test_an_article_of_little_importance_takes_three_lines(example: BuildResult, page: Page, locale: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    with served(example.site) as base:
        page.goto(base + locale)
        assert page.evaluate(HIGHEST, ".card.imp-3, .card.imp-2") <= 64


@pytest.mark.parametrize("path", ["/relations/", "/ja/relations/", "/countries/", "/ja/topics/"])
@pytest.mark.parametrize(("width", "height"), [(1280, 860), (360, 740)])
def test_the_table_of_an_index_page_begins(
    example: BuildResult, page: Page, path: str, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    with served(example.site) as base:
        page.goto(base + path)
        box = page.locator("main table.index tbody tr").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_what_does_not_fit_is_shown_with_the_focus(example: BuildResult, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    with served(example.site) as base:
        page.goto(base)
        meta = page.locator(".card .meta").first
        cut = "it => it.scrollWidth > it.clientWidth"
        assert meta.evaluate(cut)
        meta.locator("a").last.focus()
        assert not meta.evaluate(cut)


@pytest.mark.parametrize("width", [360, 1280])
def test_targets_are_large_enough(example: BuildResult, page: Page, width: int) -> None:
    """WCAG 2.2, success criterion 2.5.8: 24 pixels. In the header of a telephone it is 44."""
    page.set_viewport_size({"width": width, "height": 740})
    with served(example.site) as base:
        for path in ("subscribe/", "ja/relations/", "archive/", "upcoming/", "editions/2026-07-03/", ""):
            page.goto(f"{base}/{path}")
            assert page.evaluate(SMALL_TARGETS) == [], path
        if width == 360:
            for name in ("日本語", "Sections"):
                box = page.locator("header").get_by_role("link", name=name).bounding_box()
                assert box is not None
                assert (box["width"] >= 44, box["height"] >= 44) == (True, True), name


def test_the_mark_of_a_title_is_in_the_column_of_the_title(example: BuildResult, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    with served(example.site) as base:
        page.goto(f"{base}/articles/vietnam-national-databases-strategic-technology/")
        entry = page.locator(".thread li", has=page.locator(".machine")).first
        left = "it => it.getBoundingClientRect().left"
        assert entry.locator(".machine").evaluate(left) >= entry.locator("a").evaluate(left)


@pytest.mark.parametrize("size", [150, 200])
def test_enlarged_text_fits_on_a_telephone(example: BuildResult, page: Page, size: int) -> None:
    """WCAG 2.2, success criteria 1.4.4 and 1.4.10."""
    page.set_viewport_size({"width": 360, "height": 740})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 16 * size // 100}})  # as in the browser's settings
    articles = [f"articles/{slug}/" for slug in ("korea-martial-law-lifted", "myanmar-earthquake-relief")]
    with served(example.site) as base:
        for path in ("", "issues/", "countries/", "relations/", "archive/", "topics/trade/", *articles):
            for locale in ("/", "/ja/"):
                page.goto(base + locale + path)
                assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{16 * size // 100}px"
                assert page.evaluate(OVERFLOW) <= 0, locale + path


@pytest.mark.parametrize("width", [360, 1280])
def test_the_weeks_are_rows_of_a_line_or_two(example: BuildResult, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    with served(example.site) as base:
        page.goto(f"{base}/issues/")
        assert page.evaluate(HIGHEST, ".weeks tr") <= 72


@pytest.mark.parametrize("path", ["/feed.xml", "/ja/atom.xml"])
def test_a_feed_is_readable(example: BuildResult, page: Page, path: str) -> None:
    with served(example.site) as base:
        page.goto(base + path)
        kinds = page.evaluate(
            """() => ['title', 'description', 'summary', 'content:encoded', 'content', 'guid'].map(name =>
            [...document.getElementsByTagName(name)].slice(1, 3).map(it => getComputedStyle(it).display))"""
        )
    titles, descriptions, summaries, *hidden = kinds
    assert titles == ["block", "block"]
    assert descriptions + summaries == ["block", "block"]
    assert all(display == "none" for displays in hidden for display in displays)


@pytest.mark.parametrize("path", ["/ja/", "/ja/topics/"])
def test_a_japanese_title_of_eleven_characters_takes_two_lines_of_a_telephone(
    example: BuildResult, page: Page, path: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    with served(example.site) as base:
        page.goto(base + path)
        page.evaluate("document.querySelector('.mast .icon').nextSibling.textContent = 'アジア政策ダイジェスト'")
        assert page.evaluate("document.querySelector('.mast .name').offsetHeight") <= 48
        links = "'.mast :is(.icon, .to-foot a, .langs li:not(:has([aria-current])))'"
        tops = page.evaluate(f"[...document.querySelectorAll({links})].map(it => it.getBoundingClientRect().top)")
        assert max(tops) < 48, "the icon and the links are in one row with the title"
        text = (
            "const range = document.createRange(); range.selectNode(document.querySelector('.mast .icon').nextSibling);"
        )
        first = page.evaluate(f"() => {{ {text} return range.getClientRects()[0].left; }}")
        assert first > 24, "the title begins next to the icon"
