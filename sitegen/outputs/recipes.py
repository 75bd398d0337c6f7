"""What a plan is made of: outputs, and their recipes.

A recipe holds everything that its bytes are made of: an edition, which all pages of a locale share, and a brief, which
names the articles. `making` turns the two into the view that a template or a feed sees; nothing else can reach it, so
the key of an output is complete by construction. The text of an article stands in a brief as its digest, and is looked
up when the view is made.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date, datetime

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.content.frontmatter import Correction
from sitegen.content.pages import StaticPage
from sitegen.site.facets import CountryPair, Facet
from sitegen.theme.feed_labels import FeedLabels
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import ContentHashed, Digester


@dataclass(frozen=True, slots=True)
class StaticName:
    """A static file of the theme by name, and the SHA-256 of its bytes."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class StaticPageSummary:
    """A page of the editor's as every page names it: its slug, its title and the title's language."""

    slug: str
    title: str
    lang: str


@dataclass(frozen=True, slots=True)
class PublishedImage:
    """The picture for links to the site: the site path at which it is published, its size in pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RenderContext(ContentHashed):
    """What every page of a locale is made with: configuration, locale, the theme's static files, the editor's pages.

    `words` are those of feeds, in every language that the theme has them in: an item speaks that of its article.
    `card` is the picture for links to the site.
    """

    config: Config
    locale: str
    statics: tuple[StaticName, ...]
    pages: tuple[StaticPageSummary, ...] = ()
    words: tuple[FeedLabels, ...] = ()
    card: PublishedImage | None = None
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))


# --- briefs: what a page or feed is about -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """Where a hole of a text leads: a path of this locale, empty for a place in the article itself; and a fragment.

    `source` is the project path of the article that it leads to, for those who ask.
    """

    path: str
    fragment: str
    source: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class ArticleText(ContentHashed):
    """The text of an article as a locale shows it: its file, its digest, and where each of its holes leads."""

    article: Article
    path: str
    text: bytes
    targets: tuple[ResolvedLink, ...]
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page of the editor's as a locale shows it."""

    page: StaticPage
    path: str
    text: bytes
    targets: tuple[ResolvedLink, ...]


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month, how many articles it has, and how many the fullest month beside it has."""

    month: date
    count: int
    most: int


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """A topic, how many articles it has, and when the newest of them was published."""

    key: str
    count: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """A week by its Monday, and how many articles it has."""

    monday: date
    count: int


@dataclass(frozen=True, slots=True)
class HomeSpec:
    """The home page: all articles, the newest first, and the article that opens it."""

    articles: tuple[Article, ...]
    lead: ArticleText | None


@dataclass(frozen=True, slots=True)
class ArticleSpec:
    """The page of one article: its text, what it leads to, and the articles beside it.

    `pairs` are those of its countries that have a page, `perspectives` those of the digest that have one; `source_page`
    says whether its source has one.
    """

    whole: ArticleText
    pairs: tuple[CountryPair, ...]
    perspectives: tuple[str, ...]
    source_page: bool
    before: Article | None
    after: Article | None
    follows: Article | None
    followers: tuple[Article, ...]
    thread: tuple[Article, ...]
    related: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class TopicsSpec:
    """The list of topics."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class CountriesSpec:
    """The list of countries."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class RelationsSpec:
    """The list of pairs of countries."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """The page of a topic, a country, a pair, a crossing of these or a source: its articles, the newest first."""

    facet: Facet
    members: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class ArchiveSpec:
    """The list of months of the digest."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class MonthSpec:
    """One month of an index: its articles, and the neighbouring months."""

    facet: Facet
    month: date
    members: tuple[Article, ...]
    previous: MonthSummary | None
    next: MonthSummary | None


