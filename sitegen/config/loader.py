"""The loader of `site.yaml`: it reports all errors of the file and continues after each."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from sitegen.config.check_loader import read_check_settings
from sitegen.config.import_loader import read_import_settings
from sitegen.config.model import (
    DEFAULT_DATA,
    FEED_KINDS,
    IMPORT_LABELS,
    OPEN_DATA,
    PAGES_FROM,
    PERSPECTIVES,
    Config,
    FeedSettings,
    ImportLabels,
    LocalizedText,
    PageThresholds,
    ProjectSettings,
    Publisher,
    Redirect,
    SocialImage,
    Term,
    ThemeValue,
    zone_names,
)
from sitegen.config.readers import read_localized
from sitegen.config.secrets import redact, report_secrets, without_excerpt
from sitegen.config.targets import read_targets
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.util import cldr
from sitegen.util.feed_formats import feed_formats
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, decode, parse_yaml
from sitegen.yaml_source.nodes import Sequence as ListNode
from sitegen.yaml_source.reader import KEY, MappingReader, is_language

MAX_CONFIG_CHARACTERS: Final = 256 * 1024

_COUNTRY_CODE = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_AUTHORITY = re.compile(r"[a-z0-9.-]+,\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_PATH = re.compile(r"(/(?!\.{0,2}(/|$))[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*/?")
_EMAIL = re.compile(r"[^\s@<>()\[\]\",;:\\]+@[^\s@<>()\[\]\",;:\\.]+(\.[^\s@<>()\[\]\",;:\\.]+)+")
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)

_THEME_NAME: Final = "the name of a folder in themes/, of lower-case letters, digits and hyphens"
_TERM_LISTS: Final = ("aliases", "old_keys")
_MAX_PAGES_FROM: Final = 1_000_000
_MAX_ITEMS: Final = 10_000
_MAX_EDITION_ITEMS: Final = 100
_DEFAULT_EDITION_ITEMS: Final = 10
_FEED_BYTES: Final = (4 * 1024, 64 * 1024 * 1024)
_IMPORTANCE: Final = (1, 5)
_PICTURE_WIDTHS: Final = range(100, 4001)


def read_config(data: bytes, diagnostics: Diagnostics) -> ProjectSettings | None:
    """Read the bytes of `site.yaml`; return None if the file is not a mapping.

    Errors go to `diagnostics`. The settings then have defaults in the place of invalid values: they serve to find more
    errors, and no site may be built from them.
    """
    unredacted = Diagnostics()
    root = _read_root(data, unredacted)
    if root is None:
        settings, secret_lines = None, frozenset[int]()
    else:
        secret_lines = report_secrets(root, unredacted)
        settings = _Loader(MappingReader(root, unredacted), unredacted).read()
    redacted = redact(unredacted, data.decode("utf-8", "replace"), secret_lines)
    diagnostics.extend(unredacted if redacted is None else redacted)
    if settings is None or redacted is None:
        return settings
    image = settings.social_image_location
    values = (replace(value, location=without_excerpt(value.location)) for value in settings.theme_settings)
    return replace(
        settings,
        theme_location=without_excerpt(settings.theme_location),
        social_image_location=image and without_excerpt(image),
        theme_settings=tuple(values),
    )


def _read_root(data: bytes, diagnostics: Diagnostics) -> Mapping | None:
    source = decode("site.yaml", data, diagnostics)
    if source is None:
        return None
    before = len(diagnostics)
    node = parse_yaml(source, source.text, diagnostics, limit=MAX_CONFIG_CHARACTERS)
    if isinstance(node, Mapping):
        return node
    if len(diagnostics) == before:
        diagnostics.error(
            "config-empty" if node is None else "wrong-type",
            source.location(1) if node is None else node.location,
            "site.yaml is empty" if node is None else "site.yaml must be a mapping",
            hint="it needs at least title, base_url and topics; `sitegen init` writes one",
        )
    return None


class _Loader:
    def __init__(self, fields: MappingReader, diagnostics: Diagnostics) -> None:
        self._fields = fields
        self._diagnostics = diagnostics
        self._label_locations: dict[str, list[SourceLocation]] = {}
        self._social_image_location: SourceLocation | None = None
        self._redirects: list[Redirect] = []

    def read(self) -> ProjectSettings:
        fields = self._fields
        locales = self._locales()
        self._default_language = locales[0]
        title = self._localized("title", required=True)
        base_url = self._base_url()
        errors_in_topics, topics = self._terms("topics", KEY, "lower-case letters, digits and hyphens")
        if not topics and not errors_in_topics:
            hint = "topics: {technology: {en: Technology}}"
            if fields.node("topics", required=True, hint=hint) is not None:
                fields.error("missing-key", fields.location_of("topics"), "'topics' is empty", hint=hint)
        errors_in_countries, countries = self._terms("countries", _COUNTRY_CODE, "2 to 10 capitals")
        _, extra = self._terms("perspectives", KEY, "lower-case letters, digits and hyphens")
        is_stripped, widths = self._pictures()
        config = Config(
            title=title,
            tagline=self._localized("tagline"),
            description=self._localized("description"),
            base_url=base_url,
            tag_authority=self._authority(base_url),
            timezone=self._timezone(),
            locales=locales,
            theme=fields.matching("theme", KEY, _THEME_NAME, "", required=False) or "default",
            rights=self._localized("rights"),
            topics=tuple(self._with_name(term) for term in topics),
            countries=countries,
            perspectives=tuple(self._with_name(term) for term in _with_built_in(extra)),
            feeds=self._feeds(),
            labels=self._labels(),
            page_thresholds=self._page_thresholds(),
            data=fields.choices("data", OPEN_DATA, DEFAULT_DATA),
            license=fields.url("license"),
            websub_hub=fields.url("hub"),
            card=self._social_image(),
            publisher=self._publisher(),
            typography=fields.boolean("typography", default=True),
            date_styles=self._date_styles(locales),
            strip_metadata=is_stripped,
            picture_widths=widths,
            search=fields.boolean("search", default=True),
            edition_items=self._edition_items(),
            topics_known=bool(topics) and not errors_in_topics,
            countries_known=not errors_in_countries,
            renamed=tuple((entry.kind, entry.old, entry.new) for entry in self._redirects if entry.new is not None),
        )
        self._read_redirects()
        settings = ProjectSettings(
            config,
            read_targets(fields, self._diagnostics),
            fields.location_of("theme"),
            self._social_image_location,
            tuple(self._redirects),
            tuple(self._theme_settings()),
            read_import_settings(fields, config),
            read_check_settings(fields),
        )
        self._check_labels(config)
        self._check_import_labels(config)
        fields.reject_unknown_keys()
        return settings

    def _locales(self) -> tuple[str, ...]:
        locales: list[str] = []
        for scalar in self._fields.scalars("locales"):
            if not is_language(scalar.value):
                self._error("bad-language", scalar, f"{scalar.value!r} is not a language tag such as en or ja")
            elif scalar.value.casefold() in (tag.casefold() for tag in locales):
                self._error("duplicate-value", scalar, f"the locale {scalar.value!r} is listed twice")
            else:
                self._fields.warn_of_language(scalar.value, scalar.location)
                locales.append(scalar.value)
        return tuple(locales) or ("en",)

    def _pictures(self) -> tuple[bool, tuple[int, ...]]:
        """Return whether metadata are removed from pictures, and the widths of their smaller copies."""
        fields = self._fields.fields("pictures", hint="pictures: {strip_metadata: true}")
        if fields is None:
            return False, ()
        is_stripped, widths = fields.boolean("strip_metadata"), []
        for scalar in fields.scalars("widths"):
            if scalar.value.isdecimal() and scalar.value.isascii() and int(scalar.value) in _PICTURE_WIDTHS:
                widths.append(int(scalar.value))
            else:
                first, last = _PICTURE_WIDTHS[0], _PICTURE_WIDTHS[-1]
                message = f"'widths' has {scalar.value!r}; expected whole numbers of pixels from {first} to {last}"
                self._error("out-of-range", scalar, message)
        return is_stripped, tuple(sorted(set(widths)))

    def _date_styles(self, locales: tuple[str, ...]) -> tuple[str, ...]:
        """Return the CLDR locales whose dates the site uses, one or a list: each has the language of a locale."""
        is_list = isinstance(self._fields.node("date_style"), ListNode)
        given = self._fields.scalars("date_style") if is_list else [self._fields.scalar("date_style")]
        languages = {tag.partition("-")[0].lower() for tag in locales}
        for scalar in given:
            if scalar is not None and (
                not cldr.has_locale(scalar.value) or scalar.value.partition("-")[0].lower() not in languages
            ):
                message = f"'date_style' is {scalar.value!r}; expected a locale of CLDR in a language of the site"
                tag = scalar.value.replace("_", "-")
                is_tag = cldr.has_locale(tag) and tag.partition("-")[0].lower() in languages
                self._error("bad-date-style", scalar, message, hint=f"date_style: {tag if is_tag else min(languages)}")
        return tuple(scalar.value for scalar in given if scalar is not None)

    def _localized(self, key: str, *, required: bool = False) -> LocalizedText:
        node = self._fields.node(key, required=required, hint=f"{key}: text, or {key}: {{en: …, ja: …}}")
        return LocalizedText(()) if node is None else self._localized_node(key, node)

    def _localized_node(self, key: str, node: Node) -> LocalizedText:
        for _, value in node.pairs if isinstance(node, Mapping) else ():
            if isinstance(value, Scalar):
                self._label_locations.setdefault(value.value, []).append(value.location)
        return read_localized(self._fields, key, node, self._default_language)

    def _base_url(self) -> str:
        scalar = self._fields.scalar("base_url", required=True, hint="base_url: https://example.org/")
        if scalar is None:
            return "https://invalid.invalid/"
        try:
            url = urlsplit(scalar.value)
            host, _ = url.hostname, url.port
        except ValueError:
            url, host = urlsplit(""), None
        is_valid = host is not None and (_HOST.fullmatch(host) or not host.isascii()) and _PATH.fullmatch(url.path)
        if url.scheme not in {"http", "https"} or not host or not is_valid or url.query or url.fragment or url.username:
            self._error(
                "bad-base-url",
                scalar,
                f"'base_url' is {scalar.value!r}; expected https://, a host and an optional path",
                hint="base_url: https://example.org/ or https://example.org/digest/",
            )
            return "https://invalid.invalid/"
        if not host.isascii():
            try:
                host = host.encode("idna").decode("ascii")
            except UnicodeError:
                self._error("bad-base-url", scalar, f"{host!r} is not a valid host name: it has no ASCII form (IDNA)")
                return "https://invalid.invalid/"
        host = f"[{host}]" if ":" in host else host
        port = f":{url.port}" if url.port else ""
        return f"{url.scheme}://{host}{port}{url.path.rstrip('/')}/"

    def _authority(self, base_url: str) -> str:
        expected = "a host of yours and a year in which you owned it"
        hint = "authority: example.org,2026 (RFC 4151, section 2.1)"
        given = self._fields.matching("authority", _AUTHORITY, expected, hint, required=False)
        return given or f"{urlsplit(base_url).hostname},2026"

    def _timezone(self) -> str:
        scalar = self._fields.scalar("timezone")
        if scalar is None:
            return "UTC"
        if scalar.value in zone_names():
            return scalar.value
        message = f"{scalar.value!r} is not a time zone of the IANA database"
        self._diagnostics.error("unknown-timezone", scalar.location, message, got=scalar.value, allowed=zone_names())
        return "UTC"

    def _theme_settings(self) -> Iterator[ThemeValue]:
        """Yield the values for settings of the theme, which checks them."""
        for name, node in self._fields.pairs("theme_settings", "a mapping", hint='theme_settings: {paper: "#fff"}'):
            if isinstance(node, Scalar):
                yield ThemeValue(name.value, node.value, node.location)
            else:
                self._fields.wrong_type(f"theme_settings.{name.value}", node, "text")

    def _terms(self, key: str, pattern: re.Pattern[str], form: str) -> tuple[bool, tuple[Term, ...]]:
        """Return whether the table has errors, and its valid terms."""
        node = self._fields.node(key)
        if node is None:
            return False, ()
        if not isinstance(node, Mapping):
            self._fields.wrong_type(key, node, "a mapping of keys to names")
            return True, ()
        has_errors = False
        terms = []
        for name, value in node.pairs:
            if not pattern.fullmatch(name.value) or _MONTH.fullmatch(name.value):
                has_errors = True
                self._error("bad-key", name, f"{key}: {name.value!r} cannot be a key; expected {form}")
                continue
            terms.append(self._term(name.value, value))
            for old in self._fields.child(value).scalars("old_keys") if isinstance(value, Mapping) else ():
                if pattern.fullmatch(old.value):
                    self._redirects.append(Redirect(key, old.value, name.value, old.location))
                else:
                    self._error("bad-key", old, f"{key}: {old.value!r} cannot be an old key; expected {form}")
        return has_errors, tuple(terms)

    def _term(self, key: str, node: Node) -> Term:
        if not isinstance(node, Mapping):
            return Term(key, self._localized_node(key, node))
        languages = replace(node, pairs=tuple(pair for pair in node.pairs if pair[0].value not in _TERM_LISTS))
        scalars = [scalar for scalar in self._fields.child(node).scalars("aliases") if scalar.value]
        aliases = tuple(scalar.value for scalar in scalars)
        for scalar in scalars:
            self._label_locations.setdefault(scalar.value, []).append(scalar.location)
        # A mapping with lists only extends a built-in term; an empty mapping is an error.
        has_only_lists = node.pairs and not languages.pairs
        names = LocalizedText(()) if has_only_lists else self._localized_node(key, languages)
        return Term(key, names, aliases)

    def _with_name(self, term: Term) -> Term:
        """Return the term with its key as its name if it has none."""
        if term.names.texts:
            return term
        return Term(term.key, LocalizedText(((self._default_language, term.key),)), term.aliases)

    def _read_redirects(self) -> None:
        """Collect renamed sources and the paths of `redirects` and `gone`; `outputs.redirects` checks the paths."""
        for kind in ("sources", "redirects"):
            for name, value in self._fields.pairs(kind, "a mapping"):
                if kind == "sources" and isinstance(value, Mapping):
                    fields = self._fields.child(value)
                    scalars = fields.scalars("old_names", required=True, hint="old_names: [Old Name]")
                    self._redirects += [Redirect(kind, old.value, name.value, old.location) for old in scalars]
                    fields.reject_unknown_keys()
                elif kind == "redirects" and isinstance(value, Scalar):
                    self._redirects.append(Redirect(kind, name.value, value.value, name.location))
                else:
                    expected = "a path" if kind == "redirects" else "{old_names: [Old Name]}"
                    self._fields.wrong_type(f"{kind}.{name.value}", value, expected)
        if self._fields.boolean("redirect_combinations"):
            location = self._fields.location_of("redirect_combinations")
            self._redirects.append(Redirect("combinations", "", None, location))
        self._redirects += [Redirect("gone", old.value, None, old.location) for old in self._fields.scalars("gone")]

    def _social_image(self) -> SocialImage | None:
        """Return the social image; the build checks its file."""
        fields = self._fields.fields("card")
        if fields is None:
            return None
        file = fields.scalar("file", required=True, hint="file: content/card.png")
        alt = fields.node("alt", required=True, hint="alt: a description of the image")
        names = self._localized_node("card.alt", alt) if alt is not None else LocalizedText(())
        if file is None:
            return None
        self._social_image_location = file.location
        return SocialImage(file.value, names)

    def _edition_items(self) -> int | None:
        fields = self._fields.fields("edition", hint="edition: {items: 10}")
        if fields is None:
            return None
        items = fields.integer("items", 1, _MAX_EDITION_ITEMS)
        return items or _DEFAULT_EDITION_ITEMS

    def _publisher(self) -> Publisher | None:
        hint = "publisher: {name: Example Press, contact: editor@example.org}"
        fields = self._fields.fields("publisher", hint=hint)
        if fields is None:
            return None
        name = fields.node("name", required=True, hint=hint)
        names = self._localized_node("publisher.name", name) if name is not None else LocalizedText(())
        contact, url = fields.scalar("contact", required=True, hint=hint), fields.url("url")
        if contact is None:
            return None
        if contact.value.startswith(("https://", "http://")):
            fields.url("contact")
        elif not _EMAIL.fullmatch(contact.value):
            message = (
                f"'contact' is {contact.value!r}; expected an e-mail address, or an address that begins with https://"
            )
            self._error("bad-contact", contact, message, hint="contact: editor@example.org")
            return None
        return Publisher(names, contact.value, url)

    def _feeds(self) -> FeedSettings:
        fields = self._fields.fields("feeds")
        if fields is None:
            return FeedSettings()
        base = FeedSettings()
        numbers = {"items": fields.integer("items", 1, _MAX_ITEMS), "bytes": fields.integer("bytes", *_FEED_BYTES)}
        known = tuple(entry.name for entry in feed_formats())
        hint = "the package of a plugin adds other formats; install it"
        formats = fields.choices("formats", known, base.formats, least=1, hint=hint)
        combination_formats = fields.choices("combination_formats", known, formats[:1], least=1)
        kinds = fields.choices("of", FEED_KINDS, base.kinds)
        texts_of = fields.choices("texts_of", FEED_KINDS, base.texts_of)
        none = isinstance(node := fields.node("importance"), Scalar) and node.unquoted and node.value == "none"
        importance = None if none else fields.integer("importance", *_IMPORTANCE) or base.importance
        numbers |= {
            key: fields.integer(key, 1, _MAX_PAGES_FROM) for key in ("pairs_from", "crossings_from", "sources_from")
        }
        return FeedSettings(
            formats=formats,
            combination_formats=combination_formats,
            kinds=kinds,
            texts_of=texts_of,
            importance=importance,
            **{key: number for key, number in numbers.items() if number is not None},
        )

    def _page_thresholds(self) -> PageThresholds:
        fields = self._fields.fields("pages_from")
        if fields is None:
            return PageThresholds()
        given = {name: fields.integer(name, 1, _MAX_PAGES_FROM) for name in PAGES_FROM}
        return PageThresholds(**{name: number for name, number in given.items() if number is not None})

    def _labels(self) -> ImportLabels:
        given = self._fields.fields("import_labels")
        base = ImportLabels()
        if given is None:
            return base
        return ImportLabels(**{name: getattr(base, name) + given.texts(name) for name in IMPORT_LABELS})

    def _check_labels(self, config: Config) -> None:
        """Report labels that belong to two terms."""
        for key, terms in (
            ("topics", config.topics),
            ("countries", config.countries),
            ("perspectives", config.perspectives),
        ):
            owners: dict[str, str] = {}
            for term in terms:
                for label, _ in term.labels():
                    owner = owners.setdefault(cldr.normalize_label(label), term.key)
                    if owner != term.key:
                        self._fields.error(
                            "ambiguous-label",
                            self._label_locations.get(label, [self._fields.location_of(key)])[-1],
                            f"{key}: the label {label!r} belongs to both {owner!r} and {term.key!r}",
                        )

    def _check_import_labels(self, config: Config) -> None:
        """Report import labels that are labels of perspectives, too."""
        perspectives = {cldr.normalize_label(label) for term in config.perspectives for label, _ in term.labels()}
        for name in IMPORT_LABELS:
            for label in getattr(config.labels, name):
                if cldr.normalize_label(label) in perspectives:
                    message = f"import_labels.{name}: {label!r} is the label of a perspective"
                    self._fields.error("ambiguous-label", self._fields.location_of("import_labels"), message)

    def _error(self, code: str, at: Scalar, message: str, hint: str = "") -> None:
        self._diagnostics.error(code, at.location, message, hint=hint)


def _with_built_in(extra: tuple[Term, ...]) -> tuple[Term, ...]:
    """Return the built-in perspectives with the names and aliases of `extra`; new ones follow."""
    table = {term.key: term for term in PERSPECTIVES}
    for term in extra:
        known = table.get(term.key)
        if known is None:
            table[term.key] = term
        else:
            old = tuple(text for _, text in known.names.texts)
            names = dict(known.names.texts) | dict(term.names.texts)
            aliases = dict.fromkeys((*known.aliases, *term.aliases, *old))
            shown = set(names.values())
            table[term.key] = Term(
                term.key, LocalizedText(tuple(names.items())), tuple(alias for alias in aliases if alias not in shown)
            )
    return tuple(table.values())
