"""All other pages than articles, topics, countries and months: when they exist, and their lists."""

import re
import unicodedata
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.content.slugs import slug_problem
from sitegen.outputs.emails import MAX_EMAIL_BYTES
from sitegen.outputs.texts import reading_minutes
from sitegen.site.sources import source_slug
from tests.project import SITE, Project, codes, only

LIST: Final = """\
{% extends "base.html" %}
{% block main %}{% for day in page.days %}{% for it in day.articles %}<i>{{ it.title }}</i>{% endfor %}{% endfor %}
{% for row in page.with_topics %}<a class="topic" href="{{ row.href }}">{{ row.count }}</a>{% endfor %}
{% for row in page.with_countries %}<a class="country" href="{{ row.href }}">{{ row.count }}</a>{% endfor %}
{% endblock %}
"""
MONTH: Final = """\
{% extends "base.html" %}
{% block main %}part {{ page.part }}
{% for day in page.days %}{% for it in day.articles %}<i>{{ it.title }}</i>{% endfor %}{% endfor %}
{% for it in [page.previous, page.next] if it %}<a class="turn" href="{{ it.href }}">{{ it.part }}</a>{% endfor %}
{% endblock %}
"""
READINGS: Final = """\
{% extends "base.html" %}
{% block main %}<h1>{{ page.perspective.name }} {{ page.perspective.count }} {{ page.topic.key if page.topic }}</h1>
{% for it in page.readings %}<h3><a href="{{ it.article.href }}">{{ it.article.title }}</a></h3>
<div lang="{{ it.lang }}">{{ it.html }}</div>{% endfor %}
{% for row in page.topics %}<a class="topic" href="{{ row.href }}">{{ row.count }}</a>{% endfor %}
{% for row in page.others %}<a class="other" href="{{ row.href }}">{{ row.key }}</a>{% endfor %}{% endblock %}
"""
ISSUE: Final = """\
{% extends "base.html" %}
{% block main %}<h1>{{ page.issue.week }}/{{ page.issue.week_year }} {{ page.issue.first }} {{ page.issue.last }}</h1>
{% for group in page.groups %}<h2>{{ group.key }}</h2>
{% for it in group.items %}<i>{{ it.title }}</i>{% endfor %}{% endfor %}
{% for it in [page.previous, page.next] if it %}<a href="{{ it.href }}">{{ it.week }}</a>{% endfor %}
{{ page.more }} more{% endblock %}
"""
EMAIL: Final = """\
<p>{{ page.more }} more</p>{% for group in page.groups %}{% for it in group.items %}
<a href="{{ site.origin }}{{ it.href }}">{{ it.title }}</a> <p>{{ it.summary }}</p>{% endfor %}{% endfor %}
"""


def settings(project: Project, page_thresholds: str, *, locales: str = "[en]") -> None:
    """Write the configuration with these numbers; the rest has its defaults."""
    project.write(SITE.replace("[en]", locales) + f"pages_from: {{{page_thresholds}}}\n")


def theme(project: Project, **templates: str) -> None:
    for name, text in templates.items():
        project.file(f"themes/bare/templates/{name}", text)


def links(page: str, kind: str) -> list[tuple[str, str]]:
    return re.findall(rf'<a class="{kind}" href="([^"]*)">([^<]*)</a>', page)


# --- where a topic and countries meet ---------------------------------------------------------------------------------


def crossings(project: Project) -> set[str]:
    found = (re.fullmatch(r"topics/([a-z]+/[a-z]{2}(?:/[a-z]{2})?)/index\.html", path) for path in project.tree())
    return {match[1] for match in found if match}


def test_a_topic_and_its_countries_have_pages_from_a_number_of_articles_on(project: Project) -> None:
    theme(project, **{f"{name}.html": LIST for name in ("topic", "country", "pair", "topic_country")})
    settings(project, "pairs: 1, topic_countries: 2")
    project.article("one", title="One", countries="[VN, CN]")
    project.article("two", title="Two", countries="[CN, VN]", topics="[energy, trade]")
    project.article("three", title="Three", countries="[VN, JP]")
    project.built()
    assert crossings(project) == {"trade/vn", "trade/cn", "trade/cn/vn"}
    both = project.page("topics/trade/cn/vn/index.html")
    assert set(re.findall("<i>([^<]*)</i>", both)) == {"One", "Two"}
    topic = links(project.page("topics/trade/index.html"), "country")
    assert topic == [("/topics/trade/vn/", "3"), ("/topics/trade/cn/", "2"), ("/countries/jp/", "1")]
    country = project.page("countries/vn/index.html")
    assert links(country, "topic") == [("/topics/trade/vn/", "3"), ("/topics/energy/", "1")]
    assert links(country, "country") == [("/countries/cn/vn/", "2"), ("/countries/jp/vn/", "1")]
    assert links(project.page("countries/cn/vn/index.html"), "topic") == [
        ("/topics/trade/cn/vn/", "2"),
        ("/topics/energy/", "1"),
    ]
    assert links(project.page("topics/trade/vn/index.html"), "country") == [
        ("/topics/trade/cn/vn/", "2"),
        ("/countries/jp/vn/", "1"),
    ], "below the number a link leads to the larger page"
    assert not links(project.page("topics/trade/cn/vn/index.html"), "country")


