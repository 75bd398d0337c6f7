"""The preview in a real browser."""

import re
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.preview.proxy import https_proxy
from tests.preview.serving import Preview, eventually
from tests.project import Project
from tests.tools import command

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_PATIENCE: Final = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    path = command("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page, and fail if a script on it fails."""
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


def open_connected(page: Page, address: str) -> None:
    """Open an address, and wait until its page is connected to the preview."""
    received: list[bool] = []
    page.on("websocket", lambda channel: channel.on("framereceived", lambda _frame: received.append(True)))
    page.goto(address)

    def probe() -> bool:
        page.wait_for_timeout(20)
        return bool(received)

    eventually("the page is connected", probe)


def wait_for_text(page: Page, text: str) -> None:
    """Wait until the page shows a text."""
    page.get_by_text(text).first.wait_for(timeout=_PATIENCE)


def test_an_edit_reloads_the_page(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    wait_for_text(page, "First title")
    preview.project.article("one", title="Second title", body="**「重要」**は\n")
    wait_for_text(page, "Second title")
    assert page.locator("strong").inner_text() == "「重要」"
    preview.project.article("one", title="Third title")
    wait_for_text(page, "Third title")


def overlay(page: Page) -> Locator:
    """Return the overlay of a page."""
    return page.locator("sitegen-overlay details")


def test_the_overlay_shows_errors_until_they_are_fixed(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    page.evaluate("window.untouched = true")
    preview.project.article("one", title="<b onclick=x>Broken</b>", importance="9", topics="[trad]")
    problems = overlay(page)
    problems.wait_for(timeout=_PATIENCE)
    assert problems.locator("summary").inner_text() == "2 errors and 1 warning"
    assert problems.locator(".where").all_inner_texts() == [
        "content/articles/2026/07/one.md:6:10: error[unknown-topic]",
        "content/articles/2026/07/one.md:8:13: error[out-of-range]",
        "content/articles/2026/07/one.md:3:8: warning[unread-syntax]",
    ]
    lines = ["   6 | topics: [trad]", "   8 | importance: 9", "   3 | title: <b onclick=x>Broken</b>"]
    assert problems.locator("pre").all_inner_texts() == lines
    assert problems.locator("mark").all_inner_texts()[:2] == ["trad", "9"]
    assert "did you mean 'trade'?" in problems.locator(".help").all_inner_texts()
    eventually("the terminal shows the error", lambda: "one.md:8:13: error[out-of-range]" in preview.err)
    assert page.locator("h1").inner_text() == "First title"
    assert page.evaluate("window.untouched") is True, "the page is not reloaded"
    with page.context.new_page() as other:
        other.goto(f"{preview.address}/")
        overlay(other).wait_for(timeout=_PATIENCE)
        assert other.get_by_text("First title").is_visible()
    preview.project.article("one", title="Fixed")
    wait_for_text(page, "Fixed")
    assert overlay(page).count() == 0


def test_an_error_that_is_undone_does_not_reload_the_page(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    page.evaluate("window.untouched = true")
    preview.project.article("one", title="Broken", body="<script>alert(1)</script>\n")
    overlay(page).wait_for(timeout=_PATIENCE)
    assert "<script>alert(1)</script>" in overlay(page).inner_text()
    preview.project.article("one", title="First title")
    overlay(page).wait_for(state="detached", timeout=_PATIENCE)
    assert page.evaluate("window.untouched") is True


def test_the_overlay_can_be_closed(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    preview.project.article("one", importance="9")
    overlay(page).wait_for(timeout=_PATIENCE)
    page.get_by_role("button", name="Close").click()
    assert overlay(page).count() == 0
    preview.project.article("one", importance="10")
    overlay(page).wait_for(timeout=_PATIENCE)


def test_warnings_are_folded(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    preview.project.file("content/notes.md", "x")
    overlay(page).wait_for(timeout=_PATIENCE)
    assert overlay(page).get_attribute("open") is None
    page.get_by_text("1 warning").click()
    wait_for_text(page, "articles must be in content/articles/")


def test_errors_of_theme_and_configuration(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    for path, text, where in (
        ("themes/bare/templates/article.html", "{{ page.artcle }}", "themes/bare/templates/article.html:1"),
        ("site.yaml", "title: [", "site.yaml:"),
    ):
        file = preview.project.root / path
        original = file.read_text("utf-8")
        file.write_text(text, encoding="utf-8")
        overlay(page).get_by_text(where).first.wait_for(timeout=_PATIENCE)
        assert page.locator("h1").inner_text() == "First title"
        file.write_text(original, encoding="utf-8")
        overlay(page).wait_for(state="detached", timeout=_PATIENCE)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("site.yaml", "title: [\n"),
        ("content/articles/2026/07/one.md", "---\ntitle: [\n---\n"),
        pytest.param("site.yaml", "theme: nowhere\n", marks=pytest.mark.slow),
        pytest.param("themes/bare/theme.yaml", "name: [\n", marks=pytest.mark.slow),
        ("themes/bare/templates/base.html", "{% block %}"),
    ],
)
def test_a_broken_start_shows_the_problem_page_and_recovers(
    project: Project, tmp_path: Path, page: Page, path: str, text: str
) -> None:
    project.article("one", title="First title")
    original = (project.root / path).read_text("utf-8")
    project.file(path, text)
    with Preview(project, tmp_path / "logs") as preview:
        open_connected(page, f"{preview.address}/articles/one/")
        wait_for_text(page, "There is no page yet")
        wait_for_text(page, f"{path}:")
        assert page.locator("details").count() == 1, "the problems are listed once"
        project.file(path, original)
        wait_for_text(page, "First title")
        assert overlay(page).count() == 0


def test_a_broken_start_shows_the_last_good_page_of_the_previous_run(
    project: Project, tmp_path: Path, page: Page
) -> None:
    site = (project.root / "site.yaml").read_text("utf-8").replace("test.example/", "test.example/digest/")
    project.file("site.yaml", site)
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        preview.wait_for_text("/digest/articles/one/", "First title")
    project.file("site.yaml", "title: [\n")
    with Preview(project, tmp_path / "again") as preview:
        open_connected(page, f"{preview.address}/digest/articles/one/")
        overlay(page).get_by_text("site.yaml:").wait_for(timeout=_PATIENCE)
        assert page.locator("h1").inner_text() == "First title"
        project.file("site.yaml", site)
        overlay(page).wait_for(state="detached", timeout=_PATIENCE)


def test_only_changed_pages_reload_and_they_keep_their_scroll_position(preview: Preview, page: Page) -> None:
    text = "".join(f"Paragraph {number}.\n\n" for number in range(200))
    preview.project.article("one", title="First title", body=text)
    preview.project.article("two", title="Other", topics="[energy]", countries="[JP]")
    preview.wait_for_text("/articles/one/", "Paragraph 199")
    preview.wait_for_text("/articles/two/", "Other")
    with page.context.new_page() as other:
        open_connected(page, f"{preview.address}/articles/one/")
        open_connected(other, f"{preview.address}/articles/two/")
        other.evaluate("window.untouched = true")
        page.evaluate("scrollTo(0, 1234)")
        for number in range(3):
            preview.project.article("one", title="First title", body=f"{text}The end {number}.\n")
            page.get_by_text(f"The end {number}.").wait_for(state="attached", timeout=_PATIENCE)
            page.wait_for_function("document.readyState === 'complete' && scrollY === 1234", timeout=_PATIENCE)
        assert other.evaluate("window.untouched") is True
        page.goto(f"{preview.address}/articles/one/#top")
        page.evaluate("scrollTo(0, 777)")
        preview.project.article("one", title="First title", body=f"{text}The last end.\n")
        page.get_by_text("The last end.").wait_for(state="attached", timeout=_PATIENCE)
        page.wait_for_function("document.readyState === 'complete' && scrollY === 777", timeout=_PATIENCE)


def test_a_deleted_article_shows_the_404_page(preview: Preview, page: Page) -> None:
    preview.project.file(
        "themes/bare/templates/404.html", '{% extends "base.html" %}{% block main %}Not here{% endblock %}\n'
    )
    preview.wait_for_text("/nowhere", "Not here")
    preview.project.article("two", topics="[energy]")
    preview.wait_for_text("/articles/two/", "A title")
    open_connected(page, f"{preview.address}/articles/two/")
    (preview.project.root / "content/articles/2026/07/two.md").unlink()
    wait_for_text(page, "Not here")


def test_a_page_reloads_after_a_restart_of_the_server(project: Project, tmp_path: Path, page: Page) -> None:
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs") as preview:
        open_connected(page, f"{preview.address}/articles/one/")
        port = preview.port
        assert preview.stop(signal.SIGINT) == 0
    project.article("one", title="Second title")
    with Preview(project, tmp_path / "again", port=port):
        wait_for_text(page, "Second title")


def test_draft_badges(project: Project, tmp_path: Path, page: Page) -> None:
    site = (project.root / "site.yaml").read_text("utf-8").replace("locales: [en]", "locales: [en, ja]")
    project.file("site.yaml", site)
    project.article("out", title="Out")
    project.article("draft", title="Unfinished", draft="true", topics="[energy]")
    project.article("later", title="Far ahead", date="2999-01-01", topics="[energy]")
    with Preview(project, tmp_path / "logs", ("--drafts",)) as preview:
        ribbon = page.locator("sitegen-badge p")
        open_connected(page, f"{preview.address}/articles/later/")
        assert ribbon.inner_text() == "Scheduled for 2999-01-01 00:00 +09:00"
        page.goto(f"{preview.address}/ja/articles/draft/")
        assert ribbon.inner_text() == "Draft"
        page.goto(f"{preview.address}/articles/out/")
        page.wait_for_load_state()
        assert page.locator("sitegen-badge").count() == 0
        page.goto(f"{preview.address}/")
        wait_for_text(page, "Scheduled")
        rows = page.locator("body > p").all()
        badges = {row.locator("a").inner_text(): row.locator("sitegen-badge span").all_inner_texts() for row in rows}
        assert badges == {"Far ahead": ["Scheduled"], "Unfinished": ["Draft"], "Out": []}
        open_connected(page, f"{preview.address}/articles/draft/")
        project.article("draft", title="Unfinished", topics="[energy]")
        ribbon.wait_for(state="detached", timeout=_PATIENCE)
        files = b"".join(file.read_bytes() for file in (project.root / "output").rglob("*.html"))
        assert b"sitegen-badge" not in files
        assert b"Scheduled" not in files


@pytest.mark.parametrize("path", [pytest.param("/", marks=pytest.mark.slow), "/digest/"])
def test_behind_an_https_proxy(project: Project, tmp_path: Path, browser: Browser, path: str) -> None:
    site = (project.root / "site.yaml").read_text("utf-8").replace("test.example/", f"test.example{path}")
    project.file("site.yaml", site)
    project.article("one", title="First title")
    with (
        Preview(project, tmp_path / "logs") as preview,
        https_proxy(tmp_path, preview.port or 0) as port,
        browser.new_context(ignore_https_errors=True) as context,
    ):
        page = context.new_page()
        channels: list[str] = []
        page.on("websocket", lambda channel: channels.append(channel.url))
        open_connected(page, f"https://localhost:{port}{path}articles/one/")
        assert channels == [f"wss://localhost:{port}{path}livereload"]
        project.article("one", title="Second title")
        wait_for_text(page, "Second title")


def test_the_token_in_a_browser(project: Project, tmp_path: Path, page: Page) -> None:
    project.article("one", title="First title")
    with Preview(project, tmp_path / "logs", ("--host", "0.0.0.0")) as preview:
        match = re.search(r"\?token=[\w-]+", preview.out)
        assert match is not None
        page.goto(f"{preview.address}/articles/one/")
        wait_for_text(page, "needs the address with its token")
        open_connected(page, f"{preview.address}/articles/one/{match[0]}")
        assert page.url == f"{preview.address}/articles/one/"
        project.article("one", title="Second title")
        wait_for_text(page, "Second title")


def test_a_new_page_replaces_the_404_page(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/two/")
    preview.project.article("two", title="Here it is")
    wait_for_text(page, "Here it is")


def test_a_stylesheet_is_swapped_without_a_reload(preview: Preview, page: Page) -> None:
    open_connected(page, f"{preview.address}/articles/one/")
    page.evaluate("window.untouched = true")
    for number in range(1, 4):
        preview.project.file("themes/bare/static/site.css", f"h1 {{ color: rgb(1, 2, {number}) }}\n")
        page.wait_for_function(
            f"getComputedStyle(document.querySelector('h1')).color === 'rgb(1, 2, {number})'", timeout=_PATIENCE
        )
        page.wait_for_function("document.querySelectorAll('link[rel=stylesheet]').length === 1", timeout=_PATIENCE)
    assert page.evaluate("window.untouched") is True
    preview.project.article("one", title="Second title")
    wait_for_text(page, "Second title")
    assert page.evaluate("window.untouched") is None


def _png(width: int) -> bytes:
    """Return an image of `width` times 1 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = width.to_bytes(4) + (1).to_bytes(4) + bytes([8, 0, 0, 0, 0])
    pixels = zlib.compress(bytes(width + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_an_edited_image_reloads_the_page(project: Project, tmp_path: Path, page: Page) -> None:
    project.file("content/articles/2026/07/map.png", _png(3))
    project.article("one", body="![Map](map.png)\n")
    with Preview(project, tmp_path / "logs") as preview:
        open_connected(page, f"{preview.address}/articles/one/")
        page.wait_for_function("document.querySelector('img').naturalWidth === 3", timeout=_PATIENCE)
        project.file("content/articles/2026/07/map.png", _png(5))
        page.wait_for_function("document.querySelector('img').naturalWidth === 5", timeout=_PATIENCE)


@pytest.mark.slow
def test_several_pages_reload_at_once(preview: Preview, browser: Browser, page: Page) -> None:
    with browser.new_context() as other:
        second = other.new_page()
        open_connected(page, f"{preview.address}/")
        open_connected(second, f"http://localhost:{preview.port}/articles/one/")
        preview.project.article("one", title="For both")
        wait_for_text(page, "For both")
        wait_for_text(second, "For both")
