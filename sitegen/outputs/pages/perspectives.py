"""The list of perspectives, the page of each, and its months."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.outputs import views
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleText
from sitegen.outputs.specs import (
    MonthSummary,
    PerspectiveSummary,
    TopicSummary,
    month_summaries,
    months_with_neighbours,
)
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import by_first_topic, by_month
from sitegen.site.pages import has_feed, has_page
from sitegen.site.urls import Urls

READINGS: Final = 20
"""Readings on the page of a perspective; all of them are on the pages of its months."""

_ID = re.compile(r'(<h[1-6]|^") id="[^"]*"')
"""The id of a heading or, after the address of a link, of a reference to a footnote."""


class PerspectivesView(View, frozen=True):
    """`perspectives.html`: every perspective that has a page."""

    perspectives: tuple[views.PerspectiveCount, ...]

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("perspectives")]


class PerspectiveText(Struct, frozen=True):
    """An article in a perspective, and its section for that perspective."""

    article: views.ArticleSummary
    section: views.Section


class ReadingGroup(Struct, frozen=True):
    """The readings of the articles that have this topic first. `id` is their fragment on the page."""

    topic: views.Topic
    id: str
    readings: tuple[PerspectiveText, ...]


class PerspectiveView(View, frozen=True):
    """`perspective.html`: one perspective of all articles, or (with `topic`) of those that have this topic first.

    `readings` are the newest; all of them are in the months, which lead to their topic there. `others` are the other
    perspectives on the same, `index` is the page of the perspective without a topic.
    """

    perspective: views.PerspectiveCount
    topic: views.Topic | None
    readings: tuple[PerspectiveText, ...]
    months: tuple[views.MonthCount, ...]
    topics: tuple[views.TopicCount, ...]
    others: tuple[views.PerspectiveCount, ...]
    index: str

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section, the perspective, and the topic."""
        steps = [trail.section("perspectives"), (self.perspective.name, self.index)]
        return [*steps, (self.topic.name, "")] if self.topic is not None else steps


class PerspectiveMonthView(View, frozen=True):
    """`perspective_month.html`: all readings of one perspective in a month, by topic.

    `previous` and `next` are the neighbouring months that have readings, `index` is the page of the perspective.
    """

    perspective: views.PerspectiveCount
    month: date
    groups: tuple[ReadingGroup, ...]
    previous: views.MonthCount | None
    next: views.MonthCount | None
    index: str

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section, the perspective, and the month."""
        return [trail.section("perspectives"), (self.perspective.name, self.index), (trail.month(self.month), "")]


@page_kind("perspectives.html", view=PerspectivesView, section=SiteSection("perspectives", 4))
class PerspectivesPage(PageKind, frozen=True):
    """The list of perspectives."""

    rows: tuple[PerspectiveSummary, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.perspectives()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        spec = cls(planner.context, _summaries(planner))
        yield PlannedPage(planner.urls.perspectives(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> PerspectivesView:
        """Return the view of the list."""
        rows = tuple(builder.perspective_count(row) for row in self.rows)
        return PerspectivesView(builder.meta(builder.urls.perspectives()), rows)


@page_kind("perspective.html", view=PerspectiveView)
class PerspectivePage(PageKind, frozen=True):
    """One perspective, of all articles or of those of a topic: the newest readings, its months, the other topics."""

    summary: PerspectiveSummary
    topic: str | None
    newest: tuple[ArticleText, ...]
    months: tuple[MonthSummary, ...]
    topics: tuple[TopicSummary, ...]
    others: tuple[str, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page of each perspective, and of each of its topics that has one."""
        summaries, paged = _summaries(planner), planner.pages.perspective_topics
        for key, members in planner.pages.perspectives.items():
            groups = by_first_topic(members)
            topics = tuple(TopicSummary(topic, len(group), group[0].published) for topic, group in groups.items())
            others = tuple(other.key for other in summaries if other.key != key)
            summary = PerspectiveSummary(key, len(members))
            yield cls._page(planner, summary, None, members, topics=topics, others=others)
            for topic in groups:
                group = paged.get((key, topic))
                if group is not None:
                    others = tuple(other.key for other in summaries if other.key != key and (other.key, topic) in paged)
                    yield cls._page(
                        planner, PerspectiveSummary(key, len(group)), topic, group, topics=topics, others=others
                    )

    @classmethod
    def _page(
        cls,
        planner: LocalePlanner,
        summary: PerspectiveSummary,
        topic: str | None,
        members: Sequence[Article],
        *,
        topics: tuple[TopicSummary, ...],
        others: tuple[str, ...],
    ) -> PlannedPage:
        newest = tuple(planner.perspective_text(article, summary.key) for article in members[:READINGS])
        spec = cls(planner.context, summary, topic, newest, month_summaries(by_month(members)), topics, others)
        return page(planner.urls.perspective(summary.key, topic), spec, members)

    def view(self, builder: ViewBuilder) -> PerspectiveView:
        """Return the view of the perspective."""
        key = self.summary.key
        facet = Facet(perspective=key)
        index = builder.urls.perspective(key)
        months = tuple(builder.month_count(index, row) for row in self.months)
        if self.topic is not None:
            months = tuple(replace(row, href=f"{row.href}#{_group_id(self.topic)}") for row in months)
        shows_feed = self.topic is None and has_feed(builder.config, facet, self.summary.count)
        topics = tuple(
            views.TopicCount(
                builder.topic(row.key),
                row.count,
                row.latest,
                builder.urls.href(
                    builder.urls.perspective(key, row.key if has_page(builder.config, facet, row.count) else None)
                ),
                None,
            )
            for row in self.topics
        )
        return PerspectiveView(
            head=builder.meta(
                builder.urls.perspective(key, self.topic), builder.feed_link(facet) if shows_feed else None
            ),
            perspective=builder.perspective_count(self.summary, self.topic),
            topic=builder.topic(self.topic) if self.topic is not None else None,
            readings=tuple(_reading(builder, item, key) for item in self.newest),
            months=months,
            topics=topics,
            others=tuple(builder.perspective_count(PerspectiveSummary(o, 0), self.topic) for o in self.others),
            index=builder.urls.href(index),
        )


