"""The values that templates see: the theme contract, version 2.

A template gets exactly two values: `site`, a `SiteView`, and `page`, the view of its page. Views are complete and
frozen; a template cannot load more data. `href` fields are ready for an attribute, and `site.origin` followed by an
`href` is a full URL; texts are plain and escaped by the template engine; `html` fields are safe HTML. Every text that
may be in another language than the page has its language in a field `lang` or `…_lang`. Charts are numbers, which a
template prints into SVG: horizontal positions and widths are in percent of the available width, vertical positions and
heights are in pixels.

Views of whole pages are in the modules of `sitegen.outputs.pages`. `themes/README.md` is generated from the docstrings.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from html import unescape
from itertools import repeat
from urllib.parse import unquote

from markupsafe import Markup, escape
from msgspec import Struct

from sitegen.util.dates import CalendarDate


class _LinkFields(Struct, frozen=True):
    """The fields of `Link`, which other views have, too."""

    key: str
    name: str
    lang: str
    href: str
    flag: str = ""


class Link(_LinkFields, frozen=True, cache_hash=True):
    """A page: its key, its name, the language of the name, its URL. `flag` is that of a country; it is decoration.

    The key is that of `site.yaml`, the code of a country (`VN`), the tag of a language, the media type of a feed, the
    slug of a source or a static page. `href` is empty if the site has no such page.
    """


class Count(_LinkFields, frozen=True, kw_only=True):
    """A topic, country, source or perspective in a list, and the number of the articles of this page that have it.

    `href` is its page, or that of its combination with the subject of this page; a source without a page leads to its
    newest article. `newest` is the newest article and `latest` its time. `before` is the number of the month before, on
    the home page.
    """

    count: int
    latest: datetime | None = None
    before: int | None = None
    newest: "ArticleSummary | None" = None


class OtherVersion(_LinkFields, frozen=True, kw_only=True):
    """An article in another language: `name` is its title.

    `machine_title` is who wrote it: `ai` for a machine, `mixed` if a machine helped to, else empty. `reviewed` is true
    if a person reviewed it as it is.
    """

    machine_title: str
    reviewed: bool


class Group(_LinkFields, frozen=True, kw_only=True):
    """A heading and what is below it: articles, readings, feeds, or the names of the columns of a table.

    The `href` of a table is its file. The table of a large digest is divided: it has no `href`, and `parts` are its
    files by year (`2026`) or by month (`2026-07`), newest first.
    """

    items: "tuple[ArticleSummary | Section | FeedLink | str, ...]"
    parts: tuple[Link, ...] = ()


class Pair(Struct, frozen=True, cache_hash=True):
    """Two countries, codes in order, and their common page; in a list also the number of articles with both."""

    first: Link
    second: Link
    href: str
    count: int = 0
    latest: datetime | None = None


class Period(Struct, frozen=True):
    """A month, the week of an issue or the day of an edition: its first and last day, number of articles, page.

    A neighbour of a page has no `count`. `part` is the number of a part of a month, from 1; 0 for the newest part or
    for all of the month. In a calendar, a month has `weeks`. A week that begins in one month and ends in the next is in
    both. A month without articles and a week without an issue have no `href`.
    """

    first: date
    last: date
    count: int
    href: str
    part: int = 0
    weeks: "tuple[Period, ...]" = ()

    @property
    def week(self) -> int:
        """The number of the week (ISO 8601)."""
        return self.first.isocalendar().week

    @property
    def week_year(self) -> int:
        """The year to which the week belongs (ISO 8601)."""
        return self.first.isocalendar().year


class FeedLink(Struct, frozen=True):
    """A feed: its title, its URL in the first of its formats, and in each of them.

    `name` is that of its subject, `lang` the language of the name, `page` the page of the subject.
    `opml` is a list of all feeds of the same topic or country for feed readers, on the page of all feeds.
    """

    title: str
    href: str
    formats: tuple[Link, ...]
    name: str
    lang: str
    page: str
    opml: str | None


class Publisher(Struct, frozen=True):
    """Who publishes the digest: the name and its language, the URL, and the contact as a text and as a URL.

    `email` is the contact if it is an e-mail address.
    """

    name: str
    lang: str
    url: str | None
    contact: str
    contact_url: str
    email: str | None


class SiteView(Struct, frozen=True):
    """The values that all pages of a locale share. None of them depends on an article.

    `links` are the URLs of the sections by key: `site.links["topics"]` is that of the list of topics. `navigation` has
    the same sections in their order, `masthead` those that the masthead shows, too. The key of a section is also its
    label in the theme, unless it has a `name`. `assets` are the URLs of the theme's static files:
    `site.assets["site.css"]`. `settings` are the values of the theme's settings: `site.settings["paper"]`. `feeds` is a
    list of all feeds for feed readers (OPML). `og_locale` is the locale as Open Graph writes it (`ja_JP`),
    `og_alternates` are the other locales of the site.
    """

    title: str
    tagline: str
    description: str
    rights: str
    publisher: Publisher | None
    locale: str
    og_locale: str
    og_alternates: tuple[str, ...]
    origin: str
    home: str
    links: Mapping[str, str]
    navigation: tuple[Link, ...]
    masthead: tuple[Link, ...]
    pages: tuple[Link, ...]
    feed: FeedLink
    feeds: str
    assets: Mapping[str, str]
    settings: Mapping[str, str]
    generator: str


class Image(Struct, frozen=True):
    """An image for links to the page: its full URL, its alternative text, its size in pixels if it is known."""

    url: str
    alt: str
    width: int | None
    height: int | None


class PageMeta(Struct, frozen=True):
    """The metadata of a page: its canonical URL, its own feed, and if there are several locales, the page in each.

    `alternates` have the name of the locale in its own language. `image` is the image that networks show with a link to
    the page: an article's first image, else that of the site.
    """

    canonical: str
    feed: FeedLink | None
    alternates: tuple[Link, ...]
    image: Image | None


class Excerpt(Struct, frozen=True, cache_hash=True):
    """The first sentence of a perspective.

    `machine` is who wrote it: `ai` for a machine, `mixed` if a machine helped to, else empty. `reviewed` is true if a
    person reviewed it as it is.
    """

    perspective: Link
    lang: str
    text: str
    machine: str
    reviewed: bool = False


class ArticleSummary(Struct, frozen=True, cache_hash=True):
    """An article in a list. `lang` is the language of title and summary, `date` is in the site's time zone.

    `machine_title` and `machine_summary` are who wrote the title and the summary: `ai` for a machine, `mixed` if a
    machine helped to, else empty. `reviewed` is true if a person reviewed both as they are. `language` is the language
    of the article if it is not that of the page, or else None. Then `excerpt` is from a perspective in the language of
    the page, if there is one. `also` are the sources of other reports of the same event in this list, each with the
    page of its article; these have no place of their own.
    """

    title: str
    lang: str
    language: Link | None
    href: str
    date: datetime
    topic: Link
    countries: tuple[Link, ...]
    importance: int
    summary: str
    machine_summary: str
    source: str
    source_lang: str
    draft: bool
    machine_title: str = ""
    reviewed: bool = False
    also: tuple[Link, ...] = ()
    excerpt: Excerpt | None = None


class Day(Struct, frozen=True):
    """A day and its articles, most important first; several reports of one event are one article with `also`."""

    date: CalendarDate
    articles: tuple[ArticleSummary, ...]


class CorrectionView(Struct, frozen=True):
    """A correction of an article and its date; `lang` is the language of the text."""

    article: ArticleSummary
    date: CalendarDate
    text: str
    lang: str


class EventView(Struct, frozen=True, cache_hash=True):
    """An event to come, or one that has passed; `lang` is the language of the text.

    `first` and `last` are its day, or the first and the last day of its month if `is_month`; `time` is in the site's
    time zone, or None. `url` is the address of a source. `article` announces the event (None if only the calendar has
    it), `followers` are the articles that follow this article: what became of it. `topics` and `countries` are those
    that have a page, `other_topics` and `other_countries` those that have none, only a name.
    """

    name: str
    text: str
    lang: str
    first: date
    last: date
    time: datetime | None
    is_month: bool
    url: str | None
    article: ArticleSummary | None
    followers: tuple[ArticleSummary, ...]
    topics: tuple[Link, ...]
    countries: tuple[Link, ...]
    other_topics: tuple[Link, ...]
    other_countries: tuple[Link, ...]


class Authorship(Struct, frozen=True):
    """Parts that a machine wrote (`ai`) or helped to write (`mixed`), and whether a person reviewed them.

    `parts` are some of `title`, `summary`, `text` and `analysis`. `reviewer` reviewed them as they are, or is empty;
    `changed_since_review` is true if they were reviewed before a change.
    """

    author: str
    parts: tuple[str, ...]
    reviewer: str
    changed_since_review: bool


class Section(Struct, frozen=True):
    """A section of an article's text. A perspective has a `key` and a `label`; ordinary text has neither.

    `name` is the perspective's label in the page's language, `label` the one in the text, in `lang`. `excerpt` is its
    first sentence. `index` is the page of the perspective; empty if there is none. `author` is who wrote it: `ai`,
    `human`, `mixed`, or empty if that is not recorded; `reviewer` is who reviewed it as it is, or empty;
    `changed_since_review` if it was reviewed before a change. `article` is the article on pages that show sections of
    several. `language` is the language if it is not that of the page, or else None. `pictures` are the
    attributes of pictures, in the order of `hrefs`: size and smaller copies.
    """

    key: str | None
    name: str
    label: str
    lang: str
    excerpt: str
    parts: tuple[str, ...]
    hrefs: tuple[str, ...]
    index: str
    origin: str
    author: str = ""
    reviewer: str = ""
    changed_since_review: bool = False
    article: ArticleSummary | None = None
    language: Link | None = None
    pictures: tuple[str, ...] = ()

    @property
    def html(self) -> Markup:
        """The text as safe HTML."""
        return _joined(self.parts, self.hrefs, self.pictures)

    @property
    def printable(self) -> Markup:
        """The text as safe HTML for print stylesheets.

        Internal links have their full URL as `data-url`; links whose text is their URL have the class `url`.
        """
        text = _joined(self.parts, self.hrefs, self.pictures, self.origin)
        return Markup(_PLAIN_LINK.sub(_marked_url, text))  # noqa: S704 - the text is safe, and so is a class


class WatchItem(Struct, frozen=True):
    """Something to watch, in `lang`; its day and its URL if they are known."""

    text: str
    lang: str
    date: CalendarDate | None
    url: str | None


class Introduction(Struct, frozen=True):
    """The editor's introduction of an edition or a weekly issue; its title may be empty.

    `language` is that of title and text if it is not that of the page, or else None. `authorship` has the parts that a
    machine wrote, and whether they were reviewed. `watch` is what to watch next.
    """

    title: str
    lang: str
    language: Link | None
    sections: tuple[Section, ...]
    authorship: tuple[Authorship, ...]
    watch: tuple[WatchItem, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text as plain paragraphs, each link followed by its URL, for e-mails."""
        return tuple(text for section in self.sections for text in plain_paragraphs(str(section.html)))


