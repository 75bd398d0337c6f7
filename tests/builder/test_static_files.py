"""Files in `content/static/` are published as they are, at the root of the site."""

import json
from pathlib import Path

import pytest

from sitegen.builder import BuildRequest, build
from sitegen.builder.session import BuildSession
from sitegen.cli.main import main
from sitegen.preview.watcher import is_source
from tests.project import NOW, Project, codes

PROOF = b"google-site-verification: google1234.html\n"
PAGE = "<!DOCTYPE html><title>Editor</title><a href='missing.html'>not ours</a>\x0b\n"


@pytest.fixture
def digest(project: Project) -> Project:
    project.article("one")
    project.file("content/static/google1234.html", PROOF)
    project.file("content/static/admin/index.html", PAGE)
    project.file("content/static/admin/config.yml", "a: 1\r\n")
    project.file("content/static/admin/notes.md", "no front matter\n")
    project.file("content/static/.well-known/security.txt", "Contact: mailto:a@test.example\n")
    project.file("content/static/manual.md/index.html", PAGE)
    project.file("content/static/.DS_Store", b"\0")
    project.file("content/static/admin/.hidden", "x")
    return project


def published(project: Project) -> dict[str, bytes]:
    sources = project.root / "content/static"
    files = [file.relative_to(sources).as_posix() for file in sources.rglob("*") if file.is_file()]
    tree = project.tree()
    return {path: tree[path] for path in files if path in tree}


def test_files_are_published_byte_for_byte(digest: Project) -> None:
    result = digest.built()
    assert not result.diagnostics
    assert published(digest) == {
        "google1234.html": PROOF,
        "admin/index.html": PAGE.encode(),
        "admin/config.yml": b"a: 1\r\n",
        "admin/notes.md": b"no front matter\n",
        "manual.md/index.html": PAGE.encode(),
        ".well-known/security.txt": b"Contact: mailto:a@test.example\n",
    }
    assert ".well-known/index.html" not in digest.tree()
    assert "admin" not in digest.page("sitemap.xml")


def test_a_text_can_link_to_one(digest: Project) -> None:
    digest.article("two", body="See the [editor](/admin/) and [the proof](/static/google1234.html).\n")
    digest.built()
    page = digest.page("articles/two/index.html")
    assert 'href="/admin/"' in page
    assert 'href="/google1234.html"' in page
    assert not [path for path in digest.tree() if path.startswith("assets/google1234")]
    digest.article("two", body="See [it](/admin/none.html).\n")
    assert codes(digest.build()) == ["dead-link"]


def test_a_link_can_name_a_page_of_a_document(digest: Project) -> None:
    digest.file("content/static/a.pdf", b"pdf")
    digest.article(
        "two", body="[a](/static/a.pdf#page=2&zoom=100,0), [b](/static/a.pdf#a%20b), [c](/static/a.pdf#%C3%A9)\n"
    )
    digest.built()
    page = digest.page("articles/two/index.html")
    assert 'href="/a.pdf#page=2&amp;zoom=100,0"' in page
    assert 'href="/a.pdf#a%20b"' in page
    assert 'href="/a.pdf#%C3%A9"' in page


def test_links_to_pages_and_markdown_from_a_translation(digest: Project) -> None:
    site = (digest.root / "site.yaml").read_text("utf-8")
    digest.file("site.yaml", site.replace("locales: [en]", "locales: [en, ja]"))
    digest.article("two", body="[a](/admin/#x), [b](/static/admin/notes.md), [c](/topics/trade/)\n")
    digest.built()
    for page in (digest.page("articles/two/index.html"), digest.page("ja/articles/two/index.html")):
        assert 'href="/admin/#x"' in page
        assert 'href="/admin/notes.md"' in page
    assert 'href="/ja/topics/trade/"' in page
    digest.file("content/static/ja/admin/index.html", PAGE)
    digest.built()
    assert 'href="/admin/#x"' in digest.page("articles/two/index.html")
    assert 'href="/ja/admin/#x"' in digest.page("ja/articles/two/index.html")


def test_changes_are_noticed(digest: Project) -> None:
    session, request = BuildSession(), BuildRequest(digest.root, NOW, jobs=1)
    assert build(request, session=session).ok
    digest.file("content/static/google1234.html", "google: other\n")
    assert build(request, session=session).counts.written == ("google1234.html",)
    digest.file("content/static/robots/new.txt", "x")
    assert "robots/new.txt" in digest.built().counts.written
    (digest.root / "content/static/robots/new.txt").unlink()
    assert "robots/new.txt" in digest.built().counts.removed


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("index.html", "/index.html is an address of the site"),
        ("Articles/one/index.html", "/Articles/one/index.html is an address of the site"),
        ("topics", "/topics is an address of the site"),
        ("sitemap.xml", "/sitemap.xml is an address of the site"),
        ("_redirects", "reserved"),
        ("CNAME", "reserved"),
        ("a b.txt", "plain path without ' '"),
    ],
)
def test_a_path_that_is_taken_or_reserved(digest: Project, path: str, message: str) -> None:
    digest.file(f"content/static/{path}", "x")
    (problem,) = digest.build().diagnostics
    assert (problem.code, problem.location.path) == ("bad-static-file", f"content/static/{path}")
    assert message in problem.message
    assert problem.hint


def test_an_own_file_for_robots(digest: Project) -> None:
    digest.built()
    assert "Allow: /" in digest.page("robots.txt")
    digest.file("content/static/robots.txt", "User-agent: GPTBot\nDisallow: /\n")
    assert digest.built().counts.written == ("robots.txt",)
    assert "GPTBot" in digest.page("robots.txt")


def test_an_alias_cannot_have_the_path_of_one(digest: Project) -> None:
    digest.article("two", aliases="[/admin/]")
    assert codes(digest.build()) == ["alias-collision"]


def test_the_check_does_not_judge_them(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    digest.file("content/static/data.json", "{not json")
    digest.article("two", body="[a](/admin/#form) [b](/static/admin/index.html#form)\n")
    digest.file("content/static/old.xml", "<a>https://test.example/gone/</a")
    for _ in range(2):  # rendered in memory, then read from the site
        main(["-C", str(digest.root), "check", "--format", "json", "--all"])
        found = json.loads(capsys.readouterr().out)["diagnostics"]
        assert [item for item in found if "static" in item["path"]] == []
        digest.built()


def test_explain_names_the_address_of_a_file(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    digest.built()
    assert main(["-C", str(digest.root), "explain", "content/static/admin/index.html"]) == 2
    assert "but published as /admin/" in capsys.readouterr().err


def test_the_preview_watches_them() -> None:
    assert is_source("content/static/.well-known/security.txt")
    assert not is_source("content/static/.DS_Store")


def test_a_file_of_the_site_does_not_move_to_the_root_by_a_link(digest: Project, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (digest.root / "content/static/secret").symlink_to(tmp_path / "secret")
    assert codes(digest.build()) == ["symlink-outside"]