def test_an_index_has_months_from_a_number_of_articles_on_and_lists_all_below(project: Project) -> None:
    theme(project, **{"topic.html": LIST, "topic_country.html": LIST})
    settings(project, "months: 31, topic_countries: 1")
    for number in range(30):
        project.article(f"a{number}x", title=f"A{number}", date=f"2026-06-{number + 1:02}", countries="[VN]")
    project.built()
    months = {path for path in project.tree() if re.search(r"/\d{4}-\d{2}/", path)}
    assert months == {"archive/2026-06/index.html"}
    assert project.page("topics/trade/index.html").count("<i>") == 30
    project.article("last", title="Last", date="2026-07-01", countries="[VN]")
    project.built()
    assert project.page("topics/trade/index.html").count("<i>") == 20
    assert "topics/trade/vn/2026-07/index.html" in project.tree()


def test_a_month_with_many_articles_has_parts_of_which_only_the_newest_changes(project: Project) -> None:
    theme(project, **{"month.html": MONTH})
    settings(project, "issues: 1")
    for number in range(65):
        project.article(f"a{number:02}x", title=f"A{number}", date=f"2026-06-{number // 3 + 1:02}", countries="")
    project.article("older", title="Older", date="2026-05-01", countries="")
    project.built()
    months = {path for path in project.tree() if path.startswith("archive/2026")}
    assert months == {"archive/2026-05/index.html", "archive/2026-06/index.html", "archive/2026-06/1/index.html"}
    newest, first = project.page("archive/2026-06/index.html"), project.page("archive/2026-06/1/index.html")
    assert (newest.count("<i>"), first.count("<i>")) == (33, 32)
    assert "<i>A0</i>" in first
    assert "part 0" in newest
    assert links(newest, "turn") == [("/archive/2026-06/1/", "1")]
    assert "part 1" in first
    assert links(first, "turn") == [("/archive/2026-05/", "0"), ("/archive/2026-06/", "0")]
    project.article("new", title="New", date="2026-06-28", countries="")
    written = set(project.built().counts.written)
    assert {path for path in written if path.startswith("archive/2026")} == {"archive/2026-06/index.html"}


# --- sources ----------------------------------------------------------------------------------------------------------


def test_each_source_has_a_page_however_its_name_is_written(project: Project) -> None:
    theme(project, **{"source.html": LIST})
    settings(project, "sources: 1")
    for slug, name in (("a", "Nhân Dân"), ("b", "NHÂN  DÂN"), ("c", "日本銀行"), ("d", "!!!"), ("e", '"/../x"')):
        project.article(slug, title=slug, source=f"{{name: '{name}'}}")
    project.built()
    folders = {path.split("/")[1] for path in project.tree() if path.startswith("sources/") and path.count("/") == 2}
    assert {"nhân-dân", "日本銀行", "x"} < folders
    assert len(folders) == 4
    assert set(re.findall("<i>([^<]*)</i>", project.page("sources/nhân-dân/index.html"))) == {"a", "b"}


def test_a_source_below_the_number_leads_to_its_newest_article(project: Project) -> None:
    text = '{% extends "base.html" %}{% block main %}{% for row in page.rows %}'
    text += '<a class="source" href="{{ row.href }}">{{ row.name }}</a>{% endfor %}{% endblock %}'
    theme(project, **{"sources.html": text})
    settings(project, "sources: 2")
    project.article("one", source="{name: P}")
    project.article("two", source="{name: P}")
    project.article("three", source="{name: Q}")
    project.built()
    assert links(project.page("sources/index.html"), "source") == [("/sources/p/", "P"), ("/articles/three/", "Q")]
    assert "sources/q/index.html" not in project.tree()


