"""Open data: tables of all articles as JSON and CSV, each article as JSON, and the schema of the front matter."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from types import SimpleNamespace
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import astuple, replace

from sitegen.config.model import Config, Redirect
from sitegen.content.articles import Article
from sitegen.content.frontmatter import as_values, translation_values
from sitegen.outputs import texts
from sitegen.outputs.feed_items import text_html
from sitegen.outputs.front_matter_schema import front_matter_schema
from sitegen.outputs.machine_parts import MachinePart, machine_parts
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ConfigFile, FileSet, Output, Recipe, StaticFile, config_file
from sitegen.outputs.references import ArticleHash, ArticleText, ContextHash
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.specs import hashes
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.model import pairs
from sitegen.site.sources import source_slug
from sitegen.site.urls import SCHEMA, article_data_path, output_path, table_path, version_url
from sitegen.util.dates import PartialDate
from sitegen.util.xml import rfc3339

ARTICLES_TABLE: Final = "articles.csv"
CORRECTIONS: Final = "corrections.csv"
TABLES: Final = ("articles.json", ARTICLES_TABLE, "relations.csv", "events.csv", CORRECTIONS)
TERMS: Final = "terms.csv"
"""The table of the names of topics, countries and perspectives, which does not depend on articles."""
OLD_KEYS: Final = "old-keys.csv"
"""The table of `old_keys` and `old_names` of `site.yaml`, which does not depend on articles either."""
MACHINE_TABLES: Final = ("machine-written.json", "machine-written.csv")
"""Tables of the machine-written parts of all articles (`machine_parts`)."""
ARTICLE_FIELDS: Final = (
    *("url", "home_page_url", "file", "time_zone", "front_matter", "text_html", "perspectives", "markdown"),
    "translations",
)
"""The fields of the file of one article."""
RELATION_COLUMNS: Final = ("country", "other_country", "month", "topic", "count")
"""The columns of the table of relations: the number of articles of a month and a topic with two countries."""
EVENT_COLUMNS: Final = ("id", "number", "at", "lang", "text", "url")
CORRECTION_COLUMNS: Final = ("id", "number", "at", "lang", "text")
TERM_COLUMNS: Final = ("kind", "key", "lang", "name")
OLD_KEY_COLUMNS: Final = ("kind", "old_key", "key")
LIST_SEPARATOR: Final = ";"
"""Separates the values of a list in CSV; no key, code or tag can contain it."""
_UNDIVIDED: Final = (TERMS, OLD_KEYS)
_COLUMNS: Final = {
    "relations.csv": RELATION_COLUMNS,
    "events.csv": EVENT_COLUMNS,
    CORRECTIONS: CORRECTION_COLUMNS,
    TERMS: TERM_COLUMNS,
    OLD_KEYS: OLD_KEY_COLUMNS,
}
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""The start of a cell that a spreadsheet evaluates (OWASP, "CSV Injection"), also after apostrophes."""
_FORMULA_STARTS: Final = frozenset("'=+-@\t\r\n＝＋－＠")


class TableSet(FileSet, frozen=True):
    """The tables of all articles or of those of a period: TABLES, MACHINE_TABLES or both.

    `followed` are the articles of other periods that rows name, each with its file and its id.
    """

    context: ContextHash
    names: tuple[str, ...]
    articles: tuple[ArticleHash, ...]
    followed: tuple[tuple[str, str], ...]

    def render_files(self, renderer: Renderer) -> list[bytes]:
        """Return the tables."""
        builder = renderer.builder(self.context)
        articles = builder.articles(self.articles)
        tables: dict[str, bytes] = {}
        if "articles.json" in self.names:
            rows = list(_article_rows(builder, articles, dict(self.followed)))
            tables["articles.json"] = _articles_json(builder, rows)
            tables[ARTICLES_TABLE] = _csv(ArticleRow.__struct_fields__, map(astuple, rows))
            tables["relations.csv"] = _csv(RELATION_COLUMNS, _relation_rows(articles))
            tables["events.csv"] = _csv(EVENT_COLUMNS, _event_rows(articles, builder.config.zone))
            tables[CORRECTIONS] = corrections_table(articles, builder.config.zone)
        if "machine-written.json" in self.names:
            parts = list(machine_parts(articles, builder.config))
            tables["machine-written.json"] = machine_json(parts).encode()
            tables["machine-written.csv"] = machine_csv(parts).encode()
        return [tables[name] for name in self.names]