_LINK = re.compile(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_PLAIN_LINK = re.compile(r'(<a href="([^"]*)")(>([^<]*)</a>)')
_BLOCK_END = re.compile(r"</(?:p|h[1-6]|li|tr|dt|dd|pre|figcaption)>|<[uo]l[^>]*>")
_TAG = re.compile(r"<[^>]*>")


def plain_paragraphs(html: str) -> Iterator[str]:
    """Yield the paragraphs and list items of HTML as plain text, each link followed by its URL."""
    for block in _BLOCK_END.split(_LINK.sub(r"\2 (\1)", html.replace("<li>", "- "))):
        text = " ".join(unescape(_TAG.sub("", block)).split())
        if text:
            yield text


def _joined(
    parts: Sequence[str],
    hrefs: Sequence[str],
    pictures: Sequence[str],
    origin: str | None = None,
) -> Markup:
    """Return the parts of a text with the URLs between them, and the attributes of pictures."""
    joined = list(parts[:1])
    for before, href, picture, after in zip(parts, hrefs, pictures or repeat(""), parts[1:], strict=False):
        joined.append(str(escape(href)))
        if picture and before.endswith('<img src="'):
            joined.append(f'" {picture.removesuffix(chr(34))}')
        if origin is not None and before.endswith(' href="') and href.startswith("/"):
            joined.append(f'" data-url="{escape(origin + href)}')
        joined.append(after)
    return Markup("".join(joined))  # noqa: S704 - the parts are HTML of the Markdown parser, the URLs are escaped


def _marked_url(link: re.Match[str]) -> str:
    """Return a link, with the class `url` if its text is its URL, escaped or not."""
    start, href, end, text = link.groups()
    is_same = unquote(unescape(text)) == unquote(unescape(href))
    return f'{start} class="url"{end}' if is_same else link[0]


# --- charts -----------------------------------------------------------------------------------------------------------


class Box(Struct, frozen=True):
    """A rectangle of a chart: its upper left corner, its size, its shade, the number of its articles.

    Shades are 1 to 4, or 0 for no article; the part of a column has its importance as its shade. `item` is what the
    rectangle is about, `label` the text that has room next to it.
    """

    x: float
    y: float
    width: float
    height: float
    shade: int
    count: int
    item: Link | Count | Pair | ArticleSummary | None = None
    label: str = ""


class ChartLabel(Struct, frozen=True):
    """A number in a chart: a count or a year, its position and its `text-anchor`."""

    number: int
    x: float
    y: float
    anchor: str


class Column(Struct, frozen=True):
    """A month or year with articles: its first day, their number, its parts from the bottom, the most important first.

    A part has the articles of one importance.
    """

    first: date
    count: int
    parts: tuple[Box, ...]


class MonthsChart(Struct, frozen=True):
    """Articles by month and importance as columns, oldest first; by year if there are more than 60 months.

    `slots` is the number of months from `start` to `end`, which are those of the digest; months without an article have
    no column. `earlier` is the number of articles before `start`, if there are too many years as well. `fullest` is the
    column with the most articles. `marks` are the numbers above columns, `ticks` the beginnings of years below them.
    `base` is the position of the bottom of the columns, `height` is that of the picture.
    """

    by_year: bool
    slots: int
    columns: tuple[Column, ...]
    fullest: Column
    earlier: int
    start: date
    end: date
    marks: tuple[ChartLabel, ...]
    ticks: tuple[ChartLabel, ...]
    base: int
    height: int


class MatrixRow(Struct, frozen=True):
    """A country of a matrix with a cell for every country: the pair if it has an article. Templates place cells."""

    country: Link
    cells: tuple[Box, ...]


class Matrix(Struct, frozen=True):
    """A matrix of the countries with the closest ties. `pairs` are all its pairs, the closest first.

    `others` is the number of other countries.
    """

    rows: tuple[MatrixRow, ...]
    pairs: tuple[Pair, ...]
    others: int


class SharesChart(Struct, frozen=True):
    """The share of each source as a segment of one bar of all articles; `total` is their number.

    The shade is 4 for the `half` sources that have half of the articles together, 2 for others, 1 for the rest. The
    rest has no `item`; `others` is the number of its sources. `label` is the name if there is room for it.
    """

    segments: tuple[Box, ...]
    total: int
    half: int
    others: int


class Timeline(Struct, frozen=True):
    """A thread as a timeline with a stroke for each article, which is longer for more important articles.

    A stroke has no width. That of the current article has the shade 4, the others 2. The label of the current article
    is at `x` with the `text-anchor` `anchor`.
    """

    strokes: tuple[Box, ...]
    x: float
    anchor: str
    first: date
    last: date
    base: int
    height: int


class TileMap(Struct, frozen=True):
    """The countries of Asia as tiles. `covered` of them have articles, `leading` the most; `beyond` are not on the map.

    The label of a tile is the code of its country. A country without an article has no URL. `middle` is half the width
    of a tile, `height` is that of the picture.
    """

    tiles: tuple[Box, ...]
    leading: Count
    covered: int
    beyond: tuple[Count, ...]
    middle: float
    height: int