@pytest.mark.parametrize("name", ["", "-", "CON", "x" * 500, "日" * 200, "a.b/c", "..", "Ａ", "ß", "\u202eabc", "💥"])
def test_every_name_gives_a_sound_address(name: str) -> None:
    assert slug_problem(source_slug(name)) is None
    assert source_slug(name) == source_slug(name.upper()) or name == "ß"


SCRIPTS: Final = {
    "Nhân Dân": "nhân-dân",
    "Café de l’Europe": "café-de-l-europe",
    "हिन्दुस्तान टाइम्स": "हिन्दुस्तान-टाइम्स",
    "মানব জমিন": "মানব-জমিন",
    "தி இந்து": "தி-இந்து",
    "ไทยรัฐ ออนไลน์": "ไทยรัฐ-ออนไลน์",
    "မြန်မာ့အလင်း": "မြန်မာ့အလင်း",
    "ភ្នំពេញ ប៉ុស្តិ៍": "ភ្នំពេញ-ប៉ុស្តិ៍",
    "الأهرام": "الأهرام",
    "إِيلاف": "إِيلاف",
    "می‌خواهم": "میخواهم",
    "ලංකා ශ්‍රී": "ලංකා-ශ්රී",
    "한겨레": "한겨레",
    "ガーディアン": "ガーディアン",
    "葛\U000e0100飾新聞": "葛飾新聞",
    "Q̃ / q̃": "q̃-q̃",
    "👩‍👩‍👧 News ❤️ Today": "news-today",
    "1️⃣ One": "1-one",
    "\u202eabc\u202c": "abc",
    "\u0301abc": "abc",
    "ÅSGÅRD": "åsgård",
}


@pytest.mark.parametrize(("name", "key"), SCRIPTS.items(), ids=SCRIPTS.values())
def test_an_address_keeps_the_words_of_every_script(name: str, key: str) -> None:
    key = unicodedata.normalize("NFC", key)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert source_slug(unicodedata.normalize(form, name)) == key, form
    assert slug_problem(key) is None


@given(st.text(max_size=60))
def test_any_name_has_one_sound_address_in_every_form(name: str) -> None:
    key = source_slug(name)
    assert slug_problem(key) is None
    for form in ("NFC", "NFD"):
        assert source_slug(unicodedata.normalize(form, name)) == key, form


# --- perspectives -----------------------------------------------------------------------------------------------------


def reading(text: str) -> str:
    return f"Text.\n\n## 経済的影響\n\n{text}\n"


def readings(project: Project) -> None:
    theme(project, **{"perspective.html": READINGS})
    settings(project, "perspectives: 1")
    project.article(
        "one", title="One", date="2026-06-01", body=reading("First [up](#own).\n\n### Own\n\n[two](two.md)")
    )
    project.article("two", title="Two", date="2026-07-02", topics="[energy, trade]", body=reading("### Own\n\nSecond"))
    project.article("none", title="None", date="2026-07-03")
    project.built()


def test_all_readings_of_a_perspective_are_side_by_side(project: Project) -> None:
    readings(project)
    page = project.page("perspectives/economic/index.html")
    assert re.findall("<h3><a[^>]*>([^<]*)", page) == ["Two", "One"]
    assert '<div lang="ja"><p>First <a href="/articles/one/#own">up</a>.</p>' in page
    assert '<a href="/articles/two/">two</a>' in page
    assert "id=" not in page.split("</h1>")[1], "two readings may have the same headings"


def test_a_perspective_is_filtered_by_topic(project: Project) -> None:
    readings(project)
    page = project.page("perspectives/economic/trade/index.html")
    assert "Economic impact 2 trade" in page
    assert re.findall("<h3><a[^>]*>([^<]*)", page) == ["Two", "One"]
    assert "Economic impact 1 energy" in project.page("perspectives/economic/energy/index.html")
    assert not links(page, "topic"), "a new article of another topic does not change the page"
    links_to_topics = [href for href, _ in links(project.page("perspectives/economic/index.html"), "topic")]
    assert links_to_topics == [f"/perspectives/economic/{topic}/" for topic in ("trade", "energy")]
    assert "perspectives/investors/index.html" not in project.tree()


