"""Front matter, version 1: loads YAML nodes and dumps YAML. A dumped value loads as the same value."""

import re
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from hashlib import sha256
from math import inf, isfinite
from typing import Any, Final

import yaml
from msgspec import Struct
from msgspec.structs import asdict, replace

from sitegen.config.model import ContentSchema
from sitegen.content.slugs import alias_problem, slug_problem, valid_slug
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.util.cldr import iso_names, language_of_name, normalize_label
from sitegen.util.dates import Instant, PartialDate
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, Sequence
from sitegen.yaml_source.reader import MAX_SUMMARY_CHARACTERS, MappingReader

GENERATED_PARTS: Final = ("title", "summary", "text", "analysis", "translation")
AUTHORS: Final = ("ai", "human", "mixed")
_EXTRA_HINT: Final = "put keys of your own below extra: extra: {tags: [one, two]}"
_ALIAS_HINT: Final = "aliases: [/2026/07/old-name/, /old.html]"
IMPORTANCE_MIN: Final = 1
IMPORTANCE_MAX: Final = 5

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
    text: str
    number: int = 1


class ImportInfo(Struct, frozen=True, array_like=True):
    """The file that `sitegen import` converted; `digest` is the SHA-256 of the result."""

    name: str
    sha256: str
    format: str
    at: PartialDate
    digest: str


class ExtraMap(Struct, frozen=True, tag=True):
    """A mapping under `extra`, in the order of the file."""

    pairs: "tuple[tuple[str, ExtraValue], ...]" = ()


class ExtraList(Struct, frozen=True, tag=True):
    """A list under `extra`."""

    items: "tuple[ExtraValue, ...]" = ()


ExtraValue = str | int | float | bool | None | ExtraMap | ExtraList


class FrontMatter(Struct, frozen=True, array_like=True):
    """The front matter of an article. docs/reference/front-matter.md explains each key."""

    id: str
    title: str
    date: PartialDate
    lang: str
    topics: tuple[str, ...]
    importance: int
    source: ArticleSource
    summary: str
    updated: PartialDate | None = None
    countries: tuple[str, ...] = ()
    generated: tuple[tuple[str, str], ...] = ()
    reviewed: Review | None = None
    slug: str | None = None
    draft: bool = False
    publish: PartialDate | None = None
    expire: PartialDate | None = None
    aliases: tuple[str, ...] = ()
    follows: str | None = None
    corrections: tuple[Correction, ...] = ()
    imported: ImportInfo | None = None
    extra: ExtraMap | None = None

    @property
    def original_lang(self) -> str:
        """The language of the original: that of the article if the source does not state it."""
        return self.source.lang or self.lang

    @property
    def source_name_lang(self) -> str:
        """The language of the source's name: as stated, else by its letters."""
        return self.source.name_lang or language_of_name(self.source.name, self.lang, self.original_lang)


# --- load -------------------------------------------------------------------------------------------------------------


def load(mapping: Mapping, content_schema: ContentSchema, diagnostics: Diagnostics) -> FrontMatter | None:
    """Load front matter; return None if it has errors."""
    before = diagnostics.errors
    front = _Loader(MappingReader(mapping, diagnostics), content_schema).load()
    return front if diagnostics.errors == before else None


def load_generated(fields: MappingReader) -> tuple[tuple[str, str], ...]:
    """Load the authors of the parts."""
    inner = fields.fields("generated", hint="generated: {summary: ai, analysis: ai}")
    if inner is None:
        return ()
    authors = [(part, inner.choice(part, AUTHORS)) for part in GENERATED_PARTS]
    inner.reject_unknown_keys()
    return tuple((part, author) for part, author in authors if author is not None)


def load_reviewed(fields: MappingReader) -> Review | None:
    """Load the reviewer of the machine-written parts."""
    inner = fields.fields("reviewed", hint="reviewed: {by: A. Editor, at: 2026-07-05}")
    if inner is None:
        return None
    by, at, of = inner.text("by", required=True), inner.date("at"), inner.text("of")
    inner.reject_unknown_keys()
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


