"""Open data: tables as JSON and CSV, an article as JSON, the schema."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, Final

from sitegen.content.frontmatter import as_values
from sitegen.content.markdown import Body
from sitegen.outputs.feeds.items import text_html
from sitegen.outputs.open_data import columns_of, relations, rows, schema
from sitegen.outputs.recipes import ArticleDataRecipe, ArticleText, DataRow, RelationRow, SchemaRecipe, TableRecipe
from sitegen.outputs.view_builder import ViewBuilder, localized_version_of
from sitegen.util.xml import rfc3339

_BETWEEN: Final = ";"
"""Stands between the values of a list in CSV; no key, code or tag can hold it."""


def render_table(builder: ViewBuilder, recipe: TableRecipe) -> bytes:
    """Return a table of all articles."""
    if recipe.name == "relations.csv":
        return _csv(recipe.name, (_cells(row) for row in relations(recipe.articles)))
    found = rows(recipe.context, recipe.articles)
    if recipe.name == "articles.csv":
        return _csv(recipe.name, map(_cells, found))
    config = builder.config
    head = {
        "title": config.title.get(builder.locale),
        "home_page_url": builder.urls.absolute(builder.urls.home()),
        "documentation_url": builder.urls.absolute(builder.urls.data()),
        "rights": config.rights.get(builder.locale) or None,
        "license": config.license,
    }
    opening = _line({key: value for key, value in head.items() if value is not None}).removesuffix("}")
    inside = ",\n".join(map(_line, map(_values, found)))
    return f'{opening},\n"articles": [\n{inside}\n]}}\n'.encode()


def render_article_data(
    builder: ViewBuilder, recipe: ArticleDataRecipe, texts: Mapping[bytes, Body], markdown: str
) -> bytes:
    """Return one article as JSON: what the front matter says, the text as HTML and as Markdown, the perspectives.

    Its translations follow, each with its title, its summary and its text as HTML. `front_matter` and `markdown` are
    all that the article's file is made of; `content.exchange` makes it of them again. What stands under `extra` is the
    editor's own, and is there only where the site says so.
    """
    article = recipe.whole.article
    front = article.front if "extra" in builder.config.data else replace(article.front, extra=None)
    value = {
        "url": builder.urls.absolute(builder.urls.article(article.slug)),
        "file": article.path,
        "front_matter": as_values(front),
        **_text(builder, recipe.whole, texts),
        "markdown": markdown,
        "translations": [_translation(builder, whole, texts) for whole in recipe.translations],
    }
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _translation(builder: ViewBuilder, whole: ArticleText, texts: Mapping[bytes, Body]) -> dict[str, Any]:
    told = localized_version_of(whole)
    return {
        "file": told.path,
        "lang": told.lang,
        "title": told.title,
        "summary": told.summary,
        "generated": dict(told.generated),
        "reviewed_by": told.reviewed.by if told.reviewed else None,
        **_text(builder, whole, texts),
    }


def _text(builder: ViewBuilder, whole: ArticleText, texts: Mapping[bytes, Body]) -> dict[str, Any]:
    """Return a text as HTML: what stands outside of perspectives, and each of these."""
    sections = builder.sections(whole, texts[whole.text], absolute=True)
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


def render_schema(recipe: SchemaRecipe) -> bytes:
    """Return the JSON Schema of the front matter."""
    return (json.dumps(schema(recipe.context.config), ensure_ascii=False, indent=1) + "\n").encode()


class _Lines(list[str]):
    """Takes lines, as a file does."""

    def write(self, text: str) -> None:
        self.append(text)


def _values(row: DataRow) -> dict[str, Any]:
    """Return a row for JSON: lists stay lists, what is not known is null."""
    values = ((field.name, getattr(row, field.name)) for field in fields(row))
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in values}


def _cells(row: DataRow | RelationRow) -> Iterator[str]:
    """Yield the cells of a row for CSV."""
    for field in fields(row):
        value = getattr(row, field.name)
        if isinstance(value, tuple):
            yield _BETWEEN.join(value)
        elif isinstance(value, datetime):
            yield rfc3339(value)
        elif isinstance(value, date):
            yield f"{value:%Y-%m}"
        else:
            yield "" if value is None else str(value)


def _csv(name: str, lines: Iterable[Iterable[str]]) -> bytes:
    """Return a table as RFC 4180 has it: a line of names, CRLF at the end of each."""
    out = _Lines()
    writer = csv.writer(out)
    writer.writerow(columns_of(name))
    writer.writerows(lines)
    return "".join(out).encode()


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
