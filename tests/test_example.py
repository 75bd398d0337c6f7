"""The example digest, built as it is published: valid pages, feeds that readers take, languages, links."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import brotli
import feedparser
import pytest
import yaml

from sitegen.builder import BuildResult
from sitegen.content.documents import translated_file
from sitegen.outputs.emails import MAX_EMAIL_BYTES
from sitegen.outputs.pages.editions import EMAIL_EDITIONS
from sitegen.outputs.pages.issues import EMAIL_ISSUES
from tests.example import pages
from tests.tools import REPOSITORY, html_checker

ORIGIN = "https://meridian.example/"
FILES = sorted((REPOSITORY / "content" / "articles").rglob("*.md"))
ARTICLES = [file for file in FILES if translated_file(file.as_posix()) is None]


def front_matters() -> list[dict[str, Any]]:
    texts = (file.read_text(encoding="utf-8") for file in ARTICLES)
    return [yaml.safe_load(text.split("---\n")[1]) for text in texts]


def test_the_example_has_what_a_digest_has() -> None:
    fronts = front_matters()
    assert len(fronts) >= 30
    assert len({topic for front in fronts for topic in front["topics"]}) >= 6
    assert len({code for front in fronts for code in front["countries"]}) >= 15
    assert len({str(front["date"])[:7] for front in fronts}) >= 8
    assert {len(front["countries"]) for front in fronts} == {1, 2, 3, 4}
    languages = Counter(front["lang"] for front in fronts)
    assert languages["en"] > languages["ja"] >= 3
    for key in ("corrections", "follows", "draft", "aliases", "reviewed", "updated"):
        assert any(key in front for front in fronts), key
    assert any(str(front["date"]) > "2027" for front in fronts), "one is scheduled"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_article_says_that_it_is_a_sample_and_links_to_a_source(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert re.search(r"^\*(Sample article|見本記事)", text, re.MULTILINE)
    assert file not in ARTICLES or re.search(r"https?://[\w.-]+", text)


def test_drafts_and_scheduled_articles_are_nowhere(example: BuildResult) -> None:
    assert example.held_back.total == 2
    everything = "".join(
        file.read_text(encoding="utf-8") for file in example.site.rglob("*") if file.suffix in {".html", ".xml"}
    )
    assert "bangladesh-ldc-graduation-decision" not in everything
    assert "green-expo-2027-yokohama" not in everything


@pytest.mark.slow
def test_every_page_is_valid_html(example: BuildResult) -> None:
    checker = html_checker()
    done = subprocess.run(
        [*checker, "--skip-non-html", "--format", "gnu", str(example.site)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_the_stylesheet_is_valid_and_small(example: BuildResult) -> None:
    checker = html_checker()
    sheet = next((example.site / "assets").glob("site.*.css"))
    done = subprocess.run(
        [*checker, "--css", "--format", "gnu", str(sheet)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    stylesheet_size = len(brotli.compress(sheet.read_bytes()))
    assert max(len(brotli.compress(text.encode())) for text in pages(example).values()) + stylesheet_size < 15 * 1024


def test_every_folder_has_a_page(example: BuildResult) -> None:
    folders = [folder for folder in (example.site, *example.site.rglob("*")) if folder.is_dir()]
    assert {"articles", "importance", "languages", "data/articles", "ja/articles", "ja/2026/07"} <= {
        folder.relative_to(example.site).as_posix() for folder in folders
    }
    for folder in folders:
        index = folder / "index.html"
        target = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', index.read_text(encoding="utf-8"))
        if target is not None:
            page = (example.site / unquote(target[1][1:]) / "index.html").read_text(encoding="utf-8")
            assert 'http-equiv="refresh"' not in page, "a redirect leads to a page at once"
            is_japanese = folder.relative_to(example.site).parts[:1] == ("ja",)
            assert ('<html lang="ja"' in page) == is_japanese, folder
    for locale in ("", "ja/"):
        assert f'url=/{locale}archive/"' in (example.site / locale / "articles/index.html").read_text(encoding="utf-8")


def test_languages_and_importance_have_pages(example: BuildResult) -> None:
    texts = pages(example)
    for locale in ("", "ja/"):
        assert len(set(re.findall(rf'href="/{locale}languages/\w+/"', texts[f"{locale}languages/index.html"]))) == 2
        for path in ("languages/ja/", "languages/en/", "importance/4/"):
            page, folder = texts[f"{locale}{path}index.html"], example.site / locale / path
            assert f'href="/{locale}{path}feed.xml"' in page
            titles = [entry.link for entry in feedparser.parse((folder / "feed.xml").read_bytes()).entries]
            assert titles
            for link in titles:
                assert link.removeprefix("https://meridian.example") in page
            channel = feedparser.parse((folder / "feed.xml").read_bytes()).feed
            assert channel.link == f"https://meridian.example/{locale}{path}"


def test_every_feed_is_read_by_feedparser(example: BuildResult) -> None:
    feeds = sorted(example.site.rglob("feed.xml"))
    assert len(feeds) > 20
    for file in feeds:
        feed = feedparser.parse(file.read_bytes())
        assert not feed.bozo, (file, feed.get("bozo_exception"))
        assert feed.entries, file
        for entry in feed.entries:
            assert entry.id.startswith("tag:meridian.example,2026:")
            assert entry.link.startswith("https://meridian.example/")
            assert entry.title
            assert entry.published_parsed


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []
        self.scripts = 0
        self.styles = 0
        self.without_language: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        table = dict(attrs)
        self.ids += [value for value in [table.get("id")] if value]
        self.hrefs += [value for name in ("href", "src") if (value := table.get(name)) and tag != "use"]
        is_data = tag == "script" and table == {"type": "application/ld+json"}
        self.scripts += (tag == "script" and not is_data) or any(name.startswith("on") for name in table)
        self.styles += tag == "style" or "style" in table


@lru_cache(maxsize=2048)
def parsed(text: str) -> _Links:
    links = _Links()
    links.feed(text)
    return links


@cache
def resolved(base: str, href: str) -> tuple[str | None, str]:
    """Return the file of the site to which an address leads, None for another host, and the fragment."""
    target, fragment = urldefrag(urljoin(base, href))
    if not target.startswith(ORIGIN):
        return None, target
    local = unquote(target.removeprefix(ORIGIN))
    return f"{local}index.html" if not local or local.endswith("/") else local, unquote(fragment)


def targets(path: str, text: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield the links of a page: as written, and resolved."""
    for href in parsed(text).hrefs:
        yield href, *resolved(ORIGIN if href.startswith("/") else ORIGIN + path.removesuffix("index.html"), href)


