"""Gives each article the ones before and after it: Pelican itself has no such thing."""

from typing import Any

from pelican import signals


def _link(generator: Any) -> None:
    articles = generator.articles  # newest first
    for index, article in enumerate(articles):
        article.newer = articles[index - 1] if index else None
        article.older = articles[index + 1] if index + 1 < len(articles) else None


def register() -> None:
    """Subscribe to the end of the scan of articles."""
    signals.article_generator_finalized.connect(_link)
