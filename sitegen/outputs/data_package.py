"""The description of the tables of open data for programs: a Data Package (https://datapackage.org/standard/)."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from sitegen.config.model import Config
from sitegen.outputs.open_data import LIST_SEPARATOR, column_names, table_names, table_periods
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ConfigFile, Output, config_file
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import DATA_PACKAGE, output_path, table_path
from sitegen.util.media_types import TEXTS

_PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
"""The version of the standard, and the JSON Schema of a package."""
_ROWS: Final = {
    "articles": "One row for each article.",
    "relations": "The number of articles of a month and a topic that two countries have in common.",
    "events": "One row for each event to come that an article has, and each language of its text.",
    "corrections": "One row for each correction of an article, and each language of its text.",
    "terms": "The names of topics, countries and perspectives, one row for each locale of the site.",
    "old-keys": "One row for each key that a topic, country, perspective or source had before, with its present one.",
    "machine-written": "One row for each machine-written part of an article or a translation.",
}
_KEYS: Final = {
    "articles": ("id",),
    "relations": ("country", "other_country", "month", "topic"),
    "events": ("id", "number", "lang"),
    "corrections": ("id", "number", "lang"),
    "terms": ("kind", "key", "lang"),
    "old-keys": ("kind", "old_key"),
    "machine-written": ("file", "part"),
}
"""The columns that identify a row of each table."""
_CSV: Final = (
    "Before a cell that a spreadsheet program would evaluate there is an apostrophe. To restore the exact value,"
    " remove one apostrophe from each cell that matches the regular expression ^'+[=+\\-@\\t\\r\\n＝＋－＠]."
)
_JSON: Final = "The same rows as in the CSV file, as a list of objects with the key {key!r}, without added apostrophes."
_LISTS: Final = {"articles": "articles", "machine-written": "parts"}
"""The keys of the rows in JSON files."""
_ADDRESS: Final = {"type": "string", "format": "uri"}
_TIME: Final = {"type": "datetime"}
_DAY: Final = {"type": "date"}
_LIST: Final = {"type": "string", "description": f"Any number of values, separated by {LIST_SEPARATOR!r}."}
"""The type `list` is in the text of the standard, but not in its profile (frictionlessdata/datapackage#1089)."""
_NUMBER: Final = {"type": "integer"}
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "url": _ADDRESS,
    "data_url": _ADDRESS,
    "date": _TIME,
    "updated": _TIME,
    "topics": _LIST,
    "countries": _LIST,
    "translations": _LIST,
    "perspectives": _LIST,
    "importance": _NUMBER,
    "reviewed_at": _DAY,
    "number": _NUMBER,
    "at": {"type": "string", "description": "A day, a time with its offset or, for an event, a month."},
    "corrections": _NUMBER,
    "count": _NUMBER,
    "month": {"type": "yearmonth"},
    "changed_since": {"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
}
"""The types of columns (Table Schema); all others are text, also dates and addresses that the editor writes freely."""


def plan_data_package(planner: LocalePlanner) -> Iterator[Output]:
    """Yield the description if the site has tables."""
    if table_names(planner.site.config):
        recipe = ConfigFile(planner.context, "package", tuple(planner.pages.tables))
        yield Output(output_path(DATA_PACKAGE), recipe)


@config_file("package")
def _package(builder: ViewBuilder, periods: tuple[str, ...]) -> str:
    """Return the description as JSON. `periods` are those of the tables; one is empty for undivided tables."""
    config, locale = builder.config, builder.locale
    values = {
        "$schema": _PROFILE,
        "name": package_name(config),
        "id": f"tag:{config.tag_authority}:data",
        "title": config.title.get(locale),
        "description": config.description.get(locale),
        "homepage": builder.urls.absolute(builder.urls.section("data")),
        "contributors": _contributors(config, locale),
        "licenses": [{"path": config.license}] if config.license else None,
        "dc:rights": config.rights.get(locale),
        "resources": [
            resource
            for name in table_names(config)
            for resource in _resources(name, table_periods(name, periods), config)
        ],
    }
    package = {key: value for key, value in values.items() if value}
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _contributors(config: Config, locale: str) -> list[dict[str, Any]]:
    """Return the publisher, if the site has one."""
    publisher = config.publisher
    if publisher is None:
        return []
    path = publisher.url or (publisher.contact if publisher.email is None else None)
    values = {"title": publisher.name.get(locale), "path": path, "email": publisher.email, "roles": ["publisher"]}
    return [{key: value for key, value in values.items() if value}]


def package_name(config: Config) -> str:
    """Return the name of the package: host and path of the site, with the characters that a name may contain."""
    address = urlsplit(config.base_url)
    return re.sub(r"[^a-z0-9._-]+", "-", f"{address.netloc}{address.path}".lower()).strip("-")


def _resources(name: str, periods: Sequence[str], config: Config) -> Iterator[dict[str, Any]]:
    """Yield the description of a table.

    A divided table in CSV is one resource with several files, which programs join, so that its name stays the same
    when a digest grows. Files in JSON cannot be joined: each is a resource.
    """
    table, _, suffix = name.partition(".")
    folder = DATA_PACKAGE.rpartition("/")[0]
    paths = [table_path(name, period).removeprefix(f"{folder}/") for period in periods]
    file = {"format": suffix, "mediatype": TEXTS[f".{suffix}"], "encoding": "utf-8"}
    if suffix == "csv":
        path = paths[0] if len(paths) == 1 else paths
        described = {"type": "table", "path": path, "description": f"{_ROWS[table]} {_CSV}"}
        yield {"name": table, **described, **file, "schema": _schema(table, name, config)}
        return
    for period, path in zip(periods, paths, strict=True):
        description = _JSON.format(key=_LISTS[table])
        yield {"name": f"{table}-json-{period}".strip("-"), "path": path, "description": description, **file}


def _schema(table: str, name: str, config: Config) -> dict[str, Any]:
    """Return the columns of a table in CSV (Table Schema). Empty cells are missing values."""
    fields = [{"name": column, **_TYPES.get(column, {"type": "string"})} for column in column_names(name)]
    for field in fields:
        if field["type"] in {"datetime", "yearmonth"}:
            field["description"] = f"In the time zone {config.timezone}."
    schema: dict[str, Any] = {
        "fields": fields,
        "primaryKey": list(_KEYS[table]),
    }
    if table == "articles":
        schema["foreignKeys"] = [{"fields": ["follows"], "reference": {"fields": ["id"]}}]
    elif "id" in column_names(name) and "tables" in config.data:
        schema["foreignKeys"] = [{"fields": ["id"], "reference": {"resource": "articles", "fields": ["id"]}}]
    return schema
