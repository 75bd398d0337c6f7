"""`sitegen review`: who reviewed what, and that a later change ends it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.builder import BuildResult
from sitegen.cli import main
from sitegen.content.frontmatter import review_hash
from tests.project import EVERY_PAGE, NOW, SITE, Project

ARTICLE = "content/articles/2026/07/one.md"
AI = "{summary: ai, text: ai, analysis: ai}"
BODY = "The text.\n\n## Economic impact\n\nPrices.\n"
LINE = re.compile(r"^reviewed: \{by: Ann Lee, at: 2026-\d\d-\d\d, of: '?[0-9a-f]{16}'?\}$", re.MULTILINE)


def review(project: Project, *files: str, by: str = "Ann Lee") -> int:
    names = [str(project.root / file) for file in files]
    return main(["-C", str(project.root), "review", *names, "--by", by, "--now", NOW.isoformat()])


def codes(result: BuildResult) -> list[str]:
    return [item.code for item in result.diagnostics if item.code == "review-outdated"]


def read(project: Project, file: str = ARTICLE) -> str:
    return (project.root / file).read_text("utf-8")


@pytest.fixture
def digest(project: Project) -> Project:
    """Make a digest of the default theme with an article of a machine."""
    project.write(SITE.replace("[en]", "[en, ja]").replace("theme: bare", "theme: default") + EVERY_PAGE)
    project.article("one", generated=AI, body=BODY)
    return project


def test_a_review_ends_the_marks_until_the_text_changes(digest: Project) -> None:
    page, feed = "articles/one/index.html", "feed.json"
    digest.built()
    assert "not reviewed by a person" in digest.page(page)
    before = read(digest)
    assert review(digest, ARTICLE) == 0
    assert [line for line in read(digest).splitlines() if not LINE.match(line)] == before.splitlines()
    assert codes(digest.built()) == []
    assert "reviewed by Ann Lee" in digest.page(page)
    assert '"Ann Lee"' in digest.page(feed)

    text = read(digest)
    digest.file(ARTICLE, text.replace("Prices.", "Prices rise."))
    assert codes(digest.built()) == ["review-outdated"]
    assert "not reviewed since the change" in digest.page(page)
    assert "Ann Lee" not in digest.page(page)
    assert "Ann Lee" not in digest.page(feed)
    assert "Ann Lee" not in digest.page("data/articles.json")

    assert review(digest, ARTICLE) == 0
    assert codes(digest.built()) == []
    assert "reviewed by Ann Lee" in digest.page(page)
    assert len(re.findall("^reviewed:", read(digest), re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("old", "new"), [("title: A title", "title: B"), ("What happened.", "More happened."), ("The text.", "A text.")]
)
def test_what_was_reviewed(digest: Project, old: str, new: str) -> None:
    assert review(digest, ARTICLE) == 0
    digest.file(ARTICLE, read(digest).replace(old, new))
    (found,) = (item for item in digest.build().diagnostics if item.code == "review-outdated")
    assert found.location.line == read(digest).splitlines().index(LINE.findall(read(digest))[0]) + 1


def test_other_keys_may_change(digest: Project) -> None:
    assert review(digest, ARTICLE) == 0
    digest.file(ARTICLE, read(digest).replace("importance: 3", "importance: 5"))
    assert codes(digest.built()) == []


def test_a_translation_and_a_page(digest: Project) -> None:
    other, page = ARTICLE.replace(".md", ".ja.md"), "content/pages/about.md"
    front = "id: one00000\ntitle: 題\nsummary: 要約。\ngenerated: {translation: ai}\n"
    digest.file(other, f"---\n{front}---\n\n本文。\n")
    digest.file(page, "---\ntitle: About\nlang: en\n---\n\nText.\n")
    assert review(digest, other, page) == 0
    assert codes(digest.built()) == []
    digest.file(other, read(digest, other).replace("本文。", "別の本文。"))
    digest.file(page, read(digest, page).replace("Text.", "Other."))
    assert codes(digest.built()) == ["review-outdated"] * 2


def test_line_ends_comments_and_a_byte_order_mark_stay(digest: Project) -> None:
    text = read(digest).replace("---\n", "---\n# A comment\n", 1).replace("summary:", "# Another\nsummary:")
    digest.file(ARTICLE, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert review(digest, ARTICLE) == 0
    data = (digest.root / ARTICLE).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf---\r\n# A comment\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert LINE.search(data.decode("utf-8-sig").replace("\r\n", "\n"))
    assert codes(digest.built()) == []


def test_mixed_line_ends_and_permissions_stay(digest: Project) -> None:
    file = digest.root / ARTICLE
    file.write_bytes(file.read_bytes().replace(b"The text.\n", b"The text.\r\nMore.\r"))
    file.chmod(0o600)
    before = file.read_bytes()
    assert review(digest, ARTICLE, ARTICLE.replace("/07/", "/07/../07/")) == 0
    assert re.sub(rb"reviewed: .*\n", b"", file.read_bytes()) == before
    assert file.stat().st_mode & 0o777 == 0o600
    assert codes(digest.built()) == []


def test_a_loop_of_links(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    loop = digest.root / "content/articles/loop.md"
    loop.symlink_to("loop.md")
    assert review(digest, "content/articles/loop.md") == 2
    assert "is not a Markdown file" in capsys.readouterr().err


def test_a_block_is_replaced(digest: Project) -> None:
    block = "reviewed:\n  by: Bo\n  at: 2026-07-01\n\n# What follows\nslug: one\n"
    digest.file(ARTICLE, read(digest).replace("---\n\n", f"{block}---\n\n"))
    assert review(digest, ARTICLE) == 0
    assert "Bo" not in read(digest)
    assert "}\n\n# What follows\nslug: one\n---\n" in read(digest)


def test_errors_change_no_file(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    digest.article("two", topics="[nonsense]")
    before = read(digest)
    assert review(digest, ARTICLE, ARTICLE.replace("one", "two")) == 1
    assert "unknown-topic" in capsys.readouterr().err
    assert read(digest) == before


@pytest.mark.parametrize("form", ["---\n{{{}}}\n---\n", "---\n{{\n{}\n}}\n---\n", "---\n{}\n...\n---\n"])
def test_front_matter_that_cannot_be_edited(digest: Project, capsys: pytest.CaptureFixture[str], form: str) -> None:
    keys = ["id: aaaaaaaaaaaa0009", "title: A title", "date: 2026-07-03", "lang: en", "topics: [trade]"]
    keys += ["importance: 3", "source: {name: P}", "summary: S"]
    digest.file(ARTICLE, form.format((",\n" if "{{" in form else "\n").join(keys)) + "\nText.\n")
    before = read(digest)
    assert review(digest, ARTICLE) == 1
    assert "cannot-edit" in capsys.readouterr().err
    assert read(digest) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["missing.md", "--by", "A"], "missing.md does not exist"),
        (["site.yaml", "--by", "A"], "site.yaml is not a Markdown file of an article or a page in "),
        ([ARTICLE, "--by", "a\x07b"], "--by is not a name of at most 300 printable characters"),
        ([ARTICLE, "--by", "x" * 301], "--by is not a name of at most 300 printable characters"),
        ([ARTICLE, "--by", " "], "--by is empty; expected the name of a person"),
        ([ARTICLE], "missing option '--by'"),
    ],
)
def test_wrong_use(digest: Project, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str) -> None:
    assert main(["-C", str(digest.root), "review", *arguments]) == 2
    assert expected in capsys.readouterr().err


def test_a_path_in_the_project_and_a_name_with_colons(digest: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(digest.root / "content")
    words = ["-C", str(digest.root), "review", ARTICLE, "--by", "Lee: Ann, #1 {x}", "--now", NOW.isoformat()]
    assert main(words) == 0
    digest.built()
    assert "reviewed by Lee: Ann, #1 {x}" in digest.page("articles/one/index.html")


@given(st.text(), st.text(), st.text())
def test_the_hash_is_of_all_three(title: str, summary: str, text: str) -> None:
    first = review_hash(title, summary, text)
    assert re.fullmatch(r"[0-9a-f]{16}", first)
    assert review_hash(title + "x", summary, text) != first
    assert review_hash(title, summary + "x", text) != first
    assert review_hash(title, summary, text + "x") != first
