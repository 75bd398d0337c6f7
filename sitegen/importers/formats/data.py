"""JSON, JSON Lines and tables: values by a mapping of `site.yaml`, or by the usual names; and our own open data."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config, ImportMapping
from sitegen.content import frontmatter
from sitegen.content.articles import read_front
from sitegen.diagnostics import SourceText
from sitegen.errors import UsageError
from sitegen.importers.fields import texts
from sitegen.importers.front_matter import as_text
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, text_format
from sitegen.importers.records import Record, record_result
from sitegen.importers.registry import importer

_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "title": ("title", "headline", "name"),
    "date": ("date", "date_published", "published", "published_at", "pubDate", "datePublished", "created_at"),
    "updated": ("updated", "date_modified", "updated_at", "modified", "dateModified"),
    "lang": ("lang", "language", "inLanguage"),
    "topics": ("topics", "topic"),
    "countries": ("countries", "country"),
    "tags": ("tags", "keywords"),
    "categories": ("categories", "category"),
    "importance": ("importance",),
    "summary": ("summary", "description", "abstract", "excerpt"),
    "markdown": ("markdown", "text", "content_text", "body", "content", "articleBody"),
    "html": ("html", "content_html"),
    "slug": ("slug",),
    "aliases": ("aliases",),
    "draft": ("draft",),
    "source.name": ("source.name", "publisher", "source", "site"),
    "source.url": ("source.url", "external_url", "url", "link"),
    "source.lang": ("source.lang",),
}
"""The names of values if no mapping is chosen."""
_MAX_ITEMS: Final = 10_000


def _is_open_data(file: Input) -> float:
    is_json = text_format(file.source.text) == _JSON
    return 0.9 if is_json and '"front_matter"' in file.source.text and '"markdown"' in file.source.text else 0


_JSON: Final = ("json", "JSON")


def _is_json(file: Input) -> float:
    return 0.5 if text_format(file.source.text) == _JSON and not file.name.endswith((".jsonl", ".ndjson")) else 0


def _is_jsonl(file: Input) -> float:
    return 0.8 if file.name.endswith((".jsonl", ".ndjson")) and file.source.text.lstrip().startswith("{") else 0


def _is_csv(file: Input) -> float:
    return 0.8 if Path(file.name).suffix.lower() in {".csv", ".tsv"} and file.source.text.strip() else 0


@importer("open-data", "open data of an article (JSON)", detect=_is_open_data)
def parse_open_data(file: Input, config: Config) -> list[ParseResult]:
    """Parse an article that a digest published as JSON."""
    log = ImportLog(file.source)
    value = _load(file, log)
    values, markdown = (value.get("front_matter"), value.get("markdown")) if isinstance(value, dict) else (None, None)
    if not isinstance(values, dict) or not isinstance(markdown, str):
        message = "expected an object with 'front_matter' and 'markdown'"
        log.diagnostics.error("not-an-article", log.location(1), message)
        return [log.result(None)]
    known = {key: item for key, item in values.items() if key != "imported"}
    source = SourceText(file.path, frontmatter.dump_values(known))
    front = read_front(source, config.content_schema, log.diagnostics)
    log.record("title", 0, "as published")
    return [log.result(front, markdown)]


@importer("json", "JSON", detect=_is_json)
def parse_json(file: Input, config: Config) -> list[ParseResult]:
    """Parse the articles in JSON: a list, an object, or the list at the path of a mapping."""
    log = ImportLog(file.source)
    value = _load(file, log)
    if log.diagnostics.errors:
        return [log.result(None)]
    mapping = _mapping(file)
    items = find_value(value, mapping.items) if mapping is not None and mapping.items else value
    if mapping is None and isinstance(value, Mapping):
        items = next(
            (value[key] for key in ("items", "articles", "data", "posts") if isinstance(value.get(key), list)), value
        )
    items = [items] if isinstance(items, Mapping) else items
    if not isinstance(items, list) or not items:
        message = f"there is no list of articles{f' at {mapping.items!r}' if mapping and mapping.items else ''}"
        hint = "set 'items' of the mapping to the path of the list"
        log.diagnostics.error("not-an-article", log.location(1), message, hint=hint)
        return [log.result(None)]
    return _results(file, config, _with_lines(file.source.text, items), mapping)


@importer("jsonl", "JSON Lines", detect=_is_jsonl)
def parse_jsonl(file: Input, config: Config) -> list[ParseResult]:
    """Parse JSON Lines: an article in each line. A line that is not valid is reported; the others are imported."""
    results: list[ParseResult] = []
    for number, line in enumerate(file.source.lines, 1):
        if not line.strip():
            continue
        log = ImportLog(file.source)
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            log.diagnostics.error("not-json", log.location(number), f"the line is not valid JSON: {error}")
            results.append(replace(log.result(None), line=number))
            continue
        results += _results(file, config, [(value, number)], _mapping(file))
    return results


@importer("csv", "a table (CSV)", detect=_is_csv)
def parse_csv(file: Input, config: Config) -> list[ParseResult]:
    """Parse a table with a row of names and a row for each article."""
    text = file.source.text
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[Any, int]] = []
    try:
        line = 2
        for row in reader:
            extra = row.pop(None, None)
            if extra is not None:
                log = ImportLog(file.source)
                message = f"the row has {len(extra)} cells more than the first one"
                log.diagnostics.error("csv-syntax", log.location(line), message, hint="put cells with commas in quotes")
                return [log.result(None)]
            rows.append((dict(row), line))
            line = reader.line_num + 1
    except csv.Error as error:
        log = ImportLog(file.source)
        log.diagnostics.error("csv-syntax", log.location(reader.line_num), f"the table is not valid CSV: {error}")
        return [log.result(None)]
    return _results(file, config, rows, _mapping(file))


def _load(file: Input, log: ImportLog) -> Any:
    try:
        return json.loads(file.source.text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        log.diagnostics.error("not-json", log.location(line), f"the file is not valid JSON: {error}")
        return None


def _mapping(file: Input) -> ImportMapping | None:
    """Return the chosen mapping. Raises UsageError for an unknown one."""
    mappings = {mapping.name: mapping for mapping in file.options.settings.mappings}
    name = file.options.mapping
    if name and name not in mappings:
        known = ", ".join(mappings) or "none; add it to import.mappings of site.yaml"
        raise UsageError(f"unknown mapping {name!r}; known: {known}")
    return mappings.get(name)


def find_value(value: Any, path: str) -> Any:
    """Return the value at a path of keys and positions with dots between them; None if there is none."""
    if isinstance(value, Mapping) and path in value:
        return value[path]
    for key in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _results(
    file: Input, config: Config, items: Sequence[tuple[Any, int]], mapping: ImportMapping | None
) -> list[ParseResult]:
    results = []
    for item, line in items[:_MAX_ITEMS]:
        log = ImportLog(file.source, file.options.defaults)
        if not isinstance(item, Mapping):
            log.diagnostics.error(
                "not-an-article", log.location(line), "expected an object with the values of an article"
            )
            results.append(replace(log.result(None), line=line))
            continue
        original = json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        record = _record(as_text(item), line, mapping, log)
        record = replace(record, original=original if len(items) > 1 else b"")
        results.append(record_result(record, file, config, log))
    if len(items) > _MAX_ITEMS:
        log = ImportLog(file.source)
        message = f"{len(items):,} articles; expected at most {_MAX_ITEMS:,}"
        log.diagnostics.error("too-many-articles", log.location(1), message, hint="divide the file")
        return [log.result(None)]
    return results


def _record(item: Mapping[str, Any], line: int, mapping: ImportMapping | None, log: ImportLog) -> Record:
    paths = {key: (path,) for key, path in mapping.fields} if mapping is not None else _USUAL
    found: dict[str, Any] = {}
    used: set[str] = set()
    for key, names in paths.items():
        path = next((name for name in names if _has_value(key, find_value(item, name))), None)
        if path is not None:
            found[key] = find_value(item, path)
            used.add(path if path in item else path.partition(".")[0])
    perspectives = {key: _text(find_value(item, path)) for key, path in (mapping.perspectives if mapping else ())}
    used.update(
        path if path in item else path.partition(".")[0] for _, path in (mapping.perspectives if mapping else ())
    )
    left = {key: value for key, value in item.items() if key not in used and value not in ("", [], {})}
    if mapping is not None:
        if mapping.generated:
            found["generated"] = dict(mapping.generated)
        if left:
            message = f"the mapping {mapping.name!r} does not use {', '.join(sorted(left))[:200]}"
            log.diagnostics.warning(
                "unmapped-value", log.location(line), message, hint="add a path to the mapping, if you need it"
            )
        left = {}
    markdown, html = _text(found.pop("markdown", "")), _text(found.pop("html", ""))
    if "topics" in found:
        found["topics"] = texts(found["topics"])
    return Record(found, line, markdown if not html or mapping else "", html, perspectives, extra=left)


def _has_value(key: str, value: Any) -> bool:
    if key in {"topics", "countries", "tags", "categories", "aliases"}:
        return bool(value)
    return (isinstance(value, str) and bool(value.strip())) or (key in {"markdown", "html"} and isinstance(value, list))


def _text(value: Any) -> str:
    """Return a text, or the paragraphs of a list of texts."""
    if isinstance(value, list):
        return "\n\n".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _with_lines(text: str, items: Sequence[Any]) -> list[tuple[Any, int]]:
    """Return each item with the line of its first text that is found in order."""
    return list(_lines(text, items))


def _lines(text: str, items: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    position, line = 0, 1
    for item in items:
        values = [value for value in item.values() if isinstance(value, str)] if isinstance(item, Mapping) else []
        for value in values[:3]:
            found = max(text.find(json.dumps(value, ensure_ascii=ascii_only), position) for ascii_only in (False, True))
            if found >= 0:
                line += text.count("\n", position, found)
                position = found
                break
        yield item, line
