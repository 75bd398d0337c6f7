"""Daily editions, and the introductions of editions and weekly issues."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Final

import feedparser
import pytest

from tests.project import NOW, SITE, Project, codes, new_project, only, tree

READINGS: Final = (
    "Text.\n\n## Economic impact\n\nPrices rise. More.\n\n## 市民の声\n\n人々は待つ。続き。\n\n"
    "## Social impact\n\nNo.\n"
)
BARE_SITE: Final = SITE + "pages_from: {issues: 1}\nedition: {items: 2}\n"
DEFAULT_SITE: Final = BARE_SITE.replace("theme: bare", "theme: default").replace("[en]", "[en, ja]")
INTRODUCTION: Final = "content/editions/2026-07-03.md"


def introduction(
    lang: str = "en", rest: str = "", text: str = "The *first* words. [One](../articles/2026/07/one.md)"
) -> str:
    return f"---\nlang: {lang}\n{rest}---\n\n{text}\n"


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a digest with editions of three days, built with the default theme."""
    project = new_project(tmp_path_factory.mktemp("editions"))
    project.write(DEFAULT_SITE)
    project.article("old", title="Old news", date="2026-07-01", corrections="[{at: 2026-07-02, text: Wrong number.}]")
    project.article("kept", title="Kept news", date="2026-07-01", updated="2026-07-03")
    project.article("late", title="Minor news", date="2026-07-03T20:00", importance="2")
    project.article("one", title="First news", date="2026-07-03T08:00", importance="5", body=READINGS)
    project.article("two", title="Second news", date="2026-07-03T09:00", importance="4", generated="{summary: ai}")
    project.article("night", title="Night news", date="2026-07-04T23:30Z")
    project.article("draft", title="Hidden draft", date="2026-07-03", draft="true")
    project.article("future", title="Hidden future", date="2027-01-01")
    rest = "title: What it was about\ngenerated: {text: ai}\nwatch: [{text: The vote, at: 2026-07-09}]\n"
    project.file(INTRODUCTION, introduction(rest=rest))
    project.file("content/editions/2026-07-03.ja.md", introduction("ja", "title: 主な話題\n", "一日の始まり。"))
    project.file("content/editions/2027-01-01.md", introduction(text="Hidden words."))
    project.file("content/editions/2026-07-01.md", introduction(rest="draft: true\n", text="Hidden words."))
    watch = "watch: [{text: The summit, at: 2026-07-20, url: https://summit.example/}]\n"
    text = "A week of two laws.\n\n- One\n  1. First\n- Two"
    project.file("content/issues/2026-w27.md", introduction(rest=watch, text=text))
    result = project.build(strict=True)
    assert result.ok, result.diagnostics
    return project


def test_an_edition_has_the_most_important_articles_of_its_day(digest: Project) -> None:
    page = digest.page("editions/2026-07-03/index.html")
    assert 0 < page.index("First news") < page.index("Second news")
    assert "Minor news" not in page
    assert "One more article of the day is in the archive" in page
    assert "3 articles, 1 minute to read." in page
    assert "New since the edition of July 1, 2026" in page
    assert "Wrong number." in page
    assert "Kept news" in page
    assert 'href="/editions/2026-07-01/" rel="prev"' in page
    assert 'href="/editions/2026-07-05/" rel="next"' in page, "the day is that of the time zone of the site"
    assert '"name":"Daily editions"' in page.replace(" ", "").replace("Dailyeditions", "Daily editions")


@pytest.mark.parametrize("theme", ["default", "plain"])
def test_an_edition_names_each_changed_article_once(project: Project, theme: str) -> None:
    project.write(DEFAULT_SITE.replace("theme: default", f"theme: {theme}").replace("items: 2", "items: 9"))
    corrections = "[{at: 2026-07-02, text: Wrong number.}, {at: 2026-07-03, text: Wrong name.}]"
    project.article("old", title="Old news", date="2026-07-01", updated="2026-07-04", corrections=corrections)
    project.article("more", title="More news", date="2026-07-01", corrections=corrections)
    project.article("new", title="New news", date="2026-07-04")
    project.built()
    for name in ("index.html", "email.html", "email.txt", "../feed.xml"):
        text = (project.root / "output" / "site" / "editions" / "2026-07-04" / name).read_text("utf-8")
        page = text.partition("</item>")[0]
        counts = [page.count(text) for text in ("Old news", "More news", "Wrong number.", "Wrong name.")]
        assert counts == [1, 1, 2, 2], name


