"""A site's own theme: the one that themes/README.md teaches, and a language that is a file of words."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from sitegen.cli import main
from sitegen.theme.files import theme_files
from tests.example import THEMES
from tests.project import Project, codes, only
from tests.tools import REPOSITORY, html_checker

GUIDE: Final = (REPOSITORY / "themes" / "README.md").read_text("utf-8")
FILES: Final = dict(re.findall(r"^```\w+ (themes/\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
ENGLISH: Final = yaml.safe_load((REPOSITORY / "themes" / "default" / "locale" / "en.yaml").read_text("utf-8"))


def uses(project: Project, theme: str, locales: str = "[en]") -> None:
    """Choose a theme and the languages of the site."""
    text = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", text.replace("theme: bare", f"theme: {theme}").replace("[en]", locales))


def own(project: Project, parent: str, **files: str) -> None:
    """Write a theme `own`; the underscores of a keyword stand for slashes, the last for a dot."""
    project.file("themes/own/theme.yaml", f"name: own\ncontract: 2\nparent: {parent}\n")
    for name, text in files.items():
        folder, file, kind = name.split("_")
        project.file(f"themes/own/{folder}/{file}.{kind}", text)


def test_the_theme_of_the_guide_works_word_for_word(project: Project) -> None:
    assert len(FILES) == 6
    uses(project, "evening", "[en, ja]")
    for path, text in FILES.items():
        project.file(path, text)
    project.article("one", date="2026-07-03")
    result = project.built()
    assert codes(result) == []
    english, japanese = project.page("topics/index.html"), project.page("ja/topics/index.html")
    assert "<p>One subject</p>" in english
    assert "the newest of Jul 3, 2026</li>" in english
    assert "<p>1の分野</p>" in japanese
    assert "<h1>Errata</h1>" in project.page("corrections/index.html")
    assert "<h1>訂正" in project.page("ja/corrections/index.html")
    sheet = next(path for path in project.tree() if re.fullmatch(r"assets/evening\.[0-9a-f]{10}\.css", path))
    article = project.page("articles/one/index.html")
    assert f'<link rel="stylesheet" href="/{sheet}">' in article
    assert article.index("/assets/site.") < article.index(sheet), "the later of two stylesheets wins"
    assert 'aria-labelledby="s-provenance"' in article


@pytest.mark.parametrize("parent", THEMES)
def test_a_theme_may_be_a_single_template_stylesheet_or_word(project: Project, parent: str) -> None:
    uses(project, "own")
    project.article("one")
    own(project, parent, locale_en_yaml="topics: Subjects\n")
    project.built()
    before = project.tree()
    assert "<h1>Subjects</h1>" in project.page("topics/index.html")
    own(project, parent, static_site_css="body { margin: 0 }\n")
    project.built()
    (sheet,) = (path for path in project.tree() if path.startswith("assets/site."))
    assert project.tree()[sheet] == b"body { margin: 0 }\n"
    own(project, parent, templates_topics_html='{% extends "base.html" %}{% block main %}<p>Own</p>{% endblock %}')
    project.built()
    assert "<p>Own</p>" in project.page("topics/index.html")
    assert before.keys() - project.tree().keys() == {path for path in before if path.startswith("assets/site.")}


def test_a_theme_shows_extra_keys_of_an_article(project: Project) -> None:
    text = (
        '{% extends "default/article.html" %}{% block article_header %}'
        '<b>{{ page.extra.level if "level" in page.extra }}</b>{% endblock %}'
    )
    uses(project, "own")
    own(project, "default", templates_article_html=text)
    project.article("one", extra="{level: hard, tags: [a, b]}")
    project.article("two")
    project.built()
    assert "<b>hard</b>" in project.page("articles/one/index.html")
    assert "<b></b>" in project.page("articles/two/index.html")
    project.article("one", extra="{level: easy}")
    project.built()
    assert "<b>easy</b>" in project.page("articles/one/index.html")
    own(project, "default", templates_article_html=text.replace("extra.level if", "extra.levle if"))
    project.article("two", extra="{level: easy}")
    report = only(project.build(), "unknown-name")
    assert report.suggestion == "level"
    expected = "there is no 'levle' in these values (while rendering articles/one/index.html and 1 more file)"
    assert report.message == expected, "one error for both pages"


# --- the page for addresses that do not exist -------------------------------------------------------------------------


@pytest.mark.parametrize("parent", THEMES)
def test_the_404_page_is_in_every_locale(project: Project, parent: str) -> None:
    uses(project, "own", "[en, ja, ar]")
    own(project, parent, locale_ar_yaml="missing_title: غير موجودة\nmissing: لا توجد\nhome: الرئيسية\n")
    text = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", f"{text}gone: [/articles/lost/]\n")
    project.article("one")
    result = project.built()
    page, removed = project.page("404.html"), project.page("ja/articles/lost/index.html")
    assert _blocks(page) == [
        ("h1", "Page not found", "/", "Front page"),
        ("h2", "ページが見つかりません", "/ja/", "一面"),
        ("h2", "غير موجودة", "/ar/", "الرئيسية"),
    ]
    assert [heading for heading, *_ in _blocks(removed)] == ["h1", "h2", "h2"]
    assert [href for _, _, href, _ in _blocks(removed)] == ["/ja/", "/", "/ar/"]
    assert re.findall(r'<section.* (lang="ar" dir="rtl")>', page)
    assert [href for _, _, href, _ in _blocks(project.page("ja/404.html"))] == ["/ja/", "/", "/ar/"]
    checked = subprocess.run(
        [
            *html_checker(),
            "--format",
            "gnu",
            *(str(result.site / path) for path in ("404.html", "ja/articles/lost/index.html")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def _blocks(page: str) -> list[tuple[str, str, str, str]]:
    """Return heading and home link of each language on a 404 page: element, text, address, text."""
    main_part = page.partition("<main")[2].partition("</main>")[0]
    return re.findall(r'<(h\d)>(.*?)</h\d>.*?<a href="(.*?)">(.*?)</a>', main_part, re.DOTALL)


def test_a_label_of_another_locale_updates_the_404_page(project: Project) -> None:
    uses(project, "own", "[en, ja]")
    own(project, "plain")
    project.article("one")
    project.built()
    before = project.tree()
    own(project, "plain", locale_ja_yaml="missing_title: ありません\n")
    project.built()
    assert "<h2>ありません</h2>" in project.page("404.html")
    assert {path for path, data in project.tree().items() if before[path] != data} == {"404.html", "ja/404.html"}


# --- another language -------------------------------------------------------------------------------------------------

VIETNAMESE: Final = {
    "topics": "Chủ đề",
    "countries": "Quốc gia",
    "articles": {"other": "{count} bài viết"},
    "pair_title": "{first} và {second}",
}


def vietnamese(*, without: str = "") -> str:
    """Return the words of a locale: some in Vietnamese, the others as the English ones with a mark."""
    words = {
        key: VIETNAMESE.get(key, {"other": f"‹{value['other']}›"} if isinstance(value, dict) else f"‹{value}›")
        for key, value in ENGLISH.items()
        if key != without
    }
    return yaml.safe_dump(words, allow_unicode=True, sort_keys=False)


@pytest.mark.parametrize("parent", THEMES)
def test_a_language_is_a_file_of_words(project: Project, parent: str) -> None:
    uses(project, "own", "[en, vi]")
    own(project, parent, locale_vi_yaml=vietnamese())
    project.article("one", countries="[VN, JP]", date="2026-07-03")
    project.article("two", countries="[VN, JP]", date="2026-07-04")
    result = project.built()
    assert codes(result) == []
    topics, pair = project.page("vi/topics/index.html"), project.page("vi/countries/jp/vn/index.html")
    assert '<html lang="vi">' in topics
    assert "<h1>Chủ đề</h1>" in topics
    assert "<h1>Nhật Bản và Việt Nam</h1>" in pair, "names of countries are CLDR's"
    month = project.page("vi/archive/2026-07/index.html")
    assert "2 bài viết" in month, "Vietnamese has one plural form"
    assert "tháng 7 năm 2026" in month
    article = project.page("vi/articles/one/index.html")
    assert "3 tháng 7, 2026" in article
    assert '<h1 lang="en">A title</h1>' in article
    assert "Tiếng Anh" in article, "the language that is shown is named"
    assert 'hreflang="vi"' in project.page("articles/one/index.html")
    assert "Tiếng Việt</a>" in project.page("index.html")


@pytest.mark.parametrize("theme", THEMES)
def test_a_locale_without_labels_shows_those_of_the_first(project: Project, theme: str) -> None:
    uses(project, theme, "[en, ja, vi]")
    project.article("one", countries="[VN, JP]", date="2026-07-03")
    result = project.built()
    found = only(result, "untranslated-labels")
    assert found.location.path == f"themes/{theme}/locale/vi.yaml"
    assert f"{len(ENGLISH)}; pages show them in 'en'" in found.message
    month = project.page("vi/archive/2026-07/index.html")
    assert '<html lang="vi">' in month
    assert "1 article<" in month, "an English label has an English plural form"
    assert "tháng 7 năm 2026" in month
    assert "Nhật Bản and Việt Nam" in project.page("vi/countries/jp/vn/index.html")
    assert "<language>vi</language>" in project.page("vi/feed.xml")


def test_the_labels_to_translate_are_written_and_kept(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uses(project, "default", "[en, vi]")
    project.article("one")
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "vi"]) == 0
    printed = capsys.readouterr().out
    assert f"{len(ENGLISH)} labels to translate" in printed
    assert "set `theme: my-default` in site.yaml" in printed
    project.file(
        "site.yaml", (project.root / "site.yaml").read_text("utf-8").replace("theme: default", "theme: my-default")
    )
    file = project.root / "themes/my-default/locale/vi.yaml"
    text = file.read_text("utf-8")
    assert "\n# Topics\ntopics:\n" in text, "a translation does not have to remove a comment"
    kept = text.replace("\ntopics:\n", "\ntopics: Chủ đề\n").replace("\n# Archive\narchive:\n", "\n")
    file.write_text(kept, "utf-8")
    assert main(["theme", "messages", "vi"]) == 0
    assert file.read_text("utf-8") == kept + "# Archive\narchive:\n"
    assert f"{len(ENGLISH) - 1} labels to translate\n\nNext:  translate" in capsys.readouterr().out
    assert f": {len(ENGLISH) - 1};" in only(project.built(), "untranslated-labels").message
    assert "<h1>Chủ đề</h1>" in project.page("vi/topics/index.html")


def test_labels_of_feeds_are_offered_to_a_theme_without_a_parent(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project.file("themes/bare/locale/en.yaml", 'count: {one: "{count} article", other: "{count} articles"}\n')
    (project.root / "themes/bare/locale/ja.yaml").unlink()
    project.article("one")
    assert only(project.build(), "missing-label").message.count("feed_") == 41
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "en"]) == 0
    text = file.read_text("utf-8")
    assert len(re.findall("^feed_", text, re.MULTILINE)) == 41
    assert '\n# ", "\nfeed_comma:\n' in text, "spaces are kept"


def test_labels_without_a_text_in_any_language_are_offered(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uses(project, "own", "[en]")
    extra = '{{ label("greeting") }}{{ label("visits", 2) }}{{ label_in("ja", "farewell") }}{{ label("topics") }}'
    own(
        project,
        "default",
        templates_404_html='{% extends "default/404.html" %}{% block main %}' + extra + "{% endblock %}",
    )
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "en"]) == 0
    assert ": 3 labels to translate" in capsys.readouterr().out
    file = project.root / "themes/own/locale/en.yaml"
    shown = "# no text in any language, used in themes/own/templates/404.html, line 1"
    lines = f"{shown}\ngreeting:\n{shown}, with {{count}}\nvisits: {{one: , other: }}\n{shown}\nfarewell:\n"
    assert file.read_text("utf-8").endswith(lines)
    file.write_text("greeting: Hello\nvisits: Visits\nfarewell: Bye\n", "utf-8")
    assert main(["theme", "messages", "en"]) == 0
    assert "nothing was written" in capsys.readouterr().out
    project.article("one")
    project.built()


def test_labels_of_a_template_with_an_error_are_not_written(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uses(project, "own", "[en]")
    own(project, "default", templates_404_html="{% if %}")
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "vi"]) == 1
    assert "themes/own/templates/404.html:1" in capsys.readouterr().err


def test_a_label_with_another_placeholder_than_that_of_the_parent_is_an_error(project: Project) -> None:
    uses(project, "own")
    own(project, "default", locale_en_yaml='topics: A\nupdated: "Updated {dat}"\n')
    project.article("one", updated="2026-07-04")
    report = only(project.build(), "bad-label")
    assert (report.location.path, report.location.line) == ("themes/own/locale/en.yaml", 2)
    assert report.message == "the label 'updated' has the placeholder {dat}, for which templates give no value"
    assert report.suggestion == "date"


def test_a_misspelled_label_is_a_warning(project: Project) -> None:
    uses(project, "own")
    template = '{% extends "default/404.html" %}{% block head %}{{ label("correcting") }}{% endblock %}'
    labels = "correctoins: Errata\ncorrecting: Used\nunlike_any_other: x\n"
    own(project, "default", locale_en_yaml=labels, templates_404_html=template)
    project.article("one")
    report = only(project.built(), "unused-label")
    assert (report.location.path, report.location.line) == ("themes/own/locale/en.yaml", 1)
    assert report.suggestion == "corrections"


def test_nothing_is_written_for_a_language_that_has_all_labels(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uses(project, "default", "[en, ja]")
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "en"]) == 0
    assert capsys.readouterr().out == "the theme default has a text in 'en' for each label; nothing was written\n"
    assert not (project.root / "themes/my-default").exists()


def test_a_file_of_labels_that_is_not_utf8_is_reported(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uses(project, "default")
    file = project.file("themes/my-default/locale/vi.yaml", "")
    file.write_bytes(b"topics: A\narchive: Caf\xe9\n")
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "vi"]) == 1
    assert "themes/my-default/locale/vi.yaml:2:13: " in capsys.readouterr().err
    assert file.read_bytes() == b"topics: A\narchive: Caf\xe9\n"
    assert not (project.root / "themes/my-default/theme.yaml").exists()


def test_a_language_with_plural_forms_gets_them_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    uses(project, "own", "[en]")
    own(project, "default")
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "ru"]) == 0
    text = (project.root / "themes/own/locale/ru.yaml").read_text("utf-8")
    lines = '# one: "{count} article" | other: "{count} articles"\narticles: {one: , few: , many: , other: }\n'
    assert lines in text
    project.article("one")
    project.built()


def test_missing_keys_of_a_theme_are_reported_with_their_lines(project: Project) -> None:
    uses(project, "own", "[en]")
    project.file("themes/own/theme.yaml", "parent: default\n")
    project.article("one")
    hints = [item.hint for item in project.build().diagnostics if item.code == "missing-key"]
    assert sorted(hints) == ["contract: 2", "name: own"]


def test_the_code_of_a_country_is_not_a_language(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", "jp"]) == 2
    assert "did you mean 'ja'?" in capsys.readouterr().err


@pytest.mark.parametrize("tag", ["../x", "english language"])
def test_a_language_that_is_not_a_tag_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tag: str
) -> None:
    monkeypatch.chdir(project.root)
    assert main(["theme", "messages", tag]) == 2
    assert "is not a language tag" in capsys.readouterr().err


def test_plurals_are_those_of_the_language(project: Project) -> None:
    words = {key: value if isinstance(value, str) else value["other"] for key, value in ENGLISH.items()}
    forms = {"one": "{count} артикул", "few": "{count} артикула", "many": "{count} статей", "other": "{count} статьи"}
    uses(project, "own", "[en, ru]")
    own(project, "default", locale_ru_yaml=yaml.safe_dump(words | {"articles": forms}, allow_unicode=True))
    for month, count in ((1, 1), (2, 3), (3, 5)):
        for number in range(count):
            project.article(f"m{month}n{number}", date=f"2026-{month:02}-{number + 1:02}", countries="")
    project.built()
    shown = [project.page(f"ru/archive/2026-{month:02}/index.html") for month in (1, 2, 3)]
    assert ["1 артикул<" in shown[0], "3 артикула<" in shown[1], "5 статей<" in shown[2]] == [True] * 3


def test_a_theme_cannot_write_characters_that_xml_does_not_allow(project: Project) -> None:
    uses(project, "own")
    project.article("one")
    own(project, "plain", templates_404_html='<p>a{{ "\\x00\\x08\\x1b" }}b</p>\n')
    project.built()
    assert project.page("404.html") == "<p>ab</p>"


def test_a_theme_publishes_its_own_files_and_no_hidden_ones(tmp_path: Path) -> None:
    static = tmp_path / "theme" / "static"
    (static / ".git").mkdir(parents=True)
    backups = (static / "own.txt~", static / "#own.txt#")
    for file in (tmp_path / "secret", static.parent / ".env", static / ".git" / "config", static / "own.txt", *backups):
        file.write_text("x", encoding="utf-8")
    for number, target in enumerate(("../../secret", "../.env", ".git/config", "own.txt")):
        (static / f"link{number}.txt").symlink_to(target)
    assert [path for path, _ in theme_files(static)] == ["link3.txt", "own.txt"]
    found = {}
    for folder in (tmp_path, static / ".git", static):
        link = static.parent / f"link-to-{folder.name}"
        link.symlink_to(folder)
        found[folder] = [path for path, _ in theme_files(link)]
    assert found == {tmp_path: [], static / ".git": [], static: ["link3.txt", "own.txt"]}
    loop = static.parent / "loop"
    loop.symlink_to(loop)
    assert theme_files(loop) == []