def test_a_translation_without_a_perspective_leaves_that_of_the_original(project: Project) -> None:
    readings(project)
    settings(project, "perspectives: 1", locales="[en, ja]")
    front = "---\nid: one00000\ntitle: 題\nsummary: S\n---\n\n"
    project.file("content/articles/2026/07/one.ja.md", f"{front}訳\n")
    project.built()
    page = project.page("ja/perspectives/economic/trade/index.html")
    assert "題</a></h3>" in page
    assert "First" in page
    project.file("content/articles/2026/07/one.ja.md", f"{front}## 経済的影響\n\n訳の視点\n")
    project.built()
    assert "訳の視点" in project.page("ja/perspectives/economic/trade/index.html")
    assert "First" in project.page("perspectives/economic/trade/index.html")


# --- weeks ------------------------------------------------------------------------------------------------------------


def weeks(project: Project) -> None:
    theme(project, **{"issue.html": ISSUE, "email.html": EMAIL, "email.txt": EMAIL})
    settings(project, "issues: 1")
    project.article("new-year", title="New year", date="2025-12-29", importance="2")
    project.article("sunday", title="Sunday & <b>", date="2026-01-04T23:59", topics="[energy]", importance="5")
    project.article("same", title="Same", date="2026-01-02", importance="4")
    project.article("monday", title="Monday", date="2026-01-05")
    project.built()


def test_a_weekly_issue_is_ranked_by_importance_within_topics(project: Project) -> None:
    weeks(project)
    issues = {path for path in project.tree() if re.fullmatch(r"issues/[^/]+/index\.html", path)}
    assert issues == {"issues/2026-w01/index.html", "issues/2026-w02/index.html"}
    page = project.page("issues/2026-w01/index.html")
    assert "<h1>1/2026 2025-12-29 2026-01-04</h1>" in page
    assert re.findall("<h2>([a-z]*)", page) == ["energy", "trade"]
    assert re.findall("<i>([^<]*)", page) == ["Sunday &amp; &lt;b&gt;", "Same", "New year"]
    assert '<a href="/issues/2026-w02/">2</a>' in page


def test_an_issue_is_an_e_mail_too_as_html_and_as_plain_text(project: Project) -> None:
    weeks(project)
    html, text = (project.page(f"issues/2026-w01/email.{suffix}") for suffix in ("html", "txt"))
    assert '<a href="https://test.example/articles/sunday/">Sunday &amp; &lt;b&gt;</a>' in html
    assert "Sunday & <b>" in text
    assert "0 more" in html
    assert "email" not in project.page("sitemap.xml")


def test_only_the_newest_issues_have_e_mails(project: Project) -> None:
    theme(project, **{"issue.html": "<p>{{ page.email_html }}</p>"})
    settings(project, "issues: 1")
    for number in range(1, 5):
        project.article(f"week{number}", date=f"2026-01-{7 * number:02}")
    project.built()
    oldest = "issues/2026-w02/"
    assert project.page(f"{oldest}index.html") == f"<p>/{oldest}email.html</p>"
    assert f"{oldest}email.txt" in project.tree()
    project.article("week5", date="2026-02-04")
    assert project.build(strict=True).ok, "an e-mail that is dropped is not a removed address"
    assert project.page(f"{oldest}index.html") == "<p></p>"
    assert f"{oldest}email.html" not in project.tree()
    assert f"{oldest}email.txt" not in project.tree()
    assert "issues/2026-w03/email.txt" in project.tree()


def test_an_e_mail_of_a_full_week_keeps_the_most_important_that_fit(project: Project) -> None:
    theme(project, **{"email.html": EMAIL})
    settings(project, "issues: 1")
    for number in range(200):
        importance = "5" if number == 117 else "2"
        project.article(f"a{number}x", title=f"A{number}", importance=importance, summary="s" * 900, countries="")
    project.built()
    html = project.page("issues/2026-w27/email.html")
    shown = html.count("<a href")
    assert len(html.encode()) <= MAX_EMAIL_BYTES
    assert len(html.encode()) > MAX_EMAIL_BYTES // 2
    assert f"<p>{200 - shown} more</p>" in html
    assert html.index(">A117<") < html.index("</a>")


def test_a_week_below_the_number_has_no_issue(project: Project) -> None:
    settings(project, "issues: 2")
    project.article("one")
    project.built()
    assert not [path for path in project.tree() if path.startswith("issues/2")]


# --- corrections, subscribing, next to an article ---------------------------------------------------------------------


