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
from sitegen.content.pages import EditorPage
from sitegen.site.facets import CodePair, Subject
from sitegen.theme.feed_labels import FeedWords
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import Digester, Part


@dataclass(frozen=True, slots=True)
class StaticName:
    """A static file of the theme by name, and the SHA-256 of its bytes."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class PageNote:
    """A page of the editor's as every page names it: its slug, its title and the title's language."""

    slug: str
    title: str
    lang: str


@dataclass(frozen=True, slots=True)
class SiteCard:
    """The picture for links to the site: the site path at which it is published, its size in pixels."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Edition(Part):
    """What every page of a locale is made with: configuration, locale, the theme's static files, the editor's pages.

    `words` are those of feeds, in every language that the theme has them in: an item speaks that of its article.
    `card` is the picture for links to the site.
    """

    config: Config
    locale: str
    statics: tuple[StaticName, ...]
    pages: tuple[PageNote, ...] = ()
    words: tuple[FeedWords, ...] = ()
    card: SiteCard | None = None
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))


# --- briefs: what a page or feed is about -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """Where a hole of a text leads: a path of this locale, empty for a place in the article itself; and a fragment.

    `source` is the project path of the article that it leads to, for those who ask.
    """

    path: str
    fragment: str
    source: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class ArticleText(Part):
    """The text of an article as a locale shows it: its file, its digest, and where each of its holes leads."""

    article: Article
    path: str
    text: bytes
    targets: tuple[Target, ...]
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page of the editor's as a locale shows it."""

    page: EditorPage
    path: str
    text: bytes
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class MonthNote:
    """A month, how many articles it has, and how many the fullest month beside it has."""

    month: date
    count: int
    most: int


@dataclass(frozen=True, slots=True)
class TopicNote:
    """A topic, how many articles it has, and when the newest of them was published."""

    key: str
    count: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class WeekNote:
    """A week by its Monday, and how many articles it has."""

    monday: date
    count: int


@dataclass(frozen=True, slots=True)
class HomeBrief:
    """The home page: all articles, the newest first, and the article that opens it."""

    articles: tuple[Article, ...]
    lead: ArticleText | None


@dataclass(frozen=True, slots=True)
class ArticleBrief:
    """The page of one article: its text, what it leads to, and the articles beside it.

    `pairs` are those of its countries that have a page, `perspectives` those of the digest that have one; `source_page`
    says whether its source has one.
    """

    whole: ArticleText
    pairs: tuple[CodePair, ...]
    perspectives: tuple[str, ...]
    source_page: bool
    before: Article | None
    after: Article | None
    follows: Article | None
    followers: tuple[Article, ...]
    thread: tuple[Article, ...]
    related: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class TopicsBrief:
    """The list of topics."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class CountriesBrief:
    """The list of countries."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class RelationsBrief:
    """The list of pairs of countries."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class IndexBrief:
    """The page of a topic, a country, a pair, a crossing of these or a source: its articles, the newest first."""

    subject: Subject
    members: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class ArchiveBrief:
    """The list of months of the digest."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class MonthBrief:
    """One month of an index: its articles, and the neighbouring months."""

    subject: Subject
    month: date
    members: tuple[Article, ...]
    previous: MonthNote | None
    next: MonthNote | None