def test_an_edition_shows_its_introduction_and_who_wrote_it(digest: Project) -> None:
    page = digest.page("editions/2026-07-03/index.html")
    assert "What it was about" in page
    assert '<a href="/articles/one/">One</a>' in page
    assert "Written by a machine: text · not reviewed by a person" in page
    japanese = digest.page("ja/editions/2026-07-03/index.html")
    assert "主な話題" in japanese
    assert "一日の始まり。" in japanese
    assert japanese.count("人々は待つ。") == 1, "the entry begins with it, so that it is not quoted below"
    assert "The vote" in japanese, "a translation without its own list shows that of the original"
    assert "機械による作成：本文（人による確認なし）" in japanese, "the author is that of the original"


def test_an_email_quotes_two_perspectives_and_marks_their_language(digest: Project) -> None:
    html = digest.page("editions/2026-07-03/email.html")
    assert '<p style="' in html
    link = '<a style="color:#1b1a17;text-decoration:underline" href="https://test.example/articles/one/">One</a>'
    assert link in html, "the colour of the theme"
    note, first = (html.index(text) for text in ("Written by a machine: text", "The <em>first</em> words"))
    assert note < first
    assert "Prices rise." in html
    assert 'lang="ja">人々は待つ。' in html
    assert "Japanese" in html
    assert "No." not in html
    text = digest.page("editions/2026-07-03/email.txt")
    assert "The first words. One (https://test.example/articles/one/)" in text
    assert "July 9, 2026: The vote" in text
    assert "Summary, written by a machine" in text
    japanese = digest.page("ja/editions/2026-07-03/email.html")
    assert "<title>試験：主な話題</title>" in japanese
    assert "2026年7月9日：" in japanese


def test_entries_of_an_email_have_the_fonts_of_their_language(digest: Project) -> None:
    japanese = unescape(digest.page("ja/editions/2026-07-03/email.html"))
    (heading,) = re.findall(r'<h3 style="font-family:(.*?),[^>]*lang="en"><a [^>]*>First news', japanese)
    (reading,) = re.findall(r'<p style="font-family:(.*?),[^>]*>人々は待つ。', japanese)
    assert (heading, reading) == ("'Iowan Old Style'", "'Hiragino Sans'")


def test_the_list_marks_titles_of_machines(project: Project) -> None:
    project.write(DEFAULT_SITE)
    project.article("lead", date="2026-07-02", generated="{title: ai}")
    project.article("one", date="2026-07-03")
    project.file(INTRODUCTION, introduction(rest='title: The "first" day\ngenerated: {title: ai, text: ai}\n'))
    project.article("human", date="2026-07-04")
    project.built()
    page = project.page("editions/index.html")
    entries = re.findall(r'<li class="day">.*?</li>', page, re.DOTALL)
    assert ["Machine title" in entry for entry in entries] == [False, True, True]
    assert "The “first” day" in page


def test_the_list_has_every_edition_and_the_subscriptions_lead_to_it(digest: Project) -> None:
    page = digest.page("editions/index.html")
    for day in ("2026-07-01", "2026-07-03", "2026-07-05"):
        assert f'href="/editions/{day}/"' in page
        assert f"https://test.example/editions/{day}/" in digest.page("sitemap.xml")
    assert "email" not in digest.page("sitemap.xml")
    assert 'href="/editions/2026-07-03/email.txt"' in page
    assert 'href="/editions/"' in digest.page("subscribe/index.html")
    address = "<code>https://test.example/<wbr>editions/<wbr>feed.xml</code>"  # breaks after a slash
    assert address in digest.page("subscribe/index.html")
    assert 'href="/ja/editions/2026-07-05/"' in digest.page("ja/index.html")


