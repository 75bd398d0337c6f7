"""The addresses that texts had on sites of generators become aliases."""

import json
from pathlib import Path

import pytest

from tests.importers.conftest import Import

TEXT = "---\ntitle: 'One Form & 2.0: a note'\ndate: 2024-03-05T07:08:09Z\n{}---\nThe ports accept the same form.\n"
SLUG = "slug: one-form\n"
HUGO = "content/News Desk/Ports/2024-03-05-form.md"


def aliases(import_pages: Import, root: Path, files: dict[str, str]) -> list[str]:
    """Return the aliases of the one article of a site."""
    folder = root.parent / "in"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    reports = [report for report in import_pages(folder) if report.front is not None]
    assert len(reports) == 1
    assert reports[0].front is not None
    return [*reports[0].front.aliases]


@pytest.mark.parametrize(
    ("pattern", "front", "expected"),
    [
        ("/:year/:month/:slug/", SLUG, "/2024/03/one-form/"),
        (":year/:month/:day/:slug", "", "/2024/03/05/one-form-2.0-a-note"),
        ("/:monthname/:weekdayname/:weekday/:yearday/:title/", SLUG, "/March/Tuesday/2/65/one-form-2.0-a-note/"),
        ("/:2006/:06/:01/:1/:02/:2/:Jan/:January/:Mon/", "", "/2024/24/03/3/05/5/Mar/March/Tue/"),
        ("/:section/:sections/:filename/", "", "/news-desk/news-desk/ports/2024-03-05-form/"),
        ("/:sections[1:]/:contentbasename/", SLUG, "/ports/2024-03-05-form/"),
        ("/:sections[0]/:sections[last]/:sections[5]/:slugorcontentbasename/", SLUG, "/news-desk/ports/one-form/"),
        ("/:sections[:last]/:slugorfilename.html", "", "/news-desk/2024-03-05-form.html"),
        ("/blog/", "", "/blog/"),
        ("/:unknown/:slug/", "", ""),
    ],
)
def test_tokens_of_hugo(import_pages: Import, root: Path, *, pattern: str, front: str, expected: str) -> None:
    """An address with a token that is not known is left out."""
    files = {"hugo.json": json.dumps({"baseURL": "/", "permalinks": {"News Desk": pattern}}), HUGO: TEXT.format(front)}
    assert aliases(import_pages, root, files) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("", "/posts/harbour/one/"),
        ("[permalinks]\nposts = '/p/:slug/'\n", "/p/one-form-2.0-a-note/"),
        ("[permalinks]\nother = '/p/:slug/'\n'/' = '/r/:slug/'\n", "/posts/harbour/one/"),
        ("[permalinks.page]\nposts = '/p/:slugorcontentbasename/'\n", "/p/one/"),
        ("[permalinks.section]\nposts = '/p/'\n", "/posts/harbour/one/"),
        ("[permalinks]\nposts = '/p/:slug/'\n'posts/harbour' = '/h/:filename/'\n", "/h/one/"),
        ("[[permalinks]]\npattern = '/t/:filename/'\n[permalinks.target]\npath = '/{news,posts}/**'\n", "/t/one/"),
        ("[[permalinks]]\npattern = '/t/'\n[permalinks.target]\npath = '/*/one'\n", "/posts/harbour/one/"),
        ("uglyURLs = true\n", "/posts/harbour/one.html"),
        ("uglyURLs = true\n[permalinks]\nposts = '/p/:filename/'\n", "/p/one.html"),
    ],
)
def test_permalinks_of_hugo(import_pages: Import, root: Path, settings: str, expected: str) -> None:
    files = {"hugo.toml": f"baseURL = '/'\n{settings}", "content/posts/harbour/one.md": TEXT.format("")}
    assert aliases(import_pages, root, files) == [expected]


