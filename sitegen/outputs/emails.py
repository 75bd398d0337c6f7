"""E-mails: pages that are sent to readers, in HTML or plain text."""

from abc import abstractmethod
from math import ceil
from typing import Final

from sitegen.outputs.page_kind import PageKind
from sitegen.outputs.page_view import View
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.view_builder import ViewBuilder

MAX_EMAIL_BYTES: Final = 80_000
"""Mail services cut longer messages: Gmail at 102 KB, including what sending adds."""


class MailedPage(PageKind, frozen=True):
    """A page that is an e-mail, too. `form` is its template: the first of the kind, or that of an e-mail."""

    form: str

    @property
    def template(self) -> str:
        """The template of this form."""
        return self.form

    @property
    @abstractmethod
    def article_count(self) -> int:
        """The number of articles that the page shows."""

    @abstractmethod
    def view_of(self, builder: ViewBuilder, count: int) -> View:
        """Return the view with the `count` most important articles."""

    def view(self, builder: ViewBuilder) -> View:
        """Return the view with all articles."""
        return self.view_of(builder, self.article_count)

    def render(self, renderer: Renderer) -> bytes:
        """Return the page, or an e-mail with as many articles as fit."""
        if self.form == self.templates[0]:
            return super().render(renderer)
        builder, count = renderer.builder(self.context), self.article_count
        larger: tuple[int, int] | None = None  # number of articles and size of the last one that did not fit
        while True:
            view = self.view_of(builder, count)
            data = renderer.templates.render(self.form, builder.locale, builder.site_view, view)
            excess = len(data) - MAX_EMAIL_BYTES
            if excess <= 0 or not count:
                return data
            # The least important articles are the shortest: the last step shows what one of them takes.
            each = (larger[1] - len(data)) / (larger[0] - count) if larger else len(data) / count
            larger = (count, len(data))
            count = max(0, count - max(1, ceil(excess / max(1, each))))


def email_hrefs(builder: ViewBuilder, page: str, *, exist: bool) -> tuple[str, str]:
    """Return the addresses of the page at the path `page` as an e-mail, in HTML and as text; empty if there is none."""
    html, text = (builder.urls.href(builder.urls.email(page, suffix)) for suffix in ("html", "txt"))
    return (html, text) if exist else ("", "")
