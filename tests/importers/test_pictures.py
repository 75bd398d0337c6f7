"""Pictures of imported articles: each article shows its own, whatever their names."""

import re
from pathlib import Path

import pytest

from tests.importers.conftest import Import

TEXT = """\
---
title: {name}
date: 2026-05-04
summary: About {name}.
---

The text of {name}.

![Photo](featured.gif) and ![again][1]

[1]: featured.gif
"""


def gif(name: str) -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + name.encode()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two page bundles, each with a picture of the same name."""
    for name in ("one", "two"):
        folder = tmp_path / "site" / "content" / "posts" / name
        folder.mkdir(parents=True)
        (folder / "index.md").write_text(TEXT.format(name=name.title()), "utf-8")
        (folder / "featured.gif").write_bytes(gif(name))
    (tmp_path / "site" / "hugo.toml").write_text('baseURL = "https://old.example/"\n', "utf-8")
    return tmp_path / "site"


def run(import_pages: Import, *paths: Path) -> list[str]:
    reports = import_pages(*paths, pictures=True, defaults=("topic=trade", "importance=3"))
    assert {item.code for report in reports for item in report.diagnostics} <= {"skipped-file"}
    return [str(report.outcome) for report in reports if report.id]


def shown(root: Path, name: str) -> set[bytes]:
    """Return the pictures that an article shows."""
    (file,) = (file for file in root.glob("content/articles/**/*.md") if f"title: {name}\n" in file.read_text("utf-8"))
    paths = re.findall(r"(?:\(|\]: )(/pictures/[^)\s]+)", file.read_text("utf-8"))
    assert len(paths) == 2
    return {(root / f"content{path}").read_bytes() for path in paths}


def test_pictures_of_one_name_in_two_folders(site: Path, import_pages: Import, root: Path) -> None:
    assert run(import_pages, site / "content") == ["written", "written"]
    assert (shown(root, "One"), shown(root, "Two")) == ({gif("one")}, {gif("two")})
    files = {file.name: file.read_bytes() for file in root.glob("content/pictures/*")}
    assert len(files) == 2
    assert run(import_pages, site / "content") == ["unchanged", "unchanged"]
    assert {file.name: file.read_bytes() for file in root.glob("content/pictures/*")} == files


def test_a_picture_of_the_editor_keeps_its_path(site: Path, import_pages: Import, root: Path) -> None:
    own = root / "content" / "pictures" / "featured.gif"
    own.parent.mkdir(parents=True)
    own.write_bytes(gif("editor"))
    assert run(import_pages, site / "content") == ["written", "written"]
    assert (shown(root, "One"), shown(root, "Two"), own.read_bytes()) == ({gif("one")}, {gif("two")}, gif("editor"))


def test_the_same_picture_in_two_articles_is_one_file(site: Path, import_pages: Import, root: Path) -> None:
    (site / "content/posts/two/featured.gif").write_bytes(gif("one"))
    assert run(import_pages, site / "content") == ["written", "written"]
    assert [file.name for file in root.glob("content/pictures/*")] == ["featured.gif"]


EXPORT = """\
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Quay blog</title><link>https://quay.example</link>
<item><title>New cranes</title><link>https://quay.example/cranes/</link>
<content:encoded><![CDATA[<p>Two cranes were set up in the port of the town.</p>
<p><a href="https://quay.example/wp-content/uploads/crane.gif"><img alt="A crane"
src="http://quay.example/wp-content/uploads/crane-300x200.gif" /></a></p>
<p><img alt="Lost" src="https://quay.example/wp-content/uploads/lost.gif" /></p>
<p><a href="http://quay.example/cranes/">The same.</a></p>]]></content:encoded>
<wp:post_date>2024-05-06 07:08:09</wp:post_date><wp:post_name>cranes</wp:post_name><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type></item>
</channel></rss>
"""


def test_pictures_next_to_an_export(tmp_path: Path, import_pages: Import, root: Path) -> None:
    """They have the paths of their addresses, and older texts have those of http."""
    folder = tmp_path / "old/wp-content/uploads"
    folder.mkdir(parents=True)
    for name in ("crane", "crane-300x200"):
        (folder / f"{name}.gif").write_bytes(gif(name))
    (tmp_path / "old/export.xml").write_text(EXPORT, "utf-8")
    (report,) = import_pages(tmp_path / "old/export.xml", pictures=True, defaults=("topic=trade", "importance=3"))
    text = (root / str(report.file)).read_text("utf-8")
    base = "/pictures/wp-content/uploads"
    assert f"[![A crane]({base}/crane-300x200.gif)]({base}/crane.gif)" in text
    assert "[Lost](https://quay.example/wp-content/uploads/lost.gif)" in text
    assert "[The same.](/articles/2024/05/cranes.md)" in text
    assert (root / f"content{base}/crane.gif").read_bytes() == gif("crane")


@pytest.mark.parametrize(("base_url", "code"), [("", "link-as-text"), ("https://old.example", "image-as-link")])
def test_a_picture_that_is_missing_has_one_warning(
    tmp_path: Path, import_pages: Import, root: Path, base_url: str, code: str
) -> None:
    file = tmp_path / "page.md"
    file.write_text(TEXT.format(name="Port"), "utf-8")
    options = {"base_url": base_url} if base_url else {}
    (report,) = import_pages(file, defaults=("topic=trade", "importance=3"), **options)
    found = [(item.location.line, item.code) for item in report.diagnostics if item.code != "incomplete-article"]
    assert found == [(9, code), (9, code)], "two pictures"
    text = next(root.glob("content/articles/**/*.md")).read_text("utf-8")
    assert ("Photo (`featured.gif`) and again" in text) == (not base_url)
    assert ("[Photo](https://old.example/featured.gif)" in text) == bool(base_url)
