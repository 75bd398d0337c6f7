"""A `Site` to every file that shall exist: each a path and a recipe that holds all that its renderer will see."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from sitegen.content.articles import Article
from sitegen.content.markdown import HoleKind
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Findings, nearest
from sitegen.digest import views
from sitegen.digest.parts import GENERATOR, Parts, media_path
from sitegen.digest.site import MOST_CANDIDATES, MOST_SUGGESTIONS, Site, by_month, pairs
from sitegen.digest.urls import Urls, alias_path, asset_path, output_path, root_path
from sitegen.digest.values import (
    CopyRecipe,
    FeedRecipe,
    FeedView,
    Output,
    PageRecipe,
    SitemapEntry,
    SitemapRecipe,
    Static,
    StaticRecipe,
    TextRecipe,
)
from sitegen.schema import Stamp

HOME_ARTICLES: Final = 20
INDEX_ARTICLES: Final = 20
LEAD_DAYS: Final = 7
SIDE_ROWS: Final = 8
_ANOTHER: Final = "another page"


def plan(
    site: Site, statics: Sequence[Static], media: Mapping[str, str], findings: Findings, *, all_read: bool = True
) -> tuple[Output, ...]:
    """Return every file of the site, sorted by path.

    `statics` are the theme's files, `media` the SHA-256 of each file that articles show or link to, by project path.
    Aliases that meet another address, and links to pages that will not exist, become errors in `findings`; the latter
    only where `all_read`, because an article that could not be read would have made pages.
    """
    outputs: list[Output] = []
    locales = [_Locale(site, locale, statics, media) for locale in site.config.locales]
    for locale in locales:
        outputs += locale.outputs()
    outputs += [Output(output_path(asset_path(s.name, s.digest)), StaticRecipe(s.data)) for s in statics]
    copies = {output_path(media_path(path, digest)): CopyRecipe(path, digest) for path, digest in media.items()}
    outputs += [Output(path, recipe) for path, recipe in copies.items()]
    outputs += _root_files(site)
    if all_read:
        _check_pages(site, outputs, findings)
    outputs += locales[0].redirects([output.path for output in outputs], findings)
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
    paths = {output.path for output in outputs}
    pages = tuple(f"/{path.removesuffix('index.html')}" for path in sorted(paths) if path.endswith("/index.html"))
    suggested: dict[str, str | None] = {}
    for article in site.articles:
        for hole in article.body.holes:
            if hole.kind is HoleKind.PAGE and output_path(hole.path) not in paths:
                if hole.path not in suggested and len(suggested) < MOST_SUGGESTIONS:
                    kind = hole.path.split("/")[1]
                    likely = [page for page in pages if page.split("/")[1] == kind and len(page) < len(hole.path) + 8]
                    suggested[hole.path] = nearest(hole.path, (likely or pages)[:MOST_CANDIDATES])
                message = f"there is no page {hole.path!r}"
                findings.error("dead-link", hole.place, message, near=suggested.get(hole.path))


def _root_files(site: Site) -> list[Output]:
    urls = site.urls(site.config.locales[0])
    sitemap = root_path("sitemap.xml")
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {urls.absolute(sitemap)}\n"
    return [
        Output(output_path(sitemap), SitemapRecipe(_sitemap(site))),
        Output(output_path(root_path("robots.txt")), TextRecipe(robots)),
    ]


def _sitemap(site: Site) -> tuple[SitemapEntry, ...]:
    """List every page, in every locale, with the time of the newest article on it."""
    tables = [_indexed_paths(site, site.urls(locale)) for locale in site.config.locales]
    all_urls = [site.urls(locale) for locale in site.config.locales]
    entries = []
    for rows in zip(*tables, strict=True):
        alternates = tuple((urls.locale, urls.absolute(path)) for urls, (path, _) in zip(all_urls, rows, strict=True))
        entries += [
            SitemapEntry(url, _last_change(members), alternates if len(rows) > 1 else ())
            for (_, url), (_, members) in zip(alternates, rows, strict=True)
        ]
    return tuple(entries)


def _indexed_paths(site: Site, urls: Urls) -> list[tuple[str, Sequence[Article]]]:
    rows: list[tuple[str, Sequence[Article]]] = [(urls.home(), site.articles)]
    rows += [(urls.article(article.slug), (article,)) for article in site.articles]
    rows += [(path, site.articles) for path in (urls.topics(), urls.countries(), urls.relations(), urls.archive())]
    indexes = [(urls.archive(), site.articles), *_index_members(site, urls)]
    rows += indexes[1:]
    rows += [(urls.month(path, month), run) for path, members in indexes for month, run in by_month(members)]
    return rows


def _index_members(site: Site, urls: Urls) -> list[tuple[str, Sequence[Article]]]:
    return [
        *((urls.topic(key), members) for key, members in site.by_topic.items()),
        *((urls.country(code), members) for code, members in sorted(site.by_country.items())),
        *((urls.pair(*pair), members) for pair, members in sorted(site.by_pair.items())),
    ]


def _last_change(articles: Sequence[Article]) -> datetime | None:
    return max((article.updated or article.published for article in articles), default=None)


class _Locale:
    """Plans the pages and feeds of one locale."""

    def __init__(self, site: Site, locale: str, statics: Sequence[Static], media: Mapping[str, str]) -> None:
        self._site = site
        self._config = site.config
        self._locale = locale
        self._urls = site.urls(locale)
        self._parts = Parts(site, locale, statics, media)

    def outputs(self) -> list[Output]:
        """Return every page and feed of the locale."""
        site, urls = self._site, self._urls
        outputs = [
            self._page("home.html", urls.home(), self._home()),
            self._page(
                "topics.html",
                urls.topics(),
                views.TopicsPage(self._parts.head(urls.topics()), self._parts.topic_counts()),
            ),
            self._page("countries.html", urls.countries(), self._countries_page()),
            self._page("relations.html", urls.relations(), self._relations_page()),
            self._feed(urls.home(), self._config.title.get(self._locale), site.articles),
        ]
        if self._urls.is_first:
            nowhere = views.Head(urls.absolute("/404.html"), None, ())
            outputs.append(Output("404.html", self._recipe("404.html", views.NotFoundPage(nowhere))))
        outputs += self._articles()
        for key, members in site.by_topic.items():
            topic = self._parts.topics[key]
            outputs += self._index("topic.html", urls.topic(key), members, topic=topic, title=topic.name)
        for code, members in sorted(site.by_country.items()):
            country = self._parts.country(code)
            outputs += self._index("country.html", urls.country(code), members, countries=(code,), title=country.name)
        for pair, members in sorted(site.by_pair.items()):
            outputs += self._index("pair.html", urls.pair(*pair), members, countries=pair)
        outputs += self._archive()
        return outputs

    def _recipe(self, template: str, page: views.Page) -> PageRecipe:
        return PageRecipe(template, self._locale, self._parts.site_view, page)

    def _page(self, template: str, path: str, page: views.Page) -> Output:
        return Output(output_path(path), self._recipe(template, page))

    def redirects(self, taken: Sequence[str], findings: Findings) -> list[Output]:
        """Return a page at each alias of a visible article. An alias that meets another address is an error."""
        articles = sorted((*self._site.articles, *self._site.hidden), key=lambda article: article.path)
        own = {output_path(self._urls.article(article.slug)): article.path for article in articles}
        addresses = _Addresses()
        for path in taken:
            addresses.take(path, own.get(path, _ANOTHER))
        for path, writer in own.items():
            addresses.take(path, writer)
        outputs: list[Output] = []
        for article in articles:
            target = self._urls.article(article.slug)
            head, href = self._parts.head(target), self._urls.href(target)
            page = views.RedirectPage(head, href, article.front.title, article.front.lang)
            for place, alias in enumerate(article.front.aliases):
                path = output_path(alias_path(alias))
                owner = addresses.take(path, article.path)
                if owner is not None:
                    whose = "the address of another page" if owner == _ANOTHER else f"an address of {owner}"
                    message = f"the alias {alias!r} is {whose}"
                    findings.error("alias-collision", article.place(f"aliases.{place}"), message)
                elif article.path in self._site.by_path:
                    outputs.append(Output(path, self._recipe("redirect.html", page)))
        return outputs

    # --- pages --------------------------------------------------------------------------------------------------------

    def _home(self) -> views.HomePage:
        articles = self._site.articles
        latest = articles[:HOME_ARTICLES]
        months = by_month(articles)
        newest = months[0][1] if months else ()
        return views.HomePage(
            head=self._parts.head(self._urls.home(), self._parts.site_view.feed),
            newest=articles[0].published if articles else None,
            lead=self._lead(),
            days=self._parts.days(latest),
            month=months[0][0] if months else None,
            topics=self._parts.topic_counts(newest)[:SIDE_ROWS],
            countries=self._parts.country_counts(newest)[:SIDE_ROWS],
            relations=self._parts.pair_counts()[:SIDE_ROWS],
        )

    def _lead(self) -> views.Lead | None:
        """Return the most important article of the newest days, the newest of equals."""
        articles = self._site.articles
        if not articles:
            return None
        since = articles[0].published - timedelta(days=LEAD_DAYS)
        recent = [article for article in articles if article.published >= since]
        lead = max(recent, key=lambda article: article.front.importance)
        card = self._parts.cards[lead.path]
        readings = tuple(
            views.Reading(
                section.key,
                self._parts.perspective_name(section.key),
                section.first_sentence,
                section.lang or lead.front.lang,
                f"{card.href}#{section.key}",
            )
            for section in lead.body.sections
            if section.key is not None and section.first_sentence
        )
        return views.Lead(card, readings[:2])

    def _countries_page(self) -> views.CountriesPage:
        return views.CountriesPage(self._parts.head(self._urls.countries()), self._parts.country_counts())

    def _relations_page(self) -> views.RelationsPage:
        return views.RelationsPage(self._parts.head(self._urls.relations()), self._parts.pair_counts())

    def _index(
        self,
        template: str,
        path: str,
        members: Sequence[Article],
        *,
        topic: views.Topic | None = None,
        countries: tuple[str, ...] = (),
        title: str | None = None,
    ) -> list[Output]:
        """Plan the page of a topic, country or pair, its months, and its feed where `title` names one."""
        feed_link = None
        outputs = []
        if title is not None:
            feed_link = views.FeedLink(self._feed_title(title), self._urls.href(self._urls.feed(path)))
            outputs.append(self._feed(path, self._feed_title(title), members))
        months = self._months(path, members)
        runs = by_month(members)
        before = runs[1] if len(runs) > 1 else None
        expected = (runs[0][0] - timedelta(days=1)).replace(day=1)
        page = views.IndexPage(
            head=self._parts.head(path, feed_link),
            topic=topic,
            countries=tuple(self._parts.country(code) for code in countries),
            facts=views.Facts(
                total=len(members),
                first_month=months[-1].month,
                newest_month=months[0].month,
                newest_count=months[0].count,
                before_count=len(before[1]) if before is not None and before[0] == expected else 0,
            ),
            days=self._parts.days(members[:INDEX_ARTICLES]),
            months=months,
            with_topics=tuple(row for row in self._parts.topic_counts(members) if row.topic is not topic),
            with_countries=self._parts.country_counts(members, beside=countries),
        )
        outputs.append(self._page(template, path, page))
        outputs += self._month_pages(path, members, months, topic=topic, countries=page.countries)
        return outputs

    def _archive(self) -> list[Output]:
        path = self._urls.archive()
        months = self._months(path, self._site.articles)
        page = views.ArchivePage(self._parts.head(path), months)
        return [self._page("archive.html", path, page), *self._month_pages(path, self._site.articles, months)]

    def _months(self, path: str, members: Sequence[Article]) -> tuple[views.MonthCount, ...]:
        runs = by_month(members)
        most = max((len(run) for _, run in runs), default=0)
        return tuple(
            views.MonthCount(month, len(run), most, self._urls.href(self._urls.month(path, month)))
            for month, run in runs
        )

    def _month_pages(
        self,
        path: str,
        members: Sequence[Article],
        months: Sequence[views.MonthCount],
        *,
        topic: views.Topic | None = None,
        countries: tuple[views.Country, ...] = (),
    ) -> list[Output]:
        outputs = []
        for place, (month, run) in enumerate(by_month(members)):
            address = self._urls.month(path, month)
            page = views.MonthPage(
                head=self._parts.head(address),
                month=month,
                topic=topic,
                countries=countries,
                index=self._urls.href(path),
                count=len(run),
                days=self._parts.days(run),
                previous=months[place + 1] if place + 1 < len(months) else None,
                next=months[place - 1] if place else None,
            )
            outputs.append(self._page("month.html", address, page))
        return outputs

    # --- articles -----------------------------------------------------------------------------------------------------

    def _articles(self) -> list[Output]:
        newer: dict[str, Article] = {}
        older: dict[str, Article] = {}
        for members in self._site.by_topic.values():
            topic_members = [a for a in members if self._site.by_topic[a.front.topics[0]] is members]
            for after, before in pairwise(topic_members):
                newer[before.path] = after
                older[after.path] = before
        outputs = []
        for article in self._site.articles:
            path = self._urls.article(article.slug)
            page = self._article(article, older.get(article.path), newer.get(article.path))
            outputs.append(self._page("article.html", path, page))
        return outputs

    def _day(self, stamp: Stamp) -> date:
        """Return the day of a stamp in the site's zone."""
        return stamp.at(self._config.zone).astimezone(self._config.zone).date()

    def _article(self, article: Article, before: Article | None, after: Article | None) -> views.ArticlePage:
        front, cards = article.front, self._parts.cards
        reviewed = front.reviewed
        path = self._urls.article(article.slug)
        return views.ArticlePage(
            head=self._parts.head(path, None),
            id=front.id,
            article=cards[article.path],
            topics=tuple(self._parts.topics[key] for key in front.topics),
            pairs=tuple(self._parts.pair(pair) for pair in pairs(article)),
            updated=article.updated,
            sections=tuple(self._parts.section(article, section) for section in article.body.sections),
            source=views.SourceView(
                front.source.name, front.source.lang or front.lang, front.source.url, front.source.archived
            ),
            authorship=tuple(views.Authorship(part, author) for part, author in front.generated),
            reviewer=reviewed.by if reviewed else None,
            reviewed=self._day(reviewed.at) if reviewed and reviewed.at else None,
            corrections=tuple(views.CorrectionView(self._day(entry.at), entry.text) for entry in front.corrections),
            imported=views.ImportedView(
                front.imported.name, front.imported.format, front.imported.sha256, self._day(front.imported.at)
            )
            if front.imported
            else None,
            follows=cards.get(article.follows) if article.follows else None,
            followed_by=tuple(cards[other.path] for other in self._site.followers.get(article.path, ())),
            previous=cards[before.path] if before else None,
            next=cards[after.path] if after else None,
        )

    # --- feeds --------------------------------------------------------------------------------------------------------

    def _feed_title(self, title: str) -> str:
        return f"{self._config.title.get(self._locale)} · {title}"

    def _feed(self, path: str, title: str, members: Sequence[Article]) -> Output:
        urls, config = self._urls, self._config
        view = FeedView(
            title=title,
            description=config.description.get(self._locale) or config.tagline.get(self._locale) or title,
            lang=self._locale,
            home_url=urls.absolute(path),
            self_url=urls.absolute(urls.feed(path)),
            topic_domain=urls.absolute(urls.topics()),
            country_domain=urls.absolute(urls.countries()),
            generator=GENERATOR,
            updated=max((a.updated or a.published for a in members[: config.feeds.items]), default=None),
            items=tuple(self._parts.item(article) for article in members[: config.feeds.items]),
        )
        return Output(output_path(urls.feed(path)), FeedRecipe(view))
