"""A theme: its templates, static files and labels, merged with those of its parents."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import ThemeValue
from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText
from sitegen.theme.feed_labels import PLACEHOLDERS, PREFIX, placeholders_in
from sitegen.theme.settings import read_settings
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, decode, parse_yaml
from sitegen.yaml_source.reader import KEY, MappingReader

CONTRACT_VERSION: Final = 2
"""The version of the theme contract: the names that templates can use."""

PLURALS: Final = ("zero", "one", "two", "few", "many", "other")
"""CLDR's plural categories."""
MAX_NAMED_LABELS: Final = 3


class Static(Struct, frozen=True, array_like=True):
    """A static file of the theme: its name, its bytes, their SHA-256, its path in diagnostics."""

    name: str
    data: bytes
    digest: str
    path: str = ""


class Template(Struct, frozen=True, array_like=True):
    """A template: its name (`article.html`), its path in diagnostics, its source and its theme.

    `is_overridden` is true if a theme nearer to the chosen one has a template of the same name.
    """

    name: str
    path: str
    source: str
    theme: str
    is_overridden: bool = False


class Message(Struct, frozen=True, array_like=True):
    """A label: a text in a language for each plural category, or only for `other`."""

    key: str
    forms: tuple[tuple[str, str], ...]
    lang: str

    def form(self, category: str) -> str:
        """Return the text for a plural category, or the one for `other`."""
        table = dict(self.forms)
        return table.get(category, table["other"])


class SiteOptions(Struct, frozen=True, array_like=True):
    """What a site sets for its theme: its locales, the locales that its dates follow, values for settings."""

    locales: tuple[str, ...] = ()
    date_styles: tuple[str, ...] = ()
    settings: tuple[ThemeValue, ...] = ()


NO_OPTIONS: Final = SiteOptions()


Manifest = tuple[tuple[str, SourceLocation] | None, tuple[ThemeValue, ...]]
"""A `theme.yaml`: the name of the parent and where it is written, and the settings."""


class Theme(Struct, frozen=True, array_like=True):
    """A theme merged with its parents; of files with the same name the one nearest to the theme itself is used.

    An overridden template of a parent has the parent's name as a prefix: `default/base.html`. Labels are sorted by
    language.
    """

    name: str
    templates: tuple[Template, ...]
    statics: tuple[Static, ...]
    labels: tuple[Message, ...]
    site: SiteOptions = NO_OPTIONS
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def locales(self) -> tuple[str, ...]:
        """The locales of the site."""
        return self.site.locales

    def messages(self, locale: str) -> dict[str, Message]:
        """Return all messages for a locale: its own, then those of its base language, of the site's locales, of any."""
        languages = (locale, base_language(locale), *self.locales, *(message.lang for message in self.labels))
        order = {lang: index for index, lang in enumerate(dict.fromkeys(languages))}
        messages: dict[str, Message] = {}
        for message in sorted(self.labels, key=lambda message: order[message.lang]):
            messages.setdefault(message.key, message)
        return messages

    def untranslated(self, locale: str) -> list[Message]:
        """Return the messages that a locale shows in another language."""
        return [item for item in self.messages(locale).values() if item.lang not in (locale, base_language(locale))]

    def feed_labels(self) -> tuple[Message, ...]:
        """Return the feed labels, their keys without PREFIX, of each language that has all of them."""
        keys = {f"{PREFIX}{key}": key for key in PLACEHOLDERS}
        labels = [replace(message, key=keys[message.key]) for message in self.labels if message.key in keys]
        counts = Counter(message.lang for message in labels)
        return tuple(message for message in labels if counts[message.lang] == len(keys))


def base_language(tag: str) -> str:
    """Return the language of a tag without script and region."""
    return tag.partition("-")[0]


def locale_of_dates(tag: str, styles: Iterable[str]) -> str:
    """Return the locale in whose style dates in the language `tag` are written, such as en-GB for en."""
    language = base_language(tag).lower()
    return next((style for style in styles if base_language(style).lower() == language), tag)


def report_untranslated(theme: Theme, diagnostics: Diagnostics) -> None:
    """Warn once for each locale of the site that shows labels in another language."""
    for locale in theme.locales:
        missing = theme.untranslated(locale)
        if missing:
            names = f" ({', '.join(item.key for item in missing)})" if len(missing) <= MAX_NAMED_LABELS else ""
            shown = " and ".join(sorted({item.lang for item in missing}))
            message = f"labels of the theme {theme.name!r} without a text in {locale!r}: {len(missing)}{names}"
            diagnostics.warning(
                "untranslated-labels",
                SourceLocation(f"themes/{theme.name}/locale/{locale}.yaml"),
                f"{message}; pages show them in {shown!r}",
                hint=f"run `sitegen theme messages {locale}`, and translate the file that it writes",
            )


