"""The front matter of generators: which of their keys are values of an article, and what is kept as it is."""

from collections.abc import Mapping
from typing import Any, Final

from sitegen.importers.fields import texts
from sitegen.importers.front_matter import Value
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.values.visibility import TRUE, read_visibility

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "title": ("title",),
    "date": ("date", "pubdate", "published_at", "publisheddate", "datepublished", "created", "created_at"),
    "updated": ("updated", "lastmod", "modified", "last_modified_at", "updateddate", "updated_at", "datemodified"),
    "publish": ("publish", "publishdate"),
    "expire": ("expire", "expirydate", "unpublishdate"),
    "lang": ("lang", "language", "locale"),
    "slug": ("slug",),
    "summary": ("summary", "description", "excerpt", "deck", "lead", "abstract"),
    "importance": ("importance",),
    "countries": ("countries", "country"),
    "topics": ("topics", "topic"),
    "draft": ("draft",),
    "source.name": ("source_name", "publisher"),
    "source.url": (
        *("source_url", "canonical_url", "canonical", "canonicalurl", "external_url", "externalurl", "original_url"),
    ),
    "source.lang": ("source_lang",),
    "generated": ("generated",),
}
"""The keys of generators by those of this project; the first with a value counts."""
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "categories": ("categories", "category", "section"),
    "tags": ("tags", "tag", "keywords", "taxonomies"),
    "aliases": ("aliases", "alias", "redirect_from", "redirects", "old_url", "old_urls"),
}
"""Keys whose values are added to each other."""
_ADDRESS: Final = ("url", "permalink", "path")
_LAYOUT: Final = frozenset({"layout", "template", "markup", "type"})
"""Keys that choose how a generator renders a page. They are left out, which is recorded."""
_PUBLIC: Final = {"published": TRUE, "status": frozenset({"published", "featured", ""})}
"""Values that only say that a text is public."""
_STATE_TAGS: Final = frozenset({"draft", "private"})
"""Tags that keep a post of Nikola from the public. A single text of Nikola is read as Markdown."""
_HAVE_STATE_TAGS: Final = frozenset({"nikola", "markdown"})


def read_values(
    front: Mapping[str, Value], log: ImportLog, dialect: str, inherited: Mapping[str, Any]
) -> tuple[dict[str, Value], dict[str, Any]]:
    """Return the values by the names of the front matter, and those without a place.

    `inherited` are values that the old site sets for several texts: they count if the text has none, and those without
    a place are left out. `url` is the address of the text.
    """
    own = {key.lower(): value for key, value in front.items()}
    shared = {key.lower(): Value(value) for key, value in inherited.items() if key.lower() not in {*own, *_LAYOUT}}
    given = shared | own
    names = {key.lower(): key for key in front}
    values: dict[str, Value] = {}
    used = {"extra"}
    for key, keys in _KEYS.items():
        first_name = next((name for name in keys if name in given and _fits(key, given[name])), None)
        if first_name is not None:
            values[key] = given[first_name]
            used.add(first_name)
    for key, keys in _LISTS.items():
        present = [name for name in keys if name in given and name not in used]
        items = [item for name in present for item in _items(name, given[name].value, dialect)]
        if items:
            values[key] = Value(list(dict.fromkeys(items)), given[present[0]].line)
        used.update(present)
    used |= _read_visibility(given, values, shared, dialect)
    if "published" in given.keys() - used and "date" not in values:
        values["date"] = given["published"]
        used.add("published")
    used |= _read_source(given.get("source", Value("")), values)
    address = next((name for name in _ADDRESS if name in given.keys() - used and given[name].text), None)
    if address is not None and "{{" not in given[address].text:
        values["url"] = given[address]
        used.add(address)
    for name in sorted(_LAYOUT & given.keys()):
        log.omit(given[name].line, f"{names[name]}, which chooses the layout of the page")
        used.add(name)
    extra = {names[key]: value.value for key, value in own.items() if key not in used}
    nested = own.get("extra", Value({})).value
    return values, extra | (nested if isinstance(nested, dict) else {"extra": nested})


def _read_visibility(
    given: Mapping[str, Value], values: dict[str, Value], shared: Mapping[str, Value], dialect: str
) -> set[str]:
    """Set `draft` and `hidden` for a text that is not public; return the keys that decide about it."""
    keys, reason = read_visibility({key: value.value for key, value in given.items()})
    if keys:
        values["draft"] = Value("true", given[keys[0]].line)
    if keys and keys[0] in shared:
        values["hidden"] = Value(f"the old site sets {keys[0]} for its folder or for all texts", 1)
    elif reason:
        values["hidden"] = Value(reason, given[keys[0]].line)
    if "publish" in keys:
        values.pop("publish", None)  # it is not a date
    tags = values.get("tags", Value([]))
    states = [tag for tag in tags.value if dialect in _HAVE_STATE_TAGS and tag.casefold() in _STATE_TAGS]
    if states:
        values["tags"] = Value([tag for tag in tags.value if tag not in states], tags.line)
        values["draft"] = Value("true", tags.line)
        values["hidden"] = Value(f"it has the tag {states[0]!r}", tags.line)
    public = {key for key, words in _PUBLIC.items() if key in given and given[key].text.casefold() in words}
    return {*keys, *public}


def _fits(key: str, value: Value) -> bool:
    if key in {"countries", "topics", "generated"}:
        return bool(value.value)
    return isinstance(value.value, str) and bool(value.text)


def _items(name: str, value: Any, dialect: str) -> list[str]:
    if not isinstance(value, str):
        return texts(value)
    if name in {"categories", "tags"} and dialect == "jekyll" and "," not in value:
        return value.split()
    return texts(value) if name not in _LISTS["aliases"] else [value] if value else []


def _read_source(source: Value, values: dict[str, Value]) -> set[str]:
    """Read the value of `source`, a mapping, an address or a name; return the keys that are read."""
    if isinstance(source.value, dict):
        pairs = source.value.items()
        values |= {f"source.{key}": Value(text, source.line) for key, text in pairs if isinstance(text, str)}
        return {"source"}
    if source.text:
        values["source.url" if source.text.startswith("http") else "source.name"] = source
    return {"source"} if source.text else set()
