"""The publisher of the digest is named wherever the digest is read."""

import json
import re
from html import unescape
from typing import Any

import feedparser
import pytest

from tests.example import THEMES
from tests.project import EVERY_PAGE, SITE, Project

PUBLISHER = "publisher: {name: {en: Ann & Sons, ja: アン社}, contact: CONTACT, url: 'https://ann.example/'}\n"
ABOUT = "---\ntitle: About\nlang: en\n---\n\nText.\n"


def built(project: Project, theme: str, publisher: str) -> None:
    project.write(SITE.replace("[en]", "[en, ja]").replace("theme: bare", f"theme: {theme}") + EVERY_PAGE + publisher)
    project.article("one", reviewed="{by: R. Eader}")
    project.file("content/pages/about.md", ABOUT)
    project.file("content/pages/contact.md", ABOUT)
    project.built()


def text_of(page: str) -> str:
    return unescape(re.sub(r"<br>", "\n", re.sub(r"<(?!br>)[^>]*>", "", page)))


def publishers(page: str) -> list[dict[str, Any]]:
    data = re.search(r'<script type="application/ld.json">(.*?)</script>', page)
    assert data is not None
    return [node["publisher"] for node in json.loads(data[1])["@graph"] if "publisher" in node]


@pytest.mark.parametrize("theme", THEMES)
def test_pages_feeds_and_emails_name_the_publisher(project: Project, theme: str) -> None:
    built(project, theme, "\n" + PUBLISHER.replace("CONTACT", "ed+1@ann.example"))
    for path in ("index.html", "topics/index.html", "articles/one/index.html", "404.html"):
        assert "Published by Ann & Sons" in text_of(project.page(path).partition("<footer")[2]), path
    assert "発行 アン社" in text_of(project.page("ja/index.html"))
    about = project.page("about/index.html").partition("<main")[2].partition("<footer")[0]
    assert "Published by Ann & Sons\nContact ed+1@ann.example" in text_of(about)
    assert 'href="mailto:ed+1@ann.example"' in about
    assert "Ann" not in project.page("contact/index.html").partition("<main")[2].partition("<footer")[0]
    named = {"@type": "Organization", "name": "Ann & Sons", "url": "https://ann.example/", "email": "ed+1@ann.example"}
    assert publishers(project.page("index.html")) == publishers(project.page("articles/one/index.html")) == [named]
    assert publishers(project.page("ja/index.html"))[0]["name"] == "アン社"
    for suffix in ("html", "txt"):
        email = project.page(f"issues/2026-w27/email.{suffix}")
        shown = text_of(email) if suffix == "html" else email
        assert "Published by Ann & Sons\nContact ed+1@ann.example" in shown
    rss = feedparser.parse(project.page("feed.xml"))
    assert not rss.bozo
    assert "<managingEditor>ed+1@ann.example (Ann &#x26; Sons)</managingEditor>" in project.page("feed.xml")
    assert rss.feed.publisher == "Ann & Sons"
    assert rss.entries[0].author == "R. Eader"
    atom = feedparser.parse(project.page("atom.xml"))
    assert atom.feed.author_detail == {
        "name": "Ann & Sons",
        "href": "https://ann.example/",
        "email": "ed+1@ann.example",
    }
    (author,) = json.loads(project.page("ja/feed.json"))["authors"]
    assert author == {"name": "アン社", "url": "https://ann.example/"}


def test_the_contact_may_be_a_page(project: Project) -> None:
    contact = "https://ann.example/contact/"
    publisher = PUBLISHER.replace("CONTACT", f"'{contact}'").replace(", url: 'https://ann.example/'", "")
    built(project, "default", "\n" + publisher)
    assert f'href="{contact}"' in project.page("about/index.html")
    (found,) = publishers(project.page("index.html"))
    assert found["contactPoint"] == {"@type": "ContactPoint", "url": contact}
    assert found["url"] == "https://test.example/"
    assert "managingEditor" not in project.page("feed.xml")
    assert feedparser.parse(project.page("atom.xml")).feed.author_detail == {"name": "Ann & Sons", "href": contact}
