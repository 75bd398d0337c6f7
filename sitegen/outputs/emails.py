"""E-mails: pages that are sent to readers, in HTML or plain text."""

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, Final

from sitegen.diagnostics import Diagnostic, Severity, SourceLocation
from sitegen.outputs.page_kind import View
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.theme.messages import TemplateError

if TYPE_CHECKING:
    from sitegen.outputs.renderer import Renderer

MAX_EMAIL_BYTES: Final = 80_000
"""Mail services cut longer messages: Gmail at 102 KB, including what sending adds."""


def render_email(
    renderer: "Renderer", template: str, builder: ViewBuilder, count: int, view: Callable[[int], View]
) -> bytes:
    """Return an e-mail with as many of `count` articles as fit; `view` returns the view with a number of them.

    Raises TemplateError if it is too large without any article.
    """
    larger: tuple[int, int] | None = None  # number of articles and size of the last one that did not fit
    while True:
        data = renderer.render_template(template, builder, view(count))
        excess = len(data) - MAX_EMAIL_BYTES
        if excess <= 0:
            return data
        if not count:
            location = SourceLocation(renderer.template_path(template))
            message = f"an e-mail without articles has {len(data):,} bytes; at most {MAX_EMAIL_BYTES:,} are allowed"
            raise TemplateError(Diagnostic("email-too-large", Severity.ERROR, location, message))
        # The least important articles are the shortest: the last step shows what one of them takes.
        each = (larger[1] - len(data)) / (larger[0] - count) if larger else len(data) / count
        larger = (count, len(data))
        count = max(0, count - max(1, ceil(excess / max(1, each))))
