"""The files of the search index, planned and rendered like every other file.

Articles are divided into parts by time, and the newest part is small. A part has shards, which list the documents of
each term, and a file of facets; both are the same in all locales. Pages of documents hold what a result shows in one
locale. So a new article, or an edited text, changes a few small files of one part.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from markupsafe import escape
from msgspec import Struct, json

from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.search_terms import terms
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ConfigFile, FileSet, Output, Recipe, config_file
from sitegen.outputs.references import ArticleHash, ArticleText, ContextHash, Values
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.search.shards import pack, shard_of
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.outputs.views import ArticleSummary
from sitegen.site.model import Site
from sitegen.site.sources import source_slug
from sitegen.site.urls import output_path
from sitegen.util.hashing import hash_value

FORMAT: Final = 3
"""The number of the format of the index. The script refuses another one."""
WHOLE: Final = 100
"""A site with fewer articles has one part."""
PAGE: Final = 16
"""Documents of a page of documents."""
NEWEST: Final = 15_000
"""The newest documents, which a query reads first: the facets of all of them may be too large to load."""
PER_SHARD: Final = 8
"""Articles of a part for each shard. The number of shards is a power of two, so it seldom changes."""
MAX_NEWEST_SHARDS: Final = 2
"""Shards of the newest part. A new article has terms in all of them, so it changes all."""
TEXT, OFTEN, SUMMARY, TITLE = 0, 1, 2, 3
"""The field in which a term is, seldom or often in the text; a document is listed with the highest."""
FIELDS: Final = 4
DESCRIPTION: Final = "opensearch.xml"
MAX_SHORT_NAME: Final = 16
"""Characters of the short name (OpenSearch 1.1)."""
PARTS: Final = "/search/parts/"
"""The folder of the files that all locales share."""


class PartInfo(Struct, frozen=True, array_like=True):
    """A part as the list of parts names it.

    `stamp` is a hash of its documents in their order: files with another one are of another build.
    """

    name: str
    stamp: str
    documents: int
    shards: int


class SearchPart(FileSet, frozen=True):
    """The shards of a part: the documents of each term.

    `articles` are those of a period, the oldest first: their number in it is their position. Each has a text for each
    language.
    """

    info: PartInfo
    articles: tuple[tuple[ArticleText, ...], ...]

    def render_files(self, renderer: Renderer) -> list[bytes]:
        """Return the shards as JSON."""
        shards = self.shards(renderer.values)
        return [json.encode({"stamp": self.info.stamp, "terms": terms_of_shard}) for terms_of_shard in shards]

    def shards(self, values: Values) -> Sequence[dict[str, str]]:
        """Return the documents of each term of each shard, packed.

        A document is the difference of its number to that of the one before (to -1 for the first), times FIELDS, plus
        the field.
        """
        entries: defaultdict[str, list[int]] = defaultdict(lambda: [-FIELDS])
        for number, versions in enumerate(self.articles):
            for term, field in _fields(versions, values).items():
                entries[term].append(number * FIELDS + field)
        shards: list[dict[str, str]] = [{} for _ in range(self.info.shards)]
        for term in sorted(entries):
            numbers = (after - (before & -FIELDS) for before, after in pairwise(entries[term]))
            shards[shard_of(term, self.info.shards)][term] = pack(numbers)
        return shards


class SearchFacets(Recipe, frozen=True):
    """The date, importance and subjects of each document of a part, and the stamps of its pages of documents.

    `spellings` are the names of sources that the facet shows in another spelling, each with that one.
    """

    info: PartInfo
    articles: tuple[ArticleHash, ...]
    perspectives: tuple[str, ...]
    pages: tuple[str, ...]
    spellings: tuple[tuple[str, str], ...]

    def render(self, renderer: Renderer) -> bytes:
        """Return columns as JSON: days after the first one; values, how many of them each document has, and which."""
        articles = [renderer.values.articles[key] for key in self.articles]
        days = [article.published.date().toordinal() - EPOCH for article in articles]
        first = min(days)
        value: dict[str, Any] = {
            "stamp": self.info.stamp,
            "pages": self.pages,
            "days": [first, pack(day - first for day in days)],
            "importance": "".join(str(article.front.importance) for article in articles),
        }
        for name, values_of in FACETS.items():
            rows = [values_of(article) for article in articles]
            if name == "sources":
                shown = dict(self.spellings)
                rows = [tuple([shown.get(key, key) for key in row]) for row in rows]
            if name == "perspectives":
                rows = [tuple([key for key in self.perspectives if key in row]) for row in rows]
            numbers = {value: number for number, value in enumerate(sorted({key for row in rows for key in row}))}
            value[name] = [list(numbers), pack(map(len, rows)), pack(numbers[key] for row in rows for key in row)]
        return json.encode(value)


EPOCH: Final = 719163
"""The ordinal of 1 January 1970."""

FACETS: Final[dict[str, Callable[[Article], tuple[str, ...]]]] = {
    "topics": lambda article: article.front.topics,
    "countries": lambda article: article.front.countries,
    "sources": lambda article: (article.front.source.name,),
    "perspectives": lambda article: tuple({anchor for version in article.versions for anchor in version.anchors}),
}
"""What results can be limited to, besides importance and month, and the values of an article."""


class SearchDocuments(Recipe, frozen=True):
    """What results show of some documents of a part in one locale."""

    context: ContextHash
    stamp: str
    articles: tuple[ArticleHash, ...]

    def render(self, renderer: Renderer) -> bytes:
        """Return what a result shows of each document, and the pages of its translations, which may have the words."""
        builder = renderer.builder(self.context)
        rows: list[list[Any]] = []
        for article in builder.articles(self.articles):
            item = builder.summary(article)
            rows.append([item.title, item.lang, item.href, item.summary, _mark(item), item.source])
            rows[-1] += [builder.translated_pages(article), item.source_lang]
        return json.encode({"stamp": self.stamp, "documents": rows})


def _mark(item: ArticleSummary) -> int:
    """Return the place (from 1) of the mark of an article among those of the search page; 0 if it has none."""
    authors = (item.machine_summary, item.machine_title)
    part = bool(item.machine_summary) + 2 * bool(item.machine_title)
    return part and part + 3 * ("ai" not in authors) + 6 * item.reviewed


class SearchIndex(Recipe, frozen=True):
    """The list of parts, the newest first, and the names of subjects in one locale."""

    context: ContextHash
    parts: tuple[PartInfo, ...]
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    perspectives: tuple[str, ...]

    def render(self, renderer: Renderer) -> bytes:
        """Return the index as JSON."""
        builder = renderer.builder(self.context)
        urls = builder.urls
        value = {
            "format": FORMAT,
            "page": PAGE,
            "newest": NEWEST,
            "shards": urls.href(PARTS),
            "documents": urls.href(urls.section("search")) + "documents/",
            "parts": self.parts,
            "dates": builder.date_locale(builder.locale),
            "names": {
                "topics": {key: builder.topic(key).name for key in self.topics},
                "countries": {code: builder.country(code).name for code in self.countries},
                "perspectives": {key: builder.perspective(key).name for key in self.perspectives},
            },
        }
        return json.encode(value)


@config_file("opensearch")
def _description(builder: ViewBuilder, countries: tuple[str, ...]) -> str:
    """Return the description of the search for browsers (OpenSearch 1.1). The countries are examples."""
    title = builder.config.title.get(builder.locale)
    address = builder.urls.absolute(builder.urls.section("search"))
    lines = (
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(title[:MAX_SHORT_NAME])}</ShortName>",
        f"<Description>{escape(title)}</Description>",
        f"<Language>{escape(builder.locale)}</Language>",
        "<InputEncoding>UTF-8</InputEncoding>",
        f'<Url type="text/html" template="{escape(address)}?q={{searchTerms}}"/>',
        *(f'<Query role="example" searchTerms="{escape(builder.country(code).name)}"/>' for code in countries),
        "</OpenSearchDescription>",
    )
    return "\n".join(lines) + "\n"


def plan_search(planners: Sequence[LocalePlanner]) -> Iterator[Output]:
    """Yield the files of the index."""
    first = planners[0]
    site = first.site
    parts: list[tuple[SearchPart, tuple[Article, ...]]] = []
    for name, articles in divide(site):
        shards = 1 << max(0, (len(articles) // PER_SHARD).bit_length() - 1)
        parts.append((_part(name, articles, shards if parts else min(shards, MAX_NEWEST_SHARDS)), articles))
    topics, countries, perspectives = tuple(site.by_topic), tuple(sorted(site.by_country)), tuple(site.by_perspective)
    sources = {slug: members[0].front.source.name for slug, members in site.by_source.items()}
    for part, articles in parts:
        folder, info = f"{PARTS}{part.info.name}/", part.info
        hashes = tuple([versions[0].article for versions in part.articles])
        pages = [(_stamp(articles[n : n + PAGE]), hashes[n : n + PAGE]) for n in range(0, info.documents, PAGE)]
        stamps = tuple([stamp for stamp, _ in pages])
        names = sorted({article.front.source.name for article in articles})
        spellings = tuple([(name, shown) for name in names if (shown := sources[source_slug(name)]) != name])
        facets = SearchFacets(info, hashes, perspectives, stamps, spellings)
        yield Output(output_path(f"{folder}facets.json"), facets)
        for number in range(info.shards):
            yield Output(output_path(f"{folder}{number}.json"), part, number)
        for planner in planners:
            documents = planner.urls.section("search") + "documents/"
            for number, (stamp, members) in enumerate(pages):
                recipe = SearchDocuments(planner.context, stamp, members)
                yield Output(output_path(f"{documents}{info.name}-{number}.json"), recipe)
    infos = tuple([part.info for part, _ in parts])
    example = tuple(sorted(countries, key=lambda code: -len(site.by_country[code]))[:1])
    for planner in planners:
        index = SearchIndex(planner.context, infos, topics, countries, perspectives)
        folder = planner.urls.section("search")
        yield Output(output_path(f"{folder}index.json"), index)
        yield Output(output_path(f"{folder}{DESCRIPTION}"), ConfigFile(planner.context, "opensearch", example))


def divide(site: Site) -> Iterator[tuple[str, tuple[Article, ...]]]:
    """Yield the name and the articles of each part, the newest part first, the oldest article first.

    Parts are the newest week, the rest of its month, the rest of its year, and each earlier year: a query reads few
    parts, and what is new is in a small one.
    """
    articles = site.articles
    if len(articles) < WHOLE:
        if articles:
            yield "all", articles[::-1]
        return
    newest = max(map(_week, articles))
    groups: defaultdict[str, list[Article]] = defaultdict(list)
    for article in reversed(articles):
        week = _week(article)
        name = next((period for period in (week, week[:7]) if newest.startswith(period)), week[:4])
        groups[name].append(article)
    for name in sorted(groups, reverse=True):
        yield name, tuple(groups[name])


def _week(article: Article) -> str:
    """Return the first day of the week of an article: weeks begin with a month, and its last may be shorter."""
    day = article.published.date()
    return f"{day - timedelta((day.day - 1) % 7)}"


def _part(name: str, articles: Sequence[Article], shards: int) -> SearchPart:
    texts = tuple([tuple([_text(article, version) for version in article.versions]) for article in articles])
    return SearchPart(PartInfo(name, _stamp(articles), len(articles), shards), texts)


def _stamp(articles: Sequence[Article]) -> str:
    return hash_value([article.front.id for article in articles]).hex()[:8]


def _text(article: Article, version: LocalizedVersion) -> ArticleText:
    """Return the text of a version. Its links are not part of the index."""
    return ArticleText(ArticleHash(article.hash), version.path, version.text, ())


def _fields(versions: Sequence[ArticleText], values: Values) -> dict[str, int]:
    """Return the terms of an article in all its languages, and of its source's name, each with its highest field."""
    article = values.articles[versions[0].article]
    bodies = [values.body(whole.text) for whole in versions]
    fields = dict.fromkeys(terms(article.front.source.name), TEXT)
    for body in bodies:
        fields.update(dict.fromkeys(body.terms.split(), TEXT))
    for body in bodies:
        fields.update(dict.fromkeys(body.frequent_terms.split(), OFTEN))
    for version in article.versions:
        fields.update(dict.fromkeys(terms(version.summary), SUMMARY))
    for version in article.versions:
        fields.update(dict.fromkeys(terms(version.title), TITLE))
    return fields
