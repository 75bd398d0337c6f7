"""`ViewBuilder`: the parts of views that several kinds of page share.

A view is made of a render context, of the fields of its page and of what their hashes stand for, and of nothing else:
the cache key of an output rests on that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from sitegen.config.model import COMBINATIONS, Config, LocalizedText, Publisher
from sitegen.content.articles import Article
from sitegen.content.body import Body
from sitegen.content.typography import typographic, typographic_title
from sitegen.outputs import views
from sitegen.outputs.feed_selection import in_groups, opml_lists
from sitegen.outputs.machine_parts import machine_author
from sitegen.outputs.references import (
    ArticleHash,
    RenderContext,
    Values,
)
from sitegen.outputs.specs import CorrectionItem, EventItem, PairCount
from sitegen.site.clusters import clusters
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.pages import Members, has_feed, has_page
from sitegen.site.sources import source_slug
from sitegen.site.urls import Urls, feed_folder
from sitegen.theme.messages import Translator
from sitegen.theme.model import base_language, locale_of_dates
from sitegen.util.cldr import (
    babel_locale,
    flag,
    language_name,
    language_of_letters,
    language_of_name,
    open_graph_locale,
    script,
)
from sitegen.util.dates import PartialDate
from sitegen.util.feed_formats import FEED_FORMATS
from sitegen.util.hashing import Hash

GENERATOR: Final = "sitegen"
MAX_SUMMARIES: Final = 4096
"""Summaries that are kept: enough for pages that are rendered one after the other."""


class ViewBuilder:
    """Builds views in one render context. `values` look up the hashes of the page that is being rendered."""

    def __init__(self, context: RenderContext, values: Values) -> None:
        self.values = values
        self.config: Config = context.config
        self.locale = context.locale
        self.urls = Urls.of(self.config, self.locale)
        split = urlsplit(self.config.base_url)
        self.origin = f"{split.scheme}://{split.netloc}"
        self.perspectives = {term.key: term for term in self.config.perspectives}
        self.social_image = context.social_image
        self._context = context
        self._countries: dict[str, views.Link] = {}
        self._summary = lru_cache(MAX_SUMMARIES)(self._new_summary)
        self.topics = {
            term.key: self._term(term.key, term.names, self.urls.topic(term.key)) for term in self.config.topics
        }
        self._feed_labels = {
            lang.lower(): Translator(lang, {message.key: message for message in group})
            for lang, group in groupby(context.feed_labels, key=lambda message: message.lang)
        }
        self.site_view = self._site_view()

    # --- values -------------------------------------------------------------------------------------------------------

    def article(self, key: ArticleHash) -> Article:
        """Return an article."""
        return self.values.articles[key]

    def articles(self, keys: Iterable[ArticleHash]) -> tuple[Article, ...]:
        """Return articles."""
        return tuple(map(self.values.articles.__getitem__, keys))

    def body(self, key: Hash) -> Body:
        """Return a text."""
        return self.values.body(key)

    def typographic(self, text: str, lang: str) -> str:
        """Return a text with the quotation marks of its language, unless the site keeps those of the author."""
        return typographic(text, lang) if self.config.typography else text

    def typographic_title(self, title: str, lang: str) -> str:
        """Return a headline in the same way; Japanese dates stay on one line."""
        return typographic_title(title, lang) if self.config.typography else title

    def date_locale(self, tag: str) -> str:
        """Return the locale in whose style the site writes dates in the language `tag`, such as en-GB for en."""
        return locale_of_dates(tag, self.config.date_styles)

    # --- site ---------------------------------------------------------------------------------------------------------

    def _site_view(self) -> views.SiteView:
        config, urls, locale = self.config, self.urls, self.locale
        navigation, masthead = self._context.navigation, self._context.masthead
        return views.SiteView(
            title=config.title.get(locale),
            tagline=config.tagline.get(locale),
            description=config.description.get(locale),
            rights=config.rights.get(locale),
            publisher=_publisher(config.publisher, locale),
            locale=locale,
            og_locale=open_graph_locale(self.date_locale(locale)),
            og_alternates=tuple(open_graph_locale(self.date_locale(tag)) for tag in config.locales if tag != locale),
            origin=self.origin,
            home=urls.href(urls.home()),
            links=MappingProxyType({link.key: link.href for link in navigation}),
            navigation=navigation,
            masthead=tuple(link for link in navigation if link.key in masthead),
            pages=self._context.pages,
            feed=self.feed_link(ENTIRE_SITE),
            feeds=urls.href(urls.opml(urls.home())),
            assets=MappingProxyType(dict(self._context.assets)),
            settings=MappingProxyType(dict(self._context.theme_settings)),
            generator=GENERATOR,
        )

    def meta(
        self, path: str, feed: views.FeedLink | None = None, *, picture: views.Image | None = None
    ) -> views.PageMeta:
        """Return the metadata of the page at `path`, a path of this locale. Without a picture it has the site's."""
        locales, image = self.config.locales, picture or self.social_image
        if len(locales) == 1:
            return views.PageMeta(self.urls.absolute(path), feed, (), image)
        path_of_first = self.urls.without_locale(path)
        alternates = []
        for tag in locales:
            urls = Urls.of(self.config, tag)
            alternates.append(views.Link(tag, native_name(tag), tag, urls.href(urls.local(path_of_first, ()))))
        return views.PageMeta(self.urls.absolute(path), feed, tuple(alternates), image)

    # --- terms --------------------------------------------------------------------------------------------------------

    def topic(self, key: str) -> views.Link:
        """Return a topic."""
        return self.topics[key]

    def country(self, code: str) -> views.Link:
        """Return a country."""
        country = self._countries.get(code)
        if country is None:
            name, href = self.config.country_name(code, self.locale), self.urls.href(self.urls.country(code))
            country = self._countries[code] = views.Link(code, name, self.locale, href, flag(code))
        return country

    def perspective(self, key: str, topic: str | None = None) -> views.Link:
        """Return a perspective, or its part about one topic."""
        return self._term(key, self.perspectives[key].names, self.urls.perspective(key, topic))

    def _term(self, key: str, names: LocalizedText, path: str) -> views.Link:
        return views.Link(key, names.get(self.locale), names.language(self.locale), self.urls.href(path))

    def pair(
        self, codes: Sequence[str], *, has_page: bool, count: int = 0, latest: datetime | None = None
    ) -> views.Pair:
        """Return a pair; one without a page leads to its first country."""
        first, second = codes
        path = self.urls.pair(first, second) if has_page else self.urls.country(first)
        return views.Pair(self.country(first), self.country(second), self.urls.href(path), count, latest)

    def pair_of(self, codes: tuple[str, ...], count: int, latest: datetime | None = None) -> views.Pair:
        """Return the pair of two countries with `count` articles."""
        return self.pair(codes, has_page=self.has_page(count, countries=codes), count=count, latest=latest)

    def pairs(self, counts: Iterable[PairCount]) -> tuple[views.Pair, ...]:
        """Return pairs as lists show them."""
        return tuple([self.pair_of(*row) for row in counts])

    def has_page(self, count: int, **facet: Any) -> bool:
        """Return whether the facet with these fields and `count` articles has a page."""
        return has_page(self.config, Facet(**facet), count)

    def language(self, tag: str) -> views.Link:
        """Return a language."""
        return views.Link(tag, language_name(tag, self.locale), self.locale, "")

    def other_language(self, tag: str) -> views.Link | None:
        """Return a language; None for that of this locale."""
        return None if base_language(tag) == base_language(self.locale) else self.language(tag)

    def day(self, moment: PartialDate) -> date:
        """Return the day of a date in the site's time zone."""
        return moment.to_datetime(self.config.zone).astimezone(self.config.zone).date()

    def source(self, article: Article, *, has_page: bool) -> views.Link:
        """Return the source of an article; one without a page leads to the list."""
        name = article.front.source.name
        path = self.urls.source(name) if has_page else self.urls.section("sources")
        return views.Link(
            source_slug(name), name, article.front.source_name_lang(self.config.locales), self.urls.href(path)
        )

    # --- articles -----------------------------------------------------------------------------------------------------

    def summary(self, article: Article) -> views.ArticleSummary:
        """Return an article as lists show it."""
        return self._summary(ArticleHash(article.hash))

    def summary_of(self, key: ArticleHash | None) -> views.ArticleSummary | None:
        """Return an article as lists show it; None if there is none."""
        return None if key is None else self._summary(key)

    def summaries(self, keys: Iterable[ArticleHash]) -> tuple[views.ArticleSummary, ...]:
        """Return articles as lists show them."""
        return tuple(map(self._summary, keys))

    def _new_summary(self, key: ArticleHash) -> views.ArticleSummary:
        article = self.article(key)
        front, version = article.front, article.localized(self.locale)
        authors, language = version.authors(article.original), self.other_language(version.lang)
        return views.ArticleSummary(
            title=self.typographic_title(version.title, version.lang),
            lang=version.lang,
            language=language,
            href=self.urls.href(self.urls.article(article.slug)),
            date=article.published,
            topic=self.topics[front.topics[0]],
            countries=tuple(self.country(code) for code in front.countries),
            importance=front.importance,
            summary=self.typographic(version.summary, version.lang),
            machine_title=machine_author(authors, "title"),
            machine_summary=machine_author(authors, "summary"),
            reviewed=version.reviewer is not None,
            source=front.source.name,
            source_lang=front.source_name_lang(self.config.locales),
            draft=front.draft,
            excerpt=self._excerpt(article) if language is not None and article.excerpts else None,
        )

    def translated_pages(self, article: Article) -> tuple[str, ...]:
        """Return the addresses of the pages of other locales that show the article in another language."""
        shown, path = article.localized(self.locale).path, self.urls.article(article.slug)
        if not article.translations:
            return ()
        path = self.urls.without_locale(path)
        return tuple(
            urls.href(urls.local(path, ()))
            for tag in self.config.locales
            for urls in [Urls.of(self.config, tag)]
            if article.localized(tag).path != shown
        )

    def _excerpt(self, article: Article) -> views.Excerpt | None:
        """Return the first sentence of a perspective that is in the language of this locale; None if there is none."""
        for key, lang, text in article.excerpts:
            if self.other_language(lang) is None:
                href = f"{self.urls.href(self.urls.article(article.slug))}#{key}"
                original = article.original
                return views.Excerpt(
                    replace(self.perspective(key), href=href),
                    lang,
                    self.typographic(text, lang),
                    machine_author(dict(original.generated), "analysis"),
                    original.reviewer is not None,
                )
        return None

    def card(self, cluster: Members) -> views.ArticleSummary:
        """Return reports of one event as lists show them: the first, with the sources of the others."""
        first, *others = cluster
        if not others:
            return self.summary(first)
        also = tuple(replace(self.source(it, has_page=False), href=self.summary(it).href) for it in others)
        return replace(self.summary(first), also=also)

    def days(self, articles: Sequence[Article], limit: int | None = None) -> tuple[views.Day, ...]:
        """Return articles by day, the most important of a day first, with reports of one event as one article.

        `limit` is the number of events.
        """
        days = groupby(clusters(articles)[:limit], key=lambda cluster: cluster[0].published.date())
        return tuple(
            views.Day(day, tuple(map(self.card, sorted(group, key=lambda cluster: -cluster[0].front.importance))))
            for day, group in days
        )

    def language_of(self, text: str, lang: str) -> str:
        """Return the language of a text that should be in `lang`: another of the site if it has other letters.

        Editors of a bilingual digest correct an English article in Japanese.
        """
        by_letters = language_of_letters(text)
        if not by_letters or (script(by_letters) == "Latn") == (script(lang) == "Latn"):
            return lang
        return language_of_name(text, lang, lang, self.config.locales)

    def localized(self, text: LocalizedText) -> tuple[str, str]:
        """Return the text of a correction or an event for this locale, and its language."""
        shown = text.get(self.locale)
        lang = self.language_of(shown, text.language(self.locale))
        return self.typographic(shown, lang), lang

    def correction(self, item: CorrectionItem) -> views.CorrectionView:
        """Return a correction."""
        article = self.article(item.article)
        entry = item.entry(article)
        text, lang = self.localized(entry.text)
        return views.CorrectionView(self.summary(article), self.day(entry.at), text, lang)

    def event(self, item: EventItem) -> views.EventView:
        """Return an event."""
        event, zone = item.event, self.config.zone
        text, lang = self.localized(event.text)
        has_time = event.at.instant is not None
        return views.EventView(
            name=item.name,
            text=text,
            lang=lang,
            first=event.first_day(zone),
            last=event.last_day(zone),
            time=event.at.with_fixed_offset(zone) if has_time else None,
            is_month=event.is_month,
            url=event.url,
            article=self.summary_of(item.article),
            followers=self.summaries(item.followers),
            topics=tuple(self.topic(key) for key in item.topics),
            countries=tuple(self.country(code) for code in item.countries),
            other_topics=tuple(replace(self.topic(key), href="") for key in item.other_topics),
            other_countries=tuple(replace(self.country(code), href="") for code in item.other_countries),
        )

    def events(self, items: Iterable[EventItem]) -> tuple[views.EventView, ...]:
        """Return events."""
        return tuple(map(self.event, items))

    def calendar(self, facet: Facet) -> views.Link:
        """Return the calendar of the entire site, a topic or a country: its URL and the name of its subject."""
        name, lang = self.facet_name(facet)
        return views.Link(facet.kind, name, lang, self.urls.href(self.urls.calendar(feed_folder(self.urls, facet))))

    # --- feeds --------------------------------------------------------------------------------------------------------

    def labels(self, *tags: str) -> Translator:
        """Return the labels of feeds: in the first language that has all: of `tags`, of the site, any."""
        for tag in (*tags, self.locale, *self.config.locales, *self._feed_labels):
            for name in (tag.lower(), tag.partition("-")[0].lower()):
                if name in self._feed_labels:
                    return self._feed_labels[name]
        raise LookupError(f"the theme has no feed labels in {self.locale}")

    def feed_title(self, facet: Facet) -> str:
        """Return the title of a feed: the site's, and what the feed is about."""
        title = self.config.title.get(self.locale)
        return title if facet == ENTIRE_SITE else f"{title} · {self.facet_name(facet)[0]}"

    def facet_name(self, facet: Facet) -> tuple[str, str]:
        """Return the name of a facet and its language; empty for a name without a language."""
        if facet.topic is not None:
            topic = self.topics[facet.topic]
            if not facet.countries:
                return topic.name, topic.lang
            return f"{topic.name} · {self._names(facet.countries)}", self.locale
        if facet.countries:
            return self._names(facet.countries), self.locale
        if facet.source is not None:
            return facet.source, ""
        if facet.perspective is not None:
            perspective = self.perspective(facet.perspective)
            return perspective.name, perspective.lang
        if facet.language is not None:
            return native_name(facet.language), facet.language
        if facet.importance is not None:
            return self.labels().label("importance", level=facet.importance), self.labels().tag
        if facet.section is not None:
            return self.labels().label(facet.section), self.labels().tag
        return self.config.title.get(self.locale), self.config.title.language(self.locale)

    def _names(self, codes: Sequence[str]) -> str:
        return " – ".join(self.country(code).name for code in codes)

    def feed_link(self, facet: Facet, *, source_lang: str = "", has_list: bool = False) -> views.FeedLink:
        """Return a feed as a page names it; `source_lang` is the language of the name if it is that of a source.

        `has_list` is true if its subject has a list of feeds.
        """
        folder = feed_folder(self.urls, facet)
        formats = tuple(
            views.Link(entry.media_type, entry.label, "", self.urls.href(folder + entry.file_name))
            for entry in (FEED_FORMATS[name] for name in self.config.feeds.formats_of(facet.kind))
        )
        name, lang = self.facet_name(facet)
        return views.FeedLink(
            title=self.feed_title(facet),
            href=formats[0].href,
            formats=formats,
            name=name,
            lang=lang or source_lang,
            page=self.urls.href(folder),
            opml=self.urls.href(self.urls.opml(folder)) if has_list else None,
        )

    def own_feed(self, facet: Facet, count: int, source_lang: str = "") -> views.FeedLink | None:
        """Return the feed of a facet with `count` articles; None if it has none."""
        return self.feed_link(facet, source_lang=source_lang) if has_feed(self.config, facet, count) else None

    def feed_groups(self, facets: Mapping[Facet, str]) -> tuple[views.Group, ...]:
        """Return feeds in groups, for a page that lists them: all but combinations, which the lists of feeds have.

        The value of a facet is the language of its source's name.
        """
        labels = self.labels()
        with_lists = {about for about, _ in opml_lists(tuple(facets))}
        return tuple(
            views.Group(
                kind,
                labels.label(kind),
                labels.tag,
                "",
                items=tuple(
                    self.feed_link(facet, source_lang=facets[facet], has_list=facet in with_lists) for facet in group
                ),
            )
            for kind, group in in_groups([facet for facet in facets if facet.kind not in COMBINATIONS])
        )


def by_importance(article: Article) -> tuple[int, float, str]:
    """Return the sort key of articles by importance, the newest of equals first."""
    return -article.front.importance, -article.published.timestamp(), article.front.id


def _publisher(publisher: Publisher | None, locale: str) -> views.Publisher | None:
    if publisher is None:
        return None
    name, contact = publisher.name, publisher.contact
    return views.Publisher(
        name.get(locale), name.language(locale), publisher.url, contact, publisher.contact_url, publisher.email
    )


@lru_cache(maxsize=64)
def native_name(tag: str) -> str:
    """Return the name of a language in itself."""
    locale = babel_locale(tag)
    return locale.get_display_name() or tag
