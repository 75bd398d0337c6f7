"""Weekly issues: the list, the page of each, and the newest as e-mails."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec.structs import astuple

from sitegen.outputs import periods, texts, views
from sitegen.outputs.emails import MailedPage, email_hrefs
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PlannedPage, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash, ArticleText, EditorPageText
from sitegen.outputs.specs import hashes, with_neighbours
from sitegen.outputs.view_builder import ViewBuilder, by_importance
from sitegen.site.clusters import clusters

MAX_ARTICLES: Final = 50
"""Articles of an issue, the most important of the week; the archive has all of them."""
EMAIL_ISSUES: Final = 4
"""The number of the newest issues that have e-mails. An older e-mail is not sent again, and would only be files."""


class IssueView(View, frozen=True):
    """`issue.html`, `email.html` and `email.txt`: the 50 most important articles of one week by topic.

    The topic with the most important article is first. `more` is the number of the other articles of the week, `month`
    the page of the archive that has them. `email_html` and `email_text` are the addresses of the same issue as an
    e-mail, and empty for all but the four newest issues. The HTML of an e-mail has its styles in attributes, for
    programs that drop the rest, and stays below 80 KB, with fewer articles if necessary. `email.txt` gives plain text,
    which is not escaped. An e-mail has no `previous` and `next`. It has `readings`: two perspectives of each article of
    importance 5, by the `href` of the article, whose first sentence it shows.
    """

    issue: views.Period
    introduction: views.Introduction | None
    groups: tuple[views.Group, ...]
    more: int
    month: str
    previous: views.Period | None
    next: views.Period | None
    email_html: str
    email_text: str
    readings: dict[str, tuple[views.Section, ...]]

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section and the week."""
        name = writer.label("week", week=self.issue.week, year=self.issue.week_year)
        return [writer.section("issues"), (name, self.issue.href)]


@page_kind("issue.html", "email.html", "email.txt", view=IssueView)
class IssuePage(MailedPage, frozen=True):
    """One weekly issue, as a page or as an e-mail in HTML or plain text: its articles, and the neighbouring issues.

    `leads` are the texts of the articles that an e-mail quotes. `has_emails` is true for the newest issues.
    """

    monday: date
    members: tuple[ArticleHash, ...]
    introduction: EditorPageText | None
    has_emails: bool
    leads: tuple[ArticleText, ...] = ()
    previous: date | None = None
    next: date | None = None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every issue, and the e-mails of the newest."""
        rows = with_neighbours(planner.pages.weeks.items())
        for index, (monday, members, previous, following) in enumerate(rows):
            keys, path = hashes(members), planner.urls.issue(monday)
            text = planner.introduction(path)
            has_emails = index < EMAIL_ISSUES
            spec = cls(planner.context, "issue.html", monday, keys, text, has_emails, previous=previous, next=following)
            yield page(path, spec, members)
            for suffix in ("html", "txt") if has_emails else ():
                email = cls(planner.context, f"email.{suffix}", monday, keys, text, has_emails, planner.leads(members))
                yield PlannedPage(planner.urls.email(path, suffix), email, indexed=False)

    @property
    def article_count(self) -> int:
        """The number of articles of the issue."""
        return min(MAX_ARTICLES, len(self.members))

    def view_of(self, builder: ViewBuilder, count: int) -> IssueView:
        """Return the view with the `count` most important articles."""
        urls, monday = builder.urls, self.monday
        email_html, email_text = email_hrefs(builder, urls.issue(monday), exist=self.has_emails)
        newest = builder.article(self.members[0]).published
        groups: dict[str, list[views.ArticleSummary]] = {}
        for cluster in clusters(sorted(builder.articles(self.members), key=by_importance)[:count]):
            groups.setdefault(cluster[0].front.topics[0], []).append(builder.card(cluster))
        return IssueView(
            head=builder.meta(urls.issue(monday)),
            issue=periods.issue(builder, monday, len(self.members)),
            introduction=texts.introduction(builder, self.introduction, absolute=self.form != "issue.html"),
            groups=tuple(
                views.Group(*astuple(builder.topic(key)), items=tuple(group)) for key, group in groups.items()
            ),
            more=len(self.members) - count,
            month=urls.href(urls.month(urls.section("archive"), newest.date())),
            previous=periods.issue(builder, self.previous) if self.previous else None,
            next=periods.issue(builder, self.next) if self.next else None,
            email_html=email_html,
            email_text=email_text,
            readings=texts.readings(builder, self.leads),
        )
