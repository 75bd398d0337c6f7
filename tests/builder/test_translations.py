"""Translations next to an article: each locale shows its own, and nothing is repeated or lost."""

import re
from typing import Final

import pytest

from sitegen.builder import BuildResult
from tests.builder.feeds import feed, feeds_at
from tests.project import Project, article, codes, only

FOLDER: Final = "content/articles/2026/07"
BODY: Final = "Own text, [up](#up).\n\n## Up\n\nMore.\n\n## Economic impact\n\nMoney.\n"


def translation(**changes: str) -> str:
    """Return the text of a translation; an empty value takes a line out."""
    body = changes.pop("body", "訳文。\n")
    lines = {"id": "one00000", "title": "題", "summary": "要約。"} | changes
    front = "".join(f"{key}: {value}\n" for key, value in lines.items() if value)
    return f"---\n{front}---\n\n{body}"


@pytest.fixture
def two(project: Project) -> Project:
    """Write an English article with a Japanese translation, and another without one."""
    text = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", text.replace("[en]", "[en, ja]"))
    project.article("one", title="Own title", summary="Own summary.", body=BODY)
    project.file(f"{FOLDER}/one.ja.md", translation())
    project.article("two", date="2026-07-01", title="Only English", body="[one](one.md#up)\n")
    return project


def test_a_locale_shows_its_own_telling_and_the_original_otherwise(two: Project) -> None:
    two.built()
    english, japanese = two.page("articles/one/index.html"), two.page("ja/articles/one/index.html")
    assert "<h1>Own title</h1>" in english
    assert "Own text" in english
    assert "<h1>題</h1>" in japanese
    assert "訳文。" in japanese
    assert "Own text" not in japanese
    assert "<h1>Only English</h1>" in two.page("ja/articles/two/index.html")
    lists = two.page("ja/index.html")
    assert '<a href="/ja/articles/one/" lang="ja">題</a>' in lists
    assert '<a href="/ja/articles/two/" lang="en">Only English</a>' in lists
    assert '<a href="/articles/one/" lang="en">Own title</a>' in two.page("index.html")


def test_a_perspective_that_a_translation_lacks_is_shown_in_the_language_of_the_original(two: Project) -> None:
    site = (two.root / "site.yaml").read_text("utf-8")
    two.file("site.yaml", site.replace("theme: bare", "theme: default"))
    two.built()
    japanese = two.page("ja/articles/one/index.html")
    assert re.search(
        r'<section class="side-of" id="economic" lang="en"(?:(?!</section>).)*Money\.', japanese, re.DOTALL
    )
    two.file(f"{FOLDER}/one.ja.md", translation(body="訳文。\n\n## 経済的影響\n\n金額。\n"))
    two.built()
    japanese = two.page("ja/articles/one/index.html")
    assert "金額。" in japanese
    assert "Money." not in japanese
    two.file(f"{FOLDER}/one.ja.md", translation())
    two.article("one", title="Own title", summary="Own summary.", body=BODY.replace("Money", "Coins"))
    two.built()
    assert "Coins." in two.page("ja/articles/one/index.html"), "an edit of the original changes the page"


def test_a_translation_is_no_article_of_its_own(two: Project) -> None:
    result = two.built()
    assert (result.articles, result.held_back.total) == (2, 0)
    assert not [path for path in two.tree() if "one.ja" in path or "one-ja" in path]
    assert two.page("sitemap.xml").count("/articles/one/</loc>") == 2


def test_feeds_carry_the_telling_of_their_locale_under_one_id(two: Project) -> None:
    two.built()
    english, japanese = feed(two, "feed.xml").entries[0], feed(two, "ja/feed.xml").entries[0]
    assert (english.title, japanese.title) == ("Own title", "題")
    assert english.id == japanese.id
    assert "訳文。" in japanese.content[0].value
    assert (english.summary, japanese.summary) == ("Own summary.", "要約。")


def test_the_feed_of_a_language_has_what_its_locale_tells_in_it(two: Project) -> None:
    two.built()
    titles = {
        path: [item.title for item in feed(two, path).entries]
        for path in two.tree()
        if "languages/" in path and path.endswith("feed.xml")
    }
    assert titles["ja/languages/ja/feed.xml"] == ["題"]
    assert "ja/languages/en/feed.xml" in titles
    assert not any(path.startswith("languages/") for path in titles), "the first locale has one language"


