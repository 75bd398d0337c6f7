"""JSON, JSON Lines and tables: values by a mapping of `site.yaml`, or by the usual names."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from sitegen.config.model import Config, ImportMapping
from sitegen.diagnostics import UsageError
from sitegen.importers.front_matter import as_text
from sitegen.importers.imported_article import ImportLog, InputError, ParseResult
from sitegen.importers.inputs import Input, text_format
from sitegen.importers.records import build_record
from sitegen.importers.registry import importer
from sitegen.importers.visibility import read_visibility

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
_JSON: Final = ("json", "JSON")
_MAX_ITEMS: Final = 10_000


def _is_json(file: Input) -> float:
    return 0.5 if text_format(file.source.text) == _JSON and not file.name.endswith((".jsonl", ".ndjson")) else 0


def _is_jsonl(file: Input) -> float:
    return 0.8 if file.name.endswith((".jsonl", ".ndjson")) and file.source.text.lstrip().startswith("{") else 0


def _is_csv(file: Input) -> float:
    return 0.8 if Path(file.name).suffix.lower() in {".csv", ".tsv"} and file.source.text.strip() else 0


@importer("json", "JSON", detect=_is_json)
def parse_json(file: Input, config: Config) -> list[ParseResult]:
    """Parse the articles in JSON: a list, an object, or the list at the path of a mapping. Raises InputError."""
    value, mapping = load_json(file.source.text), _mapping(file)
    items = find_value(value, mapping.items) if mapping is not None and mapping.items else value
    if mapping is None and isinstance(value, Mapping):
        lists = (value.get(key) for key in ("items", "articles", "data", "posts"))
        items = next((found for found in lists if isinstance(found, list)), value)
    items = [items] if isinstance(items, Mapping) else items
    if not isinstance(items, list) or not items:
        message = f"there is no list of articles{f' at {mapping.items!r}' if mapping and mapping.items else ''}"
        raise InputError("not-an-article", 1, message, hint="set 'items' of the mapping to the path of the list")
    return _results(file, config, [*_with_lines(file.source.text, items)], mapping)


@importer("jsonl", "JSON Lines", detect=_is_jsonl)
def parse_jsonl(file: Input, config: Config) -> list[ParseResult]:
    """Parse JSON Lines: an article in each line. A line that is not valid is reported; the others are imported."""
    results: list[ParseResult] = []
    for number, line in enumerate(file.source.lines, 1):
        if not line.strip():
            continue
        try:
            value = load_json(line)
        except InputError as error:
            log = ImportLog(file.source)
            log.diagnostics.error(error.code, log.location(number), f"the line is not valid: {error}")
            results.append(log.result(None, line=number))
        else:
            results += _results(file, config, [(value, number)], _mapping(file))
    return results


@importer("csv", "a table (CSV)", detect=_is_csv)
def parse_csv(file: Input, config: Config) -> list[ParseResult]:
    """Parse a table with a row of names and a row for each article. Raises InputError."""
    text = file.source.text
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[Any, int]] = []
    line = 2
    try:
        for row in reader:
            if extra := row.pop(None, None):
                message = f"the row has {len(extra)} cells more than the first one"
                raise InputError("csv-syntax", line, message, hint="put cells with commas in quotes")
            rows.append((row, line))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError("csv-syntax", reader.line_num, f"the table is not valid CSV: {error}") from error
    return _results(file, config, rows, _mapping(file))


def load_json(text: str) -> Any:
    """Return the value in JSON. Raises InputError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("not-json", getattr(error, "lineno", 1), f"this is not valid JSON: {error}") from error


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
    if len(items) > _MAX_ITEMS:
        message = f"{len(items):,} articles; expected at most {_MAX_ITEMS:,}"
        raise InputError("too-many-articles", 1, message, hint="divide the file")
    results = []
    for item, line in items:
        if isinstance(item, Mapping):
            results.append(_item(file, config, mapping, item, line, is_only=len(items) == 1))
            continue
        log = ImportLog(file.source)
        message = "expected an object with the values of an article"
        log.diagnostics.error("not-an-article", log.location(line), message)
        results.append(log.result(None, line=line))
    return results


def _item(
    file: Input, config: Config, mapping: ImportMapping | None, item: Mapping[str, Any], line: int, *, is_only: bool
) -> ParseResult:
    """Return the article of an object, by the paths of a mapping or the usual names."""
    log = ImportLog(file.source, file.options.defaults)
    original = b"" if is_only else json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    item = as_text(item)
    names = {key: (path,) for key, path in mapping.fields} if mapping is not None else _USUAL
    paths = {
        key: next((path for path in given if _has_value(key, find_value(item, path))), "")
        for key, given in names.items()
    }
    found = {key: find_value(item, path) for key, path in paths.items() if path}
    perspectives = dict(mapping.perspectives) if mapping is not None else {}
    used = {path if path in item else path.partition(".")[0] for path in (*paths.values(), *perspectives.values())}
    left = {key: value for key, value in item.items() if key not in used and value not in ("", [], {})}
    chosen = used if mapping is not None else set()
    visibility = read_visibility({key.lower(): value for key, value in item.items() if key not in chosen})
    left = {key: value for key, value in left.items() if key.lower() not in visibility.keys}
    found |= {"hidden": visibility.reason} | ({"draft": "true"} if visibility.is_draft else {})
    markdown, html = _text(found.pop("markdown", "")), _text(found.pop("html", ""))
    if mapping is None:
        markdown = "" if html else markdown
    else:
        found["generated"] = dict(mapping.generated)
        if left:
            message = f"the mapping {mapping.name!r} does not use {', '.join(sorted(left))[:200]}"
            log.report("unmapped-value", line, message, hint="add a path to the mapping, if you need it")
        left = {}
    texts_of_perspectives = {key: _text(find_value(item, path)) for key, path in perspectives.items()}
    return build_record(
        file,
        config,
        log,
        found,
        line,
        markdown=markdown,
        html=html,
        perspectives=texts_of_perspectives,
        extra=left,
        original=original,
    )


def _has_value(key: str, value: Any) -> bool:
    if key in {"topics", "countries", "tags", "categories", "aliases"}:
        return bool(value)
    return (isinstance(value, str) and bool(value.strip())) or (key in {"markdown", "html"} and isinstance(value, list))


def _text(value: Any) -> str:
    """Return a text, or the paragraphs of a list of texts."""
    if isinstance(value, list):
        return "\n\n".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _with_lines(text: str, items: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """Yield each item with the line of its first text that is found in order."""
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
