"""What templates see: the theme contract, version 1.

A template gets exactly two values: `site`, a `SiteView`, and `page`, the view of its page. Views are complete and
frozen; a template cannot ask the digest for more. `href` fields are ready for an attribute; texts are plain and
escaped by the template engine; `html` fields are safe HTML. Every text that may be in another language than the page
has its language beside it, in a field `lang` or `…_lang`. Charts are numbers, which a template prints into SVG: a
position or width across is in percent of the width that there is, a position or height down is in pixels.

`themes/README.md` is generated from the docstrings of this module.
"""

from datetime import date, datetime
from itertools import zip_longest

from markupsafe import Markup, escape

from sitegen.util.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country: its code (`VN`), its name in the page's language, its flag (decoration; may be empty), its page."""

    code: str
    name: str
    flag: str
    href: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its key in `site.yaml`, its name in the page's language, its page."""

    key: str
    name: str
    href: str
    lang: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its tag, and its name in the page's language."""

    tag: str
    name: str


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of the editor's: its title, the title's language, its address."""

    title: str
    lang: str
    href: str


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """A feed in one format: what the format is called (`RSS`), its media type, its address."""

    name: str
    type: str
    href: str


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed: its title, its address in the first of the site's formats, and in each of them."""

    title: str
    href: str
    formats: tuple[FeedFormat, ...]


@dataclass(frozen=True, slots=True)
class FeedEntry:
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


@dataclass(frozen=True, slots=True)
class FeedGroup:
    """Feeds of one kind: its key, its name and the language of that, and the feeds."""

    key: str
    name: str
    lang: str
    feeds: tuple[FeedEntry, ...]


