"""Exports of Ghost (JSON)."""

import json
from collections.abc import Mapping
from typing import Any

from sitegen.config.model import Config
from sitegen.importers.formats.data import find_value, load_json
from sitegen.importers.front_matter import as_text
from sitegen.importers.imported_article import ImportLog, InputError, ParseResult
from sitegen.importers.inputs import Input, text_format
from sitegen.importers.records import build_record
from sitegen.importers.registry import importer


def _is_ghost(file: Input) -> float:
    head = file.source.text[:4096]
    is_export = '"db"' in head and ('"exported_on"' in head or '"posts"' in head)
    return 0.95 if is_export and text_format(head) == ("json", "JSON") else 0


@importer("ghost", "an export of Ghost (JSON)", detect=_is_ghost)
def parse_ghost(file: Input, config: Config) -> list[ParseResult]:
    """Parse the posts of an export. Raises InputError."""
    value = load_json(file.source.text)
    data = find_value(value, "db.0.data") or find_value(value, "db.data")
    posts = _rows(data, "posts")
    if not posts:
        raise InputError("not-an-article", 1, "the export has no posts")
    names = {str(tag.get("id")): str(tag.get("name")) for tag in _rows(data, "tags")}
    tags: dict[str, list[str]] = {}
    for pair in _rows(data, "posts_tags"):
        tags.setdefault(str(pair.get("post_id")), []).append(names.get(str(pair.get("tag_id")), ""))
    site = next((str(row.get("value")) for row in _rows(data, "settings") if row.get("key") == "title"), "")
    return [_post(post, tags.get(str(post.get("id")), []), site, file, config) for post in posts]


def _rows(data: Any, table: str) -> list[Mapping[str, Any]]:
    rows = data.get(table) if isinstance(data, Mapping) else None
    return [row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, Mapping)]


def _post(post: Mapping[str, Any], tags: list[str], site: str, file: Input, config: Config) -> ParseResult:
    log = ImportLog(file.source, file.options.defaults)
    position = max(file.source.text.find(json.dumps(post.get("title"), ensure_ascii=False)), 0)
    line = file.source.text.count("\n", 0, position) + 1
    state, html = post.get("status") or "published", post.get("html") or ""
    if post.get("type") == "page" or post.get("page") or state not in {"published", "draft", "scheduled"}:
        return log.skipped(line, "a page or sent e-mail is not imported")
    if not html and (post.get("lexical") or post.get("mobiledoc")):
        message = "the post has its text only in the format of Ghost's editor; it is imported without it"
        log.report("unmapped-value", line, message, "export it with a newer version of Ghost")
    values = {
        "title": post.get("title"),
        "date": post.get("published_at") or post.get("created_at"),
        "updated": post.get("updated_at"),
        "slug": post.get("slug"),
        "summary": post.get("custom_excerpt") or post.get("meta_description"),
        "tags": tags,
        "draft": state == "draft",
        "lang": post.get("locale"),
        "source.name": site,
        "source.url": post.get("canonical_url"),
        "aliases": [f"/{post['slug']}/"] if post.get("slug") else [],
    }
    return build_record(
        file,
        config,
        log,
        as_text(values),
        line,
        html=html.replace("__GHOST_URL__", "") if isinstance(html, str) else "",
        extra={"feature_image": as_text(post.get("feature_image"))},
        original=json.dumps(post, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"),
    )
