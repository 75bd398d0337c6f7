"""Front matter, version 1: loads YAML nodes and dumps YAML. A dumped value loads as the same value."""

import re
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from hashlib import sha256
from math import inf, isfinite
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import yaml
from msgspec import Struct
from msgspec.structs import asdict, replace
from yaml.representer import SafeRepresenter
from yaml.resolver import Resolver

from sitegen.config.model import ContentSchema, LocalizedText
from sitegen.config.readers import read_authors, read_sentence
from sitegen.content.events import Event, load_events
from sitegen.content.slugs import alias_problem, slug_problem, valid_slug
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.util.cldr import iso_names, language_of_name, normalize_label
from sitegen.util.dates import PartialDate
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, Sequence
from sitegen.yaml_source.reader import MAX_SUMMARY_CHARACTERS, MappingReader

try:
    from yaml import CSafeDumper as _LibyamlDumper
except ImportError:  # PyYAML without libyaml writes the same text, more slowly
    from yaml import SafeDumper as _LibyamlDumper  # type: ignore[assignment]

_EXTRA_HINT: Final = "put keys of your own below extra: extra: {tags: [one, two]}"
_ALIAS_HINT: Final = "aliases: [/2026/07/old-name/, /old.html]"
IMPORTANCE_MIN: Final = 1
IMPORTANCE_MAX: Final = 5

_DERIVED: Final = frozenset({"is_outdated", "number"})
"""Fields that are not written."""

_ID = re.compile(r"[0-9a-z][0-9a-z-]{7,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")


class ArticleSource(Struct, frozen=True, array_like=True):
    """The source of an article; an unknown URL is None.

    `lang` is the language of the original, `name_lang` that of the name; None if the front matter does not state it.
    """

    name: str
    url: str | None = None
    lang: str | None = None
    archived: str | None = None
    name_lang: str | None = None


class Review(Struct, frozen=True, array_like=True):
    """The person who reviewed the machine-written parts, the date, and the hash of what was reviewed (`review_hash`).

    `is_outdated` if the parts have changed since.
    """

    by: str
    at: PartialDate | None = None
    of: str | None = None
    is_outdated: bool = False

    @property
    def reviewer(self) -> str | None:
        """The person who is responsible for the parts as they are."""
        return None if self.is_outdated else self.by


class Correction(Struct, frozen=True, array_like=True):
    """A correction and its date; `number` is its position in the file's list, from 1, even if not all are shown."""

    at: PartialDate
    text: LocalizedText
    number: int = 1


class ImportInfo(Struct, frozen=True, array_like=True):
    """The file that `sitegen import` converted; `digest` is the SHA-256 of the result."""

    name: str
    sha256: str
    format: str
    at: PartialDate
    digest: str


class FrontMatter(Struct, frozen=True, array_like=True, kw_only=True):
    """The front matter of an article, in the order in which it is written.

    docs/reference/front-matter.md explains each key. `extra` has the values of JSON.
    """

    id: str
    title: str
    date: PartialDate
    updated: PartialDate | None = None
    lang: str
    topics: tuple[str, ...]
    countries: tuple[str, ...] = ()
    importance: int
    source: ArticleSource
    summary: str
    generated: tuple[tuple[str, str], ...] = ()
    reviewed: Review | None = None
    slug: str | None = None
    draft: bool = False
    publish: PartialDate | None = None
    expire: PartialDate | None = None
    aliases: tuple[str, ...] = ()
    follows: str | None = None
    corrections: tuple[Correction, ...] = ()
    upcoming: tuple[Event, ...] = ()
    imported: ImportInfo | None = None
    extra: dict[str, Any] | None = None

    @property
    def original_lang(self) -> str:
        """The language of the original: that of the article if the source does not state it."""
        return self.source.lang or self.lang

    def source_name_lang(self, locales: tuple[str, ...]) -> str:
        """Return the language of the source's name: as stated, else by its letters; `locales` are those of the site."""
        return self.source.name_lang or language_of_name(self.source.name, self.lang, self.original_lang, locales)


# --- load -------------------------------------------------------------------------------------------------------------