def test_every_link_leads_somewhere_and_nothing_runs_or_comes_from_elsewhere(example: BuildResult) -> None:
    texts = pages(example)
    ids = {path: set(parsed(text).ids) for path, text in texts.items()}
    for path, text in texts.items():
        links = parsed(text)
        assert len(links.ids) == len(set(links.ids)), path
        has_filter = re.search("<script [^>]*data-filter=", text) is not None
        assert links.scripts == (path.endswith("search/index.html") or has_filter), path
        assert links.styles == 0 or path.endswith("email.html"), path
        for href, file, fragment in targets(path, text):
            if file is None:
                assert fragment.startswith(("https://", "http://", "mailto:")), (path, href)
                continue
            assert (example.site / file).is_file(), (path, href)
            if fragment:
                assert fragment in ids[file], (path, href)


def clicks(texts: dict[str, str]) -> dict[str, int]:
    """Return how many links must be followed from the front page to each page."""
    found = {"index.html": 0}
    pending = ["index.html"]
    for path in pending:
        for _, file, _ in targets(path, texts[path]):
            if file in texts and file not in found:
                found[file] = found[path] + 1
                pending.append(file)
    return found


def test_no_page_is_an_orphan(example: BuildResult) -> None:
    texts = pages(example)
    redirects = {path for path, text in texts.items() if 'http-equiv="refresh"' in text}
    assert texts.keys() - clicks(texts).keys() == {"404.html", "ja/404.html", *redirects}