class ArticleDataFile(Recipe, frozen=True):
    """One article as open data, in its original language and in those of its translations.

    `follows_hidden` if readers cannot see the article that it follows.
    """

    context: ContextHash
    whole: ArticleText
    translations: tuple[ArticleText, ...] = ()
    follows_hidden: bool = False

    def render(self, renderer: Renderer) -> bytes:
        """Return the article as JSON: its front matter, its text as HTML and Markdown, and its perspectives.

        Translations follow, each with title, summary and text. `front_matter` and `markdown` are the complete file of
        the article or translation; `sitegen import` restores it. `extra` is only published if the site enables it.
        """
        builder = renderer.builder(self.context)
        article = builder.article(self.whole.article)
        front = article.front if "extra" in builder.config.data else replace(article.front, extra=None)
        front = replace(front, follows=None) if self.follows_hidden else front
        value = {
            "url": version_url(builder.config, article, article.original),
            "home_page_url": builder.urls.absolute(builder.urls.home()),
            "file": article.path,
            "time_zone": builder.config.timezone,
            "front_matter": as_values(front),
            **_text(builder, self.whole),
            "markdown": renderer.values.markdown[self.whole.markdown],
            "translations": [
                _translation(builder, article, whole) | {"markdown": renderer.values.markdown[whole.markdown]}
                for whole in self.translations
            ],
        }
        return msgspec.json.format(msgspec.json.encode(value, enc_hook=str.__str__), indent=1) + b"\n"


@config_file("schema")
def _schema(builder: ViewBuilder, _: tuple[str, ...]) -> str:
    """Return the JSON Schema of the front matter, with the topics and countries of the site."""
    return json.dumps(front_matter_schema(builder.config), ensure_ascii=False, indent=1) + "\n"


def plan_open_data(planner: LocalePlanner, redirects: Iterable[Redirect]) -> Iterator[Output]:
    """Yield the open data, which are the same in all locales, with the URLs of the first locale."""
    site = planner.site
    names = tuple(name for name in table_names(site.config) if name not in _UNDIVIDED)
    for period, members in planner.pages.tables.items() if names else ():
        followed = _followed_elsewhere(members, site.by_path) if "articles.json" in names else ()
        tables = TableSet(planner.context, names, hashes(members), followed)
        for number, name in enumerate(names):
            yield Output(output_path(table_path(name, period)), tables, number)
    if "tables" in site.config.data:
        yield Output(output_path(table_path(TERMS, "")), ConfigFile(planner.context, "terms"))
        yield Output(output_path(table_path(OLD_KEYS, "")), StaticFile(_csv(OLD_KEY_COLUMNS, _old_key_rows(redirects))))
    for article in site.articles if "articles" in site.config.data else ():
        whole, *translations = (
            replace(planner.version_text(article, version), markdown=version.markdown) for version in article.versions
        )
        hidden = article.follows is not None and article.follows not in site.by_path
        recipe = ArticleDataFile(planner.context, whole, tuple(translations), hidden)
        yield Output(output_path(article_data_path(article.front.id)), recipe)
    yield Output(output_path(SCHEMA), ConfigFile(planner.context, "schema"))


def table_names(config: Config) -> tuple[str, ...]:
    """Return the names of the tables that a site publishes."""
    kinds = config.data
    return (*((*TABLES, *_UNDIVIDED) if "tables" in kinds else ()), *(MACHINE_TABLES if "machine" in kinds else ()))


def table_periods(name: str, periods: Sequence[str]) -> Sequence[str]:
    """Return the periods of the files of a table; one is empty for an undivided table."""
    return ("",) if name in _UNDIVIDED else periods


