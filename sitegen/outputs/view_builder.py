"""Briefs to views: what the pages and feeds of one edition show.

A view is made of its edition, its brief and the texts that the brief names, and of nothing else: that is what the key
of an output rests on.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import unescape
from itertools import groupby, pairwise
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.frontmatter import GENERATED_PARTS, Correction
from sitegen.content.markdown import Body
from sitegen.content.markdown import Section as BodySection
from sitegen.outputs import views
from sitegen.outputs.charts import matrix, months_chart, shares_chart, tile_map, timeline
from sitegen.outputs.feeds.selection import CORRECTIONS, has_feed, in_groups, lists, notices
from sitegen.outputs.open_data import ARTICLE_FIELDS, columns_of
from sitegen.outputs.reading_time import reading_minutes
from sitegen.outputs.recipes import (
    ArchiveSpec,
    ArticleSpec,
    ArticleText,
    CorrectionsSpec,
    CountriesSpec,
    DataSpec,
    EmailSpec,
    HomeSpec,
    IndexSpec,
    IssueSpec,
    IssuesSpec,
    MonthSpec,
    MonthSummary,
    NotFoundSpec,
    PageSpec,
    PageText,
    PerspectiveMonthSpec,
    PerspectiveSpec,
    PerspectivesSpec,
    PerspectiveSummary,
    RedirectSpec,
    RelationsSpec,
    RenderContext,
    ResolvedLink,
    SitemapEntry,
    SitemapRecipe,
    SourcesSpec,
    StaticPageSpec,
    SubscribeSpec,
    TopicsSpec,
    WeekSummary,
)
from sitegen.outputs.sitemaps import last_change
from sitegen.site.assembly import Site, by_first_topic, by_month, group_articles, monday_of, pairs
from sitegen.site.facets import ENTIRE_SITE, CountryPair, Facet
from sitegen.site.sources import source_slug
from sitegen.site.urls import SCHEMA, Urls, asset_path, data_path, facet_path, feed_folder
from sitegen.theme.feed_labels import FeedLabelFormatter
from sitegen.util.cache import GenerationalCache
from sitegen.util.cldr import babel_locale, flag, language_name
from sitegen.util.dates import PartialDate
from sitegen.util.media_types import FEED_TYPES

GENERATOR: Final = "sitegen"
FORMATS: Final = {
    "rss": ("RSS", FEED_TYPES["rss"]),
    "atom": ("Atom", FEED_TYPES["atom"]),
    "json": ("JSON Feed", FEED_TYPES["json"]),
}
"""The formats of feeds: what each is called, and its media type."""
HOME_ARTICLES: Final = 20
INDEX_ARTICLES: Final = 20
SIDE_ROWS: Final = 8
HOME_MATRIX: Final = 8
MATRIX: Final = 12
"""Countries in the matrix of relations."""
PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
"""Kinds of files that networks show beside a link."""
_MOST_CARDS: Final = 2048
"""Cards that are remembered twice over: enough for the pages that are made one after the other."""

_ALT = re.compile(r'" alt="([^"]*)"')
_HEADING_ID = re.compile(r'(<h[1-6]) id="[^"]*"')

Texts = Mapping[bytes, Body]
"""The texts of articles by their digest."""


class _Run(NamedTuple):
    """Articles that have something in common: those that are counted, and those of the month before."""

    members: list[Article]
    before: list[Article]

    @property
    def latest(self) -> datetime:
        """When the newest of them was published."""
        return (self.members or self.before)[0].published


def _groups(
    members: Sequence[Article], before: Sequence[Article] | None, keys: Callable[[Article], Iterable[str]]
) -> dict[str, _Run]:
    """Return articles by what they have in common."""
    groups: dict[str, _Run] = defaultdict(lambda: _Run([], []))
    for article in members:
        for key in keys(article):
            groups[key].members.append(article)
    for article in before or ():
        for key in keys(article):
            groups[key].before.append(article)
    return groups


class ViewBuilder:
    """Makes the views of one edition."""

    def __init__(self, context: RenderContext) -> None:
        self.config = context.config
        self.locale = context.locale
        self._site_card = context.card
        self.urls = Urls.of(self.config, self.locale)
        split = urlsplit(self.config.base_url)
        self._origin = f"{split.scheme}://{split.netloc}"
        self._perspectives = {term.key: term for term in self.config.perspectives}
        self._countries: dict[str, views.Country] = {}
        self._cards = GenerationalCache[bytes, views.ArticleSummary](_MOST_CARDS)
        self._topics = {
            term.key: views.Topic(
                term.key,
                term.names.get(self.locale),
                self.urls.href(self.urls.topic(term.key)),
                term.names.language(self.locale),
            )
            for term in self.config.topics
        }
        self._label_formatters = {words.lang.lower(): FeedLabelFormatter(words) for words in context.words}
        self.site_view = self._site_view(context)

    def labels(self, *tags: str) -> FeedLabelFormatter:
        """Return what says the words of feeds: in the first of some languages that the theme has, else the locale's."""
        for tag in (*tags, self.locale):
            for name in (tag.lower(), tag.partition("-")[0].lower()):
                if name in self._label_formatters:
                    return self._label_formatters[name]
        raise LookupError(f"the theme has no words of feeds in {self.locale}")

    def page(self, spec: PageSpec, texts: Texts) -> views.Page:
        """Return the view that a template sees as `page`."""
        match spec:
            case ArticleSpec():
                return self._article(spec, texts)
            case MonthSpec():
                return self._month(spec)
            case IndexSpec():
                return self._index(spec)
            case HomeSpec():
                return self._home(spec, texts)
            case TopicsSpec():
                head = self._head(self.urls.topics())
                return views.TopicsPage(head, self._topic_counts(spec.articles))
            case CountriesSpec():
                head = self._head(self.urls.countries())
                rows = self._country_counts(spec.articles)
                tiles = tile_map(rows, lambda code: self.config.country_name(code, self.locale))
                return views.CountriesPage(head, rows, tiles)
            case RelationsSpec():
                ties = self._pair_counts(spec.articles)
                return views.RelationsPage(self._head(self.urls.relations()), ties, matrix(ties, MATRIX))
            case ArchiveSpec():
                months = self._months(self.urls.archive(), spec.articles)
                return views.ArchivePage(self._head(self.urls.archive()), months, _chart(spec.articles))
            case RedirectSpec():
                target = self.urls.article(spec.article.slug)
                told = spec.article.told(self.locale)
                return views.RedirectPage(self._head(target), self.urls.href(target), told.title, told.lang)
            case DataSpec():
                return self._data()
            case NotFoundSpec():
                return views.NotFoundPage(views.PageMeta(self.urls.absolute("/404.html"), None, (), self._card_image()))
            case _:
                return self._further_page(spec, texts)

    def _further_page(self, spec: PageSpec, texts: Texts) -> views.Page:
        """Return the view of a page that gathers articles otherwise than by topic, country and month."""
        match spec:
            case SourcesSpec():
                sources = self._source_counts(spec.articles)
                return views.SourcesPage(self._head(self.urls.sources()), sources, shares_chart(sources))
            case PerspectivesSpec():
                rows = tuple(self._perspective_count(note) for note in spec.rows)
                return views.PerspectivesPage(self._head(self.urls.perspectives()), rows)
            case PerspectiveSpec():
                return self._perspective(spec, texts)
            case PerspectiveMonthSpec():
                return self._perspective_month(spec, texts)
            case IssuesSpec():
                return views.IssuesPage(
                    self._head(self.urls.issues()), tuple(self._issue_link(note) for note in spec.weeks)
                )
            case IssueSpec():
                return self._issue(spec)
            case CorrectionsSpec():
                return self._corrections(spec)
            case SubscribeSpec():
                return self._subscribe(spec)
            case StaticPageSpec():
                return self._own_page(spec.whole, texts[spec.whole.text])
        raise TypeError(f"a {type(spec).__name__} is no page")

    def email(self, spec: EmailSpec, most: int) -> views.EmailPage:
        """Return a weekly issue as an e-mail that holds its `most` important articles."""
        count = len(spec.members)
        return views.EmailPage(
            head=self._head(self.urls.issue(spec.monday)),
            issue=self._issue_link(WeekSummary(spec.monday, count)),
            origin=self._origin,
            groups=self._topic_groups(sorted(spec.members, key=_by_importance)[:most]),
            more=max(0, count - most),
        )

    # --- shared -------------------------------------------------------------------------------------------------------

    def _site_view(self, context: RenderContext) -> views.SiteView:
        config, urls, locale = self.config, self.urls, self.locale
        assets = ((s.name, urls.href(asset_path(s.name, s.digest))) for s in context.statics)
        return views.SiteView(
            title=config.title.get(locale),
            tagline=config.tagline.get(locale),
            description=config.description.get(locale),
            rights=config.rights.get(locale),
            locale=locale,
            locales=tuple(views.LocaleLink(tag, native_name(tag)) for tag in config.locales),
            home=urls.href(urls.home()),
            topics=urls.href(urls.topics()),
            countries=urls.href(urls.countries()),
            relations=urls.href(urls.relations()),
            archive=urls.href(urls.archive()),
            sources=urls.href(urls.sources()),
            perspectives=urls.href(urls.perspectives()),
            issues=urls.href(urls.issues()),
            corrections=urls.href(urls.corrections()),
            subscribe=urls.href(urls.subscribe()),
            pages=tuple(views.PageLink(n.title, n.lang, urls.href(urls.own_page(n.slug))) for n in context.pages),
            feed=self.feed_link(ENTIRE_SITE),
            feeds=urls.href(urls.opml(urls.home())),
            data=urls.href(urls.data()) if config.data else None,
            assets=views.Assets(tuple(assets)),
            generator=GENERATOR,
        )

    def _head(
        self, path: str, feed: views.FeedLink | None = None, *, picture: views.Image | None = None
    ) -> views.PageMeta:
        """Return the head of the page at `path`, a path of this locale; its picture is the site's where it has none."""
        locales, image = self.config.locales, picture or self._card_image()
        if len(locales) == 1:
            return views.PageMeta(self.urls.absolute(path), feed, (), image)
        bare = self.urls.bare(path)
        alternates = []
        for tag in locales:
            urls = Urls.of(self.config, tag)
            local = urls.local(bare, ())
            alternates.append(views.Alternate(tag, urls.href(local), urls.absolute(local)))
        return views.PageMeta(self.urls.absolute(path), feed, tuple(alternates), image)

    def _card_image(self) -> views.Image | None:
        """Return the picture that the site has for links to it."""
        card, named = self._site_card, self.config.card
        if card is None or named is None:
            return None
        return views.Image(self.urls.absolute(card.path), named.alt.get(self.locale), card.width, card.height)

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

    def _pair(self, codes: CountryPair, *, has_page: bool) -> views.Pair:
        """Return a pair; one without a page leads to its first country."""
        first, second = codes
        path = self.urls.pair(first, second) if has_page else self.urls.country(first)
        return views.Pair(self.country(first), self.country(second), self.urls.href(path))

    def rotate(self) -> None:
        """Forget cards that were not asked for since the call before this one."""
        self._cards.rotate()

    def _card(self, article: Article) -> views.ArticleSummary:
        return self._cards.get(article.digest, lambda: self._new_card(article))

    def _new_card(self, article: Article) -> views.ArticleSummary:
        front, told = article.front, article.told(self.locale)
        return views.ArticleSummary(
            title=told.title,
            lang=told.lang,
            language=None if _same_language(told.lang, self.locale) else self._language(told.lang),
            href=self.urls.href(self.urls.article(article.slug)),
            date=article.published,
            topic=self._topics[front.topics[0]],
            countries=tuple(self.country(code) for code in front.countries),
            importance=front.importance,
            summary=told.summary,
            machine_summary=_machine_summary(article, told),
            source=front.source.name,
            source_lang=front.source.lang or front.lang,
            draft=front.draft,
        )

    def _cards_of(self, articles: Iterable[Article]) -> tuple[views.ArticleSummary, ...]:
        return tuple(self._card(article) for article in articles)

    def _days(self, articles: Sequence[Article]) -> tuple[views.Day, ...]:
        """Return articles by day, the most important of a day first."""
        days = groupby(articles, key=lambda article: article.published.date())
        return tuple(
            views.Day(day, self._cards_of(sorted(run, key=lambda article: -article.front.importance)))
            for day, run in days
        )

    def _language(self, tag: str) -> views.Language:
        return views.Language(tag, language_name(tag, self.locale))

    def _topic_counts(
        self, members: Sequence[Article], *, beside: Facet = ENTIRE_SITE, before: Sequence[Article] | None = None
    ) -> tuple[views.TopicCount, ...]:
        """Count the topics of `members`, most frequent first, and of the month `before`, where that is asked for.

        Beside countries, a row leads to what the topic has in common with them where that has a page.
        """
        groups = _groups(members, before, lambda article: article.front.topics)
        order = list(self._topics)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1].members), -len(row[1].before), order.index(row[0])))
        return tuple(
            views.TopicCount(
                self._topics[key],
                len(run.members),
                run.latest,
                self._crossing(key, beside.countries, len(run.members)) or self._topics[key].href,
                None if before is None else len(run.before),
            )
            for key, run in rows
        )

    def _crossing(self, topic: str, codes: tuple[str, ...], count: int) -> str | None:
        """Return the address of what a topic has in common with countries; None where that has no page."""
        if not codes or count < self.config.page_thresholds.topic_countries:
            return None
        return self.urls.href(self.urls.crossing(topic, codes))

    def _country_counts(
        self, members: Sequence[Article], *, beside: Facet = ENTIRE_SITE, before: Sequence[Article] | None = None
    ) -> tuple[views.CountryCount, ...]:
        """Count the countries of `members`, without those of `beside`, and of the month `before` as for topics.

        Beside a topic, one country or both, a row leads to what they have in common where that has a page.
        """
        groups = _groups(members, before, lambda article: article.front.countries)
        counts = []
        for code, run in sorted(groups.items(), key=lambda row: (-len(row[1].members), -len(row[1].before), row[0])):
            if code not in beside.countries:
                country = self.country(code)
                href = self._meeting(beside, code, len(run.members)) or country.href
                past = None if before is None else len(run.before)
                counts.append(views.CountryCount(country, len(run.members), run.latest, href, past))
        return tuple(counts)

    def _meeting(self, facet: Facet, code: str, count: int) -> str | None:
        """Return the address of what a country has in common with a subject; None where that has no page."""
        if len(facet.countries) > 1 or facet.source is not None:
            return None
        href = None
        if facet.topic is not None:
            href = self._crossing(facet.topic, (*facet.countries, code), count)
        if href is None and facet.countries and self._has_pair_page(count):
            href = self.urls.href(self.urls.pair(facet.countries[0], code))
        return href

    def _has_pair_page(self, count: int) -> bool:
        return count >= max(1, self.config.page_thresholds.pairs)

    def _pair_counts(self, members: Sequence[Article]) -> tuple[views.PairCount, ...]:
        """Count every pair of `members`, the strongest first."""
        groups: dict[CountryPair, list[Article]] = {}
        for article in members:
            for pair in pairs(article):
                groups.setdefault(pair, []).append(article)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1]), row[0]))
        return tuple(
            views.PairCount(self._pair(pair, has_page=self._has_pair_page(len(run))), len(run), run[0].published)
            for pair, run in rows
        )

    def _months(self, path: str, members: Sequence[Article]) -> tuple[views.MonthCount, ...]:
        runs = by_month(members)
        most = max((len(run) for _, run in runs), default=0)
        return tuple(self._month_count(path, MonthSummary(month, len(run), most)) for month, run in runs)

    def _month_count(self, path: str, note: MonthSummary) -> views.MonthCount:
        return views.MonthCount(note.month, note.count, note.most, self.urls.href(self.urls.month(path, note.month)))

    # --- pages --------------------------------------------------------------------------------------------------------

    def _home(self, spec: HomeSpec, texts: Texts) -> views.HomePage:
        articles = spec.articles
        newest = articles[0].published if articles else None
        runs = by_month(articles)
        latest = runs[0][1] if runs else ()
        before = runs[1][1] if len(runs) > 1 and runs[1][0] == _month_before(runs[0][0]) else ()
        week = [article for article in articles if monday_of(article.published) == monday_of(articles[0].published)]
        issue = WeekSummary(monday_of(articles[0].published), len(week)) if articles else None
        ties = self._pair_counts(articles)
        lead = (
            views.FeaturedArticle(self._card(spec.lead.article), self._readings(spec.lead, texts))
            if spec.lead
            else None
        )
        return views.HomePage(
            head=self._head(self.urls.home(), self.site_view.feed),
            newest=newest,
            lead=lead,
            days=self._days(articles[:HOME_ARTICLES]),
            month=_month(articles[0]) if articles else None,
            topics=self._topic_counts(latest, before=before)[:SIDE_ROWS],
            countries=self._country_counts(latest, before=before)[:SIDE_ROWS],
            relations=ties[:SIDE_ROWS],
            matrix=matrix(ties, HOME_MATRIX),
            issue=self._issue_link(issue) if issue and issue.count >= self.config.page_thresholds.issues else None,
        )

    def _readings(self, lead: ArticleText, texts: Texts) -> tuple[views.PerspectiveExcerpt, ...]:
        href = self._card(lead.article).href
        readings = (
            views.PerspectiveExcerpt(
                section.key,
                self._perspectives[section.key].names.get(self.locale),
                section.first_sentence,
                section.lang or lead.article.told(self.locale).lang,
                f"{href}#{section.key}",
            )
            for section in texts[lead.text].sections
            if section.key is not None and section.first_sentence
        )
        return tuple(readings)[:2]

    def _index(self, spec: IndexSpec) -> views.IndexPage:
        facet, members = spec.facet, spec.members
        path = facet_path(self.urls, facet)
        runs = by_month(members)
        before = runs[1] if len(runs) > 1 else None
        expected = _month_before(runs[0][0])
        has_months = len(members) >= self.config.page_thresholds.months
        feed = self.feed_link(facet) if has_feed(self.config, facet, len(members)) else None
        # On a page of topic and country the other topics of its articles are beside the point.
        topics = () if facet.topic is not None and facet.countries else self._topic_counts(members, beside=facet)
        return views.IndexPage(
            head=self._head(path, feed),
            topic=self._topics[facet.topic] if facet.topic is not None else None,
            countries=tuple(self.country(code) for code in facet.countries),
            source=self._source_link(members[0], has_page=True) if facet.source is not None else None,
            pair=self._pair((facet.countries[0], facet.countries[1]), has_page=self._has_pair_page(len(members)))
            if len(facet.countries) == 2
            else None,
            facts=views.IndexStats(
                total=len(members),
                first_month=runs[-1][0],
                newest_month=runs[0][0],
                newest_count=len(runs[0][1]),
                before_count=len(before[1]) if before is not None and before[0] == expected else 0,
            ),
            chart=_chart(members),
            days=self._days(members[:INDEX_ARTICLES] if has_months else members),
            months=self._months(path, members) if has_months else (),
            with_topics=tuple(row for row in topics if row.topic.key != facet.topic),
            with_countries=self._country_counts(members, beside=facet),
        )

    def _month(self, spec: MonthSpec) -> views.MonthPage:
        facet = spec.facet
        path = facet_path(self.urls, facet)
        return views.MonthPage(
            head=self._head(self.urls.month(path, spec.month)),
            month=spec.month,
            topic=self._topics[facet.topic] if facet.topic is not None else None,
            countries=tuple(self.country(code) for code in facet.countries),
            source=self._source_link(spec.members[0], has_page=True) if facet.source is not None else None,
            index=self.urls.href(path),
            count=len(spec.members),
            days=self._days(spec.members),
            previous=self._month_count(path, spec.previous) if spec.previous else None,
            next=self._month_count(path, spec.next) if spec.next else None,
        )

    def _data(self) -> views.DataPage:
        """Return the page that explains the open data."""
        names = {"tables": ("articles.json", "articles.csv", "relations.csv")}
        urls, kinds = self.urls, self.config.data
        files = [
            views.DataFile(name, urls.href(data_path(name)), tuple(columns_of(name)))
            for kind in kinds
            for name in names.get(kind, ())
        ]
        return views.DataPage(
            head=self._head(urls.data()),
            files=tuple(files),
            article=urls.href(data_path("articles/")) + "{id}.json" if "articles" in kinds else None,
            article_fields=tuple(ARTICLE_FIELDS),
            schema=urls.href(SCHEMA),
            license=self.config.license,
        )

    # --- articles -----------------------------------------------------------------------------------------------------

    def _article(self, spec: ArticleSpec, texts: Texts) -> views.ArticlePage:
        article = spec.whole.article
        front, told = article.front, article.told(self.locale)
        reviewed, body = told.reviewed, texts[spec.whole.text]
        source = self._source_link(article, has_page=spec.source_page)
        generated = dict(front.generated) | dict(told.generated)
        return views.ArticlePage(
            head=self._head(self.urls.article(article.slug), picture=self._first_picture(spec.whole, body)),
            id=front.id,
            article=self._card(article),
            topics=tuple(self._topics[key] for key in front.topics),
            pairs=tuple(self._pair(pair, has_page=pair in spec.pairs) for pair in pairs(article)),
            updated=article.updated,
            sections=self.sections(spec.whole, body, absolute=False, indexes=spec.perspectives),
            source=views.SourceView(source.name, source.lang, source.href, front.source.url, front.source.archived),
            authorship=tuple(views.Authorship(part, generated[part]) for part in GENERATED_PARTS if part in generated),
            reviewer=reviewed.by if reviewed else None,
            reviewed=self._day(reviewed.at) if reviewed and reviewed.at else None,
            corrections=self._corrections_of(article),
            imported=views.ImportedView(
                front.imported.name, front.imported.format, front.imported.sha256, self._day(front.imported.at)
            )
            if front.imported
            else None,
            follows=self._card(spec.follows) if spec.follows else None,
            followed_by=self._cards_of(spec.followers),
            thread=self._cards_of(spec.thread),
            timeline=timeline(self._cards_of(spec.thread), self._card(article).href),
            related=self._cards_of(spec.related),
            language=self._language(told.lang),
            translated_from=self._language(front.lang) if told.path != article.path else None,
            other_languages=self._other_languages(article, told),
            minutes=reading_minutes([piece for section in body.sections for piece in section.html.parts]),
            previous=self._card(spec.before) if spec.before else None,
            next=self._card(spec.after) if spec.after else None,
        )

    def _first_picture(self, whole: ArticleText, body: Body) -> views.Image | None:
        """Return the first picture of a text that networks can show."""
        targets = iter(whole.targets)
        for section in body.sections:
            for before, after in pairwise(section.html.parts):
                target = next(targets)
                if before.endswith('<img src="') and target.path.lower().endswith(PICTURES):
                    alt = _ALT.match(after)
                    return views.Image(
                        self.urls.absolute(target.path), unescape(alt[1]) if alt is not None else "", None, None
                    )
        return None

    def _day(self, stamp: PartialDate) -> date:
        """Return the day of a stamp in the site's zone."""
        return stamp.to_datetime(self.config.zone).astimezone(self.config.zone).date()

    def _other_languages(self, article: Article, told: LocalizedVersion) -> tuple[views.PageLink, ...]:
        """Return where other locales show the article in another language."""
        found = []
        for locale in self.config.locales if article.translations else ():
            other = article.told(locale)
            if other.lang != told.lang:
                urls = Urls.of(self.config, locale)
                found.append(views.PageLink(other.title, other.lang, urls.href(urls.article(article.slug))))
        return tuple(found)

    def _corrections_of(self, article: Article) -> tuple[views.CorrectionView, ...]:
        return tuple(self._correction(article, entry) for entry in article.front.corrections)

    def _correction(self, article: Article, entry: Correction) -> views.CorrectionView:
        return views.CorrectionView(self._day(entry.at), entry.text, article.front.lang)

    def sections(
        self, whole: ArticleText | PageText, body: Body, *, absolute: bool, indexes: Sequence[str] = ()
    ) -> tuple[views.Section, ...]:
        """Return the sections of a text; `absolute` fills in full URLs, for feeds.

        `indexes` are the perspectives that have a page of all their readings.
        """
        lang, own = _language_and_path(whole, self.locale, self.urls)
        addresses = iter([self._address(own, target, absolute=absolute) for target in whole.targets])
        return tuple(self._section(lang, section, addresses, indexes) for section in body.sections)

    def _section(
        self, lang: str, section: BodySection, addresses: Iterable[str], indexes: Sequence[str]
    ) -> views.Section:
        key = section.key
        return views.Section(
            key=key,
            name=self._perspectives[key].names.get(self.locale) if key is not None else "",
            label=section.label,
            lang=section.lang or lang,
            parts=section.html.parts,
            hrefs=tuple(address for _, address in zip(section.html.links, addresses, strict=False)),
            index=self.urls.href(self.urls.perspective(key)) if key is not None and key in indexes else "",
            origin=self._origin,
        )

    def _address(self, own: str, target: ResolvedLink, *, absolute: bool) -> str:
        """Return an address of a text that stands at the path `own`; with `absolute` it leads there from elsewhere."""
        fragment = f"#{quote(target.fragment)}" if target.fragment else ""
        if not target.path and not absolute:
            return fragment
        path = target.path or own
        return (self.urls.absolute(path) if absolute else self.urls.href(path)) + fragment

    # --- sources, perspectives, issues, corrections, subscribing, the editor's pages ----------------------------------

    def _source_link(self, article: Article, *, has_page: bool) -> views.SourceLink:
        """Return the source of an article; one without a page leads to the list."""
        source = article.front.source
        path = self.urls.source(source.name) if has_page else self.urls.sources()
        return views.SourceLink(source.name, source.lang or article.front.lang, self.urls.href(path))

    def _source_counts(self, members: Sequence[Article]) -> tuple[views.SourceCount, ...]:
        groups: dict[str, list[Article]] = {}
        for article in members:
            groups.setdefault(source_slug(article.front.source.name), []).append(article)
        rows = []
        for _, run in sorted(groups.items(), key=lambda row: (-len(row[1]), row[0])):
            link = self._source_link(run[0], has_page=True)
            if len(run) < self.config.page_thresholds.sources:
                link = replace(link, href=self.urls.href(self.urls.article(run[0].slug)))
            rows.append(views.SourceCount(link, len(run), len(run) / len(members), run[0].published))
        return tuple(rows)

    def _perspective_count(self, note: PerspectiveSummary, topic: str | None = None) -> views.PerspectiveCount:
        names = self._perspectives[note.key].names
        return views.PerspectiveCount(
            note.key,
            names.get(self.locale),
            names.language(self.locale),
            note.count,
            self.urls.href(self.urls.perspective(note.key, topic)),
        )

    def _reading(self, whole: ArticleText, key: str, texts: Texts) -> views.PerspectiveText:
        """Return what an article says in a perspective, for a page that shows many: without ids in it."""
        version = localized_version_of(whole)
        own = self.urls.article(whole.article.slug)
        addresses = []
        for target in whole.targets:
            beside = replace(target, path=own) if not target.path else target
            addresses.append(self._address(own, beside, absolute=False))
        links = iter(addresses)
        sections = [self._section(version.lang, section, links, ()) for section in texts[whole.text].sections]
        section = next(section for section in sections if section.key == key)
        bare = tuple(_HEADING_ID.sub(r"\1", piece) for piece in section.parts)
        return views.PerspectiveText(self._card(whole.article), replace(section, parts=bare))

    def _perspective(self, spec: PerspectiveSpec, texts: Texts) -> views.PerspectivePage:
        key, least = spec.note.key, self.config.page_thresholds.perspectives
        index = self.urls.perspective(key)
        months = tuple(self._month_count(index, note) for note in spec.months)
        if spec.topic is not None:
            months = tuple(replace(row, href=f"{row.href}#{_group_id(spec.topic)}") for row in months)
        facet = Facet(perspective=key)
        has = spec.topic is None and has_feed(self.config, facet, spec.note.count)
        return views.PerspectivePage(
            head=self._head(self.urls.perspective(key, spec.topic), self.feed_link(facet) if has else None),
            perspective=self._perspective_count(spec.note, spec.topic),
            topic=self._topics[spec.topic] if spec.topic is not None else None,
            readings=tuple(self._reading(item, key, texts) for item in spec.newest),
            months=months,
            topics=tuple(
                views.TopicCount(
                    self._topics[note.key],
                    note.count,
                    note.latest,
                    self.urls.href(self.urls.perspective(key, note.key if note.count >= least else None)),
                    None,
                )
                for note in spec.topics
            ),
            others=tuple(self._perspective_count(PerspectiveSummary(other, 0), spec.topic) for other in spec.others),
            index=self.urls.href(index),
        )

    def _perspective_month(self, spec: PerspectiveMonthSpec, texts: Texts) -> views.PerspectiveMonthPage:
        index = self.urls.perspective(spec.key)
        groups: dict[str, list[views.PerspectiveText]] = {}
        for item in spec.items:
            reading = self._reading(item, spec.key, texts)
            groups.setdefault(item.article.front.topics[0], []).append(reading)
        order = list(self._topics)
        return views.PerspectiveMonthPage(
            head=self._head(self.urls.month(index, spec.month)),
            perspective=self._perspective_count(PerspectiveSummary(spec.key, len(spec.items))),
            month=spec.month,
            groups=tuple(
                views.ReadingGroup(self._topics[topic], _group_id(topic), tuple(groups[topic]))
                for topic in sorted(groups, key=order.index)
            ),
            previous=self._month_count(index, spec.previous) if spec.previous else None,
            next=self._month_count(index, spec.next) if spec.next else None,
            index=self.urls.href(index),
        )

    def _issue_link(self, note: WeekSummary) -> views.IssueLink:
        year, number, _ = note.monday.isocalendar()
        last = note.monday + timedelta(days=6)
        href = self.urls.href(self.urls.issue(note.monday))
        return views.IssueLink(year, number, note.monday, last, note.count, href)

    def _issue(self, spec: IssueSpec) -> views.IssuePage:
        urls, monday = self.urls, spec.monday
        return views.IssuePage(
            head=self._head(urls.issue(monday)),
            issue=self._issue_link(WeekSummary(monday, len(spec.members))),
            groups=self._topic_groups(spec.members),
            previous=self._issue_link(spec.previous) if spec.previous else None,
            next=self._issue_link(spec.next) if spec.next else None,
            email_html=urls.href(urls.email(monday, "html")),
            email_text=urls.href(urls.email(monday, "txt")),
        )

    def _topic_groups(self, members: Sequence[Article]) -> tuple[views.TopicGroup, ...]:
        """Return articles by their first topic, the most important first; the topic of the most important leads."""
        groups: dict[str, list[Article]] = {}
        for article in sorted(members, key=_by_importance):
            groups.setdefault(article.front.topics[0], []).append(article)
        return tuple(views.TopicGroup(self._topics[key], self._cards_of(run)) for key, run in groups.items())

    def _corrections(self, spec: CorrectionsSpec) -> views.CorrectionsPage:
        rows = [
            views.CorrectedArticle(self._card(notice.article), self._correction(notice.article, notice.entry))
            for notice in notices(spec.articles, self.config)
        ]
        feed = self.feed_link(CORRECTIONS) if has_feed(self.config, CORRECTIONS, len(rows)) else None
        return views.CorrectionsPage(self._head(self.urls.corrections(), feed), tuple(rows))

    def _subscribe(self, spec: SubscribeSpec) -> views.SubscribePage:
        head = self._head(self.urls.subscribe(), self.site_view.feed)
        return views.SubscribePage(head, self.feed_groups(spec.facets))

    def _own_page(self, whole: PageText, body: Body) -> views.StaticPageView:
        told = whole.page.told(self.locale)
        return views.StaticPageView(
            head=self._head(self.urls.own_page(whole.page.slug)),
            href=self.urls.href(self.urls.own_page(whole.page.slug)),
            title=told.title,
            lang=told.lang,
            language=None if _same_language(told.lang, self.locale) else self._language(told.lang),
            summary=told.summary,
            translated_from=self._language(whole.page.original.lang) if told.path != whole.page.path else None,
            sections=self.sections(whole, body, absolute=False),
        )

    # --- feeds --------------------------------------------------------------------------------------------------------

    def feed_title(self, facet: Facet) -> str:
        """Return the title of a feed: the site's, and what the feed is about."""
        title = self.config.title.get(self.locale)
        return title if facet == ENTIRE_SITE else f"{title} · {self.facet_name(facet)[0]}"

    def facet_name(self, facet: Facet) -> tuple[str, str]:
        """Return what a subject is called, and the language of that; empty where it is a name in none."""
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
            names = self._perspectives[facet.perspective].names
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
            views.FeedFormat(name, kind, self.urls.href(self.urls.feed(folder, key)))
            for key, (name, kind) in FORMATS.items()
            if key in self.config.feeds.formats
        )
        return views.FeedLink(self.feed_title(facet), formats[0].href, formats)

    def feed_groups(self, facets: Sequence[Facet]) -> tuple[views.FeedGroup, ...]:
        """Return feeds in groups, for a page that lists them; `facets` are those of `feeds` and CORRECTIONS."""
        labels = self.labels()
        with_lists = {about for about, _ in lists(facets)}
        return tuple(
            views.FeedGroup(
                kind,
                labels.say(kind),
                labels.lang,
                tuple(self._feed_entry(facet, has_list=facet in with_lists) for facet in run),
            )
            for kind, run in in_groups(facets)
        )

    def _feed_entry(self, facet: Facet, *, has_list: bool) -> views.FeedEntry:
        name, lang = self.facet_name(facet)
        folder = feed_folder(self.urls, facet)
        return views.FeedEntry(
            name=name,
            lang=lang,
            page=self.urls.href(home_of(self.urls, facet)),
            feed=self.feed_link(facet),
            url=self.urls.absolute(self.urls.feed(folder, self.config.feeds.formats[0])),
            opml=self.urls.href(self.urls.opml(folder)) if has_list else None,
        )


