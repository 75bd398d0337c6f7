"""What templates see: the theme contract, version 2.

A template gets exactly two values: `site`, a `SiteView`, and `page`, the view of its page. Views are complete and
frozen; a template cannot ask the digest for more. `href` fields are ready for an attribute; texts are plain and
escaped by the template engine; `html` fields are safe HTML. Every text that may be in another language than the page
has its language beside it, in a field `lang` or `…_lang`. Charts are numbers, which a template prints into SVG: a
position or width across is in percent of the width that there is, a position or height down is in pixels.

Views of whole pages are in the modules of `sitegen.outputs.pages`. `themes/README.md` is generated from the docstrings.
"""

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
    """A page of the editor's: its title, the title's language, its address."""

    title: str
    lang: str
    href: str


class FeedFormat(Struct, frozen=True):
    """A feed in one format: what the format is called (`RSS`), its media type, its address."""

    name: str
    type: str
    href: str


class FeedLink(Struct, frozen=True):
    """A feed: its title, its address in the first of the site's formats, and in each of them."""

    title: str
    href: str
    formats: tuple[FeedFormat, ...]


class FeedEntry(Struct, frozen=True):
    """A feed in a list of feeds: what it is about and the language of that (empty for the name of a source).

    `page` is the page that it stands beside, `url` its full URL in the first of the site's formats, `opml` a list of
    all feeds of the same topic or country, for feed readers.
    """

    name: str
    lang: str
    page: str
    feed: FeedLink
    url: str
    opml: str | None


class FeedGroup(Struct, frozen=True):
    """Feeds of one kind: its key, its name and the language of that, and the feeds."""

    key: str
    name: str
    lang: str
    feeds: tuple[FeedEntry, ...]