@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_an_item_of_the_feed_is_an_edition(digest: Project, name: str) -> None:
    feed = feedparser.parse(digest.tree()[f"editions/{name}"], sanitize_html=False)
    assert not feed.bozo
    assert feed.feed.title == "Test digest · Daily editions"
    assert [entry.link[-11:] for entry in feed.entries] == ["2026-07-05/", "2026-07-03/", "2026-07-01/"]
    entry = feed.entries[1]
    assert entry.id == "tag:test.example,2026:editions/2026-07-03"
    assert entry.title == "Edition of July 3, 2026: What it was about"
    content = entry.content[0].value
    assert '<a href="https://test.example/articles/one/">One</a>' in content
    assert "AI summary: What happened." in content
    assert "人々は待つ。" in content
    assert "Wrong number." in content
    assert "The vote" in content
    japanese = feedparser.parse(digest.tree()[f"ja/editions/{name}"]).entries[1]
    assert japanese.id == entry.id
    assert japanese.title == "2026年7月3日の号：主な話題"


def test_the_days_of_an_issue_name_year_and_month_once(digest: Project) -> None:
    assert "Jun 29\u2009–\u2009Jul 5, 2026" in digest.page("issues/index.html")
    assert "2026年6月29日～7月5日" in digest.page("ja/issues/2026-w27/index.html")


def test_an_issue_has_an_introduction_and_what_to_watch(digest: Project) -> None:
    for path in ("issues/2026-w27/index.html", "issues/2026-w27/email.html", "issues/2026-w27/email.txt"):
        page = digest.page(path)
        assert "A week of two laws." in page
        assert "The summit" in page
        assert "https://summit.example/" in page
    assert "人々は待つ。" in digest.page("issues/2026-w27/email.txt")
    assert "人々は待つ。" not in digest.page("issues/2026-w27/index.html")
    assert "laws.\n\n- One\n\n- First\n\n- Two\n" in digest.page("issues/2026-w27/email.txt")


def test_drafts_and_future_texts_are_nowhere(digest: Project) -> None:
    assert not [path for path, data in digest.tree().items() if b"Hidden" in data]


def bare(project: Project, *days: str) -> None:
    """Write a site with an article for each day, with the theme that shows titles only."""
    project.write(BARE_SITE)
    for day in days:
        project.article(f"of-{day}", title=f"Of {day}", date=day)


def test_a_new_article_changes_its_edition_and_a_new_day_the_link_of_its_neighbour(
    project: Project, tmp_path: Path
) -> None:
    clean = new_project(tmp_path / "clean")
    for each in (project, clean):
        each.write(DEFAULT_SITE.replace("[en, ja]", "[en]"))
        for day in (1, 2, 3):
            each.article(f"a{day}", date=f"2026-07-0{day}")

    def changed(**article: str) -> set[str]:
        before = project.tree()
        project.article("new", title="Brand new", importance="1", **article)
        project.built()
        return {
            path.removeprefix("editions/")
            for path, data in project.tree().items()
            if path.startswith("editions/") and before.get(path) != data
        }

    project.built()
    lists = {"index.html", "feed.xml", "atom.xml", "feed.json"}
    emails = {"2026-07-02/email.html", "2026-07-02/email.txt"}
    assert changed(date="2026-07-02") == {*lists, *emails, "2026-07-02/index.html"}
    new = {f"2026-07-04/{name}" for name in ("index.html", "email.html", "email.txt")}
    assert changed(date="2026-07-04") == {*lists, *emails, "2026-07-02/index.html", "2026-07-03/index.html", *new}
    clean.article("new", title="Brand new", importance="1", date="2026-07-04")
    clean.built()
    assert clean.tree() == project.tree()


def test_only_the_newest_editions_have_emails(project: Project) -> None:
    days = [f"2026-07-0{day}" for day in range(1, 8)]
    bare(project, *days)
    project.built()
    assert "editions/2026-07-01/email.txt" in project.tree()
    project.article("eighth", date="2026-07-08")
    assert project.build(strict=True).ok, "an e-mail that is dropped is not a removed address"
    assert "editions/2026-07-01/index.html" in project.tree()
    assert "editions/2026-07-01/email.txt" not in project.tree()
    assert "editions/2026-07-02/email.txt" in project.tree()


def test_a_site_without_the_key_has_no_editions(project: Project) -> None:
    project.article("one", date="2026-07-03")
    project.file(INTRODUCTION, introduction())
    result = project.build()
    assert "the key `edition`" in only(result, "introduction-not-shown").hint
    assert not [path for path in project.tree() if "edition" in path]


