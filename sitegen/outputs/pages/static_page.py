"""Pages of the editor's own, such as `/about/`."""

from collections.abc import Iterator
from typing import Final

from sitegen.outputs import texts, views
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.outputs.page_kind import PageKind, PlannedPage, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import EditorPageText
from sitegen.outputs.view_builder import ViewBuilder

ABOUT: Final = "about"
"""The slug of the page that names the publisher."""


class StaticPageView(View, frozen=True):
    """`page.html`: a page of the editor's, such as *About*. `href` is its own address.

    `language` names the language of title, summary and text if it is not that of the page, or else None. `authorship`
    has the parts that a machine wrote, and whether they were reviewed. Only the page `/about/` has `publisher`.
    """

    href: str
    title: str
    lang: str
    language: views.Link | None
    summary: str
    translated_from: views.Link | None
    authorship: tuple[views.Authorship, ...]
    sections: tuple[views.Section, ...]
    publisher: views.Publisher | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the page."""
        return [(self.title, self.href)]


@page_kind("page.html", view=StaticPageView)
class StaticPageKind(PageKind, frozen=True):
    """A page of the editor's own."""

    whole: EditorPageText

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield every static page."""
        for static_page in planner.site.static_pages:
            spec = cls(planner.context, planner.static_page_text(static_page))
            yield page(planner.urls.section(static_page.slug), spec)

    def view(self, builder: ViewBuilder) -> StaticPageView:
        """Return the view of the page."""
        whole = self.whole
        path, sections = builder.urls.section(whole.slug), tuple(texts.sections(builder, whole, absolute=False))
        return StaticPageView(
            head=builder.meta(path),
            href=builder.urls.href(path),
            title=builder.typographic(whole.title, whole.lang),
            lang=whole.lang,
            language=builder.other_language(whole.lang),
            summary=builder.typographic(whole.summary, whole.lang),
            translated_from=builder.language(whole.original_lang) if whole.is_translation else None,
            authorship=texts.machine_written(dict(whole.authors), whole.review, whole.summary, sections),
            sections=sections,
            publisher=builder.site_view.publisher if whole.slug == ABOUT else None,
        )
