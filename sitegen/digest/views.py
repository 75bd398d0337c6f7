"""What templates see: the theme contract, version 1.

A template gets exactly two values: `site`, a `SiteView`, and `page`, the view of its page. Views are complete and
frozen; a template cannot ask the digest for more. `href` fields are ready for an attribute; texts are plain and
escaped by the template engine; `html` fields are safe HTML. Every text that may be in another language than the page
has its language beside it, in a field `lang` or `…_lang`.

`themes/README.md` is generated from the docstrings of this module.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest

from markupsafe import Markup, escape

CONTRACT_VERSION = 1


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
class FeedLink:
    """A feed: its title and its address."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Assets:
    """The theme's static files by name: `site.assets["site.css"]` is the address of the published file."""

    hrefs: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        return dict(self.hrefs)[name]


@dataclass(frozen=True, slots=True)
class LocaleLink:
    """A language the site is published in: its tag and its name in itself."""

    tag: str
    name: str


@dataclass(frozen=True, slots=True)
class SiteView:
    """What every page of a locale shares. It holds nothing that changes with an article."""

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
    feed: FeedLink
    assets: Assets
    generator: str


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same page in another locale: its tag, its address on the host, its full URL."""

    tag: str
    href: str
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """What stands in the head of a page: canonical URL, the page's own feed, the page in every locale."""

    canonical: str
    feed: FeedLink | None
    alternates: tuple[Alternate, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """An article as lists show it. `lang` is the language of title and summary, `date` is in the site's time zone."""

    title: str
    lang: str
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
    articles: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """A month, how many articles it has, how many the fullest month beside it has, and its page."""

    month: date
    count: int
    most: int
    href: str


@dataclass(frozen=True, slots=True)
class TopicCount:
    """A topic and how many articles of this page have it."""

    topic: Topic
    count: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class CountryCount:
    """A country, how many articles of this page have it; `href` leads to where the two meet, or to the country."""

    country: Country
    count: int
    latest: datetime
    href: str


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
class Facts:
    """An index in figures: articles in all, first and newest month, articles in the newest month and the one before."""

    total: int
    first_month: date
    newest_month: date
    newest_count: int
    before_count: int


@dataclass(frozen=True, slots=True)
class Lead:
    """The article that opens the home page, with the first sentences of two of its perspectives."""

    article: Card
    readings: tuple["Reading", ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The first sentence of a perspective: its key, its label in the page's language, the sentence and its language."""

    key: str
    label: str
    text: str
    lang: str
    href: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """`home.html`: the lead, the latest days, and what the newest month was about."""

    head: Head
    newest: datetime | None
    lead: Lead | None
    days: tuple[Day, ...]
    month: date | None
    topics: tuple[TopicCount, ...]
    countries: tuple[CountryCount, ...]
    relations: tuple[PairCount, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A run of an article's text. A perspective has a `key` and a `label`; an ordinary run has neither.

    `name` is the perspective's label in the page's language, `label` the one in the text, in `lang`.
    """

    key: str | None
    name: str
    label: str
    lang: str
    pieces: tuple[str, ...]
    hrefs: tuple[str, ...]

    @property
    def html(self) -> Markup:
        """The text as safe HTML, with every address filled in."""
        filled = zip_longest(self.pieces, (str(escape(href)) for href in self.hrefs), fillvalue="")
        return Markup("".join(part for pair in filled for part in pair))  # noqa: S704 - made of escaped parts


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where the article came from. `url` is None where the original's address was not recorded."""

    name: str
    lang: str
    url: str | None
    archived: str | None


@dataclass(frozen=True, slots=True)
class Authorship:
    """Which part (`title`, `summary`, `text`, `analysis`, `translation`) who wrote (`ai`, `human`, `mixed`)."""

    part: str
    author: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """What was put right, and when."""

    date: date
    text: str


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
    first topic, by date. `follows` is the article it follows up, `followed_by` those that follow it up.
    """

    head: Head
    id: str
    article: Card
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
    follows: Card | None
    followed_by: tuple[Card, ...]
    previous: Card | None
    next: Card | None

    @property
    def perspectives(self) -> tuple[Section, ...]:
        """The sections that are perspectives, in the order of the text."""
        return tuple(section for section in self.sections if section.key is not None)


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """`topics.html`: every topic that has an article."""

    head: Head
    topics: tuple[TopicCount, ...]


@dataclass(frozen=True, slots=True)
class CountriesPage:
    """`countries.html`: every country that has an article."""

    head: Head
    countries: tuple[CountryCount, ...]


@dataclass(frozen=True, slots=True)
class RelationsPage:
    """`relations.html`: every pair of countries that has an article, the strongest first."""

    head: Head
    pairs: tuple[PairCount, ...]


@dataclass(frozen=True, slots=True)
class IndexPage:
    """`topic.html`, `country.html`, `pair.html`: what one topic, country or pair is about.

    A topic page has `topic`, a country page one and a pair page two `countries`. `with_topics` and `with_countries` are
    those that occur in its articles. `days` has the latest articles; all of them are in the months.
    """

    head: Head
    topic: Topic | None
    countries: tuple[Country, ...]
    facts: Facts
    days: tuple[Day, ...]
    months: tuple[MonthCount, ...]
    with_topics: tuple[TopicCount, ...]
    with_countries: tuple[CountryCount, ...]


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """`archive.html`: every month of the digest."""

    head: Head
    months: tuple[MonthCount, ...]


@dataclass(frozen=True, slots=True)
class MonthPage:
    """`month.html`: one month of a topic, a country, a pair, or (with neither) of the whole digest.

    `index` is the page it belongs to; `previous` and `next` are the neighbouring months that have articles.
    """

    head: Head
    month: date
    topic: Topic | None
    countries: tuple[Country, ...]
    index: str
    count: int
    days: tuple[Day, ...]
    previous: MonthCount | None
    next: MonthCount | None


@dataclass(frozen=True, slots=True)
class NotFoundPage:
    """`404.html`: what a reader sees at an address that does not exist."""

    head: Head


@dataclass(frozen=True, slots=True)
class RedirectPage:
    """`redirect.html`: at an older address of an article; `target` is where it is now."""

    head: Head
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
    | NotFoundPage
    | RedirectPage
)
"""Every view that a template can be given as `page`."""