_MARKUP: Final = re.compile(
    r"&(?:[A-Za-z]{2,20}|#\d{2,5}|#x[0-9A-Fa-f]{2,5});"
    r"|<(?P<name>em|strong|b|i|u|code|span|small|sup|sub|a)\b[^<>]{0,200}>[^<>]{0,200}</(?P=name)>|<br ?/?>"
    r"|`[^`]{1,200}`|(?<!\*)\*\*[^\s*][^*]{0,200}\*\*(?!\*)|\[[^\[\]]{1,200}\]\((?:https?:|/)[^()\s]{1,200}\)"
    r"|\{\{.{1,200}?\}\}|\{%.{1,200}?%\}"
)
"""Markup that readers would see in a title or summary: a character reference, a tag, Markdown, a template tag."""


def warn_of_markup(fields: MappingReader, key: str, text: str | None, diagnostics: Diagnostics) -> None:
    """Warn of markup in a value that is shown as plain text."""
    match = _MARKUP.search(text or "")
    if match is not None:
        message = f"{match[0]!r} is printed as text: {key!r} has no markup"
        hint = "write the character itself" if match[0].startswith("&") else "remove the marks"
        diagnostics.warning("unread-syntax", fields.location_of(key), message, hint=hint)


def load(mapping: Mapping, content_schema: ContentSchema, diagnostics: Diagnostics) -> FrontMatter | None:
    """Load front matter; return None if it has errors."""
    before = diagnostics.errors
    fields = MappingReader(mapping, diagnostics)
    values: dict[str, Any] = {
        "id": _load_id(fields),
        "title": fields.text("title", required=True),
        "date": fields.date("date", required=True),
        "lang": fields.language("lang", required=True),
        "topics": load_keys(fields, "topics", content_schema, required=True),
        "countries": load_keys(fields, "countries", content_schema),
        "importance": fields.integer("importance", IMPORTANCE_MIN, IMPORTANCE_MAX, required=True),
        "source": _load_source(fields),
        "summary": fields.text(
            "summary", required=True, hint="one paragraph for lists and feeds", limit=MAX_SUMMARY_CHARACTERS
        ),
        "updated": fields.date("updated"),
        "publish": fields.date("publish"),
        "expire": fields.date("expire"),
        "generated": read_authors(fields),
        "reviewed": load_reviewed(fields),
        "slug": _load_slug(fields),
        "draft": fields.boolean("draft"),
        "aliases": _load_aliases(fields),
        "follows": fields.text("follows"),
        "imported": _load_imported(fields),
        "extra": _load_extra(fields),
    }
    values["corrections"] = _load_corrections(fields, values["lang"] or "", values["date"], content_schema.zone)
    values["upcoming"] = load_events(
        fields.mappings("upcoming", hint="upcoming: [{at: 2026-07-03, text: …}]"),
        values["lang"] or "",
        content_schema.zone,
        after=values["date"],
    )
    for key in ("title", "summary"):
        warn_of_markup(fields, key, values[key], diagnostics)
    for key, earlier in (("updated", "date"), ("expire", "date"), ("expire", "publish")):
        _check_order(fields, key, values[key], (earlier, values[earlier]), content_schema.zone)
    fields.reject_unknown_keys(_EXTRA_HINT)
    return FrontMatter(**values) if diagnostics.errors == before else None


def load_reviewed(fields: MappingReader) -> Review | None:
    """Load the reviewer of the machine-written parts."""
    inner = fields.fields("reviewed", hint="reviewed: {by: A. Editor, at: 2026-07-05}")
    if inner is None:
        return None
    by, at, of = inner.text("by", required=True), inner.date("at"), inner.text("of")
    return Review(by, at, of) if by else None


def review_hash(title: str, summary: str, text: str) -> str:
    """Return the hash of what a person reviews, 16 hexadecimal digits; `text` is the Markdown as written."""
    return sha256(f"{title}\0{summary}\0{text.strip()}".encode()).hexdigest()[:16]


