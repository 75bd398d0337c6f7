"""Weekly issues: the list, the page of each, and each as an e-mail."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.diagnostics import Diagnostic, Severity, SourceLocation
from sitegen.outputs import views
from sitegen.outputs.json_ld import Trail
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.specs import (
    WeekSummary,
    hashes,
)
from sitegen.outputs.view_builder import ViewBuilder, by_importance
from sitegen.site.urls import Urls
from sitegen.theme.environment import TemplateError

MAX_EMAIL_BYTES: Final = 80_000
"""Mail services cut longer messages: Gmail at 102 KB, including what sending adds."""


class IssuesView(View, frozen=True):
    """`issues.html`: every weekly issue, the newest first."""

    issues: tuple[views.IssueLink, ...]

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section."""
        return [trail.section("issues")]


class IssueView(View, frozen=True):
    """`issue.html`: the articles of one week by topic; the topic with the most important article first.

    `email_html` and `email_text` are the addresses of the same issue as an e-mail.
    """

    issue: views.IssueLink
    groups: tuple[views.TopicGroup, ...]
    previous: views.IssueLink | None
    next: views.IssueLink | None
    email_html: str
    email_text: str

    def breadcrumbs(self, trail: Trail) -> list[Step]:
        """Return the section and the week."""
        return [
            trail.section("issues"),
            (trail.label("week", week=self.issue.number, year=self.issue.year), self.issue.href),
        ]


class EmailView(View, frozen=True):
    """`email.html` and `email.txt`: one weekly issue as an e-mail. An address in it is `origin` with the `href` behind.

    The HTML has its styles in attributes, for programs that drop the rest, and stays below 80 KB: if the most
    important articles fill it, `more` is the number of those that only the page of the issue has. `email.txt` gives
    plain text, which is not escaped.
    """

    issue: views.IssueLink
    origin: str
    groups: tuple[views.TopicGroup, ...]
    more: int


@page_kind("issues.html", view=IssuesView, section=SiteSection("issues", 5))
class IssuesPage(PageKind, frozen=True):
    """The list of weekly issues."""

    weeks: tuple[WeekSummary, ...]

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str:
        """Return the site path of the page."""
        return urls.issues()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        spec = cls(planner.context, _weeks(planner))
        yield PlannedPage(planner.urls.issues(), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> IssuesView:
        """Return the view of the list."""
        return IssuesView(builder.meta(builder.urls.issues()), tuple(builder.issue_link(week) for week in self.weeks))


@page_kind("issue.html", view=IssueView)
class IssuePage(PageKind, frozen=True):
    """One weekly issue: its articles, and the neighbouring issues."""

    monday: date
    members: tuple[ArticleHash, ...]
    previous: WeekSummary | None
    next: WeekSummary | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every issue."""
        around = [None, *_weeks(planner), None]
        for index, (monday, members) in enumerate(planner.pages.weeks.items()):
            spec = cls(planner.context, monday, hashes(members), previous=around[index + 2], next=around[index])
            yield page(planner.urls.issue(monday), spec, members)

    def view(self, builder: ViewBuilder) -> IssueView:
        """Return the view of the issue."""
        urls, monday = builder.urls, self.monday
        members = builder.articles(self.members)
        return IssueView(
            head=builder.meta(urls.issue(monday)),
            issue=builder.issue_link(WeekSummary(monday, len(members))),
            groups=_topic_groups(builder, members),
            previous=builder.issue_link(self.previous) if self.previous else None,
            next=builder.issue_link(self.next) if self.next else None,
            email_html=urls.href(urls.email(monday, "html")),
            email_text=urls.href(urls.email(monday, "txt")),
        )


@page_kind("email.html", "email.txt", view=EmailView)
class Email(PageKind, frozen=True):
    """One weekly issue as an e-mail, as HTML or as plain text."""

    monday: date
    members: tuple[ArticleHash, ...]
    suffix: str

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield both forms of every issue."""
        for monday, members in planner.pages.weeks.items():
            for suffix in ("html", "txt"):
                spec = cls(planner.context, monday, hashes(members), suffix)
                yield PlannedPage(planner.urls.email(monday, suffix), spec, indexed=False)

    @property
    def template(self) -> str:
        """The template of this form."""
        return f"email.{self.suffix}"

    def view(self, builder: ViewBuilder) -> EmailView:
        """Return the view of the e-mail with all articles."""
        return self._view(builder, len(self.members))

    def render(self, env: Any) -> bytes:
        """Return an e-mail with as many of the most important articles as fit."""
        builder, count = env.builder(self.context), len(self.members)
        while True:
            data: bytes = env.render_template(self.template, builder, self._view(builder, count))
            if len(data) <= MAX_EMAIL_BYTES:
                return data
            if not count:
                location = SourceLocation(env.template_path(self.template))
                message = f"an e-mail without articles has {len(data):,} bytes; at most {MAX_EMAIL_BYTES:,} are allowed"
                raise TemplateError(Diagnostic("email-too-large", Severity.ERROR, location, message))
            count = min(count - 1, count * MAX_EMAIL_BYTES // len(data))

    def _view(self, builder: ViewBuilder, count: int) -> EmailView:
        members = builder.articles(self.members)
        return EmailView(
            head=builder.meta(builder.urls.issue(self.monday)),
            issue=builder.issue_link(WeekSummary(self.monday, len(members))),
            origin=builder.origin,
            groups=_topic_groups(builder, sorted(members, key=by_importance)[:count]),
            more=max(0, len(members) - count),
        )


def _weeks(planner: LocalePlanner) -> tuple[WeekSummary, ...]:
    return tuple(WeekSummary(monday, len(members)) for monday, members in planner.pages.weeks.items())


def _topic_groups(builder: ViewBuilder, members: Sequence[Article]) -> tuple[views.TopicGroup, ...]:
    """Return articles by their first topic, the most important first; the topic of the most important leads."""
    groups: dict[str, list[Article]] = {}
    for article in sorted(members, key=by_importance):
        groups.setdefault(article.front.topics[0], []).append(article)
    return tuple(
        views.TopicGroup(builder.topic(key), tuple(map(builder.summary, group))) for key, group in groups.items()
    )
