"""A `Site` to every file that shall exist: each a path and a recipe that holds all that its bytes are made of."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from sitegen.content.articles import Article
from sitegen.content.markdown import Hole, HoleKind
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Findings, nearest
from sitegen.digest.site import MOST_CANDIDATES, MOST_SUGGESTIONS, Site, by_month, pairs
from sitegen.digest.urls import alias_path, asset_path, media_path, output_path, root_path, subject_path
from sitegen.digest.values import (
    WHOLE,
    ArchiveBrief,
    ArticleBrief,
    ArticleText,
    Brief,
    CopyRecipe,
    CountriesBrief,
    Edition,
    FeedRecipe,
    HomeBrief,
    IndexBrief,
    MonthBrief,
    MonthNote,
    NotFoundBrief,
    Output,
    PageRecipe,
    RedirectBrief,
    RelationsBrief,
    SitemapRecipe,
    Static,
    StaticName,
    StaticRecipe,
    Subject,
    Target,
    TextRecipe,
    TopicsBrief,
)

LEAD_DAYS: Final = 7
_ANOTHER: Final = "another page"


def plan(
    site: Site, statics: Sequence[Static], media: Mapping[str, str], findings: Findings, *, all_read: bool = True
) -> tuple[Output, ...]:
    """Return every file of the site, sorted by path.

    `statics` are the theme's files, `media` the SHA-256 of each file that articles show or link to, by project path.
    Aliases that meet another address, and links to pages that will not exist, become errors in `findings`; the latter
    only where `all_read`, because an article that could not be read would have made pages.
    """
    names = tuple(StaticName(static.name, static.digest) for static in statics)
    editions = tuple(Edition(site.config, locale, names) for locale in site.config.locales)
    locales = [_Locale(site, edition, media) for edition in editions]
    outputs = [output for locale in locales for output in locale.outputs()]
    outputs += [Output(output_path(asset_path(s.name, s.digest)), StaticRecipe(s.data)) for s in statics]
    copies = {output_path(media_path(path, digest)): CopyRecipe(path, digest) for path, digest in media.items()}
    outputs += [Output(path, recipe) for path, recipe in copies.items()]
    outputs += _root_files(site, editions)
    if all_read:
        _check_pages(site, outputs, findings)
    outputs += locales[0].redirects(outputs, findings)
    return tuple(sorted(outputs, key=lambda output: output.path))


class _Addresses:
    """The paths that are taken, as file systems compare them, and whose they are."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def take(self, path: str, owner: str) -> str | None:
        """Take a path for `owner`; return whose it is where it, or a folder on its way, is taken."""
        key = folded_path(path)
        above = [key[:place] for place, char in enumerate(key) if char == "/"]
        other = self._files.get(key) or self._folders.get(key)
        other = other or next((self._files[folder] for folder in above if folder in self._files), None)
        if other is None:
            self._files[key] = owner
            self._folders |= dict.fromkeys(above, owner)
        return other


def _check_pages(site: Site, outputs: Sequence[Output], findings: Findings) -> None:
    """Links written as site paths must lead to a page of the plan."""
    links = [hole for article in site.articles for hole in article.links if hole.kind is HoleKind.PAGE]
    if not links:
        return
    paths = {output.path for output in outputs}
    pages = tuple(f"/{path.removesuffix('index.html')}" for path in sorted(paths) if path.endswith("/index.html"))
    suggested: dict[str, str | None] = {}
    for hole in links:
        if output_path(hole.path) not in paths:
            if hole.path not in suggested and len(suggested) < MOST_SUGGESTIONS:
                kind = hole.path.split("/")[1]
                likely = [page for page in pages if page.split("/")[1] == kind and len(page) < len(hole.path) + 8]
                suggested[hole.path] = nearest(hole.path, (likely or pages)[:MOST_CANDIDATES])
            message = f"there is no page {hole.path!r}"
            findings.error("dead-link", hole.place, message, near=suggested.get(hole.path))


def _root_files(site: Site, editions: tuple[Edition, ...]) -> list[Output]:
    urls = site.urls(site.config.locales[0])
    sitemap = root_path("sitemap.xml")
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {urls.absolute(sitemap)}\n"
    return [
        Output(output_path(sitemap), SitemapRecipe(editions, site.articles)),
        Output(output_path(root_path("robots.txt")), TextRecipe(robots)),
    ]


