"""Briefs to views: what the pages and feeds of one edition show.

A view is made of its edition, its brief and the texts that the brief names, and of nothing else: that is what the key
of an output rests on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final
from urllib.parse import quote

from sitegen.content.articles import Article
from sitegen.content.markdown import Body
from sitegen.content.markdown import Section as BodySection
from sitegen.digest import views
from sitegen.digest.site import by_month, grouped, pairs
from sitegen.digest.urls import Urls, asset_path, subject_path
from sitegen.digest.values import (
    WHOLE,
    ArchiveBrief,
    ArticleBrief,
    ArticleText,
    Brief,
    CodePair,
    CountriesBrief,
    Edition,
    FeedItem,
    FeedRecipe,
    FeedView,
    HomeBrief,
    IndexBrief,
    MonthBrief,
    MonthNote,
    NotFoundBrief,
    RedirectBrief,
    RelationsBrief,
    SitemapEntry,
    SitemapRecipe,
    Subject,
    Target,
    TopicsBrief,
)
from sitegen.stamps import Stamp
from sitegen.territories import babel_locale, flag

GENERATOR: Final = "sitegen"
HOME_ARTICLES: Final = 20
INDEX_ARTICLES: Final = 20
SIDE_ROWS: Final = 8
_MOST_CARDS: Final = 4096
"""Cards that are remembered: enough for the pages that are made one after the other."""

Texts = Mapping[bytes, Body]
"""The texts of articles by their digest."""


class Maker:
    """Makes the views of one edition."""

    def __init__(self, edition: Edition) -> None:
        self._config = edition.config
        self._locale = edition.locale
        self._urls = Urls.of(self._config, self._locale)
        self._perspectives = {term.key: term.names for term in self._config.perspectives}
        self._countries: dict[str, views.Country] = {}
        self._cards: dict[bytes, views.Card] = {}
        self._topics = {
            term.key: views.Topic(
                term.key,
                term.names.get(self._locale),
                self._urls.href(self._urls.topic(term.key)),
                term.names.language(self._locale),
            )
            for term in self._config.topics
        }
        self.site_view = self._site_view(edition)

    def page(self, brief: Brief, texts: Texts) -> views.Page:
        """Return the view that a template sees as `page`."""
        match brief:
            case ArticleBrief():
                return self._article(brief, texts)
            case MonthBrief():
                return self._month(brief)
            case IndexBrief():
                return self._index(brief)
            case HomeBrief():
                return self._home(brief, texts)
            case TopicsBrief():
                head = self._head(self._urls.topics())
                return views.TopicsPage(head, self._topic_counts(brief.articles))
            case CountriesBrief():
                head = self._head(self._urls.countries())
                return views.CountriesPage(head, self._country_counts(brief.articles))
            case RelationsBrief():
                return views.RelationsPage(self._head(self._urls.relations()), self._pair_counts(brief.articles))
            case ArchiveBrief():
                months = self._months(self._urls.archive(), brief.articles)
                return views.ArchivePage(self._head(self._urls.archive()), months)
            case RedirectBrief():
                target = self._urls.article(brief.article.slug)
                front = brief.article.front
                return views.RedirectPage(self._head(target), self._urls.href(target), front.title, front.lang)
            case NotFoundBrief():
                return views.NotFoundPage(views.Head(self._urls.absolute("/404.html"), None, ()))

    def feed(self, recipe: FeedRecipe, texts: Texts) -> FeedView:
        """Return an RSS feed."""
        urls, config, locale = self._urls, self._config, self._locale
        path = urls.home() if recipe.subject == WHOLE else subject_path(urls, recipe.subject)
        title = self._feed_title(recipe.subject)
        return FeedView(
            title=title,
            description=config.description.get(locale) or config.tagline.get(locale) or title,
            lang=locale,
            home_url=urls.absolute(path),
            self_url=urls.absolute(urls.feed(path)),
            topic_domain=urls.absolute(urls.topics()),
            country_domain=urls.absolute(urls.countries()),
            generator=GENERATOR,
            updated=_last_change([item.article for item in recipe.items]),
            items=tuple(self._item(item, texts[item.text]) for item in recipe.items),
        )

    # --- shared -------------------------------------------------------------------------------------------------------

    def _site_view(self, edition: Edition) -> views.SiteView:
        config, urls, locale = self._config, self._urls, self._locale
        assets = ((s.name, urls.href(asset_path(s.name, s.digest))) for s in edition.statics)
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
            assets=views.Assets(tuple(assets)),
            generator=GENERATOR,
        )

    def _head(self, path: str, feed: views.FeedLink | None = None) -> views.Head:
        """Return the head of the page at `path`, a path of this locale."""
        locales = self._config.locales
        if len(locales) == 1:
            return views.Head(self._urls.absolute(path), feed, ())
        bare = self._urls.bare(path)
        alternates = []
        for tag in locales:
            urls = Urls.of(self._config, tag)
            local = urls.local(bare, ())
            alternates.append(views.Alternate(tag, urls.href(local), urls.absolute(local)))
        return views.Head(self._urls.absolute(path), feed, tuple(alternates))

    def _country(self, code: str) -> views.Country:
        country = self._countries.get(code)
        if country is None:
            href = self._urls.href(self._urls.country(code))
            country = views.Country(code, self._config.country_name(code, self._locale), flag(code), href)
            self._countries[code] = country
        return country

    def _pair(self, codes: CodePair, *, has_page: bool) -> views.Pair:
        """Return a pair; one without a page leads to its first country."""
        first, second = codes
        path = self._urls.pair(first, second) if has_page else self._urls.country(first)
        return views.Pair(self._country(first), self._country(second), self._urls.href(path))

    def _card(self, article: Article) -> views.Card:
        card = self._cards.get(article.digest)
        if card is None:
            if len(self._cards) >= _MOST_CARDS:
                self._cards.clear()
            front = article.front
            card = self._cards[article.digest] = views.Card(
                title=front.title,
                lang=front.lang,
                href=self._urls.href(self._urls.article(article.slug)),
                date=article.published,
                topic=self._topics[front.topics[0]],
                countries=tuple(self._country(code) for code in front.countries),
                importance=front.importance,
                summary=front.summary,
                machine_summary=dict(front.generated).get("summary") in {"ai", "mixed"},
                source=front.source.name,
                source_lang=front.source.lang or front.lang,
                draft=front.draft,
            )
        return card

    def _cards_of(self, articles: Iterable[Article]) -> tuple[views.Card, ...]:
        return tuple(self._card(article) for article in articles)

    def _days(self, articles: Sequence[Article]) -> tuple[views.Day, ...]:
        """Return articles by day, the most important of a day first."""
        days = groupby(articles, key=lambda article: article.published.date())
        return tuple(
            views.Day(day, self._cards_of(sorted(run, key=lambda article: -article.front.importance)))
            for day, run in days
        )

    def _topic_counts(self, members: Sequence[Article]) -> tuple[views.TopicCount, ...]:
        """Count the topics of `members`, most frequent first."""
        groups: dict[str, list[Article]] = {}
        for article in members:
            for key in article.front.topics:
                groups.setdefault(key, []).append(article)
        order = list(self._topics)
        rows = sorted(groups.items(), key=lambda row: (-len(row[1]), order.index(row[0])))
        return tuple(views.TopicCount(self._topics[key], len(run), run[0].published) for key, run in rows)

    def _country_counts(
        self, members: Sequence[Article], *, beside: tuple[str, ...] = ()
    ) -> tuple[views.CountryCount, ...]:
        """Count the countries of `members`, without those of `beside`.

        Beside one country, a row leads to the pair of the two where that has a page.
        """
        groups: dict[str, list[Article]] = {}
        for article in members:
            for code in article.front.countries:
                if code not in beside:
                    groups.setdefault(code, []).append(article)
        counts = []
        for code, run in sorted(groups.items(), key=lambda row: (-len(row[1]), row[0])):
            country = self._country(code)
            href = country.href
            if len(beside) == 1 and self._has_pair_page(len(run)):
                href = self._urls.href(self._urls.pair(beside[0], code))
            counts.append(views.CountryCount(country, len(run), run[0].published, href))
        return tuple(counts)

    def _has_pair_page(self, count: int) -> bool:
        return count >= max(1, self._config.pages_from.pairs)

    def _pair_counts(self, members: Sequence[Article]) -> tuple[views.PairCount, ...]:
        """Count every pair of `members`, the strongest first."""
        groups: dict[CodePair, list[Article]] = {}
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
        return tuple(self._month_count(path, MonthNote(month, len(run), most)) for month, run in runs)

    def _month_count(self, path: str, note: MonthNote) -> views.MonthCount:
        return views.MonthCount(note.month, note.count, note.most, self._urls.href(self._urls.month(path, note.month)))

    # --- pages --------------------------------------------------------------------------------------------------------

    def _home(self, brief: HomeBrief, texts: Texts) -> views.HomePage:
        articles = brief.articles
        newest = articles[0].published if articles else None
        latest = [article for article in articles if newest is not None and _month(article) == _month(articles[0])]
        lead = views.Lead(self._card(brief.lead.article), self._readings(brief.lead, texts)) if brief.lead else None
        return views.HomePage(
            head=self._head(self._urls.home(), self.site_view.feed),
            newest=newest,
            lead=lead,
            days=self._days(articles[:HOME_ARTICLES]),
            month=_month(articles[0]) if articles else None,
            topics=self._topic_counts(latest)[:SIDE_ROWS],
            countries=self._country_counts(latest)[:SIDE_ROWS],
            relations=self._pair_counts(articles)[:SIDE_ROWS],
        )

    def _readings(self, lead: ArticleText, texts: Texts) -> tuple[views.Reading, ...]:
        href = self._card(lead.article).href
        readings = (
            views.Reading(
                section.key,
                self._perspectives[section.key].get(self._locale),
                section.first_sentence,
                section.lang or lead.article.front.lang,
                f"{href}#{section.key}",
            )
            for section in texts[lead.text].sections
            if section.key is not None and section.first_sentence
        )
        return tuple(readings)[:2]

    def _index(self, brief: IndexBrief) -> views.IndexPage:
        subject, members = brief.subject, brief.members
        path = subject_path(self._urls, subject)
        runs = by_month(members)
        before = runs[1] if len(runs) > 1 else None
        expected = (runs[0][0] - timedelta(days=1)).replace(day=1)
        has_months = len(members) >= self._config.pages_from.months
        has_feed = len(subject.countries) < 2
        feed = views.FeedLink(self._feed_title(subject), self._urls.href(self._urls.feed(path))) if has_feed else None
        return views.IndexPage(
            head=self._head(path, feed),
            topic=self._topics[subject.topic] if subject.topic is not None else None,
            countries=tuple(self._country(code) for code in subject.countries),
            facts=views.Facts(
                total=len(members),
                first_month=runs[-1][0],
                newest_month=runs[0][0],
                newest_count=len(runs[0][1]),
                before_count=len(before[1]) if before is not None and before[0] == expected else 0,
            ),
            days=self._days(members[:INDEX_ARTICLES] if has_months else members),
            months=self._months(path, members) if has_months else (),
            with_topics=tuple(row for row in self._topic_counts(members) if row.topic.key != subject.topic),
            with_countries=self._country_counts(members, beside=subject.countries),
        )

    def _month(self, brief: MonthBrief) -> views.MonthPage:
        subject = brief.subject
        path = subject_path(self._urls, subject)
        return views.MonthPage(
            head=self._head(self._urls.month(path, brief.month)),
            month=brief.month,
            topic=self._topics[subject.topic] if subject.topic is not None else None,
            countries=tuple(self._country(code) for code in subject.countries),
            index=self._urls.href(path),
            count=len(brief.members),
            days=self._days(brief.members),
            previous=self._month_count(path, brief.previous) if brief.previous else None,
            next=self._month_count(path, brief.next) if brief.next else None,
        )

    # --- articles -----------------------------------------------------------------------------------------------------

    def _article(self, brief: ArticleBrief, texts: Texts) -> views.ArticlePage:
        article = brief.whole.article
        front, reviewed = article.front, article.front.reviewed
        return views.ArticlePage(
            head=self._head(self._urls.article(article.slug)),
            id=front.id,
            article=self._card(article),
            topics=tuple(self._topics[key] for key in front.topics),
            pairs=tuple(self._pair(pair, has_page=pair in brief.pairs) for pair in pairs(article)),
            updated=article.updated,
            sections=self._sections(brief.whole, texts[brief.whole.text], absolute=False),
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
            follows=self._card(brief.follows) if brief.follows else None,
            followed_by=self._cards_of(brief.followers),
            previous=self._card(brief.before) if brief.before else None,
            next=self._card(brief.after) if brief.after else None,
        )

    def _day(self, stamp: Stamp) -> date:
        """Return the day of a stamp in the site's zone."""
        return stamp.at(self._config.zone).astimezone(self._config.zone).date()

    def _sections(self, whole: ArticleText, body: Body, *, absolute: bool) -> tuple[views.Section, ...]:
        """Return the sections of a text; `absolute` fills in full URLs, for feeds."""
        addresses = iter([self._address(whole.article, target, absolute=absolute) for target in whole.targets])
        return tuple(self._section(whole.article, section, addresses) for section in body.sections)

    def _section(self, article: Article, section: BodySection, addresses: Iterable[str]) -> views.Section:
        return views.Section(
            key=section.key,
            name=self._perspectives[section.key].get(self._locale) if section.key is not None else "",
            label=section.label,
            lang=section.lang or article.front.lang,
            pieces=section.html.pieces,
            hrefs=tuple(address for _, address in zip(section.html.holes, addresses, strict=False)),
        )

    def _address(self, article: Article, target: Target, *, absolute: bool) -> str:
        fragment = f"#{quote(target.fragment)}" if target.fragment else ""
        if not target.path and not absolute:
            return fragment
        path = target.path or self._urls.article(article.slug)
        return (self._urls.absolute(path) if absolute else self._urls.href(path)) + fragment

    # --- feeds --------------------------------------------------------------------------------------------------------

    def _feed_title(self, subject: Subject) -> str:
        title = self._config.title.get(self._locale)
        if subject.topic is not None:
            return f"{title} · {self._topics[subject.topic].name}"
        if subject.countries:
            return f"{title} · {self._country(subject.countries[0]).name}"
        return title

    def _item(self, item: ArticleText, body: Body) -> FeedItem:
        article = item.article
        front = article.front
        return FeedItem(
            guid=f"tag:{self._config.authority}:{front.id}",
            title=front.title,
            url=self._urls.absolute(self._urls.article(article.slug)),
            published=article.published,
            updated=article.updated,
            lang=front.lang,
            creator=front.source.name,
            summary=front.summary,
            sections=self._sections(item, body, absolute=True),
            topics=tuple(self._topics[key].name for key in front.topics),
            countries=front.countries,
        )


