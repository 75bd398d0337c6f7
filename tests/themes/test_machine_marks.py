"""Text that a machine wrote is marked where it is shown (Regulation (EU) 2024/1689, Article 50)."""

import json
import re

import pytest

from tests.example import THEMES
from tests.project import EVERY_PAGE, SITE, Project

BODY = "The text.\n\n## Economic impact\n\nPrices.\n"
AI = "{summary: ai, text: ai, analysis: ai}"
SUMMARY, BY_MACHINE, UNREVIEWED = (
    "Machine summary",
    "Written by a machine",
    "Written by a machine · not reviewed by a person",
)


@pytest.fixture(params=THEMES)
def digest(project: Project, request: pytest.FixtureRequest) -> Project:
    """Build a digest of three articles: a machine's, one that a person reviewed, one that a person wrote."""
    text = SITE.replace("[en]", "[en, ja]").replace("theme: bare", f"theme: {request.param}")
    project.write(text + EVERY_PAGE)
    project.article("machine", title="First", date="2026-07-03", generated=AI, body=BODY)
    project.article(
        "checked", title="Second", date="2026-07-02", generated=AI, reviewed="{by: Ann Lee, at: 2026-07-05}", body=BODY
    )
    human = "{summary: human, text: human, analysis: human}"
    project.article("human", title="Third", date="2026-07-01", generated=human, body=BODY)
    project.built()
    return project


@pytest.mark.parametrize(
    "path", ["topics/trade", "countries/vn", "countries/cn/vn", "archive/2026-07", "issues/2026-w27"]
)
def test_a_list_marks_summaries_of_machines(digest: Project, path: str) -> None:
    assert digest.page(f"{path}/index.html").count(SUMMARY) == 2
    assert digest.page(f"ja/{path}/index.html").count("機械要約") == 2


def test_the_front_page(digest: Project) -> None:
    assert digest.page("index.html").count(SUMMARY) == 2


def test_marks_tell_what_a_person_wrote_and_reviewed(digest: Project) -> None:
    """A summary of a machine and a person is not a machine's, and a review counts until the text changes.

    A mark for title and summary names the larger part of a machine.
    """
    digest.article("mixed", title="Fourth", date="2026-07-04", countries="[JP]", generated="{summary: mixed}")
    digest.article("other", title="Fifth", date="2026-07-04", countries="[KR]", generated="{title: ai, summary: mixed}")
    digest.built()
    assert '"machine">Machine summary<' in digest.page("index.html")
    for code, mark, japanese in (
        ("cn", "Machine summary, reviewed<", "機械要約（確認済み）<"),
        ("jp", "Machine-assisted summary<", "一部機械作成の要約<"),
        ("kr", "Machine-written<", "機械作成<"),
    ):
        assert f'"machine">{mark}' in digest.page(f"countries/{code}/index.html")
        assert f'"machine">{japanese}' in digest.page(f"ja/countries/{code}/index.html")
    assert ">Summary, written by a machine and a person<" in digest.page("articles/mixed/index.html")
    assert ">AI-assisted summary: What happened.<" in digest.page("countries/jp/feed.xml")
    assert ">AI summary, reviewed: What happened.<" in digest.page("countries/cn/feed.xml")
    outdated = "{by: Ann Lee, at: 2026-07-05, of: 0123456789abcdef}"
    digest.article("checked", title="Second", date="2026-07-02", generated=AI, reviewed=outdated, body=BODY)
    digest.built()
    assert "Machine summary, reviewed" not in digest.page("countries/cn/index.html")


def test_e_mails_tell_what_a_person_wrote_and_reviewed(digest: Project) -> None:
    digest.file("site.yaml", (digest.root / "site.yaml").read_text("utf-8") + "\nedition: {items: 5}\n")
    review = "{by: Ann Lee, at: 2026-07-05}"
    generated = "{summary: mixed, analysis: mixed}"
    digest.article("mixed", date="2026-07-04", importance="5", generated=generated, body=BODY)
    digest.article("titled", date="2026-07-04", generated="{title: ai, summary: ai}", reviewed=review, body=BODY)
    digest.built()
    for suffix in ("html", "txt"):
        email = digest.page(f"editions/2026-07-04/email.{suffix}")
        assert " · Summary, written by a machine and a person" in email
        assert " · machine-assisted" in email
        assert " · Machine-written, reviewed" in email
    feed = json.loads(digest.page("editions/feed.json"))
    (item,) = [item for item in feed["items"] if item["id"].endswith("2026-07-04")]
    assert "<strong>Economic impact (AI-assisted)</strong>" in item["content_html"]
    assert "(AI, reviewed)" in item["summary"]