def test_there_are_no_lists_of_languages_if_everything_is_translated(two: Project) -> None:
    """No feed would have them, so no page would link to them."""
    two.built()
    assert any("languages/" in path for path in two.tree())
    two.file(f"{FOLDER}/two.ja.md", translation(id="two00000"))
    two.built()
    assert not any("languages/" in path for path in two.tree())


def test_a_machine_s_translation_says_so_in_feeds(two: Project) -> None:
    two.file(f"{FOLDER}/one.ja.md", translation(generated="{translation: ai}"))
    two.built()
    (item,) = feed(two, "ja/languages/ja/feed.xml").entries
    assert item.summary == "機械が書いた部分：見出し。AI要約：要約。"
    assert "機械が書いた部分：翻訳。" in item.content[0].value


def test_a_heading_that_a_translation_lacks_is_left_out_of_links_to_it(two: Project) -> None:
    two.built()
    assert 'href="/articles/one/#up"' in two.page("articles/two/index.html")
    assert 'href="/ja/articles/one/"' in two.page("ja/articles/two/index.html")


def test_the_texts_of_a_translation_are_checked_like_any_other(two: Project) -> None:
    two.file(f"{FOLDER}/one.ja.md", translation(body="[x](none.md) [y](#none)\n\n![z](none.png)\n\n[t](/none/)\n"))
    result = two.build()
    assert codes(result) == ["dead-link", "dead-fragment", "dead-link", "dead-link"]
    assert {(item.location.path, item.location.line) for item in result.diagnostics} == {
        (f"{FOLDER}/one.ja.md", line) for line in (7, 9, 11)
    }


def test_an_edit_of_a_translation_changes_the_pages_of_its_locale_alone(two: Project) -> None:
    two.built()
    two.file(f"{FOLDER}/one.ja.md", translation(body="別の訳文。\n"))
    written = set(two.built().counts.written)
    assert written == {
        *("ja/articles/one/index.html", "data/articles/one00000.json"),
        *feeds_at("ja", "ja/topics/trade", "ja/languages/ja"),
    }
    two.file(f"{FOLDER}/one.ja.md", translation(title="別の題"))
    written = set(two.built().counts.written)
    assert "ja/index.html" in written
    assert all(path.startswith("ja/") for path in written - {"data/articles/one00000.json"}), written


def test_a_translation_that_goes_leaves_the_original(two: Project) -> None:
    two.built()
    (two.root / FOLDER / "one.ja.md").unlink()
    two.built()
    assert "<h1>Own title</h1>" in two.page("ja/articles/one/index.html")


def test_a_draft_hides_its_translations(two: Project) -> None:
    two.article("one", title="Own title", draft="true")
    two.article("two", date="2026-07-01", title="Only English")
    two.built()
    assert not [path for path, data in two.tree().items() if "題".encode() in data]


def test_a_regional_locale_takes_a_translation_in_its_base_language(two: Project) -> None:
    text = (two.root / "site.yaml").read_text("utf-8")
    two.file("site.yaml", text.replace("[en, ja]", "[en-GB, ja-JP]"))
    two.built()
    assert "<h1>題</h1>" in two.page("ja-JP/articles/one/index.html")
    assert "<h1>Own title</h1>" in two.page("articles/one/index.html")


PAGE: Final = """\
{% extends "base.html" %}
{% block main %}<p>{{ page.language.name }}/{{ page.translated_from.name if page.translated_from else "-" }}/
{%- for it in page.other_languages %}{{ it.lang }}={{ it.href }}{% endfor %}</p>
{% for part, author in page.authorship.items() %}<i>{{ part }}={{ author }}</i>{% endfor %}
<b>{{ page.reviewer or "no one" }}</b>
{% for it in page.corrections %}<q {{ it.lang|lang }}>{{ it.text }}</q>{% endfor %}{% endblock %}
"""


def test_a_page_can_say_in_which_language_it_is_and_who_translated_it(two: Project) -> None:
    two.file("themes/bare/templates/article.html", PAGE)
    corrected = "[{at: 2026-07-05, text: Wrong.}]"
    two.article("one", generated="{text: human}", reviewed="{by: E}", corrections=corrected)
    two.file(f"{FOLDER}/one.ja.md", translation(generated="{translation: ai}"))
    two.article("two", date="2026-07-01")
    two.built()
    japanese = two.page("ja/articles/one/index.html")
    assert "<p>日本語/英語/en=/articles/one/</p>" in japanese
    assert "<i>text=human</i><i>translation=ai</i>" in japanese
    assert "<b>no one</b>" in japanese, "who read the original has not read the translation"
    assert '<q lang="en">Wrong.</q>' in japanese
    assert "<p>English/-/ja=/ja/articles/one/</p>" in two.page("articles/one/index.html")
    assert "<b>E</b>" in two.page("articles/one/index.html")
    assert "<p>英語/-/</p>" in two.page("ja/articles/two/index.html")


