"""`ViewBuilder`: the parts of views that several kinds of page share.

A view is made of a render context, of the fields of its page and of what their hashes stand for, and of nothing else:
the cache key of an output rests on that.
"""

import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby, islice
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlsplit

from markupsafe import escape
from msgspec.structs import astuple, replace

from sitegen.config.model import COMBINATIONS, Config, LocalizedText, Publisher
from sitegen.config.readers import TEXT_PARTS
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.frontmatter import Review
from sitegen.content.markdown import Body
from sitegen.content.markdown import Section as BodySection
from sitegen.content.typography import typographic, typographic_parts
from sitegen.outputs import views
from sitegen.outputs.charts import months_chart
from sitegen.outputs.feeds.selection import in_groups, opml_lists
from sitegen.outputs.references import (
    ArticleHash,
    ArticleText,
    IntroductionText,
    RenderContext,
    ResolvedLink,
    StaticPageText,
    Values,
)
from sitegen.outputs.specs import CorrectionItem, DateCount, EventItem, MonthPart, PairCount, month_counts
from sitegen.site.clusters import clusters
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.model import monday_of
from sitegen.site.pages import Members, has_feed, has_issue, has_page
from sitegen.site.sources import source_slug
from sitegen.site.urls import Urls, feed_folder
from sitegen.theme.messages import Translator
from sitegen.util.cldr import babel_locale, flag, language_name
from sitegen.util.dates import PartialDate
from sitegen.util.feed_formats import FEED_FORMATS
from sitegen.util.hashing import Hash

GENERATOR: Final = "sitegen"
MAX_SUMMARIES: Final = 4096
"""Summaries that are kept: enough for pages that are rendered one after the other."""

MACHINE_AUTHORS: Final = ("ai", "mixed")
"""Authors of parts that are marked as machine-written (Regulation (EU) 2024/1689, Article 50)."""
MAX_READINGS: Final = 2
"""The number of perspectives that are quoted with an article."""

