"""What a plan is made of: outputs and their recipes.

A recipe holds everything that its renderer will see, so the key of an output is complete by construction.
"""

from dataclasses import dataclass

from sitegen.digest import views


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

    feed: views.FeedView


@dataclass(frozen=True, slots=True)
class SitemapRecipe:
    """The sitemap."""

    entries: tuple[views.SitemapEntry, ...]


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