@dataclass(frozen=True, slots=True)
class Assets:
    """The theme's static files by name: `site.assets["site.css"]` is the address of the published file."""

    hrefs: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.hrefs)[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of all files."""
        return tuple(name for name, _ in self.hrefs)


@dataclass(frozen=True, slots=True)
class LocaleLink:
    """A language the site is published in: its tag and its name in itself."""

    tag: str
    name: str


@dataclass(frozen=True, slots=True)
class SiteView:
    """What every page of a locale shares. It holds nothing that changes with an article.

    `feeds` is a list of all feeds for feed readers (OPML), `data` the page about the open data, where there are any.
    """

    title: str
    tagline: str
    description: str
    rights: str
    locale: str
    locales: tuple[LocaleLink, ...]
    home: str
    topics: str
    countries: str
    relations: str
    archive: str
    sources: str
    perspectives: str
    issues: str
    corrections: str
    subscribe: str
    pages: tuple[PageLink, ...]
    feed: FeedLink
    feeds: str
    data: str | None
    assets: Assets
    generator: str


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same page in another locale: its tag, its address on the host, its full URL."""

    tag: str
    href: str
    url: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture for a link to the page: its full URL, what it shows in words, its size in pixels where it is known."""

    url: str
    alt: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class PageMeta:
    """What stands in the head of a page: canonical URL, the page's own feed, the page in every locale.

    `image` is what networks show beside a link to the page: an article's first picture, else the card of the site.
    """

    canonical: str
    feed: FeedLink | None
    alternates: tuple[Alternate, ...]
    image: Image | None


@dataclass(frozen=True, slots=True)
class ArticleSummary:
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


@dataclass(frozen=True, slots=True)
class Day:
    """A day and its articles, most important first."""

    date: date
    articles: tuple[ArticleSummary, ...]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """A month, how many articles it has, how many the fullest month beside it has, and its page."""

    month: date
    count: int
    most: int
    href: str


@dataclass(frozen=True, slots=True)
class TopicCount:
    """A topic and how many articles of this page have it.

    `href` leads to where the topic and the page's subject meet, or to the topic. `before` is how many the month before
    had, on the home page.
    """

    topic: Topic
    count: int
    latest: datetime
    href: str
    before: int | None


@dataclass(frozen=True, slots=True)
class CountryCount:
    """A country and how many articles of this page have it.

    `href` leads to where the country and the page's subject meet, or to the country. `before` is how many the month
    before had, on the home page.
    """

    country: Country
    count: int
    latest: datetime
    href: str
    before: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two countries, codes in order, and the page of what happens between them."""

    first: Country
    second: Country
    href: str


@dataclass(frozen=True, slots=True)
class PairCount:
    """A pair of countries and how many articles have both."""

    pair: Pair
    count: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A source: its name, the name's language, its page."""

    name: str
    lang: str
    href: str


@dataclass(frozen=True, slots=True)
class SourceCount:
    """A source, how many articles came from it, and their share of all (1 is all).

    One without a page leads to its newest article.
    """

    source: SourceLink
    count: int
    share: float
    latest: datetime


# --- charts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ColumnPart:
    """A part of a column: the articles of one importance. `y` is its upper edge, in pixels like `height`."""

    importance: int
    count: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A month or year that has articles: its first day, its number, its parts from the foot, the most important first.

    `x` and `width` are in percent of the chart's width, `y` is the upper edge in pixels.
    """

    first: date
    count: int
    x: float
    width: float
    y: float
    parts: tuple[ColumnPart, ...]


@dataclass(frozen=True, slots=True)
class ColumnLabel:
    """A number over a column: where it stands (percent, pixels), and which end of the text (`text-anchor`) that is."""

    count: int
    x: float
    y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a year begins below the columns, in percent."""

    year: int
    x: float


@dataclass(frozen=True, slots=True)
class MonthsChart:
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


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Two countries in a matrix: the pair, or none; whether both are the `same`; the shade, 1 to 4, or 0 for none.

    `x` (percent) and `y` (pixels) are its upper left corner.
    """

    same: bool
    pair: PairCount | None
    step: int
    x: float
    y: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A country of a matrix against every country, in one order. `label` is its name, or its code for want of room.

    The label stands at `x` (percent), behind the cells of the countries before it: so half of the matrix is enough.
    """

    country: Country
    label: str
    x: float
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The countries with the closest ties, each against each. `pairs` are all that it shows, the strongest first.

    `others` is how many countries it leaves out. `width` of a cell is in percent, `height` that of the picture.
    """

    rows: tuple[MatrixRow, ...]
    pairs: tuple[PairCount, ...]
    closest: PairCount
    others: int
    width: float
    height: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A source in a bar of all articles; none for all that are not shown one by one.

    `share` is its part of all articles (1 is all), `x` and `width` are in percent. `step` is the shade: 4 for those
    that have half of the articles together, 2 for others, 1 for the rest. `fits` says whether its name has room.
    """

    source: SourceLink | None
    count: int
    share: float
    x: float
    width: float
    step: int
    fits: bool


@dataclass(frozen=True, slots=True)
class SharesChart:
    """The share of each source as one bar. `half` sources have half of all articles; `others` are in the rest."""

    segments: tuple[Segment, ...]
    total: int
    half: int
    others: int


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """An article in a timeline: where it stands (percent), the upper end of its stroke (pixels), whether it is `here`.

    `label_x` and `anchor` place a text over it.
    """

    article: ArticleSummary
    x: float
    y: int
    here: bool
    label_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A thread along its days, a stroke for each article, the longer the more important."""

    moments: tuple[TimelineEvent, ...]
    first: date
    last: date
    base: int
    height: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A country of a tile map: code, name, articles, shade (1 to 4, 0 for none), upper left corner (percent, pixels).

    It has no address, because a country without an article has no page.
    """

    code: str
    name: str
    count: int
    step: int
    x: float
    y: int


@dataclass(frozen=True, slots=True)
class TileMap:
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


# --- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexStats:
    """An index in figures: articles in all, first and newest month, articles in the newest month and the one before."""

    total: int
    first_month: date
    newest_month: date
    newest_count: int
    before_count: int


@dataclass(frozen=True, slots=True)
class FeaturedArticle:
    """The article that opens the home page, with the first sentences of two of its perspectives."""

    article: ArticleSummary
    readings: tuple["PerspectiveExcerpt", ...]


@dataclass(frozen=True, slots=True)
class PerspectiveExcerpt:
    """The first sentence of a perspective: its key, its label in the page's language, the sentence and its language."""

    key: str
    label: str
    text: str
    lang: str
    href: str


@dataclass(frozen=True, slots=True)
class IssueLink:
    """A weekly issue: year and number of the week (ISO 8601), its first and last day, its articles, its page."""

    year: int
    number: int
    first: date
    last: date
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """`home.html`: the lead, the latest days, what the newest month was about, and the newest weekly issue.

    `topics` and `countries` are those of the newest month and of the one before it, by their number in the newest.
    """

    head: PageMeta
    newest: datetime | None
    lead: FeaturedArticle | None
    days: tuple[Day, ...]
    month: date | None
    topics: tuple[TopicCount, ...]
    countries: tuple[CountryCount, ...]
    relations: tuple[PairCount, ...]
    matrix: Matrix | None
    issue: IssueLink | None


@dataclass(frozen=True, slots=True)
class Section:
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


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where the article came from. `url` is None where the original's address was not recorded.

    `href` is the page of the source, or the list of sources where it has none.
    """

    name: str
    lang: str
    href: str
    url: str | None
    archived: str | None


@dataclass(frozen=True, slots=True)
class Authorship:
    """Which part (`title`, `summary`, `text`, `analysis`, `translation`) who wrote (`ai`, `human`, `mixed`)."""

    part: str
    author: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """What was put right, and when; `lang` is the language of the text, that of the original."""

    date: date
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class ImportedView:
    """The input that the article was made from: file name, format, SHA-256, day of the import."""

    name: str
    format: str
    sha256: str
    date: date


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """`article.html`: one article, whole.

    `topics` are all of its topics, `pairs` the pairs of its countries. `previous` and `next` are its neighbours in the
    first topic, by date. `follows` is the article it follows up, `followed_by` those that follow it up; `thread` is the
    whole story with this article in it, oldest first, at most ten on either side. `related` are others about the same
    pair, the same topic and country or the same topic, the nearest in time of each.

    `language` is that of title, summary and text, `translated_from` that of the original where this is a translation;
    `other_languages` are those in which another locale of the site shows it. `minutes` is how long reading takes, by
    the number of characters.
    """

    head: PageMeta
    id: str
    article: ArticleSummary
    topics: tuple[Topic, ...]
    pairs: tuple[Pair, ...]
    updated: datetime | None
    sections: tuple[Section, ...]
    source: SourceView
    authorship: tuple[Authorship, ...]
    reviewer: str | None
    reviewed: date | None
    corrections: tuple[CorrectionView, ...]
    imported: ImportedView | None
    follows: ArticleSummary | None
    followed_by: tuple[ArticleSummary, ...]
    thread: tuple[ArticleSummary, ...]
    timeline: Timeline | None
    related: tuple[ArticleSummary, ...]
    language: Language
    translated_from: Language | None
    other_languages: tuple[PageLink, ...]
    minutes: int
    previous: ArticleSummary | None
    next: ArticleSummary | None

    @property
    def perspectives(self) -> tuple[Section, ...]:
        """The sections that are perspectives, in the order of the text."""
        return tuple(section for section in self.sections if section.key is not None)


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """`topics.html`: every topic that has an article."""

    head: PageMeta
    topics: tuple[TopicCount, ...]


@dataclass(frozen=True, slots=True)
class CountriesPage:
    """`countries.html`: every country that has an article."""

    head: PageMeta
    countries: tuple[CountryCount, ...]
    map: TileMap | None


@dataclass(frozen=True, slots=True)
class RelationsPage:
    """`relations.html`: every pair of countries that has an article, the strongest first."""

    head: PageMeta
    pairs: tuple[PairCount, ...]
    matrix: Matrix | None


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """`sources.html`: every source that has an article, the one with the most first."""

    head: PageMeta
    sources: tuple[SourceCount, ...]
    shares: SharesChart | None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """`topic.html`, `country.html`, `pair.html`, `topic_country.html`, `source.html`: what has one subject.

    A topic page has `topic`, a country page one and a pair page two `countries`, a page of topic and country has both
    (with one country or two), a source page has `source`. Where there are two countries, `pair` has them and the page
    of the two. `with_topics` and `with_countries` are those that occur in its articles. `days` has all articles, or,
    where there are `months`, the latest.
    """

    head: PageMeta
    topic: Topic | None
    countries: tuple[Country, ...]
    source: SourceLink | None
    pair: Pair | None
    facts: IndexStats
    chart: MonthsChart | None
    days: tuple[Day, ...]
    months: tuple[MonthCount, ...]
    with_topics: tuple[TopicCount, ...]
    with_countries: tuple[CountryCount, ...]


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """`archive.html`: every month of the digest."""

    head: PageMeta
    months: tuple[MonthCount, ...]
    chart: MonthsChart | None


@dataclass(frozen=True, slots=True)
class MonthPage:
    """`month.html`: one month of a topic, a country, a pair, a crossing of these, a source, or the whole digest.

    `index` is the page it belongs to; `previous` and `next` are the neighbouring months that have articles.
    """

    head: PageMeta
    month: date
    topic: Topic | None
    countries: tuple[Country, ...]
    source: SourceLink | None
    index: str
    count: int
    days: tuple[Day, ...]
    previous: MonthCount | None
    next: MonthCount | None


@dataclass(frozen=True, slots=True)
class PerspectiveCount:
    """A perspective: its key, its name and that name's language, how many articles have it, its page."""

    key: str
    name: str
    lang: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class PerspectivesPage:
    """`perspectives.html`: every perspective that has a page."""

    head: PageMeta
    perspectives: tuple[PerspectiveCount, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveText:
    """What one article says in a perspective: the article, and the perspective's section."""

    article: ArticleSummary
    section: Section


@dataclass(frozen=True, slots=True)
class ReadingGroup:
    """The readings of the articles that have this topic first. `id` is where they stand on the page."""

    topic: Topic
    id: str
    readings: tuple[PerspectiveText, ...]


@dataclass(frozen=True, slots=True)
class PerspectivePage:
    """`perspective.html`: one perspective of all articles, or (with `topic`) of those that have this topic first.

    `readings` are the newest; all of them are in the months, which lead to their topic there. `others` are the other
    perspectives on the same, `index` is the page of the perspective without a topic.
    """

    head: PageMeta
    perspective: PerspectiveCount
    topic: Topic | None
    readings: tuple[PerspectiveText, ...]
    months: tuple[MonthCount, ...]
    topics: tuple[TopicCount, ...]
    others: tuple[PerspectiveCount, ...]
    index: str


@dataclass(frozen=True, slots=True)
class PerspectiveMonthPage:
    """`perspective_month.html`: all readings of one perspective in a month, by topic.

    `previous` and `next` are the neighbouring months that have readings, `index` is the page of the perspective.
    """

    head: PageMeta
    perspective: PerspectiveCount
    month: date
    groups: tuple[ReadingGroup, ...]
    previous: MonthCount | None
    next: MonthCount | None
    index: str


@dataclass(frozen=True, slots=True)
class IssuesPage:
    """`issues.html`: every weekly issue, the newest first."""

    head: PageMeta
    issues: tuple[IssueLink, ...]


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """A topic and the articles that have it first, the most important first."""

    topic: Topic
    articles: tuple[ArticleSummary, ...]


@dataclass(frozen=True, slots=True)
class IssuePage:
    """`issue.html`: the articles of one week by topic; the topic with the most important article first.

    `email_html` and `email_text` are the addresses of the same issue as an e-mail.
    """

    head: PageMeta
    issue: IssueLink
    groups: tuple[TopicGroup, ...]
    previous: IssueLink | None
    next: IssueLink | None
    email_html: str
    email_text: str


@dataclass(frozen=True, slots=True)
class EmailPage:
    """`email.html` and `email.txt`: one weekly issue as an e-mail. An address in it is `origin` with the `href` behind.

    The HTML has its styles in attributes, for programs that drop the rest, and stays below 80 KB: where the most
    important articles fill it, `more` says how many are left to the page of the issue. What `email.txt` gives is plain
    text, and is not escaped.
    """

    head: PageMeta
    issue: IssueLink
    origin: str
    groups: tuple[TopicGroup, ...]
    more: int


@dataclass(frozen=True, slots=True)
class CorrectedArticle:
    """An article and one thing in it that was put right."""

    article: ArticleSummary
    correction: CorrectionView


@dataclass(frozen=True, slots=True)
class CorrectionsPage:
    """`corrections.html`: every correction, the newest first."""

    head: PageMeta
    corrections: tuple[CorrectedArticle, ...]


@dataclass(frozen=True, slots=True)
class SubscribePage:
    """`subscribe.html`: every feed of the digest, in groups: the whole digest, topics, countries and so on."""

    head: PageMeta
    groups: tuple[FeedGroup, ...]


@dataclass(frozen=True, slots=True)
class StaticPageView:
    """`page.html`: a page of the editor's, such as *About*. `href` is its own address.

    `language` names the language of title, summary and text where it is not that of the page; else it is none.
    """

    head: PageMeta
    href: str
    title: str
    lang: str
    language: Language | None
    summary: str
    translated_from: Language | None
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A table of open data: its name, its address, the names of its columns."""

    name: str
    href: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataPage:
    """`data.html`: what the open data are, what each field means, and under which licence they may be used.

    `article` is the address of one article as data, with `{id}` where its permanent id goes, or none; `article_fields`
    are the names of what such a file holds. `schema` is the JSON Schema of the front matter. `license` is the address
    of the licence, `site.rights` what it is called.
    """

    head: PageMeta
    files: tuple[DataFile, ...]
    article: str | None
    article_fields: tuple[str, ...]
    schema: str
    license: str | None


@dataclass(frozen=True, slots=True)
class NotFoundPage:
    """`404.html`: what a reader sees at an address that does not exist."""

    head: PageMeta


@dataclass(frozen=True, slots=True)
class RedirectPage:
    """`redirect.html`: at an older address of an article; `target` is where it is now."""

    head: PageMeta
    target: str
    title: str
    lang: str


Page = (
    HomePage
    | ArticlePage
    | TopicsPage
    | CountriesPage
    | RelationsPage
    | IndexPage
    | ArchivePage
    | MonthPage
    | SourcesPage
    | PerspectivesPage
    | PerspectivePage
    | PerspectiveMonthPage
    | IssuesPage
    | IssuePage
    | EmailPage
    | CorrectionsPage
    | SubscribePage
    | StaticPageView
    | DataPage
    | NotFoundPage
    | RedirectPage
)
"""Every view that a template can be given as `page`."""
