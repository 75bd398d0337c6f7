"""The parts that the pages of one locale share: cards, topics, countries, counts, lists of days, feed items.

Each shared part is made once, so that its digest is taken once.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final
from urllib.parse import quote

from sitegen.config import Names
from sitegen.content.articles import Article
from sitegen.content.markdown import Hole, HoleKind
from sitegen.content.markdown import Section as BodySection
from sitegen.digest import views
from sitegen.digest.site import Pair, Site
from sitegen.digest.urls import Urls, asset_path
from sitegen.digest.values import FeedItem, Static
from sitegen.territories import babel_locale, flag

GENERATOR: Final = "sitegen"


def media_path(path: str, digest: str) -> str:
    """Return the site path at which a picture or document of the editor's is published."""
    return asset_path(path.rpartition("/")[2], digest)


class Parts:
    """Makes the parts of one locale. `cards` are by article file, `topics` by key."""

    def __init__(self, site: Site, locale: str, statics: Sequence[Static], media: Mapping[str, str]) -> None:
        self._site = site
        self._config = site.config
        self._locale = locale
        self._urls: Urls = site.urls(locale)
        self._media = media
        self._names = {term.key: term.names for term in self._config.perspectives}
        self._countries: dict[str, views.Country] = {}
        self._pairs: dict[Pair, views.Pair] = {}
        self._items: dict[str, FeedItem] = {}
        self.topics = {term.key: self._topic(term.key, term.names) for term in self._config.topics}
        self.cards = {article.path: self._card(article) for article in site.articles}
        self.site_view = self._site_view(statics)

    def perspective_name(self, key: str) -> str:
        """Return the label of a perspective in the locale."""
        return self._names[key].get(self._locale)

    def _site_view(self, statics: Sequence[Static]) -> views.SiteView:
        config, urls, locale = self._config, self._urls, self._locale
        return views.SiteView(
            title=config.title.get(locale),
            tagline=config.tagline.get(locale),
            description=config.description.get(locale),
            rights=config.rights.get(locale),
            locale=locale,
            locales=tuple(views.LocaleLink(tag, _autonym(tag)) for tag in config.locales),
            home=urls.href(urls.home()),
            topics=urls.href(urls.topics()),
            countries=urls.href(urls.countries()),
            relations=urls.href(urls.relations()),
            archive=urls.href(urls.archive()),
            feed=views.FeedLink(config.title.get(locale), urls.href(urls.feed(urls.home()))),
            assets=views.Assets(tuple((s.name, urls.href(asset_path(s.name, s.digest))) for s in statics)),
            generator=GENERATOR,
        )

    def _topic(self, key: str, names: Names) -> views.Topic:
        href = self._urls.href(self._urls.topic(key))
        return views.Topic(key, names.get(self._locale), href, names.language(self._locale))

    def head(self, path: str, feed: views.FeedLink | None = None) -> views.Head:
        """Return the head of the page at `path`, a path of this locale."""
        bare = path if self._urls.is_first else path.removeprefix(f"/{self._locale}")
        alternates = []
        for tag in self._config.locales:
            urls = self._site.urls(tag)
            local = bare if urls.is_first else f"/{tag}{bare}"
            alternates.append(views.Alternate(tag, urls.href(local), urls.absolute(local)))
        shown = tuple(alternates) if len(alternates) > 1 else ()
        return views.Head(self._urls.absolute(path), feed, shown)

    def country(self, code: str) -> views.Country:
        """Return a country by its code."""
        country = self._countries.get(code)
        if country is None:
            href = self._urls.href(self._urls.country(code))
            country = views.Country(code, self._config.country_name(code, self._locale), flag(code), href)
            self._countries[code] = country
        return country

    def _card(self, article: Article) -> views.Card:
        front = article.front
        return views.Card(
            title=front.title,
            lang=front.lang,
            href=self._urls.href(self._urls.article(article.slug)),
            date=article.published,
            topic=self.topics[front.topics[0]],
            countries=tuple(self.country(code) for code in front.countries),
            importance=front.importance,
            summary=front.summary,
            machine_summary=dict(front.generated).get("summary") in {"ai", "mixed"},
            source=front.source.name,
            source_lang=front.source.lang or front.lang,
            draft=front.draft,
        )

    def section(self, article: Article, section: BodySection, *, absolute: bool = False) -> views.Section:
        """Return a section of an article's text; `absolute` fills in full URLs, for feeds."""
        return views.Section(
            key=section.key,
            name=self._names[section.key].get(self._locale) if section.key is not None else "",
            label=section.label,
            lang=section.lang or article.front.lang,
            pieces=section.html.pieces,
            hrefs=tuple(self._address(article, hole, absolute=absolute) for hole in section.html.holes),
        )

    def _address(self, article: Article, hole: Hole, *, absolute: bool) -> str:
        fragment = f"#{quote(hole.fragment)}" if hole.fragment else ""
        if hole.kind is HoleKind.ARTICLE and not hole.path and not absolute:
            return fragment
        path = self._site_path(article, hole)
        return (self._urls.absolute(path) if absolute else self._urls.href(path)) + fragment

    def _site_path(self, article: Article, hole: Hole) -> str:
        if hole.kind is HoleKind.PAGE:
            return self._urls.local(hole.path, self._config.locales)
        if hole.kind is HoleKind.FILE:
            return media_path(hole.path, self._media.get(hole.path, ""))
        target = self._site.by_path.get(hole.path or article.path)
        return self._urls.article(target.slug) if target else self._urls.home()

    def days(self, articles: Sequence[Article]) -> tuple[views.Day, ...]:
        """Return articles by day, the most important of a day first."""
        days = groupby(articles, key=lambda article: article.published.date())
        return tuple(
            views.Day(
                day,
                tuple(self.cards[a.path] for a in sorted(run, key=lambda article: -article.front.importance)),
            )
            for day, run in days
        )

    def topic_counts(self, members: Sequence[Article] | None = None) -> tuple[views.TopicCount, ...]:
        """Count the topics of `members` (default: of all articles), most frequent first."""
        groups: dict[str, list[Article]] = {}
        for article in self._site.articles if members is None else members:
            for key in article.front.topics:
                groups.setdefault(key, []).append(article)
        order = list(self.topics)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1]), order.index(row[0])))
        return tuple(views.TopicCount(self.topics[key], len(run), run[0].published) for key, run in rows)

    def country_counts(
        self, members: Sequence[Article] | None = None, *, beside: tuple[str, ...] = ()
    ) -> tuple[views.CountryCount, ...]:
        """Count the countries of `members` (default: of all articles), without those of `beside`.

        Beside one country, a row leads to the pair of the two.
        """
        groups: dict[str, list[Article]] = {}
        for article in self._site.articles if members is None else members:
            for code in article.front.countries:
                if code not in beside:
                    groups.setdefault(code, []).append(article)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1]), row[0]))
        counts = []
        for code, run in rows:
            country = self.country(code)
            href = self._urls.href(self._urls.pair(beside[0], code)) if len(beside) == 1 else country.href
            counts.append(views.CountryCount(country, len(run), run[0].published, href))
        return tuple(counts)

    def pair(self, pair: Pair) -> views.Pair:
        """Return a pair of countries by its codes, in order."""
        known = self._pairs.get(pair)
        if known is None:
            first, second = pair
            href = self._urls.href(self._urls.pair(first, second))
            known = self._pairs[pair] = views.Pair(self.country(first), self.country(second), href)
        return known

    def pair_counts(self) -> tuple[views.PairCount, ...]:
        """Count every pair, the strongest first."""
        rows = sorted(self._site.by_pair.items(), key=lambda row: (-len(row[1]), row[0]))
        return tuple(views.PairCount(self.pair(pair), len(run), run[0].published) for pair, run in rows)

    def item(self, article: Article) -> FeedItem:
        """Return an article as feeds carry it."""
        item = self._items.get(article.path)
        if item is None:
            front = article.front
            item = FeedItem(
                guid=f"tag:{self._config.authority}:{front.id}",
                title=front.title,
                url=self._urls.absolute(self._urls.article(article.slug)),
                published=article.published,
                updated=article.updated,
                lang=front.lang,
                creator=front.source.name,
                summary=front.summary,
                sections=tuple(self.section(article, section, absolute=True) for section in article.body.sections),
                topics=tuple(self.topics[key].name for key in front.topics),
                countries=front.countries,
            )
            self._items[article.path] = item
        return item


def _autonym(tag: str) -> str:
    """Return the name of a language in itself."""
    locale = babel_locale(tag)
    return locale.get_display_name() or tag
