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
