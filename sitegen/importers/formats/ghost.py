"""Exports of Ghost (JSON)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sitegen.config.model import Config
from sitegen.importers.formats.data import find_value, load_json
from sitegen.importers.front_matter import as_text
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError, text_format
from sitegen.importers.records import build_record
from sitegen.importers.registry import importer

_SITE: Final = "__GHOST_URL__"
"""The address of the site in an export."""


def _is_ghost(file: Input) -> float:
    head = file.source.text[:4096]
    is_export = '"exported_on"' in head or ('"db"' in head and '"posts"' in head)
    return 0.95 if is_export and text_format(head) == "json" else 0


@importer("ghost", "an export of Ghost (JSON)", detect=_is_ghost)
def parse_ghost(file: Input, config: Config) -> list[ParseResult]:
    """Parse the posts of an export. Raises InputError."""
    value = load_json(file.source.text)
    data = next(
        (candidate for path in ("db.0.data", "db.data", "data") if (candidate := find_value(value, path))), None
    )
    posts = _rows(data, "posts")
    if not posts:
        raise InputError("not-an-article", 1, "the export has no posts")
    tags, authors = _names(data, "posts_tags", "tag_id", "tags"), _names(data, "posts_authors", "author_id", "users")
    users = {str(user.get("id")): [str(user.get("name"))] for user in _rows(data, "users")}
    summaries = {str(row.get("post_id")): row.get("meta_description") for row in _rows(data, "posts_meta")}
    site = next((str(row.get("value")) for row in _rows(data, "settings") if row.get("key") == "title"), "")
    results = []
    for post in posts:
        number = str(post.get("id"))
        values = {
            "summary": post.get("custom_excerpt") or post.get("meta_description") or summaries.get(number),
            "tags": tags.get(number, []),
            "source.name": site,
        }
        names = authors.get(number) or users.get(str(post.get("author_id")), [])
        results.append(_post(file, config, post, values, names))
    return results


def _rows(data: Any, table: str) -> list[Mapping[str, Any]]:
    rows = data.get(table) if isinstance(data, Mapping) else None
    return [row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, Mapping)]


def _names(data: Any, pairs: str, key: str, table: str) -> dict[str, list[str]]:
    """Return the names in a table that belong to each post, by the id of the post."""
    names = {str(row.get("id")): str(row.get("name")) for row in _rows(data, table)}
    names_by_post: dict[str, list[str]] = {}
    for pair in _rows(data, pairs):
        names_by_post.setdefault(str(pair.get("post_id")), []).append(names.get(str(pair.get(key)), ""))
    return names_by_post


def _time(*values: Any) -> str:
    """Return the first valid time; old exports have milliseconds since 1970, which are negative for no time."""
    for value in values:
        if isinstance(value, int) and value > 0:
            return str(value)
        if value and isinstance(value, str):
            return value
    return ""


def _post(
    file: Input, config: Config, post: Mapping[str, Any], values: dict[str, Any], authors: list[str]
) -> ParseResult:
    position = max(file.source.text.find(json.dumps(post.get("title"), ensure_ascii=False)), 0)
    log = ImportLog(file, config, file.source.text.count("\n", 0, position) + 1)
    state, html = post.get("status") or "published", post.get("html") or ""
    if post.get("type") == "page" or post.get("page") or state not in {"published", "draft", "scheduled"}:
        return log.skipped("a page or sent e-mail is not imported")
    if not html and (post.get("lexical") or post.get("mobiledoc")):
        message = "the post has its text only in the format of Ghost's editor; it is imported without it"
        log.report("unmapped-value", log.line, message, "export it with a newer version of Ghost")
    address = f"/{post.get('slug') or ''}/"
    picture = str(post.get("feature_image") or post.get("image") or "")
    picture = picture.replace(_SITE, file.options.base_url.rstrip("/"))
    readers = str(post.get("visibility") or "public")
    values |= {
        "title": post.get("title"),
        "date": _time(post.get("published_at"), post.get("created_at")),
        "updated": _time(post.get("updated_at")),
        "slug": post.get("slug"),
        "draft": state == "draft",
        "hidden": f"its visibility is {readers[:40]!r}" if readers != "public" else "",
        "lang": post.get("locale"),
        "source.url": post.get("canonical_url"),
        "aliases": [address] if post.get("slug") else [],
    }
    original = json.dumps(post, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return build_record(
        log,
        as_text(values),
        html=html.replace(_SITE, "") if isinstance(html, str) else "",
        extra=as_text({"authors": ", ".join(authors), "feature_image": picture}),
        others=ParseResult(original=original),
        base_url=file.options.base_url,
        own=address,
    )
