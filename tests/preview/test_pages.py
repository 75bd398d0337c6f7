"""Resolution of requests, media types, page versions and the reload script, by their functions."""

from pathlib import Path

import pytest

from sitegen.preview.pages import Page, badges_on, page_version, resolve, with_script
from sitegen.util.media_types import content_type


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("INDEX.HTML", "text/html; charset=utf-8"),
        ("site.css", "text/css; charset=utf-8"),
        ("site.js", "text/javascript; charset=utf-8"),
        ("feed.xml", "application/xml; charset=utf-8"),
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
def test_media_types_do_not_depend_on_the_machine(name: str, kind: str) -> None:
    assert content_type(name) == kind


def test_resolve(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "topics" / "empty").mkdir(parents=True)
    (site / "index.html").write_text("home")
    (site / "404.html").write_text("none")
    (site / "feed.xml").write_text("feed")
    (tmp_path / "secret.html").write_text("secret")
    (site / "leak.html").symlink_to(tmp_path / "secret.html")
    (site / "away").symlink_to(tmp_path)
    for folder in (site, tmp_path / "static"):
        (folder / "tool").mkdir(parents=True)
        (folder / "tool" / "index.html").write_text("tool")
    not_found = Page(404, b"none")
    assert resolve(site, tmp_path / "static", "", "/tool/") == site / "tool/index.html"
    assert resolve(site, tmp_path / "static", "", "/") == Page(200, b"home")
    assert resolve(site, tmp_path / "static", "", "/feed.xml") == site / "feed.xml"
    assert resolve(site, tmp_path / "static", "", "/topics") == "/topics/"
    for path in ("/topics/", "/topics/empty/", "/feed.xml/", "/leak.html", "/away/secret.html", "/nowhere", "*"):
        assert resolve(site, tmp_path / "static", "", path) == not_found, path
    assert resolve(site, tmp_path / "static", "/digest", "/") == "/digest/"
    assert resolve(site, tmp_path / "static", "/digest", "/digest") == "/digest/"
    assert resolve(site, tmp_path / "static", "/digest", "/digest/") == Page(200, b"home")
    assert resolve(site, tmp_path / "static", "/digest", "/digest/topics") == "/digest/topics/"
    assert resolve(site, tmp_path / "static", "/digest", "/index.html") == not_found


def test_a_redirect_never_leads_to_another_host(tmp_path: Path) -> None:
    (tmp_path / "evil.example").mkdir()
    for path in ("//evil.example", "///evil.example", "/./evil.example"):
        target = resolve(tmp_path, tmp_path / "static", "", path)
        assert not isinstance(target, str) or target.startswith(("/evil", "/.")), path


def _page(style: str, text: str = "text") -> Page:
    return Page(200, f'<head><link href="{style}" rel="stylesheet"></head>{text}'.encode())


def test_a_new_stylesheet_is_the_same_page() -> None:
    old, new = page_version(_page("/a.css"), {}), page_version(_page("/b.css"), {})
    assert old[0] == new[0]
    assert (old[1], new[1]) == (["/a.css"], ["/b.css"])


def test_another_text_status_or_badge_is_another_version() -> None:
    states = [
        page_version(_page("/a.css"), {}),
        page_version(_page("/a.css", "other"), {}),
        page_version(Page(404, _page("/a.css").body), {}),
        page_version(_page("/a.css"), {"/articles/one/": "Draft"}),
        page_version(Page(200, _page("/a.css").body.replace(b"stylesheet", b"preload")), {}),
    ]
    assert len({page for page, _ in states}) == len(states)


@pytest.mark.parametrize(
    "body",
    [b"<head></head>x", b"<HEAD></HEAD >x", b"x", b"", b"<title>\xff</title></head>"],
)
def test_every_page_gets_the_script_once(body: bytes) -> None:
    page = Page(200, body)
    answer = with_script(page, {}, "/digest")
    assert answer.count(b'src="/digest/livereload.js"') == 1
    start, end = answer.index(b"<script"), answer.index(b"</script>") + len(b"</script>")
    assert answer[:start] + answer[end:] == body


def test_badges_of_a_page_and_its_links() -> None:
    badges = {"/articles/日本/": "Draft", "/articles/b/": "Draft", "/articles/c/": "Draft"}
    page = Page(200, b'<a href="/articles/%E6%97%A5%E6%9C%AC/#x">x</a> <a href=/articles/b/>y</a>')
    assert badges_on(page, "/", badges).keys() == {"/articles/日本/", "/articles/b/"}
    assert badges_on(page, "/articles/c/", badges).keys() == badges.keys()
    assert badges_on(page, "/", {}) == {}