_PICTURE_SIZES: Final = "(min-width: 42rem) 38rem, 94vw"
"""The width of a text in the included themes, at most."""
_ID = re.compile(r'(<h[1-6]|^") id="[^"]*"')
"""The id of a heading or, after the address of a link, of a reference to a footnote."""


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
        self._topics = {
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
        return self._topics[key]

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

    def has_page(self, count: int, **facet: Any) -> bool:
        """Return whether the facet with these fields and `count` articles has a page."""
        return has_page(self.config, Facet(**facet), count)

    def language(self, tag: str) -> views.Link:
        """Return a language."""
        return views.Link(tag, language_name(tag, self.locale), self.locale, "")

    def other_language(self, tag: str) -> views.Link | None:
        """Return a language; None for that of this locale."""
        is_same = tag.split("-", maxsplit=1)[0] == self.locale.split("-", maxsplit=1)[0]
        return None if is_same else self.language(tag)

    def day(self, moment: PartialDate) -> date:
        """Return the day of a date in the site's time zone."""
        return moment.to_datetime(self.config.zone).astimezone(self.config.zone).date()

    def source(self, article: Article, *, has_page: bool) -> views.Link:
        """Return the source of an article; one without a page leads to the list."""
        name = article.front.source.name
        path = self.urls.source(name) if has_page else self.urls.section("sources")
        return views.Link(source_slug(name), name, article.front.source_name_lang, self.urls.href(path))

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
        front, shown = article.front, article.localized(self.locale)
        authors, language = shown.authors(article.original), self.other_language(shown.lang)
        return views.ArticleSummary(
            title=self.typographic(shown.title, shown.lang),
            lang=shown.lang,
            language=language,
            href=self.urls.href(self.urls.article(article.slug)),
            date=article.published,
            topic=self._topics[front.topics[0]],
            countries=tuple(self.country(code) for code in front.countries),
            importance=front.importance,
            summary=self.typographic(shown.summary, shown.lang),
            machine_title=authors.get("title") in MACHINE_AUTHORS,
            machine_summary=authors.get("summary") in MACHINE_AUTHORS,
            source=front.source.name,
            source_lang=front.source_name_lang,
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
        found = next((entry for entry in article.excerpts if self.other_language(entry.lang) is None), None)
        if found is None:
            return None
        perspective = self.perspective(found.perspective)
        href = f"{self.urls.href(self.urls.article(article.slug))}#{found.perspective}"
        is_machine = dict(article.front.generated).get("analysis") in MACHINE_AUTHORS
        text = self.typographic(found.text, found.lang)
        return views.Excerpt(replace(perspective, href=href), found.lang, text, is_machine)

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

    def correction(self, item: CorrectionItem) -> views.CorrectionView:
        """Return a correction."""
        article = self.article(item.article)
        entry = item.entry(article)
        text = self.typographic(entry.text, article.front.lang)
        return views.CorrectionView(self.summary(article), self.day(entry.at), text, article.front.lang)

    def event(self, item: EventItem) -> views.EventView:
        """Return an event."""
        event, zone, lang = item.event, self.config.zone, item.event.text.language(self.locale)
        has_time = event.at.instant is not None
        return views.EventView(
            name=item.name,
            text=self.typographic(event.text.get(self.locale), lang),
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
        )

    def events(self, items: Iterable[EventItem]) -> tuple[views.EventView, ...]:
        """Return events."""
        return tuple(map(self.event, items))

    def calendar(self, facet: Facet) -> views.Link:
        """Return the calendar of the entire site, a topic or a country: its URL and the name of its subject."""
        name, lang = self.facet_name(facet)
        return views.Link(facet.kind, name, lang, self.urls.href(self.urls.calendar(feed_folder(self.urls, facet))))

    def sections(
        self,
        whole: ArticleText | StaticPageText,
        *,
        absolute: bool,
        indexes: Sequence[str] = (),
        on_own_page: bool = True,
        as_written: bool = False,
    ) -> Iterator[views.Section]:
        """Yield the sections of a text; `absolute` fills in full URLs, for feeds.

        `indexes` are the perspectives that have a page of all their readings. If the text is not `on_own_page`, links
        to places in the text lead to its page. A text `as_written` keeps the author's quotation marks.
        """
        if isinstance(whole, StaticPageText):
            authors, review = dict(whole.authors), whole.review
            lang, path = whole.lang, self.urls.section(whole.slug)
        else:
            article = self.article(whole.article)
            version = version_at(article, whole.path)
            authors, review = version.authors(article.original), version.reviewed
            lang, path = version.lang, self.urls.article(article.slug)
        addresses = [self._address(path, link, absolute=absolute, on_own_page=on_own_page) for link in whole.links]
        pictures = [self._picture(link, absolute=absolute) for link in whole.links]
        hrefs = iter(zip(addresses, pictures, strict=True))
        reviewer, is_outdated = _review_state(review)
        for section in self.body(whole.text).sections:
            links = [link for _, link in zip(section.links, hrefs, strict=False)]
            key, section_lang = section.key, section.lang or lang
            label, excerpt, parts = section.label, section.first_sentence, section.parts
            if self.config.typography and not as_written:
                label, excerpt = typographic(label, section_lang), typographic(excerpt, section_lang)
                parts = typographic_parts(parts, section_lang)
            yield views.Section(
                key=key,
                name=self.perspectives[key].names.get(self.locale) if key is not None else "",
                label=label,
                lang=section_lang,
                language=self.other_language(section_lang),
                excerpt=excerpt,
                parts=parts,
                hrefs=tuple([href for href, _ in links]),
                pictures=tuple([picture for _, picture in links]) if any(picture for _, picture in links) else (),
                index=self.urls.href(self.urls.perspective(key)) if key is not None and key in indexes else "",
                origin=self.origin,
                author=authors.get(_part_of(section), ""),
                reviewer=reviewer,
                changed_since_review=is_outdated,
            )

    def readings(self, leads: Iterable[ArticleText]) -> dict[str, tuple[views.Section, ...]]:
        """Return the first perspectives of articles, two of each, by the URL of the article."""
        return {
            self.summary(self.article(whole.article)).href: tuple(
                islice(
                    (
                        section
                        for section in self.sections(whole, absolute=False, on_own_page=False)
                        if section.key is not None and section.excerpt
                    ),
                    MAX_READINGS,
                )
            )
            for whole in leads
        }

    def introduction(self, text: IntroductionText | None, *, absolute: bool = False) -> views.Introduction | None:
        """Return the introduction of an edition or an issue; `absolute` fills in full URLs."""
        if text is None:
            return None
        sections = tuple(self.sections(text, absolute=absolute))
        return views.Introduction(
            title=self.typographic(text.title, text.lang),
            lang=text.lang,
            language=self.other_language(text.lang),
            sections=sections,
            authorship=machine_parts(dict(text.authors), text.review, "", sections),
            watch=tuple(
                views.WatchItem(
                    self.typographic(item.text, text.watch_lang),
                    text.watch_lang,
                    None if item.at is None else self.day(item.at),
                    item.url,
                )
                for item in text.watch
            ),
        )

    def reading(self, whole: ArticleText, perspective: str) -> views.Section:
        """Return the section of an article for a perspective, for a page that shows many: without ids in it."""
        return replace(self.section_of(whole, perspective), article=self.summary(self.article(whole.article)))

    def section_of(self, whole: ArticleText, perspective: str, indexes: Sequence[str] = ()) -> views.Section:
        """Return the section of a text for a perspective, for a page of another text: without ids in it."""
        sections = self.sections(whole, absolute=False, indexes=indexes, on_own_page=False)
        section = next(section for section in sections if section.key == perspective)
        return replace(section, parts=tuple(_ID.sub(r"\1", part) for part in section.parts))

    def _picture(self, link: ResolvedLink, *, absolute: bool) -> str:
        """Return the attributes of a picture: its size and, on a page, its smaller copies."""
        if link.size is None:
            return ""
        size = f'width="{link.size[0]}" height="{link.size[1]}"'
        if absolute or not link.copies:
            return size
        all_sizes = (*link.copies, (link.size[0], link.path))
        sources = ", ".join(f"{escape(self.urls.href(path))} {width}w" for width, path in all_sizes)
        return f'{size} srcset="{sources}" sizes="{_PICTURE_SIZES}"'

    def _address(self, path: str, link: ResolvedLink, *, absolute: bool, on_own_page: bool) -> str:
        """Return the address of a link of the text whose page is at `path`."""
        fragment = f"#{quote(link.fragment)}" if link.fragment else ""
        if not link.path and not absolute and on_own_page:
            return fragment
        target = link.path or path
        return (self.urls.absolute(target) if absolute else self.urls.href(target)) + fragment

    # --- counts -------------------------------------------------------------------------------------------------------

    def counts(
        self,
        members: Sequence[Article],
        keys: Callable[[Article], Iterable[str]],
        link: Callable[[str, Sequence[Article]], views.Link],
        *,
        order: Callable[[str], int | str] = str,
        before: Sequence[Article] | None = None,
        limit: int | None = None,
    ) -> tuple[views.Count, ...]:
        """Count `members` by their keys, the most frequent first, equals by `order`, and those of the month `before`.

        `link` is called with a key and the members that have it. `limit` is the number of keys that are returned.
        """
        groups: dict[str, tuple[list[Article], list[Article]]] = defaultdict(lambda: ([], []))
        for index, articles in enumerate((members, before or ())):
            for article in articles:
                for key in keys(article):
                    groups[key][index].append(article)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1][0]), -len(row[1][1]), order(row[0])))
        return tuple(
            counted(
                link(key, now), len(now), self.summary((now or past)[0]), before=None if before is None else len(past)
            )
            for key, (now, past) in rows[:limit]
        )

    def topic_counts(
        self,
        members: Sequence[Article],
        *,
        facet: Facet = ENTIRE_SITE,
        before: Sequence[Article] | None = None,
        limit: int | None = None,
    ) -> tuple[views.Count, ...]:
        """Count the topics of `members`, and of the month `before` if it is given.

        On a page of countries, a row leads to the page of the topic in these countries if it exists.
        """

        def link(key: str, group: Sequence[Article]) -> views.Link:
            href = self._crossing(key, facet.countries, len(group))
            return replace(self._topics[key], href=href) if href else self._topics[key]

        order = list(self._topics).index
        return self.counts(members, lambda article: article.front.topics, link, order=order, before=before, limit=limit)

    def _crossing(self, topic: str, codes: tuple[str, ...], count: int) -> str | None:
        """Return the address of a topic in countries; None if it has no page."""
        if not codes or not self.has_page(count, topic=topic, countries=codes):
            return None
        return self.urls.href(self.urls.crossing(topic, codes))

    def country_counts(
        self,
        members: Sequence[Article],
        *,
        facet: Facet = ENTIRE_SITE,
        before: Sequence[Article] | None = None,
        limit: int | None = None,
    ) -> tuple[views.Count, ...]:
        """Count the countries of `members`, without those of `facet`, and of the month `before` as for topics.

        On a page of a topic, one country or both, a row leads to the page of the combination if it exists.
        """

        def link(code: str, group: Sequence[Article]) -> views.Link:
            href = self._combination(facet, code, len(group))
            return replace(self.country(code), href=href) if href else self.country(code)

        def codes(article: Article) -> Iterable[str]:
            return (code for code in article.front.countries if code not in facet.countries)

        return self.counts(members, codes, link, before=before, limit=limit)

    def _combination(self, facet: Facet, code: str, count: int) -> str | None:
        """Return the address of a facet combined with a country; None if it has no page."""
        if len(facet.countries) > 1 or facet.source is not None:
            return None
        href = None
        if facet.topic is not None:
            href = self._crossing(facet.topic, (*facet.countries, code), count)
        if href is None and facet.countries:
            pair = (facet.countries[0], code)
            if self.has_page(count, countries=pair):
                href = self.urls.href(self.urls.pair(*pair))
        return href

    def pairs(self, counts: Iterable[PairCount]) -> tuple[views.Pair, ...]:
        """Return pairs as lists show them."""
        return tuple([self.pair_of(*row) for row in counts])

    def months(self, path: str, months: Iterable[DateCount]) -> tuple[views.Period, ...]:
        """Return months of an index at `path`."""
        return tuple(self._month(path, first, count=count) for first, count in months)

    def month(self, path: str, month: MonthPart | None) -> views.Period | None:
        """Return a month, or a part of it, of an index at `path`; None if there is none."""
        return self._month(path, *month) if month is not None else None

    def _month(self, path: str, first: date, part: int = 0, *, count: int = 0) -> views.Period:
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return views.Period(first, last, count, self.urls.href(self.urls.month(path, first, part)), part)

    def weeks(self, path: str, articles: Sequence[Article]) -> tuple[views.MonthOfWeeks, ...]:
        """Return every month from the newest of `articles` to the oldest, with its weeks, also those without any.

        `path` is that of an index that has a page for each month.
        """
        if not articles:
            return ()
        months = dict(month_counts(articles))
        weeks = Counter(monday_of(article.published) for article in articles)
        rows, month, oldest = [], max(months), min(months)
        while month >= oldest:
            period = self._month(path, month, count=months.get(month, 0))
            of_month = tuple(self._week(monday, weeks[monday]) for monday in _mondays(month, period.last))
            href = period.href if period.count else ""
            rows.append(views.MonthOfWeeks(month, period.last, period.count, href, weeks=of_month))
            month = month_before(month)
        return tuple(rows)

    def _week(self, monday: date, count: int) -> views.Period:
        week = self.issue(monday, count)
        return week if has_issue(self.config, count) else replace(week, href="")

    def months_chart(
        self, members: Sequence[Article], span: tuple[date, date] | None = None
    ) -> views.MonthsChart | None:
        """Return the chart of articles by month and importance; `span` is the period of its axis."""
        return months_chart([(article.published, article.front.importance) for article in members], span)

    def issue(self, monday: date, count: int = 0) -> views.Period:
        """Return a weekly issue."""
        return views.Period(monday, monday + timedelta(days=6), count, self.urls.href(self.urls.issue(monday)))

    def edition(self, day: date, count: int = 0) -> views.Period:
        """Return a daily edition."""
        return views.Period(day, day, count, self.urls.href(self.urls.edition(day)))

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
            topic = self._topics[facet.topic]
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
        if facet.corrections or facet.upcoming or facet.editions:
            return self.labels().label(facet.kind), self.labels().tag
        return self.config.title.get(self.locale), self.config.title.language(self.locale)

    def _names(self, codes: Sequence[str]) -> str:
        return " – ".join(self.country(code).name for code in codes)

    def feed_link(self, facet: Facet, *, has_list: bool = False) -> views.FeedLink:
        """Return a feed as a page names it; `has_list` is true if its subject has a list of feeds."""
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
            lang=lang,
            page=self.urls.href(folder),
            opml=self.urls.href(self.urls.opml(folder)) if has_list else None,
        )

    def own_feed(self, facet: Facet, count: int) -> views.FeedLink | None:
        """Return the feed of a facet with `count` articles; None if it has none."""
        return self.feed_link(facet) if has_feed(self.config, facet, count) else None

    def feed_groups(self, facets: Sequence[Facet]) -> tuple[views.Group, ...]:
        """Return feeds in groups, for a page that lists them: all but combinations, which the lists of feeds have."""
        labels = self.labels()
        with_lists = {about for about, _ in opml_lists(facets)}
        return tuple(
            views.Group(
                kind,
                labels.label(kind),
                labels.tag,
                "",
                items=tuple(self.feed_link(facet, has_list=facet in with_lists) for facet in group),
            )
            for kind, group in in_groups([facet for facet in facets if facet.kind not in COMBINATIONS])
        )