@dataclass(frozen=True, slots=True)
class SourcesSpec:
    """The list of sources."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveSummary:
    """A perspective, and how many articles have it."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class PerspectivesSpec:
    """The list of perspectives."""

    rows: tuple[PerspectiveSummary, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveSpec:
    """One perspective, of all articles or of those of a topic: the newest readings, its months, the other topics."""

    note: PerspectiveSummary
    topic: str | None
    newest: tuple[ArticleText, ...]
    months: tuple[MonthSummary, ...]
    topics: tuple[TopicSummary, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveMonthSpec:
    """All readings of one perspective in a month, and the neighbouring months."""

    key: str
    month: date
    items: tuple[ArticleText, ...]
    previous: MonthSummary | None
    next: MonthSummary | None


@dataclass(frozen=True, slots=True)
class IssuesSpec:
    """The list of weekly issues."""

    weeks: tuple[WeekSummary, ...]


@dataclass(frozen=True, slots=True)
class IssueSpec:
    """One weekly issue: its articles, and the neighbouring issues."""

    monday: date
    members: tuple[Article, ...]
    previous: WeekSummary | None
    next: WeekSummary | None


@dataclass(frozen=True, slots=True)
class EmailSpec:
    """One weekly issue as an e-mail."""

    monday: date
    members: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class CorrectionsSpec:
    """The list of corrections: the articles that have one."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class SubscribeSpec:
    """The page that explains the feeds: what each of them is about."""

    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class StaticPageSpec:
    """A page of the editor's."""

    whole: PageText


@dataclass(frozen=True, slots=True)
class NotFoundSpec:
    """The page at an address that does not exist."""


@dataclass(frozen=True, slots=True)
class RedirectSpec:
    """The page at an older address of an article."""

    article: Article


@dataclass(frozen=True, slots=True)
class DataSpec:
    """The page that explains the open data."""


PageSpec = (
    HomeSpec
    | ArticleSpec
    | TopicsSpec
    | CountriesSpec
    | RelationsSpec
    | IndexSpec
    | ArchiveSpec
    | MonthSpec
    | SourcesSpec
    | PerspectivesSpec
    | PerspectiveSpec
    | PerspectiveMonthSpec
    | IssuesSpec
    | IssueSpec
    | CorrectionsSpec
    | SubscribeSpec
    | StaticPageSpec
    | NotFoundSpec
    | RedirectSpec
    | DataSpec
)


# --- recipes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageRecipe:
    """An HTML page: a template of the theme, and what its view is made of."""

    template: str
    context: RenderContext
    spec: PageSpec


@dataclass(frozen=True, slots=True)
class EmailRecipe:
    """A weekly issue as an e-mail, as HTML or as plain text: the template says which."""

    template: str
    context: RenderContext
    spec: EmailSpec


@dataclass(frozen=True, slots=True)
class CorrectionItem:
    """A correction of an article: the number that it has there, from 1."""

    article: Article
    number: int

    @property
    def entry(self) -> Correction:
        """What was put right."""
        return next(entry for entry in self.article.front.corrections if entry.number == self.number)


@dataclass(frozen=True, slots=True)
class FeedSpec(ContentHashed):
    """What a feed holds, whatever it is written as: the newest articles of its subject with their texts, or notices."""

    facet: Facet
    items: tuple[ArticleText, ...]
    notices: tuple[CorrectionItem, ...] = ()
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))


@dataclass(frozen=True, slots=True)
class FeedRecipe:
    """A feed in one of the formats of `config.FEED_FORMATS`."""

    format: str
    context: RenderContext
    spec: FeedSpec


@dataclass(frozen=True, slots=True)
class OpmlRecipe:
    """A list of feeds for feed readers: those of `facets`, which are about `about`."""

    context: RenderContext
    about: Facet
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class SitemapRecipe:
    """A sitemap of pages in every edition: those of `articles`, or with `of_indexes` those that list them.

    `start` and `stop` cut it out of the whole list, for a digest that needs more than one.
    """

    contexts: tuple[RenderContext, ...]
    articles: tuple[Article, ...]
    of_articles: bool = True
    of_indexes: bool = True
    start: int = 0
    stop: int | None = None
    pages: tuple[StaticPage, ...] = ()


@dataclass(frozen=True, slots=True)
class SitemapPart:
    """A sitemap in an index of them: its path, and when the newest of its articles last changed."""

    path: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class SitemapIndexRecipe:
    """The list of sitemaps, where one would be too large."""

    context: RenderContext
    parts: tuple[SitemapPart, ...]


