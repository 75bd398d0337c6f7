"""A `Site` to every file that shall exist: each a path and a recipe that holds all that its bytes are made of."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from sitegen.config.model import SOCIAL_IMAGE_SIZE
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.markdown import LinkKind, LinkRef
from sitegen.content.pages import StaticPage
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics, closest_match
from sitegen.outputs.feeds.selection import CORRECTIONS, feeds, has_feed, lists, notices
from sitegen.outputs.recipes import (
    ArchiveSpec,
    ArticleDataRecipe,
    ArticleSpec,
    ArticleText,
    CopyRecipe,
    CorrectionsSpec,
    CountriesSpec,
    DataSpec,
    EmailRecipe,
    EmailSpec,
    FeedRecipe,
    FeedSpec,
    HomeSpec,
    IndexSpec,
    IssueSpec,
    IssuesSpec,
    MonthSpec,
    MonthSummary,
    NotFoundSpec,
    OpmlRecipe,
    Output,
    PageRecipe,
    PageSpec,
    PageText,
    PerspectiveMonthSpec,
    PerspectiveSpec,
    PerspectivesSpec,
    PerspectiveSummary,
    PublishedImage,
    RedirectSpec,
    RelationsSpec,
    RenderContext,
    ResolvedLink,
    SchemaRecipe,
    SourcesSpec,
    StaticName,
    StaticPageSpec,
    StaticPageSummary,
    StaticRecipe,
    SubscribeSpec,
    TableRecipe,
    TextRecipe,
    TopicsSpec,
    TopicSummary,
    WeekSummary,
)
from sitegen.outputs.sitemaps import NEWS, SITEMAP, news, sitemaps
from sitegen.site.assembly import MOST_CANDIDATES, MOST_SUGGESTIONS, Site, by_first_topic, by_month, pairs
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.related import Neighbours, neighbours
from sitegen.site.sources import source_slug
from sitegen.site.urls import (
    SCHEMA,
    alias_path,
    article_data_path,
    asset_path,
    data_path,
    facet_path,
    feed_folder,
    media_path,
    output_path,
    root_path,
)
from sitegen.theme.feed_labels import FeedLabels
from sitegen.theme.model import Static

LEAD_DAYS: Final = 7
READINGS: Final = 20
"""Readings on the page of a perspective; all of them are on the pages of its months."""
NOT_FOUND: Final = "404.html"
_ANOTHER: Final = "another page"


def plan(
    site: Site,
    statics: Sequence[Static],
    media: Mapping[str, str],
    diagnostics: Diagnostics,
    *,
    words: tuple[FeedLabels, ...] = (),
    all_read: bool = True,
    card_size: tuple[int, int] = SOCIAL_IMAGE_SIZE,
) -> tuple[Output, ...]:
    """Return every file of the site, sorted by path.

    `statics` are the theme's files, `media` the SHA-256 of each file that articles show or link to, by project path;
    the site's card is among them, and `card_size` is its width and height. `words` are those that feeds say by
    themselves.
    Aliases that meet another address, and links to pages that will not exist, become errors in `diagnostics`; the
    latter only where `all_read`, because an article that could not be read would have made pages.
    """
    names = tuple(StaticName(static.name, static.digest) for static in statics)
    card = _site_card(site, media, card_size)
    contexts = tuple(
        RenderContext(site.config, locale, names, tuple(_page_note(page, locale) for page in site.pages), words, card)
        for locale in site.config.locales
    )
    beside = neighbours(site)
    locales = [_Locale(site, context, media, beside) for context in contexts]
    outputs = [output for locale in locales for output in locale.outputs()]
    outputs += [Output(output_path(asset_path(s.name, s.digest)), StaticRecipe(s.data)) for s in statics]
    copies = {output_path(media_path(path, digest)): CopyRecipe(path, digest) for path, digest in media.items()}
    outputs += [Output(path, recipe) for path, recipe in copies.items()]
    outputs += locales[0].data()
    outputs += _root_files(site, contexts, outputs)
    if all_read:
        _check_pages(site, outputs, diagnostics)
    outputs += locales[0].redirects(outputs, diagnostics)
    return tuple(sorted(outputs, key=lambda output: output.path))


def _site_card(site: Site, media: Mapping[str, str], size: tuple[int, int]) -> PublishedImage | None:
    card = site.config.card
    if card is None or card.file not in media:
        return None
    return PublishedImage(media_path(card.file, media[card.file]), *size)


def _page_note(page: StaticPage, locale: str) -> StaticPageSummary:
    version = page.told(locale)
    return StaticPageSummary(page.slug, version.title, version.lang)


class _Addresses:
    """The paths that are taken, as file systems compare them, and whose they are."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def take(self, path: str, owner: str) -> str | None:
        """Take a path for `owner`; return whose it is where it, or a folder on its way, is taken."""
        key = folded_path(path)
        above = [key[:index] for index, char in enumerate(key) if char == "/"]
        other = self._files.get(key) or self._folders.get(key)
        other = other or next((self._files[folder] for folder in above if folder in self._files), None)
        if other is None:
            self._files[key] = owner
            self._folders |= dict.fromkeys(above, owner)
        return other


