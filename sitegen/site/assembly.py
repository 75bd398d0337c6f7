"""Articles to a frozen `Site`: what is visible, grouped by topic, country and pair, and every mistake between files."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, groupby
from typing import Final, TypeVar

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion, pick_locale
from sitegen.content.markdown import LinkKind, LinkRef
from sitegen.content.pages import StaticPage, Translation, translated_file
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match
from sitegen.site.facets import CountryPair, Facet
from sitegen.site.sources import source_slug
from sitegen.site.urls import OWN_FOLDERS, Urls
from sitegen.util.frozen import dataclass

_LAST: Final = datetime.max.replace(tzinfo=UTC)
NEWS_AGE: Final = timedelta(days=2)
"""How long an article is news (Google's news sitemaps)."""
MOST_SUGGESTIONS: Final = 20
MOST_CANDIDATES: Final = 300
"""Finding the nearest of ten thousand names for a thousand links would take minutes."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Site:
    """The digest as readers may see it: visible articles newest first, and the same by group.

    `hidden` are drafts and articles that are not out or out no more: they keep their addresses. `by_path` finds a
    visible article by its file, `followers` those that follow one up, oldest first. `by_crossing` has what a topic has
    in common with a country or a pair; `by_perspective` those that have a perspective in some language; `by_week` those
    of each week, by its Monday. `as_of` is when all this is so; `upcoming` is when the corrections are made that are
    dated ahead, and that no article here has yet.
    """

    config: Config
    articles: tuple[Article, ...]
    hidden: tuple[Article, ...]
    by_topic: Mapping[str, tuple[Article, ...]]
    by_country: Mapping[str, tuple[Article, ...]]
    by_pair: Mapping[CountryPair, tuple[Article, ...]]
    by_crossing: Mapping[tuple[str, tuple[str, ...]], tuple[Article, ...]]
    by_source: Mapping[str, tuple[Article, ...]]
    by_perspective: Mapping[str, tuple[Article, ...]]
    by_week: Mapping[date, tuple[Article, ...]]
    by_path: Mapping[str, Article]
    followers: Mapping[str, tuple[Article, ...]]
    as_of: datetime
    pages: tuple[StaticPage, ...] = ()
    upcoming: tuple[datetime, ...] = ()

    def has_pair_page(self, pair: CountryPair) -> bool:
        """Whether a pair has enough articles for a page of its own."""
        return len(self.by_pair.get(pair, ())) >= max(1, self.config.page_thresholds.pairs)

    def links(self) -> Iterator[LinkRef]:
        """Yield the holes of every text that readers see in some language: of articles, and of the editor's pages."""
        for article in self.articles:
            yield from article.links
            for version in article.translations:
                yield from version.links
        for page in self.pages:
            for version in (page.original, *page.translations):
                yield from version.links

    def urls(self, locale: str) -> Urls:
        """Return the addresses of one locale."""
        return Urls.of(self.config, locale)

    def issues(self) -> list[tuple[date, tuple[Article, ...]]]:
        """Return every week that has an issue, the newest first, with its articles."""
        least = self.config.page_thresholds.issues
        return [(monday, members) for monday, members in self.by_week.items() if len(members) >= least]

    def perspectives(self) -> list[tuple[str, tuple[Article, ...]]]:
        """Return every perspective that has a page, in the order of the configuration, with its articles."""
        least = self.config.page_thresholds.perspectives
        return [(key, members) for key, members in self.by_perspective.items() if len(members) >= least]

    def indexes(self) -> list[tuple[Facet, tuple[Article, ...]]]:
        """Return every index that has a page, with its articles: topics, countries, pairs, crossings, sources."""
        least = self.config.page_thresholds
        return [
            *((Facet(topic=key), members) for key, members in self.by_topic.items()),
            *((Facet(countries=(code,)), members) for code, members in sorted(self.by_country.items())),
            *(
                (Facet(countries=pair), members)
                for pair, members in sorted(self.by_pair.items())
                if self.has_pair_page(pair)
            ),
            *(
                (Facet(topic=topic, countries=codes), members)
                for (topic, codes), members in sorted(self.by_crossing.items())
                if len(members) >= least.topic_countries
            ),
            *(
                (Facet(source=members[0].front.source.name), members)
                for _, members in sorted(self.by_source.items())
                if len(members) >= least.sources
            ),
        ]


def build_site(
    articles: Iterable[Article],
    config: Config,
    files: frozenset[str],
    diagnostics: Diagnostics,
    *,
    now: datetime,
    drafts: bool = False,
    translations: Iterable[Translation] = (),
    pages: Iterable[StaticPage] = (),
) -> Site:
    """Group `articles` into a `Site` as of `now`.

    `files` are the paths of all files in the content folder, against which links are checked. Two articles with one id
    or one address, links that lead nowhere, threads that run in a circle, translations of nothing and pages whose
    address is taken become errors in `diagnostics`. With `drafts`, drafts and articles of the future are visible too.
    """
    beside = _Translations(config, files, translations, diagnostics)
    ordered = sorted((beside.given_to(article) for article in articles), key=_newest_first)
    own = tuple(sorted((beside.given_to_page(page) for page in pages), key=lambda page: (page.order, page.slug)))
    beside.check()
    visible = tuple(_corrected(article, config, now) for article in ordered if _is_visible(article, now, drafts=drafts))
    _check_unique(ordered, diagnostics)
    _check_own_pages(own, config, diagnostics)
    _LinkChecker(ordered, visible, own, files, diagnostics).check()
    shown = {article.path for article in visible}
    late = tuple(article for article in ordered if article.path not in shown)
    upcoming = tuple(at for article in ordered if article.path in shown for _, at in correction_times(article, config))
    return replace(
        group_articles(config, visible, late, own, as_of=now), upcoming=tuple(at for at in upcoming if at > now)
    )


def _corrected(article: Article, config: Config, now: datetime) -> Article:
    """Return an article with those of its corrections that are made by `now`."""
    late = {number for number, at in correction_times(article, config) if at > now}
    if not late:
        return article
    made = tuple(entry for entry in article.front.corrections if entry.number not in late)
    return replace(article, front=replace(article.front, corrections=made))


def group_articles(
    config: Config,
    visible: tuple[Article, ...],
    hidden: tuple[Article, ...] = (),
    pages: tuple[StaticPage, ...] = (),
    *,
    as_of: datetime = _LAST,
) -> Site:
    """Return the site of articles that are in order, the newest first."""
    by_path = {article.path: article for article in visible}
    keys = [term.key for term in config.perspectives]
    wanted = frozenset(keys)
    followers = _grouped(reversed(visible), lambda article: (article.follows,) if article.follows in by_path else ())
    return Site(
        config=config,
        articles=visible,
        hidden=hidden,
        by_topic=_in_order(_grouped(visible, lambda article: article.front.topics), [t.key for t in config.topics]),
        by_country=_grouped(visible, lambda article: article.front.countries),
        by_pair=_grouped(visible, pairs),
        by_crossing=_grouped(visible, topic_country_keys),
        by_source=_grouped(visible, lambda article: (source_slug(article.front.source.name),)),
        by_perspective=_in_order(_grouped(visible, lambda article: wanted.intersection(_anchors(article))), keys),
        by_week=_grouped(visible, lambda article: (monday_of(article.published),)),
        by_path=by_path,
        followers=followers,
        as_of=as_of,
        pages=pages,
    )


def transition_times(site: Site) -> set[datetime]:
    """Return every moment at which the clock alone changes a file: between two of them, it changes none.

    An article comes out or goes; one that is out stops being news; a correction that was written for later is made.
    """
    moments = {
        moment
        for article in (*site.articles, *site.hidden)
        for moment in (article.visible_from, article.visible_until)
        if moment is not None
    }
    moments.update([article.published + NEWS_AGE for article in site.articles])
    moments.update(at for article in site.articles for _, at in correction_times(article, site.config))
    moments.update(site.upcoming)
    return moments


def correction_times(article: Article, config: Config) -> Iterator[tuple[int, datetime]]:
    """Yield the number and the time of each correction of an article."""
    for entry in article.front.corrections:
        yield entry.number, entry.at.with_fixed_offset(config.zone)


def _anchors(article: Article) -> Iterable[str]:
    if not article.translations:
        return article.anchors
    return {anchor for version in (article.original, *article.translations) for anchor in version.anchors}


def monday_of(moment: datetime) -> date:
    """Return the Monday of the week (ISO 8601) in which a moment lies."""
    return moment.date() - timedelta(days=moment.weekday())


def topic_country_keys(article: Article) -> list[tuple[str, tuple[str, ...]]]:
    """Return each topic of an article with each of its countries, and with each pair of them."""
    groups = [*((code,) for code in article.front.countries), *pairs(article)]
    return [(topic, codes) for topic in article.front.topics for codes in groups]


def pairs(article: Article) -> tuple[CountryPair, ...]:
    """Return the pairs of an article's countries, codes in order."""
    return tuple(combinations(sorted(article.front.countries), 2))


def by_month(articles: Sequence[Article]) -> tuple[tuple[date, tuple[Article, ...]], ...]:
    """Return runs of articles by month, in the order given (newest first)."""
    runs = groupby(articles, key=lambda article: date(article.published.year, article.published.month, 1))
    return tuple((month, tuple(run)) for month, run in runs)


def by_first_topic(members: Sequence[Article]) -> dict[str, list[Article]]:
    """Return articles by their first topic, the topic with the most first."""
    groups: dict[str, list[Article]] = {}
    for article in members:
        groups.setdefault(article.front.topics[0], []).append(article)
    return dict(sorted(groups.items(), key=lambda row: (-len(row[1]), row[0])))


def _newest_first(article: Article) -> tuple[float, int, str]:
    return (-article.published.timestamp(), -article.front.importance, article.front.id)


def _is_visible(article: Article, now: datetime, *, drafts: bool) -> bool:
    if not drafts and (article.front.draft or article.visible_from > now):
        return False
    return article.visible_until is None or article.visible_until > now


def _grouped(articles: Iterable[Article], keys: Callable[[Article], Iterable[Key]]) -> dict[Key, tuple[Article, ...]]:
    table: dict[Key, list[Article]] = defaultdict(list)
    for article in articles:
        for key in keys(article):
            table[key].append(article)
    return {key: tuple(members) for key, members in table.items()}


def _in_order(table: dict[str, Value], order: Sequence[str]) -> dict[str, Value]:
    return {key: table[key] for key in order if key in table}


class _Translations:
    """Gives each article and page the translations that lie beside it."""

    def __init__(
        self, config: Config, files: frozenset[str], translations: Iterable[Translation], diagnostics: Diagnostics
    ) -> None:
        self._locales = config.locales
        self._files = files
        self._diagnostics = diagnostics
        self._waiting: dict[str, list[Translation]] = defaultdict(list)
        for translation in sorted(translations, key=lambda translation: translation.path):
            self._waiting[translation.original].append(translation)

    def given_to(self, article: Article) -> Article:
        """Return the article with its translations."""
        if article.path not in self._waiting:
            return article
        return replace(article, translations=self._taken(article.original, article.front.id))

    def given_to_page(self, page: StaticPage) -> StaticPage:
        """Return the page with its translations."""
        return replace(page, translations=self._taken(page.original, "")) if page.path in self._waiting else page

    def check(self) -> None:
        """Report the translations of files that are not there."""
        for path, others in self._waiting.items():
            for translation in others if path not in self._files else ():
                message = f"this is a translation of {path}, which is not there"
                hint = f"call the file {path.rpartition('/')[2]} if it is no translation"
                self._diagnostics.error("no-original", SourceLocation(translation.path, 1), message, hint=hint)

    def _taken(self, original: LocalizedVersion, identifier: str) -> tuple[LocalizedVersion, ...]:
        taken: list[LocalizedVersion] = []
        for translation in self._waiting.pop(original.path):
            version = translation.version
            owner = next((t for t in (original, *taken) if t.lang.casefold() == version.lang.casefold()), None)
            if translation.id != identifier:
                message = f"the id {translation.id!r} is not that of {original.path}"
                self._diagnostics.error(
                    "wrong-id", translation.location("id"), message, got=translation.id, allowed=(identifier,)
                )
            elif owner is not None:
                message = f"{owner.path} is in the language {version.lang!r} too"
                self._diagnostics.error("duplicate-language", SourceLocation(version.path, 1), message)
            else:
                taken.append(version)
        versions = (original, *taken)
        shown = {pick_locale(locale, versions).path for locale in self._locales}
        for version in taken:
            if version.path not in shown:
                message = f"no locale of the site shows the language {version.lang!r}"
                self._diagnostics.warning("not-shown", SourceLocation(version.path, 1), message)
        return tuple(taken)


def _check_own_pages(pages: Sequence[StaticPage], config: Config, diagnostics: Diagnostics) -> None:
    """Report pages of the editor's whose address belongs to the digest itself, or to another of them."""
    taken = OWN_FOLDERS | {folded_path(locale) for locale in config.locales}
    owners: dict[str, str] = {}
    for page in sorted(pages, key=lambda page: page.path):
        folded = folded_path(page.slug)
        if folded in taken:
            message = f"the address /{page.slug}/ belongs to the digest itself"
            diagnostics.error(
                "page-collision", SourceLocation(page.path, 1), message, hint="give the file another name"
            )
        elif owners.setdefault(folded, page.path) != page.path:
            diagnostics.error(
                "page-collision", SourceLocation(page.path, 1), f"the address is that of {owners[folded]}, too"
            )


def _check_unique(articles: Sequence[Article], diagnostics: Diagnostics) -> None:
    first_by_path = sorted(articles, key=lambda article: article.path)
    for key, what, value in (
        ("id", "duplicate-id", lambda article: article.front.id),
        ("slug", "duplicate-slug", lambda article: folded_path(article.slug)),
    ):
        owners: dict[str, Article] = {}
        for article in first_by_path:
            owner = owners.setdefault(value(article), article)
            if owner is not article:
                shown = article.front.id if key == "id" else article.slug
                message = f"the {key} {shown!r} is also that of {owner.path}"
                if key == "slug" and owner.slug != article.slug:
                    message = f"the slug {shown!r} meets {owner.slug!r} of {owner.path} where case or form is folded"
                diagnostics.error(what, article.location(key), message)


class _LinkChecker:
    """Checks where the holes of every article lead."""

    def __init__(
        self,
        articles: Sequence[Article],
        visible: Sequence[Article],
        pages: Sequence[StaticPage],
        files: frozenset[str],
        diagnostics: Diagnostics,
    ) -> None:
        self._all = {article.path: article for article in articles}
        self._pages = {page.path: page for page in pages}
        self._visible = {article.path for article in visible} | self._pages.keys()
        self._files = files
        self._diagnostics = diagnostics
        self._suggested: dict[tuple[str, str], str | None] = {}
        self._circles: frozenset[str] | None = None

    def check(self) -> None:
        for article in self._all.values():
            self._text(article.path, article.path, article.links, article.anchors)
            for version in article.translations:
                self._text(article.path, version.path, version.links, version.anchors)
            if article.follows is not None:
                self._follows(article, article.follows)
        for page in self._pages.values():
            for version in (page.original, *page.translations):
                self._text(page.path, version.path, version.links, version.anchors)

    def _text(self, owner: str, path: str, links: Sequence[LinkRef], anchors: tuple[str, ...]) -> None:
        """Check the links of one text; `owner` is the article or page that it belongs to."""
        for link in links:
            if link.kind is LinkKind.FILE and link.path not in self._files:
                self._dead(link.path, link.location, "file", path)
            elif link.kind is LinkKind.ARTICLE and link.path:
                self._article(owner, path, link)
            elif link.kind is LinkKind.ARTICLE and link.fragment not in anchors:
                self._dead_fragment(link, path, anchors)

    def _dead_fragment(self, link: LinkRef, path: str, anchors: tuple[str, ...]) -> None:
        message = f"{path} has no heading {link.fragment!r}"
        self._diagnostics.error("dead-fragment", link.location, message, got=link.fragment, allowed=anchors)

    def _article(self, owner: str, path: str, link: LinkRef) -> None:
        target = self._all.get(link.path) or self._pages.get(link.path)
        if target is None:
            translated = translated_file(link.path)
            if translated is not None and link.path in self._files:
                message = f"{link.path} is a translation; a link leads to the article in the reader's language"
                self._diagnostics.error("dead-link", link.location, message, near=translated[0])
            elif link.path not in self._files:  # else the file is there and has errors of its own
                self._dead(link.path, link.location, "article", path)
        elif link.fragment and link.fragment not in target.original.anchors:
            self._dead_fragment(link, target.path, target.original.anchors)
        elif owner in self._visible and target.path not in self._visible:
            self._diagnostics.error(
                "hidden-link",
                link.location,
                f"{target.path} is a draft, not yet out or expired: readers would find nothing",
                hint="publish it, or take the link out until then",
            )

    def _dead(self, path: str, location: SourceLocation, what: str, own: str) -> None:
        message = f"there is no {what} {path!r}"
        self._diagnostics.error("dead-link", location, message, near=self._suggestion(path, own))

    def _suggestion(self, path: str, own: str) -> str | None:
        """Return the file that was probably meant: of the same kind, with a name that shares a word."""
        if len(self._suggested) >= MOST_SUGGESTIONS:
            return self._suggested.get((path, own))
        if (path, own) not in self._suggested:
            suffix, words = path.rpartition(".")[2], _words(path)
            likely = [other for other in sorted(self._files) if other != own and other.endswith(f".{suffix}")]
            names = {
                _name(other): other for other in likely if words & _words(other) or _name(other)[0] == _name(path)[0]
            }
            near = closest_match(_name(path), tuple(names)[:MOST_CANDIDATES])
            self._suggested[path, own] = names[near] if near is not None else None
        return self._suggested[path, own]

    def _follows(self, article: Article, path: str) -> None:
        location = article.location("follows")
        if path not in self._files:
            self._dead(path, location, "article", article.path)
            return
        if path not in self._all and translated_file(path) is not None:
            near = path.removesuffix(".md").rpartition(".")[0] + ".md"
            self._diagnostics.error("bad-address", location, f"{path} is a translation", near=near)
            return
        if article.path in self._circular():
            self._diagnostics.error("circular-thread", location, f"the thread of {path!r} leads back here")

    def _circular(self) -> frozenset[str]:
        """Return the articles whose threads lead back to them. Each thread is gone along once."""
        if self._circles is None:
            circles: set[str] = set()
            done: set[str] = set()
            for start in self._all:
                thread: dict[str, int] = {}
                step: str | None = start
                while step is not None and step in self._all and step not in thread and step not in done:
                    thread[step] = len(thread)
                    step = self._all[step].follows
                if step is not None and step in thread:
                    circles.update(list(thread)[thread[step] :])
                done |= thread.keys()
            self._circles = frozenset(circles)
        return self._circles


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _words(path: str) -> set[str]:
    return {word for word in re.split(r"\W+", _name(path).rpartition(".")[0]) if len(word) > 2}
