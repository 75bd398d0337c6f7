"""Import of files: which articles are written, updated, or left as they are."""

import gzip
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from sitegen.builder.workers import process_executor
from sitegen.cli.main import main
from sitegen.config.model import Config
from sitegen.content.documents import read_document
from sitegen.diagnostics import ContentError, Diagnostics, UsageError
from sitegen.importers.existing import RECORD, accept_version, import_hash
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input
from sitegen.importers.registry import IMPORTERS, Importer
from sitegen.importers.report import Outcome, distinct_diagnostics, render_json, render_text
from sitegen.importers.workflow import import_files
from sitegen.util.registry import Registry
from tests.importers.conftest import GOLDEN, NOW, PAGE, Import, codes, snapshot

Page = Callable[..., Path]
FILE = "content/articles/2026/05/ports-south.md"


def test_second_run_writes_nothing(page: Page, import_pages: Import, root: Path) -> None:
    path = page()
    (first,) = import_pages(path)
    assert (first.outcome, first.file) == (Outcome.WRITTEN, FILE)
    before = snapshot(root)
    (second,) = import_pages(path)
    assert (second.outcome, second.file, second.id) == (Outcome.UNCHANGED, FILE, first.id)
    assert snapshot(root) == before


def test_dry_run_writes_nothing_and_reports_the_same(page: Page, import_pages: Import, root: Path) -> None:
    path = page()
    (dry,) = import_pages(path, dry_run=True)
    assert snapshot(root) == {}
    (real,) = import_pages(path)
    assert dry.outcome is Outcome.WOULD_WRITE
    assert (dry.file, dry.id, dry.fields, dry.diagnostics) == (
        real.file,
        real.id,
        real.fields,
        real.diagnostics,
    )
    (again,) = import_pages(page(PAGE + "\n\nMore.\n"), dry_run=True)
    assert again.outcome is Outcome.WOULD_UPDATE


def test_provenance_is_in_the_file(page: Page, import_pages: Import, root: Path, config: Config) -> None:
    import_pages(page(name="a b.txt"))
    data = (root / FILE).read_bytes()
    read = read_document(FILE, data, config.content_schema)[0]
    assert read.article is not None
    imported = read.article.front.imported
    assert imported is not None
    assert (imported.name, imported.format, str(imported.at)) == ("a b.txt", "text", "2026-07-04")
    assert import_hash(data, imported.digest) == imported.digest
    assert import_hash(data + b"\n", imported.digest) != imported.digest


def test_changed_input_updates_an_unedited_file(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page(name="x_0123456789abcdef.txt"))
    changed = PAGE.replace("Ports of the south", "Ports of the far south").replace("5月", "6月")
    (report,) = import_pages(page(changed, name="x_0123456789abcdef.txt"))
    assert (report.outcome, report.file, report.id) == (Outcome.UPDATED, FILE, "0123456789abcdef")
    assert "title: Ports of the far south" in (root / FILE).read_text(encoding="utf-8")
    assert list(snapshot(root)) == [FILE, RECORD]


