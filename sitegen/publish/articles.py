"""Titles of articles for commit messages."""

from collections.abc import Mapping
from pathlib import Path

from sitegen.builder.articles import project_articles
from sitegen.config.model import Config


def find_titles(root: Path, config: Config, slugs: frozenset[str]) -> Mapping[str, str]:
    """Return the titles of articles by slug."""
    articles = project_articles(root, config.content_schema)
    return {article.slug: article.front.title for article in articles if article.slug in slugs}
