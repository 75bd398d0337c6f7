"""Sitemaps: one, or an index of several if one would be too large, and the sitemap of news.

Sources: sitemaps.org 0.9 (50,000 addresses and 50 MB in a file); Google's extensions for languages, and for news (1,000
articles of two days).
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from sitegen.outputs.page_kind import PlannedPage
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import Output, Recipe
from sitegen.outputs.references import ArticleHash, ContextHash
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.specs import hashes
from sitegen.site.model import NEWS_AGE
from sitegen.site.urls import Urls, output_path
from sitegen.util.dates import Instant
from sitegen.util.xml import DECLARATION, element, escaped, rfc3339, w3c_utc

Item = TypeVar("Item")
Entry = tuple[str, Instant | None]
"""The path of a page in the first locale, or of a sitemap, and when its content last changed."""

SITEMAP: Final = "/sitemap.xml"
NEWS: Final = "/sitemap-news.xml"
MAX_URLS: Final = 50_000
MAX_BYTES: Final = 50 * 1024 * 1024
MAX_NEWS: Final = 1_000
_MARKUP: Final = 120
"""Bytes at most around an address: its element and its date, or its link and language."""

_SITEMAP: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_LINKS: Final = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_NEWS: Final = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


class SitemapFile(Recipe, frozen=True):
    """A sitemap of pages, each in every locale, or an index of sitemaps."""

    context: ContextHash
    entries: tuple[Entry, ...]
    is_index: bool = False

    def render(self, renderer: Renderer) -> bytes:
        """Return the sitemap; `lastmod` comes from the content."""
        config = renderer.builder(self.context).config
        locales = [Urls.of(config, locale) for locale in config.locales]
        root, namespaces = ("sitemapindex", _SITEMAP) if self.is_index else ("urlset", f"{_SITEMAP} {_LINKS}")
        parts = [f"{DECLARATION}<{root} {namespaces}>\n"]
        for path, modified in self.entries:
            changed = element("lastmod", w3c_utc(modified)) if modified is not None else ""
            if self.is_index:
                parts += ["<sitemap>\n", element("loc", locales[0].absolute(path)), changed, "</sitemap>\n"]
            else:
                parts += _page_in_locales(path, locales, changed)
        parts.append(f"</{root}>\n")
        return "".join(parts).encode()


def _page_in_locales(path: str, locales: Sequence[Urls], changed: str) -> Iterator[str]:
    """Yield a page in each locale; `xhtml:link` names it in every locale."""
    addresses = [(urls.locale, escaped(urls.absolute(urls.local(path, ())))) for urls in locales]
    links = [f'<xhtml:link rel="alternate" hreflang="{tag}" href="{url}"/>\n' for tag, url in addresses]
    alternates = "".join(links) if len(links) > 1 else ""
    for _, url in addresses:
        yield f"<url>\n<loc>{url}</loc>\n{changed}{alternates}</url>\n"


class NewsFile(Recipe, frozen=True):
    """The sitemap of the articles of the last two days."""

    context: ContextHash
    articles: tuple[ArticleHash, ...]

    def render(self, renderer: Renderer) -> bytes:
        """Return the sitemap; each article is in the language in which the locale shows it."""
        builder = renderer.builder(self.context)
        parts = [f"{DECLARATION}<urlset {_SITEMAP} {_NEWS}>\n"]
        for article in builder.articles(self.articles):
            version = article.localized(builder.locale)
            parts += [
                "<url>\n",
                element("loc", builder.urls.absolute(builder.urls.article(article.slug))),
                "<news:news>\n<news:publication>\n",
                element("news:name", builder.config.title.get(version.lang)),
                element("news:language", _news_language(version.lang)),
                "</news:publication>\n",
                element("news:publication_date", rfc3339(article.published)),
                element("news:title", version.title),
                "</news:news>\n</url>\n",
            ]
        parts.append("</urlset>\n")
        return "".join(parts).encode()


def plan_sitemaps(
    planner: LocalePlanner,
    pages: Sequence[PlannedPage],
    locales: Sequence[str],
    *,
    max_urls: int = MAX_URLS,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Output]:
    """Yield the sitemap of the planned pages of the first locale, or an index and each of its sitemaps.

    If there are several, articles have sitemaps of their own, oldest first, so that a new one changes only the last.
    """
    articles = {planner.urls.article(article.slug) for article in planner.site.articles}
    indexed: list[Entry] = [(page.path, page.modified) for page in pages if page.indexed]
    others = sorted((entry for entry in indexed if entry[0] not in articles), key=lambda entry: entry[0])
    newest_first = [entry for entry in indexed if entry[0] in articles]
    base = len(planner.site.config.base_url)
    longest = max((len(quote(path)) for path, _ in indexed), default=0) + base + max(map(len, locales)) + 1
    links = 1 + len(locales) if len(locales) > 1 else 1
    size = max(1, min(max_urls, max_bytes // ((longest * 2 + _MARKUP) * links)) // len(locales))
    if len(indexed) <= size:
        yield Output(output_path(SITEMAP), SitemapFile(planner.context, (*newest_first, *others)))
        return
    parts: list[Entry] = []
    for kind, entries in (("pages", others), ("articles", newest_first[::-1])):
        for number, group in enumerate(_batches(entries, size), start=1):
            path = f"/sitemap-{kind}-{number}.xml"
            parts.append((path, max((modified for _, modified in group if modified is not None), default=None)))
            yield Output(output_path(path), SitemapFile(planner.context, group))
    yield Output(output_path(SITEMAP), SitemapFile(planner.context, tuple(parts), is_index=True))


def plan_news(planner: LocalePlanner) -> Output:
    """Return the sitemap of the articles that are news, the newest 1,000; it may be empty."""
    site = planner.site
    articles = [article for article in site.articles if article.published + NEWS_AGE > site.as_of]
    return Output(output_path(NEWS), NewsFile(planner.context, hashes(articles[:MAX_NEWS])))


def _batches(items: Sequence[Item], size: int) -> Iterator[tuple[Item, ...]]:
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])


def _news_language(tag: str) -> str:
    """Return a language as news sitemaps name it: by ISO 639, Chinese by its script."""
    base, *rest = tag.lower().split("-")
    if base != "zh":
        return base
    return "zh-tw" if {"hant", "tw", "hk", "mo"} & set(rest) else "zh-cn"
