"""E-mails: pages that are sent to readers, in HTML or plain text."""

from abc import abstractmethod
from math import ceil
from typing import Final

from sitegen.diagnostics import Diagnostic, Severity, SourceLocation
from sitegen.outputs.page_kind import PageKind
from sitegen.outputs.page_view import View
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.theme.messages import TemplateError

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
        """Return the page, or an e-mail with as many articles as fit.

        Raises TemplateError if it is too large without any article.
        """
        if self.form == self.templates[0]:
            return super().render(renderer)
        builder, count = renderer.builder(self.context), self.article_count
        larger: tuple[int, int] | None = None  # number of articles and size of the last one that did not fit
        while True:
            data = renderer.render_template(self.form, builder, self.view_of(builder, count))
            excess = len(data) - MAX_EMAIL_BYTES
            if excess <= 0:
                return data
            if not count:
                location = SourceLocation(renderer.templates.path(self.form))
                message = f"an e-mail without articles has {len(data):,} bytes; at most {MAX_EMAIL_BYTES:,} are allowed"
                raise TemplateError(Diagnostic("email-too-large", Severity.ERROR, location, message))
            # The least important articles are the shortest: the last step shows what one of them takes.
            each = (larger[1] - len(data)) / (larger[0] - count) if larger else len(data) / count
            larger = (count, len(data))
            count = max(0, count - max(1, ceil(excess / max(1, each))))
