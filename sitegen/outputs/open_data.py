"""Open data: tables of all articles as JSON and CSV, each article as JSON, and the schema of the front matter."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict, astuple, replace

from sitegen.content.articles import Article
from sitegen.content.frontmatter import as_values
from sitegen.outputs.feeds.items import text_html
from sitegen.outputs.front_matter_schema import front_matter_schema
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash, ArticleText, ContextHash, MarkdownText, Output, Recipe
from sitegen.outputs.view_builder import ViewBuilder, version_at
from sitegen.site.model import pairs
from sitegen.site.urls import SCHEMA, article_data_path, data_path, output_path
from sitegen.util.xml import rfc3339

TABLES: Final = ("articles.json", "articles.csv", "relations.csv")
ARTICLE_FIELDS: Final = ("url", "file", "front_matter", "text_html", "perspectives", "markdown", "translations")
"""The fields of the file of one article."""
_SEPARATOR: Final = ";"
"""Separates the values of a list in CSV; no key, code or tag can contain it."""
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""The start of a cell that a spreadsheet evaluates (OWASP, "CSV Injection"), also after apostrophes."""


class DataRow(Struct, frozen=True):
    """An article in a table of open data (see docs/reference/open-data.md): plain values, lists as tuples."""

    id: str
    url: str
    data_url: str | None
    title: str
    lang: str
    date: datetime
    updated: datetime | None
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    importance: int
    summary: str
    source: str
    source_url: str | None
    source_lang: str
    translations: tuple[str, ...]
    perspectives: tuple[str, ...]
    generated_title: str | None
    generated_summary: str | None
    generated_text: str | None
    generated_analysis: str | None
    generated_translation: str | None
    reviewed_by: str | None
    corrections: int
    follows: str | None


class RelationRow(Struct, frozen=True):
    """The number of articles of a month and a topic with two countries, codes in order."""

    country: str
    other_country: str
    month: date
    topic: str
    count: int


class TableFile(Recipe, frozen=True):
    """A table of all articles: one of TABLES."""

    context: ContextHash
    name: str
    articles: tuple[ArticleHash, ...]

    def render(self, env: Any) -> bytes:
        """Return the table."""
        builder = env.builder(self.context)
        return _table(builder, self.name, builder.articles(self.articles))


class ArticleDataFile(Recipe, frozen=True):
    """One article as open data, in its original language and in those of its translations."""

    context: ContextHash
    whole: ArticleText
    markdown: MarkdownText
    translations: tuple[ArticleText, ...] = ()

    def render(self, env: Any) -> bytes:
        """Return the article as JSON: its front matter, its text as HTML and Markdown, and its perspectives.

        Translations follow, each with title, summary and text as HTML. `front_matter` and `markdown` are the complete
        file of the article; `content.json_article` restores it. `extra` is only published if the site enables it.
        """
        builder = env.builder(self.context)
        article = builder.article(self.whole.article)
        front = article.front if "extra" in builder.config.data else replace(article.front, extra=None)
        value = {
            "url": builder.urls.absolute(builder.urls.article(article.slug)),
            "file": article.path,
            "front_matter": as_values(front),
            **_text(builder, self.whole),
            "markdown": env.values.markdown(self.markdown.hash),
            "translations": [_translation(builder, article, whole) for whole in self.translations],
        }
        return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


