"""Which sitemaps a digest has: one, or an index of several where one would be too large; and that of the news.

Sources: sitemaps.org 0.9 (50,000 addresses and 50 MB in a file); Google's news sitemaps (1,000 articles of two days).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from sitegen.content.articles import Article
from sitegen.content.pages import StaticPage
from sitegen.outputs.recipes import (
    NewsEntry,
    NewsRecipe,
    Output,
    RenderContext,
    SitemapEntry,
    SitemapIndexRecipe,
    SitemapPart,
    SitemapRecipe,
)
from sitegen.site.assembly import NEWS_AGE
from sitegen.site.urls import Urls, output_path, root_path

SITEMAP: Final = root_path("sitemap.xml")
NEWS: Final = root_path("sitemap-news.xml")
MOST_URLS: Final = 50_000
MOST_BYTES: Final = 50 * 1024 * 1024
MOST_NEWS: Final = 1_000
_MARKUP: Final = 120
"""Bytes at most around an address: its element and its date, or its link and language."""


def sitemaps(
    contexts: tuple[RenderContext, ...],
    articles: tuple[Article, ...],
    paths: Sequence[str],
    own: tuple[StaticPage, ...] = (),
    *,
    most_urls: int = MOST_URLS,
    most_bytes: int = MOST_BYTES,
) -> list[Output]:
    """Return the sitemap, or the index of sitemaps and each of them.

    `paths` are those of all pages of all editions, `own` are the editor's. Where there are several, the articles stand
    oldest first, so that a new one changes the last of theirs alone.

    """
    longest = max((len(quote(path)) for path in paths), default=0) + len(contexts[0].config.base_url)
    links = 1 + len(contexts) if len(contexts) > 1 else 1
    at_once = max(1, min(most_urls, most_bytes // ((longest * 2 + _MARKUP) * links)) // len(contexts))
    pages = -(-len(paths) // len(contexts))
    if pages <= at_once:
        return [Output(output_path(SITEMAP), SitemapRecipe(contexts, articles, pages=own))]
    oldest_first = articles[::-1]
    recipes: list[tuple[str, SitemapRecipe]] = []
    for start in range(0, max(pages - len(articles), 1), at_once):
        whole = SitemapRecipe(contexts, articles, of_articles=False, start=start, stop=start + at_once, pages=own)
        recipes.append((f"sitemap-pages-{start // at_once + 1}.xml", whole))
    for start in range(0, len(articles), at_once):
        some = SitemapRecipe(contexts, oldest_first[start : start + at_once], of_indexes=False)
        recipes.append((f"sitemap-articles-{start // at_once + 1}.xml", some))
    parts = tuple(SitemapPart(root_path(name), last_change(recipe.articles)) for name, recipe in recipes)
    index = Output(output_path(SITEMAP), SitemapIndexRecipe(contexts[0], parts))
    return [index, *(Output(output_path(root_path(name)), recipe) for name, recipe in recipes)]


def news(context: RenderContext, articles: Iterable[Article], now: datetime, *, most: int = MOST_NEWS) -> list[Output]:
    """Return the sitemap of the articles that are news at `now`; it may have none."""
    found = tuple([article for article in articles if article.published + NEWS_AGE > now])
    if len(found) <= most:
        return [Output(output_path(NEWS), NewsRecipe(context, found))]
    stem = NEWS.removesuffix(".xml")
    runs = [found[start : start + most] for start in range(0, len(found), most)]
    paths = [f"{stem}-{number}.xml" for number in range(1, len(runs) + 1)]
    parts = tuple(SitemapPart(path, last_change(run)) for path, run in zip(paths, runs, strict=True))
    outputs = [Output(output_path(path), NewsRecipe(context, run)) for path, run in zip(paths, runs, strict=True)]
    return [Output(output_path(NEWS), SitemapIndexRecipe(context, parts)), *outputs]


def news_entries(recipe: NewsRecipe) -> tuple[NewsEntry, ...]:
    """List the articles that are news, as the edition tells them; the publication is called as on the site."""
    config = recipe.context.config
    urls = Urls.of(config, recipe.context.locale)
    return tuple(
        NewsEntry(
            urls.absolute(urls.article(article.slug)),
            config.title.get(told.lang),
            _news_language(told.lang),
            article.published,
            told.title,
        )
        for article, told in ((article, article.told(urls.locale)) for article in recipe.articles)
    )


def index_entries(recipe: SitemapIndexRecipe) -> tuple[SitemapEntry, ...]:
    """List the sitemaps of an index."""
    urls = Urls.of(recipe.context.config, recipe.context.locale)
    return tuple(SitemapEntry(urls.absolute(part.path), part.modified) for part in recipe.parts)


def _news_language(tag: str) -> str:
    """Return a language as news sitemaps name it: by ISO 639, Chinese by its script."""
    base, *rest = tag.lower().split("-")
    if base != "zh":
        return base
    return "zh-tw" if {"hant", "tw", "hk", "mo"} & set(rest) else "zh-cn"


def last_change(articles: Iterable[Article]) -> datetime | None:
    """Return when the newest of `articles` was published or updated."""
    return max(map(changed, articles), default=None)


def changed(article: Article) -> datetime:
    """Return when an article was last changed: an `updated` of the same day without a time may be its midnight."""
    return article.published if article.updated is None else max(article.updated, article.published)