def test_names_and_days_of_introductions_are_checked(project: Project) -> None:
    bare(project, "2026-07-03", "2027-01-01")
    for name in ("2026-7-3", "2026-02-30", "intro", "0999-01-01"):
        project.file(f"content/editions/{name}.md", introduction())
    for name in ("2026-w54", "2026-27", "2026-W27"):
        project.file(f"content/issues/{name}.md", introduction())
    project.file("content/editions/2026/2026-07-03.md", introduction())
    assert codes(project.build()).count("bad-edition-name") == 7
    for file in [*project.root.glob("content/editions/**/*.md"), *project.root.glob("content/issues/*.md")]:
        file.unlink()
    project.file("content/editions/2026-07-02.md", introduction())
    project.file("content/editions/2027-01-01.md", introduction())
    project.file("content/editions/2027-01-02.md", introduction())
    project.file("content/issues/2026-w26.md", introduction())
    found = [item for item in project.build().diagnostics if item.code == "introduction-not-shown"]
    assert [item.location.path for item in found] == [
        "content/editions/2026-07-02.md",
        "content/editions/2027-01-02.md",
        "content/issues/2026-w26.md",
    ]


def test_an_introduction_of_a_day_whose_article_has_expired_is_not_reported(project: Project) -> None:
    bare(project, "2026-06-01")
    project.article("one", date="2026-07-03", expire="2026-12-01")
    project.file(INTRODUCTION, introduction())
    project.file("content/issues/2026-w27.md", introduction())
    assert codes(project.build(strict=True)) == []
    assert codes(project.build(now=NOW + timedelta(days=30), strict=True)) == []
    assert not [path for path in project.tree() if "2026-07-03" in path or "2026-w27" in path]


def test_an_item_of_the_feed_tells_who_wrote_the_title_of_its_introduction(project: Project) -> None:
    bare(project, "2026-07-03")
    project.file(INTRODUCTION, introduction(rest="title: Ports\ngenerated: {title: ai, text: mixed}\n", text="Words."))
    project.built()
    (item,) = json.loads(project.page("editions/feed.json"))["items"]
    assert item["summary"] == "Written by a machine: title. Of 2026-07-03"
    project.file(INTRODUCTION, introduction(rest="generated: {title: ai, text: human}\n", text="Words."))
    project.built()
    (item,) = json.loads(project.page("editions/feed.json"))["items"]
    assert item["summary"] == "Of 2026-07-03", "it has no title"


def test_an_introduction_is_checked_like_an_article(project: Project) -> None:
    bare(project, "2026-07-03")
    project.file(INTRODUCTION, introduction(rest="watch: [{at: soon}]\norder: 1\n", text="[dead](missing.md) <hr>"))
    assert sorted(codes(project.build())) == ["bad-date", "dead-link", "missing-key", "raw-html", "unknown-key"]
    project.file(INTRODUCTION, introduction(rest="watch: [{text: The summit, at: 2027-03}]\n", text="Words."))
    assert "name the month in 'text'" in only(project.build(), "bad-date").hint


def test_an_article_that_links_to_an_edition_leads_to_its_page(project: Project) -> None:
    bare(project, "2026-07-03")
    project.file(INTRODUCTION, introduction(text="Words."))
    project.article("link", body="[edition](/editions/2026-07-03.md)\n")
    project.built()
    assert '<a href="/editions/2026-07-03/">edition</a>' in project.page("articles/link/index.html")
    project.file(INTRODUCTION, introduction(rest="draft: true\n", text="Words."))
    assert "2026-07-03.md is a draft, not" in only(project.build(), "hidden-link").message


def test_the_introduction_appears_with_the_first_article_of_its_day(project: Project) -> None:
    bare(project, "2026-07-03", "2026-12-01")
    project.file("content/editions/2026-12-01.md", introduction(text="Words."))
    assert project.build(strict=True).ok
    before = project.tree()
    assert "editions/2026-12-01/index.html" not in before
    assert project.build(now=datetime(2026, 12, 1, 12, tzinfo=UTC)).ok
    assert "editions/2026-12-01/index.html" in tree(project.root / "output" / "site")