def test_changed_input_and_edited_file_are_a_conflict(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    edited = (root / FILE).read_text(encoding="utf-8").replace("quickly", "slowly")
    (root / FILE).write_text(edited, encoding="utf-8")
    (report,) = import_pages(page(PAGE.replace("quickly", "at once")))
    assert (report.outcome, report.file) == (Outcome.CONFLICT, f"{FILE}.new")
    assert ("import-conflict", 1) in codes(report)
    assert (root / FILE).read_text(encoding="utf-8") == edited
    assert "They grow at once." in (root / f"{FILE}.new").read_text(encoding="utf-8")
    before = snapshot(root)
    (again,) = import_pages(page(PAGE.replace("quickly", "at once")))
    assert again.outcome is Outcome.CONFLICT
    assert snapshot(root) == before


EDITED = """\
updated: 2026-07-02
aliases: [/old/]
follows: /articles/before.md
reviewed: {by: A. Editor, of: 0123456789abcdef}
publish: 2026-07-01
expire: 2027-01-01
slug: south
corrections:
- {at: 2026-07-03, text: A name was wrong.}
upcoming:
- {at: 2026-08-01, text: A meeting}
"""


def edit(file: Path, *changes: tuple[str, str]) -> None:
    """Replace texts in a file."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def test_new_version_keeps_the_values_of_the_editor(page: Page, import_pages: Import, root: Path) -> None:
    """The input has no such values. Those that it has are its own, and the report names them."""
    import_pages(page())
    edits = (("url: null", "url: https://harbour.example/south"), ("summary: Ports grow.", "summary: Ports."))
    edit(root / FILE, *edits, ("imported:", f"{EDITED}extra: {{desk: Asia}}\nimported:"))
    (report,) = import_pages(page(PAGE.replace("quickly", "at once")))
    assert (report.outcome, report.file) == (Outcome.CONFLICT, f"{FILE}.new")
    assert any(item.message.endswith("with other values of summary") for item in report.diagnostics)
    text = (root / f"{FILE}.new").read_text(encoding="utf-8")
    for kept in ("https://harbour.example/south", "extra: {desk: Asia}"):
        assert kept in text
    assert not {*EDITED.splitlines()} - {*text.splitlines()}
    assert "summary: Ports grow.\n" in text
    assert "They grow at once." in text


def test_new_version_has_what_the_editor_adds_later(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    edit(root / FILE, ("quickly", "slowly"))
    changed = page(PAGE.replace("quickly", "at once"))
    import_pages(changed)
    edit(root / FILE, ("imported:", "updated: 2026-07-02\nimported:"))
    import_pages(changed)
    accept_version(root / f"{FILE}.new", root)
    assert "updated: 2026-07-02" in (root / FILE).read_text(encoding="utf-8")


def test_accepted_version_with_values_of_the_editor_counts_as_edited(
    page: Page, import_pages: Import, root: Path
) -> None:
    import_pages(page())
    edit(root / FILE, ("imported:", "updated: 2026-07-02\nimported:"))
    import_pages(page(PAGE.replace("quickly", "at once")))
    accept_version(root / f"{FILE}.new", root)
    (report,) = import_pages(page(PAGE.replace("quickly", "soon")))
    assert report.outcome is Outcome.CONFLICT
    accept_version(root / f"{FILE}.new", root)
    assert "updated: 2026-07-02" in (root / FILE).read_text(encoding="utf-8")


def test_accepted_version_without_values_of_the_editor_counts_as_unedited(
    page: Page, import_pages: Import, root: Path
) -> None:
    import_pages(page())
    edit(root / FILE, ("quickly", "slowly"))
    import_pages(page(PAGE.replace("quickly", "at once")))
    accept_version(root / f"{FILE}.new", root)
    (report,) = import_pages(page(PAGE.replace("quickly", "soon")))
    assert report.outcome is Outcome.UPDATED


def test_edited_new_version_is_kept(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    edit(root / FILE, ("imported:", "updated: 2026-07-02\nimported:"))
    import_pages(page(PAGE.replace("quickly", "at once")))
    edit(root / f"{FILE}.new", ("at once", "slowly"))
    before = snapshot(root)
    import_pages(page(PAGE.replace("quickly", "at once")))
    assert snapshot(root) == before


def test_values_that_do_not_fit_the_new_version(page: Page, import_pages: Import, root: Path) -> None:
    """The day of the update is now before that of the article."""
    import_pages(page(name="x_0123456789abcdef.txt"))
    edit(root / FILE, ("imported:", "updated: 2026-05-05\nimported:"))
    (report,) = import_pages(page(PAGE.replace("5月", "6月"), name="x_0123456789abcdef.txt"))
    assert (report.outcome, report.file) == (Outcome.CONFLICT, f"{FILE}.new")
    assert any(item.message.endswith("with other values of date, updated") for item in report.diagnostics)
    assert "updated" not in (root / f"{FILE}.new").read_text(encoding="utf-8")


def test_completed_draft_stays_complete(page: Page, import_pages: Import, root: Path) -> None:
    """The new version keeps the values for which the input has none."""
    item = {"id": "0123456789abcdef", "title": "One form", "date": "2026-05-04", "text": "The ports accept it."}
    (report,) = import_pages(page(json.dumps([item]), "a.json"))
    assert report.front is not None
    file = root / str(report.file)
    text = file.read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---\n")[1])
    values = front | {"topics": ["trade"], "importance": 4}
    values |= {"draft": False, "extra": {"desk": "Asia"}}
    file.write_text(f"---\n{yaml.safe_dump(values, default_flow_style=None)}---\n\nThe ports accept it.\n")
    (again,) = import_pages(page(json.dumps([item | {"text": "The ports accept it now."}]), "a.json"))
    assert again.outcome is Outcome.CONFLICT
    front = again.front
    assert front is not None
    assert (front.topics, front.importance) == (("trade",), 4)
    assert (front.draft, front.extra) == (False, {"desk": "Asia"})


def test_compressed_copies_in_a_folder_are_skipped(page: Page, import_pages: Import, tmp_path: Path) -> None:
    """A published site has them next to its files. An archive by itself is an error."""
    (tmp_path / "inbox").mkdir()
    data = gzip.compress(page(name="inbox/page.txt").read_bytes())
    for name in ("page.txt.gz", "page.txt.br", "other.txt.gz"):
        page(data, f"inbox/{name}")
    reports = {Path(report.name).name: report for report in import_pages(tmp_path / "inbox")}
    assert {name: report.outcome for name, report in reports.items()} == {
        "page.txt": Outcome.WRITTEN,
        "page.txt.gz": Outcome.SKIPPED,
        "page.txt.br": Outcome.SKIPPED,
        "other.txt.gz": Outcome.REFUSED,
    }
    assert codes(reports["page.txt.br"]) == [("skipped-file", 0)]
    (named,) = import_pages(tmp_path / "inbox/page.txt.gz")
    assert codes(named) == [("input-binary", 1)]


def test_edited_file_with_the_same_input_is_unchanged(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    (root / FILE).write_text((root / FILE).read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    before = snapshot(root)
    (report,) = import_pages(page())
    assert report.outcome is Outcome.UNCHANGED
    assert snapshot(root) == before


def test_edited_file_with_errors_is_unchanged(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    text = (root / FILE).read_text(encoding="utf-8")
    (root / FILE).write_text(text.replace("importance: 4", "importance: 9"), encoding="utf-8")
    (report,) = import_pages(page())
    assert (report.outcome, report.file) == (Outcome.UNCHANGED, FILE)


@pytest.mark.parametrize("broken", [False, True])
def test_file_without_provenance_is_never_overwritten(
    page: Page, import_pages: Import, root: Path, *, broken: bool
) -> None:
    path = page(name="x_0123456789abcdef.txt")
    import_pages(path)
    edited = re.sub(r"imported:.*\n", "", (root / FILE).read_text(encoding="utf-8"))
    edited = edited.replace("topics: [trade]", "topics: [trade") if broken else edited
    (root / FILE).write_text(edited, encoding="utf-8")
    (report,) = import_pages(path)
    assert (report.outcome, report.file, report.id) == (Outcome.CONFLICT, f"{FILE}.new", "0123456789abcdef")
    assert (root / FILE).read_text(encoding="utf-8") == edited


def test_moved_file_is_found_by_its_id(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    moved = root / "content/articles/elsewhere.md"
    (root / FILE).rename(moved)
    (report,) = import_pages(page(PAGE.replace("quickly", "at once")))
    assert (report.outcome, report.file) == (Outcome.UPDATED, "content/articles/elsewhere.md")
    assert list(snapshot(root)) == ["content/articles/elsewhere.md", RECORD]


def test_article_is_found_by_title_date_and_source(page: Page, import_pages: Import) -> None:
    import_pages(page(name="x_0123456789abcdef.txt"))
    (report,) = import_pages(page(PAGE.replace("quickly", "at once"), name="y.txt"))
    assert (report.outcome, report.file, report.id) == (Outcome.UPDATED, FILE, "0123456789abcdef")


def test_slug_of_another_article_is_not_taken(page: Page, import_pages: Import, root: Path) -> None:
    other = root / "content/articles/2020/01/unrelated.md"
    other.parent.mkdir(parents=True)
    other.write_text("---\nslug: ports-south\n---\n", encoding="utf-8")
    (report,) = import_pages(page())
    assert report.file == "content/articles/2026/05/ports-south-2.md"
    (third,) = import_pages(page(PAGE.replace("5月", "6月"), name="other.txt"))
    assert third.file == "content/articles/2026/06/ports-south-3.md"


def test_slug_of_a_title_without_latin_letters(page: Page, import_pages: Import) -> None:
    (report,) = import_pages(page(PAGE.replace("Ports of the south", "南の港"), name="x_0123456789ABCDEF.txt"))
    assert report.id == "0123456789abcdef"
    assert report.file == "content/articles/2026/05/id-trade-01234567.md"


def test_directory_with_the_path_of_the_article(page: Page, import_pages: Import, root: Path) -> None:
    (root / FILE).mkdir(parents=True)
    (report,) = import_pages(page())
    assert report.outcome is Outcome.REFUSED
    assert [item.code for item in report.diagnostics if item.severity == "error"] == ["path-taken"]


def test_path_that_cannot_be_written(page: Page, import_pages: Import, root: Path) -> None:
    (root / "content").write_text("a file with the name of the directory", encoding="utf-8")
    (report,) = import_pages(page())
    assert report.outcome is Outcome.REFUSED
    assert "write-failed" in [item.code for item in report.diagnostics]
    assert list(snapshot(root)) == ["content"]


def test_same_article_twice_in_one_run(page: Page, import_pages: Import, root: Path) -> None:
    first, copy = page(name="a.txt"), page(name="b.txt")
    other = page(PAGE.replace("quickly", "at once"), name="c.txt")
    reports = import_pages(first, copy, other)
    assert [report.outcome for report in reports] == [Outcome.WRITTEN, Outcome.UNCHANGED, Outcome.SKIPPED]
    assert ("duplicate-input", 1) in codes(reports[2])
    assert ("duplicate-input", 1) not in codes(reports[1])
    assert "They grow quickly." in (root / FILE).read_text(encoding="utf-8")


def test_near_duplicate_is_reported(page: Page, import_pages: Import) -> None:
    first, near = page(), page(PAGE.replace("Ports of the south", "Ports of the south!"), name="b.txt")
    far = page(PAGE.replace("Ports of the south", "Ports of the south!").replace("5月", "6月"), name="c.txt")
    reports = import_pages(first, near, far)
    assert [report.outcome for report in reports] == [Outcome.WRITTEN] * 3
    assert [("near-duplicate", 1) in codes(report) for report in reports] == [False, True, False]


@pytest.mark.parametrize(
    ("content", "diagnostic", "word"),
    [
        (b"", ("input-empty", 1), "empty"),
        (b" \n\n", ("input-empty", 1), "empty"),
        (b"\xef\xbb\xbf\x01", ("input-empty", 1), "no text"),
        (b"Title\x00\n", ("input-binary", 1), "NUL"),
        (b"%PDF-1.7 ...", ("input-binary", 1), "PDF"),
        (b"Title\nTrade \xff\n", ("not-utf-8", 2), "UTF-8"),
        (b"<!DOCTYPE html><title>x</title>", ("no-main-text", 1), "main text"),
        (b"\n <p class='a'>x</p>", ("format-not-imported", 1), "HTML"),
        (b"<?xml version='1.0'?><rss version='2.0'/>", ("feed-syntax", 1), "no items"),
        (b"<?xml version='1.0'?><doc/>", ("format-not-imported", 1), "XML"),
        (b'{"title": "x"', ("not-json", 1), "JSON"),
        (b'["a"]', ("not-an-article", 1), "object"),
        (b"[" * 200_000, ("not-json", 1), "JSON"),
        (b"---\nid: abcdefgh\n---\n\nText\n", ("format-not-imported", 1), "Markdown"),
        (b"a" * (600 * 1024), ("text-too-large", 1), "characters"),
        (b"a" * (3 * 1024 * 1024), ("input-too-large", 0), "2 MiB"),
    ],
)
def test_refused_inputs(
    page: Page, import_pages: Import, root: Path, *, content: bytes, diagnostic: tuple[str, int], word: str
) -> None:
    (report,) = import_pages(page(content))
    assert report.outcome is Outcome.REFUSED
    errors = [item for item in report.diagnostics if item.severity == "error"]
    assert diagnostic[0] != "input-binary" or "sitegen new" in errors[0].hint
    assert [(item.code, item.location.line) for item in errors] == [diagnostic]
    assert word in f"{errors[0].message} {errors[0].hint}"
    assert snapshot(root) == {}


def test_paths_that_are_not_files(import_pages: Import, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    reports = import_pages(tmp_path / "empty", tmp_path / "missing.txt", tmp_path / "a\0b")
    assert [item.code for report in reports for item in report.diagnostics] == [
        "input-directory",
        "input-missing",
        "input-unreadable",
    ]


def test_huge_file_is_refused_without_reading_it(import_pages: Import, tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as stream:
        stream.truncate(50 * 1024 * 1024)
    start = time.perf_counter()
    (report,) = import_pages(path)
    assert time.perf_counter() - start < 5
    assert codes(report) == [("input-too-large", 0)]


def test_file_name_that_is_not_utf_8(page: Page, import_pages: Import, root: Path) -> None:
    (report,) = import_pages(page(name="page\udcff.txt"))
    assert report.name.endswith("page?.txt")
    assert "imported: {name: 'page?.txt'," in (root / FILE).read_text(encoding="utf-8")
    assert "page?.txt" in render_json([report])


def test_bad_input_does_not_stop_the_others(page: Page, import_pages: Import, tmp_path: Path) -> None:
    reports = import_pages(tmp_path / "missing.txt", page("nothing", name="bad.txt"), page())
    assert [report.outcome for report in reports] == [Outcome.REFUSED, Outcome.REFUSED, Outcome.WRITTEN]
    assert [report.has_errors for report in reports] == [True, True, False]


def test_from_overrides_detection(page: Page, import_pages: Import) -> None:
    path = page("<p>" + PAGE)
    assert import_pages(path)[0].format == "html"
    (report,) = import_pages(path, source_format="text")
    assert (report.outcome, report.format) == (Outcome.WRITTEN, "text")
    with pytest.raises(UsageError, match="docx"):
        import_pages(path, source_format="docx")


def test_import_date_is_in_the_time_zone_of_the_site(page: Page, root: Path, config: Config) -> None:
    evening = NOW.replace(day=3, hour=15)  # midnight in Tokyo
    import_files([page()], root, config, evening)
    assert ", at: 2026-07-04, " in (root / FILE).read_text(encoding="utf-8")


def test_reports_as_text_and_json(page: Page, import_pages: Import, tmp_path: Path) -> None:
    reports = import_pages(page(), tmp_path / "missing\x1b.txt")
    text = render_text(reports, is_verbose=True)
    assert f"page.txt: written → {FILE}" in text
    assert re.search(r"^  date +line 3: 2026年5月4日$", text, re.MULTILINE)
    assert "\x1b" not in text
    data = json.loads(render_json(reports))
    assert (data["written"], data["refused"], data["unchanged"]) == (1, 1, 0)
    assert data["inputs"][0]["file"] == FILE
    assert {"field": "date", "from": "line 3: 2026年5月4日"} in data["inputs"][0]["fields"]
    assert "input-missing" in [item["code"] for item in data["diagnostics"]]


@pytest.mark.parametrize("changed", ["first", "last"])
def test_articles_of_one_file_are_updated_separately(
    page: Page, import_pages: Import, root: Path, changed: str
) -> None:
    articles = {"first": PAGE, "last": PAGE.replace("Ports of the south", "Ports of the north")}
    reports = import_pages(page("\n\n".join(articles.values()), name="x_0123456789abcdef.txt"))
    assert [report.outcome for report in reports] == [Outcome.WRITTEN] * 2
    assert reports[0].id != reports[1].id
    assert [report.line for report in reports] == [1, 22]
    articles[changed] = articles[changed].replace("quickly", "slowly")
    again = import_pages(page("\n\n".join(articles.values()), name="x_0123456789abcdef.txt"))
    expected = {"first": [Outcome.UPDATED, Outcome.UNCHANGED], "last": [Outcome.UNCHANGED, Outcome.UPDATED]}
    assert [report.outcome for report in again] == expected[changed]
    assert [report.file for report in again] == [report.file for report in reports]


def test_the_title_is_not_repeated_by_a_heading_of_the_text(page: Page, import_pages: Import, root: Path) -> None:
    front = "---\ntitle: One form\ndate: 2026-07-03\n---\n"
    same, other = import_pages(
        page(f"{front}# One  form\n\nText.\n", "a.md"), page(f"{front}# Two forms\n\nText.\n", "b.md")
    )
    assert same.body.strip() == "Text."
    assert "Two forms" in other.body


def test_tags_of_two_characters_are_countries_in_japanese_but_not_as_codes(page: Page, import_pages: Import) -> None:
    (report,) = import_pages(
        page("---\ntitle: One form\ndate: 2026-07-03\ntags: [日本, 中国, ai]\n---\nText.\n", "a.md")
    )
    assert report.front is not None
    assert report.front.countries == ("JP", "CN")


def test_draft_is_completed_by_options_of_a_later_run(page: Page, import_pages: Import, root: Path) -> None:
    """The values that an input does not have can be given later, unless the editor has edited the draft."""
    file = page("---\ntitle: A note\ndate: 2026-07-03\ntags: [forms]\n---\nText of the note.\n", "a.md")
    (first,) = import_pages(file)
    assert first.file is not None
    assert "todo: [topics, importance]" in (root / first.file).read_text("utf-8")
    (second,) = import_pages(file, defaults=["importance=4"])
    assert (second.outcome, second.file) == (Outcome.UPDATED, first.file)
    text = (root / first.file).read_text("utf-8")
    assert "importance: 4\n" in text
    assert "todo: [topics]" in text
    assert import_pages(file)[0].outcome is Outcome.UNCHANGED  # an option that is left out takes nothing away
    (root / first.file).write_text(text.replace("Text", "Edited text"), encoding="utf-8")
    assert import_pages(file, defaults=["topics=[trade]"])[0].outcome is Outcome.UNCHANGED


def test_file_with_crlf_line_ends_is_not_edited(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    (root / FILE).write_bytes((root / FILE).read_bytes().replace(b"\n", b"\r\n"))
    (report,) = import_pages(page(PAGE.replace("quickly", "at once")))
    assert (report.outcome, report.file) == (Outcome.UPDATED, FILE)
    assert b"\r" not in (root / FILE).read_bytes()


def test_report_of_several_articles_is_short(page: Page, import_pages: Import) -> None:
    import_pages(page(name="a.txt"))
    reports = import_pages(
        page(name="a.txt"), *(page(PAGE.replace("5月", f"{month}月"), f"{month}.txt") for month in (6, 7))
    )
    lines = render_text(reports).split("\n")
    assert lines[0] == f"{reports[1].name}: written → {reports[1].file}"
    assert reports[0].name not in "".join(lines)
    assert "1 unchanged, 2 written" in lines
    assert "inputs with the same warning: missing-perspectives (2), no-source-url (2)" in lines
    assert "  id" in render_text(reports, is_verbose=True)
    shown = [item.code for item in distinct_diagnostics(reports)]
    assert shown.count("no-source-url") == 1


def test_second_perspective_names_the_line_of_the_first_in_the_input(page: Page, import_pages: Import) -> None:
    text = "---\ntitle: A\ndate: 2026-07-03\n---\n<!--\na\nb\n-->\n\n## Economic impact\n\nA.\n\n## 経済的影響\n\nB.\n"
    (report,) = import_pages(page(text, "a.md"), defaults=["topic=trade", "importance=3", "source={name: A}"])
    (item,) = (item for item in report.diagnostics if item.code == "duplicate-perspective")
    assert (item.location.line, "the first is in line 10;" in item.message) == (14, True)


@pytest.mark.parametrize("name", [".", "..", "content", "output"])
def test_a_folder_with_the_digest_itself_is_refused(import_pages: Import, root: Path, name: str) -> None:
    for folder in ("content", "output"):
        (root / folder).mkdir(exist_ok=True)
    before = snapshot(root)
    with pytest.raises(UsageError, match="the digest itself"):
        import_pages(root / name)
    assert snapshot(root) == before


def test_folders_are_read_in_order_without_hidden_files(page: Page, import_pages: Import, tmp_path: Path) -> None:
    (tmp_path / "inbox/b/.old").mkdir(parents=True)
    (tmp_path / "inbox/empty").mkdir()
    for month, name in enumerate(("b/2.txt", "a.txt", "b/.hidden.txt", "b/.old/1.txt", "b/10.txt"), 1):
        page(PAGE.replace("5月", f"{month}月"), f"inbox/{name}")
    reports = import_pages(tmp_path / "inbox")
    assert [report.name.rpartition("inbox/")[2] for report in reports] == ["a.txt", "b/10.txt", "b/2.txt"]
    (empty,) = import_pages(tmp_path / "inbox/empty")
    assert codes(empty) == [("input-directory", 0)]


def test_deleted_article_comes_back_only_if_asked(page: Page, import_pages: Import, root: Path) -> None:
    (first,) = import_pages(page())
    record = (root / RECORD).read_text("utf-8")
    assert record.split("\t")[::2] == [first.id, f"{FILE}\n"]
    (root / FILE).unlink()
    for text, name in ((PAGE, "page.txt"), (PAGE, "x_0123456789abcdef.txt"), (PAGE + "\nMore.\n", "page.txt")):
        (report,) = import_pages(page(text, name))
        assert (report.outcome, report.file, codes(report)[0][0]) == (Outcome.DELETED, FILE, "deleted-article")
        assert f": not imported again → {FILE}" in render_text([report]), "an import deletes nothing"
    assert list(snapshot(root)) == [RECORD]
    (again,) = import_pages(page(), again=True)
    assert (again.outcome, again.file) == (Outcome.WRITTEN, FILE)
    assert import_pages(page())[0].outcome is Outcome.UNCHANGED
    assert (root / RECORD).read_text("utf-8") == record


def test_record_includes_articles_of_earlier_versions(page: Page, import_pages: Import, root: Path) -> None:
    import_pages(page())
    (root / RECORD).unlink()
    import_pages(page())
    (root / FILE).unlink()
    assert import_pages(page())[0].outcome is Outcome.DELETED


def test_lines_of_the_record_that_cannot_be_read_are_reported_and_kept(
    page: Page, import_pages: Import, root: Path
) -> None:
    import_pages(page())
    readable = (root / RECORD).read_bytes()
    broken = b"<<<<<<< HEAD\n0123456789abcdef\tshort\tcontent/articles/a.md\ncaf\xe9\n"
    (root / RECORD).write_bytes(broken + b"\n" + readable)
    diagnostics = Diagnostics()
    reports = import_pages(page(), page(PAGE.replace("5月", "6月"), "other.txt"), diagnostics=diagnostics)
    assert [report.outcome for report in reports] == [Outcome.UNCHANGED, Outcome.WRITTEN]
    found = [(item.code, item.location.path, item.location.line) for item in diagnostics]
    assert found == [("unreadable-record", RECORD, line) for line in (1, 2, 3)]
    data = (root / RECORD).read_bytes()
    assert data.endswith(broken)
    assert len(data.splitlines()) == 5
    (root / FILE).unlink()
    assert import_pages(page())[0].outcome is Outcome.DELETED
    assert json.loads(render_json(reports, diagnostics))["diagnostics"][0]["code"] == "unreadable-record"


def test_a_record_that_cannot_be_read_is_not_replaced(page: Page, import_pages: Import, root: Path) -> None:
    (root / RECORD).mkdir(parents=True)
    with pytest.raises(ContentError):
        import_pages(page())


def test_links_are_reported_by_their_own_name(import_pages: Import, root: Path) -> None:
    (root / "inbox").mkdir()
    (root / "inbox/link.txt").symlink_to("../elsewhere/missing.txt")
    (report,) = import_pages(root / "inbox")
    assert (report.name, codes(report)) == ("inbox/link.txt", [("input-missing", 0)])
    assert report.diagnostics[0].location.path == "inbox/link.txt"


def test_defaults_fill_in_what_a_page_does_not_have(
    page: Page, import_pages: Import, root: Path, config: Config
) -> None:
    short = PAGE.replace("Trade\n", "", 1).replace("\n4\nHarbour News", "")
    (refused,) = import_pages(page(short))
    assert {"missing-topic", "missing-importance", "missing-source"} <= {code for code, _ in codes(refused)}
    defaults = ["topics=[trade]", "importance=2", "source={name: Port Daily, lang: vi}", "draft=true", "countries=[VN]"]
    (report,) = import_pages(page(short), defaults=defaults)
    assert report.file == FILE
    article = read_document(FILE, (root / FILE).read_bytes(), config.content_schema)[0].article
    assert article is not None
    front = article.front
    assert (front.topics, front.importance, front.draft, front.countries) == (("trade",), 2, True, ("ID",))
    assert (front.source.name, front.source.lang) == ("Port Daily", "vi")
    assert ("topics", "the default") in report.fields


def test_default_topic_replaces_an_unknown_one(page: Page, import_pages: Import, root: Path) -> None:
    (report,) = import_pages(page(PAGE.replace("Trade", "Housing", 1)), defaults=["topics=[trade]"])
    assert ("unknown-topic", 2) in codes(report)
    assert "topics: [trade]\n" in (root / FILE).read_text("utf-8")


def test_one_default_can_have_several_values(page: Page, import_pages: Import, root: Path) -> None:
    copied = page(PAGE.replace("Trade\n", "", 1).replace("\n4\n", "\n"))
    import_pages(copied, defaults=["topic=trade,importance=3, summary=Ports, and more"])
    assert "topics: [trade]\n" in (root / FILE).read_text("utf-8")
    assert "importance: 3\n" in (root / FILE).read_text("utf-8")


def test_default_slug_names_the_file(page: Page, import_pages: Import, root: Path) -> None:
    (report,) = import_pages(page(PAGE.replace("Ports of the south", "南の港")), defaults=["slug=ports"])
    assert report.file == "content/articles/2026/05/ports.md"
    assert "slug" not in (root / report.file).read_text("utf-8")


@pytest.mark.parametrize(
    ("default", "message"),
    [
        ("topic=trad", "--default 'topics=[trad]': 'trad' is not a topic"),
        ("topic=trade,importance=6", "--default 'importance=6': "),
        ("topics=[trad]", "'trad' is not a topic"),
        ("importance=6", "expected a whole number from 1 to 5"),
        ("title=A", "each article has its own"),
        ("topics", "--default 'topics': expected KEY=VALUE in one line, such as draft=true"),
        ("draft=true\npublish: 2026-07-01", "expected KEY=VALUE"),
        ("=x", "--default '=x': expected KEY=VALUE"),
        ("draft=", "--default 'draft=': the value is empty; expected draft=VALUE, or leave the option out"),
        ("draft=null", "--default 'draft=null': the value is empty"),
        ("draft=maybe", "--default 'draft=maybe': 'draft' is 'maybe'; expected true or false"),
        ("countries=[UK]", "--default 'countries=[UK]': 'UK' is not an ISO 3166-1 code or one of site.yaml; did you"),
        ("tags=a", "--default 'tags=a': the key 'tags' is not known; put keys of your own below extra"),
        ("topics=[nope]", "--default 'topics=[nope]': 'nope' is not a topic of site.yaml; allowed: trade"),
        ("source={name", "--default 'source={name': invalid YAML"),
    ],
)
def test_defaults_are_checked(import_pages: Import, default: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        import_pages(defaults=[default])


def test_command_reads_standard_input_and_defaults(root: Path) -> None:
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    text = PAGE.replace("Trade\n", "", 1).replace("\n4\n", "\n")
    command = [sys.executable, "-m", "sitegen", "-C", str(root), "import", "-", "--topic", "trade", "--importance", "3"]
    done = subprocess.run(
        [*command, "--default", "lang=ja", "--slug", "ports"], input=text.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().startswith("stdin: written → content/articles/2026/05/ports.md\n")
    written = (root / "content/articles/2026/05/ports.md").read_text("utf-8")
    assert "lang: ja\ntopics: [trade]\n" in written
    assert "importance: 3\n" in written
    assert "imported: {name: stdin, " in written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--topic", "nope"), "--topic 'nope' is not known; expected one of trade"),
        (("--topic", ""), "--topic '' is not known; expected one of trade"),
        (("--topic", "trad"), "--topic 'trad' is not known; did you mean 'trade'?"),
        (("--slug", "a b"), "--slug 'a b' contains ' '; expected letters, digits and hyphens; did you mean 'a-b'?"),
        (("--slug", ""), "--slug '' is empty"),
        (("--slug", "con"), "--slug 'con' is a name that Windows reserves"),
        (("--importance", "0"), "invalid value for '--importance': '0' is not a whole number from 1 to 5"),
        (("--default", "lang="), "--default 'lang=': the value is empty"),
        (("-a file.txt",), "'-a file.txt' is not an option; write -- before a text that starts with a hyphen"),
    ],
)
def test_messages_name_the_option(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    assert main(["-C", str(root), "import", "page.txt", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_plugin_adds_a_format(page: Page, import_pages: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(file: Input, config: Config) -> list[ParseResult]:
        log = ImportLog(file, config)
        log.missing("title", 1, "the file has no title", required=True)
        return [log.result(None)]

    registry = Registry[Importer]("sitegen.importers.formats")
    monkeypatch.setattr("sitegen.importers.registry.IMPORTERS", registry)
    registry.add("html", Importer("html", "HTML", lambda file: float(file.name.endswith(".html")), parse))
    assert "html" in IMPORTERS
    (report,) = import_pages(page("<p>", name="page.html"))
    assert (report.format, report.outcome, codes(report)) == ("html", Outcome.REFUSED, [("missing-title", 1)])


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Đại hội Đảng và Ái", "dai-hoi-dang-va-ai"), ("Łódź: Straße, Søren", "lodz-strasse-soren"), ("Æon™", "aeontm")],
)
def test_slug_of_latin_letters_with_strokes(page: Page, import_pages: Import, title: str, slug: str) -> None:
    (report,) = import_pages(page(PAGE.replace("Ports of the south", title)))
    assert report.file == f"content/articles/2026/05/{slug}.md"


@pytest.mark.parametrize(
    ("codec", "name", "declaration"),
    [
        ("cp932", "Shift_JIS", ""),
        ("euc_jp", "EUC-JP", ""),
        ("cp932", "shift_jis", '<meta charset="shift_jis">'),
        ("cp1252", "iso-8859-1", '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">'),
    ],
)
def test_other_encodings_are_read_and_reported(
    codec: str, name: str, declaration: str, *, import_pages: Import, page: Callable[..., Path], root: Path
) -> None:
    text = "caf\xe9 of the port" if codec == "cp1252" else "港のクレーンの話である"
    head = f"<!DOCTYPE html><head>{declaration}<title>{text}</title><meta name=date content=2026-07-03>"
    content = f"{head}<body><p>{text}</p>" if declaration else PAGE.replace("Ports grow.", text).replace("🇮🇩", "")
    file = page(content.encode(codec), "page.html" if declaration else "page.txt")
    (report,) = import_pages(file)
    (item,) = [item for item in report.diagnostics if item.code == "other-encoding"]
    assert name in item.message
    assert report.file is not None
    assert text in (root / report.file).read_text("utf-8")


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Ministry | Ports agree on one form", "Ports agree on one form for all ships"),
        ("Ministry | Ports agree on one form", "Ports agree on one form"),
        ("Ports agree on one form - Ministry", "Ports agree on one form"),
        ("Ports agree on one form | Ministry", "Ministry"),
    ],
)
def test_the_name_of_a_site_before_or_after_the_headline(
    title: str, heading: str, *, import_pages: Import, page: Callable[..., Path]
) -> None:
    head = f"<!DOCTYPE html><html lang=en><title>{title}</title><meta name=date content=2026-07-03>"
    (report,) = import_pages(
        page(f"{head}<h1>{heading}</h1><p>Two ports will accept the same form.".encode(), "a.html")
    )
    assert report.front is not None
    assert report.front.title == (heading if heading != "Ministry" else "Ports agree on one form")
    assert report.front.source.name == "Ministry"


def test_a_month_in_an_address_is_not_a_date(import_pages: Import, page: Callable[..., Path]) -> None:
    head = "<!DOCTYPE html><html lang=ja><link rel=canonical href=https://a.example/press/2026/07/20260703004/3.html>"
    body = "<title>港の様式を統一</title><h1>港の様式を統一</h1><p>2026年7月3日</p><p>二つの港は様式を統一する。</p>"
    (report,) = import_pages(page(f"{head}{body}".encode(), "a.html"))
    assert str(report.front and report.front.date) == "2026-07-03"


def test_workers_give_the_same_files_and_reports(tmp_path: Path, config: Config) -> None:
    """Many files are parsed in other processes; what is written and reported is the same."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(110):
        date = f"2026年5月{number % 28 + 1}日"
        text = PAGE.replace("Ports of the south", f"Port number {number}").replace("2026年5月4日", date)
        (folder / f"{number:03}.txt").write_text(text if number % 50 else "no page", encoding="utf-8")
    results = []
    for name, start in (("alone", None), ("workers", partial(process_executor, 2))):
        (tmp_path / name).mkdir()
        reports = import_files([folder], tmp_path / name, config, NOW, start_workers=start)
        assert sum(report.outcome is Outcome.WRITTEN for report in reports) == 107
        results.append((reports, {path: data for path, (data, _) in snapshot(tmp_path / name).items()}))
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", ["jis", "euc"])
def test_characters_that_windows_added_are_read(import_pages: Import, page: Page, root: Path, kind: str) -> None:
    """Browsers read them in ISO-2022-JP and EUC-JP; Python does not. Bytes that are not valid are reported."""
    text = PAGE.strip().replace("They grow quickly.", "港は第@期の工事で大きくなり、荷物も増える。").replace("🇮🇩", "")
    text = text.replace("More trade.", "港の荷")
    if kind == "jis":
        data = text.encode("iso2022_jp").replace(b"@", b"\x1b$B\x2d\x21\x2d\x37\x2d\x6a\x1b(B")
        data = data.removesuffix(b"\x1b(B")[:-1]
    else:
        data = text.encode("euc_jp").replace(b"@", b"\xad\xa1\xad\xb7\xad\xea")
    (report,) = import_pages(page(data))
    assert "第①Ⅲ㈱期" in (root / str(report.file)).read_text("utf-8")
    lines = [("undecodable-text", 19)] if kind == "jis" else []
    assert [item for item in codes(report) if item[0] == "undecodable-text"] == lines