def test_corrections_are_listed_newest_first(project: Project) -> None:
    text = '{% extends "base.html" %}{% block main %}{% for it in page.rows %}'
    text += "<i>{{ it.article.title }}: {{ it.text }}</i>{% endfor %}{% endblock %}"
    theme(project, **{"corrections.html": text})
    project.article("one", title="One", corrections="[{at: 2026-07-04, text: A}, {at: 2026-07-08, text: B}]")
    two = "[{at: 2026-07-06T08:00, text: C}, {at: 2026-07-06T09:00, text: E}]"
    project.article("two", title="Two", corrections=two)
    project.article("three", title="Three", draft="true", corrections="[{at: 2026-07-06, text: D}]")
    project.built()
    page = project.page("corrections/index.html")
    assert re.findall("<i>([^<]*)", page) == ["One: B", "Two: E", "Two: C", "One: A"]


def test_every_feed_is_on_the_page_to_subscribe_on(project: Project) -> None:
    text = '{% extends "base.html" %}{% block main %}{% for group in page.rows %}{% for it in group.items %}'
    text += '<a class="feed" href="{{ it.href }}">{{ site.origin }}{{ it.href }}</a>'
    text += "{% endfor %}{% endfor %}{% endblock %}"
    theme(project, **{"subscribe.html": text})
    settings(project, "topic_countries: 1, sources: 1, perspectives: 1")
    project.article("one")
    project.article("two", topics="[energy]", countries="[JP]")
    project.built()
    listed = links(project.page("subscribe/index.html"), "feed")
    assert {href[1:] for href, _ in listed} == {path for path in project.tree() if path.endswith("feed.xml")}
    assert all(url == f"https://test.example{href}" for href, url in listed)


RELATED: Final = """\
{% extends "base.html" %}
{% block main %}<p>{{ page.minutes }}</p>
{% for it in page.related %}<i>{{ it.title }}</i>{% endfor %}
{% for it in page.thread %}<b>{{ it.title }}</b>{% endfor %}{% endblock %}
"""


def test_related_articles_are_of_the_same_pair_then_topic_and_country_then_topic(project: Project) -> None:
    theme(project, **{"article.html": RELATED})
    project.article("it", title="It", date="2026-07-10", countries="[VN, CN]", topics="[energy]")
    project.article("pair-far", title="Pair far", date="2026-01-01", countries="[CN, VN]")
    project.article("pair-near", title="Pair near", date="2026-08-01", countries="[VN, CN, JP]")
    project.article("country", title="Country", date="2026-07-09", countries="[VN]", topics="[energy]")
    project.article("older", title="Older", date="2026-06-01", countries="[US]", topics="[energy]")
    project.article("old", title="Old", date="2026-05-01", countries="[US]", topics="[energy]")
    project.article("other", title="Other", date="2026-07-10", countries="[US]")
    project.built()
    page = project.page("articles/it/index.html")
    found = re.findall("<i>([^<]*)", page)
    assert found[:2] == ["Pair near", "Pair far"]
    assert "Country" not in found, "it is the one before in the topic, which the page shows already"
    assert set(found[2:]) == {"Older", "Old"}
    assert "It" not in found
    assert "Other" not in found


def test_a_thread_is_shown_whole_with_the_article_in_it(project: Project) -> None:
    theme(project, **{"article.html": RELATED})
    for number in range(25):
        follows = f"t{number - 1}x.md" if number else ""
        project.article(f"t{number}x", title=f"T{number}", date=f"2026-06-{number + 1:02}", follows=follows)
    project.article("branch", title="Branch", date="2026-06-02T12:00", follows="t0x.md")
    project.article("alone", title="Alone")
    project.built()
    first = re.findall("<b>([^<]*)", project.page("articles/t0x/index.html"))
    assert first == ["T0", "T1", "Branch", *(f"T{number}" for number in range(2, 10))]
    middle = re.findall("<b>([^<]*)", project.page("articles/t12x/index.html"))
    assert middle == [f"T{number}" for number in range(2, 23)]
    assert "<b>" not in project.page("articles/alone/index.html")


def test_of_one_day_a_thread_has_an_article_before_those_that_follow_it(project: Project) -> None:
    theme(project, **{"article.html": RELATED})
    project.article("z", title="First")
    project.article("y", title="Second", follows="z.md")
    project.article("a", title="Third", follows="y.md")
    project.built()
    assert re.findall("<b>([^<]*)", project.page("articles/a/index.html")) == ["First", "Second", "Third"]


