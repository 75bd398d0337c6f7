"""Badges of drafts and scheduled articles, which readers of the published site would not see yet."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.builder.articles import project_articles
from sitegen.content.articles import Article
from sitegen.errors import SitegenError
from sitegen.site.urls import Urls
from sitegen.util.dates import format_time

if TYPE_CHECKING:
    from sitegen.config.model import Config


def draft_badges(articles: Iterable[Article], config: "Config", now: datetime) -> dict[str, str]:
    """Return the badges of unpublished articles, by the path of their page in each locale."""
    texts = {article.slug: text for article in articles if (text := badge_text(article, now))}
    badges: dict[str, str] = {}
    for locale in config.locales if texts else ():
        urls = Urls(config.base_url, locale, locale == config.locales[0])
        badges |= {urls.prefix + urls.article(slug): text for slug, text in texts.items()}
    return badges


def badge_text(article: Article, now: datetime) -> str:
    """Return the text of a badge, such as `Draft, scheduled for …`; empty for a published article."""
    start = article.visible_from
    if start <= now:
        return "Draft" if article.front.draft else ""
    scheduled = f"scheduled for {format_time(start)}"
    return f"Draft, {scheduled}" if article.front.draft else scheduled.capitalize()


def unpublished_articles(root: Path, output: Path, config: "Config", now: datetime) -> list[Article]:
    """Return the drafts and scheduled articles of a project, through the cache of the build in `output`."""
    try:
        articles = project_articles(root, config.content_schema, output)
    except SitegenError:
        return []  # the files have changed since the build, and the next rebuild follows
    return [article for article in articles if article.front.draft or article.visible_from > now]
