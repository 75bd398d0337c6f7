"""Exports of WordPress (WXR)."""

import json
import re
import xml.etree.ElementTree as ET
from typing import Final

from sitegen.config.model import Config
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError, text_format
from sitegen.importers.records import build_record
from sitegen.importers.registry import importer
from sitegen.importers.values.language import credible_language
from sitegen.importers.xml import check_xml
from sitegen.util.cldr import is_known_language
from sitegen.yaml_source.reader import is_language

_BLOCK: Final = re.compile(
    r"\s*</?(?:address|article|aside|blockquote|d[dlt]|details|div|fieldset|figcaption|figure|footer|form|h[1-6]|header"
    r"|hr|iframe|li|main|nav|ol|p|pre|script|section|style|summary|t[dhr]|table|tbody|tfoot|thead|ul)\b",
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
_SHORTCODE: Final = re.compile(r"\[([a-z][a-z0-9_-]+)(?:\s[^\[\]<>\"'“”‘’]*=[^\[\]<>\"'“”‘’]*)?/?\](?![(:])")
"""A shortcode without quotes, which would be a warning of every text."""
_COMMENT: Final = re.compile(r"<!--\s*/?wp:.*?-->", re.DOTALL)
_SHARED_BLOCK: Final = re.compile(r"<!--\s*wp:block\s+\{[^{}]*\"ref\"")
"""A synced pattern, whose text is an item of its own in the export."""
_NOTE_LINK: Final = re.compile(r"(<sup\b[^>]*\bdata-fn=[^>]*>)\s*<a\b[^>]*>(.*?)</a>", re.DOTALL)
_VERSION_DOMAINS: Final = ("language", "post_translations")
"""The taxonomies of the plugin Polylang."""
_DRAFTS: Final = {"publish": "", "future": "", "draft": "true", "pending": "true", "private": "true"}
"""Whether a post is a draft, by its state."""


def _is_wordpress(file: Input) -> float:
    head = file.source.text[:4096]
    is_export = "wordpress.org/export" in head or "WordPress eXtended RSS" in head
    return 0.95 if is_export and text_format(file.source.text) in {"feed", "xml"} else 0


@importer("wordpress", "an export of WordPress (WXR)", detect=_is_wordpress)
def parse_wordpress(file: Input, config: Config) -> list[ParseResult]:
    """Parse the posts of an export. Pages and other kinds are reported. Raises InputError."""
    check_xml(file.source.text)
    try:
        root = ET.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", file.source.text))  # noqa: S314 - see check_xml
    except ET.ParseError as error:
        message = f"the export is not well-formed XML: {error}"
        raise InputError("xml-syntax", error.position[0], message) from error
    site = _texts(root.find("channel"))
    items = [_texts(item) for item in root.iterfind("channel/item")]
    pictures = {values.get("post_id", ""): values["attachment_url"] for values in items if "attachment_url" in values}
    results = []
    position, line = 0, 1
    for item in root.iterfind("channel/item"):
        start = max(position, file.source.text.find("<item", position + 1))
        position, line = start, line + file.source.text.count("\n", position, start)
        results.append(_post(item, site, ImportLog(file, config, line), pictures))
    if not results:
        raise InputError("not-an-article", 1, "the export has no posts")
    return results


def _texts(element: ET.Element | None) -> dict[str, str]:
    """Return the texts of the elements in an element, by their names without namespaces."""
    return {} if element is None else {_name(child): (child.text or "").strip() for child in element}


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _post(item: ET.Element, site: dict[str, str], log: ImportLog, pictures: dict[str, str]) -> ParseResult:
    """Return a post as an article. `pictures` are the addresses of attachments by their ids."""
    line = log.line
    values = _texts(item)
    kind, state = values.get("post_type", "post"), values.get("status", "publish")
    if kind != "post" or state not in _DRAFTS:
        what = f"items of the type {kind!r}" if kind != "post" else f"posts with the state {state!r}"
        return log.skipped(f"{what} are not imported")
    terms: dict[str, list[str]] = {}
    for child in item.iterfind("category"):
        terms.setdefault(child.get("domain") or "category", []).append((child.text or "").strip())
    lang, group = _version(item)
    if lang:
        terms = {domain: names for domain, names in terms.items() if domain not in _VERSION_DOMAINS}
    encoded = {child.tag: child.text or "" for child in item if _name(child) == "encoded"}
    content, excerpt = (
        next((text for name, text in encoded.items() if part in name), "") for part in ("content", "excerpt")
    )
    if any(_name(child) == "comment" for child in item):
        log.report("unmapped-value", line, "comments of readers are not imported")
    if _SHARED_BLOCK.search(content):
        log.report("unmapped-value", line, "a block that several posts share is not imported", "copy it by hand")
    html = _with_notes(autop(content), item, log)
    for name in sorted({match[1] for match in _SHORTCODE.finditer(html)}):
        log.report("unread-syntax", line, f"the shortcode [{name}] is kept as text")
    link = values.get("link", "")
    path = re.sub(r"^https?://[^/]+", "", link)
    base_url = log.file.options.base_url or site.get("base_site_url", "") or site.get("link", "").rstrip("/")
    post_values = {
        "title": values.get("title") or values.get("post_name", "").replace("-", " "),
        "date": re.sub(r"^0000.*", "", values.get("post_date", "")) or values.get("pubDate", ""),
        "slug": values.get("post_name", ""),
        "summary": excerpt,
        "categories": [name for name in terms.pop("category", []) if name != "Uncategorized"],
        "tags": terms.pop("post_tag", []),
        "draft": _DRAFTS[state],
        "hidden": "it has a password" if values.get("post_password") else "it is private" if state == "private" else "",
        "source.name": site.get("title", ""),
        "source.url": link,
        "lang": lang or credible_language(site.get("language", ""), f"{values.get('title')}\n{content}"),
        "aliases": [path] if path.strip("/") and "?" not in path else [],
    }
    feature_image = pictures.get(_meta(item, "_thumbnail_id"), "")
    extra = {"authors": values.get("creator", ""), "feature_image": feature_image} | terms
    is_translation = bool(group) and lang.partition("-")[0] != site.get("language", "").partition("-")[0].lower()
    others = ParseResult(original=ET.tostring(item), translation_group=group, is_translation=is_translation)
    return build_record(
        log,
        post_values,
        html=html,
        extra=extra,
        others=others,
        base_url=base_url,
        own=path or "/",
    )


def _version(item: ET.Element) -> tuple[str, str]:
    """Return the language of a post and the name of the group of its translations, as Polylang keeps them."""
    names = {child.get("domain"): child.get("nicename") or "" for child in item.iterfind("category")}
    lang, group = (names.get(domain, "") for domain in _VERSION_DOMAINS)
    return (lang, group) if is_language(lang) and is_known_language(lang) else ("", "")


def _meta(item: ET.Element, key: str) -> str:
    """Return a value that WordPress keeps outside the text of a post; empty if it has none."""
    metas = (_texts(child) for child in item if _name(child) == "postmeta")
    return next((meta.get("meta_value", "") for meta in metas if meta.get("meta_key") == key), "")


def _with_notes(html: str, item: ET.Element, log: ImportLog) -> str:
    """Return the text of a post with its notes, which the block editor keeps outside it, as a list at its end."""
    value = _meta(item, "footnotes")
    if not value:
        return html
    try:
        notes = [str(note["content"]) for note in json.loads(value, strict=False)]
    except (ValueError, LookupError, TypeError, RecursionError):
        log.report("unmapped-value", log.line, "the notes of the post cannot be read; they are not imported")
        return html
    listed = "".join(f"<li>{note}</li>" for note in notes)
    return "\n".join((_NOTE_LINK.sub(r"\1\2", html), f"<ol>{listed}</ol>")) if notes else html


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
