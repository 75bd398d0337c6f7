"""What a plan is made of: outputs and their recipes.

A recipe holds everything that its renderer will see, so the key of an output is complete by construction.
"""

from dataclasses import dataclass
from datetime import datetime

from sitegen.digest import views


@dataclass(frozen=True, slots=True)
class FeedItem(views.Part):
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


@dataclass(frozen=True, slots=True)
class PageRecipe:
    """An HTML page: a template of the theme, and the two values that it sees."""

    template: str
    locale: str
    site: views.SiteView
    page: views.Page


@dataclass(frozen=True, slots=True)
class FeedRecipe:
    """An RSS feed."""

    feed: FeedView


@dataclass(frozen=True, slots=True)
class SitemapRecipe:
    """The sitemap."""

    entries: tuple[SitemapEntry, ...]


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


Recipe = PageRecipe | FeedRecipe | SitemapRecipe | TextRecipe | StaticRecipe | CopyRecipe


@dataclass(frozen=True, slots=True)
class Output:
    """A file that shall exist: its path below the output folder, and its recipe."""

    path: str
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Static:
    """A static file of the theme: its name, its bytes, their SHA-256."""

    name: str
    data: bytes
    digest: str