def check_review(review: Review | None, current: str, node: Mapping, diagnostics: Diagnostics) -> Review | None:
    """Return the review; it is outdated, which is reported, if its hash is not the `current` one."""
    if review is None or review.of in {None, current}:
        return review
    ((_, location),) = key_locations(node, {"reviewed"})
    diagnostics.warning(
        "review-outdated",
        location,
        f"title, summary or text have changed since the review by {review.by}, which no longer counts",
        hint="review the change, then run: sitegen review FILE --by NAME",
    )
    return replace(review, is_outdated=True)


def _load_id(fields: MappingReader) -> str | None:
    proposal = sha256(fields.location.path.encode()).hexdigest()[:16]
    scalar = fields.scalar("id", required=True, hint=f"for a new article: {proposal}")
    if scalar is None or _ID.fullmatch(scalar.value):
        return None if scalar is None else scalar.value
    message = f"'id' is {scalar.value!r}; expected 8 to 64 lower-case letters, digits and hyphens"
    fields.error("bad-id", scalar.location, message)
    return None


_OTHER_COMMA: Final = re.compile("[、，・;；]")


def load_keys(fields: MappingReader, key: str, schema: ContentSchema, *, required: bool = False) -> tuple[str, ...]:
    """Load a list of `topics` or `countries`."""
    values: list[str] = []
    for scalar in fields.scalars(key, required=required):
        if not is_known(fields, key, scalar, schema):
            continue
        if scalar.value in values:
            fields.error("duplicate-value", scalar.location, f"{key}: duplicate value {scalar.value!r}")
        else:
            values.append(scalar.value)
    return tuple(values)


def is_known(fields: MappingReader, key: str, scalar: Scalar, schema: ContentSchema) -> bool:
    """Return whether a value is one of the `topics` or `countries` of the site; one that is not is reported."""
    is_topic = key == "topics"
    allowed = schema.topics if is_topic else schema.countries
    if allowed is None or scalar.value in allowed:
        return True
    code, expected = (
        ("unknown-topic", "a topic of site.yaml")
        if is_topic
        else ("unknown-country", "an ISO 3166-1 code or one of site.yaml")
    )
    successor = schema.successor(key, scalar.value)
    near = successor or (None if is_topic else iso_names().get(normalize_label(scalar.value)))
    message = f"{scalar.value!r} is not {expected}" + (f": its key is {successor!r} now" if successor else "")
    hint = f"write {key}: [one, two], with ordinary commas" if _OTHER_COMMA.search(scalar.value) else ""
    fields.error(code, scalar.location, message, got=scalar.value, allowed=allowed, near=near, hint=hint)
    return False


def _load_source(fields: MappingReader) -> ArticleSource | None:
    hint = "source: {name: Nhan Dan, url: null, lang: vi}"
    inner = fields.fields("source", required=True, hint=hint)
    if inner is None:
        return None
    name = inner.text("name", required=True, hint=hint)
    source = ArticleSource(
        name or "", inner.url("url"), inner.language("lang"), inner.url("archived"), inner.language("name_lang")
    )
    return source if name else None


def _load_slug(fields: MappingReader) -> str | None:
    scalar = fields.scalar("slug")
    if scalar is None:
        return None
    problem = slug_problem(scalar.value)
    if problem is not None:
        near = valid_slug(scalar.value) or None
        fields.error("bad-slug", scalar.location, f"the slug {scalar.value!r} {problem}", near=near)
    return scalar.value


def _path_of(address: str) -> str | None:
    """Return the path in an address as a browser shows or copies it; None if it is not valid as an alias."""
    try:
        path = "/" + unquote(urlsplit(address).path).removeprefix("/")
    except ValueError:
        return None
    return path if alias_problem(path) is None else None


def _load_aliases(fields: MappingReader) -> tuple[str, ...]:
    aliases: list[str] = []
    for scalar in fields.scalars("aliases"):
        problem = alias_problem(scalar.value)
        if problem is not None:
            message = f"the alias {scalar.value!r} {problem}"
            near = _path_of(scalar.value)
            hint = "" if near else _ALIAS_HINT
            fields.error("bad-alias", scalar.location, message, near=near, hint=hint)
        else:
            aliases.append(scalar.value)
    return tuple(aliases)


