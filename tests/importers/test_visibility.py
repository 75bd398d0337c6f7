"""Articles that other programs keep from the public become drafts, with a warning."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.importers.conftest import Import, codes

COMPLETE = ["topics=[trade]", "importance=3", "summary=Short.", "date=2024-05-06"]
ITEM = """\
<item><title>One form</title><link>https://quay.example/one/</link>
<content:encoded><![CDATA[The ports accept the same form.]]></content:encoded>
<wp:post_date>2024-05-06 07:08:09</wp:post_date><wp:post_name>one</wp:post_name><wp:post_type>post</wp:post_type>
<wp:status>{status}</wp:status><wp:post_password>{password}</wp:post_password></item>
"""
EXPORT = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Quay</title>{}</channel></rss>'
)


def draft(import_pages: Import, root: Path, path: Path) -> tuple[bool, bool, str]:
    """Import one article; return whether it is a draft, whether that is reported, and its file."""
    report = next(item for item in import_pages(path, defaults=COMPLETE) if item.file)
    assert report.file is not None
    text = (root / report.file).read_text(encoding="utf-8")
    return "\ndraft: true\n" in text, "not-public" in dict(codes(report)), text


@pytest.mark.parametrize(
    ("status", "password", "expected"),
    [
        ("publish", "", (False, False)),
        ("publish", "harbour", (True, True)),
        ("private", "", (True, True)),
        ("pending", "", (True, False)),
    ],
)
def test_wordpress(
    import_pages: Import, root: Path, tmp_path: Path, *, status: str, password: str, expected: tuple[bool, bool]
) -> None:
    path = tmp_path / "export.xml"
    path.write_text(EXPORT.format(ITEM.format(status=status, password=password)), encoding="utf-8")
    found = draft(import_pages, root, path)
    assert found[:2] == expected
    assert "harbour" not in found[2]


@pytest.mark.parametrize("visibility", [None, "public", "members", "paid", "tiers", "label:vip"])
def test_ghost(import_pages: Import, root: Path, tmp_path: Path, visibility: str | None) -> None:
    post = {"id": "1", "title": "A post", "slug": "a", "html": "<p>Text.</p>", "status": "published"}
    data = {"posts": [post | {"published_at": "2025-01-02T03:04:05.000Z", "visibility": visibility}]}
    path = tmp_path / "ghost.json"
    path.write_text(json.dumps({"db": [{"meta": {"exported_on": 1}, "data": data}]}), encoding="utf-8")
    is_hidden = visibility not in {None, "public"}
    assert draft(import_pages, root, path)[:2] == (is_hidden, is_hidden)


CONFIGS = {
    "hugo": ("hugo.toml", 'baseURL = "https://h.example"', "content/posts/one.md"),
    "jekyll": ("_config.yml", "title: J", "_posts/2024-05-06-one.md"),
    "pelican": ("pelicanconf.py", "SITENAME = 'P'", "content/one.md"),
    "eleventy": (".eleventy.js", "", "src/one.md"),
    "zola": ("config.toml", 'base_url = "https://z.example"', "content/one.md"),
    "nikola": ("conf.py", 'BLOG_TITLE = "N"', "posts/one.md"),
    "astro": ("astro.config.mjs", "", "src/content/one.md"),
    "markdown": ("notes.txt", "", "one.md"),
}
YAML = "---\ntitle: One form\n{}\n---\n\nThe ports accept the same form.\n"
TOML = "+++\ntitle = 'One form'\n{}\n+++\n\nThe ports accept the same form.\n"
LINES = "Title: One form\n{}\n\nThe ports accept the same form.\n"
NIKOLA = "<!--\n.. title: One form\n{}\n-->\n\nThe ports accept the same form.\n"


@pytest.mark.parametrize(
    ("dialect", "form", "line", "expected"),
    [
        ("hugo", YAML, "draft: false", (False, False)),
        ("hugo", YAML, "draft: true", (True, False)),
        ("hugo", YAML, "draft: not yet", (True, True)),
        ("hugo", YAML, "private: true", (True, True)),
        ("hugo", YAML, "headless: true", (True, True)),
        ("hugo", YAML, "build: {render: never, list: never}", (True, True)),
        ("hugo", TOML, "[_build]\nlist = 'never'", (True, True)),
        ("hugo", TOML, "[build]\nrender = 'always'", (False, False)),
        ("hugo", YAML, "password: harbour", (True, True)),
        ("jekyll", YAML, "published: false", (True, False)),
        ("jekyll", YAML, "published: no", (True, False)),
        ("jekyll", YAML, "published: true", (False, False)),
        ("jekyll", YAML, "hidden: true", (True, True)),
        ("pelican", LINES, "Status: draft", (True, False)),
        ("pelican", LINES, "Status: hidden", (True, True)),
        ("pelican", LINES, "Status: skip", (True, True)),
        ("pelican", LINES, "Status: published", (False, False)),
        ("eleventy", YAML, "eleventyExcludeFromCollections: true", (True, True)),
        ("eleventy", YAML, "permalink: false", (True, True)),
        ("eleventy", YAML, "permalink: /one/", (False, False)),
        ("zola", TOML, "draft = true", (True, False)),
        ("zola", TOML, "render = false", (True, True)),
        ("nikola", NIKOLA, ".. tags: draft, trade", (True, True)),
        ("nikola", NIKOLA, ".. tags: Private", (True, True)),
        ("nikola", NIKOLA, ".. status: private", (True, True)),
        ("nikola", NIKOLA, ".. status: draft", (True, False)),
        ("nikola", NIKOLA, ".. status: featured", (False, False)),
        ("hugo", YAML, "tags: [draft]", (False, False)),
        ("astro", YAML, "draft: true", (True, False)),
        ("astro", YAML, "visibility: members", (True, True)),
        ("markdown", YAML, "publish: false", (True, True)),
        ("markdown", YAML, "unlisted: true", (True, True)),
    ],
)
def test_content_folder(
    import_pages: Import, root: Path, tmp_path: Path, *, dialect: str, form: str, line: str, expected: tuple[bool, bool]
) -> None:
    config, text, name = CONFIGS[dialect]
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    (tmp_path / "in" / config).write_text(text, encoding="utf-8")
    path.write_text(form.format(line), encoding="utf-8")
    found = draft(import_pages, root, path)
    assert found[:2] == expected
    assert "harbour" not in found[2]


COLLECTIONS = """\
collections: {notes: {output: true}, private: {}, secret: {output: false}}
exclude: [wip, ./notes.md, '_posts/*-old*']
include: [_pages, _posts/2024-05-06-old-kept.md]
"""
IGNORED = "ignoreFiles = ['content/ign/.*', '\\.bak\\.md$']"


@pytest.mark.parametrize(
    ("settings", "text", "name", "is_hidden"),
    [
        ("_config.yml", "", "_drafts/one.md", True),
        ("_config.yml", "", "_posts/2024-05-06-one.md", False),
        ("_config.yml", COLLECTIONS, "_notes/one.md", False),
        ("_config.yml", COLLECTIONS, "_private/one.md", True),
        ("_config.yml", COLLECTIONS, "_secret/deep/one.md", True),
        ("_config.yml", COLLECTIONS, "_other/one.md", True),
        ("_config.yml", "collections: [staff]", "_staff/one.md", True),
        ("_config.yml", "collections: {posts: {output: false}}", "_posts/2024-05-06-one.md", False),
        ("_config.yml", COLLECTIONS, "_pages/one.md", False),
        ("_config.yml", COLLECTIONS, "_posts/2024-05-06-one.md", False),
        ("_config.yml", COLLECTIONS, "wip/_posts/2024-05-06-one.md", True),
        ("_config.yml", COLLECTIONS, "_posts/2024-05-06-old-one.md", True),
        ("_config.yml", COLLECTIONS, "_posts/2024-05-06-old-kept.md", False),
        ("hugo.toml", IGNORED, "content/ign/one.md", True),
        ("hugo.toml", IGNORED, "content/posts/one.bak.md", True),
        ("hugo.toml", IGNORED, "content/posts/one.md", False),
        ("hugo.toml", "ignoreFiles = ['(']", "content/posts/one.md", True),
        ("hugo.toml", "ignoreFiles = ['(a*)*(b*)*x']", "content/posts/one.md", True),
        ("zola.toml", "ignored_content = ['temp/*', '*.bak.md']", "content/temp/one.md", True),
        ("zola.toml", "ignored_content = ['temp/*', '*.bak.md']", "content/one.md", False),
        ("pelicanconf.py", "IGNORE_FILES = ['*.bak.md']", "content/one.bak.md", True),
        ("pelicanconf.py", "ARTICLE_EXCLUDES = ['drafts']", "content/drafts/one.md", True),
        ("pelicanconf.py", "ARTICLE_EXCLUDES = ['drafts']", "content/one.md", False),
        ("astro.config.mjs", "", "src/content/_one.md", True),
        ("astro.config.mjs", "", "src/content/_notes/one.md", True),
    ],
)
def test_files_that_a_generator_does_not_publish(
    import_pages: Import, root: Path, tmp_path: Path, *, settings: str, text: str, name: str, is_hidden: bool
) -> None:
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    mark = {"hugo.toml": 'baseURL = "https://h.example/"\n', "zola.toml": 'base_url = "https://z.example"\n'}
    (tmp_path / "in" / settings).write_text(f"{mark.get(settings, '')}{text}", encoding="utf-8")
    path.write_text(YAML.format("lang: en"), encoding="utf-8")
    assert draft(import_pages, root, path)[:2] == (is_hidden, is_hidden)


@pytest.mark.parametrize(
    ("index", "name", "is_hidden"),
    [
        ("content/posts/one/index.md", "content/posts/one/notes.md", True),
        ("content/posts/one/index.ja.md", "content/posts/one/deep/notes.md", True),
        ("content/posts/one/index.md", "content/posts/one/index.ja.md", False),
        ("content/posts/one/_index.md", "content/posts/one/notes.md", False),
    ],
)
def test_resources_of_bundles_of_hugo(
    import_pages: Import, root: Path, tmp_path: Path, *, index: str, name: str, is_hidden: bool
) -> None:
    for path, text in {"hugo.toml": "baseURL = '/'", index: YAML, name: YAML.format("lang: en")}.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(text, encoding="utf-8")
    assert draft(import_pages, root, tmp_path / "in" / name)[:2] == (is_hidden, is_hidden)


@pytest.mark.parametrize(
    ("name", "is_hidden"), [("src/notes/a.md", True), ("src/b.bak.md", True), ("src/notes.md", False)]
)
def test_files_that_eleventy_ignores(
    import_pages: Import, root: Path, tmp_path: Path, *, name: str, is_hidden: bool
) -> None:
    ignored = "# private\nsrc/notes/\n*.bak.md\n"
    for path, text in {".eleventy.js": "", ".eleventyignore": ignored, name: YAML.format("lang: en")}.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(text, encoding="utf-8")
    assert draft(import_pages, root, tmp_path / "in" / name)[:2] == (is_hidden, is_hidden)


@pytest.mark.parametrize(
    ("dialect", "name", "comment"),
    [
        ("jekyll", "_posts/2024-05-06-one.md", "{::comment}\nHARBOUR\n\nHARBOUR\n{:/comment}"),
        ("jekyll", "_posts/2024-05-06-one.md", "Before {::comment}HARBOUR{:/} after."),
        ("jekyll", "_posts/2024-05-06-one.md", "{% comment %}{% if x %}HARBOUR{% endif %} HARBOUR{% endcomment %}"),
        ("jekyll", "_posts/2024-05-06-one.html", "<p>{% comment %}HARBOUR <b>a</b>{% endcomment %}</p>"),
        ("eleventy", "src/one.md", "{%- comment -%}\nHARBOUR\n{%- endcomment -%}"),
        ("hugo", "content/one.md", "{{% comment %}}HARBOUR{{< ref x >}} HARBOUR{{% /comment %}}"),
    ],
)
def test_comments(import_pages: Import, root: Path, tmp_path: Path, *, dialect: str, name: str, comment: str) -> None:
    config, text, _ = CONFIGS[dialect]
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True)
    (tmp_path / "in" / config).write_text(text, encoding="utf-8")
    path.write_text(f"{YAML.format('')}\n{comment}\n\nThe end.\n", encoding="utf-8")
    found = draft(import_pages, root, path)[2]
    assert "HARBOUR" not in re.sub(r"<!--.*?-->", "", found, flags=re.DOTALL)
    assert found.endswith("The end.\n")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"_config.yml": ""}, "_drafts/one.md"),
        ({"hugo.toml": "baseURL = '/'", "content/one.ja.md": YAML.format("draft: true")}, "content/one.md"),
        ({"pelicanconf.py": ""}, "content/one.md"),
    ],
)
def test_a_draft_without_a_date_has_that_of_its_file(
    import_pages: Import, root: Path, tmp_path: Path, files: dict[str, str], name: str
) -> None:
    line = "Status: draft" if "pelicanconf.py" in files else "draft: true"
    form = LINES if "pelicanconf.py" in files else YAML
    for path, text in (files | {name: form.format(line)}).items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(text, encoding="utf-8")
        os.utime(tmp_path / "in" / path, (1_715_000_000, 1_715_000_000))
    reports = import_pages(tmp_path / "in" / name, defaults=COMPLETE[:3])
    text = next((root / "content").rglob("one.md")).read_text(encoding="utf-8")
    assert "\ndate: 2024-05-06\n" in text
    assert "missing-date" in dict(codes(reports[0]))


POST = "_posts/2024-05-06-one.md"
METADATA = "Title: One form\nDate: 2024-05-06\n{}\nThe ports accept the same form.\n"


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        ({"_config.yml": "defaults: [{scope: {path: ''}, values: {published: false}}]"}, {POST: YAML}, True),
        ({"_config.yml": "defaults: [{scope: {path: _posts}, values: {published: false}}]"}, {POST: YAML}, True),
        ({"_config.yml": "defaults: [{scope: {path: _pos}, values: {published: false}}]"}, {POST: YAML}, False),
        ({"_config.yml": "defaults: [{scope: {path: '*/2024-*'}, values: {hidden: true}}]"}, {POST: YAML}, True),
        ({"_config.yml": "defaults: [{scope: {type: posts}, values: {hidden: true}}]"}, {POST: YAML}, True),
        ({"_config.yml": "defaults: [{scope: {type: pages}, values: {hidden: true}}]"}, {POST: YAML}, False),
        (
            {
                "_config.yml": "defaults: [{scope: {path: _posts}, values: {published: true}},"
                " {scope: {path: ''}, values: {published: false}}]"
            },
            {POST: YAML},
            False,
        ),
        ({"pelicanconf.py": "DEFAULT_METADATA = {'status': 'draft'}"}, {"content/one.md": METADATA}, True),
        ({"pelicanconf.py": "DEFAULT_METADATA = (('Status', 'hidden'),)"}, {"content/one.md": METADATA}, True),
        ({"pelicanconf.py": "DEFAULT_METADATA = {'status': 'published'}"}, {"content/one.md": METADATA}, False),
        (
            {"config.toml": "base_url='/'", "content/a/_index.md": "+++\ndraft = true\n+++\n"},
            {"content/a/b/one.md": TOML},
            True,
        ),
        ({"eleventy.config.js": "", "notes/notes.json": '{"permalink": false}'}, {"notes/one.md": YAML}, True),
        ({"eleventy.config.js": "", "notes/notes.11tydata.json": '{"draft": true}'}, {"notes/a/one.md": YAML}, True),
        ({"eleventy.config.js": "", "notes/notes.json": "[1"}, {"notes/one.md": YAML}, False),
        ({"hugo.toml": "cascade = {draft = true}"}, {"content/a/one.md": YAML}, True),
    ],
)
def test_settings_for_several_texts(
    import_pages: Import, root: Path, tmp_path: Path, *, settings: dict[str, str], text: dict[str, str], expected: bool
) -> None:
    """They count unless the text has a value of its own, and are reported."""
    settings = settings if "hugo.toml" not in settings else {"hugo.toml": f"baseURL = '/'\n{settings['hugo.toml']}"}
    ((name, form),) = text.items()
    for path, content in (settings | {name: form.format("")}).items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(content, encoding="utf-8")
    assert draft(import_pages, root, tmp_path / "in" / name)[:2] == (expected, expected)


@pytest.mark.parametrize(
    ("settings", "name", "form"),
    [
        ({"_config.yml": "defaults: [{scope: {path: ''}, values: {categories: [Energy], tags: Japan}}]"}, POST, YAML),
        ({"pelicanconf.py": "DEFAULT_METADATA = {'tags': 'Japan'}"}, "content/Energy/one.md", METADATA),
        ({"eleventy.config.js": "", "notes/notes.json": '{"tags": ["Energy", "Japan"]}'}, "notes/one.md", YAML),
    ],
)
def test_other_settings_for_several_texts(
    import_pages: Import, root: Path, tmp_path: Path, *, settings: dict[str, str], name: str, form: str
) -> None:
    for path, content in (settings | {name: form.format("")}).items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(content, encoding="utf-8")
    text = draft(import_pages, root, tmp_path / "in" / name)[2]
    assert "\ntopics: [energy]\ncountries: [JP]\n" in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, (False, False)),
        ({"draft": True}, (True, False)),
        ({"status": "private"}, (True, True)),
        ({"status": "published"}, (False, False)),
        ({"visibility": "paid"}, (True, True)),
        ({"published": False, "date": "2024-05-06"}, (True, False)),
        ({"password": "harbour"}, (True, True)),
    ],
)
def test_data(
    import_pages: Import, root: Path, tmp_path: Path, values: dict[str, object], expected: tuple[bool, bool]
) -> None:
    path = tmp_path / "one.json"
    item = {"title": "One form", "text": "The ports accept the same form."} | values
    path.write_text(json.dumps([item]), encoding="utf-8")
    found = draft(import_pages, root, path)
    assert found[:2] == expected
    assert "harbour" not in found[2]


def test_draft_in_a_feed(import_pages: Import, root: Path, tmp_path: Path) -> None:
    """The export of Blogger marks a draft by RFC 5023, section 13.1."""
    path = tmp_path / "blog.xml"
    path.write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title><entry><title>One form</title>'
        '<published>2024-05-06T07:08:09Z</published><control xmlns="http://www.w3.org/2007/app"><draft>yes</draft>'
        "</control><content>The ports accept the same form.</content></entry></feed>",
        encoding="utf-8",
    )
    assert draft(import_pages, root, path)[0]
