"""The configuration as values: texts, terms, feeds, thresholds, and the settings that no page depends on."""

from functools import lru_cache
from io import BytesIO
from pkgutil import get_data
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from sitegen.config.targets import Target
from sitegen.diagnostics import SourceLocation
from sitegen.util import cldr


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones of the tzdata package, sorted."""
    return tuple(sorted((get_data("tzdata", "zones") or b"").decode().split()))


@lru_cache(maxsize=8)
def load_timezone(name: str) -> ZoneInfo:
    """Return a time zone of the tzdata package, because those of the system differ between machines."""
    return ZoneInfo.from_file(BytesIO(get_data("tzdata", f"zoneinfo/{name}") or b""), key=name)


class LocalizedText(Struct, frozen=True):
    """A text in one or more languages, in the order of `site.yaml`."""

    texts: tuple[tuple[str, str], ...]

    def get(self, locale: str) -> str:
        """Return the text in `locale`, else in its base language, else the first one."""
        return self._pick(locale)[1]

    def language(self, locale: str) -> str:
        """Return the language of what `get` returns."""
        return self._pick(locale)[0]

    def _pick(self, locale: str) -> tuple[str, str]:
        table = dict(self.texts)
        for tag in (locale, locale.split("-", maxsplit=1)[0]):
            if table.get(tag):
                return tag, table[tag]
        return next(((tag, text) for tag, text in self.texts if text), (locale, ""))


class Term(Struct, frozen=True):
    """A topic, a country of the site or a perspective, with its key, its names and other labels."""

    key: str
    names: LocalizedText
    aliases: tuple[str, ...] = ()

    def labels(self) -> tuple[tuple[str, str | None], ...]:
        """Return every label with its language; that of an alias is None."""
        named = tuple((text, language) for language, text in self.names.texts)
        return named + tuple((alias, None) for alias in self.aliases)

    def all_names(self) -> tuple[str, ...]:
        """Return the key and every label."""
        return (self.key, *(text for text, _ in self.labels()))


SOCIAL_IMAGE_SIZE: Final = (1200, 630)
"""Width and height of the social image, in pixels."""


class SocialImage(Struct, frozen=True):
    """The image that social networks show with a link to the site: its project path and its description."""

    file: str
    alt: LocalizedText


class Publisher(Struct, frozen=True):
    """Who publishes the digest and answers for it. `contact` is an e-mail address or a URL."""

    name: LocalizedText
    contact: str
    url: str | None = None

    @property
    def email(self) -> str | None:
        """The contact, if it is an e-mail address."""
        return None if self.contact.startswith(("https://", "http://")) else self.contact

    @property
    def contact_url(self) -> str:
        """The contact as a URL, which is `mailto:` for an e-mail address."""
        return f"mailto:{quote(self.contact, safe='@+')}" if self.email else self.contact


FEED_KINDS: Final = (
    "topics",
    "countries",
    "pairs",
    "crossings",
    "sources",
    "perspectives",
    "languages",
    "corrections",
    "upcoming",
)
"""Subjects of feeds, other than the whole site and its important articles. A crossing is a topic in a country."""

COMBINATIONS: Final = frozenset({"pairs", "crossings"})
"""Kinds of feeds that combine two subjects. There are many of them, and each has few readers."""

OPEN_DATA: Final = ("tables", "articles", "extra", "machine")
"""Kinds of open data: tables of all articles, a file for each article and in it `extra`, machine-written parts."""

DEFAULT_DATA: Final = ("tables", "articles")


class FeedSettings(Struct, frozen=True):
    """Selection and size of the feeds.

    `items` and `bytes` limit one feed, `kinds` are some of `FEED_KINDS`. Feeds of `COMBINATIONS` have the
    `combination_formats`, all others the `formats`. Feeds of the kinds in `texts_of` and of the whole site have whole
    texts, all others summaries. `importance` is the minimum of the articles in the feed of important ones, None for no
    such feed. The last three are the numbers of articles from which a pair of countries, a topic in a country and a
    source have a feed.
    """

    items: int = 20
    bytes: int = 512 * 1024
    formats: tuple[str, ...] = ("rss", "atom", "json")
    combination_formats: tuple[str, ...] = ("rss",)
    kinds: tuple[str, ...] = FEED_KINDS
    texts_of: tuple[str, ...] = ("topics", "perspectives", "languages")
    importance: int | None = 4
    pairs_from: int = 20
    crossings_from: int = 20
    sources_from: int = 3

    def formats_of(self, kind: str) -> tuple[str, ...]:
        """Return the formats of feeds of a kind (see `Facet.kind`)."""
        return self.combination_formats if kind in COMBINATIONS else self.formats

    def has_texts(self, kind: str) -> bool:
        """Return whether feeds of a kind (see `Facet.kind`) have whole texts."""
        return kind == "whole" or kind in self.texts_of


class PageThresholds(Struct, frozen=True):
    """Numbers of articles from which a subject has a page of its own.

    `pairs` are pairs of countries, `topic_countries` a topic in a country or a pair, `issues` weeks, `perspectives` a
    perspective alone or on a topic. An index with at least `months` articles has a page for each month.
    """

    pairs: int = 5
    topic_countries: int = 10
    sources: int = 1
    issues: int = 1
    perspectives: int = 1
    months: int = 40


PAGES_FROM: Final = PageThresholds.__struct_fields__
"""The keys of `pages_from`."""


class ImportLabels(Struct, frozen=True):
    """Labels that structure a copied page, in any language."""

    summary: tuple[str, ...] = ("AI サマリー", "AI要約", "AIサマリー", "AI summary", "AI-generated summary")
    human_summary: tuple[str, ...] = ("サマリー", "要約", "概要", "Summary", "Abstract")
    relations: tuple[str, ...] = ("Relations", "関係国", "関連国", "Countries")
    analysis: tuple[str, ...] = ("多角的分析", "Multi-perspective analysis", "Perspectives", "Analysis")
    source: tuple[str, ...] = ("原文ソース", "出典", "情報源", "Source", "Original source")
    original: tuple[str, ...] = (
        "原文を読む",
        "元記事を読む",
        "Read the original",
        "Read original",
        "Read more",
    )


IMPORT_LABELS: Final = ImportLabels.__struct_fields__
"""The keys of `import_labels`."""


class ImportMapping(Struct, frozen=True):
    """Where the articles in JSON, or the columns of a table, have the values of an article.

    `items` is the path of the list of articles, `fields` has the path of each value, `perspectives` that of the text of
    each perspective. A path is a list of keys and positions with dots between them.
    """

    name: str
    items: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    perspectives: tuple[tuple[str, str], ...] = ()
    generated: tuple[tuple[str, str], ...] = ()


MAPPED_FIELDS: Final = (
    *("id", "title", "date", "updated", "lang", "topics", "countries", "tags", "categories", "importance", "summary"),
    *("markdown", "html", "slug", "aliases", "draft", "publish", "expire", "source.name", "source.url", "source.lang"),
)
"""The keys of a mapping that have the path of a value."""


class ImportSettings(Struct, frozen=True):
    """`import` of `site.yaml`: topics and countries by tag, and mappings by name. No page depends on it."""

    tags: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mappings: tuple[ImportMapping, ...] = ()


CHECK_SEVERITIES: Final = ("error", "warning", "hint", "off")
"""The severities that `check` of `site.yaml` can give to a rule."""


class SeverityChange(Struct, frozen=True):
    """The severity of a rule (one of CHECK_SEVERITIES) for a folder or a file; for the site if `path` is empty."""

    path: str
    code: str
    severity: str
    location: SourceLocation


class CheckSettings(Struct, frozen=True):
    """`check` of `site.yaml`: severities, and how many kilobytes a page and a picture should have at most.

    No page depends on it.
    """

    changes: tuple[SeverityChange, ...] = ()
    page_kb: int = 300
    picture_kb: int = 1000

    def severity(self, code: str, path: str, default: str) -> str:
        """Return the severity of a rule for a file: that of the longest path that contains it, else the `default`."""
        matching = [
            change
            for change in self.changes
            if change.code == code and (not change.path or f"{path}/".startswith(f"{change.path}/"))
        ]
        return max(matching, key=lambda change: len(change.path)).severity if matching else default


class ContentSchema(Struct, frozen=True):
    """The part of the configuration that parsing an article depends on.

    `topics` and `countries` are None if their table has errors; then no article is checked against it. `search` is
    whether texts get their search terms. `renamed` are the `old_keys` of both tables, each with the table and the key.
    """

    topics: tuple[str, ...] | None
    countries: tuple[str, ...] | None
    perspectives: tuple[Term, ...]
    timezone: str
    search: bool = False
    renamed: tuple[tuple[str, str, str], ...] = ()

    def successor(self, table: str, key: str) -> str | None:
        """Return the key that replaced an old one in `topics` or `countries`."""
        return next((new for name, old, new in self.renamed if (name, old) == (table, key)), None)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of dates without one."""
        return load_timezone(self.timezone)


