"""Daily editions: the list, the page of each, and the newest as e-mails."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Final

from msgspec import Struct

from sitegen.outputs import periods, texts, views
from sitegen.outputs.editions import EditionContent
from sitegen.outputs.emails import MailedPage, email_hrefs
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.machine_parts import machine_author
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash, EditorPageText
from sitegen.outputs.specs import DateCount, with_neighbours
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.clusters import clusters
from sitegen.site.facets import EDITIONS

EMAIL_EDITIONS: Final = 7
"""The number of the newest editions that have e-mails. An older e-mail is not sent again, and would only be files."""
HEADLINES: Final = 14
"""The number of the newest editions that the list shows with their first headline."""


class EditionView(View, frozen=True):
    """`edition.html`, `email_edition.html` and `email_edition.txt`: the most important articles of a day.

    `since` is the day of the last edition, `corrections` and `updated` are those of earlier articles since then.
    `readings` are two perspectives of each article of importance 5, by the `href` of the article; templates show the
    first sentence. `minutes` is how long the edition takes to read. `more` is the number of further articles of the
    day, `month` the page of the archive that has all. An e-mail has no `previous` and `next`; its HTML has its styles
    in attributes and stays below 80 KB. `email_edition.txt` gives plain text, which is not escaped.
    """

    edition: views.Period
    since: date | None
    minutes: int
    introduction: views.Introduction | None
    articles: tuple[views.ArticleSummary, ...]
    readings: dict[str, tuple[views.Section, ...]]
    more: int
    month: str
    corrections: tuple[views.CorrectionView, ...]
    updated: tuple[views.ArticleSummary, ...]
    previous: views.Period | None
    next: views.Period | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section and the day."""
        return [writer.section("editions"), (writer.day(self.edition.first), self.edition.href)]


class EditionSummary(Struct, frozen=True):
    """An edition in a list: the title of its introduction, or empty, the most important article, and its e-mails.

    The addresses of e-mails are empty if it has none. `machine_title` is who wrote the title that is shown: `ai` for a
    machine, `mixed` if a machine helped to, else empty. `reviewed` is true if a person reviewed it as it is.
    """

    edition: views.Period
    title: str
    lang: str
    lead: views.ArticleSummary
    email_html: str
    email_text: str
    machine_title: str
    reviewed: bool


class EditionMonth(Struct, frozen=True):
    """The editions of a month, the earliest first."""

    first: date
    editions: tuple[views.Period, ...]


class EditionsView(View, frozen=True):
    """`editions.html`: the newest editions with their headlines, and the days of all editions by month."""

    newest: tuple[EditionSummary, ...]
    months: tuple[EditionMonth, ...]

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section("editions")]


@page_kind(
    "editions.html",
    view=EditionsView,
    section=SiteSection("editions", 5, exists=lambda config: config.edition_items is not None),
)
class EditionsPage(PageKind, frozen=True):
    """The list of daily editions. The newest have their introduction and their most important article."""

    days: tuple[DateCount, ...]
    newest: tuple[tuple[date, EditorPageText | None, ArticleHash], ...]

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the list if the site has editions."""
        if planner.site.config.edition_items is None:
            return
        days = tuple((day, content.count) for day, content in planner.editions.items())
        contents = list(planner.editions.values())[:HEADLINES]
        newest = tuple((content.day, content.introduction, content.articles[0]) for content in contents)
        path = planner.urls.section("editions")
        yield PlannedPage(path, cls(planner.context, days, newest), planner.last_published)

    def view(self, builder: ViewBuilder) -> EditionsView:
        """Return the view of the list."""
        days = {day: periods.edition(builder, day, count) for day, count in self.days}
        months = groupby(days.values(), key=lambda edition: edition.first.replace(day=1))
        return EditionsView(
            head=builder.meta(builder.urls.section("editions"), builder.feed_link(EDITIONS)),
            newest=tuple(
                _summary(builder, days[day], text, lead, has_email=index < EMAIL_EDITIONS)
                for index, (day, text, lead) in enumerate(self.newest)
            ),
            months=tuple(EditionMonth(first, tuple(editions)[::-1]) for first, editions in months),
        )


def _summary(
    builder: ViewBuilder, edition: views.Period, text: EditorPageText | None, lead: ArticleHash, *, has_email: bool
) -> EditionSummary:
    article = builder.summary(builder.article(lead))
    emails = email_hrefs(builder, builder.urls.edition(edition.first), exist=has_email)
    title, lang, author, is_reviewed = "", "", article.machine_title, article.reviewed
    if text is not None and text.title:
        title, lang = builder.typographic(text.title, text.lang), text.lang
        author = machine_author(dict(text.authors), "title")
        is_reviewed = text.review is not None and text.review.reviewer is not None
    return EditionSummary(edition, title, lang, article, *emails, author, is_reviewed)


@page_kind("edition.html", "email_edition.html", "email_edition.txt", view=EditionView)
class EditionPage(MailedPage, frozen=True):
    """One daily edition, as a page or as an e-mail in HTML or plain text."""

    content: EditionContent
    previous: date | None = None
    next: date | None = None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every edition, and the e-mails of the newest."""
        rows = with_neighbours(planner.pages.days.items())
        for index, (day, members, previous, following) in enumerate(rows):
            path, content = planner.urls.edition(day), planner.editions[day]
            yield page(path, cls(planner.context, "edition.html", content, previous, following), members)
            for suffix in ("html", "txt") if index < EMAIL_EDITIONS else ():
                email = cls(planner.context, f"email_edition.{suffix}", content)
                yield PlannedPage(planner.urls.email(path, suffix), email, indexed=False)

    @property
    def article_count(self) -> int:
        """The number of articles of the edition."""
        return len(self.content.articles)

    def view_of(self, builder: ViewBuilder, count: int) -> EditionView:
        """Return the view with the `count` most important articles."""
        content, urls = self.content, builder.urls
        path = urls.edition(content.day)
        introduction = texts.introduction(builder, content.introduction, absolute=self.form != "edition.html")
        articles = tuple(map(builder.card, clusters(builder.articles(content.articles[:count]))))
        readings = texts.readings(builder, content.leads)
        return EditionView(
            head=builder.meta(path, builder.feed_link(EDITIONS)),
            edition=periods.edition(builder, content.day, content.count),
            since=content.since,
            minutes=texts.reading_minutes(_texts(introduction, articles, readings)),
            introduction=introduction,
            articles=articles,
            readings=readings,
            more=content.count - count,
            month=urls.href(urls.month(urls.section("archive"), content.day)),
            corrections=tuple(map(builder.correction, content.corrections)),
            updated=builder.summaries(content.updated),
            previous=periods.edition(builder, self.previous) if self.previous else None,
            next=periods.edition(builder, self.next) if self.next else None,
        )


def _texts(
    introduction: views.Introduction | None,
    articles: tuple[views.ArticleSummary, ...],
    readings: dict[str, tuple[views.Section, ...]],
) -> Iterator[str]:
    """Yield every text of an edition."""
    if introduction is not None:
        yield introduction.title
        yield from introduction.paragraphs
        yield from (item.text for item in introduction.watch)
    for article in articles:
        yield from (article.title, article.summary)
        yield from (section.excerpt for section in readings.get(article.href, ()))