def counted(
    link: views.Link, count: int, newest: views.ArticleSummary | None = None, before: int | None = None
) -> views.Count:
    """Return a link with the number of its articles, and the newest of them."""
    latest = newest.date if newest is not None else None
    return views.Count(*astuple(link), count=count, latest=latest, before=before, newest=newest)


def _mondays(first: date, last: date) -> Iterator[date]:
    """Yield the Monday of each week that has a day of a month, the earliest first."""
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        yield monday
        monday += timedelta(days=7)


def month_before(month: date) -> date:
    """Return the first day of the month before `month`."""
    return (month - timedelta(days=1)).replace(day=1)


def by_importance(article: Article) -> tuple[int, float, str]:
    """Return the sort key of articles by importance, the newest of equals first."""
    return -article.front.importance, -article.published.timestamp(), article.front.id


def version_at(article: Article, path: str) -> LocalizedVersion:
    """Return the version of an article that is in the file `path`."""
    return next(version for version in article.versions if version.path == path)


def _publisher(publisher: Publisher | None, locale: str) -> views.Publisher | None:
    if publisher is None:
        return None
    name, contact = publisher.name, publisher.contact
    return views.Publisher(
        name.get(locale), name.language(locale), publisher.url, contact, publisher.contact_url, publisher.email
    )


def machine_parts(
    authors: Mapping[str, str], review: Review | None, summary: str, sections: Iterable[views.Section]
) -> tuple[views.Authorship, ...]:
    """Return the parts that a machine wrote, or helped to write, of a title, a summary and the sections of a text."""
    reviewer, is_outdated = _review_state(review)
    existing = {"title", *(["summary"] if summary else []), *(_part_of(section) for section in sections)}
    found = []
    for author in MACHINE_AUTHORS:
        parts = tuple(part for part in TEXT_PARTS if part in existing and authors.get(part) == author)
        if parts:
            found.append(views.Authorship(author, parts, reviewer, is_outdated))
    return tuple(found)


def _part_of(section: views.Section | BodySection) -> str:
    return "text" if section.key is None else "analysis"


def _review_state(review: Review | None) -> tuple[str, bool]:
    """Return the reviewer of the parts as they are, or an empty text, and whether they have changed since."""
    return (review.reviewer or "", review.is_outdated) if review is not None else ("", False)


@lru_cache(maxsize=64)
def native_name(tag: str) -> str:
    """Return the name of a language in itself."""
    locale = babel_locale(tag)
    return locale.get_display_name() or tag