def home_of(urls: Urls, facet: Facet) -> str:
    """Return the path of the page that a feed stands beside; the home page where it is beside none."""
    bare = facet.language is not None or facet.importance is not None
    return urls.home() if bare else feed_folder(urls, facet)


def sitemap(recipe: SitemapRecipe) -> tuple[SitemapEntry, ...]:
    """List every page, in every locale, with the time of the newest article on it."""
    config = recipe.contexts[0].config
    first, *others = (Urls.of(context.config, context.locale) for context in recipe.contexts)
    entries = []
    for path, members in _indexed_paths(recipe, first)[recipe.start : recipe.stop]:
        alternates = [(urls.locale, urls.absolute(urls.local(path, ()))) for urls in (first, *others)]
        shown = tuple(alternates) if len(config.locales) > 1 else ()
        modified = last_change(members)
        entries += [SitemapEntry(url, modified, shown) for _, url in alternates]
    return tuple(entries)


def _indexed_paths(recipe: SitemapRecipe, urls: Urls) -> list[tuple[str, Sequence[Article]]]:
    rows: list[tuple[str, Sequence[Article]]] = []
    if recipe.of_articles:
        rows += [(urls.article(article.slug), (article,)) for article in recipe.articles]
    if not recipe.of_indexes:
        return rows
    site = group_articles(recipe.contexts[0].config, recipe.articles, pages=recipe.pages)
    rows.append((urls.home(), site.articles))
    if site.config.data:
        rows.append((urls.data(), ()))
    whole = (urls.topics(), urls.countries(), urls.relations(), urls.archive(), urls.sources())
    rows += [(path, site.articles) for path in (*whole, urls.perspectives(), urls.issues())]
    rows += [(urls.corrections(), [article for article in site.articles if article.front.corrections])]
    rows += [(urls.subscribe(), ()), *((urls.own_page(page.slug), ()) for page in site.pages)]
    rows += [(urls.issue(monday), members) for monday, members in site.issues()]
    rows += _perspective_paths(site, urls)
    indexes = [(facet_path(urls, facet), members) for facet, members in site.indexes()]
    rows += indexes
    dated = [(path, members) for path, members in indexes if len(members) >= site.config.page_thresholds.months]
    for path, members in ((urls.archive(), site.articles), *dated):
        rows += [(urls.month(path, month), run) for month, run in by_month(members)]
    return rows