# --- what can be wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "code", "near"),
    [
        ("one.ja.md", translation(id="other001"), "wrong-id", "one00000"),
        ("one.ja.md", translation(id=""), "missing-key", None),
        ("one.ja.md", translation(title=""), "missing-key", None),
        ("one.ja.md", translation(summary=""), "missing-key", None),
        ("one.ja.md", translation(lang="en"), "wrong-language", None),
        ("one.ja.md", translation(topics="[trade]"), "unknown-key", None),
        ("one.en.md", translation(), "duplicate-language", None),
        ("none.ja.md", translation(), "no-original", None),
        ("one.ja.md", "", "no-front-matter", None),
    ],
)
def test_a_translation_that_is_wrong(two: Project, path: str, text: str, code: str, near: str | None) -> None:
    two.built()
    before = two.tree()
    two.file(f"{FOLDER}/{path}", text)
    result = two.build()
    found = only(result, code)
    assert not result.ok
    assert found.location.path == f"{FOLDER}/{path}"
    if near:
        assert near in (*found.allowed, found.suggestion)
    assert two.tree() == before


def test_a_copy_of_the_original_is_told_from_a_mistyped_key(two: Project) -> None:
    two.file(f"{FOLDER}/one.ja.md", translation(topics="[trade]"))
    assert "copied from the original" in only(two.build(), "unknown-key").hint


def test_a_translation_of_an_article_that_is_broken_is_not_blamed(two: Project) -> None:
    two.file(f"{FOLDER}/one.md", article(title=""))
    assert codes(two.build()) == ["missing-key"]


@pytest.mark.parametrize("changes", [{"body": "[x](one.ja.md)\n"}, {"follows": "one.ja.md"}])
def test_a_translation_is_no_target_of_its_own(two: Project, changes: dict[str, str]) -> None:
    two.article("three", date="2026-07-02", **changes)
    result = two.build()
    assert not result.ok
    (found,) = result.diagnostics
    assert found.suggestion == f"{FOLDER}/one.md"


def test_a_language_that_no_locale_shows_is_a_warning(two: Project) -> None:
    two.file(f"{FOLDER}/one.vi.md", translation(title="Tên"))
    result = two.build()
    assert result.ok
    warning = only(result, "not-shown")
    assert warning.location.path == f"{FOLDER}/one.vi.md"
    assert warning.hint == "add vi to `locales` in site.yaml, or delete the file"
    assert not any("languages/vi/" in path for path in two.tree()), "it would be an empty page"


# --- direction --------------------------------------------------------------------------------------------------------


def test_the_direction_is_said_where_it_changes(two: Project) -> None:
    text = (two.root / "themes/bare/templates/article.html").read_text("utf-8")
    inner = "<h1 {{ page.article.lang|lang }}>{{ page.article.title }}</h1><p {{ 'ja'|lang(page.article.lang) }}>x</p>"
    two.file("themes/bare/templates/article.html", text.replace("<h1>{{ page.article.title }}</h1>", inner))
    two.article("rtl", lang="ar", title="عنوان <b> &amp;", date="2026-07-02")
    two.built()
    page = two.page("articles/rtl/index.html")
    assert '<h1 lang="ar" dir="rtl">عنوان &lt;b&gt; &amp;amp;</h1><p lang="ja" dir="ltr">x</p>' in page
    assert '<h1 lang="en">Own title</h1><p lang="ja">x</p>' in two.page("articles/one/index.html")


def test_incremental_builds_with_translations_are_like_cold_ones(two: Project) -> None:
    def edits() -> list[BuildResult]:
        steps = []
        for text in (translation(title="A"), translation(body="[two](two.md)\n"), translation()):
            two.file(f"{FOLDER}/one.ja.md", text)
            steps.append(two.built())
        return steps

    two.built()
    right = two.tree()
    assert all(step.counts.written for step in edits())
    assert two.tree() == right