class SchemaFile(Recipe, frozen=True):
    """The JSON Schema of the front matter, with the topics and countries of the site."""

    context: ContextHash

    def render(self, env: Any) -> bytes:
        """Return the schema."""
        schema = front_matter_schema(env.builder(self.context).config)
        return (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode()


def plan_open_data(planner: LocalePlanner) -> Iterator[Output]:
    """Yield the open data, which are the same in all locales, with the URLs of the first locale."""
    site = planner.site
    for name in TABLES if "tables" in site.config.data else ():
        yield Output(output_path(data_path(name)), TableFile(planner.context, name, planner.all_articles))
    for article in site.articles if "articles" in site.config.data else ():
        translations = tuple([planner.version_text(article, version) for version in article.translations])
        whole = planner.version_text(article, article.original)
        markdown = MarkdownText(article.path, article.markdown)
        recipe = ArticleDataFile(planner.context, whole, markdown, translations)
        yield Output(output_path(article_data_path(article.front.id)), recipe)
    yield Output(output_path(SCHEMA), SchemaFile(planner.context))


def _translation(builder: ViewBuilder, article: Article, whole: ArticleText) -> dict[str, Any]:
    version = version_at(article, whole.path)
    return {
        "file": version.path,
        "lang": version.lang,
        "title": version.title,
        "summary": version.summary,
        "generated": dict(version.generated),
        "reviewed_by": version.reviewed.by if version.reviewed else None,
        **_text(builder, whole),
    }


def _text(builder: ViewBuilder, whole: ArticleText) -> dict[str, Any]:
    """Return a text as HTML: the text outside perspectives, and each perspective."""
    sections = builder.sections(whole, absolute=True)
    return {
        "text_html": text_html([section for section in sections if section.key is None]),
        "perspectives": [
            {
                "key": section.key,
                "name": section.name,
                "label": section.label,
                "lang": section.lang,
                "html": text_html([section]).partition("</h3>\n")[2],
            }
            for section in sections
            if section.key is not None
        ],
    }


def column_names(name: str) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    return (RelationRow if name == "relations.csv" else DataRow).__struct_fields__


def _article_rows(builder: ViewBuilder, articles: Iterable[Article]) -> Iterator[DataRow]:
    """Yield the row of each article."""
    config, urls = builder.config, builder.urls
    keys = {term.key for term in config.perspectives}
    with_files = "articles" in config.data
    by_path = {article.path: article for article in articles}
    for article in by_path.values():
        front = article.front
        wrote = dict(front.generated)
        follows = by_path.get(article.follows) if article.follows is not None else None
        yield DataRow(
            id=front.id,
            url=urls.absolute(urls.article(article.slug)),
            data_url=urls.absolute(article_data_path(front.id)) if with_files else None,
            title=front.title,
            lang=front.lang,
            date=article.published,
            updated=article.updated,
            topics=front.topics,
            countries=front.countries,
            importance=front.importance,
            summary=front.summary,
            source=front.source.name,
            source_url=front.source.url,
            source_lang=front.source.lang or front.lang,
            translations=tuple([version.lang for version in article.translations]),
            perspectives=tuple([anchor for anchor in article.anchors if anchor in keys]),
            generated_title=wrote.get("title"),
            generated_summary=wrote.get("summary"),
            generated_text=wrote.get("text"),
            generated_analysis=wrote.get("analysis"),
            generated_translation=wrote.get("translation"),
            reviewed_by=front.reviewed.by if front.reviewed else None,
            corrections=len(front.corrections),
            follows=follows.front.id if follows else None,
        )


def _relation_rows(articles: Iterable[Article]) -> list[RelationRow]:
    """Return the number of articles of each pair of countries in each month and topic, sorted."""
    counts = Counter(
        (*pair, article.published.date().replace(day=1), topic)
        for article in articles
        for pair in pairs(article)
        for topic in article.front.topics
    )
    return [RelationRow(*key, count) for key, count in sorted(counts.items())]


def _table(builder: ViewBuilder, name: str, articles: Sequence[Article]) -> bytes:
    """Return a table of all articles."""
    if name == "relations.csv":
        return _csv(name, (_csv_cells(row) for row in _relation_rows(articles)))
    rows = _article_rows(builder, articles)
    if name == "articles.csv":
        return _csv(name, map(_csv_cells, rows))
    config = builder.config
    head = {
        "title": config.title.get(builder.locale),
        "home_page_url": builder.urls.absolute(builder.urls.home()),
        "documentation_url": builder.urls.absolute(builder.urls.section("data")),
        "rights": config.rights.get(builder.locale) or None,
        "license": config.license,
    }
    opening = _to_json({key: value for key, value in head.items() if value is not None}).removesuffix("}")
    inside = ",\n".join(map(_to_json, map(_json_values, rows)))
    return f'{opening},\n"articles": [\n{inside}\n]}}\n'.encode()


def _json_values(row: DataRow) -> dict[str, Any]:
    """Return a row for JSON: lists remain lists, unknown values are null."""
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in asdict(row).items()}


def _csv_cells(row: DataRow | RelationRow) -> Iterator[str]:
    """Yield the cells of a row for CSV."""
    for value in astuple(row):
        if isinstance(value, tuple):
            yield text_cell(_SEPARATOR.join(value))
        elif isinstance(value, datetime):
            yield rfc3339(value)
        elif isinstance(value, date):
            yield f"{value:%Y-%m}"
        else:
            yield "" if value is None else text_cell(str(value))


def text_cell(text: str) -> str:
    """Return text with an apostrophe before a formula; a reader removes one apostrophe where the pattern matches."""
    return f"'{text}" if _FORMULA.match(text) else text


def _csv(name: str, lines: Iterable[Iterable[str]]) -> bytes:
    """Return a table as CSV (RFC 4180): a line of names first, CRLF at the end of each line."""
    out: list[str] = []
    writer = csv.writer(SimpleNamespace(write=out.append))
    writer.writerow(column_names(name))
    writer.writerows(lines)
    return "".join(out).encode()


def _to_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