class _Locale:
    """Plans the pages and feeds of one locale."""

    def __init__(self, site: Site, edition: Edition, media: Mapping[str, str]) -> None:
        self._site = site
        self._edition = edition
        self._urls = site.urls(edition.locale)
        self._media = media

    def outputs(self) -> Iterator[Output]:
        """Yield every page and feed of the locale."""
        site, urls = self._site, self._urls
        yield self._page("home.html", urls.home(), HomeBrief(site.articles, self._lead()))
        yield self._page("topics.html", urls.topics(), TopicsBrief(site.articles))
        yield self._page("countries.html", urls.countries(), CountriesBrief(site.articles))
        yield self._page("relations.html", urls.relations(), RelationsBrief(site.articles))
        yield self._page("archive.html", urls.archive(), ArchiveBrief(site.articles))
        yield from self._months(WHOLE, site.articles)
        yield self._feed(urls.home(), WHOLE, site.articles)
        if urls.is_first:
            yield Output("404.html", PageRecipe("404.html", self._edition, NotFoundBrief()))
        yield from self._articles()
        for subject, members in site.indexes():
            yield from self._index(subject, members)

    def redirects(self, taken: Sequence[Output], findings: Findings) -> list[Output]:
        """Return a page at each alias of a visible article. An alias that meets another address is an error."""
        articles = sorted((*self._site.articles, *self._site.hidden), key=lambda article: article.path)
        if not any(article.front.aliases for article in articles):
            return []
        own = {output_path(self._urls.article(article.slug)): article.path for article in articles}
        addresses = _Addresses()
        for output in taken:
            addresses.take(output.path, own.get(output.path, _ANOTHER))
        for path, writer in own.items():
            addresses.take(path, writer)
        outputs: list[Output] = []
        for article in articles:
            for place, alias in enumerate(article.front.aliases):
                path = output_path(alias_path(alias))
                owner = addresses.take(path, article.path)
                if owner is not None:
                    whose = "the address of another page" if owner == _ANOTHER else f"an address of {owner}"
                    message = f"the alias {alias!r} is {whose}"
                    findings.error("alias-collision", article.place(f"aliases.{place}"), message)
                elif article.path in self._site.by_path:
                    outputs.append(Output(path, PageRecipe("redirect.html", self._edition, RedirectBrief(article))))
        return outputs

    def _page(self, template: str, path: str, brief: Brief) -> Output:
        return Output(output_path(path), PageRecipe(template, self._edition, brief))

    def _lead(self) -> ArticleText | None:
        """Return the most important article of the newest days, the newest of equals."""
        articles = self._site.articles
        if not articles:
            return None
        since = articles[0].published - timedelta(days=LEAD_DAYS)
        recent = [article for article in articles if article.published >= since]
        return self._text(max(recent, key=lambda article: article.front.importance))

    def _index(self, subject: Subject, members: tuple[Article, ...]) -> Iterator[Output]:
        """Yield the page of a topic, country or pair, its months, and the feed of a topic or country."""
        path = subject_path(self._urls, subject)
        template = (
            "topic.html" if subject.topic is not None else ("country.html", "pair.html")[len(subject.countries) - 1]
        )
        yield self._page(template, path, IndexBrief(subject, members))
        if len(members) >= self._site.config.pages_from.months:
            yield from self._months(subject, members)
        if template != "pair.html":
            yield self._feed(path, subject, members)

    def _months(self, subject: Subject, members: Sequence[Article]) -> Iterator[Output]:
        path = subject_path(self._urls, subject)
        runs = by_month(members)
        most = max((len(run) for _, run in runs), default=0)
        notes = [None, *(MonthNote(month, len(run), most) for month, run in runs), None]
        for place, (month, run) in enumerate(runs):
            brief = MonthBrief(subject, month, run, previous=notes[place + 2], next=notes[place])
            yield self._page("month.html", self._urls.month(path, month), brief)

    def _articles(self) -> Iterator[Output]:
        site = self._site
        newer: dict[str, Article] = {}
        older: dict[str, Article] = {}
        for key, members in site.by_topic.items():
            for after, before in pairwise([article for article in members if article.front.topics[0] == key]):
                newer[before.path] = after
                older[after.path] = before
        paged = {pair for pair in site.by_pair if site.has_pair_page(pair)}
        for article in site.articles:
            brief = ArticleBrief(
                whole=self._text(article),
                pairs=tuple([pair for pair in pairs(article) if pair in paged]) if paged else (),
                before=older.get(article.path),
                after=newer.get(article.path),
                follows=site.by_path.get(article.follows) if article.follows is not None else None,
                followers=site.followers.get(article.path, ()),
            )
            yield self._page("article.html", self._urls.article(article.slug), brief)

    def _feed(self, path: str, subject: Subject, members: Sequence[Article]) -> Output:
        items = tuple(self._text(article) for article in members[: self._site.config.feeds.items])
        return Output(output_path(self._urls.feed(path)), FeedRecipe(self._edition, subject, items))

    def _text(self, article: Article) -> ArticleText:
        return ArticleText(article, article.text, tuple([self._target(hole) for hole in article.links]))

    def _target(self, hole: Hole) -> Target:
        if hole.kind is HoleKind.PAGE:
            path = self._urls.local(hole.path, self._site.config.locales)
        elif hole.kind is HoleKind.FILE:
            path = media_path(hole.path, self._media.get(hole.path, ""))
        elif not hole.path:
            path = ""
        else:
            target = self._site.by_path.get(hole.path)
            path = self._urls.article(target.slug) if target is not None else self._urls.home()
        return Target(path, hole.fragment, hole.path if hole.kind is HoleKind.ARTICLE else "")