class Config(Struct, frozen=True, cache_hash=True):
    """The values of `site.yaml` that pages depend on, with defaults.

    `edition_items` is the maximum number of articles in a daily edition, None for a site without editions. `renamed` is
    that of `ContentSchema`.
    """

    title: LocalizedText
    tagline: LocalizedText
    description: LocalizedText
    base_url: str
    tag_authority: str
    timezone: str
    locales: tuple[str, ...]
    theme: str
    rights: LocalizedText
    topics: tuple[Term, ...]
    countries: tuple[Term, ...]
    perspectives: tuple[Term, ...]
    feeds: FeedSettings
    labels: ImportLabels
    page_thresholds: PageThresholds = PageThresholds()
    data: tuple[str, ...] = DEFAULT_DATA
    license: str | None = None
    websub_hub: str | None = None
    card: SocialImage | None = None
    typography: bool = True
    strip_metadata: bool = False
    picture_widths: tuple[int, ...] = ()
    date_styles: tuple[str, ...] = ()
    search: bool = True
    edition_items: int | None = None
    publisher: Publisher | None = None
    topics_known: bool = True
    countries_known: bool = True
    renamed: tuple[tuple[str, str, str], ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which dates are shown, and that of dates without one."""
        return load_timezone(self.timezone)

    @property
    def content_schema(self) -> ContentSchema:
        """The schema of the articles."""
        codes = (*cldr.iso_codes(), *(term.key for term in self.countries))
        return ContentSchema(
            tuple(term.key for term in self.topics) if self.topics_known else None,
            tuple(dict.fromkeys(codes)) if self.countries_known else None,
            self.perspectives,
            self.timezone,
            self.search,
            self.renamed,
        )

    def topic_labels(self) -> dict[str, str]:
        """Return the key of each topic by its normalized key, names and aliases."""
        labels = {cldr.normalize_label(name): term.key for term in self.topics for name in term.all_names()}
        return labels | {cldr.normalize_label(term.key): term.key for term in self.topics}

    def country_name(self, code: str, locale: str) -> str:
        """Return the name of a country in `locale`: that of the site, else of CLDR, else the code."""
        for term in self.countries:
            if term.key == code and term.names.texts:
                return term.names.get(locale)
        return cldr.cldr_name(code, locale) or code

    def country_labels(self) -> dict[str, str]:
        """Return the ISO code of each name of a country.

        They are those of CLDR in English, Japanese and the locales of the site, common other names, and the site's own.
        """
        languages = dict.fromkeys(("en", "ja", *self.locales))
        labels: dict[str, str] = {}
        for code in cldr.iso_codes():
            names = (*(cldr.cldr_name(code, language) for language in languages), *cldr.COMMON_NAMES.get(code, ()))
            for name in names:
                if name is not None:
                    labels.setdefault(name, code)
        return labels | {label: term.key for term in self.countries for label, _ in term.labels()}


class Redirect(Struct, frozen=True):
    """An older address or name, and what replaced it; `new` is None for a page that was removed.

    `kind` is `redirects` or `gone` for paths, `combinations` for all that pairs and topics in a country had with other
    settings, else the table of `site.yaml` with the key or name that was renamed.
    """

    kind: str
    old: str
    new: str | None
    location: SourceLocation


class ThemeValue(Struct, frozen=True):
    """The value of a setting of the theme, and where it is written; `kind` only if it is declared there."""

    name: str
    value: str
    location: SourceLocation
    kind: str = ""


class ProjectSettings(Struct, frozen=True):
    """The configuration, and the values of `site.yaml` that no page depends on."""

    config: Config
    targets: tuple[Target, ...]
    theme_location: SourceLocation
    social_image_location: SourceLocation | None
    redirects: tuple[Redirect, ...] = ()
    theme_settings: tuple[ThemeValue, ...] = ()
    imports: ImportSettings = ImportSettings()
    check: CheckSettings = CheckSettings()


PERSPECTIVES: Final = (
    Term("economic", LocalizedText((("en", "Economic impact"), ("ja", "経済的影響")))),
    Term("investors", LocalizedText((("en", "Investor sentiment"), ("ja", "投資家心理")))),
    Term("society", LocalizedText((("en", "Social impact"), ("ja", "社会的影響")))),
    Term("citizens", LocalizedText((("en", "Voices of citizens"), ("ja", "市民の声")))),
    Term("background", LocalizedText((("en", "Background and history"), ("ja", "背景・歴史的文脈")))),
)
"""The built-in perspectives; `site.yaml` adds labels and further ones."""