def test_a_follow_up_without_a_time_is_not_before_what_it_follows(project: Project) -> None:
    theme(project, **{"article.html": RELATED})
    project.article("first", title="First", date="2026-07-03T10:00")
    project.article("second", title="Second", date="2026-07-03", follows="first.md")
    project.article("third", title="Third", date="2026-07-03T09:00", follows="second.md")
    project.article("noon", title="Noon", date="2026-07-03T12:00", follows="first.md")
    project.article("next", title="Next", date="2026-07-04", follows="first.md")
    project.built()
    shown = re.findall("<b>([^<]*)", project.page("articles/first/index.html"))
    assert shown == ["First", "Second", "Third", "Noon", "Next"]


@pytest.mark.parametrize(
    ("html", "minutes"),
    [
        ("", 1),
        ("<p>短い。</p>", 1),
        ("<p>" + "政" * 1500 + "</p>", 3),
        ("<p>" + "word " * 440 + "</p>", 2),
        ('<a href="' + "x" * 5000 + '">x</a>', 1),
        ("政" * 1000 + "x" * 2200, 4),
    ],
)
def test_reading_time_goes_by_characters(html: str, minutes: int) -> None:
    assert reading_minutes([html]) == minutes


# --- pages of the editor's --------------------------------------------------------------------------------------------

OWN: Final = """\
{% extends "base.html" %}
{% block main %}<h1 {{ page.lang|lang }}>{{ page.title }}</h1>
{% for it in site.pages %}<a class="own" href="{{ it.href }}">{{ it.name }}</a>{% endfor %}
{% for section in page.sections %}{{ section.html }}{% endfor %}{% endblock %}
"""


def about(title: str = "About", body: str = "Text.\n", **lines: str) -> str:
    front = "".join(f"{key}: {value}\n" for key, value in ({"title": title, "lang": "en"} | lines).items() if value)
    return f"---\n{front}---\n\n{body}"


def test_a_page_of_the_editors_in_two_languages(project: Project) -> None:
    theme(project, **{"page.html": OWN})
    settings(project, "", locales="[en, ja]")
    project.article("one", body="[about](/pages/about.md) [again](/about/)\n")
    project.file("content/pages/about.md", about(body="[one](../articles/2026/07/one.md)\n\n## Economic impact\n\nX\n"))
    project.file("content/pages/about.ja.md", about("概要", lang=""))
    project.file("content/pages/imprint.md", about("Imprint", order="1"))
    result = project.built()
    assert result.articles == 1
    english, japanese = project.page("about/index.html"), project.page("ja/about/index.html")
    assert '<a href="/articles/one/">one</a>' in english
    assert '<h2 id="economic-impact">Economic impact</h2>' in english, "a page has no perspectives"
    assert '<h1 lang="ja">概要</h1>' in japanese
    assert links(english, "own") == [("/imprint/", "Imprint"), ("/about/", "About")]
    assert links(japanese, "own") == [("/ja/imprint/", "Imprint"), ("/ja/about/", "概要")]
    article = project.page("ja/articles/one/index.html")
    assert article.count('href="/ja/about/"') == 2
    assert "https://test.example/ja/about/</loc>" in project.page("sitemap.xml")
    assert not [path for path in project.tree() if "feed" in path and b"Imprint" in project.tree()[path]]


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("topics.md", about(), "page-collision"),
        ("search.md", about(), "page-collision"),
        ("ja.md", about(), "page-collision"),
        ("About.md", about(), "bad-slug"),
        ("about.md", about(title=""), "missing-key"),
        ("about.md", about(lang=""), "missing-key"),
        ("about.md", about(order="0"), "out-of-range"),
        ("about.md", about(topics="[trade]"), "unknown-key"),
        ("about.md", about(body="[x](none.md)\n"), "dead-link"),
        ("about.md", about(body="<br>\n"), "raw-html"),
        ("about.fr.md", about(lang=""), "no-original"),
        ("about.md", "", "no-front-matter"),
    ],
)
def test_a_page_that_is_wrong(project: Project, path: str, text: str, code: str) -> None:
    settings(project, "", locales="[en, ja]")
    project.file(f"content/pages/{path}", text)
    result = project.build()
    assert not result.ok
    assert only(result, code).location.path == f"content/pages/{path}"


def test_a_page_without_text_or_in_a_folder_below_is_a_warning(project: Project) -> None:
    project.file("content/pages/about.md", about(body=""))
    project.file("content/pages/more/help.md", about())
    result = project.build()
    assert result.ok
    assert sorted(codes(result)) == ["no-text", "not-read"]


def test_an_alias_cannot_be_the_address_of_a_page(project: Project) -> None:
    project.file("content/pages/about.md", about())
    project.article("one", aliases="[/about/]")
    assert "alias-collision" in codes(project.build())
