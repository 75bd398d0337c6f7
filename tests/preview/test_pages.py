"""Ranges, types and what tells two states of a page apart, by the plain functions that find them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.preview.pages import (
    File,
    Page,
    Redirect,
    byte_range,
    find,
    look,
    marks_on,
    with_script,
)
from sitegen.util.media_types import content_type


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-3", range(4)),
        ("bytes=2-", range(2, 10)),
        ("bytes=0-", range(10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-30", range(10)),
        ("bytes=8-99", range(8, 10)),
        ("BYTES=1-1", range(1, 2)),
        ("bytes=10-", range(10, 10)),
        ("bytes=99-100", range(10, 10)),
        ("bytes=-0", range(10, 10)),
        ("bytes=3-2", None),
        ("bytes=0-1,4-5", None),
        ("bytes=-", None),
        ("bytes", None),
        ("items=0-3", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_ranges(header: str, found: range | None) -> None:
    assert byte_range(header, 10) == found


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,4}-\d{0,4}", fullmatch=True), st.integers(0, 3000))
def test_a_range_never_leaves_the_file(header: str, size: int) -> None:
    found = byte_range(header, size)
    assert found is None or 0 <= found.start <= found.stop <= size


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("INDEX.HTML", "text/html; charset=utf-8"),
        ("site.css", "text/css; charset=utf-8"),
        ("site.js", "text/javascript; charset=utf-8"),
        ("feed.xml", "application/rss+xml; charset=utf-8"),
        ("data.json", "application/json; charset=utf-8"),
        ("map.geojson", "application/geo+json; charset=utf-8"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
        ("all.opml", "text/x-opml; charset=utf-8"),
        ("photo.webp", "image/webp"),
        ("photo.avif", "image/avif"),
        ("letters.woff2", "font/woff2"),
        ("paper.pdf", "application/pdf"),
        ("talk.mp4", "video/mp4"),
        ("rows.csv.gz", "application/gzip"),
        ("CNAME", "application/octet-stream"),
        ("what.is-this", "application/octet-stream"),
        ("data:text", "application/octet-stream"),
    ],
)
def test_types_are_those_of_no_machine(name: str, kind: str) -> None:
    assert content_type(name) == kind


def test_what_is_found(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "topics" / "empty").mkdir(parents=True)
    (site / "index.html").write_text("home")
    (site / "404.html").write_text("none")
    (site / "feed.xml").write_text("feed")
    (tmp_path / "secret.html").write_text("secret")
    (site / "leak.html").symlink_to(tmp_path / "secret.html")
    (site / "away").symlink_to(tmp_path)
    none = Page(404, b"none")
    assert find(site, "", "/") == Page(200, b"home")
    assert find(site, "", "/feed.xml") == File(site / "feed.xml", "application/rss+xml; charset=utf-8")
    assert find(site, "", "/topics") == Redirect("/topics/")
    for path in ("/topics/", "/topics/empty/", "/feed.xml/", "/leak.html", "/away/secret.html", "/nowhere", "*"):
        assert find(site, "", path) == none, path
    assert find(site, "/digest", "/") == Redirect("/digest/")
    assert find(site, "/digest", "/digest") == Redirect("/digest/")
    assert find(site, "/digest", "/digest/") == Page(200, b"home")
    assert find(site, "/digest", "/digest/topics") == Redirect("/digest/topics/")
    assert find(site, "/digest", "/index.html") == none


def test_a_redirect_never_leads_to_another_host(tmp_path: Path) -> None:
    (tmp_path / "evil.example").mkdir()
    for path in ("//evil.example", "///evil.example", "/./evil.example"):
        found = find(tmp_path, "", path)
        assert not isinstance(found, Redirect) or found.location.startswith(("/evil", "/.")), path


def _page(style: str, text: str = "text") -> Page:
    return Page(200, f'<head><link href="{style}" rel="stylesheet"></head>{text}'.encode())


def test_a_new_stylesheet_is_not_another_page() -> None:
    old, new = look(_page("/a.css"), {}), look(_page("/b.css"), {})
    assert old.page == new.page
    assert (old.styles, new.styles) == (("/a.css",), ("/b.css",))


def test_another_text_status_or_mark_is_another_page() -> None:
    states = [
        look(_page("/a.css"), {}),
        look(_page("/a.css", "other"), {}),
        look(Page(404, _page("/a.css").body), {}),
        look(_page("/a.css"), {"/articles/one/": "Draft"}),
        look(Page(200, _page("/a.css").body.replace(b"stylesheet", b"preload")), {}),
    ]
    assert len({state.page for state in states}) == len(states)


@pytest.mark.parametrize(
    "body",
    [b"<head></head>x", b"<HEAD></HEAD >x", b"x", b"", b"<title>\xff</title></head>"],
)
def test_every_page_gets_the_script_once(body: bytes) -> None:
    page = Page(200, body)
    made = with_script(page, look(page, {}), {}, "/digest")
    assert made.count(b'src="/digest/livereload.js"') == 1
    start, end = made.index(b"<script"), made.index(b"</script>") + len(b"</script>")
    assert made[:start] + made[end:] == body


def test_marks_are_those_of_the_page_and_its_links() -> None:
    marks = {"/articles/日本/": "Draft", "/articles/b/": "Draft", "/articles/c/": "Draft"}
    page = Page(200, b'<a href="/articles/%E6%97%A5%E6%9C%AC/#x">x</a> <a href=/articles/b/>y</a>')
    assert marks_on(page, "/", marks).keys() == {"/articles/日本/", "/articles/b/"}
    assert marks_on(page, "/articles/c/", marks).keys() == marks.keys()
    assert marks_on(page, "/", {}) == {}