@dataclass(frozen=True, slots=True)
class NewsRecipe:
    """The sitemap of the articles of the last two days."""

    context: RenderContext
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class TableRecipe:
    """Open data of all articles: `articles.json`, `articles.csv` or `relations.csv`."""

    name: str
    context: RenderContext
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class ArticleDataRecipe:
    """One article as open data, in the language that it was written in and in those that it was translated to.

    `markdown` is the digest of its text as it is written.
    """

    context: RenderContext
    whole: ArticleText
    markdown: bytes
    translations: tuple[ArticleText, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaRecipe:
    """The JSON Schema of the front matter, with the topics and countries of the site."""

    context: RenderContext


@dataclass(frozen=True, slots=True)
class TextRecipe:
    """A small file whose text is known."""

    text: str


@dataclass(frozen=True, slots=True)
class StaticRecipe:
    """A static file of the theme."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CopyRecipe:
    """A picture or document of the editor's, copied as it is; `digest` is its SHA-256."""

    source: str
    digest: str


Recipe = (
    PageRecipe
    | EmailRecipe
    | FeedRecipe
    | OpmlRecipe
    | SitemapRecipe
    | SitemapIndexRecipe
    | NewsRecipe
    | TableRecipe
    | ArticleDataRecipe
    | SchemaRecipe
    | TextRecipe
    | StaticRecipe
    | CopyRecipe
)


def articles_with_text(recipe: Recipe) -> tuple[ArticleText | PageText, ...]:
    """Return the articles, and the page of the editor's, whose texts a recipe names."""
    match recipe:
        case FeedRecipe(spec=spec):
            return spec.items
        case ArticleDataRecipe(whole=whole, translations=others):
            return (whole, *others)
        case PageRecipe(spec=ArticleSpec(whole=whole)):
            return (whole,)
        case PageRecipe(spec=StaticPageSpec(whole=page)):
            return (page,)
        case PageRecipe(spec=PerspectiveSpec(newest=items) | PerspectiveMonthSpec(items=items)):
            return items
        case PageRecipe(spec=HomeSpec(lead=ArticleText() as lead)):
            return (lead,)
    return ()


TextDigests = tuple[bytes, bytes]
"""The digest of a file's text, and that of the text as it is written."""


def with_texts(recipe: Recipe, texts: Mapping[str, TextDigests]) -> Recipe:
    """Return a recipe in which the files that `texts` names have these texts; all else stays."""

    def told(whole: ArticleText) -> ArticleText:
        return replace(whole, text=texts[whole.path][0]) if whole.path in texts else whole

    match recipe:
        case FeedRecipe(spec=feed):
            return replace(recipe, spec=replace(feed, items=tuple([told(item) for item in feed.items])))
        case ArticleDataRecipe(whole=whole, markdown=markdown, translations=others):
            written = texts[whole.path][1] if whole.path in texts else markdown
            translations = tuple([told(other) for other in others])
            return replace(recipe, whole=told(whole), markdown=written, translations=translations)
        case PageRecipe(spec=ArticleSpec() as spec):
            return replace(recipe, spec=replace(spec, whole=told(spec.whole)))
        case PageRecipe(spec=StaticPageSpec(whole=page)) if page.path in texts:
            return replace(recipe, spec=StaticPageSpec(replace(page, text=texts[page.path][0])))
        case PageRecipe(spec=PerspectiveSpec() as spec):
            return replace(recipe, spec=replace(spec, newest=tuple([told(item) for item in spec.newest])))
        case PageRecipe(spec=PerspectiveMonthSpec() as spec):
            return replace(recipe, spec=replace(spec, items=tuple([told(item) for item in spec.items])))
        case PageRecipe(spec=HomeSpec(lead=ArticleText() as lead) as spec):
            return replace(recipe, spec=replace(spec, lead=told(lead)))
    return recipe


def newest_in(recipe: Recipe) -> float:
    """Return the time (seconds since 1970) of the first article that a recipe names, 0 where it names none.

    Those that may name all articles come before every time: they go together.
    """
    match recipe:
        case FeedRecipe(spec=FeedSpec(items=(ArticleText(article=article), *_))):
            return article.published.timestamp()
        case ArticleDataRecipe(whole=whole) | PageRecipe(spec=ArticleSpec(whole=whole)):
            return whole.article.published.timestamp()
        case (
            EmailRecipe(spec=EmailSpec(members=(first, *_)))
            | PageRecipe(spec=MonthSpec(members=(first, *_)) | IssueSpec(members=(first, *_)))
        ):
            return first.published.timestamp()
        case PageRecipe(spec=PerspectiveMonthSpec(items=(ArticleText(article=article), *_))):
            return article.published.timestamp()
        case PageRecipe(spec=HomeSpec() | IndexSpec() | SourcesSpec() | CorrectionsSpec()):
            return float("-inf")
        case PageRecipe(spec=TopicsSpec() | CountriesSpec() | RelationsSpec() | ArchiveSpec()):
            return float("-inf")
        case SitemapRecipe() | TableRecipe():
            return float("-inf")
    return 0.0


def texts_of(recipe: Recipe) -> tuple[bytes, ...]:
    """Return the digests of the texts that a recipe names."""
    return tuple([whole.text for whole in articles_with_text(recipe)])


@dataclass(frozen=True, slots=True)
class Output:
    """A file that shall exist: its path below the output folder, and its recipe."""

    path: str
    recipe: Recipe


# --- what feeds, lists and open data are rendered from ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic or country of a feed's item: its key, its name, and the address of the list that it is one of."""

    key: str
    name: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an article came from and who wrote it, as a feed says it.

    `url` is None where the original's address is not recorded, `reviewer` where nobody answers for the machine's parts.
    """

    name: str
    lang: str
    url: str | None
    archived: str | None
    generated: tuple[tuple[str, str], ...]
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article, or a notice, as a feed carries it: permanent id, full URLs only, text as HTML of simple elements.

    `summary` is plain text and says so where a machine wrote it. `updated` is None unless the editor set it. `origin`
    is None for a notice, `html` where the whole text would be too long for the feed.
    """

    guid: str
    title: str
    url: str
    published: datetime
    updated: datetime | None
    lang: str
    creator: str
    summary: str
    html: str | None
    topics: tuple[Tag, ...] = ()
    countries: tuple[Tag, ...] = ()
    importance: int | None = None
    origin: Provenance | None = None


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed without its items. `guid` is its permanent id, `updated` the newest item's date, never the clock's."""

    guid: str
    title: str
    description: str
    rights: str
    license: str | None
    lang: str
    author: str
    home_url: str
    self_url: str
    websub_hub: str | None
    generator: str
    updated: datetime | None
    founded: datetime


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """A feed in a list of feeds: what it is called there, its language, page, address and format."""

    title: str
    lang: str
    home_url: str
    url: str
    format: str


@dataclass(frozen=True, slots=True)
class OpmlView:
    """A list of feeds, in groups."""

    title: str
    groups: tuple[tuple[str, tuple[OpmlFeed, ...]], ...]


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page of a sitemap: its URL, when its content last changed, the same page in every locale."""

    url: str
    modified: datetime | None
    alternates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NewsEntry:
    """An article of the news sitemap: its URL, the publication, and the article's language, date and title."""

    url: str
    publication: str
    lang: str
    published: datetime
    title: str


@dataclass(frozen=True, slots=True)
class DataRow:
    """An article in a table of open data: one plain value a field, lists as tuples. docs/open-data.md explains each."""

    id: str
    url: str
    data_url: str | None
    title: str
    lang: str
    date: datetime
    updated: datetime | None
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    importance: int
    summary: str
    source: str
    source_url: str | None
    source_lang: str
    translations: tuple[str, ...]
    perspectives: tuple[str, ...]
    generated_title: str | None
    generated_summary: str | None
    generated_text: str | None
    generated_analysis: str | None
    generated_translation: str | None
    reviewed_by: str | None
    corrections: int
    follows: str | None


@dataclass(frozen=True, slots=True)
class RelationRow:
    """How many articles of a month and a topic have two countries, codes in order."""

    country: str
    other_country: str
    month: date
    topic: str
    count: int
