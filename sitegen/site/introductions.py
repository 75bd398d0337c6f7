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
        elif item.is_edition and site.config.edition_items is None:
            message = "the introduction is not shown: site.yaml has no key 'edition', so there are no daily editions"
            diagnostics.warning("introduction-not-shown", SourceLocation(item.path, 1), message, hint="edition: {}")
        elif item.first not in (days if item.is_edition else weeks):
            message, hint = _reason(item, site)
            diagnostics.warning("introduction-not-shown", SourceLocation(item.path, 1), message, hint=hint)
    return shown


def _reason(item: Introduction, site: Site) -> tuple[str, str]:
    """Return why an introduction is not shown, and what to do."""
    if not item.is_edition and item.first in site.by_week:
        minimum = site.config.page_thresholds.issues
        return (
            f"the introduction is not shown: the week has fewer than {minimum} articles",
            "lower pages_from: {issues: 1} in site.yaml",
        )
    period = f"the day {item.first}" if item.is_edition else f"the week that begins on {item.first}"
    is_future = item.first > site.as_of.astimezone(site.config.zone).date()
    when = f"{period}, which is in the future" if is_future else period
    hint = "schedule an article for it, or set draft: true" if is_future else "check the name of the file"
    return f"the introduction is not shown: no article is published on {when}", hint
