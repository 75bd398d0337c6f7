"""Feeds: RSS, RDF and Atom by feedparser. JSON Feed is read as JSON."""

import re
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.importers.extras import import_extra
from sitegen.importers.fields import read_date
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, text_format
from sitegen.importers.records import Record, record_result
from sitegen.importers.registry import importer
from sitegen.importers.xml import is_safe_xml
from sitegen.util.dates import PartialDate

_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^>]*>", re.IGNORECASE)
_MAX_ITEMS: Final = 5_000


def _is_feed(file: Input) -> float:
    found = text_format(file.source.text)
    return 0.8 if found is not None and found[0] == "feed" else 0


@importer("feed", "a feed (RSS, RDF or Atom)", detect=_is_feed)
def parse_feed(file: Input, config: Config) -> list[ParseResult]:
    """Parse the items of a feed. Raises MissingExtraError."""
    log = ImportLog(file.source)
    if not is_safe_xml(file.source.text, log):
        return [log.result(None)]
    library = import_extra("feedparser", "feeds")
    text = _DOCTYPE.sub("", re.sub(r"^\s*<\?xml[^>]*\?>", "", file.source.text), count=1)
    try:
        feed = library.parse(text.encode(), sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:  # of what the feed has
        log.diagnostics.error("feed-syntax", log.location(1), f"the feed cannot be read: {error}")
        return [log.result(None)]
    entries = feed.entries[:_MAX_ITEMS]
    if not entries:
        reason = feed.get("bozo_exception") or "it has no items"
        log.diagnostics.error("feed-syntax", log.location(1), f"the feed has no items to import: {reason}")
        return [log.result(None)]
    results: list[ParseResult] = []
    position = 0
    for entry in entries:
        item_log = ImportLog(file.source, file.options.defaults)
        found = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]").search(file.source.text, position)
        position = found.end() if found else position
        line = file.source.text.count("\n", 0, position) + 1
        if feed.bozo and not results:
            reason = str(feed.get("bozo_exception"))[:100]
            item_log.warning(
                "feed-syntax", line, f"the feed is not well-formed; what could be read is imported: {reason}"
            )
        record = replace(
            _record(entry, feed.feed, line), original=repr(sorted(entry.items())).encode("utf-8", "replace")
        )
        results.append(record_result(record, file, config, item_log))
    if len(feed.entries) > _MAX_ITEMS:
        log.diagnostics.error(
            "too-many-articles", log.location(1), f"more than {_MAX_ITEMS:,} items", hint="divide the file"
        )
        results.append(log.result(None))
    return results


def _record(entry: Mapping[str, Any], feed: Mapping[str, Any], line: int) -> Record:
    content = "\n".join(part.get("value") or "" for part in entry.get("content") or ())
    summary = entry.get("summary") or ""
    links = entry.get("links") or []
    via = next((link.get("href") for link in links if link.get("rel") == "via"), None)
    enclosures = tuple(link.get("href") or "" for link in links if link.get("rel") == "enclosure")
    source = entry.get("source") or {}
    language = entry.get("language") or next((part.get("language") for part in entry.get("content") or ()), None)
    values = {
        "title": re.sub(r"<[^<>]{1,300}>", "", entry.get("title") or ""),
        "date": _date(entry, "published") or _date(entry, "updated") or _date(entry, "created"),
        "updated": _date(entry, "updated") if "updated" in entry and _date(entry, "published") else "",
        "lang": language or feed.get("language"),
        "tags": [tag.get("term") or "" for tag in entry.get("tags") or ()],
        "summary": summary if content and content != summary else "",
        "source.name": source.get("title") or feed.get("title"),
        "source.url": entry.get("link"),
    }
    extra = {"via": via or source.get("href"), "guid": entry.get("id"), "authors": entry.get("author")}
    kept = {key: str(value) for key, value in extra.items() if value and value != entry.get("link")}
    return Record(values, line, html=content or summary, links=enclosures, extra=kept)


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