def _followed_elsewhere(members: Iterable[Article], by_path: Mapping[str, Article]) -> tuple[tuple[str, str], ...]:
    """Return file and id of the articles that `members` follow and that are not among them."""
    followed = {article.follows for article in members if article.follows} - {article.path for article in members}
    return tuple((path, by_path[path].front.id) for path in sorted(followed) if path in by_path)


def _translation(builder: ViewBuilder, article: Article, whole: ArticleText) -> dict[str, Any]:
    version = texts.version_at(article, whole.path)
    return {
        "file": version.path,
        "url": version_url(builder.config, article, version),
        "lang": version.lang,
        "title": version.title,
        "summary": version.summary,
        "generated": dict(version.generated),
        "reviewed_by": version.reviewer,
        "front_matter": translation_values(
            article.front.id, version.title, version.summary, version.generated, version.reviewed
        ),
        **_text(builder, whole),
    }


def _text(builder: ViewBuilder, whole: ArticleText) -> dict[str, Any]:
    """Return a text as HTML: the text outside perspectives, and each perspective."""
    sections = tuple(texts.sections(builder, whole, absolute=True, as_written=True))
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


class ArticleRow(Struct, frozen=True):
    """An article as a row of the tables of articles (docs/reference/open-data.md): its fields are the columns."""

    id: str
    url: str
    data_url: str | None
    title: str
    lang: str
    date: str
    updated: str | None
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    importance: int
    summary: str
    source: str
    source_key: str
    source_url: str | None
    source_lang: str | None
    translations: tuple[str, ...]
    perspectives: tuple[str, ...]
    generated_title: str | None
    generated_summary: str | None
    generated_text: str | None
    generated_analysis: str | None
    reviewed_by: str | None
    corrections: int
    follows: str | None


def column_names(name: str) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    if name in MACHINE_TABLES:
        return MachinePart.__struct_fields__
    return _COLUMNS.get(name, ArticleRow.__struct_fields__)


def _article_rows(
    builder: ViewBuilder, articles: Iterable[Article], followed: Mapping[str, str]
) -> Iterator[ArticleRow]:
    """Yield the row of each article; `followed` are the ids of articles of other periods by their files."""
    urls, has_files = builder.urls, "articles" in builder.config.data
    ids = {**followed, **{article.path: article.front.id for article in articles}}
    for article in articles:
        front, author = article.front, dict(article.front.generated).get
        yield ArticleRow(
            id=front.id,
            url=version_url(builder.config, article, article.original),
            data_url=urls.absolute(article_data_path(front.id)) if has_files else None,
            title=front.title,
            lang=front.lang,
            date=rfc3339(article.published),
            updated=rfc3339(article.updated) if article.updated is not None else None,
            topics=front.topics,
            countries=front.countries,
            importance=front.importance,
            summary=front.summary,
            source=front.source.name,
            source_key=source_slug(front.source.name),
            source_url=front.source.url,
            source_lang=front.original_lang,
            translations=tuple([version.lang for version in article.translations]),
            perspectives=tuple([key for key in article.anchors if key in builder.perspectives]),
            generated_title=author("title"),
            generated_summary=author("summary"),
            generated_text=author("text"),
            generated_analysis=author("analysis"),
            reviewed_by=front.reviewed.reviewer if front.reviewed else None,
            corrections=len(front.corrections),
            follows=ids.get(article.follows or ""),
        )


def _relation_rows(articles: Iterable[Article]) -> list[tuple[Any, ...]]:
    """Return the number of articles of each pair of countries in each month and topic, sorted."""
    counts = Counter(
        (*pair, month, topic)
        for article in articles
        for month in [article.published.isoformat()[:7]]
        for pair in pairs(article)
        for topic in article.front.topics
    )
    return [(*key, count) for key, count in sorted(counts.items())]


def _event_rows(articles: Iterable[Article], zone: tzinfo) -> Iterator[tuple[object, ...]]:
    """Yield the events of articles, a row for each language of the text."""
    for article in articles:
        for number, event in enumerate(article.front.upcoming, 1):
            at = event.written_at if event.is_month else _written(event.at, zone)
            for lang, text in event.text.texts:
                yield article.front.id, number, at, lang, text, event.url


