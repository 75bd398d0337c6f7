"""Feeds: RSS, RDF and Atom by feedparser. JSON Feed is read as JSON."""

import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final

from sitegen.config.model import Config
from sitegen.importers.extras import import_extra
from sitegen.importers.fields import read_date
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError, text_format
from sitegen.importers.markup.escape import text_to_markdown
from sitegen.importers.markup.html import as_html
from sitegen.importers.markup.lined_text import LinedText
from sitegen.importers.records import build_record
from sitegen.importers.registry import importer
from sitegen.importers.values.addresses import without_tracking
from sitegen.importers.values.language import credible_language
from sitegen.importers.xml import check_xml
from sitegen.util.dates import PartialDate

_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^>]*>", re.IGNORECASE)
_ITEM: Final = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_END_OF_BLOCK: Final = re.compile(r"</(?:p|div|li|h[1-6])>|<br ?/?>", re.IGNORECASE)
_CREDIT: Final = re.compile(
    r"<p>[^<>]{0,60}<a\b[^<>]{0,300}\bhref=\"(?P<link>[^\"<>]{1,1000})\"[^<>]{0,300}>(?:(?!</?[ap]\b).){1,500}</a>"
    r"[^<>]{1,80}<a\b[^<>]{1,1500}>[^<>]{1,200}</a>[^<>]{0,40}</p>\s*\Z",
    re.DOTALL,
)
"""A last paragraph with two links and a few words, as that of WordPress."""
_MAX_ITEMS: Final = 5_000


@importer(
    "feed", "a feed (RSS, RDF or Atom)", detect=lambda file: 0.8 if text_format(file.source.text) == "feed" else 0
)
def parse_feed(file: Input, config: Config) -> list[ParseResult]:
    """Parse the items of a feed. Raises InputError."""
    check_xml(file.source.text)
    library = import_extra("feedparser", "feeds,html")
    text = _DOCTYPE.sub("", re.sub(r"^\s*<\?xml[^>]*\?>", "", file.source.text), count=1)
    try:
        feed = library.parse(text.encode(), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:  # of what the feed has
        raise InputError("feed-syntax", 1, f"the feed cannot be read: {error}") from error
    if not feed.entries:
        reason = feed.get("bozo_exception") or "it has no items"
        raise InputError("feed-syntax", 1, f"the feed has no items to import: {reason}")
    if len(feed.entries) > _MAX_ITEMS:
        raise InputError("too-many-articles", 1, f"more than {_MAX_ITEMS:,} items", hint="divide the file")
    results: list[ParseResult] = []
    lined, line = LinedText.of(file.source.text), 1
    starts = _ITEM.finditer(file.source.text)
    for entry in feed.entries:
        if (start := next(starts, None)) is not None:
            line = lined.line_at(start.start())
        problem = str(feed.get("bozo_exception"))[:100] if feed.bozo and not results else ""
        results.append(_item(ImportLog(file, config, line), feed.feed, entry, problem=problem))
    return results


def _item(log: ImportLog, feed: Mapping[str, Any], entry: Mapping[str, Any], *, problem: str) -> ParseResult:
    if problem:
        log.report("feed-syntax", log.line, f"the feed is not well-formed; what could be read is imported: {problem}")
    contents, links, source = entry.get("content") or (), entry.get("links") or (), entry.get("source") or {}
    summary = entry.get("summary_detail") or {"value": entry.get("summary")}
    texts = contents or [summary]
    is_repeated = not contents or summary.get("value") in [part.get("value") for part in contents]
    title = _as_html(entry.get("title_detail") or {})
    texts = [{**part, "value": _without_credit(part.get("value") or "", entry.get("link") or "")} for part in texts]
    text = "\n".join(part["value"] for part in texts)
    lang = (
        entry.get("language") or next((part.get("language") for part in contents), None) or feed.get("language") or ""
    )
    values = {
        "title": re.sub(r"<(?!/?su[bp]\b)[^<>]{1,300}>", "", title),
        "date": _date(entry, "published") or _date(entry, "updated") or _date(entry, "created"),
        "updated": _date(entry, "updated") if "updated" in entry and _date(entry, "published") else "",
        "lang": credible_language(lang, f"{title}\n{text}"),
        "tags": [tag.get("term") or "" for tag in entry.get("tags") or ()],
        "draft": entry.get("app_draft") or entry.get("draft") or "",
        "summary": "" if is_repeated else _without_credit(_as_html(summary), entry.get("link") or ""),
        "source.name": source.get("title") or feed.get("title"),
        "source.url": entry.get("link"),
    }
    via = next((link.get("href") for link in links if link.get("rel") == "via"), None)
    extra = {"via": via or source.get("href"), "guid": entry.get("id"), "authors": entry.get("author")}
    return build_record(
        log,
        values,
        markdown="\n\n".join(text_to_markdown(part.get("value") or "") for part in texts if _is_text(part)),
        html="\n".join(part.get("value") or "" for part in texts if not _is_text(part)),
        links=tuple(link.get("href") or "" for link in links if link.get("rel") == "enclosure"),
        extra={key: str(value) for key, value in extra.items() if value and value != entry.get("link")},
        others=ParseResult(original=repr(sorted(entry.items())).encode("utf-8", "replace")),
    )


def _without_credit(html: str, link: str) -> str:
    """Return a text without the line that WordPress adds, `The post … appeared first on …` in any language."""
    start = html.rfind("<p>")
    match = _CREDIT.match(html, start) if start >= 0 else None
    is_credit = match is not None and without_tracking(unescape(match["link"])) == without_tracking(link)
    return html[:start].rstrip() if is_credit else html


def _is_text(detail: Mapping[str, Any]) -> bool:
    """Return whether a text of an item is plain text. Some feeds declare it for HTML."""
    return detail.get("type") == "text/plain" and not _END_OF_BLOCK.search(detail.get("value") or "")


def _as_html(detail: Mapping[str, Any]) -> str:
    """Return a text of an item in one line as HTML."""
    value = detail.get("value") or ""
    return as_html(value) if _is_text(detail) else value


def _date(entry: Mapping[str, Any], name: str) -> str:
    """Return a date as it is written if that can be read, else as feedparser understands it."""
    if name not in entry:  # feedparser warns of other keys that it reads instead
        return ""
    text = str(entry.get(name) or "")
    if isinstance(read_date(text), PartialDate):
        return text
    parsed = entry.get(f"{name}_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else text
    except (ValueError, TypeError, OverflowError, OSError):
        return text
