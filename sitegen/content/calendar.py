"""Reads `content/calendar.yaml`: events to come that no article announces."""

from typing import Final

from msgspec.structs import replace

from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.events import Event, load_event, report_duplicate
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.yaml_source.nodes import TYPE_NAMES, Mapping, Sequence, parse_yaml
from sitegen.yaml_source.reader import MappingReader

MAX_CALENDAR_CHARACTERS: Final = 1024 * 1024
_HINT: Final = "write each entry as `- {at: 2026-07-03, text: …}`"


def read_calendar(source: SourceText, content_schema: ContentSchema, diagnostics: Diagnostics) -> tuple[Event, ...]:
    """Return the entries. A text without a language has an empty one: that of the site's first locale."""
    node = parse_yaml(source, source.text, diagnostics, limit=MAX_CALENDAR_CHARACTERS)
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        message = f"the calendar is {TYPE_NAMES[type(node)]}; expected a list of entries"
        diagnostics.error("wrong-type", node.location, message, hint=_HINT)
        return ()
    events: list[Event] = []
    for item in node.items:
        if not isinstance(item, Mapping):
            message = f"the entry is {TYPE_NAMES[type(item)]}; expected a mapping"
            diagnostics.error("wrong-type", item.location, message, hint=_HINT)
            continue
        fields = MappingReader(item, diagnostics)
        event = _event(fields, content_schema)
        if event is not None:
            report_duplicate(fields, event, events)
            events.append(event)
    return tuple(events)


def _event(fields: MappingReader, schema: ContentSchema) -> Event | None:
    event = load_event(fields, "")
    topic = fields.scalar("topic")
    countries = frontmatter.load_keys(fields, "countries", schema)
    added = fields.date("added")
    fields.reject_unknown_keys()
    is_known = topic is None or frontmatter.is_known(fields, "topics", topic, schema)
    if event is None or not is_known:
        return None
    return replace(event, topic=topic.value if topic is not None else None, countries=countries, added=added)