def corrections_table(articles: Iterable[Article], zone: tzinfo) -> bytes:
    """Return the table of the corrections of articles."""
    return _csv(CORRECTION_COLUMNS, _correction_rows(articles, zone))


def _correction_rows(articles: Iterable[Article], zone: tzinfo) -> Iterator[tuple[object, ...]]:
    """Yield the corrections of articles, a row for each language of the text."""
    for article in articles:
        for entry in article.front.corrections:
            for lang, text in entry.text.texts:
                yield article.front.id, entry.number, _written(entry.at, zone), lang, text


@config_file("terms")
def _terms(builder: ViewBuilder, _: tuple[str, ...]) -> str:
    """Return the names of topics, countries and perspectives, a row for each locale."""
    return _csv(TERM_COLUMNS, _term_rows(builder.config)).decode()


def _term_rows(config: Config) -> Iterator[tuple[object, ...]]:
    for locale in config.locales:
        for term in config.topics:
            yield "topic", term.key, locale, term.names.get(locale)
        for code in config.content_schema.countries or ():
            yield "country", code, locale, config.country_name(code, locale)
        for term in config.perspectives:
            yield "perspective", term.key, locale, term.names.get(locale)


def _old_key_rows(redirects: Iterable[Redirect]) -> tuple[tuple[str, str, str], ...]:
    """Return the older keys of `site.yaml`, each with the present one; that of a source is made of its name."""
    kinds = {"topics": "topic", "countries": "country", "perspectives": "perspective", "sources": "source"}
    rows: dict[tuple[str, str], str] = {}
    for item in redirects:
        key = source_slug if item.kind == "sources" else str
        if item.kind in kinds and item.new is not None and key(item.old) != key(item.new):
            rows[kinds[item.kind], key(item.old)] = key(item.new)
    return tuple((*row, key) for row, key in rows.items())


def _written(at: PartialDate, zone: tzinfo) -> str:
    """Return a day, or a time with its offset."""
    return str(at) if at.instant is None else rfc3339(at.to_datetime(zone))


def _articles_json(builder: ViewBuilder, rows: Iterable[ArticleRow]) -> bytes:
    """Return rows of articles as JSON, after the title, the addresses and the rights of the site."""
    config = builder.config
    head = {
        "title": config.title.get(builder.locale),
        "home_page_url": builder.urls.absolute(builder.urls.home()),
        "documentation_url": builder.urls.absolute(builder.urls.section("data")),
        "rights": config.rights.get(builder.locale) or None,
        "license": config.license,
    }
    opening = msgspec.json.encode({key: value for key, value in head.items() if value is not None}).removesuffix(b"}")
    return b'%b,\n"articles": [\n%b\n]}\n' % (opening, b",\n".join(map(msgspec.json.encode, rows)))


def csv_cell(value: object) -> str:
    """Return a value as a cell of CSV.

    An apostrophe is written before a formula; a reader removes one apostrophe where the pattern matches.
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else LIST_SEPARATOR.join(value) if isinstance(value, tuple) else str(value)
    return f"'{text}" if text[:1] in _FORMULA_STARTS and _FORMULA.match(text) else text


def _csv(names: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """Return a table as CSV (RFC 4180): a line of names first, CRLF at the end of each line."""
    out: list[str] = []
    writer = csv.writer(SimpleNamespace(write=out.append))
    writer.writerow(names)
    writer.writerows(map(csv_cell, row) for row in rows)
    return "".join(out).encode()


def machine_csv(parts: Iterable[MachinePart]) -> str:
    """Return machine-written parts as CSV; whether one has changed since the review is yes, no, or empty."""
    shown = {True: "yes", False: "no", None: ""}
    rows = ((*astuple(part)[:-1], shown[part.changed_since]) for part in parts)
    return _csv(MachinePart.__struct_fields__, rows).decode()


def machine_json(parts: Iterable[MachinePart]) -> str:
    """Return machine-written parts as JSON: a list of objects."""
    inside = b",\n".join(map(msgspec.json.encode, parts)).decode()
    return f'{{"parts": [\n{inside}\n]}}\n'
