"""Finds the introductions that the site shows, and reports those that no page can show."""

from collections.abc import Iterable, Sequence

from sitegen.content.articles import Article
from sitegen.content.documents import Introduction
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.site.model import Site, monday_of


def shown_introductions(
    introductions: Iterable[Introduction], articles: Sequence[Article], site: Site, diagnostics: Diagnostics
) -> list[Introduction]:
    """Return the introductions of editions and issues that `site` has; drafts are left out before.

    One whose day or week has no visible article is a warning, unless one of `articles` is scheduled for that time or
    has expired.
    """
    texts, shown = tuple(introductions), []
    if not texts:
        return []
    pages = site.pages()
    others = [article for article in articles if article.state(site.as_of) in {"scheduled", "expired"}]
    days, weeks = {article.published.date() for article in others}, {monday_of(article.published) for article in others}
    for item in texts:
        if item.first in (pages.days if item.is_edition else pages.weeks):
            shown.append(item)
        elif item.first not in (days if item.is_edition else weeks):
            key = "edition" if item.is_edition else "pages_from: {issues: 1}"
            message = f"the introduction is not shown: the site has no page of {item.first}"
            hint = f"check the name of the file, the dates of articles, and the key `{key}` of site.yaml"
            diagnostics.warning("introduction-not-shown", SourceLocation(item.path, 1), message, hint=hint)
    return shown