class Assets(Struct, frozen=True):
    """The theme's static files by name: `site.assets["site.css"]` is the address of the published file."""

    hrefs: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.hrefs)[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of all files."""
        return tuple(name for name, _ in self.hrefs)


class LocaleLink(Struct, frozen=True):
    """A language the site is published in: its tag and its name in itself."""

    tag: str
    name: str


class Addresses(Struct, frozen=True):
    """Addresses of sections of the site by key: `site.links["topics"]` is the address of the list of topics."""

    hrefs: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.hrefs)[name]

    def names(self) -> tuple[str, ...]:
        """Return the keys of all sections."""
        return tuple(name for name, _ in self.hrefs)


class NavigationLink(Struct, frozen=True):
    """A section in the navigation: its key, which is also its label in the theme, and its address.

    `name` is empty unless the section has a name of its own, which replaces the label. `in_header` is true if the
    masthead shows it, too; the footer shows every section.
    """

    key: str
    href: str
    name: str
    in_header: bool


class SiteView(Struct, frozen=True):
    """What every page of a locale shares. It holds nothing that changes with an article.

    `links` are the addresses of the sections by key, `navigation` the same in the order of the navigation. `feeds` is a
    list of all feeds for feed readers (OPML).
    """

    title: str
    tagline: str
    description: str
    rights: str
    locale: str
    locales: tuple[LocaleLink, ...]
    home: str
    links: Addresses
    navigation: tuple[NavigationLink, ...]
    pages: tuple[PageLink, ...]
    feed: FeedLink
    feeds: str
    assets: Assets
    generator: str


class Alternate(Struct, frozen=True):
    """The same page in another locale: its tag, its address on the host, its full URL."""

    tag: str
    href: str
    url: str


class Image(Struct, frozen=True):
    """A picture for a link to the page: its full URL, what it shows in words, its size in pixels where it is known."""

    url: str
    alt: str
    width: int | None
    height: int | None


class PageMeta(Struct, frozen=True):
    """What stands in the head of a page: canonical URL, the page's own feed, the page in every locale.

    `image` is what networks show beside a link to the page: an article's first picture, else the card of the site.
    """

    canonical: str
    feed: FeedLink | None
    alternates: tuple[Alternate, ...]
    image: Image | None


class ArticleSummary(Struct, frozen=True):
    """An article as lists show it. `lang` is the language of title and summary, `date` is in the site's time zone.

    `language` names the language where it is not that of the page; else it is none.
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
    """A month, how many articles it has, how many the fullest month beside it has, and its page."""

    month: date
    count: int
    most: int
    href: str


class TopicCount(Struct, frozen=True):
    """A topic and how many articles of this page have it.

    `href` leads to where the topic and the page's subject meet, or to the topic. `before` is how many the month before
    had, on the home page.
    """

    topic: Topic
    count: int
    latest: datetime
    href: str
    before: int | None


class CountryCount(Struct, frozen=True):
    """A country and how many articles of this page have it.

    `href` leads to where the country and the page's subject meet, or to the country. `before` is how many the month
    before had, on the home page.
    """

    country: Country
    count: int
    latest: datetime
    href: str
    before: int | None


class Pair(Struct, frozen=True):
    """Two countries, codes in order, and the page of what happens between them."""

    first: Country
    second: Country
    href: str


class PairCount(Struct, frozen=True):
    """A pair of countries and how many articles have both."""

    pair: Pair
    count: int
    latest: datetime


class SourceLink(Struct, frozen=True):
    """A source: its name, the name's language, its page."""

    name: str
    lang: str
    href: str


class SourceCount(Struct, frozen=True):
    """A source, how many articles came from it, and their share of all (1 is all).

    One without a page leads to its newest article.
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
    """A month or year that has articles: its first day, its number, its parts from the foot, the most important first.

    `x` and `width` are in percent of the chart's width, `y` is the upper edge in pixels.
    """

    first: date
    count: int
    x: float
    width: float
    y: float
    parts: tuple[ColumnPart, ...]


class ColumnLabel(Struct, frozen=True):
    """A number over a column: where it stands (percent, pixels), and which end of the text (`text-anchor`) that is."""

    count: int
    x: float
    y: float
    anchor: str


class Tick(Struct, frozen=True):
    """Where a year begins below the columns, in percent."""

    year: int
    x: float


class MonthsChart(Struct, frozen=True):
    """Articles by month and importance as columns, oldest first; by year where there would be more than 60 months.

    `slots` are the months from `start` to `end`; those without an article have no column. `earlier` are articles before
    `start`, if there are too many years as well. `fullest` is the column with the most articles. `base` is where the
    columns stand, `height` that of the picture.
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
    """A country of a matrix against every country, in one order. `label` is its name, or its code for want of room.

    The label stands at `x` (percent), behind the cells of the countries before it: so half of the matrix is enough.
    """

    country: Country
    label: str
    x: float
    cells: tuple[MatrixCell, ...]


class Matrix(Struct, frozen=True):
    """The countries with the closest ties, each against each. `pairs` are all that it shows, the strongest first.

    `others` is how many countries it leaves out. `width` of a cell is in percent, `height` that of the picture.
    """

    rows: tuple[MatrixRow, ...]
    pairs: tuple[PairCount, ...]
    closest: PairCount
    others: int
    width: float
    height: int


class Segment(Struct, frozen=True):
    """A source in a bar of all articles; none for all that are not shown one by one.

    `share` is its part of all articles (1 is all), `x` and `width` are in percent. `shade` is the shade: 4 for those
    that have half of the articles together, 2 for others, 1 for the rest. `fits` says whether its name has room.
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

    `label_x` and `anchor` place a text over it.
    """

    article: ArticleSummary
    x: float
    y: int
    is_current: bool
    label_x: float
    anchor: str


class Timeline(Struct, frozen=True):
    """A thread along its days, a stroke for each article, the longer the more important."""

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
    """A run of an article's text. A perspective has a `key` and a `label`; an ordinary run has neither.

    `name` is the perspective's label in the page's language, `label` the one in the text, in `lang`. `index` is the
    page of all readings of the perspective; empty where there is none. `origin` with a `href` behind is a full URL.
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
        """The text as safe HTML, with every address filled in."""
        filled = zip_longest(self.parts, (str(escape(href)) for href in self.hrefs), fillvalue="")
        return Markup("".join(part for pair in filled for part in pair))  # noqa: S704 - made of escaped parts

    @property
    def printable(self) -> Markup:
        """The same, where links within the site have their full URL as `data-url`: a stylesheet can print that."""
        parts = []
        for piece, href in zip_longest(self.parts, self.hrefs, fillvalue=""):
            parts += [piece, str(escape(href))]
            if piece.endswith(' href="') and href.startswith("/"):
                parts.append(f'" data-url="{escape(self.origin + href)}')
        return Markup("".join(parts))  # noqa: S704 - made of escaped parts


class CorrectionView(Struct, frozen=True):
    """What was put right, and when; `lang` is the language of the text, that of the original."""

    date: date
    text: str
    lang: str


class PerspectiveCount(Struct, frozen=True):
    """A perspective: its key, its name and that name's language, how many articles have it, its page."""

    key: str
    name: str
    lang: str
    count: int
    href: str


class TopicGroup(Struct, frozen=True):
    """A topic and the articles that have it first, the most important first."""

    topic: Topic
    articles: tuple[ArticleSummary, ...]
