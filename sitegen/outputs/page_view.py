"""`View`, the base of what templates see as `page`, and its structured data."""

from typing import Any, Final

import msgspec
from markupsafe import Markup
from msgspec import Struct

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter, Step
from sitegen.theme.messages import Translator

_CONTEXT: Final = "https://schema.org"

# Only `<` could end a data block or start a comment; the others make the text safe elsewhere, too.
_ESCAPES: Final = [(c, f"\\u{ord(c):04x}") for c in "<>&'\u2028\u2029"]


class View(Struct, frozen=True):
    """The metadata that every page has."""

    head: views.PageMeta

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the steps from the home page to this page; none for pages without breadcrumbs."""
        return []

    def json_ld(self, writer: JsonLdWriter) -> list[dict[str, Any]]:
        """Return the structured data of the page, as schema.org nodes."""
        steps = self.breadcrumbs(writer)
        return [writer.breadcrumbs(steps, self.head.canonical)] if steps else []


def json_ld(translator: Translator, page: View, site: views.SiteView) -> Markup:
    """Return the JSON-LD of a page, escaped for a `script` element; empty for pages without data.

    The output is deterministic: keys are in the order of this module.
    """
    nodes = page.json_ld(JsonLdWriter(site, translator))
    if not nodes:
        return Markup("")
    text = msgspec.json.encode({"@context": _CONTEXT, "@graph": nodes}, enc_hook=str.__str__).decode()
    for character, escape in _ESCAPES:
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - the loop escapes all characters with a meaning in HTML