@page_kind("perspective_month.html", view=PerspectiveMonthView)
class PerspectiveMonthPage(PageKind, frozen=True):
    """All readings of one perspective in a month, and the neighbouring months."""

    key: str
    month: date
    items: tuple[ArticleText, ...]
    previous: MonthSummary | None
    next: MonthSummary | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every month of each perspective."""
        for key, members in planner.pages.perspectives.items():
            path = planner.urls.perspective(key)
            for month, group, previous, following in months_with_neighbours(members):
                items = tuple(planner.perspective_text(article, key) for article in group)
                spec = cls(planner.context, key, month, items, previous, following)
                yield page(planner.urls.month(path, month), spec, group)

    def view(self, builder: ViewBuilder) -> PerspectiveMonthView:
        """Return the view of the month."""
        index = builder.urls.perspective(self.key)
        groups: dict[str, list[PerspectiveText]] = {}
        for item in self.items:
            topic = builder.article(item.article).front.topics[0]
            groups.setdefault(topic, []).append(_reading(builder, item, self.key))
        return PerspectiveMonthView(
            head=builder.meta(builder.urls.month(index, self.month)),
            perspective=builder.perspective_count(PerspectiveSummary(self.key, len(self.items))),
            month=self.month,
            groups=tuple(
                ReadingGroup(builder.topic(topic), _group_id(topic), tuple(groups[topic]))
                for topic in builder.topic_order
                if topic in groups
            ),
            previous=builder.month_count(index, self.previous) if self.previous else None,
            next=builder.month_count(index, self.next) if self.next else None,
            index=builder.urls.href(index),
        )


def _summaries(planner: LocalePlanner) -> tuple[PerspectiveSummary, ...]:
    return tuple(PerspectiveSummary(key, len(members)) for key, members in planner.pages.perspectives.items())


def _group_id(topic: str) -> str:
    return f"topic-{topic}"


def _reading(builder: ViewBuilder, whole: ArticleText, key: str) -> PerspectiveText:
    """Return the section of an article for a perspective, for a page that shows many: without ids in it."""
    article = builder.article(whole.article)
    section = next(
        section for section in builder.sections(whole, absolute=False, on_own_page=False) if section.key == key
    )
    parts = tuple(_ID.sub(r"\1", part) for part in section.parts)
    return PerspectiveText(builder.summary(article), replace(section, parts=parts))
