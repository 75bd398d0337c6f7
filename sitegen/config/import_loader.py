"""Reads the mapping `import` of `site.yaml`."""

from sitegen.config.model import MAPPED_FIELDS, Config, ImportMapping, ImportSettings
from sitegen.config.readers import read_authors
from sitegen.util import cldr
from sitegen.yaml_source.nodes import Mapping, Scalar, Sequence
from sitegen.yaml_source.reader import KEY, MappingReader


def read_import_settings(fields: MappingReader, config: Config) -> ImportSettings:
    """Return the tags and mappings; unknown topics and countries are errors."""
    inner = fields.fields("import", hint="import: {tags: {Exports: trade}}")
    if inner is None:
        return ImportSettings()
    return ImportSettings(_tags(inner, config), _mappings(inner, config))


def _tags(fields: MappingReader, config: Config) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return for each tag its topics and countries; an empty list ignores the tag."""
    allowed = (*(term.key for term in config.topics), *cldr.iso_codes(), *(term.key for term in config.countries))
    tags = []
    for tag, value in fields.pairs("tags", "a mapping of tags to topics and countries"):
        items = value.items if isinstance(value, Sequence) else (value,)
        scalars = [item for item in items if isinstance(item, Scalar) and not item.is_null]
        if isinstance(value, Mapping) or len(scalars) < len(items) > (not isinstance(value, Sequence)):
            fields.wrong_type(f"tags.{tag.value}", value, "a topic, a country, or a list of them")
        for scalar in scalars:
            if scalar.value not in allowed:
                message = f"{scalar.value!r} is not a topic or country of this site"
                topics = tuple(term.key for term in config.topics)
                schema = config.content_schema
                near = schema.successor("topics", scalar.value) or schema.successor("countries", scalar.value)
                fields.error("unknown-topic", scalar.location, message, got=scalar.value, allowed=topics, near=near)
        if isinstance(value, Scalar) and value.is_null:
            continue  # not filled in yet
        tags.append((tag.value, tuple(scalar.value for scalar in scalars if scalar.value in allowed)))
    return tuple(tags)


def _mappings(fields: MappingReader, config: Config) -> tuple[ImportMapping, ...]:
    mappings = []
    for name, node in fields.pairs("mappings", "a mapping", hint="mappings: {scraper: {title: headline}}"):
        if not isinstance(node, Mapping):
            fields.wrong_type(f"mappings.{name.value}", node, "a mapping of values to paths")
            continue
        if not KEY.fullmatch(name.value):
            message = f"mappings: the name {name.value!r} must have lower-case letters, digits and hyphens"
            fields.error("bad-key", name.location, message)
        mappings.append(_mapping(name.value, fields.child(node), config))
    return tuple(mappings)


def _mapping(name: str, fields: MappingReader, config: Config) -> ImportMapping:
    paths = [(key, fields.text(key)) for key in MAPPED_FIELDS]
    analyses = fields.fields("perspectives", hint="perspectives: {economic: analysis.economy}")
    perspectives = [(term.key, analyses.text(term.key)) for term in config.perspectives] if analyses else []
    items = fields.text("items") or ""
    generated = read_authors(fields)
    fields.reject_unknown_keys()
    return ImportMapping(name, items, _filled(paths), _filled(perspectives), generated)


def _filled(pairs: list[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in pairs if value)
