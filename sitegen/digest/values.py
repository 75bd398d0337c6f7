"""What a plan is made of: outputs, and their recipes.

A recipe holds everything that its bytes are made of: an edition, which all pages of a locale share, and a brief, which
names the articles. `making` turns the two into the view that a template or a feed sees; nothing else can reach it, so
the key of an output is complete by construction. The text of an article stands in a brief as its digest, and is looked
up when the view is made.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sitegen.config import Config
from sitegen.content.articles import Article
from sitegen.content.pages import EditorPage
from sitegen.digest import views
from sitegen.digests import Digester, Part

CodePair = tuple[str, str]
"""The codes of two countries, in order."""


@dataclass(frozen=True, slots=True)
class Static:
    """A static file of the theme: its name, its bytes, their SHA-256."""

    name: str
    data: bytes = field(compare=False, repr=False)
    digest: str


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
class Edition(Part):
    """What every page of a locale is made with: configuration, locale, the theme's static files, the editor's pages."""

    config: Config
    locale: str
    statics: tuple[StaticName, ...]
    pages: tuple[PageNote, ...] = ()
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
class ArticleText:
    """The text of an article as a locale shows it: its file, its digest, and where each of its holes leads."""

    article: Article
    path: str
    text: bytes
    targets: tuple[Target, ...]


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
class Subject:
    """What an index is about.

    A topic, one country, a pair of countries, what a topic has in common with one of these, a source, or (with none of
    them) the whole digest.
    """

    topic: str | None = None
    countries: tuple[str, ...] = ()
    source: str | None = None

    @property
    def has_feed(self) -> bool:
        """Whether a feed stands beside its page: topics and countries have one, and the whole digest."""
        return self.source is None and len(self.countries) + (self.topic is not None) < 2


WHOLE: Final = Subject()


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
    """The page that explains the feeds: the topics and countries that have one."""

    topics: tuple[str, ...]
    countries: tuple[str, ...]


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
class FeedRecipe:
    """An RSS feed: the newest articles of its subject, with their texts."""

    edition: Edition
    subject: Subject
    items: tuple[ArticleText, ...]


@dataclass(frozen=True, slots=True)
class SitemapRecipe:
    """The sitemap: every page of every edition."""

    editions: tuple[Edition, ...]
    articles: tuple[Article, ...]
    pages: tuple[EditorPage, ...]


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


Recipe = PageRecipe | EmailRecipe | FeedRecipe | SitemapRecipe | TextRecipe | StaticRecipe | CopyRecipe


def articles_with_text(recipe: Recipe) -> tuple[ArticleText | PageText, ...]:
    """Return the articles, and the page of the editor's, whose texts a recipe names."""
    if isinstance(recipe, FeedRecipe):
        return recipe.items
    if isinstance(recipe, PageRecipe):
        match recipe.brief:
            case ArticleBrief(whole=whole) | PageBrief(whole=whole):
                return (whole,)
            case PerspectiveBrief(newest=items) | PerspectiveMonthBrief(items=items):
                return items
            case HomeBrief(lead=ArticleText() as lead):
                return (lead,)
    return ()


def newest_in(recipe: Recipe) -> float:
    """Return the time (seconds since 1970) of the first article that a recipe names, 0 where it names none."""
    article = None
    if isinstance(recipe, EmailRecipe):
        article = recipe.brief.members[0]
    elif isinstance(recipe, FeedRecipe):
        article = recipe.items[0].article if recipe.items else None
    elif isinstance(recipe, PageRecipe):
        match recipe.brief:
            case ArticleBrief(whole=whole):
                article = whole.article
            case MonthBrief(members=(first, *_)) | IssueBrief(members=(first, *_)):
                article = first
            case PerspectiveMonthBrief(items=(first_item, *_)):
                article = first_item.article
            case IndexBrief():
                return float("inf")  # these name thousands, so they go together
    return article.published.timestamp() if article is not None else 0.0


def texts_of(recipe: Recipe) -> tuple[bytes, ...]:
    """Return the digests of the texts that a recipe names."""
    return tuple([whole.text for whole in articles_with_text(recipe)])


@dataclass(frozen=True, slots=True)
class Output:
    """A file that shall exist: its path below the output folder, and its recipe."""

    path: str
    recipe: Recipe


# --- what feeds and the sitemap are rendered from ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article as a feed carries it: permanent id, full URLs only, text as HTML of simple elements."""

    guid: str
    title: str
    url: str
    published: datetime
    updated: datetime | None
    lang: str
    creator: str
    summary: str
    sections: tuple[views.Section, ...]
    topics: tuple[str, ...]
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedView:
    """An RSS feed. `updated` is the newest item's date, None for a feed without items."""

    title: str
    description: str
    lang: str
    home_url: str
    self_url: str
    topic_domain: str
    country_domain: str
    generator: str
    updated: datetime | None
    items: tuple[FeedItem, ...]


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """A page of the sitemap: its URL, when its content last changed, the same page in every locale."""

    url: str
    modified: datetime | None
    alternates: tuple[tuple[str, str], ...]
