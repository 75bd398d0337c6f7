"""Exports of WordPress (WXR) and Ghost (JSON)."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.importers.front_matter import as_text
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, text_format
from sitegen.importers.records import Record, record_result
from sitegen.importers.registry import importer
from sitegen.importers.xml import is_safe_xml

_BLOCK: Final = re.compile(
    r"\s*</?(?:address|article|blockquote|div|dl|figure|h[1-6]|hr|iframe|ol|p|pre|section|table|ul|script|style)\b",
    re.IGNORECASE,
)
_PRE: Final = re.compile(r"(<(pre|script|style)\b.*?</\2>)", re.DOTALL | re.IGNORECASE)
_CAPTION: Final = re.compile(
    r"\[caption\b[^\]]*\]\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)\s*(.*?)\[/caption\]", re.DOTALL
)
_EMBED: Final = re.compile(
    r"\[(embed|youtube|vimeo)\b[^\]]*\]\s*(https?://[^\s\[\]]+)\s*\[/\1\]|\[(?:youtube|vimeo)[ =]+[\"']?(https?://[^\s\"'\]]+)[^\]]*\]"
)
_CODE: Final = re.compile(
    r"\[(code|sourcecode)\b[^\]]*?(?:lang(?:uage)?=[\"']?(\w+)[\"']?)?[^\]]*\](.*?)\[/\1\]", re.DOTALL
)
_SHORTCODE: Final = re.compile(r"\[([a-z][a-z0-9_-]+)(?:\s[^\[\]<>]*=[^\[\]<>]*)?/?\](?![(:])")
_COMMENT: Final = re.compile(r"<!--\s*/?wp:.*?-->", re.DOTALL)
_STATES: Final = {"publish": "", "future": "", "draft": "true", "pending": "true", "private": "true", "published": ""}


def _is_wordpress(file: Input) -> float:
    found, head = text_format(file.source.text), file.source.text[:4096]
    if found is None or found[0] not in {"feed", "xml"}:
        return 0
    return 0.95 if "wordpress.org/export" in head or "WordPress eXtended RSS" in head else 0


def _is_ghost(file: Input) -> float:
    found = text_format(file.source.text)
    head = file.source.text[:4096]
    return (
        0.95
        if found and found[0] == "json" and '"db"' in head and ('"exported_on"' in head or '"posts"' in head)
        else 0
    )


@importer("wordpress", "an export of WordPress (WXR)", detect=_is_wordpress)
def parse_wordpress(file: Input, config: Config) -> list[ParseResult]:
    """Parse the posts of an export. Pages and other kinds are reported. Raises MissingExtraError."""
    log = ImportLog(file.source)
    if not is_safe_xml(file.source.text, log):
        return [log.result(None)]
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", file.source.text)
    try:
        root = ET.fromstring(text)  # noqa: S314  # entities are refused above
    except ET.ParseError as error:
        log.diagnostics.error(
            "xml-syntax", log.location(error.position[0]), f"the export is not well-formed XML: {error}"
        )
        return [log.result(None)]
    site = {_name(child.tag): (child.text or "").strip() for child in root.iterfind("channel/*")}
    results = []
    position = 0
    for item in root.iterfind("channel/item"):
        position = max(position, file.source.text.find("<item", position + 1))
        line = file.source.text.count("\n", 0, position) + 1
        item_log = ImportLog(file.source, file.options.defaults)
        values = {_name(child.tag): (child.text or "").strip() for child in item}
        kind, state = values.get("post_type", "post"), values.get("status", "publish")
        if kind != "post" or state not in _STATES:
            what = f"a {kind}" if kind != "post" else f"a post with the state {state}"
            item_log.diagnostics.warning("skipped-file", item_log.location(line), f"{what} is not imported")
            results.append(replace(item_log.result(None), line=line))
            continue
        record = _wordpress_record(item, values, site, line, item_log)
        results.append(record_result(record, file, config, item_log))
    if not results:
        log.diagnostics.error("not-an-article", log.location(1), "the export has no posts")
        return [log.result(None)]
    return results


def _wordpress_record(
    item: ET.Element, values: Mapping[str, str], site: Mapping[str, str], line: int, log: ImportLog
) -> Record:
    terms: dict[str, list[str]] = {}
    for child in item.iterfind("category"):
        terms.setdefault(child.get("domain") or "category", []).append((child.text or "").strip())
    texts = {child.tag.rpartition("}")[0]: child.text or "" for child in item if _name(child.tag) == "encoded"}
    content = next((text for name, text in texts.items() if "content" in name), "")
    excerpt = next((text for name, text in texts.items() if "excerpt" in name), "")
    comments = sum(1 for child in item if _name(child.tag) == "comment")
    if comments:
        log.diagnostics.warning("unmapped-value", log.location(line), "comments of readers are not imported")
    link = values.get("link", "")
    path = re.sub(r"^https?://[^/]+", "", link)
    html = autop(content)
    for name in sorted({match[1] for match in _SHORTCODE.finditer(html)}):
        message = f"the shortcode [{name}] is kept as text"
        log.diagnostics.warning("unread-syntax", log.location(line), message)
    found: dict[str, Any] = {
        "title": values.get("title", ""),
        "date": re.sub(r"^0000.*", "", values.get("post_date", "")) or values.get("pubDate", ""),
        "slug": values.get("post_name", ""),
        "summary": excerpt,
        "categories": [name for name in terms.get("category", []) if name != "Uncategorized"],
        "tags": terms.get("post_tag", []),
        "draft": _STATES[values.get("status", "publish")],
        "source.name": site.get("title", ""),
        "source.url": link,
        "lang": site.get("language", ""),
        "aliases": [path] if path.strip("/") and "?" not in path else [],
    }
    extra = {"authors": values.get("creator", "")}
    others = {name: items for name, items in terms.items() if name not in {"category", "post_tag"}}
    return Record(found, line, html=html, extra=extra | others, original=ET.tostring(item))


@importer("ghost", "an export of Ghost (JSON)", detect=_is_ghost)
def parse_ghost(file: Input, config: Config) -> list[ParseResult]:
    """Parse the posts of an export. Raises MissingExtraError."""
    log = ImportLog(file.source)
    try:
        value = json.loads(file.source.text)
    except (ValueError, RecursionError) as error:
        log.diagnostics.error(
            "not-json", log.location(getattr(error, "lineno", 1)), f"the file is not valid JSON: {error}"
        )
        return [log.result(None)]
    databases = value.get("db") if isinstance(value, dict) else None
    database = databases[0] if isinstance(databases, list) and databases else databases
    data = database.get("data") if isinstance(database, dict) else None
    posts = data.get("posts") if isinstance(data, dict) else None
    if (
        not isinstance(data, dict)
        or not isinstance(posts, list)
        or not posts
        or not all(isinstance(post, dict) for post in posts)
    ):
        log.diagnostics.error("not-an-article", log.location(1), "the export has no posts")
        return [log.result(None)]
    names = {str(tag.get("id")): str(tag.get("name")) for tag in _dicts(data, "tags")}
    tags: dict[str, list[str]] = {}
    for pair in _dicts(data, "posts_tags"):
        tags.setdefault(str(pair.get("post_id")), []).append(names.get(str(pair.get("tag_id")), ""))
    title = next((str(row.get("value")) for row in _dicts(data, "settings") if row.get("key") == "title"), "")
    results = []
    for post in posts:
        item_log = ImportLog(file.source, file.options.defaults)
        position = max(file.source.text.find(json.dumps(post.get("title"), ensure_ascii=False)), 0)
        line = file.source.text.count("\n", 0, position) + 1
        state = str(post.get("status") or "published")
        if post.get("type") == "page" or post.get("page") or state not in {*_STATES, "scheduled"}:
            item_log.diagnostics.warning(
                "skipped-file", item_log.location(line), "a page or sent e-mail is not imported"
            )
            results.append(replace(item_log.result(None), line=line))
            continue
        html = post.get("html") or ""
        if not html and (post.get("lexical") or post.get("mobiledoc")):
            message = "the post has its text only in the format of Ghost's editor; it is imported without it"
            item_log.warning("unmapped-value", line, message, "export it with a newer version of Ghost")
        values = {
            "title": post.get("title"),
            "date": post.get("published_at") or post.get("created_at"),
            "updated": post.get("updated_at"),
            "slug": post.get("slug"),
            "summary": post.get("custom_excerpt") or post.get("meta_description"),
            "tags": tags.get(str(post.get("id")), []),
            "draft": "true" if state == "draft" else "",
            "lang": post.get("locale"),
            "source.name": title,
            "source.url": post.get("canonical_url"),
            "aliases": [f"/{post['slug']}/"] if post.get("slug") else [],
        }
        original = json.dumps(post, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        extra = {"feature_image": post.get("feature_image") or ""}
        clean = html.replace("__GHOST_URL__", "") if isinstance(html, str) else ""
        record = Record(as_text(values), line, html=clean, extra=as_text(extra), original=original)
        results.append(record_result(record, file, config, item_log))
    return results


def _dicts(data: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
    rows = data.get(key)
    yield from (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def autop(text: str) -> str:
    """Return a text of WordPress as HTML: blank lines divide paragraphs, line breaks are breaks."""
    text = _CAPTION.sub(r"<p>\1</p><p>\2</p>", _COMMENT.sub("", text.replace("\r\n", "\n")))
    text = _EMBED.sub(lambda match: f'<p><a href="{match[2] or match[3]}">{match[2] or match[3]}</a></p>', text)
    text = _CODE.sub(lambda match: f'<pre><code class="language-{match[2] or "text"}">{match[3]}</code></pre>', text)
    parts = []
    for index, part in enumerate(_PRE.split(text)):
        if index % 3 == 1:
            parts.append(part)
        elif index % 3 == 0:
            for block in re.split(r"\n\s*\n", part):
                clean = block.strip()
                if clean:
                    is_block = _BLOCK.match(clean)
                    parts.append(clean if is_block else f"<p>{clean.replace(chr(10), '<br>')}</p>")
    return "\n".join(parts)
