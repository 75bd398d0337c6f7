"""The values that templates see: the theme contract, version 2.

A template gets exactly two values: `site`, a `SiteView`, and `page`, the view of its page. Views are complete and
frozen; a template cannot load more data. `href` fields are ready for an attribute; texts are plain and escaped by the
template engine; `html` fields are safe HTML. Every text that may be in another language than the page has its language
in a field `lang` or `…_lang`. Charts are numbers, which a template prints into SVG: horizontal positions and widths are
in percent of the available width, vertical positions and heights are in pixels.

Views of whole pages are in the modules of `sitegen.outputs.pages`. `themes/README.md` is generated from the docstrings.
"""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import zip_longest

from markupsafe import Markup, escape
from msgspec import Struct


class Country(Struct, frozen=True):
    """A country: its code (`VN`), its name in the page's language, its flag (decoration; may be empty), its page."""

    code: str
    name: str
    flag: str
    href: str


class Topic(Struct, frozen=True):
    """A topic: its key in `site.yaml`, its name in the page's language, its page."""

    key: str
    name: str
    href: str
    lang: str


class Language(Struct, frozen=True):
    """A language: its tag, and its name in the page's language."""

    tag: str
    name: str


class PageLink(Struct, frozen=True):
    """A static page: its title, the title's language, its URL."""

    title: str
    lang: str
    href: str


class FeedFormat(Struct, frozen=True):
    """A feed in one format: the name of the format (`RSS`), its media type, its URL."""

    name: str
    type: str
    href: str


class FeedLink(Struct, frozen=True):
    """A feed: its title, its URL in the first of the site's formats, and in each of them."""

    title: str
    href: str
    formats: tuple[FeedFormat, ...]


class FeedEntry(Struct, frozen=True):
    """A feed in a list of feeds: the name of its facet and the language of the name (empty for the name of a source).

    `page` is the page of the facet, `url` the feed's full URL in the first of the site's formats, `opml` a list of all
    feeds of the same topic or country, for feed readers.
    """

    name: str
    lang: str
    page: str
    feed: FeedLink
    url: str
    opml: str | None


class FeedGroup(Struct, frozen=True):
    """Feeds of one kind: its key, its name, the language of the name, and the feeds."""

    key: str
    name: str
    lang: str
    feeds: tuple[FeedEntry, ...]


class LocaleLink(Struct, frozen=True):
    """A language in which the site is published: its tag and its name in that language."""

    tag: str
    name: str


class NavigationLink(Struct, frozen=True):
    """A section in the navigation: its key, which is also its label in the theme, and its URL.

    `name` is empty unless the section has a name of its own, which replaces the label. `in_header` is true if the
    masthead shows it, too; the footer shows every section.
    """

    key: str
    href: str
    name: str
    in_header: bool


class SiteView(Struct, frozen=True):
    """The values that all pages of a locale share. None of them depends on an article.

    `links` are the URLs of the sections by key: `site.links["topics"]` is that of the list of topics. `navigation` has
    the same sections in their order. `assets` are the URLs of the theme's static files: `site.assets["site.css"]`.
    `feeds` is a list of all feeds for feed readers (OPML).
    """

    title: str
    tagline: str
    description: str
    rights: str
    locale: str
    locales: tuple[LocaleLink, ...]
    home: str
    links: Mapping[str, str]
    navigation: tuple[NavigationLink, ...]
    pages: tuple[PageLink, ...]
    feed: FeedLink
    feeds: str
    assets: Mapping[str, str]
    generator: str


class Alternate(Struct, frozen=True):
    """The same page in another locale: its tag, its URL on the host, its full URL."""

    tag: str
    href: str
    url: str


class Image(Struct, frozen=True):
    """An image for links to the page: its full URL, its alternative text, its size in pixels if it is known."""

    url: str
    alt: str
    width: int | None
    height: int | None


class PageMeta(Struct, frozen=True):
    """The metadata of a page: its canonical URL, its own feed, the page in every locale.

    `image` is the image that networks show with a link to the page: an article's first image, else that of the site.
    """

    canonical: str
    feed: FeedLink | None
    alternates: tuple[Alternate, ...]
    image: Image | None