def test_rows_of_the_search_have_the_marks_of_its_page(digest: Project) -> None:
    digest.file("site.yaml", (digest.root / "site.yaml").read_text("utf-8").replace("search: false", "search: true"))
    cases: tuple[tuple[str, dict[str, str], str | None], ...] = (
        ("{summary: ai}", {}, "Machine summary"),
        ("{title: mixed}", {}, "Machine-assisted title"),
        ("{title: ai, summary: mixed}", {"reviewed": "{by: Ann Lee}"}, "Machine-written, reviewed"),
        ("{title: mixed, summary: mixed}", {"reviewed": "{by: Ann Lee}"}, "Machine-assisted, reviewed"),
        ("{title: human}", {"reviewed": "{by: Ann Lee}"}, None),
    )
    for number, (generated, review, _) in enumerate(cases):
        digest.article(f"case-{number}", title=f"Case {number}", date="2026-07-04", generated=generated, **review)
    digest.built()
    labels = re.search('data-machine="([^"]*)"', digest.page("search/index.html"))
    assert labels is not None
    rows = json.loads(digest.page("search/documents/all-0.json"))["documents"]
    marks = {title: labels[1].split("|")[mark - 1] if mark else None for title, _, _, _, mark, *_ in rows}
    for number, (_, _, mark) in enumerate(cases):
        assert marks[f"Case {number}"] == mark


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("machine", "Written by a machine: summary, text and perspectives · not reviewed by a person"),
        ("checked", None),
        ("human", None),
    ],
)
def test_the_line_under_the_headline_without_a_review(digest: Project, name: str, expected: str | None) -> None:
    below = digest.page(f"articles/{name}/index.html").partition("</h1>")[2].lstrip()
    line = re.match(r"<p class=\"\w+\">([^<]*)</p>", below)
    assert (line[1] if line is not None and BY_MACHINE in line[1] else None) == expected


@pytest.mark.parametrize("path", ["articles/{}/", "perspectives/economic/"])
def test_perspectives(digest: Project, path: str) -> None:
    pages = {name: digest.page(f"{path.format(name)}index.html") for name in ("machine", "checked", "human")}
    assert UNREVIEWED in pages["machine"]
    assert "Written by a machine · reviewed by Ann Lee" in pages["checked"]
    assert "機械による作成（人による確認なし）" in digest.page(f"ja/{path.format('machine')}index.html")
    if path.startswith("articles"):
        assert BY_MACHINE not in pages["human"].partition("provenance")[0]
    else:
        assert pages["human"].count(BY_MACHINE) == 2


def test_a_translation_that_does_not_say_who_wrote_it_is_as_the_original(digest: Project) -> None:
    (original,) = digest.root.glob("content/articles/2026/07/machine.md")
    identifier = re.search(r"^id: (.*)$", original.read_text("utf-8"), re.MULTILINE)
    assert identifier is not None
    front = f"id: {identifier[1]}\ntitle: 題\nsummary: 要約。\n"
    digest.file("content/articles/2026/07/machine.ja.md", f"---\n{front}---\n\n本文。\n")
    digest.built()
    page = digest.page("ja/articles/machine/index.html")
    assert "機械による作成：要約、本文（人による確認なし）" in page
    assert "機械が書いた要約" in page
    assert digest.page("ja/index.html").count("機械要約") == 2


def test_a_title_that_a_machine_wrote(digest: Project) -> None:
    digest.article("title", title="Fourth", date="2026-06-01", generated="{title: mixed}", countries="[JP]")
    digest.article("both", title="Fifth", date="2026-05-01", generated="{title: ai, summary: ai}", countries="[KR]")
    digest.built()
    for name, code, mark, line, summary in (
        ("title", "jp", "Machine-assisted title<", "Written by a machine and a person: title", "title. What happened."),
        (
            "both",
            "kr",
            "Machine-written<",
            "Written by a machine: title and summary",
            "AI summary: What happened.",
        ),
    ):
        assert f'<p class="{"note"}">{line} · not reviewed by a person</p>' in digest.page(
            f"articles/{name}/index.html"
        ).replace('class="meta"', 'class="note"')
        assert mark in digest.page(f"countries/{code}/index.html")
        assert f": title. {summary.removeprefix('title. ')}<" in digest.page(f"countries/{code}/feed.xml")
    assert "Machine title" not in digest.page("countries/vn/index.html")


