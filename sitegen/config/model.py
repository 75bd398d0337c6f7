"""The configuration as values: what the site is called, where it lives, what its topics and countries are."""

import re
from dataclasses import field, fields, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from sitegen.diagnostics import SourceLocation
from sitegen.paths import CONFIG_NAME
from sitegen.util import cldr
from sitegen.util.frozen import dataclass

KEY = re.compile(r"(?=.{1,60}$)[a-z0-9]+(-[a-z0-9]+)*")


def is_theme_name(text: str) -> bool:
    """Whether `text` can be the name of a theme's folder."""
    return KEY.fullmatch(text) is not None


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones, sorted."""
    return tuple(sorted(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()))


@lru_cache(maxsize=8)
def load_timezone(name: str) -> ZoneInfo:
    """Return a zone by the rules of the tzdata package: those of the system differ from machine to machine."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


@dataclass(frozen=True, slots=True)
class LocalizedText:
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


@dataclass(frozen=True, slots=True)
class Term:
    """A topic, a country of the site's own, or a perspective: its key, its names, other labels it is known by."""

    key: str
    names: LocalizedText
    aliases: tuple[str, ...] = ()

    def labels(self) -> tuple[tuple[str, str | None], ...]:
        """Return every label with its language (None where it is not known)."""
        named = tuple((text, language) for language, text in self.names.texts)
        return named + tuple((alias, None) for alias in self.aliases)


SOCIAL_IMAGE_SIZE: Final = (1200, 630)
"""Width and height of a picture for links, in pixels, as networks show it."""


@dataclass(frozen=True, slots=True)
class SocialImage:
    """The picture that networks show beside a link to the site: a project path, and what it shows in words."""

    file: str
    alt: LocalizedText
    location: SourceLocation = field(default=SourceLocation(CONFIG_NAME), compare=False)


FEED_KINDS: Final = (
    "topics",
    "countries",
    "pairs",
    "crossings",
    "sources",
    "perspectives",
    "languages",
    "corrections",
)
"""What feeds can be about, beside the whole digest and what is important in it. A crossing is a topic in a country."""

OPEN_DATA: Final = ("tables", "articles", "extra")
"""What can be published as data: tables of all articles, a file for each of them, and in that the editor's `extra`."""


DEFAULT_DATA: Final = ("tables", "articles")


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """Which feeds there are, and what they hold at most.

    `items` are articles, `bytes` those of a file, `of` are kinds of `FEED_KINDS`. `importance` is the least of the
    articles in a feed of the important ones, None for no such feed. The last three say from how many articles on a pair
    of countries, a topic in a country and a source have a feed: below, they would be many files for few readers.
    """

    items: int = 50
    bytes: int = 512 * 1024
    formats: tuple[str, ...] = ("rss", "atom", "json")
    of: tuple[str, ...] = FEED_KINDS
    importance: int | None = 4
    pairs_from: int = 3
    crossings_from: int = 3
    sources_from: int = 3


@dataclass(frozen=True, slots=True)
class PageThresholds:
    """From how many articles on a page is made of its own.

    `pairs`: for a pair of countries. `topic_countries`: for what a topic has in common with a country, or with a pair.
    `sources`: for a source. `issues`: for a week. `perspectives`: for a perspective, and for what it says of a topic.
    `months`: for each month of an index; one with fewer articles lists them all itself.
    """

    pairs: int = 1
    topic_countries: int = 3
    sources: int = 1
    issues: int = 1
    perspectives: int = 1
    months: int = 50


PAGES_FROM: Final = tuple(entry.name for entry in fields(PageThresholds))
"""What a page of its own can be made of, as keys of `page_thresholds`."""


@dataclass(frozen=True, slots=True)
class ImportLabels:
    """Labels that structure a copied page, each list of them in any language."""

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


IMPORT_LABELS: Final = tuple(entry.name for entry in fields(ImportLabels))
"""The kinds of labels, as keys of `import_labels`."""


@dataclass(frozen=True, slots=True)
class ContentSchema:
    """The part of the configuration that the meaning of an article depends on.

    `topics` is None where the table itself is broken: then nothing is checked against it.
    """

    topics: tuple[str, ...] | None
    countries: tuple[str, ...] | None
    perspectives: tuple[Term, ...]
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which bare dates stand."""
        return load_timezone(self.timezone)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that `site.yaml` says, with the defaults filled in."""

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
    targets: Any = field(default=(), compare=False)  # no page is made of them
    topics_known: bool = True
    countries_known: bool = True
    theme_location: SourceLocation = field(default=SourceLocation(CONFIG_NAME), compare=False)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which dates are shown and bare dates stand."""
        return load_timezone(self.timezone)

    @property
    def content_schema(self) -> ContentSchema:
        """What articles are read with."""
        codes = (*cldr.iso_codes(), *(term.key for term in self.countries))
        return ContentSchema(
            tuple(term.key for term in self.topics) if self.topics_known else None,
            tuple(dict.fromkeys(codes)) if self.countries_known else None,
            self.perspectives,
            self.timezone,
        )

    def country_name(self, code: str, locale: str) -> str:
        """Return the name of a country in `locale`: the site's own, else CLDR's, else the code."""
        for term in self.countries:
            if term.key == code and term.names.texts:
                return term.names.get(locale)
        return cldr.cldr_name(code, locale) or code


def page_config(config: Config) -> Config:
    """Return the configuration without the values that no page is made of."""
    location = SourceLocation(CONFIG_NAME)
    card = config.card and replace(config.card, location=location)
    return replace(config, targets=(), theme_location=location, card=card)


PERSPECTIVES: Final = (
    Term("economic", LocalizedText((("en", "Economic impact"), ("ja", "経済的影響")))),
    Term("investors", LocalizedText((("en", "Investor sentiment"), ("ja", "投資家心理")))),
    Term("society", LocalizedText((("en", "Social impact"), ("ja", "社会的影響")))),
    Term("citizens", LocalizedText((("en", "Voices of citizens"), ("ja", "市民の声")))),
    Term("background", LocalizedText((("en", "Background and history"), ("ja", "背景・歴史的文脈")))),
)
"""The perspectives every digest has; `site.yaml` adds labels and further ones."""