@dataclass(frozen=True, slots=True)
class SourcesBrief:
    """The list of sources."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveNote:
    """A perspective, and how many articles have it."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class PerspectivesBrief:
    """The list of perspectives."""

    rows: tuple[PerspectiveNote, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveBrief:
    """One perspective, of all articles or of those of a topic: the newest readings, its months, the other topics."""

    note: PerspectiveNote
    topic: str | None
    newest: tuple[ArticleText, ...]
    months: tuple[MonthNote, ...]
    topics: tuple[TopicNote, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PerspectiveMonthBrief:
    """All readings of one perspective in a month, and the neighbouring months."""

    key: str
    month: date
    items: tuple[ArticleText, ...]
    previous: MonthNote | None
    next: MonthNote | None


@dataclass(frozen=True, slots=True)
class IssuesBrief:
    """The list of weekly issues."""

    weeks: tuple[WeekNote, ...]


@dataclass(frozen=True, slots=True)
class IssueBrief:
    """One weekly issue: its articles, and the neighbouring issues."""

    monday: date
    members: tuple[Article, ...]
    previous: WeekNote | None
    next: WeekNote | None


@dataclass(frozen=True, slots=True)
class EmailBrief:
    """One weekly issue as an e-mail."""

    monday: date
    members: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class CorrectionsBrief:
    """The list of corrections: the articles that have one."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class SubscribeBrief:
    """The page that explains the feeds: what each of them is about."""

    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class PageBrief:
    """A page of the editor's."""

    whole: PageText


@dataclass(frozen=True, slots=True)
class NotFoundBrief:
    """The page at an address that does not exist."""


@dataclass(frozen=True, slots=True)
class RedirectBrief:
    """The page at an older address of an article."""

    article: Article


@dataclass(frozen=True, slots=True)
class DataBrief:
    """The page that explains the open data."""


Brief = (
    HomeBrief
    | ArticleBrief
    | TopicsBrief
    | CountriesBrief
    | RelationsBrief
    | IndexBrief
    | ArchiveBrief
    | MonthBrief
    | SourcesBrief
    | PerspectivesBrief
    | PerspectiveBrief
    | PerspectiveMonthBrief
    | IssuesBrief
    | IssueBrief
    | CorrectionsBrief
    | SubscribeBrief
    | PageBrief
    | NotFoundBrief
    | RedirectBrief
    | DataBrief
)


# --- recipes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageRecipe:
    """An HTML page: a template of the theme, and what its view is made of."""

    template: str
    edition: Edition
    brief: Brief


@dataclass(frozen=True, slots=True)
class EmailRecipe:
    """A weekly issue as an e-mail, as HTML or as plain text: the template says which."""

    template: str
    edition: Edition
    brief: EmailBrief


@dataclass(frozen=True, slots=True)
class Notice:
    """A correction of an article: the number that it has there, from 1."""

    article: Article
    number: int

    @property
    def entry(self) -> Correction:
        """What was put right."""
        return next(entry for entry in self.article.front.corrections if entry.number == self.number)


@dataclass(frozen=True, slots=True)
class FeedBrief(Part):
    """What a feed holds, whatever it is written as: the newest articles of its subject with their texts, or notices."""

    subject: Subject
    items: tuple[ArticleText, ...]
    notices: tuple[Notice, ...] = ()
    digest: bytes = field(compare=False, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", Digester().digest_fields(self))


@dataclass(frozen=True, slots=True)
class FeedRecipe:
    """A feed in one of the formats of `config.FEED_FORMATS`."""

    format: str
    edition: Edition
    brief: FeedBrief


@dataclass(frozen=True, slots=True)
class OpmlRecipe:
    """A list of feeds for feed readers: those of `subjects`, which are about `about`."""

    edition: Edition
    about: Subject
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class SitemapRecipe:
    """A sitemap of pages in every edition: those of `articles`, or with `of_indexes` those that list them.

    `start` and `stop` cut it out of the whole list, for a digest that needs more than one.
    """

    editions: tuple[Edition, ...]
    articles: tuple[Article, ...]
    of_articles: bool = True
    of_indexes: bool = True
    start: int = 0
    stop: int | None = None
    pages: tuple[EditorPage, ...] = ()


@dataclass(frozen=True, slots=True)
class SitemapPart:
    """A sitemap in an index of them: its path, and when the newest of its articles last changed."""

    path: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class SitemapIndexRecipe:
    """The list of sitemaps, where one would be too large."""

    edition: Edition
    parts: tuple[SitemapPart, ...]


@dataclass(frozen=True, slots=True)
class NewsRecipe:
    """The sitemap of the articles of the last two days."""

    edition: Edition
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class TableRecipe:
    """Open data of all articles: `articles.json`, `articles.csv` or `relations.csv`."""

    name: str
    edition: Edition
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class ArticleDataRecipe:
    """One article as open data, in the language that it was written in and in those that it was translated to.

    `markdown` is the digest of its text as it is written.
    """

    edition: Edition
    whole: ArticleText
    markdown: bytes
    translations: tuple[ArticleText, ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaRecipe:
    """The JSON Schema of the front matter, with the topics and countries of the site."""

    edition: Edition


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
        case FeedRecipe(brief=brief):
            return brief.items
        case ArticleDataRecipe(whole=whole, translations=others):
            return (whole, *others)
        case PageRecipe(brief=ArticleBrief(whole=whole)):
            return (whole,)
        case PageRecipe(brief=PageBrief(whole=page)):
            return (page,)
        case PageRecipe(brief=PerspectiveBrief(newest=items) | PerspectiveMonthBrief(items=items)):
            return items
        case PageRecipe(brief=HomeBrief(lead=ArticleText() as lead)):
            return (lead,)
    return ()


TextDigests = tuple[bytes, bytes]
"""The digest of a file's text, and that of the text as it is written."""


def with_texts(recipe: Recipe, texts: Mapping[str, TextDigests]) -> Recipe:
    """Return a recipe in which the files that `texts` names have these texts; all else stays."""

    def told(whole: ArticleText) -> ArticleText:
        return replace(whole, text=texts[whole.path][0]) if whole.path in texts else whole

    match recipe:
        case FeedRecipe(brief=feed):
            return replace(recipe, brief=replace(feed, items=tuple([told(item) for item in feed.items])))
        case ArticleDataRecipe(whole=whole, markdown=markdown, translations=others):
            written = texts[whole.path][1] if whole.path in texts else markdown
            translations = tuple([told(other) for other in others])
            return replace(recipe, whole=told(whole), markdown=written, translations=translations)
        case PageRecipe(brief=ArticleBrief() as brief):
            return replace(recipe, brief=replace(brief, whole=told(brief.whole)))
        case PageRecipe(brief=PageBrief(whole=page)) if page.path in texts:
            return replace(recipe, brief=PageBrief(replace(page, text=texts[page.path][0])))
        case PageRecipe(brief=PerspectiveBrief() as brief):
            return replace(recipe, brief=replace(brief, newest=tuple([told(item) for item in brief.newest])))
        case PageRecipe(brief=PerspectiveMonthBrief() as brief):
            return replace(recipe, brief=replace(brief, items=tuple([told(item) for item in brief.items])))
        case PageRecipe(brief=HomeBrief(lead=ArticleText() as lead) as brief):
            return replace(recipe, brief=replace(brief, lead=told(lead)))
    return recipe


def newest_in(recipe: Recipe) -> float:
    """Return the time (seconds since 1970) of the first article that a recipe names, 0 where it names none.

    Those that may name all articles come before every time: they go together.
    """
    match recipe:
        case FeedRecipe(brief=FeedBrief(items=(ArticleText(article=article), *_))):
            return article.published.timestamp()
        case ArticleDataRecipe(whole=whole) | PageRecipe(brief=ArticleBrief(whole=whole)):
            return whole.article.published.timestamp()
        case (
            EmailRecipe(brief=EmailBrief(members=(first, *_)))
            | PageRecipe(brief=MonthBrief(members=(first, *_)) | IssueBrief(members=(first, *_)))
        ):
            return first.published.timestamp()
        case PageRecipe(brief=PerspectiveMonthBrief(items=(ArticleText(article=article), *_))):
            return article.published.timestamp()
        case PageRecipe(brief=HomeBrief() | IndexBrief() | SourcesBrief() | CorrectionsBrief()):
            return float("-inf")
        case PageRecipe(brief=TopicsBrief() | CountriesBrief() | RelationsBrief() | ArchiveBrief()):
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
class Origin:
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
    origin: Origin | None = None


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
    hub: str | None
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
