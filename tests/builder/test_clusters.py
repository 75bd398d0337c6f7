"""Several reports of one event, the weeks of the archive, and the newest article of each row of a list."""

import json
import re
from typing import Final

import pytest

from sitegen.cli import main
from tests.project import NOW, SITE, Project, new_project

CARDS: Final = """\
{% extends "base.html" %}
{% block main %}{% for day in page.days %}{% for it in day.articles %}<p>{{ it.title }}{% for other in it.also %}
<a href="{{ other.href }}" lang="{{ other.lang }}">{{ other.name }}</a>{% endfor %}</p>{% endfor %}{% endfor %}
{% block more %}{% endblock %}{% endblock %}
"""
HOME: Final = """\
{% extends "list.html" %}
{% block more %}<h1>{{ page.lead.title }}: {{ page.lead.also|length }}</h1>{% endblock %}
"""
TOPIC: Final = """\
{% extends "list.html" %}
{% block more %}<h1>{{ page.total }}</h1>{% endblock %}
"""
GROUPS: Final = """\
{% extends "base.html" %}
{% block main %}<h1>{{ page.issue.count }}</h1>
{% for group in page.groups %}{% for it in group.items %}<p>{{ it.title }}
{{- ":" if it.also }}{% for other in it.also %} {{ other.name }}{% endfor %}</p>{% endfor %}{% endfor %}{% endblock %}
"""
WEEKS: Final = """\
{% extends "base.html" %}
{% block main %}{% for month in page.calendar %}<p>{{ month.first }} {{ month.count }} {{ month.href }}:
{%- for it in month.weeks %} {{ it.week }}{{ "=" ~ it.href if it.href }}{% endfor %}</p>{% endfor %}{% endblock %}
"""
NEWEST: Final = """\
{% extends "base.html" %}
{% block main %}{% for row in page.rows %}<p>{{ row.key }}: {{ row.newest.title }}
 {{ row.latest == row.newest.date }}</p>{% endfor %}{% endblock %}
"""


def source(name: str) -> str:
    """Return a source in the front matter."""
    return f"{{name: {name}, url: null, lang: en}}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a digest in which three sources report an event, and others follow it in another way."""
    project = new_project(tmp_path_factory.mktemp("clusters"))
    project.write(SITE + "pages_from: {pairs: 1, topic_countries: 1000, issues: 1, perspectives: 1}\n")
    for name, text in (("list", CARDS), ("home", HOME), ("topic", TOPIC), ("issue", GROUPS), ("email", GROUPS)):
        project.file(f"themes/bare/templates/{name}.html", text)
    for name, text in (("archive", WEEKS), ("topics", NEWEST), ("countries", NEWEST), ("perspectives", NEWEST)):
        project.file(f"themes/bare/templates/{name}.html", text)
    body = "Text.\n\n## Economic impact\n\nPrices.\n"
    project.article("talks", title="Talks", source=source("One"), body=body)
    project.article("also", title="Also talks", source=source("Two"), follows="talks.md", date="2026-07-03T09:00")
    project.article("third", title="Vote", source=source("Three"), follows="also.md", importance="4", topics="[energy]")
    project.article("update", title="An update", source=source("One"), follows="talks.md")
    project.article("later", title="The day after", source=source("Two"), follows="talks.md", date="2026-07-04")
    project.article("alone", title="Talks again", source=source("Four"))
    project.article("old", title="Old", source=source("One"), date="2026-04-29", importance="1")
    project.built()
    return project


def cards(project: Project, path: str) -> list[str]:
    """Return what is in the paragraphs of a page."""
    found = re.findall(r"<p>(.*?)</p>", project.page(path), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", text).split()) for text in found]


def test_reports_of_one_event_are_one_card(site: Project) -> None:
    """They are of one day and from different sources; the most important is first, then the one that follows none."""
    others = {"An update", "Talks again"}
    days = cards(site, "index.html")
    assert days[:2] == ["The day after", "Vote One Two"]
    assert set(days[2:4]) == others
    assert days[4:] == ["Old"]
    assert "<h1>Vote: 2</h1>" in site.page("index.html")
    page = site.page("index.html")
    assert '<a href="/articles/talks/" lang="en">One</a>' in page
    assert '<a href="/articles/also/" lang="en">Two</a>' in page
    for path in ("issues/2026-w27/index.html", "issues/2026-w27/email.html"):
        assert set(cards(site, path)) == {"Vote: One Two", "The day after", *others}, path


def test_the_home_page_has_twenty_events_also_if_the_newest_months_have_few(project: Project) -> None:
    """It names the articles that it shows, and those of the newest two months, which it counts."""
    project.file("themes/bare/templates/home.html", CARDS)
    for year in range(2001, 2026):
        project.article(f"of-{year}", title=f"{year}", date=f"{year}-01-02", source=source("One"))
    project.article("also", title="Also", date="2024-01-02", source=source("Two"), follows="of-2024.md")
    project.built()
    shown = [str(year) for year in range(2025, 2005, -1)]
    assert cards(project, "index.html") == ["2025", "2024 Two", *shown[2:]]
    project.article("of-2003", title="Another", date="2003-01-02", source=source("One"))
    assert "index.html" not in project.built().counts.written
    assert "Another" in project.page("archive/2003-01/index.html")


def test_counts_are_those_of_articles(site: Project) -> None:
    """A list has the articles of its subject only, each once, and every article keeps its page and its feed item."""
    assert "<h1>6</h1>" in site.page("topics/trade/index.html")
    trade = cards(site, "topics/trade/index.html")
    assert trade[:1] == ["The day after"]
    assert set(trade[1:]) == {"Talks Two", "An update", "Talks again", "Old"}
    assert "<h1>6</h1>" in site.page("issues/2026-w27/index.html")
    assert len(json.loads(site.page("feed.json"))["items"]) == 7
    assert {path for path in site.tree() if path.startswith("articles/") and path.count("/") == 2} == {
        f"articles/{name}/index.html" for name in ("talks", "also", "third", "update", "later", "alone", "old")
    }


def test_similar_reports_are_a_hint_for_the_editor_only(site: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def explained(path: str, *options: str) -> str:
        assert main(["-C", str(site.root), "explain", path, "--now", NOW.isoformat(), *options]) == 0
        return capsys.readouterr().out

    folder = "content/articles/2026/07"
    assert f"{folder}/talks.md; if it reports the same event, write `follows`" in explained("/articles/alone/")
    found = json.loads(explained("/articles/also/", "--format", "json"))["same_event"]
    assert found == [f"{folder}/alone.md", f"{folder}/update.md"]
    assert "similar" not in explained("/topics/trade/")


def test_the_archive_has_every_week_and_every_month(site: Project) -> None:
    """Those without an article have no link; a week of two months is in both."""
    july, june, may, april = cards(site, "archive/index.html")
    assert july == "2026-07-01 6 /archive/2026-07/: 27=/issues/2026-w27/ 28 29 30 31"
    assert june == "2026-06-01 0 : 23 24 25 26 27=/issues/2026-w27/"
    assert may == "2026-05-01 0 : 18=/issues/2026-w18/ 19 20 21 22"
    assert april == "2026-04-01 1 /archive/2026-04/: 14 15 16 17 18=/issues/2026-w18/"


def test_each_row_of_a_list_has_its_newest_article(site: Project) -> None:
    assert cards(site, "topics/index.html") == ["trade: The day after True", "energy: Vote True"]
    assert cards(site, "countries/index.html") == ["CN: The day after True", "VN: The day after True"]
    assert cards(site, "perspectives/index.html") == ["economic: Talks True"]