def test_the_link_to_a_version_whose_title_a_machine_wrote(digest: Project) -> None:
    (original,) = digest.root.glob("content/articles/2026/07/human.md")
    identifier = re.search(r"^id: (.*)$", original.read_text("utf-8"), re.MULTILINE)
    assert identifier is not None
    for author, mark in (("ai", True), ("human", False)):
        front = f"id: {identifier[1]}\ntitle: 機械の題\nsummary: 要約。\ngenerated: {{title: {author}}}\n"
        digest.file("content/articles/2026/07/human.ja.md", f"---\n{front}---\n\n本文。\n")
        digest.built()
        after_link = digest.page("articles/human/index.html").partition(">機械の題</a>")[2]
        assert ("Machine title" in after_link[:60]) == mark


def test_every_link_with_a_title_that_a_machine_wrote(digest: Project) -> None:
    title = "A title of a machine"
    marked = digest.article(
        "marked",
        title=title,
        date="2026-07-01",
        generated="{title: ai}",
        upcoming="[{at: 2026-07-02, text: A vote}]",
        corrections="[{at: 2026-07-03, text: A number.}]",
        countries="[VN, CN]",
        body=BODY,
    )
    digest.article("after", title="After", date="2026-07-03", follows=marked.name)
    digest.built()
    found = 0
    for path in digest.tree():
        if path.endswith(".html"):
            page = digest.page(path)
            links = len(re.findall(rf"<a [^>]*>{title}</a>", page))
            assert page.count("Machine title<") + page.count(" · Machine title") + page.count("機械見出し") >= links, (
                path
            )
            found += links
    assert found > 30


def test_feeds_and_calendars_mark_titles_of_machines(digest: Project) -> None:
    digest.file("site.yaml", (digest.root / "site.yaml").read_text("utf-8") + "\nedition: {items: 5}\n")
    values = {"upcoming": "[{at: 2026-08-02, text: A vote}]", "corrections": "[{at: 2026-07-02, text: A number.}]"}
    digest.article("marked", title="Ours", date="2026-07-01", generated="{title: mixed}", **values)
    digest.article("plain", title="Theirs", date="2026-07-01", **values)
    digest.built()
    note = "Written with the help of a machine: title."
    for path, count in (("corrections/feed.json", 2), ("upcoming/feed.json", 1), ("calendar.ics", 1)):
        text = digest.page(path).replace("\r\n ", "")
        assert "Theirs" in text, path
        assert text.count(note) == count, path
    items = json.loads(digest.page("editions/feed.json"))["items"]
    (changed,) = [item["content_html"] for item in items if item["id"].endswith("2026-07-02")]
    assert changed.count(note) == 1
    (listed,) = [item["summary"] for item in items if item["id"].endswith("2026-07-01")]
    assert "Ours (AI-assisted)" in listed
    assert "Theirs" in listed
    assert "Theirs (" not in listed


def test_a_static_page(digest: Project) -> None:
    front = "title: About\nlang: en\nsummary: A digest.\n"
    digest.file("content/pages/about.md", f"---\n{front}generated: {{summary: ai, text: ai}}\n---\n\nText.\n")
    digest.file("content/pages/about.ja.md", "---\ntitle: 案内\ngenerated: {translation: ai}\n---\n\n本文。\n")
    reviewed = "generated: {text: mixed}\nreviewed: {by: Ann Lee, at: 2026-07-05}\n"
    digest.file("content/pages/contact.md", f"---\n{front}{reviewed}---\n\nText.\n")
    digest.file("content/pages/own.md", f"---\n{front}generated: {{text: human}}\n---\n\nText.\n")
    digest.built()
    assert ">Written by a machine: summary and text · not reviewed by a person</p>" in digest.page("about/index.html")
    assert "機械による作成：見出し、本文（人による確認なし）" in digest.page("ja/about/index.html")
    line = ">Written by a machine and a person: text · reviewed by Ann Lee</p>"
    assert line in digest.page("contact/index.html")
    assert "Written by" not in digest.page("own/index.html")
