"""Weekly issues: the list, the page of each, and each as an e-mail."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from msgspec.structs import astuple

from sitegen.content.articles import Article
from sitegen.diagnostics import Diagnostic, Severity, SourceLocation
from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, Step, View, page, page_kind
from sitegen.outputs.pages.lists import ListView, list_view
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import ArticleHash
from sitegen.outputs.specs import DateCount, hashes
from sitegen.outputs.view_builder import ViewBuilder, by_importance
from sitegen.theme.messages import TemplateError

MAX_EMAIL_BYTES: Final = 80_000
"""Mail services cut longer messages: Gmail at 102 KB, including what sending adds."""


class IssueView(View, frozen=True):
    """`issue.html`, `email.html` and `email.txt`: the articles of one week by topic.

    The topic with the most important article is first. `email_html` and `email_text` are the addresses of the same
    issue as an e-mail. The HTML of an e-mail has its styles in attributes, for programs that drop the rest, and stays
    below 80 KB: if the most important articles fill it, `more` is the number of those that only the page of the issue
    has. `email.txt` gives plain text, which is not escaped. An e-mail has no `previous` and `next`.
    """

    issue: views.Period
    groups: tuple[views.Group, ...]
    more: int
    previous: views.Period | None
    next: views.Period | None
    email_html: str
    email_text: str

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section and the week."""
        name = writer.label("week", week=self.issue.week, year=self.issue.week_year)
        return [writer.section("issues"), (name, self.issue.href)]


@page_kind("issues.html", view=ListView, section=SiteSection("issues", 5))
class IssuesPage(PageKind, frozen=True):
    """The list of weekly issues."""

    weeks: tuple[DateCount, ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list."""
        spec = cls(planner.context, _weeks(planner))
        yield PlannedPage(planner.urls.section("issues"), spec, planner.last_change)

    def view(self, builder: ViewBuilder) -> ListView:
        """Return the view of the list."""
        return list_view(builder, "issues", [builder.issue(*week) for week in self.weeks])


@page_kind("issue.html", view=IssueView)
class IssuePage(PageKind, frozen=True):
    """One weekly issue: its articles, and the neighbouring issues."""

    monday: date
    members: tuple[ArticleHash, ...]
    previous: DateCount | None
    next: DateCount | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every issue."""
        around = [None, *_weeks(planner), None]
        for index, (monday, members) in enumerate(planner.pages.weeks.items()):
            spec = cls(planner.context, monday, hashes(members), previous=around[index + 2], next=around[index])
            yield page(planner.urls.issue(monday), spec, members)

    def view(self, builder: ViewBuilder) -> IssueView:
        """Return the view of the issue."""
        return _issue_view(builder, self, builder.articles(self.members), (self.previous, self.next))


@page_kind("email.html", "email.txt", view=IssueView)
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

    def view(self, builder: ViewBuilder) -> IssueView:
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

    def _view(self, builder: ViewBuilder, count: int) -> IssueView:
        members = sorted(builder.articles(self.members), key=by_importance)
        return _issue_view(builder, self, members[:count])


def _weeks(planner: LocalePlanner) -> tuple[DateCount, ...]:
    return tuple((monday, len(members)) for monday, members in planner.pages.weeks.items())


def _issue_view(
    builder: ViewBuilder, page: "IssuePage | Email", members: Sequence[Article], around: Sequence[DateCount | None] = ()
) -> IssueView:
    """Return the view of an issue with these of its articles, and of the issues before and after it."""
    urls, monday, count = builder.urls, page.monday, len(page.members)
    previous, following = (builder.issue(*week) if week else None for week in around or (None, None))
    groups: dict[str, list[Article]] = {}
    for article in sorted(members, key=by_importance):
        groups.setdefault(article.front.topics[0], []).append(article)
    return IssueView(
        head=builder.meta(urls.issue(monday)),
        issue=builder.issue(monday, count),
        groups=tuple(
            views.Group(*astuple(builder.topic(key)), items=tuple(map(builder.summary, group)))
            for key, group in groups.items()
        ),
        more=count - len(members),
        previous=previous,
        next=following,
        email_html=urls.href(urls.email(monday, "html")),
        email_text=urls.href(urls.email(monday, "txt")),
    )