def _load_corrections(
    fields: MappingReader, lang: str, date: PartialDate | None, zone: tzinfo
) -> tuple[Correction, ...]:
    corrections = []
    hint, long = "text: what was wrong, or text: {en: …, ja: …}", "move a part of it to the text of the article"
    for number, inner in enumerate(fields.mappings("corrections", hint="corrections: [{at: 2026-07-03, text: …}]"), 1):
        at = inner.date("at", required=True)
        _check_order(inner, "at", at, ("date", date), zone)
        text = read_sentence(inner, lang, MAX_SUMMARY_CHARACTERS, hint=hint, long=long)
        if at is not None and text.texts:
            corrections.append(Correction(at, text, number))
    return tuple(corrections)


def _load_imported(fields: MappingReader) -> ImportInfo | None:
    inner = fields.fields("imported")
    if inner is None:
        return None
    name, kind = inner.text("name", required=True), inner.text("format", required=True)
    at = inner.date("at", required=True)
    digests = []
    for key in ("sha256", "digest"):
        scalar = inner.scalar(key, required=True)
        if scalar is not None and not _SHA256.fullmatch(scalar.value):
            inner.error(
                "bad-digest", scalar.location, f"{key!r} is not a valid SHA-256; expected 64 hexadecimal digits"
            )
        digests.append(scalar.value if scalar else "")
    return ImportInfo(name, digests[0], kind, at, digests[1]) if name and kind and at else None


def _load_extra(fields: MappingReader) -> dict[str, Any] | None:
    node = fields.node("extra")
    if node is None:
        return None
    if not isinstance(node, Mapping):
        fields.wrong_type("extra", node, "a mapping")
        return None
    return {key.value: _extra_value(value) for key, value in node.pairs}


def _check_order(
    fields: MappingReader, key: str, later: PartialDate | None, other: tuple[str, PartialDate | None], zone: tzinfo
) -> None:
    name, earlier = other
    if later is not None and earlier is not None and is_before(later, earlier, zone):
        fields.error(
            "bad-order",
            fields.location_of(key),
            f"{key!r} ({later}) is before {name!r} ({earlier})",
            hint="correct one of the two",
        )


def is_before(stamp: PartialDate, other: PartialDate, zone: tzinfo) -> bool:
    """Whether a date is before another one. Without a time it is the end of its day: both may be on the same day."""
    end = datetime.combine(stamp.day, time.max, zone) if stamp.instant is None else stamp.to_datetime(zone)
    return end < other.to_datetime(zone)


def _extra_value(node: Node) -> object:
    """Convert a value without a schema, by the JSON part of YAML 1.2's core schema (section 10.3.2)."""
    if isinstance(node, Mapping):
        return {key.value: _extra_value(value) for key, value in node.pairs}
    if isinstance(node, Sequence):
        return [_extra_value(item) for item in node.items]
    value = node.value
    if not node.unquoted:
        return value
    if node.is_null:
        return None
    if value in {"true", "false"}:
        return value == "true"
    if _INTEGER.fullmatch(value):
        return int(value)
    number = float(value) if _FLOAT.fullmatch(value) else inf
    return number if isfinite(number) else value


# --- dump -------------------------------------------------------------------------------------------------------------


class _UnquotedStr(str):
    """A string that is written without quotes: dates, which YAML 1.1 would quote."""

    __slots__ = ()


_RESOLVER: Final[Any] = Resolver()


class _Representer(SafeRepresenter):
    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_unquoted(self, value: _UnquotedStr) -> yaml.ScalarNode:
        tag: str = _RESOLVER.resolve(yaml.ScalarNode, str(value), (True, False))
        return self.represent_scalar(tag, str(value))

    def represent_float(self, value: float) -> yaml.ScalarNode:
        text = format(Decimal(repr(value)), "f")
        return self.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


_Representer.add_representer(_UnquotedStr, _Representer.represent_unquoted)
_Representer.add_representer(float, _Representer.represent_float)


