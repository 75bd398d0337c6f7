"""Converts the published JSON of an article back to its Markdown file."""

import json

from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.articles import read_front, serialize_article
from sitegen.diagnostics import Diagnostics, SourceText


def article_from_json(path: str, data: bytes, content_schema: ContentSchema, diagnostics: Diagnostics) -> str | None:
    """Return the text of an article's Markdown file from its JSON; `path` is the file name in `diagnostics`.

    A file written by `sitegen new` or `sitegen import` is restored byte by byte. A file written by hand keeps its
    values and text, but not the order of its keys or its quotation marks. Returns None if the data is not an article.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or nested too deep
        diagnostics.error("not-json", SourceText(path, "").location(1), f"the file is not valid JSON: {error}")
        return None
    values, markdown = (value.get("front_matter"), value.get("markdown")) if isinstance(value, dict) else (None, None)
    if not isinstance(values, dict) or not isinstance(markdown, str):
        diagnostics.error(
            "not-an-article", SourceText(path, "").location(1), "expected an object with 'front_matter' and 'markdown'"
        )
        return None
    front = read_front(SourceText(path, frontmatter.dump_values(values)), content_schema, diagnostics)
    return None if front is None else serialize_article(front, markdown)
