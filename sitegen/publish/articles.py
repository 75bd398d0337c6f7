"""Facts about articles for publishing: aliases for redirects, and titles for commit messages."""

from collections.abc import Container, Mapping
from pathlib import Path

from sitegen.builder.articles import project_articles
from sitegen.config.model import Config
from sitegen.publish.host_files import Redirect
from sitegen.site.urls import Urls, alias_path, output_path


def find_redirects(root: Path, config: Config, paths: Container[str]) -> tuple[Redirect, ...]:
    """Return a redirect for every alias that is among the files of the site (`paths`), newest articles first."""
    urls = Urls(config.base_url, config.locales[0], is_first=True)
    found = []
    for article in project_articles(root, config.content_schema):
        target = urls.article(article.slug)
        found += [
            (article.published, Redirect(output_path(source), source, target))
            for source in map(alias_path, article.front.aliases)
            if output_path(target) in paths and output_path(source) in paths
        ]
    found.sort(key=lambda row: (-row[0].timestamp(), row[1].source))
    return tuple(redirect for _, redirect in found)


def find_titles(root: Path, config: Config, slugs: frozenset[str]) -> Mapping[str, str]:
    """Return the titles of articles by slug."""
    articles = project_articles(root, config.content_schema)
    return {article.slug: article.front.title for article in articles if article.slug in slugs}
