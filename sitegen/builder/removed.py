"""Reports addresses that an earlier site had and this one has not, with the line that keeps each of them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from sitegen.builder.plan import BuildPlan
from sitegen.content.articles import Article
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.outputs.search.index import PARTS
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.model import monday_of, pairs, topic_country_keys
from sitegen.site.urls import (
    ASSETS,
    DATA_PACKAGE,
    Urls,
    alias_path,
    article_data_path,
    facet_path,
    is_email,
    is_page,
    older_path,
    output_path,
    redirect_path,
    site_path,
)
from sitegen.util.feed_formats import feed_formats
from sitegen.util.media_types import feed_types
from sitegen.util.paths import CONFIG_NAME


def report_removed(before: AbstractSet[str], plan: BuildPlan, site: Path) -> Diagnostics:
    """Warn of pages, feeds and tables of an earlier site that have no address any more; those below one are counted.

    `before` are its output paths: those of the last build, or of a publish target. `site` is the folder of the last
    build. An address that is removed in several locales is reported for the first one. Not reported are articles that
    are drafts, scheduled or expired, pages that have too few articles without them, lists of languages, which come and
    go with translations, and files in `gone`. Nothing of an earlier site with the sample of `sitegen init` is reported,
    because that was not for readers.
    """
    warnings = Diagnostics()
    if _SAMPLE in before - plan.outputs.keys():
        return warnings
    config = next(iter(plan.contexts.values())).config
    removed = {site_path(path) for path in before - plan.outputs.keys() if _is_kept(path)}
    prefixes = tuple(f"/{locale}" for locale in config.locales[1:])
    removed -= {path for path in removed if any(path.removeprefix(prefix) in removed - {path} for prefix in prefixes)}
    removed -= {redirect_path(item.old) for item in plan.project.settings.redirects if item.kind == "gone"}
    if "languages" in config.feeds.kinds:
        removed = {path for path in removed if not _without_prefix(path, prefixes).startswith("/languages/")}
    withdrawn = _withdrawn(before, plan, [Urls.of(config, locale) for locale in config.locales]) if removed else set()
    removed = {path for path in removed if path not in withdrawn and _LIST_PART.sub("", path) not in withdrawn}
    tops = {path: next((above for above in _above(path) if above in removed), path) for path in removed}
    moved = dict(_moved_articles(before, plan, site)) if removed else {}
    added = [site_path(path) for path in plan.outputs.keys() - before]
    below = Counter(tops.values())
    _report_combinations(below, tops, plan, warnings)
    for entry in feed_formats():
        feeds = sorted(path for path in below if path.endswith(f"/{entry.file_name}"))
        if len(feeds) >= _MANY_FEEDS:
            for path in feeds:
                del below[path]
            message = f"published feeds are not part of the site any more: {len(feeds):,}, such as {feeds[0]}"
            hint = f"to keep them, list {entry.name} in `formats` of `feeds`, and lower its other numbers"
            warnings.warning("address-removed", SourceLocation(CONFIG_NAME), message, hint=hint)
    tables = sorted(path for path in below if _TABLE.fullmatch(path))
    if tables:
        message = f"published tables of open data are not part of the site any more: {', '.join(tables[:MAX_TABLES])}"
        message += f" and {len(tables) - MAX_TABLES:,} more" if len(tables) > MAX_TABLES else ""
        warnings.warning("address-removed", SourceLocation(CONFIG_NAME), message, hint=_table_hint(tables, plan))
    for path, count in below.items():
        if path in tables:
            continue
        message = f"the published address {path} is not part of the site any more"
        message += f", nor are its subpages and feeds ({count - 1:,})" if count > 1 else ""
        article = moved.get(path)
        if article is not None:
            location, hint = SourceLocation(article.path), f"to keep it, write aliases: [{path}] in this file"
        else:
            location, hint = SourceLocation(CONFIG_NAME), _hint(path, added)
        warnings.warning("address-removed", location, message, hint=hint)
    return warnings


def _report_combinations(below: Counter[str], tops: Mapping[str, str], plan: BuildPlan, warnings: Diagnostics) -> None:
    """Take the combinations from `below`, and report those with articles together, and those without any.

    `tops` is the highest removed address above each removed one.
    """
    config = next(iter(plan.contexts.values())).config
    prefixes = tuple(f"/{locale}" for locale in config.locales[1:])
    combinations = sorted(path for path in below if _COMBINATION.match(_without_prefix(path, prefixes)))
    urls = Urls.of(config, config.locales[0])
    known = (
        {path for article in plan.articles.values() for path in _combinations(article, urls)} if combinations else ()
    )
    lists = {path: _LIST_PART.sub("", _without_prefix(path, prefixes)) for path in combinations}
    empty = [path for path, page in lists.items() if page not in known and not page.startswith("/perspectives/")]
    counts = {path: below.pop(path) for path in combinations}
    if empty:
        number = sum(counts.pop(path) for path in empty)
        message = "published addresses of pairs of countries or topics in a country have no articles any more:"
        message += f" {number:,}, such as {empty[0]}"
        pages = sorted(path for path, top in tops.items() if top in empty and path.endswith("/"))
        lines = ", ".join(f"{path}: {subject[0]}" for path in pages if (subject := _SUBJECT.match(path)))
        feeds = ", ".join(path for path in empty if not path.endswith("/"))  # of pages in `gone`
        keys = [f"redirects: {{{lines}}}"] * bool(lines) + [f"gone: [{feeds}]"] * bool(feeds)
        hint = f"write {' and '.join(keys)} in site.yaml until they have articles again"
        warnings.warning("address-removed", SourceLocation(CONFIG_NAME), message, hint=hint)
    if counts:
        message = (
            "published addresses of pairs of countries, topics in a country or months of perspectives are not part"
        )
        message += f" of the site any more: {sum(counts.values()):,}, such as {min(counts)}"
        hint = "write redirect_combinations: true in site.yaml to let them lead to larger pages, or lower the numbers"
        hint += " of pages_from and feeds"
        warnings.warning("address-removed", SourceLocation(CONFIG_NAME), message, hint=hint)


_SAMPLE: Final = "articles/first-article/index.html"
_COMBINATION: Final = re.compile(r"/(?:countries|topics)/[^/]+/[a-z0-9]+/|/perspectives/[^/]+/[0-9]{4}-[0-9]{2}/")
"""Pages and feeds that a site has by the numbers in `site.yaml`, and the months of perspectives of older versions."""
_SUBJECT: Final = re.compile(r"(?:/[^/]+)?/(?:countries|topics|perspectives)/[^/]+/")
"""The page of a subject, at the start of the address of one of its combinations."""
_MANY_FEEDS: Final = 3
"""Feeds of one format that are reported together: usually the format was removed from `site.yaml`."""
_TABLE: Final = re.compile(r"/data/(?:[0-9-]+/)?[a-z-]+\.(?:csv|json)")
"""Tables of open data, their parts, and their description."""
_FOLDER: Final = re.compile(f"{ASSETS}|{PARTS}|/data/[0-9-]+/index[.]html")
"""Folders of assets, of parts of the search index, and of tables by period."""
_LISTS: Final = frozenset({"topics", "countries", "perspectives", "sources", "editions", "issues", "archive"})
"""First parts of paths of lists. One has its address again with the next article, which replaces a redirect there."""
_LIST_PART: Final = re.compile(r"([0-9]{4}-[0-9]{2}/([0-9]+/)?)?[^/]*$")
"""A month, its part, or a feed of the page of a subject."""
MAX_TABLES: Final = 9
"""The removed tables that a warning names: all files of undivided tables."""


def _without_prefix(path: str, prefixes: tuple[str, ...]) -> str:
    prefix = next((prefix for prefix in prefixes if path.startswith(f"{prefix}/")), "")
    return path.removeprefix(prefix)


def _is_kept(path: str) -> bool:
    """Return whether readers keep the address of an output: of a page, a feed or a table.

    They do not keep that of an e-mail, nor of a folder of files that are named by the program, which only redirects.
    """
    is_feed = path.rpartition("/")[2] in feed_types()
    is_read = is_page(path) and not is_email(path) and not _FOLDER.match(f"/{path}")
    return is_read or is_feed or _TABLE.fullmatch(f"/{path}") is not None


def _withdrawn(before: AbstractSet[str], plan: BuildPlan, locales: Sequence[Urls]) -> set[str]:
    """Return the site paths of articles that the earlier site had and that are held back now, and of their lists.

    Redirects to them and the folders of these are in the result, months and feeds of lists are not.
    """
    paths: set[str] = set()
    redirects: list[str] = []
    for article in plan.held_back_articles:
        path = locales[0].article(article.slug)
        if output_path(path) in before:
            redirects += map(alias_path, article.front.aliases)
            paths.update((path, *_lists(article, locales[0])))
    for item in plan.project.settings.redirects:
        if item.kind == "redirects" and item.new is not None and redirect_path(item.new) in paths:
            redirects.append(redirect_path(item.old))
        elif item.kind in {"topics", "countries", "perspectives", "sources"}:
            older = [older_path(path, item.kind, item.new or "", item.old) for path in paths]
            paths.update(path for path in older if path is not None)
    paths.update(redirects, *map(_above, redirects))
    tags = [urls.locale for urls in locales]
    return {urls.local(path, tags) for path in paths for urls in locales}


def _lists(article: Article, urls: Urls) -> Iterator[str]:
    """Yield the site paths of the pages that list an article, as far as a site has them."""
    front = article.front
    facets = [ENTIRE_SITE, Facet(source=front.source.name), *(Facet(topic=topic) for topic in front.topics)]
    facets += [Facet(countries=(code,)) for code in front.countries]
    yield from (facet_path(urls, facet) for facet in facets)
    yield from _combinations(article, urls)
    keys = {anchor for version in article.versions for anchor in version.anchors}
    yield from (urls.perspective(key, topic) for key in keys for topic in (None, *front.topics))
    yield urls.edition(article.published.date())
    yield urls.issue(monday_of(article.published))


def _combinations(article: Article, urls: Urls) -> Iterator[str]:
    """Yield the site paths of the pairs of countries and the topics in a country of an article."""
    facets = [Facet(countries=codes) for codes in pairs(article)]
    facets += [Facet(topic=topic, countries=codes) for topic, codes in topic_country_keys(article)]
    yield from (facet_path(urls, facet) for facet in facets)


def _above(path: str) -> Iterator[str]:
    """Yield the folders above a path, the shortest first, without the root."""
    parts = path.rstrip("/").split("/")
    for length in range(2, len(parts)):
        yield "/".join(parts[:length]) + "/"


def _moved_articles(before: AbstractSet[str], plan: BuildPlan, site: Path) -> Iterator[tuple[str, Article]]:
    """Yield articles with a new address by the old one, which the open data of the last build have."""
    config = next(iter(plan.contexts.values())).config
    urls = Urls.of(config, config.locales[0])
    for article in plan.articles.values():
        if output_path(urls.article(article.slug)) not in before:
            try:
                url = json.loads((site / output_path(article_data_path(article.front.id))).read_bytes())["url"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            yield f"/{unquote(str(url).removeprefix(config.base_url))}", article


def _table_hint(tables: list[str], plan: BuildPlan) -> str:
    """Return what to do about removed tables; no page can replace them."""
    more = ", …" if len(tables) > MAX_TABLES else ""
    hint = f"tell the users of the data, or write gone: [{', '.join(tables[:MAX_TABLES])}{more}] in site.yaml"
    return f"{hint}; {DATA_PACKAGE} lists the tables" if output_path(DATA_PACKAGE) in plan.outputs else hint


def _hint(path: str, added: list[str]) -> str:
    """Return the line of `site.yaml` that keeps an address, for a renamed key if only one was added."""
    section, _, old = path.strip("/").partition("/")
    names = [name for name in added if name.startswith(f"/{section}/") and name.count("/") == 3 and name[-1] == "/"]
    if section in {"topics", "countries", "perspectives"} and path.count("/") == 3 and len(names) == 1:
        new = names[0].split("/")[2]
        new, old = (new.upper(), old.upper()) if section == "countries" else (new, old)
        return f"if it was renamed, write {section}: {{{new}: {{old_keys: [{old}]}}}} in site.yaml"
    until = " until it has articles again" if section in _LISTS else ""
    return f"write redirects: {{{path}: /its/new/address/}} or gone: [{path}] in site.yaml{until}"
