"""Events to come: their page, their boxes, their calendars and feed, and what the clock and an edit change."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import feedparser
import pytest
from icalendar import Calendar

from sitegen.builder import BuildRequest, BuildSession, build
from tests.project import SITE, Project, codes, new_project, only, tree

NOW: Final = datetime(2026, 9, 1, 14, 59, tzinfo=UTC)
"""One minute before 2 September in Tokyo."""
TEMPLATE: Final = """\
{% extends "base.html" %}
{% block main %}{% for event in page.events %}<p class="next" id="{{ event.name }}">
 <b lang="{{ event.lang }}">{{ event.text }}</b>
 {% for it in event.topics %}<a href="{{ it.href }}">t</a>{% endfor %}</p>
{% endfor %}{% for event in page.past %}<p class="past">{{ event.text }}{% for it in event.followers %}
 <a href="{{ it.href }}">{{ it.title }}</a>{% endfor %}</p>{% endfor %}
{% for it in page.calendars %}<a href="{{ it.href }}">{{ it.name }}</a>{% endfor %}{% endblock %}
"""
BOX: Final = """\
{% extends "list.html" %}
{% block main %}{% for event in page.upcoming %}<i>{{ event.text }}</i>{% endfor %}{{ super() }}{% endblock %}
"""
CALENDAR: Final = """\
- {at: 2026-12-24T09:30, text: {en: "Winter, talks; begin", ja: 冬の協議が始まる}, topic: energy, added: 2026-07-05}
- at: 2027-03-01
  text: 会議が開かれる。会議が開かれる。会議が開かれる。会議が開かれる。会議が開かれる。会議が開かれる。
  url: https://example.org/a,b
  countries: [JP]
