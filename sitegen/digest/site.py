"""Articles to a frozen `Site`: what is visible, grouped by topic, country and pair, and every mistake between files."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations, groupby
from typing import Final, TypeVar

from sitegen.config import Config
from sitegen.content.articles import Article
from sitegen.content.markdown import Hole, HoleKind
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Findings, Place, nearest
from sitegen.digest.urls import Urls
from sitegen.digest.values import CodePair, Subject

MOST_SUGGESTIONS: Final = 20
MOST_CANDIDATES: Final = 300
"""Finding the nearest of ten thousand names for a thousand links would take minutes."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Site:
    """The digest as readers may see it: visible articles newest first, and the same by group.

    `hidden` are drafts and articles that are not out or out no more: they keep their addresses. `by_path` finds a
    visible article by its file, `followers` those that follow one up, oldest first.
    """

    config: Config
    articles: tuple[Article, ...]
    hidden: tuple[Article, ...]
    by_topic: Mapping[str, tuple[Article, ...]]
    by_country: Mapping[str, tuple[Article, ...]]
    by_pair: Mapping[CodePair, tuple[Article, ...]]
    by_path: Mapping[str, Article]
    followers: Mapping[str, tuple[Article, ...]]

    def has_pair_page(self, pair: CodePair) -> bool:
        """Whether a pair has enough articles for a page of its own."""
        return len(self.by_pair.get(pair, ())) >= max(1, self.config.pages_from.pairs)

    def urls(self, locale: str) -> Urls:
        """Return the addresses of one locale."""
        return Urls.of(self.config, locale)

    def indexes(self) -> list[tuple[Subject, tuple[Article, ...]]]:
        """Return every index that has a page, with its articles: topics, countries, pairs."""
        return [
            *((Subject(topic=key), members) for key, members in self.by_topic.items()),
            *((Subject(countries=(code,)), members) for code, members in sorted(self.by_country.items())),
            *(
                (Subject(countries=pair), members)
                for pair, members in sorted(self.by_pair.items())
                if self.has_pair_page(pair)
            ),
        ]


def assemble(
    articles: Iterable[Article],
    config: Config,
    files: frozenset[str],
    findings: Findings,
    *,
    now: datetime,
    drafts: bool = False,
) -> Site:
    """Group `articles` into a `Site` as of `now`.

    `files` are the paths of all files in the content folder, against which links are checked. Two articles with one id
    or one address, links that lead nowhere and threads that run in a circle become errors in `findings`. With `drafts`,
    drafts and articles of the future are visible too.
    """
    ordered = sorted(articles, key=_newest_first)
    visible = tuple(article for article in ordered if _is_visible(article, now, drafts=drafts))
    _check_unique(ordered, findings)
    _Links(ordered, visible, files, findings).check()
    shown = {article.path for article in visible}
    return grouped(config, visible, tuple(article for article in ordered if article.path not in shown))


def grouped(config: Config, visible: tuple[Article, ...], hidden: tuple[Article, ...] = ()) -> Site:
    """Return the site of articles that are in order, the newest first."""
    by_path = {article.path: article for article in visible}
    followers = _grouped(reversed(visible), lambda article: (article.follows,) if article.follows in by_path else ())
    return Site(
        config=config,
        articles=visible,
        hidden=hidden,
        by_topic=_in_order(_grouped(visible, lambda article: article.front.topics), [t.key for t in config.topics]),
        by_country=_grouped(visible, lambda article: article.front.countries),
        by_pair=_grouped(visible, pairs),
        by_path=by_path,
        followers=followers,
    )


def pairs(article: Article) -> tuple[CodePair, ...]:
    """Return the pairs of an article's countries, codes in order."""
    return tuple(combinations(sorted(article.front.countries), 2))


def by_month(articles: Sequence[Article]) -> tuple[tuple[date, tuple[Article, ...]], ...]:
    """Return runs of articles by month, in the order given (newest first)."""
    runs = groupby(articles, key=lambda article: date(article.published.year, article.published.month, 1))
    return tuple((month, tuple(run)) for month, run in runs)


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


def _check_unique(articles: Sequence[Article], findings: Findings) -> None:
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
                findings.error(what, article.place(key), message)


class _Links:
    """Checks where the holes of every article lead."""

    def __init__(
        self, articles: Sequence[Article], visible: Sequence[Article], files: frozenset[str], findings: Findings
    ) -> None:
        self._all = {article.path: article for article in articles}
        self._visible = {article.path for article in visible}
        self._files = files
        self._findings = findings
        self._suggested: dict[tuple[str, str], str | None] = {}

    def check(self) -> None:
        for article in self._all.values():
            for hole in article.links:
                if hole.kind is HoleKind.FILE and hole.path not in self._files:
                    self._dead(hole.path, hole.place, "file", article)
                elif hole.kind is HoleKind.ARTICLE:
                    self._article(article, hole)
            if article.follows is not None:
                self._follows(article, article.follows)

    def _article(self, article: Article, hole: Hole) -> None:
        target = self._all.get(hole.path or article.path)
        if target is None:
            if hole.path not in self._files:  # else the file is there and has errors of its own
                self._dead(hole.path, hole.place, "article", article)
        elif hole.fragment and hole.fragment not in target.anchors:
            self._findings.error(
                "dead-fragment",
                hole.place,
                f"{target.path} has no heading {hole.fragment!r}",
                got=hole.fragment,
                allowed=target.anchors,
            )
        elif article.path in self._visible and target.path not in self._visible:
            self._findings.error(
                "hidden-link",
                hole.place,
                f"{target.path} is a draft, not yet out or expired: readers would find nothing",
                hint="publish it, or take the link out until then",
            )

    def _dead(self, path: str, place: Place, what: str, article: Article) -> None:
        message = f"there is no {what} {path!r}"
        self._findings.error("dead-link", place, message, near=self._suggestion(path, article.path))

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
            near = nearest(_name(path), tuple(names)[:MOST_CANDIDATES])
            self._suggested[path, own] = names[near] if near is not None else None
        return self._suggested[path, own]

    def _follows(self, article: Article, path: str) -> None:
        place = article.place("follows")
        if path not in self._files:
            self._dead(path, place, "article", article)
            return
        seen = {article.path}
        step: str | None = path
        while step is not None and step in self._all:
            if step in seen:
                if step == article.path:
                    self._findings.error("circular-thread", place, f"the thread of {path!r} leads back here")
                return
            seen.add(step)
            step = self._all[step].follows


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _words(path: str) -> set[str]:
    return {word for word in re.split(r"\W+", _name(path).rpartition(".")[0]) if len(word) > 2}