class _Loader:
    def __init__(self, fields: MappingReader, content_schema: ContentSchema) -> None:
        self._fields = fields
        self._content_schema = content_schema

    def load(self) -> FrontMatter | None:
        fields = self._fields
        identifier = self._id()
        title = fields.text("title", required=True)
        stamp = fields.date("date", required=True)
        lang = fields.language("lang", required=True)
        topics = self._keys(
            "topics", self._content_schema.topics, "unknown-topic", "a topic of site.yaml", required=True
        )
        countries = self._keys(
            "countries", self._content_schema.countries, "unknown-country", "an ISO 3166-1 code or one of site.yaml"
        )
        importance = fields.integer("importance", IMPORTANCE_MIN, IMPORTANCE_MAX, required=True)
        source = self._source()
        summary = fields.text(
            "summary", required=True, hint="one paragraph for lists and feeds", limit=MAX_SUMMARY_CHARACTERS
        )
        updated, publish, expire = fields.date("updated"), fields.date("publish"), fields.date("expire")
        if stamp is not None:
            self._check_order("updated", updated, stamp)
            self._check_order("expire", expire, stamp)
        rest: dict[str, Any] = {
            "generated": load_generated(fields),
            "reviewed": load_reviewed(fields),
            "slug": self._slug(),
            "draft": fields.boolean("draft"),
            "aliases": self._aliases(),
            "follows": fields.text("follows"),
            "corrections": self._corrections(),
            "imported": self._imported(),
            "extra": self._extra(),
        }
        fields.reject_unknown_keys(_EXTRA_HINT)
        if not (identifier and title and stamp and lang and topics and importance and source and summary):
            return None
        return FrontMatter(
            identifier,
            title,
            stamp,
            lang,
            topics,
            importance,
            source,
            summary,
            updated=updated,
            countries=countries,
            publish=publish,
            expire=expire,
            **rest,
        )

    def _id(self) -> str | None:
        proposal = sha256(self._fields.location.path.encode()).hexdigest()[:16]
        scalar = self._fields.scalar("id", required=True, hint=f"for a new article: {proposal}")
        if scalar is None or _ID.fullmatch(scalar.value):
            return None if scalar is None else scalar.value
        message = f"'id' is {scalar.value!r}; expected 8 to 64 lower-case letters, digits and hyphens"
        self._fields.error("bad-id", scalar.location, message)
        return None

    def _keys(
        self, key: str, allowed: tuple[str, ...] | None, code: str, expected: str, *, required: bool = False
    ) -> tuple[str, ...]:
        values: list[str] = []
        for scalar in self._fields.scalars(key, required=required):
            if allowed is not None and scalar.value not in allowed:
                message = f"{scalar.value!r} is not {expected}"
                near = iso_names().get(normalize_label(scalar.value)) if code == "unknown-country" else None
                self._fields.error(code, scalar.location, message, got=scalar.value, allowed=allowed, near=near)
            elif scalar.value in values:
                self._fields.error("duplicate-value", scalar.location, f"{key}: duplicate value {scalar.value!r}")
            else:
                values.append(scalar.value)
        return tuple(values)

    def _source(self) -> ArticleSource | None:
        hint = "source: {name: Nhan Dan, url: null, lang: vi}"
        fields = self._fields.fields("source", required=True, hint=hint)
        if fields is None:
            return None
        name = fields.text("name", required=True, hint=hint)
        source = ArticleSource(
            name or "",
            fields.url("url"),
            fields.language("lang"),
            fields.url("archived"),
            fields.language("name_lang"),
        )
        fields.reject_unknown_keys()
        return source if name else None

    def _slug(self) -> str | None:
        scalar = self._fields.scalar("slug")
        if scalar is None:
            return None
        problem = slug_problem(scalar.value)
        if problem is not None:
            near = valid_slug(scalar.value) or None
            self._fields.error("bad-slug", scalar.location, f"the slug {scalar.value!r} {problem}", near=near)
        return scalar.value

    def _aliases(self) -> tuple[str, ...]:
        aliases: list[str] = []
        for scalar in self._fields.scalars("aliases"):
            problem = alias_problem(scalar.value)
            if problem is not None:
                message = f"the alias {scalar.value!r} {problem}"
                self._fields.error("bad-alias", scalar.location, message, hint=_ALIAS_HINT)
            else:
                aliases.append(scalar.value)
        return tuple(aliases)

    def _corrections(self) -> tuple[Correction, ...]:
        corrections = []
        for number, fields in enumerate(self._fields.mappings("corrections"), 1):
            at, text = (
                fields.date("at", required=True),
                fields.text("text", required=True, limit=MAX_SUMMARY_CHARACTERS),
            )
            fields.reject_unknown_keys()
            if at is not None and text is not None:
                corrections.append(Correction(at, text, number))
        return tuple(corrections)

    def _imported(self) -> ImportInfo | None:
        fields = self._fields.fields("imported")
        if fields is None:
            return None
        name, kind = fields.text("name", required=True), fields.text("format", required=True)
        at = fields.date("at", required=True)
        digests = []
        for key in ("sha256", "digest"):
            scalar = fields.scalar(key, required=True)
            if scalar is not None and not _SHA256.fullmatch(scalar.value):
                fields.error(
                    "bad-digest", scalar.location, f"{key!r} is not a valid SHA-256; expected 64 hexadecimal digits"
                )
            digests.append(scalar.value if scalar else "")
        fields.reject_unknown_keys()
        return ImportInfo(name, digests[0], kind, at, digests[1]) if name and kind and at else None

    def _extra(self) -> ExtraMap | None:
        node = self._fields.node("extra")
        if node is None:
            return None
        if not isinstance(node, Mapping):
            self._fields.wrong_type("extra", node, "a mapping")
            return None
        value = _extra_value(node)
        return value if isinstance(value, ExtraMap) else None

    def _check_order(self, key: str, later: PartialDate | None, earlier: PartialDate) -> None:
        zone = self._content_schema.zone
        # A date without a time is compared as the end of its day, because both may be on the same day.
        if later is not None and _end_of_day(later, zone) < earlier.to_datetime(zone):
            self._fields.error(
                "bad-order",
                self._fields.location_of(key),
                f"{key!r} ({later}) is before 'date' ({earlier})",
                hint="correct one of the two",
            )


