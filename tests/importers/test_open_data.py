"""The round trip of the open data: what a digest publishes, another one imports as the files that it was made of."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.builder.configuration import load_config
from sitegen.config.model import Config
from sitegen.content.articles import split_front_matter
from sitegen.content.documents import read_document, translated_file
from sitegen.content.frontmatter import review_hash
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.inputs import ImportOptions
from sitegen.importers.report import ImportReport, Outcome
from sitegen.importers.workflow import import_files
from tests.example import NOW, site_yaml
from tests.tools import REPOSITORY

FOLDER = "content/articles/2026/07"
FRONT: dict[str, Any] = {
    "id": "form0001",
    "title": "One form",
    "date": "2026-07-03",
    "lang": "en",
    "topics": ["trade"],
    "importance": 3,
    "source": {"name": "Harbour Times", "url": None},
    "summary": "Two ports accept one form.",
}


def article(name: str, markdown: str = "Text.", **values: Any) -> dict[str, Any]:
    """Return the open data of an article."""
    return {
        "url": f"https://old.example/articles/{name}/",
        "file": f"{FOLDER}/{name}.md",
        "front_matter": FRONT | {"id": f"{name}0000000"[:8], "title": name} | values,
        "markdown": markdown,
        "translations": [],
    }


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "site.yaml").write_text(site_yaml("default"), encoding="utf-8")
    settings = load_config(tmp_path, Diagnostics())
    assert settings is not None
    return settings.config


def imported(root: Path, config: Config, *values: dict[str, Any], **options: Any) -> tuple[ImportReport, ...]:
    """Import open data from files; return the reports."""
    folder = root / "data"
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{value['front_matter']['id']}.json" for value in values]
    for path, value in zip(paths, values, strict=True):
        path.write_text(json.dumps(value), encoding="utf-8")
    return import_files(paths, root, config, NOW, options=ImportOptions(**options))


def text_of(file: Path) -> str:
    """Return the text of a file without its front matter."""
    parts = split_front_matter(SourceText(file.name, file.read_text(encoding="utf-8")), Diagnostics())
    assert parts is not None
    return parts[1].strip()


def test_a_copy_of_the_whole_folder_is_its_articles(example: BuildResult, tmp_path: Path, config: Config) -> None:
    reports = import_files([example.site / "data"], tmp_path, config, NOW)
    assert {report.outcome for report in reports} == {Outcome.WRITTEN, Outcome.SKIPPED}
    skipped = {report.name.rpartition("/data/")[2] for report in reports if report.outcome is Outcome.SKIPPED}
    assert {"articles.csv", "datapackage.json", "front-matter.schema.json", "index.html"} <= skipped
    assert {item.code for report in reports for item in report.diagnostics} == {"skipped-file"}


def test_the_example_comes_back(example: BuildResult, tmp_path: Path, config: Config) -> None:
    reports = import_files([example.site / "data/articles"], tmp_path, config, NOW)
    refused = [(report.name, [*report.diagnostics]) for report in reports if report.outcome is Outcome.REFUSED]
    assert not refused
    published = {path.stem for path in (example.site / "data/articles").glob("*.json")}
    restored = {path.relative_to(tmp_path).as_posix(): path for path in (tmp_path / "content/articles").rglob("*.md")}
    originals: dict[str, Path] = {}
    for file in (REPOSITORY / "content/articles").rglob("*.md"):
        path = file.relative_to(REPOSITORY).as_posix()
        document, _ = read_document(path, file.read_bytes(), config.content_schema)
        owner = document.article.front.id if document.article else getattr(document.other, "id", "")
        originals |= {path: file} if owner in published else {}
    assert restored.keys() == originals.keys()
    assert any(translated_file(path) for path in restored)
    for path, file in restored.items():
        assert text_of(file) == text_of(originals[path])
        before, _ = read_document(path, originals[path].read_bytes(), config.content_schema)
        after, _ = read_document(path, file.read_bytes(), config.content_schema)
        if before.article is not None:
            assert after.article is not None
            assert replace(after.article.front, imported=None) == before.article.front
            assert after.article.markdown == before.article.markdown
        assert before.version is not None
        assert after.version is not None
        assert after.version.without_text() == before.version.without_text()
    warnings = {item.code for report in reports for item in report.diagnostics}
    assert warnings <= {"near-duplicate", "skipped-file"}
    result = build(BuildRequest(tmp_path, NOW))
    assert result.ok, result.diagnostics
    again = import_files([example.site / "data/articles"], tmp_path, config, NOW)
    assert {report.outcome for report in again} <= {Outcome.UNCHANGED, Outcome.SKIPPED}


def test_links_follow_files_that_get_another_path(tmp_path: Path, config: Config) -> None:
    text = "[a](two.md#s) ![m](m.png) [p](/topics/trade/) [page](../../pages/about.md) `[c](two.md)` [d]\n\n[d]: two.md"
    one = article("one", text, follows="two.md")
    one["file"] = "content/articles/notes/one.md"
    two = article("two", "## S\n\nText.")
    two["file"] = "content/articles/notes/two.md"
    two["front_matter"]["date"] = "2026-06-01"
    reports = imported(tmp_path, config, one, two)
    assert [report.file for report in reports] == [f"{FOLDER}/one.md", "content/articles/2026/06/two.md"]
    assert text_of(tmp_path / FOLDER / "one.md") == (
        "[a](../06/two.md#s) m (`m.png`) [p](/topics/trade/) [page](https://old.example/about/) `[c](two.md)` [d]\n\n"
        "[d]: ../06/two.md"
    )
    document, _ = read_document(f"{FOLDER}/one.md", (tmp_path / FOLDER / "one.md").read_bytes(), config.content_schema)
    assert document.article is not None
    assert document.article.follows == "content/articles/2026/06/two.md"
    assert [item.code for item in reports[0].diagnostics] == ["link-as-text"]


@pytest.mark.parametrize("is_current", [True, False])
def test_a_review_stays_valid_if_only_the_paths_of_links_change(
    tmp_path: Path, config: Config, is_current: bool
) -> None:
    text, japanese = "[a](two.md)", "[二](two.md)"
    reviewed = {"by": "A. Editor", "of": review_hash("one", FRONT["summary"], text if is_current else "Before.")}
    one = article("one", text, generated={"text": "ai"}, reviewed=reviewed)
    of = review_hash("題", "要約。", japanese if is_current else "前。")
    front = {"id": "one00000", "title": "題", "summary": "要約。", "reviewed": {"by": "B. Editor", "of": of}}
    one["translations"] = [{"lang": "ja", "front_matter": front, "markdown": japanese}]
    one["file"] = "content/articles/notes/one.md"
    two = article("two", date="2026-06-01")
    two["file"] = "content/articles/notes/two.md"
    imported(tmp_path, config, one, two)
    for name, moved in (("one.md", "[a](../06/two.md)"), ("one.ja.md", "[二](../06/two.md)")):
        path = f"{FOLDER}/{name}"
        assert text_of(tmp_path / path) == moved
        document, _ = read_document(path, (tmp_path / path).read_bytes(), config.content_schema)
        assert document.version is not None
        assert document.version.reviewed is not None
        assert document.version.reviewed.is_outdated is not is_current


@pytest.mark.parametrize(
    "changes", [{}, {"url": "https://x.example/ja/articles/one/", "home_page_url": "https://old.example/"}]
)
def test_an_article_that_is_not_imported_is_linked_at_the_old_site(
    tmp_path: Path, config: Config, changes: dict[str, str]
) -> None:
    value = article("one", "[a](two.md) and [b](/articles/2026/07/three.md)", follows="two.md") | changes
    (report,) = imported(tmp_path, config, value)
    expected = "[a](https://old.example/articles/two/) and [b](https://old.example/articles/three/)"
    assert text_of(tmp_path / FOLDER / "one.md") == expected
    assert [item.code for item in report.diagnostics] == ["unmapped-value"]
    assert "follows" not in (tmp_path / FOLDER / "one.md").read_text(encoding="utf-8")


def test_a_slug_and_old_addresses_are_kept(tmp_path: Path, config: Config) -> None:
    value = article("one", slug="other", aliases=["/old/", "/old.html"])
    value["url"] = "https://old.example/articles/other/"
    imported(tmp_path, config, value)
    head = (tmp_path / FOLDER / "one.md").read_text(encoding="utf-8")
    assert "slug: other\n" in head
    assert "aliases: [/old/, /old.html]\n" in head


def test_a_file_outside_the_articles_is_not_a_path(tmp_path: Path, config: Config) -> None:
    value = article("one")
    value["file"] = "content/articles/../../../evil.md"
    (report,) = imported(tmp_path, config, value)
    assert report.file == f"{FOLDER}/one.md"


def test_a_translation_is_written_and_an_edited_one_is_kept(tmp_path: Path, config: Config) -> None:
    value = article("one", "[two](two.md)")
    front = {"id": value["front_matter"]["id"], "title": "題", "summary": "要約。", "reviewed": {"by": "A. Editor"}}
    value["translations"] = [{"lang": "ja", "front_matter": front, "markdown": "[二](two.md)"}]
    imported(tmp_path, config, value, article("two"))
    file = tmp_path / FOLDER / "one.ja.md"
    assert file.read_text(encoding="utf-8") == (
        "---\nid: one00000\ntitle: 題\nsummary: 要約。\nreviewed: {by: A. Editor}\n---\n\n[二](two.md)\n"
    )
    assert build(BuildRequest(tmp_path, datetime(2026, 7, 10, tzinfo=UTC))).ok
    file.write_text(file.read_text(encoding="utf-8").replace("題", "題名"), encoding="utf-8")
    value["translations"][0]["markdown"] = "[第二](two.md)"
    report, _ = imported(tmp_path, config, value, article("two"))
    assert "題名" in file.read_text(encoding="utf-8")
    assert "第二" in (tmp_path / FOLDER / "one.ja.md.new").read_text(encoding="utf-8")
    assert [item.code for item in report.diagnostics] == ["import-conflict"]


def test_a_new_version_keeps_what_the_article_follows(tmp_path: Path, config: Config) -> None:
    """Its path is relative to the file, not to that of the other digest."""
    one = article("one") | {"file": "content/articles/2026/06/one.md"}
    imported(tmp_path, config, one, article("two"))
    file = tmp_path / FOLDER / "one.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("imported:", "follows: two.md\nslug: first\nimported:"), encoding="utf-8")
    report, _ = imported(tmp_path, config, one | {"markdown": "More."}, article("two"))
    assert [item.code for item in report.diagnostics] == ["import-conflict"]
    assert report.diagnostics[0].message.endswith("one.md.new")
    new = (tmp_path / f"{FOLDER}/one.md.new").read_text(encoding="utf-8")
    assert "slug: first\nfollows: /articles/2026/07/two.md\n" in new


@pytest.mark.parametrize(
    "translation",
    [
        {"lang": "ja", "title": "題", "text_html": "<p>文。</p>"},
        {"lang": "ja", "front_matter": {"title": "題"}, "markdown": "文。"},
        {"lang": "../ja", "front_matter": {"title": "題", "summary": "要約。"}, "markdown": "文。"},
        "ja",
    ],
)
def test_a_translation_that_cannot_be_restored_is_reported(tmp_path: Path, config: Config, translation: Any) -> None:
    value = article("one") | {"translations": [translation]}
    (report,) = imported(tmp_path, config, value)
    assert report.outcome is Outcome.WRITTEN
    assert [item.code for item in report.diagnostics] == ["unmapped-value"]
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["one.md"]


def test_a_topic_of_the_old_digest_is_reported_at_its_key_in_the_json(tmp_path: Path, config: Config) -> None:
    file = tmp_path / "old.json"
    file.write_text(json.dumps(article("one", topics=["elsewhere"]), indent=1), encoding="utf-8")
    (report,) = import_files([file], tmp_path, config, NOW, options=ImportOptions())
    (found,) = [item for item in report.diagnostics if item.code == "unknown-topic"]
    assert "topics" in found.location.excerpt
    assert file.read_text("utf-8").splitlines()[found.location.line - 1].strip().startswith('"topics"')
    assert "site.yaml" in found.hint
