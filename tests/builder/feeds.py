"""Feeds as a reader reads them."""

from typing import Any

import feedparser

from tests.project import Project

NAMES = ("feed.xml", "atom.xml", "feed.json")
"""A feed in each format."""


def feeds_at(*folders: str) -> set[str]:
    """Return the paths of the feeds in folders, each in every format."""
    return {f"{folder}/{name}".lstrip("/") for folder in folders for name in NAMES}


def feed(project: Project, path: str) -> Any:
    """Return a feed of the site, read by feedparser, which finds nothing wrong with it."""
    parsed = feedparser.parse(project.tree()[path], sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, (path, parsed.get("bozo_exception"))
    assert parsed.version == "rss20"
    return parsed