def test_what_two_countries_have_to_do_with_a_topic_is_three_clicks_from_the_front_page(example: BuildResult) -> None:
    texts = pages(example)
    found = clicks(texts)
    path = "topics/technology/cn/vn/index.html"
    assert "Vietnam presses ahead with national databases" in texts[path]
    every = {path: number for path, number in found.items() if re.fullmatch(r"topics/[a-z]+/.*index\.html", path)}
    assert path in every
    assert max(every.values()) <= 3


def test_the_newest_editions_and_issues_are_complete_e_mails(example: BuildResult) -> None:
    mails = sorted(example.site.rglob("email.html"))
    assert len(mails) == 2 * (EMAIL_EDITIONS + EMAIL_ISSUES)
    for file in mails:
        data = file.read_bytes()
        assert len(data) < MAX_EMAIL_BYTES
        hrefs = [href for href in parsed(data.decode()).hrefs if href != "mailto:editor@meridian.example"]
        assert all(href.startswith("https://meridian.example/") for href in hrefs), file
        assert b"<style" not in data
        assert b"<link" not in data
        text = file.with_suffix(".txt").read_text(encoding="utf-8")
        assert "<" not in text
        assert "&amp;" not in text
        assert "https://meridian.example/" in text


def test_a_translation_is_shown_in_its_locale_and_said_to_be_one(example: BuildResult) -> None:
    texts = pages(example)
    path = "articles/vietnam-digital-technology-industry-law/index.html"
    assert "Vietnam passes its first law" in texts[path]
    assert "ベトナム、デジタル技術産業に関する初の法律を可決" in texts[f"ja/{path}"]
    assert "英語からの翻訳" in texts[f"ja/{path}"]
    assert "Translated from the Japanese" in texts["articles/bank-of-japan-rate-rise/index.html"]
    assert "英語の記事。翻訳はまだない" in texts["ja/articles/hanoi-first-customer-mechanism/index.html"]


_JAPANESE = re.compile(r"[\u3041-\u30ff]")


class _Languages(HTMLParser):
    """Collects text in kana, with the language of the element around it."""

    _VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "wbr", "col", "source"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = [""]
        self.japanese_not_marked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._VOID:
            self.stack.append(dict(attrs).get("lang") or self.stack[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script":  # data, which name the language of each of their parts
            return
        # A window's title holds the article's and the site's name, and cannot mark either.
        if _JAPANESE.search(data) and self.stack[-1] != "ja" and self.lasttag != "title":
            self.japanese_not_marked.append(data.strip())


def test_japanese_is_marked_as_japanese_on_every_page(example: BuildResult) -> None:
    for path, text in pages(example).items():
        languages = _Languages()
        languages.feed(text)
        assert not languages.japanese_not_marked, path


def test_all_five_perspectives_are_on_an_article_page_in_their_language(example: BuildResult) -> None:
    text = pages(example)["articles/vietnam-national-databases-strategic-technology/index.html"]
    for key, label in (
        ("economic", "経済的影響"),
        ("investors", "投資家心理"),
        ("society", "社会的影響"),
        ("citizens", "市民の声"),
        ("background", "背景・歴史的文脈"),
    ):
        assert f'id="{key}"' in text
        assert label in text


def test_the_licence_is_in_the_page_and_its_metadata(example: BuildResult) -> None:
    address = "https://creativecommons.org/licenses/by/4.0/"
    for folder, words in (("", "CC BY 4.0"), ("ja/", "CC BY 4.0の条件")):
        page = (example.site / f"{folder}data/index.html").read_text("utf-8")
        assert words in page
        assert f'<a href="{address}" rel="license">' in page
        rss = feedparser.parse((example.site / f"{folder}feed.xml").read_bytes())
        atom = feedparser.parse((example.site / f"{folder}atom.xml").read_bytes())
        feed = json.loads((example.site / f"{folder}feed.json").read_bytes())["_sitegen"]
        assert words in rss.feed.rights
        assert words in atom.feed.rights
        assert [link.href for link in atom.feed.links if link.rel == "license"] == [address]
        assert feed["license"] == address
        assert words in feed["rights"]
    assert json.loads((example.site / "data/articles.json").read_bytes())["license"] == address