@pytest.mark.parametrize("name", ["posts/one.md", "posts/one/index.md"])
def test_permalinks_of_hugo_in_a_file_of_their_own(import_pages: Import, root: Path, name: str) -> None:
    files = {
        "config/_default/hugo.yaml": "baseURL: https://old.example/\nfrontmatter: {date: [':filename', ':default']}\n",
        "config/_default/permalinks.yaml": "posts: /:year/:filename/\n",
        f"content/{name}": TEXT.format(""),
    }
    assert aliases(import_pages, root, files) == ["/2024/one/"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"_config.yml": "", "_posts/2024-03-05-one.md": ""}, "/2024/03/05/one.html"),
        (
            {"_config.yml": "permalink: /:short_year/:long_month/:title", "_posts/2024-03-05-one.md": ""},
            "/24/March/one",
        ),
        ({"_config.yml": "permalink: none", "_posts/2024-03-05-one.md": SLUG}, "/one-form.html"),
        (
            {"_config.yml": "permalink: pretty", "News/_posts/2024-03-05-one.md": "categories: Ports\n"},
            "/news/ports/2024/03/05/one/",
        ),
        (
            {"_config.yml": "permalink: pretty", "_posts/2024-03-05-One Form & (様式).md": ""},
            "/2024/03/05/One-Form-&-(様式)/",
        ),
        ({"_config.yml": "permalink: /:slug/", "_posts/2024-03-05-One Form.md": ""}, "/one-form/"),
        ({"_config.yml": "permalink: none", "about/form.md": SLUG}, "/about/form.html"),
        ({"_config.yml": "permalink: pretty", "about/form.md": ""}, "/about/form/"),
        ({"_config.yml": "", "about/index.md": ""}, "/about/"),
        ({"_config.yml": "collections: {forms: {output: true}}", "_forms/a/one.md": ""}, "/forms/a/one.html"),
        (
            {"_config.yml": "collections: {forms: {permalink: '/f/:name/'}}", "_forms/a/one.md": SLUG},
            "/f/one/",
        ),
        ({"_config.yml": "url: http://localhost:4000", "one.md": "permalink: http://localhost:4000/x/\n"}, "/x/"),
        ({"pelicanconf.py": "", "content/x/one.md": ""}, "/one-form-20-a-note.html"),
        (
            {
                "pelicanconf.py": "ARTICLE_URL = 'p/{date:%Y}/{date:%b}/{category}/{slug}/'",
                "content/one.md": f"{SLUG}category: Misc\n",
            },
            "/p/2024/Mar/misc/one-form/",
        ),
        ({"pelicanconf.py": "ARTICLE_URL = 'p/{slug}/'", "content/pages/one.md": SLUG}, "/pages/one-form.html"),
        ({"pelicanconf.py": "PAGE_URL = '{slug}/'", "content/pages/one.md": SLUG}, "/one-form/"),
        ({"config.toml": "base_url = '/'", "content/blog/2024-03-05-one.md": ""}, "/blog/one/"),
        ({"astro.config.mjs": "", "src/content/blog/2024-03-05-one.md": ""}, "/blog/2024-03-05-one/"),
        ({"conf.py": "BLOG_TITLE = 'Quay'", "posts/one.md": SLUG}, "/posts/one-form/"),
    ],
)
def test_addresses_of_other_generators(import_pages: Import, root: Path, files: dict[str, str], expected: str) -> None:
    texts = {name: TEXT.format(text) if name.endswith(".md") else text for name, text in files.items()}
    assert aliases(import_pages, root, texts) == [expected]


def test_relative_aliases_of_hugo(import_pages: Import, root: Path) -> None:
    files = {"hugo.toml": "baseURL = '/'", "content/a/b/one.md": TEXT.format("aliases: [old, ../older/, /oldest/]\n")}
    assert aliases(import_pages, root, files) == ["/a/b/old", "/a/older", "/oldest/", "/a/b/one/"]


def test_addresses_of_pages_of_the_digest(import_pages: Import, root: Path) -> None:
    """They are no aliases, in any locale."""
    given = ["/articles/one/", "/ja/articles/one/", "/search/", "/ja/search", "/404.html", "/ja/old/", "/searching/"]
    path = root.parent / "one.md"
    path.write_text(TEXT.format(f"slug: one\naliases: {given}\n"), encoding="utf-8")
    (report,) = import_pages(path, reserved=frozenset({"search", "404.html"}))
    assert report.front is not None
    assert [*report.front.aliases] == ["/ja/old/", "/searching/"]


@pytest.mark.parametrize(("name", "expected"), [("a/b/b.md", "/a/b/"), ("a/b/c.md", "/a/b/c/"), ("a/index.md", "/a/")])
def test_folders_of_eleventy(import_pages: Import, root: Path, name: str, expected: str) -> None:
    """A file with the name of its folder has the address of the folder."""
    assert aliases(import_pages, root, {"eleventy.config.js": "", name: TEXT.format("")}) == [expected]


def test_link_to_a_post_that_is_not_published(import_pages: Import, root: Path, tmp_path: Path) -> None:
    files = {
        "_config.yml": "url: https://j.example\nbaseurl: /blog\npermalink: pretty",
        "_posts/2024-05-06-one.md": "---\ntitle: One\n---\nThen [two]({% post_url 2024-05-07-two %}) follows it.",
        "_posts/2024-05-07-two.md": "---\ntitle: Two\npublished: false\n---\nThe second form.",
    }
    for name, text in files.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    import_pages(tmp_path / "in", defaults=["topics=[trade]", "importance=3"])
    text = (root / "content/articles/2024/05/one.md").read_text(encoding="utf-8")
    assert "[two](https://j.example/blog/2024/05/07/two/)" in text