class ArticleSummary(Struct, frozen=True):
    """An article in a list. `lang` is the language of title and summary, `date` is in the site's time zone.

    `language` is the language of the article if it is not that of the page, or else None.
    """

    title: str
    lang: str
    language: Language | None
    href: str
    date: datetime
    topic: Topic
    countries: tuple[Country, ...]
    importance: int
    summary: str
    machine_summary: bool
    source: str
    source_lang: str
    draft: bool


class Day(Struct, frozen=True):
    """A day and its articles, most important first."""

    date: date
    articles: tuple[ArticleSummary, ...]


class MonthCount(Struct, frozen=True):
    """A month, its number of articles, that of the fullest month in the list, and its page."""

    month: date
    count: int
    most: int
    href: str


class TopicCount(Struct, frozen=True):
    """A topic and the number of articles of this page that have it.

    `href` is the page of the topic combined with the page's subject, or that of the topic. `before` is the number of
    the month before, on the home page.
    """

    topic: Topic
    count: int
    latest: datetime
    href: str
    before: int | None


class CountryCount(Struct, frozen=True):
    """A country and the number of articles of this page that have it.

    `href` is the page of the country combined with the page's subject, or that of the country. `before` is the number
    of the month before, on the home page.
    """

    country: Country
    count: int
    latest: datetime
    href: str
    before: int | None


class Pair(Struct, frozen=True):
    """Two countries, codes in order, and their common page."""

    first: Country
    second: Country
    href: str


class PairCount(Struct, frozen=True):
    """A pair of countries and the number of articles that have both."""

    pair: Pair
    count: int
    latest: datetime


class SourceLink(Struct, frozen=True):
    """A source: its name, the name's language, its page."""

    name: str
    lang: str
    href: str


class SourceCount(Struct, frozen=True):
    """A source, the number of its articles, and their share of all (1 is all).

    A source without a page links to its newest article.
    """

    source: SourceLink
    count: int
    share: float
    latest: datetime


# --- charts -----------------------------------------------------------------------------------------------------------


class ColumnPart(Struct, frozen=True):
    """A part of a column: the articles of one importance. `y` is its upper edge, in pixels like `height`."""

    importance: int
    count: int
    y: float
    height: float


class Column(Struct, frozen=True):
    """A month or year with articles: its first day, their number, its parts from the bottom, the most important first.

    `x` and `width` are in percent of the chart's width, `y` is the upper edge in pixels.
    """

    first: date
    count: int
    x: float
    width: float
    y: float
    parts: tuple[ColumnPart, ...]


class ColumnLabel(Struct, frozen=True):
    """A number above a column: its position (percent, pixels) and its `text-anchor`."""

    count: int
    x: float
    y: float
    anchor: str


class Tick(Struct, frozen=True):
    """The beginning of a year below the columns, in percent."""

    year: int
    x: float


class MonthsChart(Struct, frozen=True):
    """Articles by month and importance as columns, oldest first; by year if there are more than 60 months.

    `slots` is the number of months from `start` to `end`; those without an article have no column. `earlier` is the
    number of articles before `start`, if there are too many years as well. `fullest` is the column with the most
    articles. `base` is the position of the bottom of the columns, `height` is that of the picture.
    """

    by_year: bool
    slots: int
    columns: tuple[Column, ...]
    fullest: Column
    earlier: int
    start: date
    end: date
    marks: tuple[ColumnLabel, ...]
    ticks: tuple[Tick, ...]
    base: int
    height: int


class MatrixCell(Struct, frozen=True):
    """Two countries in a matrix: the pair, or none; whether both are the `same`; the shade, 1 to 4, or 0 for none.

    `x` (percent) and `y` (pixels) are its upper left corner.
    """

    same: bool
    pair: PairCount | None
    shade: int
    x: float
    y: int


class MatrixRow(Struct, frozen=True):
    """A country of a matrix with a cell for every country. `label` is its name, or its code if there is no room.

    The label is at `x` (percent), after the cells of the countries before it, so half of the matrix is enough.
    """

    country: Country
    label: str
    x: float
    cells: tuple[MatrixCell, ...]


