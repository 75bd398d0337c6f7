"""JSON, JSON Lines and tables: values by a mapping of `site.yaml`, or by the usual names."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sitegen.config.model import Config, ImportMapping
from sitegen.diagnostics import UsageError
from sitegen.importers.front_matter import as_text
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError, text_format
from sitegen.importers.markup.escape import text_to_markdown
from sitegen.importers.markup.html import as_html, html_text
from sitegen.importers.markup.lined_text import LinedText
from sitegen.importers.markup.markdown_text import plain_text
from sitegen.importers.records import build_record
from sitegen.importers.registry import importer
from sitegen.importers.values.visibility import read_visibility

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
    "markdown": ("markdown", "text", "body", "content"),
    "text": ("content_text", "articleBody"),
    "html": ("html", "content_html"),
    "slug": ("slug",),
    "aliases": ("aliases",),
    "draft": ("draft",),
    "source.name": ("source.name", "publisher", "source", "site"),
    "source.url": ("source.url", "external_url", "url", "link"),
    "source.lang": ("source.lang",),
}
"""The names of values if no mapping is chosen."""
_MAX_NAMES: Final = 200
_MAX_ITEMS: Final = 10_000
_NO_ARTICLE: Final = "expected an object with the values of an article"
_BEFORE_VALUE: Final = re.compile(r"[\s,:]*")

Item = tuple[Any, int]
"""The values of an article, or an InputError, and the line at which they begin."""


def _is_json(file: Input) -> float:
    return 0.5 if text_format(file.source.text) == "json" and not file.name.endswith((".jsonl", ".ndjson")) else 0


def _is_jsonl(file: Input) -> float:
    return 0.8 if file.name.endswith((".jsonl", ".ndjson")) and file.source.text.lstrip().startswith("{") else 0


def _is_csv(file: Input) -> float:
    return 0.8 if Path(file.name).suffix.lower() in {".csv", ".tsv"} and file.source.text.strip() else 0


@importer("json", "JSON", detect=_is_json)
def parse_json(file: Input, config: Config) -> list[ParseResult]:
    """Parse the articles in JSON: a list, an object, or the list at the path of a mapping. Raises InputError."""
    text = file.source.text
    value, mapping = load_json(text), _mapping(file)
    path = mapping.items if mapping is not None else ""
    if mapping is None and isinstance(value, Mapping):
        path = next((key for key in ("items", "articles", "data", "posts") if isinstance(value.get(key), list)), "")
    items = find_value(value, path) if path else value
    is_one = isinstance(items, Mapping)
    if not is_one and (not isinstance(items, list) or not items):
        message = f"there is no list of articles{f' at {path!r}' if path else ''}"
        raise InputError("not-an-article", 1, message, hint="set 'items' of the mapping to the path of the list")
    start = _offset(text, value, path)
    offsets = [start] if is_one else [offset for _, offset in _children(text, start)]
    lines = map(LinedText.of(text).line_at, offsets)
    return _results(file, config, [*zip([items] if is_one else items, lines, strict=True)], mapping)


@importer("jsonl", "JSON Lines", detect=_is_jsonl)
def parse_jsonl(file: Input, config: Config) -> list[ParseResult]:
    """Parse JSON Lines: an article in each line. A line that is not valid is reported; the others are imported."""
    items: list[Item] = []
    for number, line in enumerate(file.source.lines, 1):
        if line.strip():
            try:
                items.append((load_json(line), number))
            except InputError as error:
                items.append((error, number))
    return _results(file, config, items, _mapping(file))


@importer("csv", "a table (CSV)", detect=_is_csv)
def parse_csv(file: Input, config: Config) -> list[ParseResult]:
    """Parse a table with a row of names and a row for each article. A row that is not valid is reported."""
    delimiter = max(",;\t", key=file.source.text.partition("\n")[0].count)
    rows = _rows(file.source.lines, delimiter)
    names, line = next(rows, ([], 1))
    if isinstance(names, InputError):
        raise InputError(names.code, line, str(names), names.hint)
    if _mapping(file) is None and not any(name in _USUAL[key] for name in names for key in ("title", "date")):
        message = f"no column has a known name for a title or a date; the columns are {', '.join(names)[:_MAX_NAMES]}"
        hint = "name them title, date, text …, or map them: sitegen docs import-data"
        raise InputError("not-an-article", line, message, hint)
    items: list[Item] = []
    for row, line in rows:
        if isinstance(row, InputError) or len(row) <= len(names):
            items.append((row if isinstance(row, InputError) else dict(zip(names, row, strict=False)), line))
        else:
            message = f"the row has {len(row) - len(names)} cells more than the first one"
            items.append((InputError("csv-syntax", line, message, "put cells with commas in quotes"), line))
    return _results(file, config, items, _mapping(file))


def _rows(lines: Sequence[str], delimiter: str) -> Iterator[tuple[list[str] | InputError, int]]:
    """Yield each row of a table that is not empty, or why it is not valid, and its line. The next line is read then."""
    start = 0
    while start < len(lines):
        reader = csv.reader(
            (f"{lines[number]}\n" for number in range(start, len(lines))), delimiter=delimiter, strict=True
        )
        first = start
        try:
            for row in reader:
                if row:
                    yield row, first + 1
                first = start + reader.line_num
            start = len(lines)
        except csv.Error as error:
            yield InputError("csv-syntax", first + 1, f"the row is not valid CSV: {error}"), first + 1
            start = first + 1


def load_json(text: str) -> Any:
    """Return the value in JSON. Raises InputError."""
    try:
        return json.loads(text, strict=False)  # texts may have line feeds in them
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


def _results(file: Input, config: Config, items: Sequence[Item], mapping: ImportMapping | None) -> list[ParseResult]:
    if len(items) > _MAX_ITEMS:
        message = f"{len(items):,} articles; expected at most {_MAX_ITEMS:,}"
        raise InputError("too-many-articles", 1, message, hint="divide the file")
    results = []
    for item, line in items:
        log = ImportLog(file, config, line)
        if isinstance(item, Mapping):
            results.append(_item(log, mapping, item, is_only=len(items) == 1))
            continue
        error = item if isinstance(item, InputError) else InputError("not-an-article", line, _NO_ARTICLE)
        log.diagnostics.error(error.code, log.location(line), str(error), hint=error.hint)
        results.append(log.result(None))
    return results


def _item(log: ImportLog, mapping: ImportMapping | None, item: Mapping[str, Any], *, is_only: bool) -> ParseResult:
    """Return the article of an object, by the paths of a mapping or the usual names."""
    original = b"" if is_only else json.dumps(item, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    item = as_text(item)
    names = {key: (path,) for key, path in mapping.fields} if mapping is not None else _USUAL
    paths = {
        key: next((path for path in given if _has_value(key, find_value(item, path))), "")
        for key, given in names.items()
    }
    item_values = {key: find_value(item, path) for key, path in paths.items() if path}
    perspectives = dict(mapping.perspectives) if mapping is not None else {}
    mapped = (*mapping.fields, *(("text", path) for path in perspectives.values())) if mapping is not None else ()
    values = [(key, path, find_value(item, path)) for key, path in mapped]
    unread = [
        path for key, path, value in values if value and not isinstance(value, str) and not _has_value(key, value)
    ]
    for path in unread:
        hint = f"name the text in it: {path}.text, if its name is 'text'"
        log.report("unmapped-value", log.line, f"the value at {path!r} is not text; it is not imported", hint=hint)
    given = (*paths.values(), *perspectives.values(), *unread)
    used = {path if path in item else path.partition(".")[0] for path in given}
    left = {key: value for key, value in item.items() if key not in used and value not in ("", [], {})}
    chosen = used if mapping is not None else set()
    hiding, reason = read_visibility({key.lower(): value for key, value in item.items() if key not in chosen})
    left = {key: value for key, value in left.items() if key.lower() not in hiding}
    item_values |= {"hidden": reason} | ({"draft": "true"} if hiding else {})
    markdown, html, text = (_text(item_values.pop(key, "")) for key in ("markdown", "html", "text"))
    markdown = "" if html and mapping is None else markdown
    if markdown and "summary" in item_values:  # it is in the notation of the text
        item_values["summary"] = as_html(plain_text(html_text(_text(item_values["summary"]))))
    if mapping is None:
        markdown = markdown or ("" if html else text_to_markdown(text))
    else:
        item_values["generated"] = dict(mapping.generated)
        if left:
            message = f"the mapping {mapping.name!r} does not use {', '.join(sorted(left))[:200]}"
            log.report("unmapped-value", log.line, message, hint="add a path to the mapping, if you need it")
        left = {}
    if not paths.get("source.name") and not paths.get("source.url") and "source" not in log.defaults:
        message = "the input has no source, so the title of the digest is the source"
        log.report("assumed-source", log.line, message, "set one for all: --default 'source={name: Harbour Times}'")
    texts_of_perspectives = {
        key: _text(find_value(item, path)) for key, path in perspectives.items() if path not in unread
    }
    return build_record(
        log,
        item_values,
        markdown=markdown,
        html=html,
        perspectives=texts_of_perspectives,
        extra=left,
        others=ParseResult(original=original),
    )


def _has_value(key: str, value: Any) -> bool:
    if key in {"topics", "countries", "tags", "categories", "aliases"}:
        return bool(value)
    return (isinstance(value, str) and bool(value.strip())) or (
        key in {"markdown", "html", "text"}
        and isinstance(value, list)
        and all(isinstance(paragraph, str) for paragraph in value)
    )


def _text(value: Any) -> str:
    """Return a text, or the paragraphs of a list of texts."""
    if isinstance(value, list):
        return "\n\n".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else ""


def _children(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Yield the key, or the position, of each value in the object or list at `start` of JSON, and its offset."""
    decode = json.JSONDecoder(strict=False).raw_decode
    is_object, number = text[start] == "{", 0
    position = _skip(text, start + 1)
    while text[position] not in "]}":
        key = str(number)
        if is_object:
            key, position = decode(text, position)
            position = _skip(text, position)
        yield key, position
        position = _skip(text, decode(text, position)[1])
        number += 1


def _skip(text: str, position: int) -> int:
    match = _BEFORE_VALUE.match(text, position)
    return match.end() if match else position


def _offset(text: str, value: Any, path: str) -> int:
    """Return the offset of the value at a path of `find_value`, which exists."""
    is_key = isinstance(value, Mapping) and path in value
    offset = _skip(text, 0)
    for key in [path] if is_key else filter(None, path.split(".")):
        children = dict(_children(text, offset))
        offset = children[key] if key in children else children[str(int(key))]
    return offset
