"""The preview in a real browser: it shows what was written by itself."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.preview.serving import Preview, eventually
from tests.project import Project
from tests.tools import command

pytestmark = pytest.mark.browser

_OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_PATIENCE: Final = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start chromium once."""
    path = command("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page in which no script may fail."""
    context = browser.new_context()
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors


@pytest.fixture
def preview(project: Project, tmp_path: Path) -> Iterator[Preview]:
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as served:
        yield served


def listen(page: Page, address: str) -> None:
    """Open an address, and wait until its page listens for changes."""
    greeted: list[bool] = []
    page.on("websocket", lambda channel: channel.on("framereceived", lambda _frame: greeted.append(True)))
    page.goto(address)

    def probe() -> bool:
        page.wait_for_timeout(20)
        return bool(greeted)

    eventually("the page listens", probe)


def shows(page: Page, text: str) -> None:
    """Wait until the page shows a text, without touching it."""
    page.get_by_text(text).first.wait_for(timeout=_PATIENCE)


def test_an_edit_is_shown_by_itself(preview: Preview, page: Page) -> None:
    listen(page, f"{preview.address}/articles/one/")
    shows(page, "First title")
    preview.project.article("one", title="Second title", body="**「重要」**は\n")
    shows(page, "Second title")
    assert page.locator("strong").inner_text() == "「重要」"
    preview.project.article("one", title="Third title")
    shows(page, "Third title")


def test_a_broken_edit_changes_nothing_until_it_is_mended(preview: Preview, page: Page) -> None:
    listen(page, f"{preview.address}/articles/one/")
    page.evaluate("window.untouched = true")
    preview.project.article("one", title="Broken", importance="9")
    eventually("the mistake is in the terminal", lambda: "one.md:8:13: error[out-of-range]" in preview.err)
    eventually("the build has ended", lambda: "nothing was written" in preview.err)
    assert page.get_by_text("First title").first.is_visible()
    assert page.evaluate("window.untouched") is True
    preview.project.article("one", title="Mended")
    shows(page, "Mended")


def test_a_page_that_does_not_exist_yet_comes_by_itself(preview: Preview, page: Page) -> None:
    listen(page, f"{preview.address}/articles/two/")
    preview.project.article("two", title="Here it is")
    shows(page, "Here it is")


def test_the_first_page_comes_by_itself_once_the_content_is_mended(
    project: Project, tmp_path: Path, page: Page
) -> None:
    project.article("one", importance="9")
    with Preview(project, tmp_path / "logs") as preview:
        listen(page, preview.address)
        shows(page, "There is no page yet")
        shows(page, "content/articles/2026/07/one.md:8:13")
        project.article("one", title="Mended")
        shows(page, "Mended")


def test_a_stylesheet_is_shown_by_itself(preview: Preview, page: Page) -> None:
    listen(page, f"{preview.address}/articles/one/")
    preview.project.file("themes/bare/static/site.css", "h1 { color: rgb(1, 2, 3) }\n")
    page.wait_for_function("getComputedStyle(document.querySelector('h1')).color === 'rgb(1, 2, 3)'", timeout=_PATIENCE)


def _png(width: int) -> bytes:
    """Return a picture so many pixels wide and one high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = width.to_bytes(4) + (1).to_bytes(4) + bytes([8, 0, 0, 0, 0])
    pixels = zlib.compress(bytes(width + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_picture_is_shown_by_itself(project: Project, tmp_path: Path, page: Page) -> None:
    project.file("content/articles/2026/07/map.png", _png(3))
    project.article("one", body="![Map](map.png)\n")
    with Preview(project, tmp_path / "logs") as preview:
        listen(page, f"{preview.address}/articles/one/")
        page.wait_for_function("document.querySelector('img').naturalWidth === 3", timeout=_PATIENCE)
        project.file("content/articles/2026/07/map.png", _png(5))
        page.wait_for_function("document.querySelector('img').naturalWidth === 5", timeout=_PATIENCE)


def test_several_pages_follow_at_once(preview: Preview, browser: Browser, page: Page) -> None:
    with browser.new_context() as other:
        second = other.new_page()
        listen(page, f"{preview.address}/")
        listen(second, f"http://localhost:{preview.port}/articles/one/")
        preview.project.article("one", title="For both")
        shows(page, "For both")
        shows(second, "For both")