def dump(front: FrontMatter) -> str:
    """Return the YAML of `front`, keys in the order of docs/reference/front-matter.md, without the `---` lines."""
    return dump_values(as_values(front))


def dump_values(values: dict[str, Any]) -> str:
    """Return the YAML of values from `as_values`, even if they have been converted to JSON and back.

    Lists and mappings of scalars are on one line, others and the whole are blocks.
    """
    representer = _Representer(default_flow_style=None, sort_keys=False)  # type: ignore[arg-type]  # None is a value
    node: Any = representer.represent_data(values)
    node.flow_style = False
    text = _serialize(node, _LibyamlDumper)
    # libyaml escapes characters beyond U+FFFF, such as emoji, and writes empty keys in another way.
    return _serialize(node, yaml.SafeDumper) if "\\U" in text or "'':" in text else text


def _serialize(node: Any, dumper: Any) -> str:
    return str(yaml.serialize(node, Dumper=dumper, allow_unicode=True, width=1_000_000))


def as_values(front: FrontMatter) -> dict[str, Any]:
    """Return `front` as plain values by key, in the order in which they are written; dates as written."""
    values = asdict(front) | {
        "generated": dict(front.generated),
        "draft": front.draft or None,
        "corrections": tuple(_correction_values(entry, front.lang) for entry in front.corrections),
        "upcoming": tuple(_event_values(event, front.lang) for event in front.upcoming),
    }
    return {
        key: _plain(value)
        for key, value in values.items()
        if value not in (None, (), {}) or (key == "extra" and value == {})
    }


def dump_review(review: Review) -> str:
    """Return the line `reviewed: {…}` of front matter."""
    return dump_values({"reviewed": _plain(review)})


def translation_values(
    identifier: str, title: str, summary: str, generated: tuple[tuple[str, str], ...], reviewed: Review | None
) -> dict[str, Any]:
    """Return the front matter of an article's translation as plain values; its language is in the file's name."""
    values = {"id": identifier, "title": title, "summary": summary, "generated": dict(generated), "reviewed": reviewed}
    return {key: _plain(value) for key, value in values.items() if value not in (None, {})}


def _correction_values(entry: Correction, lang: str) -> dict[str, Any]:
    return {"at": _plain(entry.at, in_line=True), "text": _localized_value(entry.text, lang)}


def _event_values(event: Event, lang: str) -> dict[str, Any]:
    at = _UnquotedStr(event.written_at) if event.is_month else _plain(event.at, in_line=True)
    values = {"at": at, "text": _localized_value(event.text, lang)}
    return values if event.url is None else values | {"url": event.url}


def _localized_value(text: LocalizedText, lang: str) -> object:
    """Return a text as YAML has it: alone if it is in the language of the article."""
    texts = dict(text.texts)
    return texts[lang] if texts.keys() == {lang} else texts


def _plain(value: object, *, in_line: bool = False) -> object:
    """Return a value of front matter as YAML has it. In a mapping on one line, the colons of a time need quotes."""
    if isinstance(value, PartialDate):
        return str(value) if in_line and value.instant is not None else _UnquotedStr(value)
    if isinstance(value, Struct):
        pairs = [(key, item) for key, item in asdict(value).items() if key not in _DERIVED]
        return {key: _plain(item, in_line=True) for key, item in pairs if item is not None or key == "url"}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def key_locations(mapping: Mapping, keys: AbstractSet[str]) -> tuple[tuple[str, SourceLocation], ...]:
    """Return the location of the value of each of `keys`, and of item n of a list as `key.n`.

    They are for diagnostics that depend on other files.
    """
    wanted = [(key, value) for key, value in mapping.pairs if key.value in keys]
    locations = [(key.value, value.location) for key, value in wanted]
    for key, value in wanted:
        if isinstance(value, Sequence):
            locations += [(f"{key.value}.{number}", item.location) for number, item in enumerate(value.items)]
    return tuple(locations)


def today(moment: datetime) -> PartialDate:
    """Return the day of `moment`."""
    return PartialDate(date(moment.year, moment.month, moment.day))
