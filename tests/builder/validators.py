"""Files of a site held against what they must be: feeds and sitemaps by grammar, JSON Feed by its rules."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree

from tests.tools import REPOSITORY

_GRAMMARS: Final = {"feed.xml": "rss", "atom.xml": "atom", "feeds.opml": "opml"}
_PLAIN: Final = {"title", "creator", "category", "copyright", "rights", "subtitle", "name", "generator"}
_FEED: Final = {
    "version": str,
    "title": str,
    "home_page_url": str,
    "feed_url": str,
    "description": str,
    "language": str,
    "authors": list,
    "hubs": list,
    "items": list,
    "_sitegen": dict,
}
_ITEM: Final = {
    "id": str,
    "url": str,
    "external_url": str,
    "title": str,
    "summary": str,
    "content_html": str,
    "content_text": str,
    "date_published": str,
    "date_modified": str,
    "authors": list,
    "tags": list,
    "language": str,
    "_sitegen": dict,
}


@lru_cache(maxsize=8)
def _grammar(name: str) -> Any:
    return etree.RelaxNG(etree.parse(str(REPOSITORY / "tests" / "schemas" / f"{name}.rng")))


def validate(path: str, data: bytes) -> None:
    """Fail where a feed, a list of feeds or a sitemap is not what it must be."""
    name = path.rpartition("/")[2]
    if name == "feed.json":
        _validate_json(path, data)
        return
    grammar = _grammar(_GRAMMARS.get(name, "sitemap"))
    tree = etree.fromstring(data)
    grammar.validate(tree)
    assert not grammar.error_log, (path, str(grammar.error_log.last_error))
    if name in {"feed.xml", "atom.xml"}:
        _validate_plain_text(path, tree, data.decode().split("\n"))


def _validate_plain_text(path: str, tree: Any, lines: list[str]) -> None:
    """Fail if a plain text may be taken for HTML, by the rules of the W3C feed validator.

    A closing tag is allowed in a text that Atom declares as HTML. An HTML reference is allowed if its line has
    hexadecimal references.
    """
    for element in tree.iter(etree.Element):
        if element.get("type") == "html":
            continue
        texts = [element.text or ""] if etree.QName(element).localname in _PLAIN else []
        for text in [*texts, element.get("label", "")]:
            assert not re.search(r"</\w+>", text), (path, text)
            if re.search(r"&#?\w|<[/a-zA-Z]", text):
                assert "&#x" in lines[element.sourceline - 1], (path, text)


def is_validated(path: str) -> bool:
    """Whether a file of the site is of a kind that `validate` checks."""
    name = path.rpartition("/")[2]
    return name in _GRAMMARS or name == "feed.json" or re.fullmatch(r"sitemap[a-z0-9-]*\.xml", name) is not None


def _validate_json(path: str, data: bytes) -> None:
    feed = json.loads(data, parse_constant=lambda text: _no_json(path, text))
    _check(path, feed, _FEED, ("version", "title", "home_page_url", "feed_url", "language", "items"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids)), path
    for item in feed["items"]:
        _check(path, item, _ITEM, ("id", "url", "title", "date_published", "language"))
        assert ("content_html" in item) != ("content_text" in item), path
        assert ("summary" in item) == ("content_html" in item), path
        for key in ("date_published", "date_modified"):
            assert key not in item or datetime.fromisoformat(item[key]).tzinfo is not None
        for key in ("url", "external_url"):
            assert key not in item or urlsplit(item[key]).scheme in {"http", "https"}


def _no_json(path: str, text: str) -> None:
    """Fail for a number that JSON does not have."""
    raise AssertionError(f"{path}: {text} is no JSON")


def _check(path: str, value: dict[str, Any], kinds: Mapping[str, type], needed: tuple[str, ...]) -> None:
    assert not value.keys() - kinds.keys(), path
    for key, entry in value.items():
        assert isinstance(entry, kinds[key]), (path, key)
        assert entry or key == "items", (path, key)
    assert not set(needed) - value.keys(), path