def _check_pages(site: Site, outputs: Sequence[Output], diagnostics: Diagnostics) -> None:
    """Links written as site paths must lead to a page of the plan."""
    links = [link for link in site.links() if link.kind is LinkKind.PAGE]
    if not links:
        return
    paths = {output.path for output in outputs}
    pages = tuple(f"/{path.removesuffix('index.html')}" for path in sorted(paths) if path.endswith("/index.html"))
    suggested: dict[str, str | None] = {}
    for link in links:
        if output_path(link.path) not in paths:
            if link.path not in suggested and len(suggested) < MOST_SUGGESTIONS:
                kind = link.path.split("/")[1]
                likely = [page for page in pages if page.split("/")[1] == kind and len(page) < len(link.path) + 8]
                suggested[link.path] = closest_match(link.path, (likely or pages)[:MOST_CANDIDATES])
            message = f"there is no page {link.path!r}"
            diagnostics.error("dead-link", link.location, message, near=suggested.get(link.path))


def _root_files(site: Site, contexts: tuple[RenderContext, ...], outputs: Sequence[Output]) -> list[Output]:
    """Return the sitemaps of the pages among `outputs`, and what leads a crawler to them."""
    first = contexts[0]
    urls = site.urls(first.locale)
    pages = [output.path for output in outputs if isinstance(output.recipe, PageRecipe) and output.path != NOT_FOUND]
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {urls.absolute(SITEMAP)}\nSitemap: {urls.absolute(NEWS)}\n"
    return [
        *sitemaps(contexts, site.articles, pages, site.pages),
        *news(first, site.articles, site.as_of),
        Output(output_path(root_path("robots.txt")), TextRecipe(robots)),
        Output(output_path(SCHEMA), SchemaRecipe(first)),
    ]


