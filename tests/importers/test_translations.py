"""Files of old sites that are versions of one article become an article with translations."""

from pathlib import Path

import pytest

from sitegen.importers.report import Outcome
from tests.importers.conftest import Import

TEXT = "title: {}\ndate: 2024-05-06\n{}"
EN = ("One form", "The ports accept the same form.")
JA = ("一つの様式", "二つの港が同じ様式を使うことに合意した。")


def yaml(text: tuple[str, str], lines: str = "") -> str:
    return f"---\n{TEXT.format(text[0], lines)}---\n{text[1]}\n"


def pelican(text: tuple[str, str], lines: str = "") -> str:
    return f"{TEXT.format(text[0], lines)}\n{text[1]}\n"


def nikola(text: tuple[str, str]) -> str:
    return f"<!--\n.. title: {text[0]}\n.. slug: one\n.. date: 2024-05-06\n-->\n{text[1]}\n"


ZOLA = "+++\ntitle = '{}'\ndate = 2024-05-06\n+++\n{}\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("files", "name", "aliases"),
    [
        (
            {
                "hugo.yaml": "baseURL: /\nlanguages: {en: {contentDir: content/en}, ja: {contentDir: content/ja}}",
                "content/en/posts/one.md": yaml(EN),
                "content/ja/posts/one.md": yaml(JA),
            },
            "one",
            ["/posts/one/", "/ja/posts/one/"],
        ),
        (
            {
                "hugo.toml": "baseURL = '/'\ndefaultContentLanguage = 'en'\ndefaultContentLanguageInSubdir = true",
                "config/_default/languages.toml": "[ja]\n",
                "content/one.ja.md": yaml(JA),
                "content/one.md": yaml(EN),
            },
            "one",
            ["/en/one/", "/ja/one/"],
        ),
        ({"config.yaml": "baseURL: /", "content/one.md": yaml(EN), "content/one.ja.md": yaml(JA)}, "one", ["/one/"]),
        (
            {
                "config.toml": "base_url = '/'\ndefault_language = 'en'\n[languages.ja]\n",
                "content/blog/one/index.md": ZOLA.format(*EN),
                "content/blog/one/index.ja.md": ZOLA.format(*JA),
            },
            "one",
            ["/blog/one/", "/ja/blog/one/"],
        ),
        (
            {
                "conf.py": "BLOG_TITLE = ''\nDEFAULT_LANG = 'en'\nTRANSLATIONS = {DEFAULT_LANG: '', 'ja': './n'}",
                "posts/one.ja.md": nikola(JA),
                "posts/one.md": nikola(EN),
            },
            "one",
            ["/posts/one/", "/n/posts/one/"],
        ),
        (
            {
                "pelicanconf.py": "DEFAULT_LANG = 'en'",
                "content/ichi.md": pelican(JA, "slug: one\nlang: ja\ntranslation: true\n"),
                "content/one.md": pelican(EN, "slug: one\n"),
            },
            "one",
            ["/one.html", "/one-ja.html"],
        ),
        (
            {
                "_config.yml": "languages: [en, ja]\ndefault_lang: en\n",
                "_posts/2024-05-06-one.md": yaml(EN),
                "_posts/ja/2024-05-06-one.md": yaml(JA, "lang: ja\n"),
            },
            "one",
            ["/2024/05/06/one.html", "/ja/2024/05/06/one.html"],
        ),
        (
            {
                "_config.yml": "languages: [en, ja]\ndefault_lang: en\n",
                "_posts/2024-05-06-one.md": yaml(EN, "page_id: one\n"),
                "_posts/2024-05-06-ichi.md": yaml(JA, "lang: ja\npage_id: one\n"),
            },
            "one",
            ["/2024/05/06/one.html", "/ja/2024/05/06/ichi.html"],
        ),
        ({"one.ja.md": yaml(JA), "one.md": yaml(EN)}, "one", []),
    ],
)
def test_versions_become_one_article(
    import_pages: Import, root: Path, tmp_path: Path, *, files: dict[str, str], name: str, aliases: list[str]
) -> None:
    folder = write(tmp_path / "in", files)
    reports = import_pages(folder)
    original = next(report for report in reports if report.outcome is Outcome.WRITTEN)
    assert original.front is not None
    assert (original.front.title, [*original.front.aliases]) == (EN[0], aliases)
    written = {path.name: path.read_text("utf-8") for path in (root / "content").rglob("*.md")}
    assert written.keys() == {f"{name}.md", f"{name}.ja.md"}
    assert (JA[0] in written[f"{name}.ja.md"], JA[1] in written[f"{name}.ja.md"]) == (True, True)
    assert {report.outcome for report in import_pages(folder)} <= {Outcome.UNCHANGED, Outcome.SKIPPED}


@pytest.mark.parametrize(
    "lines", ["draft: true\n", "publishDate: 2099-01-01\n", "expiryDate: 2025-01-01\n", "private: true\n"]
)
def test_a_version_that_readers_could_not_see_stays_hidden(
    import_pages: Import, root: Path, tmp_path: Path, lines: str
) -> None:
    folder = write(
        tmp_path / "in",
        {"hugo.toml": "baseURL = '/'", "content/one.md": yaml(EN), "content/one.ja.md": yaml(JA, lines)},
    )
    import_pages(folder, defaults=["topics=[trade]", "importance=3"])
    written = sorted(path.name for path in (root / "content").rglob("*.md"))
    assert written == ["one-2.md", "one.md"]
    hidden = next((root / "content").rglob("one-2.md")).read_text("utf-8")
    assert any(line in hidden for line in ("draft: true", "publish: 2099-01-01", "expire: 2025-01-01"))


