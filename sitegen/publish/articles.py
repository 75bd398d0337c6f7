"""Facts about articles for publishing: aliases for redirects, and titles for commit messages."""

from collections.abc import Callable, Container, Iterator, Mapping
from pathlib import Path

from sitegen.builder.scan import scan
from sitegen.config.model import Config
from sitegen.content.articles import Article, read_article
from sitegen.diagnostics import Diagnostics
from sitegen.paths import read_bytes
from sitegen.publish.host_files import Redirect
from sitegen.site.urls import Urls, alias_path, output_path


def find_redirects(root: Path, config: Config, paths: Container[str]) -> tuple[Redirect, ...]:
    """Return a redirect for every alias that is among the files of the site (`paths`), newest articles first."""
    urls = Urls(config.base_url, config.locales[0], is_first=True)
    found = []
    for article in _read_articles(root, config, lambda _, data: b"aliases" in data):
        target = urls.article(article.slug)
        found += [
            (article.published, Redirect(output_path(source), source, target))
            for source in map(alias_path, article.front.aliases)
            if output_path(target) in paths and output_path(source) in paths
        ]
    found.sort(key=lambda row: (-row[0].timestamp(), row[1].source))
    return tuple(redirect for _, redirect in found)


def find_titles(root: Path, config: Config, slugs: frozenset[str]) -> Mapping[str, str]:
    """Return the titles of articles by slug, if their files are named after the slug."""
    articles = _read_articles(root, config, lambda path, _: Path(path).stem in slugs)
    return {article.slug: article.front.title for article in articles if article.slug in slugs}


def _read_articles(root: Path, config: Config, is_wanted: Callable[[str, bytes], bool]) -> Iterator[Article]:
    """Yield the articles whose path and content are wanted.

    The only place in publishing that reads articles; it parses files again that the build has parsed.
    """
    for path, entry in scan(root, Diagnostics()).articles.items():
        data = read_bytes(path, entry.file)
        if is_wanted(path, data):
            article = read_article(path, data, config.content_schema).article
            if article is not None:
                yield article