class Matrix(Struct, frozen=True):
    """A matrix of the countries with the closest ties. `pairs` are all its pairs, the closest first.

    `others` is the number of other countries. `width` of a cell is in percent, `height` is that of the picture.
    """

    rows: tuple[MatrixRow, ...]
    pairs: tuple[PairCount, ...]
    closest: PairCount
    others: int
    width: float
    height: int


class Segment(Struct, frozen=True):
    """A source in a bar of all articles; `source` is None for the rest, which is not shown in detail.

    `share` is its part of all articles (1 is all), `x` and `width` are in percent. `shade` is 4 for the sources that
    have half of the articles together, 2 for others, 1 for the rest. `fits` is true if there is room for the name.
    """

    source: SourceLink | None
    count: int
    share: float
    x: float
    width: float
    shade: int
    fits: bool


class SharesChart(Struct, frozen=True):
    """The share of each source as one bar. `half` sources have half of all articles; `others` are in the rest."""

    segments: tuple[Segment, ...]
    total: int
    half: int
    others: int


class TimelineEvent(Struct, frozen=True):
    """An article in a timeline: its position (percent), the top of its stroke (pixels), and whether it is current.

    `label_x` and `anchor` are the position and the `text-anchor` of its label.
    """

    article: ArticleSummary
    x: float
    y: int
    is_current: bool
    label_x: float
    anchor: str


class Timeline(Struct, frozen=True):
    """A thread as a timeline with a stroke for each article, which is longer for more important articles."""

    moments: tuple[TimelineEvent, ...]
    first: date
    last: date
    base: int
    height: int


class Tile(Struct, frozen=True):
    """A country of a tile map: code, name, articles, shade (1 to 4, 0 for none), upper left corner (percent, pixels).

    It has no address, because a country without an article has no page.
    """

    code: str
    name: str
    count: int
    shade: int
    x: float
    y: int


class TileMap(Struct, frozen=True):
    """The countries of Asia as tiles. `covered` of them have articles, `leading` the most; `beyond` are not on the map.

    `width` of a tile and its `middle` are in percent, `height` is that of the picture.
    """

    tiles: tuple[Tile, ...]
    leading: CountryCount
    covered: int
    beyond: tuple[CountryCount, ...]
    width: float
    middle: float
    height: int


class IssueLink(Struct, frozen=True):
    """A weekly issue: year and number of the week (ISO 8601), its first and last day, its articles, its page."""

    year: int
    number: int
    first: date
    last: date
    count: int
    href: str


class Section(Struct, frozen=True):
    """A section of an article's text. A perspective has a `key` and a `label`; ordinary text has neither.

    `name` is the perspective's label in the page's language, `label` the one in the text, in `lang`. `index` is the
    page of the perspective; empty if there is none. `origin` followed by a `href` is a full URL.
    """

    key: str | None
    name: str
    label: str
    lang: str
    parts: tuple[str, ...]
    hrefs: tuple[str, ...]
    index: str
    origin: str

    @property
    def html(self) -> Markup:
        """The text as safe HTML."""
        filled = zip_longest(self.parts, (str(escape(href)) for href in self.hrefs), fillvalue="")
        return Markup("".join(part for pair in filled for part in pair))  # noqa: S704 - made of escaped parts

    @property
    def printable(self) -> Markup:
        """The text as safe HTML, in which internal links have their full URL as `data-url` for print stylesheets."""
        parts = []
        for piece, href in zip_longest(self.parts, self.hrefs, fillvalue=""):
            parts += [piece, str(escape(href))]
            if piece.endswith(' href="') and href.startswith("/"):
                parts.append(f'" data-url="{escape(self.origin + href)}')
        return Markup("".join(parts))  # noqa: S704 - made of escaped parts


class CorrectionView(Struct, frozen=True):
    """A correction and its date; `lang` is the language of the text, that of the original."""

    date: date
    text: str
    lang: str


class PerspectiveCount(Struct, frozen=True):
    """A perspective: its key, its name, the language of the name, the number of articles that have it, its page."""

    key: str
    name: str
    lang: str
    count: int
    href: str


class TopicGroup(Struct, frozen=True):
    """A topic and the articles whose first topic it is, the most important first."""

    topic: Topic
    articles: tuple[ArticleSummary, ...]
