"""An article that was published as data, made a Markdown file again."""

import json

from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.articles import read_front, serialize_article
from sitegen.diagnostics import Diagnostics, SourceText


def article_from_json(path: str, data: bytes, content_schema: ContentSchema, diagnostics: Diagnostics) -> str | None:
    """Return the text of an article's file from its JSON; `path` names that in `diagnostics`.

    A file as `sitegen new` and `sitegen import` write it comes back byte by byte; of one that was written by hand the
    values and the text do, not the order of its keys or its quotation marks. None where the data are not those of an
    article.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:  # not UTF-8, or no JSON, or lists in lists in lists
        diagnostics.error("not-json", SourceText(path, "").location(1), f"this is not JSON: {error}")
        return None
    values, markdown = (value.get("front_matter"), value.get("markdown")) if isinstance(value, dict) else (None, None)
    if not isinstance(values, dict) or not isinstance(markdown, str):
        diagnostics.error(
            "not-an-article", SourceText(path, "").location(1), "there is no 'front_matter' with a 'markdown'"
        )
        return None
    front = read_front(SourceText(path, frontmatter.dump_values(values)), content_schema, diagnostics)
    return None if front is None else serialize_article(front, markdown)