@pytest.mark.parametrize("line", ["draft: true", "private: true", "publishDate: 2099-01-01", "expiryDate: 2025-01-01"])
def test_a_public_translation_of_a_hidden_text_stays_public(
    import_pages: Import, root: Path, tmp_path: Path, line: str
) -> None:
    settings = "baseURL = '/'\ndefaultContentLanguage = 'en'\n[languages.en]\n[languages.ja]"
    files = {"hugo.toml": settings, "content/one.md": yaml(EN, f"{line}\n"), "content/one.ja.md": yaml(JA)}
    reports = import_pages(write(tmp_path / "in", files), defaults=["topics=[trade]", "importance=3"])
    written = {item.front.lang: item.front for item in reports if item.front is not None}
    assert written.keys() == {"en", "ja"}
    assert (written["ja"].draft, written["ja"].publish, written["ja"].expire) == (False, None, None)
    if written["en"].draft:
        assert written["ja"].aliases == ("/ja/one/",)


def test_hidden_versions_become_one_draft(import_pages: Import, root: Path, tmp_path: Path) -> None:
    files = {"one.md": yaml(EN, "draft: true\n"), "one.ja.md": yaml(JA, "draft: true\n")}
    import_pages(write(tmp_path / "in", files), defaults=["topics=[trade]", "importance=3"])
    assert sorted(path.name for path in (root / "content").rglob("*.md")) == ["one.ja.md", "one.md"]


def test_a_translation_without_a_date_has_that_of_the_original(
    import_pages: Import, root: Path, tmp_path: Path
) -> None:
    undated = f"---\ntitle: {JA[0]}\n---\n{JA[1]}\n"
    folder = write(tmp_path / "in", {"one.md": yaml(EN), "one.ja.md": undated})
    reports = import_pages(folder)
    assert sorted(report.outcome for report in reports) == [Outcome.SKIPPED, Outcome.WRITTEN]
    assert JA[1] in next(root.rglob("one.ja.md")).read_text("utf-8")
    write(folder, {"two.ja.md": undated, "two.md": f"---\ntitle: {EN[0]}\n---\n{EN[1]}\n"})
    reports = import_pages(folder)
    refused = [report for report in reports if report.outcome is Outcome.REFUSED]
    assert [[item.code for item in report.diagnostics] for report in refused] == [["missing-date"]] * 2


def test_values_of_a_translation_that_differ_are_kept(import_pages: Import, tmp_path: Path) -> None:
    lines = "lastmod: 2024-05-09\ntags: [trade, Vietnam, 港]\nimportance: 4\nsource: https://quay.example/ja\n"
    other = yaml(JA, lines).replace("2024-05-06", "2024-05-08")
    files = {"one.md": yaml(EN, "tags: [trade]\nimportance: 3\n"), "one.ja.md": other}
    reports = import_pages(write(tmp_path / "in", files))
    front = next(report.front for report in reports if report.front is not None)
    assert front.extra == {
        "ja": {
            "tags": ["港"],
            "date": "2024-05-08",
            "updated": "2024-05-09",
            "countries": ["VN"],
            "importance": 4,
            "source": "https://quay.example/ja",
        }
    }


def test_a_changed_translation(import_pages: Import, root: Path, tmp_path: Path) -> None:
    """The new version of a translation is next to the file, which may have been edited."""
    folder = write(tmp_path / "in", {"one.md": yaml(EN), "one.ja.md": yaml(JA)})
    import_pages(folder)
    write(folder, {"one.ja.md": yaml(("別の題名", JA[1]))})
    reports = import_pages(folder)
    assert sorted(report.outcome for report in reports) == [Outcome.SKIPPED, Outcome.UPDATED]
    assert "別の題名" in next(root.rglob("one.ja.md.new")).read_text("utf-8")


def test_a_changed_translation_keeps_the_review(import_pages: Import, root: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"one.md": yaml(EN), "one.ja.md": yaml(JA)})
    import_pages(folder)
    file = next(root.rglob("one.ja.md"))
    review = "generated: {translation: ai}\nreviewed: {by: A. Editor, of: 0123456789abcdef}\n---\n\n"
    file.write_text(file.read_text("utf-8").replace("---\n\n", review), "utf-8")
    write(folder, {"one.md": yaml((EN[0], "The ports accept another form."))})
    import_pages(folder)
    assert not [*root.rglob("one.ja.md.new")]  # the translation has not changed
    write(folder, {"one.ja.md": yaml(("別の題名", JA[1]))})
    import_pages(folder)
    assert review in next(root.rglob("one.ja.md.new")).read_text("utf-8")


def test_a_version_that_cannot_be_read_is_reported(import_pages: Import, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"one.md": yaml(EN), "one.ja.md": "---\ntitle: [\n---\n"})
    reports = {report.input_name or report.name: report for report in import_pages(folder)}
    assert sorted(report.outcome for report in reports.values()) == [Outcome.REFUSED, Outcome.WRITTEN]