class _Locale:
    """Plans the pages and feeds of one locale."""

    def __init__(
        self, site: Site, context: RenderContext, media: Mapping[str, str], beside: Mapping[str, Neighbours]
    ) -> None:
        self._site = site
        self._beside = beside
        self._pages = {page.path: page for page in site.pages}
        self._texts: dict[str, ArticleText] = {}
        self._context = context
        self._urls = site.urls(context.locale)
        self._media = media

    def outputs(self) -> Iterator[Output]:
        """Yield every page and feed of the locale."""
        site, urls = self._site, self._urls
        yield self._page("home.html", urls.home(), HomeSpec(site.articles, self._lead()))
        yield self._page("topics.html", urls.topics(), TopicsSpec(site.articles))
        yield self._page("countries.html", urls.countries(), CountriesSpec(site.articles))
        yield self._page("relations.html", urls.relations(), RelationsSpec(site.articles))
        yield self._page("archive.html", urls.archive(), ArchiveSpec(site.articles))
        yield from self._months(ENTIRE_SITE, site.articles)
        if site.config.data:
            yield self._page("data.html", urls.data(), DataSpec())
        if urls.is_first:
            yield Output(NOT_FOUND, PageRecipe(NOT_FOUND, self._context, NotFoundSpec()))
        yield from self._articles()
        for facet, members in site.indexes():
            yield from self._index(facet, members)
        yield self._page("sources.html", urls.sources(), SourcesSpec(site.articles))
        yield from self._perspectives()
        yield from self._issues()
        corrected = tuple(article for article in site.articles if article.front.corrections)
        yield self._page("corrections.html", urls.corrections(), CorrectionsSpec(corrected))
        for page in site.pages:
            yield self._page("page.html", urls.own_page(page.slug), StaticPageSpec(self._page_text(page)))
        yield from self._feeds()

    def data(self) -> Iterator[Output]:
        """Yield the open data, which stands once, with the addresses of this locale."""
        articles, kinds = self._site.articles, self._site.config.data
        for name in ("articles.json", "articles.csv", "relations.csv") if "tables" in kinds else ():
            yield Output(output_path(data_path(name)), TableRecipe(name, self._context, articles))
        for article in articles if "articles" in kinds else ():
            translations = tuple([self._told(article, version) for version in article.translations])
            whole = self._told(article, article.original)
            recipe = ArticleDataRecipe(self._context, whole, article.markdown, translations)
            yield Output(output_path(article_data_path(article.front.id)), recipe)

    def redirects(self, taken: Sequence[Output], diagnostics: Diagnostics) -> list[Output]:
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
            for index, alias in enumerate(article.front.aliases):
                path = output_path(alias_path(alias))
                owner = addresses.take(path, article.path)
                if owner is not None:
                    whose = "the address of another page" if owner == _ANOTHER else f"an address of {owner}"
                    message = f"the alias {alias!r} is {whose}"
                    diagnostics.error("alias-collision", article.location(f"aliases.{index}"), message)
                elif article.path in self._site.by_path:
                    outputs.append(Output(path, PageRecipe("redirect.html", self._context, RedirectSpec(article))))
        return outputs

    def _page(self, template: str, path: str, spec: PageSpec) -> Output:
        return Output(output_path(path), PageRecipe(template, self._context, spec))

    def _lead(self) -> ArticleText | None:
        """Return the most important article of the newest days, the newest of equals."""
        articles = self._site.articles
        if not articles:
            return None
        since = articles[0].published - timedelta(days=LEAD_DAYS)
        recent = [article for article in articles if article.published >= since]
        return self._text(max(recent, key=lambda article: article.front.importance))

    def _index(self, facet: Facet, members: tuple[Article, ...]) -> Iterator[Output]:
        """Yield the page of a subject, and its months."""
        path = facet_path(self._urls, facet)
        yield self._page(_index_template(facet), path, IndexSpec(facet, members))
        if len(members) >= self._site.config.page_thresholds.months:
            yield from self._months(facet, members)

    def _months(self, facet: Facet, members: Sequence[Article]) -> Iterator[Output]:
        path = facet_path(self._urls, facet)
        runs = by_month(members)
        notes = [None, *_month_notes(runs), None]
        for index, (month, run) in enumerate(runs):
            spec = MonthSpec(facet, month, run, previous=notes[index + 2], next=notes[index])
            yield self._page("month.html", self._urls.month(path, month), spec)

    def _articles(self) -> Iterator[Output]:
        site = self._site
        paged = {pair for pair in site.by_pair if site.has_pair_page(pair)}
        least = site.config.page_thresholds.sources
        sources = {key for key, members in site.by_source.items() if len(members) >= least}
        perspectives = tuple(key for key, _ in site.perspectives())
        for article in site.articles:
            beside = self._beside[article.path]
            spec = ArticleSpec(
                whole=self._text(article),
                pairs=tuple([pair for pair in pairs(article) if pair in paged]) if paged else (),
                perspectives=perspectives,
                source_page=source_slug(article.front.source.name) in sources,
                before=beside.before,
                after=beside.after,
                follows=site.by_path.get(article.follows) if article.follows is not None else None,
                followers=site.followers.get(article.path, ()),
                thread=beside.thread,
                related=beside.related,
            )
            yield self._page("article.html", self._urls.article(article.slug), spec)

    def _feeds(self) -> Iterator[Output]:
        """Yield every feed in every format, the lists of them, and the page that explains them."""
        most = self._site.config.feeds.items
        rows = feeds(self._site, self._context.locale)
        for facet, members in rows:
            yield from self._feed(FeedSpec(facet, tuple([self._text(article) for article in members[:most]])))
        facets = [facet for facet, _ in rows]
        if has_feed(self._site.config, CORRECTIONS, 0):
            facets.append(CORRECTIONS)
            put_right = notices(self._site.articles, self._site.config)
            yield from self._feed(FeedSpec(CORRECTIONS, (), tuple(put_right[:most])))
        yield self._page("subscribe.html", self._urls.subscribe(), SubscribeSpec(tuple(facets)))
        for about, listed in lists(facets):
            path = self._urls.opml(feed_folder(self._urls, about))
            yield Output(output_path(path), OpmlRecipe(self._context, about, listed))

    def _feed(self, spec: FeedSpec) -> Iterator[Output]:
        folder = feed_folder(self._urls, spec.facet)
        for kind in self._site.config.feeds.formats:
            yield Output(output_path(self._urls.feed(folder, kind)), FeedRecipe(kind, self._context, spec))

    def _perspectives(self) -> Iterator[Output]:
        """Yield the list of perspectives, the pages of each, of each with a topic, and of each month."""
        found = self._site.perspectives()
        least = self._site.config.page_thresholds.perspectives
        notes = tuple(PerspectiveSummary(key, len(members)) for key, members in found)
        yield self._page("perspectives.html", self._urls.perspectives(), PerspectivesSpec(notes))
        groups = {key: by_first_topic(members) for key, members in found}
        for note, (key, members) in zip(notes, found, strict=True):
            topics = tuple(TopicSummary(topic, len(run), run[0].published) for topic, run in groups[key].items())
            others = tuple(other.key for other in notes if other.key != key)
            yield self._perspective(note, None, members, topics, others)
            for topic, run in groups[key].items():
                if len(run) >= least:
                    others = tuple(o.key for o in notes if o.key != key and len(groups[o.key].get(topic, ())) >= least)
                    yield self._perspective(PerspectiveSummary(key, len(run)), topic, run, topics, others)
            yield from self._perspective_months(key, members)

    def _perspective(
        self,
        note: PerspectiveSummary,
        topic: str | None,
        members: Sequence[Article],
        topics: tuple[TopicSummary, ...],
        others: tuple[str, ...],
    ) -> Output:
        newest = tuple(self._reading(article, note.key) for article in members[:READINGS])
        spec = PerspectiveSpec(note, topic, newest, _month_notes(by_month(members)), topics, others)
        return self._page("perspective.html", self._urls.perspective(note.key, topic), spec)

    def _perspective_months(self, key: str, members: Sequence[Article]) -> Iterator[Output]:
        path = self._urls.perspective(key)
        runs = by_month(members)
        notes = [None, *_month_notes(runs), None]
        for index, (month, run) in enumerate(runs):
            items = tuple(self._reading(article, key) for article in run)
            spec = PerspectiveMonthSpec(key, month, items, previous=notes[index + 2], next=notes[index])
            yield self._page("perspective_month.html", self._urls.month(path, month), spec)

    def _issues(self) -> Iterator[Output]:
        """Yield the list of weekly issues, each issue, and each as an e-mail."""
        found = self._site.issues()
        notes = tuple(WeekSummary(monday, len(members)) for monday, members in found)
        yield self._page("issues.html", self._urls.issues(), IssuesSpec(notes))
        around = [None, *notes, None]
        for index, (monday, members) in enumerate(found):
            spec = IssueSpec(monday, members, previous=around[index + 2], next=around[index])
            yield self._page("issue.html", self._urls.issue(monday), spec)
            for suffix in ("html", "txt"):
                recipe = EmailRecipe(f"email.{suffix}", self._context, EmailSpec(monday, members))
                yield Output(output_path(self._urls.email(monday, suffix)), recipe)

    def _text(self, article: Article) -> ArticleText:
        known = None if article.translations else self._texts.get(article.path)
        return known or self._told(article, article.told(self._context.locale))

    def _reading(self, article: Article, perspective: str) -> ArticleText:
        """Return the text in which an article has a perspective: that of the locale, where it does."""
        if not article.translations:
            return self._text(article)
        versions = (article.told(self._context.locale), article.original, *article.translations)
        return self._told(article, next(version for version in versions if perspective in version.anchors))

    def _told(self, article: Article, version: LocalizedVersion) -> ArticleText:
        text = self._texts.get(version.path)
        if text is None:
            text = ArticleText(article, version.path, version.text, self._targets(version))
            self._texts[version.path] = text
        return text

    def _page_text(self, page: StaticPage) -> PageText:
        version = page.told(self._context.locale)
        return PageText(page, version.path, version.text, self._targets(version))

    def _targets(self, version: LocalizedVersion) -> tuple[ResolvedLink, ...]:
        return tuple([self._target(link) for link in version.links])

    def _target(self, link: LinkRef) -> ResolvedLink:
        if link.kind is LinkKind.PAGE:
            path = self._urls.local(link.path, self._site.config.locales)
        elif link.kind is LinkKind.FILE:
            path = media_path(link.path, self._media.get(link.path, ""))
        elif not link.path:
            path = ""
        else:
            return self._target_file(link)
        return ResolvedLink(path, link.fragment)

    def _target_file(self, link: LinkRef) -> ResolvedLink:
        """Return where a link to an article or a page of the editor's leads: to the reader's language of it."""
        page, article = self._pages.get(link.path), self._site.by_path.get(link.path)
        if page is not None:
            path, told = self._urls.own_page(page.slug), page.told(self._context.locale)
        elif article is not None:
            path, told = self._urls.article(article.slug), article.told(self._context.locale)
        else:
            return ResolvedLink(self._urls.home(), "", link.path)
        # Headings have other names in another language; those of perspectives are the same in each.
        return ResolvedLink(path, link.fragment if link.fragment in told.anchors else "", link.path)


def _index_template(facet: Facet) -> str:
    if facet.source is not None:
        return "source.html"
    if facet.topic is not None:
        return "topic_country.html" if facet.countries else "topic.html"
    return ("country.html", "pair.html")[len(facet.countries) - 1]


def _month_notes(runs: Sequence[tuple[date, Sequence[Article]]]) -> tuple[MonthSummary, ...]:
    most = max((len(run) for _, run in runs), default=0)
    return tuple(MonthSummary(month, len(run), most) for month, run in runs)