- {at: 2027-05, text: Not yet, added: 2026-10-01}
"""
LAW: Final = """
- {at: 2026-09-01, text: The law takes effect, url: "https://example.org/law"}
- {at: 2026-09, text: {en: A first report, ja: 最初の報告}}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a digest with an article that announces two events, one that follows it, and a calendar."""
    project = new_project(tmp_path_factory.mktemp("events"))
    renamed = SITE.replace("{en: Trade, ja: 貿易}", "{en: Trade, ja: 貿易, old_keys: [commerce]}")
    project.write(renamed.replace("locales: [en]", "locales: [en, ja]"))
    for name, text in (("upcoming", TEMPLATE), ("home", BOX), ("topic", BOX), ("country", BOX)):
        project.file(f"themes/bare/templates/{name}.html", text)
    project.article("law", upcoming=LAW, body="[Subscribe](/topics/trade/calendar.ics)\n")
    project.article("plain", date="2026-07-04")
    project.article("after", date="2026-09-01", follows="law.md", title="The law is in force")
    project.article("other-source", follows="law.md", title="The law is announced", source="{name: Another Paper}")
    project.file("content/calendar.yaml", CALENDAR)
    result = project.build(now=NOW)
    assert result.ok, result.diagnostics
    assert codes(result) == []
    return project


def events(project: Project, path: str) -> dict[str, Any]:
    """Return the events of a calendar by their text, as the library icalendar reads them."""
    data = (project.root / "output" / "site" / path).read_bytes()
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    calendar = Calendar.from_ical(data)
    assert (str(calendar["VERSION"]), calendar.errors) == ("2.0", [])
    assert all(not event.errors for event in calendar.events)
    return {str(event["SUMMARY"]): event for event in calendar.events}


def test_a_calendar_is_read_by_another_program(site: Project) -> None:
    found = events(site, "calendar.ics")
    assert list(found) == ["The law takes effect", "A first report", "Winter, talks; begin", "会議が開かれる。" * 6]
    law, report, winter, meeting = found.values()
    assert law.start == date(2026, 9, 1)
    assert law.end == date(2026, 9, 2)
    assert law["DTSTART"].params["VALUE"] == "DATE"
    assert (report.start, report.end) == (date(2026, 9, 1), date(2026, 10, 1))
    assert winter.start == datetime(2026, 12, 24, 0, 30, tzinfo=UTC)
    assert law["DTSTAMP"].dt == datetime(2026, 7, 2, 15, tzinfo=UTC), "the date of the article, in UTC"
    assert winter["DTSTAMP"].dt == datetime(2026, 7, 4, 15, tzinfo=UTC), "the day of the entry"
    assert meeting["DTSTAMP"].dt == datetime(2026, 1, 1, tzinfo=UTC), "the day of the authority"
    assert (str(law["URL"]), str(meeting["URL"])) == ("https://example.org/law", "https://example.org/a,b")
    assert "https://test.example/articles/law/" in str(law["DESCRIPTION"])
    assert [str(name) for name in law["CATEGORIES"].cats] == ["Trade", "Vietnam", "China"]
    assert len({str(event["UID"]) for event in found.values()}) == 4
    japanese = events(site, "ja/calendar.ics")
    assert {str(event["UID"]) for event in japanese.values()} == {str(event["UID"]) for event in found.values()}
    assert "冬の協議が始まる" in japanese


def test_there_is_a_calendar_for_each_topic_and_country_with_an_event(site: Project) -> None:
    tree = site.tree()
    paths = {path.removesuffix("calendar.ics") for path in tree if path.endswith(".ics")}
    assert {path for path in paths if not path.startswith("ja/")} == {
        "",
        "topics/trade/",
        "topics/commerce/",
        "topics/energy/",
        "countries/vn/",
        "countries/cn/",
        "countries/jp/",
    }
    assert tree["topics/commerce/calendar.ics"] == tree["topics/trade/calendar.ics"], "at the older address, too"
    assert list(events(site, "topics/energy/calendar.ics")) == ["Winter, talks; begin"]
    assert list(events(site, "countries/vn/calendar.ics")) == ["The law takes effect", "A first report"]


def test_the_page_has_what_is_to_come_and_what_became_of_the_rest(site: Project, tmp_path: Path) -> None:
    """An event is to come until its day has ended in the time zone of the site."""
    page = site.page("upcoming/index.html")
    assert page.index("The law takes effect") < page.index("A first report") < page.index("Winter, talks; begin")
    assert 'class="past"' not in page
    assert "Not yet" not in page
    assert "/topics/energy/" not in page.replace("/topics/energy/calendar.ics", ""), "a topic without a page"
    assert '<b lang="ja">冬の協議が始まる</b>' in site.page("ja/upcoming/index.html")
    for path in ("index.html", "topics/trade/index.html", "countries/vn/index.html"):
        assert "<i>The law takes effect</i>" in site.page(path), path
    before = site.tree()

    def now(moment: datetime) -> dict[str, bytes]:
        result = build(BuildRequest(site.root, moment, tmp_path / "output"))
        assert result.ok, result.diagnostics
        return tree(result.site)

    assert now(NOW) == before
    after = now(NOW + timedelta(minutes=1))
    past = after["upcoming/index.html"].decode()
    assert 'class="past">The law takes effect' in past
    assert '<a href="/articles/after/">The law is in force</a>' in past
    assert "The law is announced" not in past, "it is of the day of the announcement"
    assert "A first report" in past.partition('class="past"')[0], "its month has not ended"
    assert b"<i>The law" not in after["index.html"]
    changed = {path for path, data in after.items() if data != before[path]}
    assert not {path for path in changed if path.endswith((".ics", ".xml", ".json"))}, "they have no clock"
    assert 'class="next"' not in now(NOW + timedelta(days=400))["upcoming/index.html"].decode()
    assert b"Not yet" in now(datetime(2026, 10, 1, tzinfo=UTC))["calendar.ics"]


def test_the_feed_has_each_event_when_it_is_announced(site: Project) -> None:
    parsed = feedparser.parse(site.tree()["upcoming/atom.xml"])
    assert not parsed.bozo
    titles = [entry.title for entry in parsed.entries]
    assert titles[0] == "December 24, 2026 09:30: Winter, talks; begin"
    assert set(titles[1:3]) == {"September 2026: A first report", "September 1, 2026: The law takes effect"}
    law = next(entry for entry in parsed.entries if "law" in entry.title)
    assert law.link == "https://test.example/articles/law/"
    assert law.published == "2026-07-03T00:00:00+09:00"
    assert '<a href="https://example.org/law">' in law.content[0].value
    names = json.loads(site.tree()["ja/upcoming/feed.json"])["items"]
    assert names[0]["title"] == "2026年12月24日 09:30：冬の協議が始まる"
    assert "https://test.example/upcoming/feed.xml" in site.page("feeds.opml")


def test_topics_and_countries_without_a_page_are_named(project: Project) -> None:
    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8").replace("theme: bare", "theme: default"))
    project.article("plain", date="2026-07-04")
    project.file("content/calendar.yaml", CALENDAR)
    assert project.build(now=NOW).ok
    found = events(project, "calendar.ics")
    assert [str(name) for name in found["会議が開かれる。" * 6]["CATEGORIES"].cats] == ["Japan"]
    assert [str(name) for name in found["Winter, talks; begin"]["CATEGORIES"].cats] == ["Energy"]
    parsed = feedparser.parse(project.tree()["upcoming/atom.xml"])
    assert [tag.label for entry in parsed.entries for tag in entry.tags if tag.label in {"Japan", "Energy"}]
    page = project.page("upcoming/index.html")
    assert '<span><span class="flag" aria-hidden="true">🇯🇵</span> Japan</span>' in page
    assert '<span lang="en">Energy</span>' in page


def test_an_edit_changes_what_it_must(project: Project) -> None:
    """A calendar does not change with other articles, and an event keeps its UID if it is put off."""
    project.article("law", upcoming=LAW)
    project.file("content/calendar.yaml", CALENDAR)
    assert project.build(now=NOW).ok
    before, known = project.tree(), events(project, "calendar.ics")
    project.article("plain", date="2026-07-04", importance="5")
    assert project.build(now=NOW).ok
    assert {path for path, data in project.tree().items() if path.endswith(".ics") and data != before[path]} == set()
    moved = LAW.replace("at: 2026-09-01", "at: 2026-11-01").split("\n")
    project.article("law", upcoming="\n".join(["", *reversed(moved[1:])]))
    project.file("content/calendar.yaml", CALENDAR.replace("2027-03-01", "2027-03-02"))
    assert project.build(now=NOW).ok
    found = events(project, "calendar.ics")
    assert {text: event["UID"] for text, event in found.items()} == {text: it["UID"] for text, it in known.items()}
    assert found["The law takes effect"].start == date(2026, 11, 1)
    clean = build(BuildRequest(project.root, NOW, project.root / "clean"))
    assert tree(clean.site) == project.tree(), "an incremental build equals a clean one"
    (project.root / "content" / "calendar.yaml").unlink()
    project.article("law")
    assert project.build(now=NOW).ok
    assert not [path for path in project.tree() if path.endswith(".ics")]


def test_the_preview_shows_an_edited_entry(project: Project) -> None:
    """A session reuses the last plan only if nothing but a text has changed."""
    session = BuildSession()
    for text in ("One", "Two"):
        project.file("content/calendar.yaml", f"- {{at: 2026-12, text: {text}}}\n")
        session.touch(frozenset({"content/calendar.yaml"}))
        assert build(BuildRequest(project.root, NOW), session=session).ok
        assert list(events(project, "calendar.ics")) == [text]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("upcoming: []\n", "wrong-type", 1, 1),
        ("- one\n", "wrong-type", 1, 3),
        ("- {at: 2026-09, text: A}\n- {at: 2026-02-30, text: B}\n", "bad-date", 2, 8),
        ("- {at: 2026-09, text: A, topic: trad}\n", "unknown-topic", 1, 33),
        ("- {at: 2026-09, text: A, countries: [Japan]}\n", "unknown-country", 1, 38),
        ("- {at: 2026-09, text: A, country: JP}\n", "unknown-key", 1, 26),
        ("- {at: 2026-09, text: A}\n- {at: 2026-09, text: A}\n", "duplicate-value", 2, 23),
        ("- {at: 2026-09\n", "yaml-syntax", 1, 3),
    ],
)
def test_an_entry_that_is_wrong_is_reported(project: Project, text: str, code: str, line: int, column: int) -> None:
    project.file("content/calendar.yaml", text)
    location = only(project.build(), code).location
    assert (location.path, location.line, location.column) == ("content/calendar.yaml", line, column)


@pytest.mark.parametrize("name", ["calendar.yml", "calender.yaml", "Calendar.yaml"])
def test_a_calendar_with_another_name_is_reported(project: Project, name: str) -> None:
    project.file(f"content/{name}", "- {at: 2026-09, text: A}\n")
    assert only(project.build(), "not-read").location.path == f"content/{name}"


def test_another_table_is_not_taken_for_a_calendar(project: Project) -> None:
    project.file("content/card.yaml", "- a\n")
    assert codes(project.build()) == []


def test_a_follow_up_is_shown_at_the_last_event_before_it(project: Project) -> None:
    """An article announces a hearing, a vote, a report of the month of the vote, and a ceremony after the follow-up."""
    project.file("themes/bare/templates/upcoming.html", TEMPLATE)
    days = (("2026-07-10", "Hearing"), ("2026-08-05", "Vote"), ("2026-08", "Report"), ("2026-08-20", "Ceremony"))
    entries = ", ".join(f"{{at: {at}, text: {text}}}" for at, text in days)
    project.article("law", date="2026-07-03", upcoming=f"[{entries}]")
    for name, day in (("heard", "2026-07-12"), ("voted", "2026-08-06")):
        project.article(name, title=name, date=day, follows="law.md" if day < "2026-08" else "../07/law.md")
    assert project.build(now=NOW).ok
    past = project.page("upcoming/index.html").split('class="past">')[1:]
    shown = {re.split(r"\W", text)[0]: [name for name in ("heard", "voted") if f">{name}<" in text] for text in past}
    assert shown == {"Ceremony": [], "Report": ["voted"], "Vote": ["voted"], "Hearing": ["heard"]}
