"""A theme as a value: its templates, static files and words, with those of its parents laid beneath."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import is_theme_name
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.theme.feed_labels import PLACEHOLDERS, PREFIX, FeedLabels, placeholders_in
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, decode, parse_yaml
from sitegen.yaml_source.reader import MappingReader

CONTRACT_VERSION: Final = 2
"""The version of the theme contract: what templates see, and how it is called."""

PLURALS: Final = ("zero", "one", "two", "few", "many", "other")
"""CLDR's plural categories."""


class Static(Struct, frozen=True, array_like=True):
    """A static file of the theme: its name, its bytes, their SHA-256."""

    name: str
    data: bytes
    digest: str


class ThemeManifest(Struct, frozen=True, array_like=True):
    """What `theme.yaml` says."""

    name: str
    parent: str | None
    parent_location: SourceLocation
    name_location: SourceLocation


class Template(Struct, frozen=True, array_like=True):
    """A template: its name (`article.html`), the path that diagnostics show, its source, the theme that it is of.

    `below` says that another stands in for it.
    """

    name: str
    path: str
    source: str
    theme: str
    below: bool = False


class Message(Struct, frozen=True, array_like=True):
    """One of the theme's own words: a text, or a text for each plural category."""

    key: str
    forms: tuple[tuple[str, str], ...]

    def form(self, category: str) -> str:
        """Return the text for a plural category, or the one for `other`."""
        table = dict(self.forms)
        return table.get(category, table["other"])


class MessageCatalog(Struct, frozen=True, array_like=True):
    """The words of one locale: its tag, its messages, and the file of the nearest theme that has any."""

    locale: str
    messages: tuple[Message, ...]
    path: str


class Theme(Struct, frozen=True, array_like=True):
    """A theme with its parents merged: of each file the one nearest to the theme itself.

    A template of a parent that another stands in for has the parent's name before its own: `default/base.html`.
    """

    name: str
    templates: tuple[Template, ...]
    statics: tuple[Static, ...]
    words: tuple[MessageCatalog, ...]

    def messages(self, locale: str) -> dict[str, Message]:
        """Return the messages of a locale, or of its base language; empty where the theme has neither."""
        found = self.catalog_of(locale)
        return {message.key: message for message in found.messages} if found else {}

    def catalog_of(self, locale: str) -> MessageCatalog | None:
        """Return the words of a locale, or of its base language."""
        table = {words.locale: words for words in self.words}
        return table.get(locale) or table.get(locale.split("-", maxsplit=1)[0])

    def feed_labels(self) -> tuple[FeedLabels, ...]:
        """Return what feeds say by themselves in each language that has all of it."""
        found = []
        for words in self.words:
            texts = {message.key: message.form("other") for message in words.messages}
            if all(PREFIX + key in texts for key in PLACEHOLDERS):
                found.append(FeedLabels(words.locale, tuple((key, texts[PREFIX + key]) for key in PLACEHOLDERS)))
        return tuple(found)


def merge(layers: Iterable[Theme]) -> Theme:
    """Lay themes over each other, the nearest first; words are merged key by key."""
    stack = list(layers)
    templates: dict[str, Template] = {}
    statics: dict[str, Static] = {}
    words: dict[str, dict[str, Message]] = {}
    files: dict[str, str] = {}
    for layer in reversed(stack):
        for template in layer.templates:
            below = templates.get(template.name)
            if below is not None:
                name = f"{below.theme}/{below.name}"
                templates[name] = replace(below, name=name, below=True)
            templates[template.name] = template
        statics |= {static.name: static for static in layer.statics}
        for entry in layer.words:
            words.setdefault(entry.locale, {}).update({message.key: message for message in entry.messages})
            files[entry.locale] = entry.path
    return Theme(
        stack[0].name,
        tuple(templates[name] for name in sorted(templates)),
        tuple(statics[name] for name in sorted(statics)),
        tuple(MessageCatalog(locale, tuple(words[locale].values()), files[locale]) for locale in sorted(words)),
    )


def read_manifest(path: str, data: bytes, diagnostics: Diagnostics) -> ThemeManifest | None:
    """Read `theme.yaml`."""
    fields = _fields(path, data, diagnostics)
    if fields is None:
        return None
    name = fields.text("name", required=True)
    version = fields.integer("contract", 1, 1_000_000, required=True)
    parent = fields.text("parent")
    if parent is not None and not is_theme_name(parent):
        fields.error("bad-theme", fields.location_of("parent"), f"{parent!r} is not the name of a folder in themes/")
        parent = None
    fields.reject_unknown_keys()
    if version is not None and version != CONTRACT_VERSION:
        message = f"the theme is written for contract {version}; this sitegen has contract {CONTRACT_VERSION}"
        diagnostics.error("theme-contract", fields.location_of("contract"), message)
    return (
        ThemeManifest(name, parent, fields.location_of("parent"), fields.location_of("name"))
        if name and version
        else None
    )


def read_messages(path: str, locale: str, data: bytes, diagnostics: Diagnostics) -> MessageCatalog:
    """Read the words of one locale from a YAML file of keys to texts, or to plural categories and texts."""
    fields = _fields(path, data, diagnostics)
    messages = []
    for key, node in fields.remaining() if fields is not None else ():
        if isinstance(node, Scalar) and not node.is_null:
            messages.append(Message(key.value, (("other", node.value),)))
        elif isinstance(node, Mapping):
            messages.append(Message(key.value, _plural_forms(key.value, node, diagnostics)))
        else:
            diagnostics.error("wrong-type", node.location, f"the label {key.value!r} must be a text, or plural forms")
            continue
        _check_places(messages[-1], node, diagnostics)
    return MessageCatalog(locale, tuple(messages), path)


def _check_places(message: Message, node: Node, diagnostics: Diagnostics) -> None:
    """Report a word of feeds that leaves out what it is to say, or has a place for something else."""
    expected = PLACEHOLDERS.get(message.key.removeprefix(PREFIX)) if message.key.startswith(PREFIX) else None
    if expected is not None and placeholders_in(message.form("other")) != expected:
        locations = " and ".join(f"{{{name}}}" for name in expected)
        wanted = f"must have {locations} once, and no other braces" if expected else "must have no braces"
        diagnostics.error("bad-label", node.location, f"the label {message.key!r} {wanted}")


def _plural_forms(key: str, node: Mapping, diagnostics: Diagnostics) -> tuple[tuple[str, str], ...]:
    forms = []
    for category, value in node.pairs:
        if category.value not in PLURALS:
            message = f"{key}: {category.value!r} is no plural category"
            diagnostics.error("bad-plural", category.location, message, got=category.value, allowed=PLURALS)
        elif not isinstance(value, Scalar):
            diagnostics.error("wrong-type", value.location, f"{key}.{category.value} must be a text")
        else:
            forms.append((category.value, value.value))
    if "other" not in dict(forms):
        diagnostics.error("bad-plural", node.location, f"{key}: the plural category 'other' is missing")
        forms.append(("other", ""))
    return tuple(forms)


def _fields(path: str, data: bytes, diagnostics: Diagnostics) -> MappingReader | None:
    source: SourceText | None = decode(path, data, diagnostics)
    if source is None:
        return None
    before = len(diagnostics)
    node = parse_yaml(source, source.text, diagnostics)
    if isinstance(node, Mapping):
        return MappingReader(node, diagnostics)
    if len(diagnostics) == before:
        diagnostics.error("wrong-type", SourceLocation(path, 1), "expected a mapping of keys to values")
    return None
