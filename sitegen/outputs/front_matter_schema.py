"""The JSON Schema of the front matter."""

from collections.abc import Iterable
from typing import Any, Final

from sitegen.config.model import Config
from sitegen.config.readers import AUTHORS, GENERATED_PARTS
from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.site.urls import SCHEMA, Urls

_TRANSLATED_KEYS: Final = ("id", "title", "lang", "summary", "generated", "reviewed")
"""The keys of a translation."""
_DATE_PATTERN: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([ \t]*([Zz]|[+-][0-9]{2}:?[0-9]{2}))?)?$"
)
_MONTH_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}$"
_LANGUAGE_PATTERN: Final = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_URL_PATTERN: Final = r"^[Hh][Tt][Tt][Pp][Ss]?://"


def front_matter_schema(config: Config) -> dict[str, Any]:
    """Return the JSON Schema (draft 7, which most editors support) of the front matter on this site.

    Titles, names and ids may be numbers or booleans, because editors parse unquoted YAML values as such.
    """
    urls = Urls.of(config, config.locales[0])
    codes = config.content_schema.countries or ()
    names = {code: config.country_name(code, config.locales[0]) for code in codes}
    text = {"type": ["string", "number", "boolean"]}
    stamp = {"type": "string", "pattern": _DATE_PATTERN}
    tag = {"type": "string", "pattern": _LANGUAGE_PATTERN}
    address = {"type": ["string", "null"], "pattern": _URL_PATTERN}
    event_date = {"type": "string", "pattern": f"{_MONTH_PATTERN}|{_DATE_PATTERN}"}
    localized = {"type": [*text["type"], "object"], "additionalProperties": text}
    author = {"enum": list(AUTHORS)}
    described: dict[str, tuple[str, dict[str, Any]]] = {
        "id": ("The permanent name. Every feed uses it; it never changes.", {"type": ["string", "number"]}),
        "title": ("One line of plain text.", text),
        "date": ("When it was published: 2026-07-03 or 2026-07-03T09:00+09:00.", stamp),
        "updated": ("When the editor last changed it; not before the date.", stamp),
        "lang": ("The language of title, summary and text, a BCP 47 tag.", tag),
        "topics": (
            "Keys of site.yaml; the first is the primary one.",
            {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": _one_of({term.key: term.names.get(config.locales[0]) for term in config.topics}),
            },
        ),
        "countries": (
            "ISO 3166-1 alpha-2 codes, and those of site.yaml; the first is the subject.",
            {"type": "array", "uniqueItems": True, "items": _one_of(names)},
        ),
        "importance": (
            "From 1 to 5.",
            {"type": "integer", "minimum": IMPORTANCE_MIN, "maximum": IMPORTANCE_MAX},
        ),
        "source": (
            "Where it came from; url is null where the original's address is not known.",
            _mapping({"name": text, "url": address, "lang": tag, "archived": address, "name_lang": tag}, ["name"]),
        ),
        "summary": ("One paragraph of plain text.", text),
        "generated": ("Who wrote which part.", _mapping(dict.fromkeys(GENERATED_PARTS, author))),
        "reviewed": (
            "Who checked the machine's parts and answers for them; `of` is written by `sitegen review`.",
            _mapping({"by": text, "at": stamp, "of": text}, ["by"]),
        ),
        "slug": ("The last part of the address; default: the file's name.", {"type": ["string", "number"]}),
        "draft": ("Kept back while true.", {"type": "boolean"}),
        "publish": ("Kept back before this time.", stamp),
        "expire": ("Gone from this time on.", stamp),
        "aliases": (
            "Older addresses, as paths.",
            {"type": "array", "items": {"type": "string", "pattern": "^/[^/]"}},
        ),
        "follows": ("The article that this one follows up: the path of its Markdown file.", {"type": "string"}),
        "corrections": (
            "What was put right, newest last.",
            {"type": "array", "items": _mapping({"at": stamp, "text": localized}, ["at", "text"])},
        ),
        "upcoming": (
            "What is to come: a day, a day with a time or a month, a text, and the address of a source.",
            {
                "type": "array",
                "items": _mapping({"at": event_date, "text": localized, "url": address}, ["at", "text"]),
            },
        ),
        "imported": (
            "Written by sitegen import.",
            _mapping(
                {"name": text, "sha256": text, "format": text, "at": stamp, "digest": text},
                ["name", "sha256", "format", "at", "digest"],
            ),
        ),
        "extra": ("A mapping of your own.", {"type": "object"}),
    }
    required = ["id", "title", "date", "lang", "topics", "importance", "source", "summary"]
    needed = ["id", "title", "summary"]
    translation = {key: described[key] for key in _TRANSLATED_KEYS}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": urls.absolute(SCHEMA),
        "title": f"{config.title.get(config.locales[0])}: front matter, version 1",
        "description": "The front matter of an article. #/definitions/translation is that of a translation.",
        **_front_matter(described, required),
        "definitions": {"translation": _front_matter(translation, needed)},
    }


def _front_matter(described: dict[str, tuple[str, dict[str, Any]]], required: list[str]) -> dict[str, Any]:
    """Return a rule for front matter with only these keys, each with its description."""
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": {
            key: {"description": text, **(rule if key in required else _or_null(rule))}
            for key, (text, rule) in described.items()
        },
    }


def _one_of(names: dict[str, str]) -> dict[str, Any]:
    """Return a rule for one of some keys; editors show the description of each."""
    return {"enum": list(names), "enumDescriptions": list(names.values())}


def _mapping(properties: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return a rule for a mapping with only these keys."""
    needed = list(required)
    return {
        "type": "object",
        "properties": {key: rule if key in needed else _or_null(rule) for key, rule in properties.items()},
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _or_null(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule that also allows null, because a key may be empty."""
    if "enum" in rule:
        return {**rule, "enum": [*rule["enum"], None]}
    kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    return rule if "null" in kinds else {**rule, "type": [*kinds, "null"]}
