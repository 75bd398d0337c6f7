"""Corrections that are deleted, and ids of feed items that change, are reported before they are published."""

import pytest

from tests.project import Project, codes, only

TWO = '[{at: 2026-07-04, text: "=First"}, {at: 2026-07-05, text: {en: Second, ja: 二}}]'


@pytest.mark.parametrize(
    ("corrections", "lost"),
    [
        ("", ["1 (2026-07-04: '=First)", "2 (2026-07-05: Second)"]),
        ("[{at: 2026-07-05, text: {en: Second, ja: 二}}]", ["1 (2026-07-04: '=First)"]),
        ("[{at: 2026-07-04, text: =First}]", ["2 (2026-07-05: Second)"]),
        ("[{at: 2026-07-04, text: =First}, {at: 2026-07-06, text: Other}]", ["2 (2026-07-05: Second)"]),
        ("[{at: 2026-07-04, text: Edited}, {at: 2026-07-05, text: Second}, {at: 2026-07-06, text: New}]", []),
    ],
)
def test_a_deleted_correction_is_reported_once(project: Project, corrections: str, lost: list[str]) -> None:
    project.article("one", corrections=TWO)
    project.built()
    project.article("one", corrections=corrections)
    strict = project.build(strict=True)
    assert strict.ok is not bool(lost)
    result = project.built()
    assert codes(result) == ["correction-removed"] * len(lost)
    for item, text in zip(result.diagnostics, lost, strict=True):
        assert item.message == f"the published correction {text} is not in this article any more"
        assert item.location.path == "content/articles/2026/07/one.md"
    assert codes(project.build()) == []


def test_a_correction_of_a_deleted_article_is_reported_unless_another_has_it(project: Project) -> None:
    project.article("one", corrections="[{at: 2026-07-04, text: First}]")
    project.article("two")
    project.built()
    (project.root / "content/articles/2026/07/one.md").unlink()
    project.article("two", aliases="[/articles/one/]")
    warning = only(project.build(strict=True), "correction-removed")
    assert warning.message.endswith("is not on the site, nor is its article with the id one00000 any more")
    merged = {"aliases": "[/articles/one/]", "corrections": "[{at: 2026-07-04, text: First}]"}
    project.article("three")
    project.article("two", publish="2027-01-01", **merged)
    assert "correction-removed" not in codes(project.build(strict=True)), "it appears with the other article"
    project.article("two", **merged)
    assert codes(project.build(strict=True)) == []


@pytest.mark.parametrize("base", ["https://test.example/", "https://test.example/ja/digest/"])
def test_a_correction_of_an_article_that_is_gone_is_not_reported(project: Project, base: str) -> None:
    site = (
        (project.root / "site.yaml").read_text("utf-8").replace("base_url: https://test.example/", f"base_url: {base}")
    )
    project.file("site.yaml", site)
    file = project.article("税", id="one00000", corrections="[{at: 2026-07-04, text: First}]")
    project.article("two")
    project.built()
    file.unlink()
    project.file("site.yaml", f"{site}gone: [/articles/other/]\n")
    assert "gone in site.yaml" in only(project.build(strict=True), "correction-removed").hint
    project.file("site.yaml", f"{site}gone: [/articles/税/]\n")
    assert codes(project.build(strict=True)) == []


def test_a_correction_of_an_article_that_is_held_back_is_not_reported(project: Project) -> None:
    project.article("one", corrections="[{at: 2026-07-04, text: First}]")
    project.article("two")
    project.built()
    project.article("one", corrections="[{at: 2026-07-04, text: First}]", draft="true")
    assert "correction-removed" not in codes(project.built())


def test_other_ids_of_feed_items_are_reported_with_the_line_that_keeps_them(project: Project) -> None:
    project.article("one")
    site = (project.root / "site.yaml").read_text("utf-8").replace("authority: test.example,2026\n", "")
    project.file("site.yaml", site)
    project.built()
    moved = site.replace("base_url: https://test.example/", "base_url: https://new.example/digest/")
    project.file("site.yaml", moved)
    warning = only(project.build(strict=True), "feed-ids-changed")
    assert "new.example,2026 instead of test.example,2026" in warning.message
    assert "write authority: 'test.example,2026' in site.yaml" in warning.hint
    project.file("site.yaml", f"{moved}authority: test.example,2026\n")
    assert codes(project.build(strict=True)) == []


def test_the_authority_of_the_sample_may_change(project: Project) -> None:
    project.article("one")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("authority: test.example", "authority: example.org"))
    project.built()
    project.file("site.yaml", site)
    assert codes(project.build(strict=True)) == []


@pytest.mark.parametrize("table", [b"", b"\xff\x00", b"a,b\r\n1,2\r\n", b"id,number,at,lang,text\r\n" + b"x" * 200_000])
def test_a_site_without_readable_tables_is_not_compared(project: Project, table: bytes) -> None:
    project.article("one", corrections=TWO)
    data = project.built().site / "data"
    (data / "corrections.csv").write_bytes(table)
    (data / "datapackage.json").write_text("[]")
    project.article("one")
    assert codes(project.build()) == []
