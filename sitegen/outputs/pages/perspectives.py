"""The list of perspectives, and the page of each."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from sitegen.outputs import counts, texts, views
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleText
from sitegen.outputs.specs import KeyCount
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import group_by_topic

READINGS: Final = 20
"""Readings on the page of a perspective. Older ones are on the pages of their articles."""
TOPIC_READINGS: Final = 10
"""Readings on the page of a perspective and a topic."""


class PerspectiveView(View, frozen=True):
    """`perspective.html`: one perspective of all articles, or (with `topic`) of those that have this topic first.

    `readings` are the newest; the archive leads to all articles. `others` are the other perspectives on the same,
    `index` is the page of the perspective without a topic, and only that one has `topics`: with a new article, those of
    other topics stay the same.
    """

    perspective: views.Count
    topic: views.Link | None
    readings: tuple[views.Section, ...]
    topics: tuple[views.Count, ...]
    others: tuple[views.Link, ...]
    index: str

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section, the perspective, and the topic."""
        steps = [writer.section("perspectives"), (self.perspective.name, self.index)]
        return [*steps, (self.topic.name, "")] if self.topic is not None else steps


@page_kind("perspective.html", view=PerspectiveView)
class PerspectivePage(PageKind, frozen=True):
    """One perspective, of all articles or of those of a topic: the newest readings, the other topics."""

    key: str
    topic: str | None
    count: int
    newest: tuple[ArticleText, ...]
    topics: tuple[KeyCount, ...]
    others: tuple[str, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page of each perspective, and of each of its topics that has one."""
        perspectives, with_page = planner.pages.perspectives, planner.pages.perspective_topics
        for key, members in perspectives.items():
            groups = group_by_topic(members)
            topics = tuple((topic, len(group)) for topic, group in groups.items())
            for topic in (None, *groups):
                group = members if topic is None else with_page.get((key, topic), ())
                if not group:
                    continue
                others = (o for o in perspectives if o != key and (topic is None or (o, topic) in with_page))
                newest = tuple(
                    planner.perspective_text(article, key) for article in group[: TOPIC_READINGS if topic else READINGS]
                )
                spec = cls(planner.context, key, topic, len(group), newest, () if topic else topics, tuple(others))
                yield page(planner.urls.perspective(key, topic), spec, group)

    def view(self, builder: ViewBuilder) -> PerspectiveView:
        """Return the view of the perspective."""
        key, topic = self.key, self.topic
        index = builder.perspective(key)
        feed = builder.own_feed(Facet(perspective=key), self.count) if topic is None else None
        topics = []
        for other, count in self.topics:
            part = builder.perspective(key, other if builder.has_page(count, perspective=key) else None)
            topics.append(counts.counted(replace(builder.topic(other), href=part.href), count))
        return PerspectiveView(
            head=builder.meta(builder.urls.perspective(key, topic), feed),
            perspective=counts.counted(builder.perspective(key, topic), self.count),
            topic=builder.topic(topic) if topic is not None else None,
            readings=tuple(
                replace(texts.section_of(builder, item, key), article=builder.summary(builder.article(item.article)))
                for item in self.newest
            ),
            topics=tuple(topics),
            others=tuple(builder.perspective(other, topic) for other in self.others),
            index=index.href,
        )