def sitemap(recipe: SitemapRecipe) -> tuple[SitemapEntry, ...]:
    """List every page, in every locale, with the time of the newest article on it."""
    config = recipe.editions[0].config
    first, *others = (Urls.of(edition.config, edition.locale) for edition in recipe.editions)
    entries = []
    for path, members in _indexed_paths(recipe, first):
        alternates = [(urls.locale, urls.absolute(urls.local(path, ()))) for urls in (first, *others)]
        shown = tuple(alternates) if len(config.locales) > 1 else ()
        modified = _last_change(members)
        entries += [SitemapEntry(url, modified, shown) for _, url in alternates]
    return tuple(entries)


def _indexed_paths(recipe: SitemapRecipe, urls: Urls) -> list[tuple[str, Sequence[Article]]]:
    site = grouped(recipe.editions[0].config, recipe.articles)
    rows: list[tuple[str, Sequence[Article]]] = [(urls.home(), site.articles)]
    rows += [(urls.article(article.slug), (article,)) for article in site.articles]
    rows += [(path, site.articles) for path in (urls.topics(), urls.countries(), urls.relations(), urls.archive())]
    indexes = [(subject_path(urls, subject), members) for subject, members in site.indexes()]
    rows += indexes
    dated = [(path, members) for path, members in indexes if len(members) >= site.config.pages_from.months]
    for path, members in ((urls.archive(), site.articles), *dated):
        rows += [(urls.month(path, month), run) for month, run in by_month(members)]
    return rows


def _last_change(articles: Sequence[Article]) -> datetime | None:
    return max((article.updated or article.published for article in articles), default=None)


def _month(article: Article) -> date:
    return article.published.date().replace(day=1)


@lru_cache(maxsize=64)
def _autonym(tag: str) -> str:
    """Return the name of a language in itself."""
    locale = babel_locale(tag)
    return locale.get_display_name() or tag