def _end_of_day(stamp: PartialDate, zone: tzinfo) -> datetime:
    return datetime.combine(stamp.day, time.max, zone) if stamp.instant is None else stamp.to_datetime(zone)


def _extra_value(node: Node) -> ExtraValue:
    if isinstance(node, Mapping):
        return ExtraMap(tuple((key.value, _extra_value(value)) for key, value in node.pairs))
    if isinstance(node, Sequence):
        return ExtraList(tuple(_extra_value(item) for item in node.items))
    return _extra_scalar(node)


def _extra_scalar(scalar: Scalar) -> ExtraValue:
    """Convert a value without a schema, by the JSON part of YAML 1.2's core schema (section 10.3.2)."""
    value = scalar.value
    if not scalar.unquoted:
        return value
    if scalar.is_null:
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


class _Dumper(yaml.SafeDumper):
    """Writes lists and mappings of scalars on one line, others as blocks."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _represent_unquoted(dumper: yaml.SafeDumper, value: _UnquotedStr) -> yaml.ScalarNode:
    tag: str = dumper.resolve(yaml.ScalarNode, str(value), (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(value))


def _represent_float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    text = format(Decimal(repr(value)), "f")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


_Dumper.add_representer(_UnquotedStr, _represent_unquoted)
_Dumper.add_representer(float, _represent_float)


def dump(front: FrontMatter) -> str:
    """Return the YAML of `front`, keys in the order of docs/reference/front-matter.md, without the `---` lines."""
    return dump_values(as_values(front))


def dump_values(values: dict[str, Any]) -> str:
    """Return the YAML of values from `as_values`, even if they have been converted to JSON and back."""
    return yaml.dump(
        values, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=1_000_000
    )


def as_values(front: FrontMatter) -> dict[str, Any]:
    """Return `front` as plain values by key, in the order of docs/reference/front-matter.md; dates as written."""
    values: dict[str, Any] = {
        "id": front.id,
        "title": front.title,
        "date": _format_date(front.date),
        "updated": _format_date(front.updated),
        "lang": front.lang,
        "topics": list(front.topics),
        "countries": list(front.countries),
        "importance": front.importance,
        "source": _source(front.source),
        "summary": front.summary,
        "generated": dict(front.generated),
        "reviewed": review_values(front.reviewed) if front.reviewed else None,
        "slug": front.slug,
        "draft": front.draft or None,
        "publish": _format_date(front.publish),
        "expire": _format_date(front.expire),
        "aliases": list(front.aliases),
        "follows": front.follows,
        "corrections": [{"at": _inline_date(entry.at), "text": entry.text} for entry in front.corrections],
        "imported": _imported(front.imported),
        "extra": None if front.extra is None else _plain_extra(front.extra),
    }
    return {
        key: value for key, value in values.items() if value not in (None, [], {}) or (key == "extra" and value == {})
    }


def review_values(review: Review) -> dict[str, Any]:
    """Return the mapping of a review as front matter has it."""
    return _without_none({"by": review.by, "at": _inline_date(review.at), "of": review.of})


def dump_review(review: Review) -> str:
    """Return the line `reviewed: {…}` of front matter."""
    return dump_values({"reviewed": review_values(review)})


def _source(source: ArticleSource) -> dict[str, Any]:
    return {key: value for key, value in asdict(source).items() if value is not None or key == "url"}


def _imported(imported: ImportInfo | None) -> dict[str, Any] | None:
    if imported is None:
        return None
    return {
        "name": imported.name,
        "sha256": imported.sha256,
        "format": imported.format,
        "at": _inline_date(imported.at),
        "digest": imported.digest,
    }


def _format_date(stamp: PartialDate | None) -> _UnquotedStr | None:
    return None if stamp is None else _UnquotedStr(stamp)


def _inline_date(stamp: PartialDate | None) -> str | None:
    """Return a date for a mapping on one line, in which a time needs quotes because of its colons."""
    return _format_date(stamp) if stamp is None or stamp.instant is None else str(stamp)


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _plain_extra(value: ExtraValue) -> object:
    if isinstance(value, ExtraMap):
        return {key: _plain_extra(item) for key, item in value.pairs}
    if isinstance(value, ExtraList):
        return [_plain_extra(item) for item in value.items]
    return value


def instant(stamp: PartialDate, content_schema: ContentSchema) -> Instant:
    """Return a date in the site's time zone, with a fixed offset so that it is the same on every machine."""
    return stamp.with_fixed_offset(content_schema.zone)


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
