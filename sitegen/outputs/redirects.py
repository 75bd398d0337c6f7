"""Redirects at the aliases of articles."""

from collections.abc import Iterable, Iterator
from typing import Final

from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics
from sitegen.outputs.pages.redirect import RedirectPage
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash, Output
from sitegen.site.urls import alias_path, output_path

_ANOTHER: Final = "another page"


class PathRegistry:
    """Output paths that are taken, as case-insensitive file systems compare them, and their owners."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def claim(self, path: str, owner: str) -> str | None:
        """Take a path for `owner`. Return the present owner if the path, or a folder above it, is taken."""
        key = folded_path(path)
        above = [key[:index] for index, char in enumerate(key) if char == "/"]
        other = self._files.get(key) or self._folders.get(key)
        other = other or next((self._files[folder] for folder in above if folder in self._files), None)
        if other is None:
            self._files[key] = owner
            self._folders |= dict.fromkeys(above, owner)
        return other


def plan_redirects(planner: LocalePlanner, taken: Iterable[str], diagnostics: Diagnostics) -> Iterator[Output]:
    """Yield a page at each alias of a visible article. An alias that is another address is an error.

    `taken` are the output paths of the site. Unpublished articles keep their addresses, too.
    """
    site = planner.site
    articles = sorted((*site.articles, *site.unpublished), key=lambda article: article.path)
    if not any(article.front.aliases for article in articles):
        return
    own = {output_path(planner.urls.article(article.slug)): article.path for article in articles}
    registry = PathRegistry()
    for path in taken:
        registry.claim(path, own.get(path, _ANOTHER))
    for path, owner in own.items():
        registry.claim(path, owner)
    for article in articles:
        for index, alias in enumerate(article.front.aliases):
            path = output_path(alias_path(alias))
            other = registry.claim(path, article.path)
            if other is not None:
                whose = "the address of another page" if other == _ANOTHER else f"an address of {other}"
                location = article.location(f"aliases.{index}")
                diagnostics.error("alias-collision", location, f"the alias {alias!r} is {whose}")
            elif article.path in site.by_path:
                yield Output(path, RedirectPage(planner.context, ArticleHash(article.hash)))
