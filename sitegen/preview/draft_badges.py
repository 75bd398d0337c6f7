"""Badges of drafts and scheduled articles, which readers of the published site would not see yet."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sitegen.builder.scan import scan
from sitegen.content.articles import Article, read_article
from sitegen.diagnostics import Diagnostics
from sitegen.errors import SitegenError
from sitegen.site.urls import Urls

if TYPE_CHECKING:
    from sitegen.config.model import Config

_HEAD_BYTES: Final = 64 * 1024
_DRAFT_KEY: Final = re.compile(rb"^[\"']?(draft|publish)[\"']?[ \t]*:", re.MULTILINE)
_DATE_KEY: Final = re.compile(rb"^date[ \t]*:[ \t]*[\"']?(\d{4}-\d\d-\d\d)", re.MULTILINE)


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
    offset = f"{start:%z}"
    scheduled = f"scheduled for {start:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:5]}"
    return f"Draft, {scheduled}" if article.front.draft else scheduled.capitalize()


def unpublished_articles(root: Path, config: "Config", now: datetime) -> list[Article]:
    """Return the drafts and scheduled articles of a project.

    This reads the articles a second time only because a build does not return its unpublished articles yet.
    """
    day = (now - timedelta(days=2)).date().isoformat().encode()  # earlier in no time zone
    articles = []
    try:
        for path, entry in scan(root, Diagnostics()).articles.items():
            data = Path(entry.file).read_bytes()
            head = data[:_HEAD_BYTES]
            date = _DATE_KEY.search(head)
            if date is None or date[1] >= day or _DRAFT_KEY.search(head):
                article = read_article(path, data, config.content_schema).article
                if article is not None and (article.front.draft or article.visible_from > now):
                    articles.append(article)
    except (OSError, SitegenError):
        return []  # the files have changed since the build, and the next rebuild follows
    return articles
