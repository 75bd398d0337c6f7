"""Searches the site of the last build."""

from pathlib import Path
from urllib.parse import unquote

from msgspec import DecodeError

from sitegen.builder.configuration import load_valid_settings
from sitegen.diagnostics import ExternalError, UsageError
from sitegen.outputs.search.query import SearchResult, search
from sitegen.site.urls import Urls
from sitegen.util.paths import OUTPUT


def search_site(root: Path, text: str) -> list[SearchResult]:
    """Return the results of a query, the best first, with their full URLs.

    Raises UsageError if the site has no index, ExternalError if the index cannot be read.
    """
    config = load_valid_settings(root).config
    if not config.search:
        raise UsageError("the site has no search: site.yaml has `search: false`")
    urls, site = Urls.of(config, config.locales[0]), root / OUTPUT / "site"
    if not (site / "search" / "index.json").is_file():
        raise UsageError("there is no index to search; run `sitegen build` first")

    def read(path: str) -> bytes:
        plain = unquote(path).removeprefix(urls.prefix).lstrip("/")
        return (site / (f"{plain}index.html" if plain.endswith("/") else plain)).read_bytes()

    try:
        return search(text, read, urls.section("search"))
    except (OSError, DecodeError, KeyError, IndexError) as error:
        raise ExternalError(f"the search index cannot be read ({error}); run `sitegen build` again") from error