def _perspective_paths(site: Site, urls: Urls) -> list[tuple[str, Sequence[Article]]]:
    rows: list[tuple[str, Sequence[Article]]] = []
    for key, members in site.perspectives():
        path = urls.perspective(key)
        rows += [(path, members), *((urls.month(path, month), run) for month, run in by_month(members))]
        for topic, run in by_first_topic(members).items():
            if len(run) >= site.config.page_thresholds.perspectives:
                rows.append((urls.perspective(key, topic), run))
    return rows


def _chart(members: Sequence[Article]) -> views.MonthsChart | None:
    return months_chart([(article.published, article.front.importance) for article in members])


def _month(article: Article) -> date:
    return article.published.date().replace(day=1)


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _by_importance(article: Article) -> tuple[int, float, str]:
    return -article.front.importance, -article.published.timestamp(), article.front.id


def _group_id(topic: str) -> str:
    return f"topic-{topic}"


def _same_language(tag: str, locale: str) -> bool:
    return tag.split("-", maxsplit=1)[0] == locale.split("-", maxsplit=1)[0]


def _machine_summary(article: Article, told: LocalizedVersion) -> bool:
    """Whether a machine wrote the summary that is shown, or translated it."""
    own, parts = dict(told.generated), {"ai", "mixed"}
    if told.path == article.path:
        return own.get("summary") in parts
    return own.get("summary", own.get("translation")) in parts


def localized_version_of(whole: ArticleText) -> LocalizedVersion:
    """Return the telling of an article that a text is that of."""
    article = whole.article
    return next(version for version in (article.original, *article.translations) if version.path == whole.path)


def _language_and_path(whole: ArticleText | PageText, locale: str, urls: Urls) -> tuple[str, str]:
    """Return the language of a text, and the path of the page that it stands on."""
    if isinstance(whole, PageText):
        return whole.page.told(locale).lang, urls.own_page(whole.page.slug)
    return localized_version_of(whole).lang, urls.article(whole.article.slug)


@lru_cache(maxsize=64)
def native_name(tag: str) -> str:
    """Return the name of a language in itself."""
    locale = babel_locale(tag)
    return locale.get_display_name() or tag
