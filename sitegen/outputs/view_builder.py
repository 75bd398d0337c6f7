"""`ViewBuilder`: the parts of views that several kinds of page share.

A view is made of a render context, of the fields of its page and of what their hashes stand for, and of nothing else:
the cache key of an output rests on that.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, urlsplit

from sitegen.config.model import LocalizedText
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.frontmatter import Correction
from sitegen.content.markdown import Body
from sitegen.content.markdown import Section as BodySection
from sitegen.outputs import views
from sitegen.outputs.charts import months_chart
from sitegen.outputs.feeds.selection import in_groups, opml_lists
from sitegen.outputs.page_kind import sections
from sitegen.outputs.recipes import (
    ArticleHash,
    ArticleText,
    RenderContext,
    ResolvedLink,
    StaticPageText,
    Values,
)
from sitegen.outputs.specs import MonthSummary, PerspectiveSummary, WeekSummary, month_summaries
from sitegen.site.facets import ENTIRE_SITE, CountryPair, Facet
from sitegen.site.model import by_month, pairs
from sitegen.site.pages import has_page
from sitegen.site.urls import Urls, feed_folder
from sitegen.theme.feed_labels import FeedLabelFormatter
from sitegen.util.cldr import babel_locale, flag, language_name
from sitegen.util.dates import Instant, PartialDate
from sitegen.util.feed_formats import FEED_FORMATS
from sitegen.util.hashing import Hash

if TYPE_CHECKING:
    from sitegen.config.model import Config

GENERATOR: Final = "sitegen"
MAX_SUMMARIES: Final = 4096
"""Summaries that are kept: enough for pages that are rendered one after the other."""


class _Group(NamedTuple):
    """Articles that have something in common: those that are counted, and those of the month before."""

    members: list[Article]
    before: list[Article]

    @property
    def latest(self) -> Instant:
        """When the newest of them was published."""
        return (self.members or self.before)[0].published


def _groups(
    members: Sequence[Article], before: Sequence[Article] | None, keys: Callable[[Article], Iterable[str]]
) -> dict[str, _Group]:
    """Return articles by what they have in common."""
    groups: dict[str, _Group] = defaultdict(lambda: _Group([], []))
    for article in members:
        for key in keys(article):
            groups[key].members.append(article)
    for article in before or ():
        for key in keys(article):
            groups[key].before.append(article)
    return groups


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
        self._countries: dict[str, views.Country] = {}
        self._summary = lru_cache(MAX_SUMMARIES)(self._new_summary)
        self._topics = {
            term.key: views.Topic(
                term.key,
                term.names.get(self.locale),
                self.urls.href(self.urls.topic(term.key)),
                term.names.language(self.locale),
            )
            for term in self.config.topics
        }
        self._label_formatters = {labels.lang.lower(): FeedLabelFormatter(labels) for labels in context.feed_labels}
        self.site_view = self._site_view()

    # --- values -------------------------------------------------------------------------------------------------------

    def article(self, key: ArticleHash) -> Article:
        """Return an article."""
        return self.values.article(key)

    def articles(self, keys: Iterable[ArticleHash]) -> tuple[Article, ...]:
        """Return articles."""
        return tuple(map(self.values.article, keys))

    def body(self, key: Hash) -> Body:
        """Return a text."""
        return self.values.body(key)

    # --- site ---------------------------------------------------------------------------------------------------------

    def _site_view(self) -> views.SiteView:
        config, urls, locale = self.config, self.urls, self.locale
        navigation = tuple(self._navigation())
        return views.SiteView(
            title=config.title.get(locale),
            tagline=config.tagline.get(locale),
            description=config.description.get(locale),
            rights=config.rights.get(locale),
            locale=locale,
            locales=tuple(views.LocaleLink(tag, native_name(tag)) for tag in config.locales),
            home=urls.href(urls.home()),
            links=MappingProxyType({link.key: link.href for link in navigation}),
            navigation=navigation,
            pages=self._context.pages,
            feed=self.feed_link(ENTIRE_SITE),
            feeds=urls.href(urls.opml(urls.home())),
            assets=MappingProxyType(dict(self._context.assets)),
            generator=GENERATOR,
        )

    def _navigation(self) -> Iterator[views.NavigationLink]:
        for kind in sections():
            path = kind.address(self.urls, self.config)
            if path is not None and kind.section is not None:
                yield views.NavigationLink(
                    kind.section.key,
                    self.urls.href(path),
                    LocalizedText(kind.section.names).get(self.locale),
                    in_header=kind.section.place == "header",
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
            local = urls.local(path_of_first, ())
            alternates.append(views.Alternate(tag, urls.href(local), urls.absolute(local)))
        return views.PageMeta(self.urls.absolute(path), feed, tuple(alternates), image)

    # --- terms --------------------------------------------------------------------------------------------------------

    @property
    def topic_order(self) -> tuple[str, ...]:
        """The keys of all topics in the order of the configuration."""
        return tuple(self._topics)

    def topic(self, key: str) -> views.Topic:
        """Return a topic."""
        return self._topics[key]

    def country(self, code: str) -> views.Country:
        """Return a country."""
        country = self._countries.get(code)
        if country is None:
            href = self.urls.href(self.urls.country(code))
            country = views.Country(code, self.config.country_name(code, self.locale), flag(code), href)
            self._countries[code] = country
        return country

    def pair(self, codes: CountryPair, *, has_page: bool) -> views.Pair:
        """Return a pair; one without a page leads to its first country."""
        first, second = codes
        path = self.urls.pair(first, second) if has_page else self.urls.country(first)
        return views.Pair(self.country(first), self.country(second), self.urls.href(path))

    def pair_of(self, codes: Sequence[str], count: int) -> views.Pair:
        """Return the pair of two countries with `count` articles; it leads to its page if it has one."""
        first, second = codes
        return self.pair((first, second), has_page=has_page(self.config, Facet(countries=(first, second)), count))

    def language(self, tag: str) -> views.Language:
        """Return a language."""
        return views.Language(tag, language_name(tag, self.locale))

    def other_language(self, tag: str) -> views.Language | None:
        """Return a language; None for that of this locale."""
        is_same = tag.split("-", maxsplit=1)[0] == self.locale.split("-", maxsplit=1)[0]
        return None if is_same else self.language(tag)

    def day(self, moment: PartialDate) -> date:
        """Return the day of a date in the site's time zone."""
        return moment.to_datetime(self.config.zone).astimezone(self.config.zone).date()

    def source_link(self, article: Article, *, has_page: bool) -> views.SourceLink:
        """Return the source of an article; one without a page leads to the list."""
        source = article.front.source
        path = self.urls.source(source.name) if has_page else self.urls.sources()
        return views.SourceLink(source.name, source.lang or article.front.lang, self.urls.href(path))

    # --- articles -----------------------------------------------------------------------------------------------------

    def summary(self, article: Article) -> views.ArticleSummary:
        """Return an article as lists show it."""
        return self.summary_by_hash(ArticleHash(article.hash))

    def summary_by_hash(self, key: ArticleHash) -> views.ArticleSummary:
        """Return an article as lists show it."""
        return self._summary(key)

    def summary_of(self, key: ArticleHash | None) -> views.ArticleSummary | None:
        """Return an article as lists show it; None if there is none."""
        return None if key is None else self._summary(key)

    def summaries(self, keys: Iterable[ArticleHash]) -> tuple[views.ArticleSummary, ...]:
        """Return articles as lists show them."""
        return tuple(map(self._summary, keys))

    def _new_summary(self, key: ArticleHash) -> views.ArticleSummary:
        article = self.article(key)
        front, shown = article.front, article.localized(self.locale)
        return views.ArticleSummary(
            title=shown.title,
            lang=shown.lang,
            language=self.other_language(shown.lang),
            href=self.urls.href(self.urls.article(article.slug)),
            date=article.published,
            topic=self._topics[front.topics[0]],
            countries=tuple(self.country(code) for code in front.countries),
            importance=front.importance,
            summary=shown.summary,
            machine_summary=_is_machine_summary(article, shown),
            source=front.source.name,
            source_lang=front.source.lang or front.lang,
            draft=front.draft,
        )

    def days(self, articles: Sequence[Article]) -> tuple[views.Day, ...]:
        """Return articles by day, the most important of a day first."""
        days = groupby(articles, key=lambda article: article.published.date())
        return tuple(
            views.Day(day, tuple(map(self.summary, sorted(group, key=lambda article: -article.front.importance))))
            for day, group in days
        )

    def correction(self, article: Article, entry: Correction) -> views.CorrectionView:
        """Return a correction of an article."""
        return views.CorrectionView(self.day(entry.at), entry.text, article.front.lang)

    def sections(
        self,
        whole: ArticleText | StaticPageText,
        *,
        absolute: bool,
        indexes: Sequence[str] = (),
        on_own_page: bool = True,
    ) -> tuple[views.Section, ...]:
        """Return the sections of a text; `absolute` fills in full URLs, for feeds.

        `indexes` are the perspectives that have a page of all their readings. If the text is not `on_own_page`, links
        to places in the text lead to its page.
        """
        if isinstance(whole, StaticPageText):
            lang, path = whole.lang, self.urls.static_page(whole.slug)
        else:
            article = self.article(whole.article)
            lang = version_at(article, whole.path).lang
            path = self.urls.article(article.slug)
        hrefs = iter([self._address(path, link, absolute=absolute, on_own_page=on_own_page) for link in whole.links])
        return tuple(self._section(lang, section, hrefs, indexes) for section in self.body(whole.text).sections)

    def _section(self, lang: str, section: BodySection, hrefs: Iterable[str], indexes: Sequence[str]) -> views.Section:
        key = section.key
        return views.Section(
            key=key,
            name=self.perspectives[key].names.get(self.locale) if key is not None else "",
            label=section.label,
            lang=section.lang or lang,
            parts=section.html.parts,
            hrefs=tuple(href for _, href in zip(section.html.links, hrefs, strict=False)),
            index=self.urls.href(self.urls.perspective(key)) if key is not None and key in indexes else "",
            origin=self.origin,
        )

    def _address(self, path: str, link: ResolvedLink, *, absolute: bool, on_own_page: bool) -> str:
        """Return the address of a link of the text whose page is at `path`."""
        fragment = f"#{quote(link.fragment)}" if link.fragment else ""
        if not link.path and not absolute and on_own_page:
            return fragment
        target = link.path or path
        return (self.urls.absolute(target) if absolute else self.urls.href(target)) + fragment

    # --- counts -------------------------------------------------------------------------------------------------------

    def topic_counts(
        self, members: Sequence[Article], *, facet: Facet = ENTIRE_SITE, before: Sequence[Article] | None = None
    ) -> tuple[views.TopicCount, ...]:
        """Count the topics of `members`, most frequent first, and of the month `before` if it is given.

        On a page of countries, a row leads to the page of the topic in these countries if it exists.
        """
        groups = _groups(members, before, lambda article: article.front.topics)
        order = list(self._topics)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1].members), -len(row[1].before), order.index(row[0])))
        return tuple(
            views.TopicCount(
                self._topics[key],
                len(group.members),
                group.latest,
                self._crossing(key, facet.countries, len(group.members)) or self._topics[key].href,
                None if before is None else len(group.before),
            )
            for key, group in rows
        )

    def _crossing(self, topic: str, codes: tuple[str, ...], count: int) -> str | None:
        """Return the address of a topic in countries; None if it has no page."""
        if not codes or not has_page(self.config, Facet(topic=topic, countries=codes), count):
            return None
        return self.urls.href(self.urls.crossing(topic, codes))

    def country_counts(
        self, members: Sequence[Article], *, facet: Facet = ENTIRE_SITE, before: Sequence[Article] | None = None
    ) -> tuple[views.CountryCount, ...]:
        """Count the countries of `members`, without those of `facet`, and of the month `before` as for topics.

        On a page of a topic, one country or both, a row leads to the page of the combination if it exists.
        """
        groups = _groups(members, before, lambda article: article.front.countries)
        counts = []
        for code, group in sorted(groups.items(), key=lambda r: (-len(r[1].members), -len(r[1].before), r[0])):
            if code not in facet.countries:
                country = self.country(code)
                href = self._combination(facet, code, len(group.members)) or country.href
                past = None if before is None else len(group.before)
                counts.append(views.CountryCount(country, len(group.members), group.latest, href, past))
        return tuple(counts)

    def _combination(self, facet: Facet, code: str, count: int) -> str | None:
        """Return the address of a facet combined with a country; None if it has no page."""
        if len(facet.countries) > 1 or facet.source is not None:
            return None
        href = None
        if facet.topic is not None:
            href = self._crossing(facet.topic, (*facet.countries, code), count)
        if href is None and facet.countries:
            pair = (facet.countries[0], code)
            if has_page(self.config, Facet(countries=pair), count):
                href = self.urls.href(self.urls.pair(*pair))
        return href

    def pair_counts(self, members: Sequence[Article]) -> tuple[views.PairCount, ...]:
        """Count every pair of `members`, the strongest first."""
        groups: dict[CountryPair, list[Article]] = {}
        for article in members:
            for pair in pairs(article):
                groups.setdefault(pair, []).append(article)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1]), row[0]))
        return tuple(
            views.PairCount(self.pair_of(pair, len(group)), len(group), group[0].published) for pair, group in rows
        )

    def months(self, path: str, members: Sequence[Article]) -> tuple[views.MonthCount, ...]:
        """Return the months of an index at `path`."""
        return tuple(self.month_count(path, month) for month in month_summaries(by_month(members)))

    def month_count(self, path: str, month: MonthSummary) -> views.MonthCount:
        """Return a month of an index at `path`."""
        href = self.urls.href(self.urls.month(path, month.month))
        return views.MonthCount(month.month, month.count, month.most, href)

    def months_chart(self, members: Sequence[Article]) -> views.MonthsChart | None:
        """Return the chart of articles by month and importance."""
        return months_chart([(article.published, article.front.importance) for article in members])

    def perspective_count(self, summary: PerspectiveSummary, topic: str | None = None) -> views.PerspectiveCount:
        """Return a perspective, or its part about one topic."""
        names = self.perspectives[summary.key].names
        return views.PerspectiveCount(
            summary.key,
            names.get(self.locale),
            names.language(self.locale),
            summary.count,
            self.urls.href(self.urls.perspective(summary.key, topic)),
        )

    def issue_link(self, week: WeekSummary) -> views.IssueLink:
        """Return a weekly issue."""
        year, number, _ = week.monday.isocalendar()
        last = week.monday + timedelta(days=6)
        href = self.urls.href(self.urls.issue(week.monday))
        return views.IssueLink(year, number, week.monday, last, week.count, href)

    # --- feeds --------------------------------------------------------------------------------------------------------

    def labels(self, *tags: str) -> FeedLabelFormatter:
        """Return the labels of feeds: in the first of some languages that the theme has, else those of the locale."""
        for tag in (*tags, self.locale):
            for name in (tag.lower(), tag.partition("-")[0].lower()):
                if name in self._label_formatters:
                    return self._label_formatters[name]
        raise LookupError(f"the theme has no feed labels in {self.locale}")

    def feed_title(self, facet: Facet) -> str:
        """Return the title of a feed: the site's, and what the feed is about."""
        title = self.config.title.get(self.locale)
        return title if facet == ENTIRE_SITE else f"{title} · {self.facet_name(facet)[0]}"

    def facet_name(self, facet: Facet) -> tuple[str, str]:
        """Return the name of a facet and its language; empty for a name without a language."""
        labels = self.labels()
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
            names = self.perspectives[facet.perspective].names
            return names.get(self.locale), names.language(self.locale)
        if facet.language is not None:
            return native_name(facet.language), facet.language
        if facet.importance is not None:
            return labels.say("importance", level=facet.importance), labels.lang
        if facet.corrections:
            return labels.say("corrections"), labels.lang
        return self.config.title.get(self.locale), self.config.title.language(self.locale)

    def _names(self, codes: Sequence[str]) -> str:
        return " – ".join(self.country(code).name for code in codes)

    def feed_link(self, facet: Facet) -> views.FeedLink:
        """Return a feed as a page names it: in the first format, and in each."""
        folder = feed_folder(self.urls, facet)
        formats = tuple(
            views.FeedFormat(entry.label, entry.media_type, self.urls.href(folder + entry.file_name))
            for entry in (FEED_FORMATS[name] for name in self.config.feeds.formats)
        )
        return views.FeedLink(self.feed_title(facet), formats[0].href, formats)

    def feed_groups(self, facets: Sequence[Facet]) -> tuple[views.FeedGroup, ...]:
        """Return feeds in groups, for a page that lists them."""
        labels = self.labels()
        with_lists = {about for about, _ in opml_lists(facets)}
        return tuple(
            views.FeedGroup(
                kind,
                labels.say(kind),
                labels.lang,
                tuple(self._feed_entry(facet, has_list=facet in with_lists) for facet in group),
            )
            for kind, group in in_groups(facets)
        )

    def _feed_entry(self, facet: Facet, *, has_list: bool) -> views.FeedEntry:
        name, lang = self.facet_name(facet)
        folder = feed_folder(self.urls, facet)
        first = FEED_FORMATS[self.config.feeds.formats[0]]
        return views.FeedEntry(
            name=name,
            lang=lang,
            page=self.urls.href(home_of(self.urls, facet)),
            feed=self.feed_link(facet),
            url=self.urls.absolute(folder + first.file_name),
            opml=self.urls.href(self.urls.opml(folder)) if has_list else None,
        )


def home_of(urls: Urls, facet: Facet) -> str:
    """Return the path of the page of a feed; the home page if it has no page of its own."""
    has_no_page = facet.language is not None or facet.importance is not None
    return urls.home() if has_no_page else feed_folder(urls, facet)


def month_before(month: date) -> date:
    """Return the first day of the month before `month`."""
    return (month - timedelta(days=1)).replace(day=1)


def by_importance(article: Article) -> tuple[int, float, str]:
    """Return the sort key of articles by importance, the newest of equals first."""
    return -article.front.importance, -article.published.timestamp(), article.front.id


def version_at(article: Article, path: str) -> LocalizedVersion:
    """Return the version of an article that is in the file `path`."""
    return next(version for version in article.versions if version.path == path)


def _is_machine_summary(article: Article, shown: LocalizedVersion) -> bool:
    """Return whether a machine wrote the summary that is shown, or translated it."""
    own, parts = dict(shown.generated), {"ai", "mixed"}
    if shown.path == article.path:
        return own.get("summary") in parts
    return own.get("summary", own.get("translation")) in parts


@lru_cache(maxsize=64)
def native_name(tag: str) -> str:
    """Return the name of a language in itself."""
    locale = babel_locale(tag)
    return locale.get_display_name() or tag
