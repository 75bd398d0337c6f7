"""What publishing asks the articles themselves: their aliases, for redirects, and their titles, for a message."""

from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from sitegen.builder.scan import scan
from sitegen.config.model import Config
from sitegen.content.articles import Article, read_article
from sitegen.diagnostics import Diagnostics
from sitegen.paths import read_bytes
from sitegen.publish.host_files import Redirect
from sitegen.site.urls import Urls, alias_path, output_path


def redirects(root: Path, config: Config, paths: Container[str]) -> tuple[Redirect, ...]:
    """Return every alias that the site has a page for, those of the newest articles first.

    `paths` are the files of the site. A page at an alias is one that leads on: a build refuses an alias that meets
    another address.
    """
    urls = Urls(config.base_url, config.locales[0], is_first=True)
    found = []
    for article in _articles(root, config, b"aliases"):
        target = urls.article(article.slug)
        if output_path(target) in paths:
            for alias in article.front.aliases:
                source = alias_path(alias)
                if output_path(source) in paths:
                    found.append((article.published, Redirect(output_path(source), source, target)))
    found.sort(key=lambda row: (-row[0].timestamp(), row[1].source))
    return tuple(redirect for _, redirect in found)


def titles(root: Path, config: Config, slugs: frozenset[str]) -> Mapping[str, str]:
    """Return the titles of those articles, by slug, that can be found by it."""
    found = {}
    for path, found_file in scan(root, Diagnostics()).articles.items():
        if Path(path).stem in slugs:
            article = read_article(path, read_bytes(path, found_file.file), config.content_schema).article
            if article is not None and article.slug in slugs:
                found[article.slug] = article.front.title
    return found


def _articles(root: Path, config: Config, word: bytes) -> Iterator[Article]:
    """Yield the articles whose files hold a word."""
    content_schema = config.content_schema
    for path, file in scan(root, Diagnostics()).articles.items():
        data = read_bytes(path, file.file)
        if word in data:
            article = read_article(path, data, content_schema).article
            if article is not None:
                yield article
