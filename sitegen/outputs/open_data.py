"""Open data: articles as rows, what happens between countries as rows, and the front matter's JSON Schema."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.content.frontmatter import AUTHORS, GENERATED_PARTS, IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.outputs.recipes import DataRow, RelationRow, RenderContext
from sitegen.site.assembly import pairs
from sitegen.site.urls import SCHEMA, Urls, article_data_path

ARTICLE_FIELDS: Final = ("url", "file", "front_matter", "text_html", "perspectives", "markdown", "translations")
"""What the file of one article holds."""

_STAMP: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([ \t]*([Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?$"
)
_TAG: Final = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_ADDRESS: Final = r"^[Hh][Tt][Tt][Pp][Ss]?://"


def columns_of(name: str) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    return tuple(field.name for field in fields(RelationRow if name == "relations.csv" else DataRow))


def rows(context: RenderContext, articles: Iterable[Article]) -> Iterator[DataRow]:
    """Yield the row of each article."""
    config = context.config
    urls = Urls.of(config, context.locale)
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


def relations(articles: Iterable[Article]) -> list[RelationRow]:
    """Count the articles of each pair of countries in each month and topic; in the order of these."""
    counts = Counter(
        (*pair, article.published.date().replace(day=1), topic)
        for article in articles
        for pair in pairs(article)
        for topic in article.front.topics
    )
    return [RelationRow(*key, count) for key, count in sorted(counts.items())]


def schema(config: Config) -> dict[str, Any]:
    """Return the JSON Schema (draft 7, which editors' tools know) of the front matter on this site.

    A title, a name or an id that YAML takes for a number is one to such a tool, and text to us.
    """
    urls = Urls.of(config, config.locales[0])
    codes = config.content_schema.countries or ()
    names = {code: config.country_name(code, config.locales[0]) for code in codes}
    text = {"type": ["string", "number", "boolean"]}
    stamp = {"type": "string", "pattern": _STAMP}
    tag = {"type": "string", "pattern": _TAG}
    address = {"type": ["string", "null"], "pattern": _ADDRESS}
    author = {"enum": list(AUTHORS)}
    described: dict[str, tuple[str, dict[str, Any]]] = {
        "id": ("The permanent name. Every feed uses it; it never changes.", {"type": ["string", "number"]}),
        "title": ("One line of plain text.", text),
        "date": ("When it was published: 2026-07-03 or 2026-07-03T09:00+09:00.", stamp),
        "updated": ("When the editor last changed it; not before the date.", stamp),
        "lang": ("The language of title, summary and text, a BCP 47 tag.", tag),
        "topics": (
            "Keys of site.yaml; the first is the primary one.",
            {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": _one_of({term.key: term.names.get(config.locales[0]) for term in config.topics}),
            },
        ),
        "countries": (
            "ISO 3166-1 alpha-2 codes, and those of site.yaml; the first is the subject.",
            {"type": "array", "uniqueItems": True, "items": _one_of(names)},
        ),
        "importance": (
            "From 1 to 5.",
            {"type": "integer", "minimum": IMPORTANCE_MIN, "maximum": IMPORTANCE_MAX},
        ),
        "source": (
            "Where it came from; url is null where the original's address is not known.",
            _mapping({"name": text, "url": address, "lang": tag, "archived": address}, ["name"]),
        ),
        "summary": ("One paragraph of plain text.", text),
        "generated": ("Who wrote which part.", _mapping(dict.fromkeys(GENERATED_PARTS, author))),
        "reviewed": (
            "Who checked the machine's parts and answers for them.",
            _mapping({"by": text, "at": stamp}, ["by"]),
        ),
        "slug": ("The last part of the address; default: the file's name.", {"type": ["string", "number"]}),
        "draft": ("Kept back while true.", {"type": "boolean"}),
        "publish": ("Kept back before this time.", stamp),
        "expire": ("Gone from this time on.", stamp),
        "aliases": (
            "Older addresses, as paths.",
            {"type": "array", "items": {"type": "string", "pattern": "^/[^/]"}},
        ),
        "follows": ("The article that this one follows up: the path of its Markdown file.", {"type": "string"}),
        "corrections": (
            "What was put right, newest last.",
            {"type": "array", "items": _mapping({"at": stamp, "text": text}, ["at", "text"])},
        ),
        "imported": (
            "Written by sitegen import.",
            _mapping(
                {"name": text, "sha256": text, "format": text, "at": stamp, "digest": text},
                ["name", "sha256", "format", "at", "digest"],
            ),
        ),
        "extra": ("A mapping of your own.", {"type": "object"}),
    }
    required = ["id", "title", "date", "lang", "topics", "importance", "source", "summary"]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": urls.absolute(SCHEMA),
        "title": f"{config.title.get(config.locales[0])}: front matter, version 1",
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": {
            key: {"description": text, **(rule if key in required else _or_null(rule))}
            for key, (text, rule) in described.items()
        },
    }


def _one_of(names: dict[str, str]) -> dict[str, Any]:
    """Return a rule for one of some keys; editors' tools show what each of them means."""
    return {"enum": list(names), "enumDescriptions": list(names.values())}


def _mapping(properties: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return a rule for a mapping of these keys and no others."""
    needed = list(required)
    return {
        "type": "object",
        "properties": {key: rule if key in needed else _or_null(rule) for key, rule in properties.items()},
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _or_null(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule that holds for no value too: a key may stand empty."""
    if "enum" in rule:
        return {**rule, "enum": [*rule["enum"], None]}
    kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    return rule if "null" in kinds else {**rule, "type": [*kinds, "null"]}