def merge(layers: Iterable[Theme], site: SiteOptions) -> Theme:
    """Merge a theme, which is first, with its parents; messages are merged key by key."""
    stack = list(layers)
    templates: dict[str, Template] = {}
    statics: dict[str, Static] = {}
    labels: dict[tuple[str, str], Message] = {}
    for layer in reversed(stack):
        for template in layer.templates:
            overridden = templates.get(template.name)
            if overridden is not None:
                name = f"{overridden.theme}/{overridden.name}"
                templates[name] = replace(overridden, name=name, is_overridden=True)
            templates[template.name] = template
        statics |= {static.name: static for static in layer.statics}
        labels |= {(message.lang, message.key): message for message in layer.labels}
    return Theme(
        stack[0].name,
        tuple(templates[name] for name in sorted(templates)),
        tuple(statics[name] for name in sorted(statics)),
        tuple(sorted(labels.values(), key=lambda message: message.lang)),
        site,
    )


def read_manifest(path: str, theme: str, data: bytes, diagnostics: Diagnostics) -> Manifest:
    """Read the `theme.yaml` of a theme."""
    fields = _fields(path, data, diagnostics)
    if fields is None:
        return None, ()
    name = fields.text("name", required=True, hint=f"name: {theme}")
    fields.scalar("contract", required=True, hint=f"contract: {CONTRACT_VERSION}")
    version = fields.integer("contract", 1, 1_000_000)
    parent = fields.text("parent")
    if parent is not None and not KEY.fullmatch(parent):
        message = f"{parent!r} is not the name of a theme in themes/: lower-case letters, digits and hyphens"
        fields.error("bad-theme", fields.location_of("parent"), message)
        parent = None
    settings = tuple(read_settings(fields, diagnostics))
    fields.reject_unknown_keys()
    if version is not None and version != CONTRACT_VERSION:
        message = f"the theme is for contract {version}; expected contract {CONTRACT_VERSION}"
        hint = "`sitegen docs themes` lists what has changed; adapt the templates, and then this number"
        hint = hint if version < CONTRACT_VERSION else "install a newer version of sitegen"
        diagnostics.error("theme-contract", fields.location_of("contract"), message, hint=hint)
    if not name or not version:
        return None, ()
    if name != theme:
        message = f"the theme in themes/{theme} has the name {name!r}; expected {theme!r}"
        diagnostics.error("theme-name", fields.location_of("name"), message, hint=f"name: {theme}")
    return (parent, fields.location_of("parent")) if parent is not None else None, settings


def read_messages(
    path: str, locale: str, data: bytes, diagnostics: Diagnostics
) -> Iterator[tuple[Message, SourceLocation]]:
    """Yield the labels of one locale from a YAML file of keys to texts, or to plural categories and texts.

    A label without a text is not translated yet.
    """
    fields = _fields(path, data, diagnostics)
    for key, node in fields.remaining() if fields is not None else ():
        forms = [value for _, value in node.pairs] if isinstance(node, Mapping) else [node]
        if forms and all(isinstance(form, Scalar) and form.is_null for form in forms):
            continue
        if isinstance(node, Scalar):
            message = Message(key.value, (("other", node.value),), locale)
        elif isinstance(node, Mapping):
            message = Message(key.value, _plural_forms(key.value, node, diagnostics), locale)
        else:
            diagnostics.error("wrong-type", node.location, f"the label {key.value!r} must be a text or plural forms")
            continue
        _check_placeholders(message, node, diagnostics)
        yield message, key.location


def _check_placeholders(message: Message, node: Node, diagnostics: Diagnostics) -> None:
    """Report a feed label that does not have exactly the expected placeholders."""
    expected = PLACEHOLDERS.get(message.key.removeprefix(PREFIX)) if message.key.startswith(PREFIX) else None
    if expected is not None and placeholders_in(message.form("other")) != expected:
        names = " and ".join(f"{{{name}}}" for name in expected)
        rule = f"must have {names} once, and no other braces" if expected else "must have no braces"
        diagnostics.error("bad-label", node.location, f"the label {message.key!r} {rule}")


def _plural_forms(key: str, node: Mapping, diagnostics: Diagnostics) -> tuple[tuple[str, str], ...]:
    forms = []
    for category, value in node.pairs:
        if category.value not in PLURALS:
            message = f"{key}: {category.value!r} is not a valid plural category"
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
